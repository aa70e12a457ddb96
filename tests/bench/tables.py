"""A bench prints a plain table and keeps the same figures as JSON under `build/bench/`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

FOLDER = Path("build/bench")


def show(title: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows under the union of their columns, right-aligned."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [columns, *([str(row.get(name, "")) for name in columns] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    print(f"\n{title}")
    for line in lines:
        print("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))


def save(name: str, rows: Sequence[Mapping[str, object]]) -> Path:
    """Write the rows to `build/bench/<name>.json` and return the place."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    place = FOLDER / f"{name}.json"
    place.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return place

"""What a scan costs that its code and the register decide, beside the same scan read in full (docs/adr/0008)."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median

from ocr.types import Extraction, Limits


def compared(paths: Sequence[Path]) -> list[dict[str, object]]:
    """Each scan that one code decides, twice: once with a register that agrees, once read in full; one thread."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        spent = pool.submit(_measured, paths).result()
    rows: list[dict[str, object]] = []
    for name, seconds in spent.items():
        figures = [round(1000 * one) for one in seconds]
        rows.append(
            {
                "scans": name,
                "files": len(figures),
                "of": len(paths),
                "CPU ms, median": round(median(figures)) if figures else None,
                "most": max(figures, default=None),
            }
        )
    return rows


def _measured(paths: Sequence[Path]) -> dict[str, list[float]]:
    from ocr.read import read, warm_up  # noqa: PLC0415  # loaded in its own process only

    def agree(_glance: Extraction) -> bool:
        return True

    warm_up()
    spent: dict[str, list[float]] = {"decided by code and register": [], "the same, read in full": []}
    for path in paths:
        data = path.read_bytes()
        begun = time.process_time()
        found = read(data, path.name, Limits(), agree)
        early = time.process_time() - begun
        if any(step.name == "ocr" for step in found.steps):
            continue
        begun = time.process_time()
        read(data, path.name, Limits())
        spent["decided by code and register"].append(early)
        spent["the same, read in full"].append(time.process_time() - begun)
    return spent

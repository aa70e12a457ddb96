"""How fast the register imports and answers: ``python -m tests.bench.register --rows 100000 [--url URL]``.

Without a URL a fresh SQLite file is measured; a URL names an empty database that may be filled and is left filled.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import sqlalchemy as sa

from intake import migrations
from intake.clock import system_clock
from intake.db import connect
from intake.model import SERVICE
from intake.register.importer import import_file
from intake.register.lookup import SqlRegister
from tests.bench import tables
from tests.intake.register.exports import basic_sheet, number_of, workbook

QUESTIONS = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--url", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(options.url or f"sqlite:///{Path(folder) / 'register.sqlite3'}")
        migrations.upgrade(engine)
        rows = measure(engine, options.rows)
        engine.dispose()
    tables.show("Register", rows)
    tables.save("register", rows)


def measure(engine: sa.Engine, rows: int) -> list[dict[str, object]]:
    data = workbook({"发票基础信息": basic_sheet(rows)})
    database = engine.dialect.name
    figures: list[dict[str, object]] = []
    for what in ("import, all new", "import again, all the same"):
        ticks: list[float] = []

        def tick(_done: int, _total: int, ticks: list[float] = ticks) -> None:
            ticks.append(time.perf_counter())

        begun = time.perf_counter()
        import_file(
            engine,
            data,
            "export.xlsx",
            source="bench",
            actor=SERVICE,
            clock=system_clock,
            progress=tick,
        )
        took = time.perf_counter() - begun
        gaps = [later - earlier for earlier, later in zip([begun, *ticks], ticks, strict=False)]
        figures.append(
            {
                "database": database,
                "what": what,
                "rows": rows,
                "seconds": round(took, 2),
                "rows_per_second": round(rows / took),
                "longest_without_progress_s": round(max(gaps), 2),
            }
        )
    register = SqlRegister(engine)
    chance = random.Random(1)  # noqa: S311 - a repeatable choice of questions
    asked = [number_of(chance.randrange(rows)) for _ in range(QUESTIONS)]
    figures.append(_answers(database, "exact", lambda number: register.by_key(f"D:{number}"), asked))
    figures.append(_answers(database, "near", lambda number: register.near("", number), asked))
    return figures


def _answers(database: str, what: str, ask: Callable[[str], object], questions: Sequence[str]) -> dict[str, object]:
    times: list[float] = []
    for question in questions:
        begun = time.perf_counter()
        ask(question)
        times.append((time.perf_counter() - begun) * 1000)
    times.sort()
    return {
        "database": database,
        "what": f"{what} lookup",
        "p50_ms": round(times[len(times) // 2], 2),
        "p99_ms": round(times[len(times) * 99 // 100], 2),
    }


if __name__ == "__main__":
    main()

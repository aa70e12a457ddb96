"""What an import costs: ``python -m tests.bench.imports --rows 1000000 [--only sqlite|postgresql]``.

A CSV with the tax bureau's columns goes into an empty register, is imported again (all the same), again with another
status in every tenth row, is read as a draft, and the first is rolled back. Rows a second are of one core: the CPU of
this process and, with PostgreSQL, of its server, so that a busy machine does not change them.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from intake import migrations
from intake.clock import system_clock
from intake.db import connect
from intake.files import LocalFiles
from intake.model import SERVICE
from intake.register import drafts
from intake.register.importer import import_file
from intake.register.rollback import roll_back
from tests.bench import tables
from tests.databases import serving
from tests.intake.register.exports import BASIC, digital_row, paper_row

SETTINGS: Final = "-c shared_buffers=256MB -c max_wal_size=4GB"
SELLERS: Final = 20_000
PAPER: Final = 10  # every tenth invoice is a paper one


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for change in (False, True):
            write(folder / f"{change}.csv", options.rows, change=change)
        for database, opened in {"sqlite": _sqlite, "postgresql": _postgresql}.items():
            if options.only in {None, database}:
                with opened(folder) as (engine, cpu):
                    rows += measure(engine, folder, options.rows, cpu)
                    engine.dispose()
    tables.show("Imports", rows)
    tables.save("imports", rows)


def write(place: Path, rows: int, *, change: bool) -> None:
    """A CSV of the tax bureau's columns; with `change` every tenth row has another status."""
    with place.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(BASIC)
        for index in range(rows):
            seller = index * 7919 % SELLERS
            said: dict[str, object] = {"销方识别号": f"9111010{seller:08d}3A9", "销方名称": f"北京示例{seller}有限公司"}
            if change and index % 10 == 3:
                said["发票状态"] = "已作废"
            row = paper_row if index % PAPER == 0 else digital_row
            writer.writerow(row(index, **said))


def measure(engine: sa.Engine, folder: Path, rows: int, cpu: Callable[[], float]) -> list[dict[str, object]]:
    """Each step with its rows a second of one core, wall time, and the largest memory of this process so far."""
    migrations.upgrade(engine)
    files = LocalFiles(folder / f"files-{engine.dialect.name}")
    figures: list[dict[str, object]] = []

    def step(what: str, act: Callable[[], object]) -> object:
        begun, used = time.perf_counter(), cpu()
        done = act()
        seconds = max(cpu() - used, 0.01)
        figures.append(
            {
                "database": engine.dialect.name,
                "what": what,
                "rows": rows,
                "cpu_s": round(seconds, 2),
                "rows_per_cpu_s": round(rows / seconds),
                "wall_s": round(time.perf_counter() - begun, 2),
                "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
        return done

    def imported(changed: bool) -> str:
        report = import_file(
            engine,
            files,
            folder / f"{changed}.csv",
            "x.csv",
            source="bench",
            actor=SERVICE,
            clock=system_clock,
        )
        assert report.name is not None
        return report.name

    first = step("import, all new", lambda: imported(changed=False))
    step("import again, all the same", lambda: imported(changed=False))
    tenth = step("import again, a tenth changed", lambda: imported(changed=True))
    step(
        "draft",
        lambda: drafts.prepare(
            engine, files, folder / "False.csv", "x.csv", source="bench", actor=SERVICE, clock=system_clock
        ),
    )
    for what, name in (("roll back a tenth", tenth), ("roll back all", first)):
        step(what, lambda name=name: roll_back(engine, str(name), actor=SERVICE, clock=system_clock))  # type: ignore[misc]
    return figures


@contextmanager
def _sqlite(folder: Path) -> Iterator[tuple[sa.Engine, Callable[[], float]]]:
    yield connect(f"sqlite:///{folder / 'register.sqlite3'}"), time.process_time


@contextmanager
def _postgresql(_folder: Path) -> Iterator[tuple[sa.Engine, Callable[[], float]]]:
    with serving(SETTINGS) as server, server.database(migrated=False) as url:
        yield connect(url), lambda: time.process_time() + _server(server.folder / "data")


def _server(data: Path) -> float:
    """CPU seconds of the server and of its processes, those that have ended too."""
    postmaster = int((data / "postmaster.pid").read_text().splitlines()[0])
    ticks = 0
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields: Sequence[str] = place.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(place.parent.name) == postmaster:
            ticks += sum(int(fields[at]) for at in (11, 12, 13, 14))  # its own, and of those it has waited for
        elif int(fields[1]) == postmaster:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()

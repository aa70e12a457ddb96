"""How fast the register answers and imports when it is large: ``python -m tests.bench.register --rows 10000000``.

The rows are made by the databases themselves, SQLite in a file and PostgreSQL on a server of its own, both below
`build/bench/`, and are removed in the end. Every question is asked through the port; a tenth of the exact keys and all
of the near ones are of rows that the register does not have.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from intake import migrations, views
from intake.db import connect, register_rows
from intake.register.lookup import SqlRegister
from intake.views.gaps import GapFilter, gaps
from intake.views.register import RegisterFilter
from tests.bench import tables
from tests.bench.register_import import import_rows
from tests.bench.register_rows import Made, fill, made
from tests.databases import serving

QUESTIONS: Final = 2000
SETTINGS: Final = "-c shared_buffers=256MB -c max_wal_size=4GB -c synchronous_commit=on"
CENT: Final = Decimal("0.01")
Figure = Mapping[str, object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--imported", type=int, default=200_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    answers: list[Figure] = []
    sizes: list[Figure] = []
    for database, opened in {"sqlite": opened_sqlite, "postgresql": opened_postgresql}.items():
        if options.only in {None, database}:
            with opened() as engine:
                migrations.upgrade(engine)
                answers += measure(engine, options.rows, options.imported)
                sizes += sizes_of(engine)
                engine.dispose()
    tables.show(f"Register of {options.rows:,} rows", answers)
    tables.show("Size", sizes)
    tables.save("register", [*answers, *sizes])


@contextmanager
def opened_sqlite() -> Iterator[sa.Engine]:
    tables.FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="sqlite-", dir=tables.FOLDER))
    try:
        yield connect(f"sqlite:///{folder / 'register.sqlite3'}")
    finally:
        shutil.rmtree(folder)


@contextmanager
def opened_postgresql() -> Iterator[sa.Engine]:
    with serving(SETTINGS) as server, server.database(migrated=False) as url:
        yield connect(url)


def measure(engine: sa.Engine, rows: int, imported: int) -> list[Figure]:
    """Fill, ask, import; every figure names its database."""
    database = engine.dialect.name
    begun = time.perf_counter()
    fill(engine, rows)
    _say(f"{database}: filled in {time.perf_counter() - begun:.0f} s")
    before = _resident()
    register = SqlRegister(engine)
    chance = random.Random(1)  # noqa: S311 - a repeatable choice of questions
    asked = [made(chance.randrange(rows), rows) for _ in range(QUESTIONS)]
    whole = [one for one in asked if not one.code]
    paper = [one for one in asked if one.code]
    questions: dict[str, tuple[Callable[[Made], object], Sequence[Made]]] = {
        "exact key": (lambda one: register.by_key(one.key), [_absent(one) if n % 10 == 0 else one for n, one in enumerate(asked)]),
        "near, 20 digits": (lambda one: register.near("", _slipped(one.number, chance)), whole),
        "near, code and number": (lambda one: register.near(one.code, _slipped(one.number, chance)), paper),
        "by value": (lambda one: register.by_value(one.seller_tax_id, Decimal(one.total_fen) * CENT, one.day, 3), asked),
        "by number": (lambda one: register.by_number(one.number), asked),
        "page: newest": (lambda _one: views.register_search(engine, RegisterFilter()), asked[:200]),
        "page: number": (lambda one: views.register_search(engine, RegisterFilter(text=one.number[:10])), asked[:200]),
        "page: seller": (lambda one: views.register_search(engine, RegisterFilter(text=f"第{one.seller_tax_id[10:17].lstrip('0')}商")), asked[:200]),
        "page: month": (lambda one: views.register_search(engine, RegisterFilter(date_from=one.day.replace(day=1), date_to=one.day)), asked[:200]),
        "gap list of a month": (lambda one: gaps(engine, GapFilter(one.day.replace(day=1))), asked[:5]),
    }  # fmt: skip
    register.by_key("D:1")  # the connection is there before it is measured
    used = used_by(engine)
    figures: list[Figure] = [_answers(database, what, ask, given, used) for what, (ask, given) in questions.items()]
    held = _resident() - before
    figures.append({"database": database, "what": "memory held after all questions", "MB": round(held)})
    figures.append(
        {"database": database, "what": f"import of {imported:,} rows", **import_rows(engine, imported, rows, used)}
    )
    _say(f"{database}: measured")
    return figures


def sizes_of(engine: sa.Engine) -> list[Figure]:
    """MB of the table and of each index, as the database counts them."""
    names = sorted(str(index.name) for index in register_rows.indexes)
    with engine.connect() as conn:
        if engine.dialect.name == "postgresql":
            asked = "SELECT pg_relation_size('{}') / 1e6"
            sizes = {
                name: conn.scalar(sa.text(asked.format(name)))
                for name in ["register_rows", "register_rows_pkey_", "uq_register_rows_key", *names]
                if not name.endswith("_")
            }
        else:
            asked = "SELECT pageno * 4096 / 1e6 FROM dbstat WHERE name = '{}' AND aggregate = TRUE"
            automatic = "sqlite_autoindex_register_rows_1"
            sizes = {name: conn.scalar(sa.text(asked.format(name))) for name in ["register_rows", automatic, *names]}
    found = {
        name.replace("sqlite_autoindex_register_rows_1", "uq_register_rows_key"): round(float(size or 0))
        for name, size in sizes.items()
    }
    found["indexes together"] = sum(size for name, size in found.items() if name != "register_rows")
    return [{"database": engine.dialect.name, "what": name, "MB": size} for name, size in found.items()]


def _answers(
    database: str,
    what: str,
    ask: Callable[[Made], object],
    questions: Sequence[Made],
    used: Callable[[], float],
) -> Figure:
    times: list[float] = []
    spent: list[float] = []  # by this process and the server's: on a busy machine the wall tells of the others
    for question in questions:
        before, begun = used(), time.perf_counter()
        ask(question)
        times.append((time.perf_counter() - begun) * 1000)
        spent.append((used() - before) * 1000)
    shown = {
        name: (sorted(one)[len(one) // 2], sorted(one)[len(one) * 99 // 100])
        for name, one in (("", times), ("cpu_", spent))
    }
    return {"database": database, "what": what} | {
        f"{name}{part}_ms": round(value, 2)
        for name, pair in shown.items()
        for part, value in zip(("p50", "p99"), pair, strict=True)
    }


def used_by(engine: sa.Engine) -> Callable[[], float]:
    """CPU seconds of this process and, where a server answers, of its processes that serve us."""
    if engine.dialect.name != "postgresql":
        return time.process_time
    with engine.connect() as conn:
        asked = sa.text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        places = [Path(f"/proc/{pid}/schedstat") for pid in conn.scalars(asked)]

    def used() -> float:
        return time.process_time() + sum(int(place.read_text("ascii").split()[0]) for place in places) / 1e9

    return used


def _absent(one: Made) -> Made:
    return Made(one.code, one.number[:-3] + "999", one.seller_tax_id, one.total_fen, one.day)


def _slipped(number: str, chance: random.Random) -> str:
    place = chance.randrange(len(number))
    return number[:place] + str((int(number[place]) + 1 + chance.randrange(9)) % 10) + number[place + 1 :]


def _resident() -> float:
    """MB that this process has in memory."""
    with Path("/proc/self/status").open(encoding="ascii") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", flush=True)


if __name__ == "__main__":
    main()

"""The rows of a file laid beside the register before anything of it changes.

They lie in a temporary table of one connection, on the side of the database that no other connection sees, writes no
log and holds no lock; a process that is killed leaves nothing behind. A draft keeps no rows: its file is kept and read
again when it is applied, which costs less than keeping rows twice and finds the register as it is then.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

from intake.db import Fen, Id
from intake.register.meaning import LINE_SCALE, Meaning
from intake.register.reading import DIGITS_LOST, Refusal, Staged, reader_of
from intake.register.table import Table

BATCH: Final = 2000
KEPT: Final = 10_000  # refused rows that are kept with their words; the others are counted
ROUNDED: Final = "00000"  # what 15 significant digits leave of 20

Progress: TypeAlias = Callable[[int, int], None]
"""Told (rows done, rows of the file as far as one can know)."""

_metadata = sa.MetaData()
staged = sa.Table(
    "staged",
    _metadata,
    sa.Column("row", Id, primary_key=True),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("alias", sa.String(64)),
    sa.Column("code", sa.String(24), nullable=False),
    sa.Column("number", sa.String(32), nullable=False),
    sa.Column("date", sa.Date),
    sa.Column("net", Fen),
    sa.Column("tax", Fen),
    sa.Column("total", Fen),
    sa.Column("seller_tax_id", sa.String(32), nullable=False),
    sa.Column("seller_name", sa.String(200), nullable=False),
    sa.Column("buyer_tax_id", sa.String(32), nullable=False),
    sa.Column("buyer_name", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    prefixes=["TEMPORARY"],
)
matched = sa.Table(  # staged rows whose invoice the register has, and whether it would change
    "matched",
    _metadata,
    sa.Column("row", Id, primary_key=True),
    sa.Column("row_id", Id, nullable=False),
    sa.Column("changed", sa.Boolean, nullable=False, server_default=sa.false()),
    prefixes=["TEMPORARY"],
)
COLUMNS: Final = tuple(column.name for column in staged.c)


@dataclass(slots=True)
class Stage:
    """What one file says, staged on `connection`: rows refused (counted, the first kept), rows that repeat another of
    the file, and the span of issue days.
    """

    connection: sa.Connection
    complete: bool = True
    rows: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    repeated: int = 0
    newest: date | None = None
    oldest: date | None = None

    @property
    def postgresql(self) -> bool:
        """Whether the database is PostgreSQL and not SQLite."""
        return self.connection.dialect.name == "postgresql"

    def refuse(self, refusals: Sequence[Refusal]) -> None:
        """Count refused rows and keep the first ones."""
        self.refused += len(refusals)
        self.refusals += refusals[: max(KEPT - len(self.refusals), 0)]


@contextmanager
def stage_of(engine: sa.Engine) -> Iterator[Stage]:
    """An empty stage; its connection is closed at the end, and what was staged with it."""
    with engine.connect() as connection:
        try:
            if connection.dialect.name == "sqlite":
                # sorted runs and the pages of the indexes; without it ten million rows are written page by page
                connection.connection.driver_connection.execute("PRAGMA cache_size=-131072")  # type: ignore[union-attr]
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    # a file is joined to ten million rows by their indexes, not by reading all of them
                    connection.exec_driver_sql("SET random_page_cost = 1.1")
                _metadata.create_all(connection)
            yield Stage(connection)
        finally:
            connection.invalidate()


def load(stage: Stage, table: Table, meaning: Meaning, ours: Collection[str], progress: Progress) -> None:
    """Stage every row of a table. Raises TableError when the file breaks off in the middle."""
    read = reader_of(table.layout, meaning, ours)
    whole = rounded = 0
    numbered = enumerate(table.rows, table.first)
    with stage.connection.begin():
        while batch := list(itertools.islice(numbered, BATCH)):
            entries = [entry for number, cells in batch if (entry := read(number, cells)) is not None]
            good = [entry for entry in entries if type(entry) is tuple]
            if len(good) < len(entries):
                stage.refuse([entry for entry in entries if isinstance(entry, Refusal)])
            for entry in good:
                if len(entry[4]) == 20:
                    whole += 1
                    rounded += entry[4].endswith(ROUNDED)
            _put(stage, good)
            stage.rows += len(entries)
            progress(stage.rows, max(round(stage.rows / max(table.share(), 0.001)), stage.rows))
        if rounded and 2 * rounded >= whole:
            _refuse_rounded(stage)
        _fold(stage, by_line=table.layout.by_line)
        stage.complete = table.layout.complete and meaning.options.complete
        stage.oldest, stage.newest = stage.connection.execute(
            sa.select(sa.func.min(staged.c.date), sa.func.max(staged.c.date))
        ).one()
        if stage.postgresql:
            stage.connection.exec_driver_sql("ANALYZE staged")


def _put(stage: Stage, rows: Sequence[Staged]) -> None:
    if not rows:
        return
    names = ", ".join(COLUMNS)
    if stage.postgresql:
        driver = stage.connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY staged ({names}) FROM STDIN") as copy:  # type: ignore[union-attr]
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join("?" * len(COLUMNS))
        stage.connection.exec_driver_sql(f"INSERT INTO staged ({names}) VALUES ({marks})", list(rows))  # noqa: S608


def _refuse_rounded(stage: Stage) -> None:
    """Numbers whose last five digits are zeros: one in 100,000 by chance, all of them after Excel saved the file."""
    lost = sa.and_(sa.func.length(staged.c.number) == 20, staged.c.number.endswith(ROUNDED))
    kept = sa.select(staged.c.row, staged.c.number).where(lost).order_by(staged.c.row).limit(KEPT)
    refusals = [Refusal(row, DIGITS_LOST, number, number[:15]) for row, number in stage.connection.execute(kept)]
    gone = stage.connection.execute(sa.delete(staged).where(lost)).rowcount
    stage.refuse(refusals)
    stage.refused += gone - len(refusals)


def _fold(stage: Stage, *, by_line: bool) -> None:
    """One row an invoice: lines added up; of equal keys otherwise the last row counts."""
    conn = stage.connection
    conn.exec_driver_sql("CREATE INDEX staged_key ON staged (key)")
    rows, keys = conn.execute(
        sa.select(sa.func.count(), sa.func.count(sa.distinct(staged.c.key))).select_from(staged)
    ).one()
    if by_line:
        _add_lines_up(conn)
    elif rows > keys:
        other = staged.alias("other")
        later = sa.exists().where(other.c.key == staged.c.key, other.c.row > staged.c.row)
        stage.repeated += conn.execute(sa.delete(staged).where(later)).rowcount
    # a 数电纸质 under its code and its number both
    second = sa.select(staged.c.alias).where(staged.c.alias.is_not(None)).scalar_subquery()
    stage.repeated += conn.execute(sa.delete(staged).where(staged.c.key.in_(second))).rowcount


def _add_lines_up(conn: sa.Connection) -> None:
    """The sums of the lines on the first line of each invoice; an amount that one line lacks is not known."""
    amounts = (staged.c.net, staged.c.tax, staged.c.total)
    sums = (
        sa.select(
            sa.func.min(staged.c.row).label("row"),
            *(_sum(column).label(column.name) for column in amounts),
        )
        .group_by(staged.c.key)
        .subquery("sums")
    )
    values: dict[str, sa.ColumnElement[Any]] = {column.name: sums.c[column.name] for column in amounts}
    values["total"] = sa.func.coalesce(sums.c.total, sums.c.net + sums.c.tax)
    conn.execute(sa.update(staged).values(values).where(staged.c.row == sums.c.row))
    other = staged.alias("other")
    earlier = sa.exists().where(other.c.key == staged.c.key, other.c.row < staged.c.row)
    conn.execute(sa.delete(staged).where(earlier))


def _sum(column: sa.Column[object]) -> sa.ColumnElement[object]:
    """Whole fen from hundredths of a fen, halves away from zero; null when a row has none."""
    total = sa.cast(sa.func.sum(sa.type_coerce(column, sa.BigInteger)), sa.BigInteger)
    half, scale = LINE_SCALE // 2, sa.literal(LINE_SCALE, sa.BigInteger)
    fen = sa.case((total < 0, -((half - total) // scale)), else_=(total + half) // scale)
    return sa.type_coerce(sa.case((sa.func.count(column) == sa.func.count(), fen)), Fen)

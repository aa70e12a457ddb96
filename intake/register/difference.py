"""What the staged rows would change in the register: new, changed, the same, vanished (domain.md §7.1).

Rows belong together by key or alias. What the file does not state (a table without buyers, an unknown status) does not
erase what is known. A row of 补录 becomes the import's, with what the import says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

from intake.db import register_rows
from intake.model import RegisterStatus
from intake.register.staging import COLUMNS, Stage, matched, staged
from ocr.types import Kind

MANUAL: Final = "manual"  # source of the rows that two people keyed (补录)
COMPARED: Final = tuple(name for name in COLUMNS if name != "row")
IDENTITY: Final = frozenset({"key", "alias", "code", "number"})
SAMPLES: Final = 20


@dataclass(frozen=True, slots=True)
class Counts:
    """Invoices of a file beside the register. `changed` counts rows that would say something else, and rows of 补录
    that the import confirms; `vanished` rows of the same source within the file's issue days that the file lacks.
    """

    new: int
    changed: int
    same: int
    vanished: int


def match(stage: Stage) -> None:
    """Find for every staged row the register's row of the same invoice, and whether that would change."""
    conn = stage.connection
    conn.execute(sa.delete(matched))
    if conn.execute(sa.select(register_rows.c.id).limit(1)).first() is None:
        return
    paper = staged.c.key.startswith("T:")
    second = staged.c.alias.is_not(None)
    for ours, theirs, when in (
        (staged.c.key, register_rows.c.key, sa.true()),
        (staged.c.key, register_rows.c.alias, paper),
        (staged.c.alias, register_rows.c.key, second),
        (staged.c.alias, register_rows.c.alias, second),
    ):
        unknown = ~sa.exists().where(matched.c.row == staged.c.row)
        pairs = (
            sa.select(staged.c.row, sa.func.min(register_rows.c.id))
            .select_from(staged.join(register_rows, ours == theirs))
            .where(when, theirs.is_not(None), unknown)
            .group_by(staged.c.row)
        )
        conn.execute(sa.insert(matched).from_select(["row", "row_id"], pairs))
    _leave_one(stage)
    if stage.postgresql:
        conn.exec_driver_sql("ANALYZE matched")
    differs = sa.or_(*(said.is_distinct_from(register_rows.c[name]) for name, said in merged().items()))
    conn.execute(
        sa.update(matched)
        .values(changed=sa.true())
        .where(
            staged.c.row == matched.c.row,
            register_rows.c.id == matched.c.row_id,
            sa.or_(differs, register_rows.c.source == MANUAL),
        )
    )


def _leave_one(stage: Stage) -> None:
    """Two rows of a file may name one row of the register, by its key and by its alias: the last counts."""
    conn = stage.connection
    conn.exec_driver_sql("CREATE INDEX IF NOT EXISTS matched_row_id ON matched (row_id)")
    rows, targets = conn.execute(
        sa.select(sa.func.count(), sa.func.count(sa.distinct(matched.c.row_id))).select_from(matched)
    ).one()
    if rows > targets:
        other = matched.alias("other")
        later = sa.exists().where(other.c.row_id == matched.c.row_id, other.c.row > matched.c.row)
        twice = sa.select(matched.c.row).where(later)
        conn.execute(sa.delete(staged).where(staged.c.row.in_(twice)))
        stage.repeated += conn.execute(sa.delete(matched).where(later)).rowcount


def merged() -> dict[str, sa.ColumnElement[Any]]:
    """What a matched row would say: the file's word where it has one. The 20-digit key stays once it is known."""
    said: dict[str, sa.ColumnElement[Any]] = {}
    whole = sa.and_(register_rows.c.key.startswith("D:"), ~staged.c.key.startswith("D:"))
    silent = {"kind": Kind.UNKNOWN.value, "status": RegisterStatus.UNKNOWN.value}
    for name in COMPARED:
        ours, theirs = staged.c[name], register_rows.c[name]
        if isinstance(ours.type, sa.String):
            nothing = silent.get(name, "")
            word = sa.func.coalesce(sa.func.nullif(ours, sa.literal(nothing)), theirs)
        else:
            word = sa.func.coalesce(ours, theirs)
        said[name] = sa.case((whole, theirs), else_=word) if name in IDENTITY else word
    return said


def count(stage: Stage, source: str) -> Counts:
    """The counts; rows that repeat another row of the file count as the same."""
    conn = stage.connection
    rows = conn.execute(sa.select(sa.func.count()).select_from(staged)).scalar_one()
    known, changed = conn.execute(
        sa.select(sa.func.count(), sa.func.count(sa.case((matched.c.changed, 1)))).select_from(matched)
    ).one()
    vanished = _vanished(stage, source)
    gone = 0
    if vanished is not None:
        gone = conn.execute(sa.select(sa.func.count()).select_from(vanished.subquery())).scalar_one()
    return Counts(rows - known, changed, known - changed + stage.repeated, gone)


def _vanished(stage: Stage, source: str) -> sa.Select[Any] | None:
    """Rows of the source within the file's days, for its buyers, that the file lacks; None where it need not have all.

    The file of one company says nothing about the rows of another.
    """
    if not stage.complete or stage.oldest is None:
        return None
    buyers = sa.select(staged.c.buyer_tax_id).distinct()
    return sa.select(*(register_rows.c[name] for name in ("id", *COMPARED))).where(
        register_rows.c.date.between(stage.oldest, stage.newest),
        register_rows.c.source == source,
        register_rows.c.buyer_tax_id.in_(buyers),
        ~sa.exists().where(matched.c.row_id == register_rows.c.id),
    )


Plain: TypeAlias = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Sample:
    """One row of a difference: its number in the file (None of a vanished one), what the register says before, and what
    it would say after; `differs` names the columns that would change. Values are plain text, days ISO, money yuan.
    """

    row: int | None
    before: Plain | None
    after: Plain | None
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Samples:
    """The first rows of each kind of difference, at most 20 each."""

    new: tuple[Sample, ...] = ()
    changed: tuple[Sample, ...] = ()
    vanished: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the register that changes: its number in the file, its id, and what it says before and after."""

    row: int
    row_id: int
    before: Plain
    after: Plain

    @property
    def differs(self) -> tuple[str, ...]:
        """The columns that change."""
        return tuple(name for name in COMPARED if self.before[name] != self.after[name])


def samples(stage: Stage, source: str) -> Samples:
    """The first rows of each kind, in the order of the file."""
    conn = stage.connection
    fresh = sa.select(staged).where(~sa.exists().where(matched.c.row == staged.c.row)).order_by(staged.c.row)
    new = [Sample(row["row"], None, _plain(row)) for row in conn.execute(fresh.limit(SAMPLES)).mappings()]
    changed = [Sample(one.row, one.before, one.after, one.differs) for one in changes(conn, limit=SAMPLES)]
    vanished = _vanished(stage, source)
    gone: list[Sample] = []
    if vanished is not None:
        query = vanished.order_by(register_rows.c.date, register_rows.c.id).limit(SAMPLES)
        gone = [Sample(None, _plain(row), None) for row in conn.execute(query).mappings()]
    return Samples(tuple(new), tuple(changed), tuple(gone))


def changes(conn: sa.Connection, *, limit: int | None = None, manual: bool = False) -> list[Change]:
    """The first changed rows in the order of the file; `manual` gives those of 补录 only."""
    before = [register_rows.c[name].label(f"before_{name}") for name in COMPARED]
    after = [said.label(f"after_{name}") for name, said in merged().items()]
    query = (
        sa.select(matched.c.row, matched.c.row_id, *before, *after)
        .where(
            staged.c.row == matched.c.row,
            register_rows.c.id == matched.c.row_id,
            matched.c.changed,
            register_rows.c.source == MANUAL if manual else sa.true(),
        )
        .order_by(matched.c.row)
        .limit(limit)
    )
    return [
        Change(row["row"], row["row_id"], _plain(row, "before_"), _plain(row, "after_"))
        for row in conn.execute(query).mappings()
    ]


def _plain(row: sa.RowMapping, prefix: str = "") -> dict[str, str | None]:
    return {name: None if row[prefix + name] is None else str(row[prefix + name]) for name in COMPARED}

"""The gap list of a month: register rows without a paper and papers without a register row, to the cent.

Each imported row of the month stands in exactly one :class:`RowState`, each paper on file or waiting in exactly one
:class:`PaperState`, so that the sums add up: :attr:`Gaps.lines` leads from the register's total to that of the papers.
A row belongs to the month of its issue; a paper too, and one whose day is unread to the month it came in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum, unique
from typing import Any, Final

import sqlalchemy as sa

from intake.clock import BEIJING
from intake.db import Fen, invoices, read, register_rows, tasks
from intake.model import Cause, InvoiceState, RegisterStatus
from intake.register.links import HERE, IMPORTED, PAPER, ROW, links
from ocr.types import Kind

PAGE: Final = 50
ZERO: Final = Decimal("0.00")
PARTIES: Final = ("seller_name", "seller_tax_id", "buyer_name", "buyer_tax_id")


@unique
class RowState(StrEnum):
    """What has become of a register row here."""

    FILED = "filed"  # its paper is on file
    WAITING = "waiting"  # its paper is here and waits for people
    REFUSED = "refused"  # its paper was refused
    REVERSED = "reversed"  # no paper; void or wholly reversed, so that none is needed
    MISSING = "missing"  # no paper


@unique
class PaperState(StrEnum):
    """What the register says of a paper."""

    CONFIRMED = "confirmed"  # an imported row has it
    KEYED = "keyed"  # on file by 补录; no import has brought its row yet
    UNKNOWN = "unknown"  # waits, and no import has brought its row: the cause says why


@dataclass(frozen=True, slots=True)
class Sum:
    """How many, their total in yuan, and how many of them state no amount."""

    count: int = 0
    total: Decimal = ZERO
    unstated: int = 0

    def __add__(self, other: Sum) -> Sum:
        """Both together."""
        return Sum(self.count + other.count, self.total + other.total, self.unstated + other.unstated)


@dataclass(frozen=True, slots=True)
class GapFilter:
    """A month (its first day), one of our companies by tax id, and a source of the register; empty: all of them."""

    month: date
    company: str = ""
    source: str = ""

    @property
    def last(self) -> date:
        """The last day of the month."""
        return next_month(self.month) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Gaps:
    """The sums of both sides. `undated` are the register's rows without a day, which belong to no month."""

    rows: dict[RowState, Sum]
    papers: dict[PaperState, Sum]
    causes: dict[Cause, Sum]
    undated: Sum

    @property
    def register(self) -> Sum:
        """All imported rows of the month."""
        return sum(self.rows.values(), Sum())

    @property
    def here(self) -> Sum:
        """All papers of the month."""
        return sum(self.papers.values(), Sum())

    @property
    def shifted(self) -> Sum:
        """What papers with a row say more than their rows: other amounts, a day in another month, a second paper."""
        rows = self.rows[RowState.FILED] + self.rows[RowState.WAITING]
        papers = self.papers[PaperState.CONFIRMED]
        return Sum(papers.count - rows.count, papers.total - rows.total)

    @property
    def lines(self) -> tuple[tuple[str, Sum], ...]:
        """From the register's total to that of the papers; the lines between the first and the last add up to it."""
        taken = [(f"row.{state.value}", _minus(self.rows[state])) for state in LESS]
        added = [(f"paper.{state.value}", self.papers[state]) for state in (PaperState.KEYED, PaperState.UNKNOWN)]
        return (("register", self.register), *taken, ("shifted", self.shifted), *added, ("here", self.here))


LESS: Final = (RowState.MISSING, RowState.REVERSED, RowState.REFUSED)


@dataclass(frozen=True, slots=True)
class GapLine:
    """A row or a paper of the list. `id` is that of the register row or of the invoice; `paper` only of an invoice."""

    id: int
    kind: Kind
    code: str
    number: str
    date: date | None
    amount: Decimal | None
    seller_name: str
    seller_tax_id: str
    buyer_name: str
    buyer_tax_id: str
    source: str = ""
    status: RegisterStatus | None = None
    paper: PaperState | None = None
    cause: Cause | None = None
    received_at: datetime | None = None


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def gaps(engine: sa.Engine, wanted: GapFilter) -> Gaps:
    """The sums of a month, both ways."""
    rows, papers = _rows(wanted), _papers(wanted)
    undated = sa.select(*_sums(_amount(ROW))).where(ROW.date.is_(None), *_of_register(wanted))
    with read(engine) as conn:
        by_state = {RowState(line.state): _sum(line) for line in conn.execute(_grouped(rows, rows.c.state))}
        found = conn.execute(_grouped(papers, papers.c.state, papers.c.cause)).all()
        without = _sum(conn.execute(undated).one())
    by_paper = dict.fromkeys(PaperState, Sum())
    causes: dict[Cause, Sum] = {}
    for line in found:
        by_paper[PaperState(line.state)] += _sum(line)
        if line.state == PaperState.UNKNOWN.value:
            cause = Cause(line.cause or Cause.UNKNOWN)
            causes[cause] = causes.get(cause, Sum()) + _sum(line)
    ordered = dict(sorted(causes.items(), key=lambda item: (-item[1].count, item[0])))
    return Gaps({state: by_state.get(state, Sum()) for state in RowState}, by_paper, ordered, without)


def gap_rows(engine: sa.Engine, wanted: GapFilter, state: RowState, page: int | None = 1) -> Iterator[GapLine]:
    """Register rows of the month in a state, by day; one page of them, or all (None)."""
    found = _rows(wanted)
    query = paged(sa.select(found).where(found.c.state == state.value).order_by(found.c.date, found.c.id), page)
    with read(engine) as conn:
        for line in conn.execution_options(yield_per=1000).execute(query):
            yield GapLine(**_plain(line), source=line.source, status=RegisterStatus(line.status))


def gap_papers(
    engine: sa.Engine, wanted: GapFilter, state: PaperState, cause: Cause | None = None, page: int | None = 1
) -> Iterator[GapLine]:
    """Papers of the month in a state, where given of one cause, by day; one page of them, or all (None)."""
    found = _papers(wanted)
    query = sa.select(found).where(found.c.state == state.value)
    if cause is not None:
        query = query.where(sa.func.coalesce(found.c.cause, Cause.UNKNOWN.value) == cause.value)
    query = paged(query.order_by(found.c.date.is_(None), found.c.date, found.c.id), page)
    return paper_lines(engine, query)


def paper_lines(engine: sa.Engine, query: sa.Select[Any]) -> Iterator[GapLine]:
    """The lines of a query over :func:`papers`."""
    with read(engine) as conn:
        for line in conn.execution_options(yield_per=1000).execute(query):
            state = PaperState(line.state)
            because = Cause(line.cause or Cause.UNKNOWN) if state is PaperState.UNKNOWN else None
            yield GapLine(**_plain(line), paper=state, cause=because, received_at=line.created_at)


def pages_of(count: int) -> int:
    """How many pages so many lines take, at least one."""
    return max(1, -(-count // PAGE))


def paged(query: sa.Select[Any], page: int | None) -> sa.Select[Any]:
    """One page of the lines, or all (None)."""
    return query if page is None else query.limit(PAGE).offset((page - 1) * PAGE)


def _rows(wanted: GapFilter) -> sa.Subquery:
    """The imported rows of the month, each with its state."""
    month = (ROW.date.between(wanted.month, wanted.last), *_of_register(wanted))
    pairs = links(*month)
    best = (
        sa.select(pairs.c.row_id, sa.func.min(_rank()).label("rank"))
        .join_from(pairs, invoices, PAPER.id == pairs.c.paper_id)
        .group_by(pairs.c.row_id)
        .subquery()
    )
    reversed_ = ROW.status.in_([RegisterStatus.VOID.value, RegisterStatus.RED_FULL.value])
    state = sa.case(
        (best.c.rank == 0, RowState.FILED.value),
        (best.c.rank == 1, RowState.WAITING.value),
        (best.c.rank == 2, RowState.REFUSED.value),
        (reversed_, RowState.REVERSED.value),
        else_=RowState.MISSING.value,
    )
    columns = (*_shown(ROW), ROW.source, ROW.status, state.label("state"))
    joined = register_rows.outerjoin(best, best.c.row_id == ROW.id)
    return sa.select(*columns).select_from(joined).where(*month).subquery()


def _rank() -> sa.Case[Any]:
    """The best that has become of a row's papers; a replaced picture is none."""
    places = {InvoiceState.FILED: 0, InvoiceState.NEEDS_REVIEW: 1, InvoiceState.REFUSED: 2}
    return sa.case({state.value: place for state, place in places.items()}, value=PAPER.state, else_=3)


def _papers(wanted: GapFilter) -> sa.Subquery:
    """The papers of the month, each with its state and the cause of its task."""
    bought = [PAPER.buyer_tax_id == wanted.company] if wanted.company else []
    return papers(within(wanted.month, wanted.last), *bought, source=wanted.source)


def within(first: date, last: date) -> sa.ColumnElement[bool]:
    """Papers issued on these days, both included; those whose day is unread by the day they came in."""
    begun, ended = (datetime.combine(day, time(), BEIJING) for day in (first, last + timedelta(days=1)))
    came = (PAPER.created_at >= begun.astimezone(UTC), PAPER.created_at < ended.astimezone(UTC))
    return sa.or_(PAPER.date.between(first, last), sa.and_(PAPER.date.is_(None), *came))


def papers(*conditions: sa.ColumnElement[bool], source: str = "") -> sa.Subquery:
    """Papers on file or waiting for which the conditions hold, with their :class:`PaperState` and their task's cause."""
    here = (HERE, *conditions)
    pairs = links(*here, *([ROW.source == source] if source else []))
    linked = sa.select(pairs.c.paper_id).distinct().subquery()
    state = sa.case(
        (linked.c.paper_id.is_not(None), PaperState.CONFIRMED.value),
        (PAPER.state == InvoiceState.FILED.value, PaperState.KEYED.value),
        else_=PaperState.UNKNOWN.value,
    )
    columns = (*_shown(PAPER), PAPER.created_at, tasks.c.cause, state.label("state"))
    joined = invoices.outerjoin(linked, linked.c.paper_id == PAPER.id).outerjoin(tasks, tasks.c.invoice_id == PAPER.id)
    return sa.select(*columns).select_from(joined).where(*here).subquery()


def _of_register(wanted: GapFilter) -> list[sa.ColumnElement[bool]]:
    conditions = [IMPORTED]
    if wanted.company:
        conditions.append(ROW.buyer_tax_id == wanted.company)
    if wanted.source:
        conditions.append(ROW.source == wanted.source)
    return conditions


def _amount(table: sa.sql.base.ReadOnlyColumnCollection[str, sa.Column[Any]]) -> sa.ColumnElement[Any]:
    """The total, else net and tax together, else the net amount alone."""
    return sa.type_coerce(sa.func.coalesce(table.total, table.net + table.tax, table.net), Fen)


def _shown(table: sa.sql.base.ReadOnlyColumnCollection[str, sa.Column[Any]]) -> tuple[sa.ColumnElement[Any], ...]:
    plain = (table[name] for name in ("id", "kind", "code", "number", "date", *PARTIES))
    return (*plain, _amount(table).label("amount"))


def _sums(amount: sa.ColumnElement[Any]) -> tuple[sa.ColumnElement[Any], ...]:
    total = sa.type_coerce(sa.func.coalesce(sa.func.sum(amount), 0), Fen)
    unstated = sa.func.count() - sa.func.count(amount)
    return sa.func.count().label("number"), total.label("total"), unstated.label("unstated")


def _grouped(found: sa.Subquery, *by: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return sa.select(*by, *_sums(found.c.amount)).group_by(*by)


def _sum(line: sa.Row[Any]) -> Sum:
    return Sum(line.number, line.total, line.unstated)


def _minus(found: Sum) -> Sum:
    return Sum(-found.count, -found.total, found.unstated)


def _plain(line: sa.Row[Any]) -> dict[str, Any]:
    """What rows and papers have alike."""
    names = ("id", "code", "number", "date", "amount", *PARTIES)
    return {"kind": Kind(line.kind)} | {name: getattr(line, name) for name in names}

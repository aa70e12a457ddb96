"""The documents that fit a filter: counted by state, and page by page in any order.

Few are taken from the database as they are and counted and sorted here. Many are counted in one pass of the narrow
table; their page is looked for in the first entries of the sorted index, and only when those do not fill it, in a
second pass. Neither ever guesses: each way gives the same documents in the same order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import UnaryExpression

from intake.db.listing import listing
from intake.model import DocumentState
from intake.views import conditions
from intake.views.conditions import MOST, Term
from intake.views.filters import Counts, DocumentFilter, Order, Sort

Key: TypeAlias = int | str
Mark: TypeAlias = tuple[Key, int]
"""Where a document stands in an order: its value there and its id."""

WALKED: Final = 4000  # entries of a sorted index that are looked at before the whole table is
CHUNK: Final = 1000
_COLUMNS: Final[dict[Sort, sa.Column[Any]]] = {
    Sort.RECEIVED: listing.c.document_id,
    Sort.DATE: listing.c.day,
    Sort.TOTAL: listing.c.total,
    Sort.SELLER: listing.c.seller,
}


@dataclass(frozen=True, slots=True)
class Found:
    """A part of the list in its order. `further` says whether the order goes on behind it."""

    marks: tuple[Mark, ...]
    further: bool
    counts: Counts


@dataclass(frozen=True, slots=True)
class _Fit:
    """A document that fits."""

    document_id: int
    state: str
    key: Key


@dataclass(frozen=True, slots=True)
class _Asked:
    """A filter made ready: its texts looked up."""

    wanted: DocumentFilter
    terms: tuple[Term, ...]
    ids: tuple[int, ...] | None  # of `listing`, that hold the texts; None: not asked, or too many to name
    sqlite: bool

    @property
    def common(self) -> bool:
        """Whether texts are asked that very many hold."""
        return bool(self.terms) and self.ids is None

    def inner(self, row: sa.FromClause) -> list[sa.ColumnElement[bool]]:
        """What is asked of an invoice."""
        found = conditions.of_invoice(self.wanted, row)
        if self.ids is not None:
            return [row.c.id.in_(self.ids), *found]
        return [*found, *conditions.of_text(self.terms, row, sqlite=self.sqlite)]

    def states(self, row: sa.FromClause) -> list[sa.ColumnElement[bool]]:
        """What is asked of the document's state."""
        return [row.c.state.in_([state.value for state in self.wanted.states])] if self.wanted.states else []


def find(
    conn: sa.Connection,
    wanted: DocumentFilter,
    order: Order,
    limit: int,
    *,
    start: str | None = None,
    backwards: bool = False,
) -> Found:
    """The next `limit` documents behind the mark `start` (before it when `backwards`), and the counts."""
    asked = _ask(conn, wanted)
    way = replace(order, descending=order.descending is not backwards)
    mark = read_mark(order, start)
    few = _few(conn, asked, order)
    if few is not None:
        counts = _counted(Counter(fit.state for fit in few))
        marks = _sorted(few, wanted, way, mark, limit)
        return Found(tuple(marks[:limit]), len(marks) > limit, counts)
    counts = Counts(None, MOST) if asked.common else _count(conn, asked)
    number = counts.of(wanted.states)
    marks = _page(conn, asked, way, mark, limit + 1, number)
    return Found(tuple(marks[:limit]), len(marks) > limit, counts)


def every(conn: sa.Connection, wanted: DocumentFilter, order: Order) -> Iterator[int]:
    """The ids of all documents that fit, in their order, fetched part by part."""
    asked = _ask(conn, wanted)
    few = _few(conn, asked, order)
    if few is not None:
        yield from (mark[1] for mark in _sorted(few, wanted, order, None, len(few)))
        return
    mark: Mark | None = None
    while True:
        marks, mark = _walk(conn, asked, order, mark, WALKED)
        yield from (found for _, found in marks)
        if mark is None:
            return


def mark_of(order: Order, mark: Mark) -> str:
    """A mark as it stands in an address."""
    key, document_id = mark
    return str(document_id) if order.sort is Sort.RECEIVED else f"{document_id}~{key}"


def read_mark(order: Order, text: str | None) -> Mark | None:
    """A mark from an address; None for what is none of this order."""
    number, _, key = (text or "").partition("~")
    if not (number.isascii() and number.isdigit() and len(number) <= 15):
        return None
    if order.sort is Sort.RECEIVED:
        return int(number), int(number)
    if order.sort is Sort.SELLER:
        return key, int(number)
    digits = key.removeprefix("-")
    return (int(key), int(number)) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None


def _ask(conn: sa.Connection, wanted: DocumentFilter) -> _Asked:
    terms = conditions.terms_of(wanted)
    found = conditions.candidates(conn, terms) if terms else None
    return _Asked(wanted, terms, None if found is None else tuple(found), conn.dialect.name == "sqlite")


def _few(conn: sa.Connection, asked: _Asked, order: Order) -> list[_Fit] | None:
    """Every document that fits the filter without its states; None when there are many."""
    row = listing
    inner = asked.inner(row)
    outer = conditions.of_document(asked.wanted, row)
    if not inner and not outer:
        return None
    places = [] if inner else [row.c.place == 0]
    query = sa.select(row.c.document_id, row.c.place, row.c.state, _COLUMNS[order.sort].label("key"))
    rows = conn.execute(query.where(*inner, *outer, *places).limit(MOST + 1)).all()
    if len(rows) > MOST:
        return None
    firsts = {one.document_id: _Fit(one.document_id, one.state, one.key) for one in rows if one.place == 0}
    others = {one.document_id for one in rows} - firsts.keys()
    return [*firsts.values(), *_firsts(conn, others, order)]


def _firsts(conn: sa.Connection, numbers: Iterable[int], order: Order) -> Iterator[_Fit]:
    """Documents that fit by another invoice than their first stand where their first one stands."""
    wanted = sorted(numbers)
    query = sa.select(listing.c.document_id, listing.c.state, _COLUMNS[order.sort].label("key"))
    for start in range(0, len(wanted), CHUNK):
        of_them = listing.c.document_id.in_(wanted[start : start + CHUNK])
        for one in conn.execute(query.where(listing.c.place == 0, of_them)):
            yield _Fit(one.document_id, one.state, one.key)


def _sorted(few: list[_Fit], wanted: DocumentFilter, way: Order, mark: Mark | None, limit: int) -> list[Mark]:
    """One more than `limit`, if there are."""
    marks = [
        (fit.key, fit.document_id) for fit in few if not wanted.states or DocumentState(fit.state) in wanted.states
    ]
    marks.sort(reverse=way.descending)
    if mark is not None:
        marks = [one for one in marks if (one < mark if way.descending else one > mark)]
    return marks[: limit + 1]


def _counted(found: Mapping[str, int]) -> Counts:
    states = {state: found.get(state.value, 0) for state in DocumentState}
    return Counts(states, sum(states.values()))


def _count(conn: sa.Connection, asked: _Asked) -> Counts:
    """By state, in one pass; a document whose first invoice does not fit but another does is counted beside."""
    row = listing
    inner = asked.inner(row)
    outer = conditions.of_document(asked.wanted, row)
    query = sa.select(row.c.state, sa.func.count()).group_by(row.c.state)
    fitting = [row.c.place == 0, *inner, *outer]
    if inner or outer:
        fitting = [_in_passing(one, sqlite=asked.sqlite) for one in fitting]
    found: Counter[str] = Counter()
    for state, number in conn.execute(query.where(*fitting)):
        found[state] += number
    if inner:
        first = listing.alias()
        covered = sa.exists().where(first.c.document_id == row.c.document_id, first.c.place == 0, *asked.inner(first))
        beside = sa.select(row.c.state, sa.func.count(row.c.document_id.distinct())).group_by(row.c.state)
        for state, number in conn.execute(beside.where(row.c.place > 0, *inner, *outer, ~covered)):
            found[state] += number
    return _counted(found)


def _page(
    conn: sa.Connection, asked: _Asked, way: Order, mark: Mark | None, limit: int, number: int | None
) -> list[Mark]:
    """As many as fit of the next `limit`; `number` is how many fit in all, if known."""
    free = not asked.terms and not conditions.of_invoice(asked.wanted, listing)
    plain = free and not conditions.of_document(asked.wanted, listing)
    if not (plain and way.sort is Sort.RECEIVED):
        if number is None or number > MOST:
            marks, end = _walk(conn, asked, way, mark, limit)
            if len(marks) == limit or end is None:
                return marks
        return _scan(conn, asked, way, mark, limit)
    query = sa.select(listing.c.document_id).where(listing.c.place == 0, *_behind(listing, way, mark))
    if not asked.wanted.states:
        return [(one, one) for one in conn.scalars(query.order_by(*_by(listing, way)).limit(limit))]
    # one state after the other by its index, which holds them in this order
    found: list[int] = []
    for state in asked.wanted.states:
        found += conn.scalars(query.where(listing.c.state == state.value).order_by(*_by(listing, way)).limit(limit))
    return [(one, one) for one in sorted(found, reverse=way.descending)[:limit]]


def _walk(
    conn: sa.Connection, asked: _Asked, way: Order, mark: Mark | None, limit: int
) -> tuple[list[Mark], Mark | None]:
    """Those among the next entries of the sorted index, and where these end; None: at the end of the list."""
    column = _COLUMNS[way.sort].name
    first = _in_passing(
        listing.c.place == 0, sqlite=asked.sqlite
    )  # else SQLite goes by place and sorts the whole table
    ahead = sa.select(listing).where(first, *_behind(listing, way, mark)).order_by(*_by(listing, way))
    if not _fits(asked, listing):
        plain = ahead.with_only_columns(listing.c[column], listing.c.document_id).limit(limit)
        marks = [(row[0], row[1]) for row in conn.execute(plain)]
        return marks, marks[-1] if len(marks) == limit else None
    near = ahead.limit(WALKED).subquery()
    query = sa.select(near.c[column].label("key"), near.c.document_id).where(*_fits(asked, near))
    marks = [(row.key, row.document_id) for row in conn.execute(query.order_by(*_by(near, way)).limit(limit))]
    if len(marks) == limit < WALKED:
        return marks, marks[-1]
    last = conn.execute(ahead.with_only_columns(listing.c[column], listing.c.document_id).offset(WALKED - 1).limit(1))
    end = last.first()
    return marks, None if end is None else (end[0], end[1])


def _scan(conn: sa.Connection, asked: _Asked, way: Order, mark: Mark | None, limit: int) -> list[Mark]:
    """The next ones of the whole table, whatever they are sorted by."""
    row = listing
    fitting = [row.c.place == 0, *_fits(asked, row), *_behind(row, way, mark)]
    query = sa.select(_COLUMNS[way.sort].label("key"), row.c.document_id)
    query = query.where(*(_in_passing(one, sqlite=asked.sqlite) for one in fitting))
    return [(one.key, one.document_id) for one in conn.execute(query.order_by(*_aside(row, way)).limit(limit))]


def _fits(asked: _Asked, row: sa.FromClause) -> list[sa.ColumnElement[bool]]:
    """Of a row of place 0: the document fits, by its first invoice or another."""
    outer = [*conditions.of_document(asked.wanted, row), *asked.states(row)]
    inner = asked.inner(row)
    if not inner:
        return outer
    other = listing.alias()
    further = sa.exists().where(other.c.document_id == row.c.document_id, other.c.place > 0, *asked.inner(other))
    return [*outer, sa.or_(sa.and_(*inner), sa.and_(row.c.more == 1, further))]


def _behind(row: sa.FromClause, way: Order, mark: Mark | None) -> list[sa.ColumnElement[bool]]:
    if mark is None:
        return []
    if way.sort is Sort.RECEIVED:
        return [row.c.document_id < mark[1] if way.descending else row.c.document_id > mark[1]]
    here = sa.tuple_(row.c[_COLUMNS[way.sort].name], row.c.document_id)
    return [here < sa.tuple_(*mark) if way.descending else here > sa.tuple_(*mark)]


def _by(row: sa.FromClause, way: Order) -> list[sa.ColumnElement[Any]]:
    names = dict.fromkeys((_COLUMNS[way.sort].name, "document_id"))
    return [row.c[name].desc() if way.descending else row.c[name].asc() for name in names]


def _aside(row: sa.FromClause, way: Order) -> list[sa.ColumnElement[Any]]:
    """The order, said so that no index is taken for it: walking one may pass by nearly all rows."""
    column = row.c[_COLUMNS[way.sort].name]
    value = column.concat("") if way.sort is Sort.SELLER else column + 0
    return [value.desc() if way.descending else value.asc(), *_by(row, way)[1:]]


def _in_passing(condition: sa.ColumnElement[bool], *, sqlite: bool) -> sa.ColumnElement[bool]:
    """A condition that SQLite asks of each row in passing: fetching half a table by an index takes it three times as long."""
    if not sqlite:
        return condition
    return UnaryExpression(condition.self_group(), operator=operators.custom_op("+"), type_=sa.Boolean())

"""The register as its page shows it: every question walks an index, newest rows first, and never all ten million.

A filter that no index answers (status, source, buyer) is looked for in the newest :data:`WINDOW` rows at a time; the
page then says how far back it has looked, and its link to older rows goes on from there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from intake.db import companies, read, register_rows
from intake.model import RegisterRow, RegisterStatus
from intake.register import sellers
from intake.register.rows import COLUMNS, register_row

PAGE: Final = 50
WINDOW: Final = 100_000  # rows that one page looks through for what no index answers
WHOLE: Final = 20
SHORT: Final = 8
LONG: Final = 16  # of a fiscal e-bill, the longest number beside a code (domain.md §10.1)
CODES: Final = frozenset({10, 12})
TAX_ID: Final = re.compile(r"[0-9A-Z]{15,20}")
UNDATED: Final = date.min
ROW: Final = register_rows.c


@dataclass(frozen=True, slots=True)
class RegisterFilter:
    """What the register is searched for; every part that is given must hold."""

    text: str = ""  # the first digits of a number or a code, a tax id, or a part of a name, of seller or buyer
    date_from: date | None = None
    date_to: date | None = None
    status: RegisterStatus | None = None
    source: str = ""
    row: int | None = None  # one row, where a link leads


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """Rows of the register, the newest day first (by number where a number was asked for).

    `older` is where to go on, or None at the end. `looked_back_to`: rows of earlier days were not looked through yet.
    `more_sellers`: more sellers have the text in their name than were gone through.
    """

    rows: tuple[RegisterRow, ...]
    older: str | None
    looked_back_to: date | None = None
    more_sellers: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A row's place among the others, written as ``2026-07-24.117`` in an address; undated rows come last."""

    day: date
    id: int

    def __str__(self) -> str:
        """For an address."""
        return f"{'' if self.day == UNDATED else self.day}.{self.id}"

    @classmethod
    def read(cls, text: str) -> Place | None:
        """From an address; None where it says no place."""
        day, _, number = text.partition(".")
        try:
            return cls(date.fromisoformat(day) if day else UNDATED, int(number))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Walk:
    """Rows that an index gives in order: those of `where` on `days`, kept where each column of `only` has such a value."""

    where: tuple[sa.ColumnElement[bool], ...]
    days: tuple[sa.ColumnElement[bool], ...]
    only: Mapping[str, Sequence[str]]


def register_search(engine: sa.Engine, wanted: RegisterFilter, *, before: str = "") -> RegisterPage:
    """One page of register rows that fit, from `before` on, the `older` of the page before."""
    compact = "".join(wanted.text.split()).upper()
    with read(engine) as conn:
        if wanted.row is not None:
            found = conn.execute(sa.select(*COLUMNS).where(ROW.id == wanted.row)).all()
            return RegisterPage(tuple(register_row(row) for row in found), None)
        if compact.isascii() and compact.isdigit() and not _tax_id(compact):
            return _by_number(conn, compact, wanted, before)
        walks, more = _walks(conn, wanted, compact)
        return _newest(conn, walks, Place.read(before), more_sellers=more)


def _tax_id(compact: str) -> bool:
    return len(compact) != WHOLE and bool(TAX_ID.fullmatch(compact))


def _days(wanted: RegisterFilter) -> tuple[sa.ColumnElement[bool], ...]:
    after = (ROW.date >= wanted.date_from,) if wanted.date_from else ()
    return (*after, ROW.date <= wanted.date_to) if wanted.date_to else after


def _others(wanted: RegisterFilter) -> dict[str, Sequence[str]]:
    status = {"status": (wanted.status.value,)} if wanted.status else {}
    return {**status, "source": (wanted.source,)} if wanted.source else {**status}


def _walks(conn: sa.Connection, wanted: RegisterFilter, compact: str) -> tuple[list[Walk], bool]:
    """How rows are come by; and whether there are more sellers of that name than are gone through."""
    days, others = _days(wanted), _others(wanted)
    if not compact:
        return [Walk((), days, others)], False
    if _tax_id(compact):
        bought = Walk((), days, {**others, "buyer_tax_id": (compact,)})
        return [Walk((ROW.seller_tax_id == compact,), days, others), bought], False
    pairs, more = sellers.named_like(conn, wanted.text)
    walks = [Walk((ROW.seller_tax_id == tax_id,), days, others) for tax_id in sorted({one for one, _ in pairs} - {""})]
    unnumbered = [name for tax_id, name in pairs if not tax_id]
    if unnumbered:
        walks.append(Walk((ROW.seller_tax_id == "",), days, {**others, "seller_name": unnumbered}))
    ours = sa.select(companies.c.tax_id).where(companies.c.name.icontains(wanted.text, autoescape=True))
    buyers = sorted(set(conn.scalars(ours)))
    if buyers:
        walks.append(Walk((), days, {**others, "buyer_tax_id": buyers}))
    return walks, more


def _newest(conn: sa.Connection, walks: Sequence[Walk], start: Place | None, *, more_sellers: bool) -> RegisterPage:
    found: dict[Place, RegisterRow] = {}
    reached: list[Place] = []  # how far the walks came that were cut off by the window
    for walk in walks:
        rows, end = _step(conn, walk, start)
        found |= {Place(row.date or UNDATED, row.id): register_row(row) for row in rows}
        if end is not None:
            reached.append(end)
    border = max(reached, default=None)
    kept = sorted((place for place in found if border is None or place >= border), reverse=True)
    shown = tuple(found[place] for place in kept[:PAGE])
    if len(kept) > PAGE:
        return RegisterPage(shown, str(kept[PAGE - 1]), more_sellers=more_sellers)
    return RegisterPage(shown, str(border) if border else None, border.day if border else None, more_sellers)


def _step(conn: sa.Connection, walk: Walk, start: Place | None) -> tuple[list[sa.Row[Any]], Place | None]:
    """The next rows of a walk, a page and one more; and where the window ended if the page is not full by then."""
    rows: list[sa.Row[Any]] = []
    for dated in (True, False):
        if (dated and start is not None and start.day == UNDATED) or (not dated and walk.days):
            continue
        place = (ROW.date.desc(), ROW.id.desc()) if dated else (ROW.id.desc(),)
        query = sa.select(*COLUMNS).where(*walk.where, *walk.days, *_after(start, dated=dated)).order_by(*place)
        found, last = _look(conn, query, walk.only, PAGE + 1 - len(rows))
        rows += found
        if len(rows) > PAGE:
            break
        if last is not None:
            return rows, Place(last.date or UNDATED, last.id)
    return rows, None


def _look(
    conn: sa.Connection, query: sa.Select[Any], only: Mapping[str, Sequence[str]], most: int
) -> tuple[Sequence[sa.Row[Any]], sa.Row[Any] | None]:
    """At most so many rows of the query that fit; and the last row looked at where the window ended before."""
    if not only:
        return conn.execute(query.limit(most)).all(), None
    window = query.limit(WINDOW).subquery()
    fits = [window.c[name].in_(values) for name, values in only.items()]
    rows = conn.execute(sa.select(window).where(*fits).limit(most)).all()
    full = len(rows) == most
    return rows, None if full else conn.execute(query.offset(WINDOW - 1).limit(1)).first()


def _after(start: Place | None, *, dated: bool) -> list[sa.ColumnElement[bool]]:
    if not dated:
        undated: list[sa.ColumnElement[bool]] = [ROW.date.is_(None)]
        return [*undated, ROW.id < start.id] if start is not None and start.day == UNDATED else undated
    if start is None:
        return [ROW.date.is_not(None)]
    # the first condition bounds the walk of the index, the second leaves out what was shown of that day
    return [ROW.date <= start.day, sa.or_(ROW.date < start.day, ROW.id < start.id)]


def _by_number(conn: sa.Connection, digits: str, wanted: RegisterFilter, before: str) -> RegisterPage:
    """Rows whose number or code begins with these digits, by number; bounds made of digits hold in every collation."""
    families: list[tuple[sa.Column[Any], str, str, tuple[sa.ColumnElement[bool], ...]]]
    families = [(ROW.key, f"D:{digits.ljust(WHOLE, '0')}", f"D:{digits.ljust(WHOLE, '9')}", ())]
    if len(digits) <= LONG:
        families.append((ROW.number, digits.ljust(SHORT, "0"), digits.ljust(LONG, "9"), (ROW.code != "",)))
    if len(digits) in CODES:
        families.append((ROW.key, f"T:{digits}:{'0' * SHORT}", f"T:{digits}:{'9' * SHORT}", ()))
    family, last, number = [*before.split("/"), "", ""][:3]
    start = int(family) if family.isascii() and family.isdigit() else 0
    rows: list[RegisterRow] = []
    for place, (column, low, high, more) in enumerate(families):
        if place < start:
            continue
        conditions = [column.between(low, high), *more, *_days(wanted)]
        if place == start and number.isascii() and number.isdigit():
            conditions += [column >= last, sa.or_(column > last, ROW.id > int(number))]
        query = sa.select(*COLUMNS).where(*conditions).order_by(column, ROW.id)
        found, end = _look(conn, query, _others(wanted), PAGE + 1 - len(rows))
        if len(rows) + len(found) > PAGE:
            rows += [register_row(row) for row in found]
            return RegisterPage(tuple(rows[:PAGE]), _by(place, column, found[-2]) if len(found) > 1 else f"{place}/")
        rows += [register_row(row) for row in found]
        if end is not None:
            return RegisterPage(tuple(rows), _by(place, column, end))
    return RegisterPage(tuple(rows), None)


def _by(place: int, column: sa.Column[Any], row: sa.Row[Any]) -> str:
    return f"{place}/{getattr(row, column.name)}/{row.id}"

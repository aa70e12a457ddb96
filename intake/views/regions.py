"""What is issued in a region, and what of it the register does not have: by week and cause (domain.md §9.7).

"北京的发票北京系统里没有": each paper on file or waiting that was issued there stands in one week, that of its issue, or
of its receipt where its day is unread, and under one name: in the register, keyed and not confirmed yet, or the cause
for which it waits. The counts and the list behind them come from the same question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa

from intake.clock import day_of
from intake.db import invoices, read
from intake.model import Cause
from intake.register.links import HERE, PAPER
from intake.views.gaps import GapLine, PaperState, paged, paper_lines, papers, within
from ocr.rules.regions import district_of

CONFIRMED: Final = PaperState.CONFIRMED.value
KEYED: Final = PaperState.KEYED.value
MISSING: Final = "missing"  # every name but CONFIRMED
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class RegionFilter:
    """A region (four digits, domain.md §3.5), its weeks from one Monday to another, and a district (six digits)."""

    region: str
    first: date
    last: date
    district: str = ""

    @property
    def weeks(self) -> tuple[date, ...]:
        """The Mondays, the earliest first."""
        return tuple(self.first + WEEK * number for number in range((self.last - self.first) // WEEK + 1))


@dataclass(frozen=True, slots=True)
class RegionView:
    """How many papers of each name in each week; `names` in the order of the picture, the frequent causes first.

    `districts`: of the sellers, how many papers and how many of them the register does not have; "" where none is told.
    """

    weeks: Mapping[date, Mapping[str, int]]
    names: Mapping[str, int]
    districts: Mapping[str, tuple[int, int]]

    @property
    def count(self) -> int:
        """All papers issued there."""
        return sum(self.names.values())

    @property
    def missing(self) -> int:
        """Those that no import has brought into the register."""
        return self.count - self.names.get(CONFIRMED, 0)

    @property
    def most(self) -> int:
        """The papers of the fullest week, at least one."""
        return max([1, *(sum(names.values()) for names in self.weeks.values())])


def monday(day: date) -> date:
    """The first day of the ISO week."""
    return day - timedelta(days=day.weekday())


def region_view(engine: sa.Engine, wanted: RegionFilter) -> RegionView:
    """The counts of a region."""
    with read(engine) as conn:
        sellers = _sellers(conn, wanted)
        found = _found(wanted, sellers)
        unread = sa.case((found.c.date.is_(None), found.c.created_at))
        by_day = (found.c.date, unread, _name(found))
        lines = conn.execute(sa.select(*by_day, sa.func.count()).group_by(*by_day)).all()
        everywhere = _found(wanted, None)
        by_seller = (everywhere.c.seller_tax_id, everywhere.c.state)
        sold = conn.execute(sa.select(*by_seller, sa.func.count()).group_by(*by_seller)).all()
    weeks = {week: Counter[str]() for week in wanted.weeks}
    for day, received_at, name, number in lines:
        weeks[monday(day or day_of(received_at))][name] += number
    names = sum(weeks.values(), Counter[str]())
    districts: dict[str, tuple[int, int]] = {}
    for tax_id, state, number in sold:
        district = district_of(tax_id)
        count, missing = districts.get(district, (0, 0))
        districts[district] = (count + number, missing + (0 if state == CONFIRMED else number))
    ordered = sorted(names, key=lambda name: (name != CONFIRMED, name != KEYED, -names[name], name))
    most_first = dict(sorted(districts.items(), key=lambda item: (not item[0], -item[1][0], item[0])))
    return RegionView(weeks, {name: names[name] for name in ordered}, most_first)


def region_papers(
    engine: sa.Engine, wanted: RegionFilter, *, week: date | None = None, name: str = "", page: int | None = 1
) -> tuple[tuple[GapLine, ...], int]:
    """The papers of a week (its Monday) under a name or :data:`MISSING`, the newest first, one page of them; and how many
    there are.
    """
    with read(engine) as conn:
        sellers = _sellers(conn, wanted)
    span = RegionFilter(wanted.region, week, week, wanted.district) if week is not None else wanted
    found = _found(span, sellers)
    fits = [found.c.state != CONFIRMED] if name == MISSING else [_name(found) == name] if name else []
    query = sa.select(found).where(*fits).order_by(sa.func.coalesce(found.c.date, date.max).desc(), found.c.id.desc())
    with read(engine) as conn:
        count = conn.execute(sa.select(sa.func.count()).select_from(found).where(*fits)).scalar_one()
    return tuple(paper_lines(engine, paged(query, page))), count


def regions_seen(engine: sa.Engine) -> Mapping[str, int]:
    """The regions that any paper was issued in, with their number of papers; "" where none is told."""
    query = sa.select(PAPER.region, sa.func.count()).select_from(invoices).where(HERE).group_by(PAPER.region)
    with read(engine) as conn:
        return {row.region: row[1] for row in conn.execute(query.order_by(PAPER.region))}


def _found(wanted: RegionFilter, sellers: list[str] | None) -> sa.Subquery:
    span = within(wanted.first, wanted.last + WEEK - timedelta(days=1))
    only = [] if sellers is None else [PAPER.seller_tax_id.in_(sellers)]
    return papers(PAPER.region == wanted.region, span, *only)


def _sellers(conn: sa.Connection, wanted: RegionFilter) -> list[str] | None:
    """The tax ids of the district's sellers among those of the region; None without a district."""
    if not wanted.district:
        return None
    query = sa.select(PAPER.seller_tax_id).where(PAPER.region == wanted.region).distinct()
    return [tax_id for tax_id in conn.scalars(query) if district_of(tax_id) == wanted.district]


def _name(found: sa.Subquery) -> sa.ColumnElement[Any]:
    """What a paper counts under: its state, or the cause for which it waits."""
    waiting = found.c.state == PaperState.UNKNOWN.value
    return sa.case((waiting, sa.func.coalesce(found.c.cause, Cause.UNKNOWN.value)), else_=found.c.state)

"""The names of our companies drawn over the years, with arrows to who goes on: pure geometry in pixels of a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final, TypeAlias

from intake.companies import Entry
from intake.model import Company, CompanyChange
from intake.succession import heirs, valid

WIDTH: Final = 960
LEFT, RIGHT = 12, 948  # where the first and the last day stand
TOP: Final = 34  # below the years
ROW: Final = 46
MARGIN: Final = timedelta(days=90)
MOST_YEARS: Final = 12  # labels side by side

_Place: TypeAlias = Callable[[date], int]


@dataclass(frozen=True, slots=True)
class Bar:
    """One name from `x0` to `x1` at the height `y`; `open_start` and `open_end` where no day is known."""

    entry: Entry
    y: int
    x0: int
    x1: int
    open_start: bool
    open_end: bool
    accepted_x: int | None  # until where its papers are still taken
    now: bool
    branch: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """From the end of a name down or up to the name that goes on."""

    x: int
    y0: int
    y1: int
    change: CompanyChange


@dataclass(frozen=True, slots=True)
class Picture:
    """The companies of one group; `ticks` are years with their place."""

    group: str
    height: int
    bars: tuple[Bar, ...]
    arrows: tuple[Arrow, ...]
    ticks: tuple[tuple[int, int], ...]
    today: int
    dated: bool  # whether any day is known, so that there is something to see


def pictures(entries: Sequence[Entry], today: date) -> tuple[Picture, ...]:
    """One picture a group, in the order of their names; companies without a group come last."""
    by_group = sorted(entries, key=lambda entry: (not entry.company.group, entry.company.group))
    return tuple(
        _picture(group, tuple(found), today)
        for group, found in groupby(by_group, key=lambda entry: entry.company.group)
    )


def _picture(group: str, entries: tuple[Entry, ...], today: date) -> Picture:
    lines = _lines(entries)
    days = [day for entry in lines for day in _days(entry.company)]
    first, last = min([*days, today]) - MARGIN, max([*days, today]) + MARGIN
    span = (last - first).days

    def x(day: date) -> int:
        return LEFT + round((RIGHT - LEFT) * (day - first).days / span)

    bars = tuple(_bar(entry, TOP + ROW * index, x, first, last, today) for index, entry in enumerate(lines))
    height_of = {bar.entry.company: bar.y for bar in bars}
    arrows = tuple(
        Arrow(x(company.valid_to), height_of[company], height_of[heir], company.change)
        for company in height_of
        if company.change and company.valid_to
        for heir in heirs(company, list(height_of), company.valid_to + timedelta(days=1))
    )
    return Picture(group, TOP + ROW * len(bars), bars, arrows, _years(first, last, x), x(today), bool(days))


def _bar(entry: Entry, y: int, x: _Place, first: date, last: date, today: date) -> Bar:
    company = entry.company
    return Bar(
        entry,
        y,
        x(company.valid_from or first),
        x(company.valid_to or last),
        company.valid_from is None,
        company.valid_to is None,
        x(company.accepted_to) if company.accepted_to else None,
        valid(company, today),
        bool(company.head_tax_id),
    )


def _lines(entries: Sequence[Entry]) -> list[Entry]:
    """Names of one tax id one below the other by time; branches below their head office."""
    begins: dict[str, date] = {}
    for entry in entries:
        company = entry.company
        begins[company.tax_id] = min(begins.get(company.tax_id, date.max), company.valid_from or date.min)
    known = begins.keys()

    def place(entry: Entry) -> tuple[date, str, bool, str, date]:
        company = entry.company
        head = company.head_tax_id if company.head_tax_id in known else company.tax_id
        return begins[head], head, head != company.tax_id, company.tax_id, company.valid_from or date.min

    return sorted(entries, key=place)


def _days(company: Company) -> list[date]:
    return [day for day in (company.valid_from, company.valid_to, company.accepted_to) if day]


def _years(first: date, last: date, x: _Place) -> tuple[tuple[int, int], ...]:
    years = range(first.year + 1, last.year + 1)
    step = max(1, -(-len(years) // MOST_YEARS))
    return tuple((year, x(date(year, 1, 1))) for year in years if year % step == 0)

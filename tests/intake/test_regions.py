from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from intake.clock import day_of
from intake.db import invoices, read, register_rows
from intake.model import FusedField, Invoice, InvoiceState
from intake.records import invoice_columns
from intake.views.gaps import PAGE
from intake.views.regions import (
    MISSING,
    WEEK,
    RegionFilter,
    RegionView,
    monday,
    region_papers,
    region_view,
    regions_seen,
)
from ocr.rules.regions import district_of
from ocr.types import FieldName as F
from ocr.types import Kind
from tests.intake.test_gaps import Entry, of, store, world

LAST = date(2026, 7, 27)
BEIJING = RegionFilter("1100", LAST - 7 * WEEK, LAST)
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
SELLERS = ("91110108690017781B", "91110105MA0000001C", "91110108MA0000002D", "", "91110000100000000X")


def placed(seed: int) -> tuple[list[Entry], list[Entry]]:
    """The world of the gap list, its papers issued in three regions by sellers of some districts."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable choice
    rows, papers = world(seed)
    for paper in papers:
        paper["region"] = chance.choice(("1100", "1100", "3702", ""))
        paper["seller_tax_id"] = chance.choice(SELLERS)
    return rows, papers


def plainly(rows: list[Entry], papers: list[Entry], wanted: RegionFilter) -> Counter[tuple[date, str, str]]:
    """How many papers of each week, name and district, by looking at every one."""
    imported = [row for row in rows if row["source"] != "manual"]
    found: Counter[tuple[date, str, str]] = Counter()
    for paper in papers:
        received = paper["created_at"]
        assert isinstance(received, datetime)
        day = paper["date"] or day_of(received)
        assert isinstance(day, date)
        district = district_of(str(paper["seller_tax_id"]))
        here = paper["state"] in {"filed", "needs_review"} and paper["region"] == wanted.region
        if not here or not wanted.first <= day < wanted.last + WEEK:
            continue
        keyed = paper["state"] == InvoiceState.FILED.value
        name = "keyed" if keyed else str(paper["cause"])
        if any(of(row, paper) for row in imported):
            name = "confirmed"
        found[monday(day), name, district] += 1
    return found


@pytest.mark.parametrize("seed", range(3))
def test_the_counts_and_the_lists_behind_them_are_those_of_looking_at_every_paper(engine: sa.Engine, seed: int) -> None:
    rows, papers = placed(seed)
    store(engine, rows, papers)
    for region, district in (("1100", ""), ("3702", ""), ("1100", "110108"), ("6500", "")):
        wanted = RegionFilter(region, BEIJING.first, BEIJING.last, district)
        everything = plainly(rows, papers, wanted)
        mine = Counter({key: n for key, n in everything.items() if district in {"", key[2]}})
        view = region_view(engine, wanted)
        assert {(week, name): n for week, names in view.weeks.items() for name, n in names.items()} == summed(mine)
        assert view.count == mine.total()
        assert view.missing == sum(n for (_, name, _), n in mine.items() if name != "confirmed")
        told = {at: (n, n - gone(everything, at)) for at, n in counted(everything).items()}
        assert dict(view.districts) == {at: (n, n - confirmed) for at, (n, confirmed) in told.items()}
        lists_agree(engine, wanted, view)


def summed(found: Counter[tuple[date, str, str]]) -> dict[tuple[date, str], int]:
    by_name: Counter[tuple[date, str]] = Counter()
    for (week, name, _), number in found.items():
        by_name[week, name] += number
    return dict(by_name)


def counted(found: Counter[tuple[date, str, str]]) -> dict[str, int]:
    by_district: Counter[str] = Counter()
    for (_, _, district), number in found.items():
        by_district[district] += number
    return dict(by_district)


def gone(found: Counter[tuple[date, str, str]], at: str) -> int:
    return sum(n for (_, name, district), n in found.items() if district == at and name != "confirmed")


def lists_agree(engine: sa.Engine, wanted: RegionFilter, view: RegionView) -> None:
    assert region_papers(engine, wanted, page=None)[1] == view.count
    assert region_papers(engine, wanted, name=MISSING)[1] == view.missing
    for name, number in view.names.items():
        lines, count = region_papers(engine, wanted, name=name, page=None)
        assert len(lines) == count == number
    for week, names in view.weeks.items():
        for name, number in names.items():
            lines, _ = region_papers(engine, wanted, week=week, name=name, page=None)
            days = {line.date or day_of(line.received_at or NEVER) for line in lines}
            assert len(lines) == number
            assert {monday(day) for day in days} == {week}


def test_pages_hold_every_paper_once(engine: sa.Engine) -> None:
    rows, papers = placed(1)
    papers = [
        one | {"id": n + 1, "key": None, "region": "1100", "state": "filed", "date": LAST}
        for n, one in enumerate(papers)
    ]
    store(engine, rows, papers)
    first, count = region_papers(engine, BEIJING)
    second, _ = region_papers(engine, BEIJING, page=2)
    assert (len(first), len(second), count) == (PAGE, len(papers) - PAGE, len(papers))
    assert len({line.id for line in (*first, *second)}) == count
    assert regions_seen(engine) == {"1100": count}


def test_weeks_are_those_of_iso_and_every_one_is_there() -> None:
    assert [monday(date(2026, 7, day)) for day in (26, 27, 31)] == [date(2026, 7, 20), LAST, LAST]
    assert len(BEIJING.weeks) == 8
    assert BEIJING.weeks[0] == LAST - timedelta(days=49)


@pytest.mark.parametrize(
    ("values", "region"),
    [
        ({F.NUMBER: "26112000000048542163"}, "1100"),
        ({F.NUMBER: "26922000000048542163", F.SELLER_TAX_ID: SELLERS[0]}, "3702"),
        ({F.NUMBER: "00985283", F.SELLER_TAX_ID: "51019800DK01187", F.REAL_SELLER_TAX_ID: SELLERS[0]}, "1100"),
        ({F.NUMBER: "00985283", F.SELLER_TAX_ID: "51019800DK01187"}, "5100"),
        ({}, ""),
    ],
)
def test_every_stored_invoice_knows_its_region_of_issue(values: dict[F, str], region: str) -> None:
    seen = {name: FusedField(name, value, frozenset(), ()) for name, value in values.items()}
    assert invoice_columns(Invoice(Kind.DIG_NORMAL, seen))["region"] == region


def test_an_empty_desk_has_no_regions(engine: sa.Engine) -> None:
    view = region_view(engine, BEIJING)
    assert (view.count, view.missing, view.most, dict(view.districts)) == (0, 0, 1, {})
    with read(engine) as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(invoices)).scalar_one() == 0
        assert conn.execute(sa.select(sa.func.count()).select_from(register_rows)).scalar_one() == 0

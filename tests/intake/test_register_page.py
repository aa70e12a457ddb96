from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from intake import views
from intake.db import companies, register_rows, write
from intake.model import RegisterRow, RegisterStatus
from intake.register import sellers
from intake.views import register
from intake.views.register import RegisterFilter, RegisterPage
from ocr.types import Kind

OURS, OTHER = "91110108MA0000000A", "91310000MA0000000B"
SELLERS = {
    "91110105MA0000001C": "北京东湖文具有限公司",
    "91310101MA0000002D": "上海东湖商贸有限公司",
    "913202133140424571": "无锡100%_纸业",
    "": "没有税号的小店",
}
CODES = (
    "",
    "",
    "",
    "011002300611",
    "1100153130",
    "11010126",
)  # the last of a fiscal e-bill, whose number has ten digits


def rows() -> list[dict[str, object]]:
    """120 rows of every shape: with and without code, day, tax id; a few days hold many of them."""
    chance = random.Random(4)  # noqa: S311 - a repeatable choice
    made: list[dict[str, object]] = []
    for index in range(120):
        code = chance.choice(CODES)
        short = f"{10556100 + index % 40:0{10 if len(code) == 8 else 8}d}"
        number = short if code else f"261120000000{48542000 + index * 7}"
        tax_id = chance.choice(list(SELLERS))
        made.append(
            {
                "key": f"{'F' if len(code) == 8 else 'T'}:{code}:{number}" if code else f"D:{number}",
                "code": code,
                "number": number,
                "date": None if index % 17 == 0 else date(2026, 7, 1) + timedelta(days=chance.randrange(6)),
                "seller_tax_id": tax_id,
                "seller_name": SELLERS[tax_id],
                "buyer_tax_id": OURS if index % 9 else OTHER,
                "buyer_name": "北京本单位有限公司" if index % 9 else "上海别家有限公司",
                "kind": (Kind.VAT_SPECIAL_PAPER if code else Kind.DIG_NORMAL).value,
                "status": (RegisterStatus.VOID if index % 30 == 0 else RegisterStatus.NORMAL).value,
                "source": "erp" if index % 4 == 0 else "tax-bureau",
                "raw": {},
            }
        )
    return list({one["key"]: one for one in made}.values())


@pytest.fixture
def filled(engine: sa.Engine) -> sa.Engine:
    with write(engine) as conn:
        conn.execute(sa.insert(register_rows), rows())
        conn.execute(sa.insert(companies).values(name="北京本单位有限公司", tax_id=OURS))
        sellers.remember(conn, SELLERS.items())
    return engine


def pages(engine: sa.Engine, wanted: RegisterFilter) -> list[RegisterPage]:
    found = [views.register_search(engine, wanted)]
    while found[-1].older is not None:
        found.append(views.register_search(engine, wanted, before=found[-1].older))
        assert len(found) < 200
    return found


def listed(engine: sa.Engine, wanted: RegisterFilter) -> list[RegisterRow]:
    return [row for page in pages(engine, wanted) for row in page.rows]


def fits(one: RegisterRow, wanted: RegisterFilter) -> bool:
    text = wanted.text
    compact = "".join(text.split())
    return (
        (
            not text
            or one.number.startswith(compact)
            or one.code == compact
            or compact.upper() in {one.seller_tax_id, one.buyer_tax_id}
            or (not compact.isdigit() and text in one.seller_name)
            or (text in one.buyer_name and one.buyer_tax_id == OURS)
        )
        and (wanted.date_from is None or (one.date is not None and one.date >= wanted.date_from))
        and (wanted.date_to is None or (one.date is not None and one.date <= wanted.date_to))
        and wanted.status in {None, one.status}
        and wanted.source in {"", one.source}
    )


FILTERS = [
    RegisterFilter(),
    RegisterFilter(text="2611 2000 0000"),
    RegisterFilter(text="26112000000048542007"),
    RegisterFilter(text="1055"),
    RegisterFilter(text="10556105"),
    RegisterFilter(text="00105561"),
    RegisterFilter(text="0010556105"),
    RegisterFilter(text="1"),
    RegisterFilter(text="011002300611"),
    RegisterFilter(text="1100153130"),
    RegisterFilter(text="999"),
    RegisterFilter(text="91110105ma0000001c"),
    RegisterFilter(text=OTHER),
    RegisterFilter(text="东湖"),
    RegisterFilter(text="北京"),
    RegisterFilter(text="100%_"),
    RegisterFilter(text="小店"),
    RegisterFilter(text="本单位"),
    RegisterFilter(text="没有这样的名字"),
    RegisterFilter(status=RegisterStatus.VOID),
    RegisterFilter(source="erp"),
    RegisterFilter(text="东湖", source="erp", date_from=date(2026, 7, 2), date_to=date(2026, 7, 4)),
    RegisterFilter(text="10556", source="erp", date_from=date(2026, 7, 2)),
    RegisterFilter(date_to=date(2026, 7, 3), status=RegisterStatus.NORMAL),
]


@pytest.mark.parametrize("window", [register.WINDOW, 7, 51])
def test_pages_hold_the_rows_that_a_plain_scan_finds_each_once(
    filled: sa.Engine, window: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = listed(filled, RegisterFilter())
    assert len(everything) == len(rows())
    monkeypatch.setattr(register, "WINDOW", window)
    for wanted in FILTERS:
        found = listed(filled, wanted)
        assert len({row.id for row in found}) == len(found), wanted
        assert {row.key for row in found} == {row.key for row in everything if fits(row, wanted)}, wanted


def test_the_newest_day_comes_first_and_undated_rows_last(filled: sa.Engine) -> None:
    days = [row.date or date.min for row in listed(filled, RegisterFilter())]
    assert days == sorted(days, reverse=True)
    assert date.min in days


def test_rows_of_a_number_stand_by_number(filled: sa.Engine) -> None:
    numbers = [row.number for row in listed(filled, RegisterFilter(text="10"))]
    assert numbers == sorted(numbers)
    assert len(numbers) > len(set(numbers)), "one number under two codes"


def test_a_page_says_how_far_back_it_looked(filled: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "WINDOW", 20)
    page = views.register_search(filled, RegisterFilter(status=RegisterStatus.VOID))
    assert page.looked_back_to is not None
    assert page.older is not None
    assert views.register_search(filled, RegisterFilter()).looked_back_to is None


def test_a_page_says_when_there_are_more_sellers_of_that_name(
    filled: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not views.register_search(filled, RegisterFilter(text="东湖")).more_sellers
    monkeypatch.setattr(sellers, "MOST", 1)
    assert views.register_search(filled, RegisterFilter(text="东湖")).more_sellers


@pytest.mark.parametrize("before", ["", ".", "x", "2026-13-01.1", "2026-07-01.", "9/9/9", "0/D:1/x", "٣.٣"])
def test_a_place_that_is_none_is_the_beginning(filled: sa.Engine, before: str) -> None:
    assert views.register_search(filled, RegisterFilter(), before=before).rows
    views.register_search(filled, RegisterFilter(text="26"), before=before)


def test_one_row_is_shown_where_a_link_leads(filled: sa.Engine) -> None:
    first = listed(filled, RegisterFilter())[0]
    assert listed(filled, RegisterFilter(row=first.id)) == [first]
    assert listed(filled, replace(RegisterFilter(), row=10**12)) == []

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.model import Slip
from intake.slips import next_numbers, pieces, slip_of, slip_of_pair, swapped_day
from ocr.types import FieldName

F = FieldName
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("name", "seen", "expected", "slip"),
    [
        (F.NUMBER, "83089647", "83039647", Slip.CONFUSED),
        (F.NUMBER, "83089647", "83089741", None),
        (F.NUMBER, "83089647", "83098647", Slip.TRANSPOSED),
        (F.NUMBER, "8308964", "83089647", Slip.DROPPED),
        (F.NUMBER, "830089647", "83089647", Slip.DOUBLED),
        (F.NUMBER, "830829647", "83089647", Slip.ADDED),
        (F.NUMBER, "83089647", "83589647", Slip.OTHER_CHARACTER),
        (F.NUMBER, "83089644", "83089647", Slip.NEIGHBOUR),  # a last digit that nobody confuses
        (F.NUMBER, "83089647", "83089652", Slip.NEIGHBOUR),
        (F.NUMBER, "83089699", "83089700", Slip.NEIGHBOUR),
        (F.NUMBER, "83089647", "83089653", None),
        (F.NUMBER, "83089647", "8308965A", None),
        (F.CODE, "033002000211", "033002000212", Slip.OTHER_CHARACTER),
        (F.SELLER_TAX_ID, "91330106MA7GAL1299", "91330106NA7GAL1299", Slip.CONFUSED),
        (F.SELLER_TAX_ID, "91330106W", "91330106VV", Slip.CONFUSED),
        (F.SELLER_TAX_ID, "91330106H7", "91330106117", Slip.CONFUSED),
        (F.TOTAL, "4449.00", "44490.00", Slip.TIMES_TEN),
        (F.TOTAL, "44490.00", "4449.00", Slip.TIMES_TEN),
        (F.NET, "444900.00", "4449.00", Slip.TIMES_HUNDRED),
        (F.TAX, "0.00", "5.00", Slip.OTHER_CHARACTER),
        (F.TOTAL, "-44.49", "444.90", Slip.TIMES_TEN),
        (F.TOTAL, "4449.00", "4440.00", Slip.CONFUSED),
        (F.TOTAL, "1.00", "7235.00", None),
        (F.DATE, "2026-05-06", "2026-06-05", Slip.DAY_AND_MONTH),
        (F.DATE, "2026-11-24", "2026-10-31", Slip.DAY_OF_RECEIPT),
        (F.DATE, "2026-11-23", "2026-10-31", None),
        (F.DATE, "2026-11-13", "2026-11-18", Slip.CONFUSED),
    ],
)
def test_the_slip_that_makes_one_value_of_the_other_is_named(
    name: FieldName, seen: str, expected: str, slip: Slip | None
) -> None:
    assert slip_of(name, seen, expected, TODAY) is slip


def test_without_today_no_day_is_that_of_receipt() -> None:
    assert slip_of(F.DATE, "2026-11-24", "2026-10-31") is None


CODE, NUMBER = "033002000211", "83089647"


@pytest.mark.parametrize(
    ("seen", "slip"),
    [
        ((CODE, NUMBER), None),
        ((NUMBER, CODE), Slip.EXCHANGED),
        (("", CODE + NUMBER), Slip.JOINED),
        ((CODE + NUMBER, ""), Slip.JOINED),
        (("", NUMBER), Slip.NO_CODE),
        ((CODE, "12345678"), Slip.CHECK_CODE),
        ((CODE, "83039647"), Slip.CONFUSED),
        (("033002000217", NUMBER), Slip.CONFUSED),
        (("033002000217", "83039647"), None),
        ((CODE, ""), None),
        (("X33002000211", NUMBER), Slip.OTHER_CHARACTER),
    ],
)
def test_the_slip_of_a_key_is_named(seen: tuple[str, str], slip: Slip | None) -> None:
    assert slip_of_pair(seen, (CODE, NUMBER), "00001234567800009999") is slip


def test_a_number_that_stands_in_the_check_code_is_no_slip_where_it_is_right() -> None:
    assert slip_of_pair(("033002000217", NUMBER), (CODE, NUMBER), f"0000{NUMBER}00009999") is Slip.CONFUSED


@pytest.mark.parametrize(
    ("value", "day"),
    [("2026-05-06", date(2026, 6, 5)), ("2026-05-05", None), ("2026-05-13", None), ("2026-05-12", date(2026, 12, 5))],
)
def test_day_and_month_are_exchanged_where_both_may_be_a_month(value: str, day: date | None) -> None:
    assert swapped_day(value) == day


@pytest.mark.parametrize(
    ("number", "others"),
    [
        ("83089647", ()),  # the neighbours are one digit away
        ("83089699", ("83089700",)),
        ("83089700", ("83089699",)),
        ("00000001", ()),
        ("00000000", ()),
        ("1000", ("0999",)),
        ("99999999", ()),
        ("00000010", ("00000009",)),
        ("8308-9699", ()),
        ("26112000000048542199", ("26112000000048542200",)),
    ],
)
def test_the_next_invoices_are_those_that_no_single_slip_reaches(number: str, others: tuple[str, ...]) -> None:
    assert next_numbers(number) == others


def shown(seen: str, expected: str) -> list[tuple[str, str]]:
    return [(one.seen, one.expected) for one in pieces(seen, expected) if not one.same]


def test_the_differing_characters_are_cut_out() -> None:
    assert shown("83089647", "83039641") == [("8", "3"), ("7", "1")]
    assert shown("8308964", "83089647") == [("", "7")]
    assert shown("830089647", "83089647") == [("0", "")]
    assert shown("83098647", "83089647") == [("98", "89")]
    assert shown("", "12") == [("", "12")]
    assert shown("same", "same") == []
    assert shown("12", "13") == [("2", "3")]
    assert shown("212", "312") == [("2", "3")]
    assert pieces("", "") == ()
    assert [one.same for one in pieces("1234", "1934")] == [True, False, True]


@given(st.text("0123456789ABX", max_size=24), st.text("0123456789ABX", max_size=24))
def test_the_pieces_of_two_values_make_them_up(seen: str, expected: str) -> None:
    found = pieces(seen, expected)
    assert "".join(one.seen for one in found) == seen
    assert "".join(one.expected for one in found) == expected
    assert all(one.same is (one.seen == one.expected) for one in found)

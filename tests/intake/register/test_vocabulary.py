from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.model import RegisterStatus
from intake.register import vocabulary as words
from intake.register.columns import Cell
from intake.register.meaning import Meaning
from ocr.types import Kind

AMOUNT = Meaning().amount(by_line=False)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("00985283", "00985283"),
        (985283, "985283"),
        (985283.0, "985283"),
        ("985283.0", "985283"),
        (11002300611.0, "11002300611"),
        ("'00985283", "00985283"),
        (" 0098 5283 ", "00985283"),
        ("００９８５２８３", "00985283"),
        ("--", ""),
        (None, ""),
        (True, ""),
        (0.5, ""),
        (-3, ""),
        ("531620201160129048-l02", "531620201160129048-L02"),
    ],
)
def test_a_number_keeps_its_digits_whatever_the_cell_holds(cell: Cell, expected: str) -> None:
    assert words.digits(cell) == expected


@pytest.mark.parametrize("cell", [2.41120000000485e19, "2.41120000000485E+19", "2.4112e19", 24112000000048542163])
def test_a_number_that_excel_has_rounded_is_not_guessed(cell: Cell) -> None:
    with pytest.raises(words.DigitsLostError):
        words.digits(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("526.00", "526.00"),
        ("￥1,310.96", "1310.96"),
        ("1310.96元", "1310.96"),
        (1310.96, "1310.96"),
        (0.1 + 0.2, "0.30"),
        (17699.115, "17699.12"),
        ("-526.00", "-526.00"),
        ("(526.00)", "-526.00"),
        ("（526.00）", "-526.00"),
        (526, "526.00"),
        ("***", "0.00"),
        ("免税", "0.00"),
    ],
)
def test_money_is_exact_to_the_fen(cell: Cell, expected: str) -> None:
    assert AMOUNT(cell) == int(Decimal(expected) * 100)


@pytest.mark.parametrize("cell", ["", "--", None, "abc", "NaN", "Infinity", "1e40", True, float("nan")])
def test_what_is_no_amount_is_none(cell: Cell) -> None:
    assert words.money(cell) is None


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_every_amount_of_two_decimals_survives_text_and_number_cells(fen: int) -> None:
    amount = Decimal(fen) / 100
    assert AMOUNT(f"{amount:.2f}") == fen
    assert AMOUNT(float(amount)) == fen


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-07-24 18:22:02", date(2026, 7, 24)),
        ("2026-7-4", date(2026, 7, 4)),
        ("2026/07/24", date(2026, 7, 24)),
        ("2026年07月24日", date(2026, 7, 24)),
        ("2026-07-24T18:22:02", date(2026, 7, 24)),
        ("20260724", date(2026, 7, 24)),
        (20260724, date(2026, 7, 24)),
        (46227, date(2026, 7, 24)),
        (46227.765, date(2026, 7, 24)),
        (datetime(2026, 7, 24, 18, 22), date(2026, 7, 24)),  # noqa: DTZ001 - a spreadsheet knows no zone
        (date(2026, 7, 24), date(2026, 7, 24)),
        ("2026-02-30", None),
        ("--", None),
        ("", None),
        (None, None),
        (True, None),
        (12, None),
        ("24.12.2026", None),
    ],
)
def test_days_are_read_from_text_dates_and_day_numbers(cell: Cell, expected: date | None) -> None:
    assert words.day(cell) == expected


@pytest.mark.parametrize(
    ("word", "positive", "risk", "expected"),
    [
        ("正常", "是", "正常", RegisterStatus.NORMAL),
        ("正常", "", "", RegisterStatus.NORMAL),
        ("已作废", "是", "", RegisterStatus.VOID),
        ("作废", "", "", RegisterStatus.VOID),
        ("已红冲-全额", "是", "", RegisterStatus.RED_FULL),
        ("已红冲-部分", "是", "", RegisterStatus.RED_PART),
        ("红冲", "", "", RegisterStatus.RED_FULL),
        ("正常", "否", "", RegisterStatus.IS_RED),
        ("已作废", "否", "", RegisterStatus.VOID),
        ("红字", "", "", RegisterStatus.IS_RED),
        ("失控", "", "", RegisterStatus.LOST_CONTROL),
        ("异常", "", "", RegisterStatus.ABNORMAL),
        ("正常", "是", "异常凭证", RegisterStatus.ABNORMAL),
        ("正常", "是", "疑点发票", RegisterStatus.NORMAL),
        ("未作废", "", "", RegisterStatus.NORMAL),
        ("", "", "", RegisterStatus.UNKNOWN),
        ("lost_control", "", "", RegisterStatus.LOST_CONTROL),
    ],
)
def test_the_status_is_known_by_its_words(word: str, positive: str, risk: str, expected: RegisterStatus) -> None:
    assert words.status(word, positive, risk) is expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("数电发票（增值税专用发票）", Kind.DIG_SPECIAL),
        ("数电发票（普通发票）", Kind.DIG_NORMAL),
        ("数电票(增值税专用发票)", Kind.DIG_SPECIAL),
        ("全电发票（普通发票）", Kind.DIG_NORMAL),
        ("数电纸质发票（增值税专用发票）", Kind.DIG_PAPER_SPECIAL),
        ("数电纸质发票（普通发票）", Kind.DIG_PAPER_NORMAL),
        ("数电发票（铁路电子客票）", Kind.RAIL_E),
        ("数电发票（航空运输电子客票行程单）", Kind.AIR_E),
        ("数电发票（机动车销售统一发票）", Kind.DIG_VEHICLE),
        ("数电发票（二手车销售统一发票）", Kind.DIG_USED_VEHICLE),
        ("增值税专用发票", Kind.VAT_SPECIAL_PAPER),
        ("增值税普通发票", Kind.VAT_NORMAL_PAPER),
        ("增值税电子专用发票", Kind.VAT_E_SPECIAL),
        ("增值税电子普通发票", Kind.VAT_E_NORMAL),
        ("增值税普通发票（卷票）", Kind.VAT_ROLL),
        ("道路通行费电子普通发票", Kind.VAT_E_TOLL),
        ("机动车销售统一发票", Kind.VEHICLE),
        ("二手车销售统一发票", Kind.USED_VEHICLE),
        ("货物运输业增值税专用发票", Kind.FREIGHT_SPECIAL),
        ("海关进口增值税专用缴款书", Kind.CUSTOMS),
        ("dig_normal", Kind.DIG_NORMAL),
        ("", None),
        ("收据", None),
    ],
)
def test_the_kind_is_known_by_its_words(word: str, expected: Kind | None) -> None:
    assert words.kind(word) is expected


@given(st.text() | st.integers() | st.floats() | st.booleans() | st.none() | st.dates() | st.datetimes())
def test_no_cell_breaks_the_reading(cell: Cell) -> None:
    words.text(cell)
    AMOUNT(cell)
    words.day(cell)
    words.tax_id(cell)

"""What is read the short way is what is read the long way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.register import vocabulary as words
from intake.register.columns import Cell, layout_of
from intake.register.identity import identifier, identify
from intake.register.meaning import DayOrder, Meaning, Options, Unit
from intake.register.reading import Refusal, reader_of
from tests.intake.register.exports import BASIC, BUYER, SELLER, digital_row, number_of, paper_row

USUAL = Meaning()
KINDS = st.sampled_from(
    [
        "",
        "数电发票（普通发票）",
        "数电纸质发票（增值税专用发票）",
        "增值税专用发票",
        "增值税电子普通发票",
        "海关缴款书",
        "财政票据",
        "？",
    ]
)
DIGITS = st.one_of(
    st.just(""),
    st.from_regex(r"[0-9]{20}", fullmatch=True),
    st.from_regex(r"2[0-9](11|31|95)[0-9]0{2}[0-9]{13}", fullmatch=True),
    st.from_regex(r"[0-9]{7,8}", fullmatch=True),
    st.from_regex(r"[01]?[0-9]{10,11}", fullmatch=True),
    st.sampled_from(
        [
            "1100153130",
            "011002300611",
            "２６１１２０００００００４８５４２１６３",
            "00000000",
            '="00985283"',
            " 00985283",
        ]
    ),
)


def outcome(act: Any) -> Any:
    try:
        return act()
    except words.DigitsLostError:
        return "lost"


@given(KINDS, DIGITS, DIGITS, DIGITS)
def test_the_usual_shapes_of_numbers_have_the_identity_of_the_long_way(
    kind: str, code: str, number: str, whole: str
) -> None:
    def long() -> object:
        one = identify(
            USUAL.kind(words.text(kind)),
            words.digits(code),
            words.digits(number),
            words.digits(whole),
            digital=words.is_digital(kind),
        )
        return (one.key, one.alias, one.code, one.number, one.kind.value) if one else None

    assert outcome(lambda: identifier(USUAL)(kind, code, number, whole)) == outcome(long)


@given(st.from_regex(r"-?[0-9]{0,14}\.?[0-9]{0,3}", fullmatch=True) | st.text(max_size=8))
def test_the_usual_shape_of_an_amount_has_the_fen_of_the_long_way(cell: str) -> None:
    found = words.money(cell)
    expected = None if found is None else words.whole(found * 100)
    assert USUAL.amount(by_line=False)(cell) == expected


@pytest.mark.parametrize(
    ("unit", "cell", "fen"),
    [
        (Unit.YUAN, "1,310.965", 131097),
        (Unit.FEN, "131096", 131096),
        (Unit.WAN, "0.131096", 131096),
        (Unit.WAN, 2, 2000000),
    ],
)
def test_an_amount_counts_in_its_unit(unit: Unit, cell: Cell, fen: int) -> None:
    assert Meaning(Options(unit=unit)).amount(by_line=False)(cell) == fen


@pytest.mark.parametrize(
    ("order", "cell", "day"),
    [
        (DayOrder.DAY_FIRST, "24/07/2026", "2026-07-24"),
        (DayOrder.MONTH_FIRST, "07/24/2026", "2026-07-24"),
        (DayOrder.MONTH_FIRST, "24/07/2026", None),
        (DayOrder.YEAR_FIRST, "24/07/2026", None),
        (DayOrder.DAY_FIRST, "2026-07-24 18:22:02", "2026-07-24"),
        (DayOrder.DAY_FIRST, "24.07.2026 18:22", "2026-07-24"),
        (DayOrder.YEAR_FIRST, "2026-07-245", None),
    ],
)
def test_a_day_is_written_in_its_order(order: DayOrder, cell: Cell, day: str | None) -> None:
    assert Meaning(Options(days=order)).day()(cell) == day


def read(*cells: Any, heads: tuple[str, ...] = BASIC, ours: tuple[str, ...] = ()) -> Any:
    layout = layout_of(heads)
    assert layout is not None
    return reader_of(layout, USUAL, ours)(2, cells)


def test_a_row_with_nothing_in_it_is_none() -> None:
    assert read(*[""] * len(BASIC)) is None
    assert read(" ", None, "") is None
    assert read() is None


def test_a_short_row_lacks_what_stands_behind_it() -> None:
    entry = read(*digital_row(0)[:10])
    assert entry[1] == f"D:{number_of(0)}"
    assert entry[6:9] == (10000, None, None)


def test_sales_are_refused_with_the_digits_by_which_they_are_found_again() -> None:
    heads = (*BASIC, "发票方向")
    assert read(*digital_row(0), "开具发票", heads=heads) == Refusal(
        2, "issued_by_us", read(*digital_row(0), "开具发票", heads=heads).sample, number_of(0)
    )
    assert read(*digital_row(0), "取得发票", heads=heads)[0] == 2
    assert read(*paper_row(0), ours=(SELLER,)).reason == "issued_by_us"
    assert read(*paper_row(0), ours=("x",)).reason == "other_buyer"
    assert read(*paper_row(0), ours=(BUYER,))[0] == 2


def test_a_letter_among_the_digits_of_a_tax_id_is_no_power_of_ten() -> None:
    assert words.tax_id("91110108000E000001") == "91110108000E000001"
    assert words.tax_id("9111010E8") == "9111010E8"
    assert words.tax_id("9.11101080000000E+17") == ""


def test_lines_keep_a_hundredth_of_a_fen_until_they_are_added_up() -> None:
    assert Meaning().amount(by_line=True)("0.00505") == 51

"""Tax-control VAT invoices (税控)."""

from __future__ import annotations

import pytest

from ocr.kinds import vat
from ocr.rules.taxid import ALPHABET, uscc_ok
from ocr.types import FieldName, Kind
from tests.ocr.kinds.forms import BUYER, BUYER_ID, ELECTRONIC, ITEMS, PAPER, SELLER, SELLER_ID, SUMS, parties, without
from tests.ocr.sheets import said, sheet


def test_every_field_of_an_electronic_invoice_is_read_in_its_role() -> None:
    found = vat.extract(sheet(ELECTRONIC), 0, Kind.UNKNOWN)
    assert found.kind is Kind.VAT_E_NORMAL
    assert said(found) == {
        FieldName.CODE: "033002000211",
        FieldName.NUMBER: "83089647",
        FieldName.DATE: "2020-07-23",
        FieldName.CHECK_CODE: "16197833567414407415",
        FieldName.MACHINE_NUMBER: "661234567890",
        FieldName.BUYER_NAME: BUYER,
        FieldName.BUYER_TAX_ID: BUYER_ID,
        FieldName.SELLER_NAME: SELLER,
        FieldName.SELLER_TAX_ID: SELLER_ID,
        FieldName.NET: "510.68",
        FieldName.TAX: "15.32",
        FieldName.TOTAL: "526.00",
        FieldName.TOTAL_IN_WORDS: "526.00",
        FieldName.REMARK: "订单号:7788",
        FieldName.DRAWER: "李三",
    }


def test_code_and_number_printed_twice_on_paper_are_two_sightings_each() -> None:
    found = vat.extract(sheet(PAPER), 0, Kind.UNKNOWN)
    assert found.kind is Kind.VAT_SPECIAL_PAPER
    for name, value in ((FieldName.CODE, "5100191160"), (FieldName.NUMBER, "00472703")):
        seen = [sighting for sighting in found.values if sighting.name is name]
        assert [sighting.value for sighting in seen] == [value, value]
        assert len({sighting.box for sighting in seen}) == 2


def test_two_numbers_that_differ_on_paper_are_both_kept() -> None:
    misfed = tuple((x, y, "00472704" if text == "00472703" else text) for x, y, text in PAPER)
    found = vat.extract(sheet(misfed), 0, Kind.UNKNOWN)
    assert {value.value for value in found.values if value.name is FieldName.NUMBER} == {"00472703", "00472704"}


@pytest.mark.parametrize("drop", [-5.3, 5.3])
def test_a_print_that_slipped_by_a_row_still_gives_name_and_tax_id(drop: float) -> None:
    form = (
        *PAPER[:6],
        *parties(name_y=34.0, name=BUYER, tax_id=BUYER_ID, drop=drop),
        *ITEMS,
        *SUMS,
        *parties(name_y=108.0, name=SELLER, tax_id=SELLER_ID, drop=drop),
    )
    values = said(vat.extract(sheet(form), 0, Kind.UNKNOWN))
    assert values[FieldName.BUYER_TAX_ID] == BUYER_ID
    assert values[FieldName.BUYER_NAME] == BUYER
    assert values[FieldName.SELLER_TAX_ID] == SELLER_ID
    assert values[FieldName.SELLER_NAME] == SELLER


def test_a_buyer_without_tax_id_has_none() -> None:
    form = tuple((x, y, "个人" if text == BUYER else text) for x, y, text in without(ELECTRONIC, BUYER_ID))
    values = said(vat.extract(sheet(form), 0, Kind.UNKNOWN))
    assert values[FieldName.BUYER_NAME] == "个人"
    assert FieldName.BUYER_TAX_ID not in values
    assert values[FieldName.SELLER_TAX_ID] == SELLER_ID


def test_label_and_value_in_one_word_are_parted() -> None:
    merged = (
        *without(ELECTRONIC, "名 ", "纳税人", BUYER, BUYER_ID, SELLER),
        (13.0, 32.0, f"名称：{BUYER}"),
        (13.0, 37.3, f"纳税人识别号：{BUYER_ID}"),
        (13.0, 106.0, "名"),
        (25.0, 106.0, f"称：{SELLER}"),
        (13.0, 111.3, f"纳税人识别号：{SELLER_ID}"),
    )
    values = said(vat.extract(sheet(merged), 0, Kind.UNKNOWN))
    assert values[FieldName.BUYER_NAME] == BUYER
    assert values[FieldName.BUYER_TAX_ID] == BUYER_ID
    assert values[FieldName.SELLER_NAME] == SELLER
    assert values[FieldName.SELLER_TAX_ID] == SELLER_ID


def test_a_tax_of_stars_is_no_tax() -> None:
    form = tuple((x, y, "***" if text in {"¥15.32", "15.32"} else text) for x, y, text in ELECTRONIC)
    values = said(vat.extract(sheet(form), 0, Kind.UNKNOWN))
    assert values[FieldName.NET] == "510.68"
    assert FieldName.TAX not in values


def test_a_toll_note_is_told_by_its_code_and_by_its_columns() -> None:
    toll = tuple(
        (x, y, {"033002000211": "042001700112", "规格型号": "车牌号", "数量": "通行日期起"}.get(text, text))
        for x, y, text in ELECTRONIC
    )
    assert vat.extract(sheet(toll), 0, Kind.UNKNOWN).kind is Kind.VAT_E_TOLL
    uncoded = without(toll, "发票代码", "042001700112")
    assert vat.extract(sheet(uncoded), 0, Kind.UNKNOWN).kind is Kind.VAT_E_TOLL


def test_an_odd_code_leaves_the_kind_to_the_title() -> None:
    form = tuple((x, y, "011002380027" if text == "033002000211" else text) for x, y, text in ELECTRONIC)
    assert vat.extract(sheet(form), 0, Kind.UNKNOWN).kind is Kind.VAT_E_NORMAL


def test_old_labels_of_the_parties_are_known() -> None:
    old = (
        *((5.5, 32.0 + 4 * row, char) for row, char in enumerate("购货单位")),
        *((5.5, 106.0 + 4 * row, char) for row, char in enumerate("销货单位")),
    )
    values = said(vat.extract(sheet((*PAPER, *old)), 0, Kind.UNKNOWN))
    assert values[FieldName.BUYER_NAME] == BUYER
    assert values[FieldName.SELLER_NAME] == SELLER


def test_a_tax_id_read_with_the_letter_o_is_seen_as_read_and_as_it_can_only_be() -> None:
    real, misread = "91330106MA0UF6ECXX", "91330106MAOUF6ECXX"
    fitting = next(real[:17] + char for char in ALPHABET if uscc_ok(real[:17] + char))
    misread = misread[:17] + fitting[17]
    form = tuple((x, y, misread if text == SELLER_ID else text) for x, y, text in ELECTRONIC)
    seen = {
        value.value
        for value in vat.extract(sheet(form), 0, Kind.UNKNOWN).values
        if value.name is FieldName.SELLER_TAX_ID
    }
    assert seen == {misread, fitting}


def test_a_red_invoice_has_negative_sums_and_names_its_blue_one() -> None:
    red = tuple(
        (
            x,
            y,
            {
                "510.68": "-510.68",
                "¥15.32": "¥-15.32",
                "¥526.00": "¥-526.00",
                "伍佰贰拾陆圆整": "（负数）伍佰贰拾陆圆整",
                "订单号：7788": "对应正数发票代码:033002000211号码:83089600",
            }.get(text, text),
        )
        for x, y, text in ELECTRONIC
    )
    values = said(vat.extract(sheet(red), 0, Kind.UNKNOWN))
    assert values[FieldName.NET] == "-510.68"
    assert values[FieldName.TAX] == "-15.32"
    assert values[FieldName.TOTAL] == values[FieldName.TOTAL_IN_WORDS] == "-526.00"
    assert values[FieldName.RED_OF] == "T:033002000211:83089600"
    assert values[FieldName.CODE] == "033002000211"
    assert values[FieldName.NUMBER] == "83089647"


def test_the_mark_left_of_the_title_is_read() -> None:
    values = said(vat.extract(sheet((*ELECTRONIC, (30.0, 14.0, "成品油"))), 0, Kind.UNKNOWN))
    assert values[FieldName.MARK] == "成品油"


def test_the_lines_stand_in_their_columns() -> None:
    (line,) = vat.extract(sheet(ELECTRONIC), 0, Kind.UNKNOWN).lines
    assert (line.name, line.unit, line.quantity, line.price) == ("*餐饮服务*餐费", "次", "1", "510.68")
    assert (line.amount, line.rate, line.tax) == ("510.68", "3%", "15.32")


def test_names_are_found_above_the_tax_id_when_their_label_was_not_read() -> None:
    form = without(ELECTRONIC, "名 ")
    values = said(vat.extract(sheet(form), 0, Kind.UNKNOWN))
    assert values[FieldName.BUYER_NAME] == BUYER
    assert values[FieldName.SELLER_NAME] == SELLER


def test_the_parties_are_told_apart_without_headers_and_cipher() -> None:
    form = (*PAPER[:6], *parties(name_y=32.0, name=BUYER, tax_id=BUYER_ID), *SUMS)
    form = (*form, *parties(name_y=106.0, name=SELLER, tax_id=SELLER_ID))
    values = said(vat.extract(sheet(form), 0, Kind.UNKNOWN))
    assert values[FieldName.BUYER_TAX_ID] == BUYER_ID
    assert values[FieldName.SELLER_TAX_ID] == SELLER_ID


def test_sums_without_label_and_sign_are_found_by_their_row() -> None:
    unsigned = tuple((x, y, text.replace("¥", "")) for x, y, text in ELECTRONIC if text != "¥")
    values = said(vat.extract(sheet(unsigned), 0, Kind.UNKNOWN))
    assert (values[FieldName.NET], values[FieldName.TAX], values[FieldName.TOTAL]) == ("510.68", "15.32", "526.00")
    unlabelled = without(ELECTRONIC, "合", "计", "（小写")
    values = said(vat.extract(sheet(unlabelled), 0, Kind.UNKNOWN))
    assert (values[FieldName.NET], values[FieldName.TAX], values[FieldName.TOTAL]) == ("510.68", "15.32", "526.00")


def test_code_and_check_code_are_known_by_shape_above_the_buyer() -> None:
    form = without(ELECTRONIC, "发票代码", "校 验", "开票日期")
    values = said(vat.extract(sheet(form), 0, Kind.UNKNOWN))
    assert values[FieldName.CODE] == "033002000211"
    assert values[FieldName.CHECK_CODE] == "16197833567414407415"
    assert values[FieldName.DATE] == "2020-07-23"


def test_a_currency_sign_read_twice_is_no_part_of_an_amount() -> None:
    twice = tuple((x, y, text.replace("¥15.32", "¥￥15.32")) for x, y, text in ELECTRONIC)
    assert twice != ELECTRONIC
    assert said(vat.extract(sheet(twice), 0, Kind.UNKNOWN))[FieldName.TAX] == "15.32"


NET_PLACE = (149.0, 91.5)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("¥510.68", ["510.68"]),
        ("¥51068", ["510.68", "51068.00"]),  # the form prints its cents: the last two digits, first
        ("¥51,068", ["51068.00"]),
    ],
)
def test_an_amount_read_without_its_point_has_its_cents_last(printed: str, expected: list[str]) -> None:
    lines = tuple((x, y, printed if (x, y) == NET_PLACE else text) for x, y, text in ELECTRONIC)
    found = vat.extract(sheet(lines), 0, Kind.UNKNOWN)
    assert [value.value for value in found.values if value.name is FieldName.NET] == expected


@pytest.mark.parametrize("stars", ["***", "大大大", "木木*"])
def test_stars_read_as_characters_of_as_many_strokes_are_no_tax(stars: str) -> None:
    form = tuple((x, y, stars if text == "¥15.32" else text) for x, y, text in ELECTRONIC)
    values = said(vat.extract(sheet(form), 0, Kind.UNKNOWN))
    assert values[FieldName.NET] == "510.68"
    assert FieldName.TAX not in values


def test_a_pen_across_the_labels_of_a_party_loses_neither_its_name_nor_its_id() -> None:
    crossed = {"名        称：": "名", "纳税人识别号：": "纳税人识"}
    form = tuple((x, y, crossed.get(text, text)) for x, y, text in ELECTRONIC)
    values = said(vat.extract(sheet(form), 0, Kind.UNKNOWN))
    assert (values[FieldName.BUYER_NAME], values[FieldName.BUYER_TAX_ID]) == (BUYER, BUYER_ID)

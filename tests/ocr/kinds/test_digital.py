"""Fully digital invoices (数电)."""

from __future__ import annotations

from ocr.kinds import digital
from ocr.types import FieldName, Kind
from tests.ocr.kinds.forms import BUYER, BUYER_ID, DIGITAL, PAPER, SELLER, SELLER_ID, without
from tests.ocr.sheets import said, sheet


def test_every_field_is_read_and_the_sides_give_the_roles() -> None:
    found = digital.extract(sheet(DIGITAL), 0, Kind.DIG_NORMAL)
    assert found.kind is Kind.DIG_SPECIAL
    assert said(found) == {
        FieldName.NUMBER: "24112000000048542163",
        FieldName.DATE: "2024-05-28",
        FieldName.BUYER_NAME: BUYER,
        FieldName.BUYER_TAX_ID: BUYER_ID,
        FieldName.SELLER_NAME: SELLER,
        FieldName.SELLER_TAX_ID: SELLER_ID,
        FieldName.NET: "4197.17",
        FieldName.TAX: "251.83",
        FieldName.TOTAL: "4449.00",
        FieldName.TOTAL_IN_WORDS: "4449.00",
        FieldName.REMARK: "销方开户银行:某某银行; 银行账号:12345;",
        FieldName.DRAWER: "赵四",
    }


def test_a_note_in_the_margin_is_no_part_of_a_name() -> None:
    found = digital.extract(sheet([*DIGITAL, (206.0, 37.5, "双")]), 0, Kind.DIG_NORMAL)
    assert said(found)[FieldName.SELLER_NAME] == SELLER


def test_exchanging_the_sides_exchanges_the_roles() -> None:
    mirrored = tuple(
        (x, y, {BUYER: "甲方有限公司", BUYER_ID: SELLER_ID, SELLER_ID: BUYER_ID}.get(text, text))
        for x, y, text in DIGITAL
    )
    values = said(digital.extract(sheet(mirrored), 0, Kind.DIG_NORMAL))
    assert values[FieldName.BUYER_NAME] == "甲方有限公司"
    assert values[FieldName.BUYER_TAX_ID] == SELLER_ID
    assert values[FieldName.SELLER_TAX_ID] == BUYER_ID


def test_a_name_that_wraps_is_one_name() -> None:
    wrapped = (
        *without(DIGITAL, f"名称：{SELLER}"),
        (111.5, 33.8, "名称："),
        (122.0, 33.8, "杭州小桥餐饮管理有限公司萧山"),
        (122.0, 38.5, "机场第二分公司"),
    )
    values = said(digital.extract(sheet(wrapped), 0, Kind.DIG_NORMAL))
    assert values[FieldName.SELLER_NAME] == "杭州小桥餐饮管理有限公司萧山机场第二分公司"
    assert values[FieldName.BUYER_NAME] == BUYER


def test_a_person_as_buyer_has_no_tax_id() -> None:
    form = tuple((x, y, "李明（个人）" if text == BUYER else text) for x, y, text in without(DIGITAL, BUYER_ID))
    values = said(digital.extract(sheet(form), 0, Kind.DIG_NORMAL))
    assert values[FieldName.BUYER_NAME] == "李明（个人）"
    assert FieldName.BUYER_TAX_ID not in values
    assert values[FieldName.SELLER_TAX_ID] == SELLER_ID


def test_passenger_transport_has_other_columns_and_its_mark() -> None:
    passenger = (
        *without(DIGITAL, "规格", "单位", "数量", "单价", "标准", "月", "1", "4197.1698113", "算服务"),
        (28.8, 14.0, "旅客运输服务"),
        (66.0, 53.0, "单价"),
        (95.0, 53.0, "数量"),
        (60.0, 56.5, "4197.1698113"),
        (99.0, 56.5, "1"),
        (16.0, 78.0, "出行人"),
        (45.0, 78.0, "有效身份证件号"),
        (16.0, 83.0, "李明"),
    )
    found = digital.extract(sheet(passenger), 0, Kind.DIG_NORMAL)
    assert said(found)[FieldName.MARK] == "旅客运输服务"
    (line,) = found.lines
    assert (line.price, line.quantity, line.amount, line.rate, line.tax) == (
        "4197.1698113",
        "1",
        "4197.17",
        "6%",
        "251.83",
    )


def test_a_wrapped_line_keeps_its_whole_name_and_specification() -> None:
    (line,) = digital.extract(sheet(DIGITAL), 0, Kind.DIG_NORMAL).lines
    assert line.name == "*信息技术服务*云计算服务"
    assert line.specification == "标准 A1"


def test_the_first_of_two_pages_states_no_total() -> None:
    page = (
        *without(DIGITAL, "合", "计", "¥", "价税", "（小写", "肆仟"),
        (20.0, 92.0, "小计"),
        (135.0, 92.0, "¥1000.00"),
    )
    values = said(digital.extract(sheet(page), 0, Kind.DIG_NORMAL))
    assert values[FieldName.NUMBER] == "24112000000048542163"
    assert not {FieldName.NET, FieldName.TAX, FieldName.TOTAL} & set(values)


def test_a_printed_twin_has_code_and_both_numbers() -> None:
    twin = (*PAPER, (125.0, 27.5, "发票号码：25112000000000000017"))
    found = digital.extract(sheet(twin), 0, Kind.DIG_PAPER_SPECIAL)
    numbers = {value.value for value in found.values if value.name is FieldName.NUMBER}
    assert {"25112000000000000017", "00472703"} <= numbers
    assert said(found)[FieldName.CODE] == "5100191160"

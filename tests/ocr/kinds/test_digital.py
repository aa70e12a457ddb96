"""Fully digital invoices (数电)."""

from __future__ import annotations

import pytest

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


def test_the_sum_of_one_page_is_no_sum_of_the_invoice_though_the_label_of_the_total_is_printed() -> None:
    page = (
        *without(DIGITAL, "合", "计", "¥", "（小写", "肆仟"),
        (18.0, 92.0, "小"),
        (33.0, 92.0, "计"),
        (135.0, 92.0, "¥1000.00"),
        (192.0, 92.0, "¥60.00"),
        (17.0, 98.0, "价税合计（大写）"),
        (143.0, 98.0, "（小写）"),
    )
    values = said(digital.extract(sheet(page), 0, Kind.DIG_NORMAL))
    assert not {FieldName.NET, FieldName.TAX, FieldName.TOTAL} & set(values)


@pytest.mark.parametrize("label", ["发票号码：", "数电票号码：", "数电发票号码:", "全电发票号码：", ""])
def test_a_printed_twin_has_code_and_both_numbers(label: str) -> None:
    twin = (*PAPER, (125.0, 35.5, f"{label}25112000000000000017"))
    found = digital.extract(sheet(twin), 0, Kind.DIG_PAPER_NORMAL)
    assert {value.value for value in found.values if value.name is FieldName.NUMBER} == {"25112000000000000017"}
    assert said(found)[FieldName.PRINTED_NUMBER] == "00472703"
    assert said(found)[FieldName.CODE] == "5100191160"
    assert found.kind is Kind.DIG_PAPER_SPECIAL  # the code says so where the title was not read


TRAVEL = (
    (14.0, 80.0, "出行人"), (40.0, 80.0, "有效身份证件号"), (74.0, 80.0, "出行日期"), (102.0, 80.0, "出发地"),
    (136.0, 80.0, "到达地"), (166.0, 80.0, "等级"), (185.0, 80.0, "交通工具类型"),
    (14.0, 85.0, "云朵"), (38.0, 85.0, "110101********001X"), (72.0, 85.0, "2025-03-01"), (102.0, 85.0, "云泉"),
    (136.0, 85.0, "小桥"), (164.0, 85.0, "二等座"), (188.0, 85.0, "铁路"),
)  # fmt: skip
CARGO = (
    (20.0, 80.0, "运输工具种类"), (54.0, 80.0, "运输工具牌号"), (96.0, 80.0, "起运地"), (138.0, 80.0, "到达地"),
    (175.0, 80.0, "运输货物名称"), (20.0, 85.0, "公路运输"), (56.0, 85.0, "京A00000"), (94.0, 85.0, "云泉市"),
    (136.0, 85.0, "小桥市"), (178.0, 85.0, "纸制品"),
)  # fmt: skip


def test_who_travels_where_is_read_from_the_further_table() -> None:
    seen = said(digital.extract(sheet((*without(DIGITAL, "*"), *TRAVEL)), 0, Kind.DIG_NORMAL))
    assert seen[FieldName.TRAVELLER] == "云朵 110101********001X"
    assert seen[FieldName.ROUTE] == "云泉-小桥"
    assert FieldName.VEHICLE not in seen


def test_what_carries_goods_where_is_read_from_the_further_table() -> None:
    seen = said(digital.extract(sheet((*without(DIGITAL, "*"), *CARGO)), 0, Kind.DIG_NORMAL))
    assert (seen[FieldName.VEHICLE], seen[FieldName.ROUTE]) == ("京A00000", "云泉市-小桥市")
    assert FieldName.TRAVELLER not in seen


def test_a_mark_that_takes_two_rows_is_one_mark() -> None:
    rows = ((29.0, 15.0, "不动产经营租赁"), (29.0, 20.0, "服务"))
    found = digital.extract(sheet((*without(DIGITAL, "建筑服务"), *rows)), 0, Kind.DIG_NORMAL)
    assert said(found)[FieldName.MARK] == "不动产经营租赁服务"


@pytest.mark.parametrize("label", ["被红冲蓝字数电票号码：", "被红冲蓝字数电发票号码：", "对应蓝字发票号码："])
def test_the_number_of_the_reversed_invoice_is_not_the_number_of_the_red_one(label: str) -> None:
    red = (*DIGITAL, (12.0, 108.0, f"{label}25112000000000000017 红字发票信息确认单编号：11010825091002615708"))
    found = digital.extract(sheet(red), 0, Kind.DIG_NORMAL)
    assert [value.value for value in found.values if value.name is FieldName.NUMBER] == ["24112000000048542163"]

"""The lines of an invoice from words under headers."""

from __future__ import annotations

from ocr.kinds.items import read_items
from ocr.types import LineItem
from tests.ocr.kinds.forms import ITEMS
from tests.ocr.sheets import At, sheet

HEADS = ITEMS[:8]
MEAL = LineItem("*餐饮服务*餐费", "", "次", "1", "510.68", "510.68", "3%", "15.32")
SUMS: tuple[At, ...] = ((20.0, 91.5, "合        计"), (148.0, 91.5, "¥510.68"), (192.0, 91.5, "¥15.32"))


def lower(by: float) -> tuple[At, ...]:
    """The line of the form, further down."""
    return tuple((x, y + by, text) for x, y, text in ITEMS[8:])


def test_the_sum_of_a_page_is_no_line_and_no_end() -> None:
    part: tuple[At, ...] = ((20.0, 62.0, "小        计"), (148.0, 62.0, "¥510.68"), (192.0, 62.0, "¥15.32"))
    assert read_items(sheet((*ITEMS, *part, *lower(9.0), *SUMS))) == (MEAL, MEAL)


def test_goods_whose_name_holds_the_word_for_a_sum_do_not_end_the_lines() -> None:
    renamed = tuple((x, y, "*仪表*组合计数器" if text.startswith("*") else text) for x, y, text in ITEMS)
    lines = read_items(sheet((*renamed, *lower(4.5), *SUMS)))
    assert [line.name for line in lines] == ["*仪表*组合计数器", "*餐饮服务*餐费"]


def test_the_headers_of_a_list_have_a_serial_number_that_is_no_name() -> None:
    heads = (
        (5.0, 53.0, "序号"),
        *((x, y, "货物(劳务)名称" if text.startswith("货物") else text) for x, y, text in HEADS),
    )
    row = ((7.0, 57.5, "12"), *((max(x, 13.0), y, text) for x, y, text in ITEMS[8:]))
    total: tuple[At, ...] = ((7.0, 91.5, "总计"), (148.0, 91.5, "¥510.68"))
    assert read_items(sheet((*heads, *row, *total))) == (MEAL,)


def test_days_of_a_journey_are_neither_quantity_nor_price() -> None:
    heads = (
        (18.0, 53.0, "项目名称"), (62.0, 53.0, "车牌号"), (85.0, 53.0, "类型"), (97.0, 53.0, "通行日期起"),
        (117.0, 53.0, "通行日期止"), *HEADS[5:],
    )  # fmt: skip
    row = (
        (5.0, 57.5, "*经营租赁*通行费"), (59.0, 57.5, "京NY5277"), (86.0, 57.5, "客车"), (98.0, 57.5, "20231001"),
        (118.0, 57.5, "20231002"), (151.0, 57.5, "63.65"), (167.0, 57.5, "3%"), (195.0, 57.5, "1.91"),
    )  # fmt: skip
    (line,) = read_items(sheet((*heads, *row, *SUMS)))
    assert (line.specification, line.unit, line.quantity, line.price) == ("京NY5277 客车 20231001-20231002", "", "", "")


def test_quantity_and_price_that_touch_are_parted_by_their_product() -> None:
    joined = tuple(
        (110.0, y, "32660.37") if text == "1" else (x, y, text)
        for x, y, text in ITEMS
        if not (text == "510.68" and x < 130)
    )
    money = tuple((x, y, "7981.11" if text == "510.68" else text) for x, y, text in joined)
    (line,) = read_items(sheet((*money, *SUMS)))
    assert (line.quantity, line.price, line.amount) == ("3", "2660.37", "7981.11")


def test_a_number_that_no_product_parts_stays_whole() -> None:
    joined = tuple(
        (110.0, y, "32660.37") if text == "1" else (x, y, text)
        for x, y, text in ITEMS
        if not (text == "510.68" and x < 130)
    )
    (line,) = read_items(sheet((*joined, *SUMS)))
    assert (line.quantity, line.price) == ("", "32660.37")


def test_print_beside_the_form_is_no_part_of_a_line() -> None:
    beside: tuple[At, ...] = ((-3.5, 57.5, "号"), (206.5, 57.5, "联"))
    assert read_items(sheet((*ITEMS, *beside, *SUMS))) == (MEAL,)


def test_a_rate_read_together_with_its_amount_is_parted_from_it() -> None:
    merged = tuple(
        (x, y, "510.68免税" if (text, x) == ("510.68", 151.0) else text) for x, y, text in ITEMS if text != "3%"
    )
    (line,) = read_items(sheet((*merged, *SUMS)))
    assert (line.amount, line.rate) == ("510.68", "免税")


def test_headers_read_in_their_older_form_are_headers() -> None:
    older = tuple((x, y, text.replace("税额", "稅額").replace("額", "额")) for x, y, text in ITEMS)
    assert read_items(sheet((*older, *SUMS))) == (MEAL,)


def test_a_line_that_refers_to_a_list_is_no_item() -> None:
    cited: tuple[At, ...] = ((5.0, 57.5, "（详见销货清单）"), (151.0, 57.5, "510.68"), (195.0, 57.5, "15.32"))
    assert read_items(sheet((*HEADS, *cited, *SUMS))) == ()


def test_a_share_among_the_specifications_is_no_rate() -> None:
    pure: tuple[At, ...] = ((59.0, 57.5, "99.9%"),)
    (line,) = read_items(sheet((*ITEMS, *pure, *SUMS)))
    assert (line.specification, line.rate) == ("99.9%", "3%")


DIGITAL_HEADS: tuple[At, ...] = (
    (15.5, 53.0, "项目名称"), (41.6, 53.0, "产权证书/不动产权证号"), (79.0, 53.0, "面积单位"), (99.0, 53.0, "数量"),
    (119.5, 53.0, "单价"), (143.0, 53.0, "金额"), (157.0, 53.0, "税率/征收率"), (194.0, 53.0, "税额"),
)  # fmt: skip
FIGURES: tuple[At, ...] = (
    (104.0, 57.5, "1"), (121.0, 57.5, "510.68"), (141.0, 57.5, "510.68"), (162.0, 57.5, "3%"), (195.0, 57.5, "15.32"),
)  # fmt: skip


def test_the_number_of_a_title_deed_is_no_part_of_the_name() -> None:
    row: tuple[At, ...] = ((5.0, 57.5, "*不动产*商品房"), (42.0, 57.5, "(2025)第9172102号"), (80.0, 57.5, "平方米"))
    (line,) = read_items(sheet((*DIGITAL_HEADS, *row, *FIGURES, *SUMS)))
    assert (line.name, line.specification, line.unit) == ("*不动产*商品房", "(2025)第9172102号", "平方米")


def test_a_name_read_together_with_its_specification_is_parted_at_the_column() -> None:
    row: tuple[At, ...] = ((5.0, 57.5, "*不动产*商品房屋以及LJ-2605D"), (5.0, 61.5, "车位"), (80.0, 57.5, "平方米"))
    (line,) = read_items(sheet((*DIGITAL_HEADS, *row, *FIGURES, *SUMS)))
    assert (line.name, line.specification, line.unit) == ("*不动产*商品房屋以及车位", "LJ-2605D", "平方米")


def test_a_name_read_together_with_its_specification_is_parted_at_the_rule() -> None:
    merged: tuple[At, ...] = ((34.0, 57.5, "*医疗器械*口罩平面型"), *ITEMS[9:])
    (line,) = read_items(sheet((*HEADS, *merged, *SUMS)))
    assert (line.name, line.specification) == ("*医疗器械*口罩", "平面型")


def test_a_line_whose_amount_was_not_read_is_a_line_all_the_same() -> None:
    second = tuple(at for at in lower(4.5) if at[:2] != (151.0, 62.0))
    lines = read_items(sheet((*ITEMS, *second, *SUMS)))
    assert [(line.amount, line.tax) for line in lines] == [("510.68", "15.32"), ("", "15.32")]


def test_a_star_lost_before_a_category_is_put_back_where_all_names_have_one() -> None:
    lost = tuple((x, y, text.removeprefix("*")) if text.startswith("*") else (x, y, text) for x, y, text in ITEMS)
    assert read_items(sheet((*lost, *lower(4.5), *SUMS))) == (MEAL, MEAL)
    plain = tuple((x, y, "电缆3*2.5") if text.startswith("*") else (x, y, text) for x, y, text in ITEMS)
    assert [line.name for line in read_items(sheet((*plain, *SUMS)))] == ["电缆3*2.5"]

"""The second reading of lines, from the rules of a PDF."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from fixtures.pdf import font_path
from ocr import tables
from ocr.read import read
from ocr.types import FieldName, FieldValue, Kind, Limits, LineItem, Receipt, Source

MM = 72 / 25.4
FONT = "form"
RULES = (4.5, 56.3, 82.3, 94.3, 114.3, 134.3, 164.3, 175.3, 205.5)  # domain.md §5.2
HEADS = ("货物或应税劳务、服务名称", "规格型号", "单位", "数 量", "单 价", "金 额", "税率", "税 额")
TOLL = ("项目名称", "车牌号", "类型", "通行日期起", "通行日期止", "金 额", "税率", "税 额")
DIGITAL = (
    (15.5, "项目名称"), (41.6, "规格型号"), (66.5, "单 位"), (92.5, "数 量"), (117.5, "单 价"), (143.0, "金 额"),
    (157.0, "税率/征收率"), (194.0, "税 额"),
)  # fmt: skip
Text = tuple[float, float, str]  # from the left and from the top in millimetres
BOOK = LineItem("*印刷品*城市地图", "平装", "册", "30", "41.2844037", "1238.53", "9%", "111.47")


def pdf(*pages: tuple[list[Text], list[float]]) -> bytes:
    """Pages of 210 × 140 mm, each its texts and the places of its vertical rules."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont(FONT, str(font_path())))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(210 * MM, 140 * MM))
    for texts, rules in pages:
        canvas.setFont(FONT, 3 * MM)
        for x, y, text in texts:
            canvas.drawString(x * MM, (140 - y) * MM, text)
        for x in rules:
            canvas.line(x * MM, (140 - 51.8) * MM, x * MM, (140 - 95.8) * MM)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def right(x: float, y: float, text: str) -> Text:
    """A figure that ends at `x`."""
    return (x - pdfmetrics.stringWidth(text, FONT, 3), y, text)


def row(y: float, item: LineItem, edges: tuple[float, ...] = RULES) -> list[Text]:
    """One line of the ruled form: words at the left, figures at the right of their columns."""
    return [
        (edges[0] + 0.5, y, item.name),
        (edges[1] + 0.5, y, item.specification),
        (edges[2] + 0.5, y, item.unit),
        right(edges[4] - 0.6, y, item.quantity),
        right(edges[5] - 0.6, y, item.price),
        right(edges[6] - 0.8, y, item.amount),
        (edges[6] + 1, y, item.rate),
        right(edges[8] - 0.8, y, item.tax),
    ]


def heads(names: tuple[str, ...] = HEADS) -> list[Text]:
    return [((a + b) / 2 - 1.5 * len(name), 55.5, name) for a, b, name in zip(RULES, RULES[1:], names, strict=False)]


def sums(net: str, tax: str) -> list[Text]:
    return [(19.5, 94.0, "合"), (40.5, 94.0, "计"), right(163.5, 94.0, f"¥{net}"), right(204.7, 94.0, f"¥{tax}")]


def receipt(kind: Kind, lines: tuple[LineItem, ...], net: str = "1238.53", tax: str = "111.47") -> Receipt:
    values = tuple(
        FieldValue(name, value, 1.0, Source.PDF_TEXT) for name, value in ((FieldName.NET, net), (FieldName.TAX, tax))
    )
    return Receipt(kind, (0,), None, values, lines)


def test_rules_part_the_words_that_touch() -> None:
    touching = [
        right(56.3, 60.0, "*经营租赁*通行费"), (56.4, 60.0, "京NY5277"), (83.0, 60.0, "客车"), (97.0, 60.0, "20231001"),
        (117.0, 60.0, "20231002"), right(163.5, 60.0, "63.65"), (166.0, 60.0, "3%"), right(204.7, 60.0, "1.91"),
    ]  # fmt: skip
    data = pdf((heads(TOLL) + touching + sums("63.65", "1.91"), list(RULES)))
    assert tables.read_lines(data, (0,)) == (
        LineItem("*经营租赁*通行费", "京NY5277 客车 20231001-20231002", "", "", "", "63.65", "3%", "1.91"),
    )


def test_a_figure_wider_than_its_column_stays_whole() -> None:
    wide = LineItem("*软件*许可", "", "套", "3", "5660.37735849056603", "16981.13", "6%", "1018.87")
    data = pdf((heads() + row(60.0, wide) + sums("16981.13", "1018.87"), list(RULES)))
    assert tables.read_lines(data, (0,)) == (wide,)


def test_a_wrapped_name_and_its_discount_are_two_lines() -> None:
    long = LineItem("*印刷品*城市地图第三版", "平装", "册", "30", "41.2844037", "1238.53", "9%", "111.47")
    off = LineItem("*印刷品*城市地图第三版", amount="-123.85", rate="9%", tax="-11.15")
    texts = heads()
    for y, item in ((60.0, long), (69.0, off)):
        first, rest = item.name[:8], item.name[8:]
        texts += [
            *row(y, LineItem(first, *[getattr(item, name) for name in LineItem.__slots__[1:]])),
            (5.0, y + 4.5, rest),
        ]
    data = pdf((texts + sums("1114.68", "100.32"), list(RULES)))
    assert tables.read_lines(data, (0,)) == (long, off)


def test_without_rules_the_headers_part_the_columns() -> None:
    texts = [
        *((x, 55.6, name) for x, name in DIGITAL), right(41.6, 60.0, "*建筑材料*标准型管接头"), (41.7, 60.0, "直通20"),
        (66.5, 60.0, "件"), right(102.5, 60.0, "30"), right(127.5, 60.0, "88.4955752212"), right(153.0, 60.0, "2654.87"),
        (163.0, 60.0, "13%"), right(205.0, 60.0, "345.13"), *sums("2654.87", "345.13"),
    ]  # fmt: skip
    data = pdf((texts, [4.5, 205.5]))
    assert tables.read_lines(data, (0,)) == (
        LineItem("*建筑材料*标准型管接头", "直通20", "件", "30", "88.4955752212", "2654.87", "13%", "345.13"),
    )


def test_lines_of_all_pages_come_without_the_sums_of_each() -> None:
    part = [(19.5, 80.0, "小"), (30.5, 80.0, "计"), right(163.5, 80.0, "¥1238.53"), right(204.7, 80.0, "¥111.47")]
    first = heads() + row(60.0, BOOK) + part
    second = heads() + row(60.0, BOOK) + part + sums("2477.06", "222.94")
    data = pdf((first, list(RULES)), (second, list(RULES)))
    assert tables.read_lines(data, (0, 1)) == (BOOK, BOOK)


def test_an_invoice_that_refers_to_a_list_has_no_lines_of_its_own() -> None:
    cited = [(5.0, 60.0, "（详见销货清单）"), right(163.5, 60.0, "1238.53"), right(204.7, 60.0, "111.47")]
    data = pdf((heads() + cited + sums("1238.53", "111.47"), list(RULES)))
    assert tables.read_lines(data, (0,)) == ()


def test_frames_drawn_within_each_cell_are_rules_too() -> None:
    edges = [edge for a, b in pairwise(RULES) for edge in (a + 1.2, b - 1.2)]
    data = pdf((heads() + row(60.0, BOOK) + sums("1238.53", "111.47"), edges))
    assert tables.read_lines(data, (0,)) == (BOOK,)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", pdf(([(10, 10, "一页没有表格的说明")], []))[:-400]])
def test_a_damaged_file_has_no_lines(data: bytes) -> None:
    assert tables.read_lines(data, (0,)) == ()


def test_a_page_without_headers_has_no_lines() -> None:
    assert tables.read_lines(pdf(([(10, 10, "一页没有表格的说明")], list(RULES))), (0,)) == ()


def test_a_page_of_vast_drawings_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pdf((heads() + row(60.0, BOOK), list(RULES)))
    assert tables.read_lines(data, (0,)) == (BOOK,)
    monkeypatch.setattr(tables, "MAX_CONTENT", 100)
    assert tables.read_lines(data, (0,)) == ()


def test_the_tables_are_taken_where_they_fit_the_sums_better() -> None:
    data = pdf((heads() + row(60.0, BOOK) + sums("1238.53", "111.47"), list(RULES)))
    short = LineItem(BOOK.name, amount="123.53", tax="111.47")
    for lines in ((), (short,)):
        assert tables.completed(receipt(Kind.VAT_E_NORMAL, lines), data).lines == (BOOK,)


def test_the_tables_are_taken_where_they_fill_more_cells() -> None:
    data = pdf((heads() + row(60.0, BOOK) + sums("1238.53", "111.47"), list(RULES)))
    run = LineItem("*印刷品*城市地图平装", "", "册", "30", "41.2844037", "1238.53", "9%", "111.47")
    assert tables.completed(receipt(Kind.VAT_E_NORMAL, (run,)), data).lines == (BOOK,)


def test_lines_that_fit_are_not_read_again() -> None:
    asked = receipt(Kind.VAT_E_NORMAL, (BOOK,))
    assert tables.completed(asked, b"no PDF") is asked


def test_tables_that_fit_no_better_are_not_taken() -> None:
    data = pdf((heads() + row(60.0, BOOK) + sums("1238.53", "111.47"), list(RULES)))
    asked = receipt(Kind.VAT_E_NORMAL, (BOOK,), net="9.00", tax="1.00")
    assert tables.completed(asked, data) is asked


def test_other_papers_have_no_table_of_items() -> None:
    asked = receipt(Kind.TAXI, ())
    assert tables.completed(asked, b"no PDF") is asked


def test_reading_a_file_asks_the_tables_where_a_cell_is_empty() -> None:
    touching = [
        right(56.3, 60.0, "*经营租赁*通行费"), (56.4, 60.0, "京NY5277"), (83.0, 60.0, "客车"), (97.0, 60.0, "20231001"),
        (117.0, 60.0, "20231002"), right(163.5, 60.0, "63.65"), (166.0, 60.0, "3%"), right(204.7, 60.0, "1.91"),
    ]  # fmt: skip
    head = [
        (68.0, 15.0, "河北增值税电子普通发票"), (148.0, 8.0, "发票代码：013002300112"), (148.0, 13.5, "发票号码：20481697"),
        (148.0, 19.0, "开票日期：2023年10月06日"), (14.0, 101.0, "价税合计（大写）"), (60.0, 101.0, "陆拾伍圆伍角陆分"),
        (152.0, 101.0, "（小写）¥65.56"),
    ]  # fmt: skip
    data = pdf((head + heads(TOLL) + touching + sums("63.65", "1.91"), list(RULES)))
    (found,) = read(data, "x.pdf", Limits()).receipts
    assert found.kind is Kind.VAT_E_TOLL
    assert [(line.name, line.specification) for line in found.lines] == [
        ("*经营租赁*通行费", "京NY5277 客车 20231001-20231002")
    ]

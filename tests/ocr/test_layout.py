"""Words on a sheet: lines, gaps, cells, and the lean of a photo."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.laying import lay
from ocr.layout import Hit, Sheet, around, joined, spaced
from ocr.types import Box, Source, Word
from tests.ocr.kinds.forms import ELECTRONIC
from tests.ocr.sheets import sheet, standing, word, words


def texts(laid: Sheet) -> list[str]:
    return [line.text for line in laid.lines]


def test_one_blank_is_a_gap_between_words_two_are_a_gap_between_columns() -> None:
    laid = sheet([(10.0, 10.0, "名称"), (19.0, 10.0, "云泉"), (80.0, 10.0, "金额")])
    assert texts(laid) == ["名称 云泉  金额"]


def test_numbers_whose_boxes_touch_stay_apart() -> None:
    assert texts(sheet([(10.0, 10.0, "12.50"), (19.8, 10.0, "13%")])) == ["12.50 13%"]


def test_lines_go_from_top_to_bottom_whatever_the_order_of_the_words() -> None:
    laid = sheet([(50.0, 30.0, "丁"), (10.0, 10.0, "甲"), (10.0, 30.0, "丙"), (50.0, 10.0, "乙")])
    assert texts(laid) == ["甲  乙", "丙  丁"]


def test_a_word_written_from_top_to_bottom_is_in_no_line() -> None:
    laid = lay([standing(5.0, 30.0, "购买方"), word(20.0, 35.0, "云泉")], 140 / 210)
    assert texts(laid) == ["云泉"]
    assert [run.text for run in laid.standing] == ["购买方"]


def test_a_found_piece_knows_its_place_in_its_word() -> None:
    laid = sheet([(10.0, 10.0, "发票号码：12345678")])
    hit = laid.first(r"码:(?P<v>\d{8})")
    assert hit is not None
    span = hit.span("v")
    assert span is not None
    assert span.text == "12345678"
    whole = word(10.0, 10.0, "发票号码：12345678").box
    assert whole.x0 < span.box.x0 < span.box.x1 == pytest.approx(whole.x1)
    assert span.box.x0 == pytest.approx((10 + 5 * 3.5) / 210, abs=0.01)


def test_a_label_may_be_broken_by_blanks() -> None:
    laid = sheet([(10.0, 10.0, "合"), (40.0, 10.0, "计"), (80.0, 10.0, "¥5.00")])
    assert laid.first(spaced("合计")) is not None


def test_what_stands_beside_a_label_ends_at_its_column_and_at_the_wall() -> None:
    laid = sheet([(10.0, 10.0, "名称："), (24.0, 10.0, "云泉公司"), (90.0, 10.0, "密")])
    hit = laid.first("名称")
    assert hit is not None
    beside = hit.beside(9.0)
    assert beside is not None
    assert beside.text == "云泉公司"
    walled = hit.beside(30 / 210)
    assert walled is not None
    assert walled.text == "云泉"


def test_a_cell_holds_what_has_its_centre_inside_line_by_line() -> None:
    laid = sheet([(20.0, 10.0, "上"), (20.0, 20.0, "下"), (100.0, 10.0, "外")])
    assert [span.text for span in laid.cell(0.05, 0.0, 0.3, 0.2)] == ["上", "下"]
    skipped = laid.cell(0.05, 0.0, 0.3, 0.2, skip=laid.lines[0])
    assert [span.text for span in skipped] == ["下"]


def test_wrapped_pieces_join_without_a_blank_between_chinese_characters() -> None:
    laid = sheet([(20.0, 10.0, "云泉"), (20.0, 20.0, "公司"), (20.0, 30.0, "Cloud"), (20.0, 40.0, "Spring")])
    spans = laid.cell(0.0, 0.0, 1.0, 1.0)
    assert joined(spans[:2]).text == "云泉公司"
    assert joined(spans[2:]).text == "Cloud Spring"


def test_a_match_of_nothing_is_no_label() -> None:
    laid = sheet([(10.0, 10.0, "甲"), (50.0, 10.0, "乙")])
    (hit,) = laid.find("甲")
    blank = Hit(hit.line, __import__("re").compile(r"  ").search(hit.line.text))
    with pytest.raises(ValueError, match="no label"):
        _ = blank.label


def test_an_empty_page_has_no_lines() -> None:
    laid = lay([], 0.7)
    assert texts(laid) == []
    assert (laid.x0, laid.x1) == (0.0, 1.0)
    assert laid.row > 0
    assert laid.text == ""


def leaning(source: list[Word], degrees: float, aspect: float) -> list[Word]:
    """The words as a recogniser gives them when the page leans: boxes along the axes around leaning words."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    turned = []
    for one in source:
        box = one.box
        corners = [(x, y * aspect) for x in (box.x0, box.x1) for y in (box.y0, box.y1)]
        moved = [
            (
                0.5 + (x - 0.5) * cosine - (y - aspect / 2) * sine,
                aspect / 2 + (x - 0.5) * sine + (y - aspect / 2) * cosine,
            )
            for x, y in corners
        ]
        xs, ys = [x for x, _ in moved], [y / aspect for _, y in moved]
        turned.append(replace(one, box=Box(min(xs), min(ys), max(xs), max(ys)), source=Source.OCR))
    return turned


@pytest.mark.parametrize("degrees", [-4.0, -1.5, 1.5, 4.0])
def test_a_page_that_leans_has_the_same_rows_as_a_level_one(degrees: float) -> None:
    level = words(ELECTRONIC, source=Source.OCR)
    rows = texts(lay(leaning(level, degrees, 140 / 210), 140 / 210))
    for together in (("纳税人识别号", "91110108690017781B"), ("小写", "526.00"), ("货物", "税额"), ("大写", "伍佰")):
        assert any(all(part in row for part in together) for row in rows), (together, rows)


@given(st.permutations(list(range(12))))
def test_the_sheet_does_not_depend_on_the_order_of_the_words(order: list[int]) -> None:
    source = words(ELECTRONIC[:12])
    assert texts(lay([source[at] for at in order], 0.66)) == texts(lay(source, 0.66))


def test_around_holds_every_box() -> None:
    assert around([Box(0.1, 0.2, 0.3, 0.4), Box(0.2, 0.1, 0.5, 0.3)]) == Box(0.1, 0.1, 0.5, 0.4)

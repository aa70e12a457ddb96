"""Several papers on one picture."""

from __future__ import annotations

from dataclasses import replace

from ocr import segment
from ocr.types import Box, Word
from tests.ocr.kinds.forms import DIGITAL, ELECTRONIC
from tests.ocr.kinds.test_slips import slip
from tests.ocr.sheets import At, word, words

SHEET = (420.0, 297.0)


def moved(texts: list[At] | tuple[At, ...], right: float, down: float) -> list[At]:
    return [(x + right, y + down, text) for x, y, text in texts]


def test_a_single_form_is_one_paper() -> None:
    assert segment.papers(words(ELECTRONIC), 140 / 210) == []
    assert segment.papers(words(DIGITAL), 140 / 210) == []


def test_six_slips_side_by_side_are_six() -> None:
    texts = [at for number in range(6) for at in moved(slip(number % 2), 65.0 * number, 5.0 * (number % 3))]
    parts = segment.papers(words(texts, SHEET), SHEET[1] / SHEET[0])
    assert len(parts) == 6
    keys = [[one.text for one in segment.inside(words(texts, SHEET), part) if "发票号码" in one.text] for part in parts]
    assert all(len(key) == 1 for key in keys)


def test_two_rows_of_slips_are_parted_both_ways() -> None:
    page = (200.0, 400.0)
    texts = [at for x in (0.0, 70.0) for y in (0.0, 190.0) for at in moved(slip(0), x, y)]
    assert len(segment.papers(words(texts, page), 2.0)) == 4


def test_two_forms_one_above_the_other_are_cut_above_the_lower_title() -> None:
    page = (210.0, 297.0)
    upper, lower = segment.papers(words([*ELECTRONIC, *moved(DIGITAL, 0, 148)], page), 297 / 210)
    assert 126 / 297 < upper.y1 < 160 / 297
    assert 138 / 297 < lower.y0 < 158 / 297


def test_a_red_invoice_that_cites_its_blue_one_is_one_paper() -> None:
    texts = [*ELECTRONIC, (128.0, 112.0, "对应正数发票代码:033002000211号码:83089600")]
    assert segment.papers(words(texts), 140 / 210) == []


def standing_words(count: int, confidence: float) -> list[Word]:
    return [
        Word("ABCDEF", Box(0.1 + 0.02 * at, 0.6, 0.112 + 0.02 * at, 0.8), confidence, word(0, 0, "x").source)
        for at in range(count)
    ]


def test_standing_lines_poorly_read_are_slips_on_their_side() -> None:
    (region,) = segment.on_their_side(standing_words(8, 0.6), 0.7)
    assert region.x0 < 0.1
    assert region.x1 > 0.25
    assert segment.on_their_side(standing_words(3, 0.6), 0.7) == []


def test_the_standing_labels_of_a_form_are_no_slip() -> None:
    labels = [replace(one, text="购买方") for one in standing_words(8, 1.0)]
    assert segment.on_their_side(labels, 0.7) == []


def test_slips_that_overlap_are_cut_between_their_labels() -> None:
    texts = [*moved(slip(0), 0, 0), *moved(slip(0), 60, 0), (20.0, 120.0, "一行横跨两张票据的印章文字覆盖其间")]
    assert len(segment.papers(words(texts, (130.0, 180.0)), 180 / 130)) == 2

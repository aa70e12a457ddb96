"""Reading pictures: an engine that gives recorded words stands in for the slow one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from ocr import second, sight
from ocr.rules import payload
from ocr.types import Box, CodeSighting, FieldName, FieldValue, Kind, Source, Word
from tests.ocr.kinds.forms import BUYER_ID, DIGITAL, ELECTRONIC, PAPER, SELLER_ID, without
from tests.ocr.kinds.test_slips import slip
from tests.ocr.sheets import words

PAGE = (210.0, 140.0)


@dataclass
class RecordedEngine:
    """Gives one recorded reading after another; the last one for ever."""

    readings: list[Sequence[Word]]
    shapes: list[tuple[int, ...]] = field(default_factory=list)

    def read(self, image: sight.Picture, known: Sequence[Word] = ()) -> list[Word]:  # noqa: ARG002  # recorded
        self.shapes.append(image.shape)
        return list(self.readings[min(len(self.shapes), len(self.readings)) - 1])


@dataclass
class RecordedDigits:
    """Answers each crop with the next recorded text."""

    answers: list[str]
    alphabets: list[str] = field(default_factory=list)

    def read_all_digits(self, crops: Sequence[sight.Picture], alphabet: str) -> list[str]:
        return [self._next(crop, alphabet) for crop in crops]

    def _next(self, crop: sight.Picture, alphabet: str) -> str:
        assert crop.size
        self.alphabets.append(alphabet)
        return self.answers[min(len(self.alphabets), len(self.answers)) - 1]


def blank(width: int = 1050, height: int = 700) -> sight.Picture:
    return np.full((height, width, 3), 255, np.uint8)


def eyes(*readings: Sequence[Word], turn: int = 0, digits: RecordedDigits | None = None) -> sight.Eyes:
    return sight.Eyes(RecordedEngine(list(readings)), lambda _picture: turn, digits)


def code(text: str) -> CodeSighting:
    parsed = payload.parse(text)
    assert parsed is not None
    return CodeSighting(text, payload.meaning(text), parsed.crc, 0, None, "zxing")


def seen(values: Sequence[FieldValue], name: FieldName) -> set[str]:
    return {value.value for value in values if value.name is name}


def test_a_whole_page_is_one_paper() -> None:
    found = sight.read_picture(blank(), 0, 0, (), eyes(words(DIGITAL, source=Source.OCR)))
    (paper,) = found.papers
    assert paper.kind is Kind.DIG_SPECIAL
    assert paper.region is None
    assert seen(paper.values, FieldName.NUMBER) == {"24112000000048542163"}


def test_a_page_of_nothing_gives_no_paper() -> None:
    assert sight.read_picture(blank(), 0, 0, (), eyes([])).papers == []
    letter = words([(20.0, 20.0, "会议纪要"), (20.0, 30.0, "出席人员")], source=Source.OCR)
    assert sight.read_picture(blank(), 0, 0, (), eyes(letter)).papers == []


def test_a_field_that_was_missed_is_sought_in_the_red_channel() -> None:
    whole = words(ELECTRONIC, source=Source.OCR)
    hidden = words(without(ELECTRONIC, SELLER_ID), source=Source.OCR)
    engine = RecordedEngine([hidden, whole])
    (paper,) = sight.read_picture(blank(), 0, 0, (), sight.Eyes(engine, lambda _picture: 0, None)).papers
    assert len(engine.shapes) == 2
    assert seen(paper.values, FieldName.SELLER_TAX_ID) == {SELLER_ID}


def test_a_doubtful_page_gets_the_closer_look_of_an_engine_that_has_one() -> None:
    first = RecordedEngine([words(without(ELECTRONIC, SELLER_ID), source=Source.OCR)])
    closer = RecordedEngine([words(ELECTRONIC, source=Source.OCR)])
    both = sight.Eyes(first, lambda _picture: 0, None, closer.read)
    (paper,) = sight.read_picture(blank(), 0, 0, (), both).papers
    assert (len(first.shapes), len(closer.shapes)) == (1, 1)
    assert seen(paper.values, FieldName.SELLER_TAX_ID) == {SELLER_ID}


def test_a_tax_that_was_missed_is_sought_where_net_and_total_differ() -> None:
    engine = RecordedEngine([words(without(DIGITAL, "¥251.83"), source=Source.OCR), words(DIGITAL, source=Source.OCR)])
    (paper,) = sight.read_picture(blank(), 0, 0, (), sight.Eyes(engine, lambda _picture: 0, None)).papers
    assert seen(paper.values, FieldName.TAX) == {"251.83"}


@pytest.mark.parametrize(
    ("first", "kind"),
    [("四川增 发票", Kind.VAT_SPECIAL_PAPER), ("四川增值税普通发票", Kind.VAT_NORMAL_PAPER)],
)
def test_a_title_that_was_only_read_at_the_second_look_gives_the_kind(first: str, kind: Kind) -> None:
    title = "四川增值税专用发票"
    poor = [(x, y, first if text == title else text) for x, y, text in PAPER if "5100" not in text]
    again = [(x, y, text) for x, y, text in PAPER if "5100" not in text]
    found = sight.read_picture(blank(), 0, 0, (), eyes(words(poor, source=Source.OCR), words(again, source=Source.OCR)))
    assert [paper.kind for paper in found.papers] == [kind]


def test_a_page_without_doubt_is_looked_at_once() -> None:
    engine = RecordedEngine([words(DIGITAL, source=Source.OCR)])
    sight.read_picture(blank(), 0, 0, (), sight.Eyes(engine, lambda _picture: 0, None))
    assert len(engine.shapes) == 1


def test_a_tax_id_that_fails_its_check_is_read_again_and_both_readings_stay() -> None:
    wrong = SELLER_ID[:-1] + ("1" if SELLER_ID[-1] != "1" else "2")
    misread = words([(x, y, wrong if text == SELLER_ID else text) for x, y, text in DIGITAL], source=Source.OCR)
    (paper,) = sight.read_picture(blank(), 0, 0, (), eyes(misread, words(DIGITAL, source=Source.OCR))).papers
    assert seen(paper.values, FieldName.SELLER_TAX_ID) == {wrong, SELLER_ID}


def test_a_tax_id_that_a_seal_has_shortened_to_the_form_of_an_old_one_is_read_again() -> None:
    cut = words([(x, y, SELLER_ID[:15] if text == SELLER_ID else text) for x, y, text in DIGITAL], source=Source.OCR)
    (paper,) = sight.read_picture(blank(), 0, 0, (), eyes(cut, words(DIGITAL, source=Source.OCR))).papers
    assert SELLER_ID in seen(paper.values, FieldName.SELLER_TAX_ID)


def test_several_slips_on_a_small_picture_are_read_from_the_same_words() -> None:
    page = (140.0, 180.0)
    texts = [at for right in (0.0, 70.0) for at in [(x + right, y, text) for x, y, text in slip(0)]]
    found = sight.read_picture(blank(700, 900), 0, 0, (), eyes(words(texts, page, Source.OCR)))
    assert [paper.kind for paper in found.papers] == [Kind.TAXI, Kind.TAXI]
    regions = [paper.region for paper in found.papers]
    assert all(region is not None for region in regions)
    for paper in found.papers:
        assert paper.region is not None
        assert seen(paper.values, FieldName.TOTAL) == {"39.50"}
        for value in paper.values:
            assert value.box is not None
            assert paper.region.x0 <= value.box.x0 <= value.box.x1 <= paper.region.x1 + 1e-9


def two_slips(*, unsure: bool) -> list[Word]:
    texts = [(x + right, y, text) for right in (0.0, 70.0) for x, y, text in slip(0)]
    read = words(texts, (140.0, 180.0), Source.OCR)
    return [replace(one, confidence=0.7) if unsure and one.text.startswith("¥39") else one for one in read]


def test_slips_are_cut_out_and_read_at_full_size() -> None:
    engine = RecordedEngine([two_slips(unsure=False), words(slip(1), (57, 180), Source.OCR)])
    found = sight.read_picture(blank(2800, 3600), 0, 0, (), sight.Eyes(engine, lambda _picture: 0, None))
    assert len(found.papers) == 2
    assert len(engine.shapes) == 3
    assert engine.shapes[1][1] < 2800


def test_a_glance_shows_that_there_are_several_papers() -> None:
    """The careful reading of a whole picture is for pictures of one paper."""
    engine, glancing = RecordedEngine([words(slip(1), (57, 180), Source.OCR)]), RecordedEngine([two_slips(unsure=True)])
    both = sight.Eyes(engine, lambda _picture: 0, None, glance=glancing.read)
    assert len(sight.read_picture(blank(2800, 3600), 0, 0, (), both).papers) == 2
    assert [shape == (3600, 2800, 3) for shape in engine.shapes] == [False, False]


def test_a_slip_is_read_again_where_its_values_stand_and_nowhere_else() -> None:
    wrong = [replace(word, text=word.text.replace("39.50", "39.90")) for word in words(slip(0), (57, 180), Source.OCR)]
    asked: list[str] = []

    def again(_picture: sight.Picture, these: Sequence[Word]) -> list[Word]:
        asked.extend(word.text for word in these)
        return [replace(word, text=word.text.replace("39.90", "39.50")) for word in these]

    engine = sight.Eyes(RecordedEngine([wrong]), lambda _picture: 0, None, again=again)
    (paper,) = sight.read_picture(blank(570, 1800), 0, 0, (), engine).papers
    assert seen(paper.values, FieldName.TOTAL) == {"39.50"}
    assert 0 < len(asked) < len(wrong)


def test_a_form_borne_out_by_its_sums_is_not_read_again() -> None:
    def refuse(_picture: sight.Picture, _words: Sequence[Word]) -> list[Word]:
        raise AssertionError

    engine = sight.Eyes(RecordedEngine([words(DIGITAL, source=Source.OCR)]), lambda _picture: 0, None, again=refuse)
    assert len(sight.read_picture(blank(), 0, 0, (), engine).papers) == 1


def test_a_value_of_a_slip_that_was_read_poorly_is_sought_in_the_red_channel() -> None:
    poor = [
        replace(word, confidence=0.6) if "39.50" in word.text else word
        for word in words(slip(0), (57, 180), Source.OCR)
    ]
    engine = RecordedEngine([poor, words(slip(0), (57, 180), Source.OCR)])
    sight.read_picture(blank(570, 1800), 0, 0, (), sight.Eyes(engine, lambda _picture: 0, None))
    assert len(engine.shapes) == 2


def test_lines_read_surely_are_known_at_the_second_look_unless_a_doubtful_value_stands_there() -> None:
    wrong = SELLER_ID[:-1] + ("1" if SELLER_ID[-1] != "1" else "2")
    misread = words([(x, y, wrong if text == SELLER_ID else text) for x, y, text in DIGITAL], source=Source.OCR)
    told: list[str] = []

    def closely(_picture: sight.Picture, known: Sequence[Word]) -> list[Word]:
        told.extend(word.text for word in known)
        return words(DIGITAL, source=Source.OCR)

    engine = sight.Eyes(RecordedEngine([misread]), lambda _picture: 0, None, closely)
    (paper,) = sight.read_picture(blank(), 0, 0, (), engine).papers
    assert seen(paper.values, FieldName.SELLER_TAX_ID) == {wrong, SELLER_ID}
    assert "24112000000048542163" in " ".join(told)
    assert wrong not in " ".join(told)


def test_no_second_look_is_taken_when_it_is_late() -> None:
    engine = RecordedEngine([two_slips(unsure=True)])
    eyes_then = sight.Eyes(engine, lambda _picture: 0, RecordedDigits(["1"]))
    found = sight.read_picture(blank(2800, 3600), 0, 0, (), eyes_then, late=lambda: True)
    assert len(found.papers) == 2
    assert len(engine.shapes) == 1


def test_a_slip_on_its_side_is_turned_and_its_boxes_lie_on_the_page() -> None:
    sideways = [Word("ABCDEF", Box(0.1 + 0.03 * at, 0.5, 0.115 + 0.03 * at, 0.9), 0.6, Source.OCR) for at in range(10)]
    found = sight.read_picture(
        blank(1000, 1000), 0, 0, (), eyes(sideways, words(slip(0), (57, 180), Source.OCR), turn=90)
    )
    (paper,) = found.papers
    assert paper.kind is Kind.TAXI
    region = paper.region
    assert region is not None
    for value in paper.values:
        assert value.box is not None
        assert region.x0 - 1e-9 <= value.box.x0 <= value.box.x1 <= region.x1 + 1e-9
        assert region.y0 - 1e-9 <= value.box.y0 <= value.box.y1 <= region.y1 + 1e-9


def test_standing_stains_that_are_no_paper_are_left_out() -> None:
    sideways = [Word("ABCDEF", Box(0.1 + 0.03 * at, 0.5, 0.115 + 0.03 * at, 0.9), 0.6, Source.OCR) for at in range(10)]
    assert sight.read_picture(blank(1000, 1000), 0, 0, (), eyes(sideways, [], turn=90)).papers == []


def test_what_a_code_states_is_not_read_a_second_time() -> None:
    digits = RecordedDigits(["91330106MA7GAL1299"])
    told = code("01,31,,24112000000048542163,4449.00,20240528,,B2B6")
    (paper,) = sight.read_picture(blank(), 0, 0, (told,), eyes(words(DIGITAL, source=Source.OCR), digits=digits)).papers
    again = [value for value in paper.values if value.source is Source.OCR_SECOND]
    assert {value.name for value in again} <= {FieldName.BUYER_TAX_ID, FieldName.SELLER_TAX_ID}
    assert seen(again, FieldName.SELLER_TAX_ID) == {SELLER_ID}


def test_the_second_reader_gives_whole_values_only() -> None:
    value = FieldValue(FieldName.BUYER_TAX_ID, BUYER_ID, 0.9, Source.OCR, 0, Box(0.1, 0.1, 0.4, 0.2))
    assert second.read_again([value], [], blank(), RecordedDigits([BUYER_ID[2:]])) == ()
    (again,) = second.read_again([value], [], blank(), RecordedDigits([BUYER_ID]))
    assert again.source is Source.OCR_SECOND
    assert again.box == value.box


def test_sums_that_agree_with_the_words_are_not_read_again() -> None:
    box = Box(0.1, 0.1, 0.2, 0.2)
    texts = {"net": "510.68", "tax": "15.32", "total": "526.00", "total_in_words": "526.00"}
    values = [FieldValue(FieldName(name), text, 0.9, Source.OCR, 0, box) for name, text in texts.items()]
    digits = RecordedDigits(["526.00"])
    assert second.read_again(values, [], blank(), digits) == ()
    wrong = [replace(value, value="10.00") if value.name is FieldName.TAX else value for value in values]
    assert len(second.read_again(wrong, [], blank(), digits)) == 3


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_turned_box_turned_back_is_where_it_was(degrees: int) -> None:
    box = Box(0.1, 0.2, 0.3, 0.6)
    there = sight.turned(box, degrees)
    back = sight.turned(there, (360 - degrees) % 360)
    assert (back.x0, back.y0, back.x1, back.y1) == pytest.approx((0.1, 0.2, 0.3, 0.6))


def test_two_forms_in_the_text_of_one_sheet_are_two_papers() -> None:
    page = (210.0, 297.0)
    texts = [*ELECTRONIC, *((x, y + 148, text) for x, y, text in DIGITAL)]
    first, last = sight.read_text(words(texts, page), 297 / 210, 0, ())
    assert seen(first.values, FieldName.NUMBER) == {"83089647"}
    assert seen(last.values, FieldName.NUMBER) == {"24112000000048542163"}
    assert seen(last.values, FieldName.BUYER_TAX_ID) == {BUYER_ID}

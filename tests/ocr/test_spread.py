"""Papers spread on one picture: which sheets are papers, and what becomes of those nobody can read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocr import spread
from ocr.gather import Draft
from ocr.outlines import Outline
from ocr.types import Box, CodeMeaning, CodeSighting, CrcState, FieldName, FieldValue, Kind, Source, Word

PAGE = np.zeros((400, 800, 3), np.uint8)
LEFT = Outline(np.array([[0, 0], [390, 0], [390, 400], [0, 400]], np.float32))
RIGHT = Outline(np.array([[400, 0], [790, 0], [790, 400], [400, 400]], np.float32))


def draft(kind: Kind, number: str = "", box: Box | None = None, text: str = "") -> Draft:
    values = [FieldValue(FieldName.NUMBER, number, 0.99, Source.OCR, 0, box)] if number else []
    return Draft(kind, [0], None, values, [], [], text)


def reader(*answers: list[Draft]) -> spread.Reader:
    """Answers one part after the other."""
    rest = list(answers)
    return lambda _part, _codes: rest.pop(0)


def level(_part: spread.Picture) -> int:
    return 0


def word(text: str, x: float, y: float) -> Word:
    return Word(text, Box(x, y, x + 0.05, y + 0.02), 0.99, Source.OCR)


def read(*answers: list[Draft], outlines: Sequence[Outline] = (LEFT, RIGHT), words: Sequence[Word] = ()) -> list[Draft]:
    return spread.read(PAGE, outlines, words, 0, (), reader(*answers), level)


def test_two_sheets_that_say_what_they_are_are_two_papers_with_their_places() -> None:
    found = read([draft(Kind.TAXI, "11111111", Box(0.5, 0.5, 0.5, 0.5))], [draft(Kind.TRAIN_PAPER, "A222222")])
    assert [paper.kind for paper in found] == [Kind.TAXI, Kind.TRAIN_PAPER]
    regions = [paper.region for paper in found]
    assert regions == [Box(0.0, 0.0, 0.4875, 1.0), Box(0.5, 0.0, 0.9875, 1.0)]
    place = found[0].values[0].box
    assert place is not None
    assert abs(place.x0 - 0.24375) < 0.01


def test_the_halves_of_one_form_are_not_two_papers() -> None:
    whole = [draft(Kind.VAT_SPECIAL_PAPER, "11111111")]
    assert read(whole, [draft(Kind.VAT_SPECIAL_PAPER)]) == []
    assert read(whole, []) == []


def test_two_readings_of_one_number_are_one_paper() -> None:
    assert read([draft(Kind.TAXI, "11111111")], [draft(Kind.TAXI, "11111111")]) == []


def seen_alone(beside: list[Draft]) -> list[Draft] | None:
    """What is found on two sheets, the left one a form; None when the sheets were not read."""

    def never(_part: spread.Picture, _codes: Sequence[CodeSighting]) -> list[Draft]:
        raise InterruptedError

    form = draft(Kind.VAT_SPECIAL_PAPER, "11111111", Box(0.1, 0.1, 0.2, 0.2))
    try:
        return spread.read(PAGE, (LEFT, RIGHT), (), 0, (), never, level, form, lambda _part, _codes: beside)
    except InterruptedError:
        return None


def test_a_form_beside_which_a_glance_shows_no_other_paper_is_not_read_in_parts() -> None:
    assert seen_alone([]) == []
    assert seen_alone([draft(Kind.VAT_SPECIAL_PAPER, "11111111")]) == []
    assert seen_alone([draft(Kind.TAXI, "22222222")]) is None


def test_slips_that_are_no_invoices_do_not_make_several() -> None:
    assert read([draft(Kind.OTHER)], [draft(Kind.OTHER)]) == []
    assert len(read([draft(Kind.OTHER)], [draft(Kind.TAXI, "11111111")])) == 2


def test_frames_of_a_form_whose_title_stands_outside_are_no_sheets() -> None:
    faint = [Outline(one.corners, faint=True) for one in (LEFT, RIGHT)]
    outside = [word("电子发票（普通发票）", 0.492, 0.5), word("发票号码：24112000000048542163", 0.47, 0.5)]
    parts = [draft(Kind.TAXI, "11111111")], [draft(Kind.TAXI, "22222222")]
    assert read(*parts, outlines=faint, words=[replaced(one) for one in outside]) == []


def replaced(one: Word) -> Word:
    """The word between the two sheets."""
    return Word(one.text, Box(0.49, 0.5, 0.498, 0.52), one.confidence, one.source)


def test_a_printed_sheet_that_nobody_can_read_goes_to_a_person() -> None:
    third = Outline(np.array([[200, 100], [300, 100], [300, 300], [200, 300]], np.float32))
    narrow = Outline(np.array([[0, 0], [150, 0], [150, 400], [0, 400]], np.float32))
    words = [word("发票代码", 0.3, 0.5), word("144031901234", 0.3, 0.6)]
    answers: tuple[list[Draft], ...] = [draft(Kind.TAXI, "11111111")], [], [draft(Kind.TAXI, "22222222")]
    found = read(*answers, outlines=(narrow, third, RIGHT), words=words)
    assert [paper.kind for paper in found] == [Kind.TAXI, Kind.TAXI, Kind.UNKNOWN]
    assert found[2].region == Box(0.25, 0.25, 0.375, 0.75)


def test_a_thing_without_print_is_no_paper() -> None:
    third = Outline(np.array([[200, 100], [300, 100], [300, 300], [200, 300]], np.float32))
    narrow = Outline(np.array([[0, 0], [150, 0], [150, 400], [0, 400]], np.float32))
    answers: tuple[list[Draft], ...] = [draft(Kind.TAXI, "11111111")], [], [draft(Kind.TAXI, "22222222")]
    assert len(read(*answers, outlines=(narrow, third, RIGHT))) == 2


def test_labels_that_lie_on_no_sheet_are_not_forgotten() -> None:
    narrow = Outline(np.array([[0, 0], [150, 0], [150, 400], [0, 400]], np.float32))
    words = [word("发票号码 38078573", 0.3, 0.5), word("金额：¥51.00元", 0.3, 0.6), word("日期", 0.3, 0.7)]
    found = read([draft(Kind.TAXI, "11111111")], [draft(Kind.TAXI, "22222222")], outlines=(narrow, RIGHT), words=words)
    assert [paper.kind for paper in found] == [Kind.TAXI, Kind.TAXI, Kind.UNKNOWN]
    assert found[2].region is not None
    assert 0.25 < found[2].region.x0 < 0.31


def test_a_sheet_under_others_is_read_last_and_without_them() -> None:
    page = np.full((400, 800, 3), 90, np.uint8)
    around = Outline(np.array([[100, 50], [700, 50], [700, 350], [100, 350]], np.float32), whole=False)
    small = [
        Outline(np.array([[x, 150], [x + 100, 150], [x + 100, 250], [x, 250]], np.float32)) for x in (150.0, 550.0)
    ]
    shades: list[int] = []
    numbers = iter(["11111111", "22222222", "33333333"])

    def note(part: spread.Picture, _codes: Sequence[CodeSighting]) -> list[Draft]:
        shades.append(int(part.max()))
        return [draft(Kind.TAXI, next(numbers))]

    found = spread.read(page, (around, *small), (), 0, (), note, level)
    assert len(found) == 3
    assert shades[:2] == [90, 90]
    assert shades[2] > 200


def test_a_sheet_that_bears_the_number_of_yet_another_invoice_goes_to_a_person_as_well() -> None:
    def parts() -> tuple[list[Draft], ...]:
        return [draft(Kind.TAXI, "11111111")], [draft(Kind.TAXI, "22222222")]

    claimed = [word("发票号码 11111117", 0.2, 0.2), word("发票号码22222222", 0.7, 0.2)]
    assert len(read(*parts(), words=claimed)) == 2
    found = read(*parts(), words=[*claimed, word("发票号码 38078573", 0.3, 0.2)])
    assert [paper.kind for paper in found] == [Kind.TAXI, Kind.TAXI, Kind.UNKNOWN]
    assert found[2].region == found[0].region


def test_a_code_goes_with_the_sheet_it_lies_on() -> None:
    code = CodeSighting("x", CodeMeaning.OTHER, CrcState.NONE, 0, Box(0.7, 0.4, 0.8, 0.6), "zxing")
    given: list[list[CodeSighting]] = []

    def note(_part: spread.Picture, codes: Sequence[CodeSighting]) -> list[Draft]:
        given.append(list(codes))
        return []

    spread.read(PAGE, (LEFT, RIGHT), (), 0, (code,), note, level)
    assert [len(codes) for codes in given] == [0, 1]
    place = given[1][0].box
    assert place is not None
    assert 0.4 < (place.x0 + place.x1) / 2 < 0.7


def test_the_frames_of_a_form_are_one_paper_however_many_they_are() -> None:
    faint = [Outline(one.corners, faint=True) for one in (LEFT, RIGHT)]
    form = draft(Kind.VAT_SPECIAL_PAPER, "11111111", Box(0.1, 0.1, 0.9, 0.9))
    parts = reader([draft(Kind.TAXI, "11111111")], [draft(Kind.TAXI, "22222222")])
    assert spread.read(PAGE, faint, (), 0, (), parts, level, form) == []


def test_a_slip_glued_beside_a_form_is_a_paper_of_its_own() -> None:
    faint = [Outline(one.corners, faint=True) for one in (LEFT, RIGHT)]
    form = draft(Kind.VAT_SPECIAL_PAPER, "11111111", Box(0.05, 0.1, 0.45, 0.9))
    parts = reader([draft(Kind.VAT_SPECIAL_PAPER, "11111111")], [draft(Kind.TRAIN_PAPER, "A222222")])
    words = [word("发票号码", 0.2, 0.2), word("限乘当日当次车", 0.7, 0.2)]
    found = spread.read(PAGE, faint, words, 0, (), parts, level, form)
    assert [paper.kind for paper in found] == [Kind.VAT_SPECIAL_PAPER, Kind.TRAIN_PAPER]


def test_a_piece_of_a_sheet_is_no_paper_beside_it() -> None:
    part = Outline(np.array([[20, 20], [360, 20], [360, 200], [20, 200]], np.float32))
    whole = draft(Kind.VAT_NORMAL_PAPER, "11111111")
    whole.values.append(FieldValue(FieldName.TOTAL, "1500.00", 0.99, Source.OCR, 0, None))
    assert read([whole], [draft(Kind.VAT_NORMAL_PAPER, "22222222")], outlines=(LEFT, part)) == []
    found = read([draft(Kind.TAXI, "22222222")], [whole], [draft(Kind.TAXI, "33333333")], outlines=(part, LEFT, RIGHT))
    assert [paper.said(FieldName.NUMBER) for paper in found] == [{"11111111"}, {"33333333"}]

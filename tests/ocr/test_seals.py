"""A name under a seal is read again without it."""

from __future__ import annotations

import numpy as np
import pytest

from fixtures import pdf
from fixtures.sheet import Sheet, Text
from fixtures.stamps import round_seal
from ocr import seals
from ocr.load import load
from ocr.types import Box, FieldName, FieldValue, Kind, Limits, Source, Word

BOX = Box(0.2, 0.4, 0.5, 0.5)
NAME = "云杉公路局收费"


def page(*, sealed: bool) -> seals.Picture:
    """A white page, a red stroke across the name when it is sealed."""
    picture = np.full((200, 400, 3), 250, np.uint8)
    if sealed:
        picture[70:110, 150:160] = (222, 24, 24)
    return picture


def value(text: str, confidence: float = 0.95) -> FieldValue:
    return FieldValue(FieldName.SELLER_NAME, text, confidence, Source.OCR, 0, BOX, text)


def read(text: str, confidence: float) -> seals.Read:
    return lambda _part: [Word(text, Box(0.05, 0.3, 0.9, 0.7), confidence, Source.OCR)]


@pytest.mark.parametrize(
    ("again", "confidence", "expected"),
    [
        ("云杉公路局收费站", 0.9, "云杉公路局收费站"),  # goes on where the ring had parted it
        (":云杉公路局收费站", 0.9, "云杉公路局收费站"),
        ("云杉公路局收赞", 0.9, NAME),  # another reading that is less sure
        ("云松公路局收费", 0.99, "云松公路局收费"),
        ("云杉公路", 0.99, NAME),
        ("海棠出租汽车公司", 0.99, NAME),
        ("", 0.99, NAME),
    ],
)
def test_a_better_reading_without_the_seal_takes_the_place_of_the_first(
    again: str, confidence: float, expected: str
) -> None:
    found = seals.without_seal(Kind.FISCAL, [value(NAME)], (), page(sealed=True), read(again, confidence))
    assert [one.value for one in found] == [expected]


def test_a_name_without_a_seal_is_not_read_twice() -> None:
    def never(_part: seals.Picture) -> list[Word]:
        raise AssertionError("nothing to read")

    values = [value(NAME)]
    assert seals.without_seal(Kind.FISCAL, values, (), page(sealed=False), never) == values
    assert seals.without_seal(Kind.TAXI, values, (), page(sealed=True), never) == values
    assert seals.without_seal(Kind.FISCAL, [], (), page(sealed=True), never) == []


def test_the_look_ends_at_the_next_label() -> None:
    widths: list[int] = []

    def wide(part: seals.Picture) -> list[Word]:
        widths.append(part.shape[1])
        return []

    label = Word("复核人：", Box(0.7, 0.4, 0.8, 0.5), 0.99, Source.OCR)
    for words in ((), (label,)):
        seals.without_seal(Kind.FISCAL, [value(NAME)], words, page(sealed=True), wide)
    assert widths[0] > widths[1]


def test_letters_along_the_rim_of_a_seal_are_no_text_of_the_page() -> None:
    name = "湖北省云杉口腔医院"
    sheet = Sheet(210, 127, form=[Text(38, 113.4, name, 3.2)], stamps=round_seal(52, 108, name, "医疗收费专用章"))
    document = load(pdf.write([sheet]), "bill.pdf", Limits())
    texts = [word.text for word in document.pages[0].words]
    assert name in texts
    assert "医疗收费专用章" in texts

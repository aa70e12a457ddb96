"""A name that was not read surely is read in several lights."""

from __future__ import annotations

import numpy as np
import pytest

from ocr import names
from ocr.types import Box, FieldName, FieldValue, Source

PAGE = np.zeros((10, 10, 3), np.uint8)
BOX = Box(0.2, 0.4, 0.5, 0.5)


def value(text: str, confidence: float = 0.95, name: FieldName = FieldName.BUYER_NAME) -> FieldValue:
    return FieldValue(name, text, confidence, Source.OCR, 0, BOX, text)


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        ((("云衫科技有限公司", 0.95), ("云杉科技有限公司", 0.94), ("云杉科技有限公司", 0.93)), "云杉科技有限公司"),
        ((("云衫科技有限公司", 0.95), ("云彬科技有限公司", 0.94)), "云衫科技有限公司"),  # no two agree: the first
        ((("云杉科技限公司", 0.95), ("云杉科技有限公司", 0.9), ("云杉科技有限公司", 0.9)), "云杉科技有限公司"),
        ((("云衫科技有限公可", 0.9), ("云杉科技有限公司", 0.9), ("云杉料技有限公司", 0.9)), "云杉科技有限公司"),
        ((("云杉科技有限公司", 0.95),), "云杉科技有限公司"),
    ],
)
def test_each_place_votes_among_the_readings_of_the_commonest_length(
    readings: tuple[tuple[str, float], ...], expected: str
) -> None:
    assert names.voted(readings)[0] == expected


def test_the_label_and_what_is_another_name_take_no_part() -> None:
    lines = [("名 称：云杉科技有限公司", 0.97), ("称：云杉科技有限公司", 0.9), ("海棠出租汽车股份有限公司", 0.99)]
    (found,) = names.read_again([value("云衫科技有限公司")], PAGE, lambda _page, _box: lines)
    assert (found.value, found.confidence, found.raw) == ("云杉科技有限公司", 0.97, "云衫科技有限公司")


def test_what_was_read_surely_and_what_is_no_name_is_left() -> None:
    def never(_page: names.Picture, _box: Box) -> list[tuple[str, float]]:
        raise AssertionError("nothing to read")

    values = [
        value("云杉科技有限公司", 0.99),
        value("云小杉", 0.9),
        value("12345678", 0.5, FieldName.NUMBER),
        FieldValue(FieldName.SELLER_NAME, "云杉科技有限公司", 0.5, Source.PDF_TEXT, 0, BOX),
    ]
    assert names.read_again(values, PAGE, never) == values

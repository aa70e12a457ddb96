"""The second, unlike reader: Tesseract looks again at the crops of the values that matter most.

PP-OCR and Tesseract err differently, so that equal answers are evidence; a confidence number alone is not. Only
fields made of digits and letters are read twice, and only where nothing better has proved them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ocr.normalise import normalise
from ocr.types import MONEY, STRUCTURED, Box, FieldName, FieldValue, Source

DIGITS: Final = "0123456789"
ALPHABETS: Final[dict[FieldName, str]] = {
    FieldName.CODE: DIGITS,
    FieldName.NUMBER: DIGITS,
    FieldName.CHECK_CODE: DIGITS,
    FieldName.BUYER_TAX_ID: "0123456789ABCDEFGHJKLMNPQRTUWXY",
    FieldName.SELLER_TAX_ID: "0123456789ABCDEFGHJKLMNPQRTUWXY",
    FieldName.NET: "0123456789.-",
    FieldName.TAX: "0123456789.-",
    FieldName.TOTAL: "0123456789.-",
}
TRUST: Final = 0.7
_MOST: Final = 12  # crops of one paper


class DigitReader(Protocol):
    """What this module needs of an engine."""

    def read_all_digits(self, crops: Sequence[NDArray[np.uint8]], alphabet: str) -> list[str]:
        """One line of characters from `alphabet` for each crop."""
        ...


def read_again(
    values: Sequence[FieldValue],
    proven: Iterable[FieldValue],
    picture: NDArray[np.uint8],
    reader: DigitReader,
) -> tuple[FieldValue, ...]:
    """Second sightings of the recognised `values`. `picture` is the upright page they were read on, RGB.

    A value that `proven` (data of the issuer, a code) states as well is not read again, nor are sums that agree
    with each other and with the words.
    """
    known = {(value.name, value.value) for value in proven if value.source in STRUCTURED or value.source is Source.QR}
    settled = _settled(values)
    wanted = [
        (value, value.box)
        for value in values
        if value.source is Source.OCR
        and value.box is not None
        and value.name in ALPHABETS
        and value.name not in settled
        and (value.name, value.value) not in known
    ][:_MOST]
    said = _said([(box, ALPHABETS[value.name]) for value, box in wanted], picture, reader)
    found: list[FieldValue] = []
    for value, box in wanted:
        text = said[box, ALPHABETS[value.name]]
        again = normalise(value.name, text) if text else None
        # a crop that cuts into a value gives fewer characters: that is no reading of this value
        if again and (value.name in MONEY or len(again) == len(value.value)):
            found.append(FieldValue(value.name, again, TRUST, Source.OCR_SECOND, value.page, value.box, text))
    return tuple(found)


def _said(
    places: Sequence[tuple[Box, str]], picture: NDArray[np.uint8], reader: DigitReader
) -> dict[tuple[Box, str], str]:
    """What stands in each box, each read once, those of one alphabet together."""
    by_alphabet: dict[str, list[Box]] = {}
    for box, alphabet in dict.fromkeys(places):
        by_alphabet.setdefault(alphabet, []).append(box)
    return {
        (box, alphabet): text
        for alphabet, boxes in by_alphabet.items()
        for box, text in zip(
            boxes, reader.read_all_digits([_crop(picture, box) for box in boxes], alphabet), strict=True
        )
    }


def _settled(values: Sequence[FieldValue]) -> frozenset[FieldName]:
    """The sums, when net + tax = total and the words say the same."""
    said = {value.name: value.value for value in reversed(values)}
    net, tax, total = (said.get(name) for name in (FieldName.NET, FieldName.TAX, FieldName.TOTAL))
    if net is None or total is None or total != said.get(FieldName.TOTAL_IN_WORDS):
        return frozenset()
    cents = [round(float(text) * 100) for text in (net, tax or "0", total)]
    return (
        frozenset({FieldName.NET, FieldName.TAX, FieldName.TOTAL}) if cents[0] + cents[1] == cents[2] else frozenset()
    )


def _crop(picture: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """The box with a little room around it, cut from the picture."""
    height, width = picture.shape[:2]
    room = 0.12 * (box.y1 - box.y0) * height
    top, bottom = max(0, round(box.y0 * height - room)), min(height, round(box.y1 * height + room))
    left, right = max(0, round(box.x0 * width - room)), min(width, round(box.x1 * width + room))
    return picture[top:bottom, left:right]

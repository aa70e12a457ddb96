"""Words set by hand: papers as lists of texts with their places in millimetres."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from ocr.kinds.found import Found
from ocr.laying import lay
from ocr.layout import Sheet
from ocr.types import Box, FieldName, Source, Word

At: TypeAlias = tuple[float, float, str]
"""From the left, from the top, both in millimetres; the text."""

LETTER = 3.5  # height of a letter in millimetres
NARROW = 0.56  # width of a digit by its height


def word(
    x: float, y: float, text: str, *, page: tuple[float, float] = (210, 140), source: Source = Source.PDF_TEXT
) -> Word:
    """A level word; a character is as wide as high, a digit about half as wide."""
    width = sum(LETTER if ord(char) > 0x2E7F else LETTER * NARROW for char in text)
    box = Box(x / page[0], y / page[1], min(1.0, (x + width) / page[0]), (y + LETTER) / page[1])
    return Word(text, box, 1.0 if source is Source.PDF_TEXT else 0.98, source)


def words(texts: Iterable[At], page: tuple[float, float] = (210, 140), source: Source = Source.PDF_TEXT) -> list[Word]:
    """A page of words."""
    return [word(x, y, text, page=page, source=source) for x, y, text in texts]


def sheet(texts: Iterable[At], page: tuple[float, float] = (210, 140)) -> Sheet:
    """A page of words, laid."""
    return lay(words(texts, page), page[1] / page[0])


def standing(x: float, y: float, text: str, page: tuple[float, float] = (210, 140)) -> Word:
    """A word written from top to bottom, as a recogniser gives it."""
    box = Box(x / page[0], y / page[1], (x + LETTER) / page[0], (y + LETTER * len(text)) / page[1])
    return Word(text, box, 1.0, Source.OCR)


def said(found: Found) -> dict[FieldName, str]:
    """The first value seen of each field."""
    return {value.name: value.value for value in reversed(found.values)}

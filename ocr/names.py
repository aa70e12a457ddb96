"""Names of the parties that were not read surely: read in several lights, each character taken as most readings have it.

A recogniser that errs in a rare character errs differently when the light or the room around the line differs; what
it reads alike is there. Nothing is made up: each character of the result was read, and the places vote among readings
of equal length only.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ocr.normalise import normalise
from ocr.types import Box, FieldName, FieldValue, Source

_NAMES: Final = (FieldName.BUYER_NAME, FieldName.SELLER_NAME)
_KNOWN: Final = 0.985  # mean confidence of a name of a dozen characters none of which is in doubt
_FEWEST: Final = 4  # characters of a firm's name
_LIKE: Final = 0.6  # how much of two readings must agree to be one name
_LABEL: Final = re.compile(r"^.{0,8}?(?:[:：]|称(?=.{4}))\s*")

Picture = NDArray[np.uint8]
Lights = Callable[[Picture, Box], Sequence[tuple[str, float]]]


def read_again(values: Sequence[FieldValue], picture: Picture, lights: Lights) -> list[FieldValue]:
    """The values, the names that were not read surely as most readings have them. `lights` gives several readings of
    the line on which a place of the picture lies, each with its mean confidence.
    """
    again = list(values)
    for at, value in enumerate(values):
        if value.name not in _NAMES or value.source is not Source.OCR or value.box is None:
            continue
        if value.confidence >= _KNOWN or len(value.value) < _FEWEST:
            continue
        readings = [(value.value, value.confidence), *_names(value, lights(picture, value.box))]
        text, sure = voted(readings)
        again[at] = replace(value, value=text, confidence=round(sure, 4))
    return again


def _names(old: FieldValue, lines: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    """The readings of a name in what was read of its line."""
    names: list[tuple[str, float]] = []
    for said, sure in lines:
        for text in dict.fromkeys((said, _LABEL.sub("", said))):
            name = normalise(old.name, text) or ""
            if SequenceMatcher(None, name, old.value).ratio() >= _LIKE and abs(len(name) - len(old.value)) <= 1:
                names.append((name, sure))
                break
    return names


def voted(readings: Sequence[tuple[str, float]]) -> tuple[str, float]:
    """What most of some readings say, and how surely the best of those that say it was read. Among the readings of the
    length most often read each place votes; the first reading goes before its equals. `readings` must not be empty.
    """
    lengths: dict[int, float] = defaultdict(float)
    for text, sure in readings:
        lengths[len(text)] += sure
    length = max(lengths, key=lambda one: lengths[one])
    heard = [(text, sure) for text, sure in readings if len(text) == length]
    said = ""
    for place in range(length):
        votes: dict[str, float] = defaultdict(float)
        for text, sure in heard:
            votes[text[place]] += sure
        said += max(votes, key=lambda one: votes[one])
    alike = [sure for text, sure in heard if text == said]
    return said, max(alike, default=min(sure for _, sure in heard))

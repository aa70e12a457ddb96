"""The tax id of a seller that its own seal covers: the seal says it as well (domain.md §5.5).

A seal 发票专用章 bears the name of the firm on its arc and the tax id in the row below. Where its ring hides the end of
the line, that row is a second sighting of the same id; the check digits and what could be read of the line tell
whether it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import chain
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.redlight import is_red
from ocr.rules.taxid import check_ok, org_ok, uscc_ok
from ocr.types import Box, FieldValue, Source, Word

_COMPANY: Final = 18  # characters of a company's tax id
_COMMON: Final = 12  # of them that two pieces must share
_ALMOST: Final = 0.8  # of a tax id and what was read of it at first
_LONG_RUN: Final = re.compile(r"[0-9A-Z]{13,18}")
_LONG: Final = 8.0  # times as long as high is a tax id
_REACH: Final = 9.0  # heights of a line from the tax id that a seal covers to the far rim of the seal
_NEAR: Final = 3.5  # heights of that line from it to the row of the seal's tax id
_RED: Final = 0.004  # share of the pixels there that are red when a seal lies on it

Picture = NDArray[np.uint8]
Read = Callable[[Picture], Sequence[Word]]


def read(old: FieldValue, words: Sequence[Word], picture: Picture, reader: Read) -> list[FieldValue]:
    """The tax id as the seller's seal says it, in the row below its arc, where it is that which was read of the line;
    only one whose check digits fit. The seal is read by itself where its text was not among the words.
    """
    if not old.value or old.box is None:
        return []
    for word in chain(words, _on_seal(old.box, picture, reader)):
        for seen in _LONG_RUN.findall(re.sub(r"[\s.]", "", word.text).upper()):
            text = seen if len(seen) == _COMPANY else _put_together(old.value, seen)
            if stands(text) and SequenceMatcher(None, text, old.value).ratio() >= _ALMOST:
                return [FieldValue(old.name, text, word.confidence, Source.OCR, old.page, word.box, word.text)]
    return []


def _put_together(line: str, seal: str) -> str:
    """A tax id of which the ring hides the end on the line and the beginning on the seal; empty where the two do not
    overlap by most of it.
    """
    for common in range(min(len(line), len(seal)) - 1, _COMMON - 1, -1):
        if line[-common:] == seal[:common] and len(line) + len(seal) - common == _COMPANY:
            return line + seal[common:]
    return ""


def _on_seal(box: Box, picture: Picture, reader: Read) -> Iterator[Word]:
    """The words of the seal that lies across or beside a line; their boxes are on the picture."""
    height, width = picture.shape[:2]
    line = min(box.y1 - box.y0, (box.x1 - box.x0) * width / height / _LONG)  # a box of a slanting line is too high
    reach = _REACH * line
    top, bottom = (round(min(max(y, 0.0), 1.0) * height) for y in (box.y0 - reach, box.y1 + reach))
    left = round(box.x0 * width)
    ink = is_red(picture[top:bottom, left:])
    rows, columns = (np.flatnonzero(ink.sum(axis=axis) > 1) for axis in (1, 0))
    if ink.mean() > _RED and len(rows) and len(columns):
        y0, y1, x0, x1 = (
            top + int(rows[0]),
            top + int(rows[-1]) + 1,
            left + int(columns[0]),
            left + int(columns[-1]) + 1,
        )
    else:  # a copy without colours: beside the end of the line
        y0, y1 = (round((box.y0 + box.y1) / 2 * height + _NEAR * line * height * sign) for sign in (-1, 1))
        x0, x1 = round(box.x1 * width - line * height), round(box.x1 * width + _LONG * 2 * line * height)
        y0, y1, x0, x1 = max(y0, 0), min(y1, height), max(x0, 0), min(x1, width)
    if y1 <= y0 or x1 <= x0:
        return
    # in its colours: pictures keep them at half the size, so that the ink alone would be blurred
    seen = reader(
        np.asarray(cv2.resize(picture[y0:y1, x0:x1], None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    )
    across, down = (x1 - x0) / width, (y1 - y0) / height
    for word in seen:
        at = word.box
        place = (
            x0 / width + across * at.x0,
            y0 / height + down * at.y0,
            x0 / width + across * at.x1,
            y0 / height + down * at.y1,
        )
        yield replace(word, box=Box(*place))


def stands(tax_id: str) -> bool:
    """Whether the check digits fit, of a company both: one alone fits what was read wrong too often."""
    return check_ok(tax_id) is True and (not uscc_ok(tax_id) or org_ok(tax_id[8:17]))

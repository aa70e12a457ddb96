"""Quota invoices (通用定额发票): code, number and a face value, all printed beforehand; the stub may still hang on it
(domain.md §1.1). Its date is that of the day it was handed over and is seldom filled in.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from ocr.kinds import roll
from ocr.kinds.found import BY_PLACE, Found
from ocr.kinds.labelled import DAY
from ocr.kinds.roll import F
from ocr.layout import Sheet
from ocr.types import Kind

FACES: Final = frozenset({"0.50", "1.00", "2.00", "3.00", "5.00", "10.00", "20.00", "30.00", "50.00", "100.00", "200.00", "500.00", "1000.00"})  # fmt: skip
"""The values that are printed; whatever else is read was misread."""
_CODE: Final = rf"(?:{roll.INVOICE}\s*)?代\s*[码号]\s*[:;.]?\s*(?P<v>\d{{12}}|\d{{10}})(?![0-9A-Za-z])"
_NUMBER: Final = rf"(?:{roll.INVOICE}\s*)?号\s*码\s*[:;.]?\s*(?P<v>\d{{8}})(?![0-9A-Za-z])"
_WORDS: Final = re.compile(r"(?P<v>[壹贰叁伍]?[拾佰百仟]?)[元圆园]|伍角")
_FACE: Final = {
    "壹": "1", "贰": "2", "叁": "3", "伍": "5", "拾": "10", "壹拾": "10", "贰拾": "20", "叁拾": "30", "伍拾": "50", "壹佰": "100",
    "壹百": "100", "贰佰": "200", "伍佰": "500", "壹仟": "1000",
}  # fmt: skip
_FIGURES: Final = r"(?<![\d.])(?:[¥￥Ұ]\s?(?P<v>\d{1,4}(?:\.\d{1,2})?)|(?P<w>\d{1,4}(?:\.\d{1,2})?)\s?元)(?![\d.])"


def extract(sheet: Sheet, page: int) -> Found:
    """All fields of one slip; its seller is known by the seal alone."""
    found = Found(Kind.QUOTA, page)
    for name, pattern in ((F.CODE, _CODE), (F.NUMBER, _NUMBER)):
        for hit in sheet.find(pattern):
            found.add(name, hit.span("v"))
    roll.read_key_by_shape(sheet, found)
    found.values = [value for value in found.values if value.name is not F.DATE]
    for hit in sheet.find(rf"日\s*期\s*[:;.]?\s*{DAY}"):
        found.add(F.DATE, hit.span("v"))
    _read_face(sheet, found)
    return found


def _read_face(sheet: Sheet, found: Found) -> None:
    """The face value in words and in figures. Words alone are not their own second witness, so the total that they give
    is recorded as what it is: the same words.
    """
    for line in sheet.lines:
        for match in _WORDS.finditer(line.text.replace("百", "佰")):
            face = "0.50" if match.group() == "伍角" else _FACE.get(match["v"])
            if face is not None:
                found.add(F.TOTAL_IN_WORDS, line.span(*match.span()), face)
    for hit in sheet.find(_FIGURES):
        group = "v" if hit.match["v"] else "w"
        text = hit.match[group]
        if f"{float(text):.2f}" in FACES:
            found.add(F.TOTAL, hit.span(group), text, trust=1.0 if group == "v" else BY_PLACE)
    if not found.has(F.TOTAL):
        found.values += [replace(value, name=F.TOTAL) for value in found.values if value.name is F.TOTAL_IN_WORDS]

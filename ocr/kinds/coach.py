"""Coach, ferry and other passenger tickets with code and number (客运发票) (domain.md §1.1)."""

from __future__ import annotations

import re

from ocr.kinds import taxi
from ocr.kinds.found import BY_PLACE, Found
from ocr.kinds.labelled import MONEY, after, label
from ocr.layout import Sheet, joined
from ocr.types import FieldName, Kind

FARE = rf"{label('票价', '全价', '金额', '合计', '实收', '票款')}{MONEY}\s?元?"
FARE_ALONE = r"(?<![\d.:])(?P<v>[¥￥Ұ]\s?\d{1,4}(?:\.\d{1,2})?|\d{1,4}\.\d{1,2}(?=\s?元))"
ROUTE = r"(?P<from>[\u4e00-\u9fff]{2,10})\s*(?:-+>?|→|—+|至|到|～|~)\s*(?P<to>[\u4e00-\u9fff]{2,10})"
FROM = rf"{label('起点站', '始发站', '起站', '上车站', '出发站', '发站', '乘车站')}(?P<v>[\u4e00-\u9fff]{{2,12}})"
TO = rf"{label('终点站', '到达站', '到站', '止站', '下车站')}(?P<v>[\u4e00-\u9fff]{{2,12}})"
SHIFT = rf"{label('车次', '班次', '航次')}(?P<v>[0-9A-Z]{{1,12}})"


def extract(sheet: Sheet, page: int) -> Found:
    """All fields of one ticket; its date is that of the journey when no other is printed."""
    found = taxi.extract(sheet, page, Kind.COACH)
    found.values = [value for value in found.values if value.name not in {FieldName.TOTAL, FieldName.VEHICLE}]
    if not after(sheet, found, FieldName.TOTAL, FARE):
        for hit in sheet.find(FARE_ALONE):
            found.add(FieldName.TOTAL, hit.span("v"), trust=BY_PLACE)
    after(sheet, found, FieldName.VEHICLE, SHIFT)
    start, end = sheet.first(FROM), sheet.first(TO)
    if start is not None and end is not None:
        spans = [span for span in (start.span("v"), end.span("v")) if span is not None]
        if len(spans) == 2:
            found.add(FieldName.ROUTE, joined(spans), "-".join(span.text for span in spans))
    else:
        route = sheet.first(ROUTE)
        if route is not None:
            places = [re.sub(r"站$", "", route.match[name]) for name in ("from", "to")]
            found.add(FieldName.ROUTE, route.span(), "-".join(places), trust=BY_PLACE)
    return found

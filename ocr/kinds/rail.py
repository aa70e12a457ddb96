"""Train tickets: the paper ticket (red or blue) and the electronic one (电子发票（铁路电子客票）) (domain.md §1.2, §5.5).

The layout of the electronic one varies with its version, the paper one has hardly a label: fields are told by form.
"""

from __future__ import annotations

import re

from ocr.kinds import header
from ocr.kinds.found import BY_PLACE, Found
from ocr.kinds.labelled import DAY, MONEY, PARTY, TAX_ID, after, label
from ocr.layout import Sheet, joined
from ocr.types import FieldName, Kind

TRAIN = r"(?<![0-9A-Za-z])(?P<v>[GDCKTZYLSNPQ]\s?\d{1,4}|\d{4})\s?(?:次|(?=\s|$))"
STATION = r"(?P<v>[\u4e00-\u9fff]{1,7}(?:\s[\u4e00-\u9fff])?)\s*站(?![\u4e00-\u9fff]*[台厅口])"
BUYER = label("购买方名称", "买方名称", "购买方")
FEE = label("退票费", "改签费", "变更费", "手续费")
"""What a ticket given back or changed costs; the price of the journey may stand beside it."""
PRICE = label("票价", "禀价", "票介", "全额")
FARE = r"(?:票\s*价\s*[:;]?\s*)?(?P<v>[¥￥ҰY羊]\s?\d[\d,]*(?:\s?\.\s?\d{1,2})?)\s?元?"
PERSON = r"(?P<v>\d{4,10}\*{3,8}\d{2,4}[\dX]?\s*[\u4e00-\u9fff·]{1,8})"
RED_NUMBER = r"(?<![0-9A-Za-z])(?P<v>[A-Z]\s?\d{6,7}|\d{3}[A-Z]\d{6})(?![0-9A-Za-z])"
SERIAL = r"(?<![0-9A-Za-z])(?P<v>\d{14}\s?[A-Z]\s?\d{6}|\d{10,14}\s?[A-Z]\s?\d{6,7})(?![0-9A-Za-z])"
TRAVEL = r"(?P<v>20\d\d\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日)"


def shows_electronic(text: str) -> bool:
    """Whether a paper whose title was not read is an electronic ticket; `text` is all it says, without blanks."""
    fare = re.search(r"电子客票号|票价|退票费", text)
    number = re.search(r"(?<!\d)\d{20}(?!\d)", text)
    place = re.search(r"站|12306|铁路", text)
    return bool(fare and number and place) and "开票日期" in text and "价税合计" not in text


def extract_electronic(sheet: Sheet, page: int) -> Found:
    """All fields of an electronic rail ticket; the date is that of the issue (开票日期), not of the journey."""
    found = Found(Kind.RAIL_E, page)
    after(sheet, found, FieldName.NUMBER, header.NUMBER_20)
    after(sheet, found, FieldName.DATE, rf"{label('开票日期')}{DAY}")
    if not found.has(FieldName.NUMBER):
        after(sheet, found, FieldName.NUMBER, r"(?<![0-9A-Za-z])(?P<v>\d{20})(?![0-9A-Za-z])")
    after(sheet, found, FieldName.BUYER_NAME, rf"{BUYER}{PARTY}")
    after(sheet, found, FieldName.BUYER_TAX_ID, rf"{label('统一社会信用代码', '纳税人识别号')}{TAX_ID}")
    for pattern in (rf"{FEE}{MONEY}", rf"{PRICE}{MONEY}", FARE):
        if after(sheet, found, FieldName.TOTAL, pattern):
            break
    after(sheet, found, FieldName.SERIAL, rf"{label('电子客票号')}(?P<v>[0-9A-Z]{{16,32}})")
    _read_journey(sheet, found)
    return found


def extract_paper(sheet: Sheet, page: int) -> Found:
    """All fields of a paper ticket; its date is that of the journey, the only one it bears."""
    found = Found(Kind.TRAIN_PAPER, page)
    after(sheet, found, FieldName.SERIAL, SERIAL)
    first = sheet.first(TRAIN)
    for hit in sheet.find(RED_NUMBER):
        if first is None or hit.line.cy <= first.line.cy + sheet.row:
            found.add(FieldName.NUMBER, hit.span("v"))
    after(sheet, found, FieldName.DATE, TRAVEL)
    for hit in sheet.find(FARE):
        found.add(FieldName.TOTAL, hit.span("v"))
    if not found.has(FieldName.TOTAL):
        for hit in sheet.find(r"(?<![\d.])(?P<v>\d{1,4}\.\d)\s?元"):
            found.add(FieldName.TOTAL, hit.span("v"), trust=BY_PLACE)
    _read_journey(sheet, found)
    return found


def _read_journey(sheet: Sheet, found: Found) -> None:
    hits = [hit for hit in sheet.find(TRAIN) if not re.search(r"[年月日]|号\s*:", hit.line.text)]
    if hits:
        found.add(FieldName.VEHICLE, hits[0].span("v"), re.sub(r"\s", "", hits[0].match["v"]))
    near = hits[0].line.cy if hits else None
    stations = [
        span
        for hit in sheet.find(STATION)
        if (near is None or abs(hit.line.cy - near) < 5 * sheet.row) and (span := hit.span("v")) is not None
    ]
    if len(stations) >= 2:
        left, right = sorted(stations[:2], key=lambda span: span.x0)
        names = "-".join(re.sub(r"\s", "", span.text) for span in (left, right))
        found.add(FieldName.ROUTE, joined([left, right]), names)
    for hit in sheet.find(PERSON):
        found.add(FieldName.TRAVELLER, hit.span("v"))

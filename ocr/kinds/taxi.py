"""Taxi slips (出租车发票): printed forms on which a meter prints values, often a row or two beside their labels
(domain.md §1.2). So values are told by what they are and by their order, and only then by their labels.
"""

from __future__ import annotations

import re

from ocr.kinds import meter
from ocr.kinds.found import BY_PLACE, Found
from ocr.kinds.labelled import label
from ocr.layout import Sheet, Span
from ocr.rules.codes import decode_code
from ocr.types import FieldName, Kind

CODE = rf"{label('发票代码', '票代码')}(?P<v>\d{{12}}|\d{{10}}|\d{{8}}[A-Z]\d{{3}})(?![0-9A-Za-z])"
CODE_ALONE = r"(?<![0-9A-Za-z])(?P<v>1\d{11}|2\d{11}|[12]\d{7}[0-9A-Z]\d{3})(?![0-9A-Za-z])"
NUMBER = rf"{label('发票号码', '票号码')}(?P<v>\d{{8}})(?!\d)"
NUMBER_ALONE = r"(?<![0-9A-Za-z:/.-])(?P<v>\d{8})(?![0-9A-Za-z:/.])"
DATE = r"(?P<v>20\d\d\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}(?:\s*日)?)(?!\d)"
SHORT_DATE = r"(?<![\d/.-])(?P<v>\d\d[/.-](?:0?[1-9]|1[0-2])[/.-](?:0?[1-9]|[12]\d|3[01]))(?![\d/.-])"
COMPANY = rf"{label('单位名称', '公司名称', '企业名称', '经营单位', '开票单位', '收款单位', '承运单位', '承运人')}(?P<v>[^\s:;]{{4,}}(?:\s[^\s:;]*公司)?)"
COMPANY_SHORT = r"(?:^|(?<=\s))单\s*位\s*[:;]\s*(?P<v>[^\s:;]{4,})"
COMPANY_ALONE = r"(?:^|(?<=\s))(?P<v>[\u4e00-\u9fff()]{2,}(?:出租|客运|交通|运输|旅游|巴士|汽车|的士)[\u4e00-\u9fff()]*公司)(?=\s|$)"
PLATE = r"(?P<v>(?:[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][\s.·]?)?[A-Z][\s.·-]?(?=[A-Z0-9]*\d)[A-Z0-9]{4,6})(?![0-9A-Za-z])"
TOTAL_LABELS = label("总金额", "合计金额", "实收金额", "应收金额", "实收", "合计", "金额", "全额", "车费")
_PRINTER = re.compile(r"印|制$")


def extract(sheet: Sheet, page: int, kind: Kind) -> Found:
    """All fields of one slip."""
    found = Found(Kind.TAXI if kind is Kind.UNKNOWN else kind, page)
    _read_key(sheet, found)
    for hit in sheet.find(DATE):
        found.add(FieldName.DATE, hit.span("v"))
    if not found.has(FieldName.DATE):
        for hit in sheet.find(SHORT_DATE):
            span = hit.span("v")
            if span is not None:
                found.add(FieldName.DATE, span, f"20{span.text}", trust=BY_PLACE)
    _read_total(sheet, found)
    _read_company(sheet, found)
    for hit in sheet.find(rf"{label('车号', '车牌号', '车牌', '牌照')}{PLATE}"):
        found.add(FieldName.VEHICLE, hit.span("v"))
    if not found.has(FieldName.VEHICLE):
        for hit in sheet.find(rf"(?:^|(?<=\s)){PLATE}"):
            found.add(FieldName.VEHICLE, hit.span("v"), trust=BY_PLACE)
    return found


def _read_key(sheet: Sheet, found: Found) -> None:
    for hit in sheet.find(CODE):
        found.add(FieldName.CODE, hit.span("v"))
    if not found.has(FieldName.CODE):
        for hit in sheet.find(CODE_ALONE):
            # local codes may carry a letter; the region is always a place
            info = decode_code(re.sub(r"[A-Z]", "0", hit.match["v"]))
            if info is not None and info.region_name and not found.has(FieldName.CODE):
                found.add(FieldName.CODE, hit.span("v"), trust=BY_PLACE)
    for hit in sheet.find(NUMBER):
        found.add(FieldName.NUMBER, hit.span("v"))
    if not found.has(FieldName.NUMBER):
        for hit in sheet.find(NUMBER_ALONE):
            text = hit.match["v"]
            like_a_day = re.match(r"20[0-3]\d(?:0[1-9]|1[0-2])", text)
            if not found.has(FieldName.NUMBER) and not like_a_day and not re.search("电话", hit.line.text):
                found.add(FieldName.NUMBER, hit.span("v"), trust=BY_PLACE)


def _read_company(sheet: Sheet, found: Found) -> None:
    for pattern, trust in ((COMPANY, 1.0), (COMPANY_SHORT, 1.0), (COMPANY_ALONE, BY_PLACE)):
        for hit in sheet.find(pattern):
            if not _PRINTER.search(hit.match["v"]):
                found.add(FieldName.SELLER_NAME, hit.span("v"), trust=trust)
        if found.has(FieldName.SELLER_NAME):
            return


def _read_total(sheet: Sheet, found: Found) -> None:
    """The fare: the money after the waiting time in the order of the meter, else beside its label.

    A fare is never nothing: what a meter prints as 0.00 is a surcharge, and then the fare itself was not read.
    """
    values = meter.values(sheet)
    beside = meter.fare(sheet, values)
    if beside is not None:
        if beside.span is not None and _worth(beside.span) > 0:
            found.add(FieldName.TOTAL, beside.span, _money_text(beside.span))
        return
    signed = [value.span for value in values if value.what == "money" and value.signed]
    choices = (
        (_after_wait(values) or _after_clocks(values), 1.0),
        (_beside_label(sheet), BY_PLACE),
        (max(signed, key=_worth, default=None), BY_PLACE / 2),
    )
    for span, trust in choices:
        if span is not None and _worth(span) > 0 and found.add(FieldName.TOTAL, span, _money_text(span), trust=trust):
            return


def _worth(span: Span) -> float:
    match = meter.MONEY.search(span.text)
    return float(re.sub(r"\s", "", match["v"])) if match else 0.0


def _money_text(span: Span) -> str:
    match = meter.MONEY.search(span.text)
    return re.sub(r"\s", "", match["v"]) if match else span.text


def _after_wait(values: list[meter.Value]) -> Span | None:
    waits = [at for at, value in enumerate(values) if value.what == "wait"]
    if not waits:
        return None
    rest = values[waits[-1] + 1 :]
    return rest[0].span if rest and rest[0].what == "money" else None


def _after_clocks(values: list[meter.Value]) -> Span | None:
    """Two times, price, way, waiting, fare."""
    clocks = [at for at, value in enumerate(values) if value.what == "clock"]
    if len(clocks) < 2:
        return None
    rest = [value for value in values[clocks[1] + 1 :] if value.what in {"money", "way", "wait", "clock"}]
    monies = [value for value in rest if value.signed]
    if monies:
        return monies[0].span
    money = [value for value in rest if value.what == "money"]
    return max((value.span for value in money), key=_worth) if money else None


def _beside_label(sheet: Sheet) -> Span | None:
    fare = r"(?P<v>[¥￥Ұ≥≤Y]?\s?\d{1,4}\s?\.\s?\d{1,2})(?!\s?[\d:.]|\s?[kK][mM])"
    hit = sheet.first(rf"{TOTAL_LABELS}{fare}")
    return hit.span("v") if hit is not None else None

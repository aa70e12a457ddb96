"""Air itineraries that serve as receipts: 电子发票（航空运输电子客票行程单） and the paper one (domain.md §1.2, §5.5).

Both are tables. Labels stand above their values or before them, on paper with their English below, and the amounts carry
the codes of the airlines: CNY the fare and the sum, CN the development fund, YQ or YR the fuel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ocr.kinds import header
from ocr.kinds.found import BY_PLACE, Found
from ocr.kinds.labelled import DAY, PARTY, TAX_ID, after, below, label
from ocr.layout import Hit, Sheet, Span, joined
from ocr.types import FieldName, Kind

_ENGLISH: Final = r"(?:[A-Z][A-Za-z. /-]{1,24}[:.]?\s*)?"
_STRAY: Final = (
    r"(?:[0-9A-Z(]\s{1,2}|[:;]\s*)?"  # a label may end with its value's first character, a value begin with its colon
)
TICKET: Final = rf"{label('电子客票号码', '电子客票号', '客票号码')}{_ENGLISH}"
TICKET_VALUE: Final = r"(?P<v>\d{3}[\s-]?\d{10})(?!\d)"
CHECK: Final = label("验证码")
CHECK_VALUE: Final = r"(?P<v>\d{4})(?!\d)"
PRINTED: Final = rf"{label('印刷序号', '刷序号')}{_ENGLISH}"
PRINTED_VALUE: Final = r"(?P<v>\d(?:\s?\d){9,11})(?!\d)"
ISSUER: Final = label("填开单位", "填开单位(章)", "销售方名称")
ISSUER_VALUE: Final = r"(?P<v>(?=[\u4e00-\u9fff])(?:(?!\s\s|\s?填\s*开|\s?日\s*期)[^:;])+)"
ISSUED: Final = label("填开日期", "开票日期")
TRAVELLER: Final = label("旅客姓名", "乘机人姓名")
TRAVELLER_VALUE: Final = r"(?P<v>(?!有\s*效|签\s*注)[\u4e00-\u9fffA-Z][\u4e00-\u9fffA-Z/·]+)"
BUYER: Final = label("购买方名称", "买方名称", "购买方")
BUYER_ID: Final = label("统一社会信用代码/纳税人识别号", "纳税人识别号", "信用代码")
FLIGHT: Final = r"(?<![0-9A-Za-z])(?P<v>(?=\d?[A-Z])[0-9A-Z]{2}\s?\d{3,4})(?![0-9A-Za-z])"
STOP: Final = r"(?<![\u4e00-\u9fff])(?:自|至)\s*(?:FROM|TO)?\s*[:;]?\s*(?P<v>[\u4e00-\u9fff]{2,10}(?:\s?T\d[A-Z]?)?)"
AMOUNTS: Final = {
    FieldName.FARE: label("票价"),
    FieldName.FUEL: label("燃油附加费", "燃油附加"),
    FieldName.TAX: label("增值税税额", "值税税额", "增值税额"),
    FieldName.FUND: label("民航发展基金", "民航发展", "机场建设费"),
    FieldName.OTHER_FEES: label("其他税费", "其它税费"),
    FieldName.TOTAL: label("合计"),
}
_SIGNS: Final = {"CN": FieldName.FUND, "YQ": FieldName.FUEL, "YR": FieldName.FUEL, "XT": FieldName.OTHER_FEES}
_MONEY: Final = r"(?<![0-9A-Za-z.])(?P<sign>[A-Z]{2,3})?\s?(?P<v>[¥￥]?\s?\d[\d,]*\s?[.。]\s?\d{1,2})(?![\d%.])"
_BESIDE: Final = (
    r"(?:[A-Z ]{2,24}\s)?(?:(?:CNY|RMB|CN|YQ|YR|XT)\s?)?(?P<v>[¥￥]?\s?\d[\d,]*\s?[.。]\s?\d{1,2})(?![\d%])"
)
_UNDER: Final = 4.2  # rows below its label in which an amount may stand


LABELS: Final = (
    "民航发展基金", "燃油附加费", "机场建设费", "其他税费", "承运人", "航班号", "座位等级", "客票级别", "免费行李", "签注",
    "旅客姓名", "电子客票号码", "填开单位", "填开日期", "销售单位代号", "销售网点代号",
)  # fmt: skip
_ENOUGH: Final = 4  # labels that make a paper an itinerary that is a receipt; a boarding pass has no amounts


def shows(text: str) -> bool:
    """Whether a paper whose title was not read is an itinerary; `text` is all it says, without blanks."""
    return sum(mark in text for mark in LABELS) >= _ENOUGH and not re.search(r"登机口|登机牌|价税合计", text)


def shows_electronic(text: str) -> bool:
    """Whether it is the electronic one."""
    return shows(text) and re.search(r"电子发票|增值税税额|发票号码:?\d{20}(?!\d)", text) is not None


def extract(sheet: Sheet, page: int, kind: Kind) -> Found:
    """All fields of one itinerary. The number of a paper one is its ticket's, its serial the printed 印刷序号."""
    found = Found(kind, page)
    if kind is Kind.AIR_E:
        after(sheet, found, FieldName.NUMBER, header.NUMBER_20)
        _labelled(sheet, found, FieldName.SERIAL, TICKET, TICKET_VALUE)
        if not found.has(FieldName.NUMBER):
            for hit in sheet.find(r"(?<![0-9A-Za-z])(?P<v>\d{20})(?![0-9A-Za-z])"):
                found.add(FieldName.NUMBER, hit.span("v"), trust=BY_PLACE)
    else:
        _labelled(sheet, found, FieldName.NUMBER, TICKET, TICKET_VALUE)
        _labelled(sheet, found, FieldName.SERIAL, PRINTED, PRINTED_VALUE)
    _labelled(sheet, found, FieldName.CHECK_CODE, rf"{CHECK}(?:CK\s?[.:]?\s*)?", CHECK_VALUE)
    _labelled(sheet, found, FieldName.DATE, rf"{ISSUED}{_ENGLISH}", DAY)
    _labelled(sheet, found, FieldName.SELLER_NAME, rf"{ISSUER}{_ENGLISH}", ISSUER_VALUE)
    _labelled(sheet, found, FieldName.TRAVELLER, TRAVELLER, TRAVELLER_VALUE)
    _labelled(sheet, found, FieldName.BUYER_NAME, BUYER, PARTY)
    _labelled(sheet, found, FieldName.BUYER_TAX_ID, BUYER_ID, TAX_ID)
    _read_amounts(sheet, found)
    _read_flight(sheet, found)
    return found


def _labelled(sheet: Sheet, found: Found, name: FieldName, before: str, value: str) -> None:
    """A value that follows its label on the line, else the first one of its form in the column below."""
    beside = [(hit.span("v"), hit.match["v"]) for hit in sheet.find(rf"{before}{_STRAY}{value}")]
    under = (
        (span, match["v"])
        for hit in sheet.find(before)
        for span in below(sheet, hit, _UNDER)
        if (match := re.fullmatch(rf"{value}\s*", span.text))
    )
    keyed = name in {FieldName.NUMBER, FieldName.SERIAL}  # 781-1234567890 on one form, without the dash on another
    taken = [found.add(name, span, re.sub(r"[\s-]", "", text) if keyed else text) for span, text in beside]
    if not any(taken):
        next((True for span, text in under if found.add(name, span, re.sub("-", "", text) if keyed else text)), False)


def _read_amounts(sheet: Sheet, found: Found) -> None:
    """The row of amounts: each under its label, or behind it, or told by its code."""
    heads = _heads(sheet)
    for name, hit in heads.items():
        match = re.compile(_BESIDE).match(hit.line.text, hit.match.end())
        if match and found.add(name, Hit(hit.line, match).span("v")):
            continue
        seen = _under(sheet, hit, heads)
        if seen is not None:
            found.add(name, seen)
    for match_hit in sheet.find(_MONEY):
        name = _SIGNS.get(match_hit.match["sign"] or "", FieldName.REMARK)
        if name is not FieldName.REMARK and not found.has(name):
            found.add(name, match_hit.span("v"))


def _heads(sheet: Sheet) -> dict[FieldName, Hit]:
    """The labels of the amounts, all in one row: the row with most of them."""
    hits = [(name, hit) for name, pattern in AMOUNTS.items() for hit in sheet.find(pattern)]
    rows = [
        {name: hit for name, hit in hits if abs(hit.label.cy - middle.label.cy) < 1.2 * sheet.row} for _, middle in hits
    ]
    return max(rows, key=len, default={})


def _under(sheet: Sheet, head: Hit, heads: dict[FieldName, Hit]) -> Span | None:
    """The amount in the column of a label: nearer to it than to any other label of the row, and the highest such."""
    here = head.label
    for line in sheet.lines:
        if not here.cy + 0.5 * sheet.row < line.cy <= here.cy + _UNDER * sheet.row:
            continue
        for match in re.finditer(_MONEY, line.text):
            whole, span = line.span(*match.span()), line.span(*match.span("v"))
            if whole is None or span is None:
                continue
            near = min(heads.values(), key=lambda hit: _apart(hit.label, whole))
            if near is head and _apart(here, whole) < 6 * sheet.row:
                return span
    return None


def _apart(label_span: Span, value: Span) -> float:
    """How far two pieces lie from each other across; nothing where they overlap, but by their middles then."""
    gap = max(label_span.x0 - value.x1, value.x0 - label_span.x1, 0.0)
    return gap + 0.1 * abs(label_span.cx - value.cx)


def _read_flight(sheet: Sheet, found: Found) -> None:
    """The places of the journey in their order, and the first flight's number."""
    stops: list[Span] = []
    for hit in sheet.find(STOP):
        span = hit.span("v")
        if span is not None and not re.search("有效|日期|姓名", span.text):
            stops.append(span)
    if len(stops) >= 2:
        names = "-".join(re.sub(r"\s", "", span.text) for span in stops)
        found.add(FieldName.ROUTE, joined(stops), names)
    for span in _flights(sheet):
        found.add(FieldName.VEHICLE, span, re.sub(r"\s", "", span.text))
        break


def _flights(sheet: Sheet) -> Iterator[Span]:
    """Flight numbers below the label 航班号, from top to bottom."""
    head = sheet.first(label("航班号"))
    for hit in sheet.find(FLIGHT, below=head.line.cy if head is not None else -9e9):
        span = hit.span("v")
        if span is not None and (head is None or abs(span.cx - head.label.cx) < 8 * sheet.row):
            yield span

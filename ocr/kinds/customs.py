"""The customs' payment book of import VAT (海关进口增值税专用缴款书) (domain.md §1.2, §3.6).

Its table has a line for each heading of goods; the sum of the taxes stands beside the amount in words. Net and tax of a line
stand in its columns 完税价格 and 税款金额.
"""

from __future__ import annotations

import re
from typing import Final

from ocr.kinds import totals
from ocr.kinds.found import BY_PLACE, Found
from ocr.kinds.labelled import DAY, PARTY, TAX_ID, after, any_day, label
from ocr.layout import Hit, Sheet, Span
from ocr.types import FieldName, Kind, LineItem

LABELS: Final = (
    "完税价格", "税款金额", "缴款单位", "报关单编号", "装货单号", "收款国库", "收入机关", "填发日期", "缴款期限", "合同(批文)号",
)  # fmt: skip
_ENOUGH: Final = 4
NUMBER: Final = r"(?<![0-9A-Za-z])(?P<v>\d{4}\s?(?:19|20)\d{2}\s?1\d{9}\s?[-−—–~/*.]\s?[LlI1]\s?\d{2})(?!\d)"
ISSUED: Final = rf"{label('填发日期', '发日期')}{DAY}"
PAYER: Final = rf"(?<![物货])(?:{label('单位名称', '名称')})\s*{PARTY}"
PAYER_ID: Final = rf"{label('统一社会信用代码', '纳税人识别号', '税务登记号')}{TAX_ID}"
OFFICE: Final = r"(?P<v>[\u4e00-\u9fff]{2,10}海\s?关)(?=\s*进\s*口\s*增)"
SUM: Final = r"合\s*计\s*(?:[\((]\s*[¥￥ҰY羊]?\s*[\))]?)?\s*[:;]?"
TABLE: Final = r"货\s*物\s*名\s*称|完\s*税\s*价\s*格"
COLUMNS: Final = {
    "specification": r"税\s*号|税则号列",
    "name": r"货\s*物\s*名\s*称",
    "quantity": r"数\s*量",
    "unit": r"(?<![款])单\s*位",
    "amount": r"完\s*税\s*价\s*格",
    "rate": r"税\s*率",
    "tax": r"税\s*款\s*金\s*额",
}
"""Columns of a line and their headers; the tariff number stands for the specification."""


def shows(text: str) -> bool:
    """Whether a paper whose title was not read is a payment book; `text` is all it says, without blanks."""
    return re.search(NUMBER, text) is not None or sum(mark in text for mark in LABELS) >= _ENOUGH


def extract(sheet: Sheet, page: int) -> Found:
    """All fields of one book; the payer is the buyer, the customs house of the title the seller, the tax the total."""
    found = Found(Kind.CUSTOMS, page)
    for hit in sheet.find(NUMBER):
        found.add(FieldName.NUMBER, hit.span("v"), _number(hit.match["v"]))
    head = sheet.first(TABLE)
    top = head.line.cy - 0.5 * sheet.row if head is not None else sheet.down(0.35)
    after(sheet, found, FieldName.DATE, ISSUED)
    any_day(sheet, found, above=top)
    for hit in sheet.find(PAYER, above=top):
        found.add(FieldName.BUYER_NAME, hit.span("v"))
    for hit in sheet.find(PAYER_ID, above=top):
        found.add(FieldName.BUYER_TAX_ID, hit.span("v"))
    for hit in sheet.find(OFFICE, above=top):
        found.add(FieldName.SELLER_NAME, hit.span("v"))
    _read_sum(sheet, found, top)
    found.lines = _lines(sheet, head)
    return found


def _number(text: str) -> str:
    """In the spelling of a number, whatever stands for the hyphen and the L."""
    digits = re.sub(r"\D", "", re.sub(r"[LlI1](?=\s?\d{2}$)", "L", text))
    return f"{digits[:18]}-L{digits[18:]}"


def _read_sum(sheet: Sheet, found: Found, top: float) -> None:
    """The sum of the taxes: beside its label, else the last amount on the line of the words."""
    words = [(line, span) for line in sheet.lines if line.cy > top and (span := totals.amount_in_words(line))]
    for _, span in words:
        found.add(FieldName.TOTAL_IN_WORDS, span)
    spans = [hit.span("v") for hit in sheet.find(rf"{SUM}\s*{totals.MONEY}", below=top)]
    trust = 1.0
    if not spans:
        trust = BY_PLACE
        spans = [
            hit.span("v")
            for line, span in words
            for hit in sheet.find(totals.CENTS, above=line.cy + sheet.row, below=line.cy - sheet.row)
            if hit.label.x0 > span.x1
        ][-1:]
    for span in spans:
        for name in (FieldName.TAX, FieldName.TOTAL):
            found.add(name, span, trust=trust)


def _lines(sheet: Sheet, head: Hit | None) -> tuple[LineItem, ...]:
    """Lines of goods: what stands nearest below each header, down to the sum; a line has a tax."""
    if head is None:
        return ()
    near = {"above": head.line.cy + sheet.row, "below": head.line.cy - sheet.row}
    heads = {name: hit.label for name, pattern in COLUMNS.items() if (hit := sheet.first(pattern, **near))}
    end = sheet.first(r"大\s*写|金\s*额\s*人\s*民\s*币|合\s*计", below=head.line.cy + 0.5 * sheet.row)
    bottom = end.line.cy - 0.6 * sheet.row if end is not None else 0.0
    items: list[LineItem] = []
    for line in sheet.lines:
        if not head.line.cy + 0.6 * sheet.row < line.cy < bottom:
            continue
        cells: dict[str, str] = {}
        for match in re.finditer(r"\S+(?:\s\S+)*?(?=\s\s|$|\s(?=[\d.]+(?:\s|$)))", line.text):
            span = line.span(*match.span())
            if span is not None:
                column = min(heads, key=lambda name: _apart(heads[name], span))
                cells[column] = f"{cells[column]} {span.text}" if column in cells else span.text
        if re.fullmatch(r"\d[\d,]*\.\d{2}", cells.get("tax", "")):
            items.append(LineItem(**cells))
    return tuple(items)


def _apart(label_span: Span, value: Span) -> float:
    gap = max(label_span.x0 - value.x1, value.x0 - label_span.x1, 0.0)
    return gap + 0.1 * abs(label_span.cx - value.cx)

"""Receipts of the tax offices: 税收完税证明 and 税收缴款书 (domain.md §1.1)."""

from __future__ import annotations

from typing import Final

from ocr.kinds import totals
from ocr.kinds.found import BY_PLACE, Found
from ocr.kinds.labelled import DAY, PARTY, TAX_ID, after, any_day, label
from ocr.layout import Sheet
from ocr.types import FieldName, Kind

LABELS: Final = (
    "完税证明", "税款所属时期", "原凭证号", "品目名称", "库日期", "实缴", "填票人", "纳税人名称", "纳税人识别号", "税务机关",
)  # fmt: skip
_ENOUGH: Final = 5
NUMBER: Final = r"(?:N[oO0º°]|№)\s?[.:]?\s*(?P<v>\d(?:\s?\d){17})(?!\s?[0-9A-Za-z])"
ALONE: Final = r"(?<![0-9A-Za-z])(?P<v>\d{18})(?![0-9A-Za-z])"
ISSUED: Final = rf"{label('填发日期', '发日期', '开具日期')}{DAY}"
PAYER: Final = rf"{label('纳税人名称', '缴款单位(人)', '纳税人')}{PARTY}"
PAYER_ID: Final = rf"{label('纳税人识别号', '税人识别号', '纳税人代码', '社会信用代码')}{TAX_ID}"
OFFICE: Final = (
    rf"{label('税务机关', '征收机关')}(?P<v>国家税务总局[\u4e00-\u9fff()]+|[\u4e00-\u9fff()]*税务[\u4e00-\u9fff()]+)"
)
SUM: Final = r"金\s*额\s*合\s*计|合\s*计\s*金\s*额|[\((]\s*大\s*写"


def shows(text: str) -> bool:
    """Whether a paper whose title was not read is such a receipt; `text` is all it says, without blanks."""
    return "价税合计" not in text and sum(mark in text for mark in LABELS) >= _ENOUGH


def extract(sheet: Sheet, page: int) -> Found:
    """All fields of one receipt; the taxpayer is the buyer, the tax office the seller."""
    found = Found(Kind.TAX_RECEIPT, page)
    payer = sheet.first(PAYER_ID)
    top = payer.line.cy - 0.5 * sheet.row if payer is not None else sheet.down(0.3)
    if not after(sheet, found, FieldName.NUMBER, NUMBER):
        for hit in sheet.find(ALONE, above=top):
            found.add(FieldName.NUMBER, hit.span("v"), trust=BY_PLACE)
    after(sheet, found, FieldName.DATE, ISSUED)
    any_day(sheet, found, above=top)
    after(sheet, found, FieldName.BUYER_TAX_ID, PAYER_ID)
    after(sheet, found, FieldName.BUYER_NAME, PAYER)
    for hit in sheet.find(OFFICE, above=top + sheet.row):
        found.add(FieldName.SELLER_NAME, hit.span("v"))
    _read_sum(sheet, found)
    return found


def _read_sum(sheet: Sheet, found: Found) -> None:
    """The total: behind its label in words and, at the end of the line, in figures."""
    heights = [hit.line.cy for hit in sheet.find(SUM)]
    for line in sheet.lines:
        words = totals.amount_in_words(line)
        if words is not None:
            heights.append(line.cy)
            found.add(FieldName.TOTAL_IN_WORDS, words)
    for pattern, trust in ((totals.SIGNED, 1.0), (totals.CENTS, BY_PLACE)):
        for at in heights:
            hits = list(sheet.find(pattern, above=at + 0.9 * sheet.row, below=at - 0.9 * sheet.row))
            if hits and found.add(FieldName.TOTAL, hits[-1].span("v"), trust=trust):
                return

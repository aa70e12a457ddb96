"""Air itineraries that serve as receipts: 电子发票（航空运输电子客票行程单） and the paper one (domain.md §1.2, §5.5)."""

from __future__ import annotations

from ocr.kinds import header
from ocr.kinds.found import Found
from ocr.kinds.labelled import DAY, MONEY, NAME, TAX_ID, after, below, label
from ocr.layout import Sheet
from ocr.types import FieldName, Kind

FARE, FUEL, TAX, SUM = label("票价"), label("燃油附加费"), label("增值税税额"), label("合计")
E_TICKET = rf"{label('电子客票号码', '电子客票号')}(?P<v>\d{{3}}[\s-]?\d{{10}})(?!\d)"
TRAVELLER = rf"{label('旅客姓名')}(?P<v>[\u4e00-\u9fffA-Z/·]+)"


def extract(sheet: Sheet, page: int, kind: Kind) -> Found:
    """All fields of one itinerary; the labels stand left of their values or above them."""
    found = Found(kind, page)
    if kind is Kind.AIR_E:
        after(sheet, found, FieldName.NUMBER, header.NUMBER_20)
    after(sheet, found, FieldName.SERIAL, E_TICKET)
    if kind is Kind.AIR_PAPER:
        after(sheet, found, FieldName.NUMBER, E_TICKET)
    after(sheet, found, FieldName.DATE, rf"{label('填开日期', '开票日期')}{DAY}")
    after(sheet, found, FieldName.BUYER_NAME, rf"{label('购买方名称')}{NAME}")
    after(
        sheet,
        found,
        FieldName.BUYER_TAX_ID,
        rf"{label('统一社会信用代码/纳税人识别号', '纳税人识别号', '信用代码')}{TAX_ID}",
    )
    after(sheet, found, FieldName.SELLER_NAME, rf"{label('填开单位', '销售方名称')}{NAME}")
    after(sheet, found, FieldName.TRAVELLER, TRAVELLER)
    for name, pattern in ((FieldName.TOTAL, SUM), (FieldName.TAX, TAX)):
        if after(sheet, found, name, rf"{pattern}(?:CNY)?\s*{MONEY}"):
            continue
        for hit in sheet.find(pattern):
            for span in below(sheet, hit):
                if found.add(name, span, span.text.replace("CNY", "").strip()):
                    break
    return found

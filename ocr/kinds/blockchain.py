"""Blockchain invoices (区块链电子普通发票, of Shenzhen 深圳电子普通发票): laid out as the tax-control electronic form, with a
check code of five signs and without a cipher (domain.md §1.1, §2.5).
"""

from __future__ import annotations

from typing import Final

from ocr.kinds import header, items, parties, remark, totals
from ocr.kinds.found import Found
from ocr.layout import Sheet, spaced
from ocr.types import FieldName, Kind

_CHECK: Final = rf"{spaced('校验码')}\s*[:;.]?\s*(?P<v>[0-9A-Za-z]{{5}})(?![0-9A-Za-z])"


def extract(sheet: Sheet, page: int) -> Found:
    """All fields of one invoice."""
    found = Found(Kind.BLOCKCHAIN, page)
    header.read_tax_control(sheet, found)
    found.values = [value for value in found.values if value.name is not FieldName.CHECK_CODE]
    for hit in sheet.find(_CHECK):
        found.add(FieldName.CHECK_CODE, hit.span("v"))
    parties.read_stacked(sheet, found)
    totals.read_totals(sheet, found)
    for hit in sheet.find(remark.DRAWER):
        found.add(FieldName.DRAWER, hit.span("v"))
    found.lines = items.read_items(sheet)
    return found

"""Pages that belong to an invoice: the list of goods (销货清单) and the list of rides (行程单) (domain.md §1.1, §4.7)."""

from __future__ import annotations

import re

from ocr.kinds import header, items
from ocr.kinds.found import Found
from ocr.kinds.labelled import MONEY, after, label
from ocr.layout import Sheet
from ocr.types import FieldName, Kind

CITED_CODE = rf"{label('发票代码', '所属增值税专用发票代码', '专用发票代码', '代码')}(?P<v>\d{{12}}|\d{{10}})(?!\d)"
CITED_NUMBER = rf"{label('发票号码', '号码')}(?P<v>\d{{20}}|\d{{8}})(?!\d)"
BUYER = rf"{label('购买方名称', '购货单位名称')}(?P<v>\S+(?:\s\S+)*)"
SELLER = rf"{label('销售方名称', '销货单位名称')}(?P<v>\S+(?:\s\S+)*)"
RIDE_TOTAL = r"(?:合\s*计|总\s*计|总\s*金\s*额|共\s*计)\s*[:;]?\s*" + MONEY + r"\s?元"


def extract_list(sheet: Sheet, page: int) -> Found:
    """A page of goods: the invoice it cites, and its lines. Its sums are no totals of an invoice."""
    found = Found(Kind.LIST_PAGE, page)
    after(sheet, found, FieldName.CODE, CITED_CODE)
    after(sheet, found, FieldName.NUMBER, CITED_NUMBER)
    after(sheet, found, FieldName.BUYER_NAME, BUYER)
    after(sheet, found, FieldName.SELLER_NAME, SELLER)
    header.read_date(sheet, found, 0.0)
    found.lines = items.read_items(sheet)
    return found


def extract_rides(sheet: Sheet, page: int) -> Found:
    """A list of rides: the total by which its invoice is found."""
    found = Found(Kind.RIDE_LIST, page)
    for hit in sheet.find(RIDE_TOTAL):
        found.add(FieldName.TOTAL, hit.span("v"), re.sub(r"\s", "", hit.match["v"]))
    return found

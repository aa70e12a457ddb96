"""货物运输业增值税专用发票, abolished in July 2016: carrier and payer above, the sums in one row (domain.md §1.1).

The carrier (承运人) is the seller, who pays (实际受票方) the buyer; consignee and consignor are neither. A party's label
takes two rows: beside the first stands the name, beside the second the tax id.
"""

from __future__ import annotations

import re
from typing import Final

from ocr.kinds import header, remark, totals
from ocr.kinds.found import Found
from ocr.kinds.labelled import MONEY
from ocr.layout import Hit, Sheet, Span
from ocr.types import FieldName, Kind

PARTIES: Final = (
    (r"承\s*运\s*人\s*及", (FieldName.SELLER_NAME, FieldName.SELLER_TAX_ID)),
    (r"(?:实\s*际)?\s*受\s*票\s*方\s*及?", (FieldName.BUYER_NAME, FieldName.BUYER_TAX_ID)),
)
_ID_LABEL: Final = r"识\s*[别刖]\s*号\s*码?\s*[:;]?"
_TAX_ID: Final = re.compile(r"[0-9A-Z]{15,20}")
_NET: Final = rf"合\s*计\s*金\s*额\s*[:;]?\s*{MONEY}"
_TAX: Final = rf"税\s*额\s*[:;]?\s*{MONEY}"
_ROUTE: Final = r"到\s*达\s*地\s*[:;]?\s*(?P<v>\S+(?:\s\S+)*)"
_VEHICLE: Final = r"车\s*种\s*车\s*号\s*[:;]?\s*(?P<v>\S+)"
_WIDE: Final = 0.52  # of the form: right of it stands the cipher


def extract(sheet: Sheet, page: int) -> Found:
    """All fields of one freight invoice."""
    found = Found(Kind.FREIGHT_SPECIAL, page)
    first = sheet.first(PARTIES[0][0]) or sheet.first(PARTIES[1][0])
    top = first.line.cy - 0.6 * sheet.row if first is not None else header.top_of_parties(sheet)
    header.read_tax_control(sheet, found, top)
    wall = sheet.x0 + _WIDE * (sheet.x1 - sheet.x0)
    for label, fields in PARTIES:
        hit = sheet.first(label)
        if hit is not None:
            _read_party(sheet, found, hit, fields, wall)
    for name, pattern in (
        (FieldName.NET, _NET),
        (FieldName.TAX, _TAX),
        (FieldName.ROUTE, _ROUTE),
        (FieldName.VEHICLE, _VEHICLE),
    ):
        for hit in sheet.find(pattern):
            found.add(name, hit.span("v"))
    totals.read_total(sheet, found)
    remark.read_copy(sheet, found, top)
    for hit in sheet.find(remark.DRAWER):
        found.add(FieldName.DRAWER, hit.span("v"))
    return found


def _read_party(sheet: Sheet, found: Found, hit: Hit, fields: tuple[FieldName, FieldName], wall: float) -> None:
    found.add(fields[0], _columned(hit.beside(wall)))
    rows = sheet.find(_ID_LABEL, below=hit.line.cy + 0.3 * sheet.row, above=hit.line.cy + 3.2 * sheet.row)
    for row in rows:
        span = row.beside(wall)
        text = re.sub(r"\s", "", span.text).upper() if span is not None else ""
        if row.label.cx < wall and _TAX_ID.fullmatch(text):
            found.add(fields[1], span, text)
            return


def _columned(span: Span | None) -> Span | None:
    """The name, unless nothing of the kind stands there."""
    return span if span is not None and re.search(r"[\u4e00-\u9fff]{2}", span.text) else None

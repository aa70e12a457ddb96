"""Tax-control VAT invoices (税控): paper special and normal, electronic normal and special, toll, fuel, roll
(domain.md §1.2, §3.1, §5.2).
"""

from __future__ import annotations

import re

from ocr.kinds import header, items, parties, remark, totals
from ocr.kinds.found import Found
from ocr.layout import Sheet, spaced
from ocr.rules.codes import decode_code
from ocr.types import FieldName, Kind

KINDS = frozenset(
    {
        Kind.VAT_SPECIAL_PAPER,
        Kind.VAT_NORMAL_PAPER,
        Kind.VAT_E_NORMAL,
        Kind.VAT_E_SPECIAL,
        Kind.VAT_E_TOLL,
        Kind.VAT_ROLL,
        Kind.FREIGHT_SPECIAL,
    }
)
TITLES = (
    (r"电\s*子\s*专\s*用", Kind.VAT_E_SPECIAL),
    (r"电\s*子\s*普\s*通", Kind.VAT_E_NORMAL),
    (r"卷\s*票", Kind.VAT_ROLL),
    (r"货\s*物\s*运\s*输\s*业", Kind.FREIGHT_SPECIAL),
    (r"专\s*用\s*发\s*票", Kind.VAT_SPECIAL_PAPER),
    (r"普\s*通\s*发\s*票", Kind.VAT_NORMAL_PAPER),
)
TOLL_HEADERS = rf"{spaced('通行日期起')}|{spaced('车牌号')}"
PAPER = frozenset({Kind.VAT_SPECIAL_PAPER, Kind.VAT_NORMAL_PAPER})
_TO_PAPER = {Kind.VAT_E_NORMAL: Kind.VAT_NORMAL_PAPER, Kind.VAT_E_SPECIAL: Kind.VAT_SPECIAL_PAPER}


def extract(sheet: Sheet, page: int, kind: Kind) -> Found:
    """All fields of one tax-control form. `kind` is a first opinion; code and title decide."""
    found = Found(kind, page)
    header.read_tax_control(sheet, found)
    found.kind = kind_of(sheet, found.first(FieldName.CODE), kind)
    parties.read_stacked(sheet, found)
    totals.read_totals(sheet, found)
    top = header.top_of_parties(sheet)
    remark.read_mark(sheet, found, top)
    if found.kind in PAPER:
        remark.read_copy(sheet, found, top)
    row = sheet.row
    total = sheet.first(parties.TOTAL_ROW)
    bottom = total.line.cy + 0.8 * row if total is not None else None
    label = remark.remark_label(sheet, bottom) if bottom is not None else None
    wall = label.x1 if label is not None else parties.right_of_stacked(sheet) + row if total is not None else None
    remark.read_bottom(sheet, found, wall=wall, top=bottom)
    found.lines = items.read_items(sheet)
    return found


def kind_of(sheet: Sheet, code: str | None, kind: Kind) -> Kind:
    """The kind that the code says; where it says nothing, the title's, else the first opinion."""
    info = decode_code(code) if code else None
    if info is not None and info.kind in KINDS and info.region_name:
        return info.kind
    top = header.top_of_parties(sheet)
    title = "\n".join(line.text for line in sheet.lines if line.cy < top)
    for pattern, said in TITLES:
        if re.search(pattern, title):
            if said is Kind.VAT_E_NORMAL and sheet.first(TOLL_HEADERS) is not None:
                return Kind.VAT_E_TOLL
            return said
    return kind

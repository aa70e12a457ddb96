"""Fully digital invoices (数电): special and normal with their special-business forms, and their printed twins on
old paper (数电纸质) (domain.md §1.2, §5.3).
"""

from __future__ import annotations

import re
from dataclasses import replace

from ocr.kinds import header, items, parties, remark, special, totals
from ocr.kinds.found import Found
from ocr.layout import Sheet
from ocr.rules.codes import decode_code
from ocr.types import FieldName, Kind

KINDS = frozenset(
    {
        Kind.DIG_SPECIAL,
        Kind.DIG_NORMAL,
        Kind.DIG_VEHICLE,
        Kind.DIG_USED_VEHICLE,
        Kind.DIG_PAPER_SPECIAL,
        Kind.DIG_PAPER_NORMAL,
    }
)
_TWINS = {Kind.VAT_SPECIAL_PAPER: Kind.DIG_PAPER_SPECIAL, Kind.VAT_NORMAL_PAPER: Kind.DIG_PAPER_NORMAL}
SPECIAL = r"增\s*值\s*税\s*专\s*用|专\s*用\s*发\s*票"
NORMAL = r"普\s*通\s*发\s*票"
PAPER = frozenset({Kind.DIG_PAPER_SPECIAL, Kind.DIG_PAPER_NORMAL})


def extract(sheet: Sheet, page: int, kind: Kind) -> Found:
    """All fields of one fully digital invoice."""
    found = Found(kind, page)
    header.read_digital(sheet, found)
    top = header.top_of_parties(sheet)
    if kind in PAPER:
        _read_paper(sheet, found, top)
    else:
        parties.read_side_by_side(sheet, found)
        special.read_tables(sheet, found)
    totals.read_totals(sheet, found)
    if kind in {Kind.DIG_SPECIAL, Kind.DIG_NORMAL}:
        title = "\n".join(line.text for line in sheet.lines if line.cy < top)
        if re.search(SPECIAL, title):
            found.kind = Kind.DIG_SPECIAL
        elif re.search(NORMAL, title):
            found.kind = Kind.DIG_NORMAL
    remark.read_mark(sheet, found, top)
    total = sheet.first(parties.TOTAL_ROW)
    bottom = total.line.cy + 0.8 * sheet.row if total is not None else None
    label = remark.remark_label(sheet, bottom) if bottom is not None else None
    if label is not None:
        wall = label.x1
    else:
        wall = parties.right_of_stacked(sheet) + sheet.row if kind in PAPER else sheet.x0 + 2 * sheet.row
    remark.read_bottom(sheet, found, wall=wall, top=bottom)
    found.lines = items.read_items(sheet)
    return found


def _read_paper(sheet: Sheet, found: Found, top: float) -> None:
    """The old paper form: code and eight digits as printed on it, and the number of twenty beside the buyer (§1.1)."""
    header.read_tax_control(sheet, found)
    # the number of twenty digits is the key; the form's own is its second name
    found.values = [
        replace(value, name=FieldName.PRINTED_NUMBER)
        if value.name is FieldName.NUMBER and len(value.value) != header.DIGITS
        else value
        for value in found.values
    ]
    info = decode_code(found.first(FieldName.CODE) or "")
    found.kind = _TWINS.get(info.kind, found.kind) if info is not None and info.kind is not None else found.kind
    remark.read_copy(sheet, found, top)
    parties.read_stacked(sheet, found)

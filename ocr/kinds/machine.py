"""General machine-printed invoices (通用机打发票): on a roll, or on a sheet whose table has labels and values
(domain.md §1.1). Code and number are printed beforehand, and once more by the machine.
"""

from __future__ import annotations

from typing import Final

from ocr.kinds import roll
from ocr.kinds.cells import Table, read_table
from ocr.kinds.found import Found
from ocr.kinds.roll import F
from ocr.layout import Sheet, cut
from ocr.types import FieldName, Kind

_NARROW: Final = 1.05  # what is printed on a roll is this much higher than wide, or more
_SHEET: Final = {"": r"[\((]?\s*小\s*写\s*[\))]?", **roll.ROLES}


def extract(sheet: Sheet, page: int, kind: Kind) -> Found:
    """All fields of one invoice."""
    if sheet.bottom - sheet.top > _NARROW * (sheet.x1 - sheet.x0):
        return roll.extract(sheet, page, kind)
    found = Found(kind, page)
    table = read_table(sheet, _SHEET)
    for role, name in (
        ("code", F.CODE),
        ("number", F.NUMBER),
        ("printed_code", F.PRINTED_CODE),
        ("printed_number", F.PRINTED_NUMBER),
        ("machine", F.MACHINE_NUMBER),
        ("date", F.DATE),
    ):
        roll.add_shaped(found, name, table.pieces(role))
    for role, name in (("buyer", F.BUYER_NAME), ("seller", F.SELLER_NAME)):
        for _, spans in table.of(role):
            roll.add_name(found, name, list(spans))
    _read_ids(table, found)
    for span in table.beside(1.0, "total", "words"):
        money = roll.MONEY.search(span.text)
        if money:
            found.add(F.TOTAL, cut(span, money["v"]))
    roll.read_words(sheet, found)
    roll.read_key_by_shape(sheet, found)
    return found


def _read_ids(table: Table, found: Found) -> None:
    """A label says whose the identity is, else the party in whose row it stands or that stands above it."""
    parties = [*table.of("buyer", "seller")]
    for label, spans in table.of("id", "buyer_id", "seller_id"):
        owner: FieldName | None = {"buyer_id": F.BUYER_TAX_ID, "seller_id": F.SELLER_TAX_ID}.get(label.role)
        above = [party for party, _ in parties if party.y0 <= label.y1]
        if owner is None and above:
            nearest = max(above, key=lambda party: party.cy)
            owner = F.BUYER_TAX_ID if nearest.role == "buyer" else F.SELLER_TAX_ID
        roll.add_id(found, owner, list(spans))

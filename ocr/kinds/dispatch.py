"""Which module reads which kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ocr.kinds import (
    air,
    attachment,
    blockchain,
    coach,
    customs,
    digital,
    fiscal,
    freight,
    general,
    machine,
    other,
    quota,
    rail,
    roll,
    tax_receipt,
    taxi,
    vat,
    vehicle,
)
from ocr.kinds.found import Found
from ocr.layout import Sheet
from ocr.types import Kind

FORMS: Final = vat.KINDS | digital.KINDS
"""Kinds printed on the common frame (domain.md §5.1), whose values sums, words or a code bear out."""


def extract(sheet: Sheet, page: int, kind: Kind) -> Found:
    """The sightings on a sheet that was classified as `kind`; the kind of the result may be a finer one."""
    if kind in vehicle.KINDS:
        return vehicle.extract(sheet, page, kind)
    if kind in digital.KINDS:
        return digital.extract(sheet, page, kind)
    if kind in vat.KINDS and kind not in _OTHERS and kind is not Kind.VAT_ROLL:
        return vat.extract(sheet, page, kind)
    return _OTHERS.get(kind, general.extract)(sheet, page, kind)


_OTHERS: Final[dict[Kind, Callable[[Sheet, int, Kind], Found]]] = {
    Kind.FREIGHT_SPECIAL: lambda sheet, page, _kind: freight.extract(sheet, page),
    Kind.VAT_ROLL: roll.extract,
    Kind.MACHINE_GENERAL: machine.extract,
    Kind.QUOTA: lambda sheet, page, _kind: quota.extract(sheet, page),
    Kind.BLOCKCHAIN: lambda sheet, page, _kind: blockchain.extract(sheet, page),
    Kind.TAXI: taxi.extract,
    Kind.COACH: lambda sheet, page, _kind: coach.extract(sheet, page),
    Kind.TRAIN_PAPER: lambda sheet, page, _kind: rail.extract_paper(sheet, page),
    Kind.RAIL_E: lambda sheet, page, _kind: rail.extract_electronic(sheet, page),
    Kind.AIR_E: air.extract,
    Kind.AIR_PAPER: air.extract,
    Kind.FISCAL: lambda sheet, page, _kind: fiscal.extract(sheet, page),
    Kind.CUSTOMS: lambda sheet, page, _kind: customs.extract(sheet, page),
    Kind.TAX_RECEIPT: lambda sheet, page, _kind: tax_receipt.extract(sheet, page),
    Kind.LIST_PAGE: lambda sheet, page, _kind: attachment.extract_list(sheet, page),
    Kind.RIDE_LIST: lambda sheet, page, _kind: attachment.extract_rides(sheet, page),
    Kind.OTHER: lambda sheet, page, _kind: other.extract(sheet, page),
}

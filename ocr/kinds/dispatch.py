"""Which module reads which kind."""

from __future__ import annotations

from ocr.kinds import air, attachment, coach, digital, fiscal, general, rail, taxi, vat
from ocr.kinds.found import Found
from ocr.layout import Sheet
from ocr.types import Kind


def extract(sheet: Sheet, page: int, kind: Kind) -> Found:  # noqa: PLR0911  # one line a family
    """The sightings on a sheet that was classified as `kind`; the kind of the result may be a finer one."""
    if kind in digital.KINDS:
        return digital.extract(sheet, page, kind)
    if kind in vat.KINDS and kind is not Kind.VAT_ROLL:
        return vat.extract(sheet, page, kind)
    if kind is Kind.TAXI:
        return taxi.extract(sheet, page, kind)
    if kind is Kind.COACH:
        return coach.extract(sheet, page)
    if kind is Kind.TRAIN_PAPER:
        return rail.extract_paper(sheet, page)
    if kind is Kind.RAIL_E:
        return rail.extract_electronic(sheet, page)
    if kind in {Kind.AIR_E, Kind.AIR_PAPER}:
        return air.extract(sheet, page, kind)
    if kind is Kind.FISCAL:
        return fiscal.extract(sheet, page)
    if kind is Kind.LIST_PAGE:
        return attachment.extract_list(sheet, page)
    if kind is Kind.RIDE_LIST:
        return attachment.extract_rides(sheet, page)
    if kind is Kind.OTHER:
        return Found(kind, page)
    return general.extract(sheet, page, kind)

"""Where a field stands on a form, when it was not read there (domain.md §5). Pure.

Given in fractions of the form itself: of the page, of its upper part where a form that lies broad is printed on an upright
page, or of the paper's own region where several share a picture. Generous: a person looks at the cut-out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from intake.model import Invoice
from ocr.types import Box, FieldName, Kind, Source

F = FieldName

# sightings that stand where the code or nothing stands, not where the value is printed
_ELSEWHERE: Final = frozenset({Source.QR, Source.REGISTER, Source.FILE_NAME, Source.TYPED, Source.TYPED_BLIND})
_WHOLE: Final = Box(0.0, 0.0, 1.0, 1.0)
_BROAD: Final = 0.62  # height of a broad form by its width
Form = Mapping[FieldName, Box]

_SUMS: Final[Form] = {
    F.NET: Box(0.5, 0.58, 1.0, 0.74),
    F.TAX: Box(0.72, 0.58, 1.0, 0.74),
    F.TOTAL: Box(0.5, 0.66, 1.0, 0.8),
    F.TOTAL_IN_WORDS: Box(0.0, 0.66, 0.7, 0.8),
}
_PAPER: Final[Form] = {
    F.CODE: Box(0.0, 0.0, 0.42, 0.2),
    F.NUMBER: Box(0.6, 0.0, 1.0, 0.16),
    F.DATE: Box(0.6, 0.08, 1.0, 0.24),
    F.CHECK_CODE: Box(0.0, 0.08, 0.5, 0.26),
    F.MACHINE_NUMBER: Box(0.0, 0.08, 0.5, 0.26),
    F.BUYER_NAME: Box(0.0, 0.18, 0.6, 0.36),
    F.BUYER_TAX_ID: Box(0.0, 0.2, 0.6, 0.38),
    F.SELLER_NAME: Box(0.0, 0.72, 0.6, 0.92),
    F.SELLER_TAX_ID: Box(0.0, 0.74, 0.6, 0.94),
    F.REMARK: Box(0.52, 0.72, 1.0, 0.94),
    F.DRAWER: Box(0.0, 0.88, 1.0, 1.0),
    **_SUMS,
}
_TAX_CONTROL: Final[Form] = {
    **_PAPER,
    F.CODE: Box(0.58, 0.0, 1.0, 0.14),
    F.NUMBER: Box(0.58, 0.02, 1.0, 0.18),
    F.DATE: Box(0.58, 0.06, 1.0, 0.22),
    F.CHECK_CODE: Box(0.58, 0.1, 1.0, 0.26),
}
_DIGITAL: Final[Form] = {
    F.NUMBER: Box(0.58, 0.0, 1.0, 0.18),
    F.DATE: Box(0.58, 0.04, 1.0, 0.22),
    F.BUYER_NAME: Box(0.0, 0.16, 0.52, 0.36),
    F.BUYER_TAX_ID: Box(0.0, 0.18, 0.52, 0.38),
    F.SELLER_NAME: Box(0.48, 0.16, 1.0, 0.36),
    F.SELLER_TAX_ID: Box(0.48, 0.18, 1.0, 0.38),
    F.REMARK: Box(0.0, 0.76, 1.0, 0.96),
    F.DRAWER: Box(0.0, 0.88, 0.5, 1.0),
    **_SUMS,
}
_RAIL: Final[Form] = {
    F.NUMBER: Box(0.0, 0.0, 0.6, 0.22),
    F.DATE: Box(0.5, 0.0, 1.0, 0.26),
    F.ROUTE: Box(0.0, 0.14, 1.0, 0.46),
    F.TOTAL: Box(0.0, 0.4, 0.6, 0.66),
    F.BUYER_NAME: Box(0.0, 0.7, 1.0, 0.96),
    F.BUYER_TAX_ID: Box(0.0, 0.7, 1.0, 0.96),
}
_FORMS: Final[Mapping[Kind, Form]] = {
    **dict.fromkeys((Kind.VAT_SPECIAL_PAPER, Kind.VAT_NORMAL_PAPER, Kind.FREIGHT_SPECIAL), _PAPER),
    **dict.fromkeys((Kind.DIG_PAPER_SPECIAL, Kind.DIG_PAPER_NORMAL), _PAPER),
    **dict.fromkeys((Kind.VAT_E_SPECIAL, Kind.VAT_E_NORMAL, Kind.VAT_E_TOLL), _TAX_CONTROL),
    **dict.fromkeys((Kind.DIG_SPECIAL, Kind.DIG_NORMAL), _DIGITAL),
    Kind.RAIL_E: _RAIL,
}


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a field stands on a page; `seen` is whether it was read there."""

    name: FieldName
    page: int
    box: Box
    seen: bool


def stand(invoice: Invoice, kind: Kind, name: FieldName, *, upright: bool) -> Stand:
    """Where to look for a field of the invoice, as `kind` prints it. `upright`: its first page is higher than wide."""
    field = invoice.fields.get(name)
    if field is not None:
        for one in sorted(field.sightings, key=lambda seen: seen.value != field.value):
            if one.box is not None and one.source not in _ELSEWHERE:
                return Stand(name, one.page, one.box, seen=True)
    form = _FORMS.get(kind, {})
    ground = invoice.region or _WHOLE
    if invoice.region is None and upright and form:
        ground = Box(0.0, 0.0, 1.0, _BROAD * 210 / 297)
    return Stand(name, invoice.pages[0], _within(form.get(name, _WHOLE), ground), seen=False)


def _within(part: Box, ground: Box) -> Box:
    wide, high = ground.x1 - ground.x0, ground.y1 - ground.y0
    return Box(
        ground.x0 + part.x0 * wide, ground.y0 + part.y0 * high, ground.x0 + part.x1 * wide, ground.y0 + part.y1 * high
    )

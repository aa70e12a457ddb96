"""Papers for the rules of official verification: a kind and values, proven or not, each with its place."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from intake.model import FusedField, Invoice, Proof
from ocr.types import Box, FieldName, FieldValue, Kind, Source

F = FieldName
BOX = Box(0.7, 0.1, 0.9, 0.13)
VALUES: Mapping[FieldName, str] = {
    F.CODE: "044031900111",
    F.NUMBER: "00985283",
    F.DATE: "2026-11-20",
    F.CHECK_CODE: "62330719563753325108",
    F.NET: "100.00",
    F.TAX: "6.00",
    F.TOTAL: "106.00",
    F.SELLER_NAME: "北京示例文具有限公司",
    F.BUYER_NAME: "北京示例科技有限公司",
}


def paper(
    kind: Kind,
    values: Mapping[FieldName, str] = VALUES,
    *,
    unproven: Collection[FieldName] = (),
    boxes: Mapping[FieldName, Box | None] | None = None,
    page: int = 0,
) -> Invoice:
    """An invoice whose values were seen once, at `boxes` (all at one place when not given)."""
    places = dict.fromkeys(values, BOX) if boxes is None else boxes
    return Invoice(
        kind,
        {
            name: FusedField(
                name,
                value,
                frozenset() if name in unproven else frozenset({Proof.QR_CRC}),
                (FieldValue(name, value, 0.9, Source.OCR, page, places.get(name), value),),
            )
            for name, value in values.items()
        },
    )

"""Sightings from what is no printed text: the payload of a code, the name of the file (domain.md §2, §6)."""

from __future__ import annotations

import re
from pathlib import PurePath

from ocr.normalise import normalise
from ocr.rules import payload
from ocr.types import CodeMeaning, CodeSighting, CrcState, FieldName, FieldValue, Source

_TRUST = {CrcState.OK: 1.0, CrcState.NONE: 0.9, CrcState.FAIL: 0.5}
_FILE_NAME = re.compile(r"dzfp_(\d{20})(?!\d)")


def values_of(code: CodeSighting) -> tuple[FieldValue, ...]:
    """The fields a code states; none for a code that is not an invoice's. The amount is net or total by its type."""
    pairs: list[tuple[FieldName, str]] = []
    if code.meaning is CodeMeaning.INVOICE:
        seen = payload.parse(code.text)
        if seen is not None:
            pairs = [
                (FieldName.CODE, seen.code),
                (FieldName.NUMBER, seen.number),
                (FieldName.NET if seen.amount_is_net else FieldName.TOTAL, str(seen.amount)),
                (FieldName.DATE, seen.date.isoformat()),
                (FieldName.CHECK_CODE, seen.check),
            ]
    elif code.meaning is CodeMeaning.FISCAL:
        bill = payload.parse_fiscal(code.text)
        if bill is not None:
            pairs = [
                (FieldName.CODE, bill.code),
                (FieldName.NUMBER, bill.number),
                (FieldName.TOTAL, str(bill.amount)),
                (FieldName.DATE, bill.date.isoformat()),
                (FieldName.CHECK_CODE, bill.check),
            ]
    elif code.meaning is CodeMeaning.BLOCKCHAIN:
        chain = payload.parse_blockchain(code.text)
        if chain is not None:
            pairs = [
                (FieldName.CODE, chain.code),
                (FieldName.NUMBER, chain.number),
                (FieldName.TOTAL, str(chain.amount)),
                (FieldName.DATE, chain.date.isoformat() if chain.date else ""),
                (FieldName.SELLER_TAX_ID, chain.seller_tax_id),
            ]
    return tuple(
        FieldValue(name, value, _TRUST[code.crc], Source.QR, code.page, code.box, raw)
        for name, raw in pairs
        if raw and (value := normalise(name, raw))
    )


def number_of(code: CodeSighting) -> str | None:
    """The invoice number a code states."""
    return next((value.value for value in values_of(code) if value.name is FieldName.NUMBER), None)


def value_of_name(name: str) -> FieldValue | None:
    """The number in a file name of the platform's pattern ``dzfp_<20 digits>_<seller>_<moment>.pdf``."""
    match = _FILE_NAME.search(PurePath(name).name)
    if match is None:
        return None
    return FieldValue(FieldName.NUMBER, match[1], 0.9, Source.FILE_NAME, 0, None, PurePath(name).name)

"""What the codes on a paper say of its fields, and whether they may be believed (domain.md §2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ocr.normalise import normalise
from ocr.rules.amounts import cents
from ocr.rules.payload import parse, parse_blockchain, parse_fiscal
from ocr.types import CodeSighting, CrcState, FieldName, FieldValue, Kind, Source


@dataclass(frozen=True, slots=True)
class CodeReading:
    """The one invoice that the codes of a paper name.

    `sightings` are its fields with source QR, `crc` that of the payload, `kind` what it is when it says so.
    `amount_sure` tells whether real papers have shown which total the payload's amount is (§2.2).
    """

    sightings: tuple[FieldValue, ...]
    crc: CrcState
    kind: Kind | None
    amount_sure: bool
    amount_field: FieldName = FieldName.TOTAL

    def value(self, name: FieldName) -> str | None:
        """What the code says of a field."""
        return next((seen.value for seen in self.sightings if seen.name is name), None)


def read_codes(codes: Sequence[CodeSighting]) -> CodeReading | None:
    """The invoice the codes name; None without one, or when they name several different ones."""
    ordered = sorted(codes, key=lambda code: (code.page, code.text, code.decoder, repr(code.box)))
    readings = [reading for code in ordered for reading in _readings(code)]
    exact = [reading for reading in readings if reading.crc is CrcState.OK]
    said = [{(seen.name, seen.value) for seen in reading.sightings} for reading in exact or readings]
    numbers = {reading.value(FieldName.NUMBER) for reading in readings}
    if len(numbers) != 1 or any(one != said[0] for one in said):
        return None
    return (exact or readings)[0]


def _readings(code: CodeSighting) -> Iterator[CodeReading]:
    invoice = parse(code.text)
    if invoice:
        amount = FieldName.NET if invoice.amount_is_net else FieldName.TOTAL
        texts = _texts(invoice.code, invoice.number, invoice.check, invoice.date)
        seen = _sightings(code, texts | {amount: _money(invoice.amount)})
        yield CodeReading(seen, invoice.crc, invoice.kind, invoice.basis_sure, amount)
    fiscal = parse_fiscal(code.text)
    if fiscal:
        texts = _texts(fiscal.code, fiscal.number, fiscal.check, fiscal.date)
        seen = _sightings(code, texts | {FieldName.TOTAL: _money(fiscal.amount)})
        yield CodeReading(seen, CrcState.NONE, Kind.FISCAL, amount_sure=True)
    chain = parse_blockchain(code.text)
    if chain:
        texts = _texts(chain.code, chain.number, "", chain.date)
        seen = _sightings(code, texts | {FieldName.TOTAL: _money(chain.amount)})
        yield CodeReading(seen, CrcState.NONE, Kind.BLOCKCHAIN, amount_sure=False)


def _texts(batch: str, number: str, check: str, day: date | None) -> dict[FieldName, str]:
    return {
        FieldName.CODE: batch,
        FieldName.NUMBER: number,
        FieldName.CHECK_CODE: check,
        FieldName.DATE: day.isoformat() if day else "",
    }


def _money(amount: Decimal) -> str:
    return f"{cents(amount):.2f}"


def _sightings(code: CodeSighting, texts: Mapping[FieldName, str]) -> tuple[FieldValue, ...]:
    return tuple(
        FieldValue(name, value, 1.0, Source.QR, code.page, code.box, code.text)
        for name, value in texts.items()
        if normalise(name, value) is not None
    )

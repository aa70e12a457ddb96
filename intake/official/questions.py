"""What an official form asks for a kind of paper, in the form's order and spelling (domain.md §8.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from intake.model import Invoice
from intake.official.sites import Site, site_of
from ocr.types import Box, FieldName, Kind

F = FieldName


@unique
class Readiness(StrEnum):
    """Whether a value can be put into the form as it stands."""

    READY = "ready"  # proven
    UNPROVEN = "unproven"  # read, not proven: compare it with the picture
    MALFORMED = "malformed"  # the form would refuse it
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where on the picture to look: a box on a page, and whether the value was seen there or only should stand there."""

    page: int
    box: Box
    seen: bool


@dataclass(frozen=True, slots=True)
class Question:
    """One field of an official form. `label` is a code that `ask.<label>` puts into the form's own words; `value` is
    spelt as the form wants it, empty when it is missing.
    """

    name: FieldName
    label: str
    value: str
    readiness: Readiness
    spot: Spot | None


@dataclass(frozen=True, slots=True)
class _Ask:
    name: FieldName
    label: str
    form: re.Pattern[str]


_AMOUNT: Final = re.compile(r"-?\d{1,11}(?:\.\d{1,2})?", re.ASCII)
_DAY: Final = re.compile(r"\d{8}|\d{4}-\d{2}-\d{2}", re.ASCII)
_CODE: Final = _Ask(F.CODE, "code", re.compile(r"\d{10}|\d{12}", re.ASCII))
_NUMBER_8: Final = _Ask(F.NUMBER, "number", re.compile(r"(?!0{8})\d{8}", re.ASCII))
_NUMBER_20: Final = _Ask(F.NUMBER, "number_20", re.compile(r"\d{20}", re.ASCII))
_PRINTED_8: Final = _Ask(F.PRINTED_NUMBER, "number", re.compile(r"(?!0{8})\d{8}", re.ASCII))
_DATE: Final = _Ask(F.DATE, "date", _DAY)
_CHECK_6: Final = _Ask(F.CHECK_CODE, "check_6", re.compile(r"\d{6}", re.ASCII))
_CHECK_5: Final = _Ask(F.CHECK_CODE, "check_5", re.compile(r"[0-9A-Za-z]{5}"))
_CHECK_FISCAL: Final = _Ask(F.CHECK_CODE, "check_fiscal", re.compile(r"[0-9A-Za-z]{6}"))
_ANY: Final = re.compile(r".+")


def _amount(name: FieldName, label: str) -> _Ask:
    return _Ask(name, label, _AMOUNT)


_SPECIAL: Final = (_CODE, _NUMBER_8, _DATE, _amount(F.NET, "net"))
_NORMAL: Final = (_CODE, _NUMBER_8, _DATE, _CHECK_6)
_DIGITAL: Final = (_NUMBER_20, _DATE, _amount(F.TOTAL, "total"))
_LOCAL: Final = (
    _Ask(F.CODE, "code", re.compile(r"[0-9A-Z]{10}|[0-9A-Z]{12}")),
    _NUMBER_8,
    _DATE,
    _amount(F.TOTAL, "amount"),
)
_ASKS: Final[Mapping[Kind, tuple[_Ask, ...]]] = {
    Kind.VAT_SPECIAL_PAPER: _SPECIAL,
    Kind.VAT_E_SPECIAL: _SPECIAL,
    Kind.VEHICLE: (_CODE, _NUMBER_8, _DATE, _amount(F.NET, "net_vehicle")),
    Kind.FREIGHT_SPECIAL: (_CODE, _NUMBER_8, _DATE, _amount(F.NET, "sum")),
    Kind.USED_VEHICLE: (_CODE, _NUMBER_8, _DATE, _amount(F.TOTAL, "price_of_vehicle")),
    Kind.VAT_NORMAL_PAPER: _NORMAL,
    Kind.VAT_E_NORMAL: _NORMAL,
    Kind.VAT_E_TOLL: _NORMAL,
    Kind.VAT_ROLL: _NORMAL,
    Kind.BLOCKCHAIN: (_CODE, _NUMBER_8, _DATE, _CHECK_5, _amount(F.TOTAL, "total")),
    Kind.DIG_SPECIAL: _DIGITAL,
    Kind.DIG_NORMAL: _DIGITAL,
    Kind.DIG_VEHICLE: _DIGITAL,
    Kind.DIG_USED_VEHICLE: _DIGITAL,
    Kind.RAIL_E: _DIGITAL,
    Kind.AIR_E: _DIGITAL,
    Kind.DIG_PAPER_SPECIAL: (_CODE, _PRINTED_8, _DATE, _amount(F.NET, "net")),
    Kind.DIG_PAPER_NORMAL: (_CODE, _PRINTED_8, _DATE, _CHECK_6),
    Kind.FISCAL: (
        _Ask(F.CODE, "fiscal_code", re.compile(r"\d{8}", re.ASCII)),
        _Ask(F.NUMBER, "fiscal_number", re.compile(r"\d{10}|\d{16}", re.ASCII)),
        _CHECK_FISCAL,
        _amount(F.TOTAL, "amount"),
        _DATE,
    ),
    Kind.CUSTOMS: (
        _Ask(F.NUMBER, "customs_number", re.compile(r"\d{18}-L\d{2}", re.ASCII)),
        _Ask(F.DATE, "customs_date", _DAY),
        _amount(F.TAX, "customs_tax"),
    ),
    Kind.TAXI: _LOCAL,
    Kind.COACH: _LOCAL,
    Kind.MACHINE_GENERAL: _LOCAL,
    Kind.QUOTA: _LOCAL[:2],
    Kind.TAX_RECEIPT: (_Ask(F.NUMBER, "receipt_number", _ANY), _DATE, _amount(F.TOTAL, "amount")),
    Kind.TRAIN_PAPER: (_Ask(F.SERIAL, "serial", _ANY), _DATE, _Ask(F.ROUTE, "route", _ANY)),
}


def questions(invoice: Invoice) -> tuple[Question, ...]:
    """The fields of the official form in its order; empty for a paper that nobody answers for."""
    return tuple(_question(invoice, ask) for ask in _ASKS.get(invoice.kind, ()))


def well_formed(kind: Kind, name: FieldName, value: str) -> bool:
    """Whether the form for this kind takes a value for a field; False for a field that it does not ask for."""
    return any(ask.name is name and ask.form.fullmatch(value) for ask in _ASKS.get(kind, ()))


def as_asked(kind: Kind, name: FieldName, value: str) -> str:
    """A value as the form of this kind wants it: the tax bureau's site takes days without dashes, and the last six
    characters of a 校验码 (five for a blockchain invoice).
    """
    plain = "".join(value.split())
    if name is F.DATE and site_of(kind) is Site.TAX_BUREAU:
        return plain.replace("-", "")
    if name is F.CHECK_CODE:
        return plain[-(5 if kind is Kind.BLOCKCHAIN else 6) :]
    return value.strip() if name is F.ROUTE else plain


def _question(invoice: Invoice, ask: _Ask) -> Question:
    name = ask.name
    if name is F.PRINTED_NUMBER and name not in invoice.fields and len(invoice.value(F.NUMBER) or "") == 8:
        name = F.NUMBER  # a form without the twenty digits: its number is the printed one
    value = as_asked(invoice.kind, name, invoice.value(name) or "")
    if not value:
        readiness = Readiness.MISSING
    elif not ask.form.fullmatch(value):
        readiness = Readiness.MALFORMED
    else:
        readiness = Readiness.READY if invoice.proven(name) else Readiness.UNPROVEN
    return Question(name, ask.label, value, readiness, _spot(invoice, name))


def _spot(invoice: Invoice, name: FieldName) -> Spot | None:
    """Where the believed value was seen, else where any was, else where a 校验码 should stand."""
    field = invoice.fields.get(name)
    seen = [] if field is None else [one for one in field.sightings if one.box is not None]
    best = next((one for one in seen if field is not None and one.value == field.value), seen[0] if seen else None)
    if best is not None and best.box is not None:
        return Spot(best.page, best.box, seen=True)
    return _place_of_check_code(invoice) if name is F.CHECK_CODE else None


def _place_of_check_code(invoice: Invoice) -> Spot | None:
    """The 校验码 of an electronic form is the line below the day of issue, that of a paper form stands a little below
    the large 发票代码 (domain.md §5.2); said relative to what was read.
    """
    day, number, code = (_seen(invoice, name) for name in (F.DATE, F.NUMBER, F.CODE))
    if invoice.kind in {Kind.VAT_E_NORMAL, Kind.VAT_E_TOLL, Kind.VAT_E_SPECIAL} and day and number:
        step = day.box.y0 - number.box.y0
        if step <= 0 or day.page != number.page:
            return None
        box = Box(day.box.x0, day.box.y0 + step, min(1.0, day.box.x0 + 0.2), min(1.0, day.box.y1 + step))
        return Spot(day.page, box, seen=False)
    if invoice.kind in {Kind.VAT_NORMAL_PAPER, Kind.DIG_PAPER_NORMAL} and code:
        high, wide = code.box.y1 - code.box.y0, code.box.x1 - code.box.x0
        top = code.box.y0 + 1.8 * high
        return Spot(code.page, Box(code.box.x0, top, code.box.x1 + 0.3 * wide, top + 0.8 * high), seen=False)
    return None


def _seen(invoice: Invoice, name: FieldName) -> Spot | None:
    field = invoice.fields.get(name)
    for one in field.sightings if field else ():
        if one.box is not None:
            return Spot(one.page, one.box, seen=True)
    return None

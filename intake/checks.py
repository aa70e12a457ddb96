"""What can be checked on one invoice by itself: codes and numbers, parties, sums, lines, and its QR code (domain.md §2–4).

Every check says so when it passes, too, so that the screen can show what was looked at. Errors keep an invoice
from being filed by the machine; warnings never do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from intake.checks_of_forms import FORM_CODES, check_form
from intake.checks_of_lines import LINE_CODES, check_lines
from intake.fuse import WITH_CODE
from intake.model import Finding, Invoice, Level
from intake.payloads import read_codes
from ocr.rules.amounts import sums_agree
from ocr.rules.codes import decode_code, decode_number, region_name, region_of_tax_id
from ocr.rules.taxid import TaxIdKind, check_ok, classify
from ocr.types import CodeMeaning, CrcState, FieldName, Kind, Source

F = FieldName
_WITH_PAIR: Final = frozenset(
    {
        Kind.VAT_SPECIAL_PAPER, Kind.VAT_NORMAL_PAPER, Kind.VAT_E_NORMAL, Kind.VAT_E_SPECIAL, Kind.VAT_E_TOLL,
        Kind.VAT_ROLL, Kind.VEHICLE, Kind.USED_VEHICLE, Kind.FREIGHT_SPECIAL, Kind.TAXI, Kind.QUOTA, Kind.COACH,
        Kind.MACHINE_GENERAL, Kind.BLOCKCHAIN,
    }
)  # fmt: skip
_DIGITAL: Final = frozenset(
    {
        Kind.DIG_SPECIAL, Kind.DIG_NORMAL, Kind.DIG_VEHICLE, Kind.DIG_USED_VEHICLE, Kind.DIG_PAPER_SPECIAL,
        Kind.DIG_PAPER_NORMAL, Kind.RAIL_E, Kind.AIR_E,
    }
)  # fmt: skip
_NUMBER_FORM: Final = {
    **dict.fromkeys(_WITH_PAIR, ("(?!0{8})[0-9]{8}", "8")),
    **dict.fromkeys(_DIGITAL, ("[0-9]{20}", "20")),
    Kind.FISCAL: ("[0-9]{10}|[0-9]{16}", "10"),
    Kind.CUSTOMS: ("[0-9]{18}-L[0-9]{2}", "22"),
}
_CHECK_CODE_20: Final = frozenset(
    {
        Kind.VAT_NORMAL_PAPER,
        Kind.VAT_E_NORMAL,
        Kind.VAT_E_SPECIAL,
        Kind.VAT_E_TOLL,
        Kind.VAT_ROLL,
        Kind.DIG_PAPER_NORMAL,
    }
)
_CHECK_CODE_FORM: Final = {
    **dict.fromkeys(_CHECK_CODE_20, "[0-9]{20}"),
    Kind.FISCAL: "[0-9A-Za-z]{6}",
    Kind.BLOCKCHAIN: "[0-9A-Za-z]{5}",
}
_ROLES: Final = {F.BUYER_TAX_ID: "buyer", F.SELLER_TAX_ID: "seller"}
_AIR_PARTS: Final = (F.FARE, F.FUEL, F.TAX, F.FUND, F.OTHER_FEES)
_DATA: Final = frozenset({Source.XML, Source.OFD_DATA, Source.XBRL})


def check(invoice: Invoice, *, today: date) -> tuple[Finding, ...]:
    """Every check that applies to what is known of the invoice; `today` is the day in China."""
    case = _Case(invoice, today)
    return tuple(finding for one in _CHECKS for finding in one(case))


@dataclass(frozen=True, slots=True)
class _Case:
    invoice: Invoice
    today: date

    def text(self, name: FieldName) -> str | None:
        return self.invoice.value(name)

    def money(self, name: FieldName) -> Decimal | None:
        value = self.invoice.value(name)
        return None if value is None else Decimal(value)

    def day(self) -> date | None:
        value = self.invoice.value(F.DATE)
        return None if value is None else date.fromisoformat(value)


def _verdict(good: bool, code: str, bad: Level, *fields: FieldName, **params: str) -> Finding:  # noqa: FBT001  the verdict itself
    return Finding(code, Level.OK if good else bad, fields, params)


def _number(case: _Case) -> Iterator[Finding]:
    number = case.text(F.NUMBER)
    if number is None:
        return
    form = _NUMBER_FORM.get(case.invoice.kind)
    if form:
        yield _verdict(bool(re.fullmatch(form[0], number)), "number_shape", Level.ERROR, F.NUMBER, expected=form[1])
    info = decode_number(number)
    day = case.day()
    if info and day:
        agrees = info.year == day.year
        yield _verdict(agrees, "number_year", Level.ERROR, F.NUMBER, F.DATE, number=str(info.year), date=str(day.year))
    if info and info.region is None:
        yield Finding("number_region_unknown", Level.WARNING, (F.NUMBER,), {"region": number[2:4]})


def _code(case: _Case) -> Iterator[Finding]:
    code, kind = case.text(F.CODE), case.invoice.kind
    if code is None or kind not in _WITH_PAIR | WITH_CODE:
        return
    info = decode_code(code)
    yield _verdict(info is not None, "code_shape", Level.ERROR, F.CODE)
    if info is None:
        return
    yield _verdict(info.region_name is not None, "code_region", Level.WARNING, F.CODE, region=info.region)
    day = case.day()
    if day:
        old = info.year <= day.year
        yield _verdict(old, "code_year", Level.ERROR, F.CODE, F.DATE, batch=str(info.year), date=str(day.year))
    if info.kind and kind in _WITH_PAIR:
        yield _verdict(info.kind is kind, "code_kind", Level.WARNING, F.CODE, by_code=info.kind, by_title=kind)


def _date(case: _Case) -> Iterator[Finding]:
    day = case.day()
    if day:
        yield _verdict(day <= case.today, "date_future", Level.ERROR, F.DATE, date=day.isoformat())


def _shapes(case: _Case) -> Iterator[Finding]:
    machine, check_code = case.text(F.MACHINE_NUMBER), case.text(F.CHECK_CODE)
    if machine is not None:
        yield _verdict(
            bool(re.fullmatch("[0-9]{12}", machine)), "machine_number_shape", Level.WARNING, F.MACHINE_NUMBER
        )
    form = _CHECK_CODE_FORM.get(case.invoice.kind)
    if check_code is not None and form:
        yield _verdict(bool(re.fullmatch(form, check_code)), "check_code_shape", Level.WARNING, F.CHECK_CODE)


def _tax_ids(case: _Case) -> Iterator[Finding]:
    for name, role in _ROLES.items():
        text = case.text(name)
        if text is None:
            continue
        fits, kind = check_ok(text), classify(text)
        if kind is TaxIdKind.UNKNOWN:
            yield Finding("tax_id_shape", Level.WARNING, (name,), {"role": role, "length": str(len(text))})
        elif fits is None:
            yield Finding("tax_id_unchecked", Level.INFO, (name,), {"role": role, "kind": kind})
        else:
            yield _verdict(fits, "tax_id_check", Level.WARNING, name, role=role)
    buyer, seller = case.text(F.BUYER_TAX_ID), case.text(F.SELLER_TAX_ID)
    if buyer and seller:
        yield _verdict(buyer != seller, "parties_equal", Level.WARNING, F.BUYER_TAX_ID, F.SELLER_TAX_ID)


def _region(case: _Case) -> Iterator[Finding]:
    """Region of the number or code = region of the seller's tax id (§3.7): a deviation is a strong warning only."""
    number, code = decode_number(case.text(F.NUMBER) or ""), decode_code(case.text(F.CODE) or "")
    here = number.region if number else (code.region if code and code.region_name else None)
    seller = case.text(F.SELLER_TAX_ID) or ""
    if classify(seller) is TaxIdKind.AGENT:  # a tax office issues for sellers from elsewhere
        return
    there = region_of_tax_id(seller)
    if here and there:
        names = {"paper": region_name(here) or here, "seller": region_name(there) or there}
        yield Finding(
            "region_of_seller",
            Level.OK if here == there else Level.WARNING,
            (F.NUMBER if number else F.CODE, F.SELLER_TAX_ID),
            names,
        )


def _sums(case: _Case) -> Iterator[Finding]:
    net, tax, total, words = (case.money(name) for name in (F.NET, F.TAX, F.TOTAL, F.TOTAL_IN_WORDS))
    if (
        net is not None
        and total is not None
        and case.invoice.kind is not Kind.AIR_E
        and (tax is not None or net == total)
    ):
        params = {"net": f"{net}", "tax": f"{tax or Decimal('0.00')}", "total": f"{total}"}
        yield Finding("sum", Level.OK if sums_agree(net, tax, total) else Level.ERROR, (F.NET, F.TAX, F.TOTAL), params)
    if words is not None and total is not None:
        fields = (F.TOTAL, F.TOTAL_IN_WORDS)
        yield _verdict(words == total, "words", Level.ERROR, *fields, words=f"{words}", total=f"{total}")
    if total is not None and total < 0:
        yield Finding("negative", Level.INFO, (F.TOTAL,))


def _air_sum(case: _Case) -> Iterator[Finding]:
    """Fare + fuel + tax + fund + other fees = total on an itinerary (§1.2); parts that were not read leave it open."""
    total = case.money(F.TOTAL)
    parts = {name: case.money(name) for name in _AIR_PARTS}
    if case.invoice.kind not in {Kind.AIR_E, Kind.AIR_PAPER} or total is None or parts[F.FARE] is None:
        return
    if case.invoice.kind is Kind.AIR_PAPER:
        parts[F.TAX] = Decimal(0)  # the fare contains it
    found = sum((part for part in parts.values() if part is not None), Decimal(0))
    if found < total and None in parts.values():
        return
    # a part that a recogniser misread does not shake a total that is proven
    bad = Level.WARNING if case.invoice.proven(F.TOTAL) else Level.ERROR
    yield _verdict(found == total, "air_sum", bad, F.TOTAL, *_AIR_PARTS, found=f"{found}", total=f"{total}")


def _qr(case: _Case) -> Iterator[Finding]:
    """The code on the paper: its CRC, its amount (§2.2), and whether the face says the same."""
    invoice = case.invoice
    papers = [code for code in invoice.codes if code.meaning is CodeMeaning.INVOICE]
    reading = read_codes(invoice.codes)
    if reading is None:
        if papers:
            yield Finding("qr_several", Level.WARNING, (F.NUMBER,), {"count": str(len({code.text for code in papers}))})
        return
    if reading.crc is not CrcState.NONE:
        yield _verdict(reading.crc is CrcState.OK, "qr_crc", Level.WARNING, F.NUMBER)
    amount_field = reading.amount_field
    other = F.TOTAL if amount_field is F.NET else F.NET
    amount = reading.value(amount_field)
    unexpected = amount == _face(invoice, other) != _face(invoice, amount_field)
    if unexpected:
        yield Finding("qr_amount_basis_unexpected", Level.INFO, (F.NET, F.TOTAL), {"amount": amount or ""})
    for seen in reading.sightings:
        face = _face(invoice, seen.name)
        if face is None or (unexpected and seen.name is amount_field):
            continue
        # a character that a recogniser misread is a warning where the code is believed all the same
        bad = Level.WARNING if invoice.proven(seen.name) else Level.ERROR
        params = {"qr": seen.value, "face": face}
        yield Finding("qr_face", Level.OK if face == seen.value else bad, (seen.name,), params)


def _face(invoice: Invoice, name: FieldName) -> str | None:
    """What the paper prints in a field, as the best reader but the code says it: the chosen value if any reader has it."""
    field = invoice.fields.get(name)
    seen = [value for value in field.sightings if value.source is not Source.QR] if field else []
    if field and any(value.value == field.value for value in seen):
        return field.value
    return max(seen, key=lambda value: (value.source in _DATA, value.confidence, value.value)).value if seen else None


_CHECKS: Final[tuple[Callable[[_Case], Iterator[Finding]], ...]] = (
    _number,
    _code,
    _date,
    _shapes,
    _tax_ids,
    _region,
    _sums,
    _air_sum,
    lambda case: check_lines(case.invoice),
    lambda case: check_form(case.invoice),
    _qr,
)

CODES: Final = LINE_CODES | FORM_CODES | {
    "air_sum", "number_shape", "number_year", "number_region_unknown", "code_shape", "code_region", "code_year", "code_kind",
    "date_future", "machine_number_shape", "check_code_shape", "tax_id_shape", "tax_id_unchecked", "tax_id_check",
    "parties_equal", "region_of_seller", "sum", "words", "negative", "qr_several", "qr_crc",
    "qr_amount_basis_unexpected", "qr_face",
}  # fmt: skip
"""All codes of findings, for the catalogue of sentences."""

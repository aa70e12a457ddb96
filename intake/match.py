"""Look an invoice up in the register: levels M0–M4 with every field compared (domain.md §9.2).

Only M0 is a match; everything weaker is proposed to a person, at most five rows, best first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from intake.fuse import WITH_CODE
from intake.model import (
    Agreement,
    Ambiguous,
    Candidate,
    FieldComparison,
    Invoice,
    Matched,
    MatchLevel,
    MatchOutcome,
    Proof,
    RegisterRow,
    RegisterStatus,
    Unmatched,
)
from intake.ports import Register
from ocr.normalise import normalise
from ocr.rules.amounts import cents
from ocr.rules.codes import decode_code, decode_number, region_of_tax_id
from ocr.rules.keys import alias_of, key_of
from ocr.types import FieldName, Kind

F = FieldName
MOST: Final = 5
"""Most candidates shown."""
SPAN: Final = 3
"""Days that an M4 candidate may differ in its date."""
ATTACHMENTS: Final = frozenset({Kind.LIST_PAGE, Kind.RIDE_LIST, Kind.OTHER})
_WITHOUT_SELLER: Final = frozenset({Kind.RAIL_E})
"""Kinds that print no seller's tax id: the railway."""
_REAL: Final = {F.SELLER_TAX_ID: F.REAL_SELLER_TAX_ID, F.SELLER_NAME: F.REAL_SELLER_NAME}
_TAIL: Final = 6

_STATED: Final[dict[FieldName, Callable[[RegisterRow], str | None]]] = {
    F.CODE: lambda row: row.code,
    F.NUMBER: lambda row: row.number,
    F.DATE: lambda row: row.date.isoformat() if row.date else None,
    F.NET: lambda row: _text(row.net),
    F.TAX: lambda row: _text(row.tax),
    F.TOTAL: lambda row: _text(row.total),
    F.SELLER_TAX_ID: lambda row: row.seller_tax_id,
    F.SELLER_NAME: lambda row: row.seller_name,
    F.BUYER_TAX_ID: lambda row: row.buyer_tax_id,
    F.BUYER_NAME: lambda row: row.buyer_name,
}


def match(invoice: Invoice, register: Register) -> MatchOutcome:
    """The register's answer: the one row that agrees in everything, candidates, or nothing."""
    if invoice.kind in ATTACHMENTS:
        return Unmatched()
    key = _key(invoice)
    row = register.by_key(key) if key else None
    if row and _exact(invoice, row):
        return Matched(Candidate(row, MatchLevel.M0, compare(invoice, row)))
    best: dict[str, Candidate] = {}
    for level, other in _found(invoice, register, row):
        known = best.get(other.key)
        if known is None or level < known.level:
            best[other.key] = Candidate(other, level, compare(invoice, other))
    ordered = sorted(best.values(), key=lambda candidate: _rank(invoice, candidate))
    return Ambiguous(tuple(ordered[:MOST])) if ordered else Unmatched()


def compare(invoice: Invoice, row: RegisterRow) -> tuple[FieldComparison, ...]:
    """Each field that the paper or the row states, side by side in one spelling."""
    found = []
    for name, stated in _STATED.items():
        raw = stated(row)
        expected = normalise(name, raw) or raw if raw else None
        seen = _seen(invoice, name, expected)
        if seen or expected:
            found.append(FieldComparison(name, seen, expected, _agreement(name, seen, expected)))
    return tuple(found)


def _seen(invoice: Invoice, name: FieldName, expected: str | None) -> str | None:
    """What the paper says of a field; of the seller, where a tax office issued for it (代开), what the row names (§4.2)."""
    seen = invoice.value(name)
    real = invoice.value(_REAL[name]) if name in _REAL else None
    return real if real and expected and _agreement(name, real, expected) is Agreement.SAME else seen


def _agreement(name: FieldName, seen: str | None, expected: str | None) -> Agreement:
    if not seen:
        return Agreement.MISSING_HERE
    if not expected:
        return Agreement.MISSING_THERE
    same = seen == expected or (name is F.SELLER_TAX_ID and _same_id(seen, expected))
    return Agreement.SAME if same else Agreement.DIFFERENT


def _found(invoice: Invoice, register: Register, row: RegisterRow | None) -> Iterator[tuple[MatchLevel, RegisterRow]]:
    if row:
        yield MatchLevel.M1, row
    code, number = invoice.value(F.CODE) or "", invoice.value(F.NUMBER) or ""
    if number:
        for near in register.near(code, number):
            if _agreeing(invoice, near) >= 2:
                yield MatchLevel.M2, near
        for other in _misplaced(invoice, register, code, number):
            yield MatchLevel.M3, other
    yield from ((MatchLevel.M4, other) for other in _by_value(invoice, register))


def _misplaced(invoice: Invoice, register: Register, code: str, number: str) -> Iterator[RegisterRow]:
    """Code and number exchanged or joined, or the code missing while number, date and amount name one row only."""
    printed = invoice.value(F.PRINTED_NUMBER) if invoice.kind in WITH_CODE else None
    for key in (key_of(invoice.kind, number, code), alias_of(invoice.kind, code, number, printed=printed)):
        row = register.by_key(key) if key else None
        if row:
            yield row
    if not code:
        same = [row for row in register.by_number(number) if _same_day(invoice, row) and _same_money(invoice, row)]
        if len({row.key for row in same}) == 1:
            yield same[0]


def _by_value(invoice: Invoice, register: Register) -> Iterable[RegisterRow]:
    day, total = invoice.value(F.DATE), invoice.value(F.TOTAL) or invoice.value(F.NET)
    if not (day and total):
        return ()
    sellers = (invoice.value(F.SELLER_TAX_ID), invoice.value(F.REAL_SELLER_TAX_ID))
    found = (register.by_value(one, Decimal(total), date.fromisoformat(day), SPAN) for one in sellers if one)
    return [row for rows in found for row in rows]


def _exact(invoice: Invoice, row: RegisterRow) -> bool:
    """M0: date, amounts and seller agree and the status is normal; nothing else that both state may differ but names."""
    if row.status is not RegisterStatus.NORMAL or not (_same_day(invoice, row) and _same_money(invoice, row)):
        return False
    agreement = {one.name: one.agreement for one in compare(invoice, row)}
    if any(agreement.get(name) is Agreement.DIFFERENT for name in (F.TAX, F.BUYER_TAX_ID)):
        return False
    seller = agreement.get(F.SELLER_TAX_ID)
    if seller is Agreement.MISSING_HERE and invoice.kind not in _WITHOUT_SELLER:
        return _coded_seller(invoice, row)
    return seller is Agreement.SAME or (invoice.kind in _WITHOUT_SELLER and seller is not Agreement.DIFFERENT)


def _coded_seller(invoice: Invoice, row: RegisterRow) -> bool:
    """Whether a code speaks for the seller whom it does not name: number, date and amount are byte-exact from it, and
    the number was issued in the region of the row's seller, as 84 of 84 real invoices were (domain.md §3.7).
    """
    if not all(_coded(invoice, name) for name in (F.NUMBER, F.DATE)):
        return False
    if not (_coded(invoice, F.NET) or _coded(invoice, F.TOTAL)):
        return False
    number, code = decode_number(invoice.value(F.NUMBER) or ""), decode_code(invoice.value(F.CODE) or "")
    region = number.region if number else code.region if code and code.region_name else None
    return region is not None and region == region_of_tax_id(row.seller_tax_id)


def _coded(invoice: Invoice, name: FieldName) -> bool:
    seen = invoice.fields.get(name)
    return seen is not None and Proof.QR_CRC in seen.proof


def _agreeing(invoice: Invoice, row: RegisterRow) -> int:
    """How many of date, amount and seller agree."""
    seller = _seen(invoice, F.SELLER_TAX_ID, row.seller_tax_id)
    by_seller = bool(seller and row.seller_tax_id) and _same_id(seller or "", row.seller_tax_id)
    return _same_day(invoice, row) + _same_money(invoice, row) + by_seller


def _same_day(invoice: Invoice, row: RegisterRow) -> bool:
    return row.date is not None and invoice.value(F.DATE) == row.date.isoformat()


def _same_money(invoice: Invoice, row: RegisterRow) -> bool:
    """Whether net and total agree where both sides state them, at least one of them being compared."""
    pairs = [(invoice.value(F.NET), _text(row.net)), (invoice.value(F.TOTAL), _text(row.total))]
    compared = [here == there for here, there in pairs if here and there]
    return bool(compared) and all(compared)


def _same_id(one: str, other: str) -> bool:
    """Equal, or equal in the last six characters, which is all that some sources keep and all that a seal leaves."""
    return min(len(one), len(other)) >= _TAIL and one[-_TAIL:] == other[-_TAIL:]


def _rank(invoice: Invoice, candidate: Candidate) -> tuple[int, int, int, str]:
    same = sum(one.agreement is Agreement.SAME for one in candidate.comparison)
    day, row = invoice.value(F.DATE), candidate.row
    apart = abs((date.fromisoformat(day) - row.date).days) if day and row.date else 10**6
    return candidate.level, -same, apart, row.key


def _key(invoice: Invoice) -> str | None:
    return key_of(invoice.kind, invoice.value(F.CODE), invoice.value(F.NUMBER), serial=invoice.value(F.SERIAL))


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{cents(amount):.2f}"

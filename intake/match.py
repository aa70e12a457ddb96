"""Look an invoice up in the register: levels M0–M4 with every field compared (domain.md §9.2).

Only M0 is a match; everything weaker is proposed to a person, at most five rows, best first. What the register is
asked stands here, few and indexed questions; how a row compares stands in `intake/comparing.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from intake.comparing import agreeing, candidate, compare, same_day, same_money
from intake.fuse import WITH_CODE
from intake.model import (
    Agreement,
    Ambiguous,
    Candidate,
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
from intake.slips import next_numbers, swapped_day
from ocr.rules.codes import decode_code, decode_number, region_of_tax_id
from ocr.rules.keys import alias_of, key_of
from ocr.types import FieldName, Kind

F = FieldName
MOST: Final = 5
"""Most candidates shown."""
SPAN: Final = 3
"""Days that an M4 candidate may differ in its date."""
LATE: Final = 90
"""Days before the day of receipt in which an invoice is looked for whose day is unread or was taken from the receipt."""
ATTACHMENTS: Final = frozenset({Kind.LIST_PAGE, Kind.RIDE_LIST, Kind.OTHER})
_WITHOUT_SELLER: Final = frozenset({Kind.RAIL_E})
"""Kinds that print no seller's tax id: the railway."""
_TWO: Final = 2


def match(invoice: Invoice, register: Register, today: date | None = None) -> MatchOutcome:
    """The register's answer: the one row that agrees in everything, candidates, or nothing. `today` is the day in China."""
    if invoice.kind in ATTACHMENTS:
        return Unmatched()
    row = _under_key(invoice, register)
    if row and _exact(invoice, row):
        return Matched(candidate(invoice, row, MatchLevel.M0, today))
    best: dict[str, Candidate] = {}
    for level, other in _found(invoice, register, row, today):
        known = best.get(other.key)
        if known is None or level < known.level:
            best[other.key] = candidate(invoice, other, level, today)
    ordered = sorted(best.values(), key=lambda one: _rank(invoice, one))
    return Ambiguous(tuple(ordered[:MOST])) if ordered else Unmatched()


def _under_key(invoice: Invoice, register: Register) -> RegisterRow | None:
    """The row of this invoice by its key or by the second name that its form bears (数电纸质, §9.1)."""
    key, second = _key(invoice), None
    if invoice.kind in WITH_CODE and (printed := invoice.value(F.PRINTED_NUMBER)):
        second = alias_of(invoice.kind, invoice.value(F.CODE), invoice.value(F.NUMBER), printed=printed)
    return next((row for name in (key, second) if name and (row := register.by_key(name))), None)


def _found(
    invoice: Invoice, register: Register, row: RegisterRow | None, today: date | None
) -> Iterator[tuple[MatchLevel, RegisterRow]]:
    if row:
        yield MatchLevel.M1, row
    code, number = invoice.value(F.CODE) or "", invoice.value(F.NUMBER) or ""
    if number:
        for near in (*register.near(code, number), *_next(invoice, register, code, number)):
            if agreeing(invoice, near) >= _TWO:
                yield MatchLevel.M2, near
        for other in _misplaced(invoice, register, code, number):
            yield MatchLevel.M3, other
    yield from ((MatchLevel.M4, other) for other in _by_value(invoice, register, today))


def _next(invoice: Invoice, register: Register, code: str, number: str) -> Iterator[RegisterRow]:
    """连号: the invoice before and after, where a digit is carried so that no single slip reaches it."""
    for other in next_numbers(number):
        key = key_of(invoice.kind, code, other)
        row = register.by_key(key) if key else None
        if row:
            yield row


def _misplaced(invoice: Invoice, register: Register, code: str, number: str) -> Iterator[RegisterRow]:
    """Code and number exchanged or joined, or the code missing while number, date and amount name one row only."""
    for key in (key_of(invoice.kind, number, code), alias_of(invoice.kind, code, number)):
        row = register.by_key(key) if key else None
        if row:
            yield row
    if not code:
        same = [row for row in register.by_number(number) if same_day(invoice, row) and same_money(invoice, row)]
        if len({row.key for row in same}) == 1:
            yield same[0]


def _by_value(invoice: Invoice, register: Register, today: date | None) -> Iterable[RegisterRow]:
    """Rows of the seller with this amount about that day, or about the day that was meant."""
    total = invoice.value(F.TOTAL) or invoice.value(F.NET)
    sellers = {invoice.value(name) for name in (F.SELLER_TAX_ID, F.REAL_SELLER_TAX_ID)} - {None}
    if not total:
        return ()
    found = (
        register.by_value(seller, Decimal(total), day, span)
        for seller in sorted(seller for seller in sellers if seller)
        for day, span in _days(invoice.value(F.DATE), today)
    )
    return [row for rows in found for row in rows]


def _days(value: str | None, today: date | None) -> Iterator[tuple[date, int]]:
    """The days, each with the days about it, that may have been meant (§9.3): the one read, day and month exchanged, and
    those before the receipt where the day was not read or is that of receipt itself.
    """
    if value:
        yield date.fromisoformat(value), SPAN
        swapped = swapped_day(value)
        if swapped:
            yield swapped, 0
    if today and (not value or value == today.isoformat()):
        yield today - timedelta(days=LATE // _TWO), LATE // _TWO


def _exact(invoice: Invoice, row: RegisterRow) -> bool:
    """M0: date, amounts and seller agree and the status is normal; nothing else that both state may differ but names."""
    if row.status is not RegisterStatus.NORMAL or not (same_day(invoice, row) and same_money(invoice, row)):
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


def _rank(invoice: Invoice, found: Candidate) -> tuple[int, int, int, str]:
    """Best first: the level, then the score, then how near the day is, then the key, so that the order never depends on
    the register's.
    """
    day, row = invoice.value(F.DATE), found.row
    apart = abs((date.fromisoformat(day) - row.date).days) if day and row.date else 10**6
    return found.level, -found.score, apart, row.key


def _key(invoice: Invoice) -> str | None:
    return key_of(invoice.kind, invoice.value(F.CODE), invoice.value(F.NUMBER), serial=invoice.value(F.SERIAL))

"""An invoice beside a register row: each field with its weight, whom to believe, and the slip that explains a difference
(domain.md §9.2, §9.3). Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from intake.model import (
    Agreement,
    Candidate,
    FieldComparison,
    Invoice,
    Judgement,
    MatchLevel,
    Proof,
    RegisterRow,
    Slip,
)
from intake.slips import slip_of, slip_of_pair
from ocr.normalise import normalise
from ocr.rules.amounts import cents
from ocr.types import FieldName

F = FieldName
WEIGHTS: Final = {
    F.NUMBER: 30, F.TOTAL: 15, F.DATE: 15, F.NET: 10, F.CODE: 10, F.SELLER_TAX_ID: 10, F.TAX: 3, F.SELLER_NAME: 3,
    F.BUYER_TAX_ID: 3, F.BUYER_NAME: 1,
}  # fmt: skip
"""Points of a field that agrees, of 100."""
HALF: Final = 2
"""A difference that a known slip explains counts half, a value that one side lacks a quarter."""
QUARTER: Final = 4
TAIL: Final = 6
_REAL: Final = {F.SELLER_TAX_ID: F.REAL_SELLER_TAX_ID, F.SELLER_NAME: F.REAL_SELLER_NAME}
_BYTE_EXACT: Final = frozenset({Proof.QR_CRC, Proof.STRUCTURED})
MANUAL: Final = "manual"
"""The source of rows that people keyed."""

_STATED: Final[dict[FieldName, Callable[[RegisterRow], str | None]]] = {
    F.CODE: lambda row: row.code,
    F.NUMBER: lambda row: row.number,
    F.DATE: lambda row: row.date.isoformat() if row.date else None,
    F.NET: lambda row: money_text(row.net),
    F.TAX: lambda row: money_text(row.tax),
    F.TOTAL: lambda row: money_text(row.total),
    F.SELLER_TAX_ID: lambda row: row.seller_tax_id,
    F.SELLER_NAME: lambda row: row.seller_name,
    F.BUYER_TAX_ID: lambda row: row.buyer_tax_id,
    F.BUYER_NAME: lambda row: row.buyer_name,
}


def candidate(invoice: Invoice, row: RegisterRow, level: MatchLevel, today: date | None = None) -> Candidate:
    """The row as a candidate of this level: compared, scored (0–100), its key's slip named. `today` as for `compare`."""
    comparison = compare(invoice, row, today)
    slip = slip_of_pair(_pair(invoice), (row.code, row.number), invoice.value(F.CHECK_CODE) or "")
    return Candidate(row, level, comparison, score(comparison), None if level <= MatchLevel.M1 else slip)


def compare(invoice: Invoice, row: RegisterRow, today: date | None = None) -> tuple[FieldComparison, ...]:
    """Each field that the paper or the row states, side by side in one spelling. `today` (in China) tells a day of
    receipt from a day of issue.
    """
    found = []
    for name, stated in _STATED.items():
        raw = stated(row)
        expected = normalise(name, raw) or raw if raw else None
        seen = said_of(invoice, name, expected)
        if seen or expected:
            agreement = agreement_of(name, seen, expected)
            judgement = _judgement(invoice, row, name, agreement, exact=seen == expected)
            slip = _slip(invoice, row, name, today) if agreement is Agreement.DIFFERENT else None
            found.append(FieldComparison(name, seen, expected, agreement, WEIGHTS[name], judgement, slip))
    return tuple(found)


def score(comparison: Iterable[FieldComparison]) -> int:
    """How much of what either side states agrees, from 0 to 100 points."""
    got, most = 0, 0
    for one in comparison:
        points = {
            Agreement.SAME: HALF * QUARTER,
            Agreement.DIFFERENT: QUARTER if one.slip else 0,
            Agreement.MISSING_HERE: HALF,
            Agreement.MISSING_THERE: HALF,
        }[one.agreement]
        got += points * one.weight
        most += HALF * QUARTER * one.weight
    return 100 * got // most if most else 0


def said_of(invoice: Invoice, name: FieldName, expected: str | None) -> str | None:
    """What the paper says of a field; of the seller, where a tax office issued for it (代开), what the row names (§4.2)."""
    seen = invoice.value(name)
    real = invoice.value(_REAL[name]) if name in _REAL else None
    return real if real and expected and agreement_of(name, real, expected) is Agreement.SAME else seen


def agreement_of(name: FieldName, seen: str | None, expected: str | None) -> Agreement:
    """How two values in one spelling stand to each other."""
    if not seen:
        return Agreement.MISSING_HERE
    if not expected:
        return Agreement.MISSING_THERE
    same = seen == expected or (name is F.SELLER_TAX_ID and same_id(seen, expected))
    return Agreement.SAME if same else Agreement.DIFFERENT


def agreeing(invoice: Invoice, row: RegisterRow) -> int:
    """How many of date, amount and seller agree (§9.2 M2)."""
    seller = said_of(invoice, F.SELLER_TAX_ID, row.seller_tax_id)
    by_seller = bool(seller and row.seller_tax_id) and same_id(seller or "", row.seller_tax_id)
    return same_day(invoice, row) + same_money(invoice, row) + by_seller


def same_day(invoice: Invoice, row: RegisterRow) -> bool:
    """Whether both state the same day of issue."""
    return row.date is not None and invoice.value(F.DATE) == row.date.isoformat()


def same_money(invoice: Invoice, row: RegisterRow) -> bool:
    """Whether net and total agree where both sides state them, at least one of them being compared."""
    pairs = [(invoice.value(F.NET), money_text(row.net)), (invoice.value(F.TOTAL), money_text(row.total))]
    compared = [here == there for here, there in pairs if here and there]
    return bool(compared) and all(compared)


def same_id(one: str, other: str) -> bool:
    """Equal, or equal in the last six characters, which is all that some sources keep and all that a seal leaves."""
    return min(len(one), len(other)) >= TAIL and one[-TAIL:] == other[-TAIL:]


def money_text(amount: Decimal | None) -> str | None:
    """An amount in the one spelling; None stays None."""
    return None if amount is None else f"{cents(amount):.2f}"


def _judgement(invoice: Invoice, row: RegisterRow, name: FieldName, agreement: Agreement, *, exact: bool) -> Judgement:
    """Whom to believe: a code whose CRC fits, then the register, then a reading (§9.2 M1)."""
    if agreement is Agreement.SAME:
        return Judgement.AGREES if exact else Judgement.TAIL_AGREES
    if agreement is not Agreement.DIFFERENT:
        return Judgement.ONE_SIDED
    seen = invoice.fields.get(name)
    if seen is None or not seen.proven:
        return Judgement.REGISTER
    return Judgement.PAPER if seen.proof & _BYTE_EXACT or row.source == MANUAL else Judgement.OPEN


def _slip(invoice: Invoice, row: RegisterRow, name: FieldName, today: date | None) -> Slip | None:
    seen, expected = invoice.value(name) or "", normalise(name, _STATED[name](row) or "") or ""
    if name in {F.CODE, F.NUMBER}:
        pair = slip_of_pair(_pair(invoice), (row.code, row.number), invoice.value(F.CHECK_CODE) or "")
        return pair or slip_of(name, seen, expected)
    if name is F.NET and seen == money_text(row.total):
        return Slip.GROSS_FOR_NET
    if name is F.TOTAL and seen == money_text(row.net):
        return Slip.NET_FOR_GROSS
    return slip_of(name, seen, expected, today)


def _pair(invoice: Invoice) -> tuple[str, str]:
    return invoice.value(F.CODE) or "", invoice.value(F.NUMBER) or ""

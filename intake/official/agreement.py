"""Whether an official answer is about our paper: what was asked and what the page showed, field by field (§8.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from intake.model import Agreement, FieldComparison, Finding, Invoice, Level, OfficialOutcome
from intake.official.questions import as_asked, questions
from ocr.normalise import normalise
from ocr.types import FieldName

FACE: Final = frozenset(
    {OfficialOutcome.CONSISTENT, OfficialOutcome.VOID, OfficialOutcome.RED_FULL, OfficialOutcome.RED_PART}
)
"""Outcomes with which the official page shows the invoice: its values are typed back and a picture is kept."""
SHOWN: Final = (FieldName.SELLER_NAME, FieldName.BUYER_NAME, FieldName.TOTAL)
_IDENTITY: Final = frozenset({FieldName.NUMBER, FieldName.PRINTED_NUMBER, FieldName.SERIAL})
TYPED: Final = (
    OfficialOutcome.CONSISTENT,
    OfficialOutcome.NOT_FOUND,
    OfficialOutcome.INCONSISTENT,
    OfficialOutcome.VOID,
    OfficialOutcome.RED_FULL,
    OfficialOutcome.RED_PART,
    OfficialOutcome.LIMIT_EXCEEDED,
    OfficialOutcome.TOO_OLD,
    OfficialOutcome.UNSUPPORTED,
)
"""What a person may report; the others are told by an interface only."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked and what came back. `asked` holds values as the form wants them, `shown` as they were displayed
    (or typed back); `times` is the displayed 查验次数.
    """

    outcome: OfficialOutcome
    asked: Mapping[FieldName, str] = field(default_factory=dict)
    shown: Mapping[FieldName, str] = field(default_factory=dict)
    times: int | None = None


def lacking(invoice: Invoice, answer: Answer, *, pictured: bool) -> tuple[str, ...]:
    """What must be given with an outcome and is not: names of fields, and ``screenshot``. Of the parties, those that
    our paper names are asked back.
    """
    if answer.outcome not in FACE:
        return ()
    wanted = [name for name in SHOWN if name is FieldName.TOTAL or invoice.value(name)]
    missing = [name.value for name in wanted if not _clean(name, answer.shown.get(name))]
    return (*missing, *(() if pictured else ("screenshot",)))


def compare(invoice: Invoice, answer: Answer) -> tuple[FieldComparison, ...]:
    """Our values beside those asked with and those shown; fields that neither side states are left out.

    `seen` is ours, `expected` the official side's.
    """
    lines = [
        _line(one.name, one.value, as_asked(invoice.kind, one.name, answer.asked[one.name]))
        for one in questions(invoice)
        if one.name in answer.asked
    ]
    asked = {one.name for one in lines}
    shown = answer.shown if answer.outcome in FACE else {}
    lines += [
        _line(name, _clean(name, invoice.value(name)), _clean(name, text))
        for name, text in shown.items()
        if name not in asked or name in SHOWN
    ]
    said = {line.name for line in lines[len(asked) :] if line.expected}
    return tuple(
        line
        for index, line in enumerate(lines)
        if (line.seen or line.expected)
        # what was asked with and shown as well is said once, as it was shown
        and not (index < len(asked) and line.name in said and line.agreement is Agreement.SAME)
    )


def agrees(answer: Answer, comparison: Sequence[FieldComparison]) -> bool:
    """Whether a shown face is our paper's: it was asked for by our number, the amounts are equal, and nothing that both
    sides state differs.
    """
    if answer.outcome not in FACE:
        return False
    same = {line.name for line in comparison if line.agreement is Agreement.SAME}
    differs = any(line.agreement is Agreement.DIFFERENT for line in comparison)
    return FieldName.TOTAL in same and bool(same & _IDENTITY) and not differs


def differing(comparison: Sequence[FieldComparison]) -> tuple[FieldComparison, ...]:
    """The lines in which the two sides contradict each other, or in which ours says nothing."""
    return tuple(line for line in comparison if line.agreement in {Agreement.DIFFERENT, Agreement.MISSING_HERE})


def _line(name: FieldName, ours: str, theirs: str) -> FieldComparison:
    if not ours or not theirs:
        agreement = Agreement.MISSING_HERE if theirs else Agreement.MISSING_THERE
    else:
        agreement = Agreement.SAME if ours == theirs else Agreement.DIFFERENT
    return FieldComparison(name, ours or None, theirs or None, agreement)


def _clean(name: FieldName, text: str | None) -> str:
    """One spelling of a value, its text when it has none."""
    given = (text or "").strip()
    return normalise(name, given) or given


def needs_second(invoice: Invoice, findings: Sequence[Finding], threshold: Decimal) -> bool:
    """Whether one person's word is not enough (§10.2(d)): a check failed, or the number is not proven by a code or
    data of the issuer and the amount is `threshold` or more (or unknown).
    """
    if any(one.level is Level.ERROR for one in findings):
        return True
    total = invoice.value(FieldName.TOTAL)
    return not invoice.proven(FieldName.NUMBER) and (total is None or abs(Decimal(total)) >= threshold)

"""Whether the invoice is in force, and whether it is what it claims to be: nodes 11 and 12 (domain.md §9.4).

A suspicion rests on evidence that no misreading and no delay explains; "not yet verifiable" is never one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from intake.diagnosis.case import BAD, Case, answered, failed, link
from intake.diagnosis.reach import morning
from intake.diagnosis.reading import altered_face, impossible, says
from intake.model import Cause, Diagnosis, Evidence, NextStep, OfficialOutcome, Proof, Role
from ocr.rules.remarks import red_slip
from ocr.types import FieldName

F = FieldName
ALARM: Final = timedelta(days=3)
"""After the day of issue, at 09:00, an official place surely knows an invoice (T+3)."""


def void_or_red(case: Case) -> Diagnosis | None:
    """Node 11: void, reversed or abnormal in the register or at an official place, or itself a red letter."""
    evidence = (*_in_register(case), *_officially(case), *_red(case))
    if not evidence:
        return None
    return Diagnosis(Cause.VOID_OR_RED, evidence, NextStep.ASK_FOR_REPLACEMENT, Role.VERIFIER)


def suspected_forgery_or_alteration(case: Case) -> Diagnosis | None:
    """Node 12: an official place says so, or the paper contradicts its own code, itself, or what its number stands for.
    An invoice that an official place has shown as ours is none.
    """
    if case.confirmed():
        return None
    evidence = (
        *_denied(case),
        *map(says, altered_face(case)),
        *failed(impossible(case)),
        *_other_amount(case),
        *_copied(case),
    )
    if not evidence:
        return None
    supporting = tuple(failed(one for one in case.findings if one.code == "region_of_seller"))
    return Diagnosis(
        Cause.SUSPECTED_FORGERY_OR_ALTERATION,
        (*evidence, *supporting),
        NextStep.FREEZE_AND_ESCALATE,
        Role.SUPERVISOR,
    )


def _in_register(case: Case) -> Iterator[Evidence]:
    same = case.same_key()
    if same and same.row.status in BAD:
        yield Evidence("register_status", {"status": same.row.status}, link(same))


def _officially(case: Case) -> Iterator[Evidence]:
    answer = case.withdrawn()
    if answer:
        yield answered(answer)


def _red(case: Case) -> Iterator[Evidence]:
    total = case.total()
    if total is None or total >= 0:
        return
    yield Evidence("red_invoice")
    blue = case.invoice.value(F.RED_OF)
    if blue:
        yield Evidence("red_of", {"key": blue})
    slip = red_slip(case.invoice.value(F.REMARK) or "")
    if slip:
        yield Evidence("red_slip", {"number": slip})


def _denied(case: Case) -> Iterator[Evidence]:
    """An official place denies proven values: they are inconsistent, or not found after the third day."""
    answer, day = case.answer(), case.day()
    if answer is None or day is None or not (case.key_proven() and case.invoice.proven(F.DATE)):
        return
    late = answer.at >= morning(day + ALARM, answer.at)
    if answer.outcome is OfficialOutcome.INCONSISTENT or (answer.outcome is OfficialOutcome.NOT_FOUND and late):
        yield answered(answer)


def _other_amount(case: Case) -> Iterator[Evidence]:
    """The same, proven number with another amount."""
    same = case.same_key()
    for one in case.contradicted():
        params = {"field": one.name, "seen": one.seen or "—", "expected": one.expected or "—"}
        yield Evidence("same_number_other_amount", params, link(same) if same else "")


def _copied(case: Case) -> Iterator[Evidence]:
    """A picture on file looks the same and tells the same day and amount under another number (§9.5.2). What the issuer
    signed is no copy, and an unproven number would only be misread.
    """
    number = case.invoice.fields.get(F.NUMBER)
    if not case.key_proven() or number is None or Proof.STRUCTURED in number.proof:
        return
    for other in case.around.alike:
        if other.date is not None and (other.date, other.total) == (case.day(), case.total()):
            yield Evidence("looks_like", {"key": other.key}, f"invoice:{other.invoice_id}")

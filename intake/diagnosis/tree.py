"""The diagnosis tree of domain.md §9.4: the first node that holds gives the cause; others that hold too are told as well.

Two exceptions to the domain's order: a paper whose other pages are missing waits for them before anything is said of
it, and one of a kind that the register never holds is first looked up among what is on file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from intake.diagnosis.buyer import not_delivered_to_us, other_entity_register, wrong_title
from intake.diagnosis.case import Case, Circumstances
from intake.diagnosis.genuine import suspected_forgery_or_alteration, void_or_red
from intake.diagnosis.paper import duplicate, not_an_invoice, pages_missing, type_never_in_register
from intake.diagnosis.reading import matched_unproven, qr_ocr_conflict, transcription_error
from intake.diagnosis.register import (
    out_of_query_window,
    register_stale,
    seller_not_uploaded,
    system_fault,
    unknown,
    wrong_region_or_system,
)
from intake.model import Cause, Diagnosis, Finding, Invoice, MatchOutcome, Reason

Node: TypeAlias = Callable[[Case], Diagnosis | None]

NODES: Final[tuple[Node, ...]] = (
    pages_missing,
    not_an_invoice,
    type_never_in_register,
    duplicate,
    transcription_error,
    qr_ocr_conflict,
    register_stale,
    seller_not_uploaded,
    not_delivered_to_us,
    wrong_title,
    other_entity_register,
    void_or_red,
    suspected_forgery_or_alteration,
    out_of_query_window,
    wrong_region_or_system,
    system_fault,
)
_ALONE: Final = frozenset({Cause.NOT_AN_INVOICE, Cause.PAGES_MISSING})
"""Causes beside which nothing else is worth saying: the paper is none, or not all of it is here."""


def diagnose(invoice: Invoice, findings: Sequence[Finding], outcome: MatchOutcome, around: Circumstances) -> Diagnosis:
    """The first cause that holds, with the further ones of the tree that hold too. Order of rows, companies, sources,
    answers and pictures in `around` changes nothing.
    """
    case = Case(invoice, tuple(findings), outcome, around.in_order())
    holding = _holding(case)
    first = next(holding, None)
    if first is None:
        return matched_unproven(case) or unknown(case)
    if first.cause in _ALONE:
        return first
    return replace(first, also=tuple(Reason(other.cause, other.evidence) for other in holding))


def _holding(case: Case) -> Iterator[Diagnosis]:
    return (found for node in NODES if (found := node(case)))

"""What the paper is: nodes 1–3, and pages that are not here (domain.md §4.7, §9.4)."""

from __future__ import annotations

from intake.clock import BEIJING
from intake.comparing import money_text
from intake.diagnosis.case import ATTACHMENTS, NEVER_IN_REGISTER, Case, failed
from intake.model import Cause, Diagnosis, Evidence, NextStep, Role
from ocr.types import FieldName

F = FieldName


def pages_missing(case: Case) -> Diagnosis | None:
    """The paper counts pages that are not here: it waits for them (§4.7)."""
    sheets, missing = case.invoice.sheets, case.invoice.missing()
    if sheets is None or not missing or case.around.known:
        return None
    params = {"missing": ", ".join(map(str, missing)), "count": str(sheets.count)}
    evidence = (Evidence("pages_missing", params),)
    return Diagnosis(Cause.PAGES_MISSING, evidence, NextStep.SCAN_MISSING_PAGES, Role.CLERK)


def not_an_invoice(case: Case) -> Diagnosis | None:
    """Node 1: a list, a ride record, a slip."""
    if case.kind not in ATTACHMENTS:
        return None
    evidence = (Evidence("kind_is", {"kind": case.kind}),)
    return Diagnosis(Cause.NOT_AN_INVOICE, evidence, NextStep.REJECT_OR_ATTACH, Role.CLERK)


def type_never_in_register(case: Case) -> Diagnosis | None:
    """Node 2: taxi, fixed amount, coach, paper tickets, fiscal … One that is on file already is a duplicate."""
    if case.kind not in NEVER_IN_REGISTER or case.around.known:
        return None
    evidence = (Evidence("kind_not_in_register", {"kind": case.kind}), *failed(case.findings))
    return Diagnosis(Cause.TYPE_NEVER_IN_REGISTER, evidence, NextStep.KEY_AND_VERIFY, Role.CLERK)


def duplicate(case: Case) -> Diagnosis | None:
    """Node 3: the key is on file. The first record is shown; one that says something else is a conflict that blocks."""
    known = case.around.known
    if known is None:
        return None
    received = known.first_received_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    pairs = (
        (F.DATE, case.invoice.value(F.DATE), known.date.isoformat() if known.date else None),
        (F.NET, case.invoice.value(F.NET), money_text(known.net)),
        (F.TOTAL, case.invoice.value(F.TOTAL), money_text(known.total)),
    )
    where = f"invoice:{known.invoice_id}"
    conflicts = tuple(
        Evidence("differs_from_first", {"field": name, "here": here, "first": first}, where)
        for name, here, first in pairs
        if here and first and here != first
    )
    first = (
        Evidence("first_record", {"received": received}, where),
        Evidence("first_document", {}, f"document:{known.first_document_id}"),
    )
    owner = Role.SUPERVISOR if conflicts else Role.CLERK
    evidence = (*first, *(conflicts or (Evidence("same_as_first"),)))
    return Diagnosis(Cause.DUPLICATE, evidence, NextStep.OPEN_FIRST_RECORD, owner)

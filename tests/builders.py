"""Papers for the tests, built from what a test wants to say and sensible values for the rest."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from intake.model import (
    Attached,
    Candidate,
    Cause,
    Decided,
    Decision,
    Diagnosis,
    Evidence,
    Filed,
    Finding,
    FusedField,
    Invoice,
    InvoiceState,
    KnownInvoice,
    Level,
    Matched,
    MatchLevel,
    NeedsReview,
    NextStep,
    Proof,
    RegisterRow,
    RegisterStatus,
    Role,
    Unmatched,
)
from ocr.types import Box, Carrier, Extraction, FieldName, FieldValue, Kind, PageInfo, Source

NUMBER = "24112000000048542163"  # of domain.md §9.7
KEY = f"D:{NUMBER}"


def invoice(number: str = NUMBER, total: str | None = "4449.00", day: str | None = "2024-05-28") -> Invoice:
    """A fully digital invoice; None leaves a value out."""
    seen = {FieldName.NUMBER: number, FieldName.TOTAL: total, FieldName.DATE: day, FieldName.SELLER_NAME: "京东"}
    fields = {
        name: FusedField(
            name,
            value,
            frozenset({Proof.STRUCTURED}),
            (FieldValue(name, value, 1.0, Source.OFD_DATA, box=Box(0.1, 0.1, 0.2, 0.2), raw=value),),
        )
        for name, value in seen.items()
        if value is not None
    }
    return Invoice(Kind.DIG_NORMAL, fields)


def matched(key: str = KEY, total: str = "4449.00") -> Matched:
    row = RegisterRow(
        key=key,
        code="",
        number=key.removeprefix("D:"),
        date=None,
        net=None,
        tax=None,
        total=Decimal(total),
        seller_tax_id="",
        seller_name="京东",
        buyer_tax_id="",
        buyer_name="",
        kind=Kind.DIG_NORMAL,
        status=RegisterStatus.NORMAL,
    )
    return Matched(Candidate(row, MatchLevel.M0, ()))


def filed(number: str = NUMBER, total: str | None = "4449.00") -> Filed:
    findings = (Finding("sum", Level.OK, (FieldName.TOTAL,), {"total": total or ""}),)
    return Filed(invoice(number, total), f"D:{number}", findings, matched(f"D:{number}"))


def needs_review(
    number: str = NUMBER, total: str | None = "4449.00", *, key: bool = True, cause: Cause = Cause.REGISTER_STALE
) -> NeedsReview:
    diagnosis = Diagnosis(cause, (Evidence("newest", {"day": "2024-05-01"}),), NextStep.IMPORT_REGISTER, Role.CLERK)
    return NeedsReview(invoice(number, total), f"D:{number}" if key else None, (), Unmatched(), diagnosis)


def attached(invoice_id: int, document_id: int, received_at: datetime, number: str = NUMBER) -> Attached:
    known = KnownInvoice(
        invoice_id, f"D:{number}", InvoiceState.FILED, None, None, Decimal("4449.00"), document_id, received_at
    )
    return Attached(invoice(number), f"D:{number}", (), known)


def extraction(pages: int = 1) -> Extraction:
    return Extraction(
        Carrier.PDF, "application/pdf", tuple(PageInfo(index, 2480, 3508, turn=90) for index in range(pages))
    )


def decided(*decisions: Decision, pages: int = 1) -> Decided:
    return Decided(extraction(pages), decisions)

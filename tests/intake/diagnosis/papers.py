"""Papers, register rows and circumstances for the tests of the diagnosis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from intake.checks import check
from intake.clock import day_of
from intake.comparing import candidate as compared
from intake.diagnosis.case import Circumstances
from intake.diagnosis.tree import diagnose
from intake.fuse import fuse
from intake.model import (
    Candidate,
    Cause,
    Company,
    Diagnosis,
    Finding,
    FusedField,
    Invoice,
    InvoiceState,
    KnownInvoice,
    Likeness,
    MatchLevel,
    MatchOutcome,
    OfficialOutcome,
    Proof,
    RegisterRow,
    RegisterStatus,
    SourceState,
    Unmatched,
    Verification,
)
from ocr.rules.payload import encode, meaning, parse
from ocr.types import CodeSighting, FieldName, FieldValue, Kind, Receipt, Source

F, K = FieldName, Kind
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # noon in Beijing
DIGITAL = "26112000000048542163"
SELLER, OURS = "91110108690017781B", "914403003197860257"
RIGHT = {
    F.NUMBER: DIGITAL, F.DATE: "2026-11-10", F.NET: "4197.17", F.TAX: "251.83", F.TOTAL: "4449.00", F.SELLER_TAX_ID: SELLER,
    F.BUYER_TAX_ID: OURS, F.BUYER_NAME: "深圳某某有限公司",
}  # fmt: skip
COMPANY = Company("深圳某某有限公司", OURS)
FRESH = SourceState("tax bureau", date(2026, 11, 23), date(2022, 1, 1), NOW - timedelta(hours=1), 1000)
STALE = replace(FRESH, newest_issue=date(2026, 11, 9))
ROW = RegisterRow(
    key=f"D:{DIGITAL}", code="", number=DIGITAL, date=date(2026, 11, 10), net=Decimal("4197.17"), tax=Decimal("251.83"),
    total=Decimal("4449.00"), seller_tax_id=SELLER, seller_name="甲公司", buyer_tax_id=OURS, buyer_name="",
    kind=K.DIG_NORMAL, status=RegisterStatus.NORMAL, id=99,
)  # fmt: skip
KNOWN = KnownInvoice(
    12, f"D:{DIGITAL}", InvoiceState.FILED, date(2026, 11, 10), Decimal("4197.17"), Decimal("4449.00"), 7, NOW
)
LIKE = Likeness("D:26112000000048542999", 31, 40, 2, date(2026, 11, 10), Decimal("4449.00"))


def paper(
    values: Mapping[FieldName, str] = RIGHT,
    kind: Kind = K.DIG_NORMAL,
    source: Source = Source.OCR,
    proof: Proof | None = None,
    **changed: str | None,
) -> Invoice:
    merged = {**values, **{FieldName(name): value for name, value in changed.items()}}
    fields = {
        name: FusedField(name, value, frozenset({proof} if proof else ()), (FieldValue(name, value, 0.9, source),))
        for name, value in merged.items()
        if value is not None
    }
    return Invoice(kind, fields)


def candidate(invoice: Invoice, level: MatchLevel, row: RegisterRow = ROW) -> Candidate:
    return compared(invoice, row, level)


def why(
    invoice: Invoice,
    outcome: MatchOutcome | None = None,
    *,
    findings: tuple[Finding, ...] | None = None,
    now: datetime = NOW,
    companies: Sequence[Company] = (COMPANY,),
    sources: Sequence[SourceState] = (FRESH,),
    **around: Any,
) -> Diagnosis:
    found = check(invoice, today=day_of(now)) if findings is None else findings
    beside = Circumstances(now, 1825, companies=companies, sources=sources, **around)
    return diagnose(invoice, found, outcome or Unmatched(), beside)


def codes(found: Diagnosis) -> list[str]:
    return [one.code for one in found.evidence]


def also(found: Diagnosis) -> list[Cause]:
    return [one.cause for one in found.also]


def asked(outcome: OfficialOutcome, at: datetime = NOW, *, agreed: bool = False) -> Verification:
    return Verification(outcome, at, agreed, "verifier", "tax_bureau", invoice_id=5)


def coded(source: Source) -> Invoice:
    """A paper whose intact code says another day than its face, which was seen by this source."""
    text = encode("32", "", DIGITAL, "4449.00", "20261110", "")
    payload = parse(text)
    assert payload
    mark = CodeSighting(text, meaning(text), payload.crc, 0, None, "test")
    face = tuple(
        FieldValue(name, value, 0.9, source, raw=value)
        for name, value in ((F.NUMBER, DIGITAL), (F.DATE, "2026-10-31"), (F.TOTAL, "4449.00"))
    )
    return fuse(Receipt(K.DIG_NORMAL, values=face, codes=(mark,)))

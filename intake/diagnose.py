"""Why an invoice is not simply in the register, what shows it, and what to do (domain.md §9.4).

The nodes stand in the order of the domain's tree; the first that holds gives the cause. Two exceptions: a paper
whose other pages are missing waits for them before anything is said of it, and one of a kind that the register never
holds is first looked up among what is on file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from intake.clock import BEIJING, day_of
from intake.model import (
    Agreement,
    Ambiguous,
    Candidate,
    Cause,
    Company,
    Diagnosis,
    Evidence,
    Finding,
    Invoice,
    KnownInvoice,
    Level,
    Matched,
    MatchLevel,
    MatchOutcome,
    NextStep,
    RegisterStatus,
    Role,
    SourceState,
)
from intake.reach import look_again, reach, reaches
from intake.titles import title_of_person, wrong_title
from ocr.rules.remarks import red_slip
from ocr.types import CrcState, FieldName, Kind, Source

F = FieldName
ATTACHMENTS: Final = frozenset({Kind.LIST_PAGE, Kind.RIDE_LIST, Kind.OTHER})
NEVER_IN_REGISTER: Final = frozenset(
    {
        Kind.TAXI, Kind.QUOTA, Kind.COACH, Kind.TRAIN_PAPER, Kind.AIR_PAPER, Kind.FISCAL, Kind.MACHINE_GENERAL,
        Kind.BLOCKCHAIN,
    }
)  # fmt: skip
MANUAL: Final = "manual"
"""The source of rows that people keyed; it says nothing of how far the register reaches."""
_TAX_CONTROL: Final = frozenset(
    {
        Kind.VAT_SPECIAL_PAPER, Kind.VAT_NORMAL_PAPER, Kind.VAT_E_NORMAL, Kind.VAT_E_SPECIAL, Kind.VAT_E_TOLL,
        Kind.VAT_ROLL, Kind.VEHICLE, Kind.USED_VEHICLE,
    }
)  # fmt: skip
_UPLOAD_DAYS: Final = 7
_BAD: Final = frozenset(RegisterStatus) - {RegisterStatus.NORMAL, RegisterStatus.UNKNOWN}
_SIGNS_OF_MISREADING: Final = frozenset({"tax_id_check", "tax_id_shape", "region_of_seller"})
_FACE_EXACT: Final = frozenset({Source.PDF_TEXT, Source.OFD_TEXT, Source.OFD_DATA, Source.XML, Source.XBRL})


def diagnose(
    invoice: Invoice,
    findings: Sequence[Finding],
    outcome: MatchOutcome,
    *,
    known: KnownInvoice | None,
    companies: Sequence[Company],
    sources: Sequence[SourceState],
    now: datetime,
    stale_days: int,
) -> Diagnosis:
    """The first cause that holds. `now` is aware; `stale_days` is the age after which nobody answers."""
    case = _Case(
        invoice, tuple(findings), _candidates(outcome), isinstance(outcome, Matched), known, companies,
        tuple(source for source in sources if source.name != MANUAL), now, stale_days,
    )  # fmt: skip
    return next(found for node in _NODES if (found := node(case)))


@dataclass(frozen=True, slots=True)
class _Case:
    invoice: Invoice
    findings: tuple[Finding, ...]
    candidates: tuple[Candidate, ...]
    matched: bool
    known: KnownInvoice | None
    companies: Sequence[Company]
    sources: tuple[SourceState, ...]
    now: datetime
    stale_days: int

    def day(self) -> date | None:
        value = self.invoice.value(F.DATE)
        return None if value is None else date.fromisoformat(value)

    def same_key(self) -> Candidate | None:
        """The row under the very key, whether its other values agree or not."""
        return next((one for one in self.candidates if one.level <= MatchLevel.M1), None)

    def kind(self) -> dict[str, str]:
        return {"kind": self.invoice.kind}


def _pages_missing(case: _Case) -> Diagnosis | None:
    """The paper counts pages that are not here: it waits for them (§4.7)."""
    sheets, missing = case.invoice.sheets, case.invoice.missing()
    if sheets is None or not missing or case.known:
        return None
    params = {"missing": ", ".join(map(str, missing)), "count": str(sheets.count)}
    evidence = (Evidence("pages_missing", params),)
    return Diagnosis(Cause.PAGES_MISSING, evidence, NextStep.SCAN_MISSING_PAGES, Role.CLERK)


def _not_an_invoice(case: _Case) -> Diagnosis | None:
    if case.invoice.kind not in ATTACHMENTS:
        return None
    return Diagnosis(Cause.NOT_AN_INVOICE, (Evidence("kind_is", case.kind()),), NextStep.REJECT_OR_ATTACH, Role.CLERK)


def _type_never_in_register(case: _Case) -> Diagnosis | None:
    if case.invoice.kind not in NEVER_IN_REGISTER or case.known:
        return None
    evidence = (Evidence("kind_not_in_register", case.kind()), *_failed(case.findings))
    return Diagnosis(Cause.TYPE_NEVER_IN_REGISTER, evidence, NextStep.KEY_AND_VERIFY, Role.CLERK)


def _duplicate(case: _Case) -> Diagnosis | None:
    known = case.known
    if known is None:
        return None
    received = known.first_received_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    pairs = (
        (F.DATE, case.invoice.value(F.DATE), known.date.isoformat() if known.date else None),
        (F.NET, case.invoice.value(F.NET), _text(known.net)),
        (F.TOTAL, case.invoice.value(F.TOTAL), _text(known.total)),
    )
    conflicts = tuple(
        Evidence("differs_from_first", {"field": name, "here": here, "first": first}, f"invoice:{known.invoice_id}")
        for name, here, first in pairs
        if here and first and here != first
    )
    first = (
        Evidence("first_record", {"received": received}, f"invoice:{known.invoice_id}"),
        Evidence("first_document", {}, f"document:{known.first_document_id}"),
    )
    owner = Role.SUPERVISOR if conflicts else Role.CLERK
    evidence = (*first, *(conflicts or (Evidence("same_as_first"),)))
    return Diagnosis(Cause.DUPLICATE, evidence, NextStep.OPEN_FIRST_RECORD, owner)


def _transcription_error(case: _Case) -> Diagnosis | None:
    """A check fails, the row under the key says something else, or a near row exists."""
    failed = tuple(_failed(one for one in case.findings if _means_misreading(case.invoice, one)))
    near = [one for one in case.candidates if one.level in {MatchLevel.M2, MatchLevel.M3}]
    same = None if case.matched else case.same_key()
    differing = _expected(same) if same and same.row.status not in _BAD else ()
    if not (failed or near or differing):
        return None
    evidence = (*failed, *differing, *(_candidate(one) for one in near))
    return Diagnosis(Cause.TRANSCRIPTION_ERROR, evidence, NextStep.CORRECT_FROM_IMAGE, Role.CLERK)


def _qr_ocr_conflict(case: _Case) -> Diagnosis | None:
    """An intact code says something else than the face; on a digital face that is no misreading (node 12)."""
    conflicts = [one for one in case.findings if one.code == "qr_face" and one.level is Level.ERROR]
    if not conflicts or not any(code.crc is CrcState.OK for code in case.invoice.codes):
        return None
    evidence = tuple(Evidence("qr_says", {"field": one.fields[0], **one.params}) for one in conflicts)
    exact = any(
        seen.source in _FACE_EXACT for one in conflicts for seen in case.invoice.fields[one.fields[0]].sightings
    )
    return Diagnosis(Cause.QR_OCR_CONFLICT, evidence, NextStep.USE_QR_VALUES, Role.SUPERVISOR if exact else Role.CLERK)


def _register_stale(case: _Case) -> Diagnosis | None:
    day = case.day()
    if case.same_key() or day is None or any(reaches(source, day) for source in case.sources):
        return None
    evidence = (Evidence("issue_date", {"date": day.isoformat()}), *reach(case.sources))
    return Diagnosis(
        Cause.REGISTER_STALE, evidence, NextStep.IMPORT_REGISTER, Role.SUPERVISOR, look_again(day, case.now)
    )


def _wrong_title(case: _Case) -> Diagnosis | None:
    evidence = wrong_title(case.invoice, case.companies, case.day())
    return Diagnosis(Cause.WRONG_TITLE, evidence, NextStep.RETURN_TO_SELLER, Role.CLERK) if evidence else None


def _void_or_red(case: _Case) -> Diagnosis | None:
    same = case.same_key()
    evidence: list[Evidence] = []
    if same and same.row.status in _BAD:
        evidence.append(Evidence("register_status", {"status": same.row.status}, _link(same)))
    if Decimal(case.invoice.value(F.TOTAL) or 0) < 0:
        evidence.append(Evidence("red_invoice"))
        blue = case.invoice.value(F.RED_OF)
        evidence += [Evidence("red_of", {"key": blue})] if blue else []
        slip = red_slip(case.invoice.value(F.REMARK) or "")
        evidence += [Evidence("red_slip", {"number": slip})] if slip else []
    return (
        Diagnosis(Cause.VOID_OR_RED, tuple(evidence), NextStep.ASK_FOR_REPLACEMENT, Role.VERIFIER) if evidence else None
    )


def _out_of_query_window(case: _Case) -> Diagnosis | None:
    day = case.day()
    if day is None or case.same_key():
        return None
    evidence: list[Evidence] = []
    age = (day_of(case.now) - day).days
    if age > case.stale_days:
        evidence.append(Evidence("age", {"days": str(age), "limit": str(case.stale_days)}))
    oldest = min((source.oldest_issue for source in case.sources if source.oldest_issue), default=day)
    if day < oldest:
        evidence.append(Evidence("before_register", {"oldest": oldest.isoformat()}))
    if not evidence:
        return None
    return Diagnosis(Cause.OUT_OF_QUERY_WINDOW, tuple(evidence), NextStep.KEEP_PAPER_EVIDENCE, Role.CLERK)


def _matched_unproven(case: _Case) -> Diagnosis | None:
    """A row agrees in everything, but so does its neighbour: a person confirms the number."""
    same = case.same_key()
    if same is None:
        return None
    return Diagnosis(Cause.TRANSCRIPTION_ERROR, (_candidate(same),), NextStep.CORRECT_FROM_IMAGE, Role.CLERK)


def _unknown(case: _Case) -> Diagnosis:
    """Nothing explains it; what may help is shown, and recent papers are looked up again."""
    day, invoice = case.day(), case.invoice
    evidence = [_candidate(one) for one in case.candidates] or [Evidence("nothing_found")]
    if invoice.value(F.NUMBER) is None and invoice.value(F.SERIAL) is None:
        evidence.append(Evidence("no_key"))
    if title_of_person(invoice):
        evidence.append(Evidence("title_is_person", {"name": invoice.value(F.BUYER_NAME) or ""}))
    elif invoice.value(F.BUYER_NAME) and invoice.value(F.BUYER_TAX_ID) is None:
        evidence.append(Evidence("title_without_tax_id"))
    again = None
    if day and invoice.kind in _TAX_CONTROL and 0 <= (age := (day_of(case.now) - day).days) <= _UPLOAD_DAYS:
        evidence.append(Evidence("seller_recent", {"days": str(age)}))
        again = look_again(day, case.now)
    evidence += _failed(case.findings)
    return Diagnosis(Cause.UNKNOWN, tuple(evidence), NextStep.VERIFY_THEN_KEY, Role.CLERK, again)


_NODES: Final[tuple[Callable[[_Case], Diagnosis | None], ...]] = (
    _pages_missing,
    _not_an_invoice,
    _type_never_in_register,
    _duplicate,
    _transcription_error,
    _qr_ocr_conflict,
    _register_stale,
    _wrong_title,
    _void_or_red,
    _out_of_query_window,
    _matched_unproven,
    _unknown,
)


def _means_misreading(invoice: Invoice, finding: Finding) -> bool:
    if finding.level is Level.ERROR:
        return finding.code != "qr_face"
    doubtful = any(not invoice.proven(name) for name in finding.fields)
    return finding.level is Level.WARNING and finding.code in _SIGNS_OF_MISREADING and doubtful


def _failed(findings: Sequence[Finding] | Iterator[Finding]) -> Iterator[Evidence]:
    for finding in findings:
        if finding.level in {Level.ERROR, Level.WARNING}:
            yield Evidence("check_failed", {**finding.params, "finding": finding.code})


def _expected(candidate: Candidate) -> tuple[Evidence, ...]:
    """What the row under the very key says otherwise, or what was not read of it."""
    off = [one for one in candidate.comparison if one.agreement in {Agreement.DIFFERENT, Agreement.MISSING_HERE}]
    return tuple(
        Evidence(
            "register_expects",
            {"field": one.name, "seen": one.seen or "—", "expected": one.expected or "—"},
            _link(candidate),
        )
        for one in off
    )


def _candidate(candidate: Candidate) -> Evidence:
    row = candidate.row
    params = {
        "number": f"{row.code} {row.number}".strip(),
        "seller": row.seller_name,
        "date": row.date.isoformat() if row.date else "—",
        "total": _text(row.total) or _text(row.net) or "—",
        "level": candidate.level.name,
    }
    return Evidence("candidate", params, _link(candidate))


def _candidates(outcome: MatchOutcome) -> tuple[Candidate, ...]:
    if isinstance(outcome, Matched):
        return (outcome.candidate,)
    return outcome.candidates if isinstance(outcome, Ambiguous) else ()


def _link(candidate: Candidate) -> str:
    return "" if candidate.row.id is None else f"register:{candidate.row.id}"


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"

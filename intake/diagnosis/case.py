"""What the nodes of the diagnosis look at, and the questions that several of them ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from intake.clock import day_of
from intake.comparing import MANUAL, money_text
from intake.model import (
    Agreement,
    Ambiguous,
    Candidate,
    Company,
    Evidence,
    FieldComparison,
    Finding,
    Invoice,
    Judgement,
    KnownInvoice,
    Level,
    Likeness,
    Matched,
    MatchLevel,
    MatchOutcome,
    OfficialOutcome,
    RefusedRow,
    RegisterStatus,
    SourceState,
    System,
    Verification,
)
from ocr.types import FieldName, Kind

F = FieldName
ATTACHMENTS: Final = frozenset({Kind.LIST_PAGE, Kind.RIDE_LIST, Kind.OTHER})
NEVER_IN_REGISTER: Final = frozenset(
    {
        Kind.TAXI, Kind.QUOTA, Kind.COACH, Kind.TRAIN_PAPER, Kind.AIR_PAPER, Kind.FISCAL, Kind.MACHINE_GENERAL,
        Kind.BLOCKCHAIN,
    }
)  # fmt: skip
TAX_CONTROL: Final = frozenset(
    {
        Kind.VAT_SPECIAL_PAPER, Kind.VAT_NORMAL_PAPER, Kind.VAT_E_NORMAL, Kind.VAT_E_SPECIAL, Kind.VAT_E_TOLL,
        Kind.VAT_ROLL, Kind.VEHICLE, Kind.USED_VEHICLE, Kind.FREIGHT_SPECIAL,
    }
)  # fmt: skip
DIGITAL: Final = frozenset(
    {
        Kind.DIG_SPECIAL, Kind.DIG_NORMAL, Kind.DIG_VEHICLE, Kind.DIG_USED_VEHICLE, Kind.DIG_PAPER_SPECIAL,
        Kind.DIG_PAPER_NORMAL, Kind.RAIL_E, Kind.AIR_E,
    }
)  # fmt: skip
BAD: Final = frozenset(RegisterStatus) - {RegisterStatus.NORMAL, RegisterStatus.UNKNOWN}
NEAR: Final = frozenset({MatchLevel.M2, MatchLevel.M3})
WITHDRAWN: Final = frozenset({OfficialOutcome.VOID, OfficialOutcome.RED_FULL, OfficialOutcome.RED_PART})
SHOWN: Final = WITHDRAWN | {OfficialOutcome.CONSISTENT}
_FINAL: Final = SHOWN | {OfficialOutcome.INCONSISTENT, OfficialOutcome.NOT_FOUND}
_AMOUNTS: Final = frozenset({F.NET, F.TOTAL})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known beside the paper and its match. `now` is aware, `stale_days` the age after which nobody answers.

    `official` holds the answers of official places, `refused` the rows of imports that were refused and hold its
    number, `alike` invoices whose pictures look like its own.
    """

    now: datetime
    stale_days: int
    known: KnownInvoice | None = None
    companies: Sequence[Company] = ()
    sources: Sequence[SourceState] = ()
    official: Sequence[Verification] = ()
    refused: Sequence[RefusedRow] = ()
    alike: Sequence[Likeness] = ()

    def in_order(self) -> Circumstances:
        """The same in an order of its own, so that nothing depends on the order in which it was gathered. What people
        keyed says nothing of how far the tax bureau's register reaches and is no source.
        """
        return replace(
            self,
            companies=sorted(self.companies, key=repr),
            sources=sorted((one for one in self.sources if one.name != MANUAL), key=repr),
            official=sorted(self.official, key=lambda one: (-one.at.timestamp(), repr(one))),
            refused=sorted(self.refused, key=lambda one: (-one.at.timestamp(), repr(one))),
            alike=sorted(self.alike, key=lambda one: (one.distance, one.invoice_id)),
        )


@dataclass(frozen=True, slots=True)
class Case:
    """One paper that is not simply filed."""

    invoice: Invoice
    findings: tuple[Finding, ...]
    outcome: MatchOutcome
    around: Circumstances

    @property
    def kind(self) -> Kind:
        """The kind of the paper."""
        return self.invoice.kind

    @property
    def now(self) -> datetime:
        """The moment of the diagnosis."""
        return self.around.now

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The rows that the match proposes, best first."""
        if isinstance(self.outcome, Matched):
            return (self.outcome.candidate,)
        return self.outcome.candidates if isinstance(self.outcome, Ambiguous) else ()

    def day(self) -> date | None:
        """The day of issue, as read."""
        value = self.invoice.value(F.DATE)
        return None if value is None else date.fromisoformat(value)

    def age(self) -> int | None:
        """Days since the issue, in China; None without a day."""
        day = self.day()
        return None if day is None else (day_of(self.now) - day).days

    def total(self) -> Decimal | None:
        """The total, as read."""
        value = self.invoice.value(F.TOTAL)
        return None if value is None else Decimal(value)

    def same_key(self) -> Candidate | None:
        """The row under the very key, whether its other values agree or not."""
        return next((one for one in self.candidates if one.level <= MatchLevel.M1), None)

    def near(self) -> tuple[Candidate, ...]:
        """Rows whose key is a slip away."""
        return tuple(one for one in self.candidates if one.level in NEAR)

    def named(self) -> bool:
        """Whether the paper says which invoice it is: a number, or a serial of those kinds that have one."""
        return self.invoice.value(F.NUMBER) is not None or self.invoice.value(F.SERIAL) is not None

    def key_proven(self) -> bool:
        """Whether code and number are proven, so that no misreading can have made them."""
        return self.invoice.proven(F.NUMBER) and (self.invoice.value(F.CODE) is None or self.invoice.proven(F.CODE))

    def absent(self) -> bool:
        """Whether the question is why the register has no row: none under the key or a slip away, none that an import
        refused, the first record is not here already, and the kind is one that a register holds.
        """
        present = self.around.known or self.same_key() or self.near() or self.around.refused
        return not present and self.kind not in ATTACHMENTS | NEVER_IN_REGISTER

    def system(self) -> System | None:
        """The system of the tax bureau that issued it."""
        if self.kind in DIGITAL:
            return System.DIGITAL
        return System.TAX_CONTROL if self.kind in TAX_CONTROL else None

    def answer(self) -> Verification | None:
        """The newest official answer that says something of this paper; a face that is not ours is another invoice's."""
        final = (one for one in self.around.official if one.outcome in _FINAL)
        return next((one for one in final if one.agreed or one.outcome not in SHOWN), None)

    def confirmed(self) -> bool:
        """Whether an official place has shown this very invoice, in force."""
        answer = self.answer()
        return answer is not None and answer.outcome is OfficialOutcome.CONSISTENT

    def withdrawn(self) -> Verification | None:
        """The official answer that this very invoice is void or reversed: final (§8.3), so that no delay explains anything."""
        answer = self.answer()
        return answer if answer is not None and answer.outcome in WITHDRAWN else None

    def contradicted(self) -> tuple[FieldComparison, ...]:
        """Amounts of the row under a proven key that differ from proven ones of the paper: the same number with another
        amount. A row that people keyed is none the wiser than they were.
        """
        same = self.same_key()
        if same is None or not self.key_proven() or same.row.source == MANUAL or same.row.status in BAD:
            return ()
        exact = {Judgement.PAPER, Judgement.OPEN}
        return tuple(one for one in same.comparison if one.name in _AMOUNTS and one.judgement in exact)


def failed(findings: Sequence[Finding] | Iterator[Finding]) -> Iterator[Evidence]:
    """What checks hold against a paper."""
    for finding in findings:
        if finding.level in {Level.ERROR, Level.WARNING}:
            yield Evidence("check_failed", {**finding.params, "finding": finding.code})


def expected(candidate: Candidate) -> tuple[Evidence, ...]:
    """What the row under the very key says otherwise, or what was not read of it."""
    off = [one for one in candidate.comparison if one.agreement in {Agreement.DIFFERENT, Agreement.MISSING_HERE}]
    return tuple(
        Evidence(
            "register_expects",
            {"field": one.name, "seen": one.seen or "—", "expected": one.expected or "—"},
            link(candidate),
        )
        for one in off
    )


def proposed(candidate: Candidate) -> Evidence:
    """A row of the register as a candidate, with the slip that would explain its key."""
    row = candidate.row
    params = {
        "number": f"{row.code} {row.number}".strip(),
        "seller": row.seller_name,
        "date": row.date.isoformat() if row.date else "—",
        "total": money_text(row.total) or money_text(row.net) or "—",
        "level": candidate.level.name,
    }
    if candidate.slip:
        return Evidence("candidate_slip", {**params, "slip": candidate.slip}, link(candidate))
    return Evidence("candidate", params, link(candidate))


def link(candidate: Candidate) -> str:
    """The link to a candidate's row."""
    return "" if candidate.row.id is None else f"register:{candidate.row.id}"


def answered(answer: Verification) -> Evidence:
    """An official answer as evidence."""
    where = "" if answer.invoice_id is None else f"invoice:{answer.invoice_id}"
    return Evidence("official_answer", {"answer": answer.outcome, "date": day_of(answer.at).isoformat()}, where)

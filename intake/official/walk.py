"""The five steps for an invoice that is not in the register, walked as far as a machine can go alone.

(1) the state of the systems, (2) contact with support, (3) importing again, (4) entry by hand (补录), (5) verification
by another way. Each step says what is done, what is to do, and why another is not needed. "Not yet verifiable" is a
state of waiting here and never a reproach to the paper.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum, unique
from typing import Final

from intake.clock import day_of
from intake.model import (
    Cause,
    Diagnosis,
    OfficialOutcome,
    SourceHealth,
    SourceState,
    TaskState,
    Verification,
)
from intake.official.agreement import FACE
from intake.official.sites import Site

C = Cause


@unique
class StepName(StrEnum):
    """The five steps in their order."""

    STATUS = "status"
    SUPPORT = "support"
    IMPORT = "import"
    ENTRY = "entry"
    VERIFICATION = "verification"


@unique
class StepState(StrEnum):
    """How a step stands."""

    DONE = "done"
    TODO = "todo"  # do it now
    WAITING = "waiting"  # for a moment or for another person
    READY = "ready"  # prepared, in case the others do not help
    NOT_NEEDED = "not_needed"


@unique
class Addressee(StrEnum):
    """Who can be written to."""

    SELLER = "seller"
    TAX_BUREAU = "tax_bureau"
    ERP = "erp"  # who keeps the company's own systems
    SISTER = "sister"  # the sister company's desk


@unique
class CaseState(StrEnum):
    """How a case stands."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class CaseRef:
    """The latest case about an invoice."""

    id: int
    to: Addressee
    state: CaseState
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `why` is a code that `step.<name>.<why>` puts into words with `params`."""

    name: StepName
    state: StepState
    why: str
    params: Mapping[str, str | date | datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the steps follow from. `verifications` are newest first, `again_at` is the next reminder, `issued` the
    day of issue, `site` who answers for the kind.
    """

    diagnosis: Diagnosis
    sources: tuple[SourceState, ...]
    now: datetime
    site: Site
    task: TaskState | None
    issued: date | None = None
    verifications: tuple[Verification, ...] = ()
    again_at: datetime | None = None
    case: CaseRef | None = None

    @property
    def cause(self) -> Cause:
        """The cause of the diagnosis."""
        return self.diagnosis.cause

    @property
    def verified(self) -> bool:
        """Whether the newest official answer shows our paper as it is and in force."""
        return self._shown() is OfficialOutcome.CONSISTENT

    @property
    def not_in_force(self) -> bool:
        """Whether the newest official answer shows our paper as void or reversed in whole."""
        return self._shown() in {OfficialOutcome.VOID, OfficialOutcome.RED_FULL}

    def _shown(self) -> OfficialOutcome | None:
        newest = self.verifications[0] if self.verifications else None
        return newest.outcome if newest is not None and newest.agreed else None


ADDRESSEES: Final[Mapping[Cause, Addressee]] = {
    C.SELLER_NOT_UPLOADED: Addressee.SELLER,
    C.NOT_DELIVERED_TO_US: Addressee.SELLER,
    C.WRONG_TITLE: Addressee.SELLER,
    C.VOID_OR_RED: Addressee.SELLER,
    C.REGISTER_STALE: Addressee.ERP,
    C.SYSTEM_FAULT: Addressee.ERP,
    C.WRONG_REGION_OR_SYSTEM: Addressee.ERP,
    C.OTHER_ENTITY_REGISTER: Addressee.SISTER,
    C.SUSPECTED_FORGERY_OR_ALTERATION: Addressee.TAX_BUREAU,
    C.OUT_OF_QUERY_WINDOW: Addressee.TAX_BUREAU,
    C.UNKNOWN: Addressee.TAX_BUREAU,
}
"""Whom a cause is taken to; with the others nobody outside can help."""

_CONTACT_FIRST: Final = frozenset(
    {C.WRONG_TITLE, C.VOID_OR_RED, C.SYSTEM_FAULT, C.OTHER_ENTITY_REGISTER, C.SUSPECTED_FORGERY_OR_ALTERATION}
)
_IMPORT_AGAIN: Final = frozenset({C.REGISTER_STALE, C.WRONG_REGION_OR_SYSTEM, C.SYSTEM_FAULT})
_SETTLED: Final = frozenset({C.NOT_AN_INVOICE, C.DUPLICATE, C.PAGES_MISSING})
_ENTRY_STOPPED: Final = _SETTLED | {
    C.VOID_OR_RED,
    C.WRONG_TITLE,
    C.OTHER_ENTITY_REGISTER,
    C.SUSPECTED_FORGERY_OR_ALTERATION,
}
_ENTRY_FIRST: Final = frozenset(
    {C.TRANSCRIPTION_ERROR, C.QR_OCR_CONFLICT, C.TYPE_NEVER_IN_REGISTER, C.OUT_OF_QUERY_WINDOW}
)
_VERIFY_FIRST: Final = frozenset({C.UNKNOWN, C.NOT_DELIVERED_TO_US, C.SUSPECTED_FORGERY_OR_ALTERATION})
_NOT_REGISTERED: Final = {C.TYPE_NEVER_IN_REGISTER: "never", C.NOT_DELIVERED_TO_US: "by_tax_id"}
_BROKEN: Final = frozenset({SourceHealth.FAILING, SourceHealth.OPEN})


def walk(situation: Situation) -> tuple[Step, ...]:
    """The five steps in their order."""
    return tuple(step(situation) for step in _STEPS)


def _status(now: Situation) -> Step:
    name = StepName.STATUS
    if not now.sources:
        return Step(name, StepState.TODO, "empty", {"at": now.now})
    broken = next((one for one in now.sources if one.failed or one.health in _BROKEN), None)
    if broken is not None:
        return Step(name, StepState.TODO, "failing", {"source": broken.name, "at": now.now})
    paused = next((one for one in now.sources if one.health is not SourceHealth.OK), None)
    if paused is not None:
        until: dict[str, str | date | datetime] = {} if paused.until is None else {"until": paused.until}
        return Step(name, StepState.WAITING, paused.health.value, {"source": paused.name, "at": now.now, **until})
    newest = max((one.newest_issue for one in now.sources if one.newest_issue), default=None)
    if newest is None:
        return Step(name, StepState.TODO, "empty", {"at": now.now})
    days = max(0, (day_of(now.now) - newest).days)
    return Step(name, StepState.DONE, "well", {"newest": newest, "days": str(days), "at": now.now})


def _support(now: Situation) -> Step:
    name, case = StepName.SUPPORT, now.case
    if case is not None and case.state is CaseState.OPEN:
        late = case.due_at <= now.now
        params: dict[str, str | date | datetime] = {"to": case.to.value, "due": case.due_at}
        return Step(name, StepState.TODO if late else StepState.WAITING, "overdue" if late else "sent", params)
    if case is not None:
        return Step(name, StepState.DONE, case.state.value, {"to": case.to.value})
    addressee = ADDRESSEES.get(now.cause)
    if addressee is None:
        return Step(name, StepState.NOT_NEEDED, "nobody")
    if now.cause in _CONTACT_FIRST:
        return Step(name, StepState.TODO, "first", {"to": addressee.value})
    return Step(name, StepState.READY, "prepared", {"to": addressee.value})


def _import(now: Situation) -> Step:
    name, day = StepName.IMPORT, now.issued
    said: dict[str, str | date | datetime] = {} if day is None else {"day": day}
    if now.cause in _IMPORT_AGAIN:
        return Step(name, StepState.TODO, "period" if day else "again", said)
    if now.cause in _NOT_REGISTERED:
        return Step(name, StepState.NOT_NEEDED, _NOT_REGISTERED[now.cause])
    if now.cause in _ENTRY_STOPPED:
        return Step(name, StepState.NOT_NEEDED, "settled")
    newest = max((one.newest_issue for one in now.sources if one.newest_issue), default=None)
    if day is not None and newest is not None and newest >= day:
        return Step(name, StepState.DONE, "reaches", {"newest": newest, **said})
    return Step(name, StepState.READY, "period" if day else "again", said)


def _entry(now: Situation) -> Step:
    name = StepName.ENTRY
    if now.task is None or now.task in {TaskState.VERIFIED, TaskState.CLOSED}:
        return Step(name, StepState.NOT_NEEDED, "over")
    if now.task in {TaskState.ENTERED, TaskState.DISPUTED}:
        return Step(name, StepState.WAITING, now.task.value)
    if now.cause in _ENTRY_STOPPED or now.not_in_force:
        return Step(name, StepState.NOT_NEEDED, "stopped" if now.cause in _ENTRY_STOPPED else "not_in_force")
    if now.cause in _ENTRY_FIRST:
        return Step(name, StepState.TODO, "correct" if now.cause in _CORRECTED else "key")
    return Step(name, StepState.TODO, "verified") if now.verified else Step(name, StepState.READY, "known")


_CORRECTED: Final = frozenset({C.TRANSCRIPTION_ERROR, C.QR_OCR_CONFLICT})


def _verification(now: Situation) -> Step:
    return _answered(now, now.verifications[0]) if now.verifications else _unasked(now)


def _answered(now: Situation, newest: Verification) -> Step:
    name, outcome = StepName.VERIFICATION, newest.outcome
    said: dict[str, str | date | datetime] = {"outcome": outcome.value, "at": newest.at, "by": newest.by}
    if now.verified:
        return Step(name, StepState.DONE, "verified", said)
    if outcome in FACE:
        return Step(name, StepState.DONE if newest.agreed else StepState.TODO, _FACE_SAID[newest.agreed], said)
    if outcome in _LAST_WORDS:
        return Step(name, StepState.DONE, "answered", said)
    if now.again_at is not None and now.again_at > now.now:
        return Step(name, StepState.WAITING, "again", {**said, "due": now.again_at})
    return Step(name, StepState.TODO, "once_more", said)


def _unasked(now: Situation) -> Step:
    name = StepName.VERIFICATION
    if now.cause in _SETTLED:
        return Step(name, StepState.NOT_NEEDED, "settled")
    if now.site is Site.NONE:
        return Step(name, StepState.NOT_NEEDED, "nowhere")
    if now.cause is C.OUT_OF_QUERY_WINDOW:
        return Step(name, StepState.NOT_NEEDED, "too_old")
    if now.cause in _VERIFY_FIRST:
        return Step(name, StepState.TODO, "first")
    return Step(name, StepState.READY, "prepared")


_FACE_SAID: Final = {True: "not_in_force", False: "differs"}
_LAST_WORDS: Final = frozenset({OfficialOutcome.TOO_OLD, OfficialOutcome.UNSUPPORTED})
_STEPS: Final[tuple[Callable[[Situation], Step], ...]] = (_status, _support, _import, _entry, _verification)

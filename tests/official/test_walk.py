from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from intake.model import (
    Cause,
    Diagnosis,
    NextStep,
    OfficialOutcome,
    Role,
    SourceHealth,
    SourceState,
    TaskState,
    Verification,
)
from intake.official.sites import Site
from intake.official.walk import (
    ADDRESSEES,
    Addressee,
    CaseRef,
    CaseState,
    Situation,
    Step,
    StepName,
    StepState,
    walk,
)

C, Out, S = Cause, OfficialOutcome, StepState
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
SOON, LATE = NOW + timedelta(days=1), NOW - timedelta(days=1)
DAY = date(2026, 11, 20)
WELL = SourceState("税局", date(2026, 11, 23), date(2021, 1, 1), NOW)


def source(health: SourceHealth, *, until: datetime | None = None, failed: bool = False) -> SourceState:
    return SourceState("ERP", DAY, DAY, NOW, failed=failed, health=health, until=until)


def said(outcome: OfficialOutcome, *, agreed: bool = False) -> Verification:
    return Verification(outcome, LATE, agreed, "clerk", "tax_bureau")


def situation(cause: Cause = C.UNKNOWN, **changes: object) -> Situation:
    diagnosis = Diagnosis(cause, (), NextStep.VERIFY_THEN_KEY, Role.CLERK)
    given: dict[str, object] = {
        "sources": (WELL,),
        "site": Site.TAX_BUREAU,
        "task": TaskState.OPEN,
        "issued": DAY,
        **changes,
    }
    return Situation(diagnosis, now=NOW, **given)  # type: ignore[arg-type]  # a table of changes


def step(name: StepName, given: Situation) -> Step:
    (found,) = [one for one in walk(given) if one.name is name]
    return found


def test_the_steps_come_in_the_order_of_the_article() -> None:
    assert [one.name for one in walk(situation())] == list(StepName)


@pytest.mark.parametrize(
    ("sources", "state", "why"),
    [
        ((), S.TODO, "empty"),
        ((SourceState("税局", None, None, None),), S.TODO, "empty"),
        ((WELL,), S.DONE, "well"),
        ((WELL, source(SourceHealth.FAILING)), S.TODO, "failing"),
        ((WELL, source(SourceHealth.OK, failed=True)), S.TODO, "failing"),
        ((source(SourceHealth.OPEN),), S.TODO, "failing"),
        ((source(SourceHealth.MAINTENANCE, until=SOON),), S.WAITING, "maintenance"),
        ((source(SourceHealth.BYPASSED),), S.WAITING, "bypassed"),
    ],
)
def test_the_state_of_the_systems_is_checked(sources: tuple[SourceState, ...], state: StepState, why: str) -> None:
    found = step(StepName.STATUS, situation(sources=sources))
    assert (found.state, found.why, found.params["at"]) == (state, why, NOW)


def test_the_lag_is_told_in_days_and_the_end_of_a_pause_with_its_moment() -> None:
    assert step(StepName.STATUS, situation()).params["days"] == "1"
    paused = situation(sources=(source(SourceHealth.MAINTENANCE, until=SOON),))
    assert step(StepName.STATUS, paused).params["until"] == SOON


def case(state: CaseState, due_at: datetime = SOON) -> CaseRef:
    return CaseRef(7, Addressee.SELLER, state, due_at)


@pytest.mark.parametrize(
    ("cause", "given", "state", "why"),
    [
        (C.UNKNOWN, None, S.READY, "prepared"),
        (C.WRONG_TITLE, None, S.TODO, "first"),
        (C.DUPLICATE, None, S.NOT_NEEDED, "nobody"),
        (C.DUPLICATE, case(CaseState.OPEN), S.WAITING, "sent"),
        (C.UNKNOWN, case(CaseState.OPEN, LATE), S.TODO, "overdue"),
        (C.UNKNOWN, case(CaseState.ANSWERED), S.DONE, "answered"),
        (C.UNKNOWN, case(CaseState.CLOSED), S.DONE, "closed"),
    ],
)
def test_contact_is_prepared_sent_late_or_answered(
    cause: Cause, given: CaseRef | None, state: StepState, why: str
) -> None:
    found = step(StepName.SUPPORT, situation(cause, case=given))
    assert (found.state, found.why) == (state, why)


@pytest.mark.parametrize(
    ("cause", "issued", "sources", "state", "why"),
    [
        (C.REGISTER_STALE, DAY, (WELL,), S.TODO, "period"),
        (C.SYSTEM_FAULT, None, (WELL,), S.TODO, "again"),
        (C.TYPE_NEVER_IN_REGISTER, DAY, (WELL,), S.NOT_NEEDED, "never"),
        (C.NOT_DELIVERED_TO_US, DAY, (WELL,), S.NOT_NEEDED, "by_tax_id"),
        (C.DUPLICATE, DAY, (WELL,), S.NOT_NEEDED, "settled"),
        (C.UNKNOWN, DAY, (WELL,), S.DONE, "reaches"),
        (C.UNKNOWN, date(2026, 11, 24), (WELL,), S.READY, "period"),
        (C.UNKNOWN, None, (WELL,), S.READY, "again"),
        (C.UNKNOWN, DAY, (), S.READY, "period"),
    ],
)
def test_importing_again_is_offered_with_its_period(
    cause: Cause, issued: date | None, sources: tuple[SourceState, ...], state: StepState, why: str
) -> None:
    found = step(StepName.IMPORT, situation(cause, issued=issued, sources=sources))
    assert (found.state, found.why) == (state, why)
    assert found.params.get("day") == (issued if state is not S.NOT_NEEDED else None)


@pytest.mark.parametrize(
    ("cause", "task", "verified", "state", "why"),
    [
        (C.UNKNOWN, None, False, S.NOT_NEEDED, "over"),
        (C.UNKNOWN, TaskState.CLOSED, False, S.NOT_NEEDED, "over"),
        (C.UNKNOWN, TaskState.ENTERED, False, S.WAITING, "entered"),
        (C.VOID_OR_RED, TaskState.DISPUTED, False, S.WAITING, "disputed"),
        (C.VOID_OR_RED, TaskState.OPEN, False, S.NOT_NEEDED, "stopped"),
        (C.TRANSCRIPTION_ERROR, TaskState.CLAIMED, False, S.TODO, "correct"),
        (C.QR_OCR_CONFLICT, TaskState.OPEN, False, S.TODO, "correct"),
        (C.TYPE_NEVER_IN_REGISTER, TaskState.OPEN, False, S.TODO, "key"),
        (C.UNKNOWN, TaskState.OPEN, False, S.READY, "known"),
        (C.UNKNOWN, TaskState.OPEN, True, S.TODO, "verified"),
    ],
)
def test_entry_is_opened_where_nothing_forbids_it(
    cause: Cause, task: TaskState | None, verified: bool, state: StepState, why: str
) -> None:
    answers = (said(Out.CONSISTENT, agreed=True),) if verified else ()
    found = step(StepName.ENTRY, situation(cause, task=task, verifications=answers))
    assert (found.state, found.why) == (state, why)


@pytest.mark.parametrize(
    ("outcome", "agreed", "state"),
    [
        (Out.VOID, True, S.NOT_NEEDED),
        (Out.RED_FULL, True, S.NOT_NEEDED),
        (Out.RED_PART, True, S.READY),
        (Out.VOID, False, S.READY),  # another invoice was looked up
    ],
)
def test_nothing_is_keyed_that_is_officially_not_in_force(
    outcome: OfficialOutcome, agreed: bool, state: StepState
) -> None:
    found = step(StepName.ENTRY, situation(C.REGISTER_STALE, verifications=(said(outcome, agreed=agreed),)))
    assert found.state is state


@pytest.mark.parametrize(
    ("cause", "answers", "changes", "state", "why"),
    [
        (C.UNKNOWN, (), {}, S.TODO, "first"),
        (C.REGISTER_STALE, (), {}, S.READY, "prepared"),
        (C.DUPLICATE, (), {}, S.NOT_NEEDED, "settled"),
        (C.UNKNOWN, (), {"site": Site.NONE}, S.NOT_NEEDED, "nowhere"),
        (C.OUT_OF_QUERY_WINDOW, (), {}, S.NOT_NEEDED, "too_old"),
        (C.UNKNOWN, (said(Out.CONSISTENT, agreed=True),), {}, S.DONE, "verified"),
        (C.UNKNOWN, (said(Out.CONSISTENT),), {}, S.TODO, "differs"),
        (C.VOID_OR_RED, (said(Out.VOID, agreed=True),), {}, S.DONE, "not_in_force"),
        (C.UNKNOWN, (said(Out.TOO_OLD),), {}, S.DONE, "answered"),
        (C.UNKNOWN, (said(Out.NOT_FOUND),), {"again_at": SOON}, S.WAITING, "again"),
        (C.UNKNOWN, (said(Out.NOT_FOUND),), {"again_at": LATE}, S.TODO, "once_more"),
        (C.UNKNOWN, (said(Out.INCONSISTENT),), {}, S.TODO, "once_more"),
        (C.UNKNOWN, (said(Out.NOT_FOUND), said(Out.CONSISTENT, agreed=True)), {}, S.TODO, "once_more"),
    ],
)
def test_verification_is_guided_waits_or_is_done(
    cause: Cause, answers: tuple[Verification, ...], changes: dict[str, object], state: StepState, why: str
) -> None:
    found = step(StepName.VERIFICATION, situation(cause, verifications=answers, **changes))
    assert (found.state, found.why) == (state, why)


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_something_to_do_or_to_wait_for(cause: Cause) -> None:
    steps = walk(situation(cause))
    alone = {C.NOT_AN_INVOICE, C.DUPLICATE, C.PAGES_MISSING}  # nothing outside helps: the button of the card does it
    assert any(one.state in {S.TODO, S.READY} for one in steps) == (cause not in alone)
    assert (cause in ADDRESSEES) == (steps[1].state is not S.NOT_NEEDED)

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from intake.diagnosis.reach import look_again
from intake.model import (
    Ambiguous,
    Cause,
    Direction,
    MatchLevel,
    NextStep,
    OfficialOutcome,
    RefusedRow,
    Role,
    SourceHealth,
    SourceState,
    System,
)
from ocr.types import Kind
from tests.intake.diagnosis.papers import (
    COMPANY,
    DIGITAL,
    FRESH,
    KNOWN,
    NOW,
    OURS,
    ROW,
    STALE,
    F,
    K,
    also,
    asked,
    candidate,
    codes,
    paper,
    why,
)


@pytest.mark.parametrize(
    ("sources", "evidence"),
    [
        ((STALE,), ["issue_date", "register_reaches"]),
        ((), ["issue_date", "register_empty"]),
        ((replace(FRESH, failed=True),), ["issue_date", "register_failed", "register_reaches"]),
        ((replace(FRESH, newest_issue=None, imported_at=None),), ["issue_date", "register_reaches"]),
        ((replace(FRESH, newest_issue=date(2026, 11, 10), imported_at=None),), ["issue_date", "register_reaches"]),
        # imported on the morning after issue, before nine
        ((replace(FRESH, imported_at=datetime(2026, 11, 11, 0, 59, tzinfo=UTC)),), ["issue_date", "register_reaches"]),
        # what people keyed says nothing of the bureau's register
        ((STALE, replace(FRESH, name="manual")), ["issue_date", "register_reaches"]),
    ],
)
def test_6_a_register_that_does_not_reach_the_day(sources: tuple[SourceState, ...], evidence: list[str]) -> None:
    found = why(paper(), sources=sources)
    assert (found.cause, found.next_step, found.owner) == (
        Cause.REGISTER_STALE,
        NextStep.IMPORT_REGISTER,
        Role.SUPERVISOR,
    )
    assert codes(found) == evidence
    assert found.look_again_at == datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "source",
    [
        replace(FRESH, imported_at=datetime(2026, 11, 11, 1, 0, tzinfo=UTC)),
        replace(FRESH, imported_at=None),
        replace(FRESH, newest_issue=date(2026, 11, 10)),
    ],
)
def test_6_one_source_that_reaches_the_day_is_enough(source: SourceState) -> None:
    assert why(paper(), sources=(STALE, source)).cause is Cause.UNKNOWN


def test_6_without_a_day_nothing_is_said_of_the_register() -> None:
    assert why(paper(date=None), sources=()).cause is Cause.UNKNOWN


@pytest.mark.parametrize(
    ("now", "again"),
    [
        ("2026-11-10T12:00", "2026-11-10T13:00"),  # the day of issue: in an hour
        ("2026-11-11T08:30", "2026-11-11T09:00"),  # not past nine of the next day
        ("2026-11-11T09:00", "2026-11-13T09:00"),  # then on the third day
        ("2026-11-13T08:59", "2026-11-13T09:00"),
        ("2026-11-13T09:00", "2026-11-14T09:00"),  # then every morning
        ("2026-11-24T23:30", "2026-11-25T09:00"),
    ],
)
def test_6_when_the_service_looks_again(now: str, again: str) -> None:
    beijing = timedelta(hours=8)
    moment = (datetime.fromisoformat(now) - beijing).replace(tzinfo=UTC)
    expected = (datetime.fromisoformat(again) - beijing).replace(tzinfo=UTC)
    assert look_again(date(2026, 11, 10), moment) == expected


def test_13_too_old_to_be_looked_up() -> None:
    old = paper({F.NUMBER: "21112000000048542163", F.DATE: "2021-10-01", F.BUYER_TAX_ID: OURS})
    found = why(old)
    assert (found.cause, found.next_step) == (Cause.OUT_OF_QUERY_WINDOW, NextStep.KEEP_PAPER_EVIDENCE)
    assert codes(found) == ["age", "before_register"]
    assert found.evidence[0].params == {"days": "1880", "limit": "1825"}
    assert codes(why(old, sources=(replace(FRESH, oldest_issue=None),))) == ["age"]


def test_16_the_rest_is_open() -> None:
    found = why(paper())
    assert (found.cause, found.next_step, found.owner) == (Cause.UNKNOWN, NextStep.VERIFY_THEN_KEY, Role.CLERK)
    assert codes(found) == ["nothing_found"]
    assert found.look_again_at == datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
    assert why(paper(date="2026-10-25")).look_again_at is not None
    assert why(paper(date="2026-10-24")).look_again_at is None
    assert why(paper(date=None)).look_again_at is None
    value = why(paper(), Ambiguous((candidate(paper(), MatchLevel.M4),)))
    assert codes(value) == ["candidate"]


OLD = {F.CODE: "011002600111", F.NUMBER: "83089647", F.DATE: "2026-11-20", F.BUYER_TAX_ID: OURS}


@pytest.mark.parametrize("kind", [K.VAT_E_NORMAL, K.VAT_SPECIAL_PAPER, K.VAT_ROLL, K.VEHICLE, K.USED_VEHICLE])
def test_7_a_recent_paper_of_the_old_system_waits_for_its_seller(kind: Kind) -> None:
    found = why(paper(OLD, kind), findings=())
    assert (found.cause, found.next_step, found.owner) == (
        Cause.SELLER_NOT_UPLOADED,
        NextStep.WAIT_OR_ASK_SELLER,
        Role.CLERK,
    )
    assert codes(found) == ["seller_recent", "register_reaches"]
    assert found.evidence[0].params == {"days": "4"}
    assert found.look_again_at == datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed", "holds"),
    [
        ({"date": "2026-11-17"}, True),
        ({"date": "2026-11-16"}, False),  # a week is enough
        ({"date": "2026-11-25"}, False),
        ({"date": None}, False),
    ],
)
def test_7_a_week_long(changed: dict[str, Any], holds: bool) -> None:
    reached = replace(FRESH, newest_issue=date(2026, 12, 1), imported_at=None)
    found = why(paper(OLD, K.VAT_E_NORMAL, **changed), findings=(), sources=(reached,))
    assert (found.cause is Cause.SELLER_NOT_UPLOADED) is holds


def test_7_one_that_an_official_place_knows_was_uploaded() -> None:
    denied = why(paper(OLD, K.VAT_E_NORMAL), findings=(), official=(asked(OfficialOutcome.NOT_FOUND),))
    assert (denied.cause, codes(denied)[1]) == (Cause.SELLER_NOT_UPLOADED, "official_answer")
    shown = why(paper(OLD, K.VAT_E_NORMAL), findings=(), official=(asked(OfficialOutcome.CONSISTENT, agreed=True),))
    assert shown.cause is Cause.UNKNOWN
    another = why(paper(OLD, K.VAT_E_NORMAL), findings=(), official=(asked(OfficialOutcome.CONSISTENT),))
    assert another.cause is Cause.SELLER_NOT_UPLOADED


def test_7_a_paper_of_the_new_system_comes_by_itself() -> None:
    assert why(paper(date="2026-11-20")).cause is Cause.UNKNOWN


def test_16_a_paper_of_which_nothing_was_read_says_so() -> None:
    found = why(paper({}, K.UNKNOWN))
    assert (found.cause, codes(found)) == (Cause.UNKNOWN, ["nothing_found", "no_key"])
    assert "no_key" not in codes(why(paper({F.SERIAL: "65773300460326A123456"}, K.CUSTOMS)))
    named = why(paper({F.BUYER_NAME: "个人"}, K.UNKNOWN))
    assert codes(named) == ["nothing_found", "no_key", "title_is_person"]
    short = why(paper({F.NUMBER: DIGITAL, F.BUYER_NAME: COMPANY.name}, K.DIG_SPECIAL))
    assert "title_without_tax_id" in codes(short)


def test_16_each_official_answer_is_told_once_the_newest_first() -> None:
    earlier = NOW - timedelta(days=1)
    answers = (
        asked(OfficialOutcome.NOT_FOUND, earlier),
        asked(OfficialOutcome.NOT_FOUND),
        asked(OfficialOutcome.LIMIT_EXCEEDED, earlier),
    )
    found = why(paper(), official=answers)
    told = [one for one in found.evidence if one.code == "official_answer"]
    assert [one.params for one in told] == [
        {"answer": OfficialOutcome.NOT_FOUND, "date": "2026-11-24"},
        {"answer": OfficialOutcome.LIMIT_EXCEEDED, "date": "2026-11-23"},
    ]
    assert [one.link for one in told] == ["invoice:5", "invoice:5"]


# --- sources at fault, and exports with another range --------------------------------------------------------------

SOON = NOW + timedelta(hours=5)


@pytest.mark.parametrize(
    ("health", "until", "step", "owner", "again"),
    [
        (SourceHealth.FAILING, None, NextStep.REPLAY_IMPORT, Role.ADMINISTRATOR, NOW + timedelta(hours=1)),
        (SourceHealth.OPEN, SOON, NextStep.REPLAY_IMPORT, Role.ADMINISTRATOR, SOON),
        (SourceHealth.OPEN, NOW, NextStep.REPLAY_IMPORT, Role.ADMINISTRATOR, NOW + timedelta(hours=1)),
        (SourceHealth.BYPASSED, SOON, NextStep.IMPORT_REGISTER, Role.SUPERVISOR, SOON),
        (SourceHealth.MAINTENANCE, SOON, NextStep.IMPORT_REGISTER, Role.SUPERVISOR, SOON),
    ],
)
def test_6_a_register_that_stopped_is_asked_when_it_goes_on(
    health: SourceHealth, until: datetime | None, step: NextStep, owner: Role, again: datetime
) -> None:
    found = why(paper(), sources=(replace(STALE, health=health, until=until),))
    assert (found.cause, found.next_step, found.owner) == (Cause.REGISTER_STALE, step, owner)
    assert found.look_again_at == again
    params = {"source": "tax bureau", "health": health}
    assert found.evidence[1].params in (
        params,
        {**params, "until": "2026-11-24 17:00"},
        {**params, "until": "2026-11-24 12:00"},
    )
    assert ("until" in found.evidence[1].params) is (until is not None)
    assert also(found) == [Cause.SYSTEM_FAULT]


def test_6_one_source_that_goes_on_is_worth_asking_at_its_time() -> None:
    found = why(paper(), sources=(replace(STALE, health=SourceHealth.OPEN), replace(STALE, name="files")))
    assert (found.next_step, found.look_again_at) == (NextStep.IMPORT_REGISTER, datetime(2026, 11, 25, 1, tzinfo=UTC))


@pytest.mark.parametrize("health", [one for one in SourceHealth if one is not SourceHealth.OK])
def test_15_a_source_at_fault_or_left_out_may_have_had_it(health: SourceHealth) -> None:
    found = why(paper(), sources=(FRESH, replace(STALE, name="erp", health=health, until=SOON)))
    assert (found.cause, found.next_step, found.owner) == (
        Cause.SYSTEM_FAULT,
        NextStep.REPLAY_IMPORT,
        Role.ADMINISTRATOR,
    )
    assert [(one.code, one.link) for one in found.evidence] == [("source_health_until", "source:erp")]
    assert found.look_again_at == SOON


def test_15_an_import_that_failed_may_have_had_it() -> None:
    found = why(paper(), sources=(FRESH, replace(FRESH, name="erp", failed=True)))
    assert (found.cause, codes(found)) == (Cause.SYSTEM_FAULT, ["register_failed"])
    assert found.look_again_at == NOW + timedelta(hours=1)


REFUSED = RefusedRow(3, "tax bureau", 17, "excel_lost_digits", NOW)


@pytest.mark.parametrize("sources", [(FRESH,), (STALE,), ()])
def test_15_a_row_with_this_number_that_an_import_refused_explains_it(sources: tuple[SourceState, ...]) -> None:
    found = why(paper(buyer_tax_id=None), sources=sources, refused=(REFUSED,))
    assert found.cause is Cause.SYSTEM_FAULT
    assert found.evidence[0].params == {"source": "tax bureau", "row": "17", "reason": "excel_lost_digits"}
    assert found.evidence[0].link == "import:3"
    assert (found.look_again_at, found.also) == (None, ())


@pytest.mark.parametrize("level", [MatchLevel.M1, MatchLevel.M2])
def test_15_what_the_register_has_was_not_refused(level: MatchLevel) -> None:
    row = candidate(paper(), level, replace(ROW, date=None, seller_name=""))
    found = why(paper(), Ambiguous((row,)), refused=(REFUSED,), sources=(replace(FRESH, failed=True),))
    assert found.cause is Cause.TRANSCRIPTION_ERROR
    assert also(found) == []
    assert also(why(paper(), known=KNOWN, refused=(REFUSED,))) == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"direction": Direction.ISSUED}, "only_issued"),
        ({"systems": frozenset({System.TAX_CONTROL})}, "system_not_exported"),
        (
            {"spans": ((date(2026, 10, 1), date(2026, 11, 9)), (date(2026, 11, 11), date(2026, 11, 23)))},
            "span_not_exported",
        ),
    ],
)
def test_14_an_export_with_another_range_lacks_it(wrong: dict[str, Any], code: str) -> None:
    source = replace(FRESH, **wrong)
    found = why(paper(), sources=(source,))
    assert (found.cause, found.next_step, found.owner) == (
        Cause.WRONG_REGION_OR_SYSTEM,
        NextStep.EXPORT_AGAIN,
        Role.SUPERVISOR,
    )
    assert codes(found) == [code]
    assert found.evidence[0].link == "source:tax bureau"
    assert why(paper(), sources=(source, replace(FRESH, name="good"))).cause is Cause.UNKNOWN
    assert why(paper(date=None), sources=(source,)).cause is Cause.UNKNOWN
    lagging = why(paper(), sources=(source, replace(STALE, name="lagging")))
    assert lagging.cause is Cause.WRONG_REGION_OR_SYSTEM


@pytest.mark.parametrize(
    "right",
    [
        {"direction": Direction.RECEIVED},
        {"direction": Direction.BOTH},
        {"systems": frozenset({System.DIGITAL})},
        {"spans": ((date(2026, 11, 10), date(2026, 11, 10)),)},
    ],
)
def test_14_an_export_with_the_right_range_is_no_cause(right: dict[str, Any]) -> None:
    assert why(paper(), sources=(replace(FRESH, **right),)).cause is Cause.UNKNOWN


def test_14_a_kind_of_neither_system_is_not_held_against_an_export() -> None:
    source = replace(FRESH, systems=frozenset({System.DIGITAL}))
    assert why(paper(kind=K.CUSTOMS), findings=(), sources=(source,)).cause is Cause.UNKNOWN
    old = {**OLD, F.DATE: "2026-10-01"}
    assert why(paper(old, K.VAT_E_NORMAL), findings=(), sources=(source,)).cause is Cause.WRONG_REGION_OR_SYSTEM


def test_13_what_an_official_place_calls_too_old_is() -> None:
    found = why(paper(), official=(asked(OfficialOutcome.TOO_OLD), asked(OfficialOutcome.TOO_OLD, NOW - timedelta(1))))
    assert (found.cause, codes(found)) == (Cause.OUT_OF_QUERY_WINDOW, ["official_answer"])


def test_13_a_source_begins_where_somebody_said_so() -> None:
    begun = why(paper(), sources=(replace(FRESH, first_day=date(2026, 11, 11)),))
    assert (begun.cause, begun.evidence[0].params) == (Cause.OUT_OF_QUERY_WINDOW, {"oldest": "2026-11-11"})
    assert why(paper(), sources=(replace(FRESH, first_day=date(2026, 11, 10)),)).cause is Cause.UNKNOWN
    row = candidate(paper(), MatchLevel.M1, replace(ROW, date=None, seller_name=""))
    there = why(paper(), Ambiguous((row,)), sources=(replace(FRESH, first_day=date(2026, 11, 11)),))
    assert there.cause is Cause.TRANSCRIPTION_ERROR
    assert why(paper(date=None), sources=(replace(FRESH, first_day=date(2026, 11, 11)),)).cause is Cause.UNKNOWN

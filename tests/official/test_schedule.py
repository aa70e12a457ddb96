from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from intake.model import OfficialOutcome, Role
from intake.official.schedule import FollowUp, escalates_at, follow_up, left, says_nothing

Out = OfficialOutcome
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # Beijing 12:00


@pytest.mark.parametrize(
    ("today", "clerk", "approver"),
    [
        ([], 4, 5),
        ([Out.NOT_FOUND] * 3, 1, 2),
        ([Out.NOT_FOUND] * 4, 0, 1),
        ([Out.NOT_FOUND] * 5, 0, 0),
        ([Out.NOT_FOUND] * 9, 0, 0),
        ([Out.UPSTREAM_ERROR, Out.QUOTA, Out.BAD_REQUEST, Out.UNSUPPORTED], 4, 5),
        ([Out.LIMIT_EXCEEDED], 0, 0),
    ],
)
def test_five_a_day_with_one_kept_for_the_approver(today: list[OfficialOutcome], clerk: int, approver: int) -> None:
    assert left(today, approver=False) == clerk
    assert left(today, approver=True) == approver


def at(day: int, hour: int = 2) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)  # 02:00 UTC is 10:00 in Beijing


@pytest.mark.parametrize(
    ("outcome", "issued", "expected"),
    [
        (Out.NOT_FOUND, date(2026, 11, 24), (FollowUp.ASK_AGAIN, Role.CLERK, at(25))),
        (Out.NOT_FOUND, None, (FollowUp.ASK_AGAIN, Role.CLERK, at(25))),
        (Out.TODAY_NOT_AVAILABLE, date(2026, 11, 24), (FollowUp.ASK_AGAIN, Role.CLERK, at(25))),
        (Out.NOT_FOUND, date(2026, 11, 23), (FollowUp.ASK_AGAIN, Role.CLERK, at(26))),
        (Out.NOT_FOUND, date(2026, 11, 22), (FollowUp.ASK_AGAIN, Role.CLERK, at(25))),
        (Out.NOT_FOUND, date(2026, 11, 21), (FollowUp.ESCALATE, Role.SUPERVISOR, NOON)),
        (Out.NOT_FOUND, date(2020, 1, 1), (FollowUp.ESCALATE, Role.SUPERVISOR, NOON)),
        (Out.NOT_FOUND, date(2026, 11, 26), (FollowUp.ASK_AGAIN, Role.CLERK, at(27))),  # a day misread into the future
        (Out.LIMIT_EXCEEDED, date(2020, 1, 1), (FollowUp.ASK_TOMORROW, Role.CLERK, at(25))),
        (Out.QUOTA, date(2026, 11, 24), (FollowUp.SEE_TO_VENDOR, Role.ADMINISTRATOR, NOON)),
    ],
)
def test_not_found_is_asked_again_the_next_morning_and_escalated_on_the_third_day(
    outcome: OfficialOutcome, issued: date | None, expected: tuple[FollowUp, Role, datetime]
) -> None:
    reminder = follow_up(outcome, issued, NOON)
    assert reminder is not None
    assert (reminder.what, reminder.role, reminder.due_at) == expected


@pytest.mark.parametrize(
    "outcome", [Out.CONSISTENT, Out.VOID, Out.RED_FULL, Out.RED_PART, Out.INCONSISTENT, Out.TOO_OLD, Out.UPSTREAM_ERROR]
)
def test_a_final_answer_and_a_fault_of_the_interface_ask_for_nothing_later(outcome: OfficialOutcome) -> None:
    assert follow_up(outcome, date(2026, 11, 24), NOON) is None


def test_days_are_counted_in_beijing() -> None:
    late = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # already the 25th in Beijing
    reminder = follow_up(Out.NOT_FOUND, date(2026, 11, 24), late)
    assert reminder is not None
    assert reminder.due_at == at(27)
    assert escalates_at(date(2026, 11, 24), late) == at(27)


def test_only_faults_of_an_interface_say_nothing_of_the_invoice() -> None:
    assert {outcome for outcome in Out if says_nothing(outcome)} == {Out.BAD_REQUEST, Out.UPSTREAM_ERROR, Out.QUOTA}

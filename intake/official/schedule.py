"""How often an official place may be asked, and when again (domain.md §8.1 limits, §8.2, §8.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum, unique
from typing import Final

from intake.clock import BEIJING, day_of
from intake.model import OfficialOutcome, Role

BUDGET: Final = 5
"""How often the official site answers for one invoice on one day."""
RESERVED: Final = 1
"""Of these, kept for the person who approves."""
_UNASKED: Final = frozenset(
    {
        OfficialOutcome.UNSUPPORTED,
        OfficialOutcome.BAD_REQUEST,
        OfficialOutcome.UPSTREAM_ERROR,
        OfficialOutcome.QUOTA,
    }
)
"""Outcomes with which the official site was never reached."""
_FAULTS: Final = frozenset({OfficialOutcome.BAD_REQUEST, OfficialOutcome.UPSTREAM_ERROR, OfficialOutcome.QUOTA})
PATIENCE: Final = timedelta(hours=1)
"""How long an interface that did not answer is left alone."""
_MORNING: Final = time(10)


@unique
class FollowUp(StrEnum):
    """What is to be done later about an official answer."""

    ASK_AGAIN = "ask_again"  # not found yet
    ASK_TOMORROW = "ask_tomorrow"  # today's answers are used up
    ESCALATE = "escalate"  # still not found on the third day
    SEE_TO_VENDOR = "see_to_vendor"  # the interface refuses: quota or access


@dataclass(frozen=True, slots=True)
class Reminder:
    """What is to be done, by whom, from when on."""

    what: FollowUp
    role: Role
    due_at: datetime


def left(today: Iterable[OfficialOutcome], *, approver: bool) -> int:
    """How often an invoice may still be asked about today, given today's outcomes; the last time is the approver's."""
    counted = [one for one in today if one not in _UNASKED]
    if OfficialOutcome.LIMIT_EXCEEDED in counted:
        return 0
    return max(0, BUDGET - (0 if approver else RESERVED) - len(counted))


def says_nothing(outcome: OfficialOutcome) -> bool:
    """Whether an outcome is a fault of the interface: what was to be done about the invoice is still to be done."""
    return outcome in _FAULTS


def escalates_at(issued: date, now: datetime) -> datetime:
    """10:00 of the third day after issue (Beijing), in UTC as `now` is."""
    return _morning(issued, 3, now)


def follow_up(outcome: OfficialOutcome, issued: date | None, now: datetime) -> Reminder | None:
    """What an outcome asks for later. `issued` is the day of issue (None: today). Not found: again at 10:00 of the day
    after issue, then on the third day, from then on it is the supervisor's.
    """
    day, today = issued or day_of(now), day_of(now)
    match outcome:
        case OfficialOutcome.NOT_FOUND | OfficialOutcome.TODAY_NOT_AVAILABLE:
            if today >= day + timedelta(days=3):
                return Reminder(FollowUp.ESCALATE, Role.SUPERVISOR, now)
            days = 1 if today <= day else 3
            return Reminder(FollowUp.ASK_AGAIN, Role.CLERK, _morning(day, days, now))
        case OfficialOutcome.LIMIT_EXCEEDED:
            return Reminder(FollowUp.ASK_TOMORROW, Role.CLERK, _morning(today, 1, now))
        case OfficialOutcome.QUOTA:
            return Reminder(FollowUp.SEE_TO_VENDOR, Role.ADMINISTRATOR, now)
        case _:
            return None


def _morning(day: date, days: int, now: datetime) -> datetime:
    return datetime.combine(day + timedelta(days), _MORNING, BEIJING).astimezone(now.tzinfo)

"""How urgent a paper is that waits for people, and when it is due. Pure.

The queue is ordered by the level, then by due time, age and amount. Working hours are counted (9:00 to 18:00 in
China, Monday to Friday): what comes on Friday evening is not late on Monday morning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import IntEnum, unique
from typing import Final

from intake.clock import BEIJING
from intake.model import Cause
from ocr.types import Kind

_SATURDAY: Final = 5
_OPEN: Final = 9
_CLOSE: Final = 18  # also the hour at which the books of a month close on its last day


@unique
class Urgency(IntEnum):
    """The level of a waiting paper; greater comes first."""

    CAN_WAIT = -1  # the register may bring it by itself
    NORMAL = 0
    SOON = 1  # somebody waits for it, or much money hangs on it
    NOW = 2  # the tax of this month hangs on it, or something is wrong with it that cannot wait


@dataclass(frozen=True, slots=True)
class Policy:
    """`hours` and `hours_soon`: working hours until a paper is due, by level. `large`: yuan that make it SOON.
    `close_days`: so many days before the month ends, deductible invoices are NOW.
    """

    hours: float
    hours_soon: float
    large: Decimal
    close_days: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a paper when it begins to wait. `waited_for`: a person handed it in and looks on."""

    cause: Cause
    kind: Kind
    total: Decimal | None
    waited_for: bool
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Rank:
    """The level of a paper and the moment from which on it is late."""

    urgency: Urgency
    due_at: datetime


# 抵扣凭证: their tax is deducted in the month in which they are confirmed (勾选认证)
DEDUCTIBLE: Final = frozenset(
    {
        Kind.VAT_SPECIAL_PAPER,
        Kind.VAT_E_SPECIAL,
        Kind.FREIGHT_SPECIAL,
        Kind.VAT_E_TOLL,
        Kind.VEHICLE,
        Kind.DIG_SPECIAL,
        Kind.DIG_VEHICLE,
        Kind.DIG_PAPER_SPECIAL,
        Kind.RAIL_E,
        Kind.AIR_E,
        Kind.CUSTOMS,
    }
)
_WAITS_BY_ITSELF: Final = frozenset({Cause.REGISTER_STALE, Cause.SELLER_NOT_UPLOADED, Cause.SYSTEM_FAULT})
_CANNOT_WAIT: Final = frozenset({Cause.SUSPECTED_FORGERY_OR_ALTERATION})


def rank(facts: Facts, policy: Policy) -> Rank:
    """The level and the due time of a paper, from the facts at the moment it began to wait."""
    opened = facts.opened_at
    close = end_of_month(opened)
    deductible = facts.kind in DEDUCTIBLE
    if facts.cause in _CANNOT_WAIT or (deductible and close - opened <= timedelta(days=policy.close_days)):
        level = Urgency.NOW
    elif facts.waited_for or (facts.total is not None and abs(facts.total) >= policy.large):
        level = Urgency.SOON
    elif facts.cause in _WAITS_BY_ITSELF:
        level = Urgency.CAN_WAIT
    else:
        level = Urgency.NORMAL
    due = working(opened, policy.hours_soon if level >= Urgency.SOON else policy.hours)
    if level is Urgency.CAN_WAIT:
        due = working(due, 2 * policy.hours)  # three times as long as others
    return Rank(level, min(due, max(close, opened)) if deductible else due)


def end_of_month(moment: datetime) -> datetime:
    """When the books of the month of a moment close: its last day in China, 18:00."""
    there = moment.astimezone(BEIJING)
    following = (there.replace(day=1) + timedelta(days=32)).replace(day=1)
    return _at(following - timedelta(days=1), _CLOSE).astimezone(UTC)


def working(start: datetime, hours: float) -> datetime:
    """The moment so many working hours later: 9:00 to 18:00 in China, Monday to Friday."""
    there = _opening(start.astimezone(BEIJING))
    left = timedelta(hours=hours)
    while True:
        closing = _at(there, _CLOSE)
        if left <= closing - there:
            return (there + left).astimezone(UTC)
        left -= closing - there
        there = _opening(closing)


def _opening(there: datetime) -> datetime:
    """This moment if somebody works at it, else the next at which somebody begins."""
    while there.weekday() >= _SATURDAY or there >= _at(there, _CLOSE):
        there = _at(there, _OPEN) + timedelta(days=1)
    return max(there, _at(there, _OPEN))


def _at(day: datetime, hour: int) -> datetime:
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)

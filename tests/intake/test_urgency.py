"""How urgent a waiting paper is and when it is due. Moments are written as in China."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from intake.clock import BEIJING
from intake.model import Cause
from intake.urgency import Facts, Policy, Urgency, end_of_month, rank, working
from ocr.types import Kind

POLICY = Policy(hours=9, hours_soon=4, large=Decimal(10000), close_days=3)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


PLAIN = Facts(Cause.UNKNOWN, Kind.DIG_NORMAL, Decimal(100), waited_for=False, opened_at=at("2026-11-24 12:00"))
SPECIAL = replace(PLAIN, kind=Kind.DIG_SPECIAL)


@pytest.mark.parametrize(
    ("facts", "urgency", "due"),
    [
        (PLAIN, Urgency.NORMAL, "2026-11-25 12:00"),
        (replace(PLAIN, total=None), Urgency.NORMAL, "2026-11-25 12:00"),
        (replace(PLAIN, waited_for=True), Urgency.SOON, "2026-11-24 16:00"),
        (replace(PLAIN, total=Decimal(10000)), Urgency.SOON, "2026-11-24 16:00"),
        (replace(PLAIN, total=Decimal(-10000)), Urgency.SOON, "2026-11-24 16:00"),
        (replace(PLAIN, cause=Cause.REGISTER_STALE), Urgency.CAN_WAIT, "2026-11-27 12:00"),
        (replace(PLAIN, cause=Cause.SUSPECTED_FORGERY_OR_ALTERATION), Urgency.NOW, "2026-11-24 16:00"),
        (SPECIAL, Urgency.NORMAL, "2026-11-25 12:00"),
        (replace(SPECIAL, opened_at=at("2026-11-27 18:00")), Urgency.NOW, "2026-11-30 13:00"),
        (replace(SPECIAL, opened_at=at("2026-11-30 16:00")), Urgency.NOW, "2026-11-30 18:00"),
        (replace(SPECIAL, opened_at=at("2026-11-30 20:00")), Urgency.NOW, "2026-11-30 20:00"),
        (
            replace(SPECIAL, cause=Cause.REGISTER_STALE, opened_at=at("2026-11-26 09:00")),
            Urgency.CAN_WAIT,
            "2026-11-30 18:00",
        ),
        (replace(PLAIN, opened_at=at("2026-11-30 16:00")), Urgency.NORMAL, "2026-12-01 16:00"),
    ],
)
def test_a_paper_has_its_level_and_its_due_time(facts: Facts, urgency: Urgency, due: str) -> None:
    said = rank(facts, POLICY)
    assert (said.urgency, said.due_at) == (urgency, at(due))


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-24 08:00", 1, "2026-11-24 10:00"),
        ("2026-11-24 17:00", 1, "2026-11-24 18:00"),
        ("2026-11-24 17:00", 2, "2026-11-25 10:00"),
        ("2026-11-24 20:00", 2, "2026-11-25 11:00"),
        ("2026-11-27 17:00", 2, "2026-11-30 10:00"),
        ("2026-11-28 12:00", 2, "2026-11-30 11:00"),
        ("2026-11-24 12:00", 27, "2026-11-27 12:00"),
    ],
)
def test_only_working_hours_are_counted(start: str, hours: float, end: str) -> None:
    assert working(at(start), hours) == at(end)


@pytest.mark.parametrize(
    ("moment", "close"),
    [
        ("2026-11-24 12:00", "2026-11-30 18:00"),
        ("2026-12-01 00:00", "2026-12-31 18:00"),
        ("2028-02-29 19:00", "2028-02-29 18:00"),
        ("2027-01-31 03:00", "2027-01-31 18:00"),
    ],
)
def test_the_books_of_a_month_close_on_its_last_day(moment: str, close: str) -> None:
    assert end_of_month(at(moment)) == at(close)

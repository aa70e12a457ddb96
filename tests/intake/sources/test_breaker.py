from __future__ import annotations

from datetime import timedelta

import pytest

from intake.sources.breaker import LONGEST_PAUSE, THRESHOLD, Breaker, next_try
from tests.fakes import NOON

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def after(failures: int) -> Breaker:
    breaker = Breaker()
    for _ in range(failures):
        breaker = breaker.failed(NOON)
    return breaker


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [(1, None), (4, None), (5, 5), (6, 10), (7, 20), (8, 40), (11, 320), (12, 360), (60, 360)],
)
def test_it_opens_after_five_failures_for_ever_longer_up_to_six_hours(failures: int, minutes: int | None) -> None:
    found = after(failures)
    assert found.failures == failures
    assert found.open_until == (None if minutes is None else NOON + minutes * MINUTE)
    assert LONGEST_PAUSE == 360 * MINUTE


def test_it_lets_one_try_through_when_its_pause_is_over() -> None:
    found = after(THRESHOLD)
    assert found.is_open(NOON)
    assert found.is_open(NOON + 5 * MINUTE - timedelta(seconds=1))
    assert not found.is_open(NOON + 5 * MINUTE)
    assert found.failed(NOON + 5 * MINUTE).is_open(NOON + 14 * MINUTE)


@pytest.mark.parametrize(
    ("failures", "synced", "tried", "due"),
    [
        (0, None, None, None),  # never tried
        (0, None, NOON, None),  # tried by a process that died
        (0, NOON - HOUR, NOON - HOUR, NOON),  # a period after the last success
        (0, NOON - 30 * HOUR, NOON - 30 * HOUR, NOON - 29 * HOUR),  # slept: one run is owed
        (1, NOON - HOUR, NOON, NOON + MINUTE),
        (3, NOON - HOUR, NOON, NOON + 4 * MINUTE),
        (5, NOON - HOUR, NOON, NOON + 5 * MINUTE),  # the breaker's pause
    ],
)
def test_a_source_is_due_a_period_after_its_success_and_sooner_after_a_failure(
    failures: int, synced: object, tried: object, due: object
) -> None:
    assert next_try(after(failures), synced, tried, HOUR) == due  # type: ignore[arg-type]  # moments or None


def test_a_source_asked_often_is_not_asked_less_often_because_it_failed_once() -> None:
    assert next_try(after(4), NOON, NOON, 2 * MINUTE) == NOON + 2 * MINUTE

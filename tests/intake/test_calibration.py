from __future__ import annotations

from math import ceil, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.calibration import Judged, Threshold, at_most, escapes, needed, reliability, threshold, upper_bound


@pytest.mark.parametrize(
    ("wrong", "checked", "bound"),
    [
        # Clopper–Pearson, one-sided 95 %, as in the published tables of exact binomial limits
        (0, 10, 0.2589),
        (1, 10, 0.3942),
        (2, 10, 0.5069),
        (0, 100, 0.0295),
        (1, 100, 0.0466),
        (5, 100, 0.1023),
        (0, 1000, 0.00299),
        (3, 3000, 0.00258),
    ],
)
def test_bounds_are_those_of_the_tables(wrong: int, checked: int, bound: float) -> None:
    assert upper_bound(wrong, checked) == pytest.approx(bound, rel=0.005)


@pytest.mark.parametrize("checked", [50, 500, 15_000])
def test_without_an_error_the_bound_is_three_by_the_number(checked: int) -> None:
    assert upper_bound(0, checked) == pytest.approx(1 - 0.05 ** (1 / checked), rel=1e-9)
    assert upper_bound(0, checked) == pytest.approx(3 / checked, rel=0.04)


def test_an_empty_sample_and_one_of_errors_only_say_nothing() -> None:
    assert upper_bound(0, 0) == upper_bound(4, 4) == 1.0


def test_probabilities_of_few_errors_sum_up() -> None:
    assert at_most(0, 3, 0.5) == pytest.approx(1 / 8)
    assert at_most(1, 3, 0.5) == pytest.approx(4 / 8)
    assert at_most(3, 3, 0.2) == pytest.approx(1)


@given(st.integers(0, 20), st.integers(1, 2000))
def test_the_bound_is_above_what_was_seen_and_falls_with_the_sample(wrong: int, right: int) -> None:
    bound = upper_bound(wrong, wrong + right)
    assert wrong / (wrong + right) < bound <= 1
    assert upper_bound(wrong, wrong + right + 1) < bound
    assert upper_bound(wrong + 1, wrong + right + 1) > bound


def test_the_promise_of_two_in_ten_thousand_needs_fifteen_thousand_values() -> None:
    assert needed(0.0002) == ceil(log(0.05) / log(1 - 0.0002)) == 14_978
    assert needed(0.0002, 1) == pytest.approx(23_718, abs=5)


@given(st.sampled_from([0.5, 0.05, 0.003]), st.integers(0, 4))
def test_so_many_values_as_needed_keep_the_rate_and_one_less_does_not(rate: float, wrong: int) -> None:
    many = needed(rate, wrong)
    assert upper_bound(wrong, many) <= rate < upper_bound(wrong, many - 1)


def sample(confidence: float, right: int, wrong: int = 0, *, proven: bool = False) -> list[Judged]:
    return [Judged(confidence, right=True, proven=proven)] * right + [
        Judged(confidence, right=False, proven=proven)
    ] * wrong


def test_proven_values_are_a_group_of_their_own() -> None:
    values = sample(0.6, 500, proven=True) + sample(0.6, 5, 5)
    found = escapes(values, 0.01)
    assert (found.checked, found.wrong, found.missing) == (500, 0, 0)
    assert found.bound < 0.01
    assert [(one.count, one.right) for one in reliability(values) if one.count] == [(10, 5)]


def test_a_sample_that_is_too_small_says_how_many_are_missing() -> None:
    assert escapes(sample(0.9, 100, proven=True), 0.01).missing == needed(0.01) - 100
    assert escapes(sample(0.9, 100, 2, proven=True), 0.01).missing == needed(0.01, 2) - 102
    assert escapes([], 0.01).bound == 1


def test_each_value_is_in_one_bin_the_surest_too() -> None:
    bins = reliability(sample(1.0, 3) + sample(0.995, 2, 1) + sample(0.0, 0, 4))
    assert sum(one.count for one in bins) == 10
    assert (bins[0].low, bins[0].share) == (0.0, 0.0)
    assert (bins[-1].high, bins[-1].count, bins[-1].right) == (1.0, 6, 5)
    assert bins[3].share is None


def test_the_threshold_is_the_lowest_confidence_that_keeps_the_rate() -> None:
    values = sample(0.99, 400) + sample(0.9, 400) + sample(0.5, 100, 100) + sample(0.2, 5000, proven=True)
    assert threshold(values, 0.01) == Threshold(0.9, 800, 0, 0)


def test_values_of_one_confidence_stand_or_fall_together() -> None:
    assert threshold(sample(0.99, 400, 40), 0.01).confidence is None


def test_without_a_threshold_the_best_beginning_says_what_is_missing() -> None:
    values = sample(0.99, 100) + sample(0.5, 10, 10)
    assert threshold(values, 0.01) == Threshold(None, 100, 0, needed(0.01) - 100)
    assert threshold([], 0.01) == Threshold(None, 0, 0, needed(0.01))
    assert threshold(sample(0.9, 0, 3), 0.01) == Threshold(None, 0, 0, needed(0.01))

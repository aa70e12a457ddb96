"""How sure a sample makes us: bounds of a rate, the reliability curve, and the confidence a promise asks for. Pure.

A share of errors seen in a sample is no promise; its upper bound is. The bound is that of Clopper and Pearson, one-sided:
the largest rate at which so few errors would still turn up once in twenty samples. Without any error it is three divided
by the size of the sample ("rule of three").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, inf, lgamma, log, log1p
from typing import Final

SURE: Final = 0.95
"""How sure a bound is."""
STEPS: Final = 60  # halvings: more than a float can tell apart
EDGES: Final = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 1.0)
"""Bounds of the bins of the reliability curve: narrow where readers' confidences crowd."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One value of the machine: how confident its reader was (0 to 1), whether it was right, whether it was proven."""

    confidence: float
    right: bool
    proven: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Values whose confidence lies from `low` up to `high`, how many, and how many of them were right."""

    low: float
    high: float
    count: int
    right: int

    @property
    def share(self) -> float | None:
        """The share that was right; None for an empty bin."""
        return self.right / self.count if self.count else None


@dataclass(frozen=True, slots=True)
class Escapes:
    """Proven values that were checked, those found wrong, and the upper bound of the rate of wrong ones.

    `missing` is how many more must be checked, none of them wrong, before the bound keeps the promised rate.
    """

    checked: int
    wrong: int
    bound: float
    missing: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which confidence on an unproven value keeps the promise; `confidence` is None when the sample shows none.

    `count` and `wrong` are of the values from there on; of the best beginning when there is none. `missing` is as in
    :class:`Escapes`.
    """

    confidence: float | None
    count: int
    wrong: int
    missing: int


def upper_bound(wrong: int, checked: int, sure: float = SURE) -> float:
    """The upper bound of a rate of which a sample shows `wrong` of `checked`; 1 for an empty sample."""
    if wrong >= checked:
        return 1.0
    low, high = wrong / checked, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        if at_most(wrong, checked, middle) > 1 - sure:
            low = middle
        else:
            high = middle
    return high


def at_most(wrong: int, checked: int, rate: float) -> float:
    """The probability of at most `wrong` among `checked` at a rate between 0 and 1, neither included."""
    odds, none = log(rate) - log1p(-rate), checked * log1p(-rate)
    whole = lgamma(checked + 1)
    return sum(exp(whole - lgamma(k + 1) - lgamma(checked - k + 1) + k * odds + none) for k in range(wrong + 1))


def needed(rate: float, wrong: int = 0, sure: float = SURE) -> int:
    """How many values must be checked, with so many wrong ones, for the bound to keep a rate (0 < rate < 1)."""
    low, high = wrong, wrong + 1
    while upper_bound(wrong, high, sure) > rate:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if upper_bound(wrong, middle, sure) > rate:
            low = middle
        else:
            high = middle
    return high


def escapes(values: Sequence[Judged], rate: float) -> Escapes:
    """What a sample says of the promise that a proven value is wrong at most at `rate`."""
    proven = [value for value in values if value.proven]
    wrong = sum(not value.right for value in proven)
    missing = max(0, needed(rate, wrong) - len(proven))
    return Escapes(len(proven), wrong, upper_bound(wrong, len(proven)), missing)


def reliability(values: Sequence[Judged], edges: Sequence[float] = EDGES) -> tuple[Bin, ...]:
    """How often unproven values were right, by confidence; the last bin includes its upper edge."""
    unproven = [value for value in values if not value.proven]
    bins = []
    for low, high in pairwise(edges):
        end = inf if high == edges[-1] else high
        inside = [value for value in unproven if low <= value.confidence < end]
        bins.append(Bin(low, high, len(inside), sum(value.right for value in inside)))
    return tuple(bins)


def threshold(values: Sequence[Judged], rate: float) -> Threshold:
    """The lowest confidence from which on the unproven values of the sample keep the rate."""
    unproven = sorted((value for value in values if not value.proven), key=lambda value: -value.confidence)
    kept = best = Threshold(None, 0, 0, needed(rate))
    wrong = 0
    for place, value in enumerate(unproven, 1):
        wrong += not value.right
        if place < len(unproven) and unproven[place].confidence == value.confidence:
            continue  # values of one confidence stand or fall together
        if upper_bound(wrong, place) <= rate:
            kept = Threshold(value.confidence, place, wrong, 0)
        missing = max(0, needed(rate, wrong) - place)
        if missing < best.missing:
            best = Threshold(None, place, wrong, missing)
    return kept if kept.confidence is not None else best

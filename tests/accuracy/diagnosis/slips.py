"""Mistakes as readers and hands make them (domain.md §9.3): the other way round than `intake/slips.py`, by a table of its own."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from typing import Final

PAIRS: Final = {
    "0": "689", "1": "74", "2": "7", "3": "859", "4": "19", "5": "63", "6": "805", "7": "12", "8": "3069", "9": "8034",
}  # fmt: skip


def confused(chance: random.Random, text: str) -> str:
    """One digit taken for one that looks like it."""
    at = chance.choice([at for at, char in enumerate(text) if char in PAIRS])
    return text[:at] + chance.choice(PAIRS[text[at]]) + text[at + 1 :]


def other_digit(chance: random.Random, text: str) -> str:
    """One digit taken for one that does not look like it."""
    at = chance.choice([at for at, char in enumerate(text) if char.isdigit()])
    others = [one for one in "0123456789" if one != text[at] and one not in PAIRS[text[at]]]
    return text[:at] + chance.choice(others) + text[at + 1 :]


def transposed(chance: random.Random, text: str) -> str:
    """Two neighbours exchanged."""
    at = chance.choice([at for at in range(len(text) - 1) if text[at] != text[at + 1]])
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def dropped(chance: random.Random, text: str) -> str:
    """One digit lost."""
    at = chance.randrange(len(text))
    return text[:at] + text[at + 1 :]


def doubled(chance: random.Random, text: str) -> str:
    """One digit twice."""
    at = chance.randrange(len(text))
    return text[:at] + text[at] + text[at:]


ONE_PLACE: Final[tuple[Callable[[random.Random, str], str], ...]] = (
    confused,
    other_digit,
    transposed,
    dropped,
    doubled,
)


def day_and_month(day: date) -> date:
    """Day and month exchanged; the day must be one of the first twelve."""
    return date(day.year, day.day, day.month)

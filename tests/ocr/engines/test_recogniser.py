"""What the recogniser makes of the odds of its network."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr.engines.recogniser import Recogniser
from ocr.engines.shapes import SIMPLIFIED

ALPHABET = "云杉有限责任公司股份资闯強强科技闲"
CROP = np.zeros((48, 320, 3), np.uint8)


class Told:
    """A network that gives odds as they were told: for each step a character and others with theirs."""

    def __init__(self, *steps: tuple[str, float, str, float]) -> None:
        self._odds = np.zeros((1, 2 * len(steps), len(ALPHABET) + 2), np.float32)
        self._odds[0, 1::2, 0] = 1.0  # a blank after each
        for at, (best, sure, other, odds) in enumerate(steps):
            self._odds[0, 2 * at, ALPHABET.index(best) + 1] = sure
            if other:
                self._odds[0, 2 * at, ALPHABET.index(other) + 1] = odds

    def run(self, _blob: NDArray[np.float32]) -> NDArray[np.float32]:
        return self._odds.copy()

    def told(self, name: str) -> str:
        return name


def read(text: str, others: dict[int, tuple[str, float]]) -> str:
    steps = [(char, 0.6, *others.get(at, ("", 0.0))) for at, char in enumerate(text)]
    return Recogniser(Told(*steps), ALPHABET).read([CROP])[0].text


@pytest.mark.parametrize(
    ("text", "others", "expected"),
    [
        ("云杉有限资任公司", {}, "云杉有限责任公司"),  # six characters leave no doubt
        ("云杉股份有闯公司", {}, "云杉股份有限公司"),
        ("云杉有闯公司", {3: ("限", 0.1)}, "云杉有限公司"),  # four want the network's second choice
        ("云杉有闯公司", {}, "云杉有闯公司"),
        ("云杉闲闯公司", {3: ("限", 0.1)}, "云杉闲闯公司"),
        ("云杉有限公司", {}, "云杉有限公司"),
        ("公司", {}, "公司"),
    ],
)
def test_the_ending_of_a_company_is_one_of_the_three_that_there_are(
    text: str, others: dict[int, tuple[str, float]], expected: str
) -> None:
    assert read(text, others) == expected


def test_traditional_shapes_count_for_the_simplified_ones() -> None:
    assert read("云強", {}) == "云强"
    assert read("云杉", {1: ("強", 0.5)}) == "云杉"
    assert all(len(old) == len(new) == 1 and old != new for old, new in SIMPLIFIED.items())

"""Drawings of counts, made on the server: where each part of a bar lies. Templates draw them (`parts/chart.html`), a table says the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

WIDE: Final = 1000  # units of a lying bar
HIGH: Final = 100  # units of a standing one


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a bar: which of the series it is, where it begins and how long it is, and the count it stands for."""

    name: str
    start: float
    length: float
    count: int


def stacked(counts: Iterable[tuple[str, int]], most: int, scale: int = WIDE) -> tuple[Part, ...]:
    """The parts of a bar one after the other; `most` is the count of the longest bar, from 1 on. What is nothing is left out."""
    parts: list[Part] = []
    start = 0.0
    for name, count in counts:
        if count:
            length = scale * count / most
            parts.append(Part(name, round(start, 2), round(length, 2), count))
            start += length
    return tuple(parts)


def standing(counts: Sequence[int], most: int) -> tuple[tuple[float, float], ...]:
    """Top and height of bars that stand side by side; what is not nothing is to be seen."""
    heights = [max(2.0, HIGH * count / most) if count else 0.0 for count in counts]
    return tuple((round(HIGH - height, 2), round(height, 2)) for height in heights)

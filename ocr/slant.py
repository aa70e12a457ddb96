"""Levelling: the page of a photo leans, its rows fan out, and warped paper bends them.

Only boxes along the axes are known of the words, so the lean is taken from how neighbours in a row stand to each other.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ocr.types import Word

_LEVEL = 0.004  # slope below which a page is level
_STEEPEST = 0.3
_BIN = 0.01
_FEW = 6  # votes that make an opinion
_HEIGHTS = 24
_NEAR = 0.045  # page widths, three rows of a form


class Levelled:
    """What stands on the sheet: x grows to the right, y downwards, both in page widths."""

    __slots__ = ()
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def cx(self) -> float:
        """Centre across."""
        return (self.x0 + self.x1) / 2

    @property
    def cy(self) -> float:
        """Centre down."""
        return (self.y0 + self.y1) / 2

    @property
    def height(self) -> float:
        """Height of the letters."""
        return self.y1 - self.y0


@dataclass(frozen=True, slots=True)
class Run(Levelled):
    """A word on the sheet, levelled: x grows to the right, y downwards, both in page widths."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    word: Word


def level(runs: Sequence[Run], lying: Sequence[Run], aspect: float) -> list[Run]:
    """The runs as they would stand on a level page. `lying` are those that tell how the rows lean; `aspect` is the
    height of the page by its width.
    """
    slopes = _slopes(lying, aspect)
    return [_levelled(run, slopes, aspect) for run in runs] if slopes else list(runs)


def _slopes(runs: Sequence[Run], aspect: float) -> tuple[float, ...]:
    """How the rows lean (down by across) at evenly spaced heights of the page; empty when it is level.

    Neighbours in a row vote for a slope; noise scatters, the rows agree. Paper is warped and print lies askew on
    its form, so each height follows the votes near it and the whole page's where there are few.
    """
    votes: dict[int, float] = {}
    pairs: list[tuple[float, float, float]] = []
    ordered = sorted(runs, key=lambda run: run.cy)
    centres = [run.cy for run in ordered]
    for run in ordered:
        if run.x1 - run.x0 < run.height:
            continue
        for other in ordered[bisect(centres, run.cy - 0.1) : bisect(centres, run.cy + 0.1)]:
            across = other.cx - run.cx
            if other.x0 < run.x1 or across > 0.5 or not 0.6 < other.height / run.height < 1.6:
                continue
            slope = (other.cy - run.cy) / across
            if abs(slope) <= _STEEPEST:
                pairs.append(((run.cy + other.cy) / 2, slope, across))
                votes[round(slope / _BIN)] = votes.get(round(slope / _BIN), 0.0) + across
    if len(pairs) < _FEW:
        return ()
    peak = _BIN * max(votes, key=lambda at: sum(votes.get(at + d, 0.0) for d in (-1, 0, 1)))
    near = [pair for pair in pairs if abs(pair[1] - peak) <= 3 * _BIN]
    whole = _weighted_median([(slope, weight) for _, slope, weight in near])
    local: list[float] = []
    for step in range(_HEIGHTS + 1):
        at = aspect * step / _HEIGHTS
        here = [(slope, weight) for y, slope, weight in near if abs(y - at) <= _NEAR]
        local.append(_weighted_median(here) if len(here) >= _FEW else whole)
    return tuple(local) if max(map(abs, local)) >= _LEVEL else ()


def _weighted_median(pairs: Sequence[tuple[float, float]]) -> float:
    ordered = sorted(pairs)
    half = sum(weight for _, weight in ordered) / 2
    for value, weight in ordered:
        half -= weight
        if half <= 0:
            return value
    return 0.0


def _levelled(run: Run, slopes: Sequence[float], aspect: float) -> Run:
    place = min(max(run.cy / aspect, 0.0), 0.9999) * _HEIGHTS
    step = int(place)
    slope = slopes[step] + (slopes[step + 1] - slopes[step]) * (place - step)
    width = (run.x1 - run.x0) / 2
    half = max((run.height - 2 * width * abs(slope)) / 2, run.height / 4)
    cx = run.cx + median(slopes) * (run.cy - aspect / 2)
    cy = run.cy - slope * (run.cx - 0.5)
    return Run(run.text, cx - width, cy - half, cx + width, cy + half, run.word)

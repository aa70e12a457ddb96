"""Characters with places → words: what a text layer (PDF or OFD) draws side by side belongs together.

Coordinates are those of the page as shown, in any unit, origin at the upper left corner.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ocr.types import Box, Source, Word

BREAK_GAP = 0.5  # a wider gap than this share of the line height separates words
BLANK_GAP = 0.2  # a wider gap than this is a blank inside a word
BACK_STEP = 0.3  # a character may begin this share of the height before the end of the last
TOUCH_GAP = 0.12  # runs nearer than this belong together though the file draws them apart
SAME_LINE = 0.4
SAME_SIZE = 1.5

Edges = tuple[float, float, float, float]
"""x0, y0, x1, y1."""


@dataclass(slots=True)
class Run:
    """A run of text under construction; `quarter` is the turn of the writing in quarters anticlockwise."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    quarter: int = 0

    @property
    def height(self) -> float:
        """Height of the line."""
        return self.y1 - self.y0

    @property
    def middle(self) -> float:
        """Where the line lies."""
        return (self.y0 + self.y1) / 2

    def append(self, text: str, edges: Edges) -> None:
        """Carry the run on, with a blank where the gap is wide."""
        blank = " " if self.quarter == 0 and edges[0] - self.x1 > BLANK_GAP * self.height else ""
        self.text += blank + text
        self.x0, self.y0 = min(self.x0, edges[0]), min(self.y0, edges[1])
        self.x1, self.y1 = max(self.x1, edges[2]), max(self.y1, edges[3])


def collect(characters: Iterable[tuple[str, Edges, int]]) -> list[Run]:
    """Runs from characters in the order in which the file draws them: (character, edges, quarter)."""
    runs: list[Run] = []
    for char, edges, quarter in characters:
        if runs and _continues(runs[-1], edges, quarter):
            runs[-1].append(char, edges)
        else:
            runs.append(Run(char, *edges, quarter))
    return _without_doubles(_joined(runs))


def to_words(runs: Iterable[Run], width: float, height: float, source: Source) -> tuple[Word, ...]:
    """Words with boxes as fractions of a page of this size."""
    return tuple(
        Word(
            run.text,
            Box(_share(run.x0, width), _share(run.y0, height), _share(run.x1, width), _share(run.y1, height)),
            1.0,
            source,
        )
        for run in runs
    )


def _share(value: float, whole: float) -> float:
    return min(1.0, max(0.0, value / whole))


def _continues(run: Run, edges: Edges, quarter: int) -> bool:
    """Whether a character carries a run on; upright text to the right, other text anywhere near its end."""
    if quarter != run.quarter:
        return False
    x0, y0, x1, y1 = edges
    if quarter == 0:
        size = min(run.height, y1 - y0)
        near = abs((y0 + y1) / 2 - run.middle) <= SAME_LINE * size
        return near and -BACK_STEP * size <= x0 - run.x1 <= BREAK_GAP * max(run.height, y1 - y0)
    size = max(x1 - x0, y1 - y0)
    across = min(abs(x0 - run.x0), abs(y0 - run.y0))
    apart = max(x0 - run.x1, run.x0 - x1, y0 - run.y1, run.y0 - y1)
    return across <= SAME_LINE * size and apart <= BREAK_GAP * size


def _joined(runs: list[Run]) -> list[Run]:
    """In reading order of lines; what touches on one line is put together, though the file draws it in another
    order or one character at a time.
    """
    joined: list[Run] = []
    for line in _lines(runs):
        last: Run | None = None
        for run in sorted(line, key=lambda run: run.x0):
            if last is not None and _touches(last, run):
                last.append(run.text, (run.x0, run.y0, run.x1, run.y1))
            else:
                joined.append(run)
                last = run
    return joined


def _lines(runs: list[Run]) -> list[list[Run]]:
    lines: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: run.middle):
        first = lines[-1][0] if lines else None
        if first is not None and run.middle - first.middle <= SAME_LINE * min(first.height, run.height):
            lines[-1].append(run)
        else:
            lines.append([run])
    return lines


def _touches(last: Run, run: Run) -> bool:
    low, high = sorted((last.height, run.height))
    gap = run.x0 - last.x1
    return last.quarter == run.quarter == 0 and high <= SAME_SIZE * low and abs(gap) <= TOUCH_GAP * run.height


def _without_doubles(runs: list[Run]) -> list[Run]:
    """Leave out text drawn again at the same place to look bold."""
    kept: list[Run] = []
    seen: dict[str, list[Run]] = {}
    for run in runs:
        twins = seen.setdefault(run.text, [])
        reach = BACK_STEP * run.height
        if any(abs(twin.x0 - run.x0) <= reach and abs(twin.y0 - run.y0) <= reach for twin in twins):
            continue
        twins.append(run)
        kept.append(run)
    return kept

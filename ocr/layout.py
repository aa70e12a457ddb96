"""Where words stand on a page: lines, columns and cells, by geometry alone (domain.md §5).

A recogniser gives one word for a label, for a label with its value, or for a single character; a text layer gives
anything. So the words are laid on a *sheet*: levelled, gathered into lines, and each line becomes one string in
which one blank means a gap between words and two blanks mean a gap between columns. Labels are then sought as
patterns in that string, and whatever is found leads back to the words and to its box on the page.

The unit of the sheet is the width of the page, so that distances across and down compare.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from ocr.slant import Levelled, Run
from ocr.types import Box, Source


@dataclass(frozen=True, slots=True)
class Span(Levelled):
    """A piece of text found on the sheet: `text` as read, `box` on the page, the rest levelled in page widths."""

    text: str
    box: Box
    confidence: float
    source: Source
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Char:
    """One character of a line: which of its words it belongs to, and where in it."""

    run: int
    first: float  # where it begins and ends, as a share of the width of its run
    last: float


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand side by side, as one string; every character remembers its word."""

    text: str
    runs: tuple[Run, ...]
    chars: tuple[Char | None, ...]  # None for a blank that stands for a gap

    @property
    def cy(self) -> float:
        """Centre down, the mean of its words."""
        return sum(run.cy for run in self.runs) / len(self.runs)

    @property
    def height(self) -> float:
        """Height of its letters."""
        return median(run.height for run in self.runs)

    @property
    def x0(self) -> float:
        """Where it begins."""
        return self.runs[0].x0

    def at(self, index: int) -> float | None:
        """Centre across of one character; None for a blank between words."""
        char = self.chars[index]
        if char is None:
            return None
        run = self.runs[char.run]
        return run.x0 + (run.x1 - run.x0) * (char.first + char.last) / 2

    def span(self, start: int, end: int) -> Span | None:
        """The piece from `start` up to `end` without blanks at its ends; None when nothing is left."""
        while start < end and self.text[start] == " ":
            start += 1
        while end > start and self.text[end - 1] == " ":
            end -= 1
        chars = [char for char in self.chars[start:end] if char is not None]
        if not chars:
            return None
        parts: dict[int, tuple[float, float]] = {}
        for char in chars:
            low, high = parts.get(char.run, (1.0, 0.0))
            parts[char.run] = (min(low, char.first), max(high, char.last))
        pieces = [(self.runs[run], low, high) for run, (low, high) in parts.items()]
        boxes = [
            Box(b.x0 + (b.x1 - b.x0) * low, b.y0, b.x0 + (b.x1 - b.x0) * high, b.y1)
            for run, low, high in pieces
            for b in (run.word.box,)
        ]
        return Span(
            self.text[start:end],
            around(boxes),
            min(run.word.confidence for run, _, _ in pieces),
            pieces[0][0].word.source,
            min(run.x0 + (run.x1 - run.x0) * low for run, low, _ in pieces),
            min(run.y0 for run, _, _ in pieces),
            max(run.x0 + (run.x1 - run.x0) * high for run, _, high in pieces),
            max(run.y1 for run, _, _ in pieces),
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern found in a line."""

    line: Line
    match: re.Match[str]

    def span(self, group: int | str = 0) -> Span | None:
        """Where a group of the pattern stands; None when it took no part or is blank."""
        start, end = self.match.span(group)
        return None if start < 0 else self.line.span(start, end)

    @property
    def label(self) -> Span:
        """Where the whole match stands."""
        found = self.span()
        if found is None:
            raise ValueError("a pattern that matches nothing but blanks is no label")
        return found

    def rest(self) -> str:
        """What follows on the line."""
        return self.line.text[self.match.end() :]

    def beside(self, wall: float) -> Span | None:
        """What follows on the line in the same column, up to `wall` across; colons before it are left out."""
        start = self.match.end()
        while start < len(self.line.text) and self.line.text[start] in " :;":
            start += 1
        end = start
        while end < len(self.line.text) and not self.line.text.startswith("  ", end):
            x = self.line.at(end)
            if x is not None and x > wall:
                break
            end += 1
        return self.line.span(start, end)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The words of one paper, in lines from top to bottom. `aspect` is height by width of the page."""

    lines: tuple[Line, ...]
    standing: tuple[Run, ...]  # words written from top to bottom: 购买方, 密码区, 备注
    aspect: float

    @property
    def text(self) -> str:
        """All lines, one under the other."""
        return "\n".join(line.text for line in self.lines)

    @property
    def x0(self) -> float:
        """Left end of what is printed."""
        return min((line.x0 for line in self.lines), default=0.0)

    @property
    def x1(self) -> float:
        """Right end of what is printed."""
        return max((run.x1 for line in self.lines for run in line.runs), default=1.0)

    @property
    def top(self) -> float:
        """Height of the first line."""
        return self.lines[0].cy if self.lines else 0.0

    @property
    def bottom(self) -> float:
        """Height of the last line."""
        return self.lines[-1].cy if self.lines else self.aspect

    def down(self, share: float) -> float:
        """The height that lies `share` of the way from the first line to the last."""
        return self.top + share * (self.bottom - self.top)

    @property
    def row(self) -> float:
        """Height of an ordinary letter."""
        return median([run.height for line in self.lines for run in line.runs]) if self.lines else 0.02

    def find(self, pattern: str | re.Pattern[str], *, above: float = 9e9, below: float = -9e9) -> Iterator[Hit]:
        """Every place of a pattern, from top to bottom, in lines whose centre lies between `below` and `above`."""
        compiled = re.compile(pattern)
        for line in self.lines:
            if below <= line.cy <= above:
                for match in compiled.finditer(line.text):
                    if match.group().strip():
                        yield Hit(line, match)

    def first(self, pattern: str | re.Pattern[str], *, above: float = 9e9, below: float = -9e9) -> Hit | None:
        """The topmost place of a pattern."""
        return next(self.find(pattern, above=above, below=below), None)

    def cell(self, x0: float, y0: float, x1: float, y1: float, *, skip: Line | None = None) -> list[Span]:
        """What stands inside a rectangle of the sheet, a span for each line but `skip`, from top to bottom.

        A character belongs to the cell in which its centre lies, so a word may be cut between label and value.
        """
        found: list[Span] = []
        for line in self.lines:
            if line is skip:
                continue
            start = end = -1
            for index, char in enumerate(line.chars):
                x = line.at(index)
                if x is None or char is None:
                    continue
                run = line.runs[char.run]
                # a recogniser's boxes are generous: a word that begins at the edge lies inside
                begins = x0 - run.height < run.x0
                if (x0 <= x or begins) and x <= x1 and y0 <= run.cy <= y1:
                    start = index if start < 0 else start
                    end = index + 1
            span = line.span(start, end) if start >= 0 else None
            if span is not None:
                found.append(span)
        return sorted(found, key=lambda span: span.cy)


def spaced(label: str) -> str:
    """A pattern for a label whose characters may stand apart: 合计 is often printed as 合        计."""
    return r"\s*".join(re.escape(char) for char in label)


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all."""
    held = list(boxes)
    return Box(
        min(box.x0 for box in held),
        min(box.y0 for box in held),
        max(box.x1 for box in held),
        max(box.y1 for box in held),
    )


def joined(spans: Sequence[Span]) -> Span:
    """Pieces of one value that wrapped, as one span. `spans` must not be empty."""
    text = spans[0].text
    for span in spans[1:]:
        latin = text[-1:].isascii() and text[-1:].isalpha() and span.text[:1].isascii() and span.text[:1].isalpha()
        text += (" " if latin else "") + span.text
    return Span(
        text,
        around(span.box for span in spans),
        min(span.confidence for span in spans),
        spans[0].source,
        min(span.x0 for span in spans),
        min(span.y0 for span in spans),
        max(span.x1 for span in spans),
        max(span.y1 for span in spans),
    )


def cut(span: Span, text: str) -> Span:
    """The span with a part of its text; its place stays that of the whole."""
    return replace(span, text=text)

"""Words become a sheet: levelled, parted into lines and standing labels (the vocabulary is that of `ocr.layout`)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr import normalise
from ocr.layout import Char, Line, Sheet
from ocr.slant import Run, level
from ocr.types import Source, Word

WORD_GAP = 0.35  # in heights of the line: wider is a blank
COLUMN_GAP = 1.5  # wider is another column
_SAME_LINE = 0.5  # share of the height by which neighbours of one line may differ in height
_STANDING = 1.6  # a word this much higher than wide is written from top to bottom
_WIDE = 1.8  # width of a Chinese character in digits: between proportional and Courier faces


def lay(words: Sequence[Word], aspect: float) -> Sheet:
    """The sheet of a page's words. `aspect` is height by width of the page the boxes are fractions of."""
    runs = [
        Run(text, word.box.x0, word.box.y0 * aspect, word.box.x1, word.box.y1 * aspect, word)
        for word in words
        if (text := normalise.text(word.text).strip())
    ]
    if any(run.word.source in {Source.OCR, Source.OCR_SECOND} for run in runs):
        runs = level(runs, [run for run in runs if not _stands(run)], aspect)
    flat, standing = ([run for run in runs if _stands(run) is upright] for upright in (False, True))
    return Sheet(tuple(_lines(flat)), tuple(standing), aspect)


def _stands(run: Run) -> bool:
    return len(run.text) > 1 and run.height > _STANDING * (run.x1 - run.x0)


def _lines(runs: Sequence[Run]) -> list[Line]:
    """Chains words from left to right to the line whose last word lies at the same height."""
    open_lines: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: run.x0):
        best, least = None, 9e9
        for chain in open_lines:
            last = chain[-1]
            apart = abs(run.cy - last.cy)
            if apart <= _SAME_LINE * min(run.height, last.height) + 1e-9 and apart < least:
                best, least = chain, apart
        if best is None:
            open_lines.append([run])
        else:
            best.append(run)
    return sorted((_line(chain) for chain in open_lines), key=lambda line: line.cy)


def _line(runs: Sequence[Run]) -> Line:
    text: list[str] = []
    chars: list[Char | None] = []
    for number, run in enumerate(runs):
        if number:
            before = runs[number - 1]
            height = min(run.height, before.height)
            gap = run.x0 - before.x1
            # a recogniser's boxes are generous: two numbers that seem to touch are still two
            meets = before.text[-1].isascii() and run.text[0].isascii()
            blanks = 2 if gap > COLUMN_GAP * height else int(meets or gap > WORD_GAP * height)
            text.append(" " * blanks)
            chars += [None] * blanks
        body = re.sub(r"\s+", " ", run.text)
        widths: list[float] = [_WIDE if ord(char) > 0x2E7F else 1 for char in body]
        total, done = sum(widths), 0.0
        for char, width in zip(body, widths, strict=True):
            text.append(char)
            chars.append(Char(number, done / total, (done + width) / total))
            done += width
    return Line("".join(text), tuple(runs), tuple(chars))

"""Which way up a picture is, decided before it is read.

A page lying on its side gives buyer and seller swapped, each with a valid check digit, so this comes first. The
shape of the lines tells level from standing; how surely a few long lines read tells one way up from the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ocr.engines.detector import Quad
    from ocr.engines.recogniser import Line

_LONGEST: Final = 8  # lines that are read both ways
_FIRST: Final = 3  # lines that are read first; when they read well the others are not
_LENGTH: Final = 10.0  # of a line, in its heights: enough to tell
_SURE: Final = 0.9  # confidence beyond which a line is not upside down
_WORDS: Final = 8  # Chinese characters that must have been read so surely; digits and signs read well upside down


class LineReader(Protocol):
    """What this module needs of an engine."""

    def lines_of(self, image: NDArray[np.uint8]) -> list[Quad]:
        """Where the lines are."""

    def read_lines(self, image: NDArray[np.uint8], quads: list[Quad]) -> list[Line]:
        """What they say; a standing line is read from its right side, as text turned clockwise is."""


def turn_of(image: NDArray[np.uint8], engine: LineReader) -> int:
    """Degrees clockwise (0, 90, 180, 270) that make an RGB picture upright; 0 when it shows no text."""
    quads = engine.lines_of(image)
    standing = _stands(quads)
    lines = [quad for quad in quads if quad.standing == standing]
    lines.sort(key=lambda quad: max(quad.width, quad.height), reverse=True)
    samples = [quad.shortened(_LENGTH) for quad in lines[:_LONGEST]]
    as_it_lies, turned_over = (270, 90) if standing else (0, 180)
    balance = 0.0
    for some in (samples[:_FIRST], samples[_FIRST:]):
        lies = engine.read_lines(image, some)
        if _certain(lies):
            return as_it_lies
        over = engine.read_lines(image, [quad.turned_over() for quad in some])
        if _certain(over):
            return turned_over
        balance += _sureness(lies) - _sureness(over)
    return as_it_lies if balance >= 0 else turned_over


def upright(image: NDArray[np.uint8], degrees: int) -> NDArray[np.uint8]:
    """The picture turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(image, -degrees // 90)) if degrees else image


def _stands(quads: list[Quad]) -> bool:
    """True when more text stands than lies level; nearly square boxes have no say."""
    level = sum(quad.width for quad in quads if quad.width > 1.5 * quad.height)
    standing = sum(quad.height for quad in quads if quad.height > 1.5 * quad.width)
    return standing > level


def _certain(lines: list[Line]) -> bool:
    """True when so many Chinese characters were read so surely that the lines cannot be upside down."""
    return sum(_chinese(line.text) for line in lines if line.confidence > _SURE) >= _WORDS


def _sureness(lines: list[Line]) -> float:
    """How much was read and how surely. Chinese characters, which no turn maps onto others, weigh most."""
    return sum(line.confidence**2 * (len(line.text) + 3 * _chinese(line.text)) for line in lines)


def _chinese(text: str) -> int:
    return sum("\u4e00" <= char <= "\u9fff" for char in text)

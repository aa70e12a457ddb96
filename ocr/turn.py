"""Which way up a picture is, decided before it is read.

A page lying on its side gives buyer and seller swapped, each with a valid check digit, so this comes first. The
shape of the lines tells level from upright; how surely the longest lines are read tells one way up from the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ocr.engines.detector import Quad
    from ocr.engines.recogniser import Line

_LONGEST: Final = 8


class LineReader(Protocol):
    """What this module needs of an engine."""

    def lines_of(self, image: NDArray[np.uint8]) -> list[Quad]:
        """Where the lines are."""

    def read_lines(self, image: NDArray[np.uint8], quads: list[Quad]) -> list[Line]:
        """What they say."""


def turn_of(image: NDArray[np.uint8], engine: LineReader) -> int:
    """Degrees clockwise (0, 90, 180, 270) that make an RGB picture upright; 0 when it shows no text."""
    quads = engine.lines_of(image)
    if not quads:
        return 0
    side = _lies_on_its_side(quads)
    longest = sorted(quads, key=lambda quad: max(quad.width, quad.height), reverse=True)
    lines = [quad for quad in longest if (quad.height > quad.width) == side][:_LONGEST]
    # a line that stands upright is laid down by a quarter turn counter-clockwise when it is cut
    return _better(image, lines, engine, (270, 90) if side else (0, 180))


def upright(image: NDArray[np.uint8], degrees: int) -> NDArray[np.uint8]:
    """The picture turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(image, -degrees // 90)) if degrees else image


def _lies_on_its_side(quads: list[Quad]) -> bool:
    """True when more ink stands upright than lies level; square boxes have no say."""
    level = sum(quad.width for quad in quads if quad.width > 1.5 * quad.height)
    standing = sum(quad.height for quad in quads if quad.height > 1.5 * quad.width)
    return standing > level


def _better(image: NDArray[np.uint8], quads: list[Quad], engine: LineReader, turns: tuple[int, int]) -> int:
    """The first of two opposite turns when the lines read as surely as they lie as head over heels, else the second."""
    flipped = [type(quad)(np.roll(quad.corners, 2, axis=0)) for quad in quads]
    as_it_lies, over = (_sureness(engine.read_lines(image, way)) for way in (quads, flipped))
    return turns[0] if as_it_lies >= over else turns[1]


def _sureness(lines: list[Line]) -> float:
    """How much was read and how surely: confidence weighed by the number of characters."""
    return sum(line.confidence * len(line.text) for line in lines) if lines else 0.0

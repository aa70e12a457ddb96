"""Where on a page a QR symbol may be that the decoder has not read: squares worth a closer look.

Two looks of our own, without a model: the nested squares of the finder patterns, and square patches as busy in one
direction as in the other. Neither decides anything; they only say where the retries of :mod:`ocr.qr` cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

_LOOK: Final = 2000  # long side of the copy on which finder patterns are looked for
_GLANCE: Final = 800  # long side of the copy on which busy patches are looked for
_SMALLEST: Final = 5.0  # side of a finder pattern on its copy, in pixels
_MOST: Final = 8
_MOST_MARKS: Final = 16
_FEWEST_CORNERS: Final = 4
_SCREEN: Final = 0.14  # changes between dark and light a pixel; pages of text have up to 0.06, grainy ones 0.11
_MOST_SPANS: Final = 4
_TILT: Final = 14.0  # degrees that marks of one symbol may differ from their line
_FULL: Final = 0.9  # a disc, such as a seal, fills 0.785 of its square
_EVEN: Final = 1.2  # longer to shorter side of a patch
_PATCH_SIDES: Final = (0.03, 0.5)  # of the long side of the page


@dataclass(frozen=True, slots=True)
class Square:
    """A square patch in pixels of the page: its middle and the length of its side, with no margin.

    `likely` when finder patterns stand in its corners or it is nearly a full square: worth slow retries.
    """

    x: float
    y: float
    side: float
    likely: bool = False

    def scaled(self, times: float) -> Square:
        """The same square on a page `times` as large."""
        return Square(self.x * times, self.y * times, self.side * times, self.likely)

    def holds(self, other: Square) -> bool:
        """True when the middle of `other` lies inside and it is neither far larger nor far smaller."""
        near = max(abs(self.x - other.x), abs(self.y - other.y)) < self.side / 2
        return near and 0.5 < self.side / max(other.side, 1.0) < 2.0


@dataclass(frozen=True, slots=True)
class _Mark:
    """A finder pattern: its middle and the side of its outer square (seven modules)."""

    x: float
    y: float
    side: float
    angle: float  # degrees, 0 up to 90
    flaw: float  # how far it is from the true proportions


def squares(grey: NDArray[np.uint8]) -> list[Square]:
    """Places where a symbol may be on a grey page (H x W), the most likely first; at most eight."""
    marks, scale = _finder_patterns(grey)
    spans = [span for trio in combinations(marks, 3) if (span := _spanned(*trio)) is not None]
    spanned = [square for _, square in sorted(spans, key=lambda span: span[0])]
    # where one of three marks is damaged, two say the side or the diagonal
    paired = [square for pair in combinations(marks, 2) for square in _paired(*pair)]
    patches = _by_busy_patches(grey)
    found: list[Square] = []
    for square in (
        *(square.scaled(scale) for square in spanned[:_MOST_SPANS]),
        *(square for square in patches if square.likely),
        *patches,
        *(square.scaled(scale) for square in paired[:_MOST_SPANS]),
    ):
        if not any(square.holds(other) or other.holds(square) for other in found):
            found.append(square)
    return found[:_MOST]


def _shrunk(grey: NDArray[np.uint8], long_side: int) -> tuple[NDArray[np.uint8], float]:
    """A copy whose long side is at most `long_side`, and how many pixels of the page one of its pixels is."""
    ratio = min(1.0, long_side / max(grey.shape))
    if ratio == 1.0:
        return grey, 1.0
    return np.asarray(cv2.resize(grey, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA), np.uint8), 1 / ratio


def _finder_patterns(grey: NDArray[np.uint8]) -> tuple[list[_Mark], float]:
    """Finder patterns on a smaller copy, each once, and how many pixels of the page one of its pixels is."""
    small, scale = _shrunk(grey, _LOOK)
    blurred = cv2.GaussianBlur(small, (3, 3), 0)
    marks: list[_Mark] = []
    for block in (25, 61):
        if len(marks) >= 3:
            break
        ink = cv2.adaptiveThreshold(blurred, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 8)
        if cv2.countNonZero(cv2.absdiff(ink[:, 1:], ink[:, :-1])) > _SCREEN * ink.size:
            break  # a picture printed in dots has 100,000 contours and no symbol that they would show
        for mark in _nested_squares(np.asarray(ink, np.uint8)):
            if not any(abs(mark.x - o.x) + abs(mark.y - o.y) < o.side / 2 for o in marks):
                marks.append(mark)
    marks.sort(key=lambda mark: mark.flaw)
    return marks[:_MOST_MARKS], scale


def _nested_squares(ink: NDArray[np.uint8]) -> Iterator[_Mark]:
    """Dark squares in light squares in dark squares, whose areas are about as 9 to 49."""
    contours, tree = cv2.findContours(ink, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return
    children = tree[0][:, 2]
    cores = np.where(children >= 0, children[children], -1)
    for index in np.flatnonzero(cores >= 0).tolist():
        contour, core = contours[index], int(cores[index])
        if len(contour) < _FEWEST_CORNERS:
            continue
        (x, y), (w, h), angle = cv2.minAreaRect(contour)
        (inner_x, inner_y), (inner_w, inner_h), _ = cv2.minAreaRect(contours[core])
        side, inner = (w + h) / 2, (inner_w + inner_h) / 2
        if side < _SMALLEST or max(w, h) > 1.5 * min(w, h) or max(inner_w, inner_h) > 1.8 * min(inner_w, inner_h) + 1:
            continue
        if 1.5 < side / max(inner, 1.0) < 4.0 and abs(x - inner_x) + abs(y - inner_y) < side / 3:
            flaw = (
                abs(side / max(inner, 1.0) - 7 / 3)
                + (abs(x - inner_x) + abs(y - inner_y)) / side
                + max(w, h) / min(w, h)
            )
            yield _Mark(x, y, side, angle, flaw)


def _spanned(a: _Mark, b: _Mark, c: _Mark) -> tuple[float, Square] | None:
    """The symbol whose three marks these are, when they stand at a right angle, equally far apart, and how far they are
    from doing so.
    """
    sides = (a.side, b.side, c.side)
    mark = sum(sides) / 3
    if max(sides) > 1.6 * min(sides):
        return None
    ab, ac, bc = (float(np.hypot(p.x - q.x, p.y - q.y)) for p, q in ((a, b), (a, c), (b, c)))
    legs = sorted((ab, ac, bc))
    leg = (legs[0] + legs[1]) / 2
    if not 1.5 * mark < legs[0] <= legs[1] < 1.4 * legs[0] or not 1.2 < legs[2] / leg < 1.65:
        return None
    flaw = max(sides) / min(sides) + legs[1] / legs[0] + abs(legs[2] / leg - 1.414) + max(0.0, leg / mark - 6) / 2
    far = max(((ab, a, b), (ac, a, c), (bc, b, c)), key=lambda pair: pair[0])
    return flaw, Square((far[1].x + far[2].x) / 2, (far[1].y + far[2].y) / 2, leg + mark, likely=True)


def _paired(a: _Mark, b: _Mark) -> list[Square]:
    """The symbols of which these may be two marks: on both sides of them, or between them when they lie crosswise."""
    mark = (a.side + b.side) / 2
    x, y = b.x - a.x, b.y - a.y
    apart = float(np.hypot(x, y))
    if max(a.side, b.side) > 1.35 * min(a.side, b.side) or not 2.2 * mark < apart < 9 * mark:
        return []
    if abs(_quarter(a.angle - b.angle)) > _TILT:
        return []
    off = abs(_quarter(float(np.degrees(np.arctan2(y, x))) - (a.angle + _quarter(b.angle - a.angle) / 2)))
    middle = (a.x + b.x) / 2, (a.y + b.y) / 2
    if off > 45 - _TILT:
        return [Square(*middle, apart / 1.414 + mark, likely=True)]
    if off > _TILT or apart > 6.5 * mark:
        return []
    return [Square(middle[0] - turn * y / 2, middle[1] + turn * x / 2, apart + mark, likely=True) for turn in (1, -1)]


def _quarter(degrees: float) -> float:
    """An angle between edges of squares, -45 up to 45."""
    return (degrees + 45) % 90 - 45


def _by_busy_patches(grey: NDArray[np.uint8]) -> list[Square]:
    """Square patches full of edges, as many upright as level, the busiest first."""
    small, scale = _shrunk(grey, _GLANCE)
    edges = np.asarray(cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)), np.uint8)
    level, _ = cv2.threshold(edges, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    busy = (edges > max(20.0, 0.7 * level)).astype(np.uint8)
    ranked: list[tuple[float, Square]] = []
    for gap in (3, 5, 9):
        kernel = np.ones((gap, gap), np.uint8)
        joined = cv2.morphologyEx(cv2.morphologyEx(busy, cv2.MORPH_CLOSE, kernel), cv2.MORPH_OPEN, kernel)
        contours, _ = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        ranked += _square_patches(small, contours)
    ranked.sort(key=lambda pair: -pair[0])
    return [square.scaled(scale) for _, square in ranked[:_MOST]]


def _square_patches(
    small: NDArray[np.uint8], contours: Iterable[NDArray[np.generic]]
) -> Iterator[tuple[float, Square]]:
    """Contours that are square enough, with how busy they are in the quieter of the two directions."""
    long_side = max(small.shape)
    for contour in contours:
        (x, y), (w, h), _ = cv2.minAreaRect(np.asarray(contour, np.int32))
        side = max(w, h)
        if not _PATCH_SIDES[0] * long_side < side < _PATCH_SIDES[1] * long_side or side > 1.5 * min(w, h):
            continue
        fill = cv2.contourArea(np.asarray(contour, np.int32)) / (w * h)
        if fill < 0.6:
            continue
        half = side * 0.4
        patch = small[max(0, int(y - half)) : int(y + half) + 1, max(0, int(x - half)) : int(x + half) + 1]
        patch = patch.astype(np.float32)
        swing = float(patch.max() - patch.min()) or 1.0
        across, down = (float(np.abs(np.diff(patch, axis=axis)).mean()) / swing for axis in (1, 0))
        likely = fill > _FULL and side < _EVEN * min(w, h)
        yield min(across, down), Square(x, y, side, likely)

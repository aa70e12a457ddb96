"""Where the lines of text are: PP-OCRv6's detector (differentiable binarisation).

The picture is looked at on a copy whose long side is at most `LONG_SIDE` pixels; the quadrilaterals that come
back are in pixels of the picture that was given, so that lines can be cut from its full resolution.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ocr.engines.models import Light
    from ocr.engines.network import Network

LONG_SIDE: Final = 1280
_STRIDE: Final = 32  # the network halves the picture five times
_INK: Final = 0.3  # a pixel of the map at or above this is text
_SURE: Final = 0.5  # a box whose mean is below this is dropped
_GROW: Final = 1.6  # the network learned shrunken boxes; this gives them their size back
_THIN: Final = 3.0  # boxes thinner than this on the map are specks
_MOST: Final = 1000  # boxes on one page
_STANDING: Final = 1.5  # times as high as wide


@dataclass(frozen=True, slots=True)
class Quad:
    """Four corners of a line of text, in pixels: upper left, upper right, lower right, lower left as the line is
    read when it lies nearer to level than to upright.
    """

    corners: NDArray[np.float32]  # 4 x 2, (x, y)

    @property
    def width(self) -> float:
        """Length of the upper and lower edges in pixels, the longer of the two."""
        c = self.corners
        return float(max(np.linalg.norm(c[1] - c[0]), np.linalg.norm(c[2] - c[3])))

    @property
    def height(self) -> float:
        """Length of the left and right edges in pixels, the longer of the two."""
        c = self.corners
        return float(max(np.linalg.norm(c[3] - c[0]), np.linalg.norm(c[2] - c[1])))

    @property
    def standing(self) -> bool:
        """True for a line that runs up or down the picture."""
        return self.height >= _STANDING * self.width

    def shortened(self, times: float) -> Quad:
        """The middle of the line, at most `times` as long as it is high."""
        long, short = (self.height, self.width) if self.standing else (self.width, self.height)
        part = min(1.0, times * short / max(long, 1.0))
        upper_left, upper_right, lower_right, lower_left = self.corners
        if self.standing:
            left, right = (lower_left - upper_left) * (1 - part) / 2, (lower_right - upper_right) * (1 - part) / 2
            inner = [upper_left + left, upper_right + right, lower_right - right, lower_left - left]
        else:
            upper, lower = (upper_right - upper_left) * (1 - part) / 2, (lower_right - lower_left) * (1 - part) / 2
            inner = [upper_left + upper, upper_right - upper, lower_right - lower, lower_left + lower]
        return Quad(np.stack(inner))

    def turned_over(self) -> Quad:
        """The same line for somebody who reads it from the other side."""
        return Quad(np.roll(self.corners, 2, axis=0))

    def turned(self, degrees: int, height: int, width: int) -> Quad:
        """The same line on the picture, of this height and width, turned clockwise by 0, 90, 180 or 270 degrees."""
        x, y = self.corners[:, 0], self.corners[:, 1]
        places = {0: (x, y), 90: (height - y, x), 180: (width - x, height - y), 270: (y, width - x)}[degrees]
        return Quad(_ordered(np.stack(places, axis=1)))


class Detector:
    """A network that finds lines, with the light it was made for."""

    def __init__(self, network: Network, light: Light) -> None:
        """`light` is the mean and the spread of red, green and blue, 0 to 1."""
        self._network = network
        self._light = [(np.float32(255 * mean), np.float32(255 * spread)) for mean, spread in reversed(light)]

    def detect(self, image: NDArray[np.uint8]) -> list[Quad]:
        """The lines of an RGB picture (H x W x 3), from top to bottom and left to right."""
        height, width = image.shape[:2]
        ratio = min(1.0, LONG_SIDE / max(height, width))
        seen_w, seen_h = (max(_STRIDE, round(side * ratio / _STRIDE) * _STRIDE) for side in (width, height))
        shrinks = ratio < 1.0
        small = cv2.resize(image, (seen_w, seen_h), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        heat = self._network.run(self._blob(np.asarray(small, np.uint8)))
        quads = _quads(np.ascontiguousarray(heat[0, 0]), width / seen_w, height / seen_h)
        return in_reading_order(quads)

    def _blob(self, small: NDArray[np.uint8]) -> NDArray[np.float32]:
        """1 x 3 x height x width, BGR as the networks learned it."""
        return np.stack([(small[:, :, 2 - n] - mean) / spread for n, (mean, spread) in enumerate(self._light)])[None]


def _quads(heat: NDArray[np.float32], scale_x: float, scale_y: float) -> list[Quad]:
    """Boxes of the map that are sure enough, grown to their size and scaled to the picture."""
    mask = cv2.dilate((heat > _INK).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found: list[Quad] = []
    for contour in contours[:_MOST]:
        centre, (w, h), angle = cv2.minAreaRect(contour)
        if min(w, h) < _THIN:
            continue
        if _mean_inside(heat, _corners(centre, w, h, angle)) < _SURE:
            continue
        grow = w * h * _GROW / (w + h)  # both sides of area x ratio / perimeter
        corners = _corners(centre, w + grow, h + grow, angle)
        limit = np.array([heat.shape[1], heat.shape[0]], np.float32)
        corners = np.clip(corners, 0, limit) * np.array([scale_x, scale_y], np.float32)
        found.append(Quad(_ordered(corners)))
    return found


def _corners(centre: Sequence[float], width: float, height: float, angle: float) -> NDArray[np.float32]:
    return np.asarray(cv2.boxPoints((centre, (width, height), angle)), np.float32)


def _mean_inside(heat: NDArray[np.float32], corners: NDArray[np.float32]) -> float:
    """Mean of the map inside a rectangle that may lie aslant."""
    rows, cols = heat.shape
    x0, y0 = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, (cols - 1, rows - 1))
    x1, y1 = np.clip(np.ceil(corners.max(axis=0)).astype(int), 0, (cols - 1, rows - 1))
    inside = np.zeros((y1 - y0 + 1, x1 - x0 + 1), np.uint8)
    cv2.fillPoly(inside, [(corners - (x0, y0)).astype(np.int32)], 1)
    return float(cv2.mean(heat[y0 : y1 + 1, x0 : x1 + 1], inside)[0])


def _ordered(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """Upper left, upper right, lower right, lower left."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left = by_x[:2][np.argsort(by_x[:2, 1], kind="stable")]
    right = by_x[2:][np.argsort(by_x[2:, 1], kind="stable")]
    return np.stack([left[0], right[0], right[1], left[1]])


def in_reading_order(quads: list[Quad]) -> list[Quad]:
    """Lines from top to bottom; within a line, whose centres differ by less than half a line height, left to right."""
    centred = sorted(quads, key=lambda quad: float(quad.corners[:, 1].mean()))
    rows: list[list[Quad]] = []
    for quad in centred:
        middle = float(quad.corners[:, 1].mean())
        if rows:
            last = rows[-1][-1]
            near = min(last.height, quad.height) / 2
            if middle - float(last.corners[:, 1].mean()) < near:
                rows[-1].append(quad)
                continue
        rows.append([quad])
    return [quad for row in rows for quad in sorted(row, key=lambda q: float(q.corners[:, 0].min()))]

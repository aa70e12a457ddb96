"""A part of a picture, cut out upright from the full resolution, and the way back from its places to the picture's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.types import Box

Picture = NDArray[np.uint8]
_MARGIN: Final = 0.012  # of the longer side, around the corners


@dataclass(frozen=True, slots=True)
class Patch:
    """`picture` is upright; `back` (3 × 3) brings its pixels to those of the picture it was cut from."""

    picture: Picture
    back: NDArray[np.float64]
    height: int  # of the picture it was cut from
    width: int

    def turned(self, degrees: int) -> Patch:
        """The same part turned clockwise by 0, 90, 180 or 270 degrees."""
        if not degrees:
            return self
        rows, columns = self.picture.shape[:2]
        turn = {
            90: np.array([[0.0, 1, 0], [-1, 0, rows], [0, 0, 1]]),
            180: np.array([[-1.0, 0, columns], [0, -1, rows], [0, 0, 1]]),
            270: np.array([[0.0, -1, columns], [1, 0, 0], [0, 0, 1]]),
        }[degrees]
        upright = np.ascontiguousarray(np.rot90(self.picture, -degrees // 90))
        return Patch(upright, self.back @ turn, self.height, self.width)

    def place(self, box: Box) -> Box:
        """Where a box of this part lies on the picture it was cut from, in fractions of each."""
        rows, columns = self.picture.shape[:2]
        return _moved(box, columns, rows, self.back, self.width, self.height)

    def find(self, box: Box) -> Box:
        """Where a box of the picture lies on this part, cut at its edges."""
        rows, columns = self.picture.shape[:2]
        return _moved(box, self.width, self.height, np.asarray(np.linalg.inv(self.back), np.float64), columns, rows)


def cut(picture: Picture, corners: NDArray[np.float32]) -> Patch:
    """The part within four corners (4 × 2 pixels, clockwise from the upper left one) with a narrow margin, made level."""
    edges = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    wide, high = max(float(edges[0]), float(edges[2]), 1.0), max(float(edges[1]), float(edges[3]), 1.0)
    margin = _MARGIN * max(wide, high)
    columns, rows = max(1, round(wide + 2 * margin)), max(1, round(high + 2 * margin))
    level = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32) + np.float32(margin)
    back = cv2.getPerspectiveTransform(level, corners.astype(np.float32))
    part = cv2.warpPerspective(
        picture, back, (columns, rows), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return Patch(np.asarray(part, np.uint8), np.asarray(back, np.float64), picture.shape[0], picture.shape[1])


def _moved(box: Box, wide: int, high: int, way: NDArray[np.float64], to_wide: int, to_high: int) -> Box:
    corners = np.array(
        [[box.x0 * wide, box.y0 * high], [box.x1 * wide, box.y0 * high],
         [box.x1 * wide, box.y1 * high], [box.x0 * wide, box.y1 * high]]
    )  # fmt: skip
    there = cv2.perspectiveTransform(corners[None], way)[0]
    xs, ys = np.clip(there[:, 0] / to_wide, 0, 1), np.clip(there[:, 1] / to_high, 0, 1)
    return Box(float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max()))

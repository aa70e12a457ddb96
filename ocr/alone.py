"""Whether the form around a code is all that a scan shows, told without reading a character.

A code names one invoice. Before a page is taken for that invoice alone, nothing else may lie on it: the rulings of the
form give its place (the code stands at its upper left, domain.md §5.2, §5.3), and the rest of the sheet must be blank.
Where the rulings are not found (a photo aslant, a form without them) the answer is no, and the page is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from ocr.types import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CODE: Final = 19.0  # mm, side of the symbol: 18 on paper, 20 on electronic forms (§2.6)
_FINE: Final = 4.0  # pixels for a millimetre on the copy that is looked at
_RULE: Final = 185.0  # mm, a ruling across the form; the frame is 201 wide
_PIECE: Final = 12.0  # mm, of a ruling that skew breaks into steps
_FIRST: Final = (14.0, 36.0)  # mm from the code's upper edge to the first ruling
_HEAD: Final = 16.0  # mm of the form above the code's upper edge
_ASIDE: Final = 28.0  # mm of the form to the left of the code, the strip with the holes included
_WIDE: Final = 252.0  # mm from there to the right of the form, the printer's notes and the other strip included
_FOOT: Final = 14.0  # mm below the last ruling: 收款人, 复核, 开票人, a seal
_TALL: Final = 190.0  # mm, the tallest form that one page holds (§5.3)
_MOST: Final = 8  # rulings across one form; two forms below each other have more
_LEAST: Final = 4
_APART: Final = 2.0  # mm between rulings that are two
_EDGE: Final = 5.0  # mm at the sheet's edges, where scanners leave shadows
_DARK: Final = 48  # levels below the paper
_FAINT: Final = 14  # levels darker than what lies above and below: a thin coloured ruling on a small copy
_TILTS: Final = tuple(step / 200 for step in range(-8, 9))  # of a sheet that was laid by hand; height by width
_SLACK: Final = 40  # rows that a tilt may lift a ruling beyond the picture
_WHOLE: Final = 0.8  # of a ruling is seen; letters and seals hide the rest
_BUSY: Final = 0.06  # of a page may be rulings; more is a texture
_BLOT: Final = 1.2  # mm, a mark of this size is ink and no speck
_INK: Final = 30.0  # mm² of ink outside the form that a stray mark may have


def alone(picture: NDArray[np.uint8], code: Box) -> bool:
    """Whether the upright `picture` (H x W x 3, RGB) shows the form around `code` (fractions of it) and nothing else."""
    height, width = picture.shape[:2]
    side = max((code.x1 - code.x0) * width, (code.y1 - code.y0) * height)
    if side < _CODE:
        return False
    scale = _FINE * _CODE / side
    if scale > 1.5 or max(height, width) * scale > 3000:
        return False  # the code is too small on the picture, or the page too large, for one form
    small = np.asarray(cv2.resize(picture[:, :, 1], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    paper = float(np.percentile(small[::4, ::4], 70))
    rows = _rulings(small)
    left, top = code.x0 * width * scale - _ASIDE * _FINE, code.y0 * height * scale - _HEAD * _FINE
    own = [row for row in rows if top < row < top + _TALL * _FINE]
    if not _LEAST <= len(own) <= _MOST or len(own) != len(rows):
        return False
    if not _FIRST[0] < (own[0] - top) / _FINE - _HEAD < _FIRST[1]:
        return False
    return _blank((small < paper - _DARK).astype(np.uint8), left, top, own[-1] + _FOOT * _FINE)


def _rulings(grey: NDArray[np.uint8]) -> list[float]:
    """Heights of the rulings across a form, in pixels, from the top, at whatever slight skew lines most of them up."""
    thin = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, np.ones((9, 1), np.uint8)) > _FAINT
    # a step of a skewed ruling does not part it
    thick = cv2.dilate(thin.astype(np.uint8), np.ones((3, 1), np.uint8))
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, round(_PIECE * _FINE)), np.uint8))
    ys, xs = np.nonzero(cv2.erode(runs, np.ones((3, 1), np.uint8)))
    if len(ys) > _BUSY * grey.size:
        return []
    across = xs - grey.shape[1] / 2
    levels = max((np.round(ys - tilt * across).astype(np.intp) for tilt in _TILTS), key=_lined_up)
    held = np.zeros((grey.shape[0] + 2 * _SLACK, grey.shape[1]), np.uint8)
    held[np.clip(levels + _SLACK, 0, len(held) - 1), xs] = 1
    wide = cv2.dilate(held, np.ones((3, 1), np.uint8)).sum(axis=1)  # columns that a ruling crosses
    rows: list[float] = []
    for row in np.flatnonzero(wide > _RULE * _FINE * _WHOLE) - _SLACK:
        if not rows or row - rows[-1] > _APART * _FINE:
            rows.append(float(row))
    return rows


def _lined_up(levels: NDArray[np.intp]) -> int:
    counts = np.bincount(np.maximum(levels, 0))
    return int((counts.astype(np.int64) ** 2).sum())


def _blank(ink: NDArray[np.uint8], left: float, top: float, bottom: float) -> bool:
    """Whether there is next to no ink outside the form; edges of the sheet do not count."""
    rest = ink.copy()
    edge = round(_EDGE * _FINE)
    rest[:edge], rest[-edge:], rest[:, :edge], rest[:, -edge:] = 0, 0, 0, 0
    rest[max(0, round(top)) : round(bottom), max(0, round(left)) : round(left + _WIDE * _FINE)] = 0
    blots = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, _, figures, _ = cv2.connectedComponentsWithStats(blots, connectivity=8)
    sizes = figures[1:count]
    large = np.maximum(sizes[:, cv2.CC_STAT_WIDTH], sizes[:, cv2.CC_STAT_HEIGHT]) >= _BLOT * _FINE
    return float(sizes[large, cv2.CC_STAT_AREA].sum()) < _INK * _FINE * _FINE

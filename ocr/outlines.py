"""Where papers lie on a picture, by the picture alone: bright sheets on a darker ground (domain.md §1.2).

Looked at on a small copy from which the print is wiped out, so that a paper is one even patch. What is no sheet with
straight sides (hands, cups, the ground between papers) is left out; papers that cover each other are one patch,
which the words on it part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.types import Box

Picture = NDArray[np.uint8]
Corners = NDArray[np.float32]
Contour = NDArray[np.int32]
SIDE: Final = 720  # long side of the copy in pixels, at most
_LIGHT: Final = 150  # grey level of a sheet on which others lie, at least
_TINT: Final = 3.0  # grey levels by which a paper differs from the sheet below it
_NEAR: Final = 6  # grey levels within which lies the sheet itself
_GRAINS: Final = 2.5  # times the grain of that sheet
_GRID: Final = 12  # pixels of the copy between the samples of its light
_ROUNDS: Final = 2
_HAIR: Final = 7  # pixels of the copy: what is thinner is no sheet
_DEEP: Final = 38  # grey levels by which the ground is darker than paper
_SMALLEST: Final = 0.008  # of the picture
_LARGEST: Final = 0.9
_FULL: Final = 0.86  # of its rectangle is covered by a sheet
_CONVEX: Final = 0.94  # of its hull
_SLIM: Final = 5.0  # a sheet is at most this many times as long as wide
_STRAIGHT: Final = 2.5  # pixels of the copy by which a side may bend
_PARALLEL: Final = 0.996  # cosine of pieces of one side
_ASIDE: Final = 4.0  # pixels of the copy by which they may stand off
_PIECE: Final = 6.0  # pixels of the copy, the shortest piece that continues a side
_SQUARE: Final = 0.95  # sine of a corner
_INSIDE: Final = 0.95  # of a rectangle lies within the patch
_OWN: Final = 0.75  # of a rectangle lies outside the others


@dataclass(frozen=True, slots=True)
class Outline:
    """A quadrilateral on a picture: corners in pixels, upper left first, clockwise, as it lies nearest to level.

    `whole` says that one sheet fills it; otherwise several may lie in it, one upon the other.
    `faint` that only a tint, a shadow or a frame shows it.
    """

    corners: Corners  # 4 × 2, (x, y)
    whole: bool = True
    faint: bool = False

    @property
    def angle(self) -> float:
        """Degrees by which its upper edge falls to the right, −45 to 45."""
        edge = self.corners[1] - self.corners[0]
        return float(np.degrees(np.arctan2(edge[1], edge[0])))

    def box(self, height: int, width: int) -> Box:
        """The level box around it, in fractions of the picture."""
        places = self.corners.astype(np.float64) / (width, height)
        xs, ys = np.clip(places[:, 0], 0, 1), np.clip(places[:, 1], 0, 1)
        return Box(float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max()))


def find(picture: Picture) -> list[Outline]:
    """The sheets on a picture (H × W × 3), from top to bottom; empty where no ground shows between or around them.

    A light sheet on which others lie is ground as well, when it is all that lies on the picture.
    """
    small, scale = _copy(picture)
    light = _soft(_darkest(small))  # tinted paper is lighter than wood in its darkest colour
    bright = _parted(light)
    for _ in range(_ROUNDS):
        if bright is not None:
            bright = _parted(_levelled(light, bright))
    found = [] if bright is None else _all_sheets(bright)
    if len(found) < 2:
        small, scale = _copy(picture, fine=True)
        upon = _upon(small, found[0] if found else None)
        found = upon if len(upon) > 1 else found
    placed = [replace(one, corners=one.corners * np.float32(scale)) for one in found]
    return sorted(placed, key=lambda one: float(one.corners[:, 1].mean()))


def _all_sheets(mask: Picture) -> list[Outline]:
    contours, _ = cv2.findContours(_even(mask), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    area = float(mask.size)
    found: list[Outline] = []
    for contour in contours:
        held = cv2.contourArea(contour)
        if _SMALLEST * area <= held <= _LARGEST * area:
            found += _sheets(np.asarray(contour, np.int32), _SMALLEST * area)
    return found


def _upon(small: Picture, sheet: Outline | None) -> list[Outline]:
    """What lies on a light sheet: its tint differs a little, or a rim of shadow runs around it."""
    soft = _soft(small)
    ground = np.full(soft.shape[:2], 255, np.uint8)
    if sheet is not None:
        ground[:] = 0
        cv2.fillConvexPoly(ground, np.round(sheet.corners).astype(np.int32), 255)
        ground = np.asarray(cv2.erode(ground, np.ones((3 * _HAIR, 3 * _HAIR), np.uint8)), np.uint8)
    inside = ground > 0
    light = _darkest(soft)
    if inside.sum() < 0.2 * inside.size or np.median(light[inside]) < _LIGHT:
        return []
    colour = [float(cv2.calcHist([soft], [at], ground, [256], [0, 256]).argmax()) for at in range(3)]
    away = cv2.absdiff(soft, np.array([*colour, 0.0]))
    other = cv2.max(cv2.max(away[:, :, 0], away[:, :, 1]), away[:, :, 2])
    other[~inside] = 0
    near = other[inside]
    grain = float(near[near <= _NEAR].mean()) if (near <= _NEAR).any() else _TINT
    mask = np.where(other > max(_TINT, _GRAINS * grain), 255, 0).astype(np.uint8)
    return [replace(one, faint=True) for one in _all_sheets(mask)]


def _soft(picture: Picture) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (5, 5), 0), np.uint8)


def _darkest(picture: Picture) -> Picture:
    return np.asarray(cv2.min(cv2.min(picture[:, :, 0], picture[:, :, 1]), picture[:, :, 2]), np.uint8)


def _parted(light: Picture) -> Picture | None:
    """The mask of what is bright; None when nothing stands out."""
    _, bright = cv2.threshold(light, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    inside = bright > 0
    if not inside.any() or inside.all() or light[inside].mean() - light[~inside].mean() < _DEEP:
        return None
    return np.asarray(bright, np.uint8)


def _levelled(light: Picture, bright: Picture) -> Picture:
    """The picture in even light: what is lit changes slowly, alike on paper and ground, and multiplies both."""
    height, width = light.shape
    ys, xs = np.mgrid[_GRID // 2 : height : _GRID, _GRID // 2 : width : _GRID]
    seen = np.log(light[ys, xs].ravel() + 8.0)
    x, y = xs.ravel() / width - 0.5, ys.ravel() / height - 0.5
    paper = (bright[ys, xs].ravel() > 0).astype(np.float64)
    terms = np.stack([x, y, x * x, x * y, y * y, x**3, y**3, np.ones_like(x), paper], axis=1)
    weights = np.linalg.solve(terms.T @ terms + 1e-6 * np.eye(terms.shape[1]), terms.T @ seen)
    slow = (terms[:, :-2] @ weights[:-2]).reshape(ys.shape).astype(np.float32)
    lit = np.exp(cv2.resize(slow, (width, height), interpolation=cv2.INTER_LINEAR) - float(np.median(slow)))
    return np.asarray(np.clip((light + 8.0) / lit - 8.0, 0, 255), np.uint8)


def _even(bright: NDArray[Any]) -> Picture:
    """The mask without specks, hairs and the holes that print leaves."""
    closed = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(bright.shape, np.uint8)
    cv2.drawContours(filled, contours, -1, 255, cv2.FILLED)
    return np.asarray(cv2.morphologyEx(filled, cv2.MORPH_OPEN, np.ones((_HAIR, _HAIR), np.uint8)), np.uint8)


def _copy(picture: Picture, *, fine: bool = False) -> tuple[Picture, float]:
    """The small copy, and how many pixels of the picture one of its pixels is; `fine` with less grain."""
    step = -(-max(picture.shape[:2]) // SIDE)
    rows, columns = max(1, picture.shape[0] // step), max(1, picture.shape[1] // step)
    whole = picture[: rows * step, : columns * step] if min(picture.shape[:2]) >= step else picture[:1, :1]
    if not fine:
        return np.ascontiguousarray(whole[::step, ::step]), float(step)
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8), float(step)


def _sheets(contour: Contour, least: float) -> list[Outline]:
    """The one sheet that a patch is, or those that lie in it, one upon the other; none when it is a mere strip."""
    hull = np.asarray(cv2.convexHull(contour), np.int32)
    held = cv2.contourArea(contour)
    rectangle = cv2.minAreaRect(hull)
    long, short = max(rectangle[1]), min(rectangle[1])
    if short < 1 or long / short > _SLIM:
        return []
    if held >= _FULL * long * short and held >= _CONVEX * cv2.contourArea(hull):
        corners = _four(hull)
        return [Outline(ordered(corners if corners is not None else _rectangle(rectangle)))]
    parts, rests = _covering(contour, least)
    if parts or rests:
        whole = [Outline(ordered(corners)) for corners in parts]
        return whole + [Outline(ordered(corners), whole=False) for corners in rests]
    return [Outline(ordered(_rectangle(rectangle)), whole=False)]


def _covering(contour: Contour, least: float) -> tuple[list[Corners], list[Corners]]:
    """Rectangles that together fill a patch, the largest first: each has two neighbouring sides on the rim; and those
    around what is left of it, sheets of which others cover the corners.
    """
    x, y, width, height = cv2.boundingRect(contour)
    patch = np.zeros((height + 2, width + 2), np.uint8)
    cv2.drawContours(patch, [contour - np.array([x - 1, y - 1], np.int32)], -1, 1, cv2.FILLED)
    shape = cv2.approxPolyDP(contour, _STRAIGHT, closed=True).reshape(-1, 2)
    shape = (shape - np.array([x - 1, y - 1])).astype(np.float32)
    free = patch.copy()
    chosen: list[Corners] = []
    for corners in sorted(_corners_of(shape), key=cv2.contourArea, reverse=True):
        size = cv2.contourArea(corners)
        wide, high = (float(side) for side in np.linalg.norm(np.diff(corners[:3], axis=0), axis=1))
        if size < least:
            break
        if max(wide, high) > _SLIM * min(wide, high):
            continue
        mask = np.zeros_like(patch)
        cv2.fillConvexPoly(mask, np.round(corners).astype(np.int32), 1)
        filled = max(int(mask.sum()), 1)
        if int((mask & patch).sum()) >= _INSIDE * filled and int((mask & free).sum()) >= _OWN * filled:
            chosen.append(corners + np.array([x - 1, y - 1], np.float32))
            free &= 1 - mask
    left, _ = cv2.findContours(
        cv2.morphologyEx(free, cv2.MORPH_OPEN, np.ones((_HAIR, _HAIR), np.uint8)),
        cv2.RETR_EXTERNAL,
        cv2.CHAIN_APPROX_SIMPLE,
    )
    rests = [cv2.minAreaRect(rest) for rest in left if cv2.contourArea(rest) >= least]
    return chosen, [_rectangle(rest) + np.array([x - 1, y - 1], np.float32) for rest in rests]


def _corners_of(shape: Corners) -> list[Corners]:
    """Rectangles that the corners of a rim span, each by its two sides, or by one side with the longer neighbour."""
    sides = _sides_of(shape)
    found: list[Corners] = []
    for at, side in enumerate(sides):
        before = sides[at - 1]
        if not _square(before, side):
            continue
        for backward, forward in {(before.start, side.end), (before.whole_start, side.whole_end)}:
            back, ahead = np.array(backward) - side.start, np.array(forward) - side.start
            found.append(np.stack([side.start + back, side.start, side.start + ahead, side.start + back + ahead]))
        after = sides[(at + 1) % len(sides)]
        if _square(side, after):
            # both ends of a side are seen: what lies farther of its two neighbours says how deep the sheet is
            depths = [np.array(before.whole_start) - side.start, np.array(after.whole_end) - after.start]
            deep = max(depths, key=lambda depth: float(np.linalg.norm(depth)))
            found.append(np.stack([side.start, side.end, side.end + deep, side.start + deep]))
    return [np.asarray(corners, np.float32) for corners in found]


@dataclass(frozen=True, slots=True)
class _Side:
    """A straight piece of a rim, clockwise; `whole_…` with the pieces that continue it beyond what interrupts it."""

    start: tuple[float, float]
    end: tuple[float, float]
    whole_start: tuple[float, float]
    whole_end: tuple[float, float]


def _sides_of(shape: Corners) -> list[_Side]:
    ahead = np.roll(shape, -1, axis=0)
    if float((shape[:, 0] * ahead[:, 1] - ahead[:, 0] * shape[:, 1]).sum()) < 0:
        shape = shape[::-1]
        ahead = np.roll(shape, -1, axis=0)
    way = ahead - shape
    length = np.linalg.norm(way, axis=1)
    unit = way / np.maximum(length, 1e-6)[:, None]
    sides: list[_Side] = []
    for at in range(len(shape)):
        along = unit @ unit[at] > _PARALLEL
        off = np.abs((shape - shape[at]) @ np.array([-unit[at][1], unit[at][0]]))
        off_end = np.abs((ahead - shape[at]) @ np.array([-unit[at][1], unit[at][0]]))
        same = along & (off < _ASIDE) & (off_end < _ASIDE) & (length > _PIECE)
        same[at] = True
        starts, ends = shape[same], ahead[same]
        first = starts[int(np.argmin(starts @ unit[at]))]
        last = ends[int(np.argmax(ends @ unit[at]))]
        sides.append(_Side(_point(shape[at]), _point(ahead[at]), _point(first), _point(last)))
    return sides


def _point(place: NDArray[Any]) -> tuple[float, float]:
    return float(place[0]), float(place[1])


def _square(before: _Side, after: _Side) -> bool:
    """Whether two pieces meet in a corner of a sheet."""
    a = np.array(before.end) - before.start
    b = np.array(after.end) - after.start
    return float(a[0] * b[1] - a[1] * b[0]) >= _SQUARE * float(np.linalg.norm(a) * np.linalg.norm(b)) > 0


def _rectangle(rectangle: Any) -> Corners:
    return np.asarray(cv2.boxPoints(rectangle), np.float32)


def _four(hull: Contour) -> Corners | None:
    """The corners of a sheet seen aslant, when its hull has just four."""
    around = cv2.arcLength(hull, closed=True)
    for part in (0.02, 0.03, 0.045):
        shape = cv2.approxPolyDP(hull, part * around, closed=True)
        if len(shape) == 4:
            return np.asarray(shape.reshape(4, 2), np.float32)
    return None


def ordered(corners: Corners) -> Corners:
    """Clockwise from the corner that is the upper left one when the shape is turned by at most 45 degrees."""
    centre = corners.mean(axis=0)
    around = corners[np.argsort(np.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0]))]
    edges = np.roll(around, -1, axis=0) - around
    first = int(np.argmin(np.abs(np.arctan2(edges[:, 1], edges[:, 0]))))
    return np.ascontiguousarray(np.roll(around, -first, axis=0))

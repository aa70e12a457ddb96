"""The modules of a symbol as numbers, from a crop in which no decoder could read it.

The finder patterns say roughly where the symbol lies; then the whole known structure (finders, timing, alignment) is laid
over the picture and bent until it fits best. How print and lens smear a module into its neighbours is learnt from the
same known modules and taken back again, so that motion, defocus and small pictures are undone without guessing them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from ocr.correct import VERSIONS
from ocr.symbol import fixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

SIDE: Final = 256.0  # pixels that the symbol measures in the picture that is looked at
_WINDOW: Final = 61  # pixels, about eight modules: the neighbourhood that says what is dark
_LEAST: Final = 0.25  # share of the known modules that must fit
_MARKS: Final = 9  # most finder patterns that are put together
_TRIOS: Final = 5
_LOGO: Final = 0.13  # of the side, from the middle: where a logo may cover the modules


@dataclass(frozen=True, slots=True)
class Fit:
    """A version laid over the picture: how well its known modules fit (-1 to 1) and the bent frame.

    `frame` (6 x 2) holds the corners, from the upper left clockwise, and two bends.
    """

    score: float
    version: int
    frame: Floats

    def across(self) -> tuple[float, float]:
        """The direction of the upper edge."""
        x, y = self.frame[1] - self.frame[0]
        return float(x), float(y)


def grids(flat: Floats, fit: Fit) -> Iterator[Floats]:
    """Grids of modules (n x n, positive = dark, about -1 to 1): as they are, and with a logo's room declared lost."""
    whole = equalised(flat, fit)
    yield whole
    yield without_logo(whole)


def flattened(grey: NDArray[np.uint8], side: float) -> Floats:
    """The crop with the symbol 256 pixels wide: how much darker each pixel is than its neighbourhood, in its spread."""
    scale = SIDE / side
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=how), np.float32)
    window = (_WINDOW, _WINDOW)
    mean = cv2.blur(small, window, borderType=cv2.BORDER_REFLECT)
    spread = np.sqrt(np.maximum(cv2.blur(small * small, window, borderType=cv2.BORDER_REFLECT) - mean * mean, 0))
    usual = float(np.percentile(spread, 75))
    return np.asarray(np.clip((mean - small) / (spread + 0.15 * usual + 1), -2, 2), np.float32)


def fits(flat: Floats) -> list[Fit]:
    """The best two ways to lay a symbol over the picture."""
    smooth = np.asarray(cv2.GaussianBlur(flat, (0, 0), 2.0), np.float32)
    rough: list[Fit] = []
    for corners in _frames(smooth):
        frame = np.concatenate([corners, np.zeros((2, 2), np.float32)])
        tried = [Fit(_score(smooth, version, frame), version, frame) for version in VERSIONS]
        tried.sort(key=lambda fit: -fit.score)
        rough += tried[:2]
    rough.sort(key=lambda fit: -fit.score)
    better = [_settled(smooth, fit, (4.0, 2.0), 4) for fit in rough[:4]]
    better.sort(key=lambda fit: -fit.score)
    best: list[Fit] = []
    for fit in better[:2]:
        if fit.score > _LEAST and not any(other.version == fit.version for other in best):
            best.append(_settled(smooth, _settled(smooth, fit, (2.0, 1.0, 0.5), 4), (2.0, 1.0, 0.5), 6))
    return sorted(best, key=lambda fit: -fit.score)


def equalised(flat: Floats, fit: Fit) -> Floats:
    """The modules with the smear of their neighbours taken back, as the known modules teach it."""
    side = 17 + 4 * fit.version
    known = fixed(fit.version).reshape(-1)
    steps = np.array([-1.0, -0.5, 0.0, 0.5, 1.0], np.float32) / side
    u, v = _middles(side)
    taps = [_sampled(flat, _basis(u + across, v + down) @ fit.frame) for down in steps for across in steps]
    table = np.stack([*taps, np.full(side * side, 0.5, np.float32)], axis=1)
    soft = table[:, len(taps) // 2]
    taught = known != 0
    labels = known.copy()
    for _ in range(2):
        lesson = table[taught]
        weights = np.linalg.solve(
            lesson.T @ lesson + 0.04 * len(lesson) * np.eye(table.shape[1], dtype=np.float32), lesson.T @ labels[taught]
        )
        soft = np.asarray(table @ weights, np.float32)
        taught = (known != 0) | (np.abs(soft) > 0.5)
        labels = np.where(known != 0, known, np.sign(soft)).astype(np.float32)
    return soft.reshape(side, side)


def without_logo(grid: Floats) -> Floats:
    """The grid with the modules in its middle declared lost."""
    lost = grid.copy()
    middle, reach = len(grid) / 2, round(len(grid) * _LOGO)
    lost[int(middle) - reach : int(middle) + reach + 1, int(middle) - reach : int(middle) + reach + 1] = 0
    return lost


def _basis(u: Floats, v: Floats) -> Floats:
    """What each point of the frame counts at places (0 to 1 across and down): four corners, two bends."""
    return np.stack(
        [(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v, 4 * u * (1 - u), 4 * v * (1 - v)], axis=1
    ).astype(np.float32)


@cache
def _middles(side: int) -> tuple[Floats, Floats]:
    """The middles of all modules of a symbol, row by row."""
    line = (np.arange(side, dtype=np.float32) + 0.5) / side
    return np.tile(line, side), np.repeat(line, side)


@cache
def _structure(version: int) -> tuple[Floats, Floats]:
    """The known modules of a version: their basis (k x 6) and their signs, weighed so that finders do not outvote."""
    known = fixed(version)
    side = len(known)
    weight = np.ones_like(known)
    weight[:8, :8] = weight[:8, -8:] = weight[-8:, :8] = 0.6
    taken = known.reshape(-1) != 0
    u, v = _middles(side)
    signs = (known * weight).reshape(-1)[taken]
    return _basis(u[taken], v[taken]), np.asarray(signs / np.abs(signs).sum(), np.float32)


def _sampled(flat: Floats, points: Floats) -> Floats:
    """The picture at points (k x 2), bilinear; 0 beyond its edge."""
    x, y = np.ascontiguousarray(points[..., 0]), np.ascontiguousarray(points[..., 1])
    x, y = x.reshape(-1, x.shape[-1]), y.reshape(-1, y.shape[-1])
    found = cv2.remap(flat, x - np.float32(0.5), y - np.float32(0.5), cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(found, np.float32).reshape(points.shape[:-1])


def _score(flat: Floats, version: int, frame: Floats) -> float:
    basis, signs = _structure(version)
    return float(_sampled(flat, basis @ frame) @ signs)


def _settled(flat: Floats, fit: Fit, steps: Iterable[float], points: int) -> Fit:
    """The fit after moving the first `points` of its frame, by smaller and smaller steps of so many pixels."""
    basis, signs = _structure(fit.version)
    frame, score = fit.frame.copy(), fit.score
    moves = np.zeros((4 * points, 6, 2), np.float32)
    for place in range(points):
        for axis in (0, 1):
            moves[4 * place + 2 * axis, place, axis] = 1
            moves[4 * place + 2 * axis + 1, place, axis] = -1
    for step in steps:
        for _ in range(8):
            tried = _sampled(flat, basis @ (frame + step * moves)) @ signs
            gains = tried - score
            pairs = gains.reshape(-1, 2)
            up = np.flatnonzero(pairs.max(axis=1) > 1e-4)
            if not len(up):
                break
            together = frame + step * sum(moves[2 * place + int(pairs[place].argmax())] for place in up)
            reached = float(_sampled(flat, basis @ together) @ signs)
            best = int(gains.argmax())
            if reached < tried[best]:
                together, reached = frame + step * moves[best], float(tried[best])
            frame, score = together, reached
    return Fit(score, fit.version, frame)


def _frames(smooth: Floats) -> list[Floats]:
    """Corners (4 x 2) of the symbols that three finder patterns may belong to, the likeliest first."""
    marks = _marks(smooth)
    found: list[tuple[float, Floats]] = []
    for corner, right, below in permutations(marks, 3):
        across, down = right[:2] - corner[:2], below[:2] - corner[:2]
        width, height = float(np.hypot(*across)), float(np.hypot(*down))
        turned = float(across[0] * down[1] - across[1] * down[0])  # clockwise, as y grows downwards
        if not (min(width, height) > 0.45 * SIDE and max(width, height) < min(1.5 * min(width, height), 1.15 * SIDE)):
            continue
        if turned < 0.82 * width * height:
            continue
        even = 1 - abs(np.log(width / height))
        size = 1 - abs(np.log((width + height) / 2 / (0.8 * SIDE)))
        found.append((float(corner[2] + right[2] + below[2]) * even * size, np.stack([corner[:2], across, down])))
    found.sort(key=lambda pair: -pair[0])
    frames: list[Floats] = []
    for _, (corner, across, down) in found[:_TRIOS]:
        # the middles of the finders lie 3.5 modules inside; a symbol of version 4 or so has 33
        frames += [
            np.array(
                [corner + a * across + b * down for a, b in ((-m, -m), (1 + m, -m), (1 + m, 1 + m), (-m, 1 + m))],
                np.float32,
            )
            for m in (3.5 / (33 - 7 + 4), 3.5 / (33 - 7 - 2))
        ]
    return frames


def _marks(smooth: Floats) -> list[Floats]:
    """Likely finder patterns: x, y and how much they look like one."""
    best: Floats | None = None
    for pitch in (SIDE / 41, SIDE / 35, SIDE / 30):
        seen = np.asarray(cv2.filter2D(smooth, -1, _bullseye(pitch), borderType=cv2.BORDER_REFLECT), np.float32)
        best = seen if best is None else np.maximum(best, seen)
    assert best is not None  # noqa: S101  # there is at least one pitch
    marks: list[Floats] = []
    while len(marks) < _MARKS:
        _, peak, _, (x, y) = cv2.minMaxLoc(best)
        if peak < 0.2:
            break
        marks.append(np.array([x + 0.5, y + 0.5, peak], np.float32))
        cv2.circle(best, (x, y), 18, -1.0, -1)
    return marks


@cache
def _bullseye(pitch: float) -> Floats:
    """A finder pattern averaged over all turns: a dark core, a light and a dark ring."""
    reach = int(np.ceil(4.4 * pitch))
    line = np.arange(-reach, reach + 1, dtype=np.float32) / pitch
    x, y = np.meshgrid(line, line)
    total = np.zeros_like(x)
    for turn in np.radians(np.arange(0, 90, 7.5)):
        ring = np.maximum(np.abs(x * np.cos(turn) + y * np.sin(turn)), np.abs(y * np.cos(turn) - x * np.sin(turn)))
        total += np.where(
            ring < 1.5, 1, np.where(ring < 2.5, -1, np.where(ring < 3.5, 1, np.where(ring < 4.5, -0.5, 0)))
        )
    return np.asarray(total / np.abs(total).sum(), np.float32)

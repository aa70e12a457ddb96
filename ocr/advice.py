"""Advice to who took the picture: what is wrong with it, measured on the picture, and where.

Each finding is a `Problem` whose code is one sentence to the person, with the place on the upright page. A picture
may be read well for all that: whether the advice is given is decided by who knows what became of the paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from ocr.types import Box, Problem, Word

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEW_DOTS: Final = "few_dots"
BLURRED: Final = "blurred"
GLARE: Final = "glare"
DARK: Final = "dark"
CUT: Final = "cut"
SIDEWAYS: Final = "sideways"

_LINE: Final = 3  # characters of a word that is measured
_FORM: Final = 195.0  # mm that the print of a form spans (domain.md §5.1)
_HARD: Final = 0.9  # confidence of half the words below which a picture is hard to read
_SMALL_PICTURE: Final = 1400  # pixels of its long side
_LEAST_DPI: Final = 100  # below this the recogniser loses characters
_SMALL: Final = 800  # pixels of the long side on which light is measured
_WORDS: Final = 5  # fewer say nothing of a page
_SOFT: Final = 0.10  # of a line's height: how wide an edge from ink to paper may be smeared
_PIXELS: Final = 2.5  # the width of a sharp edge
_MEASURED: Final = 16  # lines whose edges are measured
_SMEARED: Final = 1.5  # as much of a patch that may hold anything, where no line was found
_PATCHES: Final = 50  # along the long side; each about as high as a line of a form
_SMALLEST: Final = 6  # pixels of a line that can be measured
_PALE: Final = 30  # levels between ink and paper
_BURNT: Final = 253  # levels, a sensor that is full
_SHINE: Final = 22  # levels that a reflection is brighter than the paper around it
_SPOT: Final = 0.006  # of the picture, a reflection that can hide a field
_DIM: Final = 70  # level of paper that is too dark to see print on
_BORDER: Final = 0.004  # of the picture: text that touches its edge goes on beyond it
_TOUCHING: Final = 2


def advise(
    picture: NDArray[np.uint8], words: Sequence[Word], page: int, *, turn: int, dpi: float | None, form: bool
) -> list[Problem]:
    """What is to be said of an upright RGB picture (H x W x 3), which was turned by `turn` degrees to stand so.

    `words` were read on it; `dpi` is what the file says of its resolution, None for a camera's; `form` says that the
    words are those of one VAT form, whose width is known. Costs some milliseconds.
    """
    letters = sorted((word for word in words if len(word.text) >= _LINE), key=lambda word: -word.confidence)
    dots = dpi if dpi is not None else _dots(picture, letters, form=form)
    found: list[Problem] = []
    if dots is not None and dots < _LEAST_DPI:
        found.append(Problem(FEW_DOTS, f"{dots:.0f}", page))
    else:
        soft = softness(picture, letters)
        general = soft is None
        soft = _general_softness(picture) if soft is None else soft
        if soft > (_SMEARED if general else _SOFT):
            found.append(Problem(BLURRED, f"{soft:.2f}", page))
    small = _small(picture)
    paper = float(np.percentile(small[::4, ::4], 75))
    spot = _reflection(small, paper)
    if spot is not None:
        found.append(Problem(GLARE, "", page, spot))
    if paper < _DIM:
        found.append(Problem(DARK, f"{paper:.0f}", page))
    found += [Problem(CUT, side, page, strip) for side, strip in _cut_sides(words)]
    if turn:
        found.append(Problem(SIDEWAYS, str(turn), page))
    return found


def _dots(picture: NDArray[np.uint8], letters: Sequence[Word], *, form: bool) -> float | None:
    """Dots an inch, from the width of the form; of another paper, too few where the picture is small and hard to read."""
    if not letters:
        return None
    if form:
        across = max(word.box.x1 for word in letters) - min(word.box.x0 for word in letters)
        return float(across * picture.shape[1] / _FORM * 25.4)
    hard = median(word.confidence for word in letters) < _HARD and max(picture.shape[:2]) < _SMALL_PICTURE
    return 0.0 if hard else None


def softness(picture: NDArray[np.uint8], words: Sequence[Word]) -> float | None:
    """How much wider the edges from ink to paper are than the pixels make them, across or down, whichever is wider, in
    heights of a line: 0 is sharp, 0.1 a smear; None without words enough.
    """
    found = [soft for word in words[:_MEASURED] if (soft := _smear(_crop(picture, word.box))) is not None]
    return float(median(found)) if len(found) >= _WORDS else None


def _general_softness(picture: NDArray[np.uint8]) -> float:
    """As :func:`softness` where nothing was read: of the patches with most contrast, as if they held lines."""
    height, width = picture.shape[:2]
    side = max(24, max(height, width) // _PATCHES)
    rows, columns = height // side, width // side
    if not rows or not columns:
        return 0.0
    grey = picture[: rows * side, : columns * side, 1].reshape(rows, side, columns, side).swapaxes(1, 2)
    spread = grey.reshape(rows, columns, -1).std(axis=2)
    strongest = np.argsort(spread, axis=None)[::-1][:_MEASURED]
    patches = (grey[divmod(int(index), columns)].astype(np.float32) for index in strongest)
    found = [soft for patch in patches if (soft := _smear(patch)) is not None]
    return float(median(found)) if found else 0.0


def _crop(picture: NDArray[np.uint8], box: Box) -> NDArray[np.float32]:
    """The green light of the first characters of a line, which are enough to measure."""
    height, width = picture.shape[:2]
    top, bottom = max(0, int(box.y0 * height)), int(box.y1 * height) + 1
    left = max(0, int(box.x0 * width))
    right = min(int(box.x1 * width) + 1, left + 6 * (bottom - top))
    return picture[top:bottom, left:right, 1].astype(np.float32)


def _smear(crop: NDArray[np.float32]) -> float | None:
    if min(crop.shape) < _SMALLEST:
        return None
    dark, light = np.percentile(crop, (3, 90))
    contrast = float(light - dark)
    if contrast < _PALE:
        return None
    steepest = min(
        float(np.percentile(np.abs(cv2.Sobel(crop, cv2.CV_32F, *way, scale=1 / 8)), 98)) for way in ((1, 0), (0, 1))
    )
    return float(max(0.0, contrast / max(steepest, 0.1) - _PIXELS) / crop.shape[0])


def _small(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Every so many pixels, each as bright as its darkest colour: a reflection is white, paper never quite."""
    step = max(1, round(max(picture.shape[:2]) / _SMALL))
    return np.asarray(picture[::step, ::step].min(axis=2), np.uint8)


def _reflection(small: NDArray[np.uint8], paper: float) -> Box | None:
    """The largest spot where the sensor is full while the paper elsewhere is clearly darker."""
    if paper > _BURNT - _SHINE:
        return None
    full = cv2.morphologyEx((small >= _BURNT).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    count, _, figures, _ = cv2.connectedComponentsWithStats(full, connectivity=8)
    if count < 2:
        return None
    best = max(range(1, count), key=lambda index: figures[index, cv2.CC_STAT_AREA])
    if figures[best, cv2.CC_STAT_AREA] < _SPOT * small.size:
        return None
    left, top, wide, high = (int(value) for value in figures[best, :4])
    rows, columns = small.shape
    return Box(left / columns, top / rows, (left + wide) / columns, (top + high) / rows)


def _cut_sides(words: Sequence[Word]) -> list[tuple[str, Box]]:
    """Sides of the picture that lines of text run into."""
    sides = (
        ("left", Box(0, 0, 0.03, 1), lambda box: box.x0 < _BORDER),
        ("right", Box(0.97, 0, 1, 1), lambda box: box.x1 > 1 - _BORDER),
        ("top", Box(0, 0, 1, 0.03), lambda box: box.y0 < _BORDER),
        ("bottom", Box(0, 0.97, 1, 1), lambda box: box.y1 > 1 - _BORDER),
    )
    printed = [word.box for word in words if len(word.text) >= 2]
    return [(name, strip) for name, strip, touches in sides if sum(map(touches, printed)) >= _TOUCHING]

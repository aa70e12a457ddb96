"""A picture as the red light shows it: red seals vanish, blue print darkens (domain.md §5.5)."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

_REDDER: Final = 40  # how much more red than green and blue the ink of a seal is, of 255
_SEALED: Final = 0.0005  # share of the pixels that are red when a seal is on the paper
_FEW: Final = 10  # per cent of the seal's pixels that may stay darker than paper
_MIDDLE: Final = 0.55  # between ink and paper: what is darker is never taken for a seal
_SPARSE: Final = 3  # every so many pixels a picture is measured

Picture = NDArray[np.uint8]


def in_red_light(picture: Picture, softness: float, *, seals: bool = True) -> Picture:
    """An RGB picture (H x W x 3) in its red light, as three equal channels.

    It is blurred by `softness` pixels, so that the dots of a needle printer run together to strokes. Where seals are
    pressed on it, all that is as bright as their ink becomes white, unless `seals` is false: what is left of a ring parts the text beneath.
    """
    red = cv2.GaussianBlur(picture[:, :, 0], (0, 0), softness)
    level = _of_seals(picture) if seals else None
    if level is not None:
        ink, paper = np.percentile(red[::_SPARSE, ::_SPARSE], (1, 60))
        white = float(np.clip(level, ink + _MIDDLE * (paper - ink), max(paper, 1)))
        red = cv2.convertScaleAbs(red, alpha=255 / max(white, 1.0))
    return np.ascontiguousarray(np.repeat(red[:, :, None], 3, axis=2), np.uint8)


def _of_seals(picture: Picture) -> float | None:
    """How bright the ink of the seals is in the red light; None without seals."""
    small = picture[::_SPARSE, ::_SPARSE]
    seals = is_red(small)
    return float(np.percentile(small[:, :, 0][seals], _FEW)) if seals.mean() > _SEALED else None


def is_red(picture: Picture) -> NDArray[np.bool_]:
    """Which pixels of an RGB picture (H x W x 3) have the ink of a seal."""
    colours = picture.astype(np.int16)
    return np.asarray(colours[:, :, 0] - np.maximum(colours[:, :, 1], colours[:, :, 2]) > _REDDER, np.bool_)

"""Pictures of a symbol with a guessed blur taken away again (Wiener), for a hand that moved or a lens out of focus.

The blur is not known, so a sweep of likely ones is undone one after the other; the symbol's own error correction says
when the guess was right. All point spreads are symmetric, so their spectra are real.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_SIDE: Final = 256  # pixels of the crop that is sharpened
_SMEARS: Final = (11, 9, 13, 7, 16)  # lengths of a movement in these pixels, the likeliest first
_ANGLES: Final = 18  # directions over half a turn
_DEFOCUS: Final = (2.5, 3.0, 3.5, 4.5)  # sigmas of a soft lens
_NOISE: Final = (0.01, 0.03)  # share of noise in the power that is assumed
_FINE_NOISE: Final = (0.003, *_NOISE)  # a soft lens leaves less power to the noise


def sharpened(grey: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """The crop (H x W, grey) at 256 x 256 with one blur after another undone; about 190 pictures."""
    small = np.asarray(cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.float32)
    mean = float(small.mean())
    spectrum = np.fft.rfft2(small - mean)
    for blur, noise in _sweep():
        undone = np.fft.irfft2(spectrum * (blur / (blur * blur + noise)), s=(_SIDE, _SIDE))
        yield np.asarray(cv2.normalize(undone, np.empty(0), 0, 255, cv2.NORM_MINMAX), np.uint8)


@cache
def _sweep() -> tuple[tuple[NDArray[np.float32], float], ...]:
    """Spectra of the blurs that are tried (half planes, real; about 12 MB for all of them), each with its noises."""
    smears = [_smear(length, math.pi * turn / _ANGLES) for length in _SMEARS for turn in range(_ANGLES)]
    soft = product([_soft(sigma) for sigma in _DEFOCUS], _FINE_NOISE)
    return (*soft, *product(smears, _NOISE))


def _smear(length: int, angle: float) -> NDArray[np.float32]:
    """A straight movement of the camera."""
    spread = np.zeros((_SIDE, _SIDE), np.float32)
    for step in np.linspace(-length / 2, length / 2, 8 * length + 1):
        spread[round(step * math.sin(angle)) % _SIDE, round(step * math.cos(angle)) % _SIDE] += 1
    return _spectrum(spread)


def _soft(sigma: float) -> NDArray[np.float32]:
    """A lens out of focus."""
    away = np.minimum(np.arange(_SIDE), _SIDE - np.arange(_SIDE)).astype(np.float32)
    line = np.exp(-(away**2) / (2 * sigma**2))
    return _spectrum(np.outer(line, line).astype(np.float32))


def _spectrum(spread: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.fft.rfft2(spread / spread.sum()).real, np.float32)

"""What a line of text says: PP-OCRv6's recogniser (CTC)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ocr.engines.network import Network

HEIGHT: Final = 48  # the network reads lines of this height
_NARROWEST: Final = 48
_WIDEST: Final = 3200
_STEP: Final = 8  # the network takes one step of reading for so many pixels


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was read. `places` are the middles of its characters in fractions of the crop's width, `sure` how
    sure the network was of each at its best (0 to 1).
    """

    text: str
    confidence: float  # mean of its characters, 0 when nothing was read
    places: tuple[float, ...]
    sure: tuple[float, ...]


class Recogniser:
    """A recogniser with its alphabet."""

    def __init__(self, network: Network, alphabet: Sequence[str]) -> None:
        """`network` tells the characters of `alphabet` apart, in this order."""
        self._network = network
        self._alphabet = ["", *alphabet, " "]  # CTC's blank first, the space last

    def read(self, crops: list[NDArray[np.uint8]]) -> list[Line]:
        """Reads lines cut from a picture (RGB, level, any height), in the order given."""
        return [self._decode(self._odds(crop)) for crop in crops]

    def _odds(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Steps x characters. One line a run: on one core batches only add padding and memory traffic."""
        odds: NDArray[np.float32] = self._network.run(_normalised(crop))[0]
        return odds

    def _decode(self, odds: NDArray[np.float32]) -> Line:
        """Collapses the steps of CTC."""
        best = odds.argmax(axis=1)
        begins = np.flatnonzero(np.concatenate(([True], best[1:] != best[:-1])))
        peaks = np.maximum.reduceat(odds[np.arange(len(best)), best], begins)
        read = best[begins] != 0
        starts = begins[read]
        if not len(starts):
            return Line("", 0.0, (), ())
        chosen = best[starts]
        return Line(
            "".join(self._alphabet[index] for index in chosen),
            float(odds[starts, chosen].mean()),
            tuple((float(step) + 0.5) / len(best) for step in starts),
            tuple(float(peak) for peak in peaks[read]),
        )


def _normalised(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    """1 x 3 x HEIGHT x width, BGR as the network learned it, from -1 to 1; widths are a multiple of `_STEP`."""
    height, width = int(crop.shape[0]), int(crop.shape[1])
    steps = math.ceil(HEIGHT * width / height / _STEP)
    size = (min(_WIDEST, max(_NARROWEST, steps * _STEP)), HEIGHT)
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA if height > 2 * HEIGHT else cv2.INTER_LINEAR)
    blob = cv2.dnn.blobFromImage(small, 1 / 127.5, mean=(127.5, 127.5, 127.5), swapRB=True)
    return np.asarray(blob, np.float32)

"""What a line of text says: PP-OCRv6's recogniser (CTC)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from ocr.engines.shapes import SIMPLIFIED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ocr.engines.network import Network

_ENDINGS: Final = ("有限责任公司", "股份有限公司", "有限公司")
"""How the name of a company may end; no other characters stand there in its place."""
_SECOND: Final = 0.04  # odds from which a character may be what the ending wants
_OF_ONE_FORM: Final = 6  # characters of an ending that leave no doubt which one it is, though one was misread
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
        self._places = {char: place for place, char in enumerate(self._alphabet)}
        shapes = [(old, new) for old, new in SIMPLIFIED.items() if old in self._places and new in self._places]
        self._old, self._new = ([self._places[pair[at]] for pair in shapes] for at in (0, 1))

    def read(self, crops: list[NDArray[np.uint8]]) -> list[Line]:
        """Reads lines cut from a picture (RGB, level, any height), in the order given."""
        return [self._decode(self._odds(crop)) for crop in crops]

    def _odds(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Steps x characters. One line a run: on one core batches only add padding and memory traffic."""
        odds: NDArray[np.float32] = self._network.run(_normalised(crop))[0]
        odds[:, self._new] += odds[:, self._old]
        odds[:, self._old] = 0
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
        line = Line(
            "".join(self._alphabet[index] for index in chosen),
            float(odds[starts, chosen].mean()),
            tuple((float(step) + 0.5) / len(best) for step in starts),
            tuple(float(peak) for peak in peaks[read]),
        )
        return self._ended(line, [*starts, len(best)], odds)

    def _ended(self, line: Line, starts: Sequence[int], odds: NDArray[np.float32]) -> Line:
        """The line; where it ends like the name of a company but for one character, with that of the network's other
        choices which the ending wants. Two endings as long leave no choice but one; the short one needs its odds.
        """
        text = line.text.rstrip()
        for ending in _ENDINGS:
            first = len(text) - len(ending)
            wrong = [at for at in range(len(ending)) if text[first + at] != ending[at]] if first >= 0 else []
            if first < 0 or not wrong:
                continue
            if len(wrong) > 1 or ending[wrong[0]] not in self._places:
                continue
            at, wanted = first + wrong[0], ending[wrong[0]]
            likely = float(odds[starts[at] : starts[at + 1], self._places[wanted]].max())
            if likely >= _SECOND or len(ending) == _OF_ONE_FORM:
                sure = (*line.sure[:at], likely, *line.sure[at + 1 :])
                fixed = line.text[:at] + wanted + line.text[at + 1 :]
                return Line(fixed, float(np.mean(sure)), line.places, sure)
        return line


def _normalised(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    """1 x 3 x HEIGHT x width, BGR as the network learned it, from -1 to 1; widths are a multiple of `_STEP`."""
    height, width = int(crop.shape[0]), int(crop.shape[1])
    steps = math.ceil(HEIGHT * width / height / _STEP)
    size = (min(_WIDEST, max(_NARROWEST, steps * _STEP)), HEIGHT)
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA if height > 2 * HEIGHT else cv2.INTER_LINEAR)
    blob = cv2.dnn.blobFromImage(small, 1 / 127.5, mean=(127.5, 127.5, 127.5), swapRB=True)
    return np.asarray(blob, np.float32)

"""What a line of text says: PP-OCRv6's recogniser (CTC) on onnxruntime."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    import onnxruntime
    from numpy.typing import NDArray

HEIGHT: Final = 48  # the network reads lines of this height
_NARROWEST: Final = 48
_WIDEST: Final = 3200
_STEP: Final = 32  # widths are rounded up to this, so that few shapes occur
_BATCH: Final = 8


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was read. `places` are the middles of its characters in fractions of the crop's width."""

    text: str
    confidence: float  # mean of its characters, 0 when nothing was read
    places: tuple[float, ...]


class Recogniser:
    """A recogniser with its alphabet, which the model file carries."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        """`session` is opened on a model whose metadata holds `character`, one a line."""
        self._session = session
        self._input = session.get_inputs()[0].name
        alphabet = session.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._alphabet = ["", *alphabet, " "]  # CTC's blank first, the space last

    def read(self, crops: list[NDArray[np.uint8]]) -> list[Line]:
        """Reads lines cut from a picture (RGB, level, any height), in the order given."""
        widths = [_width(crop) for crop in crops]
        lines: list[Line] = [Line("", 0.0, ())] * len(crops)
        by_width = sorted(range(len(crops)), key=lambda index: widths[index])
        for start in range(0, len(by_width), _BATCH):
            batch = by_width[start : start + _BATCH]
            padded = math.ceil(max(widths[index] for index in batch) / _STEP) * _STEP
            blob = np.zeros((len(batch), 3, HEIGHT, padded), np.float32)
            for row, index in enumerate(batch):
                blob[row, :, :, : widths[index]] = _normalised(crops[index], widths[index])
            (odds,) = self._session.run(None, {self._input: blob})
            for row, index in enumerate(batch):
                lines[index] = self._decode(odds[row], widths[index] / padded)
        return lines

    def _decode(self, odds: NDArray[np.float32], used: float) -> Line:
        """Collapses the steps of CTC; `used` is the part of the width that is no padding."""
        best = odds.argmax(axis=1)
        starts = np.flatnonzero((best != 0) & (best != np.concatenate(([0], best[:-1]))))
        if not len(starts):
            return Line("", 0.0, ())
        chosen = best[starts]
        span = len(best) * used
        return Line(
            "".join(self._alphabet[index] for index in chosen),
            float(odds[starts, chosen].mean()),
            tuple(min(1.0, (float(step) + 0.5) / span) for step in starts),
        )


def _width(crop: NDArray[np.uint8]) -> int:
    height, width = int(crop.shape[0]), int(crop.shape[1])
    return min(_WIDEST, max(_NARROWEST, math.ceil(HEIGHT * width / height)))


def _normalised(crop: NDArray[np.uint8], width: int) -> NDArray[np.float32]:
    """3 x HEIGHT x width, BGR as the network learned it, from -1 to 1."""
    halves = crop.shape[0] > 2 * HEIGHT
    small = cv2.resize(crop, (width, HEIGHT), interpolation=cv2.INTER_AREA if halves else cv2.INTER_LINEAR)
    blob: NDArray[np.float32] = cv2.dnn.blobFromImage(small, 1 / 127.5, mean=(127.5, 127.5, 127.5), swapRB=True)[0]
    return blob

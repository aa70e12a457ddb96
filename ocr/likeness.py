"""How a picture looks as 64 bits: pictures of the same paper differ in few of them, whatever was written over it (domain.md §9.5.2).

The low frequencies of the grey picture, each above or below their median (the usual perceptual hash by DCT).
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ocr.document import Raster

SIDE: Final = 32  # pixels after shrinking
LOW: Final = 8  # frequencies kept in each direction


def likeness(picture: Raster) -> str:
    """The hash of a picture as 16 hexadecimal digits; an even picture has ``0000000000000000``."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:LOW, :LOW].flatten()
    bits = low > np.median(low[1:]) + 1e-3  # what only rounding tells apart is the same
    bits[0] = False  # the mean brightness says nothing
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"

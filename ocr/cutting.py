"""The paper that a person outlined on a picture, cut out straight."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from PIL import Image

from ocr.errors import NoPagesError
from ocr.load import load
from ocr.types import Carrier, Limits

MARGIN: Final = 0.02  # of the paper's sides, kept around it: a finger is not that exact
SMALLEST: Final = 64  # pixels of a side
QUALITY: Final = 95  # it is read, not only shown


def cut(data: bytes, corners: Sequence[float], limits: Limits) -> bytes:
    """The paper between `corners` (`intake.model.Cut`) of a picture file of one page, as a JPEG of the same fineness.

    Raises NoPagesError where that is no picture of one page or no paper, else as `ocr.load.load` does.
    """
    document = load(data, "", limits)
    if document.carrier is not Carrier.IMAGE or len(document.pages) != 1 or len(corners) != 8:
        raise NoPagesError("not one picture with four corners")
    picture = document.pages[0].raster(0)
    height, width = picture.shape[:2]
    given = np.array(corners, np.float64).reshape(4, 2)
    centre = given.mean(axis=0)
    places = np.clip(centre + (given - centre) * (1 + 2 * MARGIN), 0, 1) * (width, height)
    across = max(np.linalg.norm(places[1] - places[0]), np.linalg.norm(places[2] - places[3]))
    down = max(np.linalg.norm(places[3] - places[0]), np.linalg.norm(places[2] - places[1]))
    if min(across, down) < SMALLEST or not cv2.isContourConvex(places.astype(np.float32)):
        raise NoPagesError("the corners hold no paper")
    size = (round(float(across)), round(float(down)))
    target = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32)
    matrix = cv2.getPerspectiveTransform(places.astype(np.float32), target)
    straight = cv2.warpPerspective(picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    out = io.BytesIO()
    Image.fromarray(np.asarray(straight, np.uint8)).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()

"""The main recogniser: PP-OCRv6 in two sizes. The swift one reads every line, the careful one those that matter.

One engine serves one thread; a worker has one engine and one core (docs/adr/0005).
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from ocr import turn
from ocr.engines import models
from ocr.engines.detector import Detector
from ocr.engines.recogniser import Line, Recogniser
from ocr.engines.worth import worth
from ocr.types import Box, Source, Word

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ocr.engines.detector import Quad

_SURE: Final = 0.5  # lines read with less are stains, seals and rulings
_LONG: Final = 2.5  # a standing line this many times as high as wide may be read from either side


class PpOcr:
    """Reads pages of printed Chinese. Not thread-safe: one for each worker."""

    name = "ppocr"

    def __init__(self) -> None:
        """Opens the models (about a second); the careful ones alone where the swift ones are missing.

        Raises FileNotFoundError when the careful ones are not installed.
        """
        careful = models.careful()
        if careful is None:
            raise FileNotFoundError("rapidocr's models or onnxruntime are not installed")
        cv2.setNumThreads(1)  # of this process, which reads: one worker a core
        self._files = careful
        tiny = models.swift()
        self._detector = _detector(tiny or careful)
        self._closely: Detector | None = None if tiny else self._detector  # opened when first needed
        self.careful = _recogniser(careful)
        self.swift = None if tiny is None else _recogniser(tiny)
        self._last: tuple[weakref.ref[NDArray[np.uint8]], list[Quad]] | None = None

    def read(self, image: NDArray[np.uint8]) -> list[Word]:
        """The lines of an upright RGB picture (H x W x 3), top-down, left to right.

        Boxes are fractions of the picture given; `confidence` is 0.5 to 1.
        """
        return self._words(image, self.lines_of(image))

    def read_closely(self, image: NDArray[np.uint8]) -> list[Word]:
        """As `read`, with the careful model looking for the lines: for papers that left a doubt."""
        if self._closely is None:
            self._closely = _detector(self._files)
        return self._words(image, self._closely.detect(image))

    def read_line(self, crop: NDArray[np.uint8]) -> tuple[str, float]:
        """One line cut from a picture (RGB, level), and the mean confidence of its characters."""
        (line,) = self.careful.read([crop])
        return line.text.strip(), line.confidence

    def turn_of(self, image: NDArray[np.uint8]) -> int:
        """Degrees clockwise, 0, 90, 180 or 270, that make the picture upright (:mod:`ocr.turn`)."""
        return turn.turn_of(image, self)

    def lines_of(self, image: NDArray[np.uint8]) -> list[Quad]:
        """Where the lines are, in pixels of the picture, without reading them.

        The lines of the picture looked at last are kept while it lives: it is turned before it is read.
        """
        if self._last is None or self._last[0]() is not image:
            self._last = weakref.ref(image), self._detector.detect(image)
        return self._last[1]

    def read_lines(self, image: NDArray[np.uint8], quads: list[Quad]) -> list[Line]:
        """Reads the given lines, standing ones from their right side, as fast as can be."""
        return (self.swift or self.careful).read([cut(image, quad) for quad in quads])

    def _words(self, image: NDArray[np.uint8], quads: list[Quad]) -> list[Word]:
        """Reads lines; standing ones from both sides, as a slip may lie on its side among others."""
        first = self.swift or self.careful
        crops = [cut(image, quad) for quad in quads]
        lines = first.read(crops)
        standing = [index for index, quad in enumerate(quads) if quad.height >= _LONG * quad.width]
        over = [np.ascontiguousarray(crops[index][::-1, ::-1]) for index in standing]
        for index, crop, line in zip(standing, over, first.read(over), strict=True):
            if line.confidence > lines[index].confidence:
                lines[index], crops[index] = line, crop
        if self.swift is not None:
            again = [index for index, line in enumerate(lines) if worth(line)]
            for index, line in zip(again, self.careful.read([crops[index] for index in again]), strict=True):
                lines[index] = line
        height, width = image.shape[:2]
        return [
            Word(line.text.strip(), _box(quad, width, height), line.confidence, Source.OCR)
            for quad, line in zip(quads, lines, strict=True)
            if line.text.strip() and line.confidence >= _SURE
        ]

    def warm_up(self) -> None:
        """Reads a small page, so that the first real one does not pay for the start."""
        page = np.full((320, 640, 3), 255, np.uint8)
        cv2.putText(page, "2024", (40, 160), cv2.FONT_HERSHEY_SIMPLEX, 2, (0, 0, 0), 3)
        self.read(page)


def cut(image: NDArray[np.uint8], quad: Quad) -> NDArray[np.uint8]:
    """The line inside `quad`, made level, from the full resolution; lines that stand upright are laid down."""
    width, height = max(1, round(quad.width)), max(1, round(quad.height))
    level = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.corners, level)
    crop = cv2.warpPerspective(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    if quad.standing:
        crop = np.rot90(crop)
    return np.ascontiguousarray(crop, np.uint8)


def _detector(files: models.Models) -> Detector:
    return Detector(models.session(files.detector), files.light)


def _recogniser(files: models.Models) -> Recogniser:
    opened = models.session(files.recogniser)
    return Recogniser(opened, models.alphabet(files, opened))


def _box(quad: Quad, width: int, height: int) -> Box:
    xs, ys = np.clip(quad.corners[:, 0] / width, 0, 1), np.clip(quad.corners[:, 1] / height, 0, 1)
    return Box(float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max()))

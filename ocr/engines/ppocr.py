"""The main recogniser: PP-OCRv6 small, from the model files that the wheel of `rapidocr` carries.

Only its files are used, never its code, so that nothing is ever downloaded and nothing is logged. One engine
serves one thread; a worker has one engine and one core (docs/adr).
"""

from __future__ import annotations

import weakref
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from ocr import turn
from ocr.engines import detector
from ocr.engines.recogniser import Line, Recogniser
from ocr.types import Box, Source, Word

if TYPE_CHECKING:
    import onnxruntime
    from numpy.typing import NDArray

    from ocr.engines.detector import Quad

_MODELS: Final = ("PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx")
_SURE: Final = 0.5  # lines read with less are stains, seals and rulings
_LONG: Final = 2.5  # a standing line this many times as high as wide may be read from either side


def model_files() -> tuple[Path, Path] | None:
    """Detector and recogniser of the installed wheel, or None when `rapidocr` or onnxruntime is missing."""
    package = util.find_spec("rapidocr")
    if package is None or package.origin is None or util.find_spec("onnxruntime") is None:
        return None
    folder = Path(package.origin).parent / "models"
    det, rec = (folder / name for name in _MODELS)
    return (det, rec) if det.is_file() and rec.is_file() else None


class PpOcr:
    """Reads pages of printed Chinese. Not thread-safe: one for each worker."""

    name = "ppocr"

    def __init__(self) -> None:
        """Opens both models (about a second). Raises FileNotFoundError when they are not installed."""
        files = model_files()
        if files is None:
            raise FileNotFoundError("rapidocr's models or onnxruntime are not installed")
        cv2.setNumThreads(1)  # of this process, which reads: one worker a core
        det, rec = files
        self._detector = _session(det)
        self._recogniser = Recogniser(_session(rec))
        self._last: tuple[weakref.ref[NDArray[np.uint8]], list[Quad]] | None = None

    def read(self, image: NDArray[np.uint8]) -> list[Word]:
        """The lines of an upright RGB picture (H x W x 3), top-down, left to right.

        Boxes are fractions of the picture given; `confidence` is 0.5 to 1.
        """
        return self._words(image, self.lines_of(image))

    def read_line(self, crop: NDArray[np.uint8]) -> tuple[str, float]:
        """One line cut from a picture (RGB, level), and the mean confidence of its characters."""
        (line,) = self._recogniser.read([crop])
        return line.text.strip(), line.confidence

    def turn_of(self, image: NDArray[np.uint8]) -> int:
        """Degrees clockwise, 0, 90, 180 or 270, that make the picture upright (:mod:`ocr.turn`)."""
        return turn.turn_of(image, self)

    def lines_of(self, image: NDArray[np.uint8]) -> list[Quad]:
        """Where the lines are, in pixels of the picture, without reading them.

        The lines of the picture looked at last are kept while it lives: it is turned before it is read.
        """
        if self._last is None or self._last[0]() is not image:
            self._last = weakref.ref(image), detector.detect(self._detector, image)
        return self._last[1]

    def read_lines(self, image: NDArray[np.uint8], quads: list[Quad]) -> list[Line]:
        """Reads the given lines from the full resolution of the picture, standing ones from their right side."""
        return self._recogniser.read([cut(image, quad) for quad in quads])

    def _words(self, image: NDArray[np.uint8], quads: list[Quad]) -> list[Word]:
        """Reads lines; standing ones from both sides, as a slip may lie on its side among others."""
        lines = self.read_lines(image, quads)
        standing = [index for index, quad in enumerate(quads) if quad.height >= _LONG * quad.width]
        over = self.read_lines(image, [quads[index].turned_over() for index in standing])
        for index, line in zip(standing, over, strict=True):
            lines[index] = max(lines[index], line, key=lambda way: way.confidence)
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


def _session(path: Path) -> onnxruntime.InferenceSession:
    import onnxruntime  # noqa: PLC0415  # the product runs without it, on Tesseract

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # two threads double the CPU and halve the pages a second under load
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_mem_pattern = False  # every line has its own width; patterns would be kept for each
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _box(quad: Quad, width: int, height: int) -> Box:
    xs, ys = np.clip(quad.corners[:, 0] / width, 0, 1), np.clip(quad.corners[:, 1] / height, 0, 1)
    return Box(float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max()))

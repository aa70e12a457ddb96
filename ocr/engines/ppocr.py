"""The main recogniser: PP-OCRv6 in two sizes. The swift one reads every line, the careful one those that matter.

One engine serves one thread; a worker has one engine and one core (docs/adr/0005).
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from ocr import turn
from ocr.engines import models, network
from ocr.engines.detector import Detector, in_reading_order
from ocr.engines.recogniser import Line, Recogniser
from ocr.engines.worth import value_begins, worth
from ocr.types import Box, Source, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ocr.engines.detector import Quad

_SURE: Final = 0.5  # lines read with less are stains, seals and rulings
_SAME: Final = 0.6  # share of their common area from which two boxes hold the same line
_SPARSE: Final = 7  # every so many pixels two pictures are compared
_COLON: Final = 0.3  # of the height of a line: from the middle of a colon to the value at the nearest
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
            raise FileNotFoundError("rapidocr's models or what runs them are not installed")
        cv2.setNumThreads(1)  # of this process, which reads: one worker a core
        self._files = careful
        tiny = models.swift()
        self._detector = _detector(tiny or careful)
        self._closely: Detector | None = None if tiny else self._detector  # opened when first needed
        self.careful = _recogniser(careful)
        self.swift = None if tiny is None else _recogniser(tiny)
        self._pages: list[_Page] = []  # of the pictures that were looked at and live, the last one last

    def read(self, image: NDArray[np.uint8], known: Sequence[Word] = ()) -> list[Word]:
        """The lines of an upright RGB picture (H x W x 3), top-down, left to right.

        Boxes are fractions of the picture given; `confidence` is 0.5 to 1. Lines found where one of `known` lies
        are taken from there instead of being read again.
        """
        return self._words(self._look(image), known)

    def read_closely(self, image: NDArray[np.uint8], known: Sequence[Word] = ()) -> list[Word]:
        """As `read`, with the careful model looking for the lines: for papers that left a doubt."""
        if self._closely is None:
            self._closely = _detector(self._files)
        return self._words(_Page(weakref.ref(image), image.shape[:2], self._closely.detect(image)), known)

    def glance(self, image: NDArray[np.uint8]) -> list[Word]:
        """As `read`, by the swift model alone: enough to see what lies on a picture. `read` goes on from there."""
        page = self._look(image)
        return [word for place, line in enumerate(self._swiftly(page)) if (word := page.word(place, line))]

    def read_again(self, image: NDArray[np.uint8], words: Sequence[Word]) -> list[Word]:
        """Lines of the picture read last, as the careful model reads them; those that it has read stay as they are.

        Where it reads nothing, the line stays as it was.
        """
        page = self._seen(image)
        if page is None:
            return list(words)
        places = {page.box(place): place for place in page.swiftly}
        again = [word for word in words if word.box in places]
        lines = self.careful.read([cut(image, page.quads[places[word.box]]) for word in again])
        read = {word.box: page.word(places[word.box], line) for word, line in zip(again, lines, strict=True)}
        return [read.get(word.box) or word for word in words]

    def read_line(self, crop: NDArray[np.uint8]) -> tuple[str, float]:
        """One line cut from a picture (RGB, level), and the mean confidence of its characters."""
        (line,) = self.careful.read([crop])
        return line.text.strip(), line.confidence

    def turn_of(self, image: NDArray[np.uint8]) -> int:
        """Degrees clockwise, 0, 90, 180 or 270, that make the picture upright (:mod:`ocr.turn`)."""
        return turn.turn_of(image, self)

    def lines_of(self, image: NDArray[np.uint8]) -> list[Quad]:
        """Where the lines are, in pixels of the picture, without reading them.

        The lines of a picture are kept while it lives, as it is turned before it is read, and parts of it are looked at.
        """
        return self._look(image).quads

    def read_lines(self, image: NDArray[np.uint8], quads: list[Quad]) -> list[Line]:
        """Reads the given lines, standing ones from their right side, as fast as can be."""
        return (self.swift or self.careful).read([cut(image, quad) for quad in quads])

    def _look(self, image: NDArray[np.uint8]) -> _Page:
        """The page with its lines, from an earlier look at this picture, or from the last one if it was that turned."""
        self._pages = [page for page in self._pages if page.image() is not None]
        page = self._seen(image)
        if page is None:
            last = self._pages[-1].image() if self._pages else None
            degrees = 0 if last is None else _turned_by(last, image)
            if last is not None and degrees:
                quads = in_reading_order([quad.turned(degrees, *last.shape[:2]) for quad in self._pages[-1].quads])
            else:
                quads = self._detector.detect(image)
            page = _Page(weakref.ref(image), image.shape[:2], quads)
            self._pages.append(page)
        return page

    def _seen(self, image: NDArray[np.uint8]) -> _Page | None:
        """The page of a picture that was looked at before."""
        return next((page for page in self._pages if page.image() is image), None)

    def _words(self, page: _Page, known: Sequence[Word]) -> list[Word]:
        words = [_there(page.box(place), known) for place in range(len(page.quads))]
        fresh = [place for place, word in enumerate(words) if word is None]
        lines = self._swiftly(page, fresh)
        again = [at for at, line in enumerate(lines) if self.swift is not None and worth(line)]
        better = self._carefully([page.crops[fresh[at]] for at in again], [lines[at] for at in again])
        for at, line in zip(again, better, strict=True):
            lines[at] = line
        for place, line in zip(fresh, lines, strict=True):
            words[place] = page.word(place, line)
        if self.swift is not None:
            page.swiftly = {place for place in fresh if not page.quads[place].standing} - {fresh[at] for at in again}
        page.crops.clear()
        return [word for word in words if word is not None]

    def _carefully(self, crops: list[NDArray[np.uint8]], lines: list[Line]) -> list[Line]:
        """Reads lines once more with the careful model, but for labels that were read surely: values only."""
        begins = [value_begins(line) for line in lines]
        values = [_behind(crop, line, at) for crop, line, at in zip(crops, lines, begins, strict=True)]
        read = self.careful.read(values)
        return [_joined(line, at, value) for line, at, value in zip(lines, begins, read, strict=True)]

    def _swiftly(self, page: _Page, places: Sequence[int] | None = None) -> list[Line]:
        """Reads lines of a page, unless they were; standing ones from both sides, as a slip may lie on its side among
        others. The crops that they were read from stay with the page.
        """
        image, first = page.image(), self.swift or self.careful
        wanted = range(len(page.quads)) if places is None else places
        new = [place for place in wanted if place not in page.crops or place not in page.lines]
        if image is None or not new:
            return [page.lines[place] for place in wanted]
        crops = {place: cut(image, page.quads[place]) for place in new}
        lines = dict(zip(new, first.read(list(crops.values())), strict=True))
        standing = [place for place in new if page.quads[place].height >= _LONG * page.quads[place].width]
        over = [np.ascontiguousarray(crops[place][::-1, ::-1]) for place in standing]
        for place, crop, line in zip(standing, over, first.read(over), strict=True):
            if line.confidence > lines[place].confidence:
                lines[place], crops[place] = line, crop
        page.crops |= crops
        page.lines |= lines
        return [page.lines[place] for place in wanted]

    def warm_up(self) -> None:
        """Reads a small page, so that the first real one does not pay for the start."""
        page = np.full((320, 640, 3), 255, np.uint8)
        cv2.putText(page, "2024", (40, 160), cv2.FONT_HERSHEY_SIMPLEX, 2, (0, 0, 0), 3)
        self.read(page)


@dataclass(slots=True)
class _Page:
    """A picture with the lines found on it, and what the swift model read of them, by their place in `quads`."""

    image: weakref.ref[NDArray[np.uint8]]
    shape: tuple[int, ...]  # height and width
    quads: list[Quad]
    crops: dict[int, NDArray[np.uint8]] = field(default_factory=dict)  # until the careful model has seen them
    lines: dict[int, Line] = field(default_factory=dict)
    swiftly: set[int] = field(default_factory=set)  # lines of the last reading that only the swift model has read

    def box(self, place: int) -> Box:
        """Where a line lies, in fractions of the picture."""
        return _box(self.quads[place], self.shape[1], self.shape[0])

    def word(self, place: int, line: Line) -> Word | None:
        """What a line says; None where nothing can be read."""
        text = line.text.strip()
        sure = text and line.confidence >= _SURE
        return Word(text, self.box(place), line.confidence, Source.OCR) if sure else None


def cut(image: NDArray[np.uint8], quad: Quad) -> NDArray[np.uint8]:
    """The line inside `quad`, made level, from the full resolution; lines that stand upright are laid down."""
    width, height = max(1, round(quad.width)), max(1, round(quad.height))
    level = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.corners, level)
    crop = cv2.warpPerspective(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    if quad.standing:
        crop = np.rot90(crop)
    return np.ascontiguousarray(crop, np.uint8)


def _behind(crop: NDArray[np.uint8], line: Line, at: int) -> NDArray[np.uint8]:
    """The part of a line's crop that shows its characters from `at` on."""
    if not at:
        return crop
    height, width = crop.shape[:2]
    colon, value = line.places[at - 1] * width, line.places[at] * width
    return np.ascontiguousarray(crop[:, round(min((colon + value) / 2, colon + _COLON * height)) :])


def _joined(line: Line, at: int, value: Line) -> Line:
    """The label of a line as it was read, with the value that was read behind it; its places are not known."""
    if not at:
        return value
    if not value.text.strip():
        return Line("", 0.0, (), ())
    sure = line.sure[:at] + value.sure
    return Line(line.text[:at] + value.text, sum(sure) / len(sure), (), sure)


def _there(box: Box, known: Sequence[Word]) -> Word | None:
    """The word that lies where a line was found, with the line's place."""
    found = next((word for word in known if _common(box, word.box) >= _SAME), None)
    return None if found is None else replace(found, box=box)


def _common(a: Box, b: Box) -> float:
    """What two boxes share, by what they cover together."""
    across, down = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
    if across <= 0 or down <= 0:
        return 0.0
    both = sum((box.x1 - box.x0) * (box.y1 - box.y0) for box in (a, b))
    return across * down / (both - across * down)


def _turned_by(last: NDArray[np.uint8], image: NDArray[np.uint8]) -> int:
    """Degrees clockwise by which one picture is the other turned; 0 when it is another picture."""
    for degrees in (90, 180, 270):
        there = np.rot90(last, -degrees // 90)
        if there.shape == image.shape and np.array_equal(there[::_SPARSE, ::_SPARSE], image[::_SPARSE, ::_SPARSE]):
            return degrees
    return 0


def _detector(files: models.Models) -> Detector:
    return Detector(network.opened(files.detector), files.light)


def _recogniser(files: models.Models) -> Recogniser:
    opened = network.opened(files.recogniser)
    return Recogniser(opened, models.alphabet(files, opened))


def _box(quad: Quad, width: int, height: int) -> Box:
    xs, ys = np.clip(quad.corners[:, 0] / width, 0, 1), np.clip(quad.corners[:, 1] / height, 0, 1)
    return Box(float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max()))

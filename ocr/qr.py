"""The codes on a page: a cascade of readers, each step only when the one before found no code of an invoice.

1. zxing-cpp on the whole grey page, for QR symbols.
2. Squares where a symbol may be (zxing's own undecoded ones, then :mod:`ocr.symbols`), cut out, brought to one size and
   cleaned in a few ways for zxing-cpp; paper forms are printed in blue needles, so one of them is the red channel.
3. The modules of a square measured one by one (:mod:`ocr.grid`) and the payload inferred from them (:mod:`ocr.correct`);
   only an invoice's text with a fitting CRC comes out of this. A square over which no symbol can be laid is left.
4. More cleanings, for zxing-cpp and zbar, of the squares that do hold a symbol: it may be another code than an invoice's.
5. Bar codes of boarding passes on the page.

zbar sees crops only: on whole pages it is slow. What a text means is decided by
:mod:`ocr.rules.payload`.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
import zxingcpp

from ocr import correct, grid, retouch
from ocr.rules import payload
from ocr.symbols import Square, squares
from ocr.types import Box, CodeMeaning, CodeSighting, CrcState

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PIXELS: Final = 25_000_000  # of the page that is looked at; 20,000 squared cost 1.6 GB
_LOOK: Final = 1600  # long side of the copy on which symbols are looked for
_BARS: Final = zxingcpp.BarcodeFormats(
    [zxingcpp.BarcodeFormat.PDF417, zxingcpp.BarcodeFormat.Aztec, zxingcpp.BarcodeFormat.Code128]
)
_SETTLED: Final = frozenset(
    {
        CodeMeaning.INVOICE,
        CodeMeaning.BLOCKCHAIN,
        CodeMeaning.FISCAL,
        CodeMeaning.TRAIN_TICKET,
        CodeMeaning.BOARDING_PASS,
    }
)
"""Codes that a paper has one of; a page that shows one is not searched for others that cannot be read."""
_ASLANT: Final = 25  # degrees from a quarter turn beyond which a code does not tell which way up the page is


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a page found. `turn` is how far the page must be turned clockwise (0, 90, 180, 270) for its
    invoice codes to stand upright, None when no code tells.
    """

    codes: tuple[CodeSighting, ...]
    turn: int | None


@dataclass(slots=True)
class _Search:
    """What is known so far of one page."""

    page: int
    width: int
    height: int
    deadline: float
    codes: list[CodeSighting] = field(default_factory=list)
    places: list[Square] = field(default_factory=list)  # of the codes read
    unread: list[Square] = field(default_factory=list)  # symbols that zxing found and could not read
    turns: list[int] = field(default_factory=list)

    def late(self) -> bool:
        return time.thread_time() > self.deadline

    def settled(self) -> bool:
        return any(code.meaning in _SETTLED for code in self.codes)

    def add(self, text: str, place: Square, decoder: str, across: tuple[float, float] | None) -> None:
        """Keeps a code unless the same text was read at the same place; `across` is the direction of its upper edge."""
        text = text.strip()
        known = zip(self.codes, self.places, strict=True)
        if not text or any(code.text == text and _overlap(place, other) for code, other in known):
            return
        parsed = payload.parse(text)
        crc = CrcState.NONE if parsed is None else parsed.crc
        half = place.side / 2
        box = Box(
            min(1.0, max(0.0, (place.x - half) / self.width)),
            min(1.0, max(0.0, (place.y - half) / self.height)),
            max(0.0, min(1.0, (place.x + half) / self.width)),
            max(0.0, min(1.0, (place.y + half) / self.height)),
        )
        code = CodeSighting(text, payload.meaning(text), crc, self.page, box, decoder)
        self.codes.append(code)
        self.places.append(place)
        turn = None if across is None or code.meaning is not CodeMeaning.INVOICE else _turn(across)
        if turn is not None:
            self.turns.append(turn)


def decode(image: NDArray[np.uint8], page: int, *, seconds: float = 0.8) -> tuple[CodeSighting, ...]:
    """Every code read on an RGB page (H x W x 3); boxes are fractions of it.

    The search ends after `seconds` of CPU, so that a loaded machine reads the same; a step that has begun is finished,
    which may take 0.2 more.
    """
    return look(image, page, seconds=seconds).codes


def look(image: NDArray[np.uint8], page: int, *, seconds: float = 0.8) -> Look:
    """As :func:`decode`, with the turn that the invoice codes ask for."""
    height, width = image.shape[:2]
    search = _Search(page, width, height, time.thread_time() + seconds)
    ratio = min(1.0, math.sqrt(_PIXELS / (width * height)))
    if ratio < 1.0:
        image = np.asarray(cv2.resize(image, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA), np.uint8)
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    _zxing_page(search, grey, ratio, retouch.QR)
    if not search.late():
        _retry(search, image, ratio)
    if not search.settled() and not search.late():
        _zxing_page(search, grey, ratio, _BARS)
    turns = search.turns
    return Look(tuple(search.codes), max(set(turns), key=turns.count) if turns else None)


def _zxing_page(search: _Search, grey: NDArray[np.uint8], ratio: float, formats: zxingcpp.BarcodeFormats) -> None:
    """One pass over the page; keeps the codes and the places of symbols that could not be read."""
    symbols = formats == retouch.QR
    for found in zxingcpp.read_barcodes(
        grey, formats=formats, try_invert=False, try_downscale=symbols, return_errors=symbols
    ):
        place = _place(found.position, ratio)
        if not found.valid:
            if place.side > 20:
                search.unread.append(place)
            continue
        text = retouch.decoded(found.bytes)
        if not symbols and payload.meaning(text.strip()) is not CodeMeaning.BOARDING_PASS:
            continue  # the checks of bar codes are weak, and goods have them too
        search.add(text, place, "zxing", retouch.across(found.position))


def _suspects(search: _Search, image: NDArray[np.uint8], ratio: float) -> list[Square]:
    """Places where an unread symbol may be. On a page that already shows an invoice's code these are only the symbols
    that zxing saw and could not read.
    """
    suspects = [place for place in search.unread if not any(_overlap(place, known) for known in search.places)]
    if search.settled():
        return suspects
    times = max(1, round(max(image.shape) / _LOOK))  # whole, since OpenCV shrinks so at a tenth of the cost
    height, width = image.shape[0] // times, image.shape[1] // times
    small = image
    if times > 1:
        whole = image[: height * times, : width * times]
        small = np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    red, green, blue = cv2.split(small)
    darkest = np.asarray(cv2.min(cv2.min(red, green), blue), np.uint8)  # ink of any colour is dark
    for square in squares(darkest):
        place = square.scaled(times / ratio)
        if not any(_overlap(place, known) for known in [*suspects, *search.places]):
            suspects.append(place)
    return suspects


def _retry(search: _Search, image: NDArray[np.uint8], ratio: float) -> None:
    """Cuts out the suspects and looks at each ever more closely, the quick ways on all of them first."""
    crops = {place: retouch.cut(image, place, ratio) for place in _suspects(search, image, ratio)}
    hopeful = {place: crop for place, crop in crops.items() if place.likely or retouch.checkered(crop)}
    for place, crop in hopeful.items():
        _ways(search, place, crop, retouch.QUICK)
    symbols = {place: crop for place, crop in hopeful.items() if _open(search, place) and _modules(search, place, crop)}
    for place, crop in symbols.items():
        _ways(search, place, crop, retouch.SLOW)


def _open(search: _Search, place: Square) -> bool:
    """Whether a place is still worth its time."""
    return not (search.late() or place in search.places or (search.settled() and place not in search.unread))


def _ways(search: _Search, place: Square, crop: retouch.Crop, ways: tuple[retouch.Way, ...]) -> None:
    for way in ways:
        if not _open(search, place):
            return
        for text, across in way.read(crop):
            search.add(text, place, way.name, across)


def _modules(search: _Search, place: Square, crop: retouch.Crop) -> bool:
    """Reads the modules one by one; True when a symbol lies there, whether or not it could be read."""
    flat = grid.flattened(crop.clearest(), retouch.SYMBOL)
    fits = grid.fits(flat)
    for fit in fits:
        for modules in grid.grids(flat, fit):
            if search.late():
                return True
            text = correct.text_of(modules)
            if text is not None:
                search.add(text, place, "modules", fit.across())
                return True
    return bool(fits) or (place in search.unread and retouch.checkered(crop))


def _place(position: zxingcpp.Position, ratio: float) -> Square:
    """The square around the corners, in pixels of the page as it was given."""
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    xs, ys = [corner.x / ratio for corner in corners], [corner.y / ratio for corner in corners]
    side = max(max(xs) - min(xs), max(ys) - min(ys))
    return Square((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2, side, likely=True)


def _turn(across: tuple[float, float]) -> int | None:
    """The quarter turn clockwise that makes a code upright; None when it lies too far aslant to tell."""
    angle = math.degrees(math.atan2(across[1], across[0]))  # clockwise, as y grows downwards
    quarters = round(angle / 90)
    return None if abs(angle - 90 * quarters) > _ASLANT else (-90 * quarters) % 360


def _overlap(a: Square, b: Square) -> bool:
    return max(abs(a.x - b.x), abs(a.y - b.y)) < (a.side + b.side) / 4

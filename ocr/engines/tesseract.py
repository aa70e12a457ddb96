"""Tesseract: the unlike second reader of digits, and the fallback for pages where PP-OCR is missing.

On whole pages it finds about half of what PP-OCR finds; on a crop that holds nothing but digits it errs elsewhere
than PP-OCR does, which is what a second reader is for. Digits are read by the library inside the process (tesserocr):
to start the program for each page cost as much as finding the lines of one (docs/adr/0005). A page, which costs
seconds anyhow, is given to the program (pytesseract), which can be stopped. The language data come from the system.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
import pytesseract
import tesserocr

from ocr.types import Box, Source, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CHINESE: Final = "chi_sim"
ENGLISH: Final = "eng"
_BLOCK: Final = "--oem 1 --psm 6"  # one block: tables keep their rows
_SPARSE: Final = "--oem 1 --psm 11"  # text scattered over a picture
_LINE_HEIGHT: Final = 48  # Tesseract reads capitals of about 30 pixels best
_SMALLEST: Final = 4  # pixels of a crop that may hold a digit
_MARGIN: Final = 12
_LONG_SIDE: Final = 2500  # of a page; beyond this it only gets slower
_SURE: Final = 0.3
_FEW: Final = 12  # words of a block reading below which the sparse one is tried as well
_PAGE_SECONDS: Final = 60
_LINE_MS: Final = 2_000
_PLACES: Final = (  # of language data, below the root of the system
    "usr/share/tesseract-ocr/*/tessdata",
    "usr/share/tessdata",
    "usr/share/tesseract/tessdata",
    "usr/local/share/tessdata",
    "opt/homebrew/share/tessdata",
)


@cache
def _data() -> str | None:
    """The folder of the language data: what `TESSDATA_PREFIX` says, else where systems keep them; None without any."""
    told = os.environ.get("TESSDATA_PREFIX")  # noqa: TID251  # Tesseract's own setting, none of ours
    known = [place for pattern in _PLACES for place in sorted(Path("/").glob(pattern), reverse=True)]
    for folder in ([Path(told)] if told else []) + known:
        if next(folder.glob("*.traineddata"), None) is not None:
            return str(folder)
    return None


def languages() -> frozenset[str]:
    """The languages that Tesseract has data of; empty when there are none."""
    folder = _data()
    return frozenset() if folder is None else frozenset(path.stem for path in Path(folder).glob("*.traineddata"))


class Tesseract:
    """Reads pages (poorly) and crops of digits (well). Not thread-safe: one for each worker."""

    name = "tesseract"

    def __init__(self) -> None:
        """Raises FileNotFoundError when neither English nor Chinese data are installed."""
        found = languages()
        if ENGLISH not in found and CHINESE not in found:
            raise FileNotFoundError("tesseract's language data are not installed")
        self._page = CHINESE if CHINESE in found else ENGLISH
        self._digits = ENGLISH if ENGLISH in found else CHINESE
        self._opened: dict[str, tesserocr.PyTessBaseAPI] = {}

    def read(self, image: NDArray[np.uint8], known: Sequence[Word] = ()) -> list[Word]:  # noqa: ARG002  # the engines' port
        """The words of an upright RGB picture, top-down; boxes are fractions of it, `confidence` is 0.3 to 1.

        Everything is read, whatever is `known`: the whole page is one reading.
        """
        scale = min(1.0, _LONG_SIDE / max(image.shape[:2]))
        page = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
        words = self._words(np.asarray(page, np.uint8), _BLOCK)
        return words if len(words) >= _FEW else max(words, self._words(np.asarray(page, np.uint8), _SPARSE), key=len)

    def read_digits(self, crop: NDArray[np.uint8], alphabet: str = "0123456789") -> str:
        """One line of characters from `alphabet` in a crop (RGB or grey, level); empty when nothing was read."""
        return self.read_all_digits([crop], alphabet)[0]

    def read_all_digits(self, crops: Sequence[NDArray[np.uint8]], alphabet: str = "0123456789") -> list[str]:
        """As `read_digits` for several crops."""
        try:
            return [self._line(crop, alphabet) if min(crop.shape[:2]) >= _SMALLEST else "" for crop in crops]
        except RuntimeError:  # data that cannot be opened
            return [""] * len(crops)

    def warm_up(self) -> None:
        """Opens the data for digits, which most pages need."""
        self.read_all_digits([np.full((_LINE_HEIGHT, _LINE_HEIGHT), 255, np.uint8)])

    def _line(self, crop: NDArray[np.uint8], alphabet: str) -> str:
        engine = self._open(self._digits)
        engine.SetPageSegMode(tesserocr.PSM.SINGLE_LINE)
        engine.SetVariable("tessedit_char_whitelist", alphabet)
        _show(engine, _line(crop))
        text = engine.GetUTF8Text() if engine.Recognize(_LINE_MS) else ""
        engine.Clear()
        return "".join(char for char in text if char in alphabet)

    def _words(self, page: NDArray[np.uint8], config: str) -> list[Word]:
        height, width = page.shape[:2]
        try:
            data = pytesseract.image_to_data(
                page, lang=self._page, config=config, output_type=pytesseract.Output.DICT, timeout=_PAGE_SECONDS
            )
        except (pytesseract.TesseractError, pytesseract.TesseractNotFoundError, RuntimeError):  # the last: its timeout
            return []
        words: list[Word] = []
        rows = zip(data["text"], data["conf"], data["left"], data["top"], data["width"], data["height"], strict=True)
        for raw, confidence, left, top, wide, high in rows:
            text, sure = raw.strip(), float(confidence) / 100
            if text and sure >= _SURE:
                box = Box(left / width, top / height, min(1.0, (left + wide) / width), min(1.0, (top + high) / height))
                words.append(Word(text, box, sure, Source.OCR_SECOND))
        return words

    def _open(self, language: str) -> tesserocr.PyTessBaseAPI:
        """One engine a language, opened when first needed and kept. Raises RuntimeError."""
        if language not in self._opened:
            self._opened[language] = tesserocr.PyTessBaseAPI(
                path=_data() or "", lang=language, oem=tesserocr.OEM.LSTM_ONLY
            )
        return self._opened[language]


def _show(engine: tesserocr.PyTessBaseAPI, grey: NDArray[np.uint8]) -> None:
    height, width = grey.shape
    engine.SetImageBytes(grey.tobytes(), width, height, 1, width)
    engine.SetSourceResolution(300)


def _line(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A crop as Tesseract likes a line: grey, of one height, with a margin."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) if crop.ndim == 3 else crop
    scale = _LINE_HEIGHT / grey.shape[0]
    size = (max(_LINE_HEIGHT, round(grey.shape[1] * scale)), _LINE_HEIGHT)
    line = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return np.asarray(cv2.copyMakeBorder(line, *(_MARGIN,) * 4, cv2.BORDER_REPLICATE), np.uint8)

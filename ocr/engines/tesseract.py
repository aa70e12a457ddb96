"""Tesseract through pytesseract: the unlike second reader of digits, and the fallback where PP-OCR is missing.

On whole pages it finds about half of what PP-OCR finds; on a crop that holds nothing but digits it errs elsewhere
than PP-OCR does, which is what a second reader is for.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
import pytesseract

from ocr.types import Box, Source, Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CHINESE: Final = "chi_sim"
ENGLISH: Final = "eng"
_BLOCK: Final = "--oem 1 --psm 6"  # one block: tables keep their rows
_SPARSE: Final = "--oem 1 --psm 11"  # text scattered over a picture
_LINE: Final = "--oem 1 --psm 7"
_LINE_HEIGHT: Final = 48  # Tesseract reads capitals of about 30 pixels best
_SMALLEST: Final = 4  # pixels of a crop that may hold a digit
_MARGIN: Final = 12
_LONG_SIDE: Final = 2500  # of a page; beyond this it only gets slower
_SURE: Final = 0.3
_FEW: Final = 12  # words of a block reading below which the sparse one is tried as well
_SECONDS: Final = 60


def languages() -> frozenset[str]:
    """The languages that the installed Tesseract has; empty when the program is missing."""
    if shutil.which(pytesseract.pytesseract.tesseract_cmd) is None:
        return frozenset()
    try:
        return frozenset(pytesseract.get_languages())
    except (pytesseract.TesseractError, OSError, RuntimeError):
        return frozenset()


def one_thread() -> None:
    """Keeps Tesseract to one thread, unless the environment says otherwise: more only heat the other cores."""
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # noqa: TID251  # read by the program we start, no setting of ours


class Tesseract:
    """Reads pages (poorly) and crops of digits (well)."""

    name = "tesseract"

    def __init__(self) -> None:
        """Raises FileNotFoundError when the program, or its English or Chinese data, is not installed."""
        found = languages()
        if ENGLISH not in found and CHINESE not in found:
            raise FileNotFoundError("tesseract is not installed")
        self._page = CHINESE if CHINESE in found else ENGLISH
        self._digits = ENGLISH if ENGLISH in found else CHINESE
        one_thread()

    def read(self, image: NDArray[np.uint8]) -> list[Word]:
        """The words of an upright RGB picture, top-down; boxes are fractions of it, `confidence` is 0.3 to 1."""
        words = self._words(image, _BLOCK)
        if len(words) < _FEW:
            words = max(words, self._words(image, _SPARSE), key=len)
        return words

    def read_digits(self, crop: NDArray[np.uint8], alphabet: str = "0123456789") -> str:
        """One line of characters from `alphabet` in a crop (RGB or grey, level); empty when nothing was read."""
        return self.read_all_digits([crop], alphabet)[0]

    def read_all_digits(self, crops: Sequence[NDArray[np.uint8]], alphabet: str = "0123456789") -> list[str]:
        """As `read_digits` for several crops at once: to start the program costs more than to read a line."""
        found = [""] * len(crops)
        usable = [index for index, crop in enumerate(crops) if min(crop.shape[:2]) >= _SMALLEST]
        if not usable:
            return found
        config = f"{_LINE} -c tessedit_char_whitelist={alphabet}"
        with TemporaryDirectory(prefix="digits") as folder:
            names = [str(Path(folder, f"{index}.png")) for index in usable]
            for index, name in zip(usable, names, strict=True):
                cv2.imwrite(name, _line(crops[index]))
            pages = Path(folder, "pages.txt")
            pages.write_text("\n".join(names) + "\n", encoding="utf-8")
            try:
                said: str = pytesseract.image_to_string(str(pages), lang=self._digits, config=config, timeout=_SECONDS)
            except (pytesseract.TesseractError, RuntimeError):  # RuntimeError is its timeout
                return found
        for index, text in zip(usable, said.split("\f"), strict=False):  # each page ends in a form feed
            found[index] = "".join(char for char in text if char in alphabet)
        return found

    def warm_up(self) -> None:
        """Nothing to warm up: the program is started anew for each reading."""

    def _words(self, image: NDArray[np.uint8], config: str) -> list[Word]:
        scale = min(1.0, _LONG_SIDE / max(image.shape[:2]))
        page = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
        height, width = page.shape[:2]
        try:
            data = pytesseract.image_to_data(
                page, lang=self._page, config=config, output_type=pytesseract.Output.DICT, timeout=_SECONDS
            )
        except (pytesseract.TesseractError, RuntimeError):
            return []
        words: list[Word] = []
        rows = zip(data["text"], data["conf"], data["left"], data["top"], data["width"], data["height"], strict=True)
        for raw, confidence, left, top, w, h in rows:
            text, sure = raw.strip(), float(confidence) / 100
            if text and sure >= _SURE:
                box = Box(left / width, top / height, min(1.0, (left + w) / width), min(1.0, (top + h) / height))
                words.append(Word(text, box, sure, Source.OCR_SECOND))
        return words


def _line(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A crop as Tesseract likes a line: grey, of one height, with a margin."""
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) if crop.ndim == 3 else crop
    scale = _LINE_HEIGHT / grey.shape[0]
    size = (max(_LINE_HEIGHT, round(grey.shape[1] * scale)), _LINE_HEIGHT)
    line = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return np.asarray(cv2.copyMakeBorder(line, *(_MARGIN,) * 4, cv2.BORDER_REPLICATE), np.uint8)

"""The recognisers: PP-OCR is the main one, Tesseract the unlike second reader and the fallback."""

from __future__ import annotations

import ctypes.util
from dataclasses import dataclass
from importlib import util
from typing import TYPE_CHECKING, Protocol

from ocr.engines import models, ppocr, tesseract

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from ocr.types import Word


class Engine(Protocol):
    """A recogniser of whole pages. Not thread-safe: one for each worker."""

    name: str

    def read(self, image: NDArray[np.uint8], known: Sequence[Word] = ()) -> list[Word]:
        """The words of an upright RGB picture (H x W x 3), boxes in fractions of it; `known` ones need no reading."""

    def warm_up(self) -> None:
        """Pays for the start before the first page comes."""


class NoEngineError(RuntimeError):
    """No recogniser is installed: pictures cannot be read, only files with a text layer or structured data."""

    code = "no_engine"


@dataclass(frozen=True, slots=True)
class Part:
    """A part that reads pictures: whether it is here, and the code of the message saying what is weaker without it."""

    name: str
    present: bool
    weaker: str


def available() -> list[Part]:
    """Every optional part of the reading of pictures, the main one first."""
    spoken = tesseract.languages()
    return [
        Part("ppocr", models.careful() is not None, "weaker_without_ppocr"),
        Part("tesseract", tesseract.ENGLISH in spoken, "weaker_without_tesseract"),
        Part("tesseract_chinese", tesseract.CHINESE in spoken, "weaker_without_tesseract_chinese"),
        Part("zxing", util.find_spec("zxingcpp") is not None, "weaker_without_zxing"),
        Part("zbar", ctypes.util.find_library("zbar") is not None, "weaker_without_zbar"),
    ]


def best() -> Engine:
    """A new engine: PP-OCR, or Tesseract where PP-OCR is missing. Raises NoEngineError when neither is here."""
    if models.careful() is not None:
        return ppocr.PpOcr()
    try:
        return tesseract.Tesseract()
    except FileNotFoundError as missing:
        raise NoEngineError(str(missing)) from missing


def second_reader() -> tesseract.Tesseract | None:
    """The unlike reader of digit crops, opened; None where its data are missing."""
    if not {tesseract.ENGLISH, tesseract.CHINESE} & tesseract.languages():
        return None
    reader = tesseract.Tesseract()
    reader.warm_up()
    return reader

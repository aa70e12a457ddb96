"""One page as a JPEG, for showing to a person."""

from __future__ import annotations

from ocr.errors import NoPagesError
from ocr.image import jpeg
from ocr.load import load
from ocr.types import Limits


def render(data: bytes, page: int, turn: int, long_side: int, limits: Limits) -> bytes:
    """Page `page` (from 0) turned by `turn` degrees clockwise, at most `long_side` pixels, as JPEG.

    Raises NoPagesError when there is no such page (an XML has none), else as `ocr.load.load` does.
    """
    pages = load(data, "", limits).pages
    if not 0 <= page < len(pages):
        raise NoPagesError(f"page {page} of {len(pages)}")
    return jpeg(pages[page].raster(turn), long_side)

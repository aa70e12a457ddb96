"""A file after loading: its pages, the text they carry, their pictures on demand, and the data stored beside them.

`ocr.load.load` makes a :class:`Document`; the readers take it apart. Nothing here is pickled: the pages hold
open native documents and live in the child process of :mod:`ocr.sandbox`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr.types import Carrier, FieldValue, Kind, LineItem, PageInfo, Problem, Word

Raster = NDArray[np.uint8]
"""A picture: height × width × 3, RGB, row 0 at the top."""

QUARTERS = {0: 0, 90: -1, 180: 2, 270: 1}  # degrees clockwise → quarter turns of numpy.rot90 (anticlockwise)


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it is shown by a viewer: rotation and crop of the file are applied, EXIF too.

    `width` and `height` are points (1/72 inch) for PDF and OFD; for a picture one pixel counts as one point.
    `words` is the text layer, boxes as fractions of this page; empty when there is none, or it cannot be trusted
    (glyphs without meaning, domain.md §5.4; the invisible text that a scanner's own recogniser left behind).
    `native` tells a born-digital page from a picture. `dpi` is the true resolution of what the raster shows,
    None when the file does not say. `pixels` is (width, height) of the raster before any turn.
    """

    index: int
    width: float
    height: float
    pixels: tuple[int, int]
    words: tuple[Word, ...]
    dpi: float | None
    native: bool
    render: Callable[[int], Raster]
    sketch: Callable[[int], Raster] | None = None  # a coarser picture, where the page is drawn and that costs less

    def raster(self, turn: int = 0) -> Raster:
        """The picture turned by `turn` (0, 90, 180, 270) degrees clockwise. Rendered when first asked for; the
        last pictures of a document are kept. Do not write into it. Raises `UnreadableError` for a damaged page.
        """
        upright = self.render(self.index)
        return np.ascontiguousarray(np.rot90(upright, QUARTERS[turn])) if turn else upright

    def info(self, turn: int = 0) -> PageInfo:
        """What is told to the outside about this page, as it looks after `turn`."""
        width, height = self.pixels if turn in {0, 180} else self.pixels[::-1]
        return PageInfo(self.index, width, height, turn, self.dpi, text_layer=bool(self.words))


@dataclass(frozen=True, slots=True)
class StructuredSet:
    """What one data record in or beside the pages says of one invoice (domain.md §6).

    The sightings are normalised; where records of one file disagree both stay. `qr_texts` are payloads that the
    record quotes (GraphCode), as text. `page` is the page on which the invoice is shown; 0 when there is no page.
    """

    values: tuple[FieldValue, ...]
    lines: tuple[LineItem, ...] = ()
    kind: Kind | None = None
    qr_texts: tuple[str, ...] = ()
    page: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """A loaded file. An XML or XBRL file has no pages; a ZIP has neither pages nor data, only members."""

    carrier: Carrier
    media_type: str
    pages: tuple[Page, ...] = ()
    structured: tuple[StructuredSet, ...] = ()
    problems: tuple[Problem, ...] = ()

"""The text layer of one PDF page: characters with boxes from pdfium, put together to words by place.

The order of the stream is "labels first, values after" (domain.md §5.4), so only places count. The text is as the
file says it; compatibility radicals and wide forms are folded later by `ocr.normalise.text`.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ocr.runs import Edges, collect, to_words
from ocr.types import Source, Word

MAX_CHARACTERS = 50_000  # of one page
COVERS = 0.5  # an image over this share of the page makes it a picture of a page
HIDES = 0.8  # an image over this share hides what was drawn before it
MEANINGLESS = 0.1  # more glyphs than this share without a meaning: the layer is useless
SLANTED = 0.12  # of a quarter: writing that leans more than 11 degrees is a seal's
STAMP_CHARACTERS = 40  # a picture of a page with fewer visible characters only bears a scanner's stamp
_INVISIBLE_MODES = frozenset({pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP})


@dataclass(frozen=True, slots=True)
class View:
    """How a page is shown: the visible box in page coordinates (points, origin lower left) and its rotation."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as shown."""
        width, height = self.right - self.left, self.top - self.bottom
        return (width, height) if self.rotation in {0, 180} else (height, width)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """A point as shown: from the upper left corner, y downwards."""
        if self.rotation == 0:
            return x - self.left, self.top - y
        if self.rotation == 90:
            return y - self.bottom, x - self.left
        if self.rotation == 180:
            return self.right - x, y - self.bottom
        return self.top - y, self.right - x


@dataclass(frozen=True, slots=True)
class Picture:
    """An image on a page: the share of the visible page it covers, its pixels for each point, its place in the
    drawing order.
    """

    share: float
    scale: float
    order: int


def pictures(page: pdfium.PdfPage, view: View) -> list[Picture]:
    """The images of a page with a visible part."""
    found = []
    area = (view.right - view.left) * (view.top - view.bottom)
    for order, item in enumerate(page.get_objects(max_depth=4)):
        if item.type != pdfium_c.FPDF_PAGEOBJ_IMAGE or area <= 0:
            continue
        bounds = [ctypes.c_float() for _ in range(4)]
        width, height = ctypes.c_uint(), ctypes.c_uint()
        if not pdfium_c.FPDFPageObj_GetBounds(item, *bounds):
            continue
        if not pdfium_c.FPDFImageObj_GetImagePixelSize(item, width, height):
            continue
        left, bottom, right, top = (bound.value for bound in bounds)
        shown = max(0.0, min(right, view.right) - max(left, view.left)) * max(
            0.0, min(top, view.top) - max(bottom, view.bottom)
        )
        points = max(right - left, top - bottom)
        if shown > 0 and points > 0:
            found.append(Picture(shown / area, max(width.value, height.value) / points, order))
    return found


def quarters(page: pdfium.PdfPage, rotation: int) -> int:
    """How many quarters anticlockwise most of the writing is turned on the page as shown; 0 when it is upright."""
    text = page.get_textpage()
    counts = Counter(
        _quarter(pdfium_c.FPDFText_GetCharAngle(text, index), rotation)
        for index in range(min(text.count_chars(), 2000))
        if pdfium_c.FPDFText_IsGenerated(text, index) == 0
    )
    text.close()
    if not counts:
        return 0
    most, count = counts.most_common(1)[0]
    return most if count > 0.7 * counts.total() else 0


def _quarter(angle: float, rotation: int) -> int:
    """Quarters anticlockwise as shown. pdfium's angle is clockwise in radians; a negative one is its word for none."""
    turned = round(angle / (math.pi / 2)) if math.isfinite(angle) and angle >= 0 else 0
    return -(turned + rotation // 90) % 4


def _is_slanted(angle: float) -> bool:
    """Whether a character stands on no side of the page: those of a seal run along its rim, over what lies beneath."""
    quarters_turned = angle / (math.pi / 2)
    return math.isfinite(angle) and angle >= 0 and abs(quarters_turned - round(quarters_turned)) > SLANTED


def words(page: pdfium.PdfPage, view: View, images: Iterable[Picture]) -> tuple[Word, ...]:
    """The visible words of a page as shown by `view`; empty when the layer cannot be trusted.

    It is not trusted when its glyphs have no meaning, when it is invisible or lies beneath a picture (then some
    scanner's recogniser wrote it), or when it is only a stamp on a picture.
    """
    found = list(images)
    hidden_before = max((image.order for image in found if image.share >= HIDES), default=-1)
    runs = collect(_characters(page, view, _hidden(page, hidden_before)))
    written = "".join(run.text for run in runs)
    covered = sum(image.share for image in found) >= COVERS
    if not _meaningful(written) or (covered and len(written) < STAMP_CHARACTERS):
        return ()
    return to_words(runs, *view.size, Source.PDF_TEXT)


def _meaningful(text: str) -> bool:
    solid = [char for char in text if not char.isspace()]
    if not solid:
        return False
    odd = sum(char == "\ufffd" or unicodedata.category(char) in {"Co", "Cn", "Cc", "Cs"} for char in solid)
    if odd > MEANINGLESS * len(solid):
        return False
    # an invoice without one Chinese character: the file does not say what its glyphs mean
    return any("\u2e80" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" for char in solid)


def _hidden(page: pdfium.PdfPage, hidden_before: int) -> set[int]:
    """Addresses of text objects that nobody sees."""
    hidden = set()
    for order, item in enumerate(page.get_objects(max_depth=4)):
        if item.type != pdfium_c.FPDF_PAGEOBJ_TEXT:
            continue
        if (
            order < hidden_before
            or pdfium_c.FPDFTextObj_GetTextRenderMode(item) in _INVISIBLE_MODES
            or _is_clear(item.raw)
        ):
            hidden.add(ctypes.addressof(item.raw.contents))
    return hidden


def _is_clear(raw: ctypes.c_void_p) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    return bool(pdfium_c.FPDFPageObj_GetFillColor(raw, red, green, blue, alpha)) and alpha.value == 0


def _characters(page: pdfium.PdfPage, view: View, hidden: set[int]) -> Iterator[tuple[str, Edges, int]]:
    text = page.get_textpage()
    width, height = view.size
    for index in range(min(text.count_chars(), MAX_CHARACTERS)):
        char = _character(text, index)
        if char is None or _is_hidden(text, index, hidden):
            continue
        angle = pdfium_c.FPDFText_GetCharAngle(text, index)
        if _is_slanted(angle):
            continue
        edges = _char_edges(text, index, view)
        if edges is None or edges[0] >= width or edges[2] <= 0 or edges[1] >= height or edges[3] <= 0:
            continue
        yield char, edges, _quarter(angle, view.rotation)
    text.close()


def _character(text: pdfium.PdfTextPage, index: int) -> str | None:
    """The character, None for blanks and for what pdfium made up between lines."""
    code = pdfium_c.FPDFText_GetUnicode(text, index)
    if code in {0, 0xFFFE, 0xFEFF} or pdfium_c.FPDFText_IsGenerated(text, index) == 1:
        return None
    char = chr(code) if not 0xD800 <= code <= 0xDFFF else "\ufffd"
    return None if char.isspace() or unicodedata.category(char) == "Cf" else char


def _is_hidden(text: pdfium.PdfTextPage, index: int, hidden: set[int]) -> bool:
    if not hidden:
        return False
    item = pdfium_c.FPDFText_GetTextObject(text, index)
    return bool(item) and ctypes.addressof(item.contents) in hidden


def _char_edges(text: pdfium.PdfTextPage, index: int, view: View) -> Edges | None:
    """The cell of a character as shown: its advance wide, its font high."""
    loose = pdfium_c.FS_RECTF()
    if pdfium_c.FPDFText_GetLooseCharBox(text, index, loose) and loose.right > loose.left and loose.top > loose.bottom:
        edges = (loose.left, loose.bottom, loose.right, loose.top)
    else:
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        if not pdfium_c.FPDFText_GetCharBox(text, index, left, right, bottom, top):
            return None
        edges = (left.value, bottom.value, right.value, top.value)
    if not all(math.isfinite(edge) for edge in edges):
        return None
    ax, ay = view.place(edges[0], edges[1])
    bx, by = view.place(edges[2], edges[3])
    return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)

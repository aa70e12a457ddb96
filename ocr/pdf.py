"""PDF through pdfium: pages with their text layer and rasters, and the files embedded beside them (domain.md §6.3).

pdfium is not thread-safe and may abort the process on a hostile file: this runs in the child of `ocr.sandbox`.
"""

from __future__ import annotations

import math
from functools import lru_cache

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ocr.document import Page, Raster
from ocr.errors import (
    EncryptedError,
    HostileError,
    NoPagesError,
    TooManyPagesError,
    TruncatedError,
    UnreadableError,
)
from ocr.pdftext import COVERS, Picture, View, pictures, quarters, words
from ocr.types import Limits, Problem

DPI = 300.0
POINTS = 72.0  # a PDF's unit is 1/72 inch
SKETCH = 150.0 / POINTS  # pixels for each point of a coarse drawing: three for a module of a code
PICTURE_LONG_SIDE = 4000.0  # a photo on a small page keeps up to this many of its pixels
RASTERS_KEPT = 2
MAX_ATTACHMENTS = 50
NO_DPI = frozenset({72, 96})  # a program put one pixel on one point without knowing better
_PASSWORD = 4  # FPDF_ERR_PASSWORD
_SECURITY = 5  # FPDF_ERR_SECURITY


def open_pdf(data: bytes, limits: Limits) -> pdfium.PdfDocument:
    """An opened PDF with 1 to `limits.max_pages` pages; no page has been loaded.

    Raises EncryptedError, HostileError (an unknown protection), TruncatedError, NoPagesError, TooManyPagesError.
    """
    # pdfium mends what is left of a cut file and drops the rest silently
    whole = data.rfind(b"startxref") > data.rfind(b"endobj")
    try:
        opened = pdfium.PdfDocument(data)
        opened.init_forms()  # before any page, otherwise signed seals are not drawn
        count = len(opened)
    except pdfium.PdfiumError as error:
        if _opens(data):
            raise (NoPagesError if whole else TruncatedError)("PDF without a page") from error
        raise _reason(getattr(error, "err_code", None)) from error
    if count > limits.max_pages:
        raise TooManyPagesError(f"{count} pages")
    if not whole:
        raise TruncatedError("PDF: ends before its cross-reference")
    return opened


def _opens(data: bytes) -> bool:
    """Whether pdfium itself opens the file: its package calls a file without pages an error, with the code of
    whatever failed before.
    """
    raw = pdfium_c.FPDF_LoadMemDocument64(data, len(data), None)
    if not raw:
        return False
    pdfium_c.FPDF_CloseDocument(raw)
    return True


def _reason(code: int | None) -> UnreadableError:
    if code == _PASSWORD:
        return EncryptedError("PDF")
    if code == _SECURITY:
        return HostileError("PDF: an unknown protection")
    return TruncatedError(f"PDF: error {code}")


def load_pages(opened: pdfium.PdfDocument, limits: Limits) -> tuple[tuple[Page, ...], tuple[Problem, ...]]:
    """All pages with their words; rasters are rendered when asked for. A page that cannot be loaded becomes a
    problem. Raises TruncatedError when no page is left.
    """
    turns: list[tuple[int, int]] = []  # (number of the page in the file, rotation)
    pages: list[Page] = []
    problems: list[Problem] = []
    scales: list[float] = []

    @lru_cache(maxsize=RASTERS_KEPT)
    def render(index: int) -> Raster:
        number, rotation = turns[index]
        return _render(opened, number, rotation, scales[index])

    def sketch(index: int) -> Raster:
        number, rotation = turns[index]
        return _render(opened, number, rotation, min(SKETCH, scales[index]))

    for number in range(len(opened)):
        try:
            page = opened[number]
        except pdfium.PdfiumError as error:
            problems.append(Problem("page_unreadable", str(error), number))
            continue
        view, rotation = _view(page)
        images = pictures(page, view)
        native = sum(image.share for image in images) < COVERS
        text = words(page, view, images)
        page.close()
        width, height = view.size
        scale = _scale(view, images, native=native or bool(text), limits=limits)
        turns.append((number, rotation))
        scales.append(scale)
        pages.append(
            Page(
                index=len(pages),
                width=width,
                height=height,
                pixels=(math.ceil(width * scale), math.ceil(height * scale)),
                words=text,
                dpi=_dpi(images, scale, native=native or bool(text)),
                native=native or bool(text),
                render=render,
                sketch=sketch if native else None,
            )
        )
    if not pages:
        raise TruncatedError(f"PDF: {problems[0].detail}")
    return tuple(pages), tuple(problems)


def _view(page: pdfium.PdfPage) -> tuple[View, int]:
    """How the page is shown, turned so that its writing stands upright."""
    rotation = page.get_rotation()
    turned = quarters(page, rotation)
    if turned:
        rotation = (rotation + 90 * turned) % 360
        page.set_rotation(rotation)
    left, bottom, right, top = page.get_bbox()
    return View(left, bottom, max(right, left + 1), max(top, bottom + 1), rotation), rotation


def _scale(view: View, images: list[Picture], *, native: bool, limits: Limits) -> float:
    """Pixels for each point: 300 dpi, for a picture its own resolution, never above the pixel limit."""
    width, height = view.size
    scale = DPI / POINTS
    main = max(images, key=lambda image: image.share, default=None)
    if not native and main is not None:
        scale = min(main.scale, max(scale, PICTURE_LONG_SIDE / max(width, height)))
    # half a pixel of rounding at each side
    return min(scale, math.sqrt(limits.raster_pixels / ((width + 1) * (height + 1))))


def _dpi(images: list[Picture], scale: float, *, native: bool) -> float | None:
    if native:
        return scale * POINTS
    main = max(images, key=lambda image: image.share)
    if round(main.scale * POINTS) in NO_DPI:
        return None
    return min(main.scale, scale) * POINTS


def _render(opened: pdfium.PdfDocument, number: int, rotation: int, scale: float) -> Raster:
    try:
        page = opened[number]
        page.set_rotation(rotation)
        bitmap = page.render(scale=scale, rev_byteorder=True)
        raster: Raster = bitmap.to_numpy()[:, :, :3].copy()
        bitmap.close()
        page.close()
    except pdfium.PdfiumError as error:
        raise TruncatedError(f"PDF page {number}: {error}") from error
    return raster


def attachments(opened: pdfium.PdfDocument, limits: Limits) -> tuple[tuple[str, bytes], ...]:
    """Names and bytes of the embedded files that fit into the limits; 12306 once named one "0" (domain.md §6.3)."""
    found = []
    size = 0
    for number in range(min(opened.count_attachments(), MAX_ATTACHMENTS)):
        try:
            attachment = opened.get_attachment(number)
            content = bytes(attachment.get_data())
            name = attachment.get_name()
        except pdfium.PdfiumError:
            continue
        size += len(content)
        if size > limits.max_bytes:
            break
        found.append((name, content))
    return tuple(found)

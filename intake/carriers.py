"""The carriers of one invoice (一票一档): what form each has, and which of them is the original (domain.md §9.5.1, §10.3).

The issuer's structured file is the voucher itself; a PDF with its text is a faithful print of it, a scan or a photo only
shows a paper. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from intake.model import Channel
from ocr.types import Carrier, Extraction

SCANNER_DPI: Final = 120  # a picture that says so came from a scanner; a camera writes 72 or nothing


@unique
class Form(StrEnum):
    """What a carrier is, the one that is preferred as the original first."""

    XML = "xml"
    OFD = "ofd"
    XBRL = "xbrl"
    PDF_DATA = "pdf_data"  # a PDF with the issuer's data record inside
    PDF = "pdf"  # a PDF with a text layer
    SCAN = "scan"
    PHOTO = "photo"
    UNKNOWN = "unknown"  # received before forms were told apart, or never read
    ATTACHMENT = "attachment"  # 清单, 行程单, slip: belongs to the invoice, is none


RANK: Final = {form: rank for rank, form in enumerate(Form)}
_STRUCTURED: Final = frozenset({Form.XML, Form.OFD, Form.XBRL, Form.PDF_DATA})
_OF_FILE: Final = {Carrier.XML: Form.XML, Carrier.OFD: Form.OFD, Carrier.XBRL: Form.XBRL}
_FLAT: Final = frozenset({"image/tiff", "image/bmp", "image/gif"})  # no camera writes these


@dataclass(frozen=True, slots=True)
class Kept:
    """A carrier on file: its form, and the id of its rendition, which tells what came first."""

    rendition_id: int
    form: Form


def form_of(reading: Extraction, pages: tuple[int, ...], channel: Channel | None = None) -> Form:
    """The form of the file as far as it carries the invoice on these pages."""
    if reading.carrier in _OF_FILE:
        return _OF_FILE[reading.carrier]
    shown = [page for page in reading.pages if page.index in pages]
    if reading.carrier is Carrier.PDF:
        text = any(page.text_layer for page in shown)
        data = any(value.source.value == "xbrl" for receipt in reading.receipts for value in receipt.values)
        return Form.PDF_DATA if data else Form.PDF if text else Form.SCAN
    if reading.carrier is not Carrier.IMAGE:
        return Form.UNKNOWN
    fine = any(page.dpi is not None and page.dpi >= SCANNER_DPI for page in shown)
    scanned = reading.media_type in _FLAT or (fine and channel is not Channel.PHONE)
    return Form.SCAN if scanned else Form.PHOTO


def original(kept: Iterable[Kept]) -> int | None:
    """The rendition that is the original: of the preferred form, of equals the first received. None without a carrier."""
    fit = [one for one in kept if one.form is not Form.ATTACHMENT]
    return min(fit, key=lambda one: (RANK[one.form], one.rendition_id)).rendition_id if fit else None


def why_original(form: Form, forms: Iterable[Form]) -> str:
    """Why the carrier of this form is the original: ``structured``, ``text``, ``only`` or ``first`` of its kind."""
    others = list(forms)
    if form in _STRUCTURED:
        return "structured"
    if len(others) == 1:
        return "only"
    return "text" if form is Form.PDF else "first"

"""Bytes → Document, by content and never by name: the one place that knows all formats and their limits."""

from __future__ import annotations

from dataclasses import replace

from ocr import archive, markup
from ocr.document import Document, Page, StructuredSet
from ocr.einvoice import read_invoice
from ocr.errors import TooLargeError, UnknownFormatError, UnreadableError
from ocr.image import load_image
from ocr.ofd import Ofd, load_leaves, load_pages
from ocr.ofddata import read_data
from ocr.pdf import attachments, open_pdf
from ocr.pdf import load_pages as load_pdf_pages
from ocr.pdfinfo import read_info
from ocr.records import Collector
from ocr.sniff import PICTURES, Format, sniff
from ocr.types import Carrier, FieldName, Limits, Problem, Source
from ocr.xbrl import is_xbrl, read_instance

OFD_TYPE = "application/ofd"


def load(data: bytes, name: str, limits: Limits) -> Document:
    """The document in `data`; `name` is only for the log. A ZIP of files comes back without pages: its members are
    documents of their own (`ocr.archive.members`).

    Raises a subclass of `ocr.errors.UnreadableError` that says why nothing can be read.
    """
    if len(data) > limits.max_bytes:
        raise TooLargeError(f"{name}: {len(data)} bytes")
    form = sniff(data)
    if form in PICTURES:
        return load_image(data, form, limits)
    if form is Format.PDF:
        return _load_pdf(data, limits)
    if form is Format.ZIP:
        return _load_zip(data, limits)
    return _load_xml(data)


def _load_pdf(data: bytes, limits: Limits) -> Document:
    opened = open_pdf(data, limits)
    pages, problems = load_pdf_pages(opened, limits)
    structured: list[StructuredSet] = []
    for name, content in attachments(opened, limits):
        found, said = _embedded(name, content, limits)
        structured.extend(found)
        problems += said
    info = read_info(opened)
    if info is not None:
        structured.append(info)
    placed = tuple(_placed(found, pages) for found in structured)
    return Document(Carrier.PDF, Format.PDF.value, pages, placed, problems)


def _placed(found: StructuredSet, pages: tuple[Page, ...]) -> StructuredSet:
    """The set on the first page that shows its number, since one PDF may hold several invoices."""
    numbers = [value.value for value in found.values if value.name is FieldName.NUMBER]
    page = next((p.index for p in pages if any(n in word.text for n in numbers for word in p.words)), 0)
    return replace(found, page=page, values=tuple(replace(value, page=page) for value in found.values))


def _embedded(name: str, content: bytes, limits: Limits) -> tuple[tuple[StructuredSet, ...], tuple[Problem, ...]]:
    """The data of a file embedded in a PDF: XML, XBRL or a whole OFD. Another file is no data; a damaged one is a
    problem of the PDF, not its end.
    """
    try:
        form = sniff(content)
        if form is Format.XML:
            return _load_xml(content).structured, ()
        if form is Format.ZIP:
            return _load_zip(content, limits).structured, ()
    except UnknownFormatError:
        return (), ()
    except UnreadableError as error:
        return (), (Problem("attachment_unreadable", f"{name}: {error.code} {error.detail}"),)
    return (), ()


def _load_zip(data: bytes, limits: Limits) -> Document:
    with archive.open_zip(data, limits) as opened:
        if not archive.is_ofd(opened):
            archive.check_files(opened)
            return Document(Carrier.ZIP, Format.ZIP.value)
    ofd = Ofd(data, limits)
    leaves = load_leaves(ofd)
    structured = read_data(ofd, leaves)
    pages = load_pages(ofd, leaves)
    return Document(Carrier.OFD, OFD_TYPE, pages, (structured,) if structured else (), tuple(ofd.problems))


def _load_xml(data: bytes) -> Document:
    """One record, or several under a common root."""
    root = markup.parse(data)
    if is_xbrl(root):
        collector = Collector(Source.XBRL)
        read_instance(collector, root)
        return _of_records(Carrier.XBRL, [collector])
    inner = list(markup.children(root, "EInvoice"))
    collectors = [Collector(Source.XML) for _ in inner or [root]]
    for collector, record in zip(collectors, inner or [root], strict=True):
        if not read_invoice(collector, record):
            raise UnknownFormatError(f"XML with root {markup.local(root)}")
    return _of_records(Carrier.XML, collectors)


def _of_records(carrier: Carrier, collectors: list[Collector]) -> Document:
    found = tuple(result for collector in collectors if (result := collector.result()) is not None)
    if not found:
        raise UnknownFormatError("a record without a number")
    return Document(carrier, Format.XML.value, (), found)

"""What a file is, told by its first bytes and, for a ZIP, by the names inside; the file's own name is never asked."""

from __future__ import annotations

import codecs
import re
from enum import StrEnum, unique

from ocr.errors import EmptyFileError, UnknownFormatError

PDF_HEADER_WITHIN = 1024  # viewers accept a PDF whose header stands after some junk
HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})
_BEFORE = re.compile(r"\A(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|script|svg|math)\b", re.IGNORECASE)
_XML_START = re.compile(r"<(?:[?!]|:?[A-Za-z_\u0080-\uffff])")


@unique
class Format(StrEnum):
    """The formats that are told apart; the value is the media type."""

    PDF = "application/pdf"
    ZIP = "application/zip"  # an OFD too, until its names have been seen
    XML = "application/xml"
    JPEG = "image/jpeg"
    PNG = "image/png"
    TIFF = "image/tiff"
    BMP = "image/bmp"
    WEBP = "image/webp"
    HEIC = "image/heic"


PICTURES = frozenset({Format.JPEG, Format.PNG, Format.TIFF, Format.BMP, Format.WEBP, Format.HEIC})


def sniff(data: bytes) -> Format:
    """The format of `data`.

    Raises EmptyFileError for nothing or blanks only, UnknownFormatError for everything that is not accepted.
    """
    head = data[:4096]
    if not head.strip(b"\0\t\n\r "):
        if not data.strip(b"\0\t\n\r "):
            raise EmptyFileError
        raise UnknownFormatError("begins with blanks or zeros")
    picture = _picture(head)
    if picture is not None:
        return picture
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return Format.ZIP
    if b"%PDF-" in head[:PDF_HEADER_WITHIN]:
        return Format.PDF
    if _is_xml(head):
        return Format.XML
    raise UnknownFormatError(f"begins with {head[:8].hex(' ')}")


def _picture(head: bytes) -> Format | None:
    found = None
    if head.startswith(b"\xff\xd8\xff"):
        found = Format.JPEG
    elif head.startswith(b"\x89PNG\r\n\x1a\n"):
        found = Format.PNG
    elif head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        found = Format.TIFF
    elif head.startswith(b"BM") and head[6:10] == b"\0\0\0\0":
        found = Format.BMP
    elif head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        found = Format.WEBP
    elif head[4:8] == b"ftyp" and HEIF_BRANDS & _brands(head):
        found = Format.HEIC
    return found


def _brands(head: bytes) -> set[bytes]:
    """The major brand and the compatible ones; an AVIF picture names `mif1` too but no decoder for it is shipped."""
    size = int.from_bytes(head[:4], "big")
    brands = {head[8:12]} | {head[i : i + 4] for i in range(16, min(size, 256), 4)}
    return set() if b"avif" in brands else brands


def _is_xml(head: bytes) -> bool:
    """Markup that is not HTML; the encoding may be UTF-8, UTF-16 or a Chinese one (all keep ASCII as it is)."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = head[: len(head) & ~1].decode("utf-16", errors="replace")
    else:
        text = head.decode("utf-8-sig", errors="replace")
    return _XML_START.match(text.lstrip()) is not None and _HTML.match(_BEFORE.sub("", text)) is None

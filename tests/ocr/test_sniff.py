from __future__ import annotations

import codecs

import pytest

from ocr.errors import EmptyFileError, UnknownFormatError
from ocr.sniff import Format, sniff
from tests.ocr.papers import digital_xml, encoded, invoice_pdf, ofd_parts, picture, zipped


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (invoice_pdf(), Format.PDF),
        (b"\r\n\r\n" + invoice_pdf(), Format.PDF),
        (zipped(ofd_parts()), Format.ZIP),
        (zipped({}), Format.ZIP),
        (digital_xml(), Format.XML),
        (codecs.BOM_UTF8 + digital_xml(), Format.XML),
        (digital_xml().decode().encode("utf-16"), Format.XML),
        (digital_xml(encoding="gbk"), Format.XML),
        (b"\n\n  <EInvoice/>", Format.XML),
        (b'<:eInvoice xmlns:=""/>', Format.XML),
        (b'<?xml version="1.0"?><!-- not <html> --><EInvoice/>', Format.XML),
        (encoded(picture(), "JPEG"), Format.JPEG),
        (encoded(picture(), "PNG"), Format.PNG),
        (encoded(picture(), "TIFF"), Format.TIFF),
        (encoded(picture(), "BMP"), Format.BMP),
        (encoded(picture(), "WEBP"), Format.WEBP),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Format.HEIC),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", Format.HEIC),
    ],
)
def test_the_content_decides(data: bytes, expected: Format) -> None:
    assert sniff(data) is expected


@pytest.mark.parametrize("data", [b"", b"\0" * 5000, b" \r\n\t\n"])
def test_nothing_is_empty(data: bytes) -> None:
    with pytest.raises(EmptyFileError):
        sniff(data)


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><html><body>x</body></html>",
        b"<html><head></head></html>",
        b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
        bytes(range(7, 200)),
        b"MZ\x90\0",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,  # an old Word or Excel file
        b"GIF89a" + b"\0" * 20,
        b"hello < world",
        b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf",
        b"\0" * 5000 + b"%PDF-1.7",
    ],
)
def test_what_is_not_accepted_is_named_so(data: bytes) -> None:
    with pytest.raises(UnknownFormatError):
        sniff(data)

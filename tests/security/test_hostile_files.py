"""Files made to hurt, given to the real child: each ends with its own reason, and the next file is read."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from ocr.errors import (
    BombError,
    CrashedError,
    EmptyFileError,
    EncryptedError,
    HostileError,
    NoPagesError,
    TimeoutReadingError,
    TooLargeError,
    TooManyPagesError,
    TruncatedError,
    UnknownFormatError,
    UnreadableError,
)
from ocr.sandbox import Sandbox
from ocr.types import Limits
from tests.ocr.papers import (
    INVOICE_TEXTS,
    Pdf,
    PdfPage,
    digital_xml,
    encoded,
    invoice_pdf,
    ofd_parts,
    original_invoice,
    picture,
    text_object,
    zipped,
)

LIMITS = Limits(seconds=30.0, memory_bytes=2 * 1024**3)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(LIMITS) as made:
        yield made


def laughs() -> bytes:
    levels = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{levels}]><EInvoice>&l9;</EInvoice>'.encode()


def huge_png() -> bytes:
    """60,000 × 60,000 pixels in a few bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


def with_part(name: str, content: bytes | str) -> bytes:
    return zipped(ofd_parts(text_object(1, 10, 10, "x"), attachments={"a.xml": original_invoice()}) | {name: content})


def locked_pdf() -> bytes:
    entry = b"/Info 6 0 R /ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%b> /U <%b> >>"
    return invoice_pdf().replace(b"/Info 6 0 R", entry % (b"11" * 32, b"22" * 32))


WORD = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<document/>"}
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><EInvoice>&e;</EInvoice>'

CASES: dict[str, tuple[bytes, type[UnreadableError]]] = {
    "nothing": (b"", EmptyFileError),
    "zeros": (b"\0" * 100_000, EmptyFileError),
    "random": (np.random.default_rng(3).bytes(50_000), UnknownFormatError),
    "html": (b"<!DOCTYPE html><html><body>login</body></html>", UnknownFormatError),
    "word": (zipped(WORD), UnknownFormatError),
    "executable": (b"MZ" + b"\x90" * 4000, UnknownFormatError),
    "half a pdf": (invoice_pdf()[:900], TruncatedError),
    "half a jpeg": (encoded(picture(), "JPEG")[:1500], TruncatedError),
    "half a zip": (zipped({"a.pdf": invoice_pdf()})[:700], TruncatedError),
    "half an ofd": (zipped(ofd_parts())[:900], TruncatedError),
    "half an xml": (digital_xml()[:900], TruncatedError),
    "a pdf header": (b"%PDF-1.7\n", TruncatedError),
    "locked pdf": (locked_pdf(), EncryptedError),
    "pdf without pages": (Pdf().build(), NoPagesError),
    "ten thousand pages": (Pdf([PdfPage()] * 10_000).build(), TooManyPagesError),
    "huge picture": (huge_png(), TooLargeError),
    "above the limit": (b"%PDF-1.7" + b" " * LIMITS.max_bytes, TooLargeError),
    "laughs": (laughs(), HostileError),
    "outside entity": (OUTSIDE.encode(), HostileError),
    "outside entity, utf-16": (OUTSIDE.encode("utf-16"), HostileError),
    "laughs in an ofd": (with_part("Doc_0/Attachs/a.xml", laughs()), HostileError),
    "outside entity in a page": (with_part("Doc_0/Pages/Page_0/Content.xml", OUTSIDE), HostileError),
    "zip bomb": (zipped({"a.bin": b"\0" * 30_000_000}), BombError),
    "ofd bomb": (with_part("Doc_0/Res/x.bin", b"\0" * 30_000_000), BombError),
    "a thousand members": (zipped({f"{i}": b"x" for i in range(1000)}), BombError),
}


@pytest.mark.parametrize("name", CASES)
def test_each_bad_file_has_its_own_reason_and_the_next_file_is_read(sandbox: Sandbox, name: str) -> None:
    data, expected = CASES[name]
    with pytest.raises(UnreadableError) as caught:
        sandbox.call("ocr.preview:render", data, 0, 0, 200, LIMITS)
    assert type(caught.value) is expected
    assert sandbox.render(invoice_pdf(), 0, 0, 200).startswith(b"\xff\xd8\xff")


def test_a_member_cannot_name_a_place_outside(sandbox: Sandbox) -> None:
    """Members stay bytes in memory: their names are only shown, and an OFD reaches no part but its own."""
    found = sandbox.members(zipped({"../../etc/passwd": b"x", "/root/a": b"y"}))
    assert [member.data for member in found] == [b"x", b"y"]
    parts = ofd_parts()
    parts["Doc_0/Document.xml"] = str(parts["Doc_0/Document.xml"]).replace("Pages/Page_0", "../../../../etc")
    with pytest.raises(TruncatedError):
        sandbox.render(zipped(parts), 0, 0, 100)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["pdf", "ofd", "xml", "jpeg", "tiff", "png", "webp"])
def test_flipped_bytes_never_do_more_than_give_a_reason(sandbox: Sandbox, kind: str, seed: int) -> None:
    whole = {
        "pdf": Pdf([PdfPage(INVOICE_TEXTS, image=picture(50, 40))], attached={"a.xml": digital_xml()}).build(),
        "ofd": zipped(ofd_parts(text_object(1, 10, 10, "发票"), attachments={"a.xml": original_invoice()})),
        "xml": digital_xml(),
        "jpeg": encoded(picture(), "JPEG"),
        "tiff": encoded(picture(60, 40), "TIFF", compression="tiff_lzw"),
        "png": encoded(picture(), "PNG"),
        "webp": encoded(picture(), "WEBP"),
    }[kind]
    chance = np.random.default_rng(seed)
    data = bytearray(whole)
    for place in chance.integers(0, len(data), 1 + seed * 3):
        data[place] = chance.integers(0, 256)
    try:
        sandbox.render(bytes(data), 0, 0, 200)
    except (CrashedError, TimeoutReadingError) as error:
        pytest.fail(f"{kind} {seed}: {error}")
    except UnreadableError:
        pass


def test_a_picture_that_needs_more_memory_than_there_is_breaks_only_the_child() -> None:
    small = replace(LIMITS, memory_bytes=700 * 1024**2, max_pixels=400_000_000)
    with Sandbox(small) as sandbox:
        with pytest.raises(CrashedError):
            sandbox.render(encoded(Image.new("1", (18_000, 18_000)), "PNG", compress_level=1), 0, 0, 200)
        assert sandbox.render(encoded(picture(), "PNG"), 0, 0, 200).startswith(b"\xff\xd8\xff")

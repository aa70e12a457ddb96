from __future__ import annotations

import struct
import zipfile

import pytest

from ocr.archive import members
from ocr.errors import BombError, EncryptedError, NoPagesError, TruncatedError, UnknownFormatError
from ocr.load import load
from ocr.types import Carrier, Limits
from tests.ocr.papers import digital_xml, invoice_pdf, ofd_parts, zipped

LIMITS = Limits()


def test_every_file_of_every_folder_and_nested_zip_is_a_member() -> None:
    inner = zipped({"b.xml": digital_xml(), "深/c.pdf": invoice_pdf()})
    data = zipped({"a.pdf": invoice_pdf(), "folder/inner.zip": inner, "d.ofd": zipped(ofd_parts())})
    assert [member.name for member in members(data, LIMITS)] == [
        "a.pdf",
        "folder/inner.zip/b.xml",
        "folder/inner.zip/深/c.pdf",
        "d.ofd",
    ]
    assert members(data, LIMITS)[1].data == digital_xml()


def test_an_ofd_is_no_zip_of_files() -> None:
    assert members(zipped(ofd_parts()), LIMITS) == ()
    assert members(zipped({"ofd.XML": "<x/>"}), LIMITS) == ()


@pytest.mark.parametrize("data", [b"", invoice_pdf(), digital_xml(), b"nonsense"])
def test_what_is_no_zip_has_no_members(data: bytes) -> None:
    assert members(data, LIMITS) == ()


def test_litter_folders_and_empty_files_are_left_out() -> None:
    data = zipped(
        {"__MACOSX/._a.pdf": b"x", ".DS_Store": b"x", "empty.pdf": b"", "Thumbs.db": b"x", "a.pdf": invoice_pdf()}
    )
    assert [member.name for member in members(data, LIMITS)] == ["a.pdf"]


def test_names_without_the_utf8_flag_are_chinese() -> None:
    data = bytearray(zipped({"XXXXXXXX.pdf": invoice_pdf()}))
    name = "发票一号".encode("gb18030")
    assert len(name) == 8
    assert [member.name for member in members(bytes(data.replace(b"XXXXXXXX", name)), LIMITS)] == ["发票一号.pdf"]


def test_a_damaged_file_inside_is_handed_on_to_tell_its_own_reason() -> None:
    word = zipped({"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>"})
    names = [member.name for member in members(zipped({"a.docx": word, "b.zip": word[:60]}), LIMITS)]
    assert names == ["a.docx", "b.zip"]


def test_loading_a_zip_says_that_it_holds_files() -> None:
    document = load(zipped({"a.pdf": invoice_pdf()}), "a.xml", LIMITS)
    assert document.carrier is Carrier.ZIP
    assert document.pages == ()


@pytest.mark.parametrize("name", ["[Content_Types].xml", "META-INF/MANIFEST.MF", "mimetype", "AndroidManifest.xml"])
def test_a_document_of_another_program_is_not_accepted(name: str) -> None:
    data = zipped({name: "x", "content.xml": "<x/>"})
    with pytest.raises(UnknownFormatError):
        load(data, "a.docx", LIMITS)
    with pytest.raises(UnknownFormatError):
        members(data, LIMITS)


def test_an_empty_zip_has_nothing_to_read() -> None:
    with pytest.raises(NoPagesError):
        load(zipped({}), "x", LIMITS)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.98])
def test_a_part_of_a_zip_is_truncated(share: float) -> None:
    data = zipped({"a.pdf": invoice_pdf(), "b.pdf": invoice_pdf()})
    with pytest.raises(TruncatedError):
        load(data[: int(len(data) * share)], "x", LIMITS)


def test_a_member_that_needs_a_password_is_named() -> None:
    data = bytearray(zipped({"a.pdf": invoice_pdf()}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark) + place
        data[at] |= 1
    with pytest.raises(EncryptedError):
        members(bytes(data), LIMITS)
    with pytest.raises(EncryptedError):
        load(bytes(data), "x", LIMITS)


def test_the_sum_of_the_sizes_is_limited_before_anything_is_unpacked() -> None:
    data = zipped({f"{i}.bin": b"\x01" * 1000 for i in range(20)})
    with pytest.raises(BombError):
        members(data, Limits(zip_bytes=19_999))
    assert len(members(data, Limits(zip_bytes=20_000))) == 20


def test_the_number_of_members_is_limited_over_all_levels() -> None:
    inner = zipped({f"{i}.bin": b"x" for i in range(6)})
    data = zipped({"a.zip": inner, "b.zip": inner})
    with pytest.raises(BombError):
        members(data, Limits(zip_members=13))
    assert len(members(data, Limits(zip_members=14))) == 12


def test_a_ratio_beyond_paper_is_a_bomb() -> None:
    with pytest.raises(BombError):
        members(zipped({"a.bin": b"\0" * (8 * 1024 * 1024)}), LIMITS)


def test_zips_nested_too_deep_are_a_bomb() -> None:
    data = zipped({"a.pdf": invoice_pdf()})
    for depth in range(3):
        data = zipped({f"{depth}.zip": data})
    with pytest.raises(BombError):
        members(data, LIMITS)


def test_a_directory_that_lies_about_a_size_is_a_bomb() -> None:
    data = bytearray(zipped({"a.bin": b"A" * 5000}, zipfile.ZIP_DEFLATED))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(mark) + place
        data[at : at + 4] = struct.pack("<I", 100)
    with pytest.raises((BombError, TruncatedError)):
        members(bytes(data), LIMITS)

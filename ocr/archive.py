"""ZIP files: what they may hold, told before anything is unpacked, and their members one by one.

An OFD is a ZIP too and passes the same gate (domain.md §6).
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from ocr.errors import (
    BombError,
    EncryptedError,
    NoPagesError,
    TruncatedError,
    UnknownFormatError,
    UnreadableError,
)
from ocr.sniff import Format, sniff
from ocr.types import Limits, Member

MAX_RATIO = 200  # unpacked : packed of one member; text of an OFD reaches 30
RATIO_FREE_BYTES = 4 * 1024 * 1024  # a small member may be as regular as it likes
MAX_DEPTH = 3  # ZIP in ZIP in ZIP
MAX_OFD_PARTS = 5000  # the pages, pictures and signatures of one OFD are not files to be received
UTF8_NAME = 0x800
ENCRYPTED = 0x1
_FOREIGN = ("[content_types].xml", "meta-inf/manifest.mf", "mimetype", "androidmanifest.xml")
_LITTER = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")


def open_zip(data: bytes, limits: Limits) -> zipfile.ZipFile:
    """An opened ZIP whose directory keeps within `limits`.

    Raises TruncatedError when the directory is missing, BombError for too many members, too many bytes in sum or
    too high a ratio, EncryptedError when a member needs a password. Nothing is unpacked.
    """
    try:
        opened = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError) as error:
        raise TruncatedError(f"ZIP: {error}") from error
    infos = opened.infolist()
    if len(infos) > (MAX_OFD_PARTS if is_ofd(opened) else limits.zip_members):
        raise BombError(f"{len(infos)} members")
    if sum(info.file_size for info in infos) > limits.zip_bytes:
        raise BombError(f"{sum(info.file_size for info in infos)} bytes unpacked")
    for info in infos:
        if info.file_size > RATIO_FREE_BYTES and info.file_size > MAX_RATIO * max(info.compress_size, 1):
            raise BombError(f"ratio {info.file_size}:{info.compress_size}")
        if info.flag_bits & ENCRYPTED:
            raise EncryptedError("a member of the ZIP")
    return opened


def is_ofd(opened: zipfile.ZipFile) -> bool:
    """Whether the ZIP holds an `OFD.xml` at its root, in any case."""
    return any(info.filename.replace("\\", "/").lstrip("./").casefold() == "ofd.xml" for info in opened.infolist())


def check_files(opened: zipfile.ZipFile) -> None:
    """Raise UnknownFormatError for a ZIP that is some other document (Word, Excel, a program), NoPagesError for
    one without a file.
    """
    names = {member_name(info).casefold() for info in opened.infolist() if not info.is_dir()}
    if not names:
        raise NoPagesError("an empty ZIP")
    foreign = sorted(names & set(_FOREIGN))
    if foreign:
        raise UnknownFormatError(f"a ZIP with {foreign[0]}")


def member_name(info: zipfile.ZipInfo) -> str:
    """The name as its producer wrote it: without the UTF-8 flag Chinese programs store GBK or UTF-8 bytes."""
    if info.flag_bits & UTF8_NAME:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def members(data: bytes, limits: Limits) -> tuple[Member, ...]:
    """The files of a ZIP of files, those of nested folders and nested ZIPs included; folders, empty files and the
    litter of operating systems are left out. Empty when `data` is no ZIP or is an OFD.

    The limits hold for all levels together. Raises as :func:`open_zip` and :func:`check_files` do.
    """
    try:
        if sniff(data) is not Format.ZIP:
            return ()
    except UnreadableError:
        return ()
    with open_zip(data, limits) as opened:
        if is_ofd(opened):
            return ()
    budget = _Budget(limits)
    return tuple(_walk(data, "", 1, budget))


class _Budget:
    """Counts what has been unpacked over all levels of nesting."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.count = 0
        self.size = 0

    def take(self, opened: zipfile.ZipFile) -> None:
        """Account for one directory before its members are read. Raises BombError."""
        infos = opened.infolist()
        self.count += len(infos)
        self.size += sum(info.file_size for info in infos)
        if self.count > self.limits.zip_members or self.size > self.limits.zip_bytes:
            raise BombError(f"{self.count} members, {self.size} bytes over all levels")


def _walk(data: bytes, folder: str, depth: int, budget: _Budget) -> Iterator[Member]:
    if depth > MAX_DEPTH:
        raise BombError(f"ZIPs nested deeper than {MAX_DEPTH}")
    with open_zip(data, budget.limits) as opened:
        check_files(opened)
        budget.take(opened)
        for info in opened.infolist():
            name = member_name(info)
            if info.is_dir() or not info.file_size or any(part in name.casefold() for part in _LITTER):
                continue
            content = read_member(opened, info)
            if _is_nested(content, budget.limits):
                yield from _walk(content, f"{folder}{name}/", depth + 1, budget)
            else:
                yield Member(folder + name, content)


def _is_nested(content: bytes, limits: Limits) -> bool:
    """Whether a member is itself a ZIP of files; a Word document or a damaged ZIP is one file with its own reason."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with open_zip(content, limits) as inner:
            if is_ofd(inner):
                return False
            check_files(inner)
    except BombError:
        raise
    except UnreadableError:
        return False
    return True


def read_member(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The bytes of one member, never more than its directory entry says. Raises TruncatedError."""
    try:
        with opened.open(info) as stream:
            content = stream.read(info.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise TruncatedError(f"{info.filename}: {error}") from error
    if len(content) > info.file_size:
        raise BombError(f"{info.filename} unpacks to more than its directory says")
    return content

"""Uploaded bytes on local disk, named by their SHA-256: ``ab/cd/abcd…`` under the folder of the files.

A name appears only when its bytes are durable: temporary file → fsync → rename → fsync of the folders.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from intake.ports import ByteStream, StoredFile

BLOCK: Final = 1 << 20
INCOMING: Final = "incoming"
ABANDONED: Final = timedelta(days=1)  # no upload takes this long: its process has died
_MODE: Final = 0o640


class LocalFiles:
    """The files below one folder, which is made when missing. Safe for threads and processes."""

    def __init__(self, root: Path) -> None:
        """`root` must be on a file system with atomic rename; the temporary files lie on it too."""
        self.root = root.absolute()
        self._incoming = self.root / INCOMING
        self._make_folder(self._incoming)

    def put(self, data: bytes) -> str:
        """Store bytes and return their hexadecimal SHA-256 when they are durable. Raises OSError when they are not."""
        return self._store((data,)).sha256

    def take(self, stream: ByteStream) -> StoredFile:
        """Store a stream to its end, block by block. Raises OSError, or what the stream raises; then nothing is kept."""
        return self._store(iter(lambda: stream.read(BLOCK), b""))

    def get(self, sha256: str) -> bytes:
        """The bytes. Raises KeyError when they are not there."""
        try:
            return self.path(sha256).read_bytes()
        except FileNotFoundError:
            raise KeyError(sha256) from None

    def path(self, sha256: str) -> Path:
        """Where the bytes lie or would lie. Raises KeyError for what is no SHA-256, so no other path can be named."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise KeyError(sha256)
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def remove_abandoned(self, now: datetime) -> int:
        """Remove temporary files of uploads that were cut off more than a day ago; returns how many."""
        before = (now - ABANDONED).timestamp()
        removed = 0
        for place in self._incoming.iterdir():
            try:
                if place.stat().st_mtime < before:
                    place.unlink()
                    removed += 1
            except FileNotFoundError:  # its upload has ended meanwhile
                continue
        return removed

    def _store(self, blocks: Iterable[bytes]) -> StoredFile:
        descriptor, name = tempfile.mkstemp(dir=self._incoming)
        temporary = Path(name)
        digest = hashlib.sha256()
        size = 0
        try:
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(file.fileno(), _MODE)
                for block in blocks:
                    digest.update(block)
                    size += len(block)
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
            stored = StoredFile(digest.hexdigest(), size)
            target = self.path(stored.sha256)
            self._make_folder(target.parent)
            # Bytes that are there already are written again: the same upload heals a file the disk has damaged.
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
        return stored

    def _make_folder(self, folder: Path) -> None:
        """Make a folder so that it survives a power cut: each new name is synced in its parent."""
        missing = list(_missing(folder))
        for place in reversed(missing):
            place.mkdir(exist_ok=True)
        # Also when another thread has just made them: its sync may not have happened yet.
        for place in missing:
            _sync_folder(place.parent)


def _missing(folder: Path) -> Iterator[Path]:
    while not folder.exists():
        yield folder
        folder = folder.parent


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

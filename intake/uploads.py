"""Files that come in pieces, over lines that break: each piece is durable before its end is told, the last one hands
the whole file to the door (`intake.submit`), whose receipt is the only proof of reception.

The row is the truth: `received` bytes are kept; what lies beyond in the file of pieces was never told and is cut off.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from intake.clock import Clock
from intake.config import Settings
from intake.db import read, uploads, write
from intake.errors import (
    ChecksumWrongError,
    EmptyUploadError,
    NotFoundError,
    OffsetWrongError,
    TooLargeUploadError,
    TooManyUploadsError,
    UploadBusyError,
)
from intake.model import Actor, Channel, Cut
from intake.ports import ByteStream
from intake.roles import Action, require
from intake.submit import Submit, safe_name

BLOCK: Final = 1 << 18
MOST_OPEN: Final = 200  # unfinished uploads of one account
LONGEST_TOKEN: Final = 64
_MODE: Final = 0o640


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way: `received` of `size` bytes are durable; `document_id` is set once all of it is at the door."""

    id: str
    size: int
    received: int
    name: str
    channel: Channel
    token: str
    replaces: int | None
    cut: Cut | None
    document_id: int | None
    expires_at: datetime


class Uploads:
    """Uploads in pieces. Safe for threads and processes that share the database and the folder."""

    def __init__(self, engine: sa.Engine, folder: Path, submit: Submit, clock: Clock, settings: Settings) -> None:
        """`folder` holds the pieces, it is made when missing."""
        self.engine = engine
        self.folder = folder
        self.submit = submit
        self.clock = clock
        self.settings = settings
        folder.mkdir(parents=True, exist_ok=True)

    def begin(
        self,
        actor: Actor,
        size: int,
        name: str,
        channel: Channel,
        *,
        token: str = "",
        replaces: int | None = None,
        cut: Cut | None = None,
    ) -> Upload:
        """Announce a file of `size` bytes; the same token and size take up the upload that was begun with them.

        Raises ForbiddenError, EmptyUploadError, TooLargeUploadError, TooManyUploadsError.
        """
        require(actor, Action.SUBMIT)
        if size <= 0:
            raise EmptyUploadError(f"{size} bytes announced")
        if size > self.settings.max_upload:
            raise TooLargeUploadError(f"{size} bytes announced")
        now = self.clock()
        with write(self.engine) as conn:
            mine = sa.and_(uploads.c.account_id == actor.id, uploads.c.touched_at > now - self._life())
            if token:
                same = sa.select(uploads).where(mine, uploads.c.token == token[:LONGEST_TOKEN], uploads.c.size == size)
                earlier = conn.execute(same.order_by(uploads.c.created_at).limit(1)).one_or_none()
                if earlier is not None:
                    return self._upload(earlier)
            count = sa.select(sa.func.count()).select_from(uploads).where(mine, uploads.c.document_id.is_(None))
            if conn.execute(count).scalar_one() >= MOST_OPEN:
                raise TooManyUploadsError(f"{MOST_OPEN} uploads of account {actor.id} are open")
            number = str(uuid.uuid4())
            row = {
                "id": number,
                "account_id": actor.id,
                "size": size,
                "received": 0,
                "name": safe_name(name),
                "channel": channel.value,
                "token": token[:LONGEST_TOKEN] or number,
                "replaces_id": replaces,
                "cut": list(cut) if cut else None,
                "created_at": now,
                "touched_at": now,
            }
            made = conn.execute(sa.insert(uploads).values(**row).returning(uploads)).one()
            return self._upload(made)

    def find(self, actor: Actor, number: str) -> Upload:
        """An upload of this person. Raises ForbiddenError; NotFoundError for another's, an unknown or an expired one."""
        require(actor, Action.SUBMIT)
        query = sa.select(uploads).where(
            uploads.c.id == number,
            uploads.c.account_id == actor.id,
            uploads.c.touched_at > self.clock() - self._life(),
        )
        with read(self.engine) as conn:
            row = conn.execute(query).one_or_none()
        if row is None:
            raise NotFoundError(f"upload {number[:36]!r}")
        return self._upload(row)

    def append(
        self, actor: Actor, number: str, offset: int, stream: ByteStream, *, checksum: tuple[str, bytes] | None = None
    ) -> Upload:
        """Keep the bytes of `stream` from `offset` on; with the last of them the document is made.

        What came before a stream broke is kept, unless a `checksum` (algorithm of hashlib, digest) was to prove it.
        Raises NotFoundError, OffsetWrongError, UploadBusyError, TooLargeUploadError (more than was announced; nothing
        of the piece is kept), ChecksumWrongError, OSError, and what `Submit.receive` raises.
        """
        found = self.find(actor, number)
        with self._held(found) as file:
            found = self.find(actor, number)  # as it stands now that nobody else writes
            if offset != found.received:
                raise OffsetWrongError(f"at {offset}, not {found.received}")
            if found.document_id is not None:
                return found
            os.ftruncate(file, found.received)
            os.lseek(file, found.received, os.SEEK_SET)
            end = found.received
            try:
                for block in self._blocks(stream, found.size - found.received, checksum):
                    _write_all(file, block)
                    end += len(block)
            except Exception as error:
                if checksum is not None or isinstance(error, TooLargeUploadError):
                    end = found.received
                raise
            finally:
                if end > found.received:
                    found = self._keep(found, file, end)
            return self._finish(actor, found) if found.received == found.size else found

    def drop(self, actor: Actor, number: str) -> None:
        """Give an upload up. A document that was made of it stays. Raises as :meth:`find`, UploadBusyError."""
        found = self.find(actor, number)
        with self._held(found):
            with write(self.engine) as conn:
                conn.execute(sa.delete(uploads).where(uploads.c.id == found.id))
            self._place(found.id).unlink(missing_ok=True)

    def clean(self, now: datetime) -> int:
        """Remove uploads that nobody has touched for their life, and pieces of none; returns how many uploads."""
        before = now - self._life()
        with write(self.engine) as conn:
            gone = conn.execute(sa.delete(uploads).where(uploads.c.touched_at <= before)).rowcount
            left = set(conn.execute(sa.select(uploads.c.id).where(uploads.c.document_id.is_(None))).scalars())
        for place in self.folder.iterdir():
            with suppress(FileNotFoundError):
                if place.name not in left and place.stat().st_mtime <= before.timestamp():
                    place.unlink()
        return int(gone)

    def _life(self) -> timedelta:
        return timedelta(hours=self.settings.upload_hours)

    def _place(self, number: str) -> Path:
        return self.folder / number

    @contextmanager
    def _held(self, upload: Upload) -> Iterator[int]:
        """The file of the pieces, written by one request at a time."""
        file = os.open(self._place(upload.id), os.O_RDWR | os.O_CREAT, _MODE)
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UploadBusyError(f"upload {upload.id} is being written") from None
            yield file
        finally:
            os.close(file)

    def _blocks(self, stream: ByteStream, room: int, checksum: tuple[str, bytes] | None) -> Iterator[bytes]:
        digest = hashlib.new(checksum[0], usedforsecurity=False) if checksum else None
        while block := stream.read(BLOCK):
            room -= len(block)
            if room < 0:
                raise TooLargeUploadError("more than was announced")
            if digest is not None:
                digest.update(block)
            yield block
        if checksum and digest is not None and digest.digest() != checksum[1]:
            raise ChecksumWrongError("the piece is not what was sent")

    def _keep(self, upload: Upload, file: int, end: int) -> Upload:
        """The bytes first, then the row that tells of them."""
        os.fsync(file)
        if not upload.received:
            folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        with write(self.engine) as conn:
            change = sa.update(uploads).where(uploads.c.id == upload.id, uploads.c.received == upload.received)
            conn.execute(change.values(received=end, touched_at=self.clock()))
        return replace(upload, received=end, expires_at=self.clock() + self._life())

    def _finish(self, actor: Actor, upload: Upload) -> Upload:
        """Hand the whole file to the door. Cut off in between, the next try gets the same document by its token."""
        place = self._place(upload.id)
        with place.open("rb") as whole:
            receipt = self.submit.receive(
                actor,
                whole,
                upload.name,
                upload.channel,
                idempotency=upload.token,
                replaces=upload.replaces,
                cut=upload.cut,
            )
        with write(self.engine) as conn:
            change = sa.update(uploads).where(uploads.c.id == upload.id)
            conn.execute(change.values(document_id=receipt.document_id, touched_at=self.clock()))
        place.unlink(missing_ok=True)
        return replace(upload, document_id=receipt.document_id)

    def _upload(self, row: sa.Row[Any]) -> Upload:
        return Upload(
            id=row.id,
            size=row.size,
            received=row.received,
            name=row.name,
            channel=Channel(row.channel),
            token=row.token,
            replaces=row.replaces_id,
            cut=tuple(row.cut) if row.cut else None,
            document_id=row.document_id,
            expires_at=row.touched_at + self._life(),
        )


def _write_all(file: int, block: bytes) -> None:
    rest = memoryview(block)
    while rest:
        rest = rest[os.write(file, rest) :]

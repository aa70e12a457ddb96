"""The watched folder: files that have been still for a while are received, then moved to ``done/`` or ``failed/``.

Polling, since change messages do not cross SMB and NFS and scanners open a file several times. A file is received
before it is moved; if the service dies in between, the next look finds the same file, gets the same receipt and moves
it. A file the reader rejects later is moved on from ``done/`` to ``failed/``. Every file in ``failed/`` has a note
beside it that says why and what to do.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Final

import sqlalchemy as sa
import structlog

from intake.db import documents, read
from intake.files import BLOCK
from intake.model import SERVICE, Channel, DocumentState
from intake.reasons import NO_ACCESS, sentences
from intake.submit import Receipt, Submit

log = structlog.get_logger()

DONE: Final = "done"
FAILED: Final = "failed"
UNFINISHED: Final = (".part", ".partial", ".crdownload", ".download", ".tmp", ".temp", ".swp", ".filepart")
IGNORED: Final = frozenset({"thumbs.db", "desktop.ini"})
LOOK_BACK: Final = timedelta(days=30)  # rejections this old still move their file after a restart
OVERLAP: Final = timedelta(minutes=5)  # a publishing may commit later than its moment says


@dataclass(frozen=True, slots=True)
class Signature:
    """What tells that a file has changed."""

    size: int
    modified: int  # nanoseconds


class Watcher:
    """Watches one folder and its sub-folders. One watcher a folder; used by one thread."""

    def __init__(
        self, folder: Path, submit: Submit, *, settle: float, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        """The folder is made when missing. `settle` is in seconds of `ticks`."""
        self.folder = folder
        self.submit = submit
        self.settle = settle
        self.ticks = ticks
        self._seen: dict[Path, tuple[Signature, float]] = {}
        self._returned_until: datetime | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def run(self, stop: threading.Event) -> None:
        """Look again and again until `stop` is set; trouble with the folder or the database is logged."""
        pause = min(max(self.settle / 3, 0.2), 5.0)
        while not stop.is_set():
            try:
                self.look(stop)
                self.return_rejected()
            except Exception:
                log.exception("looking at the folder failed", folder=str(self.folder))
            stop.wait(pause)

    def look(self, stop: threading.Event | None = None) -> int:
        """One look: receive every file that has been still for `settle` seconds; returns how many were received."""
        now = self.ticks()
        present = dict(self._files())
        self._seen = {path: (signature, self._since(path, signature, now)) for path, signature in present.items()}
        taken = 0
        for path, (signature, since) in sorted(self._seen.items()):
            if stop is not None and stop.is_set():
                break
            if now - since >= self.settle:
                taken += self._take(path, signature)
        return taken

    def return_rejected(self) -> int:
        """Move what the reader has rejected from ``done/`` to ``failed/`` with a note; returns how many files."""
        begun = self.submit.clock()
        since = begun - LOOK_BACK if self._returned_until is None else self._returned_until - OVERLAP
        columns = (documents.c.receipt, documents.c.reason, documents.c.sha256, documents.c.size)
        with read(self.submit.engine) as conn:
            rejected = conn.execute(
                sa.select(*columns).where(
                    documents.c.channel == Channel.WATCH.value,
                    documents.c.state == DocumentState.REJECTED.value,
                    documents.c.done_at >= since,
                )
            ).all()
        moved = 0
        if rejected:
            sizes = {row.size for row in rejected}
            kept = [path for path, signature in _walk(self.folder / DONE) if signature.size in sizes]
            by_digest = {_digest(path): path for path in kept}
            for row in rejected:
                path = by_digest.pop(row.sha256, None)
                if path is not None:
                    self._fail(path, path.relative_to(self.folder / DONE), row.reason, row.receipt)
                    moved += 1
        self._returned_until = begun
        return moved

    def _files(self) -> Iterator[tuple[Path, Signature]]:
        for path, signature in _walk(self.folder, skip=frozenset({DONE, FAILED})):
            if not _is_temporary(path.name):
                yield path, signature

    def _since(self, path: Path, signature: Signature, now: float) -> float:
        """Since when the file has been as it is."""
        before = self._seen.get(path)
        return before[1] if before is not None and before[0] == signature else now

    def _take(self, path: Path, signature: Signature) -> bool:
        relative = path.relative_to(self.folder)
        try:
            file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")
        except PermissionError:
            self._fail(path, relative, NO_ACCESS, "")
            return False
        except OSError as error:
            log.warning("file not opened", file=_shown(relative), error=str(error))
            return False
        try:
            with file:
                receipt = self.submit.receive(
                    SERVICE,
                    _Steady(file, signature),
                    path.name,
                    Channel.WATCH,
                    idempotency=f"{relative}\n{signature.size}\n{signature.modified}",
                    interactive=False,
                )
        except _ChangedError:
            del self._seen[path]  # it was not finished: wait until it is still again
            return False
        except OSError:  # the disk is full or the share is away: the file stays where it is
            log.exception("file not received, trying again", file=_shown(relative))
            return False
        self._move(path, relative, receipt)
        return True

    def _move(self, path: Path, relative: Path, receipt: Receipt) -> None:
        log.info("received from the folder", file=_shown(relative), receipt=receipt.receipt)
        if receipt.reason:
            self._fail(path, relative, receipt.reason, receipt.receipt)
        else:
            _move_to_new(path, self.folder / DONE / relative, receipt.receipt)

    def _fail(self, path: Path, relative: Path, reason: str, receipt: str) -> None:
        target = _move_to_new(path, self.folder / FAILED / relative, receipt)
        chinese, english = sentences(reason)
        number = f"\n收件号 Receipt: {receipt}" if receipt else ""
        text = f"{_shown(relative)}\n\n{chinese}\n{english}\n{number}\n"
        # With a byte order mark and line ends that every editor of an office PC shows rightly.
        target.with_name(target.name + ".txt").write_text(text, encoding="utf-8-sig", newline="\r\n")


class _ChangedError(OSError):
    """The file has changed while it was read."""


class _Steady:
    """A stream that refuses to end when the file is not what it was at the first look."""

    def __init__(self, file: IO[bytes], signature: Signature) -> None:
        self._file = file
        self._signature = signature

    def read(self, size: int = -1, /) -> bytes:
        block = self._file.read(size)
        if not block:
            found = os.fstat(self._file.fileno())
            if Signature(found.st_size, found.st_mtime_ns) != self._signature:
                raise _ChangedError
        return block


def _walk(folder: Path, skip: frozenset[str] = frozenset()) -> Iterator[tuple[Path, Signature]]:
    """All plain files below a folder; no links are followed. `skip` names sub-folders of the first level."""
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in skip and not entry.name.startswith("."):
                    yield from _walk(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                found = entry.stat(follow_symlinks=False)
                yield Path(entry.path), Signature(found.st_size, found.st_mtime_ns)
        except OSError as error:  # it has gone since, or may not be looked at
            log.warning("skipped in the folder", place=_shown(Path(entry.path)), error=str(error))


def _is_temporary(name: str) -> bool:
    lower = name.lower()
    return lower.startswith((".", "~")) or lower.endswith(UNFINISHED) or lower in IGNORED


def _shown(path: Path) -> str:
    """A name that can be written, also when the folder's own is no UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _move_to_new(path: Path, target: Path, receipt: str) -> Path:
    """Move a file to `target`, or beside it when the name is taken: nothing is ever overwritten."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for candidate in _names(target, receipt):
        try:
            candidate.touch(exist_ok=False)  # the name is ours from here on
        except FileExistsError:
            continue
        path.replace(candidate)
        return candidate
    raise AssertionError("names never end")


def _names(target: Path, receipt: str) -> Iterator[Path]:
    yield target
    if receipt:
        yield target.with_name(f"{target.stem}.{receipt}{target.suffix}")
    number = 2
    while True:
        yield target.with_name(f"{target.stem}.{receipt}{'.' if receipt else ''}{number}{target.suffix}")
        number += 1

"""Announcements on one machine: Huey's queue in a SQLite file, and the lock that lets one process work.

The queue is not synced to disk (``fsync=False``) and may be deleted at any time: the rows of `documents` are the
truth, the sweep announces again what is due.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from huey.storage import SqliteStorage

from intake.errors import DataFolderLockedError

URGENT: Final = 10  # a person is waiting
BULK: Final = 0
LOOK: Final = 0.5  # seconds between looks for announcements of other processes; own ones wake at once


class EmbeddedCourier:
    """Sends and receives within one data folder. Safe for threads and processes."""

    def __init__(self, data: Path) -> None:
        """`data` is the folder of the service; the queue is ``queue.sqlite3`` in it."""
        self._data = data
        self._storage = SqliteStorage("documents", filename=str(data / "queue.sqlite3"), fsync=False, timeout=15)
        self._sent = threading.Condition()

    def send(self, document_id: int, *, interactive: bool) -> None:
        """Announce a queued document."""
        self._storage.enqueue(str(document_id).encode("ascii"), priority=URGENT if interactive else BULK)
        with self._sent:
            self._sent.notify()

    def receive(self, seconds: float) -> int | None:
        """Take one announcement, interactive ones first, waiting at most this long."""
        end = time.monotonic() + seconds
        while True:
            with self._sent:
                # Looked at under the lock, so that an announcement between the look and the wait still wakes us.
                message = self._storage.dequeue()
                left = end - time.monotonic()
                if message is None and left > 0:
                    self._sent.wait(min(left, LOOK))
            if message is not None:
                return int(bytes(message))
            if left <= 0:
                return None

    def depth(self) -> int:
        """How many announcements wait."""
        return int(self._storage.queue_size())

    def flush(self) -> None:
        """Forget all announcements."""
        self._storage.flush_queue()

    def close(self) -> None:
        """Close this thread's connection to the queue."""
        self._storage.close()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Be the only process that works on the data folder; the lock ends with the process, however it ends.

        Raises DataFolderLockedError when another process has it.
        """
        descriptor = os.open(self._data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DataFolderLockedError(str(self._data)) from None
            yield
        finally:
            os.close(descriptor)

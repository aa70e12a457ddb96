"""Doubles that behave: a queue in memory, prepared readings, and one named double for each failure."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from intake.config import Settings
from intake.files import LocalFiles
from intake.model import Company, KnownInvoice, Likeness, RefusedRow, RegisterRow, SourceState, Verification
from intake.ports import ByteStream, StoredFile, Tools
from ocr.errors import CrashedError, TimeoutReadingError, UnknownFormatError
from ocr.types import Enough, Extraction, Member

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # 12:00 in Beijing
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


class FakeClock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class MemoryCourier:
    """Carries announcements in memory, urgent ones first; `sent` remembers all."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, bool]] = []
        self._waiting: deque[int] = deque()
        self._changed = threading.Condition()

    def send(self, document_id: int, *, interactive: bool) -> None:
        with self._changed:
            self.sent.append((document_id, interactive))
            if interactive:
                self._waiting.appendleft(document_id)
            else:
                self._waiting.append(document_id)
            self._changed.notify()

    def receive(self, seconds: float) -> int | None:
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting), timeout=seconds)
            return self._waiting.popleft() if self._waiting else None

    def depth(self) -> int:
        return len(self._waiting)

    def flush(self) -> None:
        self._waiting.clear()


class BrokenCourier(MemoryCourier):
    """The queue is away: nothing can be sent or asked."""

    def send(self, document_id: int, *, interactive: bool) -> None:
        raise ConnectionError(f"no queue for {document_id}, interactive {interactive}")

    def depth(self) -> int:
        raise ConnectionError("no queue")


class FullDisk(LocalFiles):
    """No room for another byte."""

    def put(self, data: bytes) -> str:
        raise OSError(28, f"No space left on device for {len(data)} bytes")

    def take(self, stream: ByteStream) -> StoredFile:
        raise OSError(28, f"No space left on device for {stream}")


@dataclass
class FakeReader:
    """Gives prepared readings by the bytes of the file; what is not prepared is an unknown format."""

    readings: Mapping[bytes, Extraction] = field(default_factory=dict)
    archives: Mapping[bytes, Sequence[Member]] = field(default_factory=dict)
    glances: Mapping[bytes, Extraction] = field(default_factory=dict)
    closed: bool = False
    drawn: list[tuple[int, int, int]] = field(default_factory=list)
    cuts: list[tuple[float, ...]] = field(default_factory=list)

    def read(self, data: bytes, name: str, enough: Enough | None = None) -> Extraction:
        glance = self.glances.get(data)
        if glance is not None and enough is not None and enough(glance):
            return glance
        if data not in self.readings:
            raise UnknownFormatError(name)
        return self.readings[data]

    def members(self, data: bytes) -> tuple[Member, ...]:
        return tuple(self.archives.get(data, ()))

    def render(self, data: bytes, page: int, turn: int, long_side: int) -> bytes:
        self.drawn.append((page, turn, long_side))
        return JPEG + bytes([page % 256]) + data[:8]

    def cut(self, data: bytes, corners: Sequence[float]) -> bytes:
        self.cuts.append(tuple(corners))
        return b"cut out of " + data

    def close(self) -> None:
        self.closed = True


class CrashingReader(FakeReader):
    """Dies on every file."""

    def read(self, data: bytes, name: str, enough: Enough | None = None) -> Extraction:
        raise CrashedError(f"{name}: {len(data)} bytes, asked by {enough}")


class CrashingRenderer(FakeReader):
    """Reads, but dies when it draws."""

    def render(self, data: bytes, page: int, turn: int, long_side: int) -> bytes:
        raise CrashedError(f"page {page} of {len(data)} bytes, {turn} degrees, {long_side} pixels")


class EndlessReader(FakeReader):
    """Runs out of time on every file."""

    def read(self, data: bytes, name: str, enough: Enough | None = None) -> Extraction:
        raise TimeoutReadingError(f"{name}: {len(data)} bytes, asked by {enough}")


@dataclass
class SlowReader(FakeReader):
    """Reads rightly, but only after `seconds`."""

    seconds: float = 1.0

    def read(self, data: bytes, name: str, enough: Enough | None = None) -> Extraction:
        time.sleep(self.seconds)
        return super().read(data, name, enough)


class EmptyRegister:
    """A register without rows."""

    def by_key(self, key: str) -> RegisterRow | None:
        del key
        return None

    def near(self, code: str, number: str) -> Sequence[RegisterRow]:
        del code, number
        return ()

    def by_number(self, number: str) -> Sequence[RegisterRow]:
        del number
        return ()

    def by_value(self, seller_tax_id: str, total: Decimal, day: date, span: int) -> Sequence[RegisterRow]:
        del seller_tax_id, total, day, span
        return ()

    def sources(self) -> Sequence[SourceState]:
        return ()

    def refused(self, number: str) -> Sequence[RefusedRow]:
        del number
        return ()


class EmptyArchive:
    """Nothing is on file."""

    def by_key(self, key: str) -> KnownInvoice | None:
        del key
        return None

    def paid(self, total: Decimal, day: date | None) -> Sequence[KnownInvoice]:
        del total, day
        return ()

    def citing(self, *, code: str | None, number: str | None, total: Decimal | None) -> KnownInvoice | None:
        del code, number, total
        return None

    def alike(self, pictures: Sequence[str], key: str | None) -> Sequence[Likeness]:
        del pictures, key
        return ()


@dataclass
class Answers:
    """Official answers by key."""

    given: Mapping[str, Sequence[Verification]] = field(default_factory=dict)

    def of(self, key: str) -> Sequence[Verification]:
        return self.given.get(key, ())


class NoCompanies:
    """No company of ours is known."""

    def all(self) -> Sequence[Company]:
        return ()


def settings(data: Path, **changes: object) -> Settings:
    """Settings for a test, with everything below `data`; unless said otherwise each entry is drawn to be keyed twice."""
    return Settings.model_validate({"data": data, "blind_rate": 1.0, **changes})


def tools(reader: FakeReader, clock: FakeClock, configured: Settings) -> Tools:
    """Tools of a service that knows nothing yet."""
    return Tools(reader, EmptyRegister(), EmptyArchive(), NoCompanies(), clock, configured)

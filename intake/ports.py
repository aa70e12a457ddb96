"""What deciding needs from the world. Each port has a real implementation and one contract suite in `tests/contracts/`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from intake.clock import Clock
from intake.config import Settings
from intake.model import Company, KnownInvoice, Likeness, RefusedRow, RegisterRow, SourceState, Verification
from ocr.types import Enough, Extraction, Member


class Reader(Protocol):
    """Reads untrusted bytes; the real one is `ocr.sandbox.Sandbox`, a killable child process."""

    def read(self, data: bytes, name: str, enough: Enough | None = None) -> Extraction:
        """All sightings of a file; a page whose code is `enough` is not read. Raises a subclass of
        `ocr.errors.UnreadableError`.
        """
        ...

    def members(self, data: bytes) -> tuple[Member, ...]:
        """The files of a ZIP, nested folders included; empty when `data` is not a ZIP of files (an OFD is not)."""
        ...

    def render(self, data: bytes, page: int, turn: int, long_side: int) -> bytes:
        """One page as a JPEG, turned by `turn` degrees clockwise, at most `long_side` pixels."""
        ...

    def cut(self, data: bytes, corners: Sequence[float]) -> bytes:
        """The paper between four corners of a picture, cut out straight, as a JPEG (`ocr.cutting.cut`)."""
        ...

    def close(self) -> None:
        """End the child process."""
        ...


class ByteStream(Protocol):
    """Bytes that are read block by block; an empty block is the end."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes."""
        ...


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Bytes that are durable: their hexadecimal SHA-256 and their number."""

    sha256: str
    size: int


class Files(Protocol):
    """Bytes by SHA-256. `put` and `take` return only when they are durable, else they raise OSError."""

    def put(self, data: bytes) -> str:
        """Store bytes and return their hexadecimal SHA-256."""
        ...

    def take(self, stream: ByteStream) -> StoredFile:
        """Store a stream to its end, however long it is."""
        ...

    def get(self, sha256: str) -> bytes:
        """The bytes. Raises KeyError when they are not there."""
        ...

    def path(self, sha256: str) -> Path:
        """Where the bytes lie on local disk, for sending."""
        ...

    def remove_abandoned(self, now: datetime) -> int:
        """Remove what uploads left behind that were cut off more than a day ago; returns how many."""
        ...


class Register(Protocol):
    """The company's register of invoices, read only; queries are indexed and return few rows."""

    def by_key(self, key: str) -> RegisterRow | None:
        """The row with this key or alias."""
        ...

    def near(self, code: str, number: str) -> Sequence[RegisterRow]:
        """Rows whose code+number differ by one edit, one transposition or one confusion pair; at most 20."""
        ...

    def by_number(self, number: str) -> Sequence[RegisterRow]:
        """Rows with this number whatever the code; at most 20."""
        ...

    def by_value(self, seller_tax_id: str, total: Decimal, day: date, span: int) -> Sequence[RegisterRow]:
        """Rows of a seller with this total (or net) within `span` days; at most 20."""
        ...

    def sources(self) -> Sequence[SourceState]:
        """How far each source reaches."""
        ...

    def refused(self, number: str) -> Sequence[RefusedRow]:
        """Rows of imports in force that were refused and that hold these digits; at most five, the newest first."""
        ...


class Archive(Protocol):
    """Invoices already on file."""

    def by_key(self, key: str) -> KnownInvoice | None:
        """The invoice under this key or an alias of it."""
        ...

    def paid(self, total: Decimal, day: date | None) -> Sequence[KnownInvoice]:
        """Invoices that a slip of this amount and day may have paid, the nearest in time first; at most five."""
        ...

    def citing(self, *, code: str | None, number: str | None, total: Decimal | None) -> KnownInvoice | None:
        """The invoice an attachment cites: by code and number, or (ride list) by its unique total of late."""
        ...

    def alike(self, pictures: Sequence[str], key: str | None) -> Sequence[Likeness]:
        """Invoices under other keys than `key` whose pictures look like these (`Invoice.pictures`); at most three, the
        likest first.
        """
        ...


class Official(Protocol):
    """What official places answered of an invoice (domain.md §8)."""

    def of(self, key: str) -> Sequence[Verification]:
        """Every answer kept for the invoice under this key or alias, the newest first."""
        ...


class Companies(Protocol):
    """Our own companies."""

    def all(self) -> Sequence[Company]:
        """Every company under every name it has had."""
        ...


class Courier(Protocol):
    """Carries ids of work; may lose or repeat them, since the row is the truth."""

    def send(self, document_id: int, *, interactive: bool) -> None:
        """Announce a queued document."""
        ...

    def receive(self, seconds: float) -> int | None:
        """Take one announcement, interactive ones first, waiting at most this long; None when none came."""
        ...

    def depth(self) -> int:
        """How many announcements wait."""
        ...

    def flush(self) -> None:
        """Forget all announcements."""
        ...


class NobodyAsked:
    """No official place was asked: what the command ``intake read`` knows of a loose file."""

    def of(self, key: str) -> Sequence[Verification]:
        """Nothing, whatever the key."""
        del key
        return ()


@dataclass(frozen=True, slots=True)
class Tools:
    """What `pipeline.process` needs; it changes nothing through them."""

    reader: Reader
    register: Register
    archive: Archive
    companies: Companies
    clock: Clock
    settings: Settings
    official: Official = field(default_factory=NobodyAsked)

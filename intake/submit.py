"""The door things come in by: bytes durable → row committed → receipt → announcement."""

from __future__ import annotations

import hashlib
import io
import unicodedata
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
import structlog

from intake import audit
from intake.clock import Clock
from intake.config import Settings
from intake.db import read, write
from intake.model import SERVICE, Actor, Channel, Cut
from intake.ports import ByteStream, Courier, Files, StoredFile
from intake.retake import give_way
from intake.roles import Action, require
from intake.store import Accepted, AlreadyThereError, NewDocument, find_document, insert_document, received_events
from ocr.errors import EmptyFileError, TooLargeError

log = structlog.get_logger()

LONGEST_NAME: Final = 150  # characters; the suffix stays
UNNAMED: Final = "unnamed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a file is kept: `receipt` is shown to people (20261124-000001, day in China and number).

    `repeated`: an earlier attempt with the same idempotency key had brought the same bytes. `reason` is set when the
    file was refused at once (``empty``, ``too_large``); it is kept all the same.
    """

    document_id: int
    receipt: str
    sha256: str
    size: int
    repeated: bool
    reason: str = ""


class Submit:
    """Takes files in. Safe for threads; several processes may share the database and the files."""

    def __init__(self, engine: sa.Engine, files: Files, courier: Courier, clock: Clock, settings: Settings) -> None:
        """All parts are shared, none is closed here."""
        self.engine = engine
        self.files = files
        self.courier = courier
        self.clock = clock
        self.settings = settings

    def receive(
        self,
        actor: Actor,
        data: bytes | ByteStream,
        name: str,
        channel: Channel,
        *,
        idempotency: str | None = None,
        parent_id: int | None = None,
        replaces: int | None = None,
        interactive: bool = True,
        cut: Cut | None = None,
    ) -> Receipt:
        """Keep a file and give its receipt, which survives a power cut from that moment on.

        `replaces` is the document whose picture this one takes the place of (`intake.retake.give_way`, whose errors
        are raised). `cut` says where the sender saw the paper on the picture; all of the picture is kept. A stream is read to its end in blocks. A retry with the same `idempotency` key (of any length, the sender's
        own) and the same bytes gets the first receipt again. Raises ForbiddenError; OSError when the bytes could
        not be made durable, and then nothing has been received.
        """
        require(actor, Action.SUBMIT)
        stored = self.files.take(io.BytesIO(data) if isinstance(data, bytes) else data)
        new = NewDocument(
            sha256=stored.sha256,
            size=stored.size,
            name=safe_name(name),
            channel=channel,
            interactive=interactive,
            submitted_by=actor.id,
            parent_id=parent_id,
            idempotency=_scoped(actor, idempotency, stored),
            reason=refusal(stored.size, self.settings.max_upload),
            cut=cut,
        )
        accepted, repeated = self._accept(actor, new, replaces)
        if not repeated and not accepted.reason:
            announce(self.courier, accepted.id, interactive=interactive)
        return Receipt(accepted.id, accepted.receipt, stored.sha256, stored.size, repeated, accepted.reason)

    def _accept(self, actor: Actor, new: NewDocument, replaces: int | None) -> tuple[Accepted, bool]:
        now = self.clock()
        if new.idempotency is not None:
            with read(self.engine) as conn:
                earlier = find_document(conn, new.idempotency)
            if earlier is not None:
                return earlier, True
        try:
            with write(self.engine) as conn:
                accepted = insert_document(conn, new, now)
                for event in received_events(accepted, new):
                    who = actor if event.action == "received" else SERVICE
                    audit.record(conn, who, event.action, event.subject, event.detail, now)
                if replaces is not None:
                    for event in give_way(conn, replaces, accepted.id, actor, now):
                        audit.record(conn, actor, event.action, event.subject, event.detail, now)
        except AlreadyThereError:  # the same attempt, a moment earlier, in another thread
            with read(self.engine) as conn:
                return _found(find_document(conn, new.idempotency or "")), True
        return accepted, False


def announce(courier: Courier, document_id: int, *, interactive: bool) -> None:
    """Send an announcement; a failure is only logged, since the row is the truth and the sweep sends again."""
    try:
        courier.send(document_id, interactive=interactive)
    except Exception:
        log.exception("announcement failed, the sweep will send it", document=document_id)


def refusal(size: int, most: int) -> str:
    """Why a file of this size is refused at once, or nothing."""
    if size == 0:
        return EmptyFileError.code
    return TooLargeError.code if size > most else ""


def safe_name(name: str) -> str:
    """A sender's file name without folders, control and direction characters, at most 150 characters long."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(letter for letter in last if not unicodedata.category(letter).startswith("C"))
    kept = " ".join(kept.split()).strip(". ") or UNNAMED
    if len(kept) <= LONGEST_NAME:
        return kept
    stem, dot, suffix = kept.rpartition(".")
    if not dot or len(suffix) > 10:
        return kept[:LONGEST_NAME].rstrip(". ")
    return f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"


def _scoped(actor: Actor, key: str | None, stored: StoredFile) -> str | None:
    """A key is its sender's own, and names these bytes: nobody gets another's receipt, no other file is lost by it."""
    if key is None:
        return None
    return hashlib.sha256(f"{actor.id}\n{stored.sha256}\n{key}".encode("utf-8", "replace")).hexdigest()


def _found(earlier: Accepted | None) -> Accepted:
    if earlier is None:
        raise RuntimeError("a document that stood in the way is not there")
    return earlier

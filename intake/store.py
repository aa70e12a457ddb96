"""Rows of documents and of what was decided about them. Each function works in the caller's transaction.

Rows are locked in one order everywhere (document, receipt counter, invoices by key, end of the audit chain), so
that writers on PostgreSQL never wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

import sqlalchemy as sa

from intake import audit, likenesses
from intake.clock import day_of
from intake.codec import encode
from intake.db import documents, extractions, pages, receipt_days
from intake.errors import ClaimLostError
from intake.filing import Event, InvoiceOutcome, Outcome, insert_into, open_unread
from intake.joining import file_decisions
from intake.model import SERVICE, Channel, Cut, Decided, DocumentState, Rejected, Unpacked, Verdict
from ocr.types import ADVICE, Extraction

NOTHING_FOUND: Final = "not_an_invoice"
NO_MEMBERS: Final = "no_pages"


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A file whose bytes are durable. `idempotency` is at most 64 characters; `reason` refuses it at the door."""

    sha256: str
    size: int
    name: str
    channel: Channel
    interactive: bool
    submitted_by: int | None = None
    parent_id: int | None = None
    idempotency: str | None = None
    reason: str = ""
    cut: Cut | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The row of a file: new, or the one that an earlier attempt with the same idempotency key made."""

    id: int
    receipt: str
    reason: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A document in the hands of one worker: `token` is the fence, `attempts` counts this one."""

    document_id: int
    token: str
    attempts: int
    sha256: str
    name: str
    lease_until: datetime
    cut: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """The picture of a page: size of the upright page in pixels, SHA-256 of the JPEG (None: it could not be drawn)."""

    page: int
    width: int
    height: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a document, and its members that now wait (id, interactive)."""

    state: DocumentState
    reason: str = ""
    waiting: tuple[tuple[int, bool], ...] = ()
    events: tuple[Event, ...] = ()


class AlreadyThereError(Exception):
    """A row with this idempotency key exists; the caller must roll back, since a receipt number has been taken."""


def insert_document(conn: sa.Connection, new: NewDocument, now: datetime) -> Accepted:
    """Make the row and its receipt, which counts up within a day in China without gaps. Raises AlreadyThereError."""
    receipt = _next_receipt(conn, now)
    refused = bool(new.reason)
    statement = insert_into(conn, documents).values(
        receipt=receipt,
        sha256=new.sha256,
        name=new.name,
        size=new.size,
        channel=new.channel.value,
        parent_id=new.parent_id,
        submitted_by=new.submitted_by,
        received_at=now,
        state=(DocumentState.REJECTED if refused else DocumentState.QUEUED).value,
        reason=new.reason,
        interactive=new.interactive,
        due_at=now,
        sent_at=now,  # the announcement follows the commit; if it is lost, the sweep sees how old this is
        done_at=now if refused else None,
        idempotency=new.idempotency,
        cut=list(new.cut) if new.cut else None,
    )
    inserted = conn.execute(
        statement.on_conflict_do_nothing(index_elements=["idempotency"]).returning(documents.c.id)
    ).scalar_one_or_none()
    if inserted is None:
        raise AlreadyThereError(new.idempotency)
    return Accepted(inserted, receipt, new.reason)


def find_document(conn: sa.Connection, idempotency: str) -> Accepted | None:
    """The row an earlier attempt with this key made."""
    row = conn.execute(
        sa.select(documents.c.id, documents.c.receipt, documents.c.reason).where(documents.c.idempotency == idempotency)
    ).one_or_none()
    return None if row is None else Accepted(row.id, row.receipt, row.reason)


def received_events(accepted: Accepted, new: NewDocument) -> list[Event]:
    """What the audit log says of a received file, and of its refusal at the door if it was refused."""
    subject = f"document:{accepted.id}"
    detail = {"receipt": accepted.receipt, "sha256": new.sha256, "channel": new.channel.value}
    events = [Event("received", subject, detail)]
    if new.reason:
        events.append(Event("rejected", subject, {"reason": new.reason}))
    return events


def publish(
    conn: sa.Connection,
    claim: Claim,
    verdict: Verdict,
    now: datetime,
    *,
    previews: Sequence[Preview] = (),
    members: Sequence[NewDocument] = (),
) -> Published:
    """Write everything that follows from a verdict, if the claim still holds. Raises ClaimLostError, and OvertakenError
    when the decisions must be made anew (`intake.joining.file_decisions`).

    `members` are the files of an `Unpacked` archive, in its order, their bytes durable.
    """
    _fence(conn, claim)
    match verdict:
        case Decided(extraction=extraction, decisions=decisions):
            _keep_reading(conn, claim, extraction, previews, now)
            outcomes = file_decisions(conn, claim.document_id, decisions, now, extraction)
            published = _sum_up(claim, outcomes)
        case Rejected(reason=reason, extraction=extraction):
            if extraction is not None:
                _keep_reading(conn, claim, extraction, previews, now)
            published = _rejected(claim, reason)
        case Unpacked():
            published = _unpacked(conn, claim, members, now)
        case _:
            assert_never(verdict)
    _finish(conn, claim, published, now)
    return published


def give_up(conn: sa.Connection, claim: Claim, reason: str, now: datetime) -> Published:
    """Hand a document that breaks its reader to a person, who keys it in. Raises ClaimLostError."""
    _fence(conn, claim)
    outcome = open_unread(conn, claim.document_id, reason, claim.attempts, now)
    published = Published(DocumentState.NEEDS_REVIEW, reason, events=outcome.events)
    _finish(conn, claim, published, now)
    return published


def _next_receipt(conn: sa.Connection, now: datetime) -> str:
    day = day_of(now)
    given = conn.execute(
        insert_into(conn, receipt_days)
        .values(day=day, given=1)
        .on_conflict_do_update(index_elements=["day"], set_={"given": receipt_days.c.given + 1})
        .returning(receipt_days.c.given)
    ).scalar_one()
    return f"{day:%Y%m%d}-{given:06d}"


def _fence(conn: sa.Connection, claim: Claim) -> None:
    """Lock the row, if it is still ours."""
    held = (documents.c.id == claim.document_id) & (documents.c.claim == claim.token)
    taken = conn.execute(
        sa.update(documents).where(held, documents.c.state == DocumentState.WORKING.value).values(claim=None)
    )
    if taken.rowcount != 1:
        raise ClaimLostError(f"document {claim.document_id}")


def _finish(conn: sa.Connection, claim: Claim, published: Published, now: datetime) -> None:
    conn.execute(
        sa.update(documents)
        .where(documents.c.id == claim.document_id)
        .values(state=published.state.value, reason=published.reason[:32], lease_until=None, done_at=now)
    )
    for event in published.events:
        audit.record(conn, SERVICE, event.action, event.subject, event.detail, now)


def _keep_reading(
    conn: sa.Connection, claim: Claim, extraction: Extraction, previews: Sequence[Preview], now: datetime
) -> None:
    likenesses.keep(conn, claim.document_id, extraction.pages)
    conn.execute(sa.insert(extractions).values(document_id=claim.document_id, body=encode(extraction), read_at=now))
    advice = [encode(problem) for problem in extraction.problems if problem.code in ADVICE]
    if advice:
        conn.execute(sa.update(documents).where(documents.c.id == claim.document_id).values(advice=advice))
    for preview in previews:
        conn.execute(
            sa.insert(pages).values(
                document_id=claim.document_id,
                page=preview.page,
                width=preview.width,
                height=preview.height,
                preview=preview.sha256,
            )
        )


def _sum_up(claim: Claim, outcomes: Sequence[Outcome]) -> Published:
    """One state for a document with several invoices: the one that asks most of a person."""
    events = tuple(event for outcome in outcomes for event in outcome.events)
    for state in (InvoiceOutcome.NEEDS_REVIEW, InvoiceOutcome.FILED, InvoiceOutcome.ATTACHED):
        found = [outcome for outcome in outcomes if outcome.outcome is state]
        if found:
            return Published(DocumentState(state.value), found[0].cause, events=events)
    return _rejected(claim, NOTHING_FOUND)


def _rejected(claim: Claim, reason: str) -> Published:
    event = Event("rejected", f"document:{claim.document_id}", {"reason": reason})
    return Published(DocumentState.REJECTED, reason, events=(event,))


def _unpacked(conn: sa.Connection, claim: Claim, members: Sequence[NewDocument], now: datetime) -> Published:
    if not members:
        return _rejected(claim, NO_MEMBERS)
    events = [Event("unpacked", f"document:{claim.document_id}", {"members": len(members)})]
    waiting = []
    for member in members:
        accepted = insert_document(conn, member, now)
        events += received_events(accepted, member)
        if not member.reason:
            waiting.append((accepted.id, member.interactive))
    return Published(DocumentState.UNPACKED, waiting=tuple(waiting), events=tuple(events))

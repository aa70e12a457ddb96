"""Who works on what: claims with a lease and a fencing token, the sweep, and turns of periodic work.

A claim is one UPDATE. A worker that outlives its lease loses the document: whatever it publishes later meets a token
that is no longer there. Announcements only say that something is due, never what.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from intake.db import documents, read, slots, write
from intake.errors import ClaimLostError
from intake.filing import insert_into
from intake.model import DocumentState
from intake.ports import Courier
from intake.store import Claim, give_up
from ocr.errors import CrashedError

SOON: Final = timedelta(seconds=30)  # an announcement of a waiting person's file is lost when it is older than this
BATCH: Final = 1000  # most announcements of one sweep
KEPT_SLOTS: Final = timedelta(days=40)

_QUEUED: Final = DocumentState.QUEUED.value
_WORKING: Final = DocumentState.WORKING.value
_CLAIM_COLUMNS: Final = (
    documents.c.id,
    documents.c.claim,
    documents.c.attempts,
    documents.c.sha256,
    documents.c.name,
    documents.c.lease_until,
    documents.c.cut,
)


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: leases voided, documents handed to a person, announcements sent."""

    voided: int = 0
    given_up: int = 0
    sent: int = 0


def claim(engine: sa.Engine, now: datetime, lease: float) -> Claim | None:
    """Take the next due document for `lease` seconds, those a person waits for first; None when nothing is due."""
    due = (
        sa.select(documents.c.id)
        .where(documents.c.state == _QUEUED, documents.c.due_at <= now)
        .order_by(documents.c.interactive.desc(), documents.c.due_at, documents.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)  # PostgreSQL; SQLite has one writer at a time
    )
    statement = (
        sa.update(documents)
        .where(documents.c.id == due.scalar_subquery(), documents.c.state == _QUEUED)
        .values(
            state=_WORKING,
            claim=str(uuid.uuid4()),
            lease_until=now + timedelta(seconds=lease),
            attempts=documents.c.attempts + 1,
        )
        .returning(*_CLAIM_COLUMNS)
    )
    with write(engine) as conn:
        row = conn.execute(statement).one_or_none()
    return None if row is None else Claim(*row)


def renew(engine: sa.Engine, held: Claim, now: datetime, lease: float) -> None:
    """Hold a document longer. Raises ClaimLostError when another has taken it over."""
    with write(engine) as conn:
        renewed = conn.execute(
            sa.update(documents)
            .where(documents.c.id == held.document_id, documents.c.claim == held.token)
            .values(lease_until=now + timedelta(seconds=lease))
        )
    if renewed.rowcount != 1:
        raise ClaimLostError(f"document {held.document_id}")


def put_back(engine: sa.Engine, held: Claim, due_at: datetime, *, counted: bool = True) -> None:
    """Give a document back to be tried again at `due_at`. Nothing happens to a lost claim.

    Not `counted`: the attempt failed for want of disk or database, which says nothing about the document.
    """
    attempts = documents.c.attempts if counted else documents.c.attempts - 1
    with write(engine) as conn:
        conn.execute(
            sa.update(documents)
            .where(documents.c.id == held.document_id, documents.c.claim == held.token)
            .values(state=_QUEUED, claim=None, lease_until=None, due_at=due_at, attempts=attempts)
        )


def sweep(engine: sa.Engine, courier: Courier, now: datetime, attempts: int) -> Swept:
    """Void dead leases, hand what has broken its reader `attempts` times to a person, announce what is due again.

    Leases are voided even when the courier is away; its errors are raised after that.
    """
    voided, given_up = _void(engine, documents.c.lease_until <= now, now, attempts)
    return Swept(voided, given_up, _announce(engine, courier, now, SOON))


def recover(engine: sa.Engine, courier: Courier, now: datetime, attempts: int) -> Swept:
    """At the start of the only process that works: nobody holds a lease, and the queue is made anew from the rows."""
    voided, given_up = _void(engine, sa.true(), now, attempts)
    courier.flush()
    return Swept(voided, given_up, _announce(engine, courier, now, timedelta(0)))


def take_slot(engine: sa.Engine, name: str, now: datetime, period: timedelta) -> bool:
    """Whether this caller does the periodic work `name` this time: the first to insert the slot's row does."""
    slot = datetime.fromtimestamp(now.timestamp() // period.total_seconds() * period.total_seconds(), UTC)
    with read(engine) as conn:
        if conn.execute(sa.select(slots.c.slot).where(slots.c.name == name, slots.c.slot >= slot)).first() is not None:
            return False
    with write(engine) as conn:
        won = conn.execute(
            insert_into(conn, slots).values(name=name, slot=slot).on_conflict_do_nothing().returning(slots.c.slot)
        ).one_or_none()
        conn.execute(sa.delete(slots).where(slots.c.name == name, slots.c.slot < now - KEPT_SLOTS))
    return won is not None


def _void(engine: sa.Engine, dead: sa.ColumnElement[bool], now: datetime, attempts: int) -> tuple[int, int]:
    with read(engine) as conn:
        held = [
            Claim(*row) for row in conn.execute(sa.select(*_CLAIM_COLUMNS).where(documents.c.state == _WORKING, dead))
        ]
    given_up = 0
    for each in held:
        if each.attempts < attempts:
            put_back(engine, each, now)
            continue
        try:
            with write(engine) as conn:
                give_up(conn, each, CrashedError.code, now)
                given_up += 1
        except ClaimLostError:  # its worker has published at the last moment, or another sweep was faster
            continue
    return len(held) - given_up, given_up


def _announce(engine: sa.Engine, courier: Courier, now: datetime, age: timedelta) -> int:
    """Send again what a person waits for by its age, and the bulk only when the queue is empty."""
    due = (documents.c.state == _QUEUED) & (documents.c.due_at <= now)
    urgent = due & documents.c.interactive & (sa.func.coalesce(documents.c.sent_at, documents.c.due_at) <= now - age)
    wanted = sa.or_(urgent, due & ~documents.c.interactive) if courier.depth() == 0 else urgent
    with read(engine) as conn:
        rows = conn.execute(
            sa.select(documents.c.id, documents.c.interactive)
            .where(wanted)
            .order_by(documents.c.interactive.desc(), documents.c.due_at, documents.c.id)
            .limit(BATCH)
        ).all()
    for row in rows:
        courier.send(row.id, interactive=row.interactive)
    if rows:
        with write(engine) as conn:
            conn.execute(sa.update(documents).where(documents.c.id.in_([row.id for row in rows])).values(sent_at=now))
    return len(rows)

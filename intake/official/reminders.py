"""What is to be done later about official answers: kept as rows, closed by the next answer, escalated on the third day."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from intake import audit
from intake.clock import day_of
from intake.db import invoices, read, reminders, verifications, write
from intake.model import SERVICE, InvoiceState, Role
from intake.official.schedule import PATIENCE, FollowUp, Reminder, escalates_at

_ASKED_AGAIN: Final = (FollowUp.ASK_AGAIN.value, FollowUp.ASK_TOMORROW.value)


def replace(conn: sa.Connection, invoice_id: int, reminder: Reminder | None, now: datetime) -> None:
    """Close the open reminders of an invoice and set another, in the caller's transaction."""
    conn.execute(sa.update(reminders).where(_open(invoice_id)).values(done_at=now))
    _insert(conn, invoice_id, reminder)


def postpone(conn: sa.Connection, invoice_id: int, reminder: Reminder | None, now: datetime) -> None:
    """After a fault of the interface, in the caller's transaction: what is due stays open and is due a little later;
    `reminder` comes beside it unless it is there already.
    """
    mine, again = _open(invoice_id), reminders.c.what.in_(_ASKED_AGAIN)
    due = sa.and_(mine, again, reminders.c.due_at <= now)
    conn.execute(sa.update(reminders).where(due).values(due_at=now + PATIENCE))
    if reminder is not None:
        same = sa.select(reminders.c.id).where(mine, reminders.c.what == reminder.what.value).limit(1)
        if conn.execute(same).first() is None:
            _insert(conn, invoice_id, reminder)


def _open(invoice_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(reminders.c.invoice_id == invoice_id, reminders.c.done_at.is_(None))


def _insert(conn: sa.Connection, invoice_id: int, reminder: Reminder | None) -> None:
    if reminder is not None:
        values = {"what": reminder.what.value, "role": reminder.role.value, "due_at": reminder.due_at}
        conn.execute(sa.insert(reminders).values(invoice_id=invoice_id, **values))


def settle(engine: sa.Engine, now: datetime) -> int:
    """Close the reminders of invoices that no longer wait for a person; returns how many."""
    waiting = sa.select(invoices.c.id).where(invoices.c.state == InvoiceState.NEEDS_REVIEW.value)
    over = sa.and_(reminders.c.done_at.is_(None), reminders.c.invoice_id.not_in(waiting))
    with read(engine) as conn:
        if conn.execute(sa.select(reminders.c.id).where(over).limit(1)).first() is None:
            return 0
    with write(engine) as conn:
        return conn.execute(sa.update(reminders).where(over).values(done_at=now)).rowcount


def to_ask(engine: sa.Engine, now: datetime) -> list[int]:
    """The invoices that an interface may be asked about again, the longest due first."""
    query = (
        sa.select(reminders.c.invoice_id)
        .where(reminders.c.done_at.is_(None), reminders.c.due_at <= now, reminders.c.what.in_(_ASKED_AGAIN))
        .order_by(reminders.c.due_at, reminders.c.id)
    )
    with read(engine) as conn:
        return list(conn.scalars(query))


def escalate(engine: sa.Engine, now: datetime) -> list[int]:
    """Hand to the supervisor what was not found and not asked again by 10:00 of the third day; returns the invoices."""
    first = (
        sa.select(verifications.c.invoice_id, sa.func.min(verifications.c.day).label("day"))
        .group_by(verifications.c.invoice_id)
        .subquery()
    )
    query = (
        sa.select(reminders.c.id, reminders.c.invoice_id, invoices.c.date, first.c.day)
        .join(invoices, invoices.c.id == reminders.c.invoice_id)
        .outerjoin(first, first.c.invoice_id == reminders.c.invoice_id)
        .where(
            reminders.c.done_at.is_(None),
            reminders.c.due_at <= now + PATIENCE,  # one that a fault of the interface has put off is late all the same
            reminders.c.what == FollowUp.ASK_AGAIN.value,
        )
        .order_by(reminders.c.id)
    )
    with read(engine) as conn:
        due = conn.execute(query).all()
    late = [row for row in due if escalates_at(row.date or row.day or day_of(now), now) <= now]
    return [row.invoice_id for row in late if _escalate(engine, row.id, row.invoice_id, now)]


def _escalate(engine: sa.Engine, reminder_id: int, invoice_id: int, now: datetime) -> bool:
    """Whether the reminder was still open: two that run at once escalate once."""
    with write(engine) as conn:
        mine = sa.and_(reminders.c.id == reminder_id, reminders.c.done_at.is_(None))
        if conn.execute(sa.update(reminders).where(mine).values(done_at=now)).rowcount != 1:
            return False
        replace(conn, invoice_id, Reminder(FollowUp.ESCALATE, Role.SUPERVISOR, now), now)
        audit.record(conn, SERVICE, "official_escalated", f"invoice:{invoice_id}", {}, now)
        return True

"""A supervisor decides between two papers with one key and other values (domain.md §9.5.3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from intake import names
from intake.clearance import MANUAL
from intake.codec import decode
from intake.conflicts import Conflict, Settlement, found
from intake.db import conflicts, documents, invoices, register_rows, renditions, tasks, uses
from intake.errors import ConflictUsedError, ReasonMissingError, TaskStateError
from intake.filing import Event
from intake.model import Actor, Invoice, InvoiceState, TaskState
from intake.tasks import settle_documents

REASON: Final = "key_conflict"


def settle(
    conn: sa.Connection, actor: Actor, conflict_id: int, settlement: Settlement, comment: str, now: datetime
) -> list[Event]:
    """Decide a conflict; whoever is refused keeps its files. Raises ReasonMissingError without a comment, TaskStateError
    when it is no longer open, ConflictUsedError when the first is to give way and is used for a voucher.
    """
    said = comment.strip()
    if not said:
        raise ReasonMissingError(f"conflict {conflict_id}")
    files = _lock(conn, conflict_id)
    (conflict,) = found(conn, conflicts.c.id == conflict_id) or (None,)
    if conflict is None:
        raise TaskStateError(f"conflict {conflict_id} is no longer open")
    values = {"decision": settlement.value, "decided_by": actor.id, "decided_at": now, "comment": said}
    conn.execute(sa.update(conflicts).where(conflicts.c.id == conflict_id).values(**values))
    events: list[Event] = []
    if settlement is not Settlement.KEEP_FIRST:
        _refuse_used(conn, conflict.first_id)
        _refuse(conn, conflict.first_id, now)
    if settlement is Settlement.KEEP_SECOND:
        events += _hand_over(conn, conflict)
    else:
        _refuse(conn, conflict.second_id, now)
    settle_documents(conn, files, REASON, now)
    detail = {"settlement": settlement.value, "comment": said, "reason": "duplicate"}
    told = [Event("conflict_decided", f"invoice:{one}", detail) for one in (conflict.first_id, conflict.second_id)]
    return [*told, *events]


def _lock(conn: sa.Connection, conflict_id: int) -> tuple[int, ...]:
    """The files of both papers, then their tasks and rows, in the order in which everybody locks them."""
    pair = sa.select(conflicts.c.first_id, conflicts.c.second_id).where(conflicts.c.id == conflict_id)
    both = tuple(conn.execute(pair).first() or ())
    of_them = sa.select(renditions.c.document_id).where(renditions.c.invoice_id.in_(both))
    locked = sa.select(documents.c.id).where(documents.c.id.in_(of_them)).order_by(documents.c.id).with_for_update()
    files = tuple(conn.scalars(locked))
    for table, column in ((tasks, tasks.c.invoice_id), (invoices, invoices.c.id)):
        conn.execute(sa.select(table.c.id).where(column.in_(both)).order_by(table.c.id).with_for_update()).all()
    return files


def _refuse_used(conn: sa.Connection, invoice_id: int) -> None:
    if conn.execute(sa.select(uses.c.invoice_id).where(uses.c.invoice_id == invoice_id)).first() is not None:
        raise ConflictUsedError(f"invoice {invoice_id}")


def _refuse(conn: sa.Connection, invoice_id: int, now: datetime) -> None:
    ended: dict[str, Any] = {
        "claimed_by": None,
        "claimed_until": None,
        "state": TaskState.CLOSED.value,
        "closed_at": now,
    }
    open_states = [state.value for state in TaskState if state not in {TaskState.CLOSED, TaskState.VERIFIED}]
    conn.execute(
        sa.update(tasks).where(tasks.c.invoice_id == invoice_id, tasks.c.state.in_(open_states)).values(**ended)
    )
    refused = {"state": InvoiceState.REFUSED.value, "version": invoices.c.version + 1}
    conn.execute(sa.update(invoices).where(invoices.c.id == invoice_id).values(**refused))


def _hand_over(conn: sa.Connection, conflict: Conflict) -> list[Event]:
    """The key goes to the second, which waits to be keyed and verified as any other; what people had entered into the
    register of the first goes with it.
    """
    first = conn.execute(sa.select(invoices.c.key).where(invoices.c.id == conflict.first_id)).scalar_one()
    second = conn.execute(sa.select(invoices.c.fields).where(invoices.c.id == conflict.second_id)).scalar_one()
    conn.execute(sa.update(invoices).where(invoices.c.id == conflict.first_id).values(key=None))
    names.give_up(conn, [conflict.first_id])
    invoice = decode(Invoice, second)
    key = names.key_for(invoice) or first
    named = names.names_of(invoice, key)
    values = {"key": key, "version": invoices.c.version + 1}
    conn.execute(sa.update(invoices).where(invoices.c.id == conflict.second_id).values(**values))
    names.take(conn, conflict.second_id, named)
    keyed = sa.and_(register_rows.c.key.in_(named), register_rows.c.source == MANUAL)
    gone = conn.execute(sa.delete(register_rows).where(keyed).returning(register_rows.c.id)).scalars().all()
    return [Event("register_row_removed", f"register:{row}", {"key": key, "source": MANUAL}) for row in gone]

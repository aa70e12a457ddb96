"""Rows of review tasks: locked in one order, told apart by state and holder. Each function works in the caller's
writing transaction.

Rows are locked in the order of `intake/store.py`: documents, then the task, then the invoice, the audit chain last.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar

import sqlalchemy as sa

from intake.codec import decode
from intake.db import documents, invoices, renditions, tasks
from intake.entries import Entry
from intake.errors import NotFoundError, OwnEntryError, TaskStateError, TaskTakenError
from intake.filing import Event, InvoiceOutcome
from intake.model import Actor, Cause, DocumentState, Invoice, InvoiceState, TaskState
from intake.roles import Action, require

T = TypeVar("T")
Written: TypeAlias = tuple[T, list[Event]]
"""What an act returns, and what the audit log says of it."""

TO_KEY: Final = frozenset({TaskState.OPEN, TaskState.CLAIMED})
TO_DECIDE: Final = frozenset({TaskState.DISPUTED})
KEYED: Final = frozenset({TaskState.ENTERED, TaskState.DISPUTED})
WAITING: Final = TO_KEY | KEYED
FREE: Final[Mapping[str, None]] = {"claimed_by": None, "claimed_until": None}


@dataclass(frozen=True, slots=True)
class Held:
    """A task with its invoice, locked until the transaction ends."""

    id: int
    state: TaskState
    cause: Cause
    blind: str  # the ground of the control that an entry needs (intake.risk.Ground); empty before the entry
    claimed_by: int | None
    claimed_until: datetime | None
    entered_by: int | None
    verified_by: int | None
    draft: Entry | None
    entry: Entry | None
    second: Entry | None
    comment: str
    invoice_id: int
    invoice: Invoice
    invoice_state: InvoiceState
    key: str | None
    version: int
    documents: tuple[int, ...]

    def taken_from(self, actor: Actor, now: datetime) -> bool:
        """Whether somebody else holds the task and the lease runs."""
        return (
            self.claimed_by is not None
            and self.claimed_by != actor.id
            and self.claimed_until is not None
            and self.claimed_until > now
        )


def hold(conn: sa.Connection, task_id: int) -> Held:
    """Lock a task with the documents of its invoice. Raises NotFoundError."""
    invoice_id = conn.execute(sa.select(tasks.c.invoice_id).where(tasks.c.id == task_id)).scalar_one_or_none()
    if invoice_id is None:
        raise NotFoundError(f"task {task_id}")
    files = lock_documents(conn, invoice_id)
    row = conn.execute(sa.select(tasks).where(tasks.c.id == task_id).with_for_update()).one()
    invoice = conn.execute(sa.select(invoices).where(invoices.c.id == invoice_id).with_for_update()).one()
    return Held(
        id=row.id,
        state=TaskState(row.state),
        cause=Cause(row.cause),
        blind=row.blind,
        claimed_by=row.claimed_by,
        claimed_until=row.claimed_until,
        entered_by=row.entered_by,
        verified_by=row.verified_by,
        draft=_entry(row.draft),
        entry=_entry(row.entry),
        second=_entry(row.second),
        comment=row.comment,
        invoice_id=invoice_id,
        invoice=decode(Invoice, invoice.fields),
        invoice_state=InvoiceState(invoice.state),
        key=invoice.key,
        version=invoice.version,
        documents=files,
    )


def lock_documents(conn: sa.Connection, invoice_id: int) -> tuple[int, ...]:
    """Lock the files of an invoice, in the order of their ids."""
    of_it = sa.select(renditions.c.document_id).where(renditions.c.invoice_id == invoice_id)
    locked = sa.select(documents.c.id).where(documents.c.id.in_(of_it)).order_by(documents.c.id).with_for_update()
    return tuple(conn.scalars(locked))


def require_state(task: Held, states: Collection[TaskState], actor: Actor, now: datetime) -> None:
    """Raise TaskStateError in any other state and TaskTakenError when a colleague holds the task."""
    if task.state not in states:
        raise TaskStateError(f"task {task.id} is {task.state}")
    if task.taken_from(actor, now):
        raise TaskTakenError(f"task {task.id} is held by account {task.claimed_by}")


def require_step(task: Held, actor: Actor) -> None:
    """Whether the actor may take the next step of a task: by role, and by not being one of its people.

    Raises ForbiddenError, OwnEntryError.
    """
    if task.state in TO_KEY:
        require(actor, Action.ENTER)
        return
    require(actor, Action.VERIFY if task.state is TaskState.ENTERED else Action.ADJUDICATE)
    if actor.id is None or actor.id in {task.entered_by, task.verified_by}:
        raise OwnEntryError(f"task {task.id}")


def keyed(entry: Entry | None) -> Entry:
    """An entry that must be there. Raises TaskStateError."""
    if entry is None:
        raise TaskStateError("nothing has been keyed")
    return entry


def update_task(conn: sa.Connection, task: Held, **values: Any) -> None:
    """Write columns of a held task; it must still be as it was read. Raises TaskStateError."""
    same = sa.and_(tasks.c.id == task.id, tasks.c.state == task.state.value)
    if conn.execute(sa.update(tasks).where(same).values(**values)).rowcount != 1:
        raise TaskStateError(f"task {task.id}")


def update_invoice(conn: sa.Connection, invoice_id: int, version: int, **values: Any) -> None:
    """Write columns of an invoice that is still at this version. Raises TaskStateError."""
    same = sa.and_(invoices.c.id == invoice_id, invoices.c.version == version)
    changed = conn.execute(sa.update(invoices).where(same).values(version=version + 1, **values))
    if changed.rowcount != 1:
        raise TaskStateError(f"invoice {invoice_id}")


def settle_renditions(conn: sa.Connection, invoice_id: int) -> None:
    """Mark the renditions that waited for a person as filed."""
    waiting = sa.and_(renditions.c.invoice_id == invoice_id, renditions.c.outcome == InvoiceOutcome.NEEDS_REVIEW.value)
    conn.execute(sa.update(renditions).where(waiting).values(outcome=InvoiceOutcome.FILED.value))


def settle_documents(conn: sa.Connection, document_ids: Collection[int], reason: str, now: datetime) -> None:
    """Bring the state of files up to what became of the invoices in them.

    One that still waits for a person decides, then one on file, then an attachment; a file whose invoices were all
    refused is rejected with `reason`.
    """
    for document_id in document_ids:
        rows = conn.execute(
            sa.select(renditions.c.outcome, invoices.c.state)
            .join(invoices, invoices.c.id == renditions.c.invoice_id)
            .where(renditions.c.document_id == document_id)
        ).all()
        attached = InvoiceOutcome.ATTACHED.value
        states = {attached if row.outcome == attached else row.state for row in rows}
        if InvoiceState.NEEDS_REVIEW.value in states:
            values: dict[str, Any] = {"state": DocumentState.NEEDS_REVIEW.value}
        elif InvoiceState.FILED.value in states:
            values = {"state": DocumentState.FILED.value, "reason": ""}
        elif attached in states:
            values = {"state": DocumentState.ATTACHED.value, "reason": ""}
        else:
            values = {"state": DocumentState.REJECTED.value, "reason": reason[:32]}
        conn.execute(sa.update(documents).where(documents.c.id == document_id).values(done_at=now, **values))


def _entry(stored: object) -> Entry | None:
    return None if stored is None else decode(Entry, stored)

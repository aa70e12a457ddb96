"""A paper that is no invoice – a card slip, a ride list, a folio – is kept with the invoice it belongs to, as a person says."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from intake.carriers import Form
from intake.db import invoices, renditions
from intake.diagnosis.case import ATTACHMENTS
from intake.errors import NotFoundError, TaskStateError
from intake.filing import Event, InvoiceOutcome
from intake.model import InvoiceState, TaskState
from intake.tasks import Held, settle_documents, update_invoice, update_task


def attach(conn: sa.Connection, task: Held, invoice_id: int, now: datetime) -> list[Event]:
    """Move the files of a held task to an invoice on file and close the task.

    Raises TaskStateError when the paper is an invoice itself, NotFoundError when there is no such invoice.
    """
    if task.invoice.kind not in ATTACHMENTS:
        raise TaskStateError(f"task {task.id} is of an invoice")
    there = sa.select(invoices.c.id).where(invoices.c.id == invoice_id, invoices.c.key.is_not(None))
    if conn.execute(there.with_for_update()).scalar_one_or_none() is None:
        raise NotFoundError(f"invoice {invoice_id}")
    of_it = renditions.c.invoice_id == task.invoice_id
    moved = {"invoice_id": invoice_id, "outcome": InvoiceOutcome.ATTACHED.value, "form": Form.ATTACHMENT.value}
    conn.execute(sa.update(renditions).where(of_it).values(**moved))
    update_task(conn, task, state=TaskState.CLOSED.value, closed_at=now, claimed_by=None, claimed_until=None)
    update_invoice(conn, task.invoice_id, task.version, state=InvoiceState.REFUSED.value)
    settle_documents(conn, task.documents, "", now)
    return [Event("attached", f"invoice:{invoice_id}", {"document": document}) for document in task.documents]

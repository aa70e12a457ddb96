"""An invoice on file is given back to the people, because something speaks against it. In the caller's transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from intake.codec import encode
from intake.db import documents, invoices, renditions, tasks
from intake.model import Diagnosis, InvoiceState, TaskState
from intake.tasks import lock_documents, settle_documents
from intake.turns import NOT_KEYED


def lock(conn: sa.Connection, invoice_id: int) -> tuple[int, ...]:
    """Lock the files of an invoice, its task and itself, in the order that holds everywhere; returns the files."""
    files = lock_documents(conn, invoice_id)
    conn.execute(sa.select(tasks.c.id).where(tasks.c.invoice_id == invoice_id).with_for_update()).all()
    conn.execute(sa.select(invoices.c.id).where(invoices.c.id == invoice_id).with_for_update()).all()
    return files


def take_back(
    conn: sa.Connection, invoice_id: int, files: tuple[int, ...], diagnosis: Diagnosis, now: datetime
) -> None:
    """Let the invoice, locked by :func:`lock`, wait for people again; what was keyed is its draft. The task is to be ranked."""
    conn.execute(
        sa.update(invoices)
        .where(invoices.c.id == invoice_id)
        .values(state=InvoiceState.NEEDS_REVIEW.value, diagnosis=encode(diagnosis), version=invoices.c.version + 1)
    )
    values: dict[str, Any] = {"state": TaskState.OPEN.value, "cause": diagnosis.cause.value, "opened_at": now}
    again = values | {
        "closed_at": None,
        "due_at": None,
        "claimed_by": None,
        "claimed_until": None,
        "draft": sa.func.coalesce(tasks.c.entry, tasks.c.draft),
        **NOT_KEYED,
    }
    if not conn.execute(sa.update(tasks).where(tasks.c.invoice_id == invoice_id).values(**again)).rowcount:
        first = sa.select(sa.func.min(renditions.c.document_id)).where(renditions.c.invoice_id == invoice_id)
        document_id = conn.execute(first).scalar_one()
        conn.execute(sa.insert(tasks).values(invoice_id=invoice_id, document_id=document_id, **values))
    settle_documents(conn, files, "", now)
    conn.execute(sa.update(documents).where(documents.c.id.in_(files)).values(reason=diagnosis.cause.value))

"""A rejected file is taken up again: an administrator or supervisor says that an invoice is on it after all."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from intake.codec import encode
from intake.db import documents, extractions, invoices, renditions, tasks
from intake.errors import NotFoundError, TaskStateError
from intake.filing import Event, InvoiceOutcome
from intake.model import (
    Cause,
    Diagnosis,
    DocumentState,
    Evidence,
    Invoice,
    InvoiceState,
    NextStep,
    Role,
    TaskState,
    Unmatched,
)
from intake.records import decision_columns, invoice_columns
from intake.turns import NOT_KEYED
from ocr.types import Box, Kind

REOPENED: Final = "reopened"


def reopen(conn: sa.Connection, document_id: int, now: datetime) -> tuple[int, list[Event]]:
    """The task to key, new or, when people had refused the invoices of the file, the first of theirs again.

    Raises NotFoundError, and TaskStateError when the file is not rejected.
    """
    found = sa.select(documents.c.state, documents.c.reason).where(documents.c.id == document_id).with_for_update()
    document = conn.execute(found).first()
    if document is None:
        raise NotFoundError(f"document {document_id}")
    if document.state != DocumentState.REJECTED.value:
        raise TaskStateError(f"document {document_id} is {document.state}")
    reopened = _again(conn, document_id, now) or [_fresh(conn, document_id, document.reason, now)]
    of_it = sa.select(renditions.c.invoice_id).where(renditions.c.document_id == document_id)
    files = sa.select(renditions.c.document_id).where(renditions.c.invoice_id.in_(of_it))
    rejected = sa.and_(documents.c.id.in_(files), documents.c.state == DocumentState.REJECTED.value)
    values = {"state": DocumentState.NEEDS_REVIEW.value, "reason": REOPENED, "done_at": now}
    conn.execute(sa.update(documents).where(rejected).values(**values))
    detail = {"reason": document.reason, "tasks": reopened}
    return reopened[0], [Event("reopened", f"document:{document_id}", detail)]


def _again(conn: sa.Connection, document_id: int, now: datetime) -> list[int]:
    """Open the tasks of the invoices that people had refused; their entries stay as drafts."""
    of_it = sa.select(renditions.c.invoice_id).where(renditions.c.document_id == document_id)
    refused = sa.and_(invoices.c.id.in_(of_it), invoices.c.state == InvoiceState.REFUSED.value)
    ids = list(conn.scalars(sa.select(invoices.c.id).where(refused).order_by(invoices.c.id).with_for_update()))
    if not ids:
        return []
    conn.execute(
        sa.update(invoices)
        .where(invoices.c.id.in_(ids))
        .values(state=InvoiceState.NEEDS_REVIEW.value, version=invoices.c.version + 1)
    )
    conn.execute(
        sa.update(tasks)
        .where(tasks.c.invoice_id.in_(ids))
        .values(
            state=TaskState.OPEN.value,
            opened_at=now,
            closed_at=None,
            draft=sa.func.coalesce(tasks.c.entry, tasks.c.draft),
            **NOT_KEYED,
        )
    )
    return list(conn.scalars(sa.select(tasks.c.id).where(tasks.c.invoice_id.in_(ids)).order_by(tasks.c.id)))


def _fresh(conn: sa.Connection, document_id: int, reason: str, now: datetime) -> int:
    """An invoice of unknown kind on all pages of the file, with a task."""
    evidence = Evidence(REOPENED, {"reason": reason}, f"document:{document_id}")
    diagnosis = Diagnosis(Cause.UNKNOWN, (evidence,), NextStep.KEY_AND_VERIFY, Role.CLERK)
    pages = _pages(conn, document_id)
    blank = Invoice(Kind.UNKNOWN, {}, pages)
    columns = invoice_columns(blank) | decision_columns((), Unmatched(), diagnosis)
    columns |= {"state": InvoiceState.NEEDS_REVIEW.value, "created_at": now}
    invoice_id = conn.execute(sa.insert(invoices).values(**columns).returning(invoices.c.id)).scalar_one()
    conn.execute(
        sa.insert(renditions).values(
            invoice_id=invoice_id,
            document_id=document_id,
            receipt_index=0,
            outcome=InvoiceOutcome.NEEDS_REVIEW.value,
            pages=list(pages),
            region=encode(None, Box | None),
        )
    )
    made = sa.insert(tasks).values(
        invoice_id=invoice_id,
        document_id=document_id,
        state=TaskState.OPEN.value,
        cause=Cause.UNKNOWN.value,
        opened_at=now,
    )
    return int(conn.execute(made.returning(tasks.c.id)).scalar_one())


def _pages(conn: sa.Connection, document_id: int) -> tuple[int, ...]:
    body = conn.execute(sa.select(extractions.c.body).where(extractions.c.document_id == document_id)).scalar()
    return tuple(page["index"] for page in body["pages"]) if body and body["pages"] else (0,)

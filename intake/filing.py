"""What is written for each decision: an invoice with its rendition and, for a person, a review task.

`file_decisions` in `intake/joining.py` says which invoice a paper becomes; here are the rows. A key belongs to the first
invoice for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, unique
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from intake import names
from intake.carriers import Form
from intake.codec import encode
from intake.db import invoices, renditions, tasks
from intake.model import (
    Cause,
    Diagnosis,
    Evidence,
    Filed,
    Finding,
    Invoice,
    InvoiceState,
    Matched,
    MatchOutcome,
    NeedsReview,
    NextStep,
    Role,
    TaskState,
    Unmatched,
)
from intake.records import decision_columns, invoice_columns
from ocr.types import Box, Kind

MACHINE: Final = "machine"


@unique
class InvoiceOutcome(StrEnum):
    """What became of one receipt of a file."""

    FILED = "filed"
    NEEDS_REVIEW = "needs_review"
    ATTACHED = "attached"


class OvertakenError(Exception):
    """An invoice that waits has appeared or changed since a decision was made: it must be made anew on what is now known."""


@dataclass(frozen=True, slots=True)
class Event:
    """A record for the audit log, written at the end of the transaction."""

    action: str
    subject: str
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was written for one decision; `cause` says why a person must look."""

    outcome: InvoiceOutcome
    invoice_id: int
    events: tuple[Event, ...]
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Which receipt of which document, and in what form the document carries it."""

    document_id: int
    index: int
    pages: tuple[int, ...]
    region: Box | None
    form: Form


def insert_into(conn: sa.Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """The insert of the connected database, which knows ON CONFLICT."""
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def open_unread(conn: sa.Connection, document_id: int, reason: str, attempts: int, now: datetime) -> Outcome:
    """An invoice that broke its reader, with a task: the fault is the administrator's, the entry is a person's, who opens the
    original. Nothing was read that the register could be asked for, so that no import changes this.
    """
    evidence = Evidence(f"reader_{reason}", {"attempts": str(attempts)}, f"document:{document_id}")
    diagnosis = Diagnosis(Cause.SYSTEM_FAULT, (evidence,), NextStep.KEY_AND_VERIFY, Role.ADMINISTRATOR)
    unread = NeedsReview(Invoice(Kind.UNKNOWN, {}), None, (), Unmatched(), diagnosis)
    return open_review(conn, Place(document_id, 0, (0,), None, Form.UNKNOWN), unread, None, now)


def file_new(conn: sa.Connection, place: Place, decision: Filed, key: str, now: datetime) -> Outcome:
    """A new invoice on file. Its names must be free, and locked by :func:`intake.names.lock`."""
    columns = filed_columns(decision.findings, decision.match, now)
    made = _insert_invoice(conn, decision.invoice, key, columns, now)
    add_rendition(conn, place, made, InvoiceOutcome.FILED)
    event = Event("filed", f"invoice:{made}", {"document": place.document_id, "key": key, "by": MACHINE})
    return Outcome(InvoiceOutcome.FILED, made, (event,))


def open_review(conn: sa.Connection, place: Place, decision: NeedsReview, key: str | None, now: datetime) -> Outcome:
    """A new invoice with a task for a person; it takes `key`, whose names must be free and locked, if there is one."""
    columns = decision_columns(decision.findings, decision.match, decision.diagnosis)
    columns |= {"state": InvoiceState.NEEDS_REVIEW.value, "register_key": register_key(decision.match)}
    made = _insert_invoice(conn, decision.invoice, key, columns, now)
    add_rendition(conn, place, made, InvoiceOutcome.NEEDS_REVIEW)
    cause = decision.diagnosis.cause.value
    task_id = conn.execute(
        sa.insert(tasks)
        .values(
            invoice_id=made,
            document_id=place.document_id,
            state=TaskState.OPEN.value,
            cause=cause,
            opened_at=now,
            look_again_at=decision.diagnosis.look_again_at,
        )
        .returning(tasks.c.id)
    ).scalar_one()
    event = Event("review_opened", f"task:{task_id}", {"document": place.document_id, "invoice": made, "cause": cause})
    return Outcome(InvoiceOutcome.NEEDS_REVIEW, made, (event,), cause)


def attach(conn: sa.Connection, place: Place, invoice_id: int, events: tuple[Event, ...] = ()) -> Outcome:
    """A further rendition of an invoice."""
    add_rendition(conn, place, invoice_id, InvoiceOutcome.ATTACHED)
    event = Event("attached", f"invoice:{invoice_id}", {"document": place.document_id})
    return Outcome(InvoiceOutcome.ATTACHED, invoice_id, (event, *events))


def add_rendition(conn: sa.Connection, place: Place, invoice_id: int, outcome: InvoiceOutcome) -> None:
    """The row that ties a receipt of a document to its invoice."""
    conn.execute(
        sa.insert(renditions).values(
            invoice_id=invoice_id,
            document_id=place.document_id,
            receipt_index=place.index,
            outcome=outcome.value,
            pages=list(place.pages),
            region=encode(place.region, Box | None),
            form=place.form.value,
        )
    )


def filed_columns(findings: tuple[Finding, ...], match: Matched, now: datetime) -> dict[str, Any]:
    """The columns of an invoice that needs no person."""
    return decision_columns(findings, match, None) | {
        "state": InvoiceState.FILED.value,
        "register_key": register_key(match),
        "filed_by": MACHINE,
        "filed_at": now,
    }


def register_key(match: MatchOutcome) -> str | None:
    """The key of the register row that agrees."""
    return match.candidate.row.key if isinstance(match, Matched) else None


def _insert_invoice(
    conn: sa.Connection, invoice: Invoice, key: str | None, columns: Mapping[str, Any], now: datetime
) -> int:
    values = invoice_columns(invoice) | dict(columns) | {"key": key, "created_at": now}
    made = conn.execute(sa.insert(invoices).values(values).returning(invoices.c.id)).scalar_one()
    if key is not None:
        names.take(conn, made, names.names_of(invoice, key))
    return int(made)

"""A further carrier of an invoice on file, or of one that waits: what it adds is written down and told (domain.md §9.5.1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from intake.codec import decode
from intake.db import documents, invoices, renditions, tasks, uses
from intake.enriching import enriched
from intake.filing import MACHINE, Event, InvoiceOutcome, Outcome, OvertakenError, filed_columns, register_key
from intake.found_wrong import found_wrong
from intake.model import Attached, Filed, Invoice, NeedsReview, TaskState
from intake.records import decision_columns, invoice_columns

FROZEN = "frozen"


def enrich(conn: sa.Connection, invoice_id: int, first: Invoice, more: Invoice, document_id: int) -> tuple[Event, ...]:
    """Write what a carrier adds to an invoice that is locked; what was archived with a voucher stays as it is."""
    better, gains = enriched(first, more)
    if better is first or _frozen(conn, invoice_id):
        return ()
    values = invoice_columns(better) | {"version": invoices.c.version + 1}
    conn.execute(sa.update(invoices).where(invoices.c.id == invoice_id).values(**values))
    if not gains:
        return ()
    fields = {
        name.value: {"old": gain.old, "new": gain.new, "proof": sorted(gain.proof)} for name, gain in gains.items()
    }
    return (Event("evidence_added", f"invoice:{invoice_id}", {"document": document_id, "fields": fields}),)


def _frozen(conn: sa.Connection, invoice_id: int) -> bool:
    query = sa.select(uses.c.invoice_id).where(uses.c.invoice_id == invoice_id, uses.c.state == FROZEN)
    return conn.execute(query).first() is not None


def complete(conn: sa.Connection, outcome: Outcome, decision: Attached, now: datetime) -> Outcome:
    """A carrier came for which an invoice waited: say anew what it is, and file it if no person is needed.

    A task that somebody holds or has keyed is left to the people: the carrier is attached, nothing is changed under
    their hands. Raises OvertakenError when yet another carrier came since `decision` was made, of which it knows nothing.
    """
    whole = decision.whole
    if whole is None:
        raise ValueError("the carrier brought nothing new")
    of_it = sa.and_(
        renditions.c.invoice_id == outcome.invoice_id, renditions.c.outcome == InvoiceOutcome.NEEDS_REVIEW.value
    )
    theirs = sa.select(renditions.c.document_id).where(of_it)
    locked = sa.select(documents.c.id).where(documents.c.id.in_(theirs)).order_by(documents.c.id).with_for_update()
    files = tuple(conn.scalars(locked))
    stored = conn.execute(sa.select(invoices.c.fields).where(invoices.c.id == outcome.invoice_id)).scalar_one()
    if decode(Invoice, stored) != decision.known.waiting:
        raise OvertakenError(f"invoice {outcome.invoice_id} has changed since it was looked at")
    waits = sa.and_(
        tasks.c.invoice_id == outcome.invoice_id,
        tasks.c.state == TaskState.OPEN.value,
        ~found_wrong(tasks.c.invoice_id),
    )
    before = conn.execute(sa.select(tasks.c.cause).where(waits)).scalar_one_or_none()
    columns, task = _said(whole, now)
    if conn.execute(sa.update(tasks).where(waits, tasks.c.claimed_by.is_(None)).values(**task)).rowcount != 1:
        return outcome
    values = invoice_columns(whole.invoice) | columns | {"version": invoices.c.version + 1}
    conn.execute(sa.update(invoices).where(invoices.c.id == outcome.invoice_id).values(**values))
    _settle(conn, whole, of_it, files, before or "")
    subject = f"invoice:{outcome.invoice_id}"
    events = (*outcome.events, _joined(decision, whole.invoice, subject))
    if isinstance(whole, Filed):
        events += (Event("filed", subject, {"key": whole.key, "by": MACHINE}),)
    return Outcome(outcome.outcome, outcome.invoice_id, events)


def _said(whole: Filed | NeedsReview, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns of the invoice and of its task."""
    if isinstance(whole, Filed):
        return filed_columns(whole.findings, whole.match, now), {"state": TaskState.CLOSED.value, "closed_at": now}
    columns = decision_columns(whole.findings, whole.match, whole.diagnosis)
    cause, again = whole.diagnosis.cause.value, whole.diagnosis.look_again_at
    return columns | {"register_key": register_key(whole.match)}, {"cause": cause, "look_again_at": again}


def _settle(
    conn: sa.Connection, whole: Filed | NeedsReview, of_it: sa.ColumnElement[bool], files: tuple[int, ...], before: str
) -> None:
    """Bring the files that brought the invoice up to what became of it; one that holds others that wait still waits."""
    mine = documents.c.id.in_(files)
    if isinstance(whole, NeedsReview):
        told = sa.and_(mine, documents.c.reason == before)
        conn.execute(sa.update(documents).where(told).values(reason=whole.diagnosis.cause.value))
        return
    conn.execute(sa.update(renditions).where(of_it).values(outcome=InvoiceOutcome.FILED.value))
    waits = sa.select(renditions.c.document_id).where(
        renditions.c.document_id.in_(files), renditions.c.outcome == InvoiceOutcome.NEEDS_REVIEW.value
    )
    done = {"state": InvoiceOutcome.FILED.value, "reason": ""}
    conn.execute(sa.update(documents).where(mine, documents.c.id.not_in(waits)).values(**done))


def _joined(decision: Attached, whole: Invoice, subject: str) -> Event:
    """What is told of it: pages joined, or another carrier that showed more."""
    waited = decision.known.waiting
    if waited is not None and waited.missing():
        return Event("pages_joined", subject, {"pages": list(whole.sheets.here) if whole.sheets else []})
    return Event("carrier_joined", subject, {"key": decision.key})

"""What is kept from a person while that person keys an invoice blind (domain.md §10.2): all that was read of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from intake.db import read, tasks
from intake.model import Actor, Invoice, TaskState, Unmatched
from intake.risk import Control, control_of
from intake.views.rows import DocumentRow, DocumentView, InvoiceSummary, InvoiceView


def held_blind(engine: sa.Engine, actor: Actor, now: datetime) -> frozenset[int]:
    """The invoices that this person holds to key them blind at this moment."""
    query = sa.select(tasks.c.invoice_id, tasks.c.blind).where(
        tasks.c.claimed_by == actor.id, tasks.c.claimed_until > now, tasks.c.state == TaskState.ENTERED.value
    )
    with read(engine) as connection:
        return frozenset(row.invoice_id for row in connection.execute(query) if control_of(row.blind) is Control.BLIND)


def hide(doc: DocumentView, held: frozenset[int]) -> DocumentView:
    """A document without what was read of these invoices; the picture stays."""
    if not any(one.id in held for one in doc.row.invoices):
        return doc
    shown = tuple(_hidden(found) if found.id in held else found for found in doc.invoices)
    told = () if any(found.id in held for found in doc.invoices) else doc.timeline
    return replace(doc, row=_row(doc.row, held), invoices=shown, timeline=told)


def hide_rows(rows: Iterable[DocumentRow], held: frozenset[int]) -> tuple[DocumentRow, ...]:
    """Lines of a list without what was read of these invoices."""
    return tuple(_row(row, held) for row in rows)


def _hidden(found: InvoiceView) -> InvoiceView:
    bare = Invoice(found.invoice.kind, {}, found.invoice.pages, found.invoice.region)
    own = None if found.own is None else ()
    return replace(
        found, key=None, invoice=bare, findings=(), match=Unmatched(), diagnosis=None, own=own, blue=None, blind=True
    )


def _row(row: DocumentRow, held: frozenset[int]) -> DocumentRow:
    return replace(row, invoices=tuple(_summary(one) if one.id in held else one for one in row.invoices))


def _summary(one: InvoiceSummary) -> InvoiceSummary:
    return replace(one, code="", number="", date=None, total=None, seller_name="", buyer_name="")

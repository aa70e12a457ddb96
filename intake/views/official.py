"""What the pages of official verification show: one invoice, what is due, and the five steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

import sqlalchemy as sa

from intake.codec import decode
from intake.db import cases, documents, invoices, read, reminders, renditions, tasks
from intake.entries import Entry
from intake.errors import NotFoundError
from intake.model import Actor, FusedField, Invoice, InvoiceState, Role, SourceState, TaskState
from intake.official.cases import latest_case
from intake.official.questions import Question, questions
from intake.official.records import Kept, answers, budget
from intake.official.schedule import FollowUp
from intake.official.sites import Place, place_of
from intake.official.walk import CaseState, Situation, Step, walk
from intake.roles import Action, allows
from intake.views.document import pages_of
from intake.views.rows import InvoiceView, PageView
from ocr.types import FieldName

_MOST: Final = 200
_RIGHTS: Final = {
    Role.CLERK: Action.ENTER,
    Role.SUPERVISOR: Action.ADJUDICATE,
    Role.ADMINISTRATOR: Action.MANAGE_ACCOUNTS,
}
"""Whose a reminder is: everybody's who may do what its role does."""


@dataclass(frozen=True, slots=True)
class OfficialPaper:
    """Everything of the page of one invoice. `left` is how often this person may still ask today."""

    invoice_id: int
    document_id: int
    receipt: str
    file_name: str
    state: InvoiceState
    invoice: Invoice
    task_id: int | None
    task_state: TaskState | None
    keyed_by: int | None
    pages: tuple[PageView, ...]
    place: Place
    questions: tuple[Question, ...]
    history: tuple[Kept, ...]
    left: int
    again_at: datetime | None


@dataclass(frozen=True, slots=True)
class Card:
    """The five steps of an invoice with what their buttons need."""

    steps: tuple[Step, ...]
    place: Place
    history: tuple[Kept, ...]
    case_id: int | None


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that is due, or will be."""

    invoice_id: int
    what: FollowUp
    due_at: datetime
    number: str
    seller_name: str
    total: Decimal | None


def official_paper(engine: sa.Engine, invoice_id: int, actor: Actor, now: datetime) -> OfficialPaper:
    """One invoice with the questions of its official form. What a colleague has typed in a draft goes before what was
    read; an entry that waits for its second person stays hidden. Raises NotFoundError.
    """
    query = (
        sa.select(
            invoices.c.state,
            invoices.c.fields,
            documents.c.id.label("document_id"),
            documents.c.receipt,
            documents.c.name,
            tasks.c.id.label("task_id"),
            tasks.c.state.label("task_state"),
            tasks.c.draft,
            tasks.c.entered_by,
        )
        .join(renditions, renditions.c.invoice_id == invoices.c.id)
        .join(documents, documents.c.id == renditions.c.document_id)
        .outerjoin(tasks, tasks.c.invoice_id == invoices.c.id)
        .where(invoices.c.id == invoice_id)
        .order_by(renditions.c.id)
        .limit(1)
    )
    with read(engine) as conn:
        row = conn.execute(query).one_or_none()
        if row is None:
            raise NotFoundError(f"invoice {invoice_id}")
        invoice = decode(Invoice, row.fields)
        keying = row.task_state in {TaskState.OPEN.value, TaskState.CLAIMED.value}
        believed = with_draft(invoice, decode(Entry, row.draft)) if keying and row.draft else invoice
        return OfficialPaper(
            invoice_id=invoice_id,
            document_id=row.document_id,
            receipt=row.receipt,
            file_name=row.name,
            state=InvoiceState(row.state),
            invoice=believed,
            task_id=row.task_id,
            task_state=TaskState(row.task_state) if row.task_state else None,
            keyed_by=row.entered_by,
            pages=pages_of(conn, row.document_id),
            place=place(believed),
            questions=questions(believed),
            history=answers(conn, invoices.c.id == invoice_id),
            left=max(0, budget(conn, invoice_id, actor, now)),
            again_at=_again_at(conn, invoice_id),
        )


def with_draft(invoice: Invoice, draft: Entry) -> Invoice:
    """An invoice with what a person has typed so far: typed values are believed, and not proven where they are new."""
    fields = dict(invoice.fields)
    for name, value in draft.values.items():
        seen = fields.get(name)
        if value and (seen is None or seen.value != value):
            fields[name] = FusedField(name, value, frozenset(), seen.sightings if seen else ())
    return replace(invoice, kind=draft.kind, fields=fields)


def place(invoice: Invoice) -> Place:
    """Where to ask about an invoice."""
    code, number, seller = (
        invoice.value(name) or "" for name in (FieldName.CODE, FieldName.NUMBER, FieldName.SELLER_TAX_ID)
    )
    return place_of(invoice.kind, code, number, seller)


def card(engine: sa.Engine, found: InvoiceView, sources: Sequence[SourceState], now: datetime) -> Card | None:
    """The five steps of an invoice that waits with a diagnosis; None for any other."""
    if found.diagnosis is None or found.state is not InvoiceState.NEEDS_REVIEW:
        return None
    with read(engine) as conn:
        history = answers(conn, invoices.c.id == found.id)
        case = latest_case(conn, found.id)
        again_at = _again_at(conn, found.id)
        issued = conn.execute(sa.select(invoices.c.date).where(invoices.c.id == found.id)).scalar_one()
    where = place(found.invoice)
    situation = Situation(
        diagnosis=found.diagnosis,
        sources=tuple(sources),
        now=now,
        site=where.site,
        task=found.task.state if found.task else None,
        issued=issued,
        verifications=tuple(one.verification for one in history),
        again_at=again_at,
        case=case,
    )
    return Card(walk(situation), where, history, case.id if case else None)


def due_reminders(engine: sa.Engine, actor: Actor, now: datetime) -> tuple[tuple[Due, ...], tuple[Due, ...]]:
    """What is due for this person, and what will be; each the earliest first, at most 200 together."""
    query = (
        sa.select(
            reminders.c.invoice_id,
            reminders.c.what,
            reminders.c.due_at,
            invoices.c.number,
            invoices.c.seller_name,
            invoices.c.total,
        )
        .join(invoices, invoices.c.id == reminders.c.invoice_id)
        .where(_mine(actor))
        .order_by(reminders.c.due_at, reminders.c.id)
        .limit(_MOST)
    )
    with read(engine) as conn:
        rows = [
            Due(row.invoice_id, FollowUp(row.what), row.due_at, row.number, row.seller_name, row.total)
            for row in conn.execute(query)
        ]
    return tuple(one for one in rows if one.due_at <= now), tuple(one for one in rows if one.due_at > now)


def count_due(engine: sa.Engine, actor: Actor, now: datetime) -> int:
    """How many reminders are due for this person, and cases whose answer is overdue."""
    late = sa.and_(cases.c.state == CaseState.OPEN.value, cases.c.due_at <= now)
    with read(engine) as conn:
        due = conn.execute(
            sa.select(sa.func.count()).select_from(reminders).where(_mine(actor), reminders.c.due_at <= now)
        ).scalar_one()
        overdue = conn.execute(sa.select(sa.func.count()).select_from(cases).where(late)).scalar_one()
    return int(due) + (int(overdue) if allows(actor.role, Action.ENTER) else 0)


def _mine(actor: Actor) -> sa.ColumnElement[bool]:
    roles = [role.value for role, action in _RIGHTS.items() if allows(actor.role, action)]
    return sa.and_(reminders.c.done_at.is_(None), reminders.c.role.in_(roles))


def _again_at(conn: sa.Connection, invoice_id: int) -> datetime | None:
    """When an open reminder of an invoice is due next."""
    mine = sa.and_(reminders.c.invoice_id == invoice_id, reminders.c.done_at.is_(None))
    found: datetime | None = conn.execute(sa.select(sa.func.min(reminders.c.due_at)).where(mine)).scalar_one()
    return found

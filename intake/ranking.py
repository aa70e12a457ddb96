"""How urgent the waiting papers are and when they are due, written beside them (`intake/urgency.py` says the rule)."""

from __future__ import annotations

import sqlalchemy as sa

from intake.config import Settings
from intake.db import documents, invoices, renditions, tasks
from intake.model import Cause, TaskState
from intake.urgency import Facts, Policy, rank
from ocr.types import Kind

WAITING = (TaskState.OPEN.value, TaskState.CLAIMED.value, TaskState.ENTERED.value, TaskState.DISPUTED.value)


def policy_of(settings: Settings) -> Policy:
    """The rule's figures as they are set."""
    return Policy(settings.due_hours, settings.due_hours_soon, settings.second_person_from, settings.close_days)


def rank_tasks(conn: sa.Connection, policy: Policy, *which: sa.ColumnElement[bool]) -> None:
    """Rank the waiting tasks that fit `which`, by their cause as it is and the moment they were opened."""
    query = (
        sa.select(
            tasks.c.id, tasks.c.cause, tasks.c.opened_at, invoices.c.kind, invoices.c.total, documents.c.interactive
        )
        .join(invoices, invoices.c.id == tasks.c.invoice_id)
        .join(documents, documents.c.id == tasks.c.document_id)
        .where(tasks.c.state.in_(WAITING), *which)
        .order_by(tasks.c.id)
    )
    for row in conn.execute(query).all():
        facts = Facts(Cause(row.cause), Kind(row.kind), row.total, row.interactive, row.opened_at)
        said = rank(facts, policy)
        conn.execute(sa.update(tasks).where(tasks.c.id == row.id).values(urgency=int(said.urgency), due_at=said.due_at))


def rank_document(conn: sa.Connection, policy: Policy, document_id: int) -> None:
    """Rank the tasks that a file opened."""
    rank_tasks(conn, policy, tasks.c.document_id == document_id)


def rank_brought(conn: sa.Connection, policy: Policy, document_id: int) -> None:
    """Rank the tasks of all invoices that a file carries; the caller has locked them."""
    brought = sa.select(renditions.c.invoice_id).where(renditions.c.document_id == document_id)
    rank_tasks(conn, policy, tasks.c.invoice_id.in_(brought))

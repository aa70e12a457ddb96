"""Another picture of the same paper: the first gives way to the second and stays on file."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from intake import names
from intake.db import documents, invoices, renditions, tasks
from intake.errors import CannotReplaceError, ForbiddenError, NotFoundError
from intake.filing import Event
from intake.model import Actor, DocumentState, InvoiceState, TaskState
from intake.roles import Action, allows

ANSWERED: Final = frozenset({DocumentState.NEEDS_REVIEW, DocumentState.REJECTED})
UNTOUCHED: Final = frozenset({TaskState.OPEN, TaskState.CLAIMED, TaskState.CLOSED})


def give_way(conn: sa.Connection, first: int, second: int, actor: Actor, now: datetime) -> list[Event]:
    """Close what the first picture asked of people and leave its keys to the second, in the caller's transaction.

    Raises NotFoundError; ForbiddenError when the first was handed in by somebody else and the actor keys no papers;
    CannotReplaceError once the first is on file, is being read, has been keyed, or shares an invoice with other files.
    """
    found = sa.select(documents.c.state, documents.c.submitted_by).where(documents.c.id == first).with_for_update()
    row = conn.execute(found).first()
    if row is None:
        raise NotFoundError(f"document {first}")
    if row.submitted_by != actor.id and not allows(actor.role, Action.ENTER):
        raise ForbiddenError(f"document {first} is not of account {actor.id}")
    if DocumentState(row.state) not in ANSWERED:
        raise CannotReplaceError(f"document {first} is {row.state}")
    mine = sa.select(renditions.c.invoice_id).where(renditions.c.document_id == first)
    _refuse_touched(conn, first, mine)
    conn.execute(
        sa.update(tasks)
        .where(tasks.c.invoice_id.in_(mine))
        .values(state=TaskState.CLOSED.value, closed_at=now, claimed_by=None, claimed_until=None)
    )
    conn.execute(
        sa.update(invoices)
        .where(invoices.c.id.in_(mine))
        .values(state=InvoiceState.REPLACED.value, key=None, alias=None, version=invoices.c.version + 1)
    )
    names.give_up(conn, mine)
    conn.execute(
        sa.update(documents).where(documents.c.id == first).values(state=DocumentState.REPLACED.value, done_at=now)
    )
    conn.execute(sa.update(documents).where(documents.c.id == second).values(replaces_id=first))
    return [Event("replaced", f"document:{first}", {"by": second})]


def _refuse_touched(conn: sa.Connection, first: int, mine: sa.Select[tuple[int]]) -> None:
    others = sa.select(renditions.c.id).where(renditions.c.invoice_id.in_(mine), renditions.c.document_id != first)
    keyed = sa.select(tasks.c.id).where(
        tasks.c.invoice_id.in_(mine),
        sa.or_(tasks.c.state.not_in([state.value for state in UNTOUCHED]), tasks.c.entry.is_not(None)),
    )
    filed = sa.select(invoices.c.id).where(invoices.c.id.in_(mine), invoices.c.state == InvoiceState.FILED.value)
    for name, query in (("shares an invoice", others), ("has been keyed", keyed), ("is on file", filed)):
        if conn.execute(query.limit(1)).first() is not None:
            raise CannotReplaceError(f"document {first} {name}")

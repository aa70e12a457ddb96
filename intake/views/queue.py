"""The review queue: papers that wait, with whom, since when and until when they should be dealt with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from intake import turns
from intake.db import accounts, documents, invoices, read, tasks
from intake.model import Cause, TaskState
from intake.risk import Control, control_of
from intake.urgency import Urgency
from ocr.types import Kind

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A paper that waits."""

    task_id: int
    state: TaskState
    cause: Cause
    opened_at: datetime
    urgency: Urgency
    due_at: datetime | None
    assigned_to: int | None
    assignee: str | None
    control: Control  # what follows on the entry, once there is one
    document_id: int
    receipt: str
    file_name: str
    kind: Kind
    number: str
    date: date | None
    total: Decimal | None
    seller_name: str
    claimant: str | None
    claimed_by: int | None
    claimed_until: datetime | None
    enterer: str | None
    entered_by: int | None
    verified_by: int | None
    comment: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Papers that wait, in the order in which they are offered; `more` is the page to go on with, None at the end."""

    rows: tuple[QueueRow, ...]
    more: int | None


def queue(
    engine: sa.Engine,
    states: Sequence[TaskState],
    *,
    now: datetime,
    cause: Cause | None = None,
    mine: int | None = None,
    page: int = 1,
) -> QueuePage:
    """One page (from 1 on) of papers in these states; `mine` narrows them to what this account holds or was assigned."""
    waits: list[sa.ColumnElement[bool]] = [tasks.c.state.in_([state.value for state in states])]
    if cause is not None:
        waits.append(tasks.c.cause == cause.value)
    if mine is not None:
        held = sa.and_(tasks.c.claimed_by == mine, tasks.c.claimed_until > now)
        waits.append(sa.or_(tasks.c.assigned_to == mine, held))
    turn = sa.select(tasks.c.id).join(invoices, invoices.c.id == tasks.c.invoice_id).where(*waits)
    turn = turn.order_by(*turns.in_turn(now)).offset((page - 1) * PAGE).limit(PAGE + 1)
    with read(engine) as connection:
        numbers = list(connection.scalars(turn))
        found = {row.id: _row(row) for row in connection.execute(_rows().where(tasks.c.id.in_(numbers[:PAGE])))}
    rows = tuple(found[number] for number in numbers[:PAGE] if number in found)
    return QueuePage(rows, page + 1 if len(numbers) > PAGE else None)


def _rows() -> sa.Select[Any]:
    claimant, enterer = accounts.alias("claimant"), accounts.alias("enterer")
    assignee = accounts.alias("assignee")
    return sa.select(
        tasks.c.id,
        tasks.c.state,
        tasks.c.cause,
        tasks.c.opened_at,
        tasks.c.urgency,
        tasks.c.due_at,
        tasks.c.assigned_to,
        tasks.c.blind,
        tasks.c.document_id,
        tasks.c.claimed_by,
        tasks.c.claimed_until,
        tasks.c.entered_by,
        tasks.c.verified_by,
        tasks.c.comment,
        documents.c.receipt,
        documents.c.name,
        invoices.c.kind,
        invoices.c.number,
        invoices.c.date,
        invoices.c.total,
        invoices.c.seller_name,
        claimant.c.name.label("claimant"),
        enterer.c.name.label("enterer"),
        assignee.c.name.label("assignee"),
    ).select_from(
        tasks.join(documents, documents.c.id == tasks.c.document_id)
        .join(invoices, invoices.c.id == tasks.c.invoice_id)
        .outerjoin(claimant, claimant.c.id == tasks.c.claimed_by)
        .outerjoin(enterer, enterer.c.id == tasks.c.entered_by)
        .outerjoin(assignee, assignee.c.id == tasks.c.assigned_to)
    )


def _row(row: sa.Row[Any]) -> QueueRow:
    return QueueRow(
        task_id=row.id,
        state=TaskState(row.state),
        cause=Cause(row.cause),
        opened_at=row.opened_at,
        urgency=Urgency(row.urgency),
        due_at=row.due_at,
        assigned_to=row.assigned_to,
        assignee=row.assignee,
        control=control_of(row.blind),
        document_id=row.document_id,
        receipt=row.receipt,
        file_name=row.name,
        kind=Kind(row.kind),
        number=row.number,
        date=row.date,
        total=row.total,
        seller_name=row.seller_name,
        claimant=row.claimant,
        claimed_by=row.claimed_by,
        claimed_until=row.claimed_until,
        enterer=row.enterer,
        entered_by=row.entered_by,
        verified_by=row.verified_by,
        comment=row.comment,
    )

"""The review queue: papers that wait, with whom and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from intake.db import accounts, documents, invoices, read, tasks
from intake.model import Cause, TaskState
from ocr.types import Kind

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A paper that waits."""

    task_id: int
    state: TaskState
    cause: Cause
    opened_at: datetime
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
    """Papers that wait, the oldest first; `more` is the id to go on from, None at the end."""

    rows: tuple[QueueRow, ...]
    more: int | None


def queue(
    engine: sa.Engine, states: Sequence[TaskState], *, cause: Cause | None = None, after: int | None = None
) -> QueuePage:
    """One page of papers in these states."""
    query = _rows().where(tasks.c.state.in_([state.value for state in states])).order_by(tasks.c.id)
    if cause is not None:
        query = query.where(tasks.c.cause == cause.value)
    if after is not None:
        query = query.where(tasks.c.id > after)
    with read(engine) as connection:
        rows = tuple(_row(row) for row in connection.execute(query.limit(PAGE + 1)))
    return QueuePage(rows[:PAGE], rows[PAGE - 1].task_id if len(rows) > PAGE else None)


def _rows() -> sa.Select[Any]:
    claimant, enterer = accounts.alias("claimant"), accounts.alias("enterer")
    return sa.select(
        tasks.c.id,
        tasks.c.state,
        tasks.c.cause,
        tasks.c.opened_at,
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
    ).select_from(
        tasks.join(documents, documents.c.id == tasks.c.document_id)
        .join(invoices, invoices.c.id == tasks.c.invoice_id)
        .outerjoin(claimant, claimant.c.id == tasks.c.claimed_by)
        .outerjoin(enterer, enterer.c.id == tasks.c.entered_by)
    )


def _row(row: sa.Row[Any]) -> QueueRow:
    return QueueRow(
        task_id=row.id,
        state=TaskState(row.state),
        cause=Cause(row.cause),
        opened_at=row.opened_at,
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

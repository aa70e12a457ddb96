"""The list of received files with combined filters, and the counts beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa

from intake.clock import BEIJING
from intake.codec import decode_as
from intake.db import accounts, documents, invoices, pages, read, renditions, tasks
from intake.errors import NotFoundError
from intake.model import Actor, Cause, Channel, DocumentState, InvoiceState, TaskState
from intake.roles import Action, allows
from intake.views.rows import DocumentFilter, DocumentRow, InvoiceSummary, Page, Waiting
from ocr.types import Kind, Problem

PAGE: Final = 50
MEMBERS: Final = 500

_COLUMNS: Final = (
    documents.c.id,
    documents.c.receipt,
    documents.c.name,
    documents.c.size,
    documents.c.channel,
    documents.c.state,
    documents.c.reason,
    documents.c.received_at,
    documents.c.done_at,
    documents.c.advice,
    documents.c.replaces_id,
    sa.exists()
    .where(pages.c.document_id == documents.c.id, pages.c.page == 0, pages.c.preview.is_not(None))
    .label("pictured"),
    accounts.c.name.label("submitter"),
)


def list_documents(
    engine: sa.Engine,
    wanted: DocumentFilter,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = PAGE,
) -> Page:
    """One page of files that fit the filter, newest first, starting below `before` or ending above `after`."""
    query = _select().where(*_conditions(wanted))
    backwards = after is not None and before is None
    if before is not None:
        query = query.where(documents.c.id < before)
    if backwards:
        query = query.where(documents.c.id > after).order_by(documents.c.id)
    else:
        query = query.order_by(documents.c.id.desc())
    with read(engine) as connection:
        found = list(connection.execute(query.limit(limit + 1)))
        more = len(found) > limit
        found = found[:limit]
        if backwards:
            found.reverse()
        rows = fill(connection, found)
    if not rows:
        return Page((), None, None)
    has_older = backwards or more
    has_newer = more if backwards else before is not None
    return Page(rows, rows[-1].id if has_older else None, rows[0].id if has_newer else None)


def document_row(engine: sa.Engine, document_id: int) -> DocumentRow:
    """One file as a line of the list. Raises NotFoundError."""
    with read(engine) as connection:
        found = connection.execute(_select().where(documents.c.id == document_id)).all()
        if not found:
            raise NotFoundError(f"document {document_id}")
        return fill(connection, found)[0]


def document_rows(engine: sa.Engine, numbers: Iterable[int]) -> tuple[DocumentRow, ...]:
    """Files by their ids, newest first; ids of no file are left out."""
    with read(engine) as connection:
        return rows_by_id(connection, numbers)


def count_states(engine: sa.Engine) -> dict[DocumentState, int]:
    """How many files stand in each state; the sum is all that was received."""
    query = sa.select(documents.c.state, sa.func.count()).group_by(documents.c.state)
    with read(engine) as connection:
        found = {DocumentState(state): number for state, number in connection.execute(query)}
    return {state: found.get(state, 0) for state in DocumentState}


def waiting(engine: sa.Engine, actor: Actor) -> Waiting:
    """What waits for this person, for the numbers in the header; nothing that the person may not do is counted."""
    query = sa.select(tasks.c.state, tasks.c.entered_by, tasks.c.verified_by, sa.func.count()).where(
        tasks.c.state.in_([TaskState.OPEN, TaskState.CLAIMED, TaskState.ENTERED, TaskState.DISPUTED])
    )
    to_key = to_verify = to_decide = 0
    with read(engine) as connection:
        for state, entered_by, verified_by, number in connection.execute(
            query.group_by(tasks.c.state, tasks.c.entered_by, tasks.c.verified_by)
        ):
            if state in {TaskState.OPEN, TaskState.CLAIMED}:
                to_key += number
            elif state == TaskState.ENTERED and entered_by != actor.id:
                to_verify += number
            elif state == TaskState.DISPUTED and actor.id not in {entered_by, verified_by}:
                to_decide += number
    return Waiting(
        to_key if allows(actor.role, Action.ENTER) else 0,
        to_verify if allows(actor.role, Action.VERIFY) else 0,
        to_decide if allows(actor.role, Action.ADJUDICATE) else 0,
    )


def submitters(engine: sa.Engine) -> tuple[tuple[int, str], ...]:
    """Everybody who ever handed something in, for the filter."""
    query = (
        sa.select(accounts.c.id, accounts.c.name)
        .where(sa.exists().where(documents.c.submitted_by == accounts.c.id))
        .order_by(accounts.c.name)
    )
    with read(engine) as connection:
        return tuple((number, name) for number, name in connection.execute(query))


def members(connection: sa.Connection, parent: int) -> tuple[DocumentRow, ...]:
    """The files that came inside an archive, in its order."""
    query = _select().where(documents.c.parent_id == parent).order_by(documents.c.id).limit(MEMBERS)
    return fill(connection, connection.execute(query).all())


def rows_by_id(connection: sa.Connection, numbers: Iterable[int]) -> tuple[DocumentRow, ...]:
    """Files by their ids, newest first."""
    query = _select().where(documents.c.id.in_(list(numbers))).order_by(documents.c.id.desc())
    return fill(connection, connection.execute(query).all())


def _select() -> sa.Select[Any]:
    return sa.select(*_COLUMNS).select_from(documents.outerjoin(accounts, accounts.c.id == documents.c.submitted_by))


def _conditions(wanted: DocumentFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.states:
        conditions.append(documents.c.state.in_([state.value for state in wanted.states]))
    if wanted.submitter is not None:
        conditions.append(documents.c.submitted_by == wanted.submitter)
    if wanted.parent is not None:
        conditions.append(documents.c.parent_id == wanted.parent)
    if wanted.received_from:
        conditions.append(documents.c.received_at >= _midnight(wanted.received_from))
    if wanted.received_to:
        conditions.append(documents.c.received_at < _midnight(wanted.received_to + timedelta(days=1)))
    inner = _invoice_conditions(wanted)
    if inner:
        conditions.append(_has_invoice(inner))
    if wanted.text:
        conditions.append(_anywhere(wanted.text))
    return conditions


def _invoice_conditions(wanted: DocumentFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.number:
        conditions.append(invoices.c.number.startswith(wanted.number, autoescape=True))
    if wanted.code:
        conditions.append(invoices.c.code.startswith(wanted.code, autoescape=True))
    if wanted.party:
        conditions.append(_party(wanted.party))
    if wanted.kind:
        conditions.append(invoices.c.kind == wanted.kind.value)
    if wanted.date_from:
        conditions.append(invoices.c.date >= wanted.date_from)
    if wanted.date_to:
        conditions.append(invoices.c.date <= wanted.date_to)
    if wanted.total_from is not None:
        conditions.append(invoices.c.total >= wanted.total_from)
    if wanted.total_to is not None:
        conditions.append(invoices.c.total <= wanted.total_to)
    if wanted.cause:
        conditions.append(sa.exists().where(tasks.c.invoice_id == invoices.c.id, tasks.c.cause == wanted.cause.value))
    return conditions


def _has_invoice(conditions: list[sa.ColumnElement[bool]]) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        renditions.c.document_id == documents.c.id, invoices.c.id == renditions.c.invoice_id, *conditions
    )


def _party(text: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        *(
            column.icontains(text, autoescape=True)
            for column in (
                invoices.c.seller_name,
                invoices.c.buyer_name,
                invoices.c.seller_tax_id,
                invoices.c.buyer_tax_id,
            )
        )
    )


def _anywhere(text: str) -> sa.ColumnElement[bool]:
    compact = "".join(text.split())
    return sa.or_(
        documents.c.receipt.contains(compact, autoescape=True),
        documents.c.name.icontains(text, autoescape=True),
        _has_invoice([sa.or_(invoices.c.number.contains(compact, autoescape=True), _party(text))]),
    )


def _midnight(day: date) -> datetime:
    """The first moment of a day in China."""
    return datetime.combine(day, time(), BEIJING).astimezone(UTC)


def fill(connection: sa.Connection, found: Iterable[Any]) -> tuple[DocumentRow, ...]:
    """Rows of :data:`_COLUMNS` with their invoices."""
    found = list(found)
    inside: dict[int, list[InvoiceSummary]] = defaultdict(list)
    query = (
        sa.select(
            renditions.c.document_id,
            renditions.c.outcome,
            invoices.c.id,
            invoices.c.kind,
            invoices.c.state,
            invoices.c.code,
            invoices.c.number,
            invoices.c.date,
            invoices.c.total,
            invoices.c.seller_name,
            invoices.c.buyer_name,
            tasks.c.id.label("task_id"),
            tasks.c.state.label("task_state"),
            tasks.c.cause,
        )
        .select_from(
            renditions.join(invoices, invoices.c.id == renditions.c.invoice_id).outerjoin(
                tasks, tasks.c.invoice_id == invoices.c.id
            )
        )
        .where(renditions.c.document_id.in_([row.id for row in found]))
        .order_by(renditions.c.document_id, renditions.c.receipt_index)
    )
    for row in connection.execute(query):
        inside[row.document_id].append(
            InvoiceSummary(
                id=row.id,
                kind=Kind(row.kind),
                state=InvoiceState(row.state),
                outcome=row.outcome,
                code=row.code,
                number=row.number,
                date=row.date,
                total=row.total,
                seller_name=row.seller_name,
                buyer_name=row.buyer_name,
                task_id=row.task_id,
                task_state=TaskState(row.task_state) if row.task_state else None,
                cause=Cause(row.cause) if row.cause else None,
            )
        )
    return tuple(
        DocumentRow(
            id=row.id,
            receipt=row.receipt,
            name=row.name,
            size=row.size,
            channel=Channel(row.channel),
            state=DocumentState(row.state),
            reason=row.reason,
            received_at=row.received_at,
            done_at=row.done_at,
            submitter=row.submitter,
            invoices=tuple(inside[row.id]),
            advice=decode_as(tuple[Problem, ...], row.advice or []),
            replaces=row.replaces_id,
            pictured=row.pictured,
        )
        for row in found
    )

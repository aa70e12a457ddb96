"""The list of received files with combined filters, and the counts beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa

from intake.codec import decode_as
from intake.db import accounts, documents, invoices, listing, pages, read, renditions, tasks
from intake.errors import NotFoundError
from intake.model import Actor, Cause, Channel, DocumentState, InvoiceState, Role, TaskState
from intake.roles import Action, allows
from intake.views import finding
from intake.views.filters import DocumentFilter, Order, Page
from intake.views.rows import DocumentRow, InvoiceSummary, Waiting
from ocr.types import Kind, Problem

PAGE: Final = 50
NEWEST: Final = Order()
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
    order: Order = NEWEST,
    *,
    before: str | None = None,
    after: str | None = None,
    limit: int = PAGE,
) -> Page:
    """One page of the documents that fit, behind the mark `before` or ending ahead of the mark `after`, and the counts."""
    backwards = after is not None and before is None
    start = after if backwards else before
    with read(engine) as connection:
        found = finding.find(connection, wanted, order, limit, start=start, backwards=backwards)
        marks = found.marks[::-1] if backwards else found.marks
        rows = {row.id: row for row in rows_by_id(connection, [number for _, number in marks])}
    if not marks:
        return Page((), None, None, found.counts)
    has_older = backwards or found.further
    has_newer = found.further if backwards else finding.read_mark(order, start) is not None
    return Page(
        tuple(rows[number] for _, number in marks),
        finding.mark_of(order, marks[-1]) if has_older else None,
        finding.mark_of(order, marks[0]) if has_newer else None,
        found.counts,
    )


def fitting(engine: sa.Engine, wanted: DocumentFilter, order: Order, most: int) -> list[int]:
    """The ids of the first `most` documents that fit, in their order."""
    with read(engine) as connection:
        return list(islice(finding.every(connection, wanted, order), most))


def clerks(engine: sa.Engine) -> tuple[tuple[int, str], ...]:
    """Everybody to whom a paper can be given."""
    roles = [role.value for role in Role if allows(role, Action.ENTER)]
    query = sa.select(accounts.c.id, accounts.c.name).where(accounts.c.role.in_(roles), accounts.c.active.is_(True))
    with read(engine) as connection:
        return tuple((number, name) for number, name in connection.execute(query.order_by(accounts.c.name)))


def recent(engine: sa.Engine, submitter: int | None, limit: int) -> tuple[DocumentRow, ...]:
    """What somebody handed in last, newest first."""
    query = _select().where(documents.c.submitted_by == submitter).order_by(documents.c.id.desc()).limit(limit)
    with read(engine) as connection:
        return fill(connection, connection.execute(query).all())


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
    query = sa.select(listing.c.state, sa.func.count()).where(listing.c.place == 0).group_by(listing.c.state)
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

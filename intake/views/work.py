"""The review queue, and what each step may see of a paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from intake.codec import decode, decode_as
from intake.db import accounts, documents, invoices, read, renditions, tasks
from intake.entries import Entry, open_differences
from intake.errors import NotFoundError, TaskStateError
from intake.model import Cause, Diagnosis, Finding, Invoice, MatchOutcome, TaskState
from intake.review import Difference, critical
from intake.views.document import pages_of
from intake.views.rows import PageView
from ocr.types import Box, FieldName, Kind

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


@dataclass(frozen=True, slots=True)
class TaskPlace:
    """Which step a paper is in, and whose it is at the moment."""

    id: int
    state: TaskState
    document_id: int
    invoice_id: int
    claimant: str | None
    claimed_until: datetime | None


@dataclass(frozen=True, slots=True)
class Paper:
    """What the person who keys sees: the picture and all that was read."""

    task_id: int
    document_id: int
    receipt: str
    file_name: str
    invoice_id: int
    invoice: Invoice
    findings: tuple[Finding, ...]
    match: MatchOutcome
    diagnosis: Diagnosis | None
    pages: tuple[PageView, ...]
    draft: Entry | None  # what was keyed so far; after a return, the entry that was returned
    comment: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field stands on the picture."""

    name: FieldName
    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class BlindPaper:
    """What the second person sees before keying: no value, neither the first person's nor the reader's."""

    task_id: int
    document_id: int
    receipt: str
    kind: Kind
    pages: tuple[PageView, ...]
    places: tuple[Place, ...]
    entered_by: int | None
    enterer: str | None


@dataclass(frozen=True, slots=True)
class DisputedPaper:
    """Both entries of a paper, for the person who decides."""

    task_id: int
    document_id: int
    receipt: str
    kind: Kind
    invoice: Invoice
    pages: tuple[PageView, ...]
    first: Entry
    second: Entry
    differences: tuple[Difference, ...]
    entered_by: int | None
    enterer: str | None
    verified_by: int | None
    verifier: str | None


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


def task_place(engine: sa.Engine, task_id: int) -> TaskPlace:
    """Which step a paper is in. Raises NotFoundError."""
    query = (
        sa.select(
            tasks.c.id,
            tasks.c.state,
            tasks.c.document_id,
            tasks.c.invoice_id,
            tasks.c.claimed_until,
            accounts.c.name.label("claimant"),
        )
        .select_from(tasks.outerjoin(accounts, accounts.c.id == tasks.c.claimed_by))
        .where(tasks.c.id == task_id)
    )
    with read(engine) as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"task {task_id}")
    return TaskPlace(row.id, TaskState(row.state), row.document_id, row.invoice_id, row.claimant, row.claimed_until)


def paper_to_key(engine: sa.Engine, task_id: int) -> Paper:
    """The paper for the person who keys it. Raises NotFoundError."""
    with read(engine) as connection:
        row = _task(connection, task_id)
        said = row.draft or row.entry
        return Paper(
            task_id=task_id,
            document_id=row.document_id,
            receipt=row.receipt,
            file_name=row.name,
            invoice_id=row.invoice_id,
            invoice=decode(Invoice, row.fields),
            findings=decode_as(tuple[Finding, ...], row.findings),
            match=decode_as(MatchOutcome, row.match),
            diagnosis=decode(Diagnosis, row.diagnosis) if row.diagnosis else None,
            pages=_pages(connection, row),
            draft=decode(Entry, said) if said else None,
            comment=row.comment,
        )


def blind_paper(engine: sa.Engine, task_id: int) -> BlindPaper:
    """The paper for the person who verifies. Raises NotFoundError and TaskStateError."""
    with read(engine) as connection:
        row = _task(connection, task_id, TaskState.ENTERED)
        kind = decode(Entry, row.entry).kind
        invoice = decode(Invoice, row.fields)
        return BlindPaper(
            task_id=task_id,
            document_id=row.document_id,
            receipt=row.receipt,
            kind=kind,
            pages=_pages(connection, row),
            places=tuple(
                Place(name, sighting.page, sighting.box)
                for name in critical(kind)
                if name in invoice.fields
                for sighting in invoice.fields[name].sightings
                if sighting.box is not None
            ),
            entered_by=row.entered_by,
            enterer=row.enterer,
        )


def disputed_paper(engine: sa.Engine, task_id: int) -> DisputedPaper:
    """The paper for the person who decides. Raises NotFoundError and TaskStateError."""
    with read(engine) as connection:
        row = _task(connection, task_id, TaskState.DISPUTED)
        first, second = decode(Entry, row.entry), decode(Entry, row.second)
        return DisputedPaper(
            task_id=task_id,
            document_id=row.document_id,
            receipt=row.receipt,
            kind=first.kind,
            invoice=decode(Invoice, row.fields),
            pages=_pages(connection, row),
            first=first,
            second=second,
            differences=open_differences(first, second),
            entered_by=row.entered_by,
            enterer=row.enterer,
            verified_by=row.verified_by,
            verifier=row.verifier,
        )


def _pages(connection: sa.Connection, row: Any) -> tuple[PageView, ...]:
    """The pages of the invoice first, then the others of its file."""
    own = connection.execute(
        sa.select(renditions.c.pages).where(
            renditions.c.invoice_id == row.invoice_id, renditions.c.document_id == row.document_id
        )
    ).scalar_one_or_none()
    found = pages_of(connection, row.document_id)
    return tuple(sorted(found, key=lambda page: page.index not in (own or ())))


def _task(connection: sa.Connection, task_id: int, state: TaskState | None = None) -> Any:
    enterer, verifier = accounts.alias("enterer"), accounts.alias("verifier")
    query = (
        sa.select(
            *tasks.c,
            documents.c.receipt,
            documents.c.name,
            invoices.c.fields,
            invoices.c.findings,
            invoices.c.match,
            invoices.c.diagnosis,
            enterer.c.name.label("enterer"),
            verifier.c.name.label("verifier"),
        )
        .select_from(
            tasks.join(documents, documents.c.id == tasks.c.document_id)
            .join(invoices, invoices.c.id == tasks.c.invoice_id)
            .outerjoin(enterer, enterer.c.id == tasks.c.entered_by)
            .outerjoin(verifier, verifier.c.id == tasks.c.verified_by)
        )
        .where(tasks.c.id == task_id)
    )
    row: Any = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"task {task_id}")
    if state is not None and row.state != state.value:
        raise TaskStateError(f"task {task_id} is {row.state}")
    return row


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

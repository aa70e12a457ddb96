"""What each step of the review may see of a paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from intake.codec import decode, decode_as
from intake.db import accounts, documents, invoices, read, renditions, tasks
from intake.entries import Entry, open_differences
from intake.errors import NotFoundError, TaskStateError
from intake.model import Diagnosis, Finding, Invoice, MatchOutcome, TaskState
from intake.review import Difference, critical
from intake.views.document import pages_of
from intake.views.rows import PageView
from ocr.types import Box, FieldName, Kind


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
    region: Box | None  # where on the first of its pages it lies, when several share the picture
    first_page: int
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
            region=invoice.region,
            first_page=invoice.pages[0],
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

"""What each step of the review may see of a paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from intake.codec import decode, decode_as
from intake.db import accounts, documents, invoices, read, renditions, tasks
from intake.entries import Entry, mark_of, open_differences
from intake.errors import NotFoundError, TaskStateError
from intake.model import Diagnosis, Finding, Invoice, MatchOutcome, TaskState
from intake.review import Difference, check_entry, critical
from intake.risk import Control, control_of
from intake.standing import Stand, stand
from intake.views.document import pages_of
from intake.views.rows import PageView
from ocr.types import Box, Kind


@dataclass(frozen=True, slots=True)
class TaskPlace:
    """Which step a paper is in, and whose it is at the moment."""

    id: int
    state: TaskState
    document_id: int
    invoice_id: int
    claimant: str | None
    claimed_until: datetime | None
    control: Control  # what follows on the entry, once there is one


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
    claimed_until: datetime | None


@dataclass(frozen=True, slots=True)
class BlindPaper:
    """What the second person sees before keying: no value, neither the first person's nor the reader's."""

    task_id: int
    document_id: int
    receipt: str
    kind: Kind
    pages: tuple[PageView, ...]
    places: tuple[Stand, ...]
    region: Box | None  # where on the first of its pages it lies, when several share the picture
    first_page: int
    entered_by: int | None
    enterer: str | None
    ground: str  # why it is keyed twice (intake.risk.Ground); empty for an entry from before that was said
    claimed_until: datetime | None


@dataclass(frozen=True, slots=True)
class EntryToApprove:
    """What the second person compares with the picture before putting an entry on file; `mark` tells the entry."""

    task_id: int
    document_id: int
    receipt: str
    entry: Entry
    mark: str
    findings: tuple[Finding, ...]
    diagnosis: Diagnosis | None
    invoice: Invoice
    pages: tuple[PageView, ...]
    entered_by: int | None
    enterer: str | None
    ground: str
    claimed_until: datetime | None


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
    claimed_until: datetime | None


def task_place(engine: sa.Engine, task_id: int) -> TaskPlace:
    """Which step a paper is in. Raises NotFoundError."""
    query = (
        sa.select(
            tasks.c.id,
            tasks.c.state,
            tasks.c.document_id,
            tasks.c.invoice_id,
            tasks.c.claimed_until,
            tasks.c.blind,
            accounts.c.name.label("claimant"),
        )
        .select_from(tasks.outerjoin(accounts, accounts.c.id == tasks.c.claimed_by))
        .where(tasks.c.id == task_id)
    )
    with read(engine) as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"task {task_id}")
    return TaskPlace(
        id=row.id,
        state=TaskState(row.state),
        document_id=row.document_id,
        invoice_id=row.invoice_id,
        claimant=row.claimant,
        claimed_until=row.claimed_until,
        control=control_of(row.blind),
    )


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
            claimed_until=row.claimed_until,
        )


def blind_paper(engine: sa.Engine, task_id: int) -> BlindPaper:
    """The paper for the person who verifies. Raises NotFoundError and TaskStateError."""
    with read(engine) as connection:
        row = _task(connection, task_id, TaskState.ENTERED)
        kind = decode(Entry, row.entry).kind
        invoice = decode(Invoice, row.fields)
        pages = _pages(connection, row)
        high = is_upright(pages, invoice.pages[0])
        return BlindPaper(
            task_id=task_id,
            document_id=row.document_id,
            receipt=row.receipt,
            kind=kind,
            pages=pages,
            places=tuple(stand(invoice, kind, name, upright=high) for name in critical(kind)),
            region=invoice.region,
            first_page=invoice.pages[0],
            entered_by=row.entered_by,
            enterer=row.enterer,
            ground=row.blind,
            claimed_until=row.claimed_until,
        )


def entry_to_approve(engine: sa.Engine, task_id: int, *, today: date) -> EntryToApprove:
    """The entry for the person who approves it. Raises NotFoundError, and TaskStateError when it is to be keyed blind."""
    with read(engine) as connection:
        row = _task(connection, task_id, TaskState.ENTERED)
        if control_of(row.blind) is not Control.APPROVAL:
            raise TaskStateError(f"task {task_id} is to be keyed blind")
        entry = decode(Entry, row.entry)
        report = check_entry(entry.kind, entry.values, frozenset(entry.illegible), today=today)
        return EntryToApprove(
            task_id=task_id,
            document_id=row.document_id,
            receipt=row.receipt,
            entry=entry,
            mark=mark_of(entry),
            findings=report.findings,
            diagnosis=decode(Diagnosis, row.diagnosis) if row.diagnosis else None,
            invoice=decode(Invoice, row.fields),
            pages=_pages(connection, row),
            entered_by=row.entered_by,
            enterer=row.enterer,
            ground=row.blind,
            claimed_until=row.claimed_until,
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
            claimed_until=row.claimed_until,
        )


def is_upright(pages: tuple[PageView, ...], index: int) -> bool:
    """Whether this page is higher than wide."""
    return any(page.index == index and page.height > page.width for page in pages)


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

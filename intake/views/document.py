"""One received file with everything that is known about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa

from intake.codec import decode, decode_as
from intake.db import accounts, audit_log, documents, extractions, invoices, pages, read, renditions, tasks
from intake.errors import NotFoundError
from intake.filing import InvoiceOutcome
from intake.model import Diagnosis, Finding, Invoice, InvoiceState, MatchOutcome, TaskState
from intake.views.listing import members, rows_by_id
from intake.views.rows import (
    DocumentView,
    Event,
    InvoiceView,
    Original,
    OtherFile,
    PageView,
    TaskRef,
)
from ocr.types import Box, FieldName, FieldValue, Problem, Receipt, Step

EVENTS: Final = 200


def show_document(engine: sa.Engine, document_id: int) -> DocumentView:
    """Everything of one file. Raises NotFoundError."""
    with read(engine) as connection:
        rows = rows_by_id(connection, [document_id])
        if not rows:
            raise NotFoundError(f"document {document_id}")
        head = connection.execute(
            sa.select(documents.c.sha256, documents.c.attempts, documents.c.parent_id).where(
                documents.c.id == document_id
            )
        ).one()
        said = connection.execute(
            sa.select(extractions.c.body).where(extractions.c.document_id == document_id)
        ).scalar_one_or_none()
        found = tuple(invoices_of(connection, document_id, said["receipts"] if said else ()))
        subjects = [
            f"document:{document_id}",
            *(f"invoice:{view.id}" for view in found),
            *(f"task:{view.task.id}" for view in found if view.task),
        ]
        return DocumentView(
            row=rows[0],
            sha256=head.sha256,
            attempts=head.attempts,
            carrier=said["carrier"] if said else None,
            media_type=said["media_type"] if said else None,
            pages=pages_of(connection, document_id),
            problems=decode_as(tuple[Problem, ...], said["problems"]) if said else (),
            steps=decode_as(tuple[Step, ...], said["steps"]) if said else (),
            invoices=found,
            parent=_file(connection, head.parent_id) if head.parent_id else None,
            members=members(connection, document_id),
            timeline=events(connection, subjects),
        )


def original(engine: sa.Engine, document_id: int) -> Original:
    """What is needed to hand out the bytes. Raises NotFoundError."""
    query = (
        sa.select(documents.c.name, documents.c.sha256, documents.c.size, extractions.c.body)
        .select_from(documents.outerjoin(extractions, extractions.c.document_id == documents.c.id))
        .where(documents.c.id == document_id)
    )
    with read(engine) as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"document {document_id}")
    return Original(row.name, row.sha256, row.size, row.body["media_type"] if row.body else None)


def preview(engine: sa.Engine, document_id: int, page: int) -> str:
    """The SHA-256 of a page's picture. Raises NotFoundError."""
    query = sa.select(pages.c.preview).where(pages.c.document_id == document_id, pages.c.page == page)
    with read(engine) as connection:
        found = connection.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFoundError(f"page {page} of document {document_id}")
    return str(found)


def invoice_document(engine: sa.Engine, invoice_id: int) -> int:
    """The file that first brought an invoice, for links to it. Raises NotFoundError."""
    query = (
        sa.select(renditions.c.document_id)
        .where(renditions.c.invoice_id == invoice_id)
        .order_by(renditions.c.id)
        .limit(1)
    )
    with read(engine) as connection:
        found = connection.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFoundError(f"invoice {invoice_id}")
    return int(found)


def pages_of(connection: sa.Connection, document_id: int) -> tuple[PageView, ...]:
    """The pages of a document in order."""
    query = sa.select(pages).where(pages.c.document_id == document_id).order_by(pages.c.page)
    return tuple(PageView(row.page, row.width, row.height, row.preview) for row in connection.execute(query))


def invoices_of(connection: sa.Connection, document_id: int, receipts: Sequence[Any]) -> Iterable[InvoiceView]:
    """The invoices found in a document, in the order of its pages; `receipts` are those of its reading, encoded."""
    query = (
        sa.select(
            *invoices.c,
            renditions.c.outcome,
            renditions.c.receipt_index,
            renditions.c.pages.label("on_pages"),
            renditions.c.region.label("place"),
        )
        .select_from(renditions.join(invoices, invoices.c.id == renditions.c.invoice_id))
        .where(renditions.c.document_id == document_id)
        .order_by(renditions.c.receipt_index)
    )
    for row in connection.execute(query).all():
        yield InvoiceView(
            id=row.id,
            key=row.key,
            state=InvoiceState(row.state),
            outcome=row.outcome,
            pages=decode_as(tuple[int, ...], row.on_pages),
            region=decode(Box, row.place) if row.place else None,
            invoice=decode(Invoice, row.fields),
            findings=decode_as(tuple[Finding, ...], row.findings),
            match=decode_as(MatchOutcome, row.match),
            diagnosis=decode(Diagnosis, row.diagnosis) if row.diagnosis else None,
            filed_by=row.filed_by,
            filed_at=row.filed_at,
            task=_task(connection, row.id),
            others=_other_files(connection, row.id, document_id),
            blue=_blue(connection, decode(Invoice, row.fields)),
            own=_own(row, receipts),
        )


def _blue(connection: sa.Connection, invoice: Invoice) -> int | None:
    """The invoice that a red letter reverses, by its key or second key (domain.md §4.6); None when it is not on file."""
    key = invoice.value(FieldName.RED_OF)
    if key is None:
        return None
    query = (
        sa.select(invoices.c.id).where(sa.or_(invoices.c.key == key, invoices.c.alias == key)).order_by(invoices.c.id)
    )
    return connection.execute(query.limit(1)).scalar_one_or_none()


def _own(row: Any, receipts: Sequence[Any]) -> tuple[FieldValue, ...] | None:
    """What a further file of an invoice says by itself; None for the file whose reading the invoice is."""
    if row.outcome != InvoiceOutcome.ATTACHED:
        return None
    read_here = receipts[row.receipt_index : row.receipt_index + 1]
    return tuple(value for receipt in read_here for value in decode(Receipt, receipt).values)


def events(connection: sa.Connection, subjects: Iterable[str]) -> tuple[Event, ...]:
    """What happened to these subjects, oldest first."""
    query = (
        sa.select(audit_log.c.at, audit_log.c.actor, audit_log.c.action, audit_log.c.subject, audit_log.c.detail)
        .where(audit_log.c.subject.in_(list(subjects)))
        .order_by(audit_log.c.id)
        .limit(EVENTS)
    )
    return tuple(Event(row.at, row.actor, row.action, row.subject, row.detail) for row in connection.execute(query))


def _task(connection: sa.Connection, invoice_id: int) -> TaskRef | None:
    claimant, enterer, verifier = accounts.alias("claimant"), accounts.alias("enterer"), accounts.alias("verifier")
    query = (
        sa.select(
            tasks.c.id,
            tasks.c.state,
            tasks.c.claimed_by,
            tasks.c.entered_by,
            tasks.c.comment,
            claimant.c.name.label("claimant"),
            enterer.c.name.label("enterer"),
            verifier.c.name.label("verifier"),
        )
        .select_from(
            tasks.outerjoin(claimant, claimant.c.id == tasks.c.claimed_by)
            .outerjoin(enterer, enterer.c.id == tasks.c.entered_by)
            .outerjoin(verifier, verifier.c.id == tasks.c.verified_by)
        )
        .where(tasks.c.invoice_id == invoice_id)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return TaskRef(
        id=row.id,
        state=TaskState(row.state),
        claimed_by=row.claimed_by,
        claimant=row.claimant,
        entered_by=row.entered_by,
        enterer=row.enterer,
        verifier=row.verifier,
        comment=row.comment,
    )


def _other_files(connection: sa.Connection, invoice_id: int, document_id: int) -> tuple[OtherFile, ...]:
    query = (
        _files()
        .join(renditions, renditions.c.document_id == documents.c.id)
        .where(renditions.c.invoice_id == invoice_id, documents.c.id != document_id)
        .order_by(documents.c.id)
    )
    return tuple(OtherFile(row.id, row.receipt, row.name, row.received_at) for row in connection.execute(query))


def _file(connection: sa.Connection, document_id: int) -> OtherFile:
    row = connection.execute(_files().where(documents.c.id == document_id)).one()
    return OtherFile(row.id, row.receipt, row.name, row.received_at)


def _files() -> sa.Select[Any]:
    return sa.select(documents.c.id, documents.c.receipt, documents.c.name, documents.c.received_at)

"""One received file with everything that is known about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from intake.codec import decode, decode_as
from intake.db import accounts, documents, extractions, invoices, pages, read, renditions, tasks
from intake.errors import NotFoundError
from intake.filing import InvoiceOutcome
from intake.model import Diagnosis, Finding, Invoice, InvoiceState, MatchOutcome, TaskState
from intake.views.listing import members, rows_by_id
from intake.views.rows import (
    DocumentView,
    InvoiceSummary,
    InvoiceView,
    Original,
    OtherFile,
    PageView,
    Place,
    TaskRef,
)
from intake.views.story import story
from ocr.types import Box, FieldName, FieldValue, Problem, Receipt, Step


def show_document(
    engine: sa.Engine, document_id: int, *, one: bool = False, invoice: int | None = None
) -> DocumentView:
    """Everything of one file; with `one`, of its invoices only this, or else the first that waits: what is asked of the
    database is then the same however many there are. Raises NotFoundError.
    """
    with read(engine) as connection:
        rows = rows_by_id(connection, [document_id])
        if not rows:
            raise NotFoundError(f"document {document_id}")
        head = connection.execute(
            sa.select(documents.c.sha256, documents.c.attempts, documents.c.parent_id, documents.c.done_at).where(
                documents.c.id == document_id
            )
        ).one()
        said = connection.execute(
            sa.select(extractions.c.body).where(extractions.c.document_id == document_id)
        ).scalar_one_or_none()
        chosen = _chosen(rows[0].invoices, invoice) if one else None
        found = tuple(invoices_of(connection, document_id, said["receipts"] if said else (), chosen))
        steps = decode_as(tuple[Step, ...], said["steps"]) if said else ()
        return DocumentView(
            row=rows[0],
            sha256=head.sha256,
            attempts=head.attempts,
            carrier=said["carrier"] if said else None,
            media_type=said["media_type"] if said else None,
            pages=pages_of(connection, document_id),
            problems=decode_as(tuple[Problem, ...], said["problems"]) if said else (),
            steps=steps,
            invoices=found,
            parent=_file(connection, head.parent_id) if head.parent_id else None,
            members=members(connection, document_id),
            timeline=story(
                connection,
                document_id,
                [view.id for view in found],
                [view.task.id for view in found if view.task],
                (head.done_at, steps) if steps and head.done_at else None,
            ),
            places=_places(connection, document_id) if len(rows[0].invoices) > 1 else (),
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


def _chosen(inside: Sequence[InvoiceSummary], wanted: int | None) -> int | None:
    """The invoice to show: the one that is asked for, else the first that waits, else the first."""
    if any(one.id == wanted for one in inside):
        return wanted
    waiting = (one.id for one in inside if one.state is InvoiceState.NEEDS_REVIEW)
    return next(waiting, inside[0].id if inside else None)


def invoices_of(
    connection: sa.Connection, document_id: int, receipts: Sequence[Any], only: int | None = None
) -> Iterable[InvoiceView]:
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
    rows = connection.execute(query if only is None else query.where(invoices.c.id == only)).all()
    read_here = {row.id: decode(Invoice, row.fields) for row in rows}
    reviews = _tasks(connection, list(read_here))
    elsewhere = _other_files(connection, list(read_here), document_id)
    blues = _blues(connection, read_here)
    for row in rows:
        yield InvoiceView(
            id=row.id,
            key=row.key,
            state=InvoiceState(row.state),
            outcome=row.outcome,
            pages=decode_as(tuple[int, ...], row.on_pages),
            region=decode(Box, row.place) if row.place else None,
            invoice=read_here[row.id],
            findings=decode_as(tuple[Finding, ...], row.findings),
            match=decode_as(MatchOutcome, row.match),
            diagnosis=decode(Diagnosis, row.diagnosis) if row.diagnosis else None,
            filed_by=row.filed_by,
            filed_at=row.filed_at,
            task=reviews.get(row.id),
            others=tuple(elsewhere[row.id]),
            blue=blues.get(row.id),
            own=_own(row, receipts),
        )


def _blues(connection: sa.Connection, found: Mapping[int, Invoice]) -> dict[int, int]:
    """The invoices that red letters reverse, by key or second key (domain.md §4.6); those that are on file."""
    keys = {number: key for number, invoice in found.items() if (key := invoice.value(FieldName.RED_OF)) is not None}
    if not keys:
        return {}
    named = list(keys.values())
    query = (
        sa.select(invoices.c.id, invoices.c.key, invoices.c.alias)
        .where(sa.or_(invoices.c.key.in_(named), invoices.c.alias.in_(named)))
        .order_by(invoices.c.id.desc())
    )
    holder = {name: row.id for row in connection.execute(query) for name in (row.alias, row.key)}
    return {number: holder[key] for number, key in keys.items() if key in holder}


def _places(connection: sa.Connection, document_id: int) -> tuple[Place, ...]:
    """Where each of several papers lies on the picture; those that have a page for themselves have no place."""
    query = (
        sa.select(renditions.c.invoice_id, renditions.c.pages, renditions.c.region)
        .where(renditions.c.document_id == document_id)
        .order_by(renditions.c.receipt_index)
    )
    return tuple(
        Place(row.invoice_id, row.pages[0], decode(Box, row.region) if row.region else None)
        for row in connection.execute(query)
    )


def _own(row: Any, receipts: Sequence[Any]) -> tuple[FieldValue, ...] | None:
    """What a further file of an invoice says by itself; None for the file whose reading the invoice is."""
    if row.outcome != InvoiceOutcome.ATTACHED:
        return None
    read_here = receipts[row.receipt_index : row.receipt_index + 1]
    return tuple(value for receipt in read_here for value in decode(Receipt, receipt).values)


def _tasks(connection: sa.Connection, invoice_ids: Sequence[int]) -> dict[int, TaskRef]:
    claimant, enterer, verifier = accounts.alias("claimant"), accounts.alias("enterer"), accounts.alias("verifier")
    query = (
        sa.select(
            tasks.c.id,
            tasks.c.invoice_id,
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
        .where(tasks.c.invoice_id.in_(invoice_ids))
    )
    return {
        row.invoice_id: TaskRef(
            id=row.id,
            state=TaskState(row.state),
            claimed_by=row.claimed_by,
            claimant=row.claimant,
            entered_by=row.entered_by,
            enterer=row.enterer,
            verifier=row.verifier,
            comment=row.comment,
        )
        for row in connection.execute(query)
    }


def _other_files(
    connection: sa.Connection, invoice_ids: Sequence[int], document_id: int
) -> defaultdict[int, list[OtherFile]]:
    query = (
        _files()
        .add_columns(renditions.c.invoice_id)
        .join(renditions, renditions.c.document_id == documents.c.id)
        .where(renditions.c.invoice_id.in_(invoice_ids), documents.c.id != document_id)
        .order_by(documents.c.id)
    )
    found: defaultdict[int, list[OtherFile]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.invoice_id].append(OtherFile(row.id, row.receipt, row.name, row.received_at))
    return found


def _file(connection: sa.Connection, document_id: int) -> OtherFile:
    row = connection.execute(_files().where(documents.c.id == document_id)).one()
    return OtherFile(row.id, row.receipt, row.name, row.received_at)


def _files() -> sa.Select[Any]:
    return sa.select(documents.c.id, documents.c.receipt, documents.c.name, documents.c.received_at)

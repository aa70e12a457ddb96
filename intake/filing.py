"""What is written for each decision: an invoice with its rendition and, for a person, a review task.

A key belongs to the first invoice for ever. Whoever comes second with it, however narrowly (two workers at the same
moment, two pages of one file), is attached when date and amounts agree and otherwise goes to a person without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum, unique
from typing import Any, Final, assert_never

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from intake.codec import encode
from intake.db import documents, invoices, renditions, tasks
from intake.model import (
    Attached,
    Cause,
    Decision,
    Diagnosis,
    Evidence,
    Filed,
    Finding,
    Invoice,
    InvoiceState,
    Matched,
    MatchOutcome,
    NeedsReview,
    NextStep,
    Role,
    TaskState,
    Unmatched,
)
from intake.records import alias, decision_columns, invoice_columns
from ocr.types import Box, Kind

MACHINE: Final = "machine"


@unique
class InvoiceOutcome(StrEnum):
    """What became of one receipt of a file."""

    FILED = "filed"
    NEEDS_REVIEW = "needs_review"
    ATTACHED = "attached"


@dataclass(frozen=True, slots=True)
class Event:
    """A record for the audit log, written at the end of the transaction."""

    action: str
    subject: str
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was written for one decision; `cause` says why a person must look."""

    outcome: InvoiceOutcome
    invoice_id: int
    events: tuple[Event, ...]
    cause: str = ""


def insert_into(conn: sa.Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """The insert of the connected database, which knows ON CONFLICT."""
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def file_decisions(
    conn: sa.Connection, document_id: int, decisions: Sequence[Decision], now: datetime
) -> list[Outcome]:
    """Write the decisions on the receipts of a document; the outcomes are in the order of the receipts."""
    # Keys are taken in one order, so that two files with the same invoices never wait for each other.
    order = sorted(range(len(decisions)), key=lambda index: (decisions[index].key or "", index))
    written = {index: _write(conn, document_id, index, decisions[index], now) for index in order}
    return [written[index] for index in range(len(decisions))]


def open_unread(conn: sa.Connection, document_id: int, reason: str, attempts: int, now: datetime) -> Outcome:
    """An invoice nobody could read, with a task: a person opens the original and keys it in."""
    evidence = Evidence(f"reader_{reason}", {"attempts": str(attempts)}, f"document:{document_id}")
    diagnosis = Diagnosis(Cause.UNKNOWN, (evidence,), NextStep.KEY_AND_VERIFY, Role.CLERK)
    unread = NeedsReview(Invoice(Kind.UNKNOWN, {}), None, (), Unmatched(), diagnosis)
    return _write(conn, document_id, 0, unread, now)


def _write(conn: sa.Connection, document_id: int, index: int, decision: Decision, now: datetime) -> Outcome:
    place = _Place(document_id, index, decision.invoice.pages, decision.invoice.region)
    match decision:
        case Attached(known=known, whole=whole):
            outcome = _attach(conn, place, known.invoice_id)
            return outcome if whole is None else _complete(conn, outcome, whole, now)
        case Filed(invoice=invoice, key=key, findings=findings, match=matched):
            other = _holder(conn, key, invoice)
            if other is None:
                made = _insert_invoice(conn, invoice, key, _filed_columns(findings, matched, now), now)
                if made is not None:
                    _add_rendition(conn, place, made, InvoiceOutcome.FILED)
                    event = Event("filed", f"invoice:{made}", {"document": document_id, "key": key, "by": MACHINE})
                    return Outcome(InvoiceOutcome.FILED, made, (event,))
            return _second(conn, place, decision, key, now)
        case NeedsReview(invoice=invoice, key=key):
            if key is None:
                return _open_review(conn, place, decision, now)
            if _holder(conn, key, invoice) is None:
                opened = _try_review(conn, place, decision, now)
                if opened is not None:
                    return opened
            return _second(conn, place, decision, key, now)
        case _:
            assert_never(decision)


@dataclass(frozen=True, slots=True)
class _Place:
    """Which receipt of which document."""

    document_id: int
    index: int
    pages: tuple[int, ...]
    region: Box | None


@dataclass(frozen=True, slots=True)
class _Holder:
    """The invoice that has a key."""

    id: int
    date: date | None
    net: Decimal | None
    total: Decimal | None


def _second(conn: sa.Connection, place: _Place, decision: Filed | NeedsReview, key: str, now: datetime) -> Outcome:
    """The key is another invoice's: the same one again, or one that contradicts it."""
    holder = _holder(conn, key, decision.invoice)
    if holder is None:
        raise RuntimeError(f"the key {key} is taken and nobody has it")
    if _agrees(decision.invoice, holder):
        return _attach(conn, place, holder.id)
    evidence = Evidence("key_taken", {"key": key}, f"invoice:{holder.id}")
    diagnosis = Diagnosis(Cause.DUPLICATE, (evidence,), NextStep.OPEN_FIRST_RECORD, Role.SUPERVISOR)
    conflict = NeedsReview(decision.invoice, None, decision.findings, decision.match, diagnosis)
    return _open_review(conn, place, conflict, now)


def _holder(conn: sa.Connection, key: str, invoice: Invoice) -> _Holder | None:
    """The invoice that has this key, under its own or its second key."""
    second = alias(invoice)
    keys = [key] if second is None else [key, second]
    query = sa.select(invoices.c.id, invoices.c.date, invoices.c.net, invoices.c.total)
    row = conn.execute(
        query.where(sa.or_(invoices.c.key.in_(keys), invoices.c.alias == key)).order_by(invoices.c.id).limit(1)
    ).first()
    return None if row is None else _Holder(*row)


def _agrees(invoice: Invoice, holder: _Holder) -> bool:
    """At least one of date, total and net is known on both sides, and those that are are equal."""
    columns = invoice_columns(invoice)
    pairs = [(columns[name], getattr(holder, name)) for name in ("date", "total", "net")]
    compared = [here == there for here, there in pairs if here is not None and there is not None]
    return bool(compared) and all(compared)


def _attach(conn: sa.Connection, place: _Place, invoice_id: int) -> Outcome:
    _add_rendition(conn, place, invoice_id, InvoiceOutcome.ATTACHED)
    event = Event("attached", f"invoice:{invoice_id}", {"document": place.document_id})
    return Outcome(InvoiceOutcome.ATTACHED, invoice_id, (event,))


def _complete(conn: sa.Connection, outcome: Outcome, whole: Filed | NeedsReview, now: datetime) -> Outcome:
    """Pages came for which an invoice waited: say anew what it is, and file it if no person is needed.

    A task that somebody holds or has keyed is left to the people: the pages are attached, nothing is changed under
    their hands.
    """
    of_it = sa.and_(
        renditions.c.invoice_id == outcome.invoice_id, renditions.c.outcome == InvoiceOutcome.NEEDS_REVIEW.value
    )
    theirs = sa.select(renditions.c.document_id).where(of_it)
    locked = sa.select(documents.c.id).where(documents.c.id.in_(theirs)).order_by(documents.c.id).with_for_update()
    files = tuple(conn.scalars(locked))  # files are locked before tasks and invoices
    waits = sa.and_(tasks.c.invoice_id == outcome.invoice_id, tasks.c.state == TaskState.OPEN.value)
    if isinstance(whole, Filed):
        columns = _filed_columns(whole.findings, whole.match, now)
        task: dict[str, Any] = {"state": TaskState.CLOSED.value, "closed_at": now}
    else:
        columns = decision_columns(whole.findings, whole.match, whole.diagnosis)
        columns |= {"register_key": _register_key(whole.match)}
        task = {"cause": whole.diagnosis.cause.value}
    if conn.execute(sa.update(tasks).where(waits, tasks.c.claimed_by.is_(None)).values(**task)).rowcount != 1:
        return outcome
    values = invoice_columns(whole.invoice) | columns | {"version": invoices.c.version + 1}
    conn.execute(sa.update(invoices).where(invoices.c.id == outcome.invoice_id).values(**values))
    state, reason = InvoiceOutcome.NEEDS_REVIEW, task.get("cause", "")
    if isinstance(whole, Filed):
        state = InvoiceOutcome.FILED
        conn.execute(sa.update(renditions).where(of_it).values(outcome=state.value))
    alone = sa.and_(documents.c.id.in_(files), documents.c.reason == Cause.PAGES_MISSING.value)
    conn.execute(sa.update(documents).where(alone).values(state=state.value, reason=reason))
    detail = {"pages": list(whole.invoice.sheets.here) if whole.invoice.sheets else []}
    events = (*outcome.events, Event("pages_joined", f"invoice:{outcome.invoice_id}", detail))
    if isinstance(whole, Filed):
        events += (Event("filed", f"invoice:{outcome.invoice_id}", {"key": whole.key, "by": MACHINE}),)
    return Outcome(outcome.outcome, outcome.invoice_id, events)


def _open_review(conn: sa.Connection, place: _Place, decision: NeedsReview, now: datetime) -> Outcome:
    opened = _try_review(conn, place, decision, now)
    if opened is None:
        raise RuntimeError("an invoice without a key cannot be refused for its key")
    return opened


def _try_review(conn: sa.Connection, place: _Place, decision: NeedsReview, now: datetime) -> Outcome | None:
    columns = decision_columns(decision.findings, decision.match, decision.diagnosis)
    columns |= {"state": InvoiceState.NEEDS_REVIEW.value, "register_key": _register_key(decision.match)}
    made = _insert_invoice(conn, decision.invoice, decision.key, columns, now)
    if made is None:
        return None
    _add_rendition(conn, place, made, InvoiceOutcome.NEEDS_REVIEW)
    cause = decision.diagnosis.cause.value
    task_id = conn.execute(
        sa.insert(tasks)
        .values(invoice_id=made, document_id=place.document_id, state=TaskState.OPEN.value, cause=cause, opened_at=now)
        .returning(tasks.c.id)
    ).scalar_one()
    event = Event("review_opened", f"task:{task_id}", {"document": place.document_id, "invoice": made, "cause": cause})
    return Outcome(InvoiceOutcome.NEEDS_REVIEW, made, (event,), cause)


def _insert_invoice(
    conn: sa.Connection, invoice: Invoice, key: str | None, columns: Mapping[str, Any], now: datetime
) -> int | None:
    """The id of the new invoice, or None when its key has just been taken."""
    values = invoice_columns(invoice) | dict(columns) | {"key": key, "created_at": now}
    statement = insert_into(conn, invoices).values(values).on_conflict_do_nothing(index_elements=["key"])
    return conn.execute(statement.returning(invoices.c.id)).scalar_one_or_none()


def _filed_columns(findings: tuple[Finding, ...], match: Matched, now: datetime) -> dict[str, Any]:
    return decision_columns(findings, match, None) | {
        "state": InvoiceState.FILED.value,
        "register_key": _register_key(match),
        "filed_by": MACHINE,
        "filed_at": now,
    }


def _register_key(match: MatchOutcome) -> str | None:
    return match.candidate.row.key if isinstance(match, Matched) else None


def _add_rendition(conn: sa.Connection, place: _Place, invoice_id: int, outcome: InvoiceOutcome) -> None:
    conn.execute(
        sa.insert(renditions).values(
            invoice_id=invoice_id,
            document_id=place.document_id,
            receipt_index=place.index,
            outcome=outcome.value,
            pages=list(place.pages),
            region=encode(place.region, Box | None),
        )
    )

"""Which invoice a paper becomes: a new one, or a carrier of the one that bears its key (domain.md §9.5).

Whoever comes second with a key, however narrowly (two workers at the same moment, two pages of one file), is attached when
date and amounts agree; when they do not, both are blocked until a supervisor decides; when the first was refused, a
person is told so. The names of all papers of a file are locked before anything is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, assert_never

import sqlalchemy as sa

from intake import conflicts, names
from intake.carriers import Form, form_of
from intake.clock import BEIJING
from intake.codec import decode
from intake.completing import complete, enrich
from intake.db import audit_log, documents, invoices
from intake.diagnosis.case import ATTACHMENTS
from intake.enriching import Difference, comparable, differences
from intake.filing import Event, InvoiceOutcome, Outcome, OvertakenError, Place, attach, file_new, open_review
from intake.model import (
    Attached,
    Cause,
    Channel,
    Decision,
    Diagnosis,
    Evidence,
    Filed,
    Invoice,
    InvoiceState,
    NeedsReview,
    NextStep,
    Role,
    Unmatched,
)
from ocr.types import Extraction

REFUSING: Final = ("refused", "conflict_decided")


@dataclass(frozen=True, slots=True)
class Holder:
    """The invoice that has a key, locked."""

    id: int
    key: str | None
    state: InvoiceState
    invoice: Invoice


def file_decisions(
    conn: sa.Connection,
    document_id: int,
    decisions: Sequence[Decision],
    now: datetime,
    reading: Extraction | None = None,
) -> list[Outcome]:
    """Write the decisions on the receipts of a document; the outcomes are in the order of the receipts.

    Raises OvertakenError when an invoice that waits took one of the keys since the decisions were made: they must be made
    anew, since the paper may be what that one waits for. Nothing may then be kept of the transaction.
    """
    keys = [_key(decision) for decision in decisions]
    named = {
        index: names.names_of(decision.invoice, key)
        for index, (decision, key) in enumerate(zip(decisions, keys, strict=True))
        if key is not None
    }
    names.lock(conn, (name for mine in named.values() for name in mine))
    forms = _forms(conn, document_id, decisions, reading)
    made: set[int] = set()
    written: dict[int, Outcome] = {}
    # Invoices are touched in one order, so that two files with the same ones never wait for each other.
    for index in sorted(range(len(decisions)), key=lambda one: (keys[one] or "", one)):
        decision = decisions[index]
        place = Place(document_id, index, decision.invoice.pages, decision.invoice.region, forms[index])
        outcome = _write(conn, place, decision, keys[index], named.get(index, ()), made, now)
        if outcome.outcome is not InvoiceOutcome.ATTACHED:
            made.add(outcome.invoice_id)
        written[index] = outcome
    return [written[index] for index in range(len(decisions))]


def _key(decision: Decision) -> str | None:
    """The key of a paper that is an invoice; the one that is on file already has it, for all that the decision says."""
    if decision.invoice.kind in ATTACHMENTS:
        return None
    return decision.key or names.key_for(decision.invoice)


def _forms(
    conn: sa.Connection, document_id: int, decisions: Sequence[Decision], reading: Extraction | None
) -> list[Form]:
    if reading is None:
        return [Form.UNKNOWN] * len(decisions)
    channel = conn.execute(sa.select(documents.c.channel).where(documents.c.id == document_id)).scalar_one()
    return [
        Form.ATTACHMENT
        if decision.invoice.kind in ATTACHMENTS
        else form_of(reading, decision.invoice.pages, Channel(channel))
        for decision in decisions
    ]


def _write(
    conn: sa.Connection,
    place: Place,
    decision: Decision,
    key: str | None,
    named: tuple[str, ...],
    made: set[int],
    now: datetime,
) -> Outcome:
    if isinstance(decision, Attached) and key is None:
        return attach(conn, place, decision.known.invoice_id)
    holder = _holder(conn, names.holder(conn, named)) if key is not None else None
    if holder is not None:
        return _meet(conn, place, decision, holder, made, now)
    match decision:
        case Attached():
            raise OvertakenError(f"the invoice {key} has given its key up")
        case Filed():
            return file_new(conn, place, decision, key or decision.key, now)
        case NeedsReview():
            return open_review(conn, place, decision, key, now)
        case _:
            assert_never(decision)


def _holder(conn: sa.Connection, invoice_id: int | None) -> Holder | None:
    """The invoice with its row locked; None when nobody has the key."""
    if invoice_id is None:
        return None
    query = sa.select(invoices.c.id, invoices.c.key, invoices.c.state, invoices.c.fields)
    row = conn.execute(query.where(invoices.c.id == invoice_id).with_for_update()).one()
    return Holder(row.id, row.key, InvoiceState(row.state), decode(Invoice, row.fields))


def _meet(
    conn: sa.Connection, place: Place, decision: Decision, holder: Holder, made: set[int], now: datetime
) -> Outcome:
    """The key is another invoice's: the same one again, one that contradicts it, or one that was refused."""
    mine = decision.invoice
    differs = differences(holder.invoice, mine)
    if holder.state is InvoiceState.REFUSED:
        evidence = (_refused(conn, holder), *_told(differs, holder.id))
        return open_review(conn, place, _review(decision, evidence, Role.VERIFIER), None, now)
    if differs or not comparable(holder.invoice, mine):
        evidence = _evidence(decision) or (_taken(holder), *_told(differs, holder.id))
        second = open_review(conn, place, _review(decision, evidence, Role.SUPERVISOR), None, now)
        if not differs:
            return second
        conflicts.note(conn, holder.id, second.invoice_id, differs, now)
        detail = {one.field.value: {"first": one.first, "second": one.second} for one in differs}
        opened = Event("conflict_opened", f"invoice:{holder.id}", {"document": place.document_id, "differs": detail})
        return replace(second, events=(*second.events, opened))
    if holder.state is InvoiceState.NEEDS_REVIEW and holder.id not in made:
        if not isinstance(decision, Attached):
            raise OvertakenError(f"invoice {holder.id} waits for what this paper may bring")
        outcome = attach(conn, place, holder.id)
        return outcome if decision.whole is None else complete(conn, outcome, decision, now)
    gained = enrich(conn, holder.id, holder.invoice, mine, place.document_id)
    return attach(conn, place, holder.id, gained)


def _review(decision: Decision, evidence: tuple[Evidence, ...], owner: Role) -> NeedsReview:
    """The paper with a task: whoever opens it sees the first record beside it."""
    diagnosis = Diagnosis(Cause.DUPLICATE, evidence, NextStep.OPEN_FIRST_RECORD, owner)
    outcome = Unmatched() if isinstance(decision, Attached) else decision.match
    return NeedsReview(decision.invoice, None, decision.findings, outcome, diagnosis)


def _evidence(decision: Decision) -> tuple[Evidence, ...]:
    """What the diagnosis found already of the first record."""
    if isinstance(decision, NeedsReview) and decision.diagnosis.cause is Cause.DUPLICATE:
        return decision.diagnosis.evidence
    return ()


def _taken(holder: Holder) -> Evidence:
    return Evidence("key_taken", {"key": holder.key or ""}, f"invoice:{holder.id}")


def _told(differs: Sequence[Difference], invoice_id: int) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            "differs_from_first",
            {"field": one.field.value, "here": one.second, "first": one.first},
            f"invoice:{invoice_id}",
        )
        for one in differs
    )


def _refused(conn: sa.Connection, holder: Holder) -> Evidence:
    """Who refused the first record, when and why: its key stays reserved (§9.5.8)."""
    said = conn.execute(
        sa.select(audit_log.c.at, audit_log.c.actor, audit_log.c.detail)
        .where(audit_log.c.subject == f"invoice:{holder.id}", audit_log.c.action.in_(REFUSING))
        .order_by(audit_log.c.id.desc())
        .limit(1)
    ).first()
    params: Mapping[str, str] = {}
    if said is not None:
        day = said.at.astimezone(BEIJING).strftime("%Y-%m-%d")
        reason = str(said.detail.get("reason", "duplicate"))
        params = {"date": day, "by": said.actor, "reason": reason, "comment": str(said.detail.get("comment", ""))}
    return Evidence("key_reserved", params, f"invoice:{holder.id}")

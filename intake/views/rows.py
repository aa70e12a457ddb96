"""Frozen rows of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from intake.model import (
    Cause,
    Channel,
    Diagnosis,
    DocumentState,
    Finding,
    Invoice,
    InvoiceState,
    MatchOutcome,
    TaskState,
)
from ocr.types import Box, FieldValue, Kind, Problem, Step


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for this person: papers to key, entries of others to verify, differences to decide."""

    to_key: int
    to_verify: int
    to_decide: int


@dataclass(frozen=True, slots=True)
class InvoiceSummary:
    """An invoice as a line of a list."""

    id: int
    kind: Kind
    state: InvoiceState
    outcome: str  # filed | needs_review | attached: what this file brought
    code: str
    number: str
    date: date | None
    total: Decimal | None
    seller_name: str
    buyer_name: str
    task_id: int | None
    task_state: TaskState | None
    cause: Cause | None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A received file as a line of the list, with the invoices found in it."""

    id: int
    receipt: str
    name: str
    size: int
    channel: Channel
    state: DocumentState
    reason: str
    received_at: datetime
    done_at: datetime | None
    submitter: str | None
    invoices: tuple[InvoiceSummary, ...] = ()
    advice: tuple[Problem, ...] = ()  # to who took the picture
    replaces: int | None = None  # the document whose picture this one took the place of
    pictured: bool = False  # whether the first page can be shown


@dataclass(frozen=True, slots=True)
class PageView:
    """A page of a document: pixels of the upright raster, the preview's SHA-256 when there is one."""

    index: int
    width: int
    height: int
    preview: str | None


@dataclass(frozen=True, slots=True)
class OtherFile:
    """Another file of the same invoice."""

    id: int
    receipt: str
    name: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class TaskRef:
    """Where the review of an invoice stands."""

    id: int
    state: TaskState
    claimed_by: int | None
    claimant: str | None
    entered_by: int | None
    enterer: str | None
    verifier: str | None
    comment: str


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """An invoice found in a document, with all that is believed of it and why.

    `own` is what this very file says when it is a further file of the invoice, whose fields and boxes are another's.
    """

    id: int
    key: str | None
    state: InvoiceState
    outcome: str
    pages: tuple[int, ...]
    region: Box | None
    invoice: Invoice
    findings: tuple[Finding, ...]
    match: MatchOutcome
    diagnosis: Diagnosis | None
    filed_by: str
    filed_at: datetime | None
    task: TaskRef | None
    others: tuple[OtherFile, ...]
    blue: int | None = None  # the invoice that a red letter reverses, when it is on file
    own: tuple[FieldValue, ...] | None = None
    blind: bool = False  # what was read is kept from this person, who keys it blind at the moment


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a document or is to come: from the audit chain, or from what only tables know."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    who: str = ""  # the name of the person whose login `actor` is; empty for the service


@dataclass(frozen=True, slots=True)
class Place:
    """Where one of several papers lies on the picture; `region` is None for one that has the page for itself."""

    invoice_id: int
    page: int
    region: Box | None


@dataclass(frozen=True, slots=True)
class DocumentView:
    """Everything the document page shows."""

    row: DocumentRow
    sha256: str
    attempts: int
    carrier: str | None
    media_type: str | None
    pages: tuple[PageView, ...]
    problems: tuple[Problem, ...]
    steps: tuple[Step, ...]  # of the reading, with what each cost
    invoices: tuple[InvoiceView, ...]
    parent: OtherFile | None
    members: tuple[DocumentRow, ...]
    timeline: tuple[Event, ...]
    places: tuple[Place, ...] = ()  # of all its invoices, also of those that are not shown now


@dataclass(frozen=True, slots=True)
class Original:
    """What is needed to hand out the received bytes."""

    name: str
    sha256: str
    size: int
    media_type: str | None

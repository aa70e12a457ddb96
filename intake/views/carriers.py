"""One invoice with its carriers, its red and blue relatives, what contradicts it, what is like it, and its use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from intake.carriers import Form, Kept, original, why_original
from intake.clearance import Clearance, clear, unreachable
from intake.conflicts import of_invoice
from intake.db import accounts, documents, invoices, read, renditions, uses
from intake.hints import Hint, hints
from intake.model import InvoiceState, SourceState
from intake.reversal import Reversal, blue_of, reversal


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """A file that carries the invoice."""

    document_id: int
    receipt: str
    name: str
    form: Form
    received_at: datetime
    original: bool


@dataclass(frozen=True, slots=True)
class Short:
    """Another invoice in a line."""

    id: int
    number: str
    date: date | None
    total: Decimal | None
    state: InvoiceState


@dataclass(frozen=True, slots=True)
class Opposed:
    """Another paper with this key and other values; `first` says that this invoice is the one that has the key.

    `differs` holds field, value here, value there.
    """

    conflict_id: int
    first: bool
    other: Short
    differs: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class UseView:
    """The use of an invoice as its page shows it; `alarm` is empty when there is none that waits for an answer."""

    state: str
    voucher: str
    locked_by: int
    locker: str
    locked_at: datetime
    user: str | None
    used_at: datetime | None
    frozen_at: datetime | None
    amount: Decimal | None
    register_status: str
    checked_at: datetime
    alarm: str


@dataclass(frozen=True, slots=True)
class Carriers:
    """Everything of this page part."""

    rows: tuple[CarrierRow, ...]
    why: str  # of `intake.carriers.why_original`; empty when there is no carrier
    blue: Short | None
    blue_key: str | None  # of a red letter whose blue invoice is not on file
    reversal: Reversal
    opposed: tuple[Opposed, ...]
    hints: tuple[Hint, ...]
    use: UseView | None
    clearance: Clearance


def carriers(engine: sa.Engine, invoice_id: int, sources: Sequence[SourceState] = ()) -> Carriers:
    """The carriers of an invoice; `sources` are those of the register, to say which of them do not answer."""
    with read(engine) as conn:
        row = conn.execute(sa.select(invoices.c.blue_key).where(invoices.c.id == invoice_id)).one()
        rows, why = _rows(conn, invoice_id)
        blue = blue_of(conn, row.blue_key)
        return Carriers(
            rows=rows,
            why=why,
            blue=None if blue is None else _short(conn, blue),
            blue_key=row.blue_key,
            reversal=reversal(conn, invoice_id),
            opposed=_opposed(conn, invoice_id),
            hints=hints(conn, invoice_id),
            use=_use_of(conn, invoice_id),
            clearance=clear(conn, invoice_id, unreachable(sources)),
        )


def _rows(conn: sa.Connection, invoice_id: int) -> tuple[tuple[CarrierRow, ...], str]:
    query = (
        sa.select(
            renditions.c.id,
            renditions.c.form,
            renditions.c.document_id,
            documents.c.receipt,
            documents.c.name,
            documents.c.received_at,
        )
        .join(documents, documents.c.id == renditions.c.document_id)
        .where(renditions.c.invoice_id == invoice_id)
        .order_by(renditions.c.id)
    )
    found = conn.execute(query).all()
    kept = [Kept(row.id, Form(row.form)) for row in found]
    best = original(kept)
    forms = [one.form for one in kept if one.form is not Form.ATTACHMENT]
    why = next((why_original(one.form, forms) for one in kept if one.rendition_id == best), "")
    rows = tuple(
        CarrierRow(row.document_id, row.receipt, row.name, Form(row.form), row.received_at, row.id == best)
        for row in found
    )
    return rows, why


def _short(conn: sa.Connection, invoice_id: int) -> Short:
    columns = (invoices.c.id, invoices.c.number, invoices.c.date, invoices.c.total, invoices.c.state)
    row = conn.execute(sa.select(*columns).where(invoices.c.id == invoice_id)).one()
    return Short(row.id, row.number, row.date, row.total, InvoiceState(row.state))


def _opposed(conn: sa.Connection, invoice_id: int) -> tuple[Opposed, ...]:
    found = []
    for one in of_invoice(conn, invoice_id):
        first = one.first_id == invoice_id
        differs = one.differs if first else tuple((name, there, here) for name, here, there in one.differs)
        found.append(Opposed(one.id, first, _short(conn, one.other(invoice_id)), differs))
    return tuple(found)


def use_of_invoice(engine: sa.Engine, invoice_id: int) -> UseView | None:
    """The use of an invoice; None while it is free."""
    with read(engine) as conn:
        return _use_of(conn, invoice_id)


def _use_of(conn: sa.Connection, invoice_id: int) -> UseView | None:
    locker, user = accounts.alias("locker"), accounts.alias("user")
    query = (
        sa.select(*uses.c, locker.c.name.label("locker"), user.c.name.label("user"))
        .select_from(uses.join(locker, locker.c.id == uses.c.locked_by).outerjoin(user, user.c.id == uses.c.used_by))
        .where(uses.c.invoice_id == invoice_id)
    )
    row = conn.execute(query).first()
    return None if row is None else _use(row)


def _use(row: Any) -> UseView:
    return UseView(
        state=row.state,
        voucher=row.voucher,
        locked_by=row.locked_by,
        locker=row.locker,
        locked_at=row.locked_at,
        user=row.user,
        used_at=row.used_at,
        frozen_at=row.frozen_at,
        amount=row.amount,
        register_status=row.register_status,
        checked_at=row.checked_at,
        alarm=row.alarm if row.alarm != row.answered else "",
    )

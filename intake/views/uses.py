"""Lists of what may be used, is locked, used or frozen, and what came to be bad later; and of open conflicts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from intake import disputes
from intake.conflicts import found, is_open
from intake.db import accounts, conflicts, invoices, read, uses
from intake.model import InvoiceState
from ocr.types import Kind

PAGE: Final = 50
WHOLE: Final = (8, 20)  # digits of a complete number
FREE: Final = "free"
ALARM: Final = "alarm"
TABS: Final = (FREE, "locked", "used", "frozen", ALARM)


@dataclass(frozen=True, slots=True)
class UseRow:
    """A filed invoice with its use; the parts of the use are empty or None while it is free."""

    invoice_id: int
    kind: Kind
    code: str
    number: str
    date: date | None
    total: Decimal | None
    seller_name: str
    state: str
    voucher: str
    amount: Decimal | None
    locker: str | None
    locked_at: datetime | None
    used_at: datetime | None
    frozen_at: datetime | None
    register_status: str
    alarm: str
    contradicted: bool  # another paper has this number and other values


@dataclass(frozen=True, slots=True)
class UsePage:
    """One page, the newest first; `older` is the id to go on from, None at the end."""

    rows: tuple[UseRow, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """Two papers with one key; `differs` holds field, value of the first, value of the second."""

    id: int
    first_id: int
    second_id: int
    number: str
    seller_name: str
    opened_at: datetime
    differs: tuple[tuple[str, str, str], ...]
    first_used: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """Alarms without an answer, and conflicts without a decision."""

    alarms: int
    conflicts: int


def list_uses(engine: sa.Engine, tab: str, *, text: str = "", before: int | None = None) -> UsePage:
    """One page of a tab (one of :data:`TABS`), narrowed to a voucher or to a part of a number (its end, or all of it)."""
    query = _rows().where(invoices.c.key.is_not(None))
    if tab == FREE:
        fit = invoices.c.total.is_(None) | (invoices.c.total >= 0)  # a red letter is not used by itself
        query = query.where(invoices.c.state == InvoiceState.FILED.value, uses.c.invoice_id.is_(None), fit)
    elif tab == ALARM:
        query = query.where(uses.c.alarm > "", uses.c.alarm != uses.c.answered)
    else:
        query = query.where(uses.c.state == tab)
    if text:
        digits = "".join(text.split())
        whole = digits.isdigit() and len(digits) in WHOLE
        number = invoices.c.number == digits if whole else invoices.c.number.endswith(digits, autoescape=True)
        query = query.where(sa.or_(number, uses.c.voucher.startswith(" ".join(text.split()), autoescape=True)))
    if before is not None:
        query = query.where(invoices.c.id < before)
    with read(engine) as conn:
        rows = tuple(_row(row) for row in conn.execute(query.order_by(invoices.c.id.desc()).limit(PAGE + 1)))
    return UsePage(rows[:PAGE], rows[PAGE - 1].invoice_id if len(rows) > PAGE else None)


def counts(engine: sa.Engine) -> Counts:
    """What waits for a supervisor, for the navigation."""
    alarm = sa.and_(uses.c.alarm > "", uses.c.alarm != uses.c.answered)  # a range, which the index answers
    with read(engine) as conn:
        alarms = conn.execute(sa.select(sa.func.count()).select_from(uses).where(alarm)).scalar_one()
        open_ones = conn.execute(sa.select(sa.func.count()).select_from(conflicts).where(is_open())).scalar_one()
    return Counts(int(alarms), int(open_ones))


def list_conflicts(engine: sa.Engine) -> tuple[ConflictRow, ...]:
    """Every open conflict, the oldest first; there are few."""
    with read(engine) as conn:
        rows = []
        for one in found(conn):
            columns = (invoices.c.number, invoices.c.seller_name, uses.c.invoice_id)
            joined = invoices.outerjoin(uses, uses.c.invoice_id == invoices.c.id)
            query = sa.select(*columns).select_from(joined).where(invoices.c.id == one.first_id)
            first = conn.execute(query).one()
            rows.append(
                ConflictRow(
                    one.id,
                    one.first_id,
                    one.second_id,
                    first.number,
                    first.seller_name,
                    one.opened_at,
                    one.differs,
                    first.invoice_id is not None,
                )
            )
        return tuple(rows)


def list_disputes(engine: sa.Engine) -> tuple[disputes.Dispute, ...]:
    """Every paper that contradicts the register and waits for a third person, the oldest first; there are few."""
    with read(engine) as conn:
        return disputes.found(conn)


def _rows() -> sa.Select[Any]:
    locker = accounts.alias("locker")
    return sa.select(
        invoices.c.id,
        invoices.c.kind,
        invoices.c.code,
        invoices.c.number,
        invoices.c.date,
        invoices.c.total,
        invoices.c.seller_name,
        uses.c.state,
        uses.c.voucher,
        uses.c.amount,
        uses.c.locked_at,
        uses.c.used_at,
        uses.c.frozen_at,
        uses.c.register_status,
        uses.c.alarm,
        uses.c.answered,
        locker.c.name.label("locker"),
        sa.exists().where(conflicts.c.first_id == invoices.c.id, is_open()).label("contradicted"),
    ).select_from(
        invoices.outerjoin(uses, uses.c.invoice_id == invoices.c.id).outerjoin(locker, locker.c.id == uses.c.locked_by)
    )


def _row(row: sa.Row[Any]) -> UseRow:
    return UseRow(
        invoice_id=row.id,
        kind=Kind(row.kind),
        code=row.code,
        number=row.number,
        date=row.date,
        total=row.total,
        seller_name=row.seller_name,
        state=row.state or FREE,
        voucher=row.voucher or "",
        amount=row.amount,
        locker=row.locker,
        locked_at=row.locked_at,
        used_at=row.used_at,
        frozen_at=row.frozen_at,
        register_status=row.register_status or "",
        alarm=row.alarm if row.alarm and row.alarm != row.answered else "",
        contradicted=bool(row.contradicted),
    )

"""Lots of what the machine filed, their history, and the paper that a person compares with its picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from intake.codec import decode
from intake.db import accounts, documents, inspected, invoices, lots, read, renditions
from intake.errors import NotFoundError
from intake.found_wrong import WRONG
from intake.inspection import ALL, SAMPLE, LotState, history, not_own
from intake.model import Actor, Invoice
from intake.sampling import Mode, Standing, standing
from intake.views.document import pages_of
from intake.views.rows import PageView

SHOWN: Final = 60  # lots of the history


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot with how far its inspection has come. `seen` and `found` are of the sample; `left` waits, of whichever part."""

    id: int
    day: date
    opened_at: datetime
    decided_at: datetime | None
    size: int
    aql: str
    mode: Mode
    letter: str
    sample: int
    accept: int
    reject: int
    seed: str
    found: int
    state: LotState
    resumed_at: datetime | None
    seen: int
    left: int
    wrong: int  # in the whole lot


@dataclass(frozen=True, slots=True)
class Wrong:
    """An invoice of a lot in which something was wrong."""

    invoice_id: int
    why: str
    fields: tuple[str, ...]
    note: str
    inspector: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ToInspect:
    """An invoice as the machine filed it, beside its picture."""

    lot: Lot
    invoice_id: int
    document_id: int
    receipt: str
    invoice: Invoice
    pages: tuple[PageView, ...]


def list_lots(engine: sa.Engine) -> tuple[Lot, ...]:
    """The last lots, the latest first."""
    with read(engine) as conn:
        rows = conn.execute(sa.select(lots).order_by(lots.c.day.desc()).limit(SHOWN)).all()
        counted = _counted(conn, [row.id for row in rows])
    return tuple(_lot(row, counted) for row in rows)


def show_lot(engine: sa.Engine, number: int) -> tuple[Lot, tuple[Wrong, ...]]:
    """A lot and what was wrong in it. Raises NotFoundError."""
    query = (
        sa.select(inspected, accounts.c.name)
        .outerjoin(accounts, accounts.c.id == inspected.c.by)
        .where(inspected.c.lot_id == number, inspected.c.result == WRONG)
        .order_by(inspected.c.invoice_id)
    )
    with read(engine) as conn:
        row = conn.execute(sa.select(lots).where(lots.c.id == number)).one_or_none()
        if row is None:
            raise NotFoundError(f"lot {number}")
        wrong = tuple(
            Wrong(one.invoice_id, one.why, tuple(one.fields or ()), one.note, one.name, one.at)
            for one in conn.execute(query)
        )
        return _lot(row, _counted(conn, [number])), wrong


def where_sampling_stands(engine: sa.Engine, aql: str) -> Standing:
    """The mode that the next lot will be drawn in, and how it came to it."""
    with read(engine) as conn:
        return standing(history(conn), aql)


def to_inspect(engine: sa.Engine, actor: Actor) -> tuple[int, int]:
    """How many invoices wait for inspection: by this person, and in all."""
    waits = (inspected.c.why.in_((SAMPLE, ALL)), inspected.c.result == "")
    count = sa.select(sa.func.count()).select_from(inspected)
    with read(engine) as conn:
        mine = conn.execute(count.where(*waits, not_own(actor))).scalar_one()
        return mine, conn.execute(count.where(*waits)).scalar_one()


def paper_to_inspect(engine: sa.Engine, lot_id: int, invoice_id: int) -> ToInspect:
    """The invoice beside its first picture. Raises NotFoundError."""
    lot, _ = show_lot(engine, lot_id)
    first = (
        sa.select(renditions.c.document_id, renditions.c.pages, documents.c.receipt, invoices.c.fields)
        .join(documents, documents.c.id == renditions.c.document_id)
        .join(invoices, invoices.c.id == renditions.c.invoice_id)
        .join(inspected, sa.and_(inspected.c.invoice_id == invoices.c.id, inspected.c.lot_id == lot_id))
        .where(renditions.c.invoice_id == invoice_id)
        .order_by(renditions.c.id)
        .limit(1)
    )
    with read(engine) as conn:
        row = conn.execute(first).one_or_none()
        if row is None:
            raise NotFoundError(f"invoice {invoice_id} of lot {lot_id}")
        pages = tuple(sorted(pages_of(conn, row.document_id), key=lambda page: page.index not in (row.pages or ())))
        return ToInspect(lot, invoice_id, row.document_id, row.receipt, decode(Invoice, row.fields), pages)


def _counted(conn: sa.Connection, numbers: list[int]) -> Mapping[int, Mapping[str, int]]:
    sampled, done = inspected.c.why == SAMPLE, inspected.c.result != ""
    query = (
        sa.select(
            inspected.c.lot_id,
            sa.func.count().filter(sampled, done).label("seen"),
            sa.func.count().filter(inspected.c.why != "", ~done).label("waits"),
            sa.func.count().filter(inspected.c.result == WRONG).label("wrong"),
        )
        .where(inspected.c.lot_id.in_(numbers))
        .group_by(inspected.c.lot_id)
    )
    return {row.lot_id: {"seen": row.seen, "left": row.waits, "wrong": row.wrong} for row in conn.execute(query)}


def _lot(row: Any, counted: Mapping[int, Mapping[str, int]]) -> Lot:
    return Lot(
        id=row.id,
        day=row.day,
        opened_at=row.opened_at,
        decided_at=row.decided_at,
        size=row.size,
        aql=row.aql,
        mode=Mode(row.mode),
        letter=row.letter,
        sample=row.sample,
        accept=row.accept,
        reject=row.reject,
        seed=row.seed,
        found=row.found,
        state=LotState(row.state),
        resumed_at=row.resumed_at,
        **counted[row.id],
    )

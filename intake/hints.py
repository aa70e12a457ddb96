"""Hints that never block (domain.md §9.5.5, §9.5.6): neighbouring numbers handed in by one person, and what looks the same.

Both are legal – a day's parking, split orders – and tell an attentive person where to look. Motorway tolls come in rows by
nature and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum, unique
from typing import Any, Final

import sqlalchemy as sa

from intake.db import documents, invoices, renditions
from intake.model import InvoiceState
from ocr.types import FieldName, Kind

NEIGHBOURS: Final = 5  # numbers apart within one code
WHOLE: Final = 20  # digits of a number that is a key by itself; its neighbours are the next and the one before
MOST: Final = 10
TOLL: Final = "通行费"
_COUNTED: Final = (InvoiceState.FILED.value, InvoiceState.NEEDS_REVIEW.value)


@unique
class Alike(StrEnum):
    """In what another invoice is like this one."""

    CONSECUTIVE = "consecutive"  # 连号
    SAME_SUM = "same_sum"  # seller, total and day


@dataclass(frozen=True, slots=True)
class Hint:
    """Another invoice to look at."""

    alike: Alike
    invoice_id: int
    number: str
    date: date | None
    total: Decimal | None


def hints(conn: sa.Connection, invoice_id: int) -> tuple[Hint, ...]:
    """What is like an invoice; at most ten of each."""
    row = conn.execute(sa.select(invoices).where(invoices.c.id == invoice_id)).one()
    if _is_toll(row) or not row.number:
        return ()
    consecutive = _consecutive(conn, row)
    known = {hint.invoice_id for hint in consecutive}
    return (*consecutive, *(hint for hint in _same_sum(conn, row) if hint.invoice_id not in known))


def _is_toll(row: sa.Row[Any]) -> bool:
    mark = row.fields.get("fields", {}).get(FieldName.MARK.value)
    return row.kind == Kind.VAT_E_TOLL.value or (mark is not None and TOLL in mark["value"])


def _seller(row: sa.Row[Any]) -> sa.ColumnElement[bool] | None:
    """The same seller, by tax id or, on papers that print none, by name."""
    for column, value in ((invoices.c.seller_tax_id, row.seller_tax_id), (invoices.c.seller_name, row.seller_name)):
        if value:
            same: sa.ColumnElement[bool] = column == value
            return same
    return None


def _consecutive(conn: sa.Connection, row: sa.Row[Any]) -> list[Hint]:
    """Numbers near this one of the same seller and code, handed in by the same person."""
    if not row.number.isdigit():
        return []
    span = 1 if len(row.number) == WHOLE else NEIGHBOURS
    near = [
        str(int(row.number) + step).zfill(len(row.number))
        for step in range(-span, span + 1)
        if step and int(row.number) + step > 0
    ]
    seller = _seller(row)
    same = [invoices.c.number.in_(near), invoices.c.code == row.code, _by_the_same(row.id)]
    # taxi slips and 定额 print no seller: their code names the batch of one issuer
    return _hints(conn, row, Alike.CONSECUTIVE, *same, *([] if seller is None else [seller]))


def _by_the_same(invoice_id: int) -> sa.ColumnElement[bool]:
    mine = (
        sa.select(documents.c.submitted_by)
        .join(renditions, renditions.c.document_id == documents.c.id)
        .where(renditions.c.invoice_id == invoice_id)
        .scalar_subquery()
    )
    return sa.exists(
        sa.select(renditions.c.id)
        .join(documents, documents.c.id == renditions.c.document_id)
        .where(renditions.c.invoice_id == invoices.c.id, documents.c.submitted_by.in_(mine))
    )


def _same_sum(conn: sa.Connection, row: sa.Row[Any]) -> list[Hint]:
    seller = _seller(row)
    if seller is None or row.total is None or row.date is None:
        return []
    return _hints(conn, row, Alike.SAME_SUM, seller, invoices.c.total == row.total, invoices.c.date == row.date)


def _hints(conn: sa.Connection, row: sa.Row[Any], alike: Alike, *conditions: sa.ColumnElement[bool]) -> list[Hint]:
    query = (
        sa.select(invoices.c.id, invoices.c.number, invoices.c.date, invoices.c.total)
        .where(*conditions, invoices.c.id != row.id, invoices.c.key.is_not(None), invoices.c.state.in_(_COUNTED))
        .order_by(invoices.c.number, invoices.c.id)
        .limit(MOST)
    )
    return [Hint(alike, one.id, one.number, one.date, one.total) for one in conn.execute(query)]

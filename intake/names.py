"""The names of an invoice: its key and every other way to write it (domain.md §9.1). One name belongs to one invoice.

`invoice_names` makes that so across keys and aliases: an invoice that comes once by twenty digits and once by 12 + 8 meets
itself. Names are never freed by a refusal (§9.5.8); only a picture that gave way to another leaves its names.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from intake.db import invoice_names
from intake.model import Invoice
from intake.records import alias
from ocr.rules.keys import key_of
from ocr.types import FieldName


def key_for(invoice: Invoice) -> str | None:
    """The key that follows from what was read."""
    return key_of(
        invoice.kind,
        invoice.value(FieldName.CODE),
        invoice.value(FieldName.NUMBER),
        serial=invoice.value(FieldName.SERIAL),
    )


def names_of(invoice: Invoice, key: str) -> tuple[str, ...]:
    """Every name of an invoice with this key, in the order in which they are locked."""
    names = {key, alias(invoice) or key}
    if key.startswith("D:"):
        names.add(f"T:{key[2:14]}:{key[14:]}")
    return tuple(sorted(names))


def lock(conn: sa.Connection, names: Iterable[str]) -> None:
    """Make other writers of these names wait until this transaction ends.

    SQLite has one writer at a time as it is; PostgreSQL takes its advisory locks in one order, before any row of the
    invoices is touched.
    """
    if conn.dialect.name != "postgresql":
        return
    for name in sorted(set(names)):
        conn.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))


def holder(conn: sa.Connection, names: Iterable[str], *, besides: int | None = None) -> int | None:
    """The invoice that bears one of these names, the oldest first; `besides` is not asked for."""
    query = sa.select(invoice_names.c.invoice_id).where(invoice_names.c.name.in_(tuple(names)))
    if besides is not None:
        query = query.where(invoice_names.c.invoice_id != besides)
    return conn.execute(query.order_by(invoice_names.c.invoice_id).limit(1)).scalar_one_or_none()


def take(conn: sa.Connection, invoice_id: int, names: Iterable[str]) -> None:
    """Give an invoice exactly these names. Raises IntegrityError when another bears one of them."""
    wanted = set(names)
    mine = invoice_names.c.invoice_id == invoice_id
    have = set(conn.scalars(sa.select(invoice_names.c.name).where(mine)))
    if have - wanted:
        conn.execute(sa.delete(invoice_names).where(mine, invoice_names.c.name.in_(have - wanted)))
    for name in sorted(wanted - have):
        conn.execute(sa.insert(invoice_names).values(name=name, invoice_id=invoice_id))


def give_up(conn: sa.Connection, invoice_ids: Iterable[int] | sa.Select[tuple[int]]) -> None:
    """Free the names of these invoices."""
    of_them = invoice_ids if isinstance(invoice_ids, sa.Select) else tuple(invoice_ids)
    conn.execute(sa.delete(invoice_names).where(invoice_names.c.invoice_id.in_(of_them)))

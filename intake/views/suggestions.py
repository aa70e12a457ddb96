"""What may be proposed for the open fields of an invoice, with what other sources know of its parties."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

import sqlalchemy as sa

from intake.db import companies, invoices, read, register_sellers
from intake.model import Invoice, InvoiceState
from intake.repairs import Party, Repair, propose
from ocr.normalise import normalise
from ocr.rules.taxid import ALPHABET
from ocr.types import FieldName

_SELLER: Final = (FieldName.SELLER_NAME, FieldName.SELLER_TAX_ID)
_LENGTH: Final = 18
_MOST: Final = 20  # parties of one source


def suggestions(engine: sa.Engine, invoice: Invoice, *, today: date) -> tuple[Repair, ...]:
    """The proposals for a person who keys the invoice; nothing of them is stored. `today` is the day in China."""
    with read(engine) as connection:
        known = (*_sellers(connection, invoice), *_companies(connection))
    return propose(invoice, known, today=today)


def _sellers(connection: sa.Connection, invoice: Invoice) -> Iterator[Party]:
    """Sellers with the same name or a tax id near the one that was read: of the register, then of earlier invoices."""
    name, tax_id = (invoice.value(field) for field in _SELLER)
    if all(invoice.proven(field) for field in _SELLER) or not (name or tax_id):
        return
    names = {name, name.replace("（", "(").replace("）", ")")} if name else set()
    ids = near_ids(tax_id) if tax_id else ()
    verified = invoices.c.filed_by == "people"
    filed = sa.and_(invoices.c.state == InvoiceState.FILED.value, verified)
    known, seen = register_sellers.c, invoices.c
    for name_there, id_there, place, more in (
        (known.name, known.tax_id, "register", sa.true()),
        (seen.seller_name, seen.seller_tax_id, "archive", filed),
    ):
        for column, values in ((id_there, ids), (name_there, sorted(names))):
            query = sa.select(name_there, id_there).where(column.in_(values), id_there != "", more)
            for found_name, found_id in connection.execute(query.distinct().limit(_MOST)):
                yield Party(normalise(FieldName.SELLER_NAME, found_name) or "", found_id, place)


def _companies(connection: sa.Connection) -> Iterator[Party]:
    for row in connection.execute(sa.select(companies.c.name, companies.c.tax_id)):
        yield Party(normalise(FieldName.BUYER_NAME, row.name) or "", row.tax_id, "companies")


def near_ids(seen: str) -> tuple[str, ...]:
    """The tax id itself, and those of 18 characters that one other, one lost or one doubled character makes of it."""
    places = range(len(seen))
    match len(seen) - _LENGTH:
        case 0:
            near = {seen[:at] + sign + seen[at + 1 :] for at in places for sign in ALPHABET}
        case 1:
            near = {seen[:at] + seen[at + 1 :] for at in places}
        case -1:
            near = {seen[:at] + sign + seen[at:] for at in (*places, len(seen)) for sign in ALPHABET}
        case _:
            near = set()
    return tuple(sorted(near | {seen}))

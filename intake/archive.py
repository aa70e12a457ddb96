"""Invoices already on file, looked up by what other papers say of them (domain.md §9.5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from intake import likenesses
from intake.clock import Clock, system_clock
from intake.codec import decode
from intake.db import documents, invoice_names, invoices, read, renditions
from intake.model import Invoice, InvoiceState, KnownInvoice, Likeness

LATE: Final = timedelta(days=60)  # a 行程单 comes with its invoice, at the latest with the next month's claim
EARLY: Final = timedelta(days=3)  # an invoice may be issued a little before it is paid
MOST_PAID: Final = 5
WHOLE: Final = 20  # digits of a number that is a key by itself


class SqlArchive:
    """The port :class:`intake.ports.Archive` on the table `invoices`. Refused invoices keep their keys and count too."""

    def __init__(self, engine: sa.Engine, clock: Clock = system_clock) -> None:
        """`engine` is one of :func:`intake.db.connect`; the clock tells what is of late."""
        self._engine = engine
        self._clock = clock

    def by_key(self, key: str) -> KnownInvoice | None:
        """The invoice that bears this name: its key, or another way to write it."""
        of_name = sa.select(invoice_names.c.invoice_id).where(invoice_names.c.name == key)
        with read(self._engine) as conn:
            found = _known(conn, invoices.c.id.in_(of_name))
        return found[0] if found else None

    def paid(self, total: Decimal, day: date | None) -> Sequence[KnownInvoice]:
        """Invoices of this total issued from a little before the day of a slip to two months after it; without a day,
        those of late.
        """
        kept = (invoices.c.total == total, invoices.c.state != InvoiceState.REFUSED.value)
        near = [invoices.c.created_at >= self._clock() - LATE]
        if day is not None:
            near = [invoices.c.date >= day - EARLY, invoices.c.date <= day + LATE]
        with read(self._engine) as conn:
            found = _known(conn, *kept, *near, most=MOST_PAID)
        return sorted(
            found, key=lambda known: (abs(known.date - day) if known.date and day else LATE, known.invoice_id)
        )

    def citing(self, *, code: str | None, number: str | None, total: Decimal | None) -> KnownInvoice | None:
        """The invoice an attachment cites: by code and number, else the only one of late with this total.

        None when there is none or more than one: an attachment is never guessed onto an invoice.
        """
        with read(self._engine) as conn:
            if number and (code or len(number) == WHOLE):
                cited = invoices.c.number == number
                found = _known(conn, cited if len(number) == WHOLE else sa.and_(cited, invoices.c.code == code))
            elif total is not None:
                since = self._clock() - LATE
                filed = invoices.c.state.not_in([InvoiceState.REFUSED.value, InvoiceState.REPLACED.value])
                found = _known(conn, invoices.c.total == total, invoices.c.created_at >= since, filed)
            else:
                found = []
        return found[0] if len(found) == 1 else None

    def alike(self, pictures: Sequence[str], key: str | None) -> Sequence[Likeness]:
        """Invoices under other keys whose pictures look like these; at most three, the likest first (§9.5.2)."""
        with read(self._engine) as conn:
            return likenesses.alike(conn, pictures, key)


def _known(conn: sa.Connection, *conditions: sa.ColumnElement[bool], most: int = 2) -> list[KnownInvoice]:
    """At most so many invoices that have a key, each with the document that brought it."""
    rows = conn.execute(
        sa.select(invoices).where(*conditions, invoices.c.key.is_not(None)).order_by(invoices.c.id).limit(most)
    ).all()
    return [known for row in rows if (known := _with_document(conn, row))]


def _waiting(row: sa.Row[Any]) -> Invoice | None:
    """What was read of an invoice that waits for a person, for its other pages, or for a better carrier."""
    return decode(Invoice, row.fields) if row.state == InvoiceState.NEEDS_REVIEW.value else None


def _with_document(conn: sa.Connection, row: sa.Row[Any]) -> KnownInvoice | None:
    first = conn.execute(
        sa.select(documents.c.id, documents.c.received_at)
        .join(renditions, renditions.c.document_id == documents.c.id)
        .where(renditions.c.invoice_id == row.id)
        .order_by(documents.c.received_at, documents.c.id)
        .limit(1)
    ).first()
    if first is None:
        return None
    return KnownInvoice(
        invoice_id=row.id,
        key=row.key,
        state=InvoiceState(row.state),
        date=row.date,
        net=row.net,
        total=row.total,
        first_document_id=first.id,
        first_received_at=first.received_at,
        waiting=_waiting(row),
    )

"""Red and blue invoices (红冲, domain.md §4.6): a red letter names the blue invoice it takes back, wholly or in part.

The two have different keys and are linked by `invoices.blue_key`, which is one of the blue one's names, so they find each
other whichever came first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import sqlalchemy as sa

from intake import names
from intake.db import invoice_names, invoices
from intake.model import InvoiceState

COUNTED: Final = (InvoiceState.FILED.value, InvoiceState.NEEDS_REVIEW.value)


@dataclass(frozen=True, slots=True)
class Red:
    """A red letter on file or under review; `total` is negative yuan, None when it could not be read."""

    invoice_id: int
    number: str
    date: date | None
    total: Decimal | None
    state: InvoiceState


@dataclass(frozen=True, slots=True)
class Reversal:
    """A blue invoice with its red letters. `remaining` is None when an amount is unknown; below zero when the reds are
    more than the blue one, which cannot be right.
    """

    total: Decimal | None
    reds: tuple[Red, ...]

    @property
    def remaining(self) -> Decimal | None:
        """What is left of the blue invoice."""
        amounts = [red.total for red in self.reds]
        if self.total is None or any(amount is None for amount in amounts):
            return None
        return self.total + sum((amount for amount in amounts if amount is not None), Decimal(0))

    @property
    def full(self) -> bool:
        """Whether nothing is left."""
        return bool(self.reds) and self.remaining is not None and self.remaining <= 0


def reversal(conn: sa.Connection, invoice_id: int) -> Reversal:
    """The red letters of an invoice, by any of its names; refused and replaced ones do not count."""
    total = conn.execute(sa.select(invoices.c.total).where(invoices.c.id == invoice_id)).scalar_one_or_none()
    of_it = sa.select(invoice_names.c.name).where(invoice_names.c.invoice_id == invoice_id)
    query = (
        sa.select(invoices.c.id, invoices.c.number, invoices.c.date, invoices.c.total, invoices.c.state)
        .where(invoices.c.blue_key.in_(of_it), invoices.c.state.in_(COUNTED), invoices.c.key.is_not(None))
        .order_by(invoices.c.date, invoices.c.id)
    )
    reds = tuple(Red(row.id, row.number, row.date, row.total, InvoiceState(row.state)) for row in conn.execute(query))
    return Reversal(total, reds)


def blue_of(conn: sa.Connection, blue_key: str | None) -> int | None:
    """The invoice that a red letter takes back; None when it names none, or one that is not on file."""
    return None if blue_key is None else names.holder(conn, [blue_key])

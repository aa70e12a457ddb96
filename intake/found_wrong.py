"""An invoice in which a person found a value of the machine wrong is filed by people from then on, never by the machine."""

from __future__ import annotations

import sqlalchemy as sa

from intake.db import inspected

RIGHT, WRONG = "right", "wrong"


def found_wrong(invoice_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Whether an inspection found the invoice wrong."""
    return sa.exists().where(inspected.c.invoice_id == invoice_id, inspected.c.result == WRONG)

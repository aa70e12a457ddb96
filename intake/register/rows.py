"""A row of the table `register_rows` as the value that the rules compare."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from intake.db import register_rows
from intake.model import RegisterRow, RegisterStatus
from ocr.types import Kind

COLUMNS: Final = tuple(column for column in register_rows.c if column.name not in {"raw", "import_id", "import_row"})
"""What :func:`register_row` reads, and the second key: all but what only the story of a row needs."""


def register_row(row: sa.Row[Any]) -> RegisterRow:
    """The value; `row` holds :data:`COLUMNS`, or every column of `register_rows`."""
    return RegisterRow(
        key=row.key,
        code=row.code,
        number=row.number,
        date=row.date,
        net=row.net,
        tax=row.tax,
        total=row.total,
        seller_tax_id=row.seller_tax_id,
        seller_name=row.seller_name,
        buyer_tax_id=row.buyer_tax_id,
        buyer_name=row.buyer_name,
        kind=Kind(row.kind),
        status=RegisterStatus(row.status),
        status_at=row.status_at,
        source=row.source,
        id=row.id,
    )

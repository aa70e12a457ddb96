"""Which papers are of which imported register rows: by the row they were filed with, or by key and alias (domain.md §9.1).

A row that people keyed (补录) is no evidence that the register has the invoice, and links nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from intake.comparing import MANUAL
from intake.db import invoices, register_rows
from intake.model import InvoiceState

ROW: Final = register_rows.c
PAPER: Final = invoices.c
IMPORTED: Final = ROW.source != MANUAL
HERE: Final = PAPER.state.in_([InvoiceState.FILED.value, InvoiceState.NEEDS_REVIEW.value])
"""Papers that are on file or wait; neither refused nor replaced by a better picture."""

_SAME: Final = (
    PAPER.register_key == ROW.key,
    PAPER.key == ROW.key,
    PAPER.key == ROW.alias,
    PAPER.alias == ROW.key,
)


def links(*conditions: sa.ColumnElement[bool]) -> sa.Subquery:
    """Pairs ``(row_id, paper_id)`` of imported rows and papers for which the conditions on either hold, each once.

    Four joins, each by an index, instead of one over alternatives that no index answers.
    """
    pair = (ROW.id.label("row_id"), PAPER.id.label("paper_id"))
    joined: Sequence[sa.Select[Any]] = [
        sa.select(*pair).select_from(register_rows.join(invoices, same)).where(IMPORTED, *conditions) for same in _SAME
    ]
    return sa.union(*joined).subquery()

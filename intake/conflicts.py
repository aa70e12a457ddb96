"""Two papers with one key and other values (domain.md §9.5.3): the record of it, and who it blocks.

A conflict is open until a supervisor decides it, or until the second paper turns out to be something else: it was keyed
with other values, refused or replaced. So nothing has to be closed by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import Any

import sqlalchemy as sa

from intake.db import conflicts, invoices, tasks
from intake.enriching import Difference
from intake.model import InvoiceState, TaskState


@unique
class Settlement(StrEnum):
    """What a supervisor decides of two papers with one key."""

    KEEP_FIRST = "keep_first"  # the second is refused
    KEEP_SECOND = "keep_second"  # the first is refused, the second takes the key and is keyed and verified
    REFUSE_BOTH = "refuse_both"  # the key stays reserved by the first


@dataclass(frozen=True, slots=True)
class Conflict:
    """An open conflict; `differs` says in what."""

    id: int
    first_id: int
    second_id: int
    differs: tuple[tuple[str, str, str], ...]  # field, of the first, of the second
    opened_at: datetime

    def other(self, invoice_id: int) -> int:
        """The other of the two."""
        return self.second_id if invoice_id == self.first_id else self.first_id


def note(conn: sa.Connection, first_id: int, second_id: int, differs: Sequence[Difference], now: datetime) -> None:
    """Write down that the second paper contradicts the first."""
    told = [
        {"field": one.field.value, "first": one.first, "second": one.second, "proven": one.proven} for one in differs
    ]
    conn.execute(
        sa.insert(conflicts).values(first_id=first_id, second_id=second_id, differs=told, opened_at=now, comment="")
    )


def of_invoice(conn: sa.Connection, invoice_id: int) -> tuple[Conflict, ...]:
    """The open conflicts in which an invoice is the first or the second, the oldest first."""
    return found(conn, sa.or_(conflicts.c.first_id == invoice_id, conflicts.c.second_id == invoice_id))


def found(conn: sa.Connection, *conditions: sa.ColumnElement[bool]) -> tuple[Conflict, ...]:
    """Open conflicts, the oldest first."""
    query = (
        sa.select(conflicts).where(is_open(), conflicts.c.first_id.is_not(None), *conditions).order_by(conflicts.c.id)
    )
    return tuple(_conflict(row) for row in conn.execute(query))


def is_open() -> sa.ColumnElement[bool]:
    """Nobody has decided, and the second still waits without a key; against the register: it still waits for a third
    person.
    """
    second = invoices.alias("second")
    waits = sa.exists().where(
        second.c.id == conflicts.c.second_id,
        second.c.state == InvoiceState.NEEDS_REVIEW.value,
        sa.or_(second.c.key.is_(None), conflicts.c.first_id.is_(None)),
    )
    third = tasks.alias("third")
    disputed = sa.exists().where(third.c.invoice_id == conflicts.c.second_id, third.c.state == TaskState.DISPUTED.value)
    return sa.and_(conflicts.c.decision == "", waits, sa.or_(conflicts.c.first_id.is_not(None), disputed))


def _conflict(row: sa.Row[Any]) -> Conflict:
    differs = tuple((one["field"], one["first"], one["second"]) for one in row.differs)
    return Conflict(row.id, row.first_id, row.second_id, differs, row.opened_at)

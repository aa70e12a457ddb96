"""Whether an invoice may be used now (核销): its state here, its red letters, and the register looked at again (§0.2.10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, unique
from typing import Final

import sqlalchemy as sa

from intake import conflicts
from intake.db import invoice_names, invoices, register_rows, verifications
from intake.model import InvoiceState, OfficialOutcome, RegisterStatus, SourceHealth, SourceState
from intake.reversal import reversal

MANUAL: Final = "manual"
NOT_THERE: Final = "none"  # the register has no row: kinds that are never in it


@unique
class Block(StrEnum):
    """Why an invoice cannot be used; each is a sentence with what to do (`use_block.<value>`)."""

    UNDER_REVIEW = "under_review"
    REFUSED = "refused"
    CONFLICT = "conflict"
    RED_LETTER = "red_letter"  # a red invoice is not reimbursable by itself
    REVERSED = "reversed"  # red letters on file take all of it back
    REMAINDER_UNKNOWN = "remainder_unknown"  # reversed in part, and the red letter is not on file or not read
    VOID = "void"
    RED_FULL = "red_full"
    LOST_CONTROL = "lost_control"
    ABNORMAL = "abnormal"
    OFFICIAL = "official"  # the tax bureau's site said void or reversed


_BY_STATE: Final = {
    InvoiceState.NEEDS_REVIEW: Block.UNDER_REVIEW,
    InvoiceState.REFUSED: Block.REFUSED,
    InvoiceState.REPLACED: Block.REFUSED,
}
_BY_STATUS: Final = {
    RegisterStatus.VOID: Block.VOID,
    RegisterStatus.RED_FULL: Block.RED_FULL,
    RegisterStatus.LOST_CONTROL: Block.LOST_CONTROL,
    RegisterStatus.ABNORMAL: Block.ABNORMAL,
    RegisterStatus.IS_RED: Block.RED_LETTER,
}
BAD: Final = tuple(status.value for status in _BY_STATUS)
_OFFICIAL: Final = (OfficialOutcome.VOID.value, OfficialOutcome.RED_FULL.value)
_HEALTHY: Final = frozenset({SourceHealth.OK})


@dataclass(frozen=True, slots=True)
class Clearance:
    """What was found. `amount` is what may be used: the total less its red letters; `status` is the register's, or
    ``none``; `unreachable` names the register sources that do not answer just now, so that it may be older than it looks.
    """

    blocks: tuple[Block, ...]
    amount: Decimal | None
    status: str
    unreachable: tuple[str, ...] = ()

    @property
    def free(self) -> bool:
        """Whether the invoice may be used."""
        return not self.blocks


def unreachable(sources: Sequence[SourceState]) -> tuple[str, ...]:
    """The sources of the register that do not answer, by name."""
    return tuple(
        source.name for source in sources if source.name != MANUAL and (source.failed or source.health not in _HEALTHY)
    )


def clear(conn: sa.Connection, invoice_id: int, away: tuple[str, ...] = ()) -> Clearance:
    """Look at an invoice, whose row the caller has locked when it is to stay so."""
    query = sa.select(invoices.c.state, invoices.c.total).where(invoices.c.id == invoice_id)
    row = conn.execute(query).one()
    blocks: list[Block] = []
    state = InvoiceState(row.state)
    if state in _BY_STATE:
        blocks.append(_BY_STATE[state])
    if conflicts.of_invoice(conn, invoice_id):
        blocks.append(Block.CONFLICT)
    if row.total is not None and row.total < 0:
        blocks.append(Block.RED_LETTER)
    status = status_now(conn, invoice_id)
    if status != NOT_THERE and RegisterStatus(status) in _BY_STATUS:
        blocks.append(_BY_STATUS[RegisterStatus(status)])
    if _said_officially(conn, invoice_id):
        blocks.append(Block.OFFICIAL)
    taken_back = reversal(conn, invoice_id)
    partly = status == RegisterStatus.RED_PART.value
    if taken_back.full:
        blocks.append(Block.REVERSED)
    elif (taken_back.reds and taken_back.remaining is None) or (partly and not taken_back.reds):
        blocks.append(Block.REMAINDER_UNKNOWN)
    return Clearance(tuple(dict.fromkeys(blocks)), taken_back.remaining, status, away)


def status_now(conn: sa.Connection, invoice_id: int) -> str:
    """What the register says of an invoice at this moment, by any of its names; ``none`` without a row."""
    named = sa.select(invoice_names.c.name).where(invoice_names.c.invoice_id == invoice_id)
    query = sa.select(register_rows.c.status).where(register_rows.c.key.in_(named)).order_by(register_rows.c.id)
    found: list[str] = list(conn.scalars(query))
    bad = [status for status in found if status in BAD]
    return (bad or found or [NOT_THERE])[0]


def _said_officially(conn: sa.Connection, invoice_id: int) -> bool:
    """Whether the last official answer that was about this very paper says that it is void or reversed."""
    last = (
        sa.select(verifications.c.outcome)
        .where(verifications.c.invoice_id == invoice_id, verifications.c.agreed.is_(True))
        .order_by(verifications.c.at.desc(), verifications.c.id.desc())
        .limit(1)
    )
    return conn.execute(last).scalar_one_or_none() in _OFFICIAL

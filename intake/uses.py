"""核销: an invoice is locked for a voucher, used, and frozen after archiving – once, over all years and companies (domain.md §10.3).

`uses` has one row an invoice, so the database lets one of many through. The register is looked at again at the lock and
at the use. A lock that is released leaves no row; the audit log keeps all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum, unique
from typing import Final, TypeVar

import sqlalchemy as sa

from intake import audit
from intake.clearance import Clearance, clear, unreachable
from intake.clock import Clock
from intake.db import invoices, uses, write
from intake.errors import (
    ForbiddenError,
    IntakeError,
    NotFoundError,
    ReasonMissingError,
    UseBlockedError,
    UseStateError,
    UseTakenError,
    VoucherMissingError,
)
from intake.filing import insert_into
from intake.model import Actor
from intake.ports import Register
from intake.roles import Action, allows, require

T = TypeVar("T")
LONGEST: Final = 64  # characters of a voucher's number


@unique
class UseState(StrEnum):
    """How far the use of an invoice has come."""

    LOCKED = "locked"
    USED = "used"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True)
class Use:
    """The use of an invoice; `amount` is what was left of it after red letters, None when unknown."""

    invoice_id: int
    state: UseState
    voucher: str
    amount: Decimal | None
    register_status: str
    unreachable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one of many: `use` is None when it was released, or refused with `error`."""

    invoice_id: int
    use: Use | None = None
    error: IntakeError | None = None


class Uses:
    """What people do with filed invoices. Each act is one transaction with its audit record."""

    def __init__(self, engine: sa.Engine, clock: Clock, register: Register) -> None:
        """`register` says which of its sources do not answer."""
        self._engine = engine
        self._clock = clock
        self._register = register

    def check(self, invoice_id: int) -> Clearance:
        """Whether an invoice may be used now. Raises NotFoundError."""
        away = unreachable(self._register.sources())
        with write(self._engine) as conn:
            _hold(conn, invoice_id)
            return clear(conn, invoice_id, away)

    def lock(self, actor: Actor, invoice_id: int, voucher: str) -> Use:
        """Lock an invoice for a voucher, so that nobody else uses it.

        Raises VoucherMissingError, UseBlockedError with every reason, UseTakenError, NotFoundError, ForbiddenError.
        """
        require(actor, Action.LOCK_INVOICE)
        number = " ".join(voucher.split())
        if not number or len(number) > LONGEST:
            raise VoucherMissingError(f"{len(number)} characters")
        away = unreachable(self._register.sources())

        def act(conn: sa.Connection, now: datetime) -> Use:
            _hold(conn, invoice_id)
            _refuse_taken(conn, invoice_id)
            found = _cleared(conn, invoice_id, away)
            values = {
                "invoice_id": invoice_id,
                "state": UseState.LOCKED.value,
                "voucher": number,
                "locked_by": actor.id,
                "locked_at": now,
                "register_status": found.status,
                "checked_at": now,
                "amount": found.amount,
                "note": "",
            }
            made = insert_into(conn, uses).values(**values).on_conflict_do_nothing(index_elements=["invoice_id"])
            if conn.execute(made.returning(uses.c.invoice_id)).scalar_one_or_none() is None:
                raise UseTakenError(f"invoice {invoice_id}")
            detail = {"voucher": number, **_told(found)}
            audit.record(conn, actor, "use_locked", f"invoice:{invoice_id}", detail, now)
            return Use(invoice_id, UseState.LOCKED, number, found.amount, found.status, away)

        return self._act(act)

    def use(self, actor: Actor, invoice_id: int) -> Use:
        """Use a locked invoice, after looking at the register and at its red letters again.

        Raises UseStateError when it is not locked, UseBlockedError, NotFoundError, ForbiddenError.
        """
        require(actor, Action.USE_INVOICE)
        away = unreachable(self._register.sources())

        def act(conn: sa.Connection, now: datetime) -> Use:
            _hold(conn, invoice_id)
            row = _row(conn, invoice_id, UseState.LOCKED)
            found = _cleared(conn, invoice_id, away)
            values = {"used_by": actor.id, "used_at": now, "register_status": found.status, "checked_at": now}
            _write(conn, row, UseState.USED, amount=found.amount, **values)
            detail = {"voucher": row.voucher, **_told(found)}
            audit.record(conn, actor, "use_made", f"invoice:{invoice_id}", detail, now)
            return Use(invoice_id, UseState.USED, row.voucher, found.amount, found.status, away)

        return self._act(act)

    def freeze(self, actor: Actor, invoice_id: int) -> Use:
        """After the voucher was archived nothing changes any more. Raises UseStateError, NotFoundError, ForbiddenError."""
        require(actor, Action.CLOSE_USES)

        def act(conn: sa.Connection, now: datetime) -> Use:
            _hold(conn, invoice_id)
            row = _row(conn, invoice_id, UseState.USED)
            _write(conn, row, UseState.FROZEN, frozen_at=now)
            audit.record(conn, actor, "use_frozen", f"invoice:{invoice_id}", {"voucher": row.voucher}, now)
            return Use(invoice_id, UseState.FROZEN, row.voucher, row.amount, row.register_status)

        return self._act(act)

    def release(self, actor: Actor, invoice_id: int, reason: str = "") -> None:
        """Give a lock back; a supervisor also takes back others' locks and a use that is not frozen, with a reason.

        Raises ReasonMissingError, UseStateError for a frozen use, NotFoundError, ForbiddenError.
        """
        require(actor, Action.LOCK_INVOICE)
        why = reason.strip()

        def act(conn: sa.Connection, now: datetime) -> None:
            _hold(conn, invoice_id)
            row = _row(conn, invoice_id, UseState.LOCKED, UseState.USED)
            own = row.state == UseState.LOCKED.value and row.locked_by == actor.id
            if not own and not allows(actor.role, Action.CLOSE_USES):
                raise ForbiddenError(f"invoice {invoice_id} is {row.state} by account {row.locked_by}")
            if not own and not why:
                raise ReasonMissingError(f"invoice {invoice_id}")
            gone = sa.delete(uses).where(uses.c.invoice_id == invoice_id, uses.c.version == row.version)
            if conn.execute(gone).rowcount != 1:
                raise UseStateError(f"invoice {invoice_id}")
            detail = {"voucher": row.voucher, "was": row.state, "reason_said": why}
            audit.record(conn, actor, "use_released", f"invoice:{invoice_id}", detail, now)

        self._act(act)

    def answer_alarm(self, actor: Actor, invoice_id: int, note: str) -> None:
        """Write down how an alarm was dealt with; another one for the same invoice would be shown again.

        Raises ReasonMissingError without a note, UseStateError when there is no alarm, NotFoundError, ForbiddenError.
        """
        require(actor, Action.CLOSE_USES)
        said = note.strip()
        if not said:
            raise ReasonMissingError(f"invoice {invoice_id}")

        def act(conn: sa.Connection, now: datetime) -> None:
            _hold(conn, invoice_id)
            row = _row(conn, invoice_id, *UseState)
            if not row.alarm or row.alarm == row.answered:
                raise UseStateError(f"no alarm for invoice {invoice_id}")
            values = {"answered": row.alarm, "answered_by": actor.id, "answered_at": now, "note": said}
            _write(conn, row, UseState(row.state), **values)
            detail = {"alarm": row.alarm, "voucher": row.voucher, "note": said}
            audit.record(conn, actor, "use_alarm_answered", f"invoice:{invoice_id}", detail, now)

        self._act(act)

    def many(self, invoice_ids: Iterable[int], act: Callable[[int], Use | None]) -> list[Result]:
        """Do the same with many invoices, each for itself; whoever asked is told of every one what became of it."""
        results = []
        for invoice_id in dict.fromkeys(invoice_ids):
            try:
                results.append(Result(invoice_id, act(invoice_id)))
            except IntakeError as error:
                results.append(Result(invoice_id, error=error))
        return results

    def _act(self, act: Callable[[sa.Connection, datetime], T]) -> T:
        with write(self._engine) as conn:
            return act(conn, self._clock())


def _hold(conn: sa.Connection, invoice_id: int) -> None:
    """Lock the row of the invoice: whoever else wants to use or change it waits."""
    held = sa.select(invoices.c.id).where(invoices.c.id == invoice_id).with_for_update()
    if conn.execute(held).scalar_one_or_none() is None:
        raise NotFoundError(f"invoice {invoice_id}")


def _refuse_taken(conn: sa.Connection, invoice_id: int) -> None:
    if conn.execute(sa.select(uses.c.invoice_id).where(uses.c.invoice_id == invoice_id)).first() is not None:
        raise UseTakenError(f"invoice {invoice_id}")


def _cleared(conn: sa.Connection, invoice_id: int, away: tuple[str, ...]) -> Clearance:
    found = clear(conn, invoice_id, away)
    if not found.free:
        raise UseBlockedError(tuple(block.value for block in found.blocks), f"invoice {invoice_id}")
    return found


def _row(conn: sa.Connection, invoice_id: int, *states: UseState) -> sa.Row[tuple[object, ...]]:
    """The use in one of these states. Raises UseStateError."""
    row = conn.execute(sa.select(uses).where(uses.c.invoice_id == invoice_id)).first()
    if row is None or UseState(row.state) not in states:
        raise UseStateError(f"invoice {invoice_id} is {row.state if row else 'free'}")
    return row


def _write(conn: sa.Connection, row: sa.Row[tuple[object, ...]], state: UseState, **values: object) -> None:
    same = sa.and_(uses.c.invoice_id == row.invoice_id, uses.c.version == row.version)
    changed = conn.execute(sa.update(uses).where(same).values(state=state.value, version=row.version + 1, **values))
    if changed.rowcount != 1:
        raise UseStateError(f"invoice {row.invoice_id}")


def _told(found: Clearance) -> dict[str, object]:
    """What the audit log keeps of a look at the register."""
    amount = None if found.amount is None else f"{found.amount:.2f}"
    return {"amount": amount, "status": found.status, "unreachable": list(found.unreachable)}

"""After an import: papers that wait are looked at again, without reading a file anew (domain.md §10.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, assert_never

import sqlalchemy as sa

from intake import audit, names
from intake.codec import decode
from intake.db import documents, invoices, read, register_rows, tasks, write
from intake.errors import TaskStateError, TaskTakenError
from intake.filing import MACHINE
from intake.model import (
    SERVICE,
    Attached,
    Cause,
    Filed,
    Invoice,
    InvoiceState,
    Matched,
    NeedsReview,
    TaskState,
)
from intake.pipeline import Without, decide
from intake.ports import Tools
from intake.records import decision_columns, invoice_columns
from intake.tasks import Held, hold, require_state, settle_documents, settle_renditions, update_invoice, update_task

WAITING: Final = frozenset({TaskState.OPEN, TaskState.CLAIMED})
# Causes that a larger register may change; the others (not an invoice, a duplicate …) stand as they are.
OPEN_CAUSES: Final = frozenset({Cause.REGISTER_STALE, Cause.TRANSCRIPTION_ERROR, Cause.UNKNOWN})


def rematch(engine: sa.Engine, tools: Tools, now: datetime) -> int:
    """Match and diagnose again what waits to be keyed; file what is proven and in the register. Returns how many.

    Each paper is a transaction of its own. What somebody holds or has keyed is left to the people; the reader of
    `tools` is not used.
    """
    return sum(_look(engine, tools, waiting, now) for waiting in _waiting(engine, _may_change()))


def rematch_one(engine: sa.Engine, tools: Tools, invoice_id: int, now: datetime) -> None:
    """The same for one invoice, whatever its cause: something was learnt about it. Who holds it sees the new diagnosis;
    nothing is done when it waits for nobody.
    """
    for waiting in _waiting(engine, invoices.c.id == invoice_id):
        _look(engine, tools, waiting, now, held=True)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A paper that waits to be keyed."""

    task_id: int
    invoice_id: int
    version: int
    invoice: Invoice


def _look(engine: sa.Engine, tools: Tools, waiting: _Waiting, now: datetime, *, held: bool = False) -> bool:
    """Decide anew about a paper and write what has changed; whether it is filed now."""
    looked = replace(tools, archive=Without(tools.archive, waiting.invoice_id))
    decision = decide(waiting.invoice, looked)
    match decision:
        case Filed():
            return _file(engine, waiting.task_id, waiting.version, decision, now)
        case NeedsReview():
            _rediagnose(engine, waiting.task_id, waiting.version, decision, now, held=held)
        case Attached():
            pass  # the first record came meanwhile; the card of this paper already says so
        case _:
            assert_never(decision)
    return False


def _may_change() -> sa.ColumnElement[bool]:
    """A larger register may change the cause, or knows the key already."""
    known = sa.exists().where(sa.or_(register_rows.c.key == invoices.c.key, register_rows.c.alias == invoices.c.key))
    return sa.or_(tasks.c.cause.in_([cause.value for cause in OPEN_CAUSES]), known)


def _waiting(engine: sa.Engine, which: sa.ColumnElement[bool]) -> list[_Waiting]:
    query = (
        sa.select(tasks.c.id, tasks.c.invoice_id, invoices.c.version, invoices.c.fields)
        .join(invoices, invoices.c.id == tasks.c.invoice_id)
        .where(
            tasks.c.state.in_([state.value for state in WAITING]),
            invoices.c.state == InvoiceState.NEEDS_REVIEW.value,
            which,
        )
        .order_by(tasks.c.id)
    )
    with read(engine) as conn:
        return [
            _Waiting(row.id, row.invoice_id, row.version, decode(Invoice, row.fields)) for row in conn.execute(query)
        ]


def _still(conn: sa.Connection, task_id: int, version: int, now: datetime, *, held: bool = False) -> Held | None:
    """The task, locked, if nobody has touched it since it was looked at and nobody (or `held`: whoever) holds it."""
    task = hold(conn, task_id)
    try:
        require_state(replace(task, claimed_by=None) if held else task, WAITING, SERVICE, now)
    except (TaskStateError, TaskTakenError):
        return None
    return task if task.version == version and task.invoice_state is InvoiceState.NEEDS_REVIEW else None


def _file(engine: sa.Engine, task_id: int, version: int, decision: Filed, now: datetime) -> bool:
    try:
        with write(engine) as conn:
            task = _still(conn, task_id, version, now)
            if task is None:
                return False
            columns = invoice_columns(decision.invoice) | decision_columns(decision.findings, decision.match, None)
            columns |= {
                "key": decision.key,
                "state": InvoiceState.FILED.value,
                "register_key": decision.match.candidate.row.key,
                "filed_by": MACHINE,
                "filed_at": now,
            }
            update_invoice(conn, task.invoice_id, version, **columns)
            names.take(conn, task.invoice_id, names.names_of(decision.invoice, decision.key))
            settle_renditions(conn, task.invoice_id)
            update_task(conn, task, state=TaskState.CLOSED.value, closed_at=now, claimed_by=None, claimed_until=None)
            settle_documents(conn, task.documents, "", now)
            detail = {"task": task_id, "key": decision.key, "by": MACHINE, "after": "import"}
            audit.record(conn, SERVICE, "filed", f"invoice:{task.invoice_id}", detail, now)
            return True
    except sa.exc.IntegrityError:
        return False  # another paper took the key at this moment; people see to the second


def _rediagnose(
    engine: sa.Engine, task_id: int, version: int, decision: NeedsReview, now: datetime, *, held: bool
) -> None:
    """Say anew why the paper waits, when that has changed."""
    columns = decision_columns(decision.findings, decision.match, decision.diagnosis)
    with write(engine) as conn:
        task = _still(conn, task_id, version, now, held=held)
        if task is None or _stored(conn, task.invoice_id) == columns:
            return
        register_key = decision.match.candidate.row.key if isinstance(decision.match, Matched) else None
        update_invoice(conn, task.invoice_id, version, **columns, register_key=register_key)
        before = conn.execute(sa.select(tasks.c.cause).where(tasks.c.id == task_id)).scalar_one()
        cause = decision.diagnosis.cause.value
        update_task(conn, task, cause=cause)
        told = sa.and_(documents.c.id.in_(task.documents), documents.c.reason == before)
        conn.execute(sa.update(documents).where(told).values(reason=cause))
        if cause != before:
            audit.record(conn, SERVICE, "diagnosed_again", f"task:{task_id}", {"old": before, "new": cause}, now)


def _stored(conn: sa.Connection, invoice_id: int) -> dict[str, Any]:
    query = sa.select(invoices.c.findings, invoices.c.match, invoices.c.diagnosis).where(invoices.c.id == invoice_id)
    return dict(conn.execute(query).mappings().one())

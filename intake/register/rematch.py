"""Papers that wait are looked at again, without reading a file anew (domain.md §9.4, §10.2).

After an import all that a larger register may change; when its time has come, each by itself; after an official answer
the one invoice. Each paper is a transaction of its own, and they are taken one by one however many wait.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, assert_never

import sqlalchemy as sa

from intake import audit, names, ranking
from intake.codec import decode, encode
from intake.config import Settings
from intake.db import documents, extractions, invoices, read, register_rows, tasks, write
from intake.errors import TaskStateError, TaskTakenError
from intake.filing import MACHINE, filed_columns
from intake.found_wrong import found_wrong
from intake.model import (
    SERVICE,
    Attached,
    Cause,
    Diagnosis,
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
from intake.register.contradictions import reopen_contradicted
from intake.tasks import Held, hold, require_state, settle_documents, settle_renditions, update_invoice, update_task
from ocr.types import Kind

WAITING: Final = (TaskState.OPEN.value, TaskState.CLAIMED.value)
# Causes that stand whatever the register says; all others a larger register may change.
SETTLED: Final = frozenset({Cause.NOT_AN_INVOICE, Cause.DUPLICATE, Cause.PAGES_MISSING, Cause.TYPE_NEVER_IN_REGISTER})
# A paper whose reader broke down: there is nothing to look up until somebody has keyed it.
_NOTHING_READ: Final = sa.and_(
    tasks.c.cause == Cause.SYSTEM_FAULT.value,
    invoices.c.kind == Kind.UNKNOWN.value,
    ~sa.exists().where(extractions.c.document_id == tasks.c.document_id),
)
BATCH: Final = 200
MOST_DUE: Final = 2000  # papers of one round; what is left is due in the next


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A paper that waits, as it was when it was fetched."""

    task_id: int
    invoice_id: int
    version: int
    invoice: Invoice


def rematch(engine: sa.Engine, tools: Tools, now: datetime) -> int:
    """Match and diagnose again what waits to be keyed; file what is proven and in the register. Returns how many.

    What somebody holds or has keyed is left to the people; the reader of `tools` is not used. What is on file and
    contradicts the register by now waits for people again first.
    """
    reopen_contradicted(engine, now)
    with write(engine) as conn:
        ranking.rank_tasks(conn, ranking.policy_of(tools.settings), tasks.c.due_at.is_(None))
    known = sa.exists().where(sa.or_(register_rows.c.key == invoices.c.key, register_rows.c.alias == invoices.c.key))
    open_to_change = tasks.c.cause.not_in([cause.value for cause in SETTLED])
    return sum(_look(engine, tools, one, now) for one in _waiting(engine, sa.or_(open_to_change, known)))


def look_again(engine: sa.Engine, tools: Tools, now: datetime, most: int = MOST_DUE) -> int:
    """Look again at the papers whose time has come, at most so many of them; returns how many were filed."""
    with write(engine) as conn:  # what people have finished since waits for nothing
        over = sa.and_(tasks.c.look_again_at <= now, tasks.c.state.not_in(WAITING))
        conn.execute(sa.update(tasks).where(over).values(look_again_at=None))
    with read(engine) as conn:
        due = list(
            conn.scalars(
                sa.select(tasks.c.id)
                .where(tasks.c.look_again_at <= now)
                .order_by(tasks.c.look_again_at, tasks.c.id)
                .limit(most)
            )
        )
    filed = 0
    for start in range(0, len(due), BATCH):
        filed += sum(
            _look(engine, tools, one, now) for one in _waiting(engine, tasks.c.id.in_(due[start : start + BATCH]))
        )
    return filed


def rematch_one(engine: sa.Engine, tools: Tools, invoice_id: int, now: datetime) -> bool:
    """Look at one invoice again, such as after an official answer; nothing when nobody waits for it. Whether it was filed.

    The diagnosis is renewed under the hands of whoever holds the task; filing it is then left to them.
    """
    found = _waiting(engine, invoices.c.id == invoice_id)
    return any(_look(engine, tools, one, now, held_too=True) for one in found)


def _look(engine: sa.Engine, tools: Tools, waits: _Waiting, now: datetime, *, held_too: bool = False) -> bool:
    looked = replace(tools, archive=Without(tools.archive, waits.invoice_id))
    decision = decide(waits.invoice, looked)
    match decision:
        case Filed():
            return _file(engine, waits, decision, now)
        case NeedsReview():
            _rediagnose(engine, tools.settings, waits, decision, now, held_too=held_too)
        case Attached():
            _leave(engine, waits)  # the first record came meanwhile; the card of this paper already says so
        case _:
            assert_never(decision)
    return False


def _waiting(engine: sa.Engine, *conditions: sa.ColumnElement[bool]) -> Iterator[_Waiting]:
    """Papers that wait to be keyed, batch by batch in the order of their tasks."""
    query = (
        sa.select(tasks.c.id, tasks.c.invoice_id, invoices.c.version, invoices.c.fields)
        .join(invoices, invoices.c.id == tasks.c.invoice_id)
        .where(tasks.c.state.in_(WAITING), invoices.c.state == InvoiceState.NEEDS_REVIEW.value, ~_NOTHING_READ)
        .where(~found_wrong(invoices.c.id), *conditions)
        .order_by(tasks.c.id)
        .limit(BATCH)
    )
    last = 0
    while True:
        with read(engine) as conn:
            rows = conn.execute(query.where(tasks.c.id > last)).all()
        for row in rows:
            yield _Waiting(row.id, row.invoice_id, row.version, decode(Invoice, row.fields))
        if len(rows) < BATCH:
            return
        last = rows[-1].id


def _still(conn: sa.Connection, waits: _Waiting, now: datetime, *, held_too: bool = False) -> Held | None:
    """The task, locked, if nobody has touched it since it was looked at and (unless `held_too`) nobody holds it."""
    task = hold(conn, waits.task_id)
    try:
        require_state(task, {TaskState(state) for state in WAITING}, SERVICE, now)
    except TaskStateError:
        return None
    except TaskTakenError:
        if not held_too:
            return None
    return task if task.version == waits.version and task.invoice_state is InvoiceState.NEEDS_REVIEW else None


def _file(engine: sa.Engine, waits: _Waiting, decision: Filed, now: datetime) -> bool:
    wanted = names.names_of(decision.invoice, decision.key)
    try:
        with write(engine) as conn:
            names.lock(conn, wanted)
            task = _still(conn, waits, now)
            if task is None:
                return False
            columns = invoice_columns(decision.invoice) | filed_columns(decision.findings, decision.match, now)
            update_invoice(conn, waits.invoice_id, waits.version, **columns, key=decision.key)
            names.take(conn, waits.invoice_id, wanted)
            settle_renditions(conn, waits.invoice_id)
            closed = {"state": TaskState.CLOSED.value, "closed_at": now, "look_again_at": None}
            update_task(conn, task, **closed, claimed_by=None, claimed_until=None)
            settle_documents(conn, task.documents, "", now)
            detail = {"task": waits.task_id, "key": decision.key, "by": MACHINE, "after": "import"}
            audit.record(conn, SERVICE, "filed", f"invoice:{waits.invoice_id}", detail, now)
            return True
    except sa.exc.IntegrityError:
        return False  # another paper took the key at this moment; people see to the second


def _rediagnose(
    engine: sa.Engine, settings: Settings, waits: _Waiting, decision: NeedsReview, now: datetime, *, held_too: bool
) -> None:
    """Say anew why the paper waits and when it is looked at again."""
    columns = decision_columns(decision.findings, decision.match, decision.diagnosis)
    again = decision.diagnosis.look_again_at
    with write(engine) as conn:
        task = _still(conn, waits, now, held_too=held_too)
        if task is None:
            return
        if _timeless(_stored(conn, waits.invoice_id)) == _timeless(columns):
            # only the time moves on: the card shows it, and nothing else has changed for anybody
            same = sa.and_(invoices.c.id == waits.invoice_id, invoices.c.version == waits.version)
            conn.execute(sa.update(invoices).where(same).values(diagnosis=columns["diagnosis"]))
            update_task(conn, task, look_again_at=again)
            return
        register_key = decision.match.candidate.row.key if isinstance(decision.match, Matched) else None
        update_invoice(conn, waits.invoice_id, waits.version, **columns, register_key=register_key)
        before = conn.execute(sa.select(tasks.c.cause).where(tasks.c.id == waits.task_id)).scalar_one()
        cause = decision.diagnosis.cause.value
        update_task(conn, task, cause=cause, look_again_at=again)
        ranking.rank_tasks(conn, ranking.policy_of(settings), tasks.c.id == waits.task_id)
        told = sa.and_(documents.c.id.in_(task.documents), documents.c.reason == before)
        conn.execute(sa.update(documents).where(told).values(reason=cause))
        if cause != before:
            detail = {"old": before, "new": cause}
            audit.record(conn, SERVICE, "diagnosed_again", f"task:{waits.task_id}", detail, now)


def _leave(engine: sa.Engine, waits: _Waiting) -> None:
    with write(engine) as conn:
        conn.execute(sa.update(tasks).where(tasks.c.id == waits.task_id).values(look_again_at=None))


def _stored(conn: sa.Connection, invoice_id: int) -> dict[str, Any]:
    query = sa.select(invoices.c.findings, invoices.c.match, invoices.c.diagnosis).where(invoices.c.id == invoice_id)
    return dict(conn.execute(query).mappings().one())


def _timeless(columns: dict[str, Any]) -> dict[str, Any]:
    """What was decided, without the time of the next look."""
    diagnosis = columns["diagnosis"]
    if diagnosis is None:
        return columns
    said = decode(Diagnosis, diagnosis)
    return columns | {"diagnosis": encode(replace(said, look_again_at=None))}

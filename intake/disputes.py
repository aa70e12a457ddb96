"""A paper that two people keyed alike and a row of the register that says otherwise: a third person decides.

The register is never changed by it. Is the paper right, it goes on file and the row stays marked as contradicted
(it stays in the list of conflicts); is the register right, the paper is keyed again with the fields named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique

import sqlalchemy as sa

from intake import acts
from intake.acts import Act
from intake.codec import encode
from intake.conflicts import is_open
from intake.db import conflicts, invoices, register_rows, tasks
from intake.errors import NotFoundError, ReasonMissingError, TaskStateError
from intake.filing import Event
from intake.keying import Contradicting, file_keyed
from intake.model import Actor, Cause, Diagnosis, Evidence, NextStep, Proof, Role, TaskState
from intake.review import critical
from intake.tasks import FREE, TO_DECIDE, Held, hold, keyed, require_state, require_step, update_invoice, update_task
from intake.turns import NOT_KEYED


@unique
class Verdict(StrEnum):
    """What the third person decides."""

    PAPER = "paper"  # the invoice goes on file as it was keyed
    REGISTER = "register"  # the paper is keyed again


@dataclass(frozen=True, slots=True)
class Dispute:
    """An open one; `differs` holds field, what the register says, what two people keyed."""

    id: int
    task_id: int
    invoice_id: int
    row_id: int
    source: str  # of the row; empty when a roll-back has taken it away since
    number: str
    seller_name: str
    opened_at: datetime
    entered_by: int | None
    verified_by: int | None
    differs: tuple[tuple[str, str, str], ...]


def note(conn: sa.Connection, invoice_id: int, against: Contradicting, now: datetime) -> list[Event]:
    """Write down that what two people keyed contradicts a row of the register."""
    told = [{"field": field, "first": theirs, "second": ours} for field, theirs, ours in against.differs]
    values = {"second_id": invoice_id, "register_row_id": against.row_id, "differs": told}
    conn.execute(sa.insert(conflicts).values(**values, opened_at=now, comment=""))
    detail = {field: {"register": theirs, "paper": ours} for field, theirs, ours in against.differs}
    return [Event("register_disputed", f"invoice:{invoice_id}", {"row": against.row_id, "differs": detail})]


def note_decided(conn: sa.Connection, task: Held, against: Contradicting, actor: Actor, now: datetime) -> list[Event]:
    """A third person who decides between two entries stands by the paper at once: the row is marked as contradicted."""
    events = note(conn, task.invoice_id, against, now)
    mine = sa.and_(conflicts.c.second_id == task.invoice_id, conflicts.c.register_row_id == against.row_id)
    values = {"decision": Verdict.PAPER.value, "decided_by": actor.id, "decided_at": now}
    conn.execute(sa.update(conflicts).where(mine, conflicts.c.decision == "").values(**values))
    detail = {"verdict": Verdict.PAPER.value, "comment": "", "row": against.row_id, "task": task.id}
    return [*events, Event("register_dispute_decided", f"invoice:{task.invoice_id}", detail)]


def found(conn: sa.Connection, *conditions: sa.ColumnElement[bool]) -> tuple[Dispute, ...]:
    """The open ones, the oldest first."""
    joined = (
        conflicts.join(invoices, invoices.c.id == conflicts.c.second_id)
        .join(tasks, tasks.c.invoice_id == conflicts.c.second_id)
        .outerjoin(register_rows, register_rows.c.id == conflicts.c.register_row_id)
    )
    columns = (
        conflicts.c.id,
        tasks.c.id.label("task_id"),
        invoices.c.id.label("invoice_id"),
        conflicts.c.register_row_id.label("row_id"),
        sa.func.coalesce(register_rows.c.source, "").label("source"),
        sa.func.coalesce(register_rows.c.number, invoices.c.number).label("number"),
        sa.func.coalesce(register_rows.c.seller_name, invoices.c.seller_name).label("seller_name"),
        conflicts.c.opened_at,
        tasks.c.entered_by,
        tasks.c.verified_by,
        conflicts.c.differs,
    )
    query = sa.select(*columns).select_from(joined).where(is_open(), conflicts.c.register_row_id.is_not(None))
    return tuple(
        Dispute(**{**row, "differs": tuple((one["field"], one["first"], one["second"]) for one in row["differs"])})
        for row in conn.execute(query.where(*conditions).order_by(conflicts.c.id)).mappings()
    )


def settle(
    conn: sa.Connection, actor: Actor, conflict_id: int, verdict: Verdict, comment: str, now: datetime
) -> list[Event]:
    """Decide one as a third person. Raises ReasonMissingError without a comment, NotFoundError, TaskStateError when it is
    no longer open, OwnEntryError for who keyed it, ForbiddenError, and KeyConflictError when another paper has the key.
    """
    said = comment.strip()
    if not said:
        raise ReasonMissingError(f"conflict {conflict_id}")
    of_it = sa.select(tasks.c.id).join(conflicts, conflicts.c.second_id == tasks.c.invoice_id)
    task_id = conn.execute(of_it.where(conflicts.c.id == conflict_id)).scalar_one_or_none()
    if task_id is None:
        raise NotFoundError(f"conflict {conflict_id}")
    task = hold(conn, task_id)
    (dispute,) = found(conn, conflicts.c.id == conflict_id) or (None,)
    if dispute is None:
        raise TaskStateError(f"conflict {conflict_id} is no longer open")
    require_state(task, TO_DECIDE, actor, now)
    require_step(task, actor)
    values = {"decision": verdict.value, "decided_by": actor.id, "decided_at": now, "comment": said}
    conn.execute(sa.update(conflicts).where(conflicts.c.id == conflict_id).values(**values))
    detail = {"verdict": verdict.value, "comment": said, "row": dispute.row_id, "task": task.id}
    decided = Event("register_dispute_decided", f"invoice:{task.invoice_id}", detail)
    written = _file(conn, task, actor, now) if verdict is Verdict.PAPER else _return(conn, task, dispute, said)
    acts.note(conn, Act.DECIDED, task.id, actor.id, task.entered_by, now)
    return [decided, *written]


def _file(conn: sa.Connection, task: Held, actor: Actor, now: datetime) -> list[Event]:
    entry = keyed(task.entry)
    update_task(conn, task, state=TaskState.VERIFIED.value, adjudicated_by=actor.id, closed_at=now, **FREE)
    filed = file_keyed(
        conn,
        task,
        now=now,
        second=keyed(task.second),
        proven=dict.fromkeys(critical(entry.kind), Proof.TWO_PEOPLE),
        people={"verified_by": task.verified_by, "adjudicated_by": actor.id},
        against_register=True,
    )
    return list(filed.events)


def _return(conn: sa.Connection, task: Held, dispute: Dispute, comment: str) -> list[Event]:
    evidence = tuple(
        Evidence(
            "register_expects",
            {"field": field, "seen": ours, "expected": theirs},
            f"register:{dispute.row_id}",
        )
        for field, theirs, ours in dispute.differs
    )
    diagnosis = Diagnosis(Cause.TRANSCRIPTION_ERROR, evidence, NextStep.CORRECT_FROM_IMAGE, Role.CLERK)
    returned = {**NOT_KEYED, **FREE, "draft": encode(keyed(task.entry)), "comment": comment}
    update_task(conn, task, state=TaskState.OPEN.value, cause=diagnosis.cause.value, **returned)
    update_invoice(conn, task.invoice_id, task.version, diagnosis=encode(diagnosis))
    detail = {"entered_by": task.entered_by, "comment": comment, "fields": [field for field, _, _ in dispute.differs]}
    return [Event("sent_back", f"task:{task.id}", detail)]

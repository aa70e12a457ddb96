"""What the second person does with an entry: key it blind, approve it, send it back (domain.md §10.2).

Each function works in the caller's transaction on a task that is locked (`intake.tasks.hold`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import sqlalchemy as sa

from intake import acts, disputes
from intake.acts import Act
from intake.codec import encode
from intake.entering import Agreed
from intake.entries import blind_entry, keyed_invoice, mark_of, open_differences
from intake.errors import EntryIncompleteError, OwnEntryError, TaskStateError
from intake.filing import Event
from intake.keying import contradiction, file_keyed, find_conflict, key_for
from intake.model import Actor, Proof, TaskState
from intake.review import Difference, critical
from intake.risk import Control, control_of
from intake.tasks import FREE, KEYED, Held, Written, keyed, require_state, require_step, update_task
from intake.turns import NOT_KEYED
from ocr.types import FieldName


@dataclass(frozen=True, slots=True)
class Differs:
    """Two people keyed differently: both keyings are kept and a third person decides."""

    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Contradicts:
    """Two people keyed the same and the register says something else: a third person decides between paper and register."""

    differs: tuple[tuple[str, str, str], ...]


VerifyOutcome: TypeAlias = Agreed | Differs | Contradicts


def verify(
    conn: sa.Connection,
    task: Held,
    actor: Actor,
    values: Mapping[FieldName, str],
    illegible: frozenset[FieldName],
    now: datetime,
) -> Written[VerifyOutcome]:
    """Compare a blind keying with the first entry: equal ones file the invoice."""
    _require_control(task, actor, Control.BLIND, now)
    entry = keyed(task.entry)
    second = blind_entry(entry, values, illegible)
    differences = open_differences(entry, second)
    update: dict[str, object] = {"verified_by": actor.id, "verified_at": now, "second": encode(second), **FREE}
    said = Act.DIFFERED if differences else Act.CONFIRMED
    acts.note(conn, said, task.id, actor.id, task.entered_by, now)
    if differences:
        update_task(conn, task, state=TaskState.DISPUTED.value, **update)
        detail = {one.name.value: {"first": one.first, "second": one.second} for one in differences}
        return Differs(differences), [Event("disputed", f"task:{task.id}", detail)]
    proven = dict.fromkeys(critical(entry.kind), Proof.TWO_PEOPLE)
    invoice = keyed_invoice(task.invoice, entry, second, proven=proven)
    key = key_for(conn, task, invoice)
    find_conflict(conn, task, invoice, key, against_register=True)
    against = contradiction(conn, invoice, key)
    if against is not None:
        update_task(conn, task, state=TaskState.DISPUTED.value, **update)
        return Contradicts(against.differs), disputes.note(conn, task.invoice_id, against, now)
    update_task(conn, task, state=TaskState.VERIFIED.value, closed_at=now, **update)
    filed = file_keyed(conn, task, now=now, second=second, proven=proven, people={"verified_by": actor.id})
    return Agreed(filed.invoice_id, filed.attached), list(filed.events)


def approve(conn: sa.Connection, task: Held, actor: Actor, mark: str, now: datetime) -> Written[Agreed]:
    """File an entry that was compared with the picture; `mark` says which one was seen."""
    _require_control(task, actor, Control.APPROVAL, now)
    entry = keyed(task.entry)
    if mark_of(entry) != mark:
        raise TaskStateError(f"the entry of task {task.id} was changed after it was shown")
    update: dict[str, object] = {"verified_by": actor.id, "verified_at": now, "closed_at": now, **FREE}
    update_task(conn, task, state=TaskState.VERIFIED.value, **update)
    acts.note(conn, Act.CONFIRMED, task.id, actor.id, task.entered_by, now)
    proven = dict.fromkeys(critical(entry.kind), Proof.APPROVED)
    filed = file_keyed(conn, task, now=now, proven=proven, people={"approved_by": actor.id})
    return Agreed(filed.invoice_id, filed.attached), list(filed.events)


def send_back(conn: sa.Connection, task: Held, actor: Actor, comment: str, now: datetime) -> Written[None]:
    """Return another person's entry to be keyed again; it stays as the draft."""
    require_state(task, KEYED, actor, now)
    if task.entered_by == actor.id:
        raise OwnEntryError(f"task {task.id}")
    if not comment.strip():
        raise EntryIncompleteError(("comment",))
    returned = {**NOT_KEYED, **FREE, "draft": encode(keyed(task.entry)), "comment": comment.strip()}
    update_task(conn, task, state=TaskState.OPEN.value, **returned)
    acts.note(conn, Act.SENT_BACK, task.id, actor.id, task.entered_by, now)
    detail = {"entered_by": task.entered_by, "comment": comment.strip()}
    return None, [Event("sent_back", f"task:{task.id}", detail)]


def _require_control(task: Held, actor: Actor, control: Control, now: datetime) -> None:
    """Who was shown the values cannot key them blind, and what must be keyed blind is not approved at sight."""
    require_state(task, {TaskState.ENTERED}, actor, now)
    require_step(task, actor)
    if control_of(task.blind) is not control:
        raise TaskStateError(f"task {task.id} asks for another control: {task.blind}")

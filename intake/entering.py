"""The first keying (补录): drafts, suggestions taken, and the entry with the control that its risk asks for.

Each function works in the caller's transaction on a task that is locked (`intake.tasks.hold`).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import sqlalchemy as sa

from intake import acts
from intake.acts import Act
from intake.clock import day_of
from intake.codec import encode
from intake.entries import Entry, first_entry, keyed_invoice
from intake.filing import Event
from intake.keying import contradiction, file_keyed, find_conflict, key_for, register_proofs
from intake.model import Actor, TaskState
from intake.review import EntryReport
from intake.risk import Control, FirstEntry, Ground, Policy, assess, control_of
from intake.tasks import FREE, TO_KEY, Held, Written, require_state, update_task
from ocr.types import FieldName, Kind

_LOT: Final = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class Agreed:
    """The invoice is on file. `attached` says that it was there before."""

    invoice_id: int
    attached: bool = False


@dataclass(frozen=True, slots=True)
class Handed:
    """The entry waits for a second person, who approves it or keys it blind, for the reason given."""

    report: EntryReport
    ground: Ground


EnterOutcome: TypeAlias = Agreed | Handed


def save_draft(
    conn: sa.Connection, task: Held, actor: Actor, entry: Entry, *, now: datetime, lease: timedelta
) -> Written[None]:
    """Keep what is typed so far, as it is typed, and hold the task on."""
    require_state(task, TO_KEY, actor, now)
    held = _held(actor, now + lease)
    update_task(conn, task, **held, draft=encode(entry))
    return None, []


def take_suggestion(
    conn: sa.Connection, task: Held, actor: Actor, name: FieldName, reason: str, *, now: datetime, lease: timedelta
) -> Written[None]:
    """Write down that a proposed correction was taken; the value stays out of the log until the paper is on file."""
    require_state(task, TO_KEY, actor, now)
    update_task(conn, task, **_held(actor, now + lease))
    return None, [Event("suggestion_taken", f"task:{task.id}", {"field": name.value, "why": reason})]


def enter(
    conn: sa.Connection,
    task: Held,
    actor: Actor,
    kind: Kind,
    values: Mapping[FieldName, str],
    illegible: Mapping[FieldName, str],
    comment: str,
    *,
    policy: Policy,
    now: datetime,
    insisted: bool = False,
) -> Written[EnterOutcome]:
    """Take an entry: on file at once where code and register stand for it, else it waits for a second person.

    `insisted`: the clerk has seen that the register says something else and stands by the paper; it is then keyed blind.
    """
    require_state(task, TO_KEY, actor, now)
    entry, report = first_entry(kind, values, illegible, comment, today=day_of(now))
    invoice = keyed_invoice(task.invoice, entry)
    key = key_for(conn, task, invoice)
    find_conflict(conn, task, invoice, key, against_register=insisted)
    proofs = register_proofs(conn, invoice, key)
    ground = _ground(task, entry, report, policy, in_register=bool(proofs))
    if contradiction(conn, invoice, key) is not None:
        ground = Ground.DOUBTFUL_KEY
    values_of_task = {
        **FREE,
        "draft": None,
        "entered_by": actor.id,
        "entered_at": now,
        "entry": encode(entry),
        "comment": entry.comment,
        "blind": ground.value,
    }
    acts.note(conn, Act.KEYED, task.id, actor.id, actor.id, now)
    entered = Event("entered", f"task:{task.id}", {"illegible": sorted(entry.illegible), "ground": ground.value})
    if control_of(ground) is not Control.NONE:
        update_task(conn, task, state=TaskState.ENTERED.value, **values_of_task)
        return Handed(report, ground), [entered]
    update_task(conn, task, state=TaskState.VERIFIED.value, closed_at=now, **values_of_task)
    filed = file_keyed(conn, replace(task, entry=entry, entered_by=actor.id), now=now, proven=proofs)
    return Agreed(filed.invoice_id, filed.attached), [entered, *filed.events]


def _ground(task: Held, entry: Entry, report: EntryReport, policy: Policy, *, in_register: bool) -> Ground:
    """The ground of the control; who was drawn by lot once stays drawn when the paper is returned."""
    first = FirstEntry(
        task.invoice, entry.kind, entry.values, entry.illegible, report.findings, task.cause, in_register=in_register
    )
    return assess(first, policy, 0.0 if task.blind == Ground.SAMPLED else _LOT.random())


def _held(actor: Actor, until: datetime) -> dict[str, object]:
    return {"state": TaskState.CLAIMED.value, "claimed_by": actor.id, "claimed_until": until}

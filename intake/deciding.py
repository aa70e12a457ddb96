"""A third person decides what two keyed differently; a person decides that a paper is not filed (domain.md §10.2).

Each function works in the caller's transaction on a task that is locked (`intake.tasks.hold`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from intake import acts, conflicts, disputes
from intake.acts import Act
from intake.clock import day_of
from intake.entering import Agreed
from intake.entries import decide, keyed_invoice
from intake.errors import EntryIncompleteError, OwnEntryError
from intake.filing import Event
from intake.keying import contradiction, file_keyed, key_for
from intake.model import Actor, InvoiceState, Proof, TaskState
from intake.review import critical
from intake.roles import Action, require
from intake.tasks import (
    FREE,
    TO_DECIDE,
    WAITING,
    Held,
    Written,
    keyed,
    require_state,
    require_step,
    settle_documents,
    update_invoice,
    update_task,
)
from ocr.types import FieldName


def adjudicate(
    conn: sa.Connection,
    task: Held,
    actor: Actor,
    choices: Mapping[FieldName, str],
    now: datetime,
    *,
    insisted: bool = False,
) -> Written[Agreed]:
    """File the invoice with the value chosen for each field in which two differ; `insisted`: also against a row of the
    register that says something else, which stays as it is and is marked.
    """
    require_state(task, TO_DECIDE, actor, now)
    require_step(task, actor)
    entry, second = keyed(task.entry), keyed(task.second)
    decided = decide(entry, second, choices, today=day_of(now))
    update_task(conn, task, state=TaskState.VERIFIED.value, adjudicated_by=actor.id, closed_at=now, **FREE)
    acts.note(conn, Act.DECIDED, task.id, actor.id, task.entered_by, now)
    proven = dict.fromkeys(critical(entry.kind), Proof.TWO_PEOPLE)
    people = {"verified_by": task.verified_by, "adjudicated_by": actor.id}
    invoice = keyed_invoice(task.invoice, entry, second, decided, proven)
    against = contradiction(conn, invoice, key_for(conn, task, invoice)) if insisted else None
    filed = file_keyed(
        conn,
        task,
        now=now,
        second=second,
        decided=decided,
        proven=proven,
        people=people,
        against_register=against is not None,
    )
    marked = [] if against is None else disputes.note_decided(conn, task, against, actor, now)
    return Agreed(filed.invoice_id, filed.attached), [*filed.events, *marked]


def refuse(conn: sa.Connection, task: Held, actor: Actor, reason: str, comment: str, now: datetime) -> Written[None]:
    """Close a paper without filing it; its key stays reserved, its files are rejected with the reason."""
    require_state(task, WAITING, actor, now)
    if task.entered_by == actor.id:
        raise OwnEntryError(f"task {task.id}")
    if conflicts.of_invoice(conn, task.invoice_id):
        require(actor, Action.ADJUDICATE)  # the other paper with this key is blocked until a supervisor decides
    lacking = [name for name, text in (("reason", reason), ("comment", comment)) if not text.strip()]
    if lacking:
        raise EntryIncompleteError(tuple(lacking))
    update_task(conn, task, state=TaskState.CLOSED.value, closed_at=now, comment=comment.strip(), **FREE)
    update_invoice(conn, task.invoice_id, task.version, state=InvoiceState.REFUSED.value)
    settle_documents(conn, task.documents, reason.strip(), now)
    detail = {"task": task.id, "reason": reason.strip(), "comment": comment.strip()}
    return None, [Event("refused", f"invoice:{task.invoice_id}", detail)]

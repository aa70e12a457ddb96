"""The third door: a person acts. Keying (补录), blind verification by another, decision by a third (domain.md §10).

Each method is one transaction, safe against colleagues who act at the same moment: rows are locked, and whoever
comes second is told (`TaskTakenError`, `TaskStateError`). Every act is in the audit log; the keyed values only from
the moment on when the second keying is in, so that nobody can look them up there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias, TypeVar

import sqlalchemy as sa

from intake import attaching, audit, conflicts, reopening, settling, turns
from intake.clock import Clock, day_of
from intake.codec import encode
from intake.config import Settings
from intake.db import write
from intake.entries import Entry, blind_entry, decide, first_entry, keyed_invoice, open_differences
from intake.errors import EntryIncompleteError, OwnEntryError, TaskStateError
from intake.filing import Event
from intake.keying import file_keyed, find_conflict, key_for
from intake.model import Actor, InvoiceState, TaskState
from intake.review import Difference, EntryReport
from intake.roles import Action, require
from intake.tasks import Held, hold, require_state, settle_documents, update_invoice, update_task
from ocr.types import FieldName, Kind

T = TypeVar("T")
Written: TypeAlias = tuple[T, list[Event]]

TO_KEY: Final = frozenset({TaskState.OPEN, TaskState.CLAIMED})
TO_DECIDE: Final = frozenset({TaskState.DISPUTED})
KEYED: Final = frozenset({TaskState.ENTERED, TaskState.DISPUTED})
WAITING: Final = TO_KEY | KEYED


@dataclass(frozen=True, slots=True)
class Agreed:
    """Two people keyed the same: the invoice is on file. `attached` says that it was there before."""

    invoice_id: int
    attached: bool = False


@dataclass(frozen=True, slots=True)
class Differs:
    """Two people keyed differently: both keyings are kept and a third person decides."""

    differences: tuple[Difference, ...]


VerifyOutcome: TypeAlias = Agreed | Differs


class Desk:
    """What people do with the papers that wait for them."""

    def __init__(self, engine: sa.Engine, clock: Clock, settings: Settings) -> None:
        """`settings.task_lease` is how long a task is held without an act."""
        self._engine = engine
        self._clock = clock
        self._lease = timedelta(seconds=settings.task_lease)

    def next_task(self, actor: Actor) -> int | None:
        """The task to key next: one that this person holds, else the oldest free one, of equals the largest amount."""
        require(actor, Action.ENTER)
        return turns.next_to_key(self._engine, actor, self._clock())

    def next_to_verify(self, actor: Actor) -> int | None:
        """The oldest entry of another person that nobody else is verifying."""
        require(actor, Action.VERIFY)
        return turns.next_to_verify(self._engine, actor, self._clock())

    def next_to_decide(self, actor: Actor) -> int | None:
        """The oldest difference between two other people."""
        require(actor, Action.ADJUDICATE)
        return turns.next_to_decide(self._engine, actor, self._clock())

    def claim(self, actor: Actor, task_id: int) -> None:
        """Hold a task for the next step, visible to others; a lease that has run out may be taken over.

        Raises TaskTakenError, TaskStateError, OwnEntryError, ForbiddenError, NotFoundError.
        """

        def act(conn: sa.Connection, now: datetime) -> Written[None]:
            task = hold(conn, task_id)
            require_state(task, WAITING, actor, now)
            _require_step(task, actor)
            values: dict[str, object] = {"claimed_by": actor.id, "claimed_until": now + self._lease}
            if task.state in TO_KEY:
                values["state"] = TaskState.CLAIMED.value
            update_task(conn, task, **values)
            renewed = task.claimed_by == actor.id
            return None, [] if renewed else [Event("task_claimed", f"task:{task_id}", {"state": task.state.value})]

        self._act(actor, act)

    def release(self, actor: Actor, task_id: int) -> None:
        """Give a held task back; a draft stays. Whoever does not hold it changes nothing."""

        def act(conn: sa.Connection, _now: datetime) -> Written[None]:
            task = hold(conn, task_id)
            if task.state in WAITING and task.claimed_by == actor.id:
                state = TaskState.OPEN if task.state is TaskState.CLAIMED else task.state
                update_task(conn, task, state=state.value, claimed_by=None, claimed_until=None)
            return None, []

        self._act(actor, act)

    def save_draft(
        self,
        actor: Actor,
        task_id: int,
        kind: Kind,
        values: Mapping[FieldName, str],
        illegible: Mapping[FieldName, str] | None = None,
    ) -> None:
        """Keep what is typed so far, as it is typed, and hold the task on. Raises as `claim`."""
        require(actor, Action.ENTER)

        def act(conn: sa.Connection, now: datetime) -> Written[None]:
            task = hold(conn, task_id)
            require_state(task, TO_KEY, actor, now)
            update_task(
                conn,
                task,
                state=TaskState.CLAIMED.value,
                claimed_by=actor.id,
                claimed_until=now + self._lease,
                draft=encode(Entry(kind, dict(values), dict(illegible or {}))),
            )
            return None, []

        self._act(actor, act)

    def take_suggestion(self, actor: Actor, task_id: int, name: FieldName, reason: str) -> None:
        """Write down that a proposed correction of a field was taken into the form, and hold the task on.

        The value stays out of the log until the second keying is in. Raises as `claim`.
        """
        require(actor, Action.ENTER)

        def act(conn: sa.Connection, now: datetime) -> Written[None]:
            task = hold(conn, task_id)
            require_state(task, TO_KEY, actor, now)
            update_task(conn, task, claimed_by=actor.id, claimed_until=now + self._lease, state=TaskState.CLAIMED.value)
            return None, [Event("suggestion_taken", f"task:{task_id}", {"field": name.value, "why": reason})]

        self._act(actor, act)

    def enter(
        self,
        actor: Actor,
        task_id: int,
        kind: Kind,
        values: Mapping[FieldName, str],
        illegible: Mapping[FieldName, str],
        comment: str = "",
    ) -> EntryReport:
        """Hand a keying to the second person. `illegible` gives a reason for each field that cannot be read.

        Raises EntryIncompleteError with the fields that are missing or wrong, KeyConflictError when the number is on
        file or in the register with other values, and as `claim`.
        """
        require(actor, Action.ENTER)

        def act(conn: sa.Connection, now: datetime) -> Written[EntryReport]:
            task = hold(conn, task_id)
            require_state(task, TO_KEY, actor, now)
            entry, report = first_entry(kind, values, illegible, comment, today=day_of(now))
            keyed = keyed_invoice(task.invoice, entry, entry, {}, ())
            find_conflict(conn, task, keyed, key_for(conn, task, keyed))
            update_task(
                conn,
                task,
                state=TaskState.ENTERED.value,
                claimed_by=None,
                claimed_until=None,
                draft=None,
                entered_by=actor.id,
                entered_at=now,
                entry=encode(entry),
                comment=entry.comment,
            )
            return report, [Event("entered", f"task:{task_id}", {"illegible": sorted(entry.illegible)})]

        return self._act(actor, act)

    def verify(
        self,
        actor: Actor,
        task_id: int,
        values: Mapping[FieldName, str],
        illegible: frozenset[FieldName] = frozenset(),
    ) -> VerifyOutcome:
        """Key the critical fields of another person's entry blind. Equal keyings file the invoice.

        Raises OwnEntryError, EntryIncompleteError for a critical field that is empty or wrong and not `illegible`,
        KeyConflictError, and as `claim`.
        """
        require(actor, Action.VERIFY)

        def act(conn: sa.Connection, now: datetime) -> Written[VerifyOutcome]:
            task = hold(conn, task_id)
            require_state(task, {TaskState.ENTERED}, actor, now)
            _require_step(task, actor)
            entry = _of(task.entry)
            second = blind_entry(entry, values, illegible)
            differences = open_differences(entry, second)
            update: dict[str, object] = {"verified_by": actor.id, "verified_at": now, "second": encode(second)}
            free: dict[str, object] = {"claimed_by": None, "claimed_until": None}
            if differences:
                update_task(conn, task, state=TaskState.DISPUTED.value, **update, **free)
                detail = {one.name.value: {"first": one.first, "second": one.second} for one in differences}
                return Differs(differences), [Event("disputed", f"task:{task_id}", detail)]
            update_task(conn, task, state=TaskState.VERIFIED.value, closed_at=now, **update, **free)
            filed = file_keyed(conn, task, actor, second, {}, now=now)
            return Agreed(filed.invoice_id, filed.attached), list(filed.events)

        return self._act(actor, act)

    def adjudicate(self, actor: Actor, task_id: int, choices: Mapping[FieldName, str]) -> Agreed:
        """Decide, as a third person, each field in which two differ; the invoice goes on file.

        An empty choice says that nobody can read the field, which is accepted for what does not identify the invoice.
        Raises OwnEntryError, EntryIncompleteError, KeyConflictError, and as `claim`.
        """
        require(actor, Action.ADJUDICATE)

        def act(conn: sa.Connection, now: datetime) -> Written[Agreed]:
            task = hold(conn, task_id)
            require_state(task, TO_DECIDE, actor, now)
            _require_step(task, actor)
            entry, second = _of(task.entry), _of(task.second)
            decided = decide(entry, second, choices, today=day_of(now))
            update_task(
                conn,
                task,
                state=TaskState.VERIFIED.value,
                adjudicated_by=actor.id,
                closed_at=now,
                claimed_by=None,
                claimed_until=None,
            )
            filed = file_keyed(conn, task, actor, second, decided, now=now)
            return Agreed(filed.invoice_id, filed.attached), list(filed.events)

        return self._act(actor, act)

    def send_back(self, actor: Actor, task_id: int, comment: str) -> None:
        """Return another person's entry to be keyed again, with a comment; the entry stays as a draft.

        Raises OwnEntryError, EntryIncompleteError without a comment, and as `claim`.
        """
        require(actor, Action.VERIFY)

        def act(conn: sa.Connection, now: datetime) -> Written[None]:
            task = hold(conn, task_id)
            require_state(task, KEYED, actor, now)
            if task.entered_by == actor.id:
                raise OwnEntryError(f"task {task_id}")
            if not comment.strip():
                raise EntryIncompleteError(("comment",))
            update_task(
                conn,
                task,
                state=TaskState.OPEN.value,
                draft=encode(_of(task.entry)),
                comment=comment.strip(),
                claimed_by=None,
                claimed_until=None,
                **turns.NOT_KEYED,
            )
            detail = {"entered_by": task.entered_by, "comment": comment.strip()}
            return None, [Event("sent_back", f"task:{task_id}", detail)]

        self._act(actor, act)

    def refuse(self, actor: Actor, task_id: int, reason: str, comment: str) -> None:
        """Decide that the paper is not filed. Its key stays reserved, its file is rejected with the reason (a code).

        Raises OwnEntryError, EntryIncompleteError without a reason or a comment, and as `claim`.
        """
        require(actor, Action.REFUSE)

        def act(conn: sa.Connection, now: datetime) -> Written[None]:
            task = hold(conn, task_id)
            require_state(task, WAITING, actor, now)
            if task.entered_by == actor.id:
                raise OwnEntryError(f"task {task_id}")
            if conflicts.of_invoice(conn, task.invoice_id):
                require(actor, Action.ADJUDICATE)  # the other paper with this key is blocked until a supervisor decides
            lacking = [name for name, text in (("reason", reason), ("comment", comment)) if not text.strip()]
            if lacking:
                raise EntryIncompleteError(tuple(lacking))
            update_task(
                conn,
                task,
                state=TaskState.CLOSED.value,
                closed_at=now,
                comment=comment.strip(),
                claimed_by=None,
                claimed_until=None,
            )
            update_invoice(conn, task.invoice_id, task.version, state=InvoiceState.REFUSED.value)
            settle_documents(conn, task.documents, reason.strip(), now)
            detail = {"task": task_id, "reason": reason.strip(), "comment": comment.strip()}
            return None, [Event("refused", f"invoice:{task.invoice_id}", detail)]

        self._act(actor, act)

    def attach(self, actor: Actor, task_id: int, invoice_id: int) -> None:
        """Keep a slip, a list or a folio with the invoice it belongs to. Raises NotFoundError, TaskStateError for an
        invoice, and as `claim`.
        """
        require(actor, Action.ENTER)

        def act(conn: sa.Connection, now: datetime) -> Written[None]:
            task = hold(conn, task_id)
            require_state(task, TO_KEY, actor, now)
            return None, attaching.attach(conn, task, invoice_id, now)

        self._act(actor, act)

    def settle(self, actor: Actor, conflict_id: int, settlement: conflicts.Settlement, comment: str) -> None:
        """Decide between two papers with one key. Raises as :func:`intake.settling.settle`, and ForbiddenError."""
        require(actor, Action.ADJUDICATE)

        def act(conn: sa.Connection, now: datetime) -> Written[None]:
            return None, settling.settle(conn, actor, conflict_id, settlement, comment, now)

        self._act(actor, act)

    def reopen(self, actor: Actor, document_id: int) -> int:
        """Take a rejected file up again; returns the task. Raises TaskStateError when it is not rejected."""
        require(actor, Action.REOPEN)
        return self._act(actor, lambda conn, now: reopening.reopen(conn, document_id, now))

    def _act(self, actor: Actor, act: Callable[[sa.Connection, datetime], Written[T]]) -> T:
        """Run an act in one transaction with its audit records last.

        Two people may file the same number from two files at the very same moment: the database lets one through,
        and the other looks again and then finds the first.
        """
        for last in (False, True):
            try:
                with write(self._engine) as conn:
                    now = self._clock()
                    result, events = act(conn, now)
                    for event in events:
                        audit.record(conn, actor, event.action, event.subject, event.detail, now)
                    return result
            except sa.exc.DBAPIError as error:
                if last or not (isinstance(error, sa.exc.IntegrityError) or _deadlock(error)):
                    raise
        raise AssertionError  # the second round returns or raises


def _deadlock(error: sa.exc.DBAPIError) -> bool:
    """Whether PostgreSQL ended a circle of waiting: everything was rolled back and may be tried again."""
    return getattr(error.orig, "sqlstate", None) == "40P01"


def _require_step(task: Held, actor: Actor) -> None:
    """Whether the actor may take the next step of a task: by role, and by not being one of its people."""
    if task.state in TO_KEY:
        require(actor, Action.ENTER)
        return
    require(actor, Action.VERIFY if task.state is TaskState.ENTERED else Action.ADJUDICATE)
    if actor.id is None or actor.id in {task.entered_by, task.verified_by}:
        raise OwnEntryError(f"task {task.id}")


def _of(entry: Entry | None) -> Entry:
    if entry is None:
        raise TaskStateError("nothing has been keyed")
    return entry

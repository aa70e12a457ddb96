"""The third door: a person acts. Keying (补录), approval or blind verification by another, decision by a third
(domain.md §10).

Each method is one transaction, safe against colleagues who act at the same moment: rows are locked, and whoever
comes second is told (`TaskTakenError`, `TaskStateError`). Every act is in the audit log; the keyed values only from
the moment on when the second person has spoken, so that nobody can look them up there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from intake import (
    attaching,
    audit,
    conflicts,
    deciding,
    disputes,
    entering,
    ranking,
    reopening,
    seconding,
    settling,
    turns,
)
from intake.clock import Clock
from intake.config import Settings
from intake.db import write
from intake.entering import Agreed, EnterOutcome, Handed
from intake.entries import Entry
from intake.errors import TaskStateError
from intake.filing import Event
from intake.model import Actor, TaskState
from intake.risk import Policy
from intake.roles import Action, require
from intake.seconding import Contradicts, Differs, VerifyOutcome
from intake.tasks import FREE, TO_KEY, WAITING, Held, T, Written, hold, require_state, require_step, update_task
from ocr.types import FieldName, Kind

__all__ = ["Agreed", "Contradicts", "Desk", "Differs", "EnterOutcome", "Handed", "VerifyOutcome"]


class Desk:
    """What people do with the papers that wait for them."""

    def __init__(self, engine: sa.Engine, clock: Clock, settings: Settings) -> None:
        """`settings.task_lease` is how long a task is held without an act."""
        self._engine = engine
        self._clock = clock
        self._lease = timedelta(seconds=settings.task_lease)
        self._risk = Policy(settings.second_person_from, settings.blind_rate)
        self._ranks = ranking.policy_of(settings)

    def next_task(self, actor: Actor, *, besides: int | None = None) -> int | None:
        """The task to key next: one that this person holds, else the first free one of the queue but `besides`."""
        require(actor, Action.ENTER)
        return turns.next_to_key(self._engine, actor, self._clock(), besides=besides)

    def next_to_verify(self, actor: Actor, *, besides: int | None = None) -> int | None:
        """The first entry of another person that nobody else is verifying."""
        require(actor, Action.VERIFY)
        return turns.next_to_verify(self._engine, actor, self._clock(), besides=besides)

    def next_to_decide(self, actor: Actor, *, besides: int | None = None) -> int | None:
        """The first difference between two other people."""
        require(actor, Action.ADJUDICATE)
        return turns.next_to_decide(self._engine, actor, self._clock(), besides=besides)

    def claim(self, actor: Actor, task_id: int) -> None:
        """Hold a task for the next step, visible to others; a lease that has run out may be taken over.

        Raises TaskTakenError, TaskStateError, OwnEntryError, ForbiddenError, NotFoundError.
        """

        def act(conn: sa.Connection, task: Held, now: datetime) -> Written[None]:
            require_state(task, WAITING, actor, now)
            require_step(task, actor)
            values: dict[str, object] = {"claimed_by": actor.id, "claimed_until": now + self._lease}
            if task.state in TO_KEY:
                values["state"] = TaskState.CLAIMED.value
            update_task(conn, task, **values)
            renewed = task.claimed_by == actor.id
            return None, [] if renewed else [Event("task_claimed", f"task:{task_id}", {"state": task.state.value})]

        self._on(actor, task_id, act)

    def release(self, actor: Actor, task_id: int) -> None:
        """Give a held task back; a draft stays. Whoever does not hold it changes nothing."""

        def act(conn: sa.Connection, task: Held, _now: datetime) -> Written[None]:
            if task.state in WAITING and task.claimed_by == actor.id:
                state = TaskState.OPEN if task.state is TaskState.CLAIMED else task.state
                update_task(conn, task, state=state.value, **FREE)
            return None, []

        self._on(actor, task_id, act)

    def give_back(self, actor: Actor, task_id: int) -> None:
        """Give back what a colleague holds, as a supervisor; a draft stays. Raises ForbiddenError, NotFoundError, and
        TaskStateError when nobody holds it.
        """
        require(actor, Action.RELEASE_TASKS)

        def act(conn: sa.Connection, task: Held, _now: datetime) -> Written[None]:
            if task.state not in WAITING or task.claimed_by is None:
                raise TaskStateError(f"task {task_id} is held by nobody")
            state = TaskState.OPEN if task.state is TaskState.CLAIMED else task.state
            update_task(conn, task, state=state.value, **FREE)
            return None, [Event("given_back", f"task:{task_id}", {"held_by": task.claimed_by})]

        self._on(actor, task_id, act)

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
        draft = Entry(kind, dict(values), dict(illegible or {}))
        self._on(
            actor,
            task_id,
            lambda conn, task, now: entering.save_draft(conn, task, actor, draft, now=now, lease=self._lease),
        )

    def take_suggestion(self, actor: Actor, task_id: int, name: FieldName, reason: str) -> None:
        """Write down that a proposed correction of a field was taken into the form, and hold the task on.

        The value stays out of the log until the second keying is in. Raises as `claim`.
        """
        require(actor, Action.ENTER)
        self._on(
            actor,
            task_id,
            lambda conn, task, now: entering.take_suggestion(
                conn, task, actor, name, reason, now=now, lease=self._lease
            ),
        )

    def enter(
        self,
        actor: Actor,
        task_id: int,
        kind: Kind,
        values: Mapping[FieldName, str],
        illegible: Mapping[FieldName, str],
        comment: str = "",
        *,
        insisted: bool = False,
    ) -> EnterOutcome:
        """Take a keying: it goes on file, or to the second person its risk asks for. `illegible` gives a reason for each
        field that cannot be read; `insisted`: who keys stands by the paper although the register says something else.

        Raises EntryIncompleteError with the fields that are missing or wrong, KeyConflictError when the number is on
        file or in the register with other values, and as `claim`.
        """
        require(actor, Action.ENTER)
        return self._on(
            actor,
            task_id,
            lambda conn, task, now: entering.enter(
                conn, task, actor, kind, values, illegible, comment, policy=self._risk, now=now, insisted=insisted
            ),
        )

    def verify(
        self,
        actor: Actor,
        task_id: int,
        values: Mapping[FieldName, str],
        illegible: frozenset[FieldName] = frozenset(),
    ) -> VerifyOutcome:
        """Key the critical fields of another person's entry blind. Equal keyings file the invoice.

        Raises OwnEntryError, EntryIncompleteError for a critical field that is empty or wrong and not `illegible`,
        KeyConflictError, TaskStateError when the entry is to be approved instead, and as `claim`.
        """
        require(actor, Action.VERIFY)
        return self._on(
            actor, task_id, lambda conn, task, now: seconding.verify(conn, task, actor, values, illegible, now)
        )

    def approve(self, actor: Actor, task_id: int, mark: str) -> Agreed:
        """Put another person's entry on file after comparing it with the picture; `mark` tells which entry was shown
        (`intake.entries.mark_of`).

        Raises OwnEntryError, KeyConflictError, TaskStateError when it is to be keyed blind or was changed, and as `claim`.
        """
        require(actor, Action.VERIFY)
        return self._on(actor, task_id, lambda conn, task, now: seconding.approve(conn, task, actor, mark, now))

    def adjudicate(
        self, actor: Actor, task_id: int, choices: Mapping[FieldName, str], *, insisted: bool = False
    ) -> Agreed:
        """Decide, as a third person, each field in which two differ; the invoice goes on file.

        An empty choice says that nobody can read the field, which is accepted for what does not identify the invoice.
        `insisted`: the paper is right although the register says something else.
        Raises OwnEntryError, EntryIncompleteError, KeyConflictError, and as `claim`.
        """
        require(actor, Action.ADJUDICATE)
        return self._on(
            actor,
            task_id,
            lambda conn, task, now: deciding.adjudicate(conn, task, actor, choices, now, insisted=insisted),
        )

    def send_back(self, actor: Actor, task_id: int, comment: str) -> None:
        """Return another person's entry to be keyed again, with a comment; the entry stays as a draft.

        Raises OwnEntryError, EntryIncompleteError without a comment, and as `claim`.
        """
        require(actor, Action.VERIFY)
        self._on(actor, task_id, lambda conn, task, now: seconding.send_back(conn, task, actor, comment, now))

    def refuse(self, actor: Actor, task_id: int, reason: str, comment: str) -> None:
        """Decide that the paper is not filed. Its key stays reserved, its file is rejected with the reason (a code).

        Raises OwnEntryError, EntryIncompleteError without a reason or a comment, and as `claim`.
        """
        require(actor, Action.REFUSE)
        self._on(actor, task_id, lambda conn, task, now: deciding.refuse(conn, task, actor, reason, comment, now))

    def attach(self, actor: Actor, task_id: int, invoice_id: int) -> None:
        """Keep a slip, a list or a folio with the invoice it belongs to. Raises NotFoundError, TaskStateError for an
        invoice, and as `claim`.
        """
        require(actor, Action.ENTER)

        def act(conn: sa.Connection, task: Held, now: datetime) -> Written[None]:
            require_state(task, TO_KEY, actor, now)
            return None, attaching.attach(conn, task, invoice_id, now)

        self._on(actor, task_id, act)

    def settle(self, actor: Actor, conflict_id: int, settlement: conflicts.Settlement, comment: str) -> None:
        """Decide between two papers with one key. Raises as :func:`intake.settling.settle`, and ForbiddenError."""
        require(actor, Action.ADJUDICATE)

        def act(conn: sa.Connection, now: datetime) -> Written[None]:
            return None, settling.settle(conn, actor, conflict_id, settlement, comment, now)

        self._act(actor, act)

    def settle_dispute(self, actor: Actor, conflict_id: int, verdict: disputes.Verdict, comment: str) -> None:
        """Decide between a paper and the register. Raises as :func:`intake.disputes.settle`."""
        require(actor, Action.ADJUDICATE)

        def act(conn: sa.Connection, now: datetime) -> Written[None]:
            return None, disputes.settle(conn, actor, conflict_id, verdict, comment, now)

        self._act(actor, act)

    def reopen(self, actor: Actor, document_id: int) -> int:
        """Take a rejected file up again; returns the task. Raises TaskStateError when it is not rejected."""
        require(actor, Action.REOPEN)

        def act(conn: sa.Connection, now: datetime) -> Written[int]:
            task_id, events = reopening.reopen(conn, document_id, now)
            ranking.rank_brought(conn, self._ranks, document_id)
            return task_id, events

        return self._act(actor, act)

    def _on(self, actor: Actor, task_id: int, act: Callable[[sa.Connection, Held, datetime], Written[T]]) -> T:
        """Run an act on a task, locked."""
        return self._act(actor, lambda conn, now: act(conn, hold(conn, task_id), now))

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

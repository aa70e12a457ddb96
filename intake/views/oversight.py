"""The supervisor's view: what waits and how long, what is late, who holds what, what was done and how well.

Each number has a list behind it that comes from the same condition. Everything goes by indexes of their own
(ix_tasks_waiting, ix_tasks_claimed_until, ix_invoices_filed, ix_acts_at, ix_inspected_at); days are days in China.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum, unique
from typing import Final

import sqlalchemy as sa

from intake.acts import SECOND, Act
from intake.db import accounts, acts, audit_log, documents, inspected, invoices, read, receipt_days, tasks
from intake.found_wrong import RIGHT, WRONG
from intake.inspection import SAMPLE, filed_between, midnight
from intake.model import Cause, TaskState
from intake.tasks import WAITING

DAYS: Final = 14
DAY: Final = timedelta(days=1)


@unique
class Age(StrEnum):
    """How long a paper has waited."""

    DAY = "day"  # less than one day
    THREE = "three"  # one to three
    WEEK = "week"  # three to seven
    OLDER = "older"


UNTIL: Final = ((Age.DAY, 1), (Age.THREE, 3), (Age.WEEK, 7))


@unique
class Done(StrEnum):
    """What was done on a day."""

    RECEIVED = "received"
    MACHINE = "machine"  # filed without a person
    KEYED = "keyed"
    VERIFIED = "verified"  # the second person's confirmations and differences


ACTS: Final = {Done.KEYED: (Act.KEYED,), Done.VERIFIED: (Act.CONFIRMED, Act.DIFFERED)}


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits: by cause (the largest first) and age, how much of each cause is late, and by state of the task."""

    causes: Mapping[Cause, Mapping[Age, int]]
    late: Mapping[Cause, int]
    states: Mapping[TaskState, int]

    @property
    def count(self) -> int:
        """All that waits."""
        return sum(self.states.values())

    @property
    def most(self) -> int:
        """The papers of the largest cause, at least one."""
        return max([1, *(sum(ages.values()) for ages in self.causes.values())])


@dataclass(frozen=True, slots=True)
class Holding:
    """A paper in somebody's hands."""

    task_id: int
    document_id: int
    receipt: str
    state: TaskState
    cause: Cause
    holder_id: int
    holder: str
    since: datetime | None
    until: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Quality:
    """Of entries that a second person looked at: how many were confirmed, how many not. `keyed`, `verified`: what this
    person did; `seconded` is what the share is taken of.
    """

    account_id: int
    name: str
    keyed: int
    verified: int
    confirmed: int
    differed: int
    sent_back: int

    @property
    def seconded(self) -> int:
        """Entries that a second person has spoken about."""
        return self.confirmed + self.differed + self.sent_back

    @property
    def share(self) -> float | None:
        """First-pass quality, 0–1; None where nobody has looked yet."""
        return self.confirmed / self.seconded if self.seconded else None


@dataclass(frozen=True, slots=True)
class Inspected:
    """Samples of what the machine filed: how many were right, how many wrong."""

    right: int
    wrong: int

    @property
    def share(self) -> float | None:
        """First-pass quality of the machine, 0–1; None before the first inspection."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None


def age_of(opened_at: datetime, now: datetime) -> Age:
    """In which age a paper is."""
    waited = now - opened_at
    return next((age for age, days in UNTIL if waited < DAY * days), Age.OLDER)


def backlog(engine: sa.Engine, now: datetime) -> Backlog:
    """What waits for people at this moment, in one walk over an index."""
    late = sa.case((tasks.c.due_at <= now, 1), else_=0)
    by = (tasks.c.state, tasks.c.cause, age_at(now).label("age"), late.label("late"))
    causes: dict[Cause, dict[Age, int]] = defaultdict(lambda: dict.fromkeys(Age, 0))
    overdue: dict[Cause, int] = defaultdict(int)
    states = dict.fromkeys((TaskState.OPEN, TaskState.CLAIMED, TaskState.ENTERED, TaskState.DISPUTED), 0)
    with read(engine) as conn:
        for state, cause, age, is_late, number in conn.execute(
            sa.select(*by, sa.func.count()).where(waits()).group_by(*by)
        ):
            causes[Cause(cause)][Age(age)] += number
            overdue[Cause(cause)] += number if is_late else 0
            states[TaskState(state)] += number
    ordered = sorted(causes, key=lambda cause: (-sum(causes[cause].values()), cause))
    return Backlog({cause: causes[cause] for cause in ordered}, dict(overdue), states)


def holdings(engine: sa.Engine, now: datetime) -> tuple[Holding, ...]:
    """Who holds what, the longest first."""
    query = (
        sa.select(tasks, documents.c.receipt, accounts.c.name)
        .join(documents, documents.c.id == tasks.c.document_id)
        .join(accounts, accounts.c.id == tasks.c.claimed_by)
        .where(tasks.c.claimed_until > now, waits())
    )
    with read(engine) as conn:
        rows = conn.execute(query).all()
        subjects = [f"task:{row.id}" for row in rows]
        claimed = (audit_log.c.subject.in_(subjects), audit_log.c.action == "task_claimed")
        since = sa.select(audit_log.c.subject, sa.func.max(audit_log.c.at)).where(*claimed)
        begun = dict(conn.execute(since.group_by(audit_log.c.subject)).all())
    found = [
        Holding(
            row.id, row.document_id, row.receipt, TaskState(row.state), Cause(row.cause), row.claimed_by, row.name,
            begun.get(f"task:{row.id}"), row.claimed_until, row.due_at,
        )
        for row in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.since or now, one.task_id)))


def throughput(engine: sa.Engine, today: date) -> dict[date, dict[Done, int]]:
    """What was done on each of the last fourteen days, the earliest first."""
    days = [today - DAY * back for back in reversed(range(DAYS))]
    found = {day: dict.fromkeys(Done, 0) for day in days}
    with read(engine) as conn:
        for day, given in conn.execute(sa.select(receipt_days).where(receipt_days.c.day.between(days[0], today))):
            found[day][Done.RECEIVED] = given
        for day in days:
            span = (midnight(day), midnight(day + DAY))
            filed = sa.select(sa.func.count()).select_from(invoices).where(filed_between(*span))
            found[day][Done.MACHINE] = conn.execute(filed).scalar_one()
            within = (acts.c.at >= span[0], acts.c.at < span[1])
            said: dict[str, int] = dict(
                conn.execute(sa.select(acts.c.act, sa.func.count()).where(*within).group_by(acts.c.act)).all()
            )
            for done, which in ACTS.items():
                found[day][done] = sum(said.get(act.value, 0) for act in which)
    return found


def qualities(engine: sa.Engine, first: date, last: date) -> tuple[Quality, ...]:
    """What each person did in these days, and what the second person said of their entries; by name."""
    within = (acts.c.at >= midnight(first), acts.c.at < midnight(last + DAY))
    by = (acts.c.act, acts.c.by, acts.c.about)
    numbers: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    with read(engine) as conn:
        for act, person, about, number in conn.execute(sa.select(*by, sa.func.count()).where(*within).group_by(*by)):
            if act == Act.KEYED:
                numbers[person]["keyed"] += number
            if act in ACTS[Done.VERIFIED]:
                numbers[person]["verified"] += number
            if act in SECOND and about is not None:
                numbers[about][act] += number
        names = dict(conn.execute(sa.select(accounts.c.id, accounts.c.name).where(accounts.c.id.in_(numbers))).all())
    found = [
        Quality(
            person,
            names[person],
            one["keyed"],
            one["verified"],
            one[Act.CONFIRMED],
            one[Act.DIFFERED],
            one[Act.SENT_BACK],
        )
        for person, one in numbers.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.name, one.account_id)))


def machine_quality(engine: sa.Engine, first: date, last: date) -> Inspected:
    """How many of the sampled invoices that were inspected in these days were right."""
    within = (inspected.c.at >= midnight(first), inspected.c.at < midnight(last + DAY), inspected.c.why == SAMPLE)
    query = sa.select(inspected.c.result, sa.func.count()).where(*within).group_by(inspected.c.result)
    with read(engine) as conn:
        found: dict[str, int] = dict(conn.execute(query).all())
    return Inspected(found.get(RIGHT, 0), found.get(WRONG, 0))


def waits() -> sa.ColumnElement[bool]:
    """Of tasks: a paper that waits for people."""
    return tasks.c.state.in_(sorted(state.value for state in WAITING))


def age_at(now: datetime) -> sa.ColumnElement[str]:
    """The age of a task at a moment, as a value of :class:`Age`."""
    ages = [(tasks.c.opened_at > now - DAY * days, age.value) for age, days in UNTIL]
    return sa.case(*ages, else_=Age.OLDER.value)

"""Which task comes next for whom. Only reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from intake.db import invoices, read, tasks
from intake.model import Actor, TaskState
from intake.urgency import Urgency

# The columns of a task that nobody has keyed
NOT_KEYED: Final[Mapping[str, None]] = {
    "entered_by": None,
    "entered_at": None,
    "entry": None,
    "verified_by": None,
    "verified_at": None,
    "second": None,
    "adjudicated_by": None,
}


def next_to_key(engine: sa.Engine, actor: Actor, now: datetime, *, besides: int | None = None) -> int | None:
    """A task that the actor holds, else the first free one of the queue; `besides` is left out."""
    to_key = tasks.c.state.in_([TaskState.OPEN.value, TaskState.CLAIMED.value])
    return _first(engine, actor, now, to_key, tasks.c.id != (besides or 0))


def next_to_verify(engine: sa.Engine, actor: Actor, now: datetime, *, besides: int | None = None) -> int | None:
    """The first entry of another person."""
    others = sa.and_(tasks.c.entered_by != actor.id, tasks.c.id != (besides or 0))
    return _first(engine, actor, now, tasks.c.state == TaskState.ENTERED.value, others)


def next_to_decide(engine: sa.Engine, actor: Actor, now: datetime, *, besides: int | None = None) -> int | None:
    """The first difference between two other people."""
    neither = sa.and_(tasks.c.entered_by != actor.id, tasks.c.verified_by != actor.id, tasks.c.id != (besides or 0))
    return _first(engine, actor, now, tasks.c.state == TaskState.DISPUTED.value, neither)


def in_turn(now: datetime) -> tuple[sa.ColumnElement[Any], ...]:
    """The order of the queue: urgency (what is late is urgent), due time, age, amount, cause. Needs `invoices` joined."""
    late = tasks.c.due_at <= now
    return (
        sa.case((late, int(Urgency.NOW)), else_=tasks.c.urgency).desc(),
        tasks.c.due_at.is_(None),
        tasks.c.due_at,
        tasks.c.opened_at,
        sa.func.coalesce(invoices.c.total, 0).desc(),
        tasks.c.cause,
        tasks.c.id,
    )


def _first(engine: sa.Engine, actor: Actor, now: datetime, *conditions: sa.ColumnElement[bool]) -> int | None:
    mine = sa.and_(tasks.c.claimed_by == actor.id, tasks.c.claimed_until > now)
    free = sa.or_(tasks.c.claimed_by.is_(None), tasks.c.claimed_until <= now)
    offered = sa.or_(tasks.c.assigned_to.is_(None), tasks.c.assigned_to == actor.id)
    first = sa.case((mine, 0), (tasks.c.assigned_to == actor.id, 1), else_=2)
    query = (
        sa.select(tasks.c.id)
        .join(invoices, invoices.c.id == tasks.c.invoice_id)
        .where(*conditions, sa.or_(mine, sa.and_(free, offered)))
        .order_by(first, *in_turn(now))
        .limit(1)
    )
    with read(engine) as conn:
        return conn.execute(query).scalar_one_or_none()

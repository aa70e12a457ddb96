"""Which task comes next for whom. Only reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from intake.db import invoices, read, tasks
from intake.model import Actor, TaskState

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


def next_to_key(engine: sa.Engine, actor: Actor, now: datetime) -> int | None:
    """A task that the actor holds, else the oldest free one; of equals the one with the largest amount."""
    return _first(engine, actor, now, tasks.c.state.in_([TaskState.OPEN.value, TaskState.CLAIMED.value]))


def next_to_verify(engine: sa.Engine, actor: Actor, now: datetime) -> int | None:
    """The oldest entry of another person."""
    return _first(engine, actor, now, tasks.c.state == TaskState.ENTERED.value, tasks.c.entered_by != actor.id)


def next_to_decide(engine: sa.Engine, actor: Actor, now: datetime) -> int | None:
    """The oldest difference between two other people."""
    neither = sa.and_(tasks.c.entered_by != actor.id, tasks.c.verified_by != actor.id)
    return _first(engine, actor, now, tasks.c.state == TaskState.DISPUTED.value, neither)


def _first(engine: sa.Engine, actor: Actor, now: datetime, *conditions: sa.ColumnElement[bool]) -> int | None:
    mine = sa.and_(tasks.c.claimed_by == actor.id, tasks.c.claimed_until > now)
    free = sa.or_(tasks.c.claimed_by.is_(None), tasks.c.claimed_until <= now)
    query = (
        sa.select(tasks.c.id)
        .join(invoices, invoices.c.id == tasks.c.invoice_id)
        .where(*conditions, sa.or_(mine, free))
        .order_by(
            sa.case((mine, 0), else_=1), tasks.c.opened_at, sa.func.coalesce(invoices.c.total, 0).desc(), tasks.c.id
        )
        .limit(1)
    )
    with read(engine) as conn:
        return conn.execute(query).scalar_one_or_none()

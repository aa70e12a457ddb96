"""One act on many documents: papers that wait are given to a clerk, or are looked at again at once.

They are taken in small transactions, so that a long row of them holds nobody up. A paper that somebody else has in hand
or that has been done meanwhile is left as it is; how many were changed is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from intake import audit
from intake.db import accounts, documents, read, renditions, tasks, write
from intake.errors import NotFoundError
from intake.model import Actor, Role, TaskState
from intake.roles import Action, allows, require

MOST: Final = 5000  # documents of one act
BATCH: Final = 200
_WAIT: Final = (TaskState.OPEN.value, TaskState.CLAIMED.value)


def assign(engine: sa.Engine, actor: Actor, numbers: Sequence[int], clerk: int | None, now: datetime) -> int:
    """Give the papers that wait in these documents to a clerk, or to nobody (None); returns how many tasks changed.

    Raises ForbiddenError, and NotFoundError for an account that may not key.
    """
    require(actor, Action.ASSIGN)
    if clerk is not None:
        with read(engine) as conn:
            mine = sa.and_(accounts.c.id == clerk, accounts.c.active.is_(True))
            role = conn.scalar(sa.select(accounts.c.role).where(mine))
        if role is None or not allows(Role(role), Action.ENTER):
            raise NotFoundError(f"clerk {clerk}")
    other = tasks.c.assigned_to.is_distinct_from(clerk)
    free = sa.or_(tasks.c.claimed_by.is_(None), tasks.c.claimed_until <= now, tasks.c.claimed_by == clerk)
    detail = {"to": clerk}
    return _each(engine, actor, "assigned", numbers, [other, free], {"assigned_to": clerk}, detail, now)


def look_again(engine: sa.Engine, actor: Actor, numbers: Sequence[int], now: datetime) -> int:
    """Have the register asked again for the papers that wait in these documents; the next round does it. Returns how many."""
    require(actor, Action.ENTER)
    return _each(engine, actor, "look_again", numbers, [], {"look_again_at": now}, {}, now)


def _each(
    engine: sa.Engine,
    actor: Actor,
    act: str,
    numbers: Sequence[int],
    conditions: Sequence[sa.ColumnElement[bool]],
    values: dict[str, Any],
    detail: dict[str, Any],
    now: datetime,
) -> int:
    changed = 0
    for start in range(0, len(numbers), BATCH):
        part = numbers[start : start + BATCH]
        with write(engine) as conn:
            locked = sa.select(documents.c.id).where(documents.c.id.in_(part)).order_by(documents.c.id)
            conn.execute(locked.with_for_update()).all()
            within = sa.select(renditions.c.invoice_id).where(renditions.c.document_id.in_(part))
            waits = sa.and_(tasks.c.invoice_id.in_(within), tasks.c.state.in_(_WAIT), *conditions)
            ids = sorted(conn.scalars(sa.update(tasks).where(waits).values(**values).returning(tasks.c.id)))
            if ids:
                audit.record(conn, actor, act, f"task:{ids[0]}", {**detail, "tasks": ids}, now)
            changed += len(ids)
    return changed

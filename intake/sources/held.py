"""Papers that wait because a source could not be asked: woken when it can be asked again."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from intake.db import tasks
from intake.model import Cause, TaskState

WAIT_FOR_A_SOURCE: Final = (Cause.REGISTER_STALE, Cause.SYSTEM_FAULT, Cause.UNKNOWN)
WAITING: Final = (TaskState.OPEN, TaskState.CLAIMED)


def release(conn: sa.Connection, now: datetime) -> int:
    """Let what waits for a source be looked at now instead of later; returns how many papers.

    Called first in a transaction: tasks are locked before the register's rows and the audit log.
    """
    woken = (
        sa.update(tasks)
        .where(
            tasks.c.state.in_([state.value for state in WAITING]),
            tasks.c.cause.in_([cause.value for cause in WAIT_FOR_A_SOURCE]),
            sa.or_(tasks.c.look_again_at.is_(None), tasks.c.look_again_at > now),
        )
        .values(look_again_at=now)
    )
    return conn.execute(woken).rowcount

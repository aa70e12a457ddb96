"""What people did with entries: one row an act, written with it, so that quantity and quality can be counted.

The task holds only the entry that stands; an entry that was sent back and keyed anew is here twice.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum, unique
from typing import Final

import sqlalchemy as sa

from intake.db import acts


@unique
class Act(StrEnum):
    """An act; all but the first are about an entry of somebody else."""

    KEYED = "keyed"
    CONFIRMED = "confirmed"  # the second person approved the entry, or keyed the same
    DIFFERED = "differed"  # the second person keyed something else
    SENT_BACK = "sent_back"
    DECIDED = "decided"  # a third person decided between two


SECOND: Final = (Act.CONFIRMED, Act.DIFFERED, Act.SENT_BACK)
"""What the second person says of an entry; the first of these is a first pass."""


def note(conn: sa.Connection, act: Act, task_id: int, by: int | None, about: int | None, now: datetime) -> None:
    """Write an act down in the caller's transaction."""
    conn.execute(sa.insert(acts).values(at=now, act=act.value, by=by, about=about, task_id=task_id))

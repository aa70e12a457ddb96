"""Whether the machine works: what waits to be read, when something was read last, how long reading takes (silent stall)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Final

import sqlalchemy as sa

from intake.acts import Act
from intake.db import acts, documents, extractions, invoices, read, tasks
from intake.filing import MACHINE
from intake.model import DocumentState
from intake.tasks import WAITING
from intake.urgency import working

LATELY: Final = 200  # readings that the reading time is taken from
_UNREAD: Final = (DocumentState.QUEUED.value, DocumentState.WORKING.value)
_BOTH: Final = 2


@dataclass(frozen=True, slots=True)
class Pulse:
    """`waiting` files are unread, the first since `oldest`; something was read last at `last`. `stalled`: since when
    nothing is read though files wait. `median`, `slow`: seconds from receipt to reading, half and 95 % are quicker.
    """

    waiting: int
    oldest: datetime | None
    last: datetime | None
    stalled: datetime | None
    median: float | None
    slow: float | None


@dataclass(frozen=True, slots=True)
class Filing:
    """`waiting` papers wait for people. `idle`: since when nothing has gone on file, by machine or people, though they wait."""

    waiting: int
    last: datetime | None
    idle: datetime | None


def reading_pulse(engine: sa.Engine, now: datetime, patience: timedelta) -> Pulse:
    """The state of reading; a stall is told after `patience`."""
    unread = documents.c.state.in_(_UNREAD)
    first = sa.select(documents.c.received_at).where(unread).order_by(documents.c.id).limit(1)
    lately = sa.select(extractions.c.document_id, extractions.c.read_at).order_by(extractions.c.read_at.desc())
    some = lately.limit(LATELY).subquery()
    took = sa.select(documents.c.received_at, some.c.read_at).join(some, some.c.document_id == documents.c.id)
    with read(engine) as conn:
        waiting = conn.execute(sa.select(sa.func.count()).where(unread)).scalar_one()
        oldest = conn.execute(first).scalar() if waiting else None
        last: datetime | None = conn.execute(sa.select(sa.func.max(extractions.c.read_at))).scalar_one()
        seconds = [(row.read_at - row.received_at).total_seconds() for row in conn.execute(took)]
    since = max([moment for moment in (oldest, last) if moment is not None], default=None)
    stalled = since if oldest is not None and since is not None and now - since >= patience else None
    slow = quantiles(seconds, n=20)[-1] if len(seconds) >= _BOTH else None
    return Pulse(waiting, oldest, last, stalled, median(seconds) if seconds else None, slow)


def filing_pulse(engine: sa.Engine, now: datetime, hours: float) -> Filing:
    """Whether papers go on file: idle once `hours` of working days have passed without one while papers wait."""
    waits = tasks.c.state.in_([state.value for state in WAITING])
    newest = sa.select(sa.func.max(invoices.c.filed_at))
    with read(engine) as conn:
        waiting = conn.execute(sa.select(sa.func.count()).where(waits)).scalar_one()
        oldest: datetime | None = conn.execute(sa.select(sa.func.min(tasks.c.opened_at)).where(waits)).scalar_one()
        filed = [conn.execute(newest.where(invoices.c.filed_by == by)).scalar_one() for by in (MACHINE, "people")]
        keyed = conn.execute(sa.select(sa.func.max(acts.c.at)).where(acts.c.act == Act.KEYED.value)).scalar_one()
    last: datetime | None = max([moment for moment in (*filed, keyed) if moment is not None], default=None)
    if oldest is None:
        return Filing(0, last, None)
    since = max(oldest, last) if last is not None else oldest
    return Filing(waiting, last, since if working(since, hours) <= now else None)

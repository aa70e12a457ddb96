"""Announced maintenance, and sources left out for a while: both hold papers back and end by themselves.

`what` of a window is `tax_bureau` (official checks) or the name of a source (its synchronisation).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from intake import audit
from intake.clock import Clock
from intake.db import maintenance, read, register_sources, write
from intake.errors import BypassWrongError, NotFoundError, WindowWrongError
from intake.model import Actor
from intake.roles import Action, require
from intake.sources.held import release

TAX_BUREAU: Final = "tax_bureau"
LONGEST_BYPASS: Final = timedelta(days=14)
LONGEST_WINDOW: Final = timedelta(days=14)
SHORTEST_REASON: Final = 4  # characters
ANNOUNCED_BEFORE: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Window:
    """An announced maintenance."""

    id: int
    what: str
    starts_at: datetime
    ends_at: datetime
    note: str

    def now(self, moment: datetime) -> bool:
        """Whether it goes on at this moment."""
        return self.starts_at <= moment < self.ends_at


def windows(engine: sa.Engine, now: datetime) -> tuple[Window, ...]:
    """What goes on or is to come, the soonest first."""
    with read(engine) as conn:
        return windows_in(conn, now)


def windows_in(conn: sa.Connection, now: datetime) -> tuple[Window, ...]:
    """The same within a transaction."""
    table = maintenance
    query = sa.select(table.c.id, table.c.what, table.c.starts_at, table.c.ends_at, table.c.note)
    rows = conn.execute(query.where(table.c.ends_at > now).order_by(table.c.starts_at, table.c.id))
    return tuple(Window(*row) for row in rows)


def on_maintenance(engine: sa.Engine, now: datetime, what: str) -> Window | None:
    """The maintenance of `what` that goes on now and ends last."""
    going = [window for window in windows(engine, now) if window.what == what and window.now(now)]
    return max(going, key=lambda window: window.ends_at, default=None)


def announce(
    engine: sa.Engine, what: str, starts_at: datetime, ends_at: datetime, note: str, *, actor: Actor, clock: Clock
) -> int:
    """Enter a maintenance; returns its id. Raises WindowWrongError, NotFoundError (no such source), ForbiddenError."""
    require(actor, Action.RUN_SOURCES)
    now = clock()
    if not starts_at < ends_at or ends_at <= now or ends_at - starts_at > LONGEST_WINDOW:
        raise WindowWrongError
    with write(engine) as conn:
        if what != TAX_BUREAU:
            _require_source(conn, what)
        made = sa.insert(maintenance).values(
            what=what, starts_at=starts_at, ends_at=ends_at, note=note[:500], created_by=actor.id
        )
        number = int(conn.execute(made.returning(maintenance.c.id)).scalar_one())
        detail = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat(), "note": note[:500]}
        audit.record(conn, actor, "announce_maintenance", f"source:{what}", detail, now)
    return number


def cancel(engine: sa.Engine, number: int, *, actor: Actor, clock: Clock) -> None:
    """Take a maintenance back, or end it early; what it held is looked at again. Raises NotFoundError."""
    require(actor, Action.RUN_SOURCES)
    now = clock()
    with write(engine) as conn:
        held = release(conn, now)
        gone = sa.delete(maintenance).where(maintenance.c.id == number)
        row = conn.execute(gone.returning(maintenance.c.what)).one_or_none()
        if row is None:
            raise NotFoundError(f"maintenance {number}")
        audit.record(conn, actor, "cancel_maintenance", f"source:{row.what}", {"look_again": held}, now)


def bypass(engine: sa.Engine, name: str, until: datetime, reason: str, *, actor: Actor, clock: Clock) -> None:
    """Leave a source out until a moment. Raises BypassWrongError, NotFoundError, ForbiddenError."""
    require(actor, Action.RUN_SOURCES)
    now, reason = clock(), reason.strip()[:500]
    if len(reason) < SHORTEST_REASON or not now < until <= now + LONGEST_BYPASS:
        raise BypassWrongError
    with write(engine) as conn:
        _require_source(conn, name)
        values = {"bypass_until": until, "bypass_reason": reason, "bypass_by": actor.id}
        conn.execute(sa.update(register_sources).where(register_sources.c.name == name).values(**values))
        detail = {"until": until.isoformat(), "reason": reason}
        audit.record(conn, actor, "bypass_source", f"source:{name}", detail, now)


def resume(engine: sa.Engine, name: str, *, actor: Actor, clock: Clock) -> None:
    """End a bypass early; what it held is looked at again. Raises NotFoundError, ForbiddenError."""
    require(actor, Action.RUN_SOURCES)
    now = clock()
    with write(engine) as conn:
        held = release(conn, now)
        _require_source(conn, name)
        values = {"bypass_until": None, "bypass_reason": "", "bypass_by": None}
        conn.execute(sa.update(register_sources).where(register_sources.c.name == name).values(**values))
        audit.record(conn, actor, "resume_source", f"source:{name}", {"look_again": held}, now)


def expire(engine: sa.Engine, since: datetime, *, actor: Actor, clock: Clock) -> int:
    """End the bypasses that are over; what they, or maintenance that ended after `since`, held is looked at again.

    Returns how many papers that are.
    """
    now = clock()
    table = register_sources
    over = (table.c.bypass_until.is_not(None)) & (table.c.bypass_until <= now)
    ended = sa.select(maintenance.c.id).where(maintenance.c.ends_at > since, maintenance.c.ends_at <= now)
    with read(engine) as conn:
        names = conn.scalars(sa.select(table.c.name).where(over).order_by(table.c.name)).all()
        if not names and conn.execute(ended.limit(1)).first() is None:
            return 0
    with write(engine) as conn:
        woken = release(conn, now)
        none = {"bypass_until": None, "bypass_reason": "", "bypass_by": None}
        for name in names:
            if conn.execute(sa.update(table).where(table.c.name == name, over).values(**none)).rowcount:
                audit.record(conn, actor, "bypass_expired", f"source:{name}", {"look_again": woken}, now)
    return woken


def _require_source(conn: sa.Connection, name: str) -> None:
    found = sa.select(register_sources.c.name).where(register_sources.c.name == name).with_for_update()
    if conn.execute(found).first() is None:
        raise NotFoundError(f"source {name}")

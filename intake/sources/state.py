"""How each source stands now: what the diagnosis asks, what the banner of lag says, what the pages of sources show.

A source is one that was set up, or a name under which people import files by hand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from intake.clock import day_of
from intake.db import read, register_imports, register_sources
from intake.model import SourceHealth, SourceState
from intake.register.ledger import APPLIED
from intake.register.reached import reached
from intake.sources.breaker import next_try
from intake.sources.calendar import ANNOUNCED_BEFORE, TAX_BUREAU, Window, windows_in
from intake.sources.catalogue import Source, source

BY_HAND: Final = timedelta(days=3)  # an import by hand is behind after this: a weekend and a morning
PATIENCE: Final = timedelta(hours=1)  # beyond its period, before a source that is asked by itself is behind


@dataclass(frozen=True, slots=True)
class Look:
    """One source: `source` is None for one that is imported by hand. `behind` is how long nothing came, when too long."""

    state: SourceState
    source: Source | None
    behind: timedelta | None
    next_at: datetime | None
    lags: tuple[int, ...]  # days between the newest issue and the import, the last imports, oldest first


@dataclass(frozen=True, slots=True)
class Notice:
    """One line of the banner: `code` is translated (`lag.<code>`) with the source's name and the moment `until`."""

    code: str
    name: str
    until: datetime | None = None
    since: datetime | None = None
    error: str = ""
    note: str = ""


def states(engine: sa.Engine, now: datetime) -> tuple[SourceState, ...]:
    """What the register's sources hold and how they go (for `intake.ports.Register.sources`)."""
    return tuple(look.state for look in looks(engine, now))


def looks(engine: sa.Engine, now: datetime, imports: int = 0) -> tuple[Look, ...]:
    """Every source by name; `imports` is how many of its last imports `lags` looks at."""
    with read(engine) as conn:
        rows = conn.execute(sa.select(register_sources).order_by(register_sources.c.name))
        found = {row.name: source(row) for row in rows}
        brought = reached(conn)
        windows = windows_in(conn, now)
        names = sorted(found.keys() | brought.keys())
        return tuple(
            _look(name, found.get(name), brought.get(name), windows, now, _lags(conn, name, imports)) for name in names
        )


def notices(engine: sa.Engine, now: datetime) -> tuple[Notice, ...]:
    """What people who work with the register must know now: nothing when all sources are up to date."""
    said: list[Notice] = []
    with read(engine) as conn:
        windows = windows_in(conn, now)
    for window in windows:
        if window.now(now):
            code = "bureau_now" if window.what == TAX_BUREAU else "maintenance"
            said.append(Notice(code, window.what, window.ends_at, note=window.note))
        elif window.starts_at <= now + ANNOUNCED_BEFORE:
            code = "bureau_soon" if window.what == TAX_BUREAU else "maintenance_soon"
            said.append(Notice(code, window.what, window.ends_at, since=window.starts_at, note=window.note))
    for look in looks(engine, now):
        state = look.state
        match state.health:
            case SourceHealth.BYPASSED:
                note = look.source.bypass_reason if look.source else ""
                said.append(Notice("bypassed", state.name, state.until, state.imported_at, note=note))
            case SourceHealth.OPEN:
                said.append(Notice("open", state.name, state.until, state.imported_at, state.last_error))
            case SourceHealth.FAILING:
                said.append(Notice("failing", state.name, look.next_at, state.imported_at, state.last_error))
            case SourceHealth.OK if look.behind is not None:
                code = "behind" if look.source else "behind_by_hand"
                said.append(Notice(code, state.name, look.next_at, state.imported_at))
            case _:
                pass
    return tuple(said)


def _look(
    name: str,
    found: Source | None,
    brought: SourceState | None,
    windows: tuple[Window, ...],
    now: datetime,
    lags: tuple[int, ...],
) -> Look:
    state = brought or SourceState(name, None, None, None)
    if found is None:
        behind = _behind(state.imported_at, BY_HAND, now)
        health = SourceHealth.FAILING if state.failed else SourceHealth.OK
        return Look(replace(state, health=health), None, behind, None, lags)
    health, until = _health(found, windows, now)
    state = replace(
        state,
        imported_at=found.synced_at or state.imported_at,
        first_day=found.definition.first_day,
        health=health,
        until=until,
        failed=bool(found.error),
        last_error=found.error,
    )
    behind = _behind(found.synced_at, found.definition.every + PATIENCE, now) if found.definition.enabled else None
    next_at = next_try(found.breaker, found.synced_at, found.tried_at, found.definition.every)
    return Look(state, found, behind, next_at if found.definition.enabled else None, lags)


def _health(found: Source, windows: tuple[Window, ...], now: datetime) -> tuple[SourceHealth, datetime | None]:
    ends = [window.ends_at for window in windows if window.what == found.name and window.now(now)]
    if ends:
        return SourceHealth.MAINTENANCE, max(ends)
    if found.bypassed(now):
        return SourceHealth.BYPASSED, found.bypass_until
    if found.breaker.is_open(now):
        return SourceHealth.OPEN, found.breaker.open_until
    return (SourceHealth.FAILING if found.error else SourceHealth.OK), None


def _behind(last: datetime | None, patience: timedelta, now: datetime) -> timedelta | None:
    return now - last if last is not None and now - last > patience else None


def _lags(conn: sa.Connection, name: str, most: int) -> tuple[int, ...]:
    if not most:
        return ()
    table = register_imports
    query = (
        sa.select(table.c.newest_issue, table.c.finished_at)
        .where(table.c.source == name, table.c.state == APPLIED, table.c.newest_issue.is_not(None))
        .order_by(table.c.id.desc())
        .limit(most)
    )
    return tuple(_days(newest, at) for newest, at in reversed(conn.execute(query).all()) if at is not None)


def _days(newest: date, at: datetime) -> int:
    return max(0, (day_of(at) - newest).days)

"""One synchronisation of a source: claim, fetch, import, watermark – or a named fault, counted by the breaker.

Whoever claims the row does the work; the claim is a fence: the watermark is written in the import's own transaction and
only while the claim stands, so a killed or overtaken synchronisation leaves register and watermark as they were.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
import structlog

from intake.db import register_imports, register_sources, write
from intake.errors import ClaimLostError, NotFoundError, SourceBusyError, SourceWaitsError
from intake.model import Actor
from intake.register.importer import ImportReport
from intake.roles import Action, require
from intake.sources.adapters import Sources
from intake.sources.breaker import next_try
from intake.sources.bringing import Progress, bring
from intake.sources.calendar import windows_in
from intake.sources.catalogue import Source, mark_columns, source
from intake.sources.errors import Fault, SourceError
from intake.sources.model import Rows, Watermark

log = structlog.get_logger()

FOR_THE_IMPORT: Final = timedelta(minutes=30)  # beyond the time of the fetch
MOST_FILES: Final = 200  # of a folder in one synchronisation; the rest is due the next time


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a synchronisation brought: an import each delivery, and the fault that ended it, if any."""

    name: str
    imports: tuple[ImportReport, ...]
    fault: Fault | None = None
    detail: str = ""

    @property
    def brought(self) -> bool:
        """Whether the register says something now that it did not say before."""
        return any(report.new or report.changed for report in self.imports)


@dataclass(slots=True)
class _Run:
    """A synchronisation that holds its claim."""

    held: Source
    token: str
    begun: datetime
    full: bool
    imports: list[ImportReport] = field(default_factory=list)
    refused: SourceError | None = None  # of a file; the others of the folder are taken all the same
    mark: Watermark = field(default_factory=Watermark)


def due(found: Source, now: datetime) -> bool:
    """Whether the schedule asks for it now; what holds it back is looked at when it is claimed."""
    if not found.definition.enabled or found.bypassed(now) or found.running(now) or found.breaker.is_open(now):
        return False
    at = next_try(found.breaker, found.synced_at, found.tried_at, found.definition.every)
    return at is None or at <= now


def sync(
    sources: Sources, name: str, *, actor: Actor, full: bool = False, progress: Progress | None = None
) -> SyncReport:
    """Bring in what is new; `full` asks for everything from the first day on. A source's fault is in the report.

    Raises SourceBusyError, SourceWaitsError, NotFoundError, ForbiddenError, and ClaimLostError when another process
    took it over meanwhile (nothing was written then).
    """
    require(actor, Action.RUN_SOURCES)
    run = _claim(sources, name, full=full, scheduled=False)
    if run is None:
        raise SourceWaitsError(name)
    return _carry_out(sources, run, actor, progress or _silent)


def sync_if_due(sources: Sources, name: str, *, actor: Actor) -> SyncReport | None:
    """What the schedule does; None when it is not due, held back, or another process was faster."""
    try:
        run = _claim(sources, name, full=False, scheduled=True)
    except (SourceBusyError, NotFoundError):
        return None
    return None if run is None else _carry_out(sources, run, actor, _silent)


def recover(sources: Sources) -> None:
    """At the start of the only process that works: no claim of a process that died holds a source back."""
    with write(sources.engine) as conn:
        conn.execute(sa.update(register_sources).values(claim=None, lease_until=None))


def _silent(done: int, total: int) -> None:
    """Nobody wants to know how far it is."""


def _claim(sources: Sources, name: str, *, full: bool, scheduled: bool) -> _Run | None:
    now, token = sources.clock(), str(uuid.uuid4())
    with write(sources.engine) as conn:
        row = conn.execute(
            sa.select(register_sources).where(register_sources.c.name == name).with_for_update()
        ).one_or_none()
        if row is None:
            raise NotFoundError(f"source {name}")
        found = source(row)
        if found.running(now):
            raise SourceBusyError(name)
        waits = any(window.what == name and window.now(now) for window in windows_in(conn, now))
        if waits or not found.definition.enabled or found.bypassed(now) or (scheduled and not due(found, now)):
            return None
        lease = now + timedelta(seconds=found.definition.seconds) + FOR_THE_IMPORT
        full = full or _taken_back(conn, found)
        _update(conn, name, claim=token, lease_until=lease, tried_at=now, version=found.version + 1)
    return _Run(found, token, now, full, mark=found.watermark)


def _taken_back(conn: sa.Connection, found: Source) -> bool:
    """Whether an import of this source was rolled back since it last succeeded: the watermark says too much then."""
    if found.synced_at is None:
        return False
    table = register_imports
    query = sa.select(table.c.id).where(table.c.source == found.name, table.c.rolled_back_at >= found.synced_at)
    return conn.execute(query.limit(1)).first() is not None


def _carry_out(sources: Sources, run: _Run, actor: Actor, progress: Progress) -> SyncReport:
    name = run.held.name
    try:
        _fetch_all(sources, run, actor, progress)
    except SourceError as error:
        _failed(sources, run, error)
        return SyncReport(name, tuple(run.imports), error.fault, error.detail)
    except ClaimLostError:
        raise
    except BaseException:
        _failed(sources, run, SourceError(Fault.BROKEN))
        raise
    if run.refused is not None:
        _failed(sources, run, run.refused)
        return SyncReport(name, tuple(run.imports), run.refused.fault, run.refused.detail)
    _succeeded(sources, run)
    return SyncReport(name, tuple(run.imports))


def _fetch_all(sources: Sources, run: _Run, actor: Actor, progress: Progress) -> None:
    """Every delivery: one of a database or an interface, one a file of a folder."""
    definition = run.held.definition
    adapter = sources.adapter(definition)
    since = Watermark() if run.full else run.held.watermark
    for _ in range(MOST_FILES):
        with adapter.fetch(since) as delivery:
            if delivery is None:
                return
            try:
                report = bring(sources, definition, delivery, _advance(run), actor=actor, progress=progress)
            except SourceError as error:
                if isinstance(delivery, Rows) or error.fault is not Fault.NOT_UNDERSTOOD:
                    raise
                run.refused = error
                continue
            run.imports.append(report)
            if isinstance(delivery, Rows):
                return


def _advance(run: _Run) -> Callable[[sa.Connection, ImportReport], None]:
    """Writes the watermark of an import within its transaction; the row is locked and the claim still ours."""

    def also(conn: sa.Connection, report: ImportReport) -> None:
        days = [day for day in (run.mark.newest_issue, report.newest) if day is not None]
        mark = Watermark(max(days, default=None), run.begun)
        _update_claimed(conn, run, watermark=mark_columns(mark))
        run.mark = mark

    return also


def _succeeded(sources: Sources, run: _Run) -> None:
    values: dict[str, Any] = {
        "synced_at": run.begun,
        "failures": 0,
        "open_until": None,
        "error": "",
        "error_detail": "",
    }
    if run.held.error == Fault.NOT_UNDERSTOOD and not run.imports:
        del values["error"], values["error_detail"]  # the refused file still lies there, and nothing came after it
    with write(sources.engine) as conn:
        _update_claimed(conn, run, claim=None, lease_until=None, **values)


def _failed(sources: Sources, run: _Run, error: SourceError) -> None:
    breaker = run.held.breaker.failed(sources.clock())
    log.warning(
        "source failed", source=run.held.name, fault=error.fault.value, detail=error.detail, in_a_row=breaker.failures
    )
    values = {"failures": breaker.failures, "open_until": breaker.open_until}
    with write(sources.engine) as conn:
        _update_claimed(
            conn, run, claim=None, lease_until=None, error=error.fault.value, error_detail=error.detail, **values
        )


def _update(conn: sa.Connection, name: str, **values: Any) -> None:
    conn.execute(sa.update(register_sources).where(register_sources.c.name == name).values(**values))


def _update_claimed(conn: sa.Connection, run: _Run, **values: Any) -> None:
    table = register_sources
    ours = sa.update(table).where(table.c.name == run.held.name, table.c.claim == run.token)
    if conn.execute(ours.values(**values)).rowcount != 1:
        raise ClaimLostError(f"source {run.held.name}")

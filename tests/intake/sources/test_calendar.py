from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import audit
from intake.db import read, tasks, write
from intake.errors import BypassWrongError, ForbiddenError, NotFoundError, WindowWrongError
from intake.model import SERVICE, Actor, Cause, Role, TaskState
from intake.sources.adapters import Sources
from intake.sources.calendar import (
    TAX_BUREAU,
    announce,
    bypass,
    cancel,
    expire,
    on_maintenance,
    resume,
    windows,
)
from intake.sources.catalogue import remove
from tests.fakes import NOON, FakeClock
from tests.intake.waiting import VALUES, F, Office, seen
from tests.sourcing import ADMINISTRATOR, NAME, FolderPlace, set_up

HOUR = timedelta(hours=1)


@pytest.fixture
def place(sources: Sources, tmp_path: Path) -> FolderPlace:
    made = FolderPlace(tmp_path / "exports")
    set_up(sources, made)
    return made


def records(sources: Sources) -> list[tuple[str, str]]:
    with read(sources.engine) as conn:
        return [(entry.action, entry.subject) for entry in audit.entries(conn)]


def test_a_maintenance_is_on_from_its_beginning_to_before_its_end(sources: Sources) -> None:
    announce(sources.engine, TAX_BUREAU, NOON + HOUR, NOON + 3 * HOUR, "升级", actor=ADMINISTRATOR, clock=sources.clock)
    assert on_maintenance(sources.engine, NOON, TAX_BUREAU) is None
    found = on_maintenance(sources.engine, NOON + HOUR, TAX_BUREAU)
    assert found is not None
    assert (found.ends_at, found.note) == (NOON + 3 * HOUR, "升级")
    assert on_maintenance(sources.engine, NOON + HOUR, "erp") is None
    assert on_maintenance(sources.engine, NOON + 3 * HOUR, TAX_BUREAU) is None
    assert windows(sources.engine, NOON + 3 * HOUR) == ()


@pytest.mark.usefixtures("place")
def test_what_is_decided_is_audited(sources: Sources) -> None:
    bypass(sources.engine, NAME, NOON + HOUR, "换服务器", actor=ADMINISTRATOR, clock=sources.clock)
    resume(sources.engine, NAME, actor=ADMINISTRATOR, clock=sources.clock)
    number = announce(sources.engine, NAME, NOON, NOON + HOUR, "", actor=ADMINISTRATOR, clock=sources.clock)
    cancel(sources.engine, number, actor=ADMINISTRATOR, clock=sources.clock)
    assert records(sources)[1:] == [
        ("bypass_source", "source:erp"),
        ("resume_source", "source:erp"),
        ("announce_maintenance", "source:erp"),
        ("cancel_maintenance", "source:erp"),
    ]


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("until", "reason"),
    [
        (NOON, "换服务器"),
        (NOON - HOUR, "换服务器"),
        (NOON + timedelta(days=15), "换服务器"),
        (NOON + HOUR, ""),
        (NOON + HOUR, "  x  "),
    ],
)
def test_a_bypass_needs_a_reason_and_an_end(sources: Sources, until: datetime, reason: str) -> None:
    with pytest.raises(BypassWrongError):
        bypass(sources.engine, NAME, until, reason, actor=ADMINISTRATOR, clock=sources.clock)


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        (NOON + HOUR, NOON + HOUR),
        (NOON + 2 * HOUR, NOON + HOUR),
        (NOON - 2 * HOUR, NOON - HOUR),
        (NOON, NOON + timedelta(days=15)),
    ],
)
def test_a_maintenance_lies_ahead_and_ends(sources: Sources, starts: datetime, ends: datetime) -> None:
    with pytest.raises(WindowWrongError):
        announce(sources.engine, TAX_BUREAU, starts, ends, "", actor=ADMINISTRATOR, clock=sources.clock)


def test_what_is_not_there_is_not_found_and_who_may_not_does_not(sources: Sources) -> None:
    clock = sources.clock
    with pytest.raises(NotFoundError):
        announce(sources.engine, "other", NOON, NOON + HOUR, "", actor=ADMINISTRATOR, clock=clock)
    with pytest.raises(NotFoundError):
        bypass(sources.engine, "other", NOON + HOUR, "换服务器", actor=ADMINISTRATOR, clock=clock)
    with pytest.raises(NotFoundError):
        resume(sources.engine, "other", actor=ADMINISTRATOR, clock=clock)
    with pytest.raises(NotFoundError):
        cancel(sources.engine, 9, actor=ADMINISTRATOR, clock=clock)
    clerk = Actor(None, "clerk", Role.CLERK)
    with pytest.raises(ForbiddenError):
        bypass(sources.engine, NAME, NOON + HOUR, "换服务器", actor=clerk, clock=clock)
    with pytest.raises(ForbiddenError):
        announce(sources.engine, TAX_BUREAU, NOON, NOON + HOUR, "", actor=clerk, clock=clock)


def held(sources: Sources, office: Office, cause: Cause, until: datetime, state: TaskState = TaskState.OPEN) -> int:
    """A paper that waits with a cause until a moment."""
    (task,) = office.wait(seen({**VALUES, F.NUMBER: f"261120000000485421{office.papers + 10}"}))
    values = {"cause": cause.value, "look_again_at": until, "state": state.value}
    with write(sources.engine) as conn:
        conn.execute(sa.update(tasks).where(tasks.c.id == task).values(**values))
    return task


def look_again(sources: Sources, task: int) -> datetime | None:
    with read(sources.engine) as conn:
        found: datetime | None = conn.execute(sa.select(tasks.c.look_again_at).where(tasks.c.id == task)).scalar_one()
    return found


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("how", ["resumed", "expired", "window_ended", "window_cancelled"])
def test_what_was_held_is_looked_at_again_when_it_ends(sources: Sources, tmp_path: Path, how: str) -> None:
    clock = sources.clock
    assert isinstance(clock, FakeClock)
    later = NOON + timedelta(days=3)
    office = Office(sources.engine, tmp_path)
    waiting = held(sources, office, Cause.REGISTER_STALE, later)
    other = held(sources, office, Cause.WRONG_TITLE, later)
    closed = held(sources, office, Cause.REGISTER_STALE, later, TaskState.CLOSED)
    match how:
        case "resumed":
            bypass(sources.engine, NAME, NOON + HOUR, "换服务器", actor=ADMINISTRATOR, clock=clock)
            resume(sources.engine, NAME, actor=ADMINISTRATOR, clock=clock)
        case "expired":
            bypass(sources.engine, NAME, NOON + HOUR, "换服务器", actor=ADMINISTRATOR, clock=clock)
            assert expire(sources.engine, NOON, actor=SERVICE, clock=clock) == 0
            clock.forward(3600)
            assert expire(sources.engine, NOON, actor=SERVICE, clock=clock) == 1
            assert expire(sources.engine, NOON, actor=SERVICE, clock=clock) == 0
            assert ("bypass_expired", "source:erp") in records(sources)
        case "window_ended":
            announce(sources.engine, TAX_BUREAU, NOON, NOON + HOUR, "", actor=ADMINISTRATOR, clock=clock)
            clock.forward(3600)
            assert expire(sources.engine, NOON, actor=SERVICE, clock=clock) == 1
        case _:
            number = announce(sources.engine, NAME, NOON, NOON + HOUR, "", actor=ADMINISTRATOR, clock=clock)
            cancel(sources.engine, number, actor=ADMINISTRATOR, clock=clock)
    assert look_again(sources, waiting) == clock()
    assert look_again(sources, other) == later
    assert look_again(sources, closed) == later


@pytest.mark.usefixtures("place")
def test_a_source_that_is_removed_takes_its_windows_along(sources: Sources) -> None:
    announce(sources.engine, NAME, NOON, NOON + HOUR, "", actor=ADMINISTRATOR, clock=sources.clock)
    remove(sources.engine, sources.credentials, NAME, actor=ADMINISTRATOR, clock=sources.clock)
    assert windows(sources.engine, NOON) == ()

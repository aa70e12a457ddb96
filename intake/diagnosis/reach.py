"""How far the register reaches, and when it is worth asking again (domain.md §9.4, nodes 6, 7 and 15)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from intake.clock import BEIJING, day_of
from intake.model import Evidence, SourceHealth, SourceState

_MORNING: Final = time(9)
FAULTY: Final = frozenset({SourceHealth.FAILING, SourceHealth.OPEN})
_SOON: Final = timedelta(hours=1)


def look_again(day: date, now: datetime) -> datetime:
    """When the register is asked again for an invoice issued on `day`: within the day after an hour, then at 09:00
    of the day after issue, of the third day, and of each further day (Beijing), in UTC as `now` is.
    """
    first, alarm = (morning(day + timedelta(days), now) for days in (1, 3))
    if now < first:
        return min(now + _SOON, first)
    return alarm if now < alarm else morning(day_of(now) + timedelta(days=1), now)


def morning(day: date, now: datetime) -> datetime:
    """09:00 of a day in China, in the zone of `now`."""
    return datetime.combine(day, _MORNING, BEIJING).astimezone(now.tzinfo)


def after_trouble(sources: Sequence[SourceState], now: datetime) -> datetime:
    """When to ask again after a fault, a bypass or a maintenance: at the first end that was announced, else in an hour."""
    ends = [one.until for one in sources if one.until is not None and one.until > now]
    return min(ends, default=now + _SOON)


def reaches(source: SourceState, day: date) -> bool:
    """Whether a source surely held an invoice of that day: its newest is no older, and it was imported after 09:00
    of the day after issue, or (a source that keeps no such moment) holds a newer day.
    """
    if source.failed or source.newest_issue is None:
        return False
    if source.imported_at is None:
        return source.newest_issue > day
    reliable = datetime.combine(day + timedelta(days=1), _MORNING, BEIJING)
    return source.newest_issue >= day and source.imported_at >= reliable


def reach(sources: Sequence[SourceState]) -> Iterator[Evidence]:
    """How far each source reaches, for the person who looks at it."""
    for source in sources:
        imported = source.imported_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if source.imported_at else "—"
        until = source.newest_issue.isoformat() if source.newest_issue else "—"
        yield from troubles([source])
        params = {"source": source.name, "until": until, "imported": imported}
        yield Evidence("register_reaches", params, link(source))
    if not sources:
        yield Evidence("register_empty")


def troubles(sources: Sequence[SourceState]) -> Iterator[Evidence]:
    """What is wrong with sources: the last import failed, or nobody asks them now."""
    for source in sources:
        params = {"source": source.name, "health": source.health}
        if source.health is not SourceHealth.OK and source.until is not None:
            until = source.until.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
            yield Evidence("source_health_until", {**params, "until": until}, link(source))
        elif source.health is not SourceHealth.OK:
            yield Evidence("source_health", params, link(source))
        elif source.failed:
            yield Evidence("register_failed", {"source": source.name}, link(source))


def troubled(source: SourceState) -> bool:
    """Whether a source failed or is left out, so that what it lacks says nothing."""
    return source.failed or source.health is not SourceHealth.OK


def link(source: SourceState) -> str:
    """The link to a source's page."""
    return f"source:{source.name}"

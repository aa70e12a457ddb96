"""How far the register reaches, and when it is worth asking again (domain.md §9.4, nodes 6 and 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from intake.clock import BEIJING, day_of
from intake.model import Evidence, SourceState

_MORNING: Final = time(9)


def look_again(day: date, now: datetime) -> datetime:
    """When the register is asked again for an invoice issued on `day`: within the day after an hour, then at 09:00
    of the day after issue, of the third day, and of each further day (Beijing), in UTC as `now` is.
    """
    first, alarm = (datetime.combine(day + timedelta(days), _MORNING, BEIJING) for days in (1, 3))
    if now < first:
        return min(now + timedelta(hours=1), first.astimezone(now.tzinfo))
    if now < alarm:
        return alarm.astimezone(now.tzinfo)
    tomorrow = day_of(now) + timedelta(days=1)
    return datetime.combine(tomorrow, _MORNING, BEIJING).astimezone(now.tzinfo)


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
    for source in sorted(sources, key=lambda one: one.name):
        imported = source.imported_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if source.imported_at else "—"
        until = source.newest_issue.isoformat() if source.newest_issue else "—"
        if source.failed:
            yield Evidence("register_failed", {"source": source.name})
        yield Evidence("register_reaches", {"source": source.name, "until": until, "imported": imported})
    if not sources:
        yield Evidence("register_empty")

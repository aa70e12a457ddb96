"""The schedule at work: what is due is synchronised, what is over ends, and papers that waited are looked at again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from intake.errors import ClaimLostError
from intake.model import SERVICE
from intake.sources.adapters import Sources
from intake.sources.calendar import expire
from intake.sources.catalogue import all_sources
from intake.sources.sync import due, sync_if_due

log = structlog.get_logger()

LOOK: Final = 15.0  # seconds between two looks
SLEPT: Final = timedelta(days=2)  # how far back the first look asks what has ended


class Clockwork:
    """Several processes may run one: the claim in a source's row decides who synchronises it."""

    def __init__(self, sources: Sources, look_again: Callable[[], object]) -> None:
        """`look_again` matches and diagnoses anew what waits; it is called after what may have changed the answer."""
        self._sources = sources
        self._look_again = look_again
        self._looked: datetime | None = None

    def run(self, stop: threading.Event) -> None:
        """Look every few seconds until told to stop."""
        while not stop.is_set():
            self.look(stop)
            stop.wait(LOOK)

    def look(self, stop: threading.Event | None = None) -> int:
        """One look; returns how many sources were synchronised, with or without success."""
        now = self._sources.clock()
        since, self._looked = self._looked or now - SLEPT, now
        woken = expire(self._sources.engine, since, actor=SERVICE, clock=self._sources.clock)
        done, brought = 0, False
        for found in all_sources(self._sources.engine):
            if (stop is not None and stop.is_set()) or not due(found, now):
                continue
            try:
                report = sync_if_due(self._sources, found.name, actor=SERVICE)
            except ClaimLostError:
                log.warning("another process took the source over", source=found.name)
                continue
            except Exception:  # the next source has done nothing wrong
                log.exception("source broke", source=found.name)
                continue
            if report is not None:
                done, brought = done + 1, brought or report.brought
        if brought or woken:
            self._look_again()
        return done

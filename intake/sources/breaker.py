"""The circuit breaker and the schedule of a source: pure, over what its row remembers.

Closed: it is asked when it is due. After :data:`THRESHOLD` failures in a row it opens and nobody asks until
`open_until`; then one try is let through (half open), which closes it or opens it for twice as long.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

THRESHOLD: Final = 5
FIRST_PAUSE: Final = timedelta(minutes=5)
LONGEST_PAUSE: Final = timedelta(hours=6)
FIRST_RETRY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Breaker:
    """Failures in a row, and until when nobody asks."""

    failures: int = 0
    open_until: datetime | None = None

    def failed(self, now: datetime) -> Breaker:
        """After one more failure."""
        failures = self.failures + 1
        if failures < THRESHOLD:
            return Breaker(failures)
        return Breaker(failures, now + min(FIRST_PAUSE * (1 << min(failures - THRESHOLD, 16)), LONGEST_PAUSE))

    def is_open(self, now: datetime) -> bool:
        """Whether nobody may ask now."""
        return self.open_until is not None and now < self.open_until


def next_try(
    breaker: Breaker, synced_at: datetime | None, tried_at: datetime | None, every: timedelta
) -> datetime | None:
    """When a source is due: a period after the last success, sooner and with growing pauses after a failure.

    None: it was never tried and is due at once. An office PC that slept over several periods owes one run, not many.
    """
    if tried_at is None:
        return None
    if breaker.open_until is not None:
        return breaker.open_until
    if breaker.failures:
        return tried_at + min(FIRST_RETRY * (1 << breaker.failures - 1), every)
    return None if synced_at is None else synced_at + every

"""Asking again when a fault may pass: a few times, with growing pauses that are not the same for everybody."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

import stamina

from intake.sources.errors import TRANSIENT, Fault, SourceError

Answer = TypeVar("Answer")

ATTEMPTS: Final = 4
FIRST_WAIT: Final = 0.5  # seconds
LONGEST_WAIT: Final = 20.0
JITTER: Final = 1.0


def retrying(ask: Callable[[], Answer], until: float) -> Answer:
    """The answer of `ask`, tried again after faults that may pass, up to the moment `until` of `time.monotonic`.

    A source that says how long it wants to be left alone is left alone so long. Raises the last SourceError.
    """
    for attempt in stamina.retry_context(
        on=_worth_another_try,
        attempts=ATTEMPTS,
        timeout=max(until - time.monotonic(), 0.1),
        wait_initial=FIRST_WAIT,
        wait_max=LONGEST_WAIT,
        wait_jitter=JITTER,
    ):
        with attempt:
            return ask()
    raise SourceError(Fault.TIMEOUT)  # pragma: no cover - the last attempt raises its own error


def _worth_another_try(error: Exception) -> bool | float:
    if not isinstance(error, SourceError) or error.fault not in TRANSIENT:
        return False
    return min(error.wait, LONGEST_WAIT) if error.wait is not None else True

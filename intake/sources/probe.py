"""Running the steps of a self-test: what comes after a failed step is skipped, and nothing is raised."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from intake.sources.errors import Fault, SourceError
from intake.sources.model import Outcome, Step, TestStep

CLOCK_MAY_DIFFER: Final = timedelta(minutes=10)

Said: TypeAlias = tuple[str, dict[str, str]] | None
"""A code of `source_test.…` with its parameters; None: there was nothing to look at."""


def run(steps: tuple[tuple[Step, Callable[[], Said]], ...]) -> tuple[TestStep, ...]:
    """Each step in order, timed."""
    done: list[TestStep] = []
    failed = False
    for step, ask in steps:
        if failed:
            done.append(TestStep(step, Outcome.SKIPPED, 0, "after_a_failure"))
            continue
        begun = time.monotonic()
        try:
            said = ask()
        except SourceError as error:
            failed = True
            done.append(TestStep(step, Outcome.FAILED, _since(begun), error.fault.value, {"detail": error.detail}))
        else:
            code, params = said or ("nothing_to_look_at", {})
            outcome = Outcome.OK if said else Outcome.SKIPPED
            done.append(TestStep(step, outcome, _since(begun), code, params))
    return tuple(done)


def compare_clocks(there: datetime, here: datetime) -> dict[str, str]:
    """The difference in seconds for a sentence. Raises SourceError (clock_off) when it would mislead a watermark."""
    seconds = round((there - here).total_seconds())
    if abs(there - here) > CLOCK_MAY_DIFFER:
        raise SourceError(Fault.CLOCK_OFF, f"{seconds:+d} s")
    return {"seconds": f"{seconds:+d}"}


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)

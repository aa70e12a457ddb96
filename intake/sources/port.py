"""The port of register sources; every adapter passes `tests/contracts/test_sources.py`."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from intake.sources.model import Delivery, TestStep, Watermark


class RegisterSource(Protocol):
    """A place that has register rows. It is only read."""

    def fetch(self, since: Watermark) -> AbstractContextManager[Delivery | None]:
        """What is there from `since` on, streamed while the block runs; None when nothing is left to take.

        Raises SourceError, also while the rows are being taken.
        """
        ...

    def self_test(self) -> tuple[TestStep, ...]:
        """Reachable, authorised, a sample, the clock: each step with its outcome; raises nothing."""
        ...

"""The one place that asks the machine for the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")

Clock: TypeAlias = Callable[[], datetime]
"""Returns the aware moment in UTC."""


def system_clock() -> datetime:
    """The moment now, aware, in UTC."""
    return datetime.now(UTC)


def day_of(moment: datetime) -> date:
    """The calendar day of a moment in China, where invoices are issued."""
    return moment.astimezone(BEIJING).date()

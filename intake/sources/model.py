"""What a register source is, what it gives, and how a try of it went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum, unique
from pathlib import Path
from typing import Final, TypeAlias

CLOCK_MARGIN: Final = timedelta(minutes=15)

Cell: TypeAlias = str | bytes | int | float | bool | Decimal | date | datetime | None


@unique
class SourceKind(StrEnum):
    """The ways to a register."""

    FOLDER = "folder"  # exports that somebody, or another program, puts there
    SQL = "sql"  # a view of the company's ERP
    HTTP = "http"  # an interface that keeps docs/register-api.openapi.yaml


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a source has been brought in: the newest 开票日期 of its rows, and when it was last asked with success."""

    newest_issue: date | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """A source as an administrator set it up; secrets (a database's URL, a token) lie elsewhere.

    `place` is a folder, a database without user and password (`postgresql://erp/invoices`), or the address of an
    interface. `overlap_days` are asked for again each time, since rows come late and change (domain.md §9.4).
    `first_day` is where the first synchronisation begins. `seconds` bounds one fetch from beginning to end.
    """

    name: str
    kind: SourceKind
    place: str
    query: str = ""  # of a database
    mapping: str = ""  # name of a saved mapping of headings; empty: the headings say it themselves
    every: timedelta = timedelta(hours=1)
    overlap_days: int = 7
    first_day: date | None = None
    seconds: float = 300.0
    enabled: bool = True

    def since(self, mark: Watermark) -> date | None:
        """The first day of issue to ask for; None asks for everything."""
        if mark.newest_issue is None:
            return self.first_day
        day = mark.newest_issue - timedelta(days=self.overlap_days)
        return max(day, self.first_day) if self.first_day else day

    @staticmethod
    def changed_since(mark: Watermark) -> datetime | None:
        """The moment since which changed rows are asked for; earlier than the last time, since clocks differ."""
        return None if mark.asked_at is None else mark.asked_at - CLOCK_MARGIN


@dataclass(frozen=True, slots=True)
class Rows:
    """A table that arrives row by row; it must be taken to its end, or closed, where it was fetched."""

    headings: tuple[str, ...]
    rows: Iterator[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class ExportFile:
    """An export as somebody saved it; the import understands its format."""

    path: Path
    name: str
    sha256: str


Delivery: TypeAlias = Rows | ExportFile


@unique
class Outcome(StrEnum):
    """How a step of a self-test ended."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"  # a step before it failed, or there is nothing to look at


@unique
class Step(StrEnum):
    """The steps of a self-test, in their order."""

    REACHABLE = "reachable"
    AUTHORISED = "authorised"
    SAMPLE = "sample"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class TestStep:
    """One step: `code` is translated (`source_test.<code>` when it went well, `source_error.<code>` when not)."""

    __test__ = False  # no test of pytest, whatever its name

    step: Step
    outcome: Outcome
    millis: int
    code: str
    params: dict[str, str] = field(default_factory=dict)

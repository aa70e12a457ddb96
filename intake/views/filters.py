"""What the list of documents is narrowed to and sorted by, and a page of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum, unique

from intake.model import Cause, Channel, DocumentState
from intake.views.rows import DocumentRow
from ocr.types import Kind


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Every part that is given must hold, those of the invoice for one and the same invoice of the document.

    Days are those of issue unless `received_…`, and amounts those with tax. A document without invoice fits no part of
    the invoice.
    """

    states: frozenset[DocumentState] = frozenset()
    text: str = ""  # words, each of them in receipt, file name, number, code, or name or tax id of seller or buyer
    number: str = ""  # how it begins
    code: str = ""  # how it begins
    seller: str = ""  # in the name or tax id
    buyer: str = ""
    party: str = ""  # in either's
    kind: Kind | None = None
    cause: Cause | None = None
    region: str = ""
    clerk: int | None = None  # whom the task is assigned to, who holds it, or who keyed it
    channel: Channel | None = None  # where the document came from
    date_from: date | None = None
    date_to: date | None = None
    received_from: date | None = None
    received_to: date | None = None
    total_from: Decimal | None = None
    total_to: Decimal | None = None
    submitter: int | None = None
    parent: int | None = None


@unique
class Sort(StrEnum):
    """By what the list goes; values of the invoice are those of the document's first, and missing ones come first."""

    RECEIVED = "received"
    DATE = "date"
    TOTAL = "total"
    SELLER = "seller"


@dataclass(frozen=True, slots=True)
class Order:
    """A sorting and its direction; documents that are equal in it go by when they came."""

    sort: Sort = Sort.RECEIVED
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Counts:
    """How many documents fit the filter without its states, by state.

    `states` is None where text so common was looked for that only the first `at_least` were counted.
    """

    states: Mapping[DocumentState, int] | None
    at_least: int

    def of(self, wanted: frozenset[DocumentState]) -> int | None:
        """How many fit the whole filter; None where it was not counted to the end."""
        if self.states is None:
            return None
        return sum(number for state, number in self.states.items() if not wanted or state in wanted)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list. `older` and `newer` are the marks to go on from and back from, None at the ends."""

    rows: tuple[DocumentRow, ...]
    older: str | None
    newer: str | None
    counts: Counts

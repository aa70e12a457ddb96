"""A register table, whatever file it came in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from intake.register.columns import Cell, Layout


@dataclass(frozen=True, slots=True)
class Table:
    """The rows below the headings, to be walked through once.

    `first` is the number, from 1, that the file's own program shows for the first of them; `share` says how much of
    the file has been walked through, 0 to 1.
    """

    layout: Layout
    rows: Iterable[Sequence[Cell]]
    first: int
    share: Callable[[], float]


class TableError(Exception):
    """The file is no register table; `reason` is kept with the failed import."""

    def __init__(self, reason: str, detail: str = "") -> None:
        """`reason` is one of not_a_table, too_large, no_header, encoding, not_xlsx, mapping."""
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason

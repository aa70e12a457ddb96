"""A register table, whatever file it came in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from intake.register.columns import Cell, Layout


@dataclass(frozen=True, slots=True)
class Table:
    """The rows below the headings. `first` is the number, from 1, that the file's own program shows for the first."""

    layout: Layout
    rows: Sequence[Sequence[Cell]]
    first: int

    def numbered(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """Each row with something in it, with its number."""
        for number, cells in enumerate(self.rows, self.first):
            if any(cell not in {"", None} for cell in cells):
                yield number, cells


class TableError(Exception):
    """The file is no register table; `reason` is kept with the failed import."""

    def __init__(self, reason: str, detail: str = "") -> None:
        """`reason` is one of not_a_table, too_large, no_header, encoding, not_xlsx."""
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason

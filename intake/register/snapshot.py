"""The file of an import, kept by its SHA-256: what was uploaded, or rows of another system written down as CSV."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias

from intake.ports import ByteStream, Files, StoredFile
from intake.register.columns import Cell, Column
from intake.register.csvfile import head_of_csv, open_csv
from intake.register.export import head_of_xlsx, open_xlsx
from intake.register.table import Table, TableError

LARGEST: Final = 4 * 1024**3  # bytes of a CSV, about twenty million rows; a workbook has a limit of its own
ROWS_AT_ONCE: Final = 500

Content: TypeAlias = bytes | Path | ByteStream


class CsvStream:
    """Headings and rows as a stream of UTF-8 CSV: the snapshot of a source that is no file. Made row by row."""

    def __init__(self, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
        """`rows` is walked through once, while the stream is read."""
        self._rows = iter(rows)
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text, lineterminator="\n")
        self._writer.writerow(headings)
        self._left = b""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes, all that is left for -1; empty at the end."""
        while size < 0 or len(self._left) < size:
            lines = list(itertools.islice(self._rows, ROWS_AT_ONCE))
            self._writer.writerows([[_written(cell) for cell in row] for row in lines])
            self._left += self._text.getvalue().encode()
            self._text.seek(0)
            self._text.truncate()
            if not lines:
                break
        end = len(self._left) if size < 0 else size
        block, self._left = self._left[:end], self._left[end:]
        return block


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, float) and not isinstance(cell, bool):
        return repr(cell)
    return str(cell.total_seconds()) if isinstance(cell, timedelta) else str(cell)


def keep(files: Files, content: Content) -> StoredFile:
    """Store the bytes of a file, so that the import can be read again."""
    if isinstance(content, bytes):
        return files.take(io.BytesIO(content))
    if isinstance(content, Path):
        with content.open("rb") as file:
            return files.take(file)
    return files.take(content)


@contextmanager
def open_table(place: Path, columns: Mapping[Column, str] | None = None) -> Iterator[Table]:
    """The register table in a file, by content: a workbook is a ZIP, anything else is read as CSV.

    `columns` are the headings of a mapping. Raises TableError, also in the middle of the rows.
    """
    with open_xlsx(place, columns) if _is_workbook(place) else open_csv(place, columns) as table:
        yield table


def head_of(place: Path, rows: int) -> list[list[Cell]]:
    """The first rows of a file whose headings are not known yet. Raises TableError."""
    return head_of_xlsx(place, rows) if _is_workbook(place) else head_of_csv(place, rows)


def _is_workbook(place: Path) -> bool:
    if place.stat().st_size > LARGEST:
        raise TableError("too_large", f"{place.stat().st_size} bytes")
    with place.open("rb") as file:
        start = file.read(4)
    if start == b"\xd0\xcf\x11\xe0":
        raise TableError("not_xlsx", "an old .xls workbook: save it as .xlsx")
    return start == b"PK\x03\x04"

"""Register tables in CSV, as Chinese software writes them (domain.md §7.4), read row by row."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from intake.register.columns import HEADER_WITHIN, Cell, Column, Layout, find_layout
from intake.register.table import Table, TableError

DELIMITERS: Final = (",", "\t", ";")
BLOCK: Final = 1 << 20
HEAD: Final = 1 << 16  # characters among which the line of headings stands


@contextmanager
def open_csv(place: Path, columns: Mapping[Column, str] | None = None) -> Iterator[Table]:
    """The table in a CSV with commas, tabs or semicolons; `columns` are headings to find instead of the usual ones.

    The rows are read from the disk while they are walked through. Raises TableError (encoding, not_a_table,
    no_header), also in the middle of the rows.
    """
    encoding = encoding_of(place)
    size = max(place.stat().st_size, 1)
    with place.open("rb") as raw, io.TextIOWrapper(raw, encoding, newline="") as text:
        delimiter, index, layout = _sniff(text.read(HEAD), columns)
        text.seek(0)
        rows = _rows(text, delimiter)
        for _ in itertools.islice(rows, index + 1):
            pass
        yield Table(layout, rows, index + 2, lambda: min(raw.tell() / size, 1.0))


def head_of_csv(place: Path, rows: int) -> list[list[Cell]]:
    """The first rows, split by the delimiter that gives the most columns. Raises TableError."""
    with place.open(encoding=encoding_of(place), newline="") as text:
        head = text.read(HEAD)
    found = [list(itertools.islice(_rows(io.StringIO(head, newline=""), sign), rows)) for sign in DELIMITERS]
    return max(found, key=lambda lines: max((len(line) for line in lines), default=0))


def encoding_of(place: Path) -> str:
    """The encoding by byte order mark, else UTF-8, else GB18030: the whole file is looked through.

    Raises TableError when it is neither, or no text.
    """
    with place.open("rb") as raw:
        start = raw.read(2)
        wide = start in {b"\xff\xfe", b"\xfe\xff"}  # "Unicode text", as Excel calls it
        for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
            raw.seek(0)
            if _decodes(raw, encoding):
                return encoding
    raise TableError("encoding", "neither UTF-8 nor GB18030")


def _decodes(raw: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while block := raw.read(BLOCK):
            if "\0" in decoder.decode(block):
                raise TableError("not_a_table", "binary data")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _sniff(head: str, columns: Mapping[Column, str] | None) -> tuple[str, int, Layout]:
    """The delimiter that makes a line of headings, with its index and layout. Raises TableError when none does."""
    for delimiter in DELIMITERS:
        lines = io.StringIO(head, newline="")
        found = find_layout(list(itertools.islice(_rows(lines, delimiter), HEADER_WITHIN)), columns)
        if found:
            return delimiter, *found
    raise TableError("no_header", "no line with an invoice number and a date or an amount in the first ten")


def _rows(text: IO[str], delimiter: str) -> Iterator[list[Cell]]:
    rows: Iterator[list[Cell]] = csv.reader(text, delimiter=delimiter)  # type: ignore[assignment]  # lists of text
    try:
        yield from rows
    except csv.Error as error:
        raise TableError("not_a_table", str(error)) from error

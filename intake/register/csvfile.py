"""Register tables in CSV, as Chinese software writes them (domain.md §7.4)."""

from __future__ import annotations

import csv
import io
import re
from typing import Final

from intake.register.columns import HEADER_WITHIN, Layout, find_layout
from intake.register.table import Table, TableError

DELIMITERS: Final = (",", "\t", ";")
# ="00985283" and a leading apostrophe or tab keep Excel from dropping zeros
GUARD: Final = re.compile(r'^(?:="([^"]*)"|[\'\t]+(.*))$', re.DOTALL)


def read_csv(data: bytes) -> Table:
    """The table in a CSV with commas, tabs or semicolons. Raises TableError (encoding, not_a_table, no_header)."""
    text = decode(data)
    if "\0" in text:
        raise TableError("not_a_table", "binary data")
    found = _sniff(text)
    if found is None:
        raise TableError("no_header", "no line with an invoice number and a date or an amount in the first ten")
    delimiter, index, layout = found
    rows = _split(text, delimiter)
    return Table(layout, rows[index + 1 :], index + 2)


def decode(data: bytes) -> str:
    """Text by byte order mark, else UTF-8, else GB18030. Raises TableError when it is neither."""
    unicode_text = data.startswith((b"\xff\xfe", b"\xfe\xff"))  # as Excel calls it
    for encoding in ("utf-16",) if unicode_text else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError("encoding", "neither UTF-8 nor GB18030")


def unguard(cell: str) -> str:
    """The value of a cell without what keeps its zeros, and without blanks around it."""
    found = GUARD.match(cell.strip(" \r\n"))
    if found:
        return (found[1] if found[1] is not None else found[2]).strip()
    return cell.strip()


def _sniff(text: str) -> tuple[str, int, Layout] | None:
    """The delimiter that makes a line of headings, with its index and layout."""
    head = "\n".join(text[:65536].splitlines()[:HEADER_WITHIN])
    for delimiter in DELIMITERS:
        found = find_layout(_split(head, delimiter))
        if found:
            return delimiter, *found
    return None


def _split(text: str, delimiter: str) -> list[list[str]]:
    try:
        return [
            [unguard(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise TableError("not_a_table", str(error)) from error

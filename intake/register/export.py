"""The tax bureau's spreadsheets: 全量发票查询导出结果.xlsx and the 勾选 export (domain.md §7.1, §7.3).

The workbook is untrusted: a small file can unpack to gigabytes, and a single cell at the far corner makes
the reader allocate the whole rectangle. Both are measured before the reader opens it.
"""

from __future__ import annotations

import itertools
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from intake.register.columns import HEADER_WITHIN, Cell, Column, find_layout
from intake.register.table import Table, TableError

BASIC: Final = "发票基础信息"  # one row an invoice
LINES: Final = "信息汇总表"  # one row a line item
LARGEST: Final = 256 * 1024 * 1024  # bytes of a workbook, whose cells lie in memory while it is read
UNPACKED: Final = 768 * 1024 * 1024  # of all parts together; an export of 100,000 invoices has about 130 MB
RECTANGLE: Final = 40_000_000  # cells of the used range of a sheet
CHUNK: Final = 1 << 20
CELL: Final = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")


@contextmanager
def open_xlsx(place: Path, columns: Mapping[Column, str] | None = None) -> Iterator[Table]:
    """The register table of a workbook: 发票基础信息, else 信息汇总表, else the first sheet with such headings.

    `columns` are headings to find instead of the usual ones, in any sheet. The further sheets for special business
    are left aside. Raises TableError (not_xlsx, too_large, no_header).
    """
    measure(place)
    try:
        with place.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
            known = [] if columns else [name for name in (BASIC, LINES) if name in book.sheet_names]
            tables = [table for table in (_table(book, name, columns) for name in known or book.sheet_names) if table]
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise TableError("not_xlsx", str(error)) from error
    if not tables:
        raise TableError("no_header", "no sheet has a line with an invoice number and a date or an amount")
    yield next((table for filled, table in tables if filled), tables[0][1])


def head_of_xlsx(place: Path, rows: int) -> list[list[Cell]]:
    """The first rows of the first sheet that has any. Raises TableError."""
    measure(place)
    try:
        with place.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
            for name in book.sheet_names:
                head: list[list[Cell]] = list(itertools.islice(_rows_of(book.get_sheet_by_name(name)), rows))
                if head:
                    return head
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise TableError("not_xlsx", str(error)) from error
    return []


def _rows_of(sheet: CalamineSheet) -> Iterator[list[Cell]]:
    for cells in sheet.iter_rows():
        yield [*cells]


def _table(book: CalamineWorkbook, name: str, columns: Mapping[Column, str] | None) -> tuple[bool, Table] | None:
    """The table of a sheet, and whether it has rows; they become Python values one by one."""
    sheet = book.get_sheet_by_name(name)
    above: int = sheet.start[0] if sheet.start else 0  # rows without anything
    rows = itertools.islice(_rows_of(sheet), above, None)
    head = list(itertools.islice(rows, HEADER_WITHIN))
    found = find_layout(head, columns)
    if found is None:
        return None
    index, layout = found
    left = max(sheet.height - index - 1, 0)
    walked = itertools.count(1)
    share = 0.0

    def walk() -> Iterator[list[Cell]]:
        nonlocal share
        for cells in itertools.chain(head[index + 1 :], rows):
            share = next(walked) / left
            yield cells

    return left > 0, Table(layout, walk(), above + index + 2, lambda: share)


def measure(place: Path) -> None:
    """Unpack every part in small pieces, counting; the sizes a ZIP states of itself may be lies. Raises TableError."""
    if place.stat().st_size > LARGEST:
        raise TableError("too_large", f"{place.stat().st_size} bytes")
    try:
        with zipfile.ZipFile(place) as parts:
            members = parts.infolist()
            if sum(member.file_size for member in members) > UNPACKED:
                raise TableError("too_large", "the workbook unpacks to more than is accepted")
            if "xl/workbook.xml" not in parts.namelist():
                raise TableError("not_xlsx", "no workbook inside")
            left = UNPACKED
            for member in members:
                left = _measure_part(parts, member, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise TableError("not_xlsx", str(error)) from error


def _measure_part(parts: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> int:
    sheet = member.filename.startswith("xl/worksheets/")
    right = bottom = 0
    tail = b""
    with parts.open(member) as part:
        while piece := part.read(CHUNK):
            left -= len(piece)
            if left < 0:
                raise TableError("too_large", "the workbook unpacks to more than is accepted")
            if sheet:
                for letters, digits in set(CELL.findall(tail + piece)):
                    right = max(right, _column(letters))
                    bottom = max(bottom, int(digits))
                tail = piece[-32:]
    if right * bottom > RECTANGLE:
        raise TableError("too_large", f"{member.filename} spans {bottom} rows and {right} columns")
    return left


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number

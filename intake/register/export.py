"""The tax bureau's spreadsheets: 全量发票查询导出结果.xlsx and the 勾选 export (domain.md §7.1, §7.3).

The workbook is untrusted: a small file can unpack to gigabytes, and a single cell at the far corner makes
the reader allocate the whole rectangle. Both are measured before the reader opens it.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook

from intake.register.columns import Cell, find_layout
from intake.register.table import Table, TableError

BASIC: Final = "发票基础信息"  # one row an invoice
LINES: Final = "信息汇总表"  # one row a line item
UNPACKED: Final = 768 * 1024 * 1024  # of all parts together; an export of 100,000 invoices has about 130 MB
RECTANGLE: Final = 40_000_000  # cells of the used range of a sheet
CHUNK: Final = 1 << 20
CELL: Final = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")


def read_xlsx(data: bytes) -> Table:
    """The register table of a workbook: 发票基础信息, else 信息汇总表, else the first sheet with such headings.

    The further sheets for special business are left aside. Raises TableError (not_xlsx, too_large, no_header).
    """
    _measure(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = [name for name in (BASIC, LINES) if name in book.sheet_names] or book.sheet_names
        tables = [table for table in (_table(book, name) for name in names) if table]
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise TableError("not_xlsx", str(error)) from error
    if not tables:
        raise TableError("no_header", "no sheet has a line with an invoice number and a date or an amount")
    return next((table for table in tables if table.rows), tables[0])


def _table(book: CalamineWorkbook, name: str) -> Table | None:
    sheet = book.get_sheet_by_name(name)
    rows: Sequence[Sequence[Cell]] = sheet.to_python(skip_empty_area=True)
    found = find_layout(rows)
    if found is None:
        return None
    index, layout = found
    above = sheet.start[0] if sheet.start else 0
    return Table(layout, rows[index + 1 :], above + index + 2)


def _measure(data: bytes) -> None:
    """Unpack every part in small pieces, counting; the sizes a ZIP states of itself may be lies."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
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

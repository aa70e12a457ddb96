"""The list as a file: every document that fits a filter with its invoices, as a workbook or as CSV.

A workbook gets names of strangers as text, a CSV guarded against formulas (:func:`intake.views.gap_files.guarded`).
Both are written row by row.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import IO, Final, TypeAlias

import sqlalchemy as sa
import xlsxwriter

from intake.clock import day_of
from intake.db import read
from intake.views import finding, listing
from intake.views.blind import hide_rows
from intake.views.filters import DocumentFilter, Order
from intake.views.gap_files import Say, guarded
from intake.views.rows import DocumentRow, InvoiceSummary

Cell: TypeAlias = str | Decimal

PART: Final = 500
SHEET: Final = 1_000_000  # rows that a worksheet holds below its heading
COLUMNS: Final = (
    "list.receipt", "list.name", "column.state", "list.received", "list.channel", "filter.who", "field.kind", "field.code",
    "field.number", "field.date", "field.total", "field.seller_name", "field.buyer_name", "filter.cause",
)  # fmt: skip


def lines(
    engine: sa.Engine, wanted: DocumentFilter, order: Order, held: frozenset[int], say: Say
) -> Iterator[tuple[Cell, ...]]:
    """One line for each invoice of each document, one for a document without; nothing read of the invoices `held` blind."""
    with read(engine) as conn:
        numbers = finding.every(conn, wanted, order)
        while part := list(islice(numbers, PART)):
            rows = {row.id: row for row in hide_rows(listing.rows_by_id(conn, part), held)}
            for number in part:
                if row := rows.get(number):
                    yield from (_cells(row, found, say) for found in row.invoices or (None,))


def csv_lines(engine: sa.Engine, wanted: DocumentFilter, order: Order, held: frozenset[int], say: Say) -> Iterator[str]:
    """CSV with a byte order mark, which Excel needs to see the Chinese."""
    place = io.StringIO()
    writer = csv.writer(place)
    place.write("\ufeff")
    writer.writerow([say(key) for key in COLUMNS])
    for cells in lines(engine, wanted, order, held, say):
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])
        yield place.getvalue()
        place.seek(0)
        place.truncate()
    yield place.getvalue()


def write_workbook(
    engine: sa.Engine, wanted: DocumentFilter, order: Order, held: frozenset[int], say: Say, place: IO[bytes]
) -> None:
    """An XLSX; what does not fit into one sheet goes on in the next."""
    book = xlsxwriter.Workbook(place, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    money, bold = book.add_format({"num_format": "#,##0.00"}), book.add_format({"bold": True})
    found = lines(engine, wanted, order, held, say)
    while True:
        sheet = book.add_worksheet()
        sheet.set_column(0, len(COLUMNS) - 1, 20)
        sheet.freeze_panes(1, 0)
        for column, key in enumerate(COLUMNS):
            sheet.write_string(0, column, say(key), bold)
        row = 0
        for row, cells in enumerate(islice(found, SHEET), 1):
            for column, value in enumerate(cells):
                if isinstance(value, Decimal):
                    sheet.write_number(row, column, value, money)
                else:
                    sheet.write_string(row, column, value)
        if row < SHEET:
            break
    book.close()


def _cells(row: DocumentRow, found: InvoiceSummary | None, say: Say) -> tuple[Cell, ...]:
    came = (
        row.receipt, row.name, say(f"state.{row.state.value}"), day_of(row.received_at).isoformat(),
        say(f"channel.{row.channel.value}"), row.submitter or "",
    )  # fmt: skip
    if found is None:
        return (*came, "", "", "", "", "", "", "", "")
    return (
        *came, say(f"kind.{found.kind.value}"), found.code, found.number, found.date.isoformat() if found.date else "",
        "" if found.total is None else found.total, found.seller_name, found.buyer_name,
        say(f"cause.{found.cause.value}") if found.cause else "",
    )  # fmt: skip

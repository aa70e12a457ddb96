"""The gap list as files: a workbook with its sums and every line of both lists, or one list as CSV.

Names on invoices are text of strangers: a workbook gets them as text, never as a formula, and a CSV, which a
spreadsheet program would run, with an apostrophe before whatever begins like a formula. Long numbers keep their digits.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import IO, Final, TypeAlias

import sqlalchemy as sa
import xlsxwriter

from intake.clock import day_of
from intake.views.gaps import GapFilter, GapLine, Gaps, PaperState, RowState, gap_papers, gap_rows, gaps

Say: TypeAlias = Callable[[str], str]
"""The words for a key of the translations."""

Lines: TypeAlias = Iterator[tuple[str, GapLine]]
"""Lines of a list, each with the name of its state."""

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
LONG: Final = 15  # digits from which a spreadsheet rounds a number
LISTED: Final = (RowState.MISSING, RowState.REVERSED, RowState.REFUSED, RowState.WAITING)
COLUMNS: Final = (
    "gaps.state", "field.kind", "field.code", "field.number", "field.date", "gaps.amount", "field.seller_name", "field.seller_tax_id",
    "field.buyer_name", "field.buyer_tax_id", "gaps.why", "gaps.received",
)  # fmt: skip


def write_workbook(engine: sa.Engine, wanted: GapFilter, say: Say, place: IO[bytes]) -> None:
    """An XLSX with three sheets: the sums, the rows without a paper on file, the papers without a row."""
    book = xlsxwriter.Workbook(place, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    money, bold = book.add_format({"num_format": "#,##0.00"}), book.add_format({"bold": True})
    found = gaps(engine, wanted)
    sheet = book.add_worksheet(say("gaps.sums"))
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 2, 18)
    for row, values in enumerate(_sums(found, wanted, say)):
        for column, value in enumerate(values):
            if isinstance(value, str):
                sheet.write_string(row, column, value, bold if row == 0 else None)
            else:
                sheet.write_number(row, column, value, money if isinstance(value, Decimal) else None)
    for name, lines in _lists(engine, wanted):
        sheet = book.add_worksheet(say(name))
        sheet.set_column(0, len(COLUMNS) - 1, 20)
        sheet.freeze_panes(1, 0)
        for column, key in enumerate(COLUMNS):
            sheet.write_string(0, column, say(key), bold)
        for row, (state, line) in enumerate(lines, 1):
            for column, value in enumerate(_cells(state, line, say)):
                if isinstance(value, Decimal):
                    sheet.write_number(row, column, value, money)
                else:
                    sheet.write_string(row, column, value)
    book.close()


def csv_lines(engine: sa.Engine, wanted: GapFilter, say: Say, *, papers: bool) -> Iterator[str]:
    """One of the two lists as CSV with a byte order mark, which Excel needs to see the Chinese."""
    place = io.StringIO()
    writer = csv.writer(place)
    place.write("\ufeff")
    writer.writerow([say(key) for key in COLUMNS])
    (_, rows), (_, others) = _lists(engine, wanted)
    for state, line in others if papers else rows:
        writer.writerow([guarded(value) if isinstance(value, str) else value for value in _cells(state, line, say)])
        yield place.getvalue()
        place.seek(0)
        place.truncate()
    yield place.getvalue()


def guarded(text: str) -> str:
    """Text that no spreadsheet program takes for a formula, and long digits that none rounds (a tab before them)."""
    if text.isascii() and text.isdigit():
        return f"\t{text}" if len(text) > LONG or text.startswith("0") else text
    return f"'{text}" if text.startswith(FORMULA) else text


def _lists(engine: sa.Engine, wanted: GapFilter) -> tuple[tuple[str, Lines], tuple[str, Lines]]:
    rows = ((f"row.{state.value}", line) for state in LISTED for line in gap_rows(engine, wanted, state, None))
    papers = (
        (f"paper.{state.value}", line)
        for state in (PaperState.UNKNOWN, PaperState.KEYED)
        for line in gap_papers(engine, wanted, state, page=None)
    )
    return ("gaps.rows", rows), ("gaps.papers", papers)


def _sums(found: Gaps, wanted: GapFilter, say: Say) -> Iterable[tuple[str | int | Decimal, ...]]:
    yield f"{say('gaps.title')} {wanted.month:%Y-%m}", say("gaps.count"), say("gaps.amount")
    for name, line in found.lines:
        yield say(f"gaps.{name}"), line.count, line.total
    for cause, line in found.causes.items():
        yield f"{say('gaps.paper.unknown')}: {say(f'cause.{cause.value}')}", line.count, line.total


def _cells(state: str, line: GapLine, say: Say) -> tuple[str | Decimal, ...]:
    why = f"cause.{line.cause.value}" if line.cause else f"register_status.{line.status.value}" if line.status else ""
    return (
        say(f"gaps.{state}"), say(f"kind.{line.kind.value}"), line.code, line.number, line.date.isoformat() if line.date else "",
        "" if line.amount is None else line.amount, line.seller_name, line.seller_tax_id, line.buyer_name,
        line.buyer_tax_id, say(why) if why else "", day_of(line.received_at).isoformat() if line.received_at else "",
    )  # fmt: skip

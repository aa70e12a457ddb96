"""The lines of an invoice, from the columns under their headers (domain.md §1.2, §4.5, §5.2, §5.3).

A line begins where an amount stands; a name that wraps has further lines of its own column only. The columns have
no rules between them, and numbers stand right-aligned, so a piece belongs to the column whose header is nearest by
its own alignment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from ocr.layout import Line, Sheet, Span, cut, joined, spaced
from ocr.types import LineItem

HEADERS: Final = (
    ("name", r"(?:货物或应税劳务[、,]?(?:服务)?名称|项目名称|服务名称)"),
    ("specification", r"规格型号|车牌号|建筑服务发生地"),
    ("unit", r"单位|类型|建筑项目名称"),
    ("quantity", r"数量|通行日期起"),
    ("price", r"单价|通行日期止"),
    ("amount", r"金额"),
    ("rate", r"税率(?:/征收率)?|征收率"),
    ("tax", r"税额"),
)
_MONEY: Final = re.compile(r"[-−]?\d[\d,]*\.\d{1,2}|\*{1,3}")
_NUMBER: Final = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?|\*{1,3}")
_RATE: Final = re.compile(r"\d{1,2}(?:\.\d+)?%|免税|不征税|出口零税率")
_EDGE: Final = 0.64  # of the way from one header's centre to the next begins the column of words
_SUMS: Final = r"[¥￥Ұ]\s?[-−]?\d"
_END: Final = rf"(?<![税])合\s*计|小\s*计|{spaced('价税合计')}|{spaced('出行人')}|{spaced('详见销货清单')}"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: what it holds, and where its header stands."""

    name: str
    x0: float
    x1: float

    @property
    def cx(self) -> float:
        """Centre of the header."""
        return (self.x0 + self.x1) / 2


def read_items(sheet: Sheet) -> tuple[LineItem, ...]:
    """The lines between the headers and the row of sums; empty when the headers were not read."""
    heads = _headers(sheet)
    if heads is None:
        return ()
    columns, at = heads
    end_hit = sheet.first(_END, below=at + 0.5 * sheet.row)
    end = end_hit.line.cy - 0.4 * sheet.row if end_hit is not None else 9e9
    items: list[LineItem] = []
    for line in sheet.lines:
        if not at + 0.5 * sheet.row < line.cy < end:
            continue
        if re.search(_SUMS, line.text):
            break
        cells = _cells(line, columns)
        if _begins(cells, items):
            items.append(LineItem(**cells))
        elif items:
            items[-1] = _continued(items[-1], cells)
    return tuple(item for item in items if item.amount or item.name)


def _headers(sheet: Sheet) -> tuple[list[Column], float] | None:
    for line in sheet.lines:
        compact = re.sub(r"\s", "", line.text)
        if not ("金额" in compact and "税额" in compact and ("名称" in compact or "数量" in compact)):
            continue
        columns: list[Column] = []
        for name, pattern in HEADERS:
            spaced_pattern = "|".join(_loosen(part) for part in pattern.split("|"))
            match = re.search(spaced_pattern, line.text)
            span = line.span(*match.span()) if match else None
            if span is not None:
                columns.append(Column(name, span.x0, span.x1))
        columns.sort(key=lambda column: column.cx)
        return columns, line.cy
    return None


def _loosen(pattern: str) -> str:
    """Lets blanks stand between the Chinese characters of a pattern."""
    return re.sub(r"(?<=[\u4e00-\u9fff])(?=[\u4e00-\u9fff])", r"\\s*", pattern)


def _cells(line: Line, columns: list[Column]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for piece in _pieces(line):
        name = _column_of(piece, columns, 1.5 * line.height)
        if name is not None:
            joint = " " if piece.text[:1].isascii() and cells.get(name, "中")[-1:].isascii() else ""
            cells[name] = f"{cells[name]}{joint}{piece.text}" if name in cells else piece.text
    return cells


def _pieces(line: Line) -> list[Span]:
    """The pieces of a line: words as they were given, and those that touch, together; numbers apart."""
    pieces: list[Span] = []
    for match in re.finditer(r"\S+", line.text):
        span = line.span(*match.span())
        if span is None:
            continue
        before = pieces[-1] if pieces else None
        inside = match.start() > 0 and line.chars[match.start() - 1] is not None  # a blank within one word
        if before is not None and inside and not _NUMBER.fullmatch(before.text):
            pieces[-1] = cut(joined([before, span]), f"{before.text} {span.text}")
        elif (
            before is not None
            and span.x0 - before.x1 <= 0.5 * line.height
            and not _NUMBER.fullmatch(span.text)
            and not _NUMBER.fullmatch(before.text)
        ):
            pieces[-1] = joined([before, span])
        else:
            pieces.append(span)
    return pieces


def _column_of(span: Span, columns: list[Column], slack: float) -> str | None:
    """Rates are told by what they are, numbers end at or right of the end of their header, words begin in their
    column, whose left edge lies about two thirds of the way between two headers.
    """
    held = {column.name for column in columns}
    if _RATE.fullmatch(span.text):
        return "rate" if "rate" in held else None
    if _NUMBER.fullmatch(span.text):
        ended = [column for column in columns if column.x1 - slack <= span.x1 and column.name not in {"name", "rate"}]
        if ended and ended[-1].name not in {"specification", "unit"}:
            return ended[-1].name
    begun = columns[0]
    for before, column in pairwise(columns):
        if span.x0 >= before.cx + _EDGE * (column.cx - before.cx):
            begun = column
    return begun.name


def _begins(cells: dict[str, str], items: list[LineItem]) -> bool:
    """Whether a row begins an item: it has an amount, or a name in stars where the item before is complete."""
    amount = cells.get("amount", "")
    if _MONEY.fullmatch(amount.replace("¥", "").replace(" ", "")):
        return True
    return cells.get("name", "").startswith("*") and (not items or bool(items[-1].amount))


def _continued(item: LineItem, cells: dict[str, str]) -> LineItem:
    changed = {}
    for name, text in cells.items():
        before = getattr(item, name)
        if name in {"name", "specification", "unit"}:
            changed[name] = before + text
        elif not before:
            changed[name] = text
    return replace(item, **changed)

"""The columns of a table of lines: where their headers stand, and what of a row belongs to which (domain.md §5.2, §5.3).

Words alone do not show the rules between the columns, and numbers stand right-aligned, so a piece belongs to the
column whose header is nearest by its own alignment; a word that was read across two columns is cut between them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from ocr.layout import Line, Sheet, Span, cut, joined

HEADERS: Final = (
    ("serial", r"序号"),
    ("name", r"(?:货物或应税劳务[、,]?(?:服务)?名称|货物\(?劳务\)?名称|项目名称|服务名称)"),
    ("specification", r"规格型号|车牌号|建筑服务发生地|产权证书(?:/不动产权证号)?|不动产权证号?"),
    ("unit", r"(?:面积)?单位|类型|建筑项目名称"),
    ("quantity", r"数量|通行日期起"),
    ("price", r"单价|通行日期止"),
    ("amount", r"金额"),
    ("rate", r"税率(?:/征收率)?|征收率"),
    ("tax", r"税额"),
)
NUMBER: Final = re.compile(r"[-−]?\d[\d,]*(?:\.\d+)?|\*{1,3}")
MONEY: Final = re.compile(r"[-−]?\d[\d,]*\.\d{1,2}|\*{1,3}")
_RATE: Final = re.compile(r"\d{1,2}(?:\.\d+)?%|免税|不征税|出口零税率")
_RATE_JOINED: Final = re.compile(rf"([-−]?\d[\d,]*\.\d\d)({_RATE.pattern})")
_FIGURES: Final = frozenset({"quantity", "price", "amount", "tax"})
_WALL: Final = 0.64  # of the way from one header's centre to the next stands the rule between them
_SLACK: Final = 0.008  # page widths by which words may begin left of their header
_WORDED: Final = frozenset({"specification", "unit"})
_LOOSE: Final = 1.3  # heights from a wall within which a word read across it may be cut
_CHANGE: Final = 0.6  # heights that a change of script is worth there
_EDGE: Final = 0.61  # of the way from one header's centre to the next begins the column of words


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: what it holds, and where its header stands."""

    name: str
    x0: float
    x1: float
    wide: bool = False  # 税率/征收率: the form without rules

    @property
    def cx(self) -> float:
        """Centre of the header."""
        return (self.x0 + self.x1) / 2


def find_headers(sheet: Sheet) -> tuple[list[Column], Line] | None:
    """The columns from left to right and the line of their headers; None when there is no such line."""
    for line in sheet.lines:
        text = line.text.replace("稅", "税")  # a recogniser's other form of the character
        compact = re.sub(r"\s", "", text)
        if not ("金额" in compact and "税额" in compact and ("名称" in compact or "数量" in compact)):
            continue
        columns: list[Column] = []
        for name, pattern in HEADERS:
            spaced_pattern = "|".join(_loosen(part) for part in pattern.split("|"))
            match = re.search(spaced_pattern, text)
            span = line.span(*match.span()) if match else None
            if span is not None:
                columns.append(Column(name, span.x0, span.x1, "征收率" in span.text and "税率" in span.text))
        columns.sort(key=lambda column: column.cx)
        return columns, line
    return None


def _loosen(pattern: str) -> str:
    """Lets blanks stand between the Chinese characters of a pattern."""
    return re.sub(r"(?<=[\u4e00-\u9fff])(?=[\u4e00-\u9fff])", r"\\s*", pattern)


def cells_of(line: Line, columns: list[Column]) -> dict[str, str]:
    """The cells of a row by the name of their column; print beside the form is left out."""
    cells: dict[str, str] = {}
    left = _left_of(columns)
    for piece in _pieces(line, columns):
        name = _column_of(piece, columns, 1.5 * line.height)
        if name is None or piece.x1 < left:  # what stands beside the form
            continue
        put(cells, name, piece.text)
    return cells


def put(cells: dict[str, str], name: str, text: str) -> None:
    """Adds a piece to the cell of its column; among figures only figures, and one of them."""
    if name in _FIGURES:
        joined_rate = _RATE_JOINED.fullmatch(text)
        if joined_rate is not None and name == "amount":
            cells["amount"], cells["rate"] = joined_rate.groups()
        elif name not in cells and re.search(r"[\d*]", text):
            money = MONEY.match(text)  # a mark of the paper beside it may have been read with it
            cells[name] = money[0] if money is not None and name in {"amount", "tax"} else text
        return
    before = cells.get(name, "")
    joint = " " if before and before[-1].isascii() and text[:1].isascii() else ""
    cells[name] = before + joint + text


def _left_of(columns: list[Column]) -> float:
    """Where the table begins: the first header stands in the middle of its column."""
    if len(columns) < 2 or columns[0].name != "name":
        return -1.0
    first, second = columns[:2]
    return first.cx - _EDGE * (second.cx - first.cx)


def _pieces(line: Line, columns: list[Column]) -> list[Span]:
    """The pieces of a line: words as they were given, and those of one column that touch, together; numbers apart."""
    pieces: list[Span] = []
    walls = _walls(columns)
    for start, end, least in _cut_at(line, walls):
        span = line.span(start, end)
        if span is None:
            continue
        span = replace(span, x0=max(span.x0, least))
        before = pieces[-1] if pieces else None
        # a blank within one word
        inside = start > 0 and line.text[start - 1] == " " and line.chars[start - 1] is not None
        if before is not None and inside and not NUMBER.fullmatch(before.text):
            pieces[-1] = cut(joined([before, span]), f"{before.text} {span.text}")
        elif (
            before is not None
            and span.x0 - before.x1 <= 0.5 * line.height
            and not NUMBER.fullmatch(span.text)
            and not NUMBER.fullmatch(before.text)
            and _begun(span.x0, columns) is _begun(before.x0, columns)
        ):
            pieces[-1] = joined([before, span])
        else:
            pieces.append(span)
    return pieces


def _walls(columns: list[Column]) -> list[float]:
    """Where the columns of words begin: with their header on the form without rules, whose names fill their column; a
    little farther left where headers stand in the middle.
    """
    worded = [column for column in columns if column.name == "name" or column.name in _WORDED]
    ruled = _ruled(columns)
    return [
        before.cx + _WALL * (column.cx - before.cx) if ruled else column.x0
        for before, column in pairwise(worded)
        if column.x0 > before.x1
    ]


def _cut_at(line: Line, walls: list[float]) -> list[tuple[int, int, float]]:
    """The words of a line from where to where; one that was read across a wall is cut there, best where the script
    changes, and its rest begins at the wall at the least.
    """
    parts: list[tuple[int, int, float]] = []
    for match in re.finditer(r"\S+", line.text):
        start, end = match.span()
        least = -9e9
        for wall in walls:
            places = [index for index in range(start + 1, end) if _reaches(line, start, index, end, wall)]
            if not places or NUMBER.fullmatch(line.text[start:end]):
                continue
            at = min(places, key=lambda index: _distance(line, index, wall))
            parts.append((start, at, least))
            start, least = at, wall
        parts.append((start, end, least))
    return parts


def _reaches(line: Line, start: int, index: int, end: int, wall: float) -> bool:
    """Whether a wall stands near the beginning of a character of a word that lies on both sides of it."""
    first, last = line.at(start), line.at(end - 1)
    if first is None or last is None or not first < wall < last:
        return False
    return abs(_begin(line, index) - wall) <= _LOOSE * line.height


def _distance(line: Line, index: int, wall: float) -> float:
    """How far a character begins from a wall, in heights; a change of script counts as nearer."""
    changes = line.text[index - 1].isascii() != line.text[index].isascii()
    return abs(_begin(line, index) - wall) / line.height - (_CHANGE if changes else 0.0)


def _begin(line: Line, index: int) -> float:
    """Where a character begins."""
    char = line.chars[index]
    if char is None:
        return -9e9
    run = line.runs[char.run]
    return run.x0 + (run.x1 - run.x0) * char.first


def _column_of(span: Span, columns: list[Column], slack: float) -> str | None:
    """Rates are told by what they are and stand right of the amounts (99.9% is a specification as well), numbers end
    at or right of the end of their header, words begin in their column, whose left edge lies about two thirds of the
    way between two headers.
    """
    held = {column.name: column for column in columns}
    if _RATE.fullmatch(span.text) and ("amount" not in held or span.cx > held["amount"].cx):
        return "rate" if "rate" in held else None
    if NUMBER.fullmatch(span.text):
        ended = [column for column in columns if column.x1 - slack <= span.x1 and column.name not in {"name", "rate"}]
        if ended and ended[-1].name not in {"specification", "unit"}:
            return ended[-1].name
    return _begun(span.x0, columns).name


def _begun(x: float, columns: list[Column]) -> Column:
    """The column of words that begin at `x`; a serial number is no word."""
    worded = [column for column in columns if column.name != "serial"]
    begun = worded[0]
    ruled = _ruled(columns)
    for before, column in pairwise(worded):
        middle = before.cx + _EDGE * (column.cx - before.cx)
        wall = column.x0 - _SLACK if column.name in _WORDED and not ruled else middle
        if x >= min(wall, middle):
            begun = column
    return begun


def _ruled(columns: list[Column]) -> bool:
    """Whether rules part the columns, whose headers then stand in the middle of them."""
    return not any(column.wide for column in columns)

"""The ruled table of items in a PDF through pdfplumber: a second reading of an invoice's lines (domain.md §5.2, §5.3).

Words alone do not tell a name from the number of a plate that touches it; the rules between them do. pdfplumber sees
the rules, but takes about seven times as long for a page as pdfium does for its words: a PDF is read again only where
its lines do not add up to the printed sums, or leave cells empty. The tax-control form and the lists have a rule
between any two columns; the fully digital form has none, there the headers say where a column begins.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

import pdfplumber
from pdfminer.pdftypes import PDFStream, resolve1
from pdfminer.psexceptions import PSException
from pdfminer.psparser import literal_name
from pdfplumber.table import merge_edges
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from ocr import normalise
from ocr.kinds import columns, dispatch, items, vat
from ocr.laying import lay
from ocr.rules.amounts import parse_money
from ocr.types import Box, FieldName, Kind, LineItem, Receipt, Source, Word

MAX_PAGES: Final = 30  # of one invoice; about 50 ms each
MAX_CONTENT: Final = 300_000  # bytes that draw one page, at most some 3 s; an invoice's form takes 5,000 to 50,000
_TOLERANCE: Final = 1.5  # points between characters of one word, and between pieces of one rule
_ROW: Final = 0.5  # of the height of a word by which words of one row may differ in height
_SHORT: Final = 3  # rows that a rule goes down at least, where no row of sums ends the lines
_FRAME: Final = 12.0  # points that frames of neighbouring cells may stand apart
_NEXT_FIGURES: Final = 0.6  # of the way from the end of a header to the next begins a column of figures
_BROKEN: Final = (
    PdfminerException, MalformedPDFException, PSException, ArithmeticError, AssertionError, AttributeError,
    LookupError, NotImplementedError, RecursionError, TypeError, ValueError,
)  # fmt: skip # what pdfminer raises for the many ways in which a file can be damaged

_Thing = dict[str, Any]  # pdfplumber's word, character or edge


@dataclass(frozen=True, slots=True)
class Leaf:
    """What pdfplumber gives of one page: its box (left, top, right, bottom), level words, upright edges; in points."""

    box: tuple[float, float, float, float]
    words: tuple[_Thing, ...]
    edges: tuple[_Thing, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of the table from edge to edge, in points across."""

    name: str
    x0: float
    x1: float


@dataclass(frozen=True, slots=True)
class Table:
    """The part of a page that holds the lines, in points down, and its columns from left to right."""

    top: float
    bottom: float
    cells: tuple[Cell, ...]
    toll: bool


def completed(receipt: Receipt, data: bytes) -> Receipt:
    """The receipt with the lines of its tables, where these fit its sums better or fill more cells.

    `data` is a PDF whose pages `receipt.pages` carry their text. A page that pdfplumber cannot read has no lines.
    """
    faults = _faults(receipt, receipt.lines)
    if receipt.kind not in dispatch.FORMS or not any(faults) or not receipt.values or len(receipt.pages) > MAX_PAGES:
        return receipt
    lines = read_lines(data, receipt.pages)
    return replace(receipt, lines=lines) if lines and _faults(receipt, lines) < faults else receipt


def read_lines(data: bytes, pages: Sequence[int]) -> tuple[LineItem, ...]:
    """The lines on these pages (from 0), in order; empty when there is no table or the file cannot be read."""
    try:
        with pdfplumber.open(io.BytesIO(data), pages=[page + 1 for page in pages]) as opened:
            leaves = [_leaf(page) for page in opened.pages]
    except _BROKEN:
        return ()
    return tuple(line for leaf in leaves for line in _of_page(leaf))


def _leaf(page: Any) -> Leaf:
    if _content(page.page_obj) > MAX_CONTENT:
        return Leaf(page.bbox, (), ())
    words = page.extract_words(  # in the order of drawing, since figures may overlap
        x_tolerance=_TOLERANCE, y_tolerance=_TOLERANCE, keep_blank_chars=True, use_text_flow=True, return_chars=True
    )
    # a word drawn twice for boldness is one
    level = {(word["text"], round(word["x0"]), round(word["top"])): word for word in words if word["upright"]}
    return Leaf(
        page.bbox,
        tuple(level.values()),
        tuple(edge for edge in page.edges if edge["orientation"] == "v"),
    )


def _content(page: Any) -> int:
    """Bytes of all that draws a page: its own streams and the forms it may call."""
    called = resolve1((resolve1(page.resources) or {}).get("XObject")) or {}
    streams = [resolve1(stream) for stream in (*page.contents, *called.values())]
    return sum(
        len(stream.get_data())
        for stream in streams
        if isinstance(stream, PDFStream) and literal_name(stream.get("Subtype", "")) != "Image"
    )


def _faults(receipt: Receipt, lines: Sequence[LineItem]) -> tuple[int, int, int]:
    """What speaks against a reading: the net is off, the tax is off, and the number of cells that miss their text."""
    return (
        int(_off(receipt, FieldName.NET, [line.amount for line in lines])),
        int(_off(receipt, FieldName.TAX, [line.tax for line in lines])),
        sum(_gaps(line, receipt.kind) for line in lines),
    )


def _off(receipt: Receipt, name: FieldName, texts: Iterable[str]) -> bool:
    """Whether the parts add up to none of the stated sums; a sum of no parts is off, one that is not stated is not."""
    stated = {value.value for value in receipt.values if value.name is name}
    total = sum((parse_money(text) or Decimal(0) for text in texts), Decimal(0))
    return bool(stated) and all(Decimal(text) != total for text in stated)


def _gaps(line: LineItem, kind: Kind) -> int:
    """Cells that should hold something: a name; quantity and price both or neither; on the ruled form a
    specification where there is a unit; all parts of a journey.
    """
    gaps = int(not line.name) + int(bool(line.quantity) != bool(line.price))
    if kind is Kind.VAT_E_TOLL:
        return gaps + max(0, 3 - len(line.specification.split()))
    ruled = kind in vat.KINDS
    return gaps + int(ruled and bool(line.unit) and not line.specification)


def _of_page(leaf: Leaf) -> tuple[LineItem, ...]:
    table = _find(leaf)
    if table is None:
        return ()
    rows: list[dict[str, str]] = []
    for row in _rows(word for word in leaf.words if table.top < _middle(word) < table.bottom):
        text = normalise.text("  ".join(word["text"] for word in row))
        if items.is_sum_of_page(text):
            continue
        if items.SUMS.search(text):
            break
        rows.append(_cells_of(row, table.cells))
    return items.assemble(rows, toll=table.toll)


def _find(leaf: Leaf) -> Table | None:
    """Where the lines stand, by the headers and the row of sums; None when there are no headers."""
    left, top, right, bottom = leaf.box
    width, height = right - left, bottom - top

    def box(char: _Thing) -> Box:
        return Box(
            (char["x0"] - left) / width,
            (char["top"] - top) / height,
            (char["x1"] - left) / width,
            (char["bottom"] - top) / height,
        )

    # character by character: blanks may join the headers to one word
    chars = [char for word in leaf.words for char in word["chars"] if not char["text"].isspace()]
    sheet = lay([Word(char["text"], box(char), 1.0, Source.PDF_TEXT) for char in chars], height / width)
    heads = columns.find_headers(sheet)
    if heads is None:
        return None
    heads_read, head = heads
    sums = sheet.first(items.END, below=head.cy + 0.5 * sheet.row)
    begin = top + width * (head.cy + 0.5 * sheet.row)
    end = top + width * (sums.line.cy - 0.4 * sheet.row) if sums is not None else bottom
    named = [Cell(column.name, left + width * column.x0, left + width * column.x1) for column in heads_read]
    down = end - 0.2 * (end - begin) if sums is not None else begin + _SHORT * width * sheet.row
    rules = _rules(leaf.edges, begin, down)
    return Table(
        begin, end, _between(rules, named) or _by_headers(rules, named), items.TOLL.search(head.text) is not None
    )


def _rules(edges: Iterable[_Thing], begin: float, down: float) -> list[float]:
    """The vertical rules from the headers at least as far `down`, from left to right."""
    upright = [edge for edge in edges if edge["bottom"] >= begin - 1]
    whole = merge_edges(upright, _TOLERANCE, _TOLERANCE, _TOLERANCE, _TOLERANCE)
    return sorted({edge["x0"] for edge in whole if edge["top"] <= begin and edge["bottom"] >= down})


def _between(rules: Sequence[float], heads: Sequence[Cell]) -> tuple[Cell, ...] | None:
    """The columns from rule to rule, each with its header; None when a rule is missing."""
    cells = []
    for head in heads:
        middle = (head.x0 + head.x1) / 2
        around = next(((a, b) for a, b in pairwise(rules) if a < middle < b), None)
        if around is None:
            return None
        cells.append(Cell(head.name, *around))
    return _closed(cells) if len({cell.x0 for cell in cells}) == len(cells) else None


def _closed(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells with the gaps between their frames shared out, for files that draw a frame within each cell; whole
    columns between two cells stay out.
    """
    gaps = [max(0.0, b.x0 - a.x1) for a, b in pairwise(cells)]
    halves = [gap / 2 if gap <= _FRAME else 0.0 for gap in gaps]
    outer = max(halves, default=0.0)
    return tuple(
        Cell(cell.name, cell.x0 - before, cell.x1 + after)
        for cell, before, after in zip(cells, [outer, *halves], [*halves, outer], strict=True)
    )


def _by_headers(rules: Sequence[float], heads: Sequence[Cell]) -> tuple[Cell, ...]:
    """The columns of a form without rules between them: words begin below their header's beginning, figures end
    behind its end.
    """
    walls = [rules[0] if rules else 0.0]
    for before, head in pairwise(heads):
        worded = head.name in {"specification", "unit"}
        gap = head.x0 - before.x1
        walls.append(head.x0 - _TOLERANCE if worded else before.x1 + _NEXT_FIGURES * gap)
    walls.append(rules[-1] if len(rules) > 1 else heads[-1].x1 + 10 * _TOLERANCE)
    return tuple(Cell(head.name, a, b) for head, (a, b) in zip(heads, pairwise(walls), strict=True))


def _middle(word: _Thing) -> float:
    return float(word["top"] + word["bottom"]) / 2


def _rows(words: Iterable[_Thing]) -> list[list[_Thing]]:
    """Words side by side, from left to right; rows from top to bottom."""
    rows: list[list[_Thing]] = []
    for word in sorted(words, key=_middle):
        if rows and _middle(word) - _middle(rows[-1][0]) <= _ROW * (word["bottom"] - word["top"]):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda word: float(word["x0"])) for row in rows]


def _cells_of(row: Iterable[_Thing], cells: Sequence[Cell]) -> dict[str, str]:
    held: dict[str, str] = {}
    for word in row:
        for name, text in _parts(word, cells):
            said = normalise.text(text).strip()
            if said:
                columns.put(held, name, said)
    return held


def _parts(word: _Thing, cells: Sequence[Cell]) -> list[tuple[str, str]]:
    """A word by the columns it lies in. A figure is one piece and keeps to the right edge of its column; other words
    that two cells share are parted at the edge.
    """
    if columns.NUMBER.fullmatch(normalise.text(word["text"]).strip()):
        ends = float(word["x1"]) - _TOLERANCE
        return [(cell.name, word["text"]) for cell in cells if cell.x0 < ends <= cell.x1]
    parts: list[tuple[str, str]] = []
    for char in word["chars"]:
        centre = (char["x0"] + char["x1"]) / 2
        name = next((cell.name for cell in cells if cell.x0 <= centre < cell.x1), None)
        if name is not None and parts and parts[-1][0] == name:
            parts[-1] = (name, parts[-1][1] + char["text"])
        elif name is not None:
            parts.append((name, char["text"]))
    return parts

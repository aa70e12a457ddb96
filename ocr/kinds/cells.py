"""Forms that are tables of labels and values (vehicles, machine-printed sheets): which value belongs to which label.

A label may be broken into two or three lines, joined with its value by the recogniser, or stand a little higher or
lower than what a needle printer set beside it. So all labels of a form are sought at once, whatever is left is cut at
them and at the gaps between columns, and every piece goes to the label on its left whose row it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ocr.kinds.found import Found
from ocr.layout import Line, Sheet, Span, joined
from ocr.types import FieldName

_ROW = 1.75  # rows of text by which a value may stand above or below its label
_NEAR = 0.8  # rows by which labels of one table row may differ in height
_FILLER = ""  # role of what is printed in a cell but labels nothing


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the form, its lines together; places in page widths."""

    role: str
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def cy(self) -> float:
        """Centre down."""
        return (self.y0 + self.y1) / 2


@dataclass(frozen=True, slots=True)
class Table:
    """The labels of a form, the pieces that each owns (from top to bottom, left to right), and the unowned rest."""

    labels: tuple[Label, ...]
    owned: Mapping[Label, tuple[Span, ...]]
    rest: tuple[Span, ...]
    row: float  # height of an ordinary letter

    def of(self, *roles: str) -> Iterator[tuple[Label, tuple[Span, ...]]]:
        """The labels of these roles from the top, each with its pieces."""
        for label in self.labels:
            if label.role in roles:
                yield label, self.owned.get(label, ())

    def pieces(self, *roles: str) -> list[Span]:
        """All pieces of these roles."""
        return [span for _, spans in self.of(*roles) for span in spans]

    def beside(self, rows: float, *roles: str) -> list[Span]:
        """Pieces of these roles that stand no more than so many rows above or below their label."""
        return [
            span for label, spans in self.of(*roles) for span in spans if abs(span.cy - label.cy) <= rows * self.row
        ]

    def first(self, *roles: str) -> Label | None:
        """The topmost label of these roles."""
        return next((label for label, _ in self.of(*roles)), None)


def read_table(sheet: Sheet, roles: Mapping[str, str], absorbing: Mapping[str, str] = MappingProxyType({})) -> Table:
    """The table of a sheet. `roles` gives the pattern of each role's labels, the longest of what begins alike first; the
    role "" is for words that stand in a cell and label nothing, such as 小写. A label of a role in `absorbing` takes in
    one of the role it names that stands close below it: 购买方名称及 over 身份证号码 labels one cell.
    """
    pattern = re.compile("|".join(f"(?P<r{index}>{one})" for index, one in enumerate(roles.values())))
    names = tuple(roles)
    labels: list[Label] = []
    pieces: list[Span] = []
    for line in sheet.lines:
        start = 0
        for match in pattern.finditer(line.text):
            span = line.span(*match.span())
            if span is None:
                continue
            pieces += _columns(line, start, match.start())
            start = match.end()
            role = names[int((match.lastgroup or "r0")[1:])]
            if role != _FILLER:
                labels.append(Label(role, span.x0, span.y0, span.x1, span.y1))
        pieces += _columns(line, start, len(line.text))
    whole = tuple(sorted(_merged(labels, sheet.row, absorbing), key=lambda label: label.cy))
    owned: dict[Label, list[Span]] = {}
    rest: list[Span] = []
    for piece in pieces:
        owner = _owner(piece, whole, sheet.row)
        if owner is None:
            rest.append(piece)
        else:
            owned.setdefault(owner, []).append(piece)
    return Table(
        whole,
        {label: tuple(sorted(spans, key=lambda s: (s.cy, s.x0))) for label, spans in owned.items()},
        tuple(rest),
        sheet.row,
    )


def add_text(found: Found, name: FieldName, spans: Sequence[Span], *, trust: float = 1.0) -> bool:
    """Record pieces of one cell as one text: rows that begin below each other go together, other columns are left."""
    if not spans:
        return False
    first = spans[0]
    column = [span for span in spans if span is first or (span.x0 < first.x1 and span.x1 > first.x0)]
    return found.add(name, joined(column), trust=trust)


def _columns(line: Line, start: int, end: int) -> Iterator[Span]:
    """The pieces of a stretch of a line that stand in different columns; colons at their beginning left out."""
    for match in re.finditer(r"[^\s:;](?: ?\S)*", line.text[start:end]):
        span = line.span(start + match.start(), start + match.end())
        if span is not None:
            yield span


def _merged(labels: Sequence[Label], row: float, absorbing: Mapping[str, str]) -> list[Label]:
    """Labels whose lines stand below each other become one."""
    merged: list[Label] = []
    for label in sorted(labels, key=lambda one: (one.y0, one.x0)):
        for index, other in enumerate(merged):
            near = label.y0 - other.y1 < 0.35 * row and label.cy - other.cy > 0.3 * row
            alike = label.role in {other.role, absorbing.get(other.role)}
            if alike and near and label.x0 < other.x1 and label.x1 > other.x0:
                merged[index] = Label(
                    other.role, min(label.x0, other.x0), other.y0, max(label.x1, other.x1), max(label.y1, other.y1)
                )
                break
        else:
            merged.append(label)
    return merged


def _owner(piece: Span, labels: Sequence[Label], row: float) -> Label | None:
    """The label in whose cell a piece stands: nearest in height, of those in one row the nearest on the left."""
    left = [label for label in labels if label.x1 <= piece.x0 + 0.6 * row or label.x0 + row < piece.x0 < label.x1]
    gaps = {label: _apart(piece, label) for label in left}
    near = [label for label in left if gaps[label] <= _ROW * row]
    if not near:
        return None
    least = min(gaps[label] for label in near)
    same = [label for label in near if gaps[label] <= least + _NEAR * row]
    return max(same, key=lambda label: (label.x1, -gaps[label]))


def _apart(piece: Span, label: Label) -> float:
    """How far the piece stands above or below the label's own height."""
    return abs(piece.cy - label.cy)

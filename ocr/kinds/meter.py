"""What a taxi's meter printed, and beside which label (domain.md §1.2 taxi).

A form's labels and the meter's rows are two prints: the values may stand a fraction of a row or whole rows off. Values
that only one label can have (a day, a time, a way, a waiting time) tell by how much, and then the fare is known by its
label in whatever order the rows come. A fare that was not read is not taken from another row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final, Literal

from ocr.layout import Sheet, Span

What = Literal["day", "clock", "wait", "way", "money"]
MONEY: Final = re.compile(
    r"(?<![\d.])(?<!\d[:=])(?P<sign>[¥￥Ұ≥≤Y]?)\s?(?P<v>\d{1,4}\s?\.\s?\d{1,2})(?!\s?[\d:.]|\s?[kK][mM])\s?(?P<yuan>元?)"
)
_PATTERNS: Final[tuple[tuple[What, re.Pattern[str]], ...]] = (
    ("day", re.compile(r"(?<!\d)20\d\d\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}(?:\s*日)?(?!\d)")),
    ("wait", re.compile(r"(?<!\d)\d{1,2}\s?[:;.]\s?\d\d\s?[:;.]\s?\d\d(?!\d)")),
    ("clock", re.compile(r"(?<!\d)\d{1,2}\s?[:=]\s?\d\d(?![\d:=])")),
    ("way", re.compile(r"\d(?:[\d.]*)\s*[kK][mM]|\d\s*公里")),
    ("money", MONEY),
)
_COLUMN: Final = r"(?:^|(?<=\s))"
_LABELS: Final = {
    "day": re.compile(rf"{_COLUMN}(?:乘\s*车\s*)?日\s*期"),
    "on": re.compile(rf"{_COLUMN}上\s*车"),
    "off": re.compile(rf"{_COLUMN}下\s*车"),
    "way": re.compile(rf"{_COLUMN}(?:计\s*程\s*)?里\s*程"),
    "wait": re.compile(rf"{_COLUMN}(?:等\s*候|候\s*时|等\s*时)"),
    "total": re.compile(
        rf"{_COLUMN}(?:总\s*金\s*额|总\s*额|合\s*计\s*金\s*额|合\s*计|总\s*计|实\s*收\s*金\s*额|实\s*收|应\s*收\s*金\s*额|应\s*收)"
    ),
    "fare": re.compile(rf"{_COLUMN}(?:金\s*额|全\s*额|车\s*费|运\s*费|票\s*价|计\s*程\s*费)"),
}


@dataclass(frozen=True, slots=True)
class Value:
    """One printed value; `signed` says that a currency sign stands before it."""

    what: What
    span: Span
    text: str
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Fare:
    """The fare beside its label; `span` is None when its row holds none."""

    span: Span | None


def values(sheet: Sheet) -> list[Value]:
    """What the meter printed, from top to bottom."""
    found: list[Value] = []
    for line in sheet.lines:
        for what, pattern in _PATTERNS:
            matches = [(match, span) for match in pattern.finditer(line.text) if (span := line.span(*match.span()))]
            for match, span in matches:
                signed = what == "money" and bool(match["sign"])
                found.append(Value(what, span, match.group(), signed))
            if matches:
                break
    return found


def fare(sheet: Sheet, printed: Sequence[Value]) -> Fare | None:
    """The fare by its label; None when the labels do not tell in which row it stands."""
    labels = {role: hit.label for role, pattern in _LABELS.items() if (hit := sheet.first(pattern)) is not None}
    label = labels.get("total") or labels.get("fare")
    offsets = list(_offsets(labels, printed))
    heights = sorted(span.cy for span in labels.values())
    pitch = min((low - high for high, low in pairwise(heights) if low - high > 0.5 * sheet.row), default=0.0)
    if label is None or not offsets or not pitch:
        return None
    offset = median(offsets)
    if max(abs(one - offset) for one in offsets) > 0.5 * pitch:
        return None
    at = label.cy + offset
    near = [value.span for value in printed if value.what == "money" and abs(value.span.cy - at) <= 0.45 * pitch]
    return Fare(min(near, key=lambda span: abs(span.cy - at), default=None))


def _offsets(labels: dict[str, Span], printed: Sequence[Value]) -> Iterator[float]:
    """By how much values stand below the only labels that they can belong to."""
    clocks = [value.span for value in printed if value.what == "clock"]
    pairs: list[tuple[str, list[Span]]] = [
        ("day", [value.span for value in printed if value.what == "day"]),
        ("way", [value.span for value in printed if value.what == "way"]),
        ("wait", [value.span for value in printed if value.what == "wait"]),
    ]
    if len(clocks) == 2:
        pairs += [("on", clocks[:1]), ("off", clocks[1:])]
    for role, spans in pairs:
        if role in labels and len(spans) == 1:
            yield spans[0].cy - labels[role].cy

"""Data records → sightings: the one way in which XML, XBRL, custom tags and custom data of OFD become fields.

A record is read leaf by leaf by name, wherever the leaf stands, because producers nest the same names differently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ocr import markup
from ocr.document import StructuredSet
from ocr.markup import Element
from ocr.normalise import normalise, text
from ocr.types import FieldName, FieldValue, Kind, LineItem, Source

MAX_DEPTH = 16
MAX_LINES = 5000

Resolve = Callable[[Element], str]
"""What an element says: its own text, or that of the objects on the page which it points at."""


@dataclass(frozen=True, slots=True)
class Schema:
    """Names of one family of records, each as `markup.key` spells it: leaves that are fields, columns of a line,
    elements that hold one line, and elements to be passed over.
    """

    fields: Mapping[str, FieldName]
    columns: Mapping[str, str]
    lines: frozenset[str]
    ignored: frozenset[str] = frozenset()


class Collector:
    """Gathers the sightings of one invoice; the same value from a second record of the file is not told twice."""

    def __init__(self, source: Source, page: int = 0) -> None:
        """`source` and `page` (index) of what will be put in."""
        self.source = source
        self.page = page
        self.values: list[FieldValue] = []
        self.lines: tuple[LineItem, ...] = ()
        self.kind: Kind | None = None
        self.qr_texts: list[str] = []

    def put(self, name: FieldName, raw: str, confidence: float = 1.0, source: Source | None = None) -> None:
        """Add what a record says of a field; what cannot be that field (`***`, a lone `¥`, blanks) is left out."""
        value = normalise(name, raw) if raw else None
        if value is None or any(seen.name is name and seen.value == value for seen in self.values):
            return
        self.values.append(FieldValue(name, value, confidence, source or self.source, self.page, None, raw))

    def get(self, name: FieldName) -> str | None:
        """The first value of a field."""
        return next((seen.value for seen in self.values if seen.name is name), None)

    def put_lines(self, lines: tuple[LineItem, ...]) -> None:
        """Keep the lines of the best record that has any."""
        self.lines = self.lines or lines

    def put_qr(self, payload: str) -> None:
        """Keep a payload that is text; some producers store the picture in base64 instead."""
        if payload.count(",") >= 5 and len(payload) < 400 and payload not in self.qr_texts:
            self.qr_texts.append(payload)

    def result(self) -> StructuredSet | None:
        """The set, None when nothing of an invoice was found."""
        if not any(seen.name in {FieldName.NUMBER, FieldName.CODE} for seen in self.values) and len(self.values) < 3:
            return None
        return StructuredSet(tuple(self.values), self.lines, self.kind, tuple(self.qr_texts), self.page)


def own_text(element: Element) -> str:
    """The text of an element itself."""
    return markup.content(element)


def leaves(root: Element, schema: Schema, resolve: Resolve) -> Iterator[tuple[str, str]]:
    """(key, text) of every leaf outside the lines, in document order; the key of a leaf inside `a` is its own."""
    yield from _leaves(root, schema, resolve, 0)


def _leaves(element: Element, schema: Schema, resolve: Resolve, depth: int) -> Iterator[tuple[str, str]]:
    for child in markup.children(element):
        name = markup.key(markup.local(child))
        if name in schema.lines or name in schema.ignored or depth > MAX_DEPTH:
            continue
        if any(not _is_reference(inner) for inner in markup.children(child)):
            yield from _leaves(child, schema, resolve, depth + 1)
        else:
            yield name, resolve(child)


def _is_reference(element: Element) -> bool:
    return markup.key(markup.local(element)) in {"objectref", "objectdata"}


def fill(collector: Collector, root: Element, schema: Schema, resolve: Resolve, confidence: float = 1.0) -> None:
    """Put every known leaf and the lines of a record into the collector."""
    columns: dict[str, list[str]] = {}
    for name, said in leaves(root, schema, resolve):
        field = schema.fields.get(name)
        if field is not None:
            collector.put(field, said, confidence)
        elif name in schema.columns and said:
            columns.setdefault(schema.columns[name], []).append(said)
        elif name in {"graphcode", "qrcode"}:
            collector.put_qr(said)
    rows = [
        {
            schema.columns[key]: resolve(cell)
            for cell in markup.children(line)
            if (key := markup.key(markup.local(cell))) in schema.columns
        }
        for line in _lines(root, schema, 0)
    ]
    collector.put_lines(_items(rows) if rows else _items(_flat(columns)))


def _lines(element: Element, schema: Schema, depth: int) -> Iterator[Element]:
    for child in markup.children(element):
        if markup.key(markup.local(child)) in schema.lines:
            yield child
        elif depth < MAX_DEPTH:
            yield from _lines(child, schema, depth + 1)


def _flat(columns: Mapping[str, list[str]]) -> list[dict[str, str]]:
    """Rows from columns written one after another; a column that lacks a cell cannot be told apart and is left out."""
    count = len(columns.get("amount", []))
    whole = {name: cells for name, cells in columns.items() if len(cells) == count}
    return [{name: cells[row] for name, cells in whole.items()} for row in range(count)]


def _items(rows: list[dict[str, str]]) -> tuple[LineItem, ...]:
    items = (LineItem(**{name: text(said) for name, said in row.items()}) for row in rows[:MAX_LINES])
    return tuple(item for item in items if item != LineItem())

"""What the readers of the kinds hand back, and how a piece of text becomes a sighting."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ocr import normalise
from ocr.layout import Span
from ocr.types import FieldName, FieldValue, Kind, LineItem

BY_PLACE = 0.8  # a value found by its place or shape, without its label, is trusted less


@dataclass(slots=True)
class Found:
    """The sightings on one paper of one page, collected while it is read; `kind` may be refined on the way."""

    kind: Kind
    page: int = 0
    values: list[FieldValue] = field(default_factory=list)
    lines: tuple[LineItem, ...] = ()

    def add(self, name: FieldName, span: Span | None, text: str | None = None, *, trust: float = 1.0) -> bool:
        """Record `text` (or the text of the span) as seen at `span`; False when it cannot be such a field.

        The same value at the same place is recorded once.
        """
        if span is None:
            return False
        raw = span.text if text is None else text
        value = normalise.normalise(name, raw)
        if not value:
            return False
        if not any(old.name is name and old.value == value and old.box == span.box for old in self.values):
            sure = round(span.confidence * trust, 4)
            self.values.append(FieldValue(name, value, sure, span.source, self.page, span.box, raw))
        return True

    def stand_in(self, name: FieldName, twin: FieldName) -> None:
        """Let what was seen of `twin` stand for `name` where nothing was seen of that itself."""
        if not self.has(name):
            self.values += [replace(value, name=name) for value in self.values if value.name is twin]

    def has(self, name: FieldName) -> bool:
        """Whether a value was seen for a field."""
        return any(value.name is name for value in self.values)

    def first(self, name: FieldName) -> str | None:
        """The first value seen for a field."""
        return next((value.value for value in self.values if value.name is name), None)

"""One OFD page as a list of things drawn: characters, lines and pictures, in millimetres from the upper left corner
(GB/T 33190-2016, domain.md §6.1).
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ocr import markup
from ocr.markup import Element
from ocr.ofdpath import MAX_OBJECTS, numbers, polylines
from ocr.runs import Edges, collect, to_words
from ocr.types import Source, Word

Matrix = tuple[float, float, float, float, float, float]
"""a b c d e f: x' = a·x + c·y + e, y' = b·x + d·y + f."""

Colour = tuple[int, int, int]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
BLACK: Colour = (0, 0, 0)
A4: Edges = (0.0, 0.0, 210.0, 297.0)
MAX_NESTING = 32
LINE_WIDTH = 0.353  # the standard's default, in mm
ASCENT, DESCENT = 0.88, 0.14  # of the font size, above and below the baseline


class Glyph(NamedTuple):
    """A character on its baseline; `size` in mm, `angle` in degrees clockwise."""

    char: str
    x: float
    y: float
    size: float
    advance: float
    angle: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Path:
    """Polylines, to be filled or stroked or both; `width` in mm."""

    lines: tuple[tuple[tuple[float, float], ...], ...]
    width: float
    stroke: Colour | None
    fill: Colour | None


@dataclass(frozen=True, slots=True)
class Picture:
    """An image resource laid over the unit square under `matrix`."""

    resource: str
    matrix: Matrix


@dataclass(slots=True)
class Resources:
    """What pages refer to by number: image files, groups of objects, drawing parameters."""

    images: dict[str, str] = field(default_factory=dict)
    units: dict[str, Element] = field(default_factory=dict)
    params: dict[str, Element] = field(default_factory=dict)

    def copy(self) -> Resources:
        """Another set to which a page may add its own."""
        return Resources(dict(self.images), dict(self.units), dict(self.params))


@dataclass(slots=True)
class Sheet:
    """What is drawn on a page, back to front, and the text of each text object by its number."""

    things: list[Glyph | Path | Picture] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def words(self, box: Edges) -> tuple[Word, ...]:
        """The words inside the page box (x, y, width, height in mm)."""
        left, top, width, height = box
        characters = (
            (thing.char, _cell(thing, left, top), round(-thing.angle / 90) % 4)
            for thing in self.things
            if isinstance(thing, Glyph) and not thing.char.isspace()
        )
        inside = (
            (char, edges, quarter)
            for char, edges, quarter in characters
            if edges[2] > 0 and edges[3] > 0 and edges[0] < width and edges[1] < height
        )
        return to_words(collect(inside), width, height, Source.OFD_TEXT)


def _cell(glyph: Glyph, left: float, top: float) -> Edges:
    """The upright cell of a character; for turned writing the square around its foot."""
    x, y = glyph.x - left, glyph.y - top
    if round(glyph.angle / 90) % 4:
        return x - glyph.size / 2, y - glyph.size / 2, x + glyph.size / 2, y + glyph.size / 2
    return x, y - ASCENT * glyph.size, x + glyph.advance, y + DESCENT * glyph.size


def box(said: str | None) -> Edges | None:
    """x, y, width and height of a box with an area."""
    found = numbers(said, 4)
    return (found[0], found[1], found[2], found[3]) if found and found[2] > 0 and found[3] > 0 else None


def compose(outer: Matrix, inner: Matrix) -> Matrix:
    """First `inner`, then `outer`."""
    a, b, c, d, e, f = outer
    p, q, r, s, t, u = inner
    return (a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f)


def draw(sheet: Sheet, layers: Iterator[Element], resources: Resources, matrix: Matrix = IDENTITY) -> None:
    """Add the objects inside some layers (or an annotation's appearance) to a sheet."""
    for layer in layers:
        _walk(sheet, layer, resources, matrix, 0)


def _walk(sheet: Sheet, parent: Element, resources: Resources, matrix: Matrix, depth: int) -> None:
    for element in markup.children(parent):
        name = markup.local(element)
        if len(sheet.things) > MAX_OBJECTS or depth > MAX_NESTING:
            return
        if name == "TextObject":
            _text(sheet, element, resources, compose(matrix, _transform(element)))
        elif name == "PathObject":
            _path(sheet, element, resources, compose(matrix, _transform(element)))
        elif name == "ImageObject":
            resource = resources.images.get((element.get("ResourceID") or "").strip())
            if resource is not None:
                sheet.things.append(Picture(resource, compose(matrix, _transform(element))))
        elif name == "PageBlock":
            _walk(sheet, element, resources, matrix, depth + 1)
        elif name == "CompositeObject":
            unit = resources.units.get((element.get("ResourceID") or "").strip())
            inner = markup.child(unit, "Content")
            if inner is not None:
                _walk(sheet, inner, resources, compose(matrix, _transform(element)), depth + 1)


def _transform(element: Element) -> Matrix:
    """From the object's own space to its parent's: its CTM, then to the corner of its boundary."""
    corner = numbers(element.get("Boundary"), 2) or (0.0, 0.0)
    a, b, c, d, e, f = (numbers(element.get("CTM"), 6) or IDENTITY)[:6]
    return (a, b, c, d, e + corner[0], f + corner[1])


def _text(sheet: Sheet, element: Element, resources: Resources, matrix: Matrix) -> None:
    a, b, c, d, e, f = matrix
    size = (numbers(element.get("Size"), 1) or (3.175,))[0]
    stretch = (numbers(element.get("HScale"), 1) or (1.0,))[0]
    scale = math.sqrt(abs(a * d - b * c)) or 1.0
    angle = math.degrees(math.atan2(b, a)) if (a, b) != (0.0, 0.0) else 0.0
    colour = _colour(element, "FillColor", resources) or BLACK
    x = y = 0.0
    said = []
    for code in markup.children(element, "TextCode"):
        text = _code_text(code.text or "")
        said.append(text)
        x, y = (numbers(code.get("X"), 1) or (x,))[0], (numbers(code.get("Y"), 1) or (y,))[0]
        steps_x, steps_y = deltas(code.get("DeltaX"), len(text)), deltas(code.get("DeltaY"), len(text))
        at_x, at_y = x, y
        for index, char in enumerate(text):
            own = size * stretch * (1.0 if unicodedata.east_asian_width(char) in "WF" else 0.5)
            step = steps_x[index] if index < len(steps_x) else (0.0 if steps_y else own)
            # a label is often spread by its steps: the cell of a character is never wider than itself
            advance = (min(step, own) if step > 0 else own) * (math.hypot(a, b) or 1.0)
            sheet.things.append(
                Glyph(char, a * at_x + c * at_y + e, b * at_x + d * at_y + f, size * scale, advance, angle, colour)
            )
            at_x += step
            at_y += steps_y[index] if index < len(steps_y) else 0.0
    number = (element.get("ID") or "").strip()
    if number:
        sheet.texts.setdefault(number, "".join(said))


def _code_text(raw: str) -> str:
    """The characters of a TextCode; line breaks and the indentation around them belong to the XML, not to the text."""
    text = raw.strip() if "\n" in raw else raw
    return "".join(char for char in text if unicodedata.category(char) != "Cc")


def deltas(said: str | None, limit: int) -> list[float]:
    """Steps between characters; `g 3 1.5` stands for three times 1.5. No more than `limit`."""
    steps: list[float] = []
    parts = (said or "").split()
    while parts and len(steps) < limit:
        if parts[0] == "g" and len(parts) >= 3:
            repeated = numbers(" ".join(parts[1:3]), 2)
            count, step = (int(min(max(repeated[0], 0.0), limit)), repeated[1]) if repeated else (0, 0.0)
            steps.extend([step] * count)
            del parts[:3]
        else:
            steps.extend(numbers(parts.pop(0), 1)[:1])
    return steps[:limit]


def _path(sheet: Sheet, element: Element, resources: Resources, matrix: Matrix) -> None:
    data = markup.content(markup.child(element, "AbbreviatedData"))
    scale = math.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2])) or 1.0
    fills = (element.get("Fill") or "").strip().lower() == "true"
    strokes = (element.get("Stroke") or "true").strip().lower() != "false"
    width = (numbers(_attribute(element, "LineWidth", resources), 1) or (LINE_WIDTH,))[0]
    lines = tuple(
        tuple((matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5]) for x, y in line)
        for line in polylines(data)
        if len(line) > 1
    )
    stroke = (_colour(element, "StrokeColor", resources) or BLACK) if strokes else None
    # without a colour a filling is transparent, but a path that is only filled is meant to be seen
    fill = (_colour(element, "FillColor", resources) or (None if strokes else BLACK)) if fills else None
    if lines and (stroke is not None or fill is not None):
        sheet.things.append(Path(lines, width * scale, stroke, fill))


def _attribute(element: Element, name: str, resources: Resources) -> str | None:
    """An attribute of the object, or of its drawing parameters and those they are relative to."""
    for source in _styles(element, resources):
        found = source.get(name)
        if found is not None:
            return found
    return None


def _colour(element: Element, name: str, resources: Resources) -> Colour | None:
    for source in _styles(element, resources):
        said = markup.child(source, name)
        values = numbers(said.get("Value"), 1) if said is not None else ()
        if values:
            grey = (values[0],) * 3
            red, green, blue = (values[:3] if len(values) >= 3 else grey)[:3]
            return _byte(red), _byte(green), _byte(blue)
    return None


def _byte(value: float) -> int:
    return int(min(255.0, max(0.0, value)))


def _styles(element: Element, resources: Resources) -> Iterator[Element]:
    yield element
    holder: Element | None = element
    while holder is not None and not holder.get("DrawParam"):
        holder = holder.getparent()
    number = holder.get("DrawParam") if holder is not None else None
    for _ in range(MAX_NESTING):
        found = resources.params.get((number or "").strip())
        if found is None:
            return
        yield found
        number = found.get("Relative")

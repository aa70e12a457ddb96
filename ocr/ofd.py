"""OFD (GB/T 33190-2016): the pages, and the data beside them in order of trust (domain.md §6.1).

`ofdkit` opens the package and finds parts whatever their case and folder; this module alone knows it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ofdkit.errors import OFDError, OFDLimitError
from ofdkit.package import Package

from ocr import markup
from ocr.document import Page, Raster
from ocr.errors import BombError, HostileError, NoPagesError, TooManyPagesError, TruncatedError, UnreadableError
from ocr.markup import Element
from ocr.ofddraw import JBIG2, draw_sheet, font_name, has_jbig2
from ocr.ofdpage import A4, Picture, Resources, Sheet, box, draw
from ocr.runs import Edges
from ocr.types import Limits, Problem

DPI = 300.0
MM_OF_INCH = 25.4
POINTS_OF_MM = 72 / 25.4
RASTERS_KEPT = 2
COVERS = 0.5  # a picture over this share of a page without text makes it a scanned page


class Ofd:
    """An opened OFD package. Parts that are missing or damaged become `problems`, not errors."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        """Raises TruncatedError, BombError, HostileError when the package or its main parts cannot be read."""
        self.limits = limits
        self.problems: list[Problem] = []
        with _reasons():
            self._package = Package(data)
        entry = self._package.find("OFD.xml")
        if entry is None:
            raise TruncatedError("OFD.xml is missing")
        self.root = self._required(entry)
        self.bodies: list[Body] = []
        for body in markup.children(self.root, "DocBody"):
            location = self.find(entry, markup.content(markup.child(body, "DocRoot")))
            if location is None:
                self.problems.append(Problem("part_missing", "DocRoot"))
                continue
            self.bodies.append(Body(location, self._required(location)))
        if not self.bodies:
            raise TruncatedError("no document inside the OFD")

    def find(self, base: str, location: str) -> str | None:
        """The part that `location` written inside `base` means, by exact name, then from the root, then in any case."""
        found: str | None = self._package.resolve(base, location)
        return found

    def names(self) -> tuple[str, ...]:
        """The names of all parts."""
        return tuple(self._package.names)

    def read(self, part: str) -> bytes:
        """The bytes of a part. Raises TruncatedError or BombError."""
        with _reasons():
            data: bytes = self._package.read(part)
        return data

    def _required(self, part: str) -> Element:
        return markup.parse(self.read(part))

    def optional(self, part: str | None) -> Element | None:
        """The root of a part, None with a problem noted when it is missing or damaged. Raises HostileError."""
        if part is None:
            return None
        try:
            return markup.parse(self.read(part))
        except HostileError:
            raise
        except UnreadableError as error:
            self.problems.append(Problem("part_damaged", f"{part}: {error.detail}"))
            return None


@dataclass(frozen=True, slots=True)
class Body:
    """One document of the package: where its root part lies, and that part."""

    location: str
    root: Element

    def said(self, *names: str) -> str:
        """The text at the end of a path of names."""
        return markup.content(markup.child(self.root, *names))


class _reasons:  # noqa: N801  # reads as a statement: with _reasons()
    """Turn the errors of ofdkit and of Python's ZIP reader into reasons."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OFDLimitError):
            raise BombError(str(error)) from error
        if isinstance(error, OFDError):
            raise TruncatedError(str(error)) from error


@dataclass(slots=True)
class Leaf:
    """A page before drawing: its number in the file, its parts, its box in mm (x, y, width, height)."""

    number: str
    box: Edges
    sheet: Sheet


def load_leaves(ofd: Ofd) -> list[Leaf]:
    """All pages of all documents with templates and annotations laid over each other in their order.

    Raises NoPagesError, TooManyPagesError. A page that cannot be read is left out with a problem.
    """
    count = sum(1 for body in ofd.bodies for _ in _page_elements(body))
    if count > ofd.limits.max_pages:
        raise TooManyPagesError(f"{count} pages")
    if count == 0:
        raise NoPagesError("OFD")
    leaves: list[Leaf] = []
    for body in ofd.bodies:
        shared = _Shared(_resources(ofd, body), _Templates(ofd, body), _annotations(ofd, body))
        for element in _page_elements(body):
            part = ofd.find(body.location, element.get("BaseLoc") or "")
            root = ofd.optional(part)
            if part is None or root is None:
                ofd.problems.append(Problem("page_unreadable", element.get("BaseLoc") or "", len(leaves)))
                continue
            number = (element.get("ID") or "").strip()
            area = _box_of(markup.child(body.root, "CommonData", "PageArea")) or A4
            leaves.append(
                Leaf(number, _box_of(markup.child(root, "Area")) or area, _sheet(ofd, number, part, root, shared))
            )
    if not leaves:
        raise TruncatedError("no page of the OFD can be read")
    return leaves


def _page_elements(body: Body) -> Iterator[Element]:
    return markup.children(markup.child(body.root, "Pages"), "Page")


class _Templates:
    """Template pages by number, each parsed once."""

    def __init__(self, ofd: Ofd, body: Body) -> None:
        self._ofd = ofd
        self._parts = {
            (template.get("ID") or "").strip(): ofd.find(body.location, template.get("BaseLoc") or "")
            for template in markup.children(markup.child(body.root, "CommonData"), "TemplatePage")
        }
        self._roots: dict[str, Element | None] = {}

    def root(self, number: str) -> Element | None:
        if number not in self._roots:
            self._roots[number] = self._ofd.optional(self._parts.get(number))
        return self._roots[number]


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the pages of one document have in common."""

    resources: Resources
    templates: _Templates
    stamps: dict[str, list[Element]]


def _sheet(ofd: Ofd, number: str, part: str, root: Element, shared: _Shared) -> Sheet:
    own = [ofd.find(part, markup.content(element)) for element in markup.children(root, "PageRes")]
    resources = shared.resources.copy() if any(own) else shared.resources
    for location in own:
        _add_resources(ofd, location, resources)
    sheet = Sheet()
    laid = [
        (t.get("ZOrder"), shared.templates.root((t.get("TemplateID") or "").strip()))
        for t in markup.children(root, "Template")
    ]
    for order, template in laid:
        if order != "Foreground":
            draw(sheet, _layers(template), resources)
    draw(sheet, _layers(root), resources)
    for order, template in laid:
        if order == "Foreground":
            draw(sheet, _layers(template), resources)
    for stamp in shared.stamps.get(number, []):
        corner = box(stamp.get("Boundary")) or A4
        draw(sheet, iter([stamp]), resources, (1.0, 0.0, 0.0, 1.0, corner[0], corner[1]))
    return sheet


def _box_of(area: Element | None) -> Edges | None:
    return box(markup.content(markup.child(area, "PhysicalBox")))


def _layers(root: Element | None) -> Iterator[Element]:
    return markup.children(markup.child(root, "Content"), "Layer")


def _resources(ofd: Ofd, body: Body) -> Resources:
    resources = Resources()
    for element in markup.children(markup.child(body.root, "CommonData")):
        if markup.local(element) in {"PublicRes", "DocumentRes"}:
            _add_resources(ofd, ofd.find(body.location, markup.content(element)), resources)
    return resources


def _add_resources(ofd: Ofd, part: str | None, resources: Resources) -> None:
    root = ofd.optional(part)
    if part is None or root is None:
        return
    folder = (root.get("BaseLoc") or "").strip().rstrip("/")
    for media in markup.children(markup.child(root, "MultiMedias"), "MultiMedia"):
        name = markup.content(markup.child(media, "MediaFile"))
        location = (ofd.find(part, f"{folder}/{name}") if folder else None) or ofd.find(part, name)
        if location is not None:
            resources.images[(media.get("ID") or "").strip()] = location
    for unit in markup.children(markup.child(root, "CompositeGraphicUnits"), "CompositeGraphicUnit"):
        resources.units[(unit.get("ID") or "").strip()] = unit
    for param in markup.children(markup.child(root, "DrawParams"), "DrawParam"):
        resources.params[(param.get("ID") or "").strip()] = param


def _annotations(ofd: Ofd, body: Body) -> dict[str, list[Element]]:
    """The appearances of annotations by number of page."""
    found: dict[str, list[Element]] = {}
    listing = ofd.find(body.location, body.said("Annotations"))
    for page in markup.children(ofd.optional(listing), "Page"):
        part = ofd.find(listing or "", markup.content(markup.child(page, "FileLoc")))
        for note in markup.children(ofd.optional(part), "Annot"):
            if (note.get("Visible") or "true").strip().lower() != "false":
                number = (page.get("PageID") or "").strip()
                found.setdefault(number, []).extend(markup.children(note, "Appearance"))
    return found


def load_pages(ofd: Ofd, leaves: list[Leaf]) -> tuple[Page, ...]:
    """The leaves as pages; rasters are drawn when asked for. What weakens the drawing is noted as a problem."""
    scales = [_scale(leaf, ofd.limits) for leaf in leaves]

    @lru_cache(maxsize=RASTERS_KEPT)
    def render(index: int) -> Raster:
        leaf = leaves[index]
        return draw_sheet(leaf.sheet, leaf.box, scales[index], ofd.read, ofd.limits)

    _note_weakness(ofd, leaves)
    pages = []
    for index, (leaf, scale) in enumerate(zip(leaves, scales, strict=True)):
        words = leaf.sheet.words(leaf.box)
        _, _, width, height = leaf.box
        native = bool(words) or _covered(leaf) < COVERS
        pages.append(
            Page(
                index=index,
                width=width * POINTS_OF_MM,
                height=height * POINTS_OF_MM,
                pixels=(math.ceil(width * scale), math.ceil(height * scale)),
                words=words,
                dpi=scale * MM_OF_INCH if native else None,
                native=native,
                render=render,
            )
        )
    return tuple(pages)


def _scale(leaf: Leaf, limits: Limits) -> float:
    _, _, width, height = leaf.box
    return min(DPI / MM_OF_INCH, math.sqrt(limits.raster_pixels / ((width + 1) * (height + 1))))


def _covered(leaf: Leaf) -> float:
    """The share of the page under its pictures."""
    _, _, width, height = leaf.box
    pictures = (thing.matrix for thing in leaf.sheet.things if isinstance(thing, Picture))
    return sum(abs(m[0] * m[3] - m[1] * m[2]) for m in pictures) / (width * height)


def _note_weakness(ofd: Ofd, leaves: list[Leaf]) -> None:
    if font_name() is None:
        ofd.problems.append(Problem("no_chinese_font", "pictures of OFD pages miss their text"))
    if has_jbig2():
        return
    for index, leaf in enumerate(leaves):
        for part in {thing.resource for thing in leaf.sheet.things if isinstance(thing, Picture)}:
            if ofd.read(part).startswith(JBIG2):
                ofd.problems.append(Problem("jbig2_unreadable", part, index))

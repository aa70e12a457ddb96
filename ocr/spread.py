"""Papers spread on one picture: each sheet that shows is cut out, turned upright and read by itself
(domain.md §1.2, §4.7).

A form is not to be cut in pieces at its frames, so the sheets count only when at least two of them say what they
are, each for itself. What bears the labels of an invoice and could not be read is not dropped: it becomes a paper
that nobody knows yet, for a person to look at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr import patch, segment
from ocr.gather import Draft
from ocr.kinds import dispatch
from ocr.layout import around
from ocr.outlines import Outline
from ocr.patch import Patch
from ocr.types import Box, CodeSighting, FieldName, Kind, Word

Picture = NDArray[np.uint8]
Reader = Callable[[Picture, Sequence[CodeSighting]], list[Draft]]
_KEYS: Final = frozenset({FieldName.NUMBER, FieldName.CODE, FieldName.SERIAL})
_TELLING: Final = _KEYS | {FieldName.DATE}
_FORMS: Final = dispatch.FORMS | {Kind.RAIL_E, Kind.AIR_E, Kind.AIR_PAPER, Kind.FISCAL, Kind.CUSTOMS, Kind.TAX_RECEIPT}
"""Papers of a page's size, unlike slips and tickets, which lie on one picture in numbers."""
_INSIDE: Final = 0.85  # of what is printed stands on the sheets, where only tints, shadows and frames show them
_SAME: Final = 0.6  # of the smaller of two parts lies on the other: they are one
_TEXT: Final = 12  # Chinese characters or figures that make a thing a paper
_BLANK: Final = (235, 235, 235)
_NUMBER: Final = re.compile(r"号\s*码\s*[:：]?\s*(\d{8})(?!\d)")
_MISREAD: Final = 3  # digits that two readings of one number may differ in
_CLUES: Final = re.compile(r"发\s*票|票\s*据|客\s*票|税\s*务|[￥¥]\s?\d|金\s*额|\d{8}")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One sheet of the picture: its part of it, and the papers that were read on it."""

    part: Patch
    box: Box  # on the picture
    outline: Outline
    papers: tuple[Draft, ...]


def read(
    picture: Picture,
    outlines: Sequence[Outline],
    words: Sequence[Word],
    page: int,
    codes: Sequence[CodeSighting],
    reader: Reader,
    turn_of: Callable[[Picture], int],
    form: Draft | None = None,
    glance: Reader | None = None,
) -> list[Draft]:
    """The papers on the sheets of a picture, their places those on the picture; empty when it shows a single paper.

    `words` are those of the whole picture, `codes` lie on it, `reader` reads an upright part, `form` is what the
    picture seems to be when it is taken for one paper. `glance` reads a part at little cost: where it sees nothing
    but pieces of that form, the parts are not read.
    """
    height, width = picture.shape[:2]
    if form is not None and any(outline.faint for outline in outlines):
        outlines = _without_frames(outlines, form, height, width)
        if len(outlines) < 2:
            return []
    boxes = [outline.box(height, width) for outline in outlines]
    astray = any(outline.faint for outline in outlines) and _share_inside(words, boxes) < _INSIDE
    if astray or _is_alone(form, picture, outlines, boxes, codes, glance, turn_of):
        return []
    sheets: list[_Sheet] = []
    for outline, box in sorted(zip(outlines, boxes, strict=True), key=lambda pair: _under(pair[0], outlines)):
        others = [sheet.outline.corners for sheet in sheets if any(_stands(paper) for paper in sheet.papers)]
        seen = _painted(picture, others) if _under(outline, outlines) else picture
        part = patch.cut(seen, outline.corners)
        part = part.turned(turn_of(part.picture))
        papers = reader(part.picture, _codes_on(part, box, codes))
        sheets.append(_Sheet(part, box, outline, tuple(papers)))
    sheets = _apart(sheets)
    several = [paper for sheet in sheets for paper in sheet.papers if _stands(paper)]
    if len(several) < 2 or all(paper.kind is Kind.OTHER for paper in several) or len(_names(several)) < 2:
        return []
    if form is not None and _is_one(form, several):
        return []
    found: list[Draft] = []
    for sheet in sheets:
        found += [_placed(paper, sheet) for paper in sheet.papers if _stands(paper)]
    taken = [paper.region for paper in found if paper.region is not None]
    for sheet in sheets:
        if not any(_stands(paper) for paper in sheet.papers) and not _covered(sheet.box, taken):
            found += _unknown(sheet, words, page)
    numbers = {value for paper in found for value in paper.said(FieldName.NUMBER)}
    found += _unclaimed(words, numbers, sheets, page)
    return found + _forgotten(words, [*boxes, *taken], page, height / width)


def _under(outline: Outline, outlines: Sequence[Outline]) -> int:
    """How many other sheets have their middle on what is left of a patch that they lie upon; 0 for a whole sheet."""
    if outline.whole:
        return 0
    middles = [other.corners.mean(axis=0) for other in outlines if other is not outline]
    return sum(cv2.pointPolygonTest(outline.corners, (float(x), float(y)), measureDist=False) > 0 for x, y in middles)


def _painted(picture: Picture, sheets: Sequence[NDArray[np.float32]]) -> Picture:
    """A copy of the picture on which the sheets that were read are blank, so that they are not read twice."""
    blank = picture.copy()
    for corners in sheets:
        cv2.fillConvexPoly(blank, np.round(corners).astype(np.int32), _BLANK)
    return blank


def _without_frames(outlines: Sequence[Outline], form: Draft, height: int, width: int) -> list[Outline]:
    """The outlines, but for those that lie where the fields of a form were read: its frames, which become one."""
    places = [value.box for value in form.values if value.box is not None]
    if form.kind not in dispatch.FORMS or not places:
        return list(outlines)
    place = around(places)
    boxes = [outline.box(height, width) for outline in outlines]
    frames = [box for box in boxes if _covered(box, [place]) or _covered(place, [box])]
    rest = [outline for outline, box in zip(outlines, boxes, strict=True) if box not in frames]
    if not frames or not rest:
        return rest
    whole = around([place, *frames])
    corners = [(whole.x0, whole.y0), (whole.x1, whole.y0), (whole.x1, whole.y1), (whole.x0, whole.y1)]
    return [Outline(np.array(corners, np.float32) * np.array([width, height], np.float32), faint=True), *rest]


def _apart(sheets: Sequence[_Sheet]) -> list[_Sheet]:
    """The sheets in their order, without those that lie for the most part on a whole one that said more: a paper and a
    piece of it are one paper.
    """
    kept: set[int] = set()
    for index in sorted(range(len(sheets)), key=lambda index: -sum(len(one.values) for one in sheets[index].papers)):
        if not any(_lies_on(sheets[index].outline, sheets[other].outline) for other in kept):
            kept.add(index)
    return [sheets[index] for index in sorted(kept)]


def _lies_on(one: Outline, other: Outline) -> bool:
    common, _ = cv2.intersectConvexConvex(one.corners, other.corners)
    return other.whole and common >= _SAME * cv2.contourArea(one.corners)


def _stands(paper: Draft) -> bool:
    """Whether a paper says by itself what it is, so that it is no piece of another."""
    if paper.kind is Kind.OTHER:
        return True
    said = {value.name for value in paper.values}
    return paper.kind is not Kind.UNKNOWN and bool(said & _KEYS or said >= {FieldName.DATE, FieldName.TOTAL})


def _names(papers: Sequence[Draft]) -> set[object]:
    """What tells papers from each other: their numbers, else the paper itself."""
    return {min(paper.said(FieldName.NUMBER), default=None) or id(paper) for paper in papers}


def _is_alone(
    form: Draft | None,
    picture: Picture,
    outlines: Sequence[Outline],
    boxes: Sequence[Box],
    codes: Sequence[CodeSighting],
    glance: Reader | None,
    turn_of: Callable[[Picture], int],
) -> bool:
    """Whether a form lies alone: what shows besides its own sheet is, at a glance, no other paper."""
    if form is None or glance is None or not _is_one(form, [form]):
        return False
    places = [value.box for value in form.values if value.box is not None]
    own = max(boxes, key=lambda box: sum(segment.holds(box, place) for place in places))
    parts: list[Draft] = []
    for outline, box in zip(outlines, boxes, strict=True):
        if box != own:
            part = patch.cut(picture, outline.corners)
            part = part.turned(turn_of(part.picture))
            parts += [paper for paper in glance(part.picture, _codes_on(part, box, codes)) if _stands(paper)]
    return _is_one(form, parts)


def _is_one(form: Draft, parts: Sequence[Draft]) -> bool:
    """Whether a shadow or a table's rules have cut one form in pieces: it has one number, and whatever its pieces are
    known by was read on the whole, too.
    """
    single = (FieldName.NUMBER, FieldName.SERIAL, FieldName.DATE, FieldName.TOTAL)
    if form.kind not in _FORMS and (
        form.kind is not Kind.TRAIN_PAPER or any(len(form.said(one)) != 1 for one in single)
    ):
        return False
    if len(form.said(FieldName.NUMBER)) != 1:
        return False
    known = {value.value for value in form.values if value.name in _TELLING}
    # a piece taken for a paper of another kind has that kind's date: a journey's, not that of the issue
    said = {
        value.value
        for part in parts
        for value in part.values
        if value.name in (_TELLING if part.kind is form.kind else _KEYS)
    }
    return said <= known


def _placed(paper: Draft, sheet: _Sheet) -> Draft:
    """A paper read on a sheet, its places brought to the picture."""
    paper.values = [
        value if value.box is None else replace(value, box=sheet.part.place(value.box)) for value in paper.values
    ]
    paper.region = sheet.box if paper.region is None else sheet.part.place(paper.region)
    paper.codes = []
    return paper


def _codes_on(part: Patch, box: Box, codes: Sequence[CodeSighting]) -> list[CodeSighting]:
    """The codes whose middle lies on a sheet, by their places on it."""
    found: list[CodeSighting] = []
    for code in codes:
        if code.box is not None and segment.holds(box, code.box):
            there = part.find(code.box)
            if 0 < (there.x0 + there.x1) / 2 < 1 and 0 < (there.y0 + there.y1) / 2 < 1:
                found.append(replace(code, box=there))
    return found


def _unknown(sheet: _Sheet, words: Sequence[Word], page: int) -> list[Draft]:
    """A sheet of which nothing is known, when it is printed like a paper."""
    seen = [paper for paper in sheet.papers if paper.kind is Kind.UNKNOWN]
    text = "".join(word.text for word in segment.inside(words, sheet.box)) + "".join(paper.text for paper in seen)
    if not _printed(text):
        return []
    values = [value for paper in seen for value in paper.values]
    return [_placed(Draft(Kind.UNKNOWN, [page], None, values, [], [], text), sheet)]


def _forgotten(words: Sequence[Word], known: Sequence[Box], page: int, aspect: float) -> list[Draft]:
    """What bears labels of an invoice and lies on no sheet that was found."""
    rest = [word for word in words if not any(segment.holds(box, word.box) for box in known)]
    if not any(segment.is_label(word.text) for word in rest):
        return []
    parts = segment.papers(rest, aspect) or [around(word.box for word in rest)]
    texts = ["".join(word.text for word in segment.inside(rest, part)) for part in parts]
    return [
        Draft(Kind.UNKNOWN, [page], part, [], [], [], text)
        for part, text in zip(parts, texts, strict=True)
        if _printed(text)
    ]


def _unclaimed(words: Sequence[Word], numbers: set[str], sheets: Sequence[_Sheet], page: int) -> list[Draft]:
    """The sheets that bear the number of another invoice than those that were read: two that lie edge to edge."""
    boxes = {
        sheet.box
        for sheet in sheets
        for word in segment.inside(words, sheet.box)
        if (seen := _NUMBER.search(word.text)) and not any(_alike(seen[1], number) for number in numbers)
    }
    return [Draft(Kind.UNKNOWN, [page], box) for box in sorted(boxes, key=lambda box: (box.y0, box.x0))]


def _alike(one: str, other: str) -> bool:
    """Whether two numbers may be one, read differently at a glance and closely."""
    return len(one) != len(other) or sum(a != b for a, b in zip(one, other, strict=True)) <= _MISREAD


def _printed(text: str) -> bool:
    signs = sum("\u4e00" <= char <= "\u9fff" or char.isdigit() for char in text)
    return signs >= _TEXT and _CLUES.search(text) is not None


def _covered(box: Box, others: Sequence[Box]) -> bool:
    area = (box.x1 - box.x0) * (box.y1 - box.y0)
    return any(
        max(0.0, min(box.x1, other.x1) - max(box.x0, other.x0))
        * max(0.0, min(box.y1, other.y1) - max(box.y0, other.y0))
        >= _SAME * area
        for other in others
    )


def _share_inside(words: Sequence[Word], boxes: Sequence[Box]) -> float:
    total = sum(len(word.text) for word in words)
    return sum(len(w.text) for w in words if any(segment.holds(box, w.box) for box in boxes)) / max(total, 1)

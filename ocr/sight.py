"""Reading the picture of a page: which way up, the words, the papers on it, and the fields of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ocr import coded, outlines, seals, second, segment, spread, turn
from ocr.classify import classify
from ocr.doubt import doubtful_fields
from ocr.gather import Draft
from ocr.kinds import dispatch, vat
from ocr.laying import lay
from ocr.redlight import in_red_light
from ocr.types import Box, CodeSighting, FieldName, FieldValue, Kind, Word

_TITLE: Final = re.compile(r"专\s*用\s*发\s*票|普\s*通\s*发\s*票")  # without it a form was told by its labels alone
_PLAIN: Final = frozenset({FieldName.CODE, FieldName.NUMBER, FieldName.DATE, FieldName.TOTAL})
_KNOWN: Final = 0.93  # words read as surely are not read again when their paper is
_DIGITS: Final = 3  # the fewest of a number or an amount
_SOFT: Final = 0.035  # of the height of a word's box: a third of the pitch of a needle printer's dots

Picture = NDArray[np.uint8]


class Engine(Protocol):
    """What this module needs of a recogniser."""

    def read(self, image: Picture, known: Sequence[Word] = ()) -> list[Word]:
        """The words of an upright picture, boxes in fractions of it; those `known` need not be read."""
        ...


@dataclass(frozen=True, slots=True)
class Eyes:
    """The engines: the main one, how it tells which way up a picture is, the second reader where there is one, and,
    where the main one has them, a closer look at doubtful papers (the picture and the words that are known), a
    more careful reading of words of the picture read last, and a first glance that shows what lies on a picture.
    """

    engine: Engine
    turn_of: Callable[[Picture], int]
    second: second.DigitReader | None
    closely: Callable[[Picture, Sequence[Word]], list[Word]] | None = None
    again: Callable[[Picture, Sequence[Word]], list[Word]] | None = None
    glance: Callable[[Picture], list[Word]] | None = None

    def look_closely(self, picture: Picture, known: Sequence[Word]) -> list[Word]:
        """The words of an upright picture that left a doubt; those `known` are taken as they are."""
        return (self.closely or self.engine.read)(picture, known)


@dataclass(slots=True)
class Sight:
    """What was seen on one page; boxes are fractions of the page turned by `turn` degrees clockwise."""

    turn: int
    words: list[Word]
    papers: list[Draft]


def paper(
    words: Sequence[Word], aspect: float, page: int, codes: Sequence[CodeSighting], region: Box | None = None
) -> Draft | None:
    """The one paper that a set of words shows; None when nothing like an invoice or a known paper is there."""
    sheet = lay(words, aspect)
    kind = classify(sheet, codes)
    if kind is None:
        return None
    found = dispatch.extract(sheet, page, kind)
    return Draft(found.kind, [page], region, list(found.values), list(found.lines), [], sheet.text)


def read_text(words: Sequence[Word], aspect: float, page: int, codes: Sequence[CodeSighting]) -> list[Draft]:
    """The papers of a page that carries its text; several may be printed on one sheet."""
    regions = segment.papers(words, aspect)
    if not regions:
        found = paper(words, aspect, page, codes)
        return [] if found is None else [found]
    drafts: list[Draft] = []
    for region in regions:
        local = [replace(word, box=_into(word.box, region)) for word in segment.inside(words, region)]
        found = paper(local, _aspect_of(region, aspect), page, codes, region)
        if found is not None:
            drafts.append(_mapped(found, region, 0))
    return drafts


def read_picture(
    picture: Picture,
    turned: int,
    page: int,
    codes: Sequence[CodeSighting],
    eyes: Eyes,
    late: Callable[[], bool] = lambda: False,
) -> Sight:
    """All papers on the upright picture of a page, which was turned by `turned` degrees to stand so.

    Once `late` says so, papers are read once and no second look is taken.
    """
    words = (eyes.glance or eyes.engine.read)(picture)
    sheets = outlines.find(picture)
    if len(sheets) > 1 and len(sheets) >= _papers_seen(words, picture):

        def read(part: Picture, codes: Sequence[CodeSighting]) -> list[Draft]:
            return _read_level(part, 0, page, codes, eyes, late, (eyes.glance or eyes.engine.read)(part)).papers

        def glance(part: Picture, codes: Sequence[CodeSighting]) -> list[Draft]:
            return read_text((eyes.glance or eyes.engine.read)(part), part.shape[0] / part.shape[1], page, codes)

        aspect = picture.shape[0] / picture.shape[1]
        form = None if segment.papers(words, aspect) else paper(words, aspect, page, codes)
        papers = spread.read(picture, sheets, words, page, codes, read, eyes.turn_of, form, glance)
        if papers:
            return Sight(turned, words, papers)
    return _read_level(picture, turned, page, codes, eyes, late, words)


def _papers_seen(words: Sequence[Word], picture: Picture) -> int:
    """How many papers the words of a picture bear out: outlines that are fewer lie around or across several of them."""
    aspect = picture.shape[0] / picture.shape[1]
    sides = segment.on_their_side(words, aspect)
    return len(sides) + len(segment.papers(_without(words, sides), aspect))


def _read_level(
    picture: Picture,
    turned: int,
    page: int,
    codes: Sequence[CodeSighting],
    eyes: Eyes,
    late: Callable[[], bool],
    words: list[Word],
) -> Sight:
    """The papers on an upright picture that all lie as it does, or on their side; `words` as seen at a glance."""
    aspect = picture.shape[0] / picture.shape[1]
    sides = segment.on_their_side(words, aspect)
    regions = segment.papers(_without(words, sides), aspect)
    papers: list[Draft] = []
    if not regions:
        if eyes.glance is not None:
            words = eyes.engine.read(picture)
        whole = _read_whole(picture, _without(words, sides), page, codes, eyes, late)
        papers = [] if whole is None else [whole]
        if papers and papers[0].kind in dispatch.FORMS:
            sides = []  # standing labels of the form, seals and printers' notes are no slips
    for region in regions + sides:
        found = _read_region(picture, words, region, page, eyes, late, aside=region in sides)
        if found is not None:
            papers.append(found)
    return Sight(turned, words, papers)


def _read_whole(
    picture: Picture,
    words: Sequence[Word],
    page: int,
    codes: Sequence[CodeSighting],
    eyes: Eyes,
    late: Callable[[], bool],
) -> Draft | None:
    found = paper(words, picture.shape[0] / picture.shape[1], page, codes)
    if found is None:
        return None
    if not late():
        found, words = _carefully(found, codes, picture, words, eyes)
        _look_twice(found, codes, picture, words, eyes)
        found.values = seals.without_seal(
            found.kind, found.values, words, picture, lambda part: eyes.look_closely(part, ())
        )
    if not late():
        _look_again(found, codes, picture, eyes)
    return found


def _carefully(
    found: Draft, codes: Sequence[CodeSighting], picture: Picture, words: Sequence[Word], eyes: Eyes
) -> tuple[Draft, Sequence[Word]]:
    """A slip whose values bear no check of each other is read once more, where its values stand, by the model that
    errs least.
    """
    if eyes.again is None or found.kind in dispatch.FORMS:
        return found, words
    places = [value.box for value in found.values if value.name in _PLAIN and value.box is not None]
    by_box = {word.box: word for word in eyes.again(picture, [word for word in words if _lies_on(word.box, places)])}
    better = [by_box.get(word.box, word) for word in words]
    if better == list(words):
        return found, words
    again = paper(better, picture.shape[0] / picture.shape[1], found.pages[0], codes, found.region)
    return (found, words) if again is None or again.kind is not found.kind else (_completed(again, found), better)


def _look_twice(
    found: Draft, codes: Sequence[CodeSighting], picture: Picture, words: Sequence[Word], eyes: Eyes
) -> None:
    """Reads a doubtful paper again as the red light shows it, a little blurred: red seals vanish, blue print
    darkens, and the dots of a needle printer run together to strokes. What is read adds to what was.

    Lines are sought anew; those that can have nothing to do with the doubtful fields are not read again.
    """
    doubtful = doubtful_fields(found, codes)
    if not doubtful or not words:
        return
    letter = median((word.box.y1 - word.box.y0) * picture.shape[0] for word in words)
    softness = min(max(_SOFT * letter, 0.5), 2.0)
    red = in_red_light(picture, softness, seals=found.kind in dispatch.FORMS)  # slips may be fainter than their seals
    known = [word for word in words if _settled(word, found, doubtful)] if found.kind in dispatch.FORMS else []
    seen = eyes.look_closely(red, known)
    again = paper(seen, picture.shape[0] / picture.shape[1], found.pages[0], codes, found.region)
    if again is not None:
        found.values += [value for value in again.values if value.name in doubtful]
        if {found.kind, again.kind} <= vat.KINDS and not _TITLE.search(found.text):
            found.kind = again.kind


def _read_region(
    picture: Picture,
    words: Sequence[Word],
    region: Box,
    page: int,
    eyes: Eyes,
    late: Callable[[], bool],
    *,
    aside: bool,
) -> Draft | None:
    """One of several papers on a picture, cut out, turned upright if it lies on its side, and read at full size."""
    crop = _cut(picture, region)
    degrees = eyes.turn_of(crop) if aside else 0
    upright = turn.upright(crop, degrees)
    local: Sequence[Word] = [replace(word, box=_into(word.box, region)) for word in segment.inside(words, region)]
    far = None if aside else paper(local, upright.shape[0] / upright.shape[1], page, (), region)
    found = far
    if aside or not late():
        local = eyes.engine.read(upright)
        found = paper(local, upright.shape[0] / upright.shape[1], page, (), region) or far
    if found is None or found.kind is Kind.OTHER or (found.kind is Kind.UNKNOWN and not found.values):
        return None
    if not late():
        found, local = _carefully(found, (), upright, local, eyes)
        _look_twice(found, (), upright, local, eyes)
    found = _completed(found, far)
    if not late():
        _look_again(found, (), upright, eyes)
    return _mapped(found, region, degrees)


def _completed(near: Draft, far: Draft | None) -> Draft:
    """A paper read at full size, with the fields that only the look at the whole page gave."""
    if far is not None and far is not near:
        said = {value.name for value in near.values}
        near.values += [value for value in far.values if value.name not in said]
    return near


def _look_again(found: Draft, codes: Sequence[CodeSighting], picture: Picture, eyes: Eyes) -> None:
    if eyes.second is not None:
        proven = [value for code in codes for value in coded.values_of(code)]
        found.values += second.read_again(found.values, proven, picture, eyes.second)


# --- places: from a part of the page to the page ---------------------------------------------------


def turned(box: Box, degrees: int) -> Box:
    """Where a box lies after its page was turned clockwise."""
    if degrees == 90:
        return Box(1 - box.y1, box.x0, 1 - box.y0, box.x1)
    if degrees == 180:
        return Box(1 - box.x1, 1 - box.y1, 1 - box.x0, 1 - box.y0)
    if degrees == 270:
        return Box(box.y0, 1 - box.x1, box.y1, 1 - box.x0)
    return box


def _without(words: Sequence[Word], parts: Sequence[Box]) -> list[Word]:
    """The words that lie in none of the parts."""
    return [word for word in words if not any(segment.inside([word], part) for part in parts)]


def _settled(word: Word, found: Draft, doubtful: frozenset[FieldName]) -> bool:
    """Whether a line need not be read once more for the sake of doubtful fields: it was read surely, and bears either
    another value or too few digits for one. Of a slip little is read, and nothing bears it out: all of it is read.
    """
    told = {value.name in doubtful for value in found.values if value.box and _lies_on(word.box, [value.box])}
    digits = sum(char.isdigit() for char in word.text)
    return word.confidence >= _KNOWN and True not in told and (bool(told) or digits < _DIGITS)


def _lies_on(box: Box, places: Sequence[Box]) -> bool:
    """Whether a word is one of those that values were taken from."""
    return any(
        min(box.x1, place.x1) > max(box.x0, place.x0)
        and min(box.y1, place.y1) - max(box.y0, place.y0) > (box.y1 - box.y0) / 2
        for place in places
    )


def _into(box: Box, region: Box) -> Box:
    width, height = region.x1 - region.x0, region.y1 - region.y0

    def within(value: float) -> float:
        return min(1.0, max(0.0, value))

    return Box(
        within((box.x0 - region.x0) / width),
        within((box.y0 - region.y0) / height),
        within((box.x1 - region.x0) / width),
        within((box.y1 - region.y0) / height),
    )


def _out_of(box: Box, region: Box) -> Box:
    width, height = region.x1 - region.x0, region.y1 - region.y0
    return Box(
        region.x0 + box.x0 * width, region.y0 + box.y0 * height, region.x0 + box.x1 * width, region.y0 + box.y1 * height
    )


def _aspect_of(region: Box, aspect: float) -> float:
    return aspect * (region.y1 - region.y0) / (region.x1 - region.x0)


def _mapped(found: Draft, region: Box, degrees: int) -> Draft:
    """A paper read on a part of the page, its boxes brought to the page."""

    def place(value: FieldValue) -> FieldValue:
        if value.box is None:
            return value
        return replace(value, box=_out_of(turned(value.box, (360 - degrees) % 360), region))

    found.values = [place(value) for value in found.values]
    return found


def _cut(picture: Picture, region: Box) -> Picture:
    height, width = picture.shape[:2]
    top, bottom = round(region.y0 * height), round(region.y1 * height)
    left, right = round(region.x0 * width), round(region.x1 * width)
    return np.ascontiguousarray(picture[top : max(bottom, top + 1), left : max(right, left + 1)])

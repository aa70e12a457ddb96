"""Reading the picture of a page: which way up, the words, the papers on it, and the fields of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr import coded, second, segment, turn
from ocr.classify import classify
from ocr.gather import Draft
from ocr.kinds import digital, dispatch, vat
from ocr.laying import lay
from ocr.rules.amounts import sums_agree
from ocr.rules.taxid import check_ok
from ocr.types import Box, CodeSighting, FieldName, FieldValue, Kind, Word

_NET, _TAX, _TOTAL = FieldName.NET, FieldName.TAX, FieldName.TOTAL
_SUMS: Final = frozenset({_NET, _TAX, _TOTAL})
_PARTIES: Final = frozenset({FieldName.BUYER_NAME, FieldName.SELLER_NAME, FieldName.SELLER_TAX_ID})
_WANTED_DIGITAL: Final = frozenset({FieldName.NUMBER, FieldName.DATE, _NET, _TOTAL}) | _PARTIES
_WANTED_VAT: Final = _WANTED_DIGITAL | {FieldName.CODE}
_WANTED_SLIP: Final = frozenset({FieldName.CODE, FieldName.NUMBER, FieldName.DATE, _TOTAL})
_WANTED: Final = {
    Kind.TAXI: _WANTED_SLIP,
    Kind.COACH: _WANTED_SLIP,
    Kind.MACHINE_GENERAL: _WANTED_SLIP,
    Kind.QUOTA: frozenset({FieldName.CODE, FieldName.NUMBER}),
    Kind.TRAIN_PAPER: _WANTED_SLIP - {FieldName.CODE},
    Kind.RAIL_E: _WANTED_SLIP - {FieldName.CODE},
    Kind.DIG_SPECIAL: _WANTED_DIGITAL,
    Kind.DIG_NORMAL: _WANTED_DIGITAL,
    Kind.FISCAL: frozenset(
        {FieldName.CODE, FieldName.NUMBER, FieldName.DATE, FieldName.CHECK_CODE, FieldName.SELLER_NAME, _TOTAL}
    ),
}
_TITLE: Final = re.compile(r"专\s*用\s*发\s*票|普\s*通\s*发\s*票")  # without it a form was told by its labels alone
_SURE: Final = 0.9
_SOFT: Final = 0.035  # of the height of a word's box: a third of the pitch of a needle printer's dots
_WORTH: Final = 1.25  # a region is read again when its page was looked at in a copy this much smaller
_LOOK: Final = 1280  # long side in pixels of the copy on which an engine looks for lines

Picture = NDArray[np.uint8]


class Engine(Protocol):
    """What this module needs of a recogniser."""

    def read(self, image: Picture) -> list[Word]:
        """The words of an upright picture, boxes in fractions of it."""
        ...


@dataclass(frozen=True, slots=True)
class Eyes:
    """The engines: the main one, how it tells which way up a picture is, the second reader where there is one, and
    a closer look of the main one at doubtful papers, where it has one.
    """

    engine: Engine
    turn_of: Callable[[Picture], int]
    second: second.DigitReader | None
    closely: Callable[[Picture], list[Word]] | None = None

    def look_closely(self, picture: Picture) -> list[Word]:
        """The words of an upright picture that left a doubt."""
        return (self.closely or self.engine.read)(picture)


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
    words = eyes.engine.read(picture)
    aspect = picture.shape[0] / picture.shape[1]
    sides = segment.on_their_side(words, aspect)
    level = [word for word in words if not any(segment.inside([word], side) for side in sides)]
    regions = segment.papers(level, aspect)
    papers: list[Draft] = []
    if not regions:
        whole = _read_whole(picture, level if sides else words, page, codes, eyes, late)
        papers = [] if whole is None else [whole]
        if papers and papers[0].kind in vat.KINDS | digital.KINDS:
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
        _look_twice(found, codes, picture, words, eyes)
    if not late():
        _look_again(found, codes, picture, eyes)
    return found


def _look_twice(
    found: Draft, codes: Sequence[CodeSighting], picture: Picture, words: Sequence[Word], eyes: Eyes
) -> None:
    """Reads a doubtful paper again as the red light shows it, a little blurred: red seals vanish, blue print
    darkens, and the dots of a needle printer run together to strokes. What is read adds to what was.
    """
    doubtful = _doubtful(found, codes)
    if not doubtful or not words:
        return
    letter = median((word.box.y1 - word.box.y0) * picture.shape[0] for word in words)
    softness = min(max(_SOFT * letter, 0.5), 2.0)
    red = cv2.GaussianBlur(picture[:, :, 0], (0, 0), softness)
    seen = eyes.look_closely(np.ascontiguousarray(np.repeat(red[:, :, None], 3, axis=2), np.uint8))
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
    """One of several papers on a picture, cut out and turned upright if it lies on its side; read at full size
    unless the look at the whole page left no doubt.
    """
    crop = _cut(picture, region)
    aspect = crop.shape[0] / crop.shape[1]
    degrees = eyes.turn_of(crop) if aside else 0
    upright = turn.upright(crop, degrees)
    far = None
    if not aside:
        local = [replace(word, box=_into(word.box, region)) for word in segment.inside(words, region)]
        far = paper(local, aspect, page, (), region)
    near, seen = None, list(words)
    smaller = max(picture.shape[:2]) > _WORTH * _LOOK
    if aside or (smaller and (far is None or _unsure(far)) and not late()):
        seen = eyes.look_closely(upright)
        near = paper(seen, upright.shape[0] / upright.shape[1], page, (), region)
    found = near or far
    if found is None or found.kind is Kind.OTHER or (found.kind is Kind.UNKNOWN and not found.values):
        return None
    if not late():
        _look_twice(found, (), upright, seen, eyes)
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


def _doubtful(found: Draft, codes: Sequence[CodeSighting]) -> frozenset[FieldName]:
    """Fields of a form worth another look: missing, or failing the check that they carry."""
    wanted = _WANTED_VAT if found.kind in vat.KINDS else _WANTED.get(found.kind)
    if wanted is None:
        return frozenset()
    said = {value.name for value in found.values}
    said |= {value.name for code in codes for value in coded.values_of(code)}
    doubtful = set(wanted - said)
    for name in (FieldName.BUYER_TAX_ID, FieldName.SELLER_TAX_ID):
        ids = found.said(name)
        if ids and all(check_ok(text) is False for text in ids):
            doubtful.add(name)
    if said >= _SUMS and not _sums_fit(found):
        doubtful |= _SUMS
    elif _TAX not in said and said >= {_NET, _TOTAL} and not set(found.said(_NET)) & set(found.said(_TOTAL)):
        doubtful.add(_TAX)
    return frozenset(doubtful)


def _unsure(found: Draft) -> bool:
    """Whether a paper seen on a smaller copy deserves a look at full size."""
    return bool(_doubtful(found, ())) or any(value.confidence < _SURE for value in found.values)


def _sums_fit(found: Draft) -> bool:
    net, tax, total = ([Decimal(text) for text in found.said(name)] for name in (_NET, _TAX, _TOTAL))
    return any(sums_agree(a, b, c) for a in net for b in tax for c in total)


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

"""Names and tax ids over which a seal is pressed, or that are in doubt: read once more on their own line alone, as the
red light shows it (domain.md §5.5).

The ring of a seal parts a line for whoever seeks lines, and its letters mix with those beneath; in the red light it is gone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr import sealed_id
from ocr.kinds import dispatch
from ocr.normalise import normalise
from ocr.redlight import in_red_light, is_red
from ocr.rules.remarks import RED
from ocr.rules.taxid import check_ok
from ocr.types import Box, FieldName, FieldValue, Kind, Source, Word

_CHECKED: Final = frozenset({Kind.VAT_ROLL, Kind.VAT_NORMAL_PAPER})
"""Kinds of paper with a check code, of a roll at its foot under the seal."""
_FORMS: Final = dispatch.FORMS - {Kind.VAT_ROLL}  # name and tax id, on paper under the seller's seal
_OVER_TEXT: Final = _FORMS | {Kind.FISCAL}
"""Kinds of paper on which a seal may lie over the text of the parties."""
_BEFORE, _BEHIND, _ROUND = 3.0, 6.0, 0.6  # how far beyond the line to look, in its heights
_LONGEST: Final = 20.0  # a tax id takes as much
_PIECE: Final = 2.0  # what stands nearer behind the name may be a piece of it
_PITCH: Final = 1.3  # from the row of the name to that of the tax id, in heights of a line
_INK: Final = 2  # per cent of the pixels that are ink at the least
_STANDING: Final = 1.6  # a word this much higher than wide is written from top to bottom
_FAR: Final = 0.7  # of its size: what a line is made smaller to
_SOFT: Final = 0.5  # pixels of blur
_RED: Final = 0.004  # share of the pixels there that are red when a seal lies on it
_ALMOST: Final = 0.8  # of a tax id and what was read of it at first
_LIKE: Final = 0.6  # how much of two readings must agree to be one name
_PERSON: Final = 3  # characters of a person's name
_LEAST: Final = 0.7  # confidence of a reading that may replace another
_KNOWN: Final = 0.94  # confidence of a whole name that need not be read again
_NEXT: Final = re.compile(r"[:：]|备|复\s*核|收\s*款|开\s*票")
_END: Final = re.compile(r"(?:复\s*核|收\s*款\s*人|开\s*票|\s{2}).*$")
_CUT: Final = re.compile(r"(有限(?:责任)?公)$")  # goes on in one way only
_LABEL: Final = re.compile(r"^.*(?:[:：]|[（(]\s*章\s*[）)]|收\s*款?\s*单\s*位)|^\s*(?:名\s*)?称(?=\s|$)")
_WHOLE: Final = re.compile(r"(?:公司|中心|[厂店行院所部社站场馆校会局处园团])(?:（.+）)?$")
_JOINED: Final = re.compile(r"\d{6}|[:：]|识别号|电话")  # more than a name
_BEHIND_LABELS: Final = {
    FieldName.CHECK_CODE: (re.compile(r"校\s*[验脸]\s*码"), re.compile(r"(?<!\d)(?P<v>\d{20})(?!\d)")),
    FieldName.RED_OF: (re.compile(r"被红冲蓝字|正数发票代码|蓝字发票代码|原发票代码"), re.compile(RED)),
}
"""Values that may stand under the seal behind labels that do not, and how they look without blanks."""
_ROOM: Final = 3.0  # heights of a line that a value goes on beyond what was seen of it
_TAX_ID: Final = re.compile(r"[0-9A-Z]{15,20}$")
_STROKES: Final = str.maketrans("IO", "10")  # no tax id has these letters

Picture = NDArray[np.uint8]
Read = Callable[[Picture], Sequence[Word]]


def without_seal(
    kind: Kind, values: Sequence[FieldValue], words: Sequence[Word], picture: Picture, read: Read
) -> list[FieldValue]:
    """The values, the seller's name under the seal as it is read without it, and tax ids too that were in doubt.

    `words` are those of the page, `picture` is that page upright, `read` a recogniser.
    """
    told = {value.name for value in values}
    for name in _wanted_behind_labels(kind, values) - told:
        values = [*values, *_behind_label(name, values, words, picture, read)]
    if kind not in _OVER_TEXT:
        return list(values)
    names = _seen(values, FieldName.SELLER_NAME)
    ids = _seen(values, FieldName.SELLER_TAX_ID)
    again: list[FieldValue] = []
    if names and _to_read_again(kind, names[0], words, picture):
        again += _name_again(names[0], words, picture, read)
    if kind in _FORMS:
        for seen in (ids or [_below(name) for name in names], _seen(values, FieldName.BUYER_TAX_ID)):
            if seen and not any(check_ok(value.value) for value in seen):
                again += sealed_id.read(seen[0], words, picture, read) or _id_again(seen[0], words, picture, read)
    clear = {value.name for value in again} & {FieldName.SELLER_NAME}  # an id speaks for itself by its check digit
    return [*(value for value in values if value.name not in clear or value.source is not Source.OCR), *again]


def _wanted_behind_labels(kind: Kind, values: Sequence[FieldValue]) -> frozenset[FieldName]:
    """The check code, and of a red letter the invoice that it reverses."""
    red = any(value.name is FieldName.TOTAL and value.value.startswith("-") for value in values)
    return frozenset([FieldName.CHECK_CODE] * (kind in _CHECKED) + [FieldName.RED_OF] * (kind in _FORMS and red))


def _seen(values: Sequence[FieldValue], name: FieldName) -> list[FieldValue]:
    """What was read for a field and where, the surest first."""
    seen = [value for value in values if value.name is name and value.source is Source.OCR and value.box is not None]
    return sorted(seen, key=lambda value: -value.confidence)


def _is_whole(name: str) -> bool:
    return _WHOLE.search(name) is not None


def _in_doubt(name: FieldValue) -> bool:
    """Whether a name is cut, runs into something else, or was not read surely."""
    person = len(name.value) <= _PERSON
    return name.confidence < _KNOWN or not (person or _is_whole(name.value))


def _to_read_again(kind: Kind, name: FieldValue, words: Sequence[Word], picture: Picture) -> bool:
    """Whether a name is read again: on forms one in doubt, or a whole one that may go on beneath the seal, as 酒店 does
    in 酒店管理有限公司; on other papers every one that is sealed.
    """
    if kind in _FORMS and (_in_doubt(name) or name.value.endswith("公司") or not _is_whole(name.value)):
        return _in_doubt(name)
    return _is_sealed(name, words, picture)


def _below(name: FieldValue) -> FieldValue:
    """The place of the tax id, which was not seen, below the name."""
    box = name.box
    if box is not None:
        down = _PITCH * (box.y1 - box.y0)
        box = Box(box.x0, min(1.0, box.y0 + down), box.x1, min(1.0, box.y1 + down))
    return FieldValue(FieldName.SELLER_TAX_ID, "", name.confidence, Source.OCR, name.page, box, "")


def _name_again(old: FieldValue, words: Sequence[Word], picture: Picture, read: Read) -> list[FieldValue]:
    """The name without its seal, where that is a better reading of it."""
    best: FieldValue | None = None
    for said, sure in _lines_again(old, words, picture, read):
        text = _CUT.sub(r"\1司", _LABEL.sub("", _END.sub("", said)).lstrip(" :;：；)）"))
        name = re.sub(rf"^[名称销售方]{{1,3}}(?={re.escape(old.value[:2])})", "", normalise(old.name, text) or "")
        if sure < _LEAST or SequenceMatcher(None, name, old.value).ratio() < _LIKE:
            continue
        goes_on = name.startswith(old.value) and name.endswith("公司")
        if _JOINED.search(name) or (_is_whole(old.value) and not goes_on and abs(len(name) - len(old.value)) > 1):
            continue
        found = FieldValue(old.name, name, sure, Source.OCR, old.page, old.box, said)
        ends = _is_whole(name) and (goes_on or not _is_whole(old.value))
        # a reading cut short is no better one, but letters of the seal make a name too long
        longer = len(name) >= len(old.value) and (sure >= old.confidence or name.startswith(old.value))
        if (ends or longer) and (best is None or _rank(found) > _rank(best)):
            best = found
        if best is not None and not _in_doubt(best):
            break
    return [] if best is None else [best]


def _rank(name: FieldValue) -> tuple[bool, float]:
    return _is_whole(name.value), name.confidence


def _id_again(old: FieldValue, words: Sequence[Word], picture: Picture, read: Read) -> list[FieldValue]:
    """The tax id without the seal; only one whose check digit fits."""
    for said, sure in _lines_again(old, words, picture, read):
        found = _TAX_ID.search(re.sub(r"[\s.]", "", said).upper())
        seen = (found[0], found[0].translate(_STROKES)) if found else ()
        for text in dict.fromkeys(seen):
            alike = not old.value or SequenceMatcher(None, text, old.value).ratio() >= _ALMOST
            if sealed_id.stands(text) and alike and sure >= _LEAST:
                return [FieldValue(old.name, text, sure, Source.OCR, old.page, old.box, said)]
    return []


def _behind_label(
    name: FieldName, values: Sequence[FieldValue], words: Sequence[Word], picture: Picture, read: Read
) -> list[FieldValue]:
    """A value that its label's line holds, read without the seal; empty when its label was not read."""
    label, shape = _BEHIND_LABELS[name]
    page = next((value.page for value in values), 0)
    for word in words:
        if label.search(word.text):
            room = _ROOM * (word.box.y1 - word.box.y0) * picture.shape[0] / picture.shape[1]
            place = replace(word.box, x1=min(1.0, word.box.x1 + room))
            old = FieldValue(name, "", word.confidence, Source.OCR, page, place, "")
            for said, sure in _lines_again(old, words, picture, read):
                found = shape.search(re.sub(r"\s", "", said))
                text = normalise(name, found["v"]) if found else None
                if text and sure >= _LEAST:
                    return [replace(old, value=text, confidence=sure, raw=said)]
    return []


def _lines_again(old: FieldValue, words: Sequence[Word], picture: Picture, read: Read) -> Iterator[tuple[str, float]]:
    """The line of a value as it is read without what lies on it, and how surely; then the lines beside it. Print that is
    paler than the seal needs to be darkened for that; strokes of a pen fade when seen from afar.
    """
    if old.box is None:
        return
    left, top, right, bottom = _around(old.box, words, picture)
    across = [(x * picture.shape[1] - left) / (right - left) for x in (old.box.x0, old.box.x1)]
    line = in_red_light(picture[top:bottom, left:right], _SOFT)
    for look in (line, _stretched(line), cv2.resize(line, None, fx=_FAR, fy=_FAR, interpolation=cv2.INTER_AREA)):
        for part in _parts(read(np.asarray(look, np.uint8)), across, line.shape[0] / line.shape[1]):
            yield "".join(word.text for word in part), min(word.confidence for word in part)


def _stretched(line: Picture) -> Picture:
    """The darkest ink black."""
    ink = float(np.percentile(line, _INK))
    return np.asarray(np.clip((line - ink) * (255 / max(255 - ink, 1.0)), 0, 255), np.uint8)


def _around(box: Box, words: Sequence[Word], picture: Picture) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in pixels of the line on which a value stands, with room for what was not seen of it,
    up to the next label.
    """
    height, width = picture.shape[:2]
    high = (box.y1 - box.y0) * height
    nexts = [
        word.box.x0
        for word in words
        if _NEXT.search(word.text)
        and (word.box.x0 - box.x1) * width > _PIECE * high
        and abs(word.box.y0 + word.box.y1 - box.y0 - box.y1) < box.y1 - box.y0
    ]
    end = max(box.x1 * width + _BEHIND * high, box.x0 * width + _LONGEST * high)
    return (
        max(0, round(box.x0 * width - _BEFORE * high)),
        max(0, round(box.y0 * height - _ROUND * high)),
        round(min(end, min(nexts, default=1.0) * width - 0.3 * high, width)),
        min(height, round(box.y1 * height + _ROUND * high)),
    )


def _is_sealed(value: FieldValue, words: Sequence[Word], picture: Picture) -> bool:
    """Whether there is red ink where a value was seen."""
    if value.box is None:
        return False
    left, top, right, bottom = _around(value.box, words, picture)
    return bool(is_red(picture[top:bottom, left:right]).mean() > _RED)


def _parts(words: Sequence[Word], across: Sequence[float], aspect: float) -> list[list[Word]]:
    """The pieces of text on a strip `aspect` times as high as wide, that which lies nearest to where the value was seen
    first: in the middle, from `across[0]` to `across[1]`.
    """
    parts: list[list[Word]] = []
    lying = [word for word in words if (word.box.y1 - word.box.y0) * aspect < _STANDING * (word.box.x1 - word.box.x0)]
    for word in sorted(lying, key=lambda word: word.box.x0):
        high = word.box.y1 - word.box.y0
        for part in parts:
            last = part[-1].box
            level = abs(last.y0 + last.y1 - word.box.y0 - word.box.y1) < min(high, last.y1 - last.y0)
            if level and word.box.x0 - last.x1 < _PIECE * high * aspect:
                part.append(word)
                break
        else:
            parts.append([word])

    def far(part: list[Word]) -> tuple[bool, float]:
        common = min(across[1], part[-1].box.x1) - max(across[0], part[0].box.x0)
        return not any(word.box.y0 < 0.5 < word.box.y1 for word in part), -common

    return sorted(parts, key=far)

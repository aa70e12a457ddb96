"""Names over which a seal is pressed: read once more on their own line alone, as the red light shows it (domain.md §5.5).

The ring of a seal parts a name for whoever seeks lines, and its letters mix with those beneath; in the red light it is gone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ocr.normalise import normalise
from ocr.redlight import in_red_light
from ocr.types import Box, FieldName, FieldValue, Kind, Source, Word

SEALED: Final = {Kind.FISCAL: FieldName.SELLER_NAME}
"""Which name of a kind of paper lies under its seal."""
_BEFORE, _BEHIND, _ROUND = 0.4, 6.0, 0.45  # how far beyond the name to look, in heights of its line
_PIECE: Final = 2.0  # what stands nearer behind the name may be a piece of it
_SOFT: Final = 0.5  # pixels of blur
_RED: Final = 0.004  # share of the pixels there that are red when a seal lies on it
_REDDER: Final = 40  # how much more red than green and blue a seal's ink is, of 255
_LIKE: Final = 0.6  # how much of two readings must agree to be one name
_LEAST: Final = 0.7  # confidence of a reading that may replace another
_END: Final = re.compile(r"(?:复\s*核|收\s*款\s*人|开\s*票|\s{2}).*$")

Picture = NDArray[np.uint8]
Read = Callable[[Picture], Sequence[Word]]


def without_seal(
    kind: Kind, values: Sequence[FieldValue], words: Sequence[Word], picture: Picture, read: Read
) -> list[FieldValue]:
    """The values, the name under the seal as it is read without it.

    `words` are those of the page, `picture` is that page upright, `read` a recogniser.
    """
    name = SEALED.get(kind)
    seen = [value for value in values if value.name is name and value.source is Source.OCR and value.box is not None]
    if not seen:
        return list(values)
    best = max(seen, key=lambda value: value.confidence)
    place = _around(best.box, words, picture) if best.box is not None else None
    if place is None or not _is_red(picture, place):
        return list(values)
    left, top, right, bottom = place
    line = read(in_red_light(picture[top:bottom, left:right], _SOFT))
    said = _line(line)
    again = normalise(best.name, said) if said else None
    sure = min((word.confidence for word in line), default=0.0)
    alike = SequenceMatcher(None, again or "", best.value).ratio() >= _LIKE
    # a reading cut short is no better one, nor is another that is less sure unless it goes on where the first ended
    if not again or not alike or len(again) < len(best.value) or sure < _LEAST:
        return list(values)
    if sure < best.confidence and not again.startswith(best.value):
        return list(values)
    clear = FieldValue(best.name, again, sure, Source.OCR, best.page, best.box, said)
    return [*(value for value in values if value not in seen), clear]


def _around(box: Box, words: Sequence[Word], picture: Picture) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in pixels of the line on which a name stands, with room for what was not seen of it,
    up to the next label.
    """
    height, width = picture.shape[:2]
    high = (box.y1 - box.y0) * height
    nexts = [
        word.box.x0
        for word in words
        if (word.box.x0 - box.x1) * width > _PIECE * high
        and abs(word.box.y0 + word.box.y1 - box.y0 - box.y1) < box.y1 - box.y0
    ]
    return (
        max(0, round(box.x0 * width - _BEFORE * high)),
        max(0, round(box.y0 * height - _ROUND * high)),
        round(min(box.x1 * width + _BEHIND * high, min(nexts, default=1.0) * width - 0.3 * high)),
        min(height, round(box.y1 * height + _ROUND * high)),
    )


def _is_red(picture: Picture, place: tuple[int, int, int, int]) -> bool:
    left, top, right, bottom = place
    part = picture[top:bottom, left:right].astype(np.int16)
    return bool((part[:, :, 0] - part[:, :, 1:].max(axis=2) > _REDDER).mean() > _RED)


def _line(words: Sequence[Word]) -> str:
    """What stands in the middle line, from left to right, up to the next label."""
    middle = [word for word in words if word.box.y0 < 0.5 < word.box.y1]
    return _END.sub("", "".join(word.text for word in sorted(middle, key=lambda word: word.box.x0))).lstrip(
        " :;：；)）"
    )

"""Several papers on one picture: where each lies (domain.md §1.2: six to eight taxi slips glued on one sheet).

Every paper bears some labels exactly once; a picture on which one of them stands twice is cut along the widest
empty strip between the two, until each part has one. Slips that lie on their side are found by their standing
lines, which a level reading spoils, and are handed over as regions to be turned and read again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from ocr.layout import around
from ocr.types import Box, Word

ONCE = (
    (r"价\s*税\s*合\s*计", True),
    (r"[(（]?\s*小\s*写\s*[)）]?", True),
    (r"开\s*票\s*日\s*期", True),
    (r"(?<!正数)(?<!原)发\s*票\s*代\s*码", False),
    (r"(?<!正数)(?<!原)发\s*票\s*号\s*码", False),
    (r"票\s*据\s*代\s*码", False),
    (r"票\s*据\s*号\s*码", False),
    (r"[￥¥]\s?\d{1,4}\.\d\s?元", False),
    (r"仅供报销使用|中国铁路", False),
    (r"\d{4}年\d{1,2}月\d{1,2}日\s?\d{1,2}[:：]\d\d\s?开", False),
    (r"出租.{0,10}发票", False),
    (r"证\s*号\s*[:：]", False),
    (r"(?:^|[^加费])金\s*额\s*[:：]", False),
)
"""Labels that a paper bears once, and whether the paper is a form as wide as the page, so that two of them in one
row are one label read twice. Two labels must agree that there are several papers; the one seen most often counts them.
"""
HEAD = r"发\s*票|国家税务总局|监制|税务局|机器编号|校\s*验\s*码|№|No"
_AGREE = 2
_ROW = 3  # heights between rows of different forms
_FEW = 6  # standing words that make a slip lying on its side
_NEAR = 0.06  # of the long side between the words of such a slip
_DOUBT = 0.93  # labels that stand by design are read more surely than lines on their side
_MARGIN = 0.012


def papers(words: Sequence[Word], aspect: float) -> list[Box]:
    """The parts of a page that hold one paper each, in reading order; empty when it is a single one.

    Boxes are fractions of the page. `aspect` is its height by its width.
    """
    level = [word for word in words if not _stands(word, aspect)]
    seen = sorted((_anchors(level, pattern, wide=wide) for pattern, wide in ONCE), key=len, reverse=True)
    anchors = seen[0]
    if len(seen[1]) < _AGREE:
        return []
    parts = _cut(level, anchors, aspect)
    return sorted(
        (_grown(around(word.box for word in part)) for part in parts), key=lambda box: (round(box.y0 * 4), box.x0)
    )


def on_their_side(words: Sequence[Word], aspect: float) -> list[Box]:
    """Parts of a page whose lines stand upright: slips that lie on their side."""
    standing = [word for word in words if _stands(word, aspect) and (word.confidence < _DOUBT or len(word.text) > 6)]
    groups: list[list[Word]] = []
    for word in standing:
        touching = [group for group in groups if any(_distance(word.box, other.box, aspect) < _NEAR for other in group)]
        merged = [word, *(other for group in touching for other in group)]
        groups = [group for group in groups if group not in touching] + [merged]
    return [_grown(around(word.box for word in group)) for group in groups if len(group) >= _FEW]


def inside(words: Sequence[Word], region: Box) -> list[Word]:
    """The words whose centre lies in a region."""
    return [word for word in words if holds(region, word.box)]


def holds(region: Box, box: Box) -> bool:
    """Whether the middle of a box lies in a region."""
    return region.x0 <= (box.x0 + box.x1) / 2 <= region.x1 and region.y0 <= (box.y0 + box.y1) / 2 <= region.y1


def is_label(text: str) -> bool:
    """Whether a text is a label that an invoice bears once."""
    return any(re.search(pattern, text) for pattern, _ in ONCE)


def _stands(word: Word, aspect: float) -> bool:
    box = word.box
    return len(word.text) > 1 and (box.y1 - box.y0) * aspect > 1.6 * (box.x1 - box.x0)


def _anchors(words: Sequence[Word], pattern: str, *, wide: bool) -> list[Word]:
    found: list[Word] = []
    for word in words:
        height = word.box.y1 - word.box.y0
        beside = [other for other in found if abs(word.box.y0 - other.box.y0) < _ROW * height]
        if re.search(pattern, word.text) and not (wide and beside):
            found.append(word)
    return found


def _cut(words: list[Word], anchors: list[Word], aspect: float) -> list[list[Word]]:
    if len(anchors) < 2:
        return [words]
    height = max(word.box.y1 - word.box.y0 for word in anchors)
    tops = sorted(word.box.y0 for word in anchors)
    beside = any(low - high < 6 * height for high, low in pairwise(tops))
    at = _gap_across(words, anchors) if beside else None
    axis: Callable[[Box], float]
    if at is not None:
        axis = _centre_x
    else:
        at, axis = _gap_down(words, anchors), _centre_y
    sides = [[word for word in words if (axis(word.box) < at) is first] for first in (True, False)]
    held = [[word for word in anchors if (axis(word.box) < at) is first] for first in (True, False)]
    if not all(held):
        return [words]
    return [part for side, own in zip(sides, held, strict=True) for part in _cut(side, own, aspect)]


def _gap_across(words: Sequence[Word], anchors: Sequence[Word]) -> float | None:
    """The middle of the widest empty strip from top to bottom that has anchors on both sides."""
    spans = sorted((word.box.x0, word.box.x1) for word in words)
    centres = [_centre_x(word.box) for word in anchors]
    best, widest = None, 0.0
    end = spans[0][1]
    for start, stop in spans:
        if start - end > widest and min(centres) < end and max(centres) > start:
            best, widest = (start + end) / 2, start - end
        end = max(end, stop)
    if best is not None:
        return best
    # no strip is empty: the papers overlap or lean, so cut midway between the two anchors farthest apart
    ordered = sorted(anchors, key=lambda word: word.box.x0)
    gaps = [(right.box.x0 - left.box.x1, (right.box.x0 + left.box.x1) / 2) for left, right in pairwise(ordered)]
    gap, at = max(gaps)
    return at if gap > 0 else None


def _gap_down(words: Sequence[Word], anchors: Sequence[Word]) -> float:
    """Just above the heading of the lower of two anchors, so that a blank inside a paper does not part it."""
    ordered = sorted(anchors, key=lambda word: word.box.y0)
    upper, lower = max(pairwise(ordered), key=lambda pair: pair[1].box.y0 - pair[0].box.y0)
    height = upper.box.y1 - upper.box.y0
    heads = [
        word.box.y0
        for word in words
        if upper.box.y1 + 2 * height < word.box.y0 <= lower.box.y0 and re.search(HEAD, word.text)
    ]
    head = min(heads, default=(upper.box.y1 + lower.box.y0) / 2)
    above = [word.box.y1 for word in words if word.box.y1 <= head + 0.2 * height]
    return (max(above) + head) / 2 if above else head


def _distance(a: Box, b: Box, aspect: float) -> float:
    across = max(0.0, a.x0 - b.x1, b.x0 - a.x1)
    down = max(0.0, a.y0 - b.y1, b.y0 - a.y1) * aspect
    return max(across, down)


def _grown(box: Box) -> Box:
    return Box(
        max(0.0, box.x0 - _MARGIN), max(0.0, box.y0 - _MARGIN), min(1.0, box.x1 + _MARGIN), min(1.0, box.y1 + _MARGIN)
    )


def _centre_x(box: Box) -> float:
    return (box.x0 + box.x1) / 2


def _centre_y(box: Box) -> float:
    return (box.y0 + box.y1) / 2

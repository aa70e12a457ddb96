"""Values that follow their label: the way of all papers without a form of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ocr.kinds.found import BY_PLACE, Found
from ocr.layout import Hit, Sheet, Span
from ocr.types import FieldName

COLON = r"\s*[:;.]?\s*"
DAY = r"(?P<v>(?:19|20)\d\d\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}(?:\s*日)?)(?!\d)"
MONEY = r"(?P<v>[-−]?\s?[¥￥Ұ]{0,2}\s?[-−]?\s?\d[\d,]*(?:\s?[.。]\s?\d{1,2})?)(?![\d%:/]|\s?[kK][mM])"
NAME = r"(?P<v>[^\s:;](?:\s?[^\s:;])*)"
_NEXT = r"统\s*一\s*社|社\s*会\s*信|纳\s*税\s*人|信\s*用\s*代|识\s*别\s*号|税\s*号"
PARTY = rf"(?P<v>(?!\s|{_NEXT})(?:(?!\s\s|\s?(?:{_NEXT}))[^:;])+)"
"""The name of a party, up to the label of its tax id, which a picture may bring near."""
TAX_ID = r"(?P<v>(?:[0-9A-Z*]\s?){15,20})(?![0-9A-Z])"


def label(*names: str) -> str:
    """A pattern for any of several labels, blanks allowed between their characters, and the colon after it."""
    loose = "|".join(r"\s*".join(re.escape(char) for char in name) for name in names)
    return rf"(?:{loose}){COLON}"


def after(sheet: Sheet, found: Found, name: FieldName, pattern: str) -> bool:
    """Record every match of a pattern whose group ``v`` is the value; True when one was taken."""
    taken = False
    for hit in sheet.find(pattern):
        taken |= found.add(name, hit.span("v"))
    return taken


def any_day(sheet: Sheet, found: Found, *, above: float = 9e9) -> None:
    """Record every day above a height as the date, where no label gave one."""
    if not found.has(FieldName.DATE):
        for hit in sheet.find(DAY, above=above):
            found.add(FieldName.DATE, hit.span("v"), trust=BY_PLACE)


def below(sheet: Sheet, hit: Hit, rows: float = 2.2) -> Iterator[Span]:
    """The columns' pieces under a label, nearest first, as in a table whose headers lie above the values."""
    here, row = hit.label, sheet.row
    for line in sheet.lines:
        if not here.cy + 0.5 * row < line.cy <= here.cy + rows * row:
            continue
        for match in re.finditer(r"\S+(?:\s\S+)*", line.text):
            span = line.span(*match.span())
            if span is not None and span.x0 < here.x1 + row and span.x1 > here.x0 - row:
                yield span

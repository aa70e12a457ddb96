"""Readings of pages become receipts: pages of one invoice together, lists with their invoice, data with its paper
(domain.md §4.7, §6).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ocr import coded
from ocr.document import StructuredSet
from ocr.kinds import other
from ocr.rules import payload
from ocr.types import (
    Box,
    CodeMeaning,
    CodeSighting,
    CrcState,
    FieldName,
    FieldValue,
    Kind,
    LineItem,
    Receipt,
    Sheets,
)

NO_INVOICE = frozenset({Kind.OTHER, Kind.UNKNOWN, Kind.LIST_PAGE, Kind.RIDE_LIST})
_WITH_LIST = frozenset(
    {
        Kind.VAT_SPECIAL_PAPER, Kind.VAT_NORMAL_PAPER, Kind.VAT_E_NORMAL, Kind.VAT_E_SPECIAL, Kind.DIG_PAPER_SPECIAL,
        Kind.DIG_PAPER_NORMAL,
    }
)  # fmt: skip
_CELLS = ("specification", "unit", "quantity", "price")
_COUNT = re.compile(r"共\s*(\d{1,3})\s*页\s*第\s*(\d{1,3})\s*页")


@dataclass(slots=True)
class Draft:
    """A receipt in the making. `text` is what its pages print, for the count of pages."""

    kind: Kind
    pages: list[int]
    region: Box | None = None
    values: list[FieldValue] = field(default_factory=list)
    lines: list[LineItem] = field(default_factory=list)
    codes: list[CodeSighting] = field(default_factory=list)
    text: str = ""

    def said(self, name: FieldName) -> frozenset[str]:
        """Every value seen of a field."""
        return frozenset(value.value for value in self.values if value.name is name)

    def receipt(self) -> Receipt:
        """The finished receipt."""
        return Receipt(
            self.kind,
            tuple(sorted(set(self.pages))),
            self.region,
            tuple(self.values),
            tuple(self.lines),
            tuple(self.codes),
            other.name_of(self.text) if self.kind is Kind.OTHER else None,
            self._sheets(),
        )

    def _sheets(self) -> Sheets | None:
        """What its pages say of their count; None when they say nothing or contradict each other or the file."""
        counted = [(int(found[1]), int(found[2])) for found in _COUNT.finditer(self.text)]
        counts = {count for count, _ in counted}
        if len(counts) != 1 or self.kind in {Kind.OTHER, Kind.RIDE_LIST}:
            return None
        (count,) = counts
        here = tuple(sorted({number for _, number in counted}))
        # an invoice with a list does not count itself; any other page without a count was misread
        silent = len(set(self.pages)) - len(counted) - (self.kind in _WITH_LIST)
        if here[0] < 1 or here[-1] > count or len(here) < count <= len(here) + silent:
            return None
        return Sheets(count, here)


def gather(
    readings: Sequence[Draft],
    codes: Sequence[CodeSighting],
    structured: Sequence[StructuredSet],
    named: FieldValue | None,
) -> tuple[Receipt, ...]:
    """The receipts of one file. `readings` are papers page by page, `codes` those of all pages, `named` what the
    name of the file says.
    """
    drafts: list[Draft] = []
    _give_codes(readings, codes)
    for reading in [*readings, *_unread(readings, codes)]:
        home = _home(drafts, reading)
        if home is None:
            drafts.append(reading)
        else:
            _join(home, reading)
    for data in structured:
        _bind(drafts, data)
    if any(draft.kind not in NO_INVOICE for draft in drafts):
        # a page of terms that mentions 发票 beside a real invoice is no paper of its own
        drafts = [draft for draft in drafts if draft.kind is not Kind.UNKNOWN or draft.values or draft.region]
    if named is not None:
        papers = [draft for draft in drafts if draft.kind not in {Kind.OTHER, Kind.RIDE_LIST}]
        same = [draft for draft in papers if named.value in draft.said(FieldName.NUMBER)]
        for draft in same or (papers if len(papers) == 1 else []):
            draft.values.append(named)
    return tuple(draft.receipt() for draft in drafts)


def _give_codes(readings: Sequence[Draft], codes: Iterable[CodeSighting]) -> None:
    """Gives each code to the paper of its page whose number it states, else to the one it lies on."""
    for code in codes:
        here = [reading for reading in readings if code.page in reading.pages]
        number = coded.number_of(code)
        same = [reading for reading in here if number and number in reading.said(FieldName.NUMBER)]
        owners = same or [reading for reading in here if reading.region is None or _holds(reading.region, code.box)]
        if len(owners) > 1 and number:
            owners = [owner for owner in owners if not owner.said(FieldName.NUMBER)] or owners
        for owner in owners[:1]:
            owner.codes.append(code)
            owner.values += coded.values_of(code)


def _unread(readings: Sequence[Draft], codes: Iterable[CodeSighting]) -> list[Draft]:
    """Papers of which only the code could be read: it states number, date and amount."""
    given = {id(code) for reading in readings for code in reading.codes}
    drafts: list[Draft] = []
    for code in codes:
        values = coded.values_of(code)
        if id(code) in given or not values:
            continue
        seen = payload.parse(code.text) if code.meaning is CodeMeaning.INVOICE else None
        kind = {CodeMeaning.FISCAL: Kind.FISCAL, CodeMeaning.BLOCKCHAIN: Kind.BLOCKCHAIN}.get(code.meaning)
        if seen is not None and seen.kind is not None:
            kind = seen.kind
        drafts.append(Draft(kind or Kind.UNKNOWN, [code.page], None, list(values), [], [code]))
    return drafts


def _home(drafts: Sequence[Draft], reading: Draft) -> Draft | None:
    """The earlier paper that a reading belongs to: by its number, as its list, or as its next page."""
    numbers, codes = reading.said(FieldName.NUMBER), reading.said(FieldName.CODE)
    if reading.kind is Kind.RIDE_LIST:
        return None
    for draft in drafts:
        if draft.kind in {Kind.OTHER, Kind.RIDE_LIST} or not numbers & draft.said(FieldName.NUMBER):
            continue
        other = draft.said(FieldName.CODE)
        if codes & other or not codes or not other:
            return draft
    before = max(
        (draft for draft in drafts if draft.pages[-1] < reading.pages[0]),
        key=lambda draft: draft.pages[-1],
        default=None,
    )
    if before is None or before.kind in {Kind.OTHER, Kind.RIDE_LIST}:
        return None
    if reading.kind is Kind.LIST_PAGE:
        cited = numbers and before.said(FieldName.NUMBER)
        return None if cited else before
    if numbers or reading.region is not None or before.pages[-1] != reading.pages[0] - 1:
        return None
    count, earlier = _COUNT.search(reading.text), _last_count(before.text)
    follows = (
        count is not None and earlier is not None and count[1] == earlier[1] and int(count[2]) == int(earlier[2]) + 1
    )
    return before if follows else None


def _last_count(text: str) -> re.Match[str] | None:
    counts = list(_COUNT.finditer(text))
    return counts[-1] if counts else None


def _join(home: Draft, reading: Draft) -> None:
    home.pages += reading.pages
    home.values += reading.values
    home.lines += reading.lines
    home.codes += reading.codes
    home.text += "\n" + reading.text
    if home.kind in NO_INVOICE and reading.kind not in NO_INVOICE:
        home.kind = reading.kind


def _bind(drafts: list[Draft], data: StructuredSet) -> None:
    """Puts a data record to the paper it describes: the one with its number, else the only one that has none."""
    numbers = {value.value for value in data.values if value.name is FieldName.NUMBER}
    # a record may state code and number as one text of twenty digits
    tails = {number[-8:] for number in numbers if len(number) == 20 and number[0] in "01"}
    owner = next((draft for draft in drafts if (numbers | tails) & draft.said(FieldName.NUMBER)), None)
    if owner is None:
        free = [draft for draft in drafts if not draft.said(FieldName.NUMBER) and draft.kind is not Kind.RIDE_LIST]
        owner = next(
            (draft for draft in free if data.page in draft.pages), free[0] if len(drafts) == 1 and free else None
        )
    if owner is None:
        owner = Draft(data.kind or Kind.UNKNOWN, [data.page])
        drafts.append(owner)
    owner.values[:0] = data.values
    if data.kind is not None:
        owner.kind = data.kind
    if data.lines:
        owner.lines = _completed(data.lines, owner.lines)
    known = {code.text for code in owner.codes}
    for text in data.qr_texts:
        if text not in known:
            owner.codes.append(sighting_of_record(text, data.page))


def _completed(told: Sequence[LineItem], read: Sequence[LineItem]) -> list[LineItem]:
    """The lines of a record; where it leaves out a cell that the same lines of the paper print, with that cell."""
    if [line.amount for line in told] != [line.amount for line in read]:
        return list(told)
    return [
        replace(line, **{name: getattr(line, name) or getattr(seen, name) for name in _CELLS})
        for line, seen in zip(told, read, strict=True)
    ]


def sighting_of_record(text: str, page: int) -> CodeSighting:
    """A payload that a data record quotes, as a code seen on no picture."""
    parsed = payload.parse(text)
    crc = parsed.crc if parsed is not None else CrcState.NONE
    return CodeSighting(text, payload.meaning(text), crc, page, None, "record")


def _holds(region: Box, box: Box | None) -> bool:
    if box is None:
        return True
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return region.x0 <= x <= region.x1 and region.y0 <= y <= region.y1

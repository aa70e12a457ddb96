"""Which slip of a reader or of a hand would make one value out of another (domain.md §9.3), and where they differ. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final

from intake.model import Slip
from ocr.rules.confusion import confusable, core
from ocr.types import FieldName

F = FieldName
NEIGHBOURS: Final = 5
"""How far apart two numbers of one batch are 连号 (domain.md §9.5.6)."""
_MONEY: Final = frozenset({F.NET, F.TAX, F.TOTAL})
_TIMES: Final = {Decimal(10): Slip.TIMES_TEN, Decimal(100): Slip.TIMES_HUNDRED}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of two values, side by side: `same`, or what stands here and what there; either may be empty."""

    seen: str
    expected: str
    same: bool


def pieces(seen: str, expected: str) -> tuple[Piece, ...]:
    """The two values cut where they begin and end to differ. Values of one length are held against each other place by
    place, so that a misread digit never moves the others.
    """
    if len(seen) == len(expected):
        marks = [one == other for one, other in zip(seen, expected, strict=True)]
        cuts = [0, *(at for at in range(1, len(marks)) if marks[at] != marks[at - 1]), len(marks)]
        spans = [(start, end) for start, end in pairwise(cuts) if end > start]
        return tuple(Piece(seen[start:end], expected[start:end], marks[start]) for start, end in spans)
    found = SequenceMatcher(None, seen, expected, autojunk=False).get_opcodes()
    return tuple(Piece(seen[a0:a1], expected[b0:b1], kind == "equal") for kind, a0, a1, b0, b1 in found)


def slip_of(name: FieldName, seen: str, expected: str, today: date | None = None) -> Slip | None:
    """The likeliest slip that makes `seen` of a different `expected`, both in the spelling of `ocr.normalise`; None when
    none does. `today` is the day in China.
    """
    if name in _MONEY:
        return _of_money(seen, expected) or _of_text(seen, expected)
    if name is F.DATE:
        return _of_day(seen, expected, today) or _of_text(seen.replace("-", ""), expected.replace("-", ""))
    found = _of_text(seen, expected)
    plain = found in {None, Slip.OTHER_CHARACTER}
    return Slip.NEIGHBOUR if plain and name is F.NUMBER and _neighbours(seen, expected) else found


def slip_of_pair(seen: tuple[str, str], expected: tuple[str, str], check_code: str = "") -> Slip | None:
    """The likeliest slip that makes the seen (code, number) of an expected pair; code "" where there is none, None where
    the pairs are equal or unlike.

    `check_code` is the paper's 校验码, for a number that was copied from it.
    """
    (code, number), (other_code, other_number) = seen, expected
    if seen == expected:
        return None
    if (code, number) == (other_number, other_code):
        return Slip.EXCHANGED
    if code + number == other_code + other_number:
        return Slip.JOINED
    if not code and number == other_number:
        return Slip.NO_CODE
    if number and number in check_code and number != other_number:
        return Slip.CHECK_CODE
    return _of_one(seen, expected)


def _of_one(seen: tuple[str, str], expected: tuple[str, str]) -> Slip | None:
    """The slip in the one of code and number that differs; None where both do."""
    (code, number), (other_code, other_number) = seen, expected
    if code == other_code:
        return slip_of(F.NUMBER, number, other_number)
    return slip_of(F.CODE, code, other_code) if number == other_number else None


def _of_text(seen: str, expected: str) -> Slip | None:
    before, here, there = core(seen, expected)
    if confusable(here, there):
        return Slip.CONFUSED
    if len(here) == len(there) == 1:
        return Slip.OTHER_CHARACTER
    if len(here) == 2 and here == there[::-1]:
        return Slip.TRANSPOSED
    if not here and len(there) == 1:
        return Slip.DROPPED
    if not there and len(here) == 1:
        return Slip.DOUBLED if before.endswith(here) else Slip.ADDED
    return None


def _of_money(seen: str, expected: str) -> Slip | None:
    small, large = sorted((abs(Decimal(seen)), abs(Decimal(expected))))
    return _TIMES.get(large / small) if small else None


def _of_day(seen: str, expected: str, today: date | None) -> Slip | None:
    if swapped_day(seen) == date.fromisoformat(expected):
        return Slip.DAY_AND_MONTH
    return Slip.DAY_OF_RECEIPT if today is not None and seen == today.isoformat() else None


def swapped_day(value: str) -> date | None:
    """The day with day and month exchanged; None when there is no such day or it is the same."""
    year, month, day = (int(part) for part in value.split("-"))
    if month == day or day > 12:
        return None
    return date(year, day, month)


def _neighbours(seen: str, expected: str) -> bool:
    digits: Sequence[str] = (seen, expected)
    alike = len(seen) == len(expected) and all(one.isdecimal() for one in digits)
    return alike and abs(int(seen) - int(expected)) <= NEIGHBOURS


def next_numbers(number: str) -> tuple[str, ...]:
    """The numbers before and after this one, of the same length, that no single slip reaches (a digit was carried)."""
    if not number.isdecimal():
        return ()
    others = (f"{int(number) + step:0{len(number)}d}" for step in (-1, 1))
    return tuple(one for one in others if one.isdecimal() and len(one) == len(number) and _of_text(number, one) is None)

"""Sampling inspection by attributes (计数抽样检验) after ISO 2859-1:1999, the same as GB/T 2828.1. Pure.

General inspection level II and single sampling plans: the size of a lot gives a code letter; letter, AQL (the worst share of
wrong invoices, in per cent, that is tolerable on the average) and mode give how many are looked at (`size`), up to how many
wrong ones the lot is accepted (`accept`, Ac) and from how many on it is not (`reject`, Re). The master tables are
written as what they are, one diagonal an AQL: a plan with Ac = 0, an arrow up, an arrow down, and then growing Ac.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from math import comb
from typing import Final


@unique
class Mode(StrEnum):
    """How severely lots are inspected (9.3 of the standard)."""

    NORMAL = "normal"
    TIGHTENED = "tightened"
    REDUCED = "reduced"
    DISCONTINUED = "discontinued"  # sampling is suspended: every invoice of a lot is inspected


@dataclass(frozen=True, slots=True)
class Plan:
    """`letter`: of the plan taken, after the arrows. `accept`, `reject`: Ac and Re."""

    letter: str
    size: int
    accept: int
    reject: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A lot whose original inspection is over. `resumed`: after it somebody said that what was wrong is mended."""

    mode: Mode
    size: int
    found: int
    accepted: bool
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the switching rules stand. `score`: of 9.3.3.2, towards 30. `streak`: lots accepted one after the other in
    this mode. `lost`: lots not accepted since tightened inspection began, towards 5.
    """

    mode: Mode = Mode.NORMAL
    score: int = 0
    streak: int = 0
    lost: int = 0
    recent: tuple[bool, ...] = ()  # of the last lots under normal inspection, at most four


LETTERS: Final = "ABCDEFGHJKLMNPQRS"
# Table 1, general level II: lots up to this size have this letter
_UPPER: Final = (8, 15, 25, 50, 90, 150, 280, 500, 1200, 3200, 10_000, 35_000, 150_000, 500_000)
SIZES: Final = (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000, 3150)
_REDUCED_SIZES: Final = (2, 2, 2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800)
AQLS: Final = (
    "0.010", "0.015", "0.025", "0.040", "0.065", "0.10", "0.15", "0.25", "0.40", "0.65", "1.0", "1.5", "2.5", "4.0", "6.5",
)  # fmt: skip

# Ac along a diagonal: at its first letter, then from the third letter after it on (an arrow up and an arrow down between)
_NORMAL: Final = (0, 1, 2, 3, 5, 7, 10, 14, 21)
_TIGHTENED: Final = (0, 1, 2, 3, 5, 8, 12, 18)
_REDUCED: Final = (0, 1, 2, 3, 5, 6, 8, 10)
_ARROWS: Final = 2

_TO_TIGHTENED: Final = 2  # lots not accepted …
_OF: Final = 5  # … of so many or fewer in a row
_BACK: Final = 5  # accepted in a row under tightened inspection
_TO_REDUCED: Final = 30  # the switching score
_END: Final = 5  # not accepted under tightened inspection


def letter_of(lot: int) -> str:
    """Table 1: the code letter of a lot, at general level II."""
    return LETTERS[next((at for at, upper in enumerate(_UPPER) if lot <= upper), len(_UPPER))]


def plan_of(lot: int, aql: str, mode: Mode) -> Plan:
    """Tables 2-A to 2-C: what to inspect of a lot (its size, from 1 on). A sample as large as the lot is the lot.

    Raises ValueError for an AQL that has no column here, or an empty lot.
    """
    if lot < 1:
        raise ValueError(f"a lot of {lot}")
    if mode is Mode.DISCONTINUED:
        return Plan(letter_of(lot), lot, 0, 1)
    at, accept = _entry(LETTERS.index(letter_of(lot)), _first(aql, mode), _accepts(mode), _last(mode))
    sizes = _REDUCED_SIZES if mode is Mode.REDUCED else SIZES
    return Plan(LETTERS[at], min(lot, sizes[at]), accept, accept + 1)


def _first(aql: str, mode: Mode) -> int:
    """Where the diagonal of an AQL begins: the letter whose plan has Ac = 0."""
    first = len(AQLS) - 1 - AQLS.index(aql)
    return first + 1 if mode is Mode.TIGHTENED else first


def _accepts(mode: Mode) -> tuple[int, ...]:
    return {Mode.NORMAL: _NORMAL, Mode.TIGHTENED: _TIGHTENED}.get(mode, _REDUCED)


def _last(mode: Mode) -> int:
    """The last letter of a master table: S is a row of tightened inspection only."""
    return len(SIZES) - 1 if mode is Mode.TIGHTENED else len(_REDUCED_SIZES) - 1


def _entry(at: int, first: int, accepts: tuple[int, ...], last: int) -> tuple[int, int]:
    """The letter and Ac that the arrows lead to from the cell of a letter (by their places in :data:`LETTERS`)."""
    if at <= first:
        return first, accepts[0]
    second = first + 1 + _ARROWS  # the first letter with Ac = 1
    if at == first + 1 or second > last:
        return first, accepts[0]  # an arrow up; no plan further down to point at
    at = max(at, second)
    highest = second + len(accepts) - 2
    at = min(at, highest)
    return at, accepts[1 + at - second]


def accepts(plan: Plan, share: float) -> float:
    """The OC curve: how probable it is that a lot with this share of wrong invoices (0–1) is accepted."""
    return sum(comb(plan.size, k) * share**k * (1 - share) ** (plan.size - k) for k in range(plan.accept + 1))


def verdict(plan: Plan, seen: int, wrong: int) -> bool | None:
    """Whether a lot is accepted after `seen` of its sample, `wrong` of them wrong; None while that is open."""
    if wrong >= plan.reject:
        return False
    return True if seen >= plan.size else None


def draw(members: Iterable[int], size: int, seed: str) -> tuple[int, ...]:
    """The sample: the members whose SHA-256 with the seed is smallest. Whoever knows the seed gets the same again."""

    def place(member: int) -> bytes:
        return hashlib.sha256(f"{seed}:{member}".encode()).digest()

    return tuple(sorted(sorted(members, key=place)[:size]))


def standing(history: Sequence[Judged], aql: str) -> Standing:
    """Where the switching rules stand after these lots, the earliest first."""
    now = Standing()
    for lot in history:
        now = after(now, lot, aql)
    return now


def after(now: Standing, lot: Judged, aql: str) -> Standing:
    """9.3: the standing after one more lot; one that was drawn before the last switch, in another mode, does not count."""
    if lot.mode is not now.mode and not lot.resumed:
        return now
    if now.mode is Mode.NORMAL:
        return _after_normal(now, lot, aql)
    if now.mode is Mode.TIGHTENED:
        return _after_tightened(now, lot)
    if now.mode is Mode.REDUCED:
        return now if lot.accepted else Standing()
    return Standing(Mode.TIGHTENED) if lot.resumed else now


def _after_normal(now: Standing, lot: Judged, aql: str) -> Standing:
    recent = (*now.recent, lot.accepted)[-_OF:]
    if recent.count(False) >= _TO_TIGHTENED:
        return Standing(Mode.TIGHTENED)
    score = now.score + _points(lot, aql) if _scores(lot, aql) else 0
    if score >= _TO_REDUCED:
        return Standing(Mode.REDUCED)
    streak = now.streak + 1 if lot.accepted else 0
    return Standing(Mode.NORMAL, score, streak, 0, recent[1 - _OF :])


def _after_tightened(now: Standing, lot: Judged) -> Standing:
    streak = now.streak + 1 if lot.accepted else 0
    lost = now.lost + (not lot.accepted)
    if lost >= _END:
        return Standing(Mode.TIGHTENED if lot.resumed else Mode.DISCONTINUED)
    if streak >= _BACK:
        return Standing()
    return Standing(Mode.TIGHTENED, 0, streak, lost)


def _points(lot: Judged, aql: str) -> int:
    """9.3.3.2: three points where Ac is 2 or more, else two."""
    return 3 if plan_of(lot.size, aql, Mode.NORMAL).accept >= 2 else 2


def _scores(lot: Judged, aql: str) -> bool:
    """Whether the score grows: the lot is accepted and, where Ac is 2 or more, would be by the next stricter AQL too."""
    if _points(lot, aql) == 2:
        return lot.accepted
    stricter = AQLS[max(0, AQLS.index(aql) - 1)]
    return lot.accepted and lot.found <= plan_of(lot.size, stricter, Mode.NORMAL).accept

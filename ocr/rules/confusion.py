"""Which characters are taken for one another, by readers and by typing hands (domain.md §9.3)."""

from __future__ import annotations

from typing import Final

# what each character is taken for: digits first (dot-matrix and Courier), then letters of tax ids
_TAKEN_FOR: Final = {
    "0": "689DOQ", "1": "47IL", "2": "7Z", "3": "589", "4": "19A", "5": "36S", "6": "058BG", "7": "12T", "8": "0369B",
    "9": "0348GQ", "U": "V", "M": "N", "Y": "V", "X": "K", "E": "F", "R": "P",
}  # fmt: skip

_CONFUSED: Final = frozenset(frozenset({char, other}) for char, others in _TAKEN_FOR.items() for other in others) | {
    frozenset({"W", "VV"}),
    frozenset({"H", "11"}),
}


def confusable(one: str, other: str) -> bool:
    """Whether two different characters (or `W` and `VV`, `H` and `11`) are taken for one another, in any case."""
    return frozenset({one.upper(), other.upper()}) in _CONFUSED


def core(one: str, other: str) -> tuple[str, str, str]:
    """The common beginning of two texts, as long as may be, and what is left of each without it and the common end."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return one[:start], one[start : len(one) - end], other[start : len(other) - end]


def one_edit(one: str, other: str) -> bool:
    """Whether two different texts are one substitution, insertion, deletion, swap of neighbours or confusion apart."""
    if one == other:
        return False
    _, left, right = core(one, other)
    swapped = len(left) == 2 and left == right[::-1]
    return max(len(left), len(right)) == 1 or swapped or confusable(left, right)

"""The keys that one slip away from a key may stand for (domain.md §9.2 M2, §9.3). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ocr.rules.confusion import confusable
from ocr.rules.keys import joined

DIGITS: Final = "0123456789"
CODE_LENGTHS: Final = frozenset({10, 12})
NUMBER_LENGTH: Final = 8
WHOLE_LENGTH: Final = 20


def near_keys(code: str, number: str) -> tuple[str, ...]:
    """Well-formed keys one edit away from this code and number, most likely slips first; at most about 420.

    The seen strings may be a digit short or long; the keys never are. Without a code the number is taken for the
    20 digits of a 数电票. The exact key is not among them.
    """
    if not (code + number).isdigit():
        return ()
    whole = joined(code, number)
    if whole:
        code, number = "", whole
    keys: dict[str, None] = {}
    if code:
        exact = f"T:{code}:{number}"
        for slip in _slips(number, range(NUMBER_LENGTH, NUMBER_LENGTH + 1)):
            if len(code) in CODE_LENGTHS:
                keys[f"T:{code}:{slip}"] = None
        for slip in _slips(code, sorted(CODE_LENGTHS)):
            if len(number) == NUMBER_LENGTH:
                keys[f"T:{slip}:{number}"] = None
        # confusable digits of the code before unlikely slips of the number: a stable sort by likelihood
        ordered = sorted(keys, key=lambda key: _unlikely(exact, key))
    else:
        ordered = [f"D:{slip}" for slip in _slips(number, range(WHOLE_LENGTH, WHOLE_LENGTH + 1))]
    return tuple(ordered)


def _slips(seen: str, lengths: range | list[int]) -> Iterator[str]:
    """Strings of the given lengths one slip away from `seen`, most likely first, each once."""
    made: dict[str, None] = {}
    if len(seen) in lengths:
        made |= dict.fromkeys(seen[:at] + seen[at + 1] + seen[at] + seen[at + 2 :] for at in range(len(seen) - 1))
        swaps = [seen[:at] + digit + seen[at + 1 :] for at in range(len(seen)) for digit in DIGITS]
        made |= dict.fromkeys(sorted(swaps, key=lambda slip: _unlikely(seen, slip)))
    if len(seen) - 1 in lengths:
        made |= dict.fromkeys(seen[:at] + seen[at + 1 :] for at in range(len(seen)))
    if len(seen) + 1 in lengths:
        made |= dict.fromkeys(seen[:at] + digit + seen[at:] for at in range(len(seen) + 1) for digit in DIGITS)
    made.pop(seen, None)
    yield from made


def _unlikely(seen: str, slip: str) -> int:
    """0 for a transposition, a dropped or doubled digit or a confusion pair, 1 for any other digit."""
    if len(seen) != len(slip):
        return 0
    pairs = [(one, other) for one, other in zip(seen, slip, strict=True) if one != other]
    return int(len(pairs) == 1 and not confusable(*pairs[0]))

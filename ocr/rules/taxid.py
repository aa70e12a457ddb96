"""Tax identifiers and their check digits (domain.md §4.1, §4.2; GB 32100-2015, GB 11714, GB 11643)."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum, unique
from typing import Final, assert_never

from ocr.rules.confusion import confusable

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of 统一社会信用代码: no I, O, S, V, Z."""

_USCC: Final = re.compile(f"[{ALPHABET}]{{18}}")
_USCC_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_ORG: Final = re.compile(r"[0-9A-Z]{8}[0-9X]")
_ORG_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_ID: Final = re.compile(r"[0-9]{17}[0-9X]")
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_REGION_DIGITS: Final = "123456"  # GB/T 2260 codes of the mainland begin so


@unique
class TaxIdKind(StrEnum):
    """What a printed tax id is."""

    EMPTY = "empty"  # allowed on a general invoice for a person
    USCC = "uscc"  # 统一社会信用代码, 18
    PERSON = "person"  # identity number, 18
    PERSON_SEQUENCE = "person_sequence"  # identity number and two digits, 20 (个体户)
    OLD = "old"  # 15: region and organisation code, or an old identity number
    AGENT = "agent"  # 15 with DK: a tax office that issued for the seller (代开)
    LONG_OLD = "long_old"  # 17: an old identity number and two digits
    UNKNOWN = "unknown"


_FORMS: Final = (
    (TaxIdKind.EMPTY, re.compile("")),
    (TaxIdKind.AGENT, re.compile(r"[0-9]{8}DK[0-9]{5}")),
    (TaxIdKind.OLD, re.compile(r"[0-9A-Z]{15}")),
    (TaxIdKind.LONG_OLD, re.compile(r"[0-9A-Z]{17}")),
    (TaxIdKind.USCC, re.compile(r"[0-9A-Z]{18}")),
    (TaxIdKind.PERSON_SEQUENCE, re.compile(r"[0-9]{17}[0-9X][0-9]{2}")),
)


def uscc_ok(text: str) -> bool:
    """Whether 18 characters are a 统一社会信用代码 with its check digit (§4.1)."""
    if not _USCC.fullmatch(text):
        return False
    total = sum(ALPHABET.index(char) * weight for char, weight in zip(text, _USCC_WEIGHTS, strict=False))
    return ALPHABET[-total % 31] == text[17]


def org_ok(text: str) -> bool:
    """Whether nine characters are an organisation code with its check digit (GB 11714)."""
    if not _ORG.fullmatch(text):
        return False
    total = sum(int(char, 36) * weight for char, weight in zip(text, _ORG_WEIGHTS, strict=False))
    return "0X987654321"[total % 11] == text[8]


def id_ok(text: str) -> bool:
    """Whether 18 characters are an identity number: check digit and birth date (GB 11643)."""
    if not _ID.fullmatch(text) or not _is_day(text[6:14]):
        return False
    return (
        "10X98765432"[sum(int(char) * weight for char, weight in zip(text, _ID_WEIGHTS, strict=False)) % 11] == text[17]
    )


def classify(text: str) -> TaxIdKind:
    """What a tax id is, by its form; its check digit decides only where the forms overlap (§4.2)."""
    kind = next((kind for kind, form in _FORMS if form.fullmatch(text)), TaxIdKind.UNKNOWN)
    return TaxIdKind.PERSON if kind is TaxIdKind.USCC and _is_person(text) else kind


def check_ok(text: str) -> bool | None:
    """Whether the check digit fits; None where the kind has none that is known."""
    kind = classify(text)
    match kind:
        case TaxIdKind.USCC:
            return uscc_ok(text)
        case TaxIdKind.PERSON | TaxIdKind.PERSON_SEQUENCE:
            return id_ok(text[:18])
        case TaxIdKind.OLD:
            # 15 digits may be an old identity number, which has no check digit
            return True if org_ok(text[6:]) else None
        case TaxIdKind.EMPTY | TaxIdKind.AGENT | TaxIdKind.LONG_OLD | TaxIdKind.UNKNOWN:
            return None
        case _:  # pragma: no cover
            assert_never(kind)


def repairs(text: str) -> tuple[str, ...]:
    """The 统一社会信用代码 that differ from an 18-character reading in one character that readers confuse.

    Proposals for a person, never to be taken by themselves; the inner organisation code must fit too (§4.1).
    """
    if len(text) != 18 or uscc_ok(text):
        return ()
    text = text.upper()
    found = (
        text[:place] + char + text[place + 1 :]
        for place, seen in enumerate(text)
        for char in ALPHABET
        if confusable(seen, char)
    )
    return tuple(sorted(fixed for fixed in found if uscc_ok(fixed) and org_ok(fixed[8:17])))


def _is_person(text: str) -> bool:
    """Whether 18 characters have the form of an identity number and are not rather a company's code."""
    if not _ID.fullmatch(text) or text[0] not in _REGION_DIGITS or not _is_day(text[6:14]):
        return False
    return id_ok(text) or not uscc_ok(text)


def _is_day(text: str) -> bool:
    if text[:2] not in {"18", "19", "20"}:
        return False
    try:
        date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:]}")
    except ValueError:
        return False
    return True

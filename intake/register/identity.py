"""Which invoice a row is about, its code and number repaired (domain.md §7.5, §9.1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from intake.register import vocabulary as words
from intake.register.columns import Cell
from intake.register.meaning import Meaning
from ocr.rules.codes import decode_code, decode_number, split_concatenated
from ocr.rules.keys import alias_of, joined, key_of
from ocr.types import Kind

# 发票票种 of a fully digital invoice in tables whose words do not say 数电
DIGITAL_OF: Final = {
    Kind.VAT_SPECIAL_PAPER: Kind.DIG_SPECIAL,
    Kind.VAT_E_SPECIAL: Kind.DIG_SPECIAL,
    Kind.VAT_NORMAL_PAPER: Kind.DIG_NORMAL,
    Kind.VAT_E_NORMAL: Kind.DIG_NORMAL,
    Kind.VEHICLE: Kind.DIG_VEHICLE,
    Kind.USED_VEHICLE: Kind.DIG_USED_VEHICLE,
}
PAPER_OF: Final = {Kind.DIG_SPECIAL: Kind.DIG_PAPER_SPECIAL, Kind.DIG_NORMAL: Kind.DIG_PAPER_NORMAL}

# whose keys are made of other things than code and number
SPECIAL: Final = frozenset({Kind.CUSTOMS, Kind.FISCAL, Kind.TRAIN_PAPER, Kind.AIR_PAPER})

Found: TypeAlias = tuple[str, str | None, str, str, str]
"""Key, alias, code, number, kind."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Which invoice a row is about."""

    kind: Kind
    code: str
    number: str
    key: str
    alias: str | None


def identify(kind: Kind | None, code: str, number: str, whole: str, *, digital: bool) -> Identity | None:
    """Which invoice a row is about, its code and number repaired; None when no key can be formed.

    `whole` is the 20-digit number of a 数电票, which may stand in the column of the 8-digit numbers, may be
    split over both columns (12 + 8; `digital` when the row's words say 数电), or may be the concatenation of an older
    code and number (domain.md §3.4).
    """
    if not whole and len(number) == 20:
        whole, number = number, ""
    parts = split_concatenated(whole) if whole else None
    if parts:
        (code, number), whole = parts, ""
    elif not whole and ((digital and len(code) == 12 and len(number) == 8) or joined(code, number)):
        whole, code, number = code + number, "", ""
    if code.isdigit() and len(code) == 11:
        code = code.zfill(12)
    if code and number.isdigit() and len(number) < 8:
        number = number.zfill(8)
    if whole:
        kind = DIGITAL_OF.get(kind, kind) if kind else None
        if code and number and kind:
            kind = PAPER_OF.get(kind, kind)
        family = kind or Kind.DIG_NORMAL
        printed, number = (number if code else ""), whole
        key, alias = key_of(family, code, whole), alias_of(family, code, whole, printed=printed)
    else:
        if kind is None:
            decoded = decode_code(code) if code else None
            kind = decoded.kind if decoded else None
        key, alias = key_of(kind or Kind.UNKNOWN, code, number), None
    return Identity(kind or Kind.UNKNOWN, code, number, key, alias) if key else None


def identifier(meaning: Meaning) -> Callable[[Cell, Cell, Cell, Cell], Found | None]:
    """:func:`identify` for cells: the word of the kind, code, number, 数电 number.

    The function raises DigitsLostError. The two usual shapes, 20 digits alone and a paper's code with its number, do
    not go the long way.
    """

    @lru_cache(maxsize=1024)
    def kinds(word: Cell) -> tuple[Kind | None, bool, str, str]:
        """The kind, whether the word says 数电, and the kind's value for a 20-digit number and for a paper."""
        plain = words.text(word)
        kind = meaning.kind(plain)
        digital = words.is_digital(plain)
        if kind is None:
            return None, digital, Kind.UNKNOWN.value, ""
        if kind in SPECIAL:
            return kind, digital, "", ""
        return kind, digital, DIGITAL_OF.get(kind, kind).value, kind.value

    def found(word: Cell, code: Cell, number: Cell, whole: Cell) -> Found | None:
        kind, digital, as_whole, as_paper = kinds(word)
        if not code and not number:
            if as_whole and isinstance(whole, str) and _usual(whole):
                return f"D:{whole}", None, "", whole, as_whole
        elif (
            not whole and as_paper and not digital
            and isinstance(code, str) and isinstance(number, str)
            and len(number) == 8 and len(code) in {10, 12} and code[5:7] != "00"
            and number.isdecimal() and code.isdecimal() and number.isascii() and code.isascii() and number != "00000000"
        ):  # fmt: skip
            return f"T:{code}:{number}", None, code, number, as_paper
        one = identify(kind, words.digits(code), words.digits(number), words.digits(whole), digital=digital)
        return (one.key, one.alias, one.code, one.number, one.kind.value) if one else None

    return found


def _usual(whole: str) -> bool:
    """Whether this is a 数电票号码 that has no second key (`ocr.rules.keys.joined`)."""
    return (
        len(whole) == 20
        and whole.isdecimal()
        and whole.isascii()
        and whole[5:7] == "00"
        and _starts_a_number(whole[:4])
    )


@lru_cache(maxsize=4096)
def _starts_a_number(start: str) -> bool:
    """Whether year and region in front are those of a 数电票号码."""
    info = decode_number(start + "0" * 16)
    return info is not None and info.region is not None


def digits_of(code: Cell, number: Cell, whole: Cell) -> str:
    """The longest number that a row without a key shows, for finding it again."""
    shown: list[str] = []
    for cell in (whole, number, code):
        try:
            shown.append(words.digits(cell))
        except words.DigitsLostError as lost:
            shown.append(lost.digits)
    return max(shown, key=len)[:32]

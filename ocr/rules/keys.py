"""What identifies an invoice: its key and its aliases (domain.md §9.1), and which texts may be taken for it (§9.3)."""

from __future__ import annotations

import re

from ocr.rules.codes import decode_number, plausible_number8, split_concatenated
from ocr.rules.confusion import confusable, one_edit
from ocr.types import Kind

__all__ = ["alias_of", "confusable", "joined", "key_of", "one_edit"]


def key_of(kind: Kind, code: str | None, number: str | None, *, serial: str | None = None) -> str | None:
    """The primary key: ``D:…``, ``T:…:…``, ``C:…``, ``F:…:…``, ``R:…``, ``A:…``; None when it cannot be formed.

    `serial` is the 21 characters of a train ticket, or the printed 印刷序号 of an air itinerary.
    """
    code, number, serial = code or "", number or "", serial or ""
    match kind:
        case Kind.CUSTOMS:
            return _customs(number)
        case Kind.FISCAL:
            fits = re.fullmatch(r"[0-9]{8}", code) and re.fullmatch(r"[0-9]{10}|[0-9]{16}", number)
            return f"F:{code}:{number}" if fits else None
        case Kind.TRAIN_PAPER:
            return f"R:{serial}" if re.fullmatch(r"[0-9A-Z]{21}", serial) else None
        case Kind.AIR_PAPER:
            tail = f":{serial}" if serial else ""
            return f"A:{number}{tail}" if re.fullmatch(r"[0-9]{13}", number) else None
        case _:
            return _invoice(code, number)


def alias_of(kind: Kind, code: str | None, number: str | None, *, printed: str | None = None) -> str | None:
    """The second key of a 20-digit number, None for the rest.

    For a 数电纸质 form it is its `code` with the eight-digit number `printed` on the form; for the others the
    12 + 8 split that some exports show, unless :func:`key_of` knows that split for what it is.
    """
    key = key_of(kind, code, number)
    if key is None or not key.startswith("D:"):
        return None
    second = _pair(code or "", printed) if printed else _pair(key[2:14], key[14:])
    return None if second == key else second


def joined(code: str, number: str) -> str | None:
    """The 20 digits of a 数电票号码 that stands split into 12 + 8 (domain.md §3.4); None for a real code and number.

    Such a split has a year and a region of the number in front, and zeros where a code has its year: the sequence of
    a 数电票号码 has 15 digits, of which the first are zeros, and no code is of the year 2000.
    """
    if not re.fullmatch(r"[0-9]{12}", code) or not re.fullmatch(r"[0-9]{8}", number) or code[5:7] != "00":
        return None
    info = decode_number(code + number)
    return code + number if info is not None and info.region else None


def _invoice(code: str, number: str) -> str | None:
    if not re.fullmatch(r"[0-9]{20}", number):
        return _pair(code, number)
    split = split_concatenated(number)
    return f"T:{split[0]}:{split[1]}" if split else f"D:{number}"


def _pair(code: str, number: str) -> str | None:
    whole = joined(code, number)
    if whole:
        return f"D:{whole}"
    # older local codes have a letter in the ninth place
    fits = re.fullmatch(r"[0-9]{10}|[0-9]{12}|[12][0-9]{7}[A-Z][0-9]{3}", code) and plausible_number8(number)
    return f"T:{code}:{number}" if fits else None


def _customs(number: str) -> str | None:
    found = re.fullmatch(r"([0-9]{4}(?:19|20)[0-9]{2}1[0-9]{9})[-/*]L([0-9]{2})", number)
    return f"C:{found[1]}-L{found[2]}" if found else None

"""The vehicle identification number (车辆识别代号, 车架号) and its check digit (GB 16735)."""

from __future__ import annotations

import re
from typing import Final

_WORTH: Final = {sign: value for value, sign in enumerate("0123456789")} | dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_LOOKALIKES: Final = str.maketrans("IOQ", "100")


def spelled(text: str) -> str | None:
    """A VIN of 17 characters in capitals without blanks; I, O and Q, which it never has, as the digits they are.

    None when the text is none.
    """
    plain = re.sub(r"[\s.:;-]", "", text).upper().translate(_LOOKALIKES)
    return plain if re.fullmatch(r"[0-9A-HJ-NPR-Z]{17}", plain) and re.search(r"[0-9]{2}", plain) else None


def vin_ok(text: str) -> bool:
    """Whether the ninth character is the check digit of the others. Cars from elsewhere may carry none."""
    if not re.fullmatch(r"[0-9A-HJ-NPR-Z]{17}", text):
        return False
    rest = sum(_WORTH[sign] * weight for sign, weight in zip(text, _WEIGHTS, strict=True)) % 11
    return text[8] == ("X" if rest == 10 else str(rest))

"""Money, rates and sums (domain.md §4.4, §4.5). Money is `Decimal`; words are 大写."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

CENT: Final = Decimal("0.01")
LINE_TAX_TOLERANCE: Final = Decimal("0.06")
"""Largest difference of a line's tax from amount × rate: the limit of issuing software, unofficial (§4.5 rule 3)."""
INVOICE_TAX_TOLERANCE: Final = Decimal("1.27")
"""Largest difference of the whole tax from Σ amount × rate, as above."""
PRICE_TOLERANCE: Final = Decimal("0.01")
RATES: Final = frozenset(Decimal(rate) / 1000 for rate in (0, 10, 15, 20, 30, 40, 50, 60, 90, 100, 110, 130, 160, 170))
"""Rates in use and historic ones (§4.5); an unknown one is worth a warning only."""
MOST_RATE: Final = Decimal("0.18")
"""No tax is a larger part of its net than this: 17 % and the rounding of small amounts."""

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_LARGEST: Final = Decimal(10) ** 16
# what readers make of the characters, older and traditional forms, and everyday numerals (§4.4)
_SPELLINGS: Final = {
    "0": "零〇○",
    "1": "壹壶一",
    "2": "贰式武弍貳二两",
    "3": "叁參参三",
    "4": "肆肄四",
    "5": "伍五",
    "6": "陆陸六",
    "7": "柒染漆七",
    "8": "捌别八",
    "9": "玖致政九",
    "拾": "合十",
    "佰": "伯百",
    "仟": "什任千",
    "万": "萬",
    "亿": "億",
    "元": "圆园固圓",
    "整": "正",
}
_READ_AS: Final = str.maketrans({seen: meant for meant, all_seen in _SPELLINGS.items() for seen in all_seen})
_SECTION: Final = re.compile(r"0*(?:([1-9])仟)?0*(?:([1-9])佰)?0*(?:([1-9]?)拾)?0*([1-9]?)0*")


def to_words(value: Decimal) -> str:
    """The amount in words (大写) in its canonical form. Raises ValueError from 10¹⁶ on and below a cent."""
    fen = abs(value) * 100
    if fen != int(fen) or abs(value) >= _LARGEST:
        raise ValueError(f"no amount of money: {value}")
    yuan, cents = divmod(int(fen), 100)
    jiao, rest = divmod(cents, 10)
    words = _whole(yuan) + "圆" if yuan else ""
    if not cents:
        words = (words or "零圆") + "整"
    elif not rest:
        words += f"{_DIGITS[jiao]}角整"
    elif not jiao:
        words += ("零" if words else "") + f"{_DIGITS[rest]}分"
    else:
        words += f"{_DIGITS[jiao]}角{_DIGITS[rest]}分"
    return f"（负数）{words}" if value < 0 else words


def from_words(text: str) -> Decimal:
    """The amount that words (大写) say, read leniently with the known misreadings mapped (§4.4).

    Lenient in spelling, strict in order: a digit without its unit, or units out of order, raise ValueError.
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    plain = re.sub(r"^[⊗⑧®○◯⊙Xx×8*¥Ұ￥:]+", "", plain)
    plain, negative = re.subn(r"^\(?(?:负数|负)\)?", "", plain)
    plain = re.sub(r"0[仟佰拾]", "0", plain.translate(_READ_AS))
    plain = re.sub(r"整$", "", plain)
    found = re.fullmatch(r"(?:(?P<yuan>[^元]+)元)?0*(?:(?P<jiao>[0-9])角)?0*(?:(?P<fen>[0-9])分)?0*", plain)
    if found and any(found.groups()):
        cents = int(found["jiao"] or 0) * 10 + int(found["fen"] or 0)
        yuan = _parse_whole(found["yuan"]) if found["yuan"] else 0
    else:
        yuan, cents = _parse_whole(plain), 0
    value = (Decimal(yuan * 100 + cents) / 100).quantize(CENT)
    return -value if negative else value


def parse_money(text: str) -> Decimal | None:
    """The money that a text prints, with as many decimals as it prints; None for ``***``, 免税 and nonsense.

    Takes ¥ ￥ Ұ (also twice, as recognisers see it), thousands commas, a comma or 。 for the point, and O, I, l for digits.
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    plain = plain.translate(str.maketrans("。·−—–﹣", "..----"))
    plain = re.sub(r"^(?:负|\(负数?\))", "-", plain)
    plain = re.sub(r"^(-?)(?:[¥Ұ]{1,2}|[YV](?=[0-9])|RMB|CNY)?(-?)", r"\1\2", plain)
    plain = re.sub(r"(?:元|圆)整?$", "", plain).translate(str.maketrans("OoIl|", "00111"))
    if re.fullmatch(r"-?[0-9]+,[0-9]{2}", plain):
        plain = plain.replace(",", ".")
    if not re.fullmatch(r"-?(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]{1,20})?", plain):
        return None
    value = Decimal(plain.replace(",", ""))
    return value or abs(value)


def parse_rate(text: str) -> Decimal | None:
    """The rate as a fraction: ``13%``, ``13.00%``, ``0.13``, ``0.030000``; None for 免税, 不征税, ``***`` and nonsense."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if not re.fullmatch(r"[0-9]{1,2}(?:\.[0-9]{1,6})?%?", plain):
        return None
    value = Decimal(plain.rstrip("%"))
    # a percent sign that was not read: no tax takes the whole amount
    return value / 100 if plain.endswith("%") or value >= 1 else value


def cents(value: Decimal) -> Decimal:
    """Money with two decimals, half up."""
    return value.quantize(CENT, ROUND_HALF_UP)


def sums_agree(net: Decimal, tax: Decimal | None, total: Decimal) -> bool:
    """Whether net + tax = total exactly; a tax that is not stated counts as nothing (§4.5 rule 1)."""
    return net + (tax or 0) == total


def tax_plausible(net: Decimal, tax: Decimal) -> bool:
    """Whether a tax may belong to a net: the same sign and not above any rate. Tells a net from a tax."""
    return net * tax >= 0 and abs(tax) <= abs(net) * MOST_RATE + CENT


def line_tax_agrees(amount: Decimal, rate: Decimal, tax: Decimal) -> bool:
    """Whether a line's tax is amount × rate within :data:`LINE_TAX_TOLERANCE` (§4.5 rule 3)."""
    return abs(tax - amount * rate) <= LINE_TAX_TOLERANCE


def invoice_tax_agrees(lines: list[tuple[Decimal, Decimal]], tax: Decimal) -> bool:
    """Whether the tax is Σ amount × rate within :data:`INVOICE_TAX_TOLERANCE`, lines as (amount, rate)."""
    return abs(tax - sum((amount * rate for amount, rate in lines), Decimal(0))) <= INVOICE_TAX_TOLERANCE


def price_agrees(quantity: Decimal, price: Decimal, amount: Decimal) -> bool:
    """Whether quantity × price is the amount within :data:`PRICE_TOLERANCE` (§4.5 rule 4)."""
    return abs(quantity * price - amount) <= PRICE_TOLERANCE


def _whole(number: int) -> str:
    """A positive whole number in words."""
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        high, low = divmod(number, size)
        if high:
            gap = "零" if low and low < size // 10 else ""
            return _whole(high) + unit + gap + (_whole(low) if low else "")
    words, gap = "", ""
    for unit, size in (("仟", 1000), ("佰", 100), ("拾", 10), ("", 1)):
        digit = number // size % 10
        if digit:
            words, gap = f"{words}{gap}{_DIGITS[digit]}{unit}", ""
        elif words:
            gap = "零"
    return words


def _parse_whole(text: str) -> int:
    """A whole number from digits 0–9 and the units 拾佰仟万亿. Raises ValueError."""
    *high, low = text.split("亿")
    if len(high) > 1:
        raise ValueError(f"no number in words: {text}")
    return (_parse_myriad(high[0]) * 10**8 if high else 0) + _parse_myriad(low, empty=bool(high))


def _parse_myriad(text: str, *, empty: bool = False) -> int:
    *high, low = text.split("万")
    if len(high) > 1:
        raise ValueError(f"no number in words: {text}")
    return (_parse_section(high[0]) * 10**4 if high else 0) + _parse_section(low, empty=empty or bool(high))


def _parse_section(text: str, *, empty: bool = False) -> int:
    found = _SECTION.fullmatch(text)
    if not found or not (text or empty):
        raise ValueError(f"no number in words: {text}")
    thousands, hundreds, tens, ones = found.groups()
    if tens == "":  # 拾元 says ten, but a lost digit before 拾 is no 壹
        if thousands or hundreds:
            raise ValueError(f"a digit is missing before 拾: {text}")
        tens = "1"
    return int(thousands or 0) * 1000 + int(hundreds or 0) * 100 + int(tens or 0) * 10 + int(ones or 0)

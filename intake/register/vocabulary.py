"""What the words and numbers in the cells of a register table mean (domain.md §7.2, §7.5)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Final, TypeAlias

from intake.model import RegisterStatus
from intake.register.columns import Cell
from ocr.types import Kind

LARGEST: Final = Decimal(10) ** 13  # yuan; more is no amount of an invoice and would not fit the column
EXACT: Final = 10**15  # whole numbers above lose digits in a spreadsheet's 15 significant ones
NOTHING: Final = frozenset({"", "-", "--", "—", "——", "/", "无", "null", "none", "nan"})
FREE: Final = frozenset({"*", "**", "***", "免税", "不征税"})  # printed where the tax is nothing
EPOCH: Final = date(1899, 12, 30)  # day 0 of a spreadsheet
# as a spreadsheet writes it; a tax id of digits with an E among them is none
SCIENTIFIC: Final = re.compile(r"^(?:\d+(?:\.\d+)?E\+|\d\.\d+E)\d+$")
GUARDED: Final = re.compile(r'^="([^"]*)"$', re.DOTALL)
DAY: Final = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:$|[T\s]|\d{1,2}:)")
SHORT_DAY: Final = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:$|[T\s])")
COMPACT_DAY: Final = re.compile(r"^((?:19|20)\d{2})(\d{2})(\d{2})$")

# the words of our own exports, so that a table that was exported can be imported again
OWN_STATUS: Final = {own.value: own for own in RegisterStatus}
OWN_KIND: Final = {own.value: own for own in Kind}


class DigitsLostError(Exception):
    """The spreadsheet has rounded the number: which invoice it was cannot be known."""

    def __init__(self, digits: str) -> None:
        """`digits` are the significant ones that are left."""
        super().__init__(digits)
        self.digits = digits


def text(cell: Cell, longest: int = 200) -> str:
    """A cell as plain text on one line, at most `longest` characters; empty for what says nothing.

    What keeps a spreadsheet from dropping zeros is taken off: ``="00985283"``, a leading apostrophe or tab.
    """
    if isinstance(cell, str):
        plain = " ".join(cell.split())
        if not plain:
            return ""
        if plain[0] in "='":
            guarded = GUARDED.match(plain)
            plain = guarded[1].strip() if guarded else plain.lstrip("'").strip()
        if "\0" in plain:
            plain = " ".join(plain.replace("\0", "").split())
    elif cell is None:
        return ""
    else:
        plain = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return "" if len(plain) <= 4 and plain.lower() in NOTHING else plain[:longest]


def digits(cell: Cell) -> str:
    """An invoice code or number, upper case, leading zeros as the cell has them.

    Raises DigitsLostError for a number that a spreadsheet has rounded or written as 2.4E+19.
    """
    if isinstance(cell, bool):
        return ""
    if isinstance(cell, int | float):
        if cell >= EXACT:
            raise DigitsLostError(_significant(f"{cell:.14e}") if isinstance(cell, float) else str(cell))
        return str(int(cell)) if float(cell).is_integer() and cell > 0 else ""
    plain = unicodedata.normalize("NFKC", text(cell)).replace(" ", "").upper()
    if SCIENTIFIC.match(plain):
        raise DigitsLostError(_significant(plain))
    return plain.removesuffix(".0")


def _significant(scientific: str) -> str:
    return scientific.upper().partition("E")[0].replace(".", "")


def tax_id(cell: Cell) -> str:
    """A tax id in upper case without blanks; empty when the spreadsheet has rounded it or it is none at all."""
    if isinstance(cell, str) and 15 <= len(cell) <= 20 and cell.isascii() and cell.isalnum():
        return cell.upper()
    try:
        plain = digits(cell)
    except DigitsLostError:
        return ""
    return plain if len(plain) <= 32 else ""


def money(cell: Cell) -> Decimal | None:
    """An exact amount, not rounded; None when the cell states none."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        amount = Decimal(repr(cell))
    else:
        plain = unicodedata.normalize("NFKC", text(cell))
        if plain in FREE:
            return Decimal(0)
        for ornament in ("¥", "￥", "元", ",", " ", "'"):
            plain = plain.replace(ornament, "")
        if plain.startswith("(") and plain.endswith(")"):
            plain = f"-{plain[1:-1]}"
        try:
            amount = Decimal(plain)
        except InvalidOperation:
            return None
    return amount if amount.is_finite() and abs(amount) < LARGEST else None


def whole(amount: Decimal) -> int:
    """The nearest whole number, halves away from zero (a spreadsheet's sums carry noise in the twelfth decimal)."""
    return int(amount.to_integral_value(ROUND_HALF_UP))


def day(cell: Cell) -> date | None:
    """The day of a date, of a text such as ``2026-07-24 18:22:02``, or of a spreadsheet's day number."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float) and 20_000 < cell < 80_000:  # 1954 to 2119
        return EPOCH + timedelta(days=int(cell))
    return _day_of_text(text(cell))


@lru_cache(maxsize=8192)
def _day_of_text(plain: str) -> date | None:
    found = DAY.match(plain) or COMPACT_DAY.match(plain)
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def status(word: str, positive: str = "", risk: str = "") -> RegisterStatus:
    """The status by its words: order and codes of the sources vary, the words do not (domain.md §7.2).

    `positive` is 是否正数发票 and `risk` 发票风险等级; both are empty when the table lacks them.
    """
    found = _status(word)
    if found in {RegisterStatus.NORMAL, RegisterStatus.UNKNOWN} and positive in {"否", "负数"}:
        return RegisterStatus.IS_RED
    if found is RegisterStatus.NORMAL and "异常" in risk:
        return RegisterStatus.ABNORMAL
    return found


def _status(word: str) -> RegisterStatus:
    own = OWN_STATUS.get(word.strip().lower())
    if own:
        return own
    word = word.replace("未作废", "正常").replace("未红冲", "正常")
    if "作废" in word:
        return RegisterStatus.VOID
    if "红冲" in word or "冲红" in word:
        return RegisterStatus.RED_PART if "部分" in word else RegisterStatus.RED_FULL
    for part, meaning in (
        ("失控", RegisterStatus.LOST_CONTROL),
        ("异常", RegisterStatus.ABNORMAL),
        ("红字", RegisterStatus.IS_RED),
        ("正常", RegisterStatus.NORMAL),
    ):
        if part in word:
            return meaning
    return RegisterStatus.UNKNOWN


# The first word that is in the text decides.
Words: TypeAlias = tuple[tuple[str, Kind], ...]

DIGITAL: Final[Words] = (
    ("铁路", Kind.RAIL_E),
    ("航空", Kind.AIR_E),
    ("二手车", Kind.DIG_USED_VEHICLE),
    ("机动车", Kind.DIG_VEHICLE),
    ("专", Kind.DIG_SPECIAL),
    ("普", Kind.DIG_NORMAL),
)
DIGITAL_PAPER: Final[Words] = (
    ("二手车", Kind.DIG_USED_VEHICLE),
    ("机动车", Kind.DIG_VEHICLE),
    ("专", Kind.DIG_PAPER_SPECIAL),
    ("普", Kind.DIG_PAPER_NORMAL),
)
TAX_CONTROL: Final[Words] = (
    ("铁路电子客票", Kind.RAIL_E),
    ("航空运输电子客票", Kind.AIR_E),
    ("通行费", Kind.VAT_E_TOLL),
    ("电子专用", Kind.VAT_E_SPECIAL),
    ("电子普通", Kind.VAT_E_NORMAL),
    ("电子专票", Kind.VAT_E_SPECIAL),
    ("电子普票", Kind.VAT_E_NORMAL),
    ("卷", Kind.VAT_ROLL),
    ("二手车", Kind.USED_VEHICLE),
    ("机动车", Kind.VEHICLE),
    ("货物运输", Kind.FREIGHT_SPECIAL),
    ("货运", Kind.FREIGHT_SPECIAL),
    ("海关", Kind.CUSTOMS),
    ("出租", Kind.TAXI),
    ("定额", Kind.QUOTA),
    ("区块链", Kind.BLOCKCHAIN),
    ("财政", Kind.FISCAL),
    ("通用机打", Kind.MACHINE_GENERAL),
    ("专用", Kind.VAT_SPECIAL_PAPER),
    ("专票", Kind.VAT_SPECIAL_PAPER),
    ("普通", Kind.VAT_NORMAL_PAPER),
    ("普票", Kind.VAT_NORMAL_PAPER),
)


@lru_cache(maxsize=1024)
def kind(word: str) -> Kind | None:
    """The kind by the words of 发票票种, brackets aside; None when they say nothing."""
    own = OWN_KIND.get(word.strip().lower())
    if own:
        return own
    if "数电" in word or "全电" in word or "数字化" in word:
        words = DIGITAL_PAPER if "纸质" in word else DIGITAL
    else:
        words = TAX_CONTROL
    return next((meaning for part, meaning in words if part in word), None)


def is_digital(word: str) -> bool:
    """Whether 发票票种 names a 数电票 without paper of its own."""
    return ("数电" in word or "全电" in word or "数字化" in word) and "纸质" not in word

"""How the cells of a table are to be understood: the usual way, or as a mapping states it (domain.md §7.2, §7.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum, unique
from functools import lru_cache
from typing import Final

from intake.register import vocabulary as words
from intake.register.codes import KIND_CODES
from intake.register.columns import Cell
from ocr.types import Kind

LINE_SCALE: Final = 100  # of an amount of one line only a hundredth of a fen is kept: its sum is exact to the fen


@unique
class DayOrder(StrEnum):
    """In which order a day that does not begin with its year is written."""

    YEAR_FIRST = "year_first"
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


@unique
class Unit(StrEnum):
    """What an amount counts."""

    YUAN = "yuan"
    FEN = "fen"
    WAN = "wan"  # 万元


@unique
class Codes(StrEnum):
    """Whose codes stand in the column of the kind; words are understood in any case (§7.4)."""

    WORDS = "words"
    TAX_BUREAU = "tax_bureau"
    YONYOU = "yonyou"
    NUONUO = "nuonuo"
    EKUAIBAO = "ekuaibao"


YUAN_OF: Final[Mapping[Unit, Decimal]] = {
    Unit.YUAN: Decimal(1),
    Unit.FEN: Decimal("0.01"),
    Unit.WAN: Decimal(10_000),
}


@dataclass(frozen=True, slots=True)
class Options:
    """What the headings of a table do not say of its cells.

    `complete` says that the table lists every invoice of its days, so that a row that is missing has vanished.
    """

    days: DayOrder = DayOrder.YEAR_FIRST
    unit: Unit = Unit.YUAN
    codes: Codes = Codes.WORDS
    complete: bool = True


USUAL: Final = Options()


@dataclass(frozen=True, slots=True)
class Meaning:
    """Cells understood by these options."""

    options: Options = USUAL

    def kind(self, word: str) -> Kind | None:
        """The kind by a code of the chosen system, else by the words of 发票票种; None when neither says one."""
        return KIND_CODES.get(self.options.codes, {}).get(word.lower()) or words.kind(word)

    def day(self) -> Callable[[Cell], str | None]:
        """A function from a cell to an ISO day, None where it states none."""
        order = self.options.days

        @lru_cache(maxsize=8192)
        def of(cell: Cell) -> str | None:
            found = words.day(cell)
            if found is None and order is not DayOrder.YEAR_FIRST:
                found = _day_in_order(words.text(cell), order)
            return found.isoformat() if found else None

        def day(cell: Cell) -> str | None:
            # the hour of a moment varies from row to row, its day does not
            return of(cell[:10] if isinstance(cell, str) and cell[10:11] in {" ", "T"} else cell)

        return day

    def amount(self, *, by_line: bool) -> Callable[[Cell], int | None]:
        """A function from a cell to whole fen (hundredths of a fen for a line), halves up; None where it states none."""
        scale = Decimal(100 * (LINE_SCALE if by_line else 1)) * YUAN_OF[self.options.unit]
        plain = not by_line and self.options.unit is Unit.YUAN

        def amount(cell: Cell) -> int | None:
            if plain and isinstance(cell, str) and cell[-3:-2] == ".":
                digits = cell[:-3] + cell[-2:]
                if (
                    len(digits) < 16
                    and digits.isascii()
                    and (digits.isdigit() or (digits[1:].isdigit() and digits[0] == "-"))
                ):
                    return int(digits)
            if cell == "":
                return None
            found = words.money(cell)
            return None if found is None else words.whole(found * scale)

        return amount


def _day_in_order(plain: str, order: DayOrder) -> date | None:
    found = words.SHORT_DAY.match(plain)
    if not found:
        return None
    first, second = int(found[1]), int(found[2])
    day, month = (first, second) if order is DayOrder.DAY_FIRST else (second, first)
    try:
        return date(int(found[3]), month, day)
    except ValueError:
        return None

"""From the cells of a register table to what is staged of it, or the reason why a row is refused (domain.md §7.5).

A row of the tax bureau's columns costs a few microseconds: what each column holds is settled once for the table, the
usual shape of a cell is tried first, and words are understood once. Anything unusual goes the long way, with the same
outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Final, TypeAlias

from intake.model import RegisterStatus
from intake.register import identity
from intake.register import vocabulary as words
from intake.register.columns import Cell, Column, Layout
from intake.register.meaning import Meaning

NO_KEY: Final = "no_key"
DIGITS_LOST: Final = "excel_lost_digits"
ISSUED_BY_US: Final = "issued_by_us"  # the 开具 direction does not belong in a register of purchases
OTHER_BUYER: Final = "other_buyer"

SAMPLE: Final = 120  # characters kept of a refused row
SIGNIFICANT: Final = 15  # digits of a number that a spreadsheet keeps

Staged: TypeAlias = tuple[
    int, str, str | None, str, str, str | None, int | None, int | None, int | None, str, str, str, str, str, str
]
"""A row understood, in the order of `intake.register.staging.COLUMNS`: its number in the file, key, alias, code, number,
day (ISO), net, tax and total (fen; hundredths of a fen where a row is a line), the ids and names of seller and buyer,
kind, status.
"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is not imported: its number in the file, the reason, what stood there, and the digits of its number
    (the first 15 where Excel has lost the rest).
    """

    row: int
    reason: str
    sample: str
    digits: str = ""


ReadRow: TypeAlias = Callable[[int, Sequence[Cell]], "Staged | Refusal | None"]

_ORDER: Final = (
    Column.CODE, Column.NUMBER, Column.DIGITAL_NUMBER, Column.DATE, Column.NET, Column.TAX, Column.TOTAL,
    Column.SELLER_TAX_ID, Column.SELLER_NAME, Column.BUYER_TAX_ID, Column.BUYER_NAME, Column.KIND, Column.STATUS,
    Column.POSITIVE, Column.RISK, Column.DIRECTION,
)  # fmt: skip


def reader_of(layout: Layout, meaning: Meaning, ours: Collection[str]) -> ReadRow:
    """A function from a row's number and cells to what is staged of it; None for a row with nothing in it.

    `ours` are the tax ids of our companies: with any given, a row that names another buyer is refused.
    """
    width = max(layout.places.values()) + 1
    pick = itemgetter(*(layout.places.get(column, width) for column in _ORDER))
    blank = [""] * (width + 1)
    by_line = layout.by_line
    identify = identity.identifier(meaning)
    amount, day = meaning.amount(by_line=by_line), meaning.day()
    normal, is_red = RegisterStatus.NORMAL.value, RegisterStatus.IS_RED.value

    @lru_cache(maxsize=1024)
    def status(word: Cell, positive: Cell, risk: Cell) -> str:
        return words.status(words.text(word), words.text(positive), words.text(risk)).value

    def read(row: int, cells: Sequence[Cell]) -> Staged | Refusal | None:
        # a row may be shorter than the headings; what is missing is read from the blank cell behind them
        padded = [*cells[:width], *blank[len(cells[:width]) :]]
        code, number, whole, date, net, tax, total, *names, kind, status_word, positive, risk, direction = pick(padded)
        try:
            found = identify(kind, code, number, whole)
        except words.DigitsLostError as lost:
            return Refusal(row, DIGITS_LOST, _sample(cells), lost.digits[:SIGNIFICANT])
        if found is None:
            if not any(words.text(cell) for cell in cells):
                return None
            return Refusal(row, NO_KEY, _sample(cells), identity.digits_of(code, number, whole))
        seller_id, seller_name, buyer_id, buyer_name = names
        seller, buyer = words.tax_id(seller_id), words.tax_id(buyer_id)
        refused = _not_bought(direction, seller, buyer, ours)
        if refused:
            return Refusal(row, refused, _sample(cells), found[3])
        net_fen, tax_fen, total_fen = amount(net), amount(tax), amount(total)
        if total_fen is None and net_fen is not None and tax_fen is not None and not by_line:
            total_fen = net_fen + tax_fen  # older exports and the 勾选 export lack 价税合计
        said = status(status_word, positive, risk)
        if said == normal and ((net_fen is not None and net_fen < 0) or (total_fen is not None and total_fen < 0)):
            said = is_red
        return (
            row, *found[:4], day(date), net_fen, tax_fen, total_fen,
            seller, words.text(seller_name), buyer, words.text(buyer_name), found[4], said,
        )  # fmt: skip

    return read


def _not_bought(direction: Cell, seller: str, buyer: str, ours: Collection[str]) -> str:
    """Why a row is none of our purchases; empty when it is, or may be, one."""
    if direction:
        said = words.text(direction)
        if "开具" in said or "销项" in said:
            return ISSUED_BY_US
    if ours and buyer and buyer not in ours:
        return ISSUED_BY_US if seller in ours else OTHER_BUYER
    return ""


def _sample(cells: Sequence[Cell]) -> str:
    """The first cells of a row, so that a person finds it in the file."""
    return " | ".join(text for cell in cells if (text := words.text(cell)))[:SAMPLE]

"""From the cells of a register table to register rows, or the reason why a row is refused (domain.md §7.5)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from intake.model import RegisterRow, RegisterStatus
from intake.register import vocabulary as words
from intake.register.columns import Cell, Column, Layout
from intake.register.table import Table
from ocr.rules.codes import decode_code, split_concatenated
from ocr.rules.keys import alias_of, key_of
from ocr.types import Kind

NO_KEY: Final = "no_key"
DIGITS_LOST: Final = "excel_lost_digits"
ISSUED_BY_US: Final = "issued_by_us"  # the 开具 direction does not belong in a register of purchases
OTHER_BUYER: Final = "other_buyer"
ROUNDED: Final = "00000"  # what 15 significant digits leave of 20

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


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not imported: its number in the file, the reason, and what stood there."""

    row: int
    reason: str
    sample: str


@dataclass(frozen=True, slots=True)
class Read:
    """A row understood: the register row, its alias key, and the cells as they were."""

    number: int
    row: RegisterRow
    alias: str | None
    raw: dict[str, object]


@dataclass(slots=True)
class Reading:
    """What a table holds: one entry an invoice by key, and the rows that were refused."""

    found: dict[str, Read] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    repeated: int = 0  # rows that say of an invoice what an earlier row of the file said


@dataclass(frozen=True, slots=True)
class Identity:
    """Which invoice a row is about."""

    kind: Kind
    code: str
    number: str
    key: str
    alias: str | None


def read_table(table: Table, ours: Collection[str], source: str) -> Iterator[Reading]:
    """Understand a table row by row; yields the same growing `Reading` after each row, for progress.

    `ours` are the tax ids of our companies: with any given, a row that names another buyer is refused.
    Lines of one invoice (信息汇总表) are added up; of equal keys otherwise the last row counts.
    """
    reading = Reading()
    rounded: list[str] = []
    whole = 0
    for number, cells in table.numbered():
        entry = _read_row(number, cells, table.layout, ours, source)
        if isinstance(entry, Refusal):
            reading.refused.append(entry)
        else:
            if len(entry.row.number) == 20:
                whole += 1
                if entry.row.number.endswith(ROUNDED):
                    rounded.append(entry.row.key)
            _add(reading, entry, by_line=table.layout.by_line)
        yield reading
    _refuse_rounded(reading, rounded, whole)
    for key, entry in reading.found.items():
        reading.found[key] = replace(entry, row=_to_fen(entry.row))
    yield reading


def _refuse_rounded(reading: Reading, rounded: Sequence[str], whole: int) -> None:
    """Numbers whose last five digits are zeros: one in 100,000 by chance, all of them after Excel saved the file."""
    if rounded and 2 * len(rounded) >= whole:
        for key in dict.fromkeys(rounded):
            entry = reading.found.pop(key)
            reading.refused.append(Refusal(entry.number, DIGITS_LOST, entry.row.number))


def _add(reading: Reading, entry: Read, *, by_line: bool) -> None:
    before = reading.found.get(entry.row.key)
    if before is None:
        reading.found[entry.row.key] = replace(entry, raw={"lines": [entry.raw]}) if by_line else entry
    elif by_line:
        lines = before.raw["lines"]
        assert isinstance(lines, list)  # noqa: S101 - set by the branch above
        lines.append(entry.raw)
        row = replace(
            before.row,
            net=_sum(before.row.net, entry.row.net),
            tax=_sum(before.row.tax, entry.row.tax),
            total=_sum(before.row.total, entry.row.total),
        )
        reading.found[entry.row.key] = replace(before, row=row)
    else:
        reading.repeated += 1
        reading.found[entry.row.key] = entry


def _sum(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    return None if first is None or second is None else first + second


def _to_fen(row: RegisterRow) -> RegisterRow:
    total = row.total
    net, tax = words.fen(row.net), words.fen(row.tax)
    if total is None and net is not None and tax is not None:
        total = net + tax  # older exports and the 勾选 export lack 价税合计
    return replace(row, net=net, tax=tax, total=words.fen(total))


def _read_row(number: int, cells: Sequence[Cell], layout: Layout, ours: Collection[str], source: str) -> Read | Refusal:
    def cell(column: Column) -> Cell:
        place = layout.places.get(column)
        return cells[place] if place is not None and place < len(cells) else None

    raw: dict[str, object] = {
        name: text for name, value in zip(layout.headings, cells, strict=False) if name and (text := words.text(value))
    }
    kind_word = words.text(cell(Column.KIND))
    try:
        identity = identify(
            kind_word,
            words.digits(cell(Column.CODE)),
            words.digits(cell(Column.NUMBER)),
            words.digits(cell(Column.DIGITAL_NUMBER)),
        )
    except words.DigitsLostError:
        return Refusal(number, DIGITS_LOST, _sample(cells))
    if identity is None:
        return Refusal(number, NO_KEY, _sample(cells))
    seller, buyer = words.tax_id(cell(Column.SELLER_TAX_ID)), words.tax_id(cell(Column.BUYER_TAX_ID))
    direction = words.text(cell(Column.DIRECTION))
    if "开具" in direction or "销项" in direction:
        return Refusal(number, ISSUED_BY_US, _sample(cells))
    if ours and buyer and buyer not in ours:
        return Refusal(number, ISSUED_BY_US if seller in ours else OTHER_BUYER, _sample(cells))
    net, total = words.money(cell(Column.NET)), words.money(cell(Column.TOTAL))
    status = words.status(
        words.text(cell(Column.STATUS)), words.text(cell(Column.POSITIVE)), words.text(cell(Column.RISK))
    )
    if status is RegisterStatus.NORMAL and any(amount is not None and amount < 0 for amount in (net, total)):
        status = RegisterStatus.IS_RED
    row = RegisterRow(
        key=identity.key,
        code=identity.code,
        number=identity.number,
        date=words.day(cell(Column.DATE)),
        net=net,
        tax=words.money(cell(Column.TAX)),
        total=total,
        seller_tax_id=seller,
        seller_name=words.text(cell(Column.SELLER_NAME)),
        buyer_tax_id=buyer,
        buyer_name=words.text(cell(Column.BUYER_NAME)),
        kind=identity.kind,
        status=status,
        source=source,
    )
    return Read(number, row, identity.alias, raw)


def identify(kind_word: str, code: str, number: str, whole: str) -> Identity | None:
    """Which invoice a row is about, its code and number repaired; None when no key can be formed.

    `whole` is the 20-digit number of a 数电票, which may stand in the column of the 8-digit numbers, may be
    split over both columns (12 + 8), or may be the concatenation of an older code and number (domain.md §3.4).
    """
    if not whole and len(number) == 20:
        whole, number = number, ""
    parts = split_concatenated(whole) if whole else None
    if parts:
        (code, number), whole = parts, ""
    elif not whole and len(code) == 12 and len(number) == 8 and words.is_digital(kind_word):
        whole, code, number = code + number, "", ""
    if code.isdigit() and len(code) == 11:
        code = code.zfill(12)
    if code and number.isdigit() and len(number) < 8:
        number = number.zfill(8)
    kind = words.kind(kind_word)
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


def _sample(cells: Sequence[Cell]) -> str:
    """The first cells of a row, so that a person finds it in the file."""
    return " | ".join(text for cell in cells if (text := words.text(cell)))[:120]

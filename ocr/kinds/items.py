"""The lines of an invoice, from the columns under their headers (domain.md §1.2, §4.5, §5.2, §5.3).

A line begins where an amount stands; a name that wraps has further lines of its own column only. Toll forms have
dates where others have quantity and price: what they say of the vehicle and its journey becomes the specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from ocr.kinds.columns import MONEY, cells_of, find_headers
from ocr.layout import Sheet, spaced
from ocr.rules.amounts import parse_money, price_agrees
from ocr.types import LineItem

TOLL: Final = re.compile(r"通\s*行\s*日\s*期\s*起")
_ONE_STAR: Final = re.compile(r"[\u4e00-\u9fff、]{2,12}\*[^*]+$")
_TOUCHING: Final = re.compile(r"-?\d{2,9}\.\d{2,15}")
SUMS: Final = re.compile(r"[¥￥Ұ]\s?[-−]?\d")
_AFTER: Final = r"(?=[\s¥￥Ұ*:\d]|$)"
_PART: Final = re.compile(rf"(?:^|\s)小\s*计{_AFTER}")  # the sum of one page; more lines may follow on the next
END: Final = rf"(?:^|\s)[合总]\s*计{_AFTER}|{spaced('价税合计')}|{spaced('出行人')}|{spaced('详见销货清单')}|{spaced('详见清单')}"


def read_items(sheet: Sheet) -> tuple[LineItem, ...]:
    """The lines between the headers and the row of sums; empty when the headers were not read."""
    heads = find_headers(sheet)
    if heads is None:
        return ()
    columns, head = heads
    end_hit = sheet.first(END, below=head.cy + 0.5 * sheet.row)
    end = end_hit.line.cy - 0.4 * sheet.row if end_hit is not None else 9e9
    rows: list[dict[str, str]] = []
    for line in sheet.lines:
        if not head.cy + 0.5 * sheet.row < line.cy < end or is_sum_of_page(line.text):
            continue
        if SUMS.search(line.text):
            break
        rows.append(cells_of(line, columns))
    return assemble(rows, toll=TOLL.search(head.text) is not None)


def is_sum_of_page(text: str) -> bool:
    """Whether a row is 小计."""
    return _PART.search(text) is not None


def assemble(rows: Iterable[Mapping[str, str]], *, toll: bool) -> tuple[LineItem, ...]:
    """Lines from the rows of a table, each the text of its cells by the name of the column, in reading order.

    `toll` says that unit, quantity and price hold the kind of vehicle and the first and last day of the journey.
    """
    items: list[LineItem] = []
    for row in rows:
        cells = {name: text for name, text in row.items() if name != "serial"}
        if _begins(cells, items):
            items.append(LineItem(**cells))
        elif items:
            items[-1] = _continued(items[-1], cells)
    held = _starred([item for item in items if item.amount or item.name])
    return tuple(_journey(item) if toll else _parted(item) for item in held)


def _starred(items: list[LineItem]) -> list[LineItem]:
    """*类别*名称 with the first star back, which needle printers lose, where every other name has both."""
    if not all("*" in item.name for item in items):
        return items
    return [replace(item, name=f"*{item.name}") if _ONE_STAR.match(item.name) else item for item in items]


def _journey(item: LineItem) -> LineItem:
    days = "-".join(day for day in (item.quantity, item.price) if day)
    said = " ".join(part for part in (item.specification, item.unit, days) if part)
    return replace(item, specification=said, unit="", quantity="", price="")


def _parted(item: LineItem) -> LineItem:
    """Quantity and price that touch were taken for one number: parted where their product is the amount."""
    amount = parse_money(item.amount)
    if item.quantity or amount is None or not _TOUCHING.fullmatch(item.price):
        return item
    for place in range(1, len(item.price)):
        quantity, price = parse_money(item.price[:place]), parse_money(item.price[place:])
        if quantity and price and price_agrees(quantity, price, amount):
            return replace(item, quantity=item.price[:place], price=item.price[place:])
    return item


def _begins(cells: Mapping[str, str], items: list[LineItem]) -> bool:
    """Whether a row begins an item: it has an amount, or a rate and a tax where the amount was not read, or a name in
    stars where the item before is complete.
    """
    amount = cells.get("amount", "")
    if MONEY.fullmatch(amount.replace("¥", "").replace(" ", "")) or {"rate", "tax"} <= cells.keys():
        return True
    return cells.get("name", "").startswith("*") and (not items or bool(items[-1].amount))


def _continued(item: LineItem, cells: Mapping[str, str]) -> LineItem:
    changed = {}
    for name, text in cells.items():
        before = getattr(item, name)
        if name in {"name", "specification", "unit"}:
            changed[name] = before + text
        elif not before:
            changed[name] = text
    return replace(item, **changed)

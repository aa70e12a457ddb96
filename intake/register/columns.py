"""Which column of a register table is what, found by its heading (domain.md §7.1, §7.3, §7.4)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum, unique
from typing import Final, TypeAlias

Cell: TypeAlias = str | int | float | bool | date | datetime | time | timedelta | None
"""A cell as the spreadsheet reader gives it; a CSV has only strings."""

TICKED: Final = ("是否勾选", "勾选状态")
HEADER_WITHIN: Final = 10  # a title and the tax period may stand above the headings


@unique
class Column(StrEnum):
    """What a register table can say about an invoice."""

    CODE = "code"
    NUMBER = "number"
    DIGITAL_NUMBER = "digital_number"
    DATE = "date"
    NET = "net"
    TAX = "tax"
    TOTAL = "total"
    SELLER_TAX_ID = "seller_tax_id"
    SELLER_NAME = "seller_name"
    BUYER_TAX_ID = "buyer_tax_id"
    BUYER_NAME = "buyer_name"
    KIND = "kind"
    STATUS = "status"
    POSITIVE = "positive"
    RISK = "risk"
    DIRECTION = "direction"
    ITEM = "item"


# The first heading of a line that a table has is taken, so that 票面税额 wins over 税额.
HEADINGS: Final[Mapping[Column, tuple[str, ...]]] = {
    Column.CODE: ("发票代码", "代码", "纸质发票代码", "code", "invoice_code"),
    Column.NUMBER: ("发票号码", "号码", "票号", "纸质发票号码", "number", "invoice_number"),
    Column.DIGITAL_NUMBER: (
        "数电发票号码",
        "数电票号码",
        "全电发票号码",
        "数电号码",
        "电子发票号码",
        "digital_number",
    ),
    Column.DATE: ("开票日期", "开票时间", "日期", "date", "issue_date"),
    Column.NET: ("金额", "不含税金额", "合计金额", "发票金额", "net"),
    Column.TAX: ("票面税额", "税额", "合计税额", "tax"),
    Column.TOTAL: ("价税合计", "含税金额", "价税合计金额", "total", "gross"),
    Column.SELLER_TAX_ID: (
        "销方识别号",
        "销售方识别号",
        "销方税号",
        "销售方税号",
        "销售方纳税人识别号",
        "销方纳税人识别号",
        "seller_tax_id",
    ),
    Column.SELLER_NAME: ("销方名称", "销售方名称", "销售方纳税人名称", "销方纳税人名称", "seller_name"),
    Column.BUYER_TAX_ID: (
        "购方识别号",
        "购买方识别号",
        "购方税号",
        "购买方税号",
        "购买方纳税人识别号",
        "购方纳税人识别号",
        "buyer_tax_id",
    ),
    Column.BUYER_NAME: ("购买方名称", "购方名称", "购买方纳税人名称", "buyer_name"),
    Column.KIND: ("发票票种", "票种", "发票类型", "kind"),
    Column.STATUS: ("发票状态", "状态", "status"),
    Column.POSITIVE: ("是否正数发票",),
    Column.RISK: ("发票风险等级", "风险等级"),
    Column.DIRECTION: ("发票方向", "查询类型", "进销项", "进销项标志"),
    Column.ITEM: ("货物或应税劳务名称", "货物或应税劳务、服务名称", "项目名称"),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each column stands (index from 0) and the headings as they are written in the table."""

    places: Mapping[Column, int]
    headings: tuple[str, ...]

    @property
    def by_line(self) -> bool:
        """Whether a row is one line item (信息汇总表) and not one invoice."""
        return Column.ITEM in self.places

    @property
    def complete(self) -> bool:
        """Whether the table lists every invoice of its days: a 勾选 export has deductible ones only (§7.3)."""
        return not any(heading(name).startswith(TICKED) for name in self.headings)


def heading(cell: Cell) -> str:
    """A heading in one spelling: NFKC, no blanks, no ``*``, no unit in brackets."""
    if not isinstance(cell, str):
        return ""
    plain = "".join(unicodedata.normalize("NFKC", cell).split()).replace("*", "").lstrip("\ufeff").lower()
    return plain.removesuffix("(元)")


def layout_of(cells: Sequence[Cell]) -> Layout | None:
    """The layout when these cells are a line of headings: a number column and a date or an amount beside it."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        name = heading(cell)
        if name:
            found.setdefault(name, place)
    places = {
        column: next(found[name] for name in names if name in found)
        for column, names in HEADINGS.items()
        if any(name in found for name in names)
    }
    has_number = Column.NUMBER in places or Column.DIGITAL_NUMBER in places
    if not has_number or not places.keys() & {Column.DATE, Column.NET, Column.TOTAL}:
        return None
    return Layout(places, _as_written(cells))


def _as_written(cells: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(cell.strip() if isinstance(cell, str) else "" for cell in cells)


def mapped_layout(cells: Sequence[Cell], columns: Mapping[Column, str]) -> Layout | None:
    """The layout when these cells hold every heading that the mapping names."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        found.setdefault(heading(cell), place)
    if any(heading(name) not in found for name in columns.values()):
        return None
    return Layout({column: found[heading(name)] for column, name in columns.items()}, _as_written(cells))


def find_layout(
    rows: Sequence[Sequence[Cell]], columns: Mapping[Column, str] | None = None
) -> tuple[int, Layout] | None:
    """The index of the line of headings within the first ten rows, and its layout; `columns` are a mapping's."""
    for index, cells in enumerate(rows[:HEADER_WITHIN]):
        layout = layout_of(cells) if columns is None else mapped_layout(cells, columns)
        if layout:
            return index, layout
    return None

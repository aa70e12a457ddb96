"""The further table of a special business: who travels, what carries goods from where to where (domain.md §1.2, §5.3).

It stands between the sums of the lines and 价税合计; its columns are known by their headings alone, and a cell belongs to
the heading whose middle is nearest.
"""

from __future__ import annotations

import re
from typing import Final

from ocr.kinds.found import Found
from ocr.layout import Line, Sheet, Span, joined
from ocr.types import FieldName

HEADINGS: Final = {
    "who": "出行人", "paper": "有效身份证件号", "day": "出行日期", "from": "出发地|起运地", "to": "到达地", "class": "等级",
    "by": "交通工具类型", "means": "运输工具种类", "plate": "运输工具牌号", "goods": "运输货物名称",
}  # fmt: skip
_NEEDED: Final = 4
_SUMS: Final = r"[¥￥Ұ]|合\s*计"
_TOTAL: Final = r"价\s*税\s*合\s*计"


def read_tables(sheet: Sheet, found: Found) -> None:
    """Route, vehicle and traveller of each row of the table; nothing where the form has none."""
    head = next((line for line in sheet.lines if len(_columns(line)) >= _NEEDED), None)
    if head is None:
        return
    columns = _columns(head)
    total = sheet.first(_TOTAL, below=head.cy)
    end = total.line.cy - 0.4 * sheet.row if total is not None else head.cy + 12 * sheet.row
    for line in sheet.lines:
        if head.cy + 0.5 * sheet.row < line.cy < end and not re.search(_SUMS, line.text):
            _read_row(_cells(line, columns), found)


def _columns(line: Line) -> dict[str, float]:
    """The middle of each heading of a row of headings."""
    middles = {}
    for name, heading in HEADINGS.items():
        match = re.search("|".join(r"\s*".join(part) for part in heading.split("|")), line.text)
        span = line.span(*match.span()) if match else None
        if span is not None:
            middles[name] = span.cx
    return middles


def _cells(line: Line, columns: dict[str, float]) -> dict[str, Span]:
    cells: dict[str, list[Span]] = {}
    for match in re.finditer(r"\S+", line.text):
        span = line.span(*match.span())
        if span is not None:
            cells.setdefault(min(columns, key=lambda name: abs(columns[name] - span.cx)), []).append(span)
    return {name: joined(spans) for name, spans in cells.items()}


def _read_row(cells: dict[str, Span], found: Found) -> None:
    if "from" in cells and "to" in cells:
        ends = cells["from"], cells["to"]
        found.add(FieldName.ROUTE, joined(ends), "-".join(end.text for end in ends))
    if "plate" in cells:
        found.add(FieldName.VEHICLE, cells["plate"])
    if "who" in cells:
        parts = [cells["who"], *([cells["paper"]] if "paper" in cells else [])]
        found.add(FieldName.TRAVELLER, joined(parts), " ".join(part.text for part in parts))

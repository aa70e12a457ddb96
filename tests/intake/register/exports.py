"""Workbooks and tables like those of the tax bureau, with invented invoices."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

import xlsxwriter

BASIC = (
    "序号",
    "发票代码",
    "发票号码",
    "数电发票号码",
    "销方识别号",
    "销方名称",
    "购方识别号",
    "购买方名称",
    "开票日期",
    "金额",
    "税额",
    "价税合计",
    "发票来源",
    "发票票种",
    "发票状态",
    "是否正数发票",
    "发票风险等级",
    "开票人",
    "备注",
)
LINES = (
    *BASIC[:9],
    "税收分类编码",
    "特定业务类型",
    "货物或应税劳务名称",
    "规格型号",
    "单位",
    "数量",
    "单价",
    "金额",
    "税率",
    "税额",
    "价税合计",
    *BASIC[12:],
)
SELLER = "91110108000000001A"
BUYER = "91110105000000002B"


def workbook(sheets: Mapping[str, Iterable[Sequence[object]]]) -> bytes:
    """An XLSX with these sheets; text stays text, numbers become numbers as Excel would save them."""
    place = io.BytesIO()
    book = xlsxwriter.Workbook(
        place, {"constant_memory": True, "strings_to_numbers": False, "default_date_format": "yyyy-mm-dd"}
    )
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for index, row in enumerate(rows):
            sheet.write_row(index, 0, row)
    book.close()
    return place.getvalue()


def number_of(index: int) -> str:
    """The 20-digit number of the invoice with this index; neighbours are consecutive, as a seller issues them."""
    return f"2611200000{48542163 + index:010d}"


def digital_row(index: int, **changed: object) -> list[object]:
    """A row of 发票基础信息 for a 数电票; `changed` names columns of BASIC."""
    issued = date(2026, 1, 1) + timedelta(days=index % 300)
    net = 100 + index % 9000
    cells: dict[str, object] = {
        "序号": str(index + 1),
        "数电发票号码": number_of(index),
        "销方识别号": SELLER,
        "销方名称": "北京示例文具有限公司",
        "购方识别号": BUYER,
        "购买方名称": "北京示例科技有限公司",
        "开票日期": f"{issued.isoformat()} 18:22:02",
        "金额": f"{net}.00",
        "税额": f"{net * 6 // 100}.{net * 6 % 100:02d}",
        "价税合计": f"{net * 106 // 100}.{net * 106 % 100:02d}",
        "发票来源": "电子发票服务平台",
        "发票票种": "数电发票（普通发票）",
        "发票状态": "正常",
        "是否正数发票": "是",
        "发票风险等级": "正常",
        "开票人": "张三",
        "备注": "",
        **changed,
    }
    return [cells.get(name, "") for name in BASIC]


def paper_row(index: int, **changed: object) -> list[object]:
    """A row of 发票基础信息 for a paper 专票 of the tax-control regime."""
    paper = {
        "发票代码": "1100153130",
        "发票号码": f"{index + 985283:08d}",
        "数电发票号码": "",
        "发票来源": "增值税发票管理系统",
        "发票票种": "增值税专用发票",
    }
    return digital_row(index, **{**paper, **changed})


def basic_sheet(rows: int) -> Iterator[Sequence[object]]:
    """The sheet 发票基础信息 with this many invoices."""
    yield BASIC
    for index in range(rows):
        yield digital_row(index)

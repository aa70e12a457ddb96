"""Papers of no form that is known: whatever of an invoice's fields is labelled (domain.md §1.2). Labels only, no places."""

from __future__ import annotations

from ocr.kinds import header, totals
from ocr.kinds.found import Found
from ocr.kinds.labelled import DAY, MONEY, NAME, TAX_ID, after, any_day, label
from ocr.layout import Sheet
from ocr.types import FieldName, Kind

CODE = rf"{label('发票代码', '机打代码')}(?P<v>\d{{12}}|\d{{10}})(?!\d)"
NUMBER = rf"{label('发票号码', '机打号码')}(?P<v>\d{{20}}|\d{{8}})(?!\d)"
CHECK = rf"{label('校验码')}(?P<v>(?:\d\s?){{20}}|[0-9a-f]{{5,6}})(?![0-9A-Za-z])"
DATE = rf"{label('开票日期', '开具日期', '填发日期', '日期')}{DAY}"
BUYER = rf"{label('购买方名称', '购货单位名称', '购货方名称', '付款单位', '付款方', '付款方名称', '买方单位/个人', '缴款单位(人)')}{NAME}"
SELLER = rf"{label('销售方名称', '销货单位名称', '销货方名称', '收款单位', '收款方', '收款方名称', '开票单位', '卖方单位/个人')}{NAME}"
BUYER_ID = rf"{label('购买方税号', '购买方纳税人识别号', '购货方识别号', '购方税号', '身份证号码/组织机构代码', '付款方税号')}{TAX_ID}"
SELLER_ID = rf"{label('销售方税号', '销售方纳税人识别号', '销货方识别号', '销方税号', '收款方税号', '销货单位纳税人识别号')}{TAX_ID}"
TOTAL = rf"(?:[\((]?\s*{label('小写')}[\))]?|{label('价税合计', '车价合计', '合计金额', '总金额', '总计', '合计', '实收金额', '金额')})\s*[:;]?\s*{MONEY}"
NET = rf"{label('不含税价', '不含税金额')}(?:[\((]?\s*小\s*写[\))]?)?\s*{MONEY}"
TAX = rf"{label('增值税税额', '税额')}{MONEY}"


def extract(sheet: Sheet, page: int, kind: Kind) -> Found:
    """Whatever fields are labelled."""
    found = Found(kind, page)
    after(sheet, found, FieldName.CODE, CODE)
    after(sheet, found, FieldName.NUMBER, NUMBER)
    if not found.has(FieldName.CODE) or not found.has(FieldName.NUMBER):
        unlabelled = Found(kind, page)
        header.read_tax_control(sheet, unlabelled)
        found.values += [
            value
            for value in unlabelled.values
            if value.name in {FieldName.CODE, FieldName.NUMBER} and not found.has(value.name)
        ]
    after(sheet, found, FieldName.CHECK_CODE, CHECK)
    after(sheet, found, FieldName.MACHINE_NUMBER, header.MACHINE)
    after(sheet, found, FieldName.DATE, DATE)
    any_day(sheet, found)
    for name, pattern in (
        (FieldName.BUYER_NAME, BUYER),
        (FieldName.SELLER_NAME, SELLER),
        (FieldName.BUYER_TAX_ID, BUYER_ID),
        (FieldName.SELLER_TAX_ID, SELLER_ID),
        (FieldName.NET, NET),
        (FieldName.TAX, TAX),
    ):
        after(sheet, found, name, pattern)
    _read_total(sheet, found)
    return found


def _read_total(sheet: Sheet, found: Found) -> None:
    for line in sheet.lines:
        words = totals.amount_in_words(line)
        if words is not None:
            found.add(FieldName.TOTAL_IN_WORDS, words)
    hits = list(sheet.find(TOTAL))
    if hits:
        found.add(FieldName.TOTAL, hits[-1].span("v"))

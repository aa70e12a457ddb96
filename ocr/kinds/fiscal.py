"""The fiscal e-bill (财政电子票据): fees, hospitals, donations (domain.md §1.2, §3.6, §5.5)."""

from __future__ import annotations

import re

from ocr.kinds.found import BY_PLACE, Found
from ocr.kinds.labelled import DAY, MONEY, TAX_ID, after, label
from ocr.kinds.totals import WORDS
from ocr.layout import Sheet
from ocr.rules.amounts import from_words
from ocr.types import FieldName, Kind

CODE = rf"{label('票据代码')}(?P<v>\d{{8}})(?!\d)"
NUMBER = rf"{label('票据号码')}(?P<v>\d{{10}})(?!\d)"
CHECK = rf"{label('校验码')}(?P<v>[0-9A-Za-z]{{6}})(?![0-9A-Za-z])"
PAYER = rf"(?:{label('交款人', '缴款人', '交款单位', '捐赠人', '付款人')})(?P<v>[^\s:;]\S*(?:\s[^\s:;]+)*)"
_ID_LABEL = label("社会信用代码", "会信用代码", "信用代码", "用代码", "纳税人识别号")
PAYER_ID = rf"{_ID_LABEL}{TAX_ID.replace('*', '')}"
MASKED = rf"{_ID_LABEL}(?P<v>(?P<head>\d{{3,8}})\s?[*＊×]{{2,14}}\s?(?P<tail>\d{{1,5}}[\dXx]))(?![0-9A-Z*])"
PAYEE = rf"(?:{label('收款单位(章)', '收款单位', '接受捐赠单位', '开票单位(章)', '开票单位')})(?P<v>[^\s:;]\S+)"
UNDER_SEAL = (
    r"收\s*款(?!\s*人)[^:\s]{0,2}[\((][^:\s]{0,3}?(?:专\s*用\s*章?|章)[\))]?\s*[:;]?\s*(?P<v>[\u4e00-\u9fff()]{4,})"
)
"""The payee when the seal has spoilt its label."""
DATE = rf"{label('开票日期', '填制日期', '日期')}{DAY}"
FIGURES = rf"[\((]?{label('小写')}[\))]?\s*[:;]?\s*{MONEY}"


def extract(sheet: Sheet, page: int) -> Found:
    """All fields of one bill; the payer is the buyer, the payee the seller."""
    found = Found(Kind.FISCAL, page)
    after(sheet, found, FieldName.CODE, CODE)
    after(sheet, found, FieldName.NUMBER, NUMBER)
    after(sheet, found, FieldName.CHECK_CODE, CHECK)
    after(sheet, found, FieldName.DATE, DATE)
    _read_parties(sheet, found)
    after(sheet, found, FieldName.BUYER_TAX_ID, PAYER_ID)
    for hit in sheet.find(MASKED):
        # how many stars a picture shows is no matter: a citizen's number has eighteen characters
        stars = "*" * (18 - len(hit.match["head"] + hit.match["tail"]))
        found.add(FieldName.BUYER_TAX_ID, hit.span("v"), f"{hit.match['head']}{stars}{hit.match['tail']}")
    after(sheet, found, FieldName.TOTAL, FIGURES)
    if not found.has(FieldName.TOTAL):
        after(sheet, found, FieldName.TOTAL, rf"{label('金额合计', '合计')}{MONEY}")
    for line in sheet.lines:
        for match in WORDS.finditer(line.text):
            try:
                from_words(match.group())
            except ValueError:
                continue
            found.add(FieldName.TOTAL_IN_WORDS, line.span(*match.span()), trust=BY_PLACE)
    for hit in sheet.find(rf"{label('复核人')}(?P<v>[\u4e00-\u9fff·]{{2,6}})"):
        found.add(FieldName.DRAWER, hit.span("v"))
    return found


def _read_parties(sheet: Sheet, found: Found) -> None:
    for name, pattern in ((FieldName.BUYER_NAME, PAYER), (FieldName.SELLER_NAME, PAYEE)):
        for hit in sheet.find(pattern):
            text = re.split(r"\s{2}", hit.match["v"])[0]
            text = re.sub(r"(?:财务|发票|票据|收费)?专用章.*$", "", text)  # the seal's own words behind the name
            clean = text
            if name is FieldName.SELLER_NAME:  # a payer may be called 章
                clean = re.sub(r"^[（(]?(?:财务|收费|发票|票据)?(?:专用章?|章)[)）]?[:;]?", "", text)
            if not re.search(r"信用代码|识别号|复核|收款人", clean):
                found.add(name, hit.span("v"), clean, trust=1.0 if clean == text else BY_PLACE)
    if not found.has(FieldName.SELLER_NAME):
        for hit in sheet.find(UNDER_SEAL):
            found.add(FieldName.SELLER_NAME, hit.span("v"), trust=BY_PLACE)

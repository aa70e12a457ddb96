"""Code, number, date, check code and machine number of the VAT families (domain.md §5.2, §5.3).

Labels come first. A paper form prints code and number twice without labels, so what has the shape of one and
stands above the buyer is taken too, and both sightings are kept: a difference means a mis-fed form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ocr.kinds.found import BY_PLACE, Found
from ocr.kinds.labelled import DAY, any_day
from ocr.layout import Hit, Sheet, spaced
from ocr.rules.codes import decode_code, plausible_number8
from ocr.types import FieldName, Kind

_COLON = r"\s*[:;.·]?\s*"
_ALONE = r"(?<![0-9A-Za-z.,])"
_END = r"(?![0-9A-Za-z])"

CODE = rf"{spaced('发票代码')}{_COLON}(?P<v>\d{{12}}|\d{{10}}){_END}"
NUMBER_8 = rf"(?:{spaced('发票号码')}{_COLON}|(?:N[oO0ºP]?|№)\s?[.:]?\s*)(?P<v>\d{{8}}){_END}"
NUMBER_20 = rf"(?:{spaced('发票号码')}|[数全]\s*电\s*票\s*号\s*码){_COLON}(?P<v>(?:\d\s?){{19}}\d){_END}"
DIGITS = 20  # of the number of a fully digital invoice
DATE = rf"(?:{spaced('开票日期')}|{spaced('票日期')}){_COLON}{DAY}"
CHECK = rf"{spaced('校验码')}{_COLON}(?P<v>(?:\d\s*){{19}}\d){_END}"
MACHINE = rf"{spaced('机器编号')}{_COLON}(?P<v>\d{{12}}){_END}"
BUYER_STARTS = rf"{spaced('识别号')}|{spaced('社会信用代码')}|(?<![务目位])名\s*称\s*[:;]"
_OF_ANOTHER = r"蓝\s*字\s*(?:数\s*电\s*)?$"  # the invoice that a red one reverses, in its remark (§4.6)
_OTHER_LABELS = r"(?:机\s*器|编\s*号|校\s*验|电\s*话|账\s*号|帐\s*号)[^:]{0,4}:?\s*$"


def top_of_parties(sheet: Sheet) -> float:
    """Height on the sheet at which the buyer's block begins; the upper 45 % when its labels were not read."""
    hit = sheet.first(BUYER_STARTS)
    standing = [run.y0 for run in sheet.standing if run.text.startswith(("购", "销"))]
    starts = [hit.line.cy - 0.6 * hit.line.height] if hit else []
    return min(starts + standing, default=sheet.down(0.45))


def read_tax_control(sheet: Sheet, found: Found, top: float | None = None) -> None:
    """Header fields of a form with code and number of eight digits (税控), which stand above `top`."""
    top = top_of_parties(sheet) if top is None else top
    _read_code(sheet, found, top)
    _read_number(sheet, found, top)
    for hit in sheet.find(CHECK):
        found.add(FieldName.CHECK_CODE, hit.span("v"))
    if not found.has(FieldName.CHECK_CODE):
        for hit in sheet.find(rf"{_ALONE}(?P<v>(?:\d{{5}}\s){{3}}\d{{5}}){_END}", above=top):
            found.add(FieldName.CHECK_CODE, hit.span("v"), trust=BY_PLACE)
    for hit in sheet.find(MACHINE):
        found.add(FieldName.MACHINE_NUMBER, hit.span("v"))
    read_date(sheet, found, top)


def _read_code(sheet: Sheet, found: Found, top: float) -> None:
    for hit in sheet.find(CODE):
        found.add(FieldName.CODE, hit.span("v"))
    for hit in _alone(sheet, r"\d{12}|\d{10}", top):
        info = decode_code(hit.match["v"])
        if info is not None and info.region_name and (info.kind is not None or not found.has(FieldName.CODE)):
            found.add(FieldName.CODE, hit.span("v"), trust=BY_PLACE)


def _read_number(sheet: Sheet, found: Found, top: float) -> None:
    for hit in sheet.find(NUMBER_8):
        found.add(FieldName.NUMBER, hit.span("v"))
    for hit in _alone(sheet, r"\d{8}", top):
        right = (hit.label.cx - sheet.x0) > 0.5 * (sheet.x1 - sheet.x0)
        if right and plausible_number8(hit.match["v"]) and "日期" not in hit.line.text[: hit.match.start()]:
            found.add(FieldName.NUMBER, hit.span("v"), trust=BY_PLACE)


def read_digital(sheet: Sheet, found: Found) -> None:
    """Header fields of a fully digital invoice (数电): a number of twenty digits, the date."""
    for hit in sheet.find(NUMBER_20):
        if not re.search(_OF_ANOTHER, hit.line.text[: hit.match.start()]):
            found.add(FieldName.NUMBER, hit.span("v"))
    top = top_of_parties(sheet)
    if not found.has(FieldName.NUMBER):
        # on paper it stands beside the buyer, in the place of the cipher
        limit = None if found.kind in {Kind.DIG_PAPER_SPECIAL, Kind.DIG_PAPER_NORMAL} else top
        for hit in sheet.find(rf"{_ALONE}(?P<v>\d{{20}}){_END}", above=sheet.down(0.4) if limit is None else limit):
            found.add(FieldName.NUMBER, hit.span("v"), trust=BY_PLACE)
    read_date(sheet, found, top)


def read_date(sheet: Sheet, found: Found, top: float) -> None:
    """The date of issue; without its label a date above the buyer."""
    for hit in sheet.find(DATE):
        found.add(FieldName.DATE, hit.span("v"))
    any_day(sheet, found, above=top)


def _alone(sheet: Sheet, shape: str, above: float) -> Iterator[Hit]:
    """Digits of a shape above a height that no other label claims."""
    for hit in sheet.find(rf"{_ALONE}(?P<v>{shape}){_END}", above=above):
        if not re.search(_OTHER_LABELS, hit.line.text[: hit.match.start()]):
            yield hit

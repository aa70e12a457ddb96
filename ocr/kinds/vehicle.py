"""Invoices of a vehicle's sale (机动车销售统一发票, 二手车销售统一发票), on paper and fully digital (domain.md §1.2).

On paper, code and number are printed twice: beforehand at the upper right, and by the machine in the first rows of
the table. The VIN (车架号) is kept as the field `vehicle`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ocr.kinds import header, totals
from ocr.kinds.cells import Table, add_text, read_table
from ocr.kinds.found import BY_PLACE, Found
from ocr.kinds.labelled import DAY, any_day
from ocr.layout import Sheet, Span, cut, spaced
from ocr.rules import vin
from ocr.rules.codes import decode_code
from ocr.rules.taxid import check_ok
from ocr.types import FieldName, Kind

F = FieldName
KINDS: Final = frozenset({Kind.VEHICLE, Kind.USED_VEHICLE, Kind.DIG_VEHICLE, Kind.DIG_USED_VEHICLE})
_USED: Final = frozenset({Kind.USED_VEHICLE, Kind.DIG_USED_VEHICLE})
_DIGITAL: Final = frozenset({Kind.DIG_VEHICLE, Kind.DIG_USED_VEHICLE})


def _any(*labels: str) -> str:
    return "|".join(spaced(label) for label in labels)


_INVOICE: Final = r"[发岀出发]\s*票"
ROLES: Final = {
    "": rf"[\((]?\s*[小大]\s*写\s*[\))]?|{_any('税控码')}",
    "printed_code": _any("机打代码", "机打发票代码"),
    "printed_number": _any("机打号码", "机打发票号码"),
    "machine": _any("机器编号", "机器号码"),
    "code": rf"{_INVOICE}\s*代\s*码|票\s*代\s*码",
    "number": rf"{_INVOICE}\s*号\s*码|票\s*号\s*码",
    "date": rf"{_any('开票日期')}|{_INVOICE}\s*日\s*期|票\s*日\s*期",
    "address": rf"[买卖]\s*方\s*单\s*位.{{0,4}}人\s*住\s*址|{_any('住址', '地址')}",
    "buyer": r"购\s*[买货]\s*(?:方|单\s*位)\s*(?:名\s*称)?\s*(?:[\((]\s*人\s*[\))])?\s*及?|买\s*方\s*单\s*位.{0,2}个\s*人",
    "seller": r"销\s*[货售]\s*(?:方|单\s*位)\s*名\s*称|卖\s*方\s*单\s*位.{0,2}个\s*人",
    "others": rf"经\s*营\W{{0,3}}拍\s*卖\s*单\s*位|二\s*手\s*车\s*市\s*场|{_any('完税凭证号码')}|主\s*管\s*税\s*务|机\s*关\s*及\s*代\s*码",
    "id": rf"(?:{_any('身份证明号码', '身份证件号码', '身份证号码', '组织机构代码', '单位代码', '统一社会', '信用代码')}|纳?\s*税?\s*人?\s*识\s*[别刖]\s*号)[/\s]*(?:{_any('纳税人')})?",
    "rate": r"增?\s*值?\s*税\s*税\s*率|或?\s*征\s*收\s*率",
    "tax": r"增\s*值\s*税\s*税\s*额|增\s*值\s*税(?=\s|$)|税\s*额",
    "net": r"不\s*含\s*税\s*价",
    "total": r"价\s*税\s*合\s*计|车\s*价\s*合\s*计",
    "vin": r"车\s*辆\s*识\s*[别刖]\s*代\s*[号码]|车\s*架\s*号\s*码?|识\s*[别刖]\s*代\s*[号码]",
    "engine": _any("发动机号码", "发动机号"),
    "account": _any("开户银行、账号", "账号", "帐号"),
    "bank": _any("开户银行"),
    "phone": _any("电话"),
    "certificate": _any("合格证号", "进口证明书号", "商检单号", "登记证号"),
    "car": rf"{_any('车辆类型', '厂牌型号', '产地', '吨位', '限乘人数', '车牌照号')}|转\s*入\s*地\s*车\s*辆|管\s*理\s*所\s*名\s*称",
    "drawer": _any("开票人"),
    "seal": _any("销货单位盖章", "销货单位(盖章)", "开票单位(盖章)", "销售单位盖章", "备注"),
}  # fmt: skip
"""The labels of all four forms and their wordings over the years; one role for those whose values nobody asks for."""

_ID: Final = re.compile(r"(?<![0-9A-Z])(?:[0-9A-Z]{15}|[0-9A-Z]{17,18}|[0-9A-Z]{20})(?![0-9A-Z])")
_MONEY: Final = re.compile(r"(?P<v>[-−]?\s?[¥￥Ұ羊Y]?\s?[-−]?\s?\d[\d,，\s]*\.\s?\d{2})(?!\d)")
_OFFICE: Final = re.compile(r"税务.?局$|监制")
_SLASHES: Final = re.compile(r"^[\s/.、:;]+|[\s/、:;]+$")


def extract(sheet: Sheet, page: int, kind: Kind) -> Found:
    """All fields of one invoice of a vehicle. `kind` is one of :data:`KINDS`."""
    table = read_table(sheet, ROLES, {"buyer": "id"})
    found = Found(kind, page)
    if kind in _DIGITAL:
        header.read_digital(sheet, found)
    else:
        _read_key(sheet, table, found)
    _read_date(sheet, table, found)
    _read_parties(table, found)
    _read_money(sheet, table, found)
    _read_vin(sheet, table, found)
    add_text(found, F.DRAWER, [span for span in table.pieces("drawer")[:1] if len(span.text) <= 12])
    return found


def _read_key(sheet: Sheet, table: Table, found: Found) -> None:
    """The code and number printed beforehand and those that the machine printed; the latter stand in for the former."""
    for name, role, shape in (
        (F.PRINTED_CODE, "printed_code", r"\d{12}"),
        (F.PRINTED_NUMBER, "printed_number", r"\d{8}"),
        (F.MACHINE_NUMBER, "machine", r"\d{12}"),
        (F.CODE, "code", r"\d{12}"),
        (F.NUMBER, "number", r"\d{8}"),
    ):
        for span, text in _shaped(table.pieces(role), shape):
            found.add(name, span, text)
    top = _top(sheet, table)
    middle = (sheet.x0 + sheet.x1) / 2
    for name, shape in ((F.CODE, r"\d{12}"), (F.NUMBER, r"\d{8}")):
        if found.has(name):
            continue
        for hit in sheet.find(rf"(?<![0-9A-Za-z./-])(?P<v>{shape})(?![0-9A-Za-z./-])", above=top):
            place = hit.span("v")
            if place is not None and place.cx > middle and _fits(name, place.text):
                found.add(name, place, trust=BY_PLACE)
    found.stand_in(F.CODE, F.PRINTED_CODE)
    found.stand_in(F.NUMBER, F.PRINTED_NUMBER)


def _read_date(sheet: Sheet, table: Table, found: Found) -> None:
    for span in table.pieces("date"):
        match = re.search(DAY, span.text)
        if match:
            found.add(F.DATE, span, match["v"])
    any_day(sheet, found, above=_top(sheet, table))


def _read_parties(table: Table, found: Found) -> None:
    """Names beside their labels; identities by the row they stand in: a check digit proves the string, not its role."""
    for name, role in ((F.BUYER_NAME, "buyer"), (F.SELLER_NAME, "seller")):
        for _, spans in table.of(role):
            names = [clean for span in spans if (clean := _name(span)) is not None]
            # the office's seal above the table reaches down to its first row
            add_text(found, name, [span for span in names if not _OFFICE.search(span.text)] or names)
    whose = _Roles.of(table, used=found.kind in _USED)
    for label, spans in table.of("id", "buyer", "seller"):
        for span in spans:
            whose.add(found, span, _ids(span), 1.0 if label.role == "id" else BY_PLACE)
    missing = {name for name in (F.BUYER_TAX_ID, F.SELLER_TAX_ID) if not found.has(name)}
    for span in table.rest:
        # the label was not read: what cannot be anything else
        if whose.at(span) in missing:
            whose.add(found, span, [text for text in _ids(span) if check_ok(text) and not vin.vin_ok(text)], BY_PLACE)


@dataclass(frozen=True, slots=True)
class _Roles:
    """Whose identity stands at a height: of a new car the buyer stands above the price and the seller below it, of a
    used one both above it. None where a height is not known.
    """

    buyer: float | None
    seller: float | None
    total: float | None
    last: float  # below it stands nobody's
    used: bool

    @classmethod
    def of(cls, table: Table, *, used: bool) -> _Roles:
        buyer, seller, total = (
            label.cy if label is not None else None for label in map(table.first, ("buyer", "seller", "total"))
        )
        end = table.first("rate", "tax")
        return cls(buyer, seller, total, end.cy if end is not None else 9e9, used)

    def at(self, span: Span) -> FieldName | None:
        """Whose it is."""
        if span.cy > self.last:
            return None
        if not self.used and self.total is not None:
            return F.BUYER_TAX_ID if span.cy < self.total else F.SELLER_TAX_ID
        if self.buyer is None or self.seller is None or (self.used and self.total is not None and span.cy > self.total):
            return None
        half = (self.seller - self.buyer) / 2
        if abs(span.cy - self.buyer) < half:
            return F.BUYER_TAX_ID
        return F.SELLER_TAX_ID if abs(span.cy - self.seller) < half else None

    def add(self, found: Found, span: Span, texts: Sequence[str], trust: float) -> None:
        """Record identities at a place."""
        name = self.at(span)
        for text in texts:
            if name is not None:
                found.add(name, span if text == span.text else cut(span, text), text, trust=trust)


def _read_money(sheet: Sheet, table: Table, found: Found) -> None:
    for name, role in ((F.TOTAL, "total"), (F.NET, "net"), (F.TAX, "tax")):
        for span in table.pieces(role):
            match = _MONEY.search(span.text)
            if match:
                found.add(name, cut(span, match["v"]), re.sub(r"[\s羊Y]", "", match["v"]))
    for line in sheet.lines:
        words = totals.amount_in_words(line)
        if words is not None:
            found.add(F.TOTAL_IN_WORDS, words)


def _read_vin(sheet: Sheet, table: Table, found: Found) -> None:
    """The VIN beside its label, else any text of its shape whose check digit fits."""
    for span in table.pieces("vin"):
        text = vin.spelled(span.text)
        if text:
            found.add(F.VEHICLE, span, text)
    if not found.has(F.VEHICLE):
        for line in sheet.lines:
            for match in re.finditer(r"(?<![0-9A-Z])[0-9A-Z]{17}(?![0-9A-Z])", line.text):
                text = vin.spelled(match.group())
                if text and vin.vin_ok(text):
                    found.add(F.VEHICLE, line.span(*match.span()), text, trust=BY_PLACE)


def _shaped(spans: Sequence[Span], shape: str) -> list[tuple[Span, str]]:
    """The pieces that hold digits of a shape, and the digits."""
    shaped: list[tuple[Span, str]] = []
    for span in spans:
        text = re.sub(r"\s", "", span.text)
        match = re.fullmatch(rf"\D{{0,2}}({shape})\D{{0,2}}", text)
        if match:
            shaped.append((span, match[1]))
    return shaped


def _ids(span: Span) -> list[str]:
    text = re.sub(r"[\s.,:;/-]", "", span.text).upper()
    if _ID.fullmatch(text) and sum(map(str.isdigit, text)) >= 8:
        return [text]
    return [one for one in _ID.findall(span.text.upper()) if sum(map(str.isdigit, one)) >= 8]


def _name(span: Span) -> Span | None:
    """The piece without an identity that stands beside the name; None when nothing of a name is left."""
    text = _ID.sub("", span.text)
    text = _SLASHES.sub("", re.sub(r"(?<![0-9A-Z])[0-9A-Z]{8}-[0-9X](?![0-9A-Z])", "", text))
    if not re.search(r"[\u4e00-\u9fffA-Za-z]{2}", text):
        return None
    return span if text == span.text else cut(span, text)


def _fits(name: FieldName, text: str) -> bool:
    if name is F.NUMBER:
        return not re.match(r"20[0-3]\d(?:0[1-9]|1[0-2])", text)
    info = decode_code(text)
    return info is not None and info.region_name is not None


def _top(sheet: Sheet, table: Table) -> float:
    """Height of the table's first row."""
    first = table.first("printed_code", "printed_number", "machine", "buyer", "id")
    return first.cy - 0.5 * sheet.row if first is not None else sheet.down(0.3)

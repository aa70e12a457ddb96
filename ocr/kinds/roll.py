"""Invoices on rolls: the VAT roll (增值税普通发票（卷票）) and machine-printed till slips (通用机打发票) (domain.md §1.1, §1.2).

A roll is one column of labels with their values, so a label owns what follows it up to the next one; a long name goes on
in the rows below. 纳税人识别号 stands twice without saying whose it is: it is that of the party named above it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ocr.kinds import totals
from ocr.kinds.found import BY_PLACE, Found
from ocr.kinds.labelled import DAY, any_day
from ocr.layout import Line, Sheet, Span, cut, joined, spaced
from ocr.rules.codes import decode_code
from ocr.types import FieldName, Kind

F = FieldName


def either(*labels: str) -> str:
    """A pattern for any of several labels, blanks allowed between their characters."""
    return "|".join(spaced(label) for label in labels)


INVOICE: Final = r"[发岀出友]\s*票"
PAYER: Final = either(
    "购买方名称", "购方名称", "购货单位名称", "购货单位", "购货方名称", "付款单位(个人)", "付款单位名称", "付款单位", "付款方名称", "付款方(个人)",
    "客户名称", "付款人", "购买方", "付款方", "购方",
)  # fmt: skip
PAYEE: Final = either(
    "销售方名称", "销方名称", "销货单位名称", "销货单位", "销货方名称", "收款单位名称", "收款单位(盖章)", "收款单位", "收款方名称", "开票单位名称",
    "开票单位(盖章)", "开票单位", "开票方名称", "商户名称", "销售方", "收款方", "销方",
)  # fmt: skip
ID: Final = r"(?:纳\s*税\s*人\s*|统\s*一\s*社\s*会\s*)?(?:识\s*[别刖]\s*[号码]|信\s*用\s*代\s*码|税\s*号|税\s*务\s*登\s*记\s*号)(?:\s*码)?"
ROLES: Final = {
    "printed_code": r"机\s*打\s*(?:[发出]\s*票\s*)?代\s*码",
    "printed_number": r"机\s*打\s*(?:[发出]\s*票\s*)?号\s*码?",
    "machine": either("机器编号", "机器号码", "机号"),
    "code": rf"{INVOICE}\s*代\s*码",
    "number": rf"{INVOICE}\s*号\s*码",
    "date": r"(?:开\s*[票具]|填\s*开|开\s*单)\s*日\s*期|(?<![一-龥])日\s*期|票\s*日\s*期",
    "buyer_id": rf"(?:购\s*买\s*方|购\s*货\s*方|购\s*方|付\s*款\s*方|购\s*货\s*单\s*位)\s*{ID}",
    "seller_id": rf"(?:销\s*售\s*方|销\s*货\s*方|销\s*方|收\s*款\s*方|开\s*票\s*方|销\s*货\s*单\s*位|收\s*款\s*单\s*位)\s*{ID}",
    "id": ID,
    "buyer": PAYER,
    "seller": PAYEE,
    "words": r"(?:合\s*计|金\s*额|人\s*民\s*币|总\s*计|价\s*税)*\s*[\((]?\s*大\s*写\s*[\))]?(?:\s*(?:合\s*计|金\s*额))?",
    "total": r"(?:合\s*计\s*金\s*额|金\s*额\s*合\s*计|合\s*计|总\s*计\s*金\s*额|总\s*金\s*额|总\s*计|实\s*收\s*金\s*额|价\s*税\s*合\s*计)?\s*[\((]?\s*小\s*写\s*[\))]?(?:\s*(?:合\s*计|金\s*额))?|合\s*计\s*金\s*额|金\s*额\s*合\s*计|总\s*计\s*金\s*额|总\s*金\s*额|实\s*收\s*金\s*额|合\s*计|总\s*计",
    "check": r"校\s*[验脸]\s*码",
    "control": either("税控码", "税控防伪码", "防伪码", "查询码", "密码"),
    "drawer": either("收款员", "收款人", "开票人", "收银员", "操作员"),
    "other": either("行业分类", "行业类别", "项目", "品名", "备注", "地址", "电话", "开户行及账号", "开户银行", "账号", "付款方式", "单价", "数量"),
}  # fmt: skip
"""Labels in the order in which they are tried: what begins alike longest first."""
_PATTERN: Final = re.compile("|".join(f"(?P<{role}>{pattern})" for role, pattern in ROLES.items()))
MONEY: Final = re.compile(
    r"(?P<v>[-−]?\s?[¥￥Ұ]?\s?[-−]?\s?\d[\d,，]*\s?[.。]\s?\d{1,2}|[-−]?\s?[¥￥Ұ]\s?\d[\d,，]*)(?!\d)"
)
_CONTINUED: Final = frozenset({"buyer", "seller", "check", "id", "buyer_id", "seller_id"})
_SHAPES: Final = {
    "code": F.CODE,
    "number": F.NUMBER,
    "printed_code": F.PRINTED_CODE,
    "printed_number": F.PRINTED_NUMBER,
    "machine": F.MACHINE_NUMBER,
    "date": F.DATE,
}
"""The field of each label whose value is told by its shape."""
_SHAPE: Final = {
    F.CODE: r"(?:\d ?){11}\d|(?:\d ?){9}\d",
    F.NUMBER: r"(?:\d ?){7}\d",
    F.PRINTED_CODE: r"(?:\d ?){11}\d|(?:\d ?){9}\d",
    F.PRINTED_NUMBER: r"(?:\d ?){7}\d",
    F.MACHINE_NUMBER: r"(?:\d ?){11}\d",
    F.DATE: DAY.replace("?P<v>", "?:") + r"|20\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])",
}
_WORDS_BEGIN: Final = re.compile(r"(?:.*大\s*写\s*[\))]?(?:\s*(?:合\s*计|金\s*额))?)?[^\u4e00-\u9fff0-9]{0,3}")
_WORDS_GO_ON: Final = re.compile(r"[零壹贰叁肆伍陆柒捌玖拾佰仟万圆元角分整正]{1,12}(?=\s|$)")
_CHECK_CODE: Final = 20
_TAX_ID: Final = 18  # characters of the longest that wraps
_PITCH: Final = 2.2  # rows of text between a row and the one it goes on in


@dataclass(slots=True)
class Entry:
    """A label and what follows it: `said` is the label as read, `spans` its rows."""

    role: str
    said: str
    spans: list[Span]
    line: Line


def extract(sheet: Sheet, page: int, kind: Kind) -> Found:
    """All fields of one roll."""
    found = Found(kind, page)
    entries = _entries(sheet)
    party: FieldName | None = None
    for entry in entries:
        if entry.role in {"buyer", "seller"}:
            name, party = (F.BUYER_NAME, F.BUYER_TAX_ID) if entry.role == "buyer" else (F.SELLER_NAME, F.SELLER_TAX_ID)
            add_name(found, name, entry.spans)
        elif entry.role in {"id", "buyer_id", "seller_id"}:
            owner = {"buyer_id": F.BUYER_TAX_ID, "seller_id": F.SELLER_TAX_ID}.get(entry.role, party)
            add_id(found, owner, entry.spans)
        else:
            _read(found, entry)
    read_words(sheet, found)
    read_key_by_shape(sheet, found)
    return found


def read_words(sheet: Sheet, found: Found) -> None:
    """The total in words, which may go on in a second row. Where no figures say the same it is recorded as the total as
    well, and says of itself that it is the same text: words are no second witness of themselves.
    """
    for line, below in zip(sheet.lines, [*sheet.lines[1:], None], strict=True):
        match = totals.WORDS.search(line.text)
        # what a seal has cut at its beginning or end is another amount
        if match is None or not _WORDS_BEGIN.fullmatch(line.text[: match.start()]):
            continue
        spans = [line.span(*match.span())]
        more = _WORDS_GO_ON.match(below.text) if below is not None and match.end() == len(line.text) else None
        if more is not None and below is not None and below.cy - line.cy < _PITCH * sheet.row:
            spans.append(below.span(*more.span()))
        whole = [span for span in spans if span is not None]
        if whole and re.search(r"[整正角分]$", whole[-1].text.strip()) and re.search("[元圆园]|角整", match.group()):
            found.add(F.TOTAL_IN_WORDS, joined(whole))
    figures = {value.value for value in found.values if value.name is F.TOTAL}
    said = [replace(value, raw=value.value) for value in found.values if value.name is F.TOTAL_IN_WORDS]
    if said and not any(_is_part(value.value, figure) for value in said for figure in figures):
        found.values = [value for value in found.values if value.name is not F.TOTAL_IN_WORDS]
        found.values += said + [replace(value, name=F.TOTAL) for value in said]


def _is_part(words: str, figure: str) -> bool:
    """Whether an amount in words is that of the figures, or what a seal has left of it: its end or its beginning."""
    return figure.endswith(words) or words in {f"{figure[:-1]}0", f"{figure[:-2]}00"}


def read_key_by_shape(sheet: Sheet, found: Found) -> None:
    """Code, number and date whose labels were not read, and what the machine printed in the place of the form's own."""
    upper = sheet.down(0.45)
    if not found.has(F.CODE):
        for hit in sheet.find(r"(?<![0-9A-Za-z./-])(?P<v>[0-2]\d{11})(?![0-9A-Za-z./-])", above=upper):
            info = decode_code(hit.match["v"])
            machine = {value.value for value in found.values if value.name in {F.MACHINE_NUMBER, F.PRINTED_CODE}}
            if info is not None and info.region_name and hit.match["v"] not in machine:
                found.add(F.CODE, hit.span("v"), trust=BY_PLACE)
    if not found.has(F.NUMBER):
        for hit in sheet.find(r"(?<![0-9A-Za-z./:-])(?P<v>\d{8})(?![0-9A-Za-z./-])", above=upper):
            text = hit.match["v"]
            printed = any(value.name is F.PRINTED_NUMBER and value.value == text for value in found.values)
            like_a_day = re.match(r"20[0-3]\d(?:0[1-9]|1[0-2])", text)
            if not printed and not like_a_day and not re.search(r"电\s*话", hit.line.text):
                found.add(F.NUMBER, hit.span("v"), trust=BY_PLACE)
    found.stand_in(F.CODE, F.PRINTED_CODE)
    found.stand_in(F.NUMBER, F.PRINTED_NUMBER)
    any_day(sheet, found)


def add_name(found: Found, name: FieldName, spans: list[Span]) -> None:
    """Record a party's name that may stand in several rows."""
    if (
        not spans
        or not re.search(r"[\u4e00-\u9fffA-Za-z]{2}", spans[0].text)
        or re.search("专用章|盖章", spans[0].text)
    ):
        return
    found.add(name, joined(spans))


def add_id(found: Found, name: FieldName | None, spans: list[Span]) -> None:
    """Record a tax id that may stand in two rows, when it is known whose it is."""
    for span in [joined(spans)] if len(spans) > 1 else spans:
        text = re.sub(r"[\s.,:;]", "", span.text).upper()
        if name is not None and re.fullmatch(r"[0-9A-Z*]{15}|[0-9A-Z*]{17,18}|[0-9A-Z*]{20}", text):
            found.add(name, span, text)


def add_shaped(found: Found, name: FieldName, spans: Sequence[Span]) -> None:
    """Record the first piece that has the shape of a code, a number or a day; what follows it is left out."""
    for span in spans:
        shape = _SHAPE[name]
        match = re.match(rf"\D{{0,2}}?(?P<v>{shape})(?![0-9A-Za-z])", span.text)
        if match and found.add(name, cut(span, match["v"])):
            return


def _read(found: Found, entry: Entry) -> None:
    """The fields that are told by their label alone."""
    for span in entry.spans[:1]:
        if entry.role in _SHAPES:
            add_shaped(found, _SHAPES[entry.role], [span])
        money = MONEY.search(span.text)
        if entry.role == "total" and money:
            found.add(F.TOTAL, cut(span, money["v"]))
        if entry.role == "drawer" and len(span.text) <= 12:
            found.add(F.DRAWER, span)
    if entry.role == "check" and entry.spans:
        digits = re.sub(r"\D", "", "".join(span.text for span in entry.spans))
        if len(digits) == 20:
            found.add(F.CHECK_CODE, joined(entry.spans), digits)


def _entries(sheet: Sheet) -> list[Entry]:
    """The labels from top to bottom, each with what follows it on its line and in the rows below that have no label."""
    entries: list[Entry] = []
    last: Line | None = None
    for line in sheet.lines:
        matches = list(_PATTERN.finditer(line.text))
        if not matches:
            near = last is not None and line.cy - last.cy < _PITCH * sheet.row
            if entries and near and _goes_on(entries[-1], line):
                span = line.span(0, _column_end(line, 0, len(line.text)))
                if span is not None:
                    entries[-1].spans.append(span)
                last = line
            continue
        for match, end in zip(matches, [*(later.start() for later in matches[1:]), len(line.text)], strict=True):
            start = match.end()
            while start < end and line.text[start] in " :;.：":
                start += 1
            named = match.lastgroup in {"buyer", "seller", "drawer"}
            value = line.span(start, _column_end(line, start, end) if named else end)
            spans = [] if value is None else [value]
            entries.append(Entry(match.lastgroup or "", match.group(), spans, line))
        last = line
    return entries


def _column_end(line: Line, start: int, end: int) -> int:
    """Where a value ends before a gap: what stands beyond it is a stamp's."""
    gap = line.text.find("  ", start, end)
    return end if gap < 0 else gap


def _goes_on(entry: Entry, line: Line) -> bool:
    """Whether a row without a label goes on with what a label above it says."""
    if entry.role not in _CONTINUED or len(entry.spans) > 2:
        return False
    text = re.sub(r"\s", "", line.text)
    said = "".join(re.sub(r"\s", "", span.text) for span in entry.spans)
    if entry.role in {"buyer", "seller"}:
        return re.search(r"\d{3}|发票|税务", text) is None and re.search(r"[\u4e00-\u9fff]", text) is not None
    if entry.role == "check":
        return text.isdigit() and len(re.sub(r"\D", "", said)) + len(text) <= _CHECK_CODE
    return re.fullmatch(r"[0-9A-Z]{1,12}", text) is not None and 0 < len(said) <= _TAX_ID - len(text)

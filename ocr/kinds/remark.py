"""Remark, drawer, special-business mark, red link, real seller and copy of the VAT families (domain.md §4.2, §4.6, §5.2, §5.3)."""

from __future__ import annotations

import re

from ocr.kinds.found import BY_PLACE, Found
from ocr.layout import Sheet, Span, cut, joined, spaced
from ocr.rules.remarks import RED, real_seller
from ocr.types import FieldName

MARKS = (
    "建筑服务", "货物运输服务", "旅客运输服务", "不动产销售", "不动产经营租赁服务", "不动产租赁", "成品油", "稀土",
    "农产品收购", "自产农产品销售", "光伏收购", "报废产品收购", "代收车船税", "差额征税", "差额开票", "通行费", "卷烟",
    "机动车", "二手车", "民航", "铁路", "医疗服务", "代开", "收购", "电子烟", "拖拉机和联合收割机", "出口", "销项负数",
    "差额征税-差额开票", "差额征税-全额开票",
)  # fmt: skip
DRAWER = rf"{spaced('开票人')}\s*[:;]?\s*(?P<v>[^\s:;]{{1,12}}(?:\s[A-Za-z]+)*)"
_MARK = re.compile(
    rf"(?:^|(?<=\s)|(?<=\())(?P<v>{'|'.join(sorted(map(spaced, MARKS), key=len, reverse=True))})(?=\s|\)|$)"
)
_COPY = re.compile(r"记\s*[账帐]\s*联|抵\s*扣\s*联|发\s*票\s*联|存\s*根\s*联")
_EDGE = 0.965  # of the width of a paper form: right of it stands which copy it is, one character below the other
_BESIDE = re.compile(r"[\u4e00-\u9fff:]{1,8}")
# 第二联：抵扣联 购买方扣税凭证, 第一联：记账联 销售方记账凭证, 第三联：发票联 购买方记账凭证: each has signs of its own
_SIGNS = (("扣", "抵扣联"), ("售|第?一联", "记账联"), ("发票|买", "发票联"))
_BOTTOM_LABELS = rf"{spaced('收款人')}|{spaced('复核')}|{spaced('开票人')}|{spaced('销售方')}\s*[:;]"


def read_mark(sheet: Sheet, found: Found, top: float) -> None:
    """The mark printed left of the title, above `top`, such as 通行费 or 建筑服务; a long one stands in two rows."""
    middle = (sheet.x0 + sheet.x1) / 2
    above: list[Span] = []
    for line in sheet.lines:
        if line.cy > top:
            break
        for match in _MARK.finditer(line.text):
            span = line.span(*match.span("v"))
            if span is not None and span.cx < middle:
                found.add(FieldName.MARK, span, re.sub(r"\s", "", span.text))
        pieces = (line.span(*match.span()) for match in re.finditer(r"\S+(?: \S+)*", line.text))
        here = [piece for piece in pieces if piece is not None and piece.cx < middle]
        for upper in above:
            for lower in here:
                whole = re.sub(r"\s", "", upper.text + lower.text)
                if whole in MARKS and abs(upper.x0 - lower.x0) < 1.5 * sheet.row:
                    found.values = [value for value in found.values if value.name is not FieldName.MARK]
                    found.add(FieldName.MARK, joined([upper, lower]), whole)
        above = [piece for piece in above if line.cy - piece.cy < 2.5 * sheet.row] + here


def read_copy(sheet: Sheet, found: Found, top: float) -> None:
    """Which copy of a paper form it is: under the title, else in the print along the edge (§5.2)."""
    hit = sheet.first(_COPY, above=top)
    if hit is not None:
        found.add(FieldName.COPY, hit.span(), _copy(hit.match.group()))
        return
    edge = sheet.x0 + _EDGE * (sheet.x1 - sheet.x0)
    runs = [run for line in sheet.lines for run in line.runs if _BESIDE.fullmatch(run.text)]
    runs = sorted((run for run in (*runs, *sheet.standing) if run.x0 > edge), key=lambda run: run.y0)
    text = "".join(run.text for run in runs)
    name = next((name for sign, name in _SIGNS if re.search(sign, text)), None)
    if name is not None:
        word = runs[0].word
        span = Span(text, word.box, word.confidence, word.source, runs[0].x0, runs[0].y0, runs[0].x1, runs[-1].y1)
        found.add(FieldName.COPY, span, name, trust=BY_PLACE)


def _copy(text: str) -> str:
    return re.sub(r"\s", "", text).replace("帐", "账")


def read_bottom(sheet: Sheet, found: Found, *, wall: float | None, top: float | None) -> None:
    """Drawer, red link, real seller, and the remark right of its label. `wall` is where the remark's text begins, `top` the
    height below which it stands; None when they are not known.
    """
    for hit in sheet.find(DRAWER):
        found.add(FieldName.DRAWER, hit.span("v"))
    remark = _remark(sheet, wall, top)
    if remark is not None:
        found.add(FieldName.REMARK, remark)
    for hit in sheet.find(RED):
        found.add(FieldName.RED_OF, hit.span("v"))
    if remark is not None and not found.has(FieldName.RED_OF):
        match = re.search(RED, remark.text)
        if match:
            found.add(FieldName.RED_OF, remark, match["v"])
    if remark is not None:
        for name, text in zip(
            (FieldName.REAL_SELLER_TAX_ID, FieldName.REAL_SELLER_NAME), real_seller(remark.text), strict=True
        ):
            found.add(name, remark, text)


def _remark(sheet: Sheet, wall: float | None, top: float | None) -> Span | None:
    if wall is None or top is None:
        return None
    last = sheet.first(_BOTTOM_LABELS, below=top)
    end = last.line.cy - 0.5 * sheet.row if last is not None else 9e9
    # 备 and 注 stand in the label's own narrow column
    spans = [span for span in sheet.cell(wall, top, 9e9, end) if not re.fullmatch(r"备|注|备\s*注", span.text)]
    if spans and re.match(r"备\s*注?\s{1,2}", spans[0].text):
        head = spans[0]
        text = re.sub(r"^备\s*注?\s{1,2}", "", head.text)
        spans[0] = cut(head, text)
    return joined(spans) if spans else None


def remark_label(sheet: Sheet, top: float) -> Span | None:
    """The label 备注, standing or broken in two, below `top`."""
    for run in sheet.standing:
        if run.text.startswith("备") and run.cy > top:
            return Span(run.text, run.word.box, run.word.confidence, run.word.source, run.x0, run.y0, run.x1, run.y1)
    hit = sheet.first(r"(?:^|(?<=\s))备(?:\s*注)?(?=\s|$|:)", below=top)
    return hit.label if hit is not None else None

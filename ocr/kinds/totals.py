"""Net, tax and total of the VAT families, and the total in words (domain.md §4.4, §4.5, §5.2).

The row 合计 carries net and tax under the headers 金额 and 税额, the row 价税合计 the total in words and in figures.
The currency sign is often a word of its own, sometimes missing; tax may be printed as ``***``.
"""

from __future__ import annotations

import re

from ocr.kinds.found import BY_PLACE, Found
from ocr.layout import Hit, Line, Sheet, Span, spaced
from ocr.rules.amounts import from_words
from ocr.types import FieldName

SUM = r"(?<![税額])合\s*计(?!\s*[\((（]?\s*大)"
PART = r"(?:^|\s)小\s*计(?=[\s¥￥Ұ*:\d]|$)"
TOTAL = r"(?:价\s*税|税)\s*合\s*计"
IN_WORDS = r"[\((（]?\s*大\s*写\s*[\))）]?"
IN_FIGURES = r"[\((（]?\s*小\s*写\s*[\))）]?"
MONEY = r"(?P<v>[-−负]?\s?[¥￥Ұ]{0,2}\s?[-−]?\s?\d(?:[\d,，]|\s(?=\d{3}\b))*(?:\s?[.。]\s?\d{1,2})?)(?![\d%])"
SIGNED = r"(?P<v>[-−]?\s?[¥￥Ұ]{1,2}\s*[-−]?\s?\d[\d,，]*(?:\s?[.。]\s?\d{1,2})?)(?![\d%])"
CENTS = r"(?P<v>[-−]?\s?[¥￥Ұ]{0,2}\s?[-−]?\s?\d[\d,，]*\s?[.。]\s?\d{2})(?!\d)"
STARS = r"(?:\*{1,3}|[*★大太犬水米木来火牛兴]{3})(?!\S)"  # small stars are read as what has as many strokes
WORDS = re.compile(
    r"(?:[\((（]负数[\))）]|负)?[零〇壹壶贰式贰叁参肆肄伍陆柒染漆捌玖致拾佰仟万亿圆元园角分整正]"
    r"[\s零〇壹壶贰式叁参肆肄伍五陆六柒染漆捌别玖致政拾合佰伯仟什任万亿圆元园固角分整正]{2,}"
)
_WITHOUT_POINT = re.compile(r"([-−]?\s?[¥￥Ұ]{1,2}\s*[-−]?\s?\d+)(\d\d)")
_AS_READ = 0.7
AMOUNT_HEADER, TAX_HEADER = spaced("金额"), spaced("税额")


def read_totals(sheet: Sheet, found: Found) -> None:
    """Net, tax, total and the total in words of a VAT form, tax-control or fully digital."""
    total_row = read_total(sheet, found)
    sum_row = _sum_row(sheet, total_row)
    if sum_row is not None:
        _read_sums(sheet, found, sum_row)


def read_total(sheet: Sheet, found: Found) -> float | None:
    """The total in figures and in words; the height of their row."""
    total_row = _total_row(sheet)
    _read_total(sheet, found, total_row)
    return total_row


def _total_row(sheet: Sheet) -> float | None:
    """Height of the row 价税合计."""
    for pattern in (TOTAL, IN_FIGURES, IN_WORDS):
        hits = list(sheet.find(pattern))
        if hits:
            return hits[-1].line.cy
    words = [line.cy for line in sheet.lines if amount_in_words(line) is not None]
    return words[-1] if words else None


def _read_total(sheet: Sheet, found: Found, at: float | None) -> None:
    for line in sheet.lines:
        if at is not None and abs(line.cy - at) > 2.2 * sheet.row:
            continue
        words = amount_in_words(line)
        if words is not None:
            found.add(FieldName.TOTAL_IN_WORDS, words)
    label = sheet.first(IN_FIGURES, **_around(at, sheet))
    if label is not None:
        span = _money_after(label) or _money_beside(sheet, label.label)
        if _add(found, FieldName.TOTAL, span):
            return
    if at is None:
        return
    # the label was not read: the last money with a currency sign on that row
    hits = [hit for hit in sheet.find(SIGNED, **_around(at, sheet, 1.0)) if not _cut_short(hit)]
    if hits:
        found.add(FieldName.TOTAL, hits[-1].span("v"), trust=BY_PLACE)


def _money_after(label: Hit) -> Span | None:
    match = re.compile(rf"\s*[:;]?\s*{MONEY}").match(label.line.text, label.match.end())
    return Hit(label.line, match).span("v") if match else None


def _money_beside(sheet: Sheet, label: Span) -> Span | None:
    """Money right of a label whose own line was broken by a small difference in height."""
    spans = sheet.cell(label.x1 - 0.2 * sheet.row, label.cy - sheet.row, 9e9, label.cy + sheet.row)
    for span in spans:
        match = re.search(MONEY, span.text)
        if match and re.search(r"[¥￥Ұ.]", span.text):
            return span
    return None


def amount_in_words(line: Line) -> Span | None:
    """The first amount in words (大写) of a line that can be understood."""
    for match in WORDS.finditer(line.text):
        start, end = match.span()
        try:
            from_words(match.group())
        except ValueError:
            continue
        if len(set(match.group()) & set("圆元园固角分整正拾佰仟万")):
            return line.span(start, end)
    return None


def _sum_row(sheet: Sheet, total_row: float | None) -> float | None:
    """Height of the row 合计; without its label, of the lowest row above the total with a signed amount."""
    limit = total_row - 0.5 * sheet.row if total_row is not None else 9e9
    hits = list(sheet.find(SUM, above=limit))
    if hits:
        return hits[-1].line.cy
    parts = list(sheet.find(r"(?:^|\s\s)合(?=\s|$)", above=limit))
    if parts:
        return parts[-1].line.cy
    if sheet.first(PART, above=limit) is not None:
        return None  # one page of several: its 小计 is no sum of the invoice
    signed = [hit.line.cy for hit in sheet.find(SIGNED, above=limit)]
    return signed[-1] if signed and total_row is not None else None


def _read_sums(sheet: Sheet, found: Found, at: float) -> None:
    seam = _seam(sheet)
    # a warped page can bring the row of the total near: what stands on a line with its labels is no sum
    spans = _monies(sheet, at, SIGNED) or _monies(sheet, at, CENTS)
    stars = [hit.label for hit in sheet.find(STARS, **_around(at, sheet, 1.0))]
    if len(spans) >= 2:
        _add(found, FieldName.NET, spans[-2])
        _add(found, FieldName.TAX, spans[-1])
    elif len(spans) == 1:
        (span,) = spans
        left = span.cx < seam if seam is not None else True
        if stars:  # the stars stand for the tax, rarely for the net
            left = stars[-1].cx > span.cx
        _add(found, FieldName.NET if left else FieldName.TAX, span)


def _monies(sheet: Sheet, at: float, pattern: str) -> list[Span]:
    """Amounts on the row, from left to right; rows of a photo may break into several lines."""
    hits = [
        hit
        for hit in sheet.find(pattern, **_around(at, sheet, 1.3))
        if not _cut_short(hit) and not re.search(f"{TOTAL}|{IN_FIGURES}|{IN_WORDS}", hit.line.text)
    ]
    spans = [span for hit in hits if (span := hit.span("v")) is not None]
    nearest: list[Span] = []
    for span in sorted(spans, key=lambda span: abs(span.cy - at)):
        if not any(min(span.x1, other.x1) - max(span.x0, other.x0) > 0 for other in nearest):
            nearest.append(span)
    return sorted(nearest, key=lambda span: span.x0)


def _add(found: Found, name: FieldName, span: Span | None) -> bool:
    """Record an amount of the form, which always prints its cents: one read without its point has the last two for them
    first, and what was read as well, since it may be the cents that were not read.
    """
    whole = _WITHOUT_POINT.fullmatch(span.text) if span is not None else None
    if span is None or whole is None:
        return found.add(name, span)
    found.add(name, span, f"{whole[1]}.{whole[2]}", trust=BY_PLACE)
    return found.add(name, span, trust=_AS_READ)


def _seam(sheet: Sheet) -> float | None:
    """Between the columns 金额 and 税额, in the row of headers."""
    amount = sheet.first(rf"{AMOUNT_HEADER}(?=\s|$)")
    tax = [hit for hit in sheet.find(rf"{TAX_HEADER}(?=\s|$)") if amount is None or hit.label.x0 > amount.label.x1]
    if amount is not None and tax:
        return amount.label.cx + 0.6 * (tax[0].label.cx - amount.label.cx)
    return sheet.x0 + 0.82 * (sheet.x1 - sheet.x0)


def _around(at: float | None, sheet: Sheet, rows: float = 2.2) -> dict[str, float]:
    if at is None:
        return {}
    return {"above": at + rows * sheet.row, "below": at - rows * sheet.row}


def _cut_short(hit: Hit) -> bool:
    """Whether the match is the tail of a longer run of digits or letters."""
    text = hit.match["v"]
    start = hit.match.start("v") + len(text) - len(text.lstrip())
    return start > 0 and bool(re.match(r"[0-9A-Za-z.]", hit.line.text[start - 1]))

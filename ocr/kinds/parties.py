"""Buyer and seller: name and tax id, by the block they stand in (domain.md §5.2, §5.3, §4.2).

A check digit proves the string, never its role, so the role always comes from the place: in a tax-control form the
buyer stands above the amounts and the seller below; in a fully digital one the buyer stands left, the seller right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ocr.kinds.found import BY_PLACE, Found
from ocr.layout import Hit, Sheet, Span, cut, joined, spaced
from ocr.rules.taxid import uscc_ok
from ocr.types import FieldName

NAME = r"(?<![务目位品人])(?:(?:名\s*)?称\s*[:;]|名\s*称(?=\s|$))"
TAX_ID = r"(?:[纳钠]?\s*税?\s*人?\s*识\s*[别刖]\s*[号码]|[纳钠]\s*税\s*人\s*识(?=\s|$)|社\s*会\s*信\s*用\s*代\s*码(?!\s*/))\s*[:;]?"
AFTER = r"地\s*址|电\s*话|开\s*户|账\s*号|帐\s*号|项\s*目\s*名|规\s*格|货\s*物|价\s*税"
TOTAL_ROW = rf"{spaced('价税合计')}|{spaced('大写')}"
ITEM_ROW = rf"{spaced('规格型号')}|{spaced('项目名称')}|{spaced('服务名称')}|{spaced('劳务名称')}|{spaced('税率')}"
_ID = re.compile(r"(?<![0-9A-Z])[0-9A-Z*]{15,20}(?![0-9A-Z])")
_NO_LETTERS = str.maketrans("IO", "10")
_ACCOUNT = r"开\s*户|账\s*号|帐\s*号"
_NO_NAME = rf"{AFTER}|{TAX_ID}|日期|号码|机器|校验"
_STANDING = re.compile(r"[购销买售货方单位信息密码区备注]")  # the standing labels, one character a line
_CIPHER = re.compile(r"[<>/*+-].*[<>/*+-].*[<>/*+-]")

BUYER = (FieldName.BUYER_NAME, FieldName.BUYER_TAX_ID)
SELLER = (FieldName.SELLER_NAME, FieldName.SELLER_TAX_ID)

# places in the common frame, in millimetres from its left edge (domain.md §5.1, §5.2)
_U_LABEL, _U_RIGHT, _U_TAX_HEADER, _U_AMOUNT_HEADER = 8.5, 115.0, 186.0, 144.8


@dataclass(frozen=True, slots=True)
class Block:
    """One party's part of the sheet: its labels and where it ends."""

    fields: tuple[FieldName, FieldName]
    name: Hit | None
    tax_id: Hit | None
    right: float
    top: float
    bottom: float

    @property
    def left(self) -> float:
        """Where its labels begin."""
        return min(hit.label.x0 for hit in (self.name, self.tax_id) if hit is not None)


def read_stacked(sheet: Sheet, found: Found) -> None:
    """Buyer above, seller below (税控)."""
    row = sheet.row
    total = sheet.first(TOTAL_ROW)
    items = sheet.first(ITEM_ROW)
    right = right_of_stacked(sheet)
    names, ids = ([hit for hit in sheet.find(label) if hit.label.x0 < right] for label in (NAME, TAX_ID))
    middle = _middle(total, items, names + ids, sheet)
    upper_end = items.line.cy - 0.5 * row if items else middle
    for fields, top, bottom in (
        (BUYER, -9e9, middle),
        (SELLER, total.line.cy + 0.5 * row if total else middle, 9e9),
    ):
        own_names = [hit for hit in names if top < hit.label.cy < bottom]
        own_ids = [hit for hit in ids if top < hit.label.cy < bottom]
        if not own_names and not own_ids:
            continue
        end = upper_end if fields is BUYER else 9e9
        first = min(hit.label.cy for hit in own_names + own_ids)
        start = first - 3 * row if fields is BUYER else max(top, first - 3 * row)
        _read(sheet, found, Block(fields, _topmost(own_names), _topmost(own_ids), right, start, end))


def read_side_by_side(sheet: Sheet, found: Found) -> None:
    """Buyer left, seller right (数电)."""
    row = sheet.row
    items = sheet.first(ITEM_ROW)
    bottom = items.line.cy - 0.4 * row if items else 9e9
    names, ids = ([hit for hit in sheet.find(label) if hit.label.cy < bottom] for label in (NAME, TAX_ID))
    if not names and not ids:
        return
    top = min(hit.label.cy for hit in names + ids) - 3 * row
    seam = _seam(sheet, names, ids)
    for fields, left, right in ((BUYER, -9e9, seam), (SELLER, seam, 9e9)):
        own_names = [hit for hit in names if left <= hit.label.x0 < right]
        own_ids = [hit for hit in ids if left <= hit.label.x0 < right]
        if own_names or own_ids:
            _read(sheet, found, Block(fields, _topmost(own_names), _topmost(own_ids), right, top, bottom))


def _read(sheet: Sheet, found: Found, block: Block) -> None:
    name_field, id_field = block.fields
    seen = _id_beside(sheet, block) or _id_in_block(sheet, block)
    shifted = False
    if seen is not None:
        span, text = seen
        found.add(id_field, span, text)
        if len(text) == 18 and not uscc_ok(text) and uscc_ok(text.translate(_NO_LETTERS)):
            # the alphabet of GB 32100 has no I and no O, so they can only be digits; what was read stays as well
            found.add(id_field, span, text.translate(_NO_LETTERS), trust=BY_PLACE)
        # the printer may have put every value a row too high or too low: the name stands just above the id
        shifted = block.tax_id is not None and abs(span.cy - block.tax_id.label.cy) > 0.8 * _pitch(block, sheet.row)
    if block.name is not None and not shifted and found.add(name_field, _name_beside(sheet, block, block.name)):
        return
    found.add(name_field, _name_above(sheet, block, seen[0] if seen else None), trust=BY_PLACE)


def _pitch(block: Block, row: float) -> float:
    """Distance between the row of the name and that of the tax id."""
    if block.name is None or block.tax_id is None:
        return 1.6 * row
    return max(block.tax_id.label.cy - block.name.label.cy, row)


def _id_beside(sheet: Sheet, block: Block) -> tuple[Span, str] | None:
    if block.tax_id is None:
        return None
    label = block.tax_id.label
    height = 0.6 * max(label.height, sheet.row)
    own = block.tax_id.beside(block.right)
    others = sheet.cell(label.x1, label.cy - height, block.right, label.cy + height, skip=block.tax_id.line)
    for span in [own, *others]:
        text = re.sub(r"[\s:;.,]", "", span.text).upper() if span is not None else ""
        if span is not None and re.fullmatch(r"[0-9A-Z*]{6,22}", text) and sum(map(str.isdigit, text)) >= 4:
            return span, text
    return None


def _id_in_block(sheet: Sheet, block: Block) -> tuple[Span, str] | None:
    """A tax id elsewhere in the block: the print may have slipped a row, to the name or to the address."""
    for span in sheet.cell(block.left, block.top, block.right, block.bottom):
        if re.search(_ACCOUNT, span.text) or _CIPHER.search(span.text):
            continue
        claimed = re.search(AFTER, span.text) is not None
        for match in _ID.finditer(span.text.upper()):
            text = match.group()
            formed = len(text) in {15, 18} or (len(text) in {17, 20} and not text.isdigit())
            if formed and (uscc_ok(text) or not claimed):
                return cut(span, text), text
    return None


def _name_beside(sheet: Sheet, block: Block, hit: Hit) -> Span | None:
    """The name right of its label; it may wrap above and below the label's own line."""
    label = hit.label
    pitch, row = _pitch(block, sheet.row), max(label.height, 0.7 * sheet.row)
    top = label.cy - min(0.62 * pitch, 1.3 * row)
    if block.tax_id is not None:
        end = block.tax_id.label.cy - 0.62 * row
    else:
        after = sheet.first(AFTER, below=label.cy + 0.5 * row)
        end = min(label.cy + 0.8 * row, after.line.cy - 0.5 * row if after is not None else 9e9)
    own = hit.beside(block.right)
    left = own.x0 - 0.5 * row if own is not None else label.x1
    others = sheet.cell(left, top, block.right, max(end, label.cy + 0.3 * row), skip=hit.line)
    pieces: list[Span] = []
    for span in sorted([*([own] if own is not None else []), *others], key=lambda span: span.cy):
        text = span.text.split("  ")[0]
        if own is not None and span.x0 > own.x1:
            continue  # a wrapped name goes on below its beginning; this is a note in the margin
        if _CIPHER.search(text) or _STANDING.fullmatch(text) or re.search(f"{NAME}|{TAX_ID}", text):
            continue
        if pieces and span.cy - pieces[-1].cy > 2.2 * row:
            break
        pieces.append(span if text == span.text else cut(span, text))
    return joined(pieces) if pieces else None


def _name_above(sheet: Sheet, block: Block, tax_id: Span | None) -> Span | None:
    """The text just above the tax id, when the label of the name was not read or the print slipped."""
    label = block.tax_id.label if block.tax_id is not None else None
    below = tax_id or label
    if below is None:
        return None
    left = min(below.x0, label.x0 if label is not None else below.x0)
    spans = sheet.cell(left, max(block.top, below.cy - 4 * sheet.row), block.right, below.cy - 0.6 * sheet.row)
    for span in reversed(spans):
        text = re.sub(rf"^.{{0,3}}?称\s*[:;]?\s*|^名\s*|^.*(?:{TAX_ID})\s*", "", span.text).split("  ")[0].strip()
        if len(re.findall(r"[\u4e00-\u9fff]", text)) >= 2 and not re.search(_NO_NAME, text):
            return cut(span, text)
    return None


def _topmost(hits: Sequence[Hit]) -> Hit | None:
    """The label of a block: the topmost."""
    return min(hits, key=lambda hit: hit.label.cy, default=None)


def _middle(total: Hit | None, items: Hit | None, labels: Sequence[Hit], sheet: Sheet) -> float:
    """A height between the two blocks."""
    if items is not None:
        return items.line.cy
    if total is not None:
        return total.line.cy
    heights = sorted(hit.label.cy for hit in labels)
    if len(heights) < 2:
        return sheet.down(0.5)
    gap, at = max((low - high, (low + high) / 2) for high, low in pairwise(heights))
    return at if gap > 6 * sheet.row else sheet.down(0.55)


def right_of_stacked(sheet: Sheet) -> float:
    """Where the parties' blocks of a tax-control form end and cipher and remark begin."""
    left = min((hit.label.x0 for label in (NAME, TAX_ID) for hit in sheet.find(label)), default=sheet.x0)
    walls = [run.x0 for run in sheet.standing if re.match(r"密|备", run.text)]
    walls += [hit.label.x0 for hit in sheet.find(r"(?:^|(?<=\s))密(?:\s*码)?(?:\s*区)?(?=\s|$)")]
    walls += [hit.label.x0 for hit in sheet.find(r"[0-9<>/*+-]{18,}") if _CIPHER.search(hit.match.group())]
    walls = [wall for wall in walls if wall > left + 0.3 * (sheet.x1 - left)]
    if walls:
        return min(walls) - 0.2 * sheet.row
    for label, place in ((spaced("税额"), _U_TAX_HEADER), (spaced("金额"), _U_AMOUNT_HEADER)):
        hit = sheet.first(rf"{label}(?=\s|$)")
        if hit is not None and hit.label.cx > left:
            return left + (hit.label.cx - left) * (_U_RIGHT - _U_LABEL) / (place - _U_LABEL)
    return left + 0.56 * (sheet.x1 - left)


def _seam(sheet: Sheet, names: Sequence[Hit], ids: Sequence[Hit]) -> float:
    """Where the seller's half begins: at its standing label, at its own labels, or in the middle."""
    walls = [run.x0 for run in sheet.standing if run.text.startswith("销")]
    # in a text layer the standing label comes one character a line
    walls += [run.x0 for line in sheet.lines for run in line.runs if run.text == "销"]
    starts = [max(hit.label.x0 for hit in hits) for hits in (names, ids) if len(hits) > 1]
    if starts:
        seam = min(starts)
        near = [wall for wall in walls if seam - 6 * sheet.row < wall < seam + sheet.row]
        return min([seam, *near]) - 0.1 * sheet.row
    return walls[0] if walls else (sheet.x0 + sheet.x1) / 2

"""What the data parts of an OFD say of the invoice, best first: attachments, custom data, custom tags (domain.md §6.1).

A record that cannot be read is passed over; the next one may do. The text objects and the code are read elsewhere.
"""

from __future__ import annotations

import re
from decimal import Decimal

from ocr import markup
from ocr.document import StructuredSet
from ocr.einvoice import read_invoice
from ocr.errors import HostileError, UnreadableError
from ocr.markup import Element
from ocr.ofd import Leaf, Ofd
from ocr.records import Collector
from ocr.types import FieldName, Problem, Source
from ocr.xbrl import is_xbrl, read_instance

MAX_ATTACHMENT = 8 * 1024 * 1024
DATA_CONFIDENCE = 0.98  # custom data: few fields, set by the producer's own program
TAG_CONFIDENCE = 0.95  # custom tags: the page's own text, told apart by the producer
SUM_CONFIDENCE = 0.9  # net + tax where no record gives the total

CUSTOM_DATA = {
    "发票代码": FieldName.CODE,
    "发票号码": FieldName.NUMBER,
    "数电票号码": FieldName.NUMBER,
    "数电发票号码": FieldName.NUMBER,
    "开票日期": FieldName.DATE,
    "校验码": FieldName.CHECK_CODE,
    "机器编号": FieldName.MACHINE_NUMBER,
    "合计金额": FieldName.NET,
    "合计税额": FieldName.TAX,
    "价税合计": FieldName.TOTAL,
    "价税合计小写": FieldName.TOTAL,
    "价税合计大写": FieldName.TOTAL_IN_WORDS,
    "购买方名称": FieldName.BUYER_NAME,
    "购买方纳税人识别号": FieldName.BUYER_TAX_ID,
    "购买方统一社会信用代码": FieldName.BUYER_TAX_ID,
    "购买方统一社会信用代码纳税人识别号": FieldName.BUYER_TAX_ID,
    "销售方名称": FieldName.SELLER_NAME,
    "销售方纳税人识别号": FieldName.SELLER_TAX_ID,
    "销售方统一社会信用代码": FieldName.SELLER_TAX_ID,
    "销售方统一社会信用代码纳税人识别号": FieldName.SELLER_TAX_ID,
    "开票人": FieldName.DRAWER,
    "备注": FieldName.REMARK,
}
_UNLISTED = re.compile(r"(?:^|/)attach[^/]*/(?!attachments\.xml$)[^/]+\.xml$|original_invoice\.xml$", re.IGNORECASE)
_MARKS = re.compile(r"[\s、,，:：()（）/／]")


def read_data(ofd: Ofd, leaves: list[Leaf]) -> StructuredSet | None:
    """All data records of the package as one set; None when there are none."""
    collector = Collector(Source.OFD_DATA)
    _read_attachments(ofd, collector)
    _read_custom_data(ofd, collector)
    _read_tags(ofd, leaves, collector)
    net, tax = collector.get(FieldName.NET), collector.get(FieldName.TAX)
    if collector.get(FieldName.TOTAL) is None and net is not None and tax is not None:
        collector.put(FieldName.TOTAL, f"{Decimal(net) + Decimal(tax):.2f}", SUM_CONFIDENCE)
    return collector.result()


def _read_attachments(ofd: Ofd, collector: Collector) -> None:
    """Attached records by content, whatever their name; the tax control record before the XBRL instance."""
    roots: list[Element] = []
    for body in ofd.bodies:
        listing = ofd.find(body.location, body.said("Attachments"))
        for attachment in markup.children(ofd.optional(listing), "Attachment"):
            part = ofd.find(listing or "", markup.content(markup.child(attachment, "FileLoc")))
            root = _attached(ofd, part)
            if root is not None:
                roots.append(root)
    if not roots:
        roots = [root for part in ofd.names() if _UNLISTED.search(part) and (root := _attached(ofd, part)) is not None]
    for root in sorted(roots, key=is_xbrl):
        if is_xbrl(root):
            collector.source = Source.XBRL
            read_instance(collector, root)
            collector.source = Source.OFD_DATA
        else:
            read_invoice(collector, root)


def _attached(ofd: Ofd, part: str | None) -> Element | None:
    if part is None:
        ofd.problems.append(Problem("part_missing", "attachment"))
        return None
    data = ofd.read(part)
    if len(data) > MAX_ATTACHMENT or not data.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
        return None
    try:
        return markup.parse(data)
    except HostileError:
        raise
    except UnreadableError as error:
        ofd.problems.append(Problem("part_damaged", f"{part}: {error.detail}"))
        return None


def _read_custom_data(ofd: Ofd, collector: Collector) -> None:
    for body in markup.children(ofd.root, "DocBody"):
        holder = markup.child(body, "DocInfo", "CustomDatas")
        for entry in markup.children(holder, "CustomData"):
            name = CUSTOM_DATA.get(_MARKS.sub("", entry.get("Name") or ""))
            if name is not None:
                collector.put(name, markup.content(entry), DATA_CONFIDENCE)


def _read_tags(ofd: Ofd, leaves: list[Leaf], collector: Collector) -> None:
    """Custom tags; a reference means the text of an object on its page, wherever that object stands."""

    def resolve(element: Element) -> str:
        said = []
        for reference in markup.children(element):
            if markup.key(markup.local(reference)) == "objectref":
                said.append(_object_text(leaves, reference.get("PageRef"), markup.content(reference)))
            else:
                said.append(markup.content(reference))
        return "".join(said).strip() or markup.content(element)

    for body in ofd.bodies:
        listing = ofd.find(body.location, body.said("CustomTags"))
        for tag in markup.children(ofd.optional(listing), "CustomTag"):
            root = ofd.optional(ofd.find(listing or "", markup.content(markup.child(tag, "FileLoc"))))
            if root is not None:
                read_invoice(collector, root, resolve=resolve, confidence=TAG_CONFIDENCE)


def _object_text(leaves: list[Leaf], page: str | None, number: str) -> str:
    named = [leaf for leaf in leaves if page and leaf.number == page.strip()]
    for leaf in named or leaves:
        if number in leaf.sheet.texts:
            return leaf.sheet.texts[number]
    return ""

"""The two XML records of electronic invoices: 数电票 `EInvoice` (domain.md §6.2) and 税控 `eInvoice` (§6.1).

Custom tags of an OFD use the same two families of names with references to the page in the place of text.
"""

from __future__ import annotations

from ocr import markup
from ocr.markup import Element
from ocr.records import Collector, Resolve, Schema, fill, own_text
from ocr.rules.codes import decode_code
from ocr.rules.remarks import real_seller
from ocr.types import FieldName, Kind

DIGITAL = Schema(
    fields={
        "eiid": FieldName.NUMBER,
        "invoicenumber": FieldName.NUMBER,
        "issuetime": FieldName.DATE,
        "selleridnum": FieldName.SELLER_TAX_ID,
        "sellername": FieldName.SELLER_NAME,
        "buyeridnum": FieldName.BUYER_TAX_ID,
        "buyername": FieldName.BUYER_NAME,
        "totalamwithouttax": FieldName.NET,
        "totaltaxam": FieldName.TAX,
        "totaltaxincludedamount": FieldName.TOTAL,
        "totaltaxincludedamountinchinese": FieldName.TOTAL_IN_WORDS,
        "drawer": FieldName.DRAWER,
        "remark": FieldName.REMARK,
        "originalinvoicecode": FieldName.RED_OF,
    },
    columns={
        "itemname": "name",
        "specmod": "specification",
        "meaunits": "unit",
        "quantity": "quantity",
        "unprice": "price",
        "amount": "amount",
        "taxrate": "rate",
        "comtaxam": "tax",
    },
    lines=frozenset({"issuiteminformation"}),
    ignored=frozenset({"undefinedlabel", "taxbureausignature", "sellerauthentication", "inherentlabel"}),
)

TAX_CONTROL = Schema(
    fields={
        "invoicecode": FieldName.CODE,
        "invoiceno": FieldName.NUMBER,
        "issuedate": FieldName.DATE,
        "invoicecheckcode": FieldName.CHECK_CODE,
        "machineno": FieldName.MACHINE_NUMBER,
        "buyername": FieldName.BUYER_NAME,
        "buyertaxid": FieldName.BUYER_TAX_ID,
        "sellername": FieldName.SELLER_NAME,
        "sellertaxid": FieldName.SELLER_TAX_ID,
        "taxexclusivetotalamount": FieldName.NET,
        "taxtotalamount": FieldName.TAX,
        "taxinclusivetotalamount": FieldName.TOTAL,
        "taxinclusivetotalamountwithwords": FieldName.TOTAL_IN_WORDS,
        "note": FieldName.REMARK,
        "invoiceclerk": FieldName.DRAWER,
    },
    columns={
        "item": "name",
        "specification": "specification",
        "measurementdimension": "unit",
        "quantity": "quantity",
        "price": "price",
        "amount": "amount",
        "taxscheme": "rate",
        "taxamount": "tax",
    },
    lines=frozenset({"goodsinfo"}),
    ignored=frozenset({"signature"}),
)

_BY_DOCUMENT_ID = {"01": Kind.VAT_E_NORMAL, "03": Kind.VAT_E_SPECIAL}
_BUSINESS = {  # children of SpecificInformation → 特定业务 as the form prints it
    "toll": "通行费",
    "passengertransportation": "旅客运输服务",
    "passengertransport": "旅客运输服务",
    "constructionservice": "建筑服务",
    "constructionservices": "建筑服务",
    "cargotransportation": "货物运输服务",
    "freighttransportation": "货物运输服务",
    "realestatelease": "不动产经营租赁服务",
    "realestateleasing": "不动产经营租赁服务",
    "realestatesales": "不动产销售",
}


def is_digital(root: Element) -> bool:
    """Whether a record is of the 数电票 family: its root is `EInvoice`, or it holds that record's parts."""
    parts = ("EInvoiceData", "TaxSupervisionInfo", "Header")
    return any(next(markup.children(root, part), None) is not None for part in parts)


def read_invoice(collector: Collector, root: Element, *, resolve: Resolve = own_text, confidence: float = 1.0) -> bool:
    """Put a record into the collector; False when the element is neither family."""
    inner = _inner(root)
    if is_digital(inner):
        fill(collector, inner, DIGITAL, resolve, confidence)
        _read_header(collector, inner, resolve, confidence)
        _read_remark(collector, confidence)
        return True
    known = {markup.key(markup.local(element)) for element in inner.iter()}
    if not known & {"invoiceno", "invoicecode"}:
        return False
    fill(collector, inner, TAX_CONTROL, resolve, confidence)
    _read_remark(collector, confidence)
    code = collector.get(FieldName.CODE)
    decoded = decode_code(code) if code else None
    declared = _BY_DOCUMENT_ID.get(_said(inner, resolve, "docid"))
    collector.kind = collector.kind or (decoded.kind if decoded else None) or declared
    original = _said(inner, resolve, "originalinvoicecode"), _said(inner, resolve, "originalinvoiceno")
    if any(original):
        collector.put(FieldName.RED_OF, " ".join(part for part in original if part), confidence)
    if _said(inner, resolve, "typecode") == "1":
        collector.put(FieldName.RED_OF, collector.get(FieldName.REMARK) or "", confidence)
    return True


def _inner(root: Element) -> Element:
    """The record inside a wrapper such as `fp:e-invoice` with one `fp:eInvoice`."""
    found = root
    while len(found) == 1 and markup.key(markup.local(found[0])) == "einvoice":
        found = found[0]
    return found


def _said(root: Element, resolve: Resolve, name: str) -> str:
    element = next((element for element in root.iter() if markup.key(markup.local(element)) == name), None)
    return resolve(element) if element is not None else ""


def _read_header(collector: Collector, root: Element, resolve: Resolve, confidence: float) -> None:
    """Kind, special business and the date of a request where the date of issue is missing."""
    data = markup.child(root, "EInvoiceData")
    if collector.get(FieldName.DATE) is None:
        request = markup.child(data, "BasicInformation", "RequestTime")
        collector.put(FieldName.DATE, resolve(request) if request is not None else "", confidence)
    special = [markup.key(markup.local(part)) for part in markup.children(markup.child(data, "SpecificInformation"))]
    for part in special:
        collector.put(FieldName.MARK, _BUSINESS.get(part, ""), confidence)
    labels = markup.child(root, "Header", "InherentLabel")
    general = _label(labels, "GeneralOrSpecialVAT", resolve)
    paper = "纸质" in _label(labels, "EInvoiceType", resolve)
    vehicle = " ".join([general, *special])
    if "二手车" in vehicle or "used" in vehicle or "secondhand" in vehicle:
        kind: Kind | None = Kind.DIG_USED_VEHICLE
    elif "机动车" in vehicle or "motorvehicle" in vehicle:
        kind = Kind.DIG_VEHICLE
    elif "专用" in general or general.startswith("01"):
        kind = Kind.DIG_PAPER_SPECIAL if paper else Kind.DIG_SPECIAL
    elif "普通" in general or general.startswith("02") or "toll" in special:  # 通行费 is issued as 普通发票 only
        kind = Kind.DIG_PAPER_NORMAL if paper else Kind.DIG_NORMAL
    else:
        kind = None
    collector.kind = collector.kind or kind


def _read_remark(collector: Collector, confidence: float) -> None:
    """For whom a tax office issued (§4.2)."""
    tax_id, name = real_seller(collector.get(FieldName.REMARK) or "")
    collector.put(FieldName.REAL_SELLER_TAX_ID, tax_id, confidence)
    collector.put(FieldName.REAL_SELLER_NAME, name, confidence)


def _label(labels: Element | None, name: str, resolve: Resolve) -> str:
    """Code and name of a label, "01 增值税专用发票"."""
    found = markup.child(labels, name)
    return " ".join(resolve(part) for part in markup.children(found))

"""XBRL instances of the Ministry of Finance (电子凭证会计数据标准, domain.md §6.4): VAT, 数电, rail and air."""

from __future__ import annotations

from decimal import Decimal

from ocr import markup
from ocr.einvoice import DIGITAL
from ocr.markup import Element
from ocr.normalise import normalise
from ocr.records import Collector, Schema, fill, own_text
from ocr.rules.amounts import sums_agree
from ocr.rules.codes import split_concatenated
from ocr.types import FieldName, Kind

INSTANCE = Schema(
    fields={
        **DIGITAL.fields,
        "codeofinvoice": FieldName.CODE,
        "numberofinvoice": FieldName.NUMBER,
        "dateofissue": FieldName.DATE,
        "identifyingcode": FieldName.CHECK_CODE,
        "numberofinvoicemachine": FieldName.MACHINE_NUMBER,
        "nameofpurchaser": FieldName.BUYER_NAME,
        "taxpayeridentificationnumberunifiedsocialcreditcodeofpurchaser": FieldName.BUYER_TAX_ID,
        "unifiedsocialcreditcodeofpurchaser": FieldName.BUYER_TAX_ID,
        "nameofseller": FieldName.SELLER_NAME,
        "taxpayeridentificationnumberunifiedsocialcreditcodeofseller": FieldName.SELLER_TAX_ID,
        "unifiedsocialcreditcodeofseller": FieldName.SELLER_TAX_ID,
        "totalamountexcludingtax": FieldName.NET,
        "totaltaxamount": FieldName.TAX,
        "taxincludedamountinfigures": FieldName.TOTAL,
        "taxincludedamountinwords": FieldName.TOTAL_IN_WORDS,
        "remarks": FieldName.REMARK,
        "issuer": FieldName.DRAWER,
        "specialinvoicetype": FieldName.MARK,
        # rail
        "electronicinvoicerailwayeticketnumber": FieldName.NUMBER,
        "trainnumber": FieldName.VEHICLE,
        # air
        "electronicinvoiceairtransportreceiptnumber": FieldName.NUMBER,
        "issuedate": FieldName.DATE,
        "totalamount": FieldName.TOTAL,
        "vattaxamount": FieldName.TAX,
    },
    columns={
        **DIGITAL.columns,
        "nameoftaxablegoodsorservices": "name",
        "specification": "specification",
        "unitofgoodsorservices": "unit",
        "quantityofgoodsorservices": "quantity",
        "unitpriceofgoodsorservices": "price",
        "amountexcludingtax": "amount",
        "taxamount": "tax",
    },
    lines=frozenset(
        {
            "informationoftaxablegoodsorservicesdetailitemstuple",
            "issuiteminformationtuple",
            "issuiteminformation",
        }
    ),
    # the receiver's own bookkeeping, and flights, which carry names of other things
    ignored=frozenset(
        {
            "context",
            "unit",
            "schemaref",
            "informationofdebitandcreditentrytuple",
            "detailinformationofairtickettuple",
        }
    ),
)

_KINDS = (  # in the text of TypeOfInvoice or TypeOfVoucher, or in the name of the entry point
    (("铁路", "rai_"), Kind.RAIL_E),
    (("航空", "atr_"), Kind.AIR_E),
    (("einv_spcl",), Kind.DIG_SPECIAL),
    (("einv_ord",), Kind.DIG_NORMAL),
    (("电子专用", "inv_spcl"), Kind.VAT_E_SPECIAL),
    (("通行费", "inv_tlf"), Kind.VAT_E_TOLL),
    (("电子普通", "inv_ord", "inv_issuer", "inv_receiver"), Kind.VAT_E_NORMAL),
)


def is_xbrl(root: Element) -> bool:
    """Whether the root is an XBRL instance."""
    return markup.key(markup.local(root)) == "xbrl"


def read_instance(collector: Collector, root: Element, confidence: float = 1.0) -> None:
    """Put an instance into the collector."""
    collector.kind = collector.kind or _kind(root)
    fill(collector, root, INSTANCE, own_text, confidence)
    if collector.kind is Kind.RAIL_E:
        _read_rail(collector, root, confidence)
    elif collector.kind is Kind.AIR_E:
        _read_air(collector, root, confidence)
    else:
        _split_unique_code(collector, root, confidence)


def _said(root: Element, name: str) -> str:
    return markup.content(next(markup.children(root, name), None))


def _kind(root: Element) -> Kind | None:
    entry = next(markup.children(root, "schemaRef"), None)
    href = "" if entry is None else next((str(v) for k, v in entry.attrib.items() if str(k).endswith("href")), "")
    says = _said(root, "TypeOfInvoice") + _said(root, "TypeOfVoucher")
    spaces = " ".join(str(uri).rpartition("/")[2] + "_" for uri in root.nsmap.values())
    for seen in (says, href, spaces):
        for marks, kind in _KINDS:
            if any(mark in seen for mark in marks):
                return kind
    if _said(root, "ElectronicInvoiceRailwayETicketNumber"):
        return Kind.RAIL_E
    if _said(root, "ElectronicInvoiceAirTransportReceiptNumber"):
        return Kind.AIR_E
    return None


def _read_rail(collector: Collector, root: Element, confidence: float) -> None:
    """A rail ticket: the fare is the total, its tax stands at the top level.

    Where fare and net + tax differ, the fare is that of a journey given back, and nothing states the total.
    """
    collector.put(FieldName.TAX, _said(root, "TaxAmount"), confidence)
    fare, net, tax = (
        normalise(name, _said(root, said))
        for name, said in (
            (FieldName.TOTAL, "Fare"),
            (FieldName.NET, "TotalAmountExcludingTax"),
            (FieldName.TAX, "TaxAmount"),
        )
    )
    if fare and (not net or not tax or sums_agree(Decimal(net), Decimal(tax), Decimal(fare))):
        collector.put(FieldName.TOTAL, fare, confidence)
    stations = [_said(root, "DepartureStation"), _said(root, "DestinationStation")]
    if all(stations):
        collector.put(FieldName.ROUTE, "-".join(stations), confidence)
    traveller = " ".join(part for part in (_said(root, "IdNumber"), _said(root, "Name")) if part)
    collector.put(FieldName.TRAVELLER, traveller, confidence)
    collector.put(FieldName.RED_OF, _said(root, "NumberOfOriginalInvoice"), confidence)


def _read_air(collector: Collector, root: Element, confidence: float) -> None:
    """An air ticket: net is fare and fuel surcharge; the development fund and other fees bear no tax."""
    for field, name in (
        (FieldName.FARE, "Fare"),
        (FieldName.FUEL, "FuelSurcharge"),
        (FieldName.FUND, "CivilAviationDevelopmentFund"),
        (FieldName.OTHER_FEES, "OtherTaxes"),
        (FieldName.CHECK_CODE, "VerificationCode"),
        (FieldName.SERIAL, "ETicketNumber"),
        (FieldName.SERIAL, "ElectronicTicketNum"),
    ):
        collector.put(field, _said(root, name), confidence)
    parts = [normalise(FieldName.NET, _said(root, name)) for name in ("Fare", "FuelSurcharge")]
    if parts[0] is not None:
        net = sum((Decimal(part) for part in parts if part), Decimal(0))
        collector.put(FieldName.NET, f"{net:.2f}", confidence)
    collector.put(FieldName.TRAVELLER, _said(root, "PassengerName"), confidence)
    collector.put(FieldName.SELLER_NAME, _said(root, "IssueParty"), confidence)


def _split_unique_code(collector: Collector, root: Element, confidence: float) -> None:
    """`UniqueCodeOfInvoice` is the 20-digit number, or 12 digits of code and 8 of number (domain.md §3.4)."""
    unique = _said(root, "UniqueCodeOfInvoice")
    if collector.get(FieldName.NUMBER) is not None or not unique:
        return
    split = split_concatenated(unique)
    if split:
        collector.put(FieldName.CODE, split[0], confidence)
        collector.put(FieldName.NUMBER, split[1], confidence)
    else:
        collector.put(FieldName.NUMBER, unique, confidence)

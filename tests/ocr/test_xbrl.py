from __future__ import annotations

from collections.abc import Mapping

import pytest

from ocr.load import load
from ocr.types import Carrier, Kind, Limits, LineItem, Source
from tests.ocr.papers import BUYER_ID, NUMBER, SELLER_ID, told

LIMITS = Limits()


def instance(family: str, facts: Mapping[str, str], extra: str = "", entry: str = "") -> bytes:
    """An XBRL instance; empty facts are written as the producers do."""
    said = "".join(
        f'<{family}:{name} contextRef="c1"><![CDATA[{value}]]></{family}:{name}>' for name, value in facts.items()
    )
    return (
        f'<xbrl xmlns="http://www.xbrl.org/2003/instance" xmlns:{family}="http://xbrl.mof.gov.cn/taxonomy/2021-09-30/{family}" '
        'xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'<link:schemaRef xlink:type="simple" xlink:href="{entry}"/><context id="c1"><entity>'
        '<identifier scheme="http://xbrl.mof.gov.cn">X</identifier></entity></context>'
        f'<unit id="u1"><measure>iso4217:CNY</measure></unit>{said}{extra}</xbrl>'
    ).encode()


VAT = {
    "TypeOfInvoice": "增值税电子普通发票",
    "UniqueCodeOfInvoice": "01100230061100012345",
    "CodeOfInvoice": "011002300611",
    "NumberOfInvoice": "00012345",
    "DateOfIssue": "2024-01-05",
    "IdentifyingCode": "12345678901234567890",
    "NumberOfInvoiceMachine": "661900000001",
    "NameOfPurchaser": "示例买方有限公司",
    "TaxpayerIdentificationNumberUnifiedSocialCreditCodeOfPurchaser": BUYER_ID,
    "TotalAmountExcludingTax": "100.00",
    "TotalTaxAmount": "6.00",
    "TaxIncludedAmountInWords": "壹佰零陆圆整",
    "TaxIncludedAmountInFigures": "106.00",
    "NameOfSeller": "示例卖方有限公司",
    "TaxpayerIdentificationNumberUnifiedSocialCreditCodeOfSeller": SELLER_ID,
    "Remarks": "",
    "Issuer": "张三",
}
LINES = (
    "<inv:InformationOfTaxableGoodsOrServicesDetailItemsTuple><inv:NameOfTaxableGoodsOrServices>*服务*咨询"
    "</inv:NameOfTaxableGoodsOrServices><inv:AmountExcludingTax>100.00</inv:AmountExcludingTax>"
    "<inv:TaxRate>6.00%</inv:TaxRate><inv:TaxAmount>6.00</inv:TaxAmount>"
    "</inv:InformationOfTaxableGoodsOrServicesDetailItemsTuple>"
)


def test_every_field_of_a_vat_instance_is_read() -> None:
    document = load(instance("inv", VAT, LINES), "x", LIMITS)
    (found,) = document.structured
    assert document.carrier is Carrier.XBRL
    assert found.kind is Kind.VAT_E_NORMAL
    assert told(found.values) == {
        "code": "011002300611",
        "number": "00012345",
        "date": "2024-01-05",
        "check_code": "12345678901234567890",
        "machine_number": "661900000001",
        "buyer_name": "示例买方有限公司",
        "buyer_tax_id": BUYER_ID,
        "net": "100.00",
        "tax": "6.00",
        "total": "106.00",
        "total_in_words": "106.00",
        "seller_name": "示例卖方有限公司",
        "seller_tax_id": SELLER_ID,
        "drawer": "张三",
    }
    assert {value.source for value in found.values} == {Source.XBRL}
    assert found.lines == (LineItem(name="*服务*咨询", amount="100.00", rate="6.00%", tax="6.00"),)


def test_the_receivers_bookkeeping_is_passed_over() -> None:
    entry = (
        "<inv:InformationOfDebitAndCreditEntryTuple><inv:TotalTaxAmount>999.00</inv:TotalTaxAmount>"
        "<inv:AmountExcludingTax>5</inv:AmountExcludingTax></inv:InformationOfDebitAndCreditEntryTuple>"
    )
    found = load(instance("inv", VAT, entry + LINES), "x", LIMITS).structured[0]
    assert [value.value for value in found.values if value.name == "tax"] == ["6.00"]
    assert len(found.lines) == 1


@pytest.mark.parametrize(
    ("unique", "expected"),
    [
        ("01100230061100012345", {"code": "011002300611", "number": "00012345"}),
        (NUMBER, {"number": NUMBER}),
    ],
)
def test_the_unique_code_serves_where_the_number_is_missing(unique: str, expected: dict[str, str]) -> None:
    facts = {"TypeOfInvoice": "x", "UniqueCodeOfInvoice": unique, "TotalTaxAmount": "6.00", "DateOfIssue": "2024-01-05"}
    found = told(load(instance("inv", facts), "x", LIMITS).structured[0].values)
    assert {name: found[name] for name in ("code", "number") if name in found} == expected


def test_a_rail_ticket_is_read() -> None:
    facts = {
        "TypeOfVoucher": "电子发票（铁路电子客票）",
        "ElectronicInvoiceRailwayETicketNumber": "25119000000000000018",
        "DateOfIssue": "2025-03-25",
        "DepartureStation": "北京南",
        "DestinationStation": "上海虹桥",
        "TrainNumber": "G1",
        "TravelDate": "2025-03-24",
        "Fare": "272.50",
        "TotalAmountExcludingTax": "250.00",
        "TaxRate": "0.09",
        "TaxAmount": "22.50",
        "Name": "示例",
        "IdNumber": "1101011990****0011",
        "NameOfPurchaser": "示例买方有限公司",
        "UnifiedSocialCreditCodeOfPurchaser": BUYER_ID,
    }
    found = load(instance("rai", facts), "0", LIMITS).structured[0]
    said = told(found.values)
    assert found.kind is Kind.RAIL_E
    assert (said["net"], said["tax"], said["total"]) == ("250.00", "22.50", "272.50")
    assert said["number"] == "25119000000000000018"
    assert said["date"] == "2025-03-25"
    assert said["route"] == "北京南-上海虹桥"
    assert said["vehicle"] == "G1"
    assert said["traveller"].startswith("1101011990")


def test_the_fare_of_a_journey_given_back_is_not_the_total() -> None:
    facts = {
        "TypeOfVoucher": "电子发票（铁路电子客票）",
        "ElectronicInvoiceRailwayETicketNumber": "25119000000000000018",
        "DateOfIssue": "2025-03-25",
        "Fare": "272.50",
        "TotalAmountExcludingTax": "12.39",
        "TaxAmount": "1.11",
    }
    said = told(load(instance("rai", facts), "0", LIMITS).structured[0].values)
    assert (said["net"], said["tax"]) == ("12.39", "1.11")
    assert "total" not in said


def test_an_air_ticket_is_read_without_the_fund_in_its_net() -> None:
    facts = {
        "PassengerName": "示例",
        "ElectronicInvoiceAirTransportReceiptNumber": "25118000000000000019",
        "Fare": "733.94",
        "FuelSurcharge": "18.35",
        "VatTaxAmount": "67.71",
        "CivilAviationDevelopmentFund": "50.00",
        "TotalAmount": "870.00",
        "IssueDate": "2025-03-25",
        "IssueParty": "示例航空有限公司",
        "NameOfPurchaser": "示例买方有限公司",
        "UnifiedSocialCreditCodeOfPurchaser": BUYER_ID,
    }
    flights = "<atr:DetailInformationOfAirTicketTuple><atr:TotalAmount>1</atr:TotalAmount></atr:DetailInformationOfAirTicketTuple>"
    found = load(instance("atr", facts, flights), "x", LIMITS).structured[0]
    said = told(found.values)
    assert found.kind is Kind.AIR_E
    assert (said["net"], said["tax"], said["total"]) == ("752.29", "67.71", "870.00")
    assert said["seller_name"] == "示例航空有限公司"
    assert said["date"] == "2025-03-25"


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ("inv_spcl_issuer_entry_point.xsd", Kind.VAT_E_SPECIAL),
        ("inv_ord_receiver_entry_point.xsd", Kind.VAT_E_NORMAL),
        ("einv_spcl_receiver_entry_point.xsd", Kind.DIG_SPECIAL),
        ("einv_ord_receiver_entry_point.xsd", Kind.DIG_NORMAL),
        ("inv_tlf_receiver_entry_point.xsd", Kind.VAT_E_TOLL),
    ],
)
def test_the_entry_point_tells_the_kind_where_the_title_is_missing(entry: str, kind: Kind) -> None:
    facts = {"NumberOfInvoice": "00012345", "TotalTaxAmount": "6.00"}
    assert load(instance("x", facts, entry=entry), "x", LIMITS).structured[0].kind is kind


def test_an_instance_with_the_names_of_the_digital_xml_is_read() -> None:
    facts = {
        "InvoiceNumber": NUMBER,
        "SellerIdNum": SELLER_ID,
        "TotalTax-includedAmount": "106",
        "IssueTime": "2025-03-25",
    }
    said = told(load(instance("einv", facts), "x", LIMITS).structured[0].values)
    assert said == {"number": NUMBER, "seller_tax_id": SELLER_ID, "total": "106.00", "date": "2025-03-25"}

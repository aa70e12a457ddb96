from __future__ import annotations

import codecs

import pytest

from ocr.errors import HostileError, TruncatedError, UnknownFormatError
from ocr.load import load
from ocr.types import Carrier, Kind, Limits, LineItem, Source
from tests.ocr.papers import BUYER_ID, NUMBER, SELLER_ID, digital_xml, original_invoice, told

LIMITS = Limits()


def test_every_field_of_a_digital_invoice_is_read() -> None:
    document = load(digital_xml(), "x", LIMITS)
    (found,) = document.structured
    assert document.carrier is Carrier.XML
    assert document.pages == ()
    assert told(found.values) == {
        "number": NUMBER,
        "date": "2025-03-25",  # of the issue, not of the request the day before
        "seller_name": "示例卖方有限公司",
        "seller_tax_id": SELLER_ID,
        "buyer_name": "示例买方（北京）有限公司",
        "buyer_tax_id": BUYER_ID,
        "net": "100.00",
        "tax": "6.00",
        "total": "106.00",
        "total_in_words": "106.00",
        "drawer": "张三",
        "remark": "备注",
    }
    assert {(value.source, value.confidence) for value in found.values} == {(Source.XML, 1.0)}
    assert found.lines == (
        LineItem(name="*服务*咨询", quantity="1", amount="60.00", rate="0.06", tax="3.60"),
        LineItem(name="*服务*培训", amount="40.00", rate="0.06", tax="2.40"),
    )


@pytest.mark.parametrize("encoding", ["gbk", "GB2312", "gb18030", "UTF-8", "utf-16"])
def test_chinese_encodings_are_read(encoding: str) -> None:
    found = load(digital_xml(encoding=encoding), "x", LIMITS).structured[0]
    assert told(found.values)["seller_name"] == "示例卖方有限公司"


def test_a_byte_order_mark_and_an_undeclared_encoding_are_read() -> None:
    bare = digital_xml().decode().split("?>", 1)[1]
    for data in (codecs.BOM_UTF8 + digital_xml(), bare.encode("gb18030"), bare.encode(), b"\n " + bare.encode()):
        assert told(load(data, "x", LIMITS).structured[0].values)["buyer_name"] == "示例买方（北京）有限公司"


def test_a_declaration_that_lies_is_overruled() -> None:
    data = digital_xml().replace(b'encoding="UTF-8"', b'encoding="GBK"')
    assert told(load(data, "x", LIMITS).structured[0].values)["number"] == NUMBER


@pytest.mark.parametrize(
    ("vat", "special", "kind", "mark"),
    [
        ("01", "", Kind.DIG_SPECIAL, None),
        ("02", "", Kind.DIG_NORMAL, None),
        ("02", "<Toll><PlateNumber>京A00001</PlateNumber></Toll>", Kind.DIG_NORMAL, "通行费"),
        ("", "<Toll/>", Kind.DIG_NORMAL, "通行费"),
        ("01", "<ConstructionServices/>", Kind.DIG_SPECIAL, "建筑服务"),
        (
            "02",
            "<PassengerTransportation><Traveler>甲</Traveler></PassengerTransportation>",
            Kind.DIG_NORMAL,
            "旅客运输服务",
        ),
        ("01", "<MotorVehicle/>", Kind.DIG_VEHICLE, None),
        ("02", "<UsedCar/>", Kind.DIG_USED_VEHICLE, None),
        ("", "", None, None),
        ("02", "<SomethingNew><TotalAmount>1</TotalAmount></SomethingNew>", Kind.DIG_NORMAL, None),
    ],
)
def test_kind_and_business_come_from_the_labels(vat: str, special: str, kind: Kind | None, mark: str | None) -> None:
    found = load(digital_xml(vat=vat, special=special), "x", LIMITS).structured[0]
    assert found.kind is kind
    assert told(found.values).get("mark") == mark


def test_a_red_invoice_names_the_blue_one() -> None:
    special = (
        "<RedEInvoice><OriginalInvoiceCode>24112000000048542163</OriginalInvoiceCode>"
        "<CreditNoteNumber>11010824091002615708</CreditNoteNumber></RedEInvoice>"
    )
    found = load(digital_xml(blue="N", special=special), "x", LIMITS).structured[0]
    assert told(found.values)["red_of"] == "D:24112000000048542163"
    assert told(found.values)["number"] == NUMBER


def test_an_unsigned_record_of_a_ride_with_less_in_it_is_read() -> None:
    data = (
        f"<EInvoice><Header><EIid>{NUMBER}</EIid></Header><EInvoiceData><BasicInformation>"
        "<TotalTax-includedAmount>19.19</TotalTax-includedAmount><RequestTime>2025-03-25</RequestTime>"
        "</BasicInformation></EInvoiceData></EInvoice>"
    ).encode()
    found = load(data, "x", LIMITS).structured[0]
    assert told(found.values) == {"number": NUMBER, "total": "19.19", "date": "2025-03-25"}


def test_case_prefix_and_order_of_the_names_do_not_matter() -> None:
    data = digital_xml().decode()
    for old, new in (
        ("<EInvoice>", '<e:EInvoice xmlns:e="urn:x">'),
        ("</EInvoice>", "</e:EInvoice>"),
        ("EIid", "EIID"),
        ("EInvoiceData", "EinvoiceData"),
        ("TotalTax-includedAmount>", "TotalTaxIncludedAmount>"),
    ):
        data = data.replace(old, new)
    found = load(data.encode(), "x", LIMITS).structured[0]
    assert told(found.values)["total"] == "106.00"
    assert found.kind is Kind.DIG_NORMAL
    assert len(found.lines) == 2


def test_several_records_under_one_root_are_several_invoices() -> None:
    one = digital_xml().decode().split("?>", 1)[1]
    other = one.replace(NUMBER, "25112000000000000025")
    document = load(f"<List>{one}{other}</List>".encode(), "x", LIMITS)
    assert [told(found.values)["number"] for found in document.structured] == [NUMBER, "25112000000000000025"]


def test_hidden_tax_is_no_tax() -> None:
    data = digital_xml().replace(b"<TotalTaxAm>6.0</TotalTaxAm>", b"<TotalTaxAm>***</TotalTaxAm>")
    assert "tax" not in told(load(data, "x", LIMITS).structured[0].values)


def test_two_numbers_that_disagree_are_both_told() -> None:
    data = digital_xml().replace(b"<InvoiceNumber>25112000000000000017", b"<InvoiceNumber>25112000000000000018")
    values = load(data, "x", LIMITS).structured[0].values
    assert [value.value for value in values if value.name == "number"] == [NUMBER, "25112000000000000018"]


def test_a_tax_control_record_alone_is_read() -> None:
    found = load(original_invoice(), "x", LIMITS).structured[0]
    assert found.kind is Kind.VAT_E_NORMAL
    assert told(found.values)["code"] == "011002300611"
    assert told(found.values)["number"] == "00012345"
    assert found.qr_texts == ("01,10,011002300611,00012345,100.00,20240105,12345678901234567890,ABCD,",)


def test_bare_ampersands_and_control_characters_are_mended() -> None:
    data = digital_xml().replace("示例卖方有限公司".encode(), "示例&卖方\x02有限公司".encode())
    assert told(load(data, "x", LIMITS).structured[0].values)["seller_name"] == "示例&卖方有限公司"


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE EInvoice [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!-- harmless -->\n<!doctype x SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
def test_document_types_and_entities_are_refused(prolog: str) -> None:
    bare = digital_xml().decode().split("?>", 1)[1]
    for encoding in ("utf-8", "utf-16"):
        with pytest.raises(HostileError):
            load(f"{prolog}{bare}".encode(encoding), "x", LIMITS)


@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
def test_a_part_of_a_record_is_truncated(share: float) -> None:
    data = digital_xml()
    with pytest.raises(TruncatedError):
        load(data[: int(len(data) * share)], "x", LIMITS)


@pytest.mark.parametrize("data", [b"<root><a>1</a></root>", b"<EInvoice><Header/></EInvoice>", b"<rss version='2.0'/>"])
def test_other_xml_is_not_accepted(data: bytes) -> None:
    with pytest.raises(UnknownFormatError):
        load(data, "x", LIMITS)

"""Readings become receipts."""

from __future__ import annotations

import pytest

from ocr.coded import number_of, value_of_name, values_of
from ocr.document import StructuredSet
from ocr.gather import Draft, gather
from ocr.rules import payload
from ocr.types import Box, CodeSighting, CrcState, FieldName, FieldValue, Kind, LineItem, Sheets, Source

NUMBER = "24112000000048542163"
OTHER_NUMBER = "25112000000000000017"
DIGITAL = "01,31,,24112000000048542163,4449.00,20240528,,B2B6"
ELECTRONIC = "01,10,033002000211,83089647,510.68,20200723,16197833567414507415,0941,"


def seen(name: FieldName, value: str, page: int = 0, source: Source = Source.PDF_TEXT) -> FieldValue:
    return FieldValue(name, value, 1.0, source, page)


def draft(
    page: int, kind: Kind = Kind.DIG_SPECIAL, number: str = "", text: str = "", region: Box | None = None
) -> Draft:
    values = [seen(FieldName.NUMBER, number, page)] if number else []
    return Draft(kind, [page], region, values, [LineItem(name=f"{page}")], [], text)


def code(text: str, page: int = 0, box: Box | None = None) -> CodeSighting:
    parsed = payload.parse(text)
    return CodeSighting(text, payload.meaning(text), parsed.crc if parsed else CrcState.NONE, page, box, "zxing")


def test_pages_with_one_number_are_one_invoice() -> None:
    (receipt,) = gather([draft(0, number=NUMBER), draft(1, number=NUMBER)], [], [], None)
    assert receipt.pages == (0, 1)
    assert [line.name for line in receipt.lines] == ["0", "1"]


def test_pages_with_two_numbers_are_two_invoices() -> None:
    assert len(gather([draft(0, number=NUMBER), draft(1, number=OTHER_NUMBER)], [], [], None)) == 2


def test_equal_numbers_under_different_codes_are_two_invoices() -> None:
    one, other = draft(0, number="83089647"), draft(1, number="83089647")
    one.values.append(seen(FieldName.CODE, "033002000211"))
    other.values.append(seen(FieldName.CODE, "011002300611"))
    assert len(gather([one, other], [], [], None)) == 2


def test_the_next_page_without_a_number_belongs_to_the_page_before() -> None:
    readings = [draft(0, number=NUMBER, text="共2页 第1页"), draft(1, text="共 2 页 第 2 页")]
    (receipt,) = gather(readings, [], [], None)
    assert receipt.pages == (0, 1)


def test_a_page_that_does_not_count_on_is_its_own_paper() -> None:
    readings = [draft(0, number=NUMBER, text="共3页 第1页"), draft(1, text="共3页 第3页")]
    assert len(gather(readings, [], [], None)) == 2


def test_a_list_goes_to_the_invoice_it_cites_or_follows() -> None:
    readings = [
        draft(0, number=NUMBER),
        draft(1, number=OTHER_NUMBER),
        draft(2, Kind.LIST_PAGE, NUMBER),
        draft(3, Kind.LIST_PAGE),
    ]
    first, second = gather(readings, [], [], None)
    assert first.pages == (0, 2, 3)
    assert second.pages == (1,)
    assert first.kind is Kind.DIG_SPECIAL


def test_a_list_alone_stays_a_list() -> None:
    (receipt,) = gather([draft(0, Kind.LIST_PAGE, NUMBER)], [], [], None)
    assert receipt.kind is Kind.LIST_PAGE


def test_a_list_of_rides_is_never_part_of_an_invoice() -> None:
    receipts = gather([draft(0, number=NUMBER), draft(1, Kind.RIDE_LIST)], [], [], None)
    assert [receipt.kind for receipt in receipts] == [Kind.DIG_SPECIAL, Kind.RIDE_LIST]


def test_a_code_goes_to_the_paper_with_its_number_wherever_it_lies() -> None:
    left, right = Box(0, 0, 0.5, 1), Box(0.5, 0, 1, 1)
    readings = [draft(0, number=OTHER_NUMBER, region=left), draft(0, number=NUMBER, region=right)]
    first, second = gather(readings, [code(DIGITAL, 0, Box(0.1, 0.1, 0.2, 0.2))], [], None)
    assert not first.codes
    assert second.codes[0].text == DIGITAL
    assert ("total", "4449.00", Source.QR) in [(value.name, value.value, value.source) for value in second.values]


def test_a_code_goes_to_the_paper_it_lies_on_when_no_number_was_read() -> None:
    left, right = Box(0, 0, 0.5, 1), Box(0.5, 0, 1, 1)
    readings = [draft(0, region=left), draft(0, region=right)]
    first, second = gather(readings, [code(DIGITAL, 0, Box(0.6, 0.1, 0.7, 0.2))], [], None)
    assert not first.codes
    assert second.codes


def test_a_paper_of_which_only_the_code_was_read_is_a_receipt() -> None:
    (receipt,) = gather([], [code(DIGITAL)], [], None)
    assert receipt.kind is Kind.DIG_SPECIAL
    assert {value.name for value in receipt.values} == {FieldName.NUMBER, FieldName.TOTAL, FieldName.DATE}


def test_data_goes_to_the_paper_with_its_number_and_names_its_kind() -> None:
    data = StructuredSet(
        (seen(FieldName.NUMBER, NUMBER, source=Source.XML),), (LineItem(name="data"),), Kind.DIG_NORMAL, (DIGITAL,)
    )
    readings = [draft(0, number=OTHER_NUMBER), draft(1, Kind.UNKNOWN, NUMBER)]
    _, receipt = gather(readings, [], [data], None)
    assert receipt.kind is Kind.DIG_NORMAL
    assert receipt.values[0].source is Source.XML
    assert [line.name for line in receipt.lines] == ["data"]
    assert [(one.text, one.decoder) for one in receipt.codes] == [(DIGITAL, "record")]


def test_data_goes_to_the_only_paper_when_that_has_no_number() -> None:
    data = StructuredSet((seen(FieldName.NUMBER, NUMBER, source=Source.OFD_DATA),), kind=Kind.VAT_E_NORMAL)
    (receipt,) = gather([draft(0, Kind.LIST_PAGE)], [], [data], None)
    assert receipt.kind is Kind.VAT_E_NORMAL


def test_data_without_a_paper_is_a_receipt() -> None:
    data = StructuredSet((seen(FieldName.NUMBER, NUMBER, source=Source.XML),), kind=Kind.DIG_NORMAL)
    (receipt,) = gather([], [], [data], None)
    assert receipt.pages == (0,)
    assert receipt.kind is Kind.DIG_NORMAL


def test_a_page_of_terms_beside_an_invoice_is_no_paper() -> None:
    assert len(gather([draft(0, number=NUMBER), draft(1, Kind.UNKNOWN)], [], [], None)) == 1
    assert len(gather([draft(0, Kind.UNKNOWN)], [], [], None)) == 1


def test_the_name_of_the_file_is_a_witness_of_the_number() -> None:
    named = value_of_name(f"dzfp_{NUMBER}_某某公司_20240528100000.pdf")
    assert named is not None
    (receipt,) = gather([draft(0)], [], [], named)
    assert receipt.values[-1].source is Source.FILE_NAME
    first, second = gather([draft(0, number=OTHER_NUMBER), draft(1, number=NUMBER)], [], [], named)
    assert named not in first.values
    assert named in second.values
    assert value_of_name("scan.pdf") is None


def test_a_code_states_the_net_or_the_total_by_its_type() -> None:
    assert {value.name: value.value for value in values_of(code(ELECTRONIC))} == {
        FieldName.CODE: "033002000211",
        FieldName.NUMBER: "83089647",
        FieldName.NET: "510.68",
        FieldName.DATE: "2020-07-23",
        FieldName.CHECK_CODE: "16197833567414507415",
    }
    assert number_of(code(DIGITAL)) == NUMBER
    assert values_of(code("https://example.invalid/pay")) == ()


def test_a_code_whose_crc_fails_is_trusted_less() -> None:
    edited = "01,10,013002200211,81532753,27.62,20230323,49753264642977383169,0816,"
    assert {value.confidence for value in values_of(code(edited))} == {0.5}


def test_fiscal_and_blockchain_codes_state_their_fields() -> None:
    bill = values_of(code("CZ-EI-00,1.1.0,00010126,0010925600,b05e2a,20260609,90.00"))
    assert {value.name: value.value for value in bill}[FieldName.CHECK_CODE] == "b05e2a"
    chain = "https://bcfp.shenzhen.chinatax.gov.cn/verify/scan?hash=00ab&bill_num=01034285&total_amount=96200"
    assert {value.name: value.value for value in values_of(code(chain))} == {
        FieldName.NUMBER: "01034285",
        FieldName.TOTAL: "962.00",
    }
    receipts = gather([], [code("CZ-EI-00,1.1.0,00010126,0010925600,b05e2a,20260609,90.00")], [], None)
    assert receipts[0].kind is Kind.FISCAL


def test_a_record_that_leaves_out_cells_takes_them_from_the_same_lines_of_the_paper() -> None:
    paper = draft(0, number=NUMBER)
    paper.lines = [LineItem("*纸制品*信封", "C5", "包", "2", "5.00", "10.00", "13%", "1.30")]
    told = (LineItem("*纸制品*信封", amount="10.00", rate="13%", tax="1.30"),)
    (receipt,) = gather([paper], [], [StructuredSet((seen(FieldName.NUMBER, NUMBER),), told)], None)
    assert receipt.lines == (LineItem("*纸制品*信封", "C5", "包", "2", "5.00", "10.00", "13%", "1.30"),)


def test_a_record_whose_lines_are_others_stands_alone() -> None:
    paper = draft(0, number=NUMBER)
    paper.lines = [LineItem("*纸制品*信封", "C5", amount="11.00")]
    told = (LineItem("*纸制品*信封", amount="10.00"),)
    (receipt,) = gather([paper], [], [StructuredSet((seen(FieldName.NUMBER, NUMBER),), told)], None)
    assert receipt.lines == told


@pytest.mark.parametrize(
    ("kind", "pages", "text", "sheets"),
    [
        (Kind.DIG_NORMAL, [0], "共3页 第1页", Sheets(3, (1,))),
        (Kind.DIG_NORMAL, [0, 1], "共2页 第1页\n共2页 第2页", Sheets(2, (1, 2))),
        (Kind.DIG_NORMAL, [0, 1], "共2页 第1页\n合计", None),  # the count of the second was not read
        (Kind.DIG_NORMAL, [0], "电子发票", None),
        (Kind.DIG_NORMAL, [0, 1], "共2页 第1页\n共3页 第2页", None),
        (Kind.DIG_NORMAL, [0], "共2页 第3页", None),
        (
            Kind.VAT_E_NORMAL,
            [0, 1],
            "详见销货清单\n共2页 第1页",
            Sheets(2, (1,)),
        ),  # the second page of its list is missing
        (Kind.RIDE_LIST, [0], "共2页 第1页", None),
    ],
)
def test_the_pages_that_a_paper_counts_are_known(
    kind: Kind, pages: list[int], text: str, sheets: Sheets | None
) -> None:
    assert Draft(kind, pages, text=text).receipt().sheets == sheets

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from intake.checks import CODES, check
from intake.fuse import fuse
from intake.model import Finding, FusedField, Invoice, Level
from ocr.rules.payload import encode, meaning, parse
from ocr.types import CodeSighting, CrcState, FieldName, FieldValue, Kind, LineItem, Receipt, Source

F, K = FieldName, Kind
TODAY = date(2026, 11, 24)
CODE, NUMBER, DIGITAL = "011002301111", "10556199", "24112000000048542163"
SELLER, BUYER = "91110108690017781B", "914403003197860257"
CHECK = "13250180506951701215"


def invoice(
    values: Mapping[FieldName, str],
    kind: Kind = K.VAT_E_NORMAL,
    source: Source = Source.OCR,
    lines: tuple[LineItem, ...] = (),
) -> Invoice:
    fields = {
        name: FusedField(name, text, frozenset(), (FieldValue(name, text, 1.0, source),))
        for name, text in values.items()
    }
    return Invoice(kind, fields, lines=lines)


def levels(found: Invoice, code: str, today: date = TODAY) -> list[Level]:
    return [one.level for one in check(found, today=today) if one.code == code]


AIR = {F.FARE: "733.94", F.FUEL: "18.35", F.TAX: "67.71", F.FUND: "50.00", F.TOTAL: "870.00"}


@pytest.mark.parametrize(
    ("kind", "values", "code", "level"),
    [
        (K.AIR_E, AIR, "air_sum", Level.OK),
        (K.AIR_E, AIR | {F.TOTAL: "840.00"}, "air_sum", Level.ERROR),
        (K.AIR_E, AIR | {F.TOTAL: "890.00"}, "air_sum", None),  # other fees that were not read
        (K.AIR_E, AIR | {F.OTHER_FEES: "20.00", F.TOTAL: "890.00"}, "air_sum", Level.OK),
        (K.AIR_E, {F.FUND: "50.00", F.TOTAL: "870.00"}, "air_sum", None),
        (K.AIR_PAPER, {F.FARE: "820.00", F.FUND: "50.00", F.TOTAL: "870.00"}, "air_sum", Level.OK),
        (K.DIG_NORMAL, AIR, "air_sum", None),
        (K.VAT_E_NORMAL, {F.NUMBER: NUMBER}, "number_shape", Level.OK),
        (K.VAT_E_NORMAL, {F.NUMBER: DIGITAL}, "number_shape", Level.ERROR),
        (K.VAT_E_NORMAL, {F.NUMBER: "00000000"}, "number_shape", Level.ERROR),
        (K.DIG_NORMAL, {F.NUMBER: DIGITAL}, "number_shape", Level.OK),
        (K.DIG_NORMAL, {F.NUMBER: NUMBER}, "number_shape", Level.ERROR),
        (K.FISCAL, {F.NUMBER: "0010925600"}, "number_shape", Level.OK),
        (K.CUSTOMS, {F.NUMBER: "531620201160129048-L02"}, "number_shape", Level.OK),
        (K.UNKNOWN, {F.NUMBER: NUMBER}, "number_shape", None),
        (K.DIG_NORMAL, {F.NUMBER: DIGITAL, F.DATE: "2024-05-28"}, "number_year", Level.OK),
        (K.DIG_NORMAL, {F.NUMBER: DIGITAL, F.DATE: "2025-05-28"}, "number_year", Level.ERROR),
        (K.DIG_NORMAL, {F.NUMBER: "24992000000048542163"}, "number_region_unknown", Level.WARNING),
        (K.VAT_E_NORMAL, {F.CODE: CODE}, "code_shape", Level.OK),
        (K.VAT_E_NORMAL, {F.CODE: "00010126"}, "code_shape", Level.ERROR),
        (K.FISCAL, {F.CODE: "00010126"}, "code_shape", None),
        (K.VAT_E_NORMAL, {F.CODE: CODE}, "code_region", Level.OK),
        (K.VAT_E_NORMAL, {F.CODE: "099992301111"}, "code_region", Level.WARNING),
        (K.VAT_E_NORMAL, {F.CODE: CODE, F.DATE: "2023-12-07"}, "code_year", Level.OK),
        (K.VAT_E_NORMAL, {F.CODE: "050001700111", F.DATE: "2020-08-05"}, "code_year", Level.OK),
        (K.VAT_E_NORMAL, {F.CODE: CODE, F.DATE: "2022-12-07"}, "code_year", Level.ERROR),
        (K.VAT_E_NORMAL, {F.CODE: CODE}, "code_kind", Level.OK),
        (K.VAT_NORMAL_PAPER, {F.CODE: CODE}, "code_kind", Level.WARNING),
        (K.TAXI, {F.CODE: "144032370119"}, "code_kind", None),
        (K.DIG_PAPER_NORMAL, {F.CODE: "011002300104"}, "code_kind", None),
        (K.DIG_NORMAL, {F.DATE: "2026-11-24"}, "date_future", Level.OK),
        (K.DIG_NORMAL, {F.DATE: "2026-11-25"}, "date_future", Level.ERROR),
        (K.VAT_E_NORMAL, {F.MACHINE_NUMBER: "499099123456"}, "machine_number_shape", Level.OK),
        (K.VAT_E_NORMAL, {F.MACHINE_NUMBER: "49909912345"}, "machine_number_shape", Level.WARNING),
        (K.VAT_E_NORMAL, {F.CHECK_CODE: CHECK}, "check_code_shape", Level.OK),
        (K.VAT_E_NORMAL, {F.CHECK_CODE: "b05e2a"}, "check_code_shape", Level.WARNING),
        (K.FISCAL, {F.CHECK_CODE: "b05e2a"}, "check_code_shape", Level.OK),
        (K.BLOCKCHAIN, {F.CHECK_CODE: "ab12c"}, "check_code_shape", Level.OK),
        (K.DIG_NORMAL, {F.CHECK_CODE: CHECK}, "check_code_shape", None),
        (K.DIG_NORMAL, {F.SELLER_TAX_ID: SELLER}, "tax_id_check", Level.OK),
        (K.DIG_NORMAL, {F.SELLER_TAX_ID: "91500102563638729E"}, "tax_id_check", Level.WARNING),
        (K.DIG_NORMAL, {F.SELLER_TAX_ID: "51019800DK01187"}, "tax_id_unchecked", Level.INFO),
        (K.DIG_NORMAL, {F.BUYER_TAX_ID: "9111010869001778100"}, "tax_id_shape", Level.WARNING),
        (K.DIG_NORMAL, {F.BUYER_TAX_ID: BUYER, F.SELLER_TAX_ID: SELLER}, "parties_equal", Level.OK),
        (K.DIG_NORMAL, {F.BUYER_TAX_ID: SELLER, F.SELLER_TAX_ID: SELLER}, "parties_equal", Level.WARNING),
        (K.DIG_NORMAL, {F.NUMBER: DIGITAL, F.SELLER_TAX_ID: SELLER}, "region_of_seller", Level.OK),
        (K.DIG_NORMAL, {F.NUMBER: DIGITAL, F.SELLER_TAX_ID: BUYER}, "region_of_seller", Level.WARNING),
        (K.VAT_E_NORMAL, {F.CODE: CODE, F.SELLER_TAX_ID: SELLER}, "region_of_seller", Level.OK),
        (K.VAT_E_NORMAL, {F.CODE: "099992301111", F.SELLER_TAX_ID: SELLER}, "region_of_seller", None),
        (K.DIG_NORMAL, {F.NET: "510.68", F.TAX: "15.32", F.TOTAL: "526.00"}, "sum", Level.OK),
        (K.DIG_NORMAL, {F.NET: "510.68", F.TAX: "15.33", F.TOTAL: "526.00"}, "sum", Level.ERROR),
        (K.DIG_NORMAL, {F.NET: "57.00", F.TOTAL: "57.00"}, "sum", Level.OK),
        (K.DIG_NORMAL, {F.NET: "510.68", F.TOTAL: "526.00"}, "sum", None),
        (K.AIR_E, {F.NET: "733.94", F.TAX: "67.71", F.TOTAL: "870.00"}, "sum", None),
        (K.DIG_NORMAL, {F.TOTAL: "526.00", F.TOTAL_IN_WORDS: "526.00"}, "words", Level.OK),
        (K.DIG_NORMAL, {F.TOTAL: "526.00", F.TOTAL_IN_WORDS: "528.00"}, "words", Level.ERROR),
        (K.DIG_NORMAL, {F.TOTAL: "-526.00"}, "negative", Level.INFO),
        (K.DIG_NORMAL, {F.TOTAL: "526.00"}, "negative", None),
    ],
)
def test_each_rule(kind: Kind, values: dict[FieldName, str], code: str, level: Level | None) -> None:
    assert levels(invoice(values, kind), code) == ([] if level is None else [level])


def test_nothing_known_is_nothing_to_check() -> None:
    assert check(Invoice(K.DIG_NORMAL, {}), today=TODAY) == ()


# --- lines ---------------------------------------------------------------------------------------------------------

GOODS = LineItem(name="*服务*甲", amount="5440.71", rate="13%", tax="707.29")
DISCOUNT = LineItem(name="*服务*甲", amount="-477.88", rate="13%", tax="-62.12")
TOTALS = {F.NET: "4962.83", F.TAX: "645.17", F.TOTAL: "5608.00"}


def test_lines_with_a_discount_add_up() -> None:
    found = invoice(TOTALS, lines=(GOODS, DISCOUNT))
    for code in ("lines_amount", "lines_tax", "tax_of_rates", "discount_alone"):
        assert levels(found, code) == [Level.OK]
    assert levels(found, "line_tax") == [Level.OK, Level.OK]


@pytest.mark.parametrize(("source", "level"), [(Source.XML, Level.ERROR), (Source.PDF_TEXT, Level.WARNING)])
def test_lines_that_do_not_add_up_are_an_error_only_where_all_are_there(source: Source, level: Level) -> None:
    found = invoice(TOTALS, source=source, lines=(GOODS,))
    assert levels(found, "lines_amount") == [level]
    assert levels(found, "lines_tax") == [level]
    assert levels(found, "tax_of_rates") == []


def test_the_cent_of_a_real_line_is_within_the_tolerance() -> None:
    real = LineItem(name="a", amount="17699.12", rate="13%", tax="2300.88")
    assert levels(invoice({}, lines=(real,)), "line_tax") == [Level.OK]
    off = LineItem(name="a", amount="17699.12", rate="13%", tax="2310.88")
    assert levels(invoice({}, lines=(off,)), "line_tax") == [Level.WARNING]


def test_a_difference_tax_line_is_not_measured_by_a_rate() -> None:
    line = LineItem(name="a", amount="198.04", rate="***", tax="1.96")
    found = invoice({F.NET: "198.04", F.TAX: "1.96"}, lines=(line,))
    assert levels(found, "line_tax") == []
    assert levels(found, "tax_of_rates") == []


def test_the_whole_tax_is_measured_by_the_rates() -> None:
    lines = (LineItem(name="a", amount="100.00", rate="6%", tax="***"),)
    assert levels(invoice({F.NET: "100.00", F.TAX: "6.00"}, lines=lines), "tax_of_rates") == [Level.OK]
    assert levels(invoice({F.NET: "100.00", F.TAX: "16.00"}, lines=lines), "tax_of_rates") == [Level.WARNING]


def test_prices_are_checked_but_not_on_rolls() -> None:
    line = LineItem(name="a", quantity="3", price="33.30", amount="100.00")
    assert levels(invoice({}, lines=(line,)), "line_price") == [Level.WARNING]
    assert levels(invoice({}, K.VAT_ROLL, lines=(line,)), "line_price") == []
    assert levels(invoice({}, K.VAT_E_TOLL, lines=(line,)), "line_price") == []
    exact = LineItem(name="a", quantity="3", price="33.333333333333", amount="100.00")
    assert levels(invoice({}, lines=(exact,)), "line_price") == [Level.OK]


def test_an_unknown_rate_is_worth_a_warning() -> None:
    assert levels(invoice({}, lines=(LineItem(name="a", rate="7%"),)), "rate_unknown") == [Level.WARNING]


@pytest.mark.parametrize(
    "lines",
    [
        (DISCOUNT, GOODS),
        (GOODS, LineItem(name="another", amount="-1.00")),
        (GOODS, LineItem(name=GOODS.name, amount="-9999.00")),
        (LineItem(name=GOODS.name), DISCOUNT, GOODS),
    ],
)
def test_a_discount_that_stands_alone_is_noticed(lines: tuple[LineItem, ...]) -> None:
    assert levels(invoice({}, lines=lines), "discount_alone") == [Level.WARNING]


def test_the_negative_lines_of_a_red_invoice_are_no_discounts() -> None:
    assert levels(invoice({}, lines=(DISCOUNT, DISCOUNT)), "discount_alone") == []


def test_lines_without_an_amount_are_not_added_up() -> None:
    assert levels(invoice(TOTALS, lines=(GOODS, LineItem(name="note"))), "lines_amount") == []
    assert levels(invoice({}, lines=(GOODS,)), "lines_amount") == []
    assert levels(invoice(TOTALS, lines=(LineItem(name="a", amount="57.00"),)), "lines_tax") == []


# --- the QR code ----------------------------------------------------------------------------------------------------


def sighting(text: str) -> CodeSighting:
    found = parse(text)
    return CodeSighting(text, meaning(text), found.crc if found else CrcState.NONE, 0, None, "test")


def coded(*values: tuple[FieldName, str, Source], codes: tuple[str, ...]) -> Invoice:
    seen = tuple(FieldValue(name, text, 1.0, source, raw=f"{name}{text}") for name, text, source in values)
    return fuse(Receipt(K.VAT_E_NORMAL, values=seen, codes=tuple(sighting(text) for text in codes)))


PAYLOAD = encode("10", CODE, NUMBER, "1310.96", "20231207", CHECK)


def by_field(found: Invoice, code: str) -> dict[FieldName, Level]:
    return {one.fields[0]: one.level for one in check(found, today=TODAY) if one.code == code}


def test_a_code_that_agrees_with_the_face() -> None:
    found = coded((F.NUMBER, NUMBER, Source.OCR), (F.NET, "1310.96", Source.OCR), codes=(PAYLOAD,))
    assert by_field(found, "qr_face") == {F.NUMBER: Level.OK, F.NET: Level.OK}
    assert levels(found, "qr_crc") == [Level.OK]


def test_a_misread_digit_beside_a_believed_code_is_a_warning() -> None:
    face = ((F.NUMBER, "10556190", Source.OCR), (F.CHECK_CODE, CHECK, Source.OCR))
    assert by_field(coded(*face, codes=(PAYLOAD,)), "qr_face") == {F.NUMBER: Level.WARNING, F.CHECK_CODE: Level.OK}


def test_a_text_layer_that_differs_from_the_code_is_an_error() -> None:
    found = coded((F.NUMBER, NUMBER, Source.PDF_TEXT), (F.DATE, "2023-12-08", Source.PDF_TEXT), codes=(PAYLOAD,))
    assert by_field(found, "qr_face") == {F.NUMBER: Level.OK, F.DATE: Level.ERROR}


def test_a_checksum_that_fails_is_a_warning_and_none_is_nothing() -> None:
    bad = PAYLOAD[:-4] + f"{int(PAYLOAD[-4:], 16) ^ 1:04X}"
    assert levels(coded(codes=(bad,)), "qr_crc") == [Level.WARNING]
    assert levels(coded(codes=(PAYLOAD[:-4],)), "qr_crc") == []


def test_an_amount_that_is_the_other_total_is_information() -> None:
    face = ((F.NUMBER, NUMBER, Source.OCR), (F.NET, "1297.98", Source.OCR), (F.TOTAL, "1310.96", Source.OCR))
    found = coded(*face, codes=(PAYLOAD,))
    assert levels(found, "qr_amount_basis_unexpected") == [Level.INFO]
    assert F.NET not in by_field(found, "qr_face")


def test_codes_of_several_invoices_are_a_warning_and_other_codes_are_nothing() -> None:
    other = encode("10", CODE, "10556200", "1310.96", "20231207", CHECK)
    assert levels(coded(codes=(PAYLOAD, other)), "qr_several") == [Level.WARNING]
    assert levels(coded(codes=("https://example.cn",)), "qr_several") == []


def test_every_finding_has_its_code_in_the_list_and_a_sentence() -> None:
    sentences = json.loads((Path(__file__).parents[2] / "web" / "translations" / "zh.json").read_text(encoding="utf-8"))
    assert {name.removeprefix("finding.") for name in sentences if name.startswith("finding.")} == CODES
    found = invoice(
        {F.NUMBER: DIGITAL, F.DATE: "2027-01-01", F.CODE: CODE, F.SELLER_TAX_ID: "1" * 19, **TOTALS},
        lines=(GOODS, LineItem(name="a", rate="7%")),
    )
    findings: tuple[Finding, ...] = check(found, today=TODAY)
    assert {one.code for one in findings} <= CODES
    for one in findings:
        assert set(one.params) >= {part.split("}")[0] for part in sentences[f"finding.{one.code}"].split("{")[1:]}

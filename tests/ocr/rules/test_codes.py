from __future__ import annotations

import pytest

from ocr.rules.codes import (
    CodeInfo,
    NumberInfo,
    decode_code,
    decode_number,
    plausible_number8,
    region_name,
    region_of_tax_id,
    split_concatenated,
)
from ocr.types import Kind


@pytest.mark.parametrize(
    ("code", "kind", "kind_code", "region", "name", "year"),
    [
        # the worked examples of §3.7
        ("011002300611", Kind.VAT_E_NORMAL, "10", "1100", "北京", 2023),
        ("1100153130", Kind.VAT_SPECIAL_PAPER, "01", "1100", "北京", 2015),
        ("044031800104", Kind.VAT_NORMAL_PAPER, "04", "4403", "深圳", 2018),
        ("5100191160", Kind.VAT_SPECIAL_PAPER, "01", "5100", "四川", 2019),
        ("042001700112", Kind.VAT_E_TOLL, "14", "4200", "湖北", 2017),
        ("037022100211", Kind.VAT_E_NORMAL, "10", "3702", "青岛", 2021),
        ("052002100113", Kind.VAT_E_SPECIAL, "08", "5200", "贵州", 2021),
        ("144032370119", None, "99", "4403", "深圳", 2023),
        # each kind of 12 and 10 digits
        ("044031800105", Kind.VAT_NORMAL_PAPER, "04", "4403", "深圳", 2018),
        ("011001800106", Kind.VAT_ROLL, "11", "1100", "北京", 2018),
        ("011001800107", Kind.VAT_ROLL, "11", "1100", "北京", 2018),
        ("011001800117", Kind.USED_VEHICLE, "15", "1100", "北京", 2018),
        ("111001821999", Kind.VEHICLE, "03", "1100", "北京", 2018),
        ("211001821999", None, "99", "1100", "北京", 2018),
        ("011001800199", None, "99", "1100", "北京", 2018),
        ("4200161350", Kind.VAT_NORMAL_PAPER, "04", "4200", "湖北", 2016),
        # the pilot codes of the official site, and regions that do not exist
        ("144031539110", Kind.VAT_E_NORMAL, "10", "4403", "深圳", 2015),
        ("131001570151", Kind.VAT_E_NORMAL, "10", "3100", "上海", 2015),
        ("099992300111", Kind.VAT_E_NORMAL, "10", "9900", None, 2023),
        # an old city code reduces to its province
        ("131011630151", None, "99", "3100", "上海", 2016),
    ],
)
def test_a_code_says_kind_region_and_year(
    code: str, kind: Kind | None, kind_code: str, region: str, name: str | None, year: int
) -> None:
    assert decode_code(code) == CodeInfo(kind, kind_code, region, name, year)


@pytest.mark.parametrize(
    ("digit", "kind"),
    [
        ("1", Kind.VAT_SPECIAL_PAPER),
        ("5", Kind.VAT_SPECIAL_PAPER),
        ("3", Kind.VAT_NORMAL_PAPER),
        ("6", Kind.VAT_NORMAL_PAPER),
        ("2", Kind.FREIGHT_SPECIAL),
        ("7", Kind.FREIGHT_SPECIAL),
        ("4", None),
        ("0", None),
    ],
)
def test_the_eighth_of_ten_digits_is_the_kind(digit: str, kind: Kind | None) -> None:
    decoded = decode_code(f"1100153{digit}30")
    assert decoded is not None
    assert decoded.kind is kind


@pytest.mark.parametrize(
    "text", ["", "01100230061", "0110023006111", "01100230061X", "０１１００２３００６１１", "110015313"]
)
def test_other_texts_are_no_code(text: str) -> None:
    assert decode_code(text) is None


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("24112000000048542163", NumberInfo(2024, "1100", "北京", "2", "000000048542163")),
        ("25922000000077229939", NumberInfo(2025, "3702", "青岛", "2", "000000077229939")),
        ("26377000000217799589", NumberInfo(2026, "3700", "山东", "7", "000000217799589")),
        ("25932000000012918560", NumberInfo(2025, "3302", "宁波", "2", "000000012918560")),
        ("25942000000036499020", NumberInfo(2025, "3502", "厦门", "2", "000000036499020")),
        ("24952000000029282138", NumberInfo(2024, "4403", "深圳", "2", "000000029282138")),
        ("25912000000000000001", NumberInfo(2025, "2102", "大连", "2", "000000000000001")),
        ("24117000000965100088", NumberInfo(2024, "1100", "北京", "7", "000000965100088")),
        ("24992000000000000001", NumberInfo(2024, None, None, "2", "000000000000001")),
        ("03300220021199934328", None),
        ("20112000000048542163", None),
        ("50112000000048542163", None),
        ("2411200000004854216", None),
        ("2411200000004854216X", None),
    ],
)
def test_a_digital_number_says_year_and_region(number: str, expected: NumberInfo | None) -> None:
    assert decode_number(number) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("03300220021199934328", ("033002200211", "99934328")),
        ("14403237011912345678", ("144032370119", "12345678")),
        ("24112000000048542163", None),
        ("09900220021199934328", None),
        ("03300220021100000000", None),
        ("0330022002119993432", None),
    ],
)
def test_a_joined_code_and_number_are_parted(number: str, expected: tuple[str, str] | None) -> None:
    assert split_concatenated(number) == expected


@pytest.mark.parametrize(
    ("number", "good"),
    [
        ("00985283", True),
        ("99934328", True),
        ("00000000", False),
        ("1234567", False),
        ("123456789", False),
        ("1234567a", False),
    ],
)
def test_eight_digits_that_are_not_all_nought_are_a_number(number: str, *, good: bool) -> None:
    assert plausible_number8(number) is good


@pytest.mark.parametrize(
    ("tax_id", "region"),
    [
        ("91110108690017781B", "1100"),
        ("91370212MA3ER1RQXE", "3702"),
        ("914403003197860257", "4403"),
        ("12100000707137123P", None),
        ("91100000100003962T", None),
        ("51019800DK01187", "5100"),
        ("11010519491231002X", "1100"),
        ("32040419760706081301", "3200"),
        ("110108690017781", "1100"),
        ("", None),
        ("91AB0108690017781B", None),
    ],
)
def test_a_tax_id_names_a_region(tax_id: str, region: str | None) -> None:
    assert region_of_tax_id(tax_id) == region


@pytest.mark.parametrize(
    ("region", "name"), [("1100", "北京"), ("4403", "深圳"), ("4400", "广东"), ("4401", None), ("9900", None)]
)
def test_regions_have_names(region: str, name: str | None) -> None:
    assert region_name(region) == name

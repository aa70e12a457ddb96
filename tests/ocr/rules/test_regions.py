from __future__ import annotations

import pytest

from ocr.rules.regions import BEIJING, DISTRICTS, REGIONS, district_name, district_of, region_of

NOBODY = ""
HAIDIAN, QINGDAO, SHANDONG = "91110108690017781B", "91370212MA3ER1RQXE", "91370102MA3ER1RQXE"


@pytest.mark.parametrize(
    ("code", "number", "seller", "region"),
    [
        # the worked examples of domain.md §3.7 and §9.7
        ("011002300611", "12345678", NOBODY, "1100"),
        ("1100153130", "00472703", NOBODY, "1100"),
        ("044031800104", "12345678", NOBODY, "4403"),
        ("037022100211", "12345678", NOBODY, "3702"),
        ("144032370119", "12345678", NOBODY, "4403"),
        ("", "24112000000048542163", NOBODY, "1100"),
        ("", "24117000000965100088", NOBODY, "1100"),
        ("", "25922000000077229939", NOBODY, "3702"),
        ("", "25912000000077229939", NOBODY, "2102"),
        ("", "25932000000012918560", NOBODY, "3302"),
        ("", "25942000000036499020", NOBODY, "3502"),
        ("", "25952000000036499020", NOBODY, "4403"),
        # the printed code of a 数电纸质 form stands back behind its number
        ("011002300104", "25922000000077229939", NOBODY, "3702"),
        # an old code of a town counts for its province
        ("3101153130", "00472703", NOBODY, "3100"),
        # what the paper's number does not tell, its seller does
        ("", "", HAIDIAN, "1100"),
        ("", "12345678", QINGDAO, "3702"),
        ("", "12345678", SHANDONG, "3700"),
        ("9900153130", "00472703", HAIDIAN, "1100"),
        ("", "24992000000048542163", HAIDIAN, "1100"),
        ("", "24112000000048542163", QINGDAO, "1100"),
        ("", "", "911000000000000000"[:10], ""),
        ("", "", NOBODY, ""),
        ("not", "a number", "nobody", ""),
    ],
)
def test_the_region_of_issue_is_told(code: str, number: str, seller: str, region: str) -> None:
    assert region_of(code, number, seller) == region
    assert region in {"", *REGIONS}


@pytest.mark.parametrize(
    ("seller", "district", "name"),
    [
        (HAIDIAN, "110108", "海淀区"),
        (QINGDAO, "370212", "370212"),
        ("110105719049481", "110105", "朝阳区"),  # 15 characters
        ("91110000100000000X"[:17] + "X", "", ""),  # registered with the nation, in no district
        ("51019800DK01187", "510198", "510198"),
        (NOBODY, "", ""),
        ("A", "", ""),
    ],
)
def test_the_district_of_a_seller_is_told_where_its_tax_id_has_one(seller: str, district: str, name: str) -> None:
    assert district_of(seller) == district
    assert district_name(district) == name


def test_there_are_thirty_one_provinces_and_five_cities() -> None:
    assert len(REGIONS) == 36
    assert REGIONS[BEIJING] == "北京"
    assert all(digits.startswith("11") for digits in DISTRICTS)

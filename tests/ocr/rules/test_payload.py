from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.rules.payload import (
    VARIANTS,
    BlockchainPayload,
    FiscalPayload,
    Payload,
    _lsb_first,
    _msb_first,
    crc_variant,
    encode,
    meaning,
    parse,
    parse_blockchain,
    parse_fiscal,
)
from ocr.types import CodeMeaning, CrcState, Kind

K = Kind
HASH = "ab12" * 16

# domain.md §2.3: payload, kind, code, number, amount, net?, day, check code, CRC variant
VECTORS = [
    ("01,01,5100191160,00472703,1456.31,20190614,,E6B0,", K.VAT_SPECIAL_PAPER, "1456.31", True, date(2019, 6, 14), "A"),
    ("01,01,1200154130,03630024,94339.62,20160621,,9335,", K.VAT_SPECIAL_PAPER, "94339.62", True, date(2016, 6, 21), "A"),
    ("01,04,021002000404,00985283,176.00,20210519,62330719563753325108,F780,", K.VAT_NORMAL_PAPER, "176.00", True, date(2021, 5, 19), "A"),
    ("01,04,044031800104,41108527,96.72,20190319,55617567333517793345,5C54,", K.VAT_NORMAL_PAPER, "96.72", True, date(2019, 3, 19), "A"),
    ("01,04,4200161350,00015045,165106.00,20160501,48114255542168294433,DBFE,", K.VAT_NORMAL_PAPER, "165106.00", True, date(2016, 5, 1), "A"),
    ("01,10,033002000211,83089647,510.68,20200723,16197833567414507415,0941,", K.VAT_E_NORMAL, "510.68", True, date(2020, 7, 23), "A"),
    ("01,10,011002301111,10556199,1310.96,20231207,13250180506951701215,CE01,", K.VAT_E_NORMAL, "1310.96", True, date(2023, 12, 7), "A"),
    ("01,10,042001700112,11162913,184.65,20180323,11241636206802490280,DDB1,", K.VAT_E_TOLL, "184.65", True, date(2018, 3, 23), "B"),
    ("01,10,031001900511,04875996,57,20200420,77669856890717802165,64CF,", K.VAT_E_NORMAL, "57", True, date(2020, 4, 20), "A"),
    ("01,20,052002100113,00008006,24519.05,20220505,18001801513030862041,88CD,", K.VAT_E_SPECIAL, "24519.05", True, date(2022, 5, 5), "A"),
    ("01,31,,24112000000048542163,4449.00,20240528,,B2B6", K.DIG_SPECIAL, "4449.00", False, date(2024, 5, 28), "A"),
    ("01,31,,24322000000489101796,20000.00,20241205,,BBBB", K.DIG_SPECIAL, "20000.00", False, date(2024, 12, 5), "A"),
    ("01,31,,25922000000077229939,76417.24,20251201,,C16", K.DIG_SPECIAL, "76417.24", False, date(2025, 12, 1), "A"),
    ("01,32,,25422000000003570205,264.00,20250106,,9B52", K.DIG_NORMAL, "264.00", False, date(2025, 1, 6), "A"),
    ("01,32, ,24952000000029282138,166.84,20240311, ,6C1E", K.DIG_NORMAL, "166.84", False, date(2024, 3, 11), "A"),
    ("01,32, ,24337000000194723635,5.35,20241228, ,be79", K.DIG_NORMAL, "5.35", False, date(2024, 12, 28), "A"),
    ("01,32,,26377000000217799589,39.00,20260306,,7A07", K.DIG_NORMAL, "39.00", False, date(2026, 3, 6), "C"),
    ("01,32,,25377000000452265171,9.67,20250911,,3142", K.DIG_NORMAL, "9.67", False, date(2025, 9, 11), "D"),
    ("01,32,,25127000000084847036,250.65,2025-03-25,,", K.DIG_NORMAL, "250.65", False, date(2025, 3, 25), "none"),
    ("01,51,,26339132621000219582,56.00,20260423,,219a", K.RAIL_E, "56.00", False, date(2026, 4, 23), "F"),
    # the negative vectors of §2.3, and the form of seven fields of §2.1
    ("01,10,013002200211,81532753,27.62,20230323,49753264642977383169,0816,", K.VAT_E_NORMAL, "27.62", True, date(2023, 3, 23), "fail"),
    ("01,32,,25372000000029403827,287.76,20250131,,6544", K.DIG_NORMAL, "287.76", False, date(2025, 1, 31), "fail"),
    ("01,10,011001605111,80100798,64.9,20161018,85342965681116380258", K.VAT_E_NORMAL, "64.9", True, date(2016, 10, 18), "none"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "amount", "net", "day", "variant"), VECTORS)
def test_real_payloads_are_parsed_and_their_crc_found(
    text: str, kind: Kind, amount: str, day: date, variant: str, *, net: bool
) -> None:
    found = parse(text)
    fields = text.split(",")
    assert found is not None
    assert (found.kind, found.amount, found.amount_is_net, found.date) == (kind, Decimal(amount), net, day)
    assert (found.code, found.number, found.check) == (fields[2].strip(), fields[3], fields[6].strip())
    assert crc_variant(text) == variant
    assert found.crc is {"none": CrcState.NONE, "fail": CrcState.FAIL}.get(variant, CrcState.OK)
    assert found.basis_sure
    assert meaning(text) is CodeMeaning.INVOICE
    assert parse(f" {text}\r\n") == found


@pytest.mark.parametrize("text", [vector[0] for vector in VECTORS if vector[5] in "ABCDF"])
def test_one_changed_digit_of_the_amount_fails_the_crc(text: str) -> None:
    fields = text.split(",")
    fields[4] = f"1{fields[4]}"
    assert crc_variant(",".join(fields)) == "fail"


def test_a_copy_that_lost_its_blanks_is_tried_with_them() -> None:
    assert crc_variant("01,32,,24337000000194723635,5.35,20241228,,be79") == "A"
    assert crc_variant("01,32,,24952000000029282138,166.84,20240311,,6C1E") == "A"


def test_the_checksums_are_the_known_ones() -> None:
    data = b"123456789"
    assert _msb_first(data) == 0xFEE8
    assert _lsb_first(data, 0x8005) == 0xAFAD
    assert _lsb_first(data, 0xA001) == 0xBB3D
    assert _lsb_first(data, 0xA001, 0xFFFF) == 0x4B37


AMOUNTS = st.decimals("-99999999999.99", "99999999999.99", places=2, allow_nan=False).map(lambda value: f"{value:.2f}")
DAYS = st.dates(date(2015, 1, 1), date(2049, 12, 31))


@given(st.sampled_from(sorted(VARIANTS)), AMOUNTS, DAYS, st.text("0123456789", min_size=15, max_size=15))
def test_a_digital_payload_is_read_back_with_each_checksum(variant: str, amount: str, day: date, tail: str) -> None:
    text = encode("32", "", f"24112{tail}", amount, f"{day:%Y%m%d}", "", variant)
    found = parse(text)
    assert found == Payload(
        "32",
        "",
        f"24112{tail}",
        Decimal(amount),
        day,
        "",
        CrcState.OK,
        Kind.DIG_NORMAL,
        amount_is_net=False,
        basis_sure=True,
    )


@given(st.sampled_from(sorted(VARIANTS)), AMOUNTS, DAYS, st.text("0123456789", min_size=20, max_size=20))
def test_a_tax_control_payload_is_read_back_with_each_checksum(
    variant: str, amount: str, day: date, check: str
) -> None:
    found = parse(encode("10", "033002000211", "83089647", amount, f"{day:%Y-%m-%d}", check, variant) + ",")
    assert found == Payload(
        "10", "033002000211", "83089647", Decimal(amount), day, check, CrcState.OK, Kind.VAT_E_NORMAL,
        amount_is_net=True, basis_sure=True,
    )  # fmt: skip


def test_each_variant_is_written_as_itself() -> None:
    for variant in "ABCDEF":
        assert crc_variant(encode("32", "", "24112000000048542163", "1.00", "20240528", "", variant)) == variant


@pytest.mark.parametrize(
    ("text", "kind", "net", "sure"),
    [
        ("01,51,033002000211,83089647,1.00,20200723,16197833567414507415,,", K.VAT_E_NORMAL, True, True),
        ("01,51,033002000212,83089647,1.00,20200723,16197833567414507415,", K.VAT_E_TOLL, True, True),
        ("01,14,033002000212,83089647,1.00,20200723,16197833567414507415,", K.VAT_E_TOLL, True, False),
        ("01,03,133001821999,83089647,1.00,20200723,,", K.VEHICLE, True, False),
        ("01,15,033002000217,83089647,1.00,20200723,,", K.USED_VEHICLE, False, False),
        ("01,11,033002000206,83089647,1.00,20200723,16197833567414507415,", K.VAT_ROLL, False, False),
        ("01,08,033002000213,83089647,1.00,20200723,16197833567414507415,", K.VAT_E_SPECIAL, False, False),
        ("01,99,144032370119,83089647,1.00,20200723,,", None, False, False),
        ("01,61,,24118000000048542163,1.00,20240723,,", K.AIR_E, False, False),
        ("01,83,,24112000000048542163,1.00,20240723,,", K.DIG_VEHICLE, False, False),
        ("01,84,,24112000000048542163,1.00,20240723,,", K.DIG_USED_VEHICLE, False, False),
        ("01,01,1100153130,24112000000048542163,1.00,20240723,,", K.DIG_PAPER_SPECIAL, True, False),
        ("01,99,,24112000000048542163,1.00,20240723,,", None, False, False),
        ("01,32,,24112000000048542163,-1.00,20240723,,", K.DIG_NORMAL, False, True),
    ],
)
def test_the_kind_follows_from_type_and_code(text: str, kind: Kind | None, *, net: bool, sure: bool) -> None:
    found = parse(text)
    assert found is not None
    assert (found.kind, found.amount_is_net, found.basis_sure) == (kind, net, sure)


def test_the_code_beside_a_digital_number_is_ignored() -> None:
    found = parse("01,01,1100153130,24112000000048542163,1.00,20240723,,")
    assert found is not None
    assert not found.code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "02,10,033002000211,83089647,510.68,20200723,16197833567414507415,0941,",
        "01,10,033002000211,83089647,510.68,20200723",
        "01,10,033002000211,83089647,510.68,20200732,16197833567414507415,0941,",
        "01,10,033002000211,8308964,510.68,20200723,16197833567414507415,0941,",
        "01,10,033002000211,00000000,510.68,20200723,16197833567414507415,0941,",
        "01,10,,83089647,510.68,20200723,16197833567414507415,0941,",
        "01,10,03300200021,83089647,510.68,20200723,16197833567414507415,0941,",
        "01,10,033002000211,83089647,510.681,20200723,16197833567414507415,0941,",
        "01,10,033002000211,83089647,510.68,20200723,1619783356741450741,0941,",
        "01,10,033002000211,83089647,510.68,20200723,16197833567414507415,0941,,",
        "01,01,4300171130,02550485,10545.43,20180115,6579,",
        "01,10,033002000211,83089647,510.68,20200723,16197833567414507415,09G1,",
    ],
)
def test_other_texts_are_no_payload(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize("text", ["", "hello", "01,10,1,2,3,4,5,XYZ"])
def test_without_a_checksum_there_is_no_variant(text: str) -> None:
    assert crc_variant(text) == "none"


def test_a_fiscal_payload_says_all_five_values() -> None:
    text = "CZ-EI-00,1.1.0,00010126,0010925600,b05e2a,20260609,90.00"
    assert parse_fiscal(text) == FiscalPayload("00010126", "0010925600", "b05e2a", date(2026, 6, 9), Decimal("90.00"))
    assert parse_fiscal(text.replace("0609", "0639")) is None
    assert parse_fiscal("CZ-EI-00") is None


def test_a_blockchain_invoice_comes_as_link_or_text() -> None:
    link = f"https://bcfp.shenzhen.chinatax.gov.cn/verify/scan?hash={HASH}&bill_num=01034285&total_amount=96200"
    assert parse_blockchain(link) == BlockchainPayload("01034285", Decimal("962.00"))
    text = f"01,10,144031909110,01034285,91440300708437873H,5.45,20190320,{HASH}"
    assert parse_blockchain(text) == BlockchainPayload(
        "01034285", Decimal("5.45"), "144031909110", "91440300708437873H", date(2019, 3, 20)
    )
    assert parse_blockchain("https://bcfp.shenzhen.chinatax.gov.cn/verify/scan?bill_num=1&total_amount=96200") is None
    assert (
        parse_blockchain("https://bcfp.shenzhen.chinatax.gov.cn/verify/scan?bill_num=01034285&total_amount=x") is None
    )
    assert parse_blockchain("https://example.cn/?bill_num=01034285&total_amount=96200") is None
    assert parse_blockchain("https://[bcfp.") is None
    assert parse_blockchain("no link") is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            f"https://bcfp.shenzhen.chinatax.gov.cn/verify/scan?hash={HASH}&bill_num=01034285&total_amount=96200",
            CodeMeaning.BLOCKCHAIN,
        ),
        (f"01,10,144031909110,01034285,91440300708437873H,5.45,20190320,{HASH}", CodeMeaning.BLOCKCHAIN),
        ("https://dppt.beijing.chinatax.gov.cn:8443/v/2_24112000000048542163_abc", CodeMeaning.DELIVERY_LINK),
        (
            "https://dppt.beijing.chinatax.gov.cn:8443/kpfw/fpjfzz/v1/exportDzfpwjEwm?Wjgs=PDF&Jym=x",
            CodeMeaning.DELIVERY_LINK,
        ),
        ("https://evil.example/?next=dppt.beijing.chinatax.gov.cn", CodeMeaning.OTHER),
        ("https://notchinatax.gov.cn/v/1", CodeMeaning.OTHER),
        ("https://nnfp.jss.com.cn/scan-invoice?x=1", CodeMeaning.ISSUE_LINK),
        ("http://fp.baiwang.com/fp/d?d=1", CodeMeaning.ISSUE_LINK),
        ("CZ-EI-00,1.1.0,00010126,0010925600,b05e2a,20260609,90.00", CodeMeaning.FISCAL),
        ("0302022110900209" * 9, CodeMeaning.TRAIN_TICKET),
        ("MU2379 0312FTYN035", CodeMeaning.BOARDING_PASS),
        ("M1ZHANG/SAN           EABC123 PEKSHAMU 2379 072Y035A0035 100", CodeMeaning.BOARDING_PASS),
        ("wxp://f2f0abc", CodeMeaning.PAYMENT),
        ("https://qr.alipay.com/fkx123", CodeMeaning.PAYMENT),
        ("HTTPS://QR.95516.COM/00010000/1", CodeMeaning.PAYMENT),
        ("https://u.wechat.com/abc", CodeMeaning.OTHER),
        ("https://weixin.qq.com/r/abc", CodeMeaning.OTHER),
        ("https://payapp.weixin.qq.com/qr/abc", CodeMeaning.PAYMENT),
        ("https://wx.tenpay.com/f2f?t=1", CodeMeaning.PAYMENT),
        ("https://qr.chinaums.com/abc", CodeMeaning.PAYMENT),
        ("https://alipay.com.evil.example/pay", CodeMeaning.OTHER),
        ("https://inv-veri.chinatax.gov.cn/index.html", CodeMeaning.OTHER),
        ("011002300611,12345678", CodeMeaning.ROLL),
        ("01100230061112345678", CodeMeaning.ROLL),
        ("011002300611;12345678", CodeMeaning.ROLL),
        ("011002300611,00000000", CodeMeaning.OTHER),
        ("999999999999,12345678", CodeMeaning.OTHER),
        ("6901234567892", CodeMeaning.OTHER),
        ("http://[broken", CodeMeaning.OTHER),
        ("", CodeMeaning.OTHER),
    ],
)
def test_other_codes_on_a_page_are_told_apart(text: str, what: CodeMeaning) -> None:
    assert meaning(text) is what

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.rules.amounts import (
    cents,
    from_words,
    invoice_tax_agrees,
    line_tax_agrees,
    parse_money,
    parse_rate,
    price_agrees,
    sums_agree,
    tax_plausible,
    to_words,
)

D = Decimal
MONEY = st.decimals("-9999999999999.99", "9999999999999.99", places=2, allow_nan=False)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("1409.50", "壹仟肆佰零玖圆伍角整"), ("6007.14", "陆仟零柒圆壹角肆分"), ("1680.32", "壹仟陆佰捌拾圆叁角贰分"),
        ("107000.53", "壹拾万柒仟圆伍角叁分"), ("16409.02", "壹万陆仟肆佰零玖圆零贰分"), ("325.04", "叁佰贰拾伍圆零肆分"),
        ("25254.62", "贰万伍仟贰佰伍拾肆圆陆角贰分"), ("526", "伍佰贰拾陆圆整"), ("10600", "壹万零陆佰圆整"),
        ("190.19", "壹佰玖拾圆壹角玖分"), ("76417.24", "柒万陆仟肆佰壹拾柒圆贰角肆分"), ("112.20", "壹佰壹拾贰圆贰角整"),
        ("-500", "（负数）伍佰圆整"), ("0.01", "壹分"), ("0.60", "陆角整"), ("100000000", "壹亿圆整"),
        ("1000000001", "壹拾亿零壹圆整"), ("100100", "壹拾万零壹佰圆整"), ("10000100000.05", "壹佰亿零壹拾万圆零伍分"),
        ("1705400", "壹佰柒拾万伍仟肆佰圆整"), ("20000", "贰万圆整"), ("2000010", "贰佰万零壹拾圆整"),
        ("40.06", "肆拾圆零陆分"), ("0", "零圆整"), ("1234500000000", "壹万贰仟叁佰肆拾伍亿圆整"),
    ],
)  # fmt: skip
def test_amounts_are_written_in_words(value: str, words: str) -> None:
    assert to_words(D(value)) == words
    assert from_words(words) == D(value)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        # what real papers print beside the canonical form (§4.4)
        ("壹仟肆佰零玖元伍角", "1409.50"), ("壹仟陆佰捌拾元零叁角贰分", "1680.32"), ("壹拾万零柒仟元伍角叁分", "107000.53"),
        ("壹拾万柒仟元零伍角叁分", "107000.53"), ("壹佰玖拾元零壹角玖分", "190.19"), ("伍拾叁圆肆角", "53.40"),
        ("⊗玖拾元整", "90"), ("肆拾圆陆分", "40.06"), ("壹仟伍佰圆整", "1500"), ("叁拾玖元伍角肆分", "39.54"), ("拾元整", "10"),
        ("壹拾壹圆贰角", "11.20"), ("（负数）伍佰圆整", "-500"), ("负伍佰圆整", "-500"), ("(负数)伍佰元正", "-500"),
        ("零圆零壹分", "0.01"), ("ⓧ伍佰贰拾陆圆整", "526"), ("Ⓧ伍佰贰拾陆圆整", "526"), ("⑧伍佰贰拾陆圆整", "526"),
        ("® 伍佰 贰拾陆 圆整", "526"), ("○伍佰贰拾陆圆整", "526"), ("X伍佰贰拾陆圆整", "526"), ("¥伍佰贰拾陆圆整", "526"),
        ("伍佰贰拾陆整", "526"), ("伍佰贰拾陆", "526"), ("零佰零拾陆圆零角零分", "6"), ("两万元整", "20000"),
        ("五百二十六元整", "526"), ("貳仟圓整", "2000"), ("壹億零壹萬元", "100010000"), ("壹万亿元", "1000000000000"),
        # what readers make of the characters
        ("壶仟肄佰零致园伍角正", "1409.50"), ("式佰参拾染固别角", "237.80"), ("武什六伯柒合元", "2670"), ("政任元整", "9000"),
        ("漆佰元", "700"),
    ],
)  # fmt: skip
def test_words_are_read_leniently(words: str, value: str) -> None:
    assert from_words(words) == D(value)


@pytest.mark.parametrize(
    "words",
    [
        "", "元整", "整", "伍贰拾元", "壹佰拾元整", "拾佰元", "伍拾佰元", "伍佰元贰", "壹万壹万元", "壹亿壹亿元", "万元", "伍角伍角",
        "伍分伍角", "壹元壹元", "合计", "伍佰贰拾陆角", "负", "526.00",
    ],
)  # fmt: skip
def test_words_in_disorder_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"no number|a digit is missing"):
        from_words(words)


@given(MONEY)
def test_words_say_the_number_they_were_made_of(value: Decimal) -> None:
    assert from_words(to_words(value)) == value


@pytest.mark.parametrize("value", ["0.001", "10000000000000000", "-10000000000000000"])
def test_no_words_for_what_is_no_money(value: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        to_words(D(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("526.00", "526.00"), ("¥526.00", "526.00"), ("￥1,409.50", "1409.50"), ("Ұ57", "57"), ("Y57.00", "57.00"), ("V57.00", "57.00"),
        ("57", "57"), ("6.2", "6.2"), ("-477.88", "-477.88"), ("¥-477.88", "-477.88"), ("-¥477.88", "-477.88"), ("¥￥477.88", "477.88"),
        ("−477.88", "-477.88"), ("负477.88", "-477.88"), ("（负数）477.88", "-477.88"), ("１２３．４５", "123.45"),
        ("1 456.31", "1456.31"), ("1,234,567.89", "1234567.89"), ("510,68", "510.68"), ("510。68", "510.68"),
        ("5l0.O8", "510.08"), ("90.00元", "90.00"), ("90元整", "90"), ("RMB 90", "90"), ("CNY90", "90"),
        ("251.830000", "251.830000"), ("-0.00", "0.00"),
    ],
)  # fmt: skip
def test_money_is_read(text: str, value: str) -> None:
    assert str(parse_money(text)) == value


@pytest.mark.parametrize(
    "text",
    ["***", "*", "免税", "不征税", "", " ", "-", "¥", "4.449.00", "1,45.63", "12a", "--5", "1234567890123", "合计"],
)
def test_what_is_no_money_is_none(text: str) -> None:
    assert parse_money(text) is None


@given(MONEY)
def test_printed_money_is_read_back(value: Decimal) -> None:
    value = value or abs(value)
    if abs(value) < 10**12:
        assert parse_money(f"¥{value:,.2f}") == value
        assert parse_money(f"{value:.2f}") == value


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("13%", "0.13"), ("13.00%", "0.13"), ("0.13", "0.13"), ("0.030000", "0.03"), ("0.03", "0.03"), ("1.5%", "0.015"),
        ("1%", "0.01"), ("0%", "0"), ("0", "0"), ("６％", "0.06"), ("3", "0.03"), ("1", "0.01"), (" 9 % ", "0.09"),
    ],
)  # fmt: skip
def test_rates_are_read(text: str, rate: str) -> None:
    assert parse_rate(text) == D(rate)


@pytest.mark.parametrize("text", ["免税", "不征税", "***", "*", "", "abc", "%", "113%"])
def test_what_is_no_rate_is_none(text: str) -> None:
    assert parse_rate(text) is None


@pytest.mark.parametrize(
    ("net", "tax", "total", "good"),
    [
        ("510.68", "15.32", "526.00", True), ("4197.17", "251.83", "4449.00", True), ("57.00", None, "57.00", True),
        ("-500", "-30", "-530", True), ("198.04", "1.96", "200.00", True), ("510.68", "15.33", "526.00", False),
        ("733.94", None, "870.00", False),
    ],
)  # fmt: skip
def test_sums(net: str, tax: str | None, total: str, *, good: bool) -> None:
    assert sums_agree(D(net), None if tax is None else D(tax), D(total)) is good


@pytest.mark.parametrize(
    ("net", "tax", "good"),
    [("510.68", "15.32", True), ("15.32", "510.68", False), ("-100", "-13", True), ("-100", "13", False), ("100", "0", True),
     ("5999.00", "1019.83", True), ("0.05", "0.01", True), ("100", "19", False)],
)  # fmt: skip
def test_a_tax_is_told_from_a_net(net: str, tax: str, *, good: bool) -> None:
    assert tax_plausible(D(net), D(tax)) is good


def test_lines_agree_within_the_tolerances() -> None:
    assert line_tax_agrees(D("17699.12"), D("0.13"), D("2300.88"))
    assert line_tax_agrees(D("-477.88"), D("0.13"), D("-62.12"))
    assert not line_tax_agrees(D("17699.12"), D("0.13"), D("2300.95"))
    assert invoice_tax_agrees([(D("5440.71"), D("0.13")), (D("-477.88"), D("0.13"))], D("645.17"))
    assert not invoice_tax_agrees([(D("5440.71"), D("0.13"))], D("645.17"))
    assert price_agrees(D(3), D("33.333333333333"), D("100.00"))
    assert not price_agrees(D(3), D("33.33"), D("100.01"))


def test_half_a_cent_goes_up() -> None:
    assert cents(D("2.345")) == D("2.35")

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.normalise import normalise, text
from ocr.types import MONEY, FieldName

F = FieldName
ODD = "0123456789OoIlQ年月日./-:¥￥,*（）()[] 　ＡＢ１２负元角分整零壹贰叁拾佰仟万⊗某公司号码DTNo№abXZ·。"


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("  发票　代码\n011 ", "发票 代码 011"),
        ("１２３ＡＢＣ（）：", "123ABC():"),
        ("⻔⻝⻆⻓⻋", "门食角长车"),
        ("\u200b北\ufeff京\u00ad", "北京"),
        ("⼈⼝", "人口"),
        ("№", "No"),
        ("", ""),
    ],
)
def test_text_has_one_spelling(raw: str, plain: str) -> None:
    assert text(raw) == plain


def test_no_radical_with_a_character_of_its_own_is_left() -> None:
    radicals = [chr(point) for point in range(0x2E81, 0x2FE0) if unicodedata.name(chr(point), "")]
    assert all("RADICAL" not in unicodedata.name(char) for radical in radicals for char in text(radical))


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        (F.CODE, "011002300611", "011002300611"),
        (F.CODE, "０１１００２３００６１１", "011002300611"),
        (F.CODE, "O110 0230 06I1", "011002300611"),
        (F.CODE, "1100153130", "1100153130"),
        (F.CODE, "00010126", "00010126"),
        (F.CODE, "01100230061", None),
        (F.CODE, "01100230061A", None),
        (F.CODE, "1110 1234 b001", "11101234B001"),
        (F.NUMBER, "00985283", "00985283"),
        (F.NUMBER, "№ 00985283", "00985283"),
        (F.NUMBER, "No.0O98528l", "00985281"),
        (F.NUMBER, "2411 2000 0000 4854 2163", "24112000000048542163"),
        (F.NUMBER, "0010925600", "0010925600"),
        (F.NUMBER, "7812345678901", "7812345678901"),
        (F.NUMBER, "531620201160129048/l02", "531620201160129048-L02"),
        (F.NUMBER, "001H034094", "001H034094"),
        (F.NUMBER, "a123456", "A123456"),
        (F.NUMBER, "1234567", None),
        (F.NUMBER, "合计", None),
        (F.DATE, "2024年05月28日", "2024-05-28"),
        (F.DATE, "2024 年 5 月 8 日", "2024-05-08"),
        (F.DATE, "2024-05-28", "2024-05-28"),
        (F.DATE, "20240528", "2024-05-28"),
        (F.DATE, "2024/5/28", "2024-05-28"),
        (F.DATE, "2024.05.28", "2024-05-28"),
        (F.DATE, "2O24年O5月l8日", "2024-05-18"),
        (F.DATE, "2024-05-28 10:00:05", "2024-05-28"),
        (F.DATE, "2024-05-28T10:00:05", "2024-05-28"),
        (F.DATE, "2026年07月24日 18:22", "2026-07-24"),
        (F.DATE, "2024-02-30", None),
        (F.DATE, "1924-05-28", None),
        (F.DATE, "24-05-28", None),
        (F.DATE, "202405281", None),
        (F.DATE, "昨天", None),
        (F.CHECK_CODE, "62330 71956 37533 25108", "62330719563753325108"),
        (F.CHECK_CODE, "b05e2a", "b05e2a"),
        (F.CHECK_CODE, "a1B2c", "a1B2c"),
        (F.CHECK_CODE, "6233071956375332510", None),
        (F.MACHINE_NUMBER, "499099 123456", "499099123456"),
        (F.MACHINE_NUMBER, "4990", None),
        (F.SELLER_TAX_ID, "91110108690017781b", "91110108690017781B"),
        (F.BUYER_TAX_ID, "9111 0108 6900 1778 1B", "91110108690017781B"),
        (F.BUYER_TAX_ID, "51019800DK01187", "51019800DK01187"),
        (F.BUYER_TAX_ID, "110***********002X", None),
        (F.BUYER_TAX_ID, "1101***********02X", "1101***********02X"),
        (F.BUYER_TAX_ID, "个人", None),
        (F.BUYER_TAX_ID, "/", None),
        (F.BUYER_NAME, "某某(北京)有限公司", "某某（北京）有限公司"),
        (F.BUYER_NAME, "名：某某（北京）有限公司", "名:某某（北京）有限公司"),
        (F.BUYER_NAME, "：某某 （北京） 有限 公司，", "某某（北京）有限公司"),
        (F.SELLER_NAME, "Example Trading Co., Ltd.", "Example Trading Co., Ltd."),
        (F.SELLER_NAME, "某某公司..", "某某公司"),
        (F.SELLER_NAME, "个人", "个人"),
        (F.SELLER_NAME, "***", None),
        (F.SELLER_NAME, "12345", None),
        (F.DRAWER, " 管理员 ", "管理员"),
        (F.NET, "¥510.68", "510.68"),
        (F.NET, "￥1,409.5", "1409.50"),
        (F.TAX, "***", None),
        (F.TAX, "*", None),
        (F.TAX, "免税", None),
        (F.TAX, "-0.00", "0.00"),
        (F.TOTAL, "Ұ-526", "-526.00"),
        (F.TOTAL, "251.830000", "251.83"),
        (F.TOTAL_IN_WORDS, "⊗伍佰贰拾陆圆整", "526.00"),
        (F.TOTAL_IN_WORDS, "（负数）伍佰圆整", "-500.00"),
        (F.TOTAL_IN_WORDS, "526.00", "526.00"),
        (F.TOTAL_IN_WORDS, "合计", None),
        (F.SERIAL, "65773300460326 A123456", "65773300460326A123456"),
        (F.SERIAL, "-", None),
        (
            F.RED_OF,
            "被红冲蓝字数电票号码：24112000000048542163 红字发票信息确认单编号：11010824091002615708",
            "D:24112000000048542163",
        ),
        (F.RED_OF, "被红冲蓝字数电发票号码:24112000000048542163", "D:24112000000048542163"),
        (F.RED_OF, "对应正数发票代码:011002300104号码:00985283", "T:011002300104:00985283"),
        (F.RED_OF, "03300220021199934328", "T:033002200211:99934328"),
        (F.RED_OF, "D:24112000000048542163", "D:24112000000048542163"),
        (F.RED_OF, "T:1100153130:00985283", "T:1100153130:00985283"),
        (F.RED_OF, "011002300104", None),
        (F.RED_OF, "无", None),
        (F.REMARK, " 车牌号：京A12345 ", "车牌号:京A12345"),
        (F.MARK, "", None),
        (F.ROUTE, "北京南 – 上海虹桥", "北京南 – 上海虹桥"),
    ],
)
def test_each_field_has_one_spelling(name: FieldName, raw: str, value: str | None) -> None:
    assert normalise(name, raw) == value


@given(st.sampled_from(FieldName), st.one_of(st.text(max_size=40), st.text(ODD, max_size=30)))
def test_a_second_time_changes_nothing(name: FieldName, raw: str) -> None:
    once = normalise(name, raw)
    if once is not None:
        assert once
        assert normalise(name, once) == once


@given(st.sampled_from(sorted(MONEY)), st.decimals("-99999999999.99", "99999999999.99", places=2, allow_nan=False))
def test_money_keeps_its_cents(name: FieldName, value: object) -> None:
    plain = f"{value:.2f}"
    assert normalise(name, f"￥{plain}") == ("0.00" if plain == "-0.00" else plain)


@given(st.text(max_size=60))
def test_text_is_settled_at_once(raw: str) -> None:
    assert text(text(raw)) == text(raw)

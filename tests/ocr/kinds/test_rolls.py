"""Rolls, machine-printed sheets, quota slips, blockchain invoices, and the fares of other cities' taxis."""

from __future__ import annotations

import pytest

from ocr.classify import classify
from ocr.kinds import blockchain, machine, meter, quota, roll, taxi
from ocr.kinds.found import Found
from ocr.types import FieldName, Kind
from tests.ocr.sheets import At, said, sheet

F = FieldName
WIDE = (76.0, 178.0)
BUYER, BUYER_ID = "某某云泉科技有限公司", "91110108690017781B"
SELLER, SELLER_ID = "某市小桥商贸（集团）有限公司", "91330106MA7GAL1299"


def rows(*texts: str) -> tuple[At, ...]:
    return tuple((5.0, 10.0 + 6 * index, text) for index, text in enumerate(texts))


ROLL = rows(
    "增值税普通发票（卷票）", "发票代码 033002200107", "发票号码 01234567", "机打号码：01234567", "机器编号：661234567890",
    "销售方名称：某市小桥商贸（集团）", "有限公司", f"纳税人识别号：{SELLER_ID}", "开票日期：2022-03-04", "收款员：李三",
    f"购买方名称：{BUYER}", "纳税人识别号：91110108690017", "781B", "项目 数量 单价 金额", "餐费 1 56.80 56.80",
    "合计金额（小写）：￥56.80", "合计金额（大写）：伍拾陆圆捌", "角整", "校验码：16197 83356 74144", "07415",
)  # fmt: skip


def read(texts: tuple[At, ...]) -> Found:
    return roll.extract(sheet(texts, WIDE), 0, Kind.VAT_ROLL)


def test_what_wraps_on_a_roll_is_put_together_and_an_identity_is_that_of_the_party_above() -> None:
    assert said(read(ROLL)) == {
        F.CODE: "033002200107",
        F.NUMBER: "01234567",
        F.PRINTED_NUMBER: "01234567",
        F.MACHINE_NUMBER: "661234567890",
        F.SELLER_NAME: SELLER,
        F.SELLER_TAX_ID: SELLER_ID,
        F.DATE: "2022-03-04",
        F.DRAWER: "李三",
        F.BUYER_NAME: BUYER,
        F.BUYER_TAX_ID: BUYER_ID,
        F.TOTAL: "56.80",
        F.TOTAL_IN_WORDS: "56.80",
        F.CHECK_CODE: "16197833567414407415",
    }


def test_words_that_give_a_total_alone_are_no_second_witness_of_it() -> None:
    found = read(tuple(at for at in ROLL if "小写" not in at[2]))
    total, words = (next(value for value in found.values if value.name is name) for name in (F.TOTAL, F.TOTAL_IN_WORDS))
    assert total.value == "56.80"
    assert (total.raw, total.box) == (words.raw, words.box)


@pytest.mark.parametrize("words", ["陆圆捌角整", "伍拾陆圆整"])
def test_words_of_which_a_seal_has_left_a_part_do_not_speak_against_the_figures(words: str) -> None:
    cut = tuple(
        (x, y, f"合计金额（大写）：{words}" if "大写" in text else text) for x, y, text in ROLL if text != "角整"
    )
    assert {value.value for value in read(cut).values if value.name is F.TOTAL} == {"56.80"}


def test_words_whose_beginning_lies_under_something_else_are_left_out() -> None:
    cut = tuple((x, y, "合计金额（大写）公司陆圆整" if "大写" in text else text) for x, y, text in ROLL)
    values = said(read(tuple(at for at in cut if "小写" not in at[2])))
    assert F.TOTAL not in values


def test_a_roll_is_told_by_its_code_when_its_title_is_cut() -> None:
    cut = tuple((x, y, "增值税普通发票（" if "卷票" in text else text) for x, y, text in ROLL)
    assert classify(sheet(cut, WIDE)) is Kind.VAT_ROLL
    assert classify(sheet(cut[1:], WIDE)) is Kind.VAT_ROLL


SHEET: tuple[At, ...] = (
    (70.0, 10.0, "某省通用机打发票"),
    (140.0, 20.0, "发票代码"),
    (158.0, 20.0, "133002180131"),
    (140.0, 26.0, "发票号码"),
    (158.0, 26.0, "07654321"),
    (15.0, 34.0, "开票日期：2020年03月04日"),
    (15.0, 42.0, "购货单位名称"),
    (45.0, 42.5, BUYER),
    (118.0, 42.0, "纳税人识别号"),
    (145.0, 42.5, BUYER_ID),
    (15.0, 50.0, "销货单位名称"),
    (45.0, 50.5, SELLER),
    (118.0, 50.0, "纳税人识别号"),
    (145.0, 50.5, SELLER_ID),
    (30.0, 58.0, "项目"),
    (160.0, 58.0, "金额"),
    (15.0, 66.0, "打印纸"),
    (160.0, 66.0, "100.00"),
    (15.0, 74.0, "合计金额（大写）"),
    (50.0, 74.0, "壹佰元整"),
    (140.0, 74.0, "（小写）"),
    (155.0, 74.0, "￥100.00"),
)


def test_a_machine_printed_sheet_has_its_parties_by_row_and_its_total_beside_the_label() -> None:
    form = sheet(SHEET)
    assert classify(form) is Kind.MACHINE_GENERAL
    values = said(machine.extract(form, 0, Kind.MACHINE_GENERAL))
    assert (values[F.CODE], values[F.NUMBER], values[F.DATE]) == ("133002180131", "07654321", "2020-03-04")
    assert (values[F.BUYER_NAME], values[F.BUYER_TAX_ID]) == (BUYER, BUYER_ID)
    assert (values[F.SELLER_NAME], values[F.SELLER_TAX_ID]) == (SELLER, SELLER_ID)
    assert values[F.TOTAL] == "100.00"


def test_a_line_of_the_table_is_never_its_total() -> None:
    bare = [at for at in SHEET if at[2] not in {"￥100.00", "壹佰元整"}]
    assert F.TOTAL not in said(machine.extract(sheet(bare), 0, Kind.MACHINE_GENERAL))


def test_a_quota_slip_is_worth_what_it_says_in_words_and_no_such_slip_is_worth_anything_else() -> None:
    texts = rows(
        "某省通用定额发票", "发票代码 133001750101", "发票号码 01234567", "伍拾元整", "￥7元", "开票日期： 年 月 日"
    )
    found = quota.extract(sheet(texts, (100, 60)), 0)
    assert said(found) == {F.CODE: "133001750101", F.NUMBER: "01234567", F.TOTAL: "50.00", F.TOTAL_IN_WORDS: "50.00"}
    assert len({value.raw for value in found.values if value.name in {F.TOTAL, F.TOTAL_IN_WORDS}}) == 1


def test_the_electronic_invoice_of_a_local_code_is_a_blockchain_one_with_five_signs_to_check() -> None:
    texts = (
        (70.0, 10.0, "某市电子普通发票"),
        (145.0, 10.0, "发票代码：144032009110"),
        (145.0, 16.0, "发票号码：01034285"),
        (145.0, 22.0, "开票日期：2020年03月20日"),
        (145.0, 28.0, "校验码：a1b2c"),
        (10.0, 36.0, f"名称：{BUYER}"),
        (10.0, 42.0, f"纳税人识别号：{BUYER_ID}"),
    )
    form = sheet(texts)
    assert classify(form) is Kind.BLOCKCHAIN
    values = said(blockchain.extract(form, 0))
    assert (values[F.CODE], values[F.NUMBER], values[F.CHECK_CODE]) == ("144032009110", "01034285", "a1b2c")


METER = {
    "日期": "2021-03-04", "上车": "10:31", "下车": "10:52", "单价": "2.30元", "里程": "9.9km", "等候": "00:03:12", "金额": "31.00元",
    "附加费": "2.00元", "合计金额": "33.00元",
}  # fmt: skip


def metered(order: list[str], shift: float = 0.0) -> list[At]:
    labels = [(8.0, 60.0 + 5 * row, f"{name}：") for row, name in enumerate(order)]
    return [
        *labels,
        *((34.0, 60.0 + 5 * (row + shift), METER[name]) for row, name in enumerate(order) if name in METER),
    ]


@pytest.mark.parametrize("shift", [-1.0, -0.3, 0.0, 0.4, 1.0])
@pytest.mark.parametrize(
    "order", [list(METER), ["日期", "合计金额", "附加费", "金额", "上车", "下车", "里程", "等候", "单价"]]
)
def test_a_fare_is_known_by_its_label_in_whatever_order_the_meter_prints(order: list[str], shift: float) -> None:
    form = sheet(metered(order, shift), (58, 180))
    assert said(taxi.extract(form, 0, Kind.TAXI))[F.TOTAL] == "33.00"


def test_a_fare_whose_row_holds_no_money_is_not_taken_from_the_price_or_a_surcharge() -> None:
    texts = [at for at in metered(list(METER)) if at[2] != "33.00元"]
    assert F.TOTAL not in said(taxi.extract(sheet(texts, (58, 180)), 0, Kind.TAXI))


def test_a_meter_that_gives_no_sure_row_leaves_the_fare_to_the_order_of_its_values() -> None:
    form = sheet([(8.0, 60.0, "金额："), (34.0, 60.0, "31.00元")], (58, 180))
    assert meter.fare(form, meter.values(form)) is None
    astray = [*metered(["日期", "里程", "金额"]), (8.0, 90.0, "等候："), (34.0, 70.0, "00:03:12")]
    form = sheet(astray, (58, 180))
    assert meter.fare(form, meter.values(form)) is None

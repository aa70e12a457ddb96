"""Taxi slips, train, coach and air tickets, fiscal bills, lists, and papers of other forms."""

from __future__ import annotations

import pytest

from ocr.kinds import air, attachment, coach, fiscal, general, rail, taxi
from ocr.types import FieldName, Kind
from tests.ocr.sheets import At, said, sheet

SLIP = (57.0, 180.0)
TAXI: tuple[At, ...] = (
    (8.0, 10.0, "某市出租汽车专用发票"),
    (8.0, 20.0, "发票代码144032370119"),
    (8.0, 26.0, "发票号码01234567"),
    (8.0, 32.0, "单位名称：某市小桥出租汽车有限公司"),
    (8.0, 38.0, "某市印务实业有限公司制"),
)
LABELS = (
    "车号：",
    "证号：",
    "日期：",
    "上车：",
    "下车：",
    "单价：",
    "里程：",
    "等候：",
    "金额：",
    "另收附加费：",
    "卡号：",
)
VALUES = (
    "BAA1234", "9000110953", "2023年12月09日", "10:34", "10:54", "2.70元", "10.56KM", "00:07:52", "¥39.50元", "¥0.00元",
)  # fmt: skip


def slip(shift: float) -> list[At]:
    """A slip whose meter printed every value `shift` rows below its label."""
    rows = [(8.0, 60.0 + 6 * row, label) for row, label in enumerate(LABELS)]
    return [*TAXI, *rows, *((32.0, 60.0 + 6 * (row + shift), value) for row, value in enumerate(VALUES))]


@pytest.mark.parametrize("shift", [-2, -1, -0.5, 0, 0.5, 1])
def test_a_meter_that_prints_beside_its_labels_or_not_gives_the_same_slip(shift: float) -> None:
    values = said(taxi.extract(sheet(slip(shift), SLIP), 0, Kind.TAXI))
    assert values == {
        FieldName.CODE: "144032370119",
        FieldName.NUMBER: "01234567",
        FieldName.DATE: "2023-12-09",
        FieldName.TOTAL: "39.50",
        FieldName.SELLER_NAME: "某市小桥出租汽车有限公司",
        FieldName.VEHICLE: "BAA1234",
    }


def test_a_fare_that_was_not_read_is_not_taken_from_a_surcharge() -> None:
    texts = [at for at in slip(0) if at[2] != "¥39.50元"]
    assert FieldName.TOTAL not in said(taxi.extract(sheet(texts, SLIP), 0, Kind.TAXI))


def test_a_slip_without_labels_of_the_key_is_read_by_shape() -> None:
    texts = [
        (8.0, 20.0, "111001781234"),
        (8.0, 26.0, "07654321"),
        (8.0, 40.0, "24-01-05"),
        (8.0, 50.0, "金额 45.00元"),
    ]
    values = said(taxi.extract(sheet(texts, SLIP), 0, Kind.TAXI))
    assert values[FieldName.CODE] == "111001781234"
    assert values[FieldName.NUMBER] == "07654321"
    assert values[FieldName.DATE] == "2024-01-05"
    assert values[FieldName.TOTAL] == "45.00"


TRAIN: tuple[At, ...] = (
    (5.0, 4.0, "D012345"),
    (60.0, 4.0, "检票：12A"),
    (6.0, 12.0, "云泉南站"),
    (36.0, 12.0, "G103"),
    (56.0, 12.0, "小桥站"),
    (6.0, 22.0, "2019年05月06日08:00开"),
    (52.0, 22.0, "05车03A号"),
    (6.0, 28.0, "￥553.5元"),
    (52.0, 28.0, "二等座"),
    (6.0, 34.0, "限乘当日当次车"),
    (6.0, 40.0, "1101081990****123X李明"),
    (6.0, 52.0, "65810311520507D012345 云泉南售"),
)


def test_a_paper_train_ticket_has_its_number_serial_fare_and_journey() -> None:
    values = said(rail.extract_paper(sheet(TRAIN, (86, 58)), 0))
    assert values == {
        FieldName.NUMBER: "D012345",
        FieldName.SERIAL: "65810311520507D012345",
        FieldName.DATE: "2019-05-06",
        FieldName.TOTAL: "553.50",
        FieldName.VEHICLE: "G103",
        FieldName.ROUTE: "云泉南-小桥",
        FieldName.TRAVELLER: "1101081990****123X李明",
    }


def test_an_electronic_train_ticket_is_dated_by_its_issue() -> None:
    texts = [
        (70.0, 10.0, "电子发票（铁路电子客票）"),
        (10.0, 20.0, "发票号码：26339132621000219582"),
        (140.0, 20.0, "开票日期：2026年04月25日"),
        (40.0, 35.0, "云泉站"),
        (90.0, 35.0, "G7512"),
        (130.0, 35.0, "小桥站"),
        (40.0, 50.0, "2026年04月23日 08:00开"),
        (40.0, 60.0, "票价：￥56.00"),
        (40.0, 70.0, "1101081990****123X 李明"),
        (10.0, 80.0, "电子客票号：1262133952042300112345678"),
        (10.0, 90.0, "购买方名称：北京云泉科技有限公司"),
        (100.0, 90.0, "统一社会信用代码：91110108690017781B"),
    ]
    values = said(rail.extract_electronic(sheet(texts), 0))
    assert values[FieldName.NUMBER] == "26339132621000219582"
    assert values[FieldName.DATE] == "2026-04-25"
    assert values[FieldName.TOTAL] == "56.00"
    assert values[FieldName.ROUTE] == "云泉-小桥"
    assert values[FieldName.VEHICLE] == "G7512"
    assert values[FieldName.BUYER_NAME] == "北京云泉科技有限公司"
    assert values[FieldName.BUYER_TAX_ID] == "91110108690017781B"


def test_a_coach_ticket_has_code_number_fare_and_route() -> None:
    texts = [
        (10.0, 5.0, "某市公路汽车客运发票"),
        (10.0, 15.0, "发票代码 111002370512"),
        (60.0, 15.0, "发票号码 19604872"),
        (10.0, 22.0, "发站：云泉"),
        (40.0, 22.0, "到站：小桥"),
        (70.0, 22.0, "车次：K2176"),
        (10.0, 29.0, "乘车日期：2023年10月27日"),
        (10.0, 36.0, "票价：¥68.00"),
        (10.0, 43.0, "收款单位：某市长途客运有限公司"),
    ]
    values = said(coach.extract(sheet(texts, (120, 60)), 0))
    assert values == {
        FieldName.CODE: "111002370512",
        FieldName.NUMBER: "19604872",
        FieldName.DATE: "2023-10-27",
        FieldName.TOTAL: "68.00",
        FieldName.SELLER_NAME: "某市长途客运有限公司",
        FieldName.VEHICLE: "K2176",
        FieldName.ROUTE: "云泉-小桥",
    }


@pytest.mark.parametrize("payee", ["某市云泉学会", "某市云泉学会财务专用章"])
def test_a_fiscal_bill_names_payer_and_payee(payee: str) -> None:
    texts = [
        (70.0, 5.0, "某市非税收入统一票据（电子）"),
        (15.0, 20.0, "票据代码：00010126"),
        (130.0, 20.0, "票据号码：0010925600"),
        (15.0, 26.0, "交款人统一社会信用代码：91110108690017781B"),
        (130.0, 26.0, "校验码：b05e2a"),
        (15.0, 32.0, "交款人：北京云泉科技有限公司"),
        (130.0, 32.0, "开票日期：2026-06-09"),
        (15.0, 80.0, "金额合计（大写）玖拾元整"),
        (120.0, 80.0, "（小写）"),
        (140.0, 80.0, "90.00"),
        (15.0, 120.0, f"收款单位（章）：{payee}"),
        (100.0, 120.0, "复核人：孙二"),
        (150.0, 120.0, "收款人：钱一"),
    ]
    values = said(fiscal.extract(sheet(texts), 0))
    assert values == {
        FieldName.CODE: "00010126",
        FieldName.NUMBER: "0010925600",
        FieldName.CHECK_CODE: "b05e2a",
        FieldName.DATE: "2026-06-09",
        FieldName.BUYER_NAME: "北京云泉科技有限公司",
        FieldName.BUYER_TAX_ID: "91110108690017781B",
        FieldName.SELLER_NAME: "某市云泉学会",
        FieldName.TOTAL: "90.00",
        FieldName.TOTAL_IN_WORDS: "90.00",
        FieldName.DRAWER: "孙二",
    }


def test_a_payee_whose_label_lies_under_the_seal_is_read_with_less_trust() -> None:
    texts = [
        (15.0, 20.0, "票据代码：00010126"),
        (15.0, 120.0, "收款益（务专用某市云泉学会"),
        (100.0, 120.0, "收款人：钱一"),
    ]
    (payee,) = [v for v in fiscal.extract(sheet(texts), 0).values if v.name is FieldName.SELLER_NAME]
    assert payee.value == "某市云泉学会"
    assert payee.confidence < 1.0


def test_an_itinerary_is_read_beside_and_below_its_labels() -> None:
    texts = [
        (60.0, 5.0, "电子发票（航空运输电子客票行程单）"),
        (10.0, 15.0, "发票号码：25118000000000000017"),
        (10.0, 25.0, "旅客姓名：李明"),
        (10.0, 60.0, "票价"),
        (60.0, 60.0, "增值税税额"),
        (120.0, 60.0, "合计"),
        (10.0, 65.0, "CNY 733.94"),
        (60.0, 65.0, "CNY 67.71"),
        (120.0, 65.0, "CNY 870.00"),
        (10.0, 80.0, "电子客票号码：9991234567890"),
        (10.0, 90.0, "填开单位：小桥航空服务有限公司"),
        (110.0, 90.0, "填开日期：2025-03-05"),
    ]
    values = said(air.extract(sheet(texts), 0, Kind.AIR_E))
    assert values[FieldName.NUMBER] == "25118000000000000017"
    assert values[FieldName.TOTAL] == "870.00"
    assert values[FieldName.TAX] == "67.71"
    assert values[FieldName.DATE] == "2025-03-05"
    assert values[FieldName.SERIAL] == "9991234567890"
    assert values[FieldName.SELLER_NAME] == "小桥航空服务有限公司"


def test_a_paper_of_no_known_form_is_read_by_its_labels() -> None:
    texts = [
        (5.0, 5.0, "增值税普通发票（卷票）"),
        (5.0, 15.0, "发票代码 033002200106"),
        (5.0, 21.0, "发票号码 01234567"),
        (5.0, 27.0, "开票日期：2022-03-04"),
        (5.0, 33.0, "销售方名称：小桥超市有限公司"),
        (5.0, 39.0, "销售方税号：91330106MA7GAL1299"),
        (5.0, 45.0, "合计金额（小写）：￥56.80"),
        (5.0, 51.0, "校验码：16197833567414407415"),
    ]
    values = said(general.extract(sheet(texts, (76, 178)), 0, Kind.UNKNOWN))
    assert values == {
        FieldName.CODE: "033002200106",
        FieldName.NUMBER: "01234567",
        FieldName.DATE: "2022-03-04",
        FieldName.SELLER_NAME: "小桥超市有限公司",
        FieldName.SELLER_TAX_ID: "91330106MA7GAL1299",
        FieldName.TOTAL: "56.80",
        FieldName.CHECK_CODE: "16197833567414407415",
    }


def test_a_list_of_goods_cites_its_invoice_and_states_no_total() -> None:
    texts = [
        (60.0, 5.0, "销售货物或者提供应税劳务、服务清单"),
        (10.0, 15.0, "购买方名称：北京云泉科技有限公司"),
        (10.0, 21.0, "所属增值税电子普通发票代码：033002000211"),
        (120.0, 21.0, "号码：83089647"),
        (5.0, 30.0, "货物(劳务)名称"),
        (62.0, 30.0, "规格型号"),
        (145.0, 30.0, "金额"),
        (187.0, 30.0, "税额"),
        (10.0, 120.0, "总计"),
        (145.0, 120.0, "¥510.68"),
    ]
    values = said(attachment.extract_list(sheet(texts), 0))
    assert values[FieldName.CODE] == "033002000211"
    assert values[FieldName.NUMBER] == "83089647"
    assert FieldName.TOTAL not in values


def test_a_list_of_rides_states_its_total() -> None:
    texts = [(70.0, 5.0, "出行-行程单"), (10.0, 20.0, "共4笔行程，合计250.65元"), (10.0, 30.0, "上车时间")]
    assert said(attachment.extract_rides(sheet(texts), 0)) == {FieldName.TOTAL: "250.65"}


def test_a_coach_ticket_without_labels_is_read_by_shape() -> None:
    texts = [
        (10.0, 15.0, "111002370512"),
        (60.0, 15.0, "19604872"),
        (10.0, 22.0, "云泉站→小桥站"),
        (10.0, 36.0, "68.00元"),
    ]
    values = said(coach.extract(sheet(texts, (120, 60)), 0))
    assert values[FieldName.ROUTE] == "云泉-小桥"
    assert values[FieldName.TOTAL] == "68.00"


def test_a_train_ticket_whose_currency_sign_was_lost_still_has_its_fare() -> None:
    lost = [(x, y, text.replace("￥", "")) for x, y, text in TRAIN]
    assert said(rail.extract_paper(sheet(lost, (86, 58)), 0))[FieldName.TOTAL] == "553.50"


def test_an_electronic_ticket_is_read_without_the_labels_of_number_and_fare() -> None:
    texts = [(70.0, 10.0, "电子发票（铁路电子客票）"), (10.0, 20.0, "26339132621000219582"), (40.0, 60.0, "￥56.00")]
    values = said(rail.extract_electronic(sheet(texts), 0))
    assert values == {FieldName.NUMBER: "26339132621000219582", FieldName.TOTAL: "56.00"}


def test_a_paper_of_no_known_form_without_labels_of_its_key_is_read_by_shape() -> None:
    texts = [
        (70.0, 5.0, "某市通用机打发票"),
        (20.0, 15.0, "111001781234"),
        (150.0, 15.0, "07654321"),
        (20.0, 25.0, "2020年03月04日"),
        (20.0, 90.0, "合计人民币（大写）壹佰元整"),
        (120.0, 90.0, "（小写）￥100.00"),
    ]
    values = said(general.extract(sheet(texts), 0, Kind.UNKNOWN))
    assert values == {
        FieldName.CODE: "111001781234",
        FieldName.NUMBER: "07654321",
        FieldName.DATE: "2020-03-04",
        FieldName.TOTAL: "100.00",
        FieldName.TOTAL_IN_WORDS: "100.00",
    }

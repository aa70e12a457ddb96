"""Invoices of a vehicle's sale, by words set by hand."""

from __future__ import annotations

import pytest

from ocr.classify import classify
from ocr.kinds import vehicle
from ocr.kinds.found import Found
from ocr.types import FieldName, Kind
from tests.ocr.sheets import At, said, sheet

F = FieldName
PAGE = (241.0, 178.0)
VIN = "1M8GDM9AXKP042788"
BUYER, BUYER_ID = "某某云泉科技有限公司", "91110108690017781B"
SELLER, SELLER_ID = "某市小桥汽车销售服务有限公司", "91330106MA7GAL1299"
PERSON_ID = "11010519491231002X"
HEAD: tuple[At, ...] = (
    (80.0, 18.0, "机动车销售统一发票"),
    (165.0, 28.0, "发票代码"),
    (182.0, 28.0, "133002120130"),
    (165.0, 34.0, "发票号码"),
    (182.0, 34.0, "00472703"),
    (15.0, 38.0, "开票日期"),
    (31.0, 38.0, "2021-06-08"),
    (15.0, 44.0, "机打代码"),
    (45.0, 44.0, "133002120130"),
    (15.0, 50.0, "机打号码"),
    (45.0, 50.0, "00472703"),
    (15.0, 56.0, "机器编号"),
    (45.0, 56.0, "661234567890"),
)
CAR: tuple[At, ...] = (
    (18.0, 80.0, "车辆类型"),
    (45.0, 80.0, "小型轿车"),
    (90.0, 80.0, "厂牌型号"),
    (112.0, 80.0, "云鹿牌YL6460"),
    (18.0, 88.0, "合格证号"),
    (45.0, 88.0, "YL1290512345678"),
    (18.0, 96.0, "发动机号码"),
    (45.0, 96.0, "A1234567"),
    (112.0, 96.0, "车辆识别代号/车架号码"),
    (154.0, 96.0, VIN),
)
SUMS: tuple[At, ...] = (
    (18.0, 104.0, "价税合计"),
    (45.0, 104.0, "壹拾壹万叁仟圆整"),
    (154.0, 104.0, "小写"),
    (172.0, 104.0, "￥113000.00"),
    (18.0, 112.0, "销货单位名称"),
    (45.0, 112.0, SELLER),
    (18.0, 120.0, "纳税人识别号"),
    (45.0, 120.0, SELLER_ID),
    (154.0, 120.0, "账号"),
    (172.0, 120.0, "621400000000000123"),
    (18.0, 132.0, "增值税税率"),
    (18.0, 136.0, "或征收率"),
    (50.0, 134.0, "13%"),
    (66.0, 132.0, "增值税"),
    (66.0, 136.0, "税额"),
    (84.0, 134.0, "￥13000.00"),
    (18.0, 144.0, "不含税价"),
    (44.0, 144.0, "小写"),
    (54.0, 144.0, "￥100000.00"),
)
COMPANY: tuple[At, ...] = (
    (18.0, 68.0, "购买方名称"),
    (45.0, 68.0, BUYER),
    (118.0, 66.0, "纳税人识别号/统一社会"),
    (118.0, 70.0, "信用代码/身份证明号码"),
    (160.0, 68.0, BUYER_ID),
)
ALL = (*HEAD, *COMPANY, *CAR, *SUMS)


def read(texts: tuple[At, ...], kind: Kind = Kind.VEHICLE) -> Found:
    return vehicle.extract(sheet(texts, PAGE), 0, kind)


def without(texts: tuple[At, ...], *starts: str) -> tuple[At, ...]:
    return tuple(at for at in texts if not at[2].startswith(starts))


def test_every_field_of_a_new_car_is_read_in_its_role() -> None:
    assert said(read(ALL)) == {
        F.CODE: "133002120130",
        F.NUMBER: "00472703",
        F.PRINTED_CODE: "133002120130",
        F.PRINTED_NUMBER: "00472703",
        F.MACHINE_NUMBER: "661234567890",
        F.DATE: "2021-06-08",
        F.BUYER_NAME: BUYER,
        F.BUYER_TAX_ID: BUYER_ID,
        F.SELLER_NAME: SELLER,
        F.SELLER_TAX_ID: SELLER_ID,
        F.NET: "100000.00",
        F.TAX: "13000.00",
        F.TOTAL: "113000.00",
        F.TOTAL_IN_WORDS: "113000.00",
        F.VEHICLE: VIN,
    }


@pytest.mark.parametrize("drop", [-2.0, 2.0])
def test_a_print_between_the_rows_belongs_to_the_nearer_label(drop: float) -> None:
    printed = {BUYER, BUYER_ID, SELLER, SELLER_ID, VIN, "￥100000.00", "￥113000.00", "￥13000.00"}
    values = said(read(tuple((x, y + (drop if text in printed else 0), text) for x, y, text in ALL)))
    assert (values[F.BUYER_NAME], values[F.SELLER_NAME]) == (BUYER, SELLER)
    assert (values[F.BUYER_TAX_ID], values[F.SELLER_TAX_ID]) == (BUYER_ID, SELLER_ID)
    assert (values[F.NET], values[F.TAX], values[F.TOTAL]) == ("100000.00", "13000.00", "113000.00")


def test_a_person_whose_number_stands_below_the_name_in_one_cell_is_the_buyer() -> None:
    person = (
        (18.0, 64.0, "购买方名称及"),
        (18.0, 68.0, "身份证号码/"),
        (18.0, 72.0, "组织机构代码"),
        (45.0, 66.0, "陈某"),
        (45.0, 70.0, PERSON_ID),
        (118.0, 68.0, "纳税人识别号"),
    )
    values = said(read((*HEAD, *person, *CAR, *SUMS)))
    assert (values[F.BUYER_NAME], values[F.BUYER_TAX_ID]) == ("陈某", PERSON_ID)
    assert values[F.SELLER_TAX_ID] == SELLER_ID


def test_the_machines_number_stands_for_one_that_was_not_read_and_never_hides_another() -> None:
    values = said(read(without(ALL, "发票代码", "发票号码", "133002120130", "00472703") + HEAD[7:11]))
    assert (values[F.CODE], values[F.NUMBER]) == ("133002120130", "00472703")
    misfed = tuple((x, y, "00472704" if (text, x) == ("00472703", 45.0) else text) for x, y, text in ALL)
    values = said(read(misfed))
    assert (values[F.NUMBER], values[F.PRINTED_NUMBER]) == ("00472703", "00472704")


def test_code_and_number_at_the_upper_right_are_known_by_shape() -> None:
    values = said(read(without(ALL, "发票代码", "发票号码", "机打")))
    assert (values[F.CODE], values[F.NUMBER]) == ("133002120130", "00472703")


def test_what_lost_its_label_is_taken_only_when_a_check_digit_and_its_row_say_what_it_is() -> None:
    values = said(read(without(ALL, "纳税人识别号", "信用代码", "车辆识别代号")))
    assert values[F.VEHICLE] == VIN
    assert (values[F.BUYER_TAX_ID], values[F.SELLER_TAX_ID]) == (BUYER_ID, SELLER_ID)


def test_the_seal_of_the_office_above_the_first_row_is_no_buyer() -> None:
    values = said(read((*ALL, (60.0, 63.5, "某省税务局"))))
    assert values[F.BUYER_NAME] == BUYER


USED: tuple[At, ...] = (
    (15.0, 60.0, "买方单位/个人"),
    (45.0, 60.0, "陈某"),
    (140.0, 58.0, "单位代码/"),
    (140.0, 62.0, "身份证号码"),
    (172.0, 60.0, PERSON_ID),
    (15.0, 68.0, "买方单位/个人住址"),
    (45.0, 68.0, "某市长桥路1号"),
    (15.0, 76.0, "卖方单位/个人"),
    (45.0, 76.0, BUYER),
    (140.0, 74.0, "单位代码/"),
    (140.0, 78.0, "身份证号码"),
    (172.0, 76.0, BUYER_ID),
    (15.0, 92.0, "车牌照号"),
    (45.0, 92.0, "浙A12345"),
    (85.0, 92.0, "登记证号"),
    (105.0, 92.0, "330001234567"),
    (15.0, 100.0, "车架号/"),
    (15.0, 104.0, "车辆识别代码"),
    (45.0, 102.0, VIN),
    (15.0, 112.0, "车价合计(大写)"),
    (50.0, 112.0, "伍万圆整"),
    (150.0, 112.0, "小写"),
    (172.0, 112.0, "￥50000.00"),
    (15.0, 122.0, "二手车市场"),
    (45.0, 122.0, SELLER),
    (140.0, 122.0, "纳税人识别号"),
    (172.0, 122.0, SELLER_ID),
)


def test_of_a_used_car_both_parties_stand_above_the_price_and_the_market_is_none_of_them() -> None:
    values = said(read((*HEAD[1:], *USED), Kind.USED_VEHICLE))
    assert (values[F.BUYER_NAME], values[F.BUYER_TAX_ID]) == ("陈某", PERSON_ID)
    assert (values[F.SELLER_NAME], values[F.SELLER_TAX_ID]) == (BUYER, BUYER_ID)
    assert (values[F.TOTAL], values[F.TOTAL_IN_WORDS], values[F.VEHICLE]) == ("50000.00", "50000.00", VIN)
    assert F.NET not in values


def test_a_sale_is_known_by_its_labels_when_a_seal_hides_the_title() -> None:
    number = (160.0, 28.0, "发票号码：25332000000012345678")
    for texts, paper, digital in (
        (without(ALL, "机动车"), Kind.VEHICLE, Kind.DIG_VEHICLE),
        ((*HEAD[1:], *USED), Kind.USED_VEHICLE, Kind.DIG_USED_VEHICLE),
    ):
        assert classify(sheet(texts, PAGE)) is paper
        bare = without(texts, "发票代码", "发票号码", "机打", "机器", "133002120130", "00472703")
        assert classify(sheet((*bare, number), PAGE)) is digital
        assert said(read((*bare, number), digital))[F.NUMBER] == "25332000000012345678"

"""Tickets of rail and air: the rules that are easily broken, on words; and each form through the recogniser."""

from __future__ import annotations

import numpy as np
import pytest

from fixtures import damage, pdf, raster
from fixtures.drawn import Drawn
from fixtures.families import public, travel
from fixtures.invent import Inventor
from intake.fuse import fuse
from intake.model import Invoice
from ocr.classify import classify
from ocr.kinds import air, rail
from ocr.read import read
from ocr.rules.keys import key_of
from ocr.types import FieldName, Kind, Limits
from tests.ocr.sheets import At, said, sheet

F = FieldName
FORMS = {**travel.FAMILY, **public.FAMILY}
AIR: tuple[At, ...] = (
    (150.0, 8.0, "发票号码：25118000000514029745"),
    (30.0, 20.0, "旅客姓名"),
    (30.0, 25.0, "冯东"),
    (60.0, 32.0, "承运人"),
    (85.0, 32.0, "航班号"),
    (12.0, 38.0, "自：成都天府"),
    (62.0, 38.0, "海棠"),
    (84.0, 38.0, "H57072"),
    (12.0, 44.0, "至：成都双流T2"),
    *((10.0 + 28 * place, 50.0, name) for place, name in enumerate(("票价", "燃油附加费", "增值税税率"))),
    *((94.0 + 28 * place, 50.0, name) for place, name in enumerate(("增值税税额", "民航发展基金", "其他税费"))),
    (185.0, 50.0, "合计"),
    (8.0, 55.5, "CNY 987.16"),
    (36.0, 55.5, "CNY 64.22"),
    (70.0, 55.5, "9%"),
    (92.0, 55.5, "CNY 94.62"),
    (120.0, 55.5, "CNY 50.00"),
    (180.0, 55.5, "CNY 1196.00"),
    (12.0, 62.0, "电子客票号码：999-6258987945"),
    (90.0, 62.0, "验证码：4374"),
    (12.0, 68.0, "填开单位：麦田航空旅行社有限公司"),
    (150.0, 68.0, "填开日期：2025年06月07日"),
    (12.0, 74.0, "购买方名称：北京航峰北酒店管理有限公司"),
    (110.0, 74.0, "统一社会信用代码/纳税人识别号：91110101MAH7ALY7XR"),
)


def test_amounts_of_a_flight_stand_in_the_columns_of_their_labels() -> None:
    assert said(air.extract(sheet(AIR), 0, Kind.AIR_E)) == {
        F.NUMBER: "25118000000514029745",
        F.DATE: "2025-06-07",
        F.SERIAL: "9996258987945",
        F.CHECK_CODE: "4374",
        F.SELLER_NAME: "麦田航空旅行社有限公司",
        F.BUYER_NAME: "北京航峰北酒店管理有限公司",
        F.BUYER_TAX_ID: "91110101MAH7ALY7XR",
        F.TRAVELLER: "冯东",
        F.ROUTE: "成都天府-成都双流T2",
        F.VEHICLE: "H57072",
        F.FARE: "987.16",
        F.FUEL: "64.22",
        F.TAX: "94.62",
        F.FUND: "50.00",
        F.TOTAL: "1196.00",
    }


def test_an_amount_that_was_not_read_is_not_taken_from_the_next_column() -> None:
    values = said(air.extract(sheet(at for at in AIR if at[2] != "CNY 64.22"), 0, Kind.AIR_E))
    assert F.FUEL not in values
    assert (values[F.FARE], values[F.TAX]) == ("987.16", "94.62")


def test_the_serial_of_a_paper_itinerary_is_the_printed_one() -> None:
    texts = (
        (166.0, 9.0, "印刷序号：31739851793"),
        (10.0, 88.0, "电子客票号码：479-9981756236"),
        (10.0, 72.0, "票价"),
        (50.0, 72.0, "民航发展基金"),
        (120.0, 72.0, "合计"),
        (10.0, 78.0, "CNY 814.00"),
        (50.0, 78.0, "CN 50.00"),
        (120.0, 78.0, "CNY 864.00"),
    )
    values = said(air.extract(sheet(texts), 0, Kind.AIR_PAPER))
    assert (values[F.NUMBER], values[F.SERIAL]) == ("4799981756236", "31739851793")
    assert (values[F.FARE], values[F.FUND], values[F.TOTAL]) == ("814.00", "50.00", "864.00")


@pytest.mark.parametrize("label", ["电子客票号码：4", "电子客票号码： :", "电子客票号码："])
def test_a_stray_sign_between_label_and_value_is_no_part_of_it(label: str) -> None:
    values = said(air.extract(sheet(((10.0, 88.0, label), (45.0, 88.0, "479-9981756236"))), 0, Kind.AIR_PAPER))
    assert values[F.NUMBER] == "4799981756236"


def test_a_fee_for_a_ticket_given_back_is_the_total_not_its_fare() -> None:
    texts = (
        (12.0, 20.0, "发票号码:25419000000119615613"),
        (20.0, 40.0, "票价:￥116.00"),
        (80.0, 40.0, "退票费:￥5.50"),
        (20.0, 60.0, "购买方名称:广东春麓万建筑工程有限公司 统一社会信用代码:91440108MANW3HKQ02"),
    )
    found = rail.extract_electronic(sheet(texts), 0)
    assert [value.value for value in found.values if value.name is F.TOTAL] == ["5.50"]
    assert said(found)[F.BUYER_NAME] == "广东春麓万建筑工程有限公司"


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (("票价 燃油附加费 民航发展基金 增值税税额 合计", "承运人 航班号", "行程单"), Kind.AIR_E),
        (("票价 燃油附加费 民航发展基金 合计", "承运人 航班号", "行程单"), Kind.AIR_PAPER),
        (("登机牌", "承运人 航班号 座位等级", "旅客姓名", "登机口 12"), Kind.OTHER),
        (("发票号码:26349000000818756650", "开票日期:2026年04月19日", "南京南站", "票价:￥56.00"), Kind.RAIL_E),
        (("南京南站 G7375次", "￥56.0元", "二等座", "限乘当日当次车"), Kind.TRAIN_PAPER),
        (("号码 No.220120211651625379-L02", "完税价格"), Kind.CUSTOMS),
        (("填发日期 税务机关", "纳税人识别号 纳税人名称", "品目名称 税款所属时期 实缴金额"), Kind.TAX_RECEIPT),
    ],
)
def test_a_ticket_is_known_without_its_title(texts: tuple[str, ...], kind: Kind) -> None:
    assert classify(sheet((10.0, 10.0 + 8 * row, text) for row, text in enumerate(texts))) is kind


def _read(data: bytes) -> Invoice:
    (receipt,) = read(data, "", Limits()).receipts
    return fuse(receipt)


def _key(invoice: Invoice) -> str | None:
    return key_of(invoice.kind, invoice.value(F.CODE), invoice.value(F.NUMBER), serial=invoice.value(F.SERIAL))


def _misses(drawn: Drawn, invoice: Invoice) -> dict[str, tuple[object, str | None]]:
    names = {"amount": F.NET}
    wanted = {name: text for name, text in drawn.row.items() if name != "kind"}
    got = {name: invoice.value(names.get(name) or F(name)) for name in wanted}
    assert invoice.kind is drawn.kind
    return {name: (text, got[name]) for name, text in wanted.items() if text != got[name]}


@pytest.mark.parametrize("form", [name for name in FORMS if not name.startswith("train") and name != "air_paper"])
def test_every_field_of_a_text_pdf_is_read(form: str) -> None:
    drawn = FORMS[form](Inventor(f"{form}-71"))
    data = drawn.data["pdf"]() if "pdf" in drawn.data else pdf.write(drawn.sheets)
    invoice = _read(data)
    assert _misses(drawn, invoice) == {}
    number, code = drawn.row["number"], drawn.row["code"]
    keys = {Kind.CUSTOMS: f"C:{number}", Kind.FISCAL: f"F:{code}:{number}", Kind.TAX_RECEIPT: None}
    assert _key(invoice) == keys.get(invoice.kind, f"D:{number}")


@pytest.mark.parametrize(
    "form", ["rail_e", "train_red", "air_e", "air_paper", "customs_book", "fiscal_clinic", "tax_certificate"]
)
def test_every_field_of_a_scan_is_read(form: str) -> None:
    drawn = FORMS[form](Inventor(f"{form}-72"))
    page = damage.clean_scan(raster.render(drawn.sheets[0], 200), np.random.default_rng(72))
    invoice = _read(damage.encode(page, "png", dpi=200))
    assert _misses(drawn, invoice) == {}
    # the serial of a ticket ends with its red number, the printed one of an itinerary with its check code
    tails = {Kind.TRAIN_PAPER: drawn.row["number"], Kind.AIR_PAPER: drawn.row["check_code"]}
    assert (_key(invoice) or "").endswith(str(tails.get(invoice.kind, "")))


def test_lines_of_goods_of_a_payment_book_add_up_to_its_tax() -> None:
    drawn = FORMS["customs_book"](Inventor("customs_book-2"))
    invoice = _read(pdf.write(drawn.sheets))
    assert f"{sum(float(line.tax) for line in invoice.lines):.2f}" == drawn.row["tax"]
    assert all(line.name and line.unit and line.amount for line in invoice.lines)

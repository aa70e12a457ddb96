"""代开, red letters, copies and the old freight invoice."""

from __future__ import annotations

import pytest

from ocr.kinds import freight, vat
from ocr.laying import lay
from ocr.types import FieldName, Kind
from tests.ocr.kinds.forms import BUYER, BUYER_ID, PAPER, SELLER, SELLER_ID
from tests.ocr.sheets import said, sheet, standing, words

F = FieldName


def test_for_whom_a_tax_office_issued_is_read_from_the_remark() -> None:
    remark = ((130.0, 106.0, f"代开企业税号:{SELLER_ID}"), (130.0, 111.0, f"代开企业名称:{SELLER}"))
    found = said(vat.extract(sheet((*PAPER, *remark)), 0, Kind.VAT_SPECIAL_PAPER))
    assert (found[F.REAL_SELLER_TAX_ID], found[F.REAL_SELLER_NAME]) == (SELLER_ID, SELLER)


@pytest.mark.parametrize("name", ["记 账 联", "抵 扣 联", "发 票 联"])
def test_the_copy_is_read_under_the_title(name: str) -> None:
    found = said(vat.extract(sheet((*PAPER, (90.0, 25.5, name))), 0, Kind.VAT_SPECIAL_PAPER))
    assert found[F.COPY] == name.replace(" ", "")


def test_the_copy_is_read_along_the_edge_where_the_seal_hides_it_under_the_title() -> None:
    form = [*words(PAPER), standing(206.0, 40.0, "第一联：记帐联销售方记账凭证")]
    assert said(vat.extract(lay(form, 140 / 210), 0, Kind.VAT_SPECIAL_PAPER))[F.COPY] == "记账联"


FREIGHT = (
    (25.0, 12.0, "3300142760"), (75.0, 12.0, "货物运输业增值税专用发票"), (140.0, 12.0, "№ 65340270"),
    (150.0, 24.0, "开票日期：2014年04月28日"), (90.0, 24.0, "抵扣联"),
    (8.0, 32.0, "承运人及"), (28.0, 32.0, SELLER), (8.0, 36.5, "纳税人识别号"), (28.0, 36.5, SELLER_ID),
    (125.0, 32.0, "0-18*4+1139344>8+-*78883751"),
    (8.0, 43.0, "实际受票方及"), (32.0, 43.0, BUYER), (8.0, 47.5, "纳税人识别号"), (32.0, 47.5, BUYER_ID),
    (8.0, 54.0, "收货人及"), (28.0, 54.0, "某某公司"), (8.0, 58.5, "纳税人识别号"), (28.0, 58.5, "91440101588258730X"),
    (8.0, 65.0, "起运地、经由、到达地"), (50.0, 65.0, "云泉——小桥"),
    (8.0, 98.0, "合计金额"), (40.0, 98.0, "¥62619.70"), (60.0, 98.0, "税率"), (70.0, 98.0, "11%"), (82.0, 98.0, "税额"),
    (105.0, 98.0, "¥6888.17"), (8.0, 105.0, "价税合计（大写）"), (50.0, 105.0, "陆万玖仟伍佰零柒圆捌角柒分"),
    (122.0, 105.0, "（小写）"), (140.0, 105.0, "¥69507.87"), (8.0, 112.0, "车种车号 京A00000"),
    (8.0, 128.0, "收款人：云朵"), (100.0, 128.0, "开票人：李三"),
)  # fmt: skip


def test_a_freight_invoice_has_carrier_and_payer_and_neither_consignee() -> None:
    found = said(freight.extract(sheet(FREIGHT), 0))
    assert (found[F.SELLER_NAME], found[F.SELLER_TAX_ID]) == (SELLER, SELLER_ID)
    assert (found[F.BUYER_NAME], found[F.BUYER_TAX_ID]) == (BUYER, BUYER_ID)
    assert (found[F.NET], found[F.TAX], found[F.TOTAL]) == ("62619.70", "6888.17", "69507.87")
    assert (found[F.CODE], found[F.NUMBER], found[F.DATE]) == ("3300142760", "65340270", "2014-04-28")
    assert (found[F.COPY], found[F.VEHICLE], found[F.ROUTE]) == ("抵扣联", "京A00000", "云泉——小桥")

"""What a paper is, by title, code and labels."""

from __future__ import annotations

import pytest

from ocr.classify import classify
from ocr.rules import payload
from ocr.types import CodeSighting, Kind
from tests.ocr.kinds.forms import DIGITAL, ELECTRONIC, without
from tests.ocr.sheets import sheet

TITLES = {
    "电子发票（增值税专用发票）": Kind.DIG_SPECIAL,
    "电子发票(普通发票)": Kind.DIG_NORMAL,
    "电子发票增值税专用发票）": Kind.DIG_SPECIAL,
    "电子发票（铁路电子客票）": Kind.RAIL_E,
    "电子发票（航空运输电子客票行程单）": Kind.AIR_E,
    "航空运输电子客票行程单": Kind.AIR_PAPER,
    "电子发票（机动车销售统一发票）": Kind.DIG_VEHICLE,
    "机动车销售统一发票": Kind.VEHICLE,
    "二手车销售统一发票": Kind.USED_VEHICLE,
    "浙江增值税电子普通发票": Kind.VAT_E_NORMAL,
    "贵州增值税电子专用发票": Kind.VAT_E_SPECIAL,
    "四川增值税专用发票": Kind.VAT_SPECIAL_PAPER,
    "辽宁增值税普通发票": Kind.VAT_NORMAL_PAPER,
    "增值税普通发票（卷票）": Kind.VAT_ROLL,
    "深圳区块链电子普通发票": Kind.BLOCKCHAIN,
    "海关进口增值税专用缴款书": Kind.CUSTOMS,
    "税收完税证明": Kind.TAX_RECEIPT,
    "某市出租汽车专用发票": Kind.TAXI,
    "某省通用定额发票": Kind.QUOTA,
    "某市公路汽车客运发票": Kind.COACH,
    "通用机打发票": Kind.MACHINE_GENERAL,
}


@pytest.mark.parametrize("title", TITLES)
def test_the_title_says_what_a_paper_is(title: str) -> None:
    assert classify(sheet([(60.0, 10.0, title), (20.0, 40.0, "合计"), (20.0, 80.0, "完")])) is TITLES[title]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["商户存根", "持卡人签名", "授权码 123456"], Kind.OTHER),
        (["登机牌", "MU2379", "登机口 12"], Kind.OTHER),
        (["收款收据", "今收到", "人民币壹佰元整"], Kind.OTHER),
        (["会议纪要", "出席人员"], None),
        (["车号：BAA1234", "上车：10:34", "下车：10:54", "里程：10.5", "单价：2.70"], Kind.TAXI),
        (["云泉站 G103 小桥站", "仅供报销使用", "二等座"], Kind.TRAIN_PAPER),
        (["客票发票", "发站：云泉", "乘车日期：2023年10月27日", "检票口：A3"], Kind.COACH),
        (["票据代码：00010126", "票据号码：0010925600"], Kind.FISCAL),
        (["发票号码：24112000000048542163", "价税合计"], Kind.DIG_NORMAL),
        (["开户行及账号", "纳税人识别号", "价税合计", "5100191160"], Kind.VAT_SPECIAL_PAPER),
        (["开户行及账号", "纳税人识别号", "价税合计"], Kind.VAT_NORMAL_PAPER),
        (["发票代码", "某某"], Kind.UNKNOWN),
        (["服务清单", "销货清单", "序号 货物名称"], Kind.LIST_PAGE),
        (["打车-行程单", "上车时间", "起点 终点"], Kind.RIDE_LIST),
    ],
)
def test_labels_speak_where_no_title_was_read(words: list[str], kind: Kind | None) -> None:
    assert classify(sheet([(20.0, 10.0 + 8 * row, text) for row, text in enumerate(words)])) is kind


def test_a_line_that_refers_to_a_list_makes_no_list_of_the_invoice() -> None:
    form = tuple((x, y, "（详见销货清单）" if text.startswith("*餐饮") else text) for x, y, text in ELECTRONIC)
    assert classify(sheet(form)) is Kind.VAT_E_NORMAL


def test_forms_without_their_title_are_known() -> None:
    assert classify(sheet(without(DIGITAL, "电子发票"))) is Kind.DIG_NORMAL
    assert classify(sheet(without(ELECTRONIC, "浙江增值税"))) is Kind.VAT_E_NORMAL


def test_a_code_tells_what_the_words_do_not() -> None:
    text = "01,31,,24112000000048542163,4449.00,20240528,,B2B6"
    code = CodeSighting(text, payload.meaning(text), payload.parse(text).crc, 0, None, "zxing")  # type: ignore[union-attr]  # the vector parses
    assert classify(sheet([(10.0, 10.0, "模糊")]), [code]) is Kind.DIG_SPECIAL
    bill = "CZ-EI-00,1.1.0,00010126,0010925600,b05e2a,20260609,90.00"
    assert classify(sheet([]), [CodeSighting(bill, payload.meaning(bill), code.crc, 0, None, "zxing")]) is Kind.FISCAL

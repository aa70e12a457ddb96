"""What a paper is, by title, code and labels."""

from __future__ import annotations

import pytest

from ocr.classify import classify
from ocr.kinds import other
from ocr.rules import payload
from ocr.types import CodeSighting, FieldName, Kind, OtherKind
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


NAMED = {
    OtherKind.CONTRACT: ["采购合同", "甲方（购买方）：某某公司", "乙方（销售方）：某某公司", "第二条 乙方应向甲方开具增值税专用发票", "甲方纳税人识别号", "开户行及账号"],
    OtherKind.ORDER: ["订单详情", "实付款 ¥20.00", "订单编号 1234", "发票类型", "电子普通发票", "发票抬头 某某公司"],
    OtherKind.LETTER: ["关于更换开票信息的函", "贵公司的电子发票（普通发票）将于十日内寄出", "顺颂商祺"],
    OtherKind.PAYMENT_SCREEN: ["账单详情", "当前状态 支付成功", "支付方式 零钱", "交易单号 123"],
    OtherKind.HOTEL_FOLIO: ["某酒店结账单", "房号：1203", "入住日期：2025-01-02", "消费合计：300.00", "如需发票请联系前台"],
    OtherKind.BANK_SLIP: ["某银行电子回单", "付款人户名：甲", "收款人户名：乙", "摘要：货款"],
    OtherKind.BUSINESS_CARD: ["某某公司", "云朵 销售经理", "手机：13800000000", "邮箱：a@example.com", "地址：某路1号"],
    OtherKind.DELIVERY_NOTE: ["送货单", "收货单位：某某公司", "品名 规格 数量", "发票随后开具"],
    OtherKind.STATEMENT: ["对账单", "贵公司与我司往来账款如下", "期末余额"],
    OtherKind.EXPENSE_FORM: ["费用报销单", "报销部门：销售部", "附件张数"],
    OtherKind.TILL_RECEIPT: ["某超市购物小票", "收银员：01", "应收：30.00", "凭小票一个月内开具发票"],
    OtherKind.QUOTE: ["报价单", "单价 数量", "有效期 30天"],
}  # fmt: skip


@pytest.mark.parametrize("what", NAMED)
def test_a_paper_that_speaks_of_invoices_is_none(what: OtherKind) -> None:
    page = sheet([(20.0, 10.0 + 8 * row, text) for row, text in enumerate(NAMED[what])])
    assert classify(page) is Kind.OTHER
    assert other.name_of(page.text) is what


def test_an_invoice_with_its_number_stays_one_whatever_else_is_on_it() -> None:
    slip = ["浙江增值税电子普通发票", "发票代码：033002000211", "签购单", "持卡人签名", "授权码：123456"]
    assert classify(sheet([(20.0, 10.0 + 8 * row, text) for row, text in enumerate(slip)])) is Kind.VAT_E_NORMAL


def test_a_form_whose_labels_of_code_and_number_were_not_read_is_none_of_the_papers_that_its_remark_names() -> None:
    words = ["陕西增值税专用发票 No 87150406", "货物或应税劳务名称", "采购合同 合同编号：HT-1", "甲方 乙方 签订"]
    assert classify(sheet([(20.0, 10.0 + 8 * row, text) for row, text in enumerate(words)])) is Kind.VAT_SPECIAL_PAPER


def test_a_slip_states_amount_and_day() -> None:
    rows = ["签购单", "日期/时间：2026/05/18 19:22:41", "金额：RMB 236.50", "持卡人签名"]
    found = other.extract(sheet([(20.0, 10.0 + 8 * row, text) for row, text in enumerate(rows)]), 0)
    assert {value.name: value.value for value in found.values} == {
        FieldName.TOTAL: "236.50",
        FieldName.DATE: "2026-05-18",
    }


@pytest.mark.parametrize("amount", ["-12.16", "¥12.16", "- 12.16"])
def test_the_amount_of_a_screen_stands_alone_and_has_no_sign(amount: str) -> None:
    rows = ["账单详情", amount, "支付时间 2025-09-19 18:23:08"]
    found = other.extract(sheet([(30.0, 10.0 + 8 * row, text) for row, text in enumerate(rows)]), 0)
    assert found.first(FieldName.TOTAL) == "12.16"


def test_both_numbers_make_a_paper_form_a_digital_one() -> None:
    rows = ["青岛增值税专用发票", "3702234160", "数电票号码：24922000000035435743", "价税合计"]
    assert classify(sheet([(20.0, 10.0 + 8 * row, text) for row, text in enumerate(rows)])) is Kind.DIG_PAPER_SPECIAL

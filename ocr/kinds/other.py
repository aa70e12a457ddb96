"""Papers that are no invoice, by name: a card slip, a payment on a phone's screen, an order, a folio, a letter (domain.md §9.4 node 1).

Each kind has words of its own, in its title and in its body. A title counts two, every mark of the body one; below
:data:`WEAK` nothing is said, from :data:`STRONG` on even a paper that speaks of invoices is one of these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ocr.kinds.found import BY_PLACE, Found
from ocr.kinds.labelled import DAY
from ocr.layout import Sheet
from ocr.types import FieldName, Kind, OtherKind

WEAK: Final = 2
STRONG: Final = 3
TITLE: Final = 2  # what a title counts


@dataclass(frozen=True, slots=True)
class Words:
    """What one kind of paper says: patterns of its title and of its body, on text without blanks.

    `needed` is the least sum of a paper whose title was not read.
    """

    title: str
    body: tuple[str, ...]
    needed: int = 4


WORDS: Final[dict[OtherKind, Words]] = {
    OtherKind.POS_SLIP: Words(
        r"签购单|POS(?:机)?(?:凭条|小票|签)|(?:商户|持卡人|客户)存根|银联商务",
        (r"持卡人签名", r"商户编号|商户号", r"终端(?:编)?号", r"授权码", r"批次号", r"参考号", r"SALE|交易类型", r"发卡行|收单"),
    ),
    OtherKind.BOARDING_PASS: Words(
        r"登机牌|BOARDINGPASS",
        (r"登机口|GATE", r"登机时间|BOARDINGTIME", r"座位|SEAT", r"航班|FLIGHT", r"(?:姓名|NAME)", r"舱位|CLASS"),
        needed=9,  # itineraries have these words, too
    ),
    OtherKind.PAYMENT_SCREEN: Words(
        r"账单详情|交易详情|支付成功|付款成功|转账成功|支付凭证",
        (r"微信支付|支付宝|财付通|云闪付", r"交易单号|商户单号|交易号|商家订单号|转账单号", r"支付时间|付款时间|创建时间|交易时间", r"当前状态|交易成功",
         r"支付方式|付款方式", r"商户全称|收款方|收单机构|商品说明", r"账单分类|对此订单有疑|标签和备注|账单管理"),
        needed=3,
    ),
    OtherKind.ORDER: Words(
        r"订单详情|订单信息|我的订单|订单确认",
        (r"订单编号|订单号", r"下单时间|创建时间", r"实付款?|实际支付|应付(?:总额|金额)", r"收货(?:人|地址|信息)|配送", r"再次购买|确认收货|申请售后|查看物流|再来一单|申请开票|查看发票",
         r"商品总[额价]|运费|优惠(?:券|金额)|满减|立减"),
        needed=3,
    ),
    OtherKind.HOTEL_FOLIO: Words(
        r"结[账帐]单|(?:宾|住|客)[客人][账帐]单|GUESTFOLIO|INFORMATIONBILL",
        (r"房号|房间号|ROOM", r"入住|到店|ARRIVAL", r"离店|退房|DEPARTURE", r"房费|房租|ROOMCHARGE", r"押金|预付|定金|CREDIT", r"(?:客人|宾客|住客)(?:姓名|签名)|GUEST"),
    ),
    OtherKind.TILL_RECEIPT: Words(
        r"购物小票|结算小票|收银小票|销售小票|购物清单|结账小票|预结单",
        (r"收银员|收银机|收款台|机号", r"应[收付]", r"实收|找零", r"会员", r"谢谢(?:惠顾|光临)|欢迎(?:您?再次)?光临", r"流水号|小票号|单号", r"品名|桌号|人数"),
    ),
    OtherKind.BANK_SLIP: Words(
        r"(?:电子|业务|客户|交易|银行)回单|电子回执|转账凭证|汇款(?:凭证|回执|单)|回单凭证|付款凭证|网上银行",
        (r"付款(?:人|方|账号|户名)|付方", r"收款(?:人|方|账号|户名)|收方", r"开户(?:行|银行)", r"流水号|回单编号|交易序号", r"摘要|用途|附言", r"记账日期|交易日期|交易时间", r"柜员|打印(?:次数|日期)"),
    ),
    OtherKind.STATEMENT: Words(
        r"对[账帐]单|往来[账帐]款询证",
        (r"期初", r"期末", r"余额", r"应[收付]账款|未付|已付", r"贵(?:司|公司)", r"核对", r"往来"),
    ),
    OtherKind.DELIVERY_NOTE: Words(
        r"送货单|出库单|发货单|入库单|提货单|配送单|装箱单|验收单",
        (r"收货(?:单位|人)|客户名称", r"送货(?:人|单位)|发货人|经办人", r"签收|签字", r"品名|货物名称|产品名称", r"规格", r"数量", r"仓库|单号"),
        needed=6,
    ),
    OtherKind.EXPENSE_FORM: Words(
        r"报销单|费用报销|差旅费报销|付款申请|借款单|请款单",
        (r"报销人|申请人|借款人", r"部门", r"附件", r"审批|审核|核准", r"出纳|会计", r"领款人|预借"),
    ),
    OtherKind.CONTRACT: Words(
        r"合同书?(?=$|[（(\n甲编合])|协议书?(?=$|[（(\n甲编])",
        (r"甲方", r"乙方", r"第[一二三四五六七八九十]+条", r"违约", r"签订|签字|盖章", r"争议|仲裁|法院", r"合同编号|协议编号"),
    ),
    OtherKind.QUOTE: Words(r"报价单|询价单|采购订单|采购单", (r"报价", r"单价", r"数量", r"有效期", r"交货|交期", r"联系人", r"含税"), needed=5),
    OtherKind.RECEIPT: Words(
        r"收\s?据|收款凭据|今收到|兹收到",
        (r"今收到|兹收到|收到", r"交来|交款", r"人民币|大写", r"收款(?:单位|人)|经手人", r"系付|事由|收款事由", r"收款方式|现金"),
    ),
    OtherKind.BUSINESS_CARD: Words(
        r"名片",
        (r"手机|电话|TEL|MOBILE|MOB", r"邮箱|E-?MAIL|@", r"地址|ADD", r"经理|总监|工程师|主管|董事|顾问|MANAGER|DIRECTOR", r"WWW\.|HTTP|网址", r"传真|FAX", r"邮编|ZIP"),
    ),
    OtherKind.LETTER: Words(
        r"(?:的函|通知书?|情况说明|证明|申请书|公函|告知函|确认函|感谢信)(?=$|\n)",
        (r"顺颂商祺|此致|敬礼|特此(?:函告|证明|通知|说明|申请|告知)|敬请|谨启", r"贵(?:司|公司|单位)|尊敬的", r"你好|您好|敬启|台鉴|收悉"),
        needed=3,
    ),
}  # fmt: skip
_CARD_LONGEST: Final = 260  # characters on a business card
_AMOUNT: Final = (
    r"(?:金\s*额|实\s*付(?:\s*款)?|合\s*计|总\s*计|应\s*[收付]|小\s*写|消费|支付金额|付款金额|房费合计|总\s*额|TOTAL|BALANCE)\D{0,14}?"
    r"(?P<v>[-−]?\s?\d[\d,]*\.\d{2})(?!\d)"
)
_ALONE: Final = r"^\s*(?P<v>[-−]?\s?[¥￥Ұ]?\s?[-−]?\s?\d[\d,]*\.\d{2})\s*元?\s*$"
_SIGNED: Final = r"(?P<v>[¥￥Ұ]\s?[-−]?\s?\d[\d,]*\.\d{2})(?!\d)"


def weigh(text: str) -> tuple[OtherKind, int] | None:
    """The kind that the text of a paper speaks for most, and how much; None below :data:`WEAK`."""
    lines = [re.sub(r"\s", "", line).upper() for line in text.splitlines()]
    whole = "\n".join(lines)
    best: tuple[OtherKind, int] | None = None
    for kind, words in WORDS.items():
        titled = re.search(words.title, whole, re.MULTILINE) is not None
        marks = sum(re.search(mark, whole) is not None for mark in words.body)
        if kind is OtherKind.BUSINESS_CARD and len(whole) > _CARD_LONGEST:
            continue
        score = TITLE + marks if titled else marks if marks >= words.needed else 0
        if score >= WEAK and (best is None or score > best[1]):
            best = kind, score
    return best


def name_of(text: str) -> OtherKind | None:
    """What a paper is that is no invoice; None when its words do not say it."""
    found = weigh(text)
    return None if found is None else found[0]


def extract(sheet: Sheet, page: int) -> Found:
    """Amount and day, by which a slip finds the invoice that it belongs to."""
    found = Found(Kind.OTHER, page)
    for pattern, trust in ((_AMOUNT, 1.0), (_ALONE, BY_PLACE), (_SIGNED, BY_PLACE)):
        if not found.has(FieldName.TOTAL):
            for hit in sheet.find(pattern):
                found.add(FieldName.TOTAL, hit.span("v"), hit.match["v"].replace("-", "").replace("−", ""), trust=trust)
    for hit in sheet.find(DAY):
        found.add(FieldName.DATE, hit.span("v"))
    return found

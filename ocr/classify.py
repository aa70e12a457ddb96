"""What a paper is: by its title, else by its number, code or labels (domain.md §1.1, §1.3).

The title alone tells the families apart; a recogniser may miss it under the seal, so labels that only one family
has are the second witness. What says nothing of an invoice is named where it can be (`OTHER`) or left (`None`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from ocr.kinds import air, customs, other, rail, tax_receipt
from ocr.layout import Sheet
from ocr.rules import payload
from ocr.rules.codes import decode_code
from ocr.types import CodeMeaning, CodeSighting, Kind

LISTS = (
    (r"服务清单|销货清单|应税劳务清单|劳务、?服务清单", Kind.LIST_PAGE),
    (r"行程单", Kind.RIDE_LIST),
)
TITLES = (
    (r"航空运输电子客票行程单", Kind.AIR_PAPER),
    (r"铁路.{0,2}子客票|铁路电子客", Kind.RAIL_E),
    (r"电子发票.{0,2}机动车销售统一发票", Kind.DIG_VEHICLE),
    (r"电子发票.{0,2}二手车销售统一发票", Kind.DIG_USED_VEHICLE),
    (r"电子发票[(（]?.{0,2}增值税专用发票|电子发票[(（]?增.{0,3}专用", Kind.DIG_SPECIAL),
    (r"电子发票[(（]?.{0,2}普通发票", Kind.DIG_NORMAL),
    (r"机动车销售统一发票", Kind.VEHICLE),
    (r"二手车销售统一发票", Kind.USED_VEHICLE),
    (r"区块链电子", Kind.BLOCKCHAIN),
    (r"增值税电子专用发票", Kind.VAT_E_SPECIAL),
    (r"增值税电子普通发票|电子普通发票", Kind.VAT_E_NORMAL),
    (r"增值税普通发票[(（]卷票|卷票", Kind.VAT_ROLL),
    (r"货物运输.{0,6}专用发票|承运人及.{0,60}受票方及", Kind.FREIGHT_SPECIAL),
    (r"增值税专用发票", Kind.VAT_SPECIAL_PAPER),
    (r"增值税普通发票", Kind.VAT_NORMAL_PAPER),
    (r"海关.{0,8}缴款书", Kind.CUSTOMS),
    (r"税收.{0,4}完税证明|税收.{0,4}缴款书", Kind.TAX_RECEIPT),
    (r"出租(?:汽)?车.{0,6}发票|出租汽车专用", Kind.TAXI),
    (r"定额发票|定额专用发票", Kind.QUOTA),
    (
        r"(?:客运|汽车|公路|船|轮渡|旅客|巴士|公交|渡运)(?:(?!公司).){0,6}(?:客票|车票|船票|发票(?!专用章))|汽车票|船票",
        Kind.COACH,
    ),
    (r"通用机打", Kind.MACHINE_GENERAL),
)
_TAXI = 4  # labels that make a slip a taxi's
_COACH = 3  # labels that make a machine-printed one a passenger's ticket
_SALE = 4  # labels that make a paper a vehicle's sale
FISCAL = r"票据代码|票据号码|财政.{0,6}票据|非税收入.{0,6}(?:票据|缴款)|医疗.{0,6}收费.{0,2}票据|捐赠.{0,4}票据"
TAXI_LABELS = (
    "车号",
    "证号",
    "上车",
    "下车",
    "单价",
    "里程",
    "等候",
    "卡号",
    "卡余额",
    "附加费",
    "电召",
    "公里",
    "车牌",
)
TRAIN_MARKS = (
    "仅供报销使用",
    "中国铁路",
    "祝您旅途愉快",
    "限乘当日当次车",
    "检票",
    "二等座",
    "一等座",
    "商务座",
    "硬座",
    "硬卧",
    "软卧",
    "买票请到12306",
    "网折",
    "无座",
)
COACH_LABELS = (
    "发站",
    "开车时间",
    "乘车日期",
    "检票口",
    "班次",
    "乘车站",
    "到站",
    "座号",
    "客运站",
    "汽车站",
    "发车",
    "票价",
    "乘车",
    "保险费",
    "票种",
    "航次",
    "开航",
    "舱位",
    "到达港",
    "线路",
)
VAT_LABELS = (
    "纳税人识别号",
    "开户行及账号",
    "货物或应税劳务",
    "密码区",
    "购买方",
    "销售方",
    "购货单位",
    "销货单位",
    "价税合计",
)
VEHICLE_LABELS = (
    "合格证号",
    "进口证明书",
    "商检单号",
    "发动机号",
    "车辆识别代",
    "车架号",
    "厂牌型号",
    "不含税价",
    "限乘人数",
    "完税凭证号",
)
USED_LABELS = (
    "买方单位",
    "卖方单位",
    "登记证号",
    "车牌照号",
    "车价合计",
    "转入地车辆",
    "二手车市场",
    "拍卖单位",
    "车辆识别代",
)
DIGITAL_LABELS = ("统一社会信用代码/纳税人识别号", "购买方信息", "销售方信息", "税率/征收率")
BOTH_NUMBERS = r"[数全]电(?:发)?票号码"  # 数电纸质: printed beside the buyer in the place of the cipher
FACE_WORDS = r"[壹贰叁伍拾佰][元圆]整"
ROLL_CODE = r"票代码[:.]?0\d{9}0[67](?!\d)"
LOCAL_PARTIES = ("收款单位", "收款方", "付款单位", "付款方")
MACHINE_MARKS = r"通用机打|机打发票|通用.{0,4}发票|统一发票|通用手工"
# words that an invoice prints beside its title, and papers that only speak of invoices do not
_KEYED = r"(?:发票|票据)(?:代码|号码):?[0-9A-Z]{8}|密码区|校验码:?[0-9]|货物或应税劳务"
_QUOTED = frozenset(
    {
        Kind.DIG_SPECIAL, Kind.DIG_NORMAL, Kind.VAT_E_SPECIAL, Kind.VAT_E_NORMAL, Kind.VAT_SPECIAL_PAPER,
        Kind.VAT_NORMAL_PAPER, Kind.COACH,
    }
)  # fmt: skip
_RIDE = r"滴滴|高德|曹操|T3|打车|网约车|出行|上车|行程人|起点|终点|里程|车型|TRIP"


def classify(sheet: Sheet, codes: Iterable[CodeSighting] = ()) -> Kind | None:
    """The kind of a paper; `UNKNOWN` when it seems an invoice of no known kind, None when nothing speaks for one.

    `codes` are the codes seen on it: they confirm where the text is poor.
    """
    text = re.sub(r"\s", "", sheet.text)
    top = re.sub(r"\s", "", "\n".join(line.text for line in sheet.lines if line.cy <= sheet.down(0.4)))
    lists = _list_kind(text, top)
    if lists is not None:
        return lists
    said = _by_sale(text) or _by_title(text)
    if (said is None or said in _QUOTED) and _is_other(sheet, text, codes):
        return Kind.OTHER
    if said is not None:
        return _refined(said, text)
    coded = _by_code(codes)
    return _refined(coded, text) if coded is not None else _by_labels(text, sheet)


def _is_other(sheet: Sheet, text: str, codes: Iterable[CodeSighting]) -> bool:
    """Whether a paper is one of those that are no invoice, though it may speak of one: a contract, an order, a letter."""
    if any(code.meaning is CodeMeaning.BOARDING_PASS for code in codes):
        return True
    papers = {CodeMeaning.INVOICE, CodeMeaning.FISCAL, CodeMeaning.BLOCKCHAIN}
    if any(code.meaning in papers for code in codes) or re.search(f"{_KEYED}|{FISCAL}", text):
        return False
    found = other.weigh(sheet.text)
    return found is not None and found[1] >= other.STRONG


def _list_kind(text: str, top: str) -> Kind | None:
    if "航空运输电子客票" in text or air.shows(text):
        return None
    for pattern, kind in LISTS:
        if not re.search(pattern, top):
            continue
        if kind is Kind.RIDE_LIST and re.search(_RIDE, text) and "价税合计" not in text:
            return kind
        # 详见销货清单 is a line of the invoice itself
        if kind is Kind.LIST_PAGE and "价税合计" not in text and not re.search(rf"详见.{{0,3}}(?:{pattern})", text):
            return kind
    return None


def _by_sale(text: str) -> Kind | None:
    """A vehicle's sale, by its labels: its title lies under a seal, and its parties' names speak of 汽车."""
    for kind, labels in ((Kind.USED_VEHICLE, USED_LABELS), (Kind.VEHICLE, VEHICLE_LABELS)):
        if _count(labels, text) >= _SALE:
            return kind
    return None


def _by_title(text: str) -> Kind | None:
    for pattern, kind in TITLES:
        if re.search(pattern, text):
            if kind is Kind.COACH and re.search(r"应税劳务|项目名称|价税合计", text):
                continue  # 旅客运输服务 is a line of a digital invoice
            if kind in {Kind.COACH, Kind.MACHINE_GENERAL} and _count(TAXI_LABELS, text) >= _TAXI:
                return Kind.TAXI
            if kind is Kind.MACHINE_GENERAL and _count(COACH_LABELS, text) >= _COACH:
                return Kind.COACH
            return kind
    return None


def _refined(kind: Kind, text: str) -> Kind:
    """A title that two families share, decided by what else is printed."""
    number = re.search(r"票号码:?(\d{20})(?!\d)", text)
    if kind is Kind.AIR_PAPER:
        return Kind.AIR_E if number or "电子发票" in text else kind
    if kind is Kind.VAT_NORMAL_PAPER and re.search(ROLL_CODE, text):
        return Kind.VAT_ROLL
    if kind in _ON_PAPER and re.search(BOTH_NUMBERS, text):
        return _ON_PAPER[kind]
    if not number:
        return Kind.BLOCKCHAIN if kind is Kind.VAT_E_NORMAL and _is_local(text) else kind
    if kind in _ON_PAPER and re.search(r"发票代码|密码区", text):
        return _ON_PAPER[kind]
    return _DIGITAL.get(kind, kind)


def _is_local(text: str) -> bool:
    """Whether the code of an electronic invoice is that of no tax-control paper: 深圳电子普通发票 is a 区块链 one."""
    infos = (decode_code(code) for code in re.findall(r"票代码:?([12]\d{11})(?!\d)", text))
    return any(info is not None and info.kind is None and info.region_name for info in infos)


def _by_code(codes: Iterable[CodeSighting]) -> Kind | None:
    for code in codes:
        if code.meaning is CodeMeaning.INVOICE:
            seen = payload.parse(code.text)
            if seen is not None and seen.kind is not None:
                return seen.kind
        if code.meaning is CodeMeaning.FISCAL:
            return Kind.FISCAL
        if code.meaning is CodeMeaning.BLOCKCHAIN:
            return Kind.BLOCKCHAIN
    return None


def _by_labels(text: str, sheet: Sheet) -> Kind | None:
    for kind, speaks in _SPEAKERS:
        if speaks(text):
            return _refined(_vat_by_number(sheet), text) if kind is Kind.VAT_NORMAL_PAPER else kind
    return None


def _count(marks: Iterable[str], text: str) -> int:
    return sum(mark in text for mark in marks)


def _is_train(text: str) -> bool:
    seen = _count(TRAIN_MARKS, text)
    return seen >= 2 or (seen == 1 and re.search(r"[GDCKTZ]\d{1,4}次?", text) is not None)


_ON_PAPER: Final = {
    Kind.VAT_SPECIAL_PAPER: Kind.DIG_PAPER_SPECIAL,
    Kind.VAT_NORMAL_PAPER: Kind.DIG_PAPER_NORMAL,
}
_DIGITAL: Final = {
    Kind.VEHICLE: Kind.DIG_VEHICLE,
    Kind.USED_VEHICLE: Kind.DIG_USED_VEHICLE,
    Kind.VAT_SPECIAL_PAPER: Kind.DIG_SPECIAL,
    Kind.VAT_NORMAL_PAPER: Kind.DIG_NORMAL,
    Kind.VAT_E_NORMAL: Kind.DIG_NORMAL,
}


_SPEAKERS: Final[tuple[tuple[Kind, Callable[[str], bool]], ...]] = (
    (Kind.AIR_E, air.shows_electronic),
    (Kind.AIR_PAPER, air.shows),
    (Kind.RAIL_E, rail.shows_electronic),
    (Kind.CUSTOMS, customs.shows),
    (Kind.TAX_RECEIPT, tax_receipt.shows),
    (Kind.FISCAL, lambda text: len(re.findall(FISCAL, text)) >= 2),
    (
        Kind.DIG_NORMAL,
        lambda text: _count(DIGITAL_LABELS, text) >= 2 or re.search(r"发票号码:?\d{20}(?!\d)", text) is not None,
    ),
    (Kind.VAT_ROLL, lambda text: re.search(ROLL_CODE, text) is not None),
    (
        Kind.QUOTA,
        lambda text: re.search(r"刮开|兑奖|存根联", text) is not None and re.search(FACE_WORDS, text) is not None,
    ),
    (
        Kind.MACHINE_GENERAL,
        lambda text: re.search(r"机打代码|机打号码", text) is not None and _count(LOCAL_PARTIES, text) > 0,
    ),
    (Kind.VAT_NORMAL_PAPER, lambda text: _count(VAT_LABELS, text) >= 3),
    (Kind.TAXI, lambda text: _count(TAXI_LABELS, text) >= _TAXI),
    (Kind.COACH, lambda text: "发票" in text and _count(COACH_LABELS, text) >= 3),
    (Kind.TRAIN_PAPER, _is_train),
    (Kind.COACH, lambda text: _count(COACH_LABELS, text) >= 3),
    (Kind.FISCAL, lambda text: re.search(FISCAL, text) is not None),
    (Kind.MACHINE_GENERAL, lambda text: re.search(MACHINE_MARKS, text) is not None),
    (Kind.UNKNOWN, lambda text: re.search(r"发票代码|发票号码", text) is not None),
    (Kind.OTHER, lambda text: other.name_of(text) is not None),
    (Kind.UNKNOWN, lambda text: "发票" in text and re.search(r"\d{8}", text) is not None),
)
"""Witnesses where no title was read, the surest first."""


def _vat_by_number(sheet: Sheet) -> Kind:
    """A tax-control form whose title was not read: its code says which."""
    for code in re.findall(r"(?<!\d)(\d{12}|\d{10})(?!\d)", sheet.text):
        info = decode_code(code)
        if info is not None and info.kind is not None and info.region_name:
            return info.kind
    return Kind.VAT_NORMAL_PAPER

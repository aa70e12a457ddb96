"""Which lines are worth a second, slower reading by the careful model.

The swift model reads a clean line as well as the careful one and says how sure it is of each character. What it
cannot know is the 1,315 rarer characters of GB 2312, which occur in names, and how many equal digits stand in a row.
Lines that no field takes its value from are left as they are: printed labels and the cipher of tax-control forms.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from ocr.engines.recogniser import Line
from ocr.rules.taxid import uscc_ok

_SURE: Final = 0.97  # of the least sure character of a value
_PROSE: Final = 0.9  # of the least sure character of a text without digits
_TOLD: Final = 0.6  # of the least sure character of a description, which no field needs
_CHECKED: Final = 0.5  # of the least sure character of a number that carries its own check
_SOMETHING: Final = 0.5  # mean below which the swift reading says nothing about what stands there
_BRACKETS: Final = ":()"  # at the ends of a label; the network may lose them
# fmt: off
_LABELS: Final = frozenset(
    label.strip(_BRACKETS)
    for label in (
        "购买方",
        "购买方信息",
        "销售方",
        "销售方信息",
        "购货单位",
        "销货单位",
        "名称",
        "纳税人识别号",
        "统一社会信用代码/纳税人识别号",
        "地址、电话",
        "开户行及账号",
        "项目名称",
        "货物或应税劳务、服务名称",
        "货物或应税劳务名称",
        "规格型号",
        "单位",
        "数量",
        "单价",
        "金额",
        "税率",
        "税率/征收率",
        "税额",
        "合计",
        "价税合计",
        "价税合计(大写)",
        "大写",
        "小写",
        "密码区",
        "备注",
        "收款人",
        "复核",
        "开票人",
        "销售方:(章)",
        "机器编号",
        "发票代码",
        "发票号码",
        "开票日期",
        "校验码",
        "车号",
        "证号",
        "日期",
        "上车",
        "下车",
        "里程",
        "等候",
        "现金",
        "状态",
        "电话",
        "信息",
        "电子发票(普通发票)",
        "电子发票(增值税专用发票)",
        "国家税务总局",
        "财政部监制",
        "章发票专用章",
        "发票专用章",
    )
)
# fmt: on
_NAMED: Final = re.compile(r"(?:称|开票人|姓名)[:;].")
_NAME: Final = re.compile(
    "公司|中心|集团|合作社|协会|学会|学校|大学|医院|委员会|办公室|事务所|.{5}局$|[店厂行院所部站社会场馆]$"
)
_NO_FIELD: Final = re.compile(
    r"地址|电话|开户行|账号|帐号|网站|网址|查询|^\d\d:\d\d(?::\d\d)?$|KM$"
    r"|^.{2,3}[省市区]税务局$"  # the seal of the tax office; a paper issued there says 国家税务总局
)
_LETTER: Final = frozenset(
    "购买货销售方单位名称密码区合计备注额税率价金数量规格型号信息项目箱总章"
)  # of labels that stand
_PROSE_CHARACTERS: Final = 6  # Chinese characters of a description; labels of numbers and dates are shorter
_DATED: Final = re.compile(r"\d年|发票|号码|代码|日期|小写|大写|￥|¥|元$")
_TAX_ID: Final = re.compile(r"(?:^|识别号:?|信用代码:?)([0-9A-Z]{18})$")
_NUMBER: Final = re.compile(r"(?:^|[^0-9A-Z])(?:\d{20}|\d{12}|\d{10}|\d{8})$")
_LABEL: Final = re.compile(r"[\u4e00-\u9fff（）()/、 ]*[\u4e00-\u9fff）)] ?[:：]")
_RUN: Final = re.compile(r"(\d)\1\1")  # the network may drop one of a row of equal digits, and not know it
_STRANGE: Final = re.compile(r"[$#@&!?|~^\[\]{}\\]")  # a digit on a ruling is read as one of these, quite surely
_CIPHER_LENGTH: Final = 12
_CIPHER_SIGNS: Final = 3
_WORDS: Final = frozenset("零壹贰叁肆伍陆柒捌玖拾佰仟万亿圆元角分整")


def worth(line: Line) -> bool:
    """Whether the careful model should read a line that the swift one read as `line`."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", line.text))
    if line.confidence < _SOMETHING or _NAMED.search(text):
        return True
    if _cipher(text) or text.strip(_BRACKETS) in _LABELS or text in _LETTER or _NO_FIELD.search(text):
        return False
    if _NAME.search(text):
        return True
    return _doubted(text, _weakest(line))


def _doubted(text: str, weakest: float) -> bool:
    """Whether a line was read less surely than what it says needs."""
    tax_id = _TAX_ID.search(text)
    if tax_id:
        return weakest < _CHECKED or not uscc_ok(tax_id[1])
    if _description(text):
        return weakest < _TOLD
    if any(char.isdigit() or char in _WORDS for char in text):
        strange = _STRANGE.search(text) or (_RUN.search(text) and not _NUMBER.search(text))
        return weakest < _SURE or bool(strange)
    return weakest < _PROSE


def value_begins(line: Line) -> int:
    """The place in the text behind a label that was read surely and ends in a colon; 0 without such a label."""
    label = _LABEL.match(line.text)
    if label is None or label.end() == len(line.text):
        return 0
    sure = min((sure for char, sure in zip(label[0], line.sure, strict=False) if char.isalnum()), default=0.0)
    return label.end() if sure >= _PROSE else 0


def _description(text: str) -> bool:
    """Goods, remarks and addresses: prose with figures in it that are no field's, more of it than a label has."""
    chinese = sum("\u4e00" <= char <= "\u9fff" for char in text)
    figures = sum(char.isdigit() or char in _WORDS for char in text)
    return (chinese >= _PROSE_CHARACTERS and figures <= chinese and not _DATED.search(text)) or text.startswith("*")


def _cipher(text: str) -> bool:
    """A line of 密码区: digits among signs that stand nowhere else together."""
    return (
        len(text) >= _CIPHER_LENGTH
        and text.isascii()
        and len(re.findall(r"[-<>+*/]", text)) >= _CIPHER_SIGNS
        and not re.search(r"[A-Za-z]{2}", text)
    )


def _weakest(line: Line) -> float:
    """How sure the least sure letter, digit or character is; signs, of which `:` has two shapes, do not count."""
    return min((sure for char, sure in zip(line.text, line.sure, strict=True) if char.isalnum()), default=0.0)

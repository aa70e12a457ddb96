"""Why a file was refused, in Chinese and English, for what is read outside the web pages (notes beside files)."""

from __future__ import annotations

from typing import Final

from ocr.errors import REASONS, UnreadableError
from ocr.types import OtherKind

NOT_AN_INVOICE: Final = "not_an_invoice"
NO_ACCESS: Final = "no_access"

_CHINESE: Final = {
    "unreadable": "文件无法读取——请在电脑上打开看看，若显示正常请重新提交。",
    "empty": "文件是空的——请重新扫描或导出。",
    "truncated": "文件不完整或已损坏——请重新复制或下载，提交完整的文件。",
    "encrypted": "文件有密码保护——请去掉密码后重新提交。",
    "no_pages": "文件里没有页面——请重新导出。",
    "too_many_pages": "文件页数超过上限——请拆分后分别提交。",
    "too_large": "文件或图片太大——请压缩保存，或以 300 dpi 扫描。",
    "bomb": "压缩包解开后过大或嵌套过深——请把发票作为单个文件提交。",
    "unknown_format": "不支持这种文件——请提交 PDF、OFD、XML、图片（JPEG、PNG、TIFF、WebP、BMP、HEIC）或它们的 ZIP。",
    "hostile": "文件含有出于安全原因被拒绝的内容——请向开票方索取普通的 PDF、OFD 或 XML。",
    "timeout": "读取时间过长，已停止——请逐页提交，或人工补录。",
    "crashed": "读取程序在此文件上出错，文件已保存——请人工补录，或换一份重新提交。",
    NOT_AN_INVOICE: "文件里没有找到发票——请核对后提交发票本身；如果确实是发票，请主管重新打开它补录。",
    NO_ACCESS: "没有权限读取此文件——请修改文件权限后放回收件文件夹。",
}
_ENGLISH: Final = {
    NOT_AN_INVOICE: "No invoice was found in the file – send the invoice itself, or have it reopened for entry if it is one.",
    NO_ACCESS: "The file may not be read – change its permissions and put it back into the inbox.",
}


_ITSELF: Final = (
    "请提交发票本身；若它属于某张发票，请与那张发票一并提交。",
    "hand in the invoice itself; if this belongs to one, send both together.",
)
_OTHER: Final[dict[OtherKind, tuple[str, str]]] = {
    OtherKind.POS_SLIP: ("POS签购单", "a card terminal's slip"),
    OtherKind.BOARDING_PASS: ("登机牌", "a boarding pass"),
    OtherKind.PAYMENT_SCREEN: ("支付截图", "a picture of a payment"),
    OtherKind.ORDER: ("订单截图", "a picture of an order"),
    OtherKind.HOTEL_FOLIO: ("酒店结账单", "a hotel folio"),
    OtherKind.TILL_RECEIPT: ("购物小票", "a till receipt"),
    OtherKind.RECEIPT: ("收据", "a plain receipt"),
    OtherKind.BANK_SLIP: ("银行回单", "a bank slip"),
    OtherKind.STATEMENT: ("对账单", "a statement of account"),
    OtherKind.DELIVERY_NOTE: ("送货单", "a delivery note"),
    OtherKind.EXPENSE_FORM: ("报销单", "an expense form"),
    OtherKind.CONTRACT: ("合同", "a contract"),
    OtherKind.QUOTE: ("报价单", "a quotation"),
    OtherKind.LETTER: ("信函", "a letter"),
    OtherKind.BUSINESS_CARD: ("名片", "a business card"),
}


def sentences(reason: str) -> tuple[str, str]:
    """The Chinese and the English sentence of a reason; an unknown one is an unreadable file."""
    if reason in set(OtherKind):
        chinese, english = _OTHER[OtherKind(reason)]
        return f"这是{chinese}，不是发票——{_ITSELF[0]}", f"This is {english}, not an invoice – {_ITSELF[1]}"
    error = REASONS.get(reason, UnreadableError)
    english = _ENGLISH.get(reason) or (error.__doc__ or "").strip()
    return _CHINESE.get(reason, _CHINESE[UnreadableError.code]), english

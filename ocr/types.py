"""What the reader says of a paper: frozen values that pass between processes and into the database.

Money is a string with two decimals inside a :class:`FieldValue` and ``Decimal`` elsewhere, days are ISO
``YYYY-MM-DD``, boxes are fractions of the upright page with the origin at its upper left corner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import TypeAlias


@unique
class Kind(StrEnum):
    """Kinds of paper (domain.md §1.1)."""

    VAT_SPECIAL_PAPER = "vat_special_paper"
    VAT_NORMAL_PAPER = "vat_normal_paper"
    VAT_E_NORMAL = "vat_e_normal"
    VAT_E_SPECIAL = "vat_e_special"
    VAT_E_TOLL = "vat_e_toll"
    VAT_ROLL = "vat_roll"
    VEHICLE = "vehicle"
    USED_VEHICLE = "used_vehicle"
    FREIGHT_SPECIAL = "freight_special"
    DIG_SPECIAL = "dig_special"
    DIG_NORMAL = "dig_normal"
    DIG_VEHICLE = "dig_vehicle"
    DIG_USED_VEHICLE = "dig_used_vehicle"
    DIG_PAPER_SPECIAL = "dig_paper_special"
    DIG_PAPER_NORMAL = "dig_paper_normal"
    RAIL_E = "rail_e"
    AIR_E = "air_e"
    TRAIN_PAPER = "train_paper"
    AIR_PAPER = "air_paper"
    TAXI = "taxi"
    QUOTA = "quota"
    COACH = "coach"
    MACHINE_GENERAL = "machine_general"
    BLOCKCHAIN = "blockchain"
    CUSTOMS = "customs"
    FISCAL = "fiscal"
    TAX_RECEIPT = "tax_receipt"
    LIST_PAGE = "list_page"  # 销货清单, an attachment of an invoice
    RIDE_LIST = "ride_list"  # 行程单 of a ride, an attachment of an invoice
    OTHER = "other"  # a receipt, a POS slip, an order: no invoice
    UNKNOWN = "unknown"  # perhaps an invoice, not recognised


@unique
class OtherKind(StrEnum):
    """What a paper of the kind `OTHER` is (domain.md §9.4 node 1)."""

    POS_SLIP = "pos_slip"  # POS 签购单
    BOARDING_PASS = "boarding_pass"  # 登机牌
    PAYMENT_SCREEN = "payment_screen"  # 支付截图
    ORDER = "order"  # 订单截图
    HOTEL_FOLIO = "hotel_folio"  # 结账单
    TILL_RECEIPT = "till_receipt"  # 购物小票
    RECEIPT = "receipt"  # 收据
    BANK_SLIP = "bank_slip"  # 银行回单
    STATEMENT = "statement"  # 对账单
    DELIVERY_NOTE = "delivery_note"  # 送货单
    EXPENSE_FORM = "expense_form"  # 报销单
    CONTRACT = "contract"  # 合同
    QUOTE = "quote"  # 报价单
    LETTER = "letter"  # 函件
    BUSINESS_CARD = "business_card"  # 名片


@unique
class FieldName(StrEnum):
    """Fields of an invoice; the Chinese name stands beside each."""

    CODE = "code"  # 发票代码, 10 or 12 digits
    NUMBER = "number"  # 发票号码, 8 digits; 20 for 数电票; 22 characters for customs; 10 for fiscal
    DATE = "date"  # 开票日期
    CHECK_CODE = "check_code"  # 校验码
    MACHINE_NUMBER = "machine_number"  # 机器编号
    BUYER_NAME = "buyer_name"  # 购买方名称
    BUYER_TAX_ID = "buyer_tax_id"  # 购买方统一社会信用代码/纳税人识别号
    SELLER_NAME = "seller_name"  # 销售方名称
    SELLER_TAX_ID = "seller_tax_id"  # 销售方统一社会信用代码/纳税人识别号
    NET = "net"  # 合计金额 (不含税)
    TAX = "tax"  # 合计税额
    TOTAL = "total"  # 价税合计 (小写)
    TOTAL_IN_WORDS = "total_in_words"  # 价税合计 (大写), kept as the number it says
    REMARK = "remark"  # 备注
    DRAWER = "drawer"  # 开票人
    MARK = "mark"  # 特定业务: 建筑服务, 旅客运输服务, 通行费, 成品油 …
    SERIAL = "serial"  # train ticket: the 21 characters at the lower left
    ROUTE = "route"  # train, coach: from – to
    VEHICLE = "vehicle"  # train number, taxi plate (车号)
    TRAVELLER = "traveller"  # 姓名 with the masked identity number
    RED_OF = "red_of"  # 被红冲蓝字发票: the key of the blue invoice
    REAL_SELLER_NAME = "real_seller_name"  # 代开企业名称: for whom a tax office issued, in the remark
    REAL_SELLER_TAX_ID = "real_seller_tax_id"  # 代开企业税号
    PRINTED_CODE = "printed_code"  # 机打代码, where the form bears a pre-printed one as well
    PRINTED_NUMBER = "printed_number"  # 机打号码
    COPY = "copy"  # 联次: 记账联, 抵扣联, 发票联
    FARE = "fare"  # 票价 of an air ticket, without tax
    FUEL = "fuel"  # 燃油附加费
    FUND = "fund"  # 民航发展基金
    OTHER_FEES = "other_fees"  # 其他税费


MONEY = frozenset(
    {
        FieldName.NET,
        FieldName.TAX,
        FieldName.TOTAL,
        FieldName.TOTAL_IN_WORDS,
        FieldName.FARE,
        FieldName.FUEL,
        FieldName.FUND,
        FieldName.OTHER_FEES,
    }
)


@unique
class Source(StrEnum):
    """Where a value was seen."""

    XML = "xml"  # 数电票 XML
    XBRL = "xbrl"  # Ministry of Finance instance, alone or attached to a PDF or OFD
    OFD_DATA = "ofd_data"  # original_invoice.xml, CustomData, CustomTag
    OFD_TEXT = "ofd_text"  # text objects by place
    PDF_TEXT = "pdf_text"  # the text layer by place
    QR = "qr"  # payload of the invoice's code
    OCR = "ocr"  # the main recogniser (PP-OCR)
    OCR_SECOND = "ocr_second"  # the unlike second reader (Tesseract)
    FILE_NAME = "file_name"  # dzfp_<number>_…
    TYPED = "typed"  # a person, first keying
    TYPED_BLIND = "typed_blind"  # another person, without sight of the first
    REGISTER = "register"  # the matched register row


STRUCTURED = frozenset({Source.XML, Source.XBRL, Source.OFD_DATA})


@unique
class Carrier(StrEnum):
    """What the file is, decided by its content."""

    PDF = "pdf"
    OFD = "ofd"
    XML = "xml"
    XBRL = "xbrl"
    IMAGE = "image"
    ZIP = "zip"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of the upright page: 0 ≤ x0 ≤ x1 ≤ 1, 0 ≤ y0 ≤ y1 ≤ 1."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Word:
    """A run of text on a page, from a text layer or a recogniser.

    `confidence` is 1.0 for a text layer. `source` is PDF_TEXT, OFD_TEXT, OCR or OCR_SECOND.
    """

    text: str
    box: Box
    confidence: float
    source: Source


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One sighting: `value` in the one spelling of :mod:`ocr.normalise`, `raw` as it was read."""

    name: FieldName
    value: str
    confidence: float
    source: Source
    page: int = 0
    box: Box | None = None
    raw: str = ""


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of the invoice (domain.md §1.2); empty text for what is not printed."""

    name: str = ""
    specification: str = ""
    unit: str = ""
    quantity: str = ""
    price: str = ""
    amount: str = ""
    rate: str = ""
    tax: str = ""


@unique
class CrcState(StrEnum):
    """What the CRC-16 at the end of a payload says (domain.md §2.4)."""

    OK = "ok"
    FAIL = "fail"
    NONE = "none"


@unique
class CodeMeaning(StrEnum):
    """What a decoded QR or bar code is (domain.md §2.5)."""

    INVOICE = "invoice"
    BLOCKCHAIN = "blockchain"
    FISCAL = "fiscal"
    DELIVERY_LINK = "delivery_link"
    ISSUE_LINK = "issue_link"
    ROLL = "roll"  # code and number of a 卷票 without amount or checksum: a hint only
    TRAIN_TICKET = "train_ticket"
    BOARDING_PASS = "boarding_pass"
    PAYMENT = "payment"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CodeSighting:
    """A decoded code: the raw text, what it means, and its CRC when it is an invoice's."""

    text: str
    meaning: CodeMeaning
    crc: CrcState
    page: int
    box: Box | None
    decoder: str  # which step of the cascade read it


@dataclass(frozen=True, slots=True)
class PageInfo:
    """A page as it was read: size of the upright raster in pixels, the turn applied to it (0, 90, 180, 270
    degrees clockwise), effective dots per inch (None when unknown), and whether a text layer was used. `likeness` is the
    perceptual hash of a picture (`ocr.likeness`), empty for a page that a file draws.
    """

    index: int
    width: int
    height: int
    turn: int = 0
    dpi: float | None = None
    text_layer: bool = False
    likeness: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that went wrong without ending the reading; `code` is translated, `detail` is for the log, `box` is
    where on the upright page.
    """

    code: str
    detail: str = ""
    page: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Sheets:
    """What the pages of an invoice say of their count (共3页 第1页): how many there are, and which of them are here."""

    count: int
    here: tuple[int, ...]

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers of the pages that are not here."""
        return tuple(number for number in range(1, self.count + 1) if number not in self.here)


ADVICE = frozenset({"few_dots", "blurred", "glare", "dark", "cut", "sideways"})
"""Codes of problems that are advice to who took the picture (:mod:`ocr.advice`)."""
RETAKE = ADVICE - {"sideways"}
"""Those that another picture cures."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One invoice (or other paper) found in a file, with every sighting of every field.

    `pages` are the page indices it covers, `region` the part of the first page when several share it, `what` names a
    paper of the kind `OTHER` where its words do, `sheets` is None where the pages do not count themselves.
    """

    kind: Kind
    pages: tuple[int, ...] = (0,)
    region: Box | None = None
    values: tuple[FieldValue, ...] = ()
    lines: tuple[LineItem, ...] = ()
    codes: tuple[CodeSighting, ...] = ()
    what: OtherKind | None = None
    sheets: Sheets | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the reading and what it cost, in seconds: of wall time, and of CPU by this process."""

    name: str
    seconds: float
    cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that was read from one file. `receipts` is empty when nothing like an invoice was found."""

    carrier: Carrier
    media_type: str
    pages: tuple[PageInfo, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    problems: tuple[Problem, ...] = ()
    steps: tuple[Step, ...] = ()
    words: tuple[tuple[Word, ...], ...] = field(default=())  # for each page, for search and display


Enough: TypeAlias = Callable[[Extraction], bool]
"""Answers whether what the code of one page says is enough: then the page is not read."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside a ZIP, to be received as a document of its own."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost. Defaults suit an office PC; the settings of `intake` fill them in."""

    max_bytes: int = 50 * 1024 * 1024
    max_pages: int = 200
    max_pixels: int = 60_000_000  # of one picture
    raster_pixels: int = 25_000_000  # of one rendered page
    zip_members: int = 500
    zip_bytes: int = 500 * 1024 * 1024  # unpacked, all members together
    seconds: float = 120.0  # wall time of one call
    cpu_seconds: int = 150
    memory_bytes: int = 4 * 1024**3

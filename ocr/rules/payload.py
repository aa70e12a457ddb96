"""The text inside an invoice's QR code: grammar, CRC-16, and what other codes on a page are (domain.md §2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from urllib.parse import parse_qs, urlsplit

from ocr.rules.codes import decode_code, plausible_number8
from ocr.types import CodeMeaning, CrcState, Kind

_PAYLOAD: Final = re.compile(
    r"01,(?P<type>[0-9]{2}),(?P<code>[0-9]{10}|[0-9]{12}| ?),(?P<number>[0-9]{8}|[0-9]{20}),"
    r"(?P<amount>-?[0-9]{1,11}(?:\.[0-9]{1,2})?),"
    r"(?P<date>[0-9]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2}),(?P<check>[0-9]{20}| ?)"
    r"(?:,(?P<crc>[0-9A-Fa-f]{0,4}),?)?"
)
_KIND_OF_TYPE: Final = {
    "01": Kind.VAT_SPECIAL_PAPER,
    "03": Kind.VEHICLE,
    "04": Kind.VAT_NORMAL_PAPER,
    "10": Kind.VAT_E_NORMAL,
    "11": Kind.VAT_ROLL,
    "14": Kind.VAT_E_TOLL,
    "15": Kind.USED_VEHICLE,
    "20": Kind.VAT_E_SPECIAL,
    "51": Kind.VAT_E_NORMAL,
}
_KIND_OF_DIGITAL: Final = {
    "01": Kind.DIG_PAPER_SPECIAL,
    "04": Kind.DIG_PAPER_NORMAL,
    "31": Kind.DIG_SPECIAL,
    "32": Kind.DIG_NORMAL,
    "51": Kind.RAIL_E,
    "59": Kind.DIG_NORMAL,
    "61": Kind.AIR_E,
    "83": Kind.DIG_VEHICLE,
    "84": Kind.DIG_USED_VEHICLE,
    "85": Kind.DIG_PAPER_SPECIAL,
    "86": Kind.DIG_PAPER_NORMAL,
}
_NET_TYPES: Final = frozenset({"01", "03", "04", "10", "14", "20", "51"})
_BASIS_KNOWN: Final = frozenset({"01", "04", "10", "20", "51"})
_BASIS_KNOWN_DIGITAL: Final = frozenset({"31", "32", "51"})

_FISCAL: Final = re.compile(
    r"CZ-EI-[0-9]{2},[0-9.]+,(?P<code>[0-9]{8}),(?P<number>[0-9]{10}|[0-9]{16}),(?P<check>[0-9A-Za-z]{6}),"
    r"(?P<date>[0-9]{8}),(?P<amount>-?[0-9]{1,11}(?:\.[0-9]{1,2})?),?"
)
_BLOCKCHAIN: Final = re.compile(
    r"01,10,(?P<code>[0-9]{12}),(?P<number>[0-9]{8}),(?P<seller>[0-9A-Z]{15,20}),"
    r"(?P<amount>-?[0-9]{1,11}(?:\.[0-9]{1,2})?),(?P<date>[0-9]{8}),(?P<hash>[0-9A-Fa-f]{64,})(?:,.*)?"
)
_PAYMENT: Final = re.compile(
    r"(?:weixin|wxp|alipays?)://"
    r"|https?://(?:(?:[^/]*\.)?(?:alipay|95516|tenpay)\.com|(?:pay|payapp)\.weixin\.qq\.com"
    r"|qr\.(?:chinaums|shouqianba)\.com)(?:[/:?]|$)",
    re.IGNORECASE,
)
_ISSUERS: Final = re.compile(
    r"nuonuo|jss\.com\.cn|baiwang|bwjf|fapiao|invoice|kaipiao|einv|51fapiao|piaoyitong|aisino|ele-cloud", re.IGNORECASE
)
_ROLL: Final = re.compile(r"0[0-9]{11}[,;]?[0-9]{8}")
_BOARDING: Final = re.compile(
    r"M[1-4][A-Z/ ]{20}.+"  # IATA bar coded boarding pass
    r"|[0-9A-Z]{2}[0-9]{3,4} [0-9]{4}[A-Z]{4}[0-9]{3}"  # MU2379 0312FTYN035
)


@dataclass(frozen=True, slots=True)
class Payload:
    """An invoice's QR payload (§2.1). `code` and `check` are empty where the kind has none.

    `amount` is the net when `amount_is_net`, otherwise the total; `basis_sure` says whether real papers have shown
    that basis for the type (§2.2) or only documentation has.
    """

    type: str
    code: str
    number: str
    amount: Decimal
    date: date
    check: str
    crc: CrcState
    kind: Kind | None
    amount_is_net: bool
    basis_sure: bool


@dataclass(frozen=True, slots=True)
class FiscalPayload:
    """The QR payload of a 财政电子票据 (§2.5); it has no CRC."""

    code: str
    number: str
    check: str
    date: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class BlockchainPayload:
    """A 区块链电子发票: the link states number and total, the text form the rest too (§2.5)."""

    number: str
    amount: Decimal
    code: str = ""
    seller_tax_id: str = ""
    date: date | None = None


def parse(text: str) -> Payload | None:
    """Parse an invoice's payload by the grammar of §2.1; None when it is not one."""
    found = _PAYLOAD.fullmatch(text.strip())
    if not found:
        return None
    kind_code, code, number = found["type"], found["code"].strip(), found["number"]
    digital = len(number) == 20
    day = _day(found["date"])
    if day is None or not (digital or (code and plausible_number8(number))):
        return None
    code = "" if digital else code
    variant = crc_variant(text)
    crc = CrcState(variant) if variant in {CrcState.NONE, CrcState.FAIL} else CrcState.OK
    return Payload(
        type=kind_code,
        code=code,
        number=number,
        amount=Decimal(found["amount"]),
        date=day,
        check=found["check"].strip(),
        crc=crc,
        kind=_KIND_OF_DIGITAL.get(kind_code) if digital else _kind(kind_code, code),
        amount_is_net=kind_code in _NET_TYPES and not (digital and kind_code == "51"),
        basis_sure=kind_code in (_BASIS_KNOWN_DIGITAL if digital else _BASIS_KNOWN),
    )


def crc_variant(text: str) -> str:
    """Which of the six CRC-16 in use fits: ``A`` … ``F``; ``none`` without a CRC, ``fail`` when none fits (§2.4).

    Copies often lost the blanks of an empty code and check field: those are tried again with one blank in each.
    """
    found = re.fullmatch(r"(01(?:,[^,]*){6}),([0-9A-Fa-f]{1,4}),?", text.strip())
    if not found:
        return "none"
    body, crc = found[1], int(found[2], 16)
    fields = body.split(",")
    blanks = ",".join(" " if place in {2, 6} and not field else field for place, field in enumerate(fields))
    for covered in (body, blanks):
        for name, checksum in VARIANTS.items():
            if checksum(covered.encode()) == crc:
                return name
    return "fail"


def encode(kind: str, code: str, number: str, amount: str, day: str, check: str, variant: str = "A") -> str:
    """Write a payload with its CRC, all fields as they shall stand; `variant` is ``A`` … ``F``."""
    body = f"01,{kind},{code},{number},{amount},{day},{check}"
    return f"{body},{VARIANTS[variant](body.encode()):04X}"


def meaning(text: str) -> CodeMeaning:
    """What a decoded code on a page is (§2.5)."""
    plain = text.strip()
    for means, is_it in _MEANINGS:
        if is_it(plain):
            return means
    return CodeMeaning.OTHER


def parse_fiscal(text: str) -> FiscalPayload | None:
    """Parse the payload of a fiscal bill; None when it is not one."""
    found = _FISCAL.fullmatch(text.strip())
    day = _day(found["date"]) if found else None
    if not found or day is None:
        return None
    return FiscalPayload(found["code"], found["number"], found["check"], day, Decimal(found["amount"]))


def parse_blockchain(text: str) -> BlockchainPayload | None:
    """Parse the link or the text of a blockchain invoice; None when it is not one. The link is never opened."""
    found = _BLOCKCHAIN.fullmatch(text.strip())
    if found:
        return BlockchainPayload(
            found["number"], Decimal(found["amount"]), found["code"], found["seller"], _day(found["date"])
        )
    link = _link(text.strip())
    if link is None or not link[0].startswith("bcfp."):
        return None
    query = parse_qs(link[1])
    number, fen = query.get("bill_num", [""])[0], query.get("total_amount", [""])[0]
    if not (plausible_number8(number) and re.fullmatch(r"-?[0-9]{1,13}", fen)):
        return None
    return BlockchainPayload(number, Decimal(fen) / 100)


def _kind(kind_code: str, code: str) -> Kind | None:
    """The kind of a tax-control paper: the type, refined by the code, which alone tells a toll invoice."""
    by_code = decode_code(code)
    if by_code and by_code.kind is Kind.VAT_E_TOLL and kind_code in {"10", "14", "51"}:
        return Kind.VAT_E_TOLL
    return _KIND_OF_TYPE.get(kind_code) or (by_code.kind if by_code else None)


def _day(text: str) -> date | None:
    digits = text.replace("-", "")
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _msb_first(data: bytes) -> int:
    """CRC-16/UMTS: polynomial 0x8005, start 0, not reflected."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x8005) & 0xFFFF if crc & 0x8000 else crc << 1 & 0xFFFF
    return crc


def _lsb_first(data: bytes, constant: int, crc: int = 0) -> int:
    """The reflected loop; with the unreflected constant 0x8005 it is the slip that toll issuers made."""
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ constant if crc & 1 else crc >> 1
    return crc


VARIANTS: Final[dict[str, Callable[[bytes], int]]] = {
    "A": lambda body: _msb_first(body + b","),
    "B": _msb_first,
    "C": lambda body: _lsb_first(body, 0x8005),
    "D": lambda body: _lsb_first(body + b",", 0x8005),
    "E": lambda body: _lsb_first(body + b",", 0xA001),
    "F": lambda body: _lsb_first(body + b",", 0xA001, 0xFFFF),
}
"""The checksums in use, over the payload up to but excluding the comma before the CRC (§2.4)."""


def _link(text: str) -> tuple[str, str, str] | None:
    """Host, query and path of a link, lower case host; None for other text."""
    if not re.match(r"https?://", text, re.IGNORECASE):
        return None
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return None
    return host.lower(), parts.query, parts.path


def _is_delivery(text: str) -> bool:
    """A link of the tax bureau to the file of a digital invoice; its site for checking invoices delivers none."""
    link = _link(text)
    return link is not None and link[0].endswith(".chinatax.gov.cn") and not link[0].startswith("inv-veri.")


def _is_roll(text: str) -> bool:
    """Code and number of a 卷票; nothing in it is guarded."""
    return bool(_ROLL.fullmatch(text)) and plausible_number8(text[-8:])


def _is_issue(text: str) -> bool:
    """A link that invites to issue an invoice (扫码开票)."""
    link = _link(text)
    return link is not None and bool(_ISSUERS.search(f"{link[0]}/{link[2]}"))


_MEANINGS: Final[tuple[tuple[CodeMeaning, Callable[[str], bool]], ...]] = (
    (CodeMeaning.INVOICE, lambda text: parse(text) is not None),
    (CodeMeaning.BLOCKCHAIN, lambda text: parse_blockchain(text) is not None),
    (CodeMeaning.FISCAL, lambda text: parse_fiscal(text) is not None),
    (CodeMeaning.TRAIN_TICKET, lambda text: bool(re.fullmatch(r"[0-9]{144}", text))),
    (CodeMeaning.ROLL, _is_roll),
    (CodeMeaning.BOARDING_PASS, lambda text: bool(_BOARDING.fullmatch(text))),
    (CodeMeaning.DELIVERY_LINK, _is_delivery),
    (CodeMeaning.PAYMENT, lambda text: bool(_PAYMENT.match(text))),
    (CodeMeaning.ISSUE_LINK, _is_issue),
)

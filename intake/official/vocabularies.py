"""What vendors of verification interfaces answer, in our words (domain.md §8.3).

Whatever a vendor says that is not listed counts as its own fault (`UPSTREAM_ERROR`): a new code must never read as
"not found".
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, unique
from typing import Final

from intake.model import OfficialOutcome

_O = OfficialOutcome


@unique
class Vendor(StrEnum):
    """Interfaces whose own codes are understood."""

    TENCENT = "tencent"  # VatInvoiceVerifyNew
    BAIDU = "baidu"  # vat_invoice_verification
    JUMDATA = "jumdata"  # 聚美智数 发票查验


_CODES: Final[Mapping[Vendor, Mapping[str, OfficialOutcome]]] = {
    Vendor.TENCENT: {
        "": _O.CONSISTENT,
        "FailedOperation.InvoiceMismatch": _O.INCONSISTENT,
        "ResourceNotFound.NoInvoice": _O.NOT_FOUND,
        "FailedOperation.NoInvoice": _O.NOT_FOUND,
        "FailedOperation.CountLimitError": _O.LIMIT_EXCEEDED,
        "FailedOperation.UnOpenError": _O.QUOTA,
        "FailedOperation.ArrearsError": _O.QUOTA,
        "ResourcesSoldOut.ChargeStatusException": _O.QUOTA,
        "IpNotInWhitelist": _O.QUOTA,
        "IpInBlacklist": _O.QUOTA,
        "UnauthorizedOperation": _O.QUOTA,
        "MissingParameter": _O.BAD_REQUEST,
        "UnknownParameter": _O.BAD_REQUEST,
        "UnsupportedOperation": _O.UNSUPPORTED,
    },
    Vendor.BAIDU: {
        "0001": _O.CONSISTENT,
        "0002": _O.LIMIT_EXCEEDED,
        "0005": _O.BAD_REQUEST,
        "0006": _O.INCONSISTENT,
        "0009": _O.NOT_FOUND,
        "1004": _O.BAD_REQUEST,
        "1005": _O.BAD_REQUEST,
        "1006": _O.BAD_REQUEST,
        "1008": _O.BAD_REQUEST,
        "1009": _O.BAD_REQUEST,
        "1014": _O.TODAY_NOT_AVAILABLE,
        "1015": _O.TOO_OLD,
        "1020": _O.BAD_REQUEST,
        "1021": _O.UPSTREAM_ERROR,
        "9999": _O.UPSTREAM_ERROR,
    },
    Vendor.JUMDATA: {
        "200": _O.CONSISTENT,
        "201": _O.NOT_FOUND,
        "202": _O.INCONSISTENT,
        "203": _O.LIMIT_EXCEEDED,
        "204": _O.QUOTA,
        "205": _O.TOO_OLD,
        "206": _O.UPSTREAM_ERROR,
        "207": _O.UNSUPPORTED,
        "400": _O.BAD_REQUEST,
        "404": _O.BAD_REQUEST,
        "411": _O.BAD_REQUEST,
        "412": _O.BAD_REQUEST,
        "500": _O.UPSTREAM_ERROR,
        "502": _O.UPSTREAM_ERROR,
        "601": _O.QUOTA,
        "602": _O.QUOTA,
        "603": _O.QUOTA,
        "604": _O.QUOTA,
        "606": _O.QUOTA,
        "607": _O.QUOTA,
        "609": _O.UPSTREAM_ERROR,
        "610": _O.UPSTREAM_ERROR,
        "999": _O.UPSTREAM_ERROR,
    },
}
_PREFIXES: Final = {
    "AuthFailure": _O.QUOTA,
    "InvalidParameter": _O.BAD_REQUEST,
    "InvalidParameterValue": _O.BAD_REQUEST,
    "LimitExceeded": _O.QUOTA,
}
"""Families of Tencent's codes: what stands before the first dot."""

_SIGNS: Final[Mapping[Vendor, Mapping[str, OfficialOutcome]]] = {
    Vendor.TENCENT: {"Y": _O.VOID},  # IsAbandoned
    Vendor.BAIDU: {"Y": _O.VOID, "H": _O.RED_FULL, "QH": _O.RED_FULL, "BH": _O.RED_PART},  # InvalidSign
    Vendor.JUMDATA: {},  # documents none
}


def outcome_of(vendor: Vendor, code: str, sign: str = "") -> OfficialOutcome:
    """What a vendor's code means; `sign` is its mark for void and reversed invoices beside a found one."""
    known = _CODES[vendor].get(code)
    if known is None and vendor is Vendor.TENCENT:
        known = _PREFIXES.get(code.partition(".")[0])
    if known is _O.CONSISTENT:
        return _SIGNS[vendor].get(sign, known)
    return known or _O.UPSTREAM_ERROR


def worth_repeating(outcome: OfficialOutcome) -> bool:
    """Whether the same question may be put again within the minute: only after a fault of the service asked."""
    return outcome is _O.UPSTREAM_ERROR

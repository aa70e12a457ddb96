"""Invoice codes and numbers: kind, region, year (domain.md §3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ocr.rules.taxid import TaxIdKind, classify
from ocr.types import Kind

PROVINCES: Final = {
    "11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古", "21": "辽宁", "22": "吉林", "23": "黑龙江",
    "31": "上海", "32": "江苏", "33": "浙江", "34": "安徽", "35": "福建", "36": "江西", "37": "山东", "41": "河南",
    "42": "湖北", "43": "湖南", "44": "广东", "45": "广西", "46": "海南", "50": "重庆", "51": "四川", "52": "贵州",
    "53": "云南", "54": "西藏", "61": "陕西", "62": "甘肃", "63": "青海", "64": "宁夏", "65": "新疆",
}  # fmt: skip
CITIES: Final = {"2102": "大连", "3302": "宁波", "3502": "厦门", "3702": "青岛", "4403": "深圳"}
"""计划单列市, regions of their own."""

_CITY_OF_NUMBER: Final = {"91": "2102", "92": "3702", "93": "3302", "94": "3502", "95": "4403"}
PLACE_OF_NUMBER: Final = {region: place for place, region in _CITY_OF_NUMBER.items()}
"""What a 数电票号码 says of those cities' regions."""
_PILOT_CODES: Final = frozenset({"144031539110", "131001570151", "133011501118", "111001571071"})
_TYPE_OF_12: Final = {
    "04": "04", "05": "04", "06": "11", "07": "11", "11": "10", "12": "14", "13": "08", "17": "15",
}  # fmt: skip
_TYPE_OF_10: Final = {"1": "01", "5": "01", "3": "04", "6": "04", "2": "02", "7": "02"}
_LOCAL: Final = "99"
KIND_OF_TYPE: Final = {
    "01": Kind.VAT_SPECIAL_PAPER,
    "02": Kind.FREIGHT_SPECIAL,
    "03": Kind.VEHICLE,
    "04": Kind.VAT_NORMAL_PAPER,
    "08": Kind.VAT_E_SPECIAL,
    "10": Kind.VAT_E_NORMAL,
    "11": Kind.VAT_ROLL,
    "14": Kind.VAT_E_TOLL,
    "15": Kind.USED_VEHICLE,
}


@dataclass(frozen=True, slots=True)
class CodeInfo:
    """What a 发票代码 says. `type` is the official platform's (§1.3 B, ``99`` for local papers), `region` four
    digits, `region_name` None when no such region is known, `year` that of the code, not of the issue.
    """

    kind: Kind | None
    type: str
    region: str
    region_name: str | None
    year: int


@dataclass(frozen=True, slots=True)
class NumberInfo:
    """What a 20-digit 数电票号码 says. `region` is four digits or None when unknown; `channel` is never validated."""

    year: int
    region: str | None
    region_name: str | None
    channel: str
    sequence: str


def decode_code(code: str) -> CodeInfo | None:
    """Decode a 发票代码 of 10 or 12 digits; None for anything else (§3.1, §3.2)."""
    if not re.fullmatch(r"[0-9]{10}|[0-9]{12}", code):
        return None
    if len(code) == 12:
        digits, year, kind = code[1:5], code[5:7], _type_of_12(code)
    else:
        digits, year, kind = code[:4], code[4:6], _TYPE_OF_10.get(code[7], _LOCAL)
    region = _reduce(digits)
    return CodeInfo(KIND_OF_TYPE.get(kind), kind, region, region_name(region), 2000 + int(year))


def decode_number(number: str) -> NumberInfo | None:
    """Decode a 数电票号码 of 20 digits whose year is 2021–2049; None for anything else (§3.4)."""
    if not re.fullmatch(r"[0-9]{20}", number) or not 21 <= int(number[:2]) <= 49:
        return None
    place = number[2:4]
    region = _CITY_OF_NUMBER.get(place) or (f"{place}00" if place in PROVINCES else None)
    return NumberInfo(2000 + int(number[:2]), region, region and region_name(region), number[4], number[5:])


def split_concatenated(number: str) -> tuple[str, str] | None:
    """Split 20 digits that are a 12-digit code and an 8-digit number; None when they are a 数电票号码 (§3.4)."""
    if not re.fullmatch(r"[01][0-9]{19}", number):
        return None
    code, rest = number[:12], number[12:]
    info = decode_code(code)
    return (code, rest) if info and info.region_name and plausible_number8(rest) else None


def plausible_number8(number: str) -> bool:
    """Whether a text is an eight-digit 发票号码 (§3.3)."""
    return bool(re.fullmatch(r"[0-9]{8}", number)) and number != "00000000"


def region_of_tax_id(tax_id: str) -> str | None:
    """The four-digit region of a tax id, cities of their own kept; None when it names none (§3.7)."""
    digits = tax_id[2:6] if classify(tax_id) is TaxIdKind.USCC else tax_id[:4]
    region = _reduce(digits)
    return region if re.fullmatch(r"[0-9]{4}", digits) and region_name(region) else None


def region_name(region: str) -> str | None:
    """The Chinese name of a four-digit region, or None."""
    return CITIES.get(region) or (PROVINCES.get(region[:2]) if region.endswith("00") else None)


def _type_of_12(code: str) -> str:
    if code in _PILOT_CODES:
        return "10"
    if code[0] == "0":
        return _TYPE_OF_12.get(code[10:], _LOCAL)
    return "03" if code[0] == "1" and code[7] == "2" else _LOCAL


def _reduce(digits: str) -> str:
    """Four region digits as the official site reduces them: a city of its own, or the province (§3.5)."""
    return digits if digits in CITIES else f"{digits[:2]}00"

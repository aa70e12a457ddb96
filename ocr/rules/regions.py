"""Where an invoice was issued: the region of its code or number, else of its seller (domain.md §3.5, §9.7)."""

from __future__ import annotations

from typing import Final

from ocr.rules.codes import CITIES, PROVINCES, decode_code, decode_number, region_of_tax_id
from ocr.rules.taxid import TaxIdKind, classify

BEIJING: Final = "1100"

REGIONS: Final = {f"{place}00": name for place, name in PROVINCES.items()} | CITIES
"""Every region by its four digits: the provinces, and the five planned cities (计划单列市) beside them."""

DISTRICTS: Final = {
    "110101": "东城区", "110102": "西城区", "110103": "崇文区", "110104": "宣武区", "110105": "朝阳区", "110106": "丰台区",
    "110107": "石景山区", "110108": "海淀区", "110109": "门头沟区", "110111": "房山区", "110112": "通州区",
    "110113": "顺义区", "110114": "昌平区", "110115": "大兴区", "110116": "怀柔区", "110117": "平谷区", "110118": "密云区",
    "110119": "延庆区", "110228": "密云县", "110229": "延庆县", "110302": "经济技术开发区",
}  # fmt: skip
"""The districts of Beijing as GB/T 2260 numbers them, former ones too, since a tax id keeps its digits."""


def region_of(code: str, number: str, seller_tax_id: str) -> str:
    """The four digits of the region of issue; empty when neither code, number nor seller tells one."""
    by_number = decode_number(number)
    if by_number is not None:
        issued = by_number.region
    else:
        by_code = decode_code(code)
        issued = by_code.region if by_code is not None and by_code.region_name else None
    return issued or region_of_tax_id(seller_tax_id) or ""


def district_of(seller_tax_id: str) -> str:
    """The six digits of the seller's district (县级行政区划); empty when the tax id names none."""
    digits = seller_tax_id[2:8] if classify(seller_tax_id) is TaxIdKind.USCC else seller_tax_id[:6]
    known = region_of_tax_id(seller_tax_id) is not None and digits.isdigit() and not digits.endswith("00")
    return digits if known and len(digits) == len("110108") else ""


def district_name(district: str) -> str:
    """The Chinese name of a district of Beijing, else its digits as they are."""
    return DISTRICTS.get(district, district)

"""What a remark (备注) says in fixed words: for whom a tax office issued, and which invoice is reversed (domain.md §4.2, §4.6)."""

from __future__ import annotations

import re
from typing import Final

RED: Final = (
    r"(?:被红冲蓝字(?:数电|全电)?(?:发)?票号码|对应(?:正数|蓝字)发票代码|原发票代码)\s*[:;]?\s*"
    r"(?P<v>\d{10,20}(?:\s*[,;、]?\s*(?:号码)?\s*[:;]?\s*\d{8})?)(?!\d)"
)
"""The blue invoice that a red letter names: twenty digits, or code and number."""
RED_SLIP: Final = r"信息(?:表|确认单)编号\s*[:：;]?\s*(?P<v>\d{20}|\d{16})(?!\d)"
"""The 信息表 (16 digits) or 红字发票信息确认单 (20) on which a red letter rests."""
_REAL_TAX_ID: Final = re.compile(r"代开企业(?:税号|纳税人识别号)\s*[:：;]?\s*(?P<v>[0-9A-Z]{15,20})")
_REAL_NAME: Final = re.compile(r"代开企业名称\s*[:：;]?\s*(?P<v>\S+?)(?=代开企业|[;,；，]|\s|$)")


def real_seller(remark: str) -> tuple[str, str]:
    """Tax id and name of the company for which a tax office issued; empty where the remark does not say it."""
    tax_id, name = _REAL_TAX_ID.search(remark), _REAL_NAME.search(remark)
    return tax_id["v"] if tax_id else "", name["v"] if name else ""


def red_slip(remark: str) -> str:
    """The number of the slip on which a red letter rests; empty without one."""
    found = re.search(RED_SLIP, remark)
    return found["v"] if found else ""

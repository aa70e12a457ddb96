"""The codes by which other systems name the kinds of invoices (domain.md §1.3 B, §7.4): one table a system.

Of a status only the words are certain: the order of its codes differs between interfaces (§7.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ocr.rules.codes import KIND_OF_TYPE
from ocr.types import Kind

_TAX_BUREAU: Final = {
    **KIND_OF_TYPE,
    "17": Kind.CUSTOMS,
    "21": Kind.CUSTOMS,
    "51": Kind.RAIL_E,
    "59": Kind.DIG_NORMAL,
    "61": Kind.AIR_E,
    "81": Kind.DIG_SPECIAL,
    "82": Kind.DIG_NORMAL,
    "83": Kind.DIG_VEHICLE,
    "84": Kind.DIG_USED_VEHICLE,
    "85": Kind.DIG_PAPER_SPECIAL,
    "86": Kind.DIG_PAPER_NORMAL,
    "87": Kind.DIG_VEHICLE,
    "88": Kind.DIG_USED_VEHICLE,
}
_YONYOU: Final = {
    "31": Kind.DIG_SPECIAL,
    "32": Kind.DIG_NORMAL,
    "33": Kind.DIG_PAPER_SPECIAL,
    "34": Kind.DIG_PAPER_NORMAL,
}
_NUONUO: Final = {
    "p": Kind.VAT_E_NORMAL,
    "c": Kind.VAT_NORMAL_PAPER,
    "s": Kind.VAT_SPECIAL_PAPER,
    "b": Kind.VAT_E_SPECIAL,
    "r": Kind.VAT_ROLL,
    "j": Kind.VEHICLE,
    "u": Kind.USED_VEHICLE,
    "bs": Kind.DIG_SPECIAL,
    "pc": Kind.DIG_NORMAL,
    "es": Kind.DIG_PAPER_SPECIAL,
    "ec": Kind.DIG_PAPER_NORMAL,
}
_EKUAIBAO: Final = {
    "004": Kind.VAT_SPECIAL_PAPER,
    "005": Kind.VEHICLE,
    "006": Kind.USED_VEHICLE,
    "007": Kind.VAT_NORMAL_PAPER,
    "025": Kind.VAT_ROLL,
    "026": Kind.VAT_E_NORMAL,
    "028": Kind.VAT_E_SPECIAL,
    "81": Kind.DIG_SPECIAL,
    "82": Kind.DIG_NORMAL,
}

KIND_CODES: Final[Mapping[str, Mapping[str, Kind]]] = {
    "tax_bureau": _TAX_BUREAU,
    "yonyou": {**_TAX_BUREAU, **_YONYOU},
    "nuonuo": _NUONUO,
    "ekuaibao": _EKUAIBAO,
}
"""By the value of `intake.register.meaning.Codes`."""

"""What a person must key for each kind of paper, and whether two keyings agree (domain.md §10.1, §10.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique
from typing import Final

from intake.checks import check
from intake.model import Finding, FusedField, Invoice, Level
from ocr.normalise import normalise
from ocr.types import FieldName, FieldValue, Kind, Source

F = FieldName


@unique
class Requirement(StrEnum):
    """Whether a field must be keyed. CONDITIONAL: when the paper prints it."""

    MANDATORY = "mandatory"
    CONDITIONAL = "conditional"
    OPTIONAL = "optional"


_M, _C, _O = Requirement.MANDATORY, Requirement.CONDITIONAL, Requirement.OPTIONAL
Column = Mapping[FieldName, Requirement]

_BASE: Final[Column] = {F.NUMBER: _M, F.DATE: _M, F.TOTAL: _M, F.REMARK: _O}
_PARTIES: Final[Column] = {F.BUYER_NAME: _M, F.BUYER_TAX_ID: _M, F.SELLER_NAME: _M, F.SELLER_TAX_ID: _M}
_SUMS: Final[Column] = {F.NET: _M, F.TAX: _M, F.TOTAL_IN_WORDS: _O, F.RED_OF: _C}
_SPECIAL: Final[Column] = {F.CODE: _M, **_BASE, **_SUMS, **_PARTIES, F.MACHINE_NUMBER: _O, F.DRAWER: _O}
_NORMAL: Final[Column] = {**_SPECIAL, F.CHECK_CODE: _M, F.BUYER_TAX_ID: _C}
_DIGITAL: Final[Column] = {**_BASE, **_SUMS, **_PARTIES, F.MARK: _O, F.DRAWER: _O}
_DIGITAL_NORMAL: Final[Column] = {**_DIGITAL, F.BUYER_TAX_ID: _C}
_ROLL: Final[Column] = {
    **_BASE, F.CODE: _M, F.CHECK_CODE: _M, F.NET: _O, F.TAX: _O, F.TOTAL_IN_WORDS: _O, F.BUYER_NAME: _O,
    F.BUYER_TAX_ID: _C, F.SELLER_NAME: _M, F.SELLER_TAX_ID: _M, F.MACHINE_NUMBER: _O,
}  # fmt: skip
# the vehicle identification number (VIN, 17 characters) is kept as the field `vehicle`
_VEHICLE: Final[Column] = {**_SPECIAL, F.VEHICLE: _M}
_USED: Final[Column] = {
    **_BASE, F.CODE: _M, F.TOTAL_IN_WORDS: _O, F.BUYER_NAME: _M, F.BUYER_TAX_ID: _C, F.SELLER_NAME: _M,
    F.SELLER_TAX_ID: _C, F.VEHICLE: _M, F.RED_OF: _C,
}  # fmt: skip
_RAIL: Final[Column] = {
    **_BASE, F.NET: _C, F.TAX: _C, F.BUYER_NAME: _C, F.BUYER_TAX_ID: _C, F.ROUTE: _M, F.VEHICLE: _O, F.TRAVELLER: _O,
    F.RED_OF: _C,
}  # fmt: skip
_AIR_PARTS: Final[Column] = dict.fromkeys((F.FARE, F.FUEL, F.FUND, F.OTHER_FEES), _O)
_AIR: Final[Column] = {
    **_RAIL, **_AIR_PARTS, F.SELLER_NAME: _M, F.SELLER_TAX_ID: _M, F.CHECK_CODE: _O, F.SERIAL: _O,
}  # fmt: skip
_LOCAL: Final[Column] = {**_BASE, F.CODE: _M, F.SELLER_NAME: _O}
_FISCAL: Final[Column] = {
    **_BASE, F.CODE: _M, F.CHECK_CODE: _M, F.TOTAL_IN_WORDS: _O, F.BUYER_NAME: _O, F.BUYER_TAX_ID: _O,
    F.SELLER_NAME: _M,
}  # fmt: skip
_CUSTOMS: Final[Column] = {
    **_BASE, F.TAX: _M, F.TOTAL_IN_WORDS: _O, F.BUYER_NAME: _M, F.BUYER_TAX_ID: _C, F.SELLER_NAME: _O,
}  # fmt: skip
_ATTACHMENT: Final[Column] = {F.CODE: _O, F.NUMBER: _O, F.DATE: _O, F.TOTAL: _O, F.REMARK: _O}

_COLUMNS: Final[dict[Kind, Column]] = {
    Kind.VAT_SPECIAL_PAPER: _SPECIAL,
    Kind.VAT_E_SPECIAL: {**_SPECIAL, F.CHECK_CODE: _O},
    Kind.FREIGHT_SPECIAL: _SPECIAL,
    Kind.VAT_NORMAL_PAPER: _NORMAL,
    Kind.VAT_E_NORMAL: _NORMAL,
    # a toll note that is not taxed prints *** for the tax
    Kind.VAT_E_TOLL: {**_NORMAL, F.TAX: _C},
    Kind.VAT_ROLL: _ROLL,
    Kind.VEHICLE: _VEHICLE,
    Kind.USED_VEHICLE: _USED,
    Kind.DIG_SPECIAL: _DIGITAL,
    Kind.DIG_NORMAL: _DIGITAL_NORMAL,
    Kind.DIG_VEHICLE: {**_DIGITAL, F.VEHICLE: _M},
    Kind.DIG_USED_VEHICLE: {name: need for name, need in _USED.items() if name is not F.CODE},
    Kind.DIG_PAPER_SPECIAL: {**_DIGITAL, F.CODE: _C},
    Kind.DIG_PAPER_NORMAL: {**_DIGITAL_NORMAL, F.CODE: _C, F.CHECK_CODE: _O},
    Kind.RAIL_E: _RAIL,
    Kind.AIR_E: _AIR,
    # the paper ticket is known by its serial; the red number may be cut off
    Kind.TRAIN_PAPER: {**_BASE, F.NUMBER: _C, F.SERIAL: _M, F.ROUTE: _M, F.VEHICLE: _O, F.TRAVELLER: _O},
    Kind.AIR_PAPER: {
        **_BASE,
        **_AIR_PARTS,
        F.SERIAL: _C,
        F.CHECK_CODE: _O,
        F.ROUTE: _M,
        F.TRAVELLER: _O,
        F.SELLER_NAME: _O,
    },
    Kind.TAXI: {**_LOCAL, F.VEHICLE: _O},
    Kind.QUOTA: _LOCAL,
    Kind.COACH: {**_LOCAL, F.ROUTE: _O, F.TRAVELLER: _O},
    Kind.MACHINE_GENERAL: {**_LOCAL, F.BUYER_NAME: _O},
    Kind.BLOCKCHAIN: {**_LOCAL, F.CHECK_CODE: _O, F.BUYER_NAME: _O, F.SELLER_NAME: _M, F.SELLER_TAX_ID: _O},
    Kind.CUSTOMS: _CUSTOMS,
    Kind.FISCAL: _FISCAL,
    Kind.TAX_RECEIPT: {
        **_BASE,
        F.TOTAL_IN_WORDS: _O,
        F.BUYER_NAME: _O,
        F.BUYER_TAX_ID: _O,
        F.SELLER_NAME: _O,
    },
    Kind.LIST_PAGE: _ATTACHMENT,
    Kind.RIDE_LIST: _ATTACHMENT,
    Kind.OTHER: _ATTACHMENT,
    Kind.UNKNOWN: {**_BASE, F.CODE: _C, F.SELLER_NAME: _O, F.SELLER_TAX_ID: _O},
}
_DIGITAL_NUMBER: Final = "[0-9]{20}"
_PAIR: Final = {F.CODE: "[0-9]{10}|[0-9]{12}|[12][0-9]{7}[A-Z][0-9]{3}", F.NUMBER: "(?!0{8})[0-9]{8}"}
_FORMS: Final[dict[Kind, dict[FieldName, str]]] = {
    Kind.FISCAL: {F.CODE: "[0-9]{8}", F.NUMBER: "[0-9]{10}|[0-9]{16}"},
    Kind.CUSTOMS: {F.NUMBER: "[0-9]{18}-L[0-9]{2}"},
    Kind.AIR_PAPER: {F.NUMBER: "[0-9]{13}"},
    Kind.TRAIN_PAPER: {F.SERIAL: "[0-9A-Z]{21}"},
    Kind.TAX_RECEIPT: {},
    Kind.LIST_PAGE: {},
    Kind.RIDE_LIST: {},
    Kind.OTHER: {},
    Kind.UNKNOWN: {},
}
_BLIND: Final = (F.CODE, F.NUMBER, F.SERIAL, F.DATE, F.TOTAL, F.SELLER_TAX_ID)


@dataclass(frozen=True, slots=True)
class EntryReport:
    """What is wrong with a keyed entry: fields missing, fields that cannot be so, and the findings of the checks."""

    missing: tuple[FieldName, ...]
    invalid: tuple[FieldName, ...]
    findings: tuple[Finding, ...]

    @property
    def complete(self) -> bool:
        """Whether the entry may go to the second person: a failed check is shown to both, it does not block."""
        return not self.missing and not self.invalid


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two people keyed differently; None where one left it empty."""

    name: FieldName
    first: str | None
    second: str | None


def requirements(kind: Kind) -> Column:
    """The fields of a kind of paper in the order of keying, each with its requirement (§10.1)."""
    column = _COLUMNS[kind]
    return {name: column[name] for name in FieldName if name in column}


def critical(kind: Kind) -> tuple[FieldName, ...]:
    """The fields that the second person keys without sight of the first values: key, date, total, seller (§10.2)."""
    column = _COLUMNS[kind]
    return tuple(name for name in _BLIND if column.get(name, _O) is not _O)


def clean(values: Mapping[FieldName, str]) -> dict[FieldName, str]:
    """Keyed values in one spelling; what cannot be its field, and empty values, are left out."""
    spelled = {name: normalise(name, value) for name, value in values.items()}
    return {name: value for name, value in spelled.items() if value is not None}


def check_entry(
    kind: Kind, values: Mapping[FieldName, str], illegible: frozenset[FieldName], *, today: date
) -> EntryReport:
    """Check keyed values: required fields (unless marked illegible), their form, and all checks of the invoice."""
    good = clean(values)
    column = requirements(kind)
    untaxed = F.NET in good and good[F.NET] == good.get(F.TOTAL)  # the face prints *** for the tax (§4.5 rule 1)
    missing = tuple(
        name
        for name, need in column.items()
        if need is _M and not values.get(name, "").strip() and name not in illegible and not (name is F.TAX and untaxed)
    )
    malformed = {name for name, value in values.items() if value.strip() and name not in good}
    invalid = malformed | _wrong_shape(kind, good)
    fields = {
        name: FusedField(name, value, frozenset(), (FieldValue(name, value, 1.0, Source.TYPED),))
        for name, value in good.items()
        if name not in invalid
    }
    findings = tuple(one for one in check(Invoice(kind, fields), today=today) if one.level is not Level.OK)
    return EntryReport(missing, tuple(name for name in FieldName if name in invalid), findings)


def differences(
    first: Mapping[FieldName, str], second: Mapping[FieldName, str], fields: Iterable[FieldName]
) -> tuple[Difference, ...]:
    """The fields in which two keyings differ after they are brought to one spelling."""
    one, two = clean(first), clean(second)
    return tuple(Difference(name, one.get(name), two.get(name)) for name in fields if one.get(name) != two.get(name))


def _wrong_shape(kind: Kind, values: Mapping[FieldName, str]) -> set[FieldName]:
    """Number and code that are well spelled but not of this kind (§10.1: M8, M10, M20, M22)."""
    forms = {F.NUMBER: _DIGITAL_NUMBER}
    if kind in _FORMS:
        forms = _FORMS[kind]
    elif _COLUMNS[kind].get(F.CODE) is _M:
        forms = _PAIR
    return {name for name, form in forms.items() if name in values and not re.fullmatch(form, values[name])}

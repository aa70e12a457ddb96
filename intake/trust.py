"""Whether the code on a paper may be believed: that it is this paper's and was not altered (domain.md §2.4).

The payload has a public checksum and names no party, so a code of another invoice on the same sheet, or one left on
an altered face, is intact and wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum, auto
from itertools import product
from typing import Final, TypeAlias

from intake.payloads import CodeReading
from ocr.rules.amounts import sums_agree
from ocr.rules.confusion import one_edit
from ocr.types import STRUCTURED, CrcState, FieldName, FieldValue, Kind, Source

Seen: TypeAlias = Mapping[FieldName, tuple[FieldValue, ...]]

TEXT: Final = frozenset({Source.PDF_TEXT, Source.OFD_TEXT})
READERS: Final = frozenset({Source.OCR, Source.OCR_SECOND})
FACE: Final = TEXT | READERS
SUM: Final = (FieldName.NET, FieldName.TAX, FieldName.TOTAL)
_NAMES: Final = frozenset({FieldName.BUYER_NAME, FieldName.SELLER_NAME})
DIGITAL: Final = frozenset(
    {
        Kind.DIG_SPECIAL, Kind.DIG_NORMAL, Kind.DIG_VEHICLE, Kind.DIG_USED_VEHICLE, Kind.DIG_PAPER_SPECIAL,
        Kind.DIG_PAPER_NORMAL, Kind.RAIL_E, Kind.AIR_E,
    }
)  # fmt: skip
TAX_CONTROL: Final = frozenset(
    {
        Kind.VAT_SPECIAL_PAPER, Kind.VAT_NORMAL_PAPER, Kind.VAT_E_NORMAL, Kind.VAT_E_SPECIAL, Kind.VAT_E_TOLL,
        Kind.VAT_ROLL, Kind.VEHICLE, Kind.USED_VEHICLE, Kind.FREIGHT_SPECIAL,
    }
)  # fmt: skip
TWO_NUMBERS: Final = frozenset({Kind.DIG_PAPER_SPECIAL, Kind.DIG_PAPER_NORMAL})
"""Kinds with a number of 20 digits and one of 8: their code may be that of either family (§2.5)."""
NEIGHBOURS: Final = 50
"""Numbers no further apart than this may be two invoices of one sheet or one day."""


class Trust(Enum):
    """How far the code on the paper may be believed."""

    BELIEVED = auto()  # the CRC fits and the face does not contradict that it is this paper's
    NEUTRAL = auto()  # no CRC
    DOUBTED = auto()  # the CRC fails, or the face names another invoice


def trust_in(kind: Kind, code: CodeReading | None, seen: Seen, *, alone: bool = True) -> Trust:
    """Whether the code's values may be taken over what was read from the face.

    The number on the face decides: data and text layer must say the same, a recogniser the same or one misread
    character less. Several papers on one picture may have neighbouring numbers, one date and one code of
    invoices, so a number that was misread or not read needs a check code or an amount that agrees. Tolls and fares of
    one sheet have one amount, too: unless the paper is `alone` on its page, the amount tells nothing of an unread number.
    """
    if code is None or code.crc is CrcState.FAIL or _other_family(kind, code.kind):
        return Trust.DOUBTED
    key = FieldName.PRINTED_NUMBER if code.value(FieldName.NUMBER) is None else FieldName.NUMBER
    number = code.value(key) or ""
    stated = [value for value in seen.get(key, ()) if value.source in FACE | STRUCTURED]
    read = {value.value for value in stated}
    if any(not misread(key, value, number) for value in stated):
        return Trust.DOUBTED
    near = any(_neighbours(one, number) for one in read) if read else not alone
    if number not in read and not _belongs(code, seen, neighbour=near):
        return Trust.DOUBTED
    return Trust.BELIEVED if code.crc is CrcState.OK else Trust.NEUTRAL


def _other_family(kind: Kind, said: Kind | None) -> bool:
    """Whether the title makes the paper one of another family than the code does: a number of 20 digits or of 8."""
    if said is None or kind is Kind.UNKNOWN:
        return False
    families = (DIGITAL, TAX_CONTROL | TWO_NUMBERS, frozenset(Kind) - DIGITAL - TAX_CONTROL)
    return not any({kind, said} <= family for family in families)


def _belongs(code: CodeReading, seen: Seen, *, neighbour: bool) -> bool:
    """Whether a value that tells one invoice from the next agrees; or the code is all that was read of the paper."""
    if not any(value.source in FACE | STRUCTURED for values in seen.values() for value in values):
        return True
    check = code.value(FieldName.CHECK_CODE)
    if check and check in _texts(seen, FieldName.CHECK_CODE):
        return True
    amount = code.value(code.amount_field) or ""
    return not neighbour and (amount in _texts(seen, code.amount_field) or sum_with(code.amount_field, amount, seen))


def sum_with(name: FieldName, amount: str, seen: Seen) -> bool:
    """Whether the amount of the code makes net + tax = total with what was read of the other two."""
    texts = {field: {amount} if field is name else _texts(seen, field) for field in SUM}
    sums = product(*(map(Decimal, sorted(texts[field])) for field in SUM))
    return any(tax != 0 and sums_agree(net, tax, total) for net, tax, total in sums)


def _texts(seen: Seen, name: FieldName) -> set[str]:
    """What the paper and the issuer's data say of a field."""
    return {value.value for value in seen.get(name, ()) if value.source in FACE | STRUCTURED}


def _neighbours(one: str, other: str) -> bool:
    """Whether two numbers of one length are those of invoices issued one after the other."""
    return one.isdigit() and len(one) == len(other) and abs(int(one) - int(other)) <= NEIGHBOURS


def face(seen: Seen, name: FieldName) -> list[FieldValue]:
    """What the paper itself was seen to print in a field."""
    return [value for value in seen.get(name, ()) if value.source in FACE]


def misread(name: FieldName, other: FieldValue, value: str) -> bool:
    """Whether a sighting says the value, or is a recogniser's reading of it with one mistake (a name cut short too)."""
    if other.value == value:
        return True
    if other.source not in READERS:
        return False
    cut = name in _NAMES and (other.value in value or value in other.value)
    return cut or one_edit(other.value, value)

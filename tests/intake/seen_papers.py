"""Invented papers as a perfect reader sees them: the truth, the sightings of a carrier, the code on the paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from fixtures.invent import REGIONS, Inventor
from ocr.normalise import normalise
from ocr.rules.payload import encode, meaning, parse
from ocr.types import Box, CodeSighting, CrcState, FieldName, FieldValue, Kind, Receipt, Source

F, S, K = FieldName, Source, Kind
CENT: Final = Decimal("0.01")
IDS: Final = (F.BUYER_TAX_ID, F.SELLER_TAX_ID)
NAMES: Final = (F.BUYER_NAME, F.SELLER_NAME)
SUMS: Final = (F.NET, F.TAX, F.TOTAL)
FORMS: Final = (
    (K.VAT_E_NORMAL, "10"), (K.VAT_E_SPECIAL, "20"), (K.VAT_SPECIAL_PAPER, "01"), (K.VAT_NORMAL_PAPER, "04"),
    (K.DIG_SPECIAL, "31"), (K.DIG_NORMAL, "32"), (K.DIG_NORMAL, "32"), (K.RAIL_E, "51"), (K.TAXI, ""), (K.VAT_ROLL, ""),
)  # fmt: skip
_KIND_OF_CODE: Final = {K.VAT_E_NORMAL: "11", K.VAT_E_SPECIAL: "13", K.VAT_NORMAL_PAPER: "04", K.VAT_ROLL: "06"}
DIGITAL: Final = frozenset({K.DIG_SPECIAL, K.DIG_NORMAL, K.RAIL_E})
_SECOND: Final = frozenset({F.CODE, F.NUMBER, F.CHECK_CODE, *IDS, *SUMS})
OCR: Final = frozenset({S.OCR, S.OCR_SECOND})


@dataclass(frozen=True)
class Case:
    """One paper: what is on it, the amounts of its lines, and how it was seen."""

    kind: Kind
    truth: Mapping[FieldName, str]
    lines: tuple[tuple[Decimal, Decimal], ...]
    seen: tuple[FieldValue, ...]
    codes: tuple[CodeSighting, ...]
    region: Box | None = None
    told: str = ""

    def receipt(self) -> Receipt:
        return Receipt(self.kind, region=self.region, values=self.seen, codes=self.codes)


def paper(seed: int, carrier: Source) -> Case:
    """An invented paper as a perfect reader of the carrier sees it: a picture (OCR), a text layer, or the issuer's data."""
    inventor = Inventor(seed)
    kind, number_type = inventor.pick(FORMS)
    region = inventor.region()
    day = inventor.day(date(2021, 1, 5), date(2026, 10, 30))
    seller = inventor.company(region)
    buyer = inventor.company(inventor.pick((region, inventor.pick(REGIONS))))
    lines = tuple(_line(inventor) for _ in range(inventor.pick((1, 1, 2, 4))))
    net, tax = (sum((line[place] for line in lines), Decimal(0)) for place in (0, 1))
    values = {
        F.DATE: day.isoformat(), F.BUYER_NAME: buyer.name, F.BUYER_TAX_ID: buyer.tax_id, F.SELLER_NAME: seller.name,
        F.SELLER_TAX_ID: seller.tax_id, F.NET: f"{net:.2f}", F.TAX: f"{tax:.2f}", F.TOTAL: f"{net + tax:.2f}",
        F.TOTAL_IN_WORDS: f"{net + tax:.2f}",
    }  # fmt: skip
    if kind in DIGITAL:
        values[F.NUMBER] = inventor.number_20(region, day.year)
    else:
        twelve = _KIND_OF_CODE.get(kind)
        values[F.NUMBER] = inventor.number_8()
        values[F.CODE] = (
            inventor.code_12(region, day.year, twelve) if twelve else inventor.code_10(region, day.year, "1")
        )
        if twelve:
            values[F.CHECK_CODE] = inventor.check_code()
    if kind in {K.RAIL_E, K.TAXI}:
        for name in (F.NET, F.TAX, F.TOTAL_IN_WORDS, F.SELLER_TAX_ID, F.SELLER_NAME):
            values.pop(name)
    clean = {name: normalise(name, value) or value for name, value in values.items()}
    codes = (_code(kind, number_type, clean, inventor.pick("AABC")),) if number_type else ()
    return Case(kind, clean, lines, tuple(_sightings(kind, clean, carrier)), codes)


def _line(inventor: Inventor) -> tuple[Decimal, Decimal]:
    amount = inventor.money(5, 90_000)
    return amount, (amount * inventor.pick((13, 9, 6, 3, 1)) / 100).quantize(CENT, ROUND_HALF_UP)


def _code(kind: Kind, number_type: str, values: Mapping[FieldName, str], variant: str) -> CodeSighting:
    amount = values[F.TOTAL if kind in DIGITAL else F.NET]
    day = values[F.DATE].replace("-", "")
    text = encode(
        number_type, values.get(F.CODE, ""), values[F.NUMBER], amount, day, values.get(F.CHECK_CODE, ""), variant
    )
    return seen_code(text)


def seen_code(text: str) -> CodeSighting:
    found = parse(text)
    return CodeSighting(text, meaning(text), found.crc if found else CrcState.NONE, 0, None, "test")


def _sightings(kind: Kind, values: Mapping[FieldName, str], carrier: Source) -> list[FieldValue]:
    found = [
        FieldValue(name, value, 0.97, carrier, 0, _box(kind, name), f"{name} {value}") for name, value in values.items()
    ]
    if carrier is S.OCR:
        found += [replace(one, source=S.OCR_SECOND, confidence=0.7) for one in found if one.name in _SECOND]
    return found


def _box(kind: Kind, name: FieldName) -> Box:
    """Where the form prints a field (domain.md §5.2, §5.3); only the parties' places matter."""
    row = list(F).index(name) / 100
    if name not in IDS + NAMES:
        return Box(0.6, row, 0.8, row + 0.02)
    low = 0.02 if name in IDS else 0.0
    seller = name in {F.SELLER_TAX_ID, F.SELLER_NAME}
    if kind in DIGITAL:
        left = 0.55 if seller else 0.1
        return Box(left, 0.26 + low, left + 0.3, 0.275 + low)
    top = 0.72 if seller else 0.26
    return Box(0.2, top + low, 0.5, top + low + 0.015)

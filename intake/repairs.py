"""Corrections of what is not proven, each with its reason: proposals for a person, never taken by themselves (domain.md §4, §9.3).

A proposal changes one field so that what contradicts itself agrees: a check digit, the region of the number and of its
seller, its year and the date, the words and the figures, net + tax = total. Between several, the one wins that another source
has, too. Nothing is proposed for a proven value, and nothing that only guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from intake.model import Invoice
from intake.repairs_of_sums import SumRepair, repair_sums
from ocr.rules.codes import PLACE_OF_NUMBER, decode_code, decode_number, region_name, region_of_tax_id
from ocr.rules.confusion import confusable, one_edit
from ocr.rules.taxid import check_ok, org_ok, repairs, uscc_ok
from ocr.types import FieldName, FieldValue, Source

F = FieldName
MOST: Final = 2
"""Proposals for one field."""
_IDS: Final = {F.BUYER_TAX_ID: F.BUYER_NAME, F.SELLER_TAX_ID: F.SELLER_NAME}
_REMARK: Final = "remark"


@dataclass(frozen=True, slots=True)
class Party:
    """A party that another source knows. `place` is ``register``, ``archive``, ``companies``, ``remark`` or ``seal``."""

    name: str
    tax_id: str
    place: str


@dataclass(frozen=True, slots=True)
class Repair:
    """One field's proposal. `seen` is None where nothing was read, `reason` a code that is translated with `params`.

    `weight` counts the independent things that speak for it; the heavier one comes first.
    """

    name: FieldName
    seen: str | None
    proposed: str
    reason: str
    params: Mapping[str, str] = field(default_factory=dict)
    weight: int = 1


def propose(invoice: Invoice, known: Sequence[Party] = (), *, today: date) -> tuple[Repair, ...]:
    """The corrections that make an invoice agree with itself and with what is known, at most :data:`MOST` a field.

    `known` are parties of other sources: of register rows and earlier invoices with a near tax id or the same name, our
    own companies. `today` is the day in China.
    """
    case = _Case(invoice, tuple(known), today)
    best: dict[tuple[FieldName, str], Repair] = {}
    for rule in _RULES:
        for repair in rule(case):
            held = best.get((repair.name, repair.proposed))
            if repair.proposed != repair.seen and (held is None or held.weight < repair.weight):
                best[repair.name, repair.proposed] = repair
    order = list(FieldName)
    ranked = sorted(best.values(), key=lambda one: (order.index(one.name), -one.weight, one.proposed))
    return tuple(
        one for place, one in enumerate(ranked) if sum(other.name is one.name for other in ranked[:place]) < MOST
    )


@dataclass(frozen=True, slots=True)
class _Case:
    invoice: Invoice
    known: tuple[Party, ...]
    today: date

    def text(self, name: FieldName) -> str | None:
        return self.invoice.value(name)

    def open(self, name: FieldName) -> bool:
        return not self.invoice.proven(name)

    def rivals(self, name: FieldName) -> Iterator[FieldValue]:
        """What other readers saw in an open field instead of the chosen value."""
        found = self.invoice.fields.get(name)
        if found is not None and not found.proven:
            yield from (seen for seen in found.sightings if seen.value != found.value)

    def day(self) -> date | None:
        return _day(self.text(F.DATE) or "")

    def region(self) -> str | None:
        """The region of a seller whose tax id stands by itself."""
        seller = self.text(F.SELLER_TAX_ID) or ""
        return region_of_tax_id(seller) if _stands(seller) else None

    def here(self) -> str | None:
        """The region of the number or the code."""
        number, code = decode_number(self.text(F.NUMBER) or ""), decode_code(self.text(F.CODE) or "")
        return number.region if number else code.region if code else None

    def parties(self) -> Iterator[Party]:
        yield from self.known
        name, tax_id = self.text(F.REAL_SELLER_NAME), self.text(F.REAL_SELLER_TAX_ID)
        if tax_id:
            yield Party(name or "", tax_id, _REMARK)


def _stands(tax_id: str) -> bool:
    """Whether the check digits of a tax id fit, of a company both."""
    return check_ok(tax_id) is True and (not uscc_ok(tax_id) or org_ok(tax_id[8:17]))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


# --- parties ---------------------------------------------------------------------------------------------


def _tax_ids(case: _Case) -> Iterator[Repair]:
    """A tax id whose check fails: one confused character; the id of the same name elsewhere; one edit from a known id."""
    for name, of_name in _IDS.items():
        seen = case.text(name)
        if not case.open(name):
            continue
        fixed = repairs(seen) if seen and not _stands(seen) else ()
        for text in fixed:
            here = name is F.SELLER_TAX_ID and case.here() is not None and region_of_tax_id(text) == case.here()
            yield Repair(name, seen, text, "check_digits", {"at": _at(seen or "", text)}, 1 + (len(fixed) == 1) + here)
        for party in case.parties():
            same_name = bool(party.name) and party.name == case.text(of_name)
            near = seen is not None and one_edit(seen, party.tax_id)
            if (not same_name and not near) or not _stands(party.tax_id):
                continue
            params = {"place": party.place, "name": party.name}
            if seen is not None and not near and _stands(seen):
                continue  # both stand: two branches of one name, or a company that was renumbered
            yield Repair(
                name, seen, party.tax_id, "known_party", params, 2 + (party.tax_id in fixed) + (same_name and near)
            )


def _at(seen: str, proposed: str) -> str:
    """The first place, counted from one, in which two texts differ."""
    return str(
        next((at for at, (one, two) in enumerate(zip(seen, proposed, strict=False), 1) if one != two), len(seen))
    )


def _names(case: _Case) -> Iterator[Repair]:
    """The name that belongs to a tax id that stands."""
    for of_id, name in _IDS.items():
        tax_id, seen = case.text(of_id), case.text(name)
        if not tax_id or not _stands(tax_id) or not case.open(name):
            continue
        for party in case.parties():
            if party.tax_id == tax_id and party.name:
                yield Repair(name, seen, party.name, "name_of_id", {"place": party.place, "tax_id": tax_id}, 2)


# --- code, number, date ------------------------------------------------------------------------------------


def _number_region(case: _Case) -> Iterator[Repair]:
    """The region inside number or code, where it is one confused digit from the seller's (§3.7)."""
    region = case.region()
    for name, places in ((F.NUMBER, _number_places), (F.CODE, _code_places)):
        seen = case.text(name)
        if region is None or seen is None or not case.open(name):
            continue
        for text in places(seen, region):
            if _slip(seen, text):
                yield Repair(name, seen, text, "region_of_seller", {"region": region_name(region) or region})


def _number_places(number: str, region: str) -> Iterator[str]:
    info = decode_number(number)
    if len(number) == 20 and (info is None or info.region != region):
        yield number[:2] + PLACE_OF_NUMBER.get(region, region[:2]) + number[4:]


def _code_places(code: str, region: str) -> Iterator[str]:
    info = decode_code(code)
    if info is not None and info.region != region:
        start = len(code) // 12
        yield code[:start] + region[:2] + code[start + 2 :]
        yield code[:start] + region + code[start + 4 :]


def _year(case: _Case) -> Iterator[Repair]:
    """The year inside a 20-digit number is that of the date (§3.4); that of a code is not later (§3.7)."""
    day = case.day()
    number, code = case.text(F.NUMBER) or "", case.text(F.CODE) or ""
    if day is None:
        return
    info = decode_number(number)
    wrong = len(number) == 20 and number.isdigit() and (info is None or info.year != day.year)
    if wrong and case.open(F.NUMBER):
        text = f"{day.year % 100:02d}{number[2:]}"
        if _slip(number, text):
            yield Repair(F.NUMBER, number, text, "year_of_date", {"year": str(day.year)})
    if info is not None and wrong and case.open(F.DATE):
        text = f"{info.year}{day.isoformat()[4:]}"
        if _slip(day.isoformat(), text) and (_day(text) or date.max) <= case.today:
            yield Repair(
                F.DATE, day.isoformat(), text, "year_of_number", {"year": str(info.year)}, 1 + (not case.open(F.NUMBER))
            )
    batch = decode_code(code)
    if batch is not None and batch.year > day.year and case.open(F.CODE):
        start = 5 if len(code) == 12 else 4
        for year in range(day.year - 4, day.year + 1):
            text = f"{code[:start]}{year % 100:02d}{code[start + 2 :]}"
            if _slip(code, text):
                yield Repair(F.CODE, code, text, "year_of_code", {"year": str(day.year)})


def _date(case: _Case) -> Iterator[Repair]:
    """Month and day exchanged, where the date lies in the future."""
    day = case.day()
    if day is None or day <= case.today or not case.open(F.DATE) or day.day > 12:
        return
    swapped = date(day.year, day.day, day.month)
    if swapped <= case.today:
        yield Repair(F.DATE, day.isoformat(), swapped.isoformat(), "month_and_day", {"today": case.today.isoformat()})


def _slip(seen: str, text: str) -> bool:
    """Whether two texts of one length differ in one character that readers confuse."""
    pairs = [(one, two) for one, two in zip(seen, text, strict=True) if one != two]
    return len(pairs) == 1 and confusable(*pairs[0])


# --- sums, and the word of other readers -----------------------------------------------------------------


def _sums(case: _Case) -> Iterator[Repair]:
    """What the words, and net + tax = total, say of an amount (§4.4, §4.5)."""
    texts = {name: case.text(name) for name in (F.NET, F.TAX, F.TOTAL, F.TOTAL_IN_WORDS)}
    found: list[SumRepair] = list(repair_sums(case.invoice.kind, texts, {name for name in texts if case.open(name)}))
    for one in found:
        yield Repair(one.name, texts[one.name], one.proposed, one.reason, one.params, one.weight)


def _other_readers(case: _Case) -> Iterator[Repair]:
    """What another reader saw, where it stands by a check that the chosen value fails; a code on the paper by itself."""
    for name in (F.NUMBER, F.CODE, F.DATE, F.CHECK_CODE, *_IDS):
        chosen = case.text(name) or ""
        for seen in case.rivals(name):
            by_code = seen.source is Source.QR
            if by_code or (_fits(case, name, seen.value) and not _fits(case, name, chosen)):
                yield Repair(
                    name, chosen, seen.value, "other_reader", {"source": seen.source.value}, 2 if by_code else 1
                )


def _fits(case: _Case, name: FieldName, text: str) -> bool:
    """Whether a value stands by what is known of the others."""
    region, day = case.region(), case.day()
    number, batch = decode_number(text), decode_code(text)
    match name:
        case F.BUYER_TAX_ID | F.SELLER_TAX_ID:
            return _stands(text)
        case F.NUMBER if number:
            return region in {None, number.region} and (day is None or number.year == day.year)
        case F.CODE if batch:
            return region in {None, batch.region} and (day is None or batch.year <= day.year)
        case F.DATE:
            said, info = _day(text), decode_number(case.text(F.NUMBER) or "")
            return said is not None and said <= case.today and (info is None or info.year == said.year)
        case _:
            return False


_RULES: Final[tuple[Callable[[_Case], Iterator[Repair]], ...]] = (
    _tax_ids,
    _names,
    _number_region,
    _year,
    _date,
    _sums,
    _other_readers,
)
REASONS: Final = frozenset(
    {
        "check_digits", "known_party", "name_of_id", "region_of_seller", "year_of_date", "year_of_number", "year_of_code",
        "month_and_day", "words", "sum", "sum_missing", "other_reader",
    }
)  # fmt: skip
"""All codes of reasons, for the catalogue of sentences."""

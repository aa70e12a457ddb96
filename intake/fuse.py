"""Many sightings become one invoice: the best value of each field, why it is believed, and all that was seen.

The choice follows the order of trust of domain.md §6 (structured data, code with fitting CRC, text layer,
recogniser); the proofs stand in `intake/proof.py`. Nothing depends on the order of the sightings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final, TypeAlias

from intake.model import Doubt, FusedField, Invoice, Proof
from intake.payloads import CodeReading, read_codes
from intake.proof import prove
from intake.trust import Seen, Trust, trust_in
from ocr.normalise import normalise
from ocr.rules.amounts import sums_agree, tax_plausible
from ocr.rules.codes import decode_code, decode_number, plausible_number8, split_concatenated
from ocr.rules.taxid import check_ok
from ocr.types import FieldName, FieldValue, Kind, Receipt, Sheets, Source

LOW: Final = 0.8
"""A recogniser's confidence below which its reading is called uncertain."""

WITH_CODE: Final = frozenset({Kind.DIG_PAPER_SPECIAL, Kind.DIG_PAPER_NORMAL})
"""Kinds that carry a code beside a number of 20 digits."""

_RANK: Final = {
    Source.XML: 0,
    Source.OFD_DATA: 1,
    Source.XBRL: 2,
    Source.OFD_TEXT: 4,
    Source.PDF_TEXT: 4,
    Source.FILE_NAME: 6,
    Source.OCR: 7,
    Source.OCR_SECOND: 7,
}
_LAST: Final = 9
_QR_RANK: Final = {Trust.BELIEVED: 3, Trust.NEUTRAL: 5, Trust.DOUBTED: 6}
_Order: TypeAlias = tuple[int, int, int, bool, float, str]


def fuse(receipt: Receipt) -> Invoice:
    """The invoice that the sightings of a receipt make.

    Sightings must be things seen: a reader never derives one field from another, since agreement of two
    fields is taken as proof. A total that structured data leaves out is computed here (§6.1).
    """
    code = _of_the_form(receipt.kind, read_codes(receipt.codes))
    seen = _gather(receipt, code)
    trust = trust_in(receipt.kind, code, seen, alone=receipt.region is None)
    kind = _kind(receipt.kind, code, seen)
    chosen = {name: _choose(name, sightings, seen, trust) for name, sightings in seen.items()}
    if len(chosen.get(FieldName.NUMBER, "")) == 20 and kind not in WITH_CODE:
        chosen.pop(FieldName.CODE, None)
    proofs = prove(kind, chosen, seen, code, trust)
    fields = {name: _field(name, value, seen[name], proofs[name]) for name, value in sorted(chosen.items())}
    computed = _computed_total(kind, fields)
    if computed:
        fields[FieldName.TOTAL] = computed
    return Invoice(kind, fields, receipt.pages, receipt.region, receipt.lines, receipt.codes, receipt.sheets)


def joined(first: Invoice, more: Invoice) -> Invoice:
    """One invoice of the pages in two files. The places of `more` are on another file, so they are left out (§4.7)."""
    if first.sheets is None or more.sheets is None:
        raise ValueError("only pages that count themselves can be put together")
    values = [value for field in first.fields.values() for value in field.sightings]
    values += [replace(value, box=None) for field in more.fields.values() for value in field.sightings]
    known = {code.text for code in first.codes}
    codes = first.codes + tuple(replace(code, box=None) for code in more.codes if code.text not in known)
    early, late = (first, more) if first.sheets.here <= more.sheets.here else (more, first)
    here = tuple(sorted({*first.sheets.here, *more.sheets.here}))
    sheets = Sheets(first.sheets.count, here)
    lines = early.lines + late.lines
    return fuse(Receipt(first.kind, first.pages, first.region, tuple(values), lines, codes, None, sheets))


def _gather(receipt: Receipt, code: CodeReading | None) -> Seen:
    """All sightings by field in an order of their own, in one spelling, those of the code added, a joined code
    and number parted. What cannot be the field that it is called is left out.
    """
    sightings = {spelled for value in receipt.values if (spelled := _spell(value))}
    if code:
        said = {(value.name, value.value) for value in code.sightings}
        sightings = {v for v in sightings if v.source is not Source.QR or (v.name, v.value) not in said}
        sightings |= set(code.sightings)
    by_name: dict[FieldName, list[FieldValue]] = defaultdict(list)
    for value in sightings:
        for part in _part(value):
            named = _as_printed(part) if receipt.kind in WITH_CODE else part
            by_name[named.name].append(named)
    return {name: tuple(sorted(values, key=_place)) for name, values in by_name.items()}


def _of_the_form(kind: Kind, code: CodeReading | None) -> CodeReading | None:
    """On 数电纸质 the code may state the eight digits of the form, which are its second name (§2.5, §9.1)."""
    if code is None or kind not in WITH_CODE:
        return code
    return replace(code, sightings=tuple(map(_as_printed, code.sightings)))


def _as_printed(value: FieldValue) -> FieldValue:
    short = value.name is FieldName.NUMBER and plausible_number8(value.value)
    return replace(value, name=FieldName.PRINTED_NUMBER) if short else value


def _spell(value: FieldValue) -> FieldValue | None:
    text = normalise(value.name, value.value)
    return replace(value, value=text) if text else None


def _part(value: FieldValue) -> tuple[FieldValue, ...]:
    split = split_concatenated(value.value) if value.name is FieldName.NUMBER else None
    if not split:
        return (value,)
    return tuple(
        replace(value, name=name, value=text)
        for name, text in zip((FieldName.CODE, FieldName.NUMBER), split, strict=True)
    )


def _place(value: FieldValue) -> tuple[int, str, str, int, str, float, str]:
    rank = _RANK.get(value.source, _LAST)
    return rank, value.value, value.source, value.page, repr(value.box), value.confidence, value.raw


def _kind(kind: Kind, code: CodeReading | None, seen: Seen) -> Kind:
    """The reader's kind; the code on the paper decides where the title did not, and alone tells a toll note."""
    infos = [decode_code(value.value) for value in seen.get(FieldName.CODE, ())]
    by_code = {info.kind for info in infos if info and info.kind}
    said = code.kind if code and code.kind else (by_code.pop() if len(by_code) == 1 else None)
    if said and (kind is Kind.UNKNOWN or (kind is Kind.VAT_E_NORMAL and said is Kind.VAT_E_TOLL)):
        return said
    return kind


def _choose(name: FieldName, sightings: tuple[FieldValue, ...], seen: Seen, trust: Trust) -> str:
    groups: dict[str, list[FieldValue]] = defaultdict(list)
    for value in sightings:
        groups[value.value].append(value)

    def order(text: str) -> _Order:
        group = groups[text]
        rank = min(_QR_RANK[trust] if v.source is Source.QR else _RANK.get(v.source, _LAST) for v in group)
        sources = {v.source for v in group}
        confidence = max(v.confidence for v in group)
        return rank, -_support(name, text, seen), -len(sources), Source.OCR not in sources, -confidence, text

    return min(groups, key=order)


def _support(name: FieldName, text: str, seen: Seen) -> int:
    """How well a value stands by itself and beside the others; decides between readings of equal trust."""
    match name:
        case FieldName.BUYER_TAX_ID | FieldName.SELLER_TAX_ID:
            return {True: 1, None: 0, False: -1}[check_ok(text)]
        case FieldName.CODE:
            info = decode_code(text)
            return int(info is not None and info.region_name is not None)
        case FieldName.NUMBER:
            number = decode_number(text)
            return int(plausible_number8(text) or (number is not None and number.region is not None))
        case FieldName.NET | FieldName.TAX | FieldName.TOTAL:
            words = {value.value for value in seen.get(FieldName.TOTAL_IN_WORDS, ())}
            return 2 * (name is FieldName.TOTAL and text in words) + _sum_fits(name, text, seen)
        case _:
            return 0


def _sum_fits(name: FieldName, text: str, seen: Seen) -> bool:
    """Whether net + tax = total with some readings of the others; a total that the words say is taken alone."""
    words = {value.value for value in seen.get(FieldName.TOTAL_IN_WORDS, ())}

    def of(field: FieldName) -> list[Decimal]:
        texts = {text} if field is name else {value.value for value in seen.get(field, ())}
        sure = texts & words if field is FieldName.TOTAL else set()
        return [Decimal(one) for one in sorted(sure or texts)]

    return any(
        sums_agree(net, tax, total) and tax_plausible(net, tax)
        for net in of(FieldName.NET)
        for tax in of(FieldName.TAX)
        for total in of(FieldName.TOTAL)
    )


def _field(name: FieldName, value: str, sightings: tuple[FieldValue, ...], proof: frozenset[Proof]) -> FusedField:
    return FusedField(name, value, proof, sightings, None if proof else _doubt(name, value, sightings))


def _doubt(name: FieldName, value: str, sightings: tuple[FieldValue, ...]) -> Doubt:
    if any(sighting.value != value for sighting in sightings):
        return Doubt.SOURCES_DISAGREE
    if name in {FieldName.BUYER_TAX_ID, FieldName.SELLER_TAX_ID} and check_ok(value) is False:
        return Doubt.CHECK_FAILS
    if max(sighting.confidence for sighting in sightings) < LOW:
        return Doubt.LOW_CONFIDENCE
    return Doubt.ONE_READER


def _computed_total(kind: Kind, fields: Mapping[FieldName, FusedField]) -> FusedField | None:
    """Net + tax where structured data states both and nothing states the total (digital OFD, §6.1)."""
    net, tax = fields.get(FieldName.NET), fields.get(FieldName.TAX)
    stated = net and tax and Proof.STRUCTURED in net.proof and Proof.STRUCTURED in tax.proof
    if not (net and tax and stated) or FieldName.TOTAL in fields or kind is Kind.AIR_E:
        return None
    total = f"{Decimal(net.value) + Decimal(tax.value):.2f}"
    return FusedField(FieldName.TOTAL, total, frozenset({Proof.ARITHMETIC}), ())

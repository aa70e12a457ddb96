"""What a further carrier of an invoice adds to what is known of it (domain.md §9.5.1). Pure.

An invoice on file keeps every value that is proven; the same value seen again gains its proof, an unproven or missing one
gives way to a proven one. Of an invoice that still waits all sightings are weighed anew. The places of the further
carrier are on another file, so they are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from intake.fuse import fuse
from intake.model import FusedField, Invoice, Proof
from ocr.types import CodeSighting, FieldName, FieldValue, Kind, LineItem, Receipt

F = FieldName
OWN: Final = frozenset({F.COPY, F.PRINTED_CODE, F.PRINTED_NUMBER})
"""What each paper has for itself: the copies of one form bear different ones."""
IDENTITY: Final = frozenset({F.CODE, F.NUMBER, F.SERIAL})
_COMPARED: Final = (F.DATE, F.NET, F.TOTAL)
_IF_PROVEN: Final = (F.TAX, F.SELLER_TAX_ID)
_UNTOLD: Final = frozenset({Kind.UNKNOWN, Kind.OTHER})


@dataclass(frozen=True, slots=True)
class Gain:
    """What a field gained: `old` is None where nothing was known, `proof` holds the new kinds of evidence only."""

    old: str | None
    new: str
    proof: frozenset[Proof]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which two papers with one key contradict each other; `proven` says whether the second's value is."""

    field: FieldName
    first: str
    second: str
    proven: bool


def differences(first: Invoice, second: Invoice) -> tuple[Difference, ...]:
    """Where date and amounts differ, and what else both prove otherwise (§9.5.3)."""
    found = [(name, first.value(name), second.value(name)) for name in _COMPARED]
    found += [
        (name, first.value(name), second.value(name))
        for name in _IF_PROVEN
        if first.proven(name) and second.proven(name)
    ]
    return tuple(
        Difference(name, here, there, second.proven(name))
        for name, here, there in found
        if here is not None and there is not None and here != there
    )


def comparable(first: Invoice, second: Invoice) -> bool:
    """Whether date or an amount is known on both sides: without that nobody can say that they are the same."""
    return any(first.value(name) is not None and second.value(name) is not None for name in _COMPARED)


def enriched(first: Invoice, more: Invoice) -> tuple[Invoice, Mapping[FieldName, Gain]]:
    """An invoice on file with the word of a further carrier, and what it gained; `first` itself when nothing is new."""
    fields = dict(first.fields)
    gains: dict[FieldName, Gain] = {}
    for name, said in more.fields.items():
        known = fields.get(name)
        if name in OWN or (name in IDENTITY and known is not None and known.value != said.value):
            continue
        if known is None:
            if said.proven:
                fields[name] = replace(said, sightings=_placeless(said))
                gains[name] = Gain(None, said.value, said.proof)
            continue
        field = _with(known, said)
        gained = field.proof - known.proof
        if gained:
            gains[name] = Gain(known.value, field.value, gained)
        fields[name] = field
    lines = first.lines or more.lines
    codes = _codes(first, more)
    if fields == first.fields and lines == first.lines and codes == first.codes:
        return first, {}
    return replace(first, fields=fields, lines=lines, codes=codes), gains


def pooled(first: Invoice, more: Invoice) -> Invoice | None:
    """An invoice that waits, weighed anew with what a further carrier shows; None when it shows nothing new."""
    known = {(one.name, one.source, one.value) for field in first.fields.values() for one in field.sightings}
    seen = [one for field in first.fields.values() for one in field.sightings]
    fresh = [
        one
        for field in more.fields.values()
        if field.name not in OWN
        for one in _placeless(field)
        if (one.name, one.source, one.value) not in known
    ]
    if not fresh:
        return None
    kind = more.kind if first.kind in _UNTOLD else first.kind
    receipt = Receipt(
        kind, first.pages, first.region, (*seen, *fresh), _lines(first, more), _codes(first, more), None, first.sheets
    )
    return replace(fuse(receipt), pictures=first.pictures)


def _with(known: FusedField, said: FusedField) -> FusedField:
    new = tuple(one for one in _placeless(said) if not any(_same(one, seen) for seen in known.sightings))
    sightings = (*known.sightings, *new)
    if known.value == said.value:
        proof = known.proof | said.proof
        return replace(known, proof=proof, sightings=sightings, doubt=None if proof else known.doubt)
    if said.proven and not known.proven:
        return replace(said, sightings=sightings)
    return replace(known, sightings=sightings)


def _same(one: FieldValue, other: FieldValue) -> bool:
    return (one.source, one.value) == (other.source, other.value)


def _placeless(field: FusedField) -> tuple[FieldValue, ...]:
    return tuple(replace(one, box=None) for one in field.sightings)


def _lines(first: Invoice, more: Invoice) -> tuple[LineItem, ...]:
    """The lines of the issuer's data before those of a reading."""
    number = more.fields.get(F.NUMBER)
    exact = number is not None and Proof.STRUCTURED in number.proof
    return more.lines if more.lines and (exact or not first.lines) else first.lines


def _codes(first: Invoice, more: Invoice) -> tuple[CodeSighting, ...]:
    known = {code.text for code in first.codes}
    return first.codes + tuple(replace(code, box=None) for code in more.codes if code.text not in known)

"""What people keyed (补录), and the invoice that follows from it. Pure.

`tasks.draft`, `tasks.entry` and `tasks.second` hold an :class:`Entry` each by `intake/codec.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Final

from intake.codec import encode
from intake.errors import EntryIncompleteError
from intake.model import Doubt, FusedField, Invoice, Proof
from intake.review import (
    Difference,
    EntryReport,
    Requirement,
    check_entry,
    clean,
    critical,
    differences,
    requirements,
)
from ocr.types import FieldName, FieldValue, Kind, Source


@dataclass(frozen=True, slots=True)
class Entry:
    """One keying: values in the spelling of :mod:`ocr.normalise`, and why a field cannot be read where it cannot.

    A draft keeps the text as it was typed.
    """

    kind: Kind
    values: Mapping[FieldName, str]
    illegible: Mapping[FieldName, str] = field(default_factory=dict)
    comment: str = ""


# Papers that are refused or attached, never filed by keying; of an unknown one a person says what it is.
NO_INVOICE: Final = frozenset({Kind.LIST_PAGE, Kind.RIDE_LIST, Kind.OTHER, Kind.UNKNOWN})
IDENTITY: Final = frozenset({FieldName.CODE, FieldName.NUMBER, FieldName.SERIAL})

# What identifies and values an invoice is as the people say, also when they say that it is not there.
THEIRS_ALONE: Final = frozenset(
    {
        *IDENTITY,
        FieldName.DATE,
        FieldName.NET,
        FieldName.TAX,
        FieldName.TOTAL,
        FieldName.BUYER_NAME,
        FieldName.BUYER_TAX_ID,
        FieldName.SELLER_NAME,
        FieldName.SELLER_TAX_ID,
    }
)


def first_entry(
    kind: Kind, values: Mapping[FieldName, str], illegible: Mapping[FieldName, str], comment: str, *, today: date
) -> tuple[Entry, EntryReport]:
    """The entry of the first person, of the fields that the kind has, and what the checks say of it.

    Raises EntryIncompleteError with the fields that are missing or wrong, or illegible without a reason, or with
    ``kind`` when the kind is none of an invoice.
    """
    if kind in NO_INVOICE:
        raise EntryIncompleteError(("kind",))
    asked = requirements(kind)
    typed = {name: values[name] for name in asked if values.get(name, "").strip()}
    unread = {name: reason.strip() for name, reason in illegible.items() if name in asked and name not in typed}
    report = check_entry(kind, typed, frozenset(unread), today=today)
    unexplained = tuple(name for name, reason in unread.items() if not reason)
    if not report.complete or unexplained:
        raise EntryIncompleteError((*report.missing, *report.invalid, *unexplained))
    return Entry(kind, clean(typed), unread, comment.strip()), report


def blind_entry(first: Entry, values: Mapping[FieldName, str], illegible: Collection[FieldName]) -> Entry:
    """The entry of the second person: the critical fields, keyed without sight of the first.

    Raises EntryIncompleteError with the fields that are wrong, or empty and not illegible though required.
    """
    fields, needs = critical(first.kind), requirements(first.kind)
    typed = {name: values[name] for name in fields if values.get(name, "").strip()}
    good = clean(typed)
    unread = {name: "illegible" for name in fields if name in illegible and name not in typed}
    required = {name for name in fields if needs[name] is Requirement.MANDATORY}
    wrong = (typed.keys() - good.keys()) | (required - typed.keys() - unread.keys())
    if wrong:
        raise EntryIncompleteError(tuple(name for name in fields if name in wrong))
    return Entry(first.kind, good, unread)


def decide(first: Entry, second: Entry, choices: Mapping[FieldName, str], *, today: date) -> dict[FieldName, str]:
    """The third person's value for each field that two left open; empty for one that nobody can read.

    A required field that identifies the invoice cannot be left so. Raises EntryIncompleteError.
    """
    asked = [one.name for one in open_differences(first, second)]
    typed = {name: choices[name] for name in asked if choices.get(name, "").strip()}
    unread = {name for name in asked if name in choices and name not in typed}
    kept = {name: value for name, value in first.values.items() if name not in asked}
    illegible = frozenset((first.illegible.keys() | unread) - IDENTITY)
    report = check_entry(first.kind, {**kept, **typed}, illegible, today=today)
    undecided = [name for name in asked if name not in choices]
    if undecided or not report.complete:
        raise EntryIncompleteError(tuple(dict.fromkeys((*undecided, *report.missing, *report.invalid))))
    return {**dict.fromkeys(unread, ""), **clean(typed)}


def open_differences(entry: Entry, second: Entry) -> tuple[Difference, ...]:
    """The critical fields on which two people do not agree, or which one of them could not read.

    Two people who cannot read a number have not confirmed it: such a field is decided by a third.
    """
    fields = critical(entry.kind)
    unread = (entry.illegible.keys() | second.illegible.keys()) & set(fields)
    found = {difference.name: difference for difference in differences(entry.values, second.values, fields)}
    for name in unread:
        found.setdefault(name, Difference(name, entry.values.get(name), second.values.get(name)))
    return tuple(found[name] for name in fields if name in found)


def mark_of(entry: Entry) -> str:
    """What tells this entry from another: who approves says which one was seen."""
    return hashlib.sha256(json.dumps(encode(entry), sort_keys=True).encode()).hexdigest()[:16]


def keyed_invoice(
    seen: Invoice,
    entry: Entry,
    second: Entry | None = None,
    decided: Mapping[FieldName, str] = MappingProxyType({}),
    proven: Mapping[FieldName, Proof] = MappingProxyType({}),
) -> Invoice:
    """The invoice as the people say it, every sighting kept.

    `decided` are the values a third person chose; `proven` says by what the fields are proven that others than the first
    person stand for. A field that one person alone keyed keeps the proof it had when the value is the same.
    """
    values = {**entry.values, **decided}
    fields: dict[FieldName, FusedField] = {}
    for name in FieldName:
        before = seen.fields.get(name)
        sightings = _sightings(before, name, entry, second, decided)
        value = values.get(name)
        if value:
            proof = before.proof if before and before.value == value else frozenset[Proof]()
            if name in proven:
                proof |= {proven[name]}
            fields[name] = FusedField(name, value, proof, sightings, None if proof else Doubt.ONE_READER)
        elif before and name not in THEIRS_ALONE:
            fields[name] = before
    return replace(seen, kind=entry.kind, fields=fields)


def _sightings(
    before: FusedField | None, name: FieldName, entry: Entry, second: Entry | None, decided: Mapping[FieldName, str]
) -> tuple[FieldValue, ...]:
    typed = [
        FieldValue(name, value, 1.0, source)
        for value, source in (
            (entry.values.get(name), Source.TYPED),
            (second.values.get(name) if second else None, Source.TYPED_BLIND),
            (decided.get(name), Source.TYPED),
        )
        if value
    ]
    seen = before.sightings if before else ()
    return (*seen, *(value for value in dict.fromkeys(typed) if value not in seen))


def changes(before: Invoice, after: Invoice) -> dict[str, dict[str, str | None]]:
    """Old and new value of each field that differs, for the audit log."""
    old = {"kind": before.kind.value, **{name.value: one.value for name, one in before.fields.items()}}
    new = {"kind": after.kind.value, **{name.value: one.value for name, one in after.fields.items()}}
    names = [name for name in ("kind", *(name.value for name in FieldName)) if old.get(name) != new.get(name)]
    return {name: {"old": old.get(name), "new": new.get(name)} for name in names}

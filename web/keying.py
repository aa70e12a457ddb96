"""The keying form as data: fields in order, what is prefilled, what is locked and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from intake.model import Doubt, FusedField, Invoice, Proof
from intake.repairs import Repair
from intake.review import Requirement, critical, requirements
from intake.standing import Stand, stand
from intake.views.rows import PageView
from intake.views.work import BlindPaper, EntryToApprove, Paper, is_upright
from ocr.rules.amounts import parse_money, to_words
from ocr.types import MONEY, Box, FieldName, Kind, Source
from web import forms, present
from web.paper import Spot, region, spots

DIGITS: Final = frozenset({FieldName.CODE, FieldName.NUMBER, FieldName.CHECK_CODE, FieldName.MACHINE_NUMBER})
WIDE: Final = frozenset({FieldName.REMARK, FieldName.BUYER_NAME, FieldName.SELLER_NAME})
TEXT_LAYERS: Final = frozenset({Source.PDF_TEXT, Source.OFD_TEXT})
CHOICE: Final = "choice."
OTHER: Final = "other."


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the form. `locked`: the value is proven, and the person has to unlock it to change it."""

    name: FieldName
    requirement: Requirement
    value: str
    locked: bool
    proof: tuple[Proof, ...]
    doubt: Doubt | None
    illegible: bool
    reason: str
    mode: str  # numeric | decimal | text: which keys a phone shows
    wide: bool
    attend: bool  # a person must look at it: empty and required, or read in a way that may be wrong
    suggested: tuple[Repair, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a kind of paper, the required ones first in the order of the paper."""

    kind: Kind
    fields: tuple[Field, ...]
    optional: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Lens:
    """The part of a page that is shown enlarged beside a field; `box` is x, y, width and height in thousandths of it.

    `seen`: the field was read there; else it is where it should stand.
    """

    page: int
    box: str
    seen: bool


@dataclass(frozen=True, slots=True)
class Keyed:
    """A field of an entry beside what the machine read: `other` is what it read instead, None where it agrees."""

    name: FieldName
    value: str
    proof: tuple[Proof, ...]
    other: str | None
    critical: bool


def prefilled(paper: Paper) -> dict[FieldName, str]:
    """The draft when there is one, else what was read."""
    if paper.draft:
        return dict(paper.draft.values)
    return {name: field.value for name, field in paper.invoice.fields.items()}


def with_kept(paper: Paper, values: Mapping[FieldName, str], unread: Mapping[FieldName, str]) -> dict[FieldName, str]:
    """What is in the form, and what was keyed or read in fields that the form's kind of paper lacks.

    Who takes a wrong kind and goes back finds everything as it was. An illegible field has no value to keep.
    """
    return {name: value for name, value in prefilled(paper).items() if name not in unread} | dict(values)


def form(
    kind: Kind,
    values: Mapping[FieldName, str],
    unread: Mapping[FieldName, str],
    invoice: Invoice,
    suggested: Sequence[Repair] = (),
) -> Form:
    """The form of a kind of paper with values put in, and beside each open field what is proposed instead."""
    needed = requirements(kind)
    fields = [_field(name, needed[name], values, unread, invoice, suggested) for name in present.ordered(needed)]
    return Form(
        kind,
        tuple(field for field in fields if field.requirement is not Requirement.OPTIONAL),
        tuple(field for field in fields if field.requirement is Requirement.OPTIONAL),
    )


def _field(
    name: FieldName,
    requirement: Requirement,
    values: Mapping[FieldName, str],
    unread: Mapping[FieldName, str],
    invoice: Invoice,
    suggested: Sequence[Repair],
) -> Field:
    read = invoice.fields.get(name)
    value = values.get(name, "")
    as_read = read is not None and read.value == value
    return Field(
        name=name,
        requirement=requirement,
        value=present.as_written(name, value),
        locked=as_read and read is not None and read.proven and name not in unread,
        proof=tuple(sorted(read.proof)) if read is not None and as_read else (),
        doubt=read.doubt or Doubt.ONE_READER if read is not None and as_read and not read.proven else None,
        illegible=name in unread,
        reason=unread.get(name, ""),
        mode="decimal" if name in MONEY else "numeric" if name in DIGITS else "text",
        wide=name in WIDE,
        attend=_attend(read if as_read else None, value, requirement),
        suggested=tuple(one for one in suggested if one.name is name and one.proposed != value),
    )


def _attend(read: FusedField | None, value: str, requirement: Requirement) -> bool:
    """Whether the focus stops here: a value of the text layer that nothing contradicts is the issuer's own writing."""
    if not value:
        return requirement is Requirement.MANDATORY
    if read is None or read.proven:
        return False
    exact = any(one.source in TEXT_LAYERS and one.value == value for one in read.sightings)
    return not (exact and read.doubt in {None, Doubt.ONE_READER})


def words_of(values: Mapping[FieldName, str]) -> str:
    """The total in Chinese words, to be compared with the paper; empty when there is no total yet."""
    total = parse_money(values.get(FieldName.TOTAL, ""))
    if total is None:
        return ""
    try:
        return to_words(total)
    except ValueError:
        return ""


def marks(invoice: Invoice) -> list[Spot]:
    """The boxes of an invoice's fields, and its own where several share the picture."""
    return region(invoice.region, invoice.pages[0]) + spots(invoice.fields)


def places(paper: BlindPaper) -> list[Spot]:
    """Where the critical fields stand on the picture, without what was read there."""
    stands = [_spot(one) for one in paper.places if one.seen]
    return region(paper.region, paper.first_page) + stands


def _spot(stand: Stand) -> Spot:
    x, y, width, height = _thousandths(stand.box)
    return Spot(stand.name.value, stand.page, x, y, width, height, label="", mark="place")


def lenses(invoice: Invoice, kind: Kind, pages: Sequence[PageView]) -> dict[FieldName, Lens]:
    """For each field of the kind the part of the picture that is shown beside it."""
    high = is_upright(tuple(pages), invoice.pages[0])
    names = {*requirements(kind), *invoice.fields}
    return lenses_of([stand(invoice, kind, name, upright=high) for name in sorted(names)])


def lenses_of(stands: Iterable[Stand]) -> dict[FieldName, Lens]:
    """Stands as the page takes them."""
    return {one.name: Lens(one.page, " ".join(map(str, _thousandths(one.box))), one.seen) for one in stands}


def _thousandths(box: Box) -> tuple[float, float, float, float]:
    parts = (box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0)
    x, y, width, height = (round(part * 1000, 1) for part in parts)
    return x, y, width, height


def keyed(paper: EntryToApprove) -> list[Keyed]:
    """The fields of an entry in the order of the paper: the critical ones first, which the approver must compare."""
    entry, must = paper.entry, critical(paper.entry.kind)
    lines = []
    for name in sorted(present.ordered(entry.values), key=lambda one: one not in must):
        read = paper.invoice.fields.get(name)
        same = read is not None and read.value == entry.values[name]
        proof = tuple(sorted(read.proof)) if read is not None and same else ()
        other = read.value if read is not None and not same else None
        lines.append(Keyed(name, entry.values[name], proof, other, critical=name in must))
    return lines


def chosen(given: Mapping[str, str]) -> dict[FieldName, str]:
    """The values of a decision: for each field one of the two entries, or another that was typed."""
    found: dict[FieldName, str] = {}
    for name in FieldName:
        choice = given.get(CHOICE + name.value)
        if choice is None:
            continue
        found[name] = forms.text(given, OTHER + name.value, forms.LONGEST_VALUE) if choice == "other" else choice[5:]
    return found

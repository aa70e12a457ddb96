"""What is proven: independent evidence for a value, never a confidence alone (house rule; domain.md §0.2, §2–4).

A value called proven and wrong is the one thing that must not happen, so every rule here is written to give
nothing when sources contradict each other, when a role (buyer or seller, net or total) is open, or when a code
may belong to another paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from typing import Final, TypeAlias

from intake.model import Proof
from intake.parties import Parties
from intake.payloads import CodeReading
from ocr.rules.amounts import sums_agree, tax_plausible
from ocr.rules.codes import decode_number
from ocr.rules.confusion import one_edit
from ocr.rules.taxid import check_ok
from ocr.types import STRUCTURED, CrcState, FieldName, FieldValue, Kind, Source

Seen: TypeAlias = Mapping[FieldName, tuple[FieldValue, ...]]
Chosen: TypeAlias = Mapping[FieldName, str]

TEXT: Final = frozenset({Source.PDF_TEXT, Source.OFD_TEXT})
READERS: Final = frozenset({Source.OCR, Source.OCR_SECOND})
FACE: Final = TEXT | READERS
_NAMES: Final = frozenset({FieldName.BUYER_NAME, FieldName.SELLER_NAME})
_TAX_IDS: Final = frozenset({FieldName.BUYER_TAX_ID, FieldName.SELLER_TAX_ID})
_SUM: Final = (FieldName.NET, FieldName.TAX, FieldName.TOTAL)
_NOTHING: Final = Decimal(0)
NEIGHBOURS: Final = 50
"""Numbers no further apart than this may be two invoices of one sheet or one day."""
_ANCHORS: Final = frozenset({Proof.STRUCTURED, Proof.QR_CRC, Proof.TEXT_AGREES, Proof.WORDS})


class Trust(Enum):
    """How far the code on the paper may be believed."""

    BELIEVED = auto()  # the CRC fits and the face does not contradict that it is this paper's
    NEUTRAL = auto()  # no CRC
    DOUBTED = auto()  # the CRC fails, or the face names another invoice


def trust_in(code: CodeReading | None, seen: Seen) -> Trust:
    """Whether the code's values may be taken over what was read from the face.

    The number on the face decides: data and text layer must say the same, a recogniser the same or one misread
    character less. Several papers on one picture may have neighbouring numbers, one date and one code of
    invoices, so a number that was misread or not read needs a check code or an amount that agrees.
    """
    if code is None or code.crc is CrcState.FAIL:
        return Trust.DOUBTED
    number = code.value(FieldName.NUMBER) or ""
    stated = [value for value in seen.get(FieldName.NUMBER, ()) if value.source in FACE | STRUCTURED]
    read = {value.value for value in stated}
    if any(not _misread(FieldName.NUMBER, value, number) for value in stated):
        return Trust.DOUBTED
    if number not in read and not _belongs(code, seen, neighbour=any(_neighbours(one, number) for one in read)):
        return Trust.DOUBTED
    return Trust.BELIEVED if code.crc is CrcState.OK else Trust.NEUTRAL


def _belongs(code: CodeReading, seen: Seen, *, neighbour: bool) -> bool:
    """Whether a value that tells one invoice from the next agrees; or nothing at all was read from the face."""
    agree = {
        name: code.value(name) in {value.value for value in _face(seen, name)}
        for name in (FieldName.CODE, FieldName.NUMBER, FieldName.DATE, FieldName.CHECK_CODE, code.amount_field)
        if code.value(name) and _face(seen, name)
    }
    by_amount = agree.get(code.amount_field, False) and not neighbour
    return not agree or agree.get(FieldName.CHECK_CODE, False) or by_amount


def _neighbours(one: str, other: str) -> bool:
    """Whether two numbers of one length are those of invoices issued one after the other."""
    return one.isdigit() and len(one) == len(other) and abs(int(one) - int(other)) <= NEIGHBOURS


def prove(
    kind: Kind, chosen: Chosen, seen: Seen, code: CodeReading | None, trust: Trust
) -> dict[FieldName, frozenset[Proof]]:
    """The proofs of each chosen value; an empty set is a value that is only probable."""
    case = _Case(kind, chosen, seen, code, trust)
    open_fields = {name for name in chosen if not case.contradicted(name)}
    proofs: dict[FieldName, set[Proof]] = {name: set() for name in chosen}
    for name in open_fields:
        proofs[name] |= {proof for proof, holds in _SINGLE.items() if holds(case, name)}
    for name in case.words_agree() & open_fields:
        proofs[name].add(Proof.WORDS)
    for name in case.sum_holds(proofs, open_fields):
        proofs[name].add(Proof.ARITHMETIC)
    return {name: frozenset(found) for name, found in proofs.items()}


@dataclass(frozen=True, slots=True)
class _Case:
    kind: Kind
    chosen: Chosen
    seen: Seen
    code: CodeReading | None
    trust: Trust

    def says(self, name: FieldName, sources: Iterable[Source]) -> bool:
        """Whether one of the sources says the chosen value."""
        return any(v.source in sources and v.value == self.chosen[name] for v in self.seen[name])

    def money(self, name: FieldName) -> Decimal | None:
        text = self.chosen.get(name)
        return None if text is None else Decimal(text)

    def parties(self) -> Parties:
        return Parties(self.kind, self.chosen, self.seen)

    def contradicted(self, name: FieldName) -> bool:
        """Whether another source contradicts the chosen value, or its role is open."""
        value = self.chosen[name]
        stated = self.says(name, STRUCTURED)
        if self._basis_open(name):
            return True
        if name in _TAX_IDS | _NAMES and self.parties().confused(name, STRUCTURED if stated else frozenset(Source)):
            return True
        others = [v for v in self.seen[name] if v.value != value]
        return any(self._contradicts(v, value, stated=stated) for v in others) or self._readers_agree(
            others, stated=stated
        )

    def _contradicts(self, other: FieldValue, value: str, *, stated: bool) -> bool:
        if other.source in READERS:
            # a recogniser may misread one character; against structured data it says nothing
            return not (stated or _misread(other.name, other, value))
        if other.source in TEXT:
            # a wrapped or cut name
            return not (stated and other.name in _NAMES and other.value in value)
        return other.source is not Source.QR or self.code is None or self.code.crc is not CrcState.FAIL

    def _readers_agree(self, others: list[FieldValue], *, stated: bool) -> bool:
        """Whether two unlike readers read the same other value: then the face says so."""
        by_source = [{v.value for v in others if v.source is source} for source in READERS]
        return not stated and bool(set.intersection(*by_source))

    def _basis_open(self, name: FieldName) -> bool:
        """Whether the amount of the code is the *other* total of the face (§2.2): then neither is sure."""
        if self.code is None or name not in {FieldName.NET, FieldName.TOTAL} or self.says(name, STRUCTURED):
            return False
        other = FieldName.TOTAL if self.code.amount_field is FieldName.NET else FieldName.NET
        amount = self.code.value(self.code.amount_field)
        here = {v.value for v in _face(self.seen, self.code.amount_field)}
        there = {v.value for v in _face(self.seen, other)}
        return amount in there and amount not in here

    def structured(self, name: FieldName) -> bool:
        """Stated by the issuer's data, which must be consistent in itself."""
        if not self.says(name, STRUCTURED):
            return False
        if name in _SUM:
            return self._stated_sum() and not self._empty_tax(name)
        if name in {FieldName.NUMBER, FieldName.DATE}:
            return self._year_fits()
        return name not in _TAX_IDS or check_ok(self.chosen[name]) is not False

    def _stated_sum(self) -> bool:
        net, tax, total = (self.money(name) for name in _SUM)
        words = self.money(FieldName.TOTAL_IN_WORDS)
        if words is not None and total is not None and words != total:
            return False
        if net is None or self.kind is Kind.AIR_E:
            return True
        if not tax_plausible(net, tax or _NOTHING):
            return False
        return total is None or sums_agree(net, tax, total)

    def _empty_tax(self, name: FieldName) -> bool:
        """A tax of nothing that the face may print as ``***``."""
        return name is FieldName.TAX and not Decimal(self.chosen[name]) and not self.says(name, TEXT)

    def _year_fits(self) -> bool:
        info = decode_number(self.chosen.get(FieldName.NUMBER, ""))
        day = self.chosen.get(FieldName.DATE)
        return info is None or day is None or day.startswith(str(info.year))

    def qr(self, name: FieldName) -> bool:
        """Byte-exact from a code whose CRC fits and which is this paper's."""
        code = self.code
        if code is None or self.trust is not Trust.BELIEVED or not self.says(name, {Source.QR}):
            return False
        return code.value(name) == self.chosen[name] and (code.amount_sure or name is not code.amount_field)

    def text_agrees(self, name: FieldName) -> bool:
        """The text layer and an independent sighting say the same."""
        if name not in _COMPARED or not self.says(name, TEXT) or self._empty_tax(name):
            return False
        if name in _TAX_IDS and check_ok(self.chosen[name]) is False:
            return False
        if name in _TAX_IDS | _NAMES and not self.parties().roles_hold():
            return False
        independent = READERS | {Source.FILE_NAME}
        return self.says(name, independent if self.trust is Trust.DOUBTED else independent | {Source.QR})

    def check_digit(self, name: FieldName) -> bool:
        """A tax id whose check digit and role are both sure."""
        return name in _TAX_IDS and self.parties().sure(name)

    def two_readers(self, name: FieldName) -> bool:
        """Two unlike readers: a code without CRC and a recogniser, or two recognisers of a tax id in its place."""
        if name in _TAX_IDS:
            return self.parties().read_twice(name)
        return (
            self.code is not None
            and self.trust is Trust.NEUTRAL
            and (self.code.amount_sure or name is not self.code.amount_field)
            and self.says(name, {Source.QR})
            and self.says(name, READERS)
        )

    def words_agree(self) -> set[FieldName]:
        """大写 = 小写, each seen by itself."""
        pair = {FieldName.TOTAL, FieldName.TOTAL_IN_WORDS}
        if not pair <= self.chosen.keys() or len({self.chosen[name] for name in pair}) != 1:
            return set()
        if not self.money(FieldName.TOTAL):
            return set()
        value = self.chosen[FieldName.TOTAL]
        figures = [v for v in self.seen[FieldName.TOTAL] if v.value == value]
        words = [v for v in self.seen[FieldName.TOTAL_IN_WORDS] if v.value == value]
        apart = any(not f.raw or f.raw != w.raw for f in figures for w in words)
        return pair if apart else set()

    def sum_holds(self, proofs: Mapping[FieldName, set[Proof]], open_fields: set[FieldName]) -> set[FieldName]:
        """Net + tax = total, each seen, with net or total proven by something else (§4.5 rule 1)."""
        net, tax, total = (self.money(name) for name in _SUM)
        if net is None or total is None or self.kind is Kind.AIR_E:
            return set()
        if tax is None:
            # a paper without tax: a net read from a picture may be another figure
            sure = proofs[FieldName.TOTAL] & {Proof.STRUCTURED, Proof.WORDS} and self.says(FieldName.NET, TEXT)
            return {FieldName.NET} & open_fields if sure and net == total else set()
        anchored = (proofs[FieldName.NET] | proofs[FieldName.TOTAL]) & _ANCHORS
        holds = anchored and tax and sums_agree(net, tax, total) and tax_plausible(net, tax)
        return set(_SUM) if holds and open_fields.issuperset(_SUM) else set()


_COMPARED: Final = (
    _NAMES
    | _TAX_IDS
    | {
        FieldName.CODE,
        FieldName.NUMBER,
        FieldName.DATE,
        FieldName.CHECK_CODE,
        FieldName.MACHINE_NUMBER,
        *_SUM,
    }
)
_SINGLE: Final = {
    Proof.STRUCTURED: _Case.structured,
    Proof.QR_CRC: _Case.qr,
    Proof.TEXT_AGREES: _Case.text_agrees,
    Proof.CHECK_DIGIT: _Case.check_digit,
    Proof.TWO_READERS: _Case.two_readers,
}


def _face(seen: Seen, name: FieldName) -> list[FieldValue]:
    """What the paper itself was seen to print in a field."""
    return [value for value in seen.get(name, ()) if value.source in FACE]


def _misread(name: FieldName, other: FieldValue, value: str) -> bool:
    """Whether a sighting says the value, or is a recogniser's reading of it with one mistake (a name cut short too)."""
    if other.value == value:
        return True
    if other.source not in READERS:
        return False
    cut = name in _NAMES and (other.value in value or value in other.value)
    return cut or one_edit(other.value, value)

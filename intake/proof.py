"""What is proven: independent evidence for a value, never a confidence alone (house rule; domain.md §0.2, §2–4).

A value called proven and wrong is the one thing that must not happen, so every rule here is written to give
nothing when sources contradict each other, when a role (buyer or seller, net or total) is open, or when a code
may belong to another paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from intake.model import Proof
from intake.parties import Parties
from intake.payloads import CodeReading
from intake.trust import FACE, READERS, SUM, TEXT, Seen, Trust, face, misread, sum_with
from ocr.rules.amounts import CENT, RATES, sums_agree, tax_plausible
from ocr.rules.codes import decode_number
from ocr.rules.taxid import check_ok
from ocr.types import STRUCTURED, CrcState, FieldName, FieldValue, Kind, Source

Chosen: TypeAlias = Mapping[FieldName, str]

_NAMES: Final = frozenset({FieldName.BUYER_NAME, FieldName.SELLER_NAME})
_TAX_IDS: Final = frozenset({FieldName.BUYER_TAX_ID, FieldName.SELLER_TAX_ID})
_NOTHING: Final = Decimal(0)
_ANCHORS: Final = frozenset({Proof.STRUCTURED, Proof.QR_CRC, Proof.TEXT_AGREES, Proof.WORDS})


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
        if not stated and any(self._face_stands(v) for v in others):
            return True
        return any(self._contradicts(v, value, stated=stated) for v in others) or self._readers_agree(
            others, stated=stated
        )

    def _contradicts(self, other: FieldValue, value: str, *, stated: bool) -> bool:
        if other.source in READERS:
            # a recogniser may misread one character; against structured data it says nothing
            return not (stated or misread(other.name, other, value))
        if other.source in TEXT:
            # a wrapped or cut name
            return not (stated and other.name in _NAMES and other.value in value)
        return other.source is not Source.QR or self.code is None or self.code.crc is not CrcState.FAIL

    def _face_stands(self, other: FieldValue) -> bool:
        """Whether the face itself bears out another amount: then it is no misreading (8800.00 beside a code's 880.00)."""
        if other.source not in FACE or other.name not in {FieldName.NET, FieldName.TOTAL}:
            return False
        words = {v.value for v in face(self.seen, FieldName.TOTAL_IN_WORDS)}
        return (other.name is FieldName.TOTAL and other.value in words) or sum_with(other.name, other.value, self.seen)

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
        here = {v.value for v in face(self.seen, self.code.amount_field)}
        there = {v.value for v in face(self.seen, other)}
        return amount in there and amount not in here

    def structured(self, name: FieldName) -> bool:
        """Stated by the issuer's data, which must be consistent in itself."""
        if not self.says(name, STRUCTURED):
            return False
        if name in SUM:
            return self._stated_sum() and not self._empty_tax(name)
        if name in {FieldName.NUMBER, FieldName.DATE}:
            return self._year_fits()
        return name not in _TAX_IDS or check_ok(self.chosen[name]) is not False

    def _stated_sum(self) -> bool:
        net, tax, total = (self.money(name) for name in SUM)
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
        net, tax, total = (self.money(name) for name in SUM)
        if net is None or total is None or self.kind is Kind.AIR_E:
            return set()
        if tax is None:
            # a paper without tax: a net read from a picture may be another figure
            sure = proofs[FieldName.TOTAL] & {Proof.STRUCTURED, Proof.WORDS} and self.says(FieldName.NET, TEXT)
            return {FieldName.NET} & open_fields if sure and net == total else set()
        # a worn needle changes a digit of tax and total alike: from the net alone the tax must be that of a known rate
        anchored = proofs[FieldName.TOTAL] & _ANCHORS or (proofs[FieldName.NET] & _ANCHORS and _at_a_rate(net, tax))
        holds = anchored and tax and sums_agree(net, tax, total) and tax_plausible(net, tax)
        return set(SUM) if holds and open_fields.issuperset(SUM) else set()


def _at_a_rate(net: Decimal, tax: Decimal) -> bool:
    """Whether a tax is that of the whole net at one known rate, to the cent."""
    return any(abs(tax - net * rate) <= CENT for rate in RATES)


_COMPARED: Final = (
    _NAMES
    | _TAX_IDS
    | {
        FieldName.CODE,
        FieldName.NUMBER,
        FieldName.DATE,
        FieldName.CHECK_CODE,
        FieldName.MACHINE_NUMBER,
        *SUM,
    }
)
_SINGLE: Final = {
    Proof.STRUCTURED: _Case.structured,
    Proof.QR_CRC: _Case.qr,
    Proof.TEXT_AGREES: _Case.text_agrees,
    Proof.CHECK_DIGIT: _Case.check_digit,
    Proof.TWO_READERS: _Case.two_readers,
}

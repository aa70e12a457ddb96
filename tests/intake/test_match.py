from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.comparing import compare
from intake.match import match
from intake.model import (
    Agreement,
    Ambiguous,
    FusedField,
    Invoice,
    Matched,
    MatchLevel,
    Proof,
    RefusedRow,
    RegisterRow,
    RegisterStatus,
    SourceState,
    Unmatched,
)
from ocr.rules.confusion import one_edit
from ocr.types import FieldName, Kind

F, K, L = FieldName, Kind, MatchLevel
CODE, NUMBER, DIGITAL = "033002000211", "83089647", "24112000000048542163"
SELLER, BUYER = "91330106MA7GAL1299", "914403003197860257"

ROW = RegisterRow(
    key=f"T:{CODE}:{NUMBER}", code=CODE, number=NUMBER, date=date(2020, 7, 23), net=Decimal("510.68"), tax=Decimal("15.32"),
    total=Decimal("526.00"), seller_tax_id=SELLER, seller_name="某某(杭州)公司", buyer_tax_id=BUYER, buyer_name="乙公司",
    kind=K.VAT_E_NORMAL, status=RegisterStatus.NORMAL,
)  # fmt: skip
RIGHT = {
    F.CODE: CODE, F.NUMBER: NUMBER, F.DATE: "2020-07-23", F.NET: "510.68", F.TAX: "15.32", F.TOTAL: "526.00",
    F.SELLER_TAX_ID: SELLER, F.SELLER_NAME: "某某（杭州）公司", F.BUYER_TAX_ID: BUYER,
}  # fmt: skip


class Rows:
    """A register of a few rows, in any order."""

    def __init__(self, rows: Iterable[RegisterRow], aliases: Mapping[str, str] | None = None) -> None:
        self.rows = list(rows)
        self.aliases = aliases or {}

    def by_key(self, key: str) -> RegisterRow | None:
        return next((row for row in self.rows if row.key == self.aliases.get(key, key)), None)

    def near(self, code: str, number: str) -> Sequence[RegisterRow]:
        return [row for row in self.rows if one_edit(row.code + row.number, code + number)]

    def by_number(self, number: str) -> Sequence[RegisterRow]:
        return [row for row in self.rows if row.number == number]

    def by_value(self, seller_tax_id: str, total: Decimal, day: date, span: int) -> Sequence[RegisterRow]:
        return [
            row
            for row in self.rows
            if row.seller_tax_id == seller_tax_id
            and total in {row.total, row.net}
            and row.date
            and abs((row.date - day).days) <= span
        ]

    def sources(self) -> Sequence[SourceState]:
        return []

    def refused(self, number: str) -> Sequence[RefusedRow]:
        del number
        return []


def paper(values: Mapping[FieldName, str] = RIGHT, kind: Kind = K.VAT_E_NORMAL, /, **changed: str | None) -> Invoice:
    merged = {**values, **{FieldName(name): value for name, value in changed.items()}}
    fields = {name: FusedField(name, value, frozenset(), ()) for name, value in merged.items() if value is not None}
    return Invoice(kind, fields)


def levels(invoice: Invoice, *rows: RegisterRow) -> list[MatchLevel]:
    outcome = match(invoice, Rows(rows))
    if isinstance(outcome, Matched):
        return [outcome.candidate.level]
    return [one.level for one in outcome.candidates] if isinstance(outcome, Ambiguous) else []


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"net": None},  # one amount is enough
        {"total": None},
        {"tax": None, "buyer_tax_id": None, "seller_name": "别的名字"},  # a name read wrongly is no other seller
        {"seller_tax_id": "91330108MA7GAL1299"},  # the last six characters stand under the seal
    ],
)
def test_a_row_that_agrees_in_everything_is_a_match(changed: dict[str, str | None]) -> None:
    assert levels(paper(**changed), ROW) == [L.M0]


@pytest.mark.parametrize(
    "changed",
    [
        {"date": "2020-07-24"},
        {"date": None},
        {"net": "510.69"},
        {"total": "526.01"},
        {"net": None, "total": None},
        {"tax": "15.33"},
        {"seller_tax_id": "91330106MA7GAL1298"},
        {"seller_tax_id": None},
        {"buyer_tax_id": "91110108690017781B"},
    ],
)
def test_the_same_key_with_another_value_is_for_a_person(changed: dict[str, str | None]) -> None:
    assert levels(paper(**changed), ROW)[0] is L.M1


@pytest.mark.parametrize("status", [status for status in RegisterStatus if status is not RegisterStatus.NORMAL])
def test_only_a_normal_row_matches_by_itself(status: RegisterStatus) -> None:
    assert levels(paper(), replace(ROW, status=status)) == [L.M1]


def test_a_row_that_states_no_amount_or_day_does_not_match_by_itself() -> None:
    assert levels(paper(), replace(ROW, net=None, total=None)) == [L.M1]
    assert levels(paper(), replace(ROW, date=None)) == [L.M1]


def test_a_rail_ticket_prints_no_seller() -> None:
    row = replace(ROW, key=f"D:{DIGITAL}", code="", number=DIGITAL, kind=K.RAIL_E)
    values = {F.NUMBER: DIGITAL, F.DATE: "2020-07-23", F.TOTAL: "526.00"}
    assert levels(paper(values, K.RAIL_E), row) == [L.M0]
    assert levels(paper({**values, F.SELLER_TAX_ID: "91110108690017781B"}, K.RAIL_E), row) == [L.M1]
    assert levels(paper(values, K.DIG_NORMAL), row) == [L.M1]


def test_a_near_key_with_two_equal_values_is_proposed() -> None:
    near = replace(ROW, key=f"T:{CODE}:83089641", number="83089641")
    assert levels(paper(), near) == [L.M2]
    assert levels(paper(total="1.00", net="1.00"), near) == [L.M2]
    assert levels(paper(total="1.00", net="1.00", date="2020-01-01"), near) == []
    assert levels(paper(seller_tax_id=None), near) == [L.M2]


def test_code_and_number_in_each_others_place_are_found() -> None:
    assert levels(paper(code=NUMBER, number=CODE), ROW)[0] is L.M3


def test_a_missing_code_is_supplied_when_one_row_only_fits() -> None:
    twin = replace(ROW, key=f"T:031002000211:{NUMBER}", code="031002000211")
    assert levels(paper(code=None), ROW)[0] is L.M3
    assert L.M3 not in levels(paper(code=None), ROW, twin)
    assert L.M3 not in levels(paper(code=None, date="2020-07-24"), ROW)


def test_a_digital_number_that_stands_as_a_pair_is_the_same_invoice() -> None:
    row = replace(ROW, key=f"D:{DIGITAL}", code="", number=DIGITAL)
    split = {F.CODE: DIGITAL[:12], F.NUMBER: DIGITAL[12:]}
    assert levels(paper(split, K.DIG_NORMAL), row)[0] <= L.M1


def test_the_same_value_within_days_is_a_low_candidate() -> None:
    row = replace(ROW, key="T:033002000211:11111111", number="11111111", date=date(2020, 7, 25))
    assert levels(paper(), row) == [L.M4]
    assert levels(paper(total=None), row) == [L.M4]
    assert levels(paper(total=None, net=None), row) == []


def test_a_row_is_proposed_once_at_its_best_level_best_first() -> None:
    near = replace(ROW, key=f"T:{CODE}:83089641", number="83089641")
    value = replace(ROW, key="T:033002000211:11111111", number="11111111", date=date(2020, 7, 25))
    later = replace(value, key="T:033002000211:22222222", number="22222222", date=date(2020, 7, 26))
    other = paper(date="2020-07-24")
    assert levels(other, later, value, near, ROW) == [L.M1, L.M2, L.M4, L.M4]
    outcome = match(other, Rows([later, value]))
    assert isinstance(outcome, Ambiguous)
    assert [one.row for one in outcome.candidates] == [value, later]


def test_at_most_five_are_shown() -> None:
    rows = [replace(ROW, key=f"T:{CODE}:1111111{place}", number=f"1111111{place}") for place in range(9)]
    assert levels(paper(), *rows) == [L.M4] * 5


def test_nothing_like_it_is_no_match() -> None:
    assert match(paper(), Rows([])) == Unmatched()
    assert match(paper({}), Rows([ROW])) == Unmatched()
    assert match(paper(RIGHT, K.LIST_PAGE), Rows([ROW])) == Unmatched()


def test_each_field_is_compared() -> None:
    found = {one.name: one for one in compare(paper(total="527.00", tax=None), replace(ROW, buyer_name="", date=None))}
    assert found[F.TOTAL].agreement is Agreement.DIFFERENT
    assert (found[F.TOTAL].seen, found[F.TOTAL].expected) == ("527.00", "526.00")
    assert found[F.TAX].agreement is Agreement.MISSING_HERE
    assert found[F.DATE].agreement is Agreement.MISSING_THERE
    assert found[F.SELLER_NAME].agreement is Agreement.SAME
    assert F.BUYER_NAME not in found


ROWS = [
    ROW,
    *(replace(ROW, key=f"T:{CODE}:8308964{digit}", number=f"8308964{digit}") for digit in "0123"),
    *(replace(ROW, key=f"T:{CODE}:1111111{digit}", number=f"1111111{digit}", date=date(2020, 7, 21 + int(digit))) for digit in "01234"),
    replace(ROW, key=f"T:031002000211:{NUMBER}", code="031002000211"),
]  # fmt: skip


@given(
    st.lists(st.sampled_from(ROWS), unique_by=lambda row: row.key),
    st.fixed_dictionaries({}, optional={name: st.none() for name in RIGHT}),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_register_changes_nothing(
    rows: list[RegisterRow], left_out: dict[FieldName, None], chance: random.Random
) -> None:
    fields = {name: FusedField(name, value, frozenset(), ()) for name, value in RIGHT.items() if name not in left_out}
    invoice = Invoice(K.VAT_E_NORMAL, fields)
    one = match(invoice, Rows(rows))
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert match(invoice, Rows(shuffled)) == one
    if isinstance(one, Ambiguous):
        assert 1 <= len(one.candidates) <= 5
        assert [two.level for two in one.candidates] == sorted(two.level for two in one.candidates)
        assert all(two.level is not L.M0 for two in one.candidates)


def coded(invoice: Invoice, *names: FieldName) -> Invoice:
    """The invoice as a scan's code alone tells it: these fields byte-exact, nothing of the seller."""
    fields: dict[FieldName, FusedField] = {
        name: replace(field, proof=frozenset({Proof.QR_CRC}) if name in names else frozenset())
        for name, field in invoice.fields.items()
        if name not in {F.SELLER_TAX_ID, F.SELLER_NAME, F.BUYER_TAX_ID, F.TAX}
    }
    return replace(invoice, fields=fields)


EXACT = (F.CODE, F.NUMBER, F.DATE, F.NET)


def test_an_intact_code_speaks_for_a_seller_of_its_region() -> None:
    assert levels(coded(paper(), *EXACT), ROW) == [L.M0]


def test_an_intact_digital_code_does_so_too() -> None:
    row = replace(
        ROW, key=f"D:{DIGITAL}", code="", number=DIGITAL, seller_tax_id="91110108690017781B", kind=K.DIG_NORMAL
    )
    seen = paper({**RIGHT, F.NUMBER: DIGITAL}, K.DIG_NORMAL, code=None, net=None)
    assert levels(coded(seen, F.NUMBER, F.DATE, F.TOTAL), row) == [L.M0]


@pytest.mark.parametrize("left_out", EXACT[1:])
def test_what_the_code_leaves_open_does_not_speak_for_the_seller(left_out: FieldName) -> None:
    names = [name for name in EXACT if name is not left_out]
    assert levels(coded(paper(), *names), ROW) != [L.M0]


@pytest.mark.parametrize("seller", ["", "91110108690017781B"])
def test_a_seller_of_another_region_or_none_is_for_a_person(seller: str) -> None:
    assert levels(coded(paper(), *EXACT), replace(ROW, seller_tax_id=seller)) != [L.M0]


def test_a_code_of_no_known_region_is_for_a_person() -> None:
    row = replace(ROW, key="T:099002000211:83089647", code="099002000211")
    assert levels(coded(paper({**RIGHT, F.CODE: "099002000211"}), *EXACT), row) != [L.M0]

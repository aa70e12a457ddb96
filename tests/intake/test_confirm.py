"""What a register row adds, and when the machine may believe it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from intake.confirm import confirm, has_twin, is_ours, stated
from intake.model import Company, Doubt, FusedField, Invoice, Proof, RegisterRow, RegisterStatus, SourceState
from ocr.types import FieldName, FieldValue, Kind, Source

ROW = RegisterRow(
    key="D:24112000000048542163",
    code="",
    number="24112000000048542163",
    date=date(2024, 5, 28),
    net=Decimal("4197.17"),
    tax=Decimal("251.83"),
    total=Decimal("4449.00"),
    seller_tax_id="91110108690017781B",
    seller_name="北京某某(信息)有限公司",
    buyer_tax_id="914403003197860257",
    buyer_name="我们有限公司",
    kind=Kind.DIG_SPECIAL,
    status=RegisterStatus.NORMAL,
)
US = Company("我们有限公司", "914403003197860257", date(2020, 1, 1), date(2025, 12, 31))


class Rows:
    """A register of a few rows; all of them count as near."""

    def __init__(self, *rows: RegisterRow) -> None:
        self.rows = rows

    def by_key(self, key: str) -> RegisterRow | None:
        return next((row for row in self.rows if row.key == key), None)

    def near(self, code: str, number: str) -> Sequence[RegisterRow]:
        del code, number
        return self.rows

    def by_number(self, number: str) -> Sequence[RegisterRow]:
        return [row for row in self.rows if row.number == number]

    def by_value(self, seller_tax_id: str, total: Decimal, day: date, span: int) -> Sequence[RegisterRow]:
        del seller_tax_id, total, day, span
        return self.rows

    def sources(self) -> Sequence[SourceState]:
        return ()


def read(name: FieldName, value: str, *proof: Proof) -> FusedField:
    seen = FieldValue(name, value, 0.98, Source.OCR)
    return FusedField(name, value, frozenset(proof), (seen,), None if proof else Doubt.ONE_READER)


def invoice(**values: FusedField) -> Invoice:
    return Invoice(Kind.DIG_SPECIAL, {FieldName(name): found for name, found in values.items()})


def test_an_equal_value_gains_the_registers_proof_and_loses_its_doubt() -> None:
    found = confirm(invoice(total=read(FieldName.TOTAL, "4449.00")), ROW).fields[FieldName.TOTAL]
    assert found.proof == {Proof.REGISTER}
    assert found.doubt is None
    assert [seen.source for seen in found.sightings] == [Source.OCR, Source.REGISTER]


def test_a_missing_value_is_taken_over_with_its_source() -> None:
    found = confirm(invoice(), ROW).fields[FieldName.TAX]
    assert found.value == "251.83"
    assert found.proof == {Proof.REGISTER}
    assert found.sightings[-1].source is Source.REGISTER


def test_a_misread_name_gives_way_but_its_sighting_stays() -> None:
    found = confirm(invoice(buyer_name=read(FieldName.BUYER_NAME, "我门有限公司")), ROW).fields[FieldName.BUYER_NAME]
    assert found.value == "我们有限公司"
    assert [seen.value for seen in found.sightings] == ["我门有限公司", "我们有限公司"]


def test_a_proven_name_and_a_differing_amount_stay_as_they_are() -> None:
    before = invoice(
        buyer_name=read(FieldName.BUYER_NAME, "我们集团有限公司", Proof.STRUCTURED), tax=read(FieldName.TAX, "251.38")
    )
    after = confirm(before, ROW)
    assert after.fields[FieldName.BUYER_NAME] == before.fields[FieldName.BUYER_NAME]
    assert after.fields[FieldName.TAX] == before.fields[FieldName.TAX]


def test_what_a_row_does_not_state_is_left_out() -> None:
    bare = replace(ROW, date=None, net=None, tax=None, total=None, seller_name="", buyer_name="", buyer_tax_id="")
    assert set(stated(bare)) == {FieldName.NUMBER, FieldName.SELLER_TAX_ID}


@pytest.mark.parametrize(
    ("change", "twin"),
    [
        ({}, False),
        ({"key": "D:24112000000048542164", "number": "24112000000048542164"}, True),
        ({"key": "D:24112000000048542164", "total": Decimal("4449.01")}, False),
        ({"key": "D:24112000000048542164", "date": date(2024, 5, 29)}, False),
        ({"key": "D:24112000000048542164", "seller_tax_id": "91370212MA3ER1RQXE"}, False),
    ],
)
def test_a_twin_is_another_key_with_everything_else_equal(change: dict[str, object], twin: bool) -> None:
    assert has_twin(ROW, Rows(ROW, replace(ROW, **change))) is twin  # type: ignore[arg-type] # a table of changes


@pytest.mark.parametrize(
    ("company", "ours"),
    [
        (US, True),
        (replace(US, valid_from=None, valid_to=None), True),
        (replace(US, valid_from=date(2024, 5, 29)), False),
        (replace(US, valid_to=date(2024, 5, 27)), False),
        (replace(US, tax_id="91370212MA3ER1RQXE"), False),
    ],
)
def test_the_buyer_is_ours_on_the_day_of_issue(company: Company, ours: bool) -> None:
    assert is_ours(invoice(), ROW, [company]) is ours


def test_the_papers_own_tax_id_decides_and_its_date_where_the_row_has_none() -> None:
    other = invoice(
        buyer_tax_id=read(FieldName.BUYER_TAX_ID, "91370212MA3ER1RQXE"), date=read(FieldName.DATE, "2019-05-28")
    )
    assert not is_ours(other, ROW, [US])
    assert not is_ours(invoice(date=read(FieldName.DATE, "2019-05-28")), replace(ROW, date=None), [US])
    assert not is_ours(invoice(), replace(ROW, date=None), [US])


def test_without_companies_on_file_there_is_nothing_to_compare() -> None:
    assert is_ours(invoice(), ROW, [])


def test_what_another_office_takes_is_not_filed_here() -> None:
    assert not is_ours(invoice(), ROW, [replace(US, desk="上海")])


@pytest.mark.parametrize(
    ("name", "source", "ours"),
    [
        ("我们有限公司", Source.PDF_TEXT, True),
        ("我们公司", Source.PDF_TEXT, False),  # another title, surely read
        ("我们公司", Source.OCR, True),  # perhaps misread
        ("杭州别的有限公司", Source.PDF_TEXT, False),
        ("杭州别的有限公司", Source.OCR, True),  # the register is kept by our tax id
    ],
)
@pytest.mark.parametrize("tax_id", [None, US.tax_id])
def test_a_title_that_is_surely_wrong_is_for_a_person(
    name: str, source: Source, ours: bool, tax_id: str | None
) -> None:
    values = [(FieldName.BUYER_NAME, name), (FieldName.BUYER_TAX_ID, tax_id)]
    fields = {
        one: FusedField(one, value, frozenset(), (FieldValue(one, value, 1.0, source),))
        for one, value in values
        if value
    }
    assert is_ours(Invoice(Kind.DIG_SPECIAL, fields), ROW, [US]) is ours


def test_a_former_name_counts_while_papers_to_it_are_taken() -> None:
    former = replace(US, valid_to=date(2024, 5, 1), accepted_to=date(2024, 6, 30))
    assert is_ours(invoice(), ROW, [former])
    assert not is_ours(invoice(), ROW, [replace(former, accepted_to=date(2024, 5, 27))])


def test_what_a_row_states_is_told_in_the_one_spelling() -> None:
    assert stated(ROW) == {
        FieldName.NUMBER: "24112000000048542163",
        FieldName.DATE: "2024-05-28",
        FieldName.NET: "4197.17",
        FieldName.TAX: "251.83",
        FieldName.TOTAL: "4449.00",
        FieldName.SELLER_NAME: "北京某某（信息）有限公司",
        FieldName.SELLER_TAX_ID: "91110108690017781B",
        FieldName.BUYER_NAME: "我们有限公司",
        FieldName.BUYER_TAX_ID: "914403003197860257",
    }
    taken = confirm(Invoice(Kind.DIG_SPECIAL, {}), ROW).fields[FieldName.TAX]
    sighting = FieldValue(FieldName.TAX, "251.83", 1.0, Source.REGISTER)
    assert taken == FusedField(FieldName.TAX, "251.83", frozenset({Proof.REGISTER}), (sighting,))

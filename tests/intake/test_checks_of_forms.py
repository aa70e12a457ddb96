"""What the form of a paper says: whose copy it is, who issued it for whom, what it reverses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from intake.checks import check
from intake.diagnosis.case import Circumstances
from intake.diagnosis.tree import diagnose
from intake.fuse import fuse, joined
from intake.match import match
from intake.model import (
    Ambiguous,
    Cause,
    FusedField,
    Invoice,
    Level,
    Matched,
    MatchLevel,
    NextStep,
    Proof,
    SourceState,
    Unmatched,
)
from intake.records import alias
from ocr.rules.payload import encode, meaning, parse
from ocr.types import Box, CodeSighting, CrcState, FieldName, FieldValue, Kind, LineItem, Receipt, Sheets, Source
from tests.fakes import NOON
from tests.intake.test_match import DIGITAL, RIGHT, ROW, SELLER, Rows

F, K = FieldName, Kind
OFFICE = "33019800DK01187"
REAL = {F.SELLER_TAX_ID: OFFICE, F.REAL_SELLER_TAX_ID: SELLER, F.REAL_SELLER_NAME: "某某（杭州）公司"}


def paper(values: Mapping[FieldName, str], kind: Kind = K.VAT_SPECIAL_PAPER) -> Invoice:
    return Invoice(kind, {name: FusedField(name, text, frozenset(), ()) for name, text in values.items()})


def levels(values: Mapping[FieldName, str], code: str) -> list[Level]:
    return [one.level for one in check(paper(values), today=date(2026, 11, 24)) if one.code == code]


@pytest.mark.parametrize(
    ("values", "code", "level"),
    [
        ({F.COPY: "记账联"}, "sellers_copy", Level.WARNING),
        ({F.COPY: "抵扣联"}, "sellers_copy", Level.OK),
        ({F.NUMBER: "12345678"}, "sellers_copy", None),
        (REAL, "real_seller_check", Level.OK),
        ({**REAL, F.REAL_SELLER_TAX_ID: "91330106MA7GAL1290"}, "real_seller_check", Level.WARNING),
        ({**REAL, F.REAL_SELLER_TAX_ID: "33010698MAXXXXXXX"}, "real_seller_check", None),
        ({F.SELLER_TAX_ID: OFFICE}, "real_seller_missing", Level.WARNING),
        ({F.SELLER_TAX_ID: SELLER}, "real_seller_missing", None),
        ({F.NET: "-100.00", F.TAX: "-6.00", F.TOTAL: "-106.00"}, "red_signs", Level.OK),
        ({F.NET: "-100.00", F.TAX: "6.00", F.TOTAL: "-106.00"}, "red_signs", Level.ERROR),
        ({F.TOTAL: "106.00"}, "red_signs", None),
        ({F.TOTAL: "-106.00"}, "red_unlinked", Level.INFO),
        ({F.TOTAL: "-106.00", F.RED_OF: f"D:{DIGITAL}"}, "red_unlinked", None),
    ],
)
def test_the_form_of_a_paper_is_checked(values: dict[FieldName, str], code: str, level: Level | None) -> None:
    assert levels(values, code) == ([] if level is None else [level])


@pytest.mark.parametrize(
    ("values", "level"),
    [
        ({F.NUMBER: "00472703", F.PRINTED_NUMBER: "00472703"}, Level.OK),
        ({F.NUMBER: "00472703", F.PRINTED_NUMBER: "00472704"}, Level.ERROR),
        ({F.CODE: "133002120130", F.PRINTED_CODE: "133002120430"}, Level.ERROR),
        ({F.PRINTED_CODE: "133002120430"}, None),
        ({F.NUMBER: "00472703"}, None),
    ],
)
def test_a_form_that_was_fed_wrong_bears_two_numbers(values: dict[FieldName, str], level: Level | None) -> None:
    assert levels(values, "printed_differs") == ([] if level is None else [level])


def test_what_the_machine_printed_is_no_error_where_the_forms_own_number_is_proven() -> None:
    proven = FusedField(F.NUMBER, "00472703", frozenset({Proof.QR_CRC}), ())
    invoice = Invoice(K.VEHICLE, {F.NUMBER: proven, **paper({F.PRINTED_NUMBER: "00472708"}).fields})
    (finding,) = [one for one in check(invoice, today=date(2026, 11, 24)) if one.code == "printed_differs"]
    assert finding.level is Level.WARNING


def test_a_tax_office_may_issue_for_a_seller_of_another_region() -> None:
    values = {F.CODE: "1100191160", F.NUMBER: "00472703", F.SELLER_TAX_ID: OFFICE}
    assert levels(values, "region_of_seller") == []
    assert levels({**values, F.SELLER_TAX_ID: SELLER}, "region_of_seller") == [Level.WARNING]


def test_the_seller_named_in_the_remark_is_the_one_that_the_register_knows() -> None:
    agent = {**RIGHT, **REAL}
    assert isinstance(match(paper(agent, K.VAT_E_NORMAL), Rows([ROW])), Matched)
    assert not isinstance(match(paper({**RIGHT, F.SELLER_TAX_ID: OFFICE}, K.VAT_E_NORMAL), Rows([ROW])), Matched)
    wrong = {**agent, F.REAL_SELLER_TAX_ID: "914403003197860257"}
    assert not isinstance(match(paper(wrong, K.VAT_E_NORMAL), Rows([ROW])), Matched)


def test_an_invoice_of_unread_number_is_found_by_its_real_seller_too() -> None:
    values: dict[FieldName, str] = {**RIGHT, **REAL}
    del values[F.NUMBER], values[F.CODE]
    found = match(paper(values, K.VAT_E_NORMAL), Rows([ROW]))
    assert isinstance(found, Ambiguous)
    assert [one.level for one in found.candidates] == [MatchLevel.M4]


def _code(text: str) -> CodeSighting:
    seen = parse(text)
    return CodeSighting(text, meaning(text), seen.crc if seen else CrcState.NONE, 0, None, "zxing")


PRINTED = ("3300191160", "00472703")
FACE = {F.NUMBER: DIGITAL, F.CODE: PRINTED[0], F.DATE: "2024-05-28", F.NET: "4197.17", F.PRINTED_NUMBER: PRINTED[1]}


def _twin(payload: str, **changed: str) -> Invoice:
    values = {**FACE, **{FieldName(name): text for name, text in changed.items()}}
    seen = tuple(FieldValue(name, text, 0.95, Source.OCR) for name, text in values.items())
    return fuse(Receipt(K.DIG_PAPER_SPECIAL, values=seen, codes=(_code(payload),)))


def test_the_code_of_a_form_with_two_numbers_proves_the_eight_digits_and_leaves_the_twenty() -> None:
    payload = encode("01", *PRINTED, "4197.17", "20240528", "") + ","
    found = _twin(payload)
    assert found.value(F.NUMBER) == DIGITAL
    assert found.value(F.PRINTED_NUMBER) == PRINTED[1]
    assert Proof.QR_CRC in found.fields[F.PRINTED_NUMBER].proof
    assert not found.proven(F.NUMBER)
    assert found.proven(F.DATE)
    assert alias(found) == f"T:{PRINTED[0]}:{PRINTED[1]}"


def test_the_code_of_another_form_is_not_believed() -> None:
    other = encode("01", PRINTED[0], "99999999", "4197.17", "20240528", "") + ","
    assert not _twin(other).proven(F.DATE)


def test_the_code_may_state_the_twenty_digits() -> None:
    found = _twin(encode("31", "", DIGITAL, "4449.00", "20240528", ""), total="4449.00")
    assert Proof.QR_CRC in found.fields[F.NUMBER].proof


def test_the_register_is_asked_for_both_names_of_a_form_with_two_numbers() -> None:
    row = replace(
        ROW, key=f"T:{PRINTED[0]}:{PRINTED[1]}", code=PRINTED[0], number=PRINTED[1], date=date(2024, 5, 28),
        net=Decimal("4197.17"), tax=None, total=None,
    )  # fmt: skip
    found = match(paper(FACE, K.DIG_PAPER_SPECIAL), Rows([row]))
    assert isinstance(found, Ambiguous)
    assert found.candidates[0].row is row


def _page(place: int, count: int = 3, **values: str) -> Invoice:
    seen = tuple(
        FieldValue(FieldName(name), text, 0.95, Source.OCR, 0, Box(0, 0, 1, 1)) for name, text in values.items()
    )
    code = _code("01,32,,24112000000048542163,4449.00,20240528,,")
    line = LineItem(name=f"{place}")
    return fuse(Receipt(K.DIG_NORMAL, (0,), None, seen, (line,), (code,), None, Sheets(count, (place,))))


def test_pages_of_two_files_make_one_invoice_in_either_order() -> None:
    first, last = _page(1, number=DIGITAL, buyer_name="某某公司"), _page(3, number=DIGITAL, total="4449.00")
    for whole in (joined(first, last), joined(last, first)):
        assert (whole.sheets, whole.missing()) == (Sheets(3, (1, 3)), (2,))
        assert [line.name for line in whole.lines] == ["1", "3"]
        assert (whole.value(F.TOTAL), whole.value(F.BUYER_NAME)) == ("4449.00", "某某公司")
        assert len(whole.codes) == 1
    places = {value.box for value in joined(first, last).fields[F.TOTAL].sightings if value.source is Source.OCR}
    assert places == {None}  # its page is in another file


def test_only_pages_that_count_themselves_are_put_together() -> None:
    with pytest.raises(ValueError, match="count themselves"):
        joined(_page(1), paper({F.NUMBER: DIGITAL}))


def test_missing_pages_are_an_error_and_the_cause_why_a_paper_waits() -> None:
    found = {one.code: one for one in check(_page(1, number=DIGITAL), today=date(2026, 11, 24))}["pages_missing"]
    assert (found.level, found.params) == (Level.ERROR, {"missing": "2, 3", "count": "3"})
    assert "pages_missing" not in {one.code for one in check(_page(1, 1), today=date(2026, 11, 24))}
    whole = replace(_page(1), sheets=Sheets(2, (1, 2)))
    assert [one.level for one in check(whole, today=date(2026, 11, 24)) if one.code == "pages_missing"] == [Level.OK]


def test_a_page_whose_fellows_are_missing_waits_for_them_before_anything_else_is_said() -> None:
    def cause(invoice: Invoice) -> tuple[Cause, NextStep]:
        said = diagnose(invoice, (), Unmatched(), Circumstances(NOON, 1825))
        return said.cause, said.next_step

    waiting = _page(1, number=DIGITAL, date="2024-05-28")
    assert cause(waiting) == (Cause.PAGES_MISSING, NextStep.SCAN_MISSING_PAGES)
    assert cause(replace(waiting, sheets=Sheets(1, (1,))))[0] is not Cause.PAGES_MISSING


def test_a_red_letter_names_its_slip_among_the_evidence() -> None:
    remark = "开具红字增值税专用发票信息表编号:1234567890123456"
    values = {F.NUMBER: DIGITAL, F.TOTAL: "-106.00", F.REMARK: remark, F.DATE: "2024-05-28"}
    source = SourceState("t", date(2026, 11, 1), date(2020, 1, 1), NOON)
    said = diagnose(paper(values), (), Unmatched(), Circumstances(NOON, 1825, sources=(source,)))
    assert said.cause is Cause.VOID_OR_RED
    assert [one.params for one in said.evidence if one.code == "red_slip"] == [{"number": "1234567890123456"}]

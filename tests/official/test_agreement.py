from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from intake.model import Agreement, Finding, Invoice, Level, OfficialOutcome
from intake.official.agreement import FACE, TYPED, Answer, agrees, compare, differing, lacking, needs_second
from ocr.types import FieldName, Kind
from tests.official.papers import VALUES, paper

F, Out = FieldName, OfficialOutcome
ASKED = {F.CODE: "044031900111", F.NUMBER: "00985283", F.DATE: "20261120", F.CHECK_CODE: "325108"}
SHOWN = {F.SELLER_NAME: "北京示例文具有限公司", F.BUYER_NAME: "北京示例科技有限公司", F.TOTAL: "106.00"}
OURS = paper(Kind.VAT_E_NORMAL)
NO_SELLER = paper(Kind.VAT_E_NORMAL, {name: value for name, value in VALUES.items() if name is not F.SELLER_NAME})
NO_NUMBER = paper(Kind.VAT_E_NORMAL, {name: value for name, value in VALUES.items() if name is not F.NUMBER})
NO_TOTAL = paper(Kind.VAT_E_NORMAL, {name: value for name, value in VALUES.items() if name is not F.TOTAL})

CASES: Mapping[
    str, tuple[Invoice, OfficialOutcome, Mapping[FieldName, str], Mapping[FieldName, str], bool, set[FieldName]]
] = {
    "all equal": (OURS, Out.CONSISTENT, ASKED, SHOWN, True, set()),
    "all equal, void": (OURS, Out.VOID, ASKED, SHOWN, True, set()),
    "spelt otherwise": (
        OURS,
        Out.CONSISTENT,
        {**ASKED, F.DATE: "2026-11-20"},
        {**SHOWN, F.SELLER_NAME: " 北京示例文具有限公司 ", F.TOTAL: "¥106"},
        True,
        set(),
    ),
    "another amount": (OURS, Out.CONSISTENT, ASKED, {**SHOWN, F.TOTAL: "1060.00"}, False, {F.TOTAL}),
    "another seller": (
        OURS,
        Out.CONSISTENT,
        ASKED,
        {**SHOWN, F.SELLER_NAME: "上海示例文具有限公司"},
        False,
        {F.SELLER_NAME},
    ),
    "asked with a corrected number": (OURS, Out.CONSISTENT, {**ASKED, F.NUMBER: "00985288"}, SHOWN, False, {F.NUMBER}),
    "our seller was not read": (NO_SELLER, Out.CONSISTENT, ASKED, SHOWN, True, {F.SELLER_NAME}),
    "our number was not read": (NO_NUMBER, Out.CONSISTENT, ASKED, SHOWN, False, {F.NUMBER}),
    "our amount was not read": (NO_TOTAL, Out.CONSISTENT, ASKED, SHOWN, False, {F.TOTAL}),
    "the buyer is not shown": (OURS, Out.CONSISTENT, ASKED, {**SHOWN, F.BUYER_NAME: ""}, True, set()),
    "not found": (OURS, Out.NOT_FOUND, ASKED, {}, False, set()),
    "inconsistent, whatever is typed": (OURS, Out.INCONSISTENT, ASKED, SHOWN, False, set()),
}


@pytest.mark.parametrize("case", CASES)
def test_only_a_shown_face_with_our_values_agrees(case: str) -> None:
    ours, outcome, asked, shown, expected, off = CASES[case]
    answer = Answer(outcome, asked, shown)
    comparison = compare(ours, answer)
    assert agrees(answer, comparison) is expected
    assert {line.name for line in differing(comparison)} == off


def test_the_two_sides_stand_beside_each_other() -> None:
    (line,) = [one for one in compare(OURS, Answer(Out.CONSISTENT, {}, {F.TOTAL: "99"})) if one.name is F.TOTAL]
    assert (line.seen, line.expected, line.agreement) == ("106.00", "99.00", Agreement.DIFFERENT)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("106.00", [(F.TOTAL, Agreement.DIFFERENT)]),
        ("107.00", [(F.TOTAL, Agreement.DIFFERENT), (F.TOTAL, Agreement.DIFFERENT)]),
    ],
)
def test_an_amount_that_was_asked_with_and_shown_is_said_once_unless_it_was_asked_otherwise(
    asked: str, expected: list[tuple[FieldName, Agreement]]
) -> None:
    digital = paper(Kind.DIG_NORMAL, {**VALUES, F.NUMBER: "26112000000048542163"})
    answer = Answer(Out.CONSISTENT, {F.TOTAL: asked}, {F.TOTAL: "108.00"})
    lines = compare(digital, answer)
    assert [(line.name, line.agreement) for line in lines] == expected
    assert not agrees(answer, lines)


def test_what_neither_side_states_is_left_out() -> None:
    assert compare(NO_SELLER, Answer(Out.CONSISTENT, {}, {F.SELLER_NAME: " "})) == ()


@pytest.mark.parametrize(
    ("outcome", "shown", "pictured", "expected"),
    [
        (Out.CONSISTENT, SHOWN, True, ()),
        (Out.CONSISTENT, SHOWN, False, ("screenshot",)),
        (Out.RED_PART, {F.TOTAL: "106.00"}, True, ("seller_name", "buyer_name")),
        (Out.VOID, {F.SELLER_NAME: "甲", F.BUYER_NAME: "乙"}, True, ("total",)),
        (Out.NOT_FOUND, {}, False, ()),
        (Out.LIMIT_EXCEEDED, {}, False, ()),
    ],
)
def test_a_shown_face_needs_its_values_and_a_picture(
    outcome: OfficialOutcome, shown: Mapping[FieldName, str], pictured: bool, expected: tuple[str, ...]
) -> None:
    assert lacking(OURS, Answer(outcome, ASKED, shown), pictured=pictured) == expected


def test_a_party_that_our_paper_does_not_name_is_not_asked_back() -> None:
    answer = Answer(Out.CONSISTENT, ASKED, {F.BUYER_NAME: "甲公司", F.TOTAL: "106.00"})
    assert lacking(NO_SELLER, answer, pictured=True) == ()


def test_people_report_what_the_page_says_and_no_faults_of_an_interface() -> None:
    assert set(TYPED) >= FACE
    assert not {Out.UPSTREAM_ERROR, Out.QUOTA, Out.BAD_REQUEST} & set(TYPED)


@pytest.mark.parametrize(
    ("unproven", "total", "level", "expected"),
    [
        ((), "106.00", Level.OK, False),
        ((), "106.00", Level.WARNING, False),
        ((), "106.00", Level.ERROR, True),
        ((), "99999.00", Level.OK, False),
        ((F.NUMBER,), "9999.99", Level.OK, False),
        ((F.NUMBER,), "10000.00", Level.OK, True),
        ((F.NUMBER,), "-10000.00", Level.OK, True),
        ((F.NUMBER,), None, Level.OK, True),
    ],
)
def test_a_large_amount_without_a_code_and_a_failed_check_need_a_second_person(
    unproven: tuple[FieldName, ...], total: str | None, level: Level, expected: bool
) -> None:
    values = {name: value for name, value in {**VALUES, F.TOTAL: total}.items() if value is not None}
    invoice = paper(Kind.VAT_E_NORMAL, values, unproven=unproven)
    assert needs_second(invoice, (Finding("sum", level),), Decimal(10000)) is expected

"""A paper beside a row: weights, whom to believe, slips, the score that orders candidates; and how little is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from intake.comparing import WEIGHTS, candidate, compare, score
from intake.match import match
from intake.model import (
    Agreement,
    Ambiguous,
    FieldComparison,
    Invoice,
    Judgement,
    Matched,
    MatchLevel,
    Proof,
    RegisterRow,
    Slip,
)
from ocr.types import FieldName, Kind
from tests.intake.test_match import CODE, DIGITAL, NUMBER, RIGHT, ROW, SELLER, Rows, levels, paper

F, K, L = FieldName, Kind, MatchLevel
TODAY = date(2020, 8, 20)


def lines(invoice: Invoice, row: RegisterRow = ROW, today: date | None = None) -> dict[FieldName, FieldComparison]:
    return {one.name: one for one in compare(invoice, row, today)}


def proven(invoice: Invoice, proof: Proof) -> Invoice:
    fields = {name: replace(field, proof=frozenset({proof})) for name, field in invoice.fields.items()}
    return replace(invoice, fields=fields)


def test_the_weights_of_all_fields_make_a_hundred() -> None:
    assert sum(WEIGHTS.values()) == 100
    assert {name: line.weight for name, line in lines(paper()).items()} == WEIGHTS


@pytest.mark.parametrize(
    ("proof", "source", "judgement"),
    [
        (None, "tax-bureau", Judgement.REGISTER),
        (Proof.QR_CRC, "tax-bureau", Judgement.PAPER),
        (Proof.STRUCTURED, "tax-bureau", Judgement.PAPER),
        (Proof.ARITHMETIC, "tax-bureau", Judgement.OPEN),
        (Proof.TWO_PEOPLE, "tax-bureau", Judgement.OPEN),
        (Proof.ARITHMETIC, "manual", Judgement.PAPER),
        (None, "manual", Judgement.REGISTER),
    ],
)
def test_a_code_is_believed_before_the_register_and_the_register_before_a_reading(
    proof: Proof | None, source: str, judgement: Judgement
) -> None:
    seen = paper(total="527.00")
    found = lines(proven(seen, proof) if proof else seen, replace(ROW, source=source))
    assert found[F.TOTAL].judgement is judgement
    assert found[F.NET].judgement is Judgement.AGREES


def test_the_end_of_a_tax_id_and_a_value_on_one_side_are_told_as_such() -> None:
    found = lines(paper(seller_tax_id=SELLER[-6:], tax=None), replace(ROW, buyer_tax_id=""))
    assert found[F.SELLER_TAX_ID].judgement is Judgement.TAIL_AGREES
    assert found[F.TAX].judgement is Judgement.ONE_SIDED
    assert found[F.BUYER_TAX_ID].judgement is Judgement.ONE_SIDED
    assert {found[name].slip for name in found} == {None}


def test_the_seller_for_whom_a_tax_office_issued_is_compared_where_it_is_the_rows() -> None:
    agent = paper(seller_tax_id="DK12345678", real_seller_tax_id=SELLER)
    assert lines(agent)[F.SELLER_TAX_ID].agreement is Agreement.SAME
    other = paper(seller_tax_id="DK12345678", real_seller_tax_id="91110108690017781B")
    assert lines(other)[F.SELLER_TAX_ID].seen == "DK12345678"


@pytest.mark.parametrize(
    ("changed", "name", "slip"),
    [
        ({"net": "526.00"}, F.NET, Slip.GROSS_FOR_NET),
        ({"total": "510.68"}, F.TOTAL, Slip.NET_FOR_GROSS),
        ({"total": "5260.00"}, F.TOTAL, Slip.TIMES_TEN),
        ({"tax": "1532.00"}, F.TAX, Slip.TIMES_HUNDRED),
        ({"number": "83039647"}, F.NUMBER, Slip.CONFUSED),
        ({"code": "033002000217"}, F.CODE, Slip.CONFUSED),
        ({"code": NUMBER, "number": CODE}, F.NUMBER, Slip.EXCHANGED),
        ({"code": NUMBER, "number": CODE}, F.CODE, Slip.EXCHANGED),
        ({"number": "12345678", "check_code": "12345678000000000000"}, F.NUMBER, Slip.CHECK_CODE),
        ({"code": "033002000217", "number": "83039647"}, F.CODE, Slip.CONFUSED),
        ({"code": "033002000217", "number": "83039647"}, F.NUMBER, Slip.CONFUSED),
        ({"date": "2020-08-20"}, F.DATE, Slip.DAY_OF_RECEIPT),
        ({"date": "2020-07-28"}, F.DATE, Slip.CONFUSED),
        ({"date": "2019-01-01"}, F.DATE, None),
    ],
)
def test_each_difference_is_explained_by_its_slip(changed: dict[str, Any], name: FieldName, slip: Slip | None) -> None:
    assert lines(paper(**changed), today=TODAY)[name].slip is slip


def test_the_score_is_the_share_of_what_agrees() -> None:
    def of(*agreements: tuple[Agreement, int, Slip | None]) -> int:
        return score(FieldComparison(F.TOTAL, "1", "2", one, weight, slip=slip) for one, weight, slip in agreements)

    assert of() == 0
    assert of((Agreement.SAME, 10, None)) == 100
    assert of((Agreement.SAME, 10, None), (Agreement.DIFFERENT, 10, None)) == 50
    assert of((Agreement.SAME, 10, None), (Agreement.DIFFERENT, 10, Slip.CONFUSED)) == 75
    assert of((Agreement.DIFFERENT, 10, None)) == 0
    assert of((Agreement.MISSING_HERE, 10, None)) == of((Agreement.MISSING_THERE, 10, None)) == 25
    assert of((Agreement.SAME, 1, None), (Agreement.DIFFERENT, 2, None)) == 33
    assert candidate(paper(), replace(ROW, buyer_name=""), L.M0).score == 100


def test_a_candidate_names_the_slip_of_its_key_only_where_the_keys_differ() -> None:
    near = replace(ROW, key=f"T:{CODE}:83039647", number="83039647")
    assert candidate(paper(), near, L.M2).slip is Slip.CONFUSED
    assert candidate(paper(), ROW, L.M1).slip is None
    assert candidate(paper(code=None), ROW, L.M3).slip is Slip.NO_CODE
    check = paper(number="12345678", check_code="12345678000000000000")
    assert candidate(check, ROW, L.M4).slip is Slip.CHECK_CODE


def test_of_equal_levels_the_one_that_a_known_slip_explains_comes_first() -> None:
    likely = replace(ROW, key=f"T:{CODE}:83039647", number="83039647")  # 3 ↔ 8
    unlikely = replace(ROW, key=f"T:{CODE}:83069617", number="83089617", date=date(2020, 7, 25))
    outcome = match(paper(), Rows([unlikely, likely]))
    assert isinstance(outcome, Ambiguous)
    assert [one.row for one in outcome.candidates] == [likely, unlikely]
    assert [one.score for one in outcome.candidates] == sorted((one.score for one in outcome.candidates), reverse=True)


def test_the_next_invoice_is_found_where_a_digit_is_carried() -> None:
    row = replace(ROW, key=f"T:{CODE}:83089700", number="83089700")
    outcome = match(paper(number="83089699"), Rows([row]))
    assert isinstance(outcome, Ambiguous)
    assert [(one.level, one.slip) for one in outcome.candidates] == [(L.M2, Slip.NEIGHBOUR)]
    assert levels(paper(number="83089699", date="2019-01-01", net=None, total=None), row) == []


def test_a_form_of_two_numbers_is_known_by_either() -> None:
    form = {**RIGHT, F.NUMBER: DIGITAL, F.PRINTED_NUMBER: NUMBER}
    assert levels(paper(form, K.DIG_PAPER_NORMAL), ROW) == [L.M0]
    assert (
        levels(paper({**form, F.NUMBER: "24112000000048542168"}, K.DIG_PAPER_NORMAL, date="2020-07-24"), ROW)[0] is L.M1
    )
    assert L.M0 not in levels(paper(form, K.DIG_NORMAL), ROW)


@pytest.mark.parametrize(
    ("seen", "today", "found"),
    [
        ("2020-08-20", date(2020, 8, 20), True),  # the day of receipt was typed
        ("2020-08-19", date(2020, 8, 20), False),
        (None, date(2020, 8, 20), True),  # no day was read
        (None, None, False),
        (None, date(2020, 10, 21), True),
        (None, date(2020, 10, 22), False),  # too long ago
        ("2020-07-26", None, True),
        ("2020-07-27", None, False),
    ],
)
def test_rows_of_the_seller_and_amount_are_looked_for_about_the_day_that_was_meant(
    seen: str | None, today: date | None, found: bool
) -> None:
    row = replace(ROW, key="T:033002000211:11111111", number="11111111")
    outcome = match(paper(date=seen), Rows([row]), today)
    assert isinstance(outcome, Ambiguous) is found
    if isinstance(outcome, Ambiguous):
        assert [one.level for one in outcome.candidates] == [L.M4]


def test_day_and_month_exchanged_are_looked_for_on_that_very_day() -> None:
    row = replace(ROW, key="T:033002000211:11111111", number="11111111", date=date(2020, 5, 6))
    assert levels(paper(date="2020-06-05"), row) == [L.M4]
    assert levels(paper(date="2020-06-05"), replace(row, date=date(2020, 5, 7))) == []


class Counting(Rows):
    """Counts what is asked of it."""

    def __init__(self, rows: Sequence[RegisterRow] = ()) -> None:
        super().__init__(rows)
        self.asked: Counter[str] = Counter()

    def by_key(self, key: str) -> RegisterRow | None:
        self.asked["by_key"] += 1
        return super().by_key(key)

    def near(self, code: str, number: str) -> Sequence[RegisterRow]:
        self.asked["near"] += 1
        return super().near(code, number)

    def by_number(self, number: str) -> Sequence[RegisterRow]:
        self.asked["by_number"] += 1
        return super().by_number(number)

    def by_value(self, seller_tax_id: str, total: Decimal, day: date, span: int) -> Sequence[RegisterRow]:
        self.asked["by_value"] += 1
        return super().by_value(seller_tax_id, total, day, span)


def test_a_row_that_agrees_costs_one_question() -> None:
    register = Counting([ROW])
    assert isinstance(match(paper(), register, TODAY), Matched)
    assert register.asked == {"by_key": 1}


def test_the_worst_paper_costs_few_questions() -> None:
    """Nothing is found: two sellers, day and month exchangeable, the day that of receipt, digits carried both ways."""
    worst = paper(date="2020-05-06", number="83089700", real_seller_tax_id="91110108690017781B")
    register = Counting()
    match(worst, register, date(2020, 5, 6))
    assert register.asked["near"] == 1
    assert register.asked["by_value"] == 6
    assert register.asked.total() <= 11
    bare = Counting()
    match(paper({F.NUMBER: NUMBER, F.DATE: "2020-05-06"}), bare)
    assert bare.asked.total() <= 3


def test_of_equal_scores_the_nearer_day_comes_first_whatever_the_key() -> None:
    later = replace(ROW, key="T:033002000211:11111111", number="11111111", date=date(2020, 7, 26))
    nearer = replace(ROW, key="T:033002000211:22222222", number="22222222", date=date(2020, 7, 25))
    undated = paper(date="2020-07-24")
    outcome = match(undated, Rows([later, nearer]))
    assert isinstance(outcome, Ambiguous)
    assert [one.row for one in outcome.candidates] == [nearer, later]


def test_the_total_alone_or_the_net_alone_finds_a_row_by_value() -> None:
    row = replace(ROW, key="T:033002000211:11111111", number="11111111")
    assert levels(paper(net=None), row) == [L.M4]
    assert levels(paper(total=None), row) == [L.M4]


def test_kinds_with_a_key_of_their_own_are_looked_up_by_it() -> None:
    serial = "65773300460326A123456"
    train = replace(ROW, key=f"R:{serial}", code="", number="")
    assert levels(paper({**RIGHT, F.SERIAL: serial}, K.TRAIN_PAPER, code=None, number=None), train) == [L.M0]


def test_a_day_of_receipt_is_named_in_the_candidate() -> None:
    outcome = match(paper(date="2020-08-20"), Rows([ROW]), TODAY)
    assert isinstance(outcome, Ambiguous)
    (one,) = (line for line in outcome.candidates[0].comparison if line.name is F.DATE)
    assert one.slip is Slip.DAY_OF_RECEIPT


def test_without_a_number_nothing_is_asked_by_number() -> None:
    register = Counting()
    match(paper({F.DATE: "2020-07-23", F.TOTAL: "526.00", F.SELLER_TAX_ID: SELLER}), register)
    assert register.asked == {"by_value": 1}


def test_the_seller_counts_only_where_both_sides_name_one() -> None:
    near = replace(ROW, key=f"T:{CODE}:83039647", number="83039647", total=Decimal("1.00"), net=Decimal("1.00"))
    assert levels(paper(), near) == [L.M2]
    assert levels(paper(seller_tax_id=None), near) == []
    assert levels(paper(), replace(near, seller_tax_id="")) == []
    agent = paper(seller_tax_id="DK12345678", real_seller_tax_id=SELLER)
    assert levels(agent, near) == [L.M2]

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.invent import Inventor
from intake.model import FusedField, Invoice, Proof
from intake.repairs import REASONS, Party, Repair, propose
from intake.repairs_of_sums import at_known_rate, slipped
from ocr.rules.confusion import confusable
from ocr.rules.taxid import org_ok, uscc_ok
from ocr.types import FieldName, FieldValue, Kind, Source

F, K = FieldName, Kind
TODAY = date(2026, 11, 24)
SELLER, BUYER = "91110108690017781B", "914403003197860257"  # 北京, 深圳: domain.md §4.1
NUMBER, CODE = "24112000000048542163", "011002300111"


def paper(
    kind: Kind = K.DIG_NORMAL,
    proven: tuple[FieldName, ...] = (),
    rivals: tuple[tuple[FieldName, str, Source], ...] = (),
    **values: str,
) -> Invoice:
    fields = {}
    for key, value in values.items():
        name = F(key)
        seen = [FieldValue(name, value, 0.9, Source.OCR)]
        seen += [FieldValue(name, other, 0.9, source) for of, other, source in rivals if of is name]
        fields[name] = FusedField(name, value, frozenset({Proof.QR_CRC} if name in proven else ()), tuple(seen))
    return Invoice(kind, fields)


def proposed(invoice: Invoice, *known: Party) -> dict[FieldName, list[tuple[str, str]]]:
    found: dict[FieldName, list[tuple[str, str]]] = {}
    for one in propose(invoice, known, today=TODAY):
        assert one.seen == invoice.value(one.name)
        assert one.reason in REASONS
        found.setdefault(one.name, []).append((one.proposed, one.reason))
    return found


# --- tax ids ------------------------------------------------------------------------------------------------


def test_a_confused_character_of_a_tax_id_is_proposed_when_both_check_digits_fit() -> None:
    wrong = "91110108690017781B".replace("69", "96")
    assert proposed(paper(seller_tax_id=wrong)) == {}
    wrong = SELLER.replace("B", "8")
    first = propose(paper(seller_tax_id=wrong, number=NUMBER, proven=(F.NUMBER,)), today=TODAY)[0]
    assert first == Repair(F.SELLER_TAX_ID, wrong, SELLER, "check_digits", {"at": "18"}, first.weight)


def test_of_two_candidates_the_one_of_the_invoices_region_comes_first() -> None:
    wrong = SELLER.replace("B", "8")
    both = propose(paper(seller_tax_id=wrong), today=TODAY)
    assert {one.weight for one in both} == {1}
    told = propose(paper(seller_tax_id=wrong, code=CODE), today=TODAY)
    assert (told[0].proposed, told[0].weight) == (SELLER, 2)


def test_letters_that_no_tax_id_has_are_put_right() -> None:
    assert proposed(paper(buyer_tax_id=BUYER.replace("0", "O", 1)))[F.BUYER_TAX_ID] == [(BUYER, "check_digits")]


@given(st.integers(0, 300), st.integers(0, 17), st.integers(0, 9))
def test_what_is_proposed_for_a_tax_id_is_one_confusion_away_and_stands(seed: int, place: int, which: int) -> None:
    inventor = Inventor(seed)
    true = inventor.tax_id(inventor.region())
    others = [sign for sign in "0123456789ABCDEFGHJKLMNPQRTUWXY" if confusable(true[place], sign)]
    if not others:
        return
    wrong = true[:place] + others[which % len(others)] + true[place + 1 :]
    for text, _ in proposed(paper(seller_tax_id=wrong)).get(F.SELLER_TAX_ID, []):
        assert uscc_ok(text)
        assert org_ok(text[8:17])
        assert sum(one != two for one, two in zip(wrong, text, strict=True)) == 1


def test_the_id_of_the_same_name_elsewhere_is_proposed_for_one_that_fails_or_is_missing() -> None:
    known = Party("甲公司", SELLER, "register")
    assert proposed(paper(seller_name="甲公司"), known) == {F.SELLER_TAX_ID: [(SELLER, "known_party")]}
    failing = paper(seller_name="甲公司", seller_tax_id="91110108690017000X")
    assert proposed(failing, known) == {F.SELLER_TAX_ID: [(SELLER, "known_party")]}
    assert proposed(paper(seller_name="乙公司"), known) == {}


def test_a_candidate_that_another_source_has_comes_first() -> None:
    wrong = SELLER.replace("B", "8")
    alone = propose(paper(seller_tax_id=wrong, seller_name="甲公司"), today=TODAY)
    known = propose(paper(seller_tax_id=wrong, seller_name="甲公司"), [Party("甲公司", SELLER, "archive")], today=TODAY)
    assert (alone[0].reason, known[0].reason) == ("check_digits", "known_party")
    assert known[0].weight > alone[0].weight
    assert known[0].params == {"place": "archive", "name": "甲公司"}


def test_two_ids_of_one_name_that_both_stand_are_left_alone() -> None:
    assert proposed(paper(seller_name="甲公司", seller_tax_id=BUYER), Party("甲公司", SELLER, "register")) == {}


def test_a_known_id_whose_own_check_fails_is_no_evidence() -> None:
    assert proposed(paper(seller_name="甲公司"), Party("甲公司", "91110108690017781C", "register")) == {}


def test_the_true_seller_of_the_remark_counts_as_known() -> None:
    seen = paper(seller_tax_id=SELLER[:-1], real_seller_tax_id=SELLER, real_seller_name="甲公司")
    assert proposed(seen)[F.SELLER_TAX_ID] == [(SELLER, "known_party")]
    assert proposed(paper(seller_tax_id=SELLER[:-1], real_seller_tax_id=SELLER))[F.SELLER_TAX_ID]


def test_a_name_follows_from_a_tax_id_that_stands() -> None:
    known = Party("甲科技有限公司", SELLER, "register")
    assert proposed(paper(seller_tax_id=SELLER, seller_name="甲科枝有限公司"), known) == {
        F.SELLER_NAME: [("甲科技有限公司", "name_of_id")]
    }
    assert proposed(paper(seller_tax_id=SELLER, seller_name="甲科技有限公司"), known) == {}
    assert proposed(paper(seller_tax_id=SELLER), Party("", SELLER, "seal")) == {}
    assert proposed(paper(seller_tax_id=SELLER), Party("别家", BUYER, "register")) == {}


# --- codes, numbers, dates ----------------------------------------------------------------------------------


def test_the_region_of_a_number_is_that_of_the_seller() -> None:
    assert proposed(paper(number="24172000000048542163", seller_tax_id=SELLER))[F.NUMBER] == [
        (NUMBER, "region_of_seller")
    ]
    shenzhen = "24952000000048542163"
    assert proposed(paper(number=shenzhen.replace("95", "96"), seller_tax_id=BUYER))[F.NUMBER][0][0] == shenzhen
    assert proposed(paper(number=NUMBER, seller_tax_id=SELLER)) == {}
    assert proposed(paper(number="24312000000048542163", seller_tax_id=SELLER)) == {}


@pytest.mark.parametrize(
    ("seen", "meant", "seller"),
    [
        ("011002300111", None, SELLER),
        ("017002300111", CODE, SELLER),
        ("1700153130", "1100153130", SELLER),
        ("044031800104", None, BUYER),
        ("044081800104", "044031800104", BUYER),
    ],
)
def test_the_region_of_a_code_is_that_of_the_seller(seen: str, meant: str | None, seller: str) -> None:
    found = proposed(paper(K.VAT_E_NORMAL, code=seen, seller_tax_id=seller))
    assert found == ({F.CODE: [(meant, "region_of_seller")]} if meant else {})


def test_the_year_of_a_number_is_that_of_the_date_or_the_other_way_round() -> None:
    found = proposed(paper(number="29112000000048542163", date="2024-05-28"))
    assert found == {F.NUMBER: [(NUMBER, "year_of_date")]}
    found = proposed(paper(number=NUMBER, date="2021-05-28"))
    assert found == {F.NUMBER: [("21112000000048542163", "year_of_date")], F.DATE: [("2024-05-28", "year_of_number")]}
    assert proposed(paper(number=NUMBER, date="2021-05-28", proven=(F.NUMBER,))) == {
        F.DATE: [("2024-05-28", "year_of_number")]
    }
    assert proposed(paper(number=NUMBER, date="2022-05-28")) == {}
    assert proposed(paper(number=NUMBER, date="2024-05-28")) == {}


def test_a_year_before_the_29th_of_february_is_no_day() -> None:
    assert F.DATE not in proposed(paper(number="21112000000048542163", date="2024-02-29"))


def test_no_date_in_the_future_is_proposed() -> None:
    found = proposed(paper(number="27112000000048542163", date="2021-05-28"))
    assert found == {F.NUMBER: [("21112000000048542163", "year_of_date")]}


def test_a_code_is_not_younger_than_its_invoice() -> None:
    found = proposed(paper(K.VAT_E_NORMAL, code="011002900111", date="2023-12-07"))
    assert found[F.CODE] == [("011002000111", "year_of_code"), (CODE, "year_of_code")]
    assert proposed(paper(K.VAT_SPECIAL_PAPER, code="1100293130", date="2023-12-07"))[F.CODE][0][1] == "year_of_code"
    assert proposed(paper(K.VAT_E_NORMAL, code=CODE, date="2023-12-07")) == {}
    assert proposed(paper(K.VAT_E_NORMAL, code="011002700111", date="2020-12-07")) == {}


def test_month_and_day_of_a_date_in_the_future_are_exchanged() -> None:
    assert proposed(paper(date="2026-12-05")) == {F.DATE: [("2026-05-12", "month_and_day")]}
    assert proposed(paper(date="2026-12-25")) == {}
    assert proposed(paper(date="2026-12-12")) == {}
    assert proposed(paper(date="2026-11-05")) == {}
    assert proposed(paper(date="2026-12-05", proven=(F.DATE,))) == {}
    assert proposed(paper(date="not a day")) == {}


# --- amounts ------------------------------------------------------------------------------------------------


def test_the_total_is_what_the_words_say() -> None:
    found = proposed(paper(total="4149.00", total_in_words="4449.00", net="4197.17", tax="251.83"))
    assert found == {F.TOTAL: [("4449.00", "words")]}
    assert proposed(paper(buyer_tax_id=BUYER, proven=(F.BUYER_TAX_ID,)), Party("", BUYER[:-1] + "8", "seal")) == {}
    (repair,) = propose(paper(total="4149.00", total_in_words="4449.00", net="4197.17", tax="251.83"), today=TODAY)
    assert repair.weight == 3
    assert proposed(paper(total_in_words="4449.00")) == {F.TOTAL: [("4449.00", "words")]}
    assert proposed(paper(total="4149.00", total_in_words="4449.00", proven=(F.TOTAL,))) == {}


@pytest.mark.parametrize(
    ("values", "name", "meant"),
    [
        ({"net": "4197.17", "tax": "251.33", "total": "4449.00"}, F.TAX, "251.83"),
        ({"net": "4197.17", "tax": "251.83", "total": "44490.00"}, F.TOTAL, "4449.00"),
        ({"net": "419717.00", "tax": "251.83", "total": "4449.00"}, F.NET, "4197.17"),
        ({"net": "4917.17", "tax": "251.83", "total": "4449.00"}, F.NET, "4197.17"),
        ({"net": "4197.17", "tax": "251.83", "total": "449.00"}, F.TOTAL, "4449.00"),
        ({"net": "-4197.17", "tax": "-251.83", "total": "-4445.00"}, None, ""),
    ],
)
def test_the_one_amount_that_a_slip_puts_right_is_proposed(
    values: dict[str, str], name: FieldName | None, meant: str
) -> None:
    assert proposed(paper(K.DIG_NORMAL, (), (), **values)) == ({name: [(meant, "sum")]} if name else {})


def test_where_two_slips_would_do_the_words_decide() -> None:
    values = {"net": "100.00", "tax": "6.00", "total": "108.00"}
    both = propose(paper(K.DIG_NORMAL, (), (), **values), today=TODAY)
    assert {one.name for one in both} == {F.TOTAL}
    told = propose(paper(K.DIG_NORMAL, (), (), **values, total_in_words="106.00"), today=TODAY)
    assert [(one.name, one.proposed) for one in told] == [(F.TOTAL, "106.00")]


def test_proven_amounts_are_never_touched() -> None:
    values = {"net": "4197.17", "tax": "251.33", "total": "4449.00"}
    assert proposed(paper(K.DIG_NORMAL, (F.TAX,), (), **values)) == {}


def test_a_missing_amount_follows_from_the_other_two_at_a_known_rate() -> None:
    assert proposed(paper(net="4197.17", total="4449.00")) == {F.TAX: [("251.83", "sum_missing")]}
    assert proposed(paper(tax="251.83", total="4449.00")) == {F.NET: [("4197.17", "sum_missing")]}
    assert proposed(paper(net="4197.17", tax="251.83")) == {F.TOTAL: [("4449.00", "sum_missing")]}
    assert proposed(paper(net="57.00", total="57.00")) == {}
    assert proposed(paper(net="4197.17", total="4500.00")) == {}
    assert proposed(paper(K.AIR_E, net="733.94", tax="67.71")) == {}


@pytest.mark.parametrize(
    ("seen", "meant", "is_slip"),
    [
        ("100.00", "100.00", False),
        ("-100.00", "100.00", False),
        ("1000.00", "100.00", True),
        ("1.00", "100.00", True),
        ("108.00", "100.00", True),
        ("102.00", "100.00", False),
        ("1208.00", "100.00", False),
        ("123.40", "132.40", True),
        ("123.45", "153.42", False),
    ],
)
def test_a_slip_is_one_confusion_a_lost_place_or_two_exchanged_digits(seen: str, meant: str, *, is_slip: bool) -> None:
    assert slipped(Decimal(seen), Decimal(meant)) is is_slip


def test_a_tax_of_nothing_is_at_no_rate() -> None:
    assert at_known_rate(Decimal("4197.17"), Decimal("251.83"))
    assert not at_known_rate(Decimal("4197.17"), Decimal(0))


# --- other readers ------------------------------------------------------------------------------------------


def test_a_code_on_the_paper_and_a_reading_that_fits_are_proposals_too() -> None:
    seen = paper(number="24112000000048542168", rivals=((F.NUMBER, NUMBER, Source.QR),))
    assert proposed(seen) == {F.NUMBER: [(NUMBER, "other_reader")]}
    fits = paper(
        number="24372000000048542163",
        seller_tax_id=SELLER,
        date="2024-05-28",
        rivals=((F.NUMBER, NUMBER, Source.OCR_SECOND),),
    )
    assert (NUMBER, "other_reader") in proposed(fits)[F.NUMBER]
    neither = paper(number="10556199", rivals=((F.NUMBER, "10556198", Source.OCR_SECOND),))
    assert proposed(neither) == {}
    known = paper(number="24112000000048542168", proven=(F.NUMBER,), rivals=((F.NUMBER, NUMBER, Source.QR),))
    assert proposed(known) == {}


@pytest.mark.parametrize(
    ("chosen", "other", "beside"),
    [
        ((F.CODE, "01100230011"), (F.CODE, CODE), {}),
        ((F.CODE, "031002300111"), (F.CODE, CODE), {"seller_tax_id": SELLER}),
        ((F.DATE, "2027-05-28"), (F.DATE, "2024-05-28"), {"number": NUMBER}),
        ((F.BUYER_TAX_ID, BUYER[:-1]), (F.BUYER_TAX_ID, BUYER), {}),
    ],
)
def test_another_reading_wins_where_the_chosen_one_fails_its_check(
    chosen: tuple[FieldName, str], other: tuple[FieldName, str], beside: dict[str, str]
) -> None:
    values = {chosen[0].value: chosen[1], **beside}
    seen = paper(K.VAT_E_NORMAL, (), ((*other, Source.OCR_SECOND),), **values)
    assert (other[1], "other_reader") in proposed(seen)[chosen[0]]


def test_a_check_code_has_no_check_so_only_a_code_on_the_paper_proposes_one() -> None:
    digits = "13250180506951701215"
    second = paper(check_code=digits, rivals=((F.CHECK_CODE, digits[::-1], Source.OCR_SECOND),))
    assert proposed(second) == {}
    by_code = paper(check_code=digits, rivals=((F.CHECK_CODE, digits[::-1], Source.QR),))
    assert proposed(by_code) == {F.CHECK_CODE: [(digits[::-1], "other_reader")]}


def test_at_most_two_proposals_are_made_for_a_field_the_weightiest_first() -> None:
    seen = paper(
        number="29312000000048542163",
        date="2024-05-28",
        rivals=tuple((F.NUMBER, f"2411200000004854216{digit}", Source.QR) for digit in "345"),
    )
    found = [one for one in propose(seen, today=TODAY) if one.name is F.NUMBER]
    assert len(found) == 2
    assert found[0].weight >= found[1].weight


def test_an_invoice_that_agrees_with_itself_has_no_proposals() -> None:
    good = paper(
        number=NUMBER, date="2024-05-28", net="4197.17", tax="251.83", total="4449.00", total_in_words="4449.00",
        seller_tax_id=SELLER, buyer_tax_id=BUYER, seller_name="甲", buyer_name="乙",
    )  # fmt: skip
    assert proposed(good) == {}

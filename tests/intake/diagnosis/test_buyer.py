from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from intake.model import Ambiguous, Cause, Company, Matched, MatchLevel, NextStep, Role, SourceState
from ocr.types import Kind, Source
from tests.intake.diagnosis.papers import COMPANY, FRESH, OURS, ROW, K, candidate, codes, paper, why


def test_9_another_buyer_is_a_wrong_title() -> None:
    found = why(paper(buyer_tax_id="91330106MA7GAL1299", buyer_name="杭州别的公司"))
    assert (found.cause, found.next_step) == (Cause.WRONG_TITLE, NextStep.RETURN_TO_SELLER)
    assert codes(found) == ["buyer_is", "no_company_like_it"]


def test_9_another_tax_id_under_our_name() -> None:
    found = why(paper(buyer_tax_id="91330106MA7GAL1299"))
    assert codes(found) == ["buyer_is", "tax_id_differs"]
    assert found.evidence[1].params == {"seen": "91330106MA7GAL1299", "expected": OURS}
    near = why(paper(buyer_tax_id="91330106MA7GAL1299", buyer_name="深圳某某公司"))
    assert codes(near) == ["buyer_is", "tax_id_differs", "form_differs"]


def test_9_a_wrong_title_is_said_of_a_matched_row_too() -> None:
    invoice = paper(buyer_tax_id="91330106MA7GAL1299")
    assert why(invoice, Matched(candidate(invoice, MatchLevel.M0))).cause is Cause.WRONG_TITLE


@pytest.mark.parametrize(
    ("name", "code", "difference"),
    [
        ("深圳某某公司", "form_differs", "深圳某某［−有限］公司"),
        ("深圳某某有限公司广州分公司", "title_differs", "深圳某某有限公司［+广州分公司］"),
        ("深圳某莫有限公司", "title_differs", "深圳某［−某］［+莫］有限公司"),
        ("深圳某某（前海）有限公司", "brackets_differ", "深圳某某［+（前海）］有限公司"),
    ],
)
def test_9_a_name_that_differs_is_another_title_where_it_was_surely_read(name: str, code: str, difference: str) -> None:
    found = why(paper(buyer_name=name, source=Source.PDF_TEXT))
    assert found.cause is Cause.WRONG_TITLE
    assert found.evidence[-1].code == code
    assert found.evidence[-1].params.get("difference") == difference


def test_9_a_name_that_a_recogniser_may_have_misread_is_not_held_against_the_paper() -> None:
    assert why(paper(buyer_name="深圳某莫有限公司")).cause is Cause.UNKNOWN
    assert why(paper(buyer_name="深圳某莫有限公司", buyer_tax_id=None)).cause is Cause.NOT_DELIVERED_TO_US


def test_9_a_company_counts_while_it_is_valid() -> None:
    gone = replace(COMPANY, valid_to=date(2026, 6, 30))
    found = why(paper(), companies=(gone,))
    assert found.cause is Cause.WRONG_TITLE
    assert found.evidence[1].params == {"name": COMPANY.name, "from": "…", "to": "2026-06-30"}
    to_come = replace(COMPANY, valid_from=date(2026, 12, 1))
    assert why(paper(), companies=(to_come,)).evidence[1].params["from"] == "2026-12-01"
    renamed = (gone, Company("深圳新名有限公司", OURS, valid_from=date(2026, 7, 1)))
    assert why(paper(buyer_name="深圳新名有限公司", source=Source.PDF_TEXT), companies=renamed).cause is Cause.UNKNOWN
    assert why(paper(date=None), companies=(gone,)).cause is Cause.UNKNOWN
    assert why(paper(buyer_tax_id=None), companies=(gone,)).evidence[-1].code == "company_not_valid_then"


def test_9_a_title_without_tax_id_is_compared_by_name() -> None:
    assert codes(why(paper(buyer_tax_id=None))) == ["title_without_tax_id"]
    assert why(paper(buyer_tax_id=None, buyer_name="杭州别的公司")).cause is Cause.WRONG_TITLE
    assert why(paper(buyer_tax_id=None, buyer_name="深圳某某公司", source=Source.PDF_TEXT)).cause is Cause.WRONG_TITLE
    assert why(paper(buyer_tax_id=None, buyer_name=None)).cause is Cause.UNKNOWN
    assert why(paper(buyer_name=None, buyer_tax_id="91330106MA7GAL1299")).cause is Cause.WRONG_TITLE


@pytest.mark.parametrize("name", ["个人", "张三", "张三（个人）", "欧阳小明"])
def test_8_a_paper_made_out_to_a_person_never_comes_into_our_register(name: str) -> None:
    found = why(paper(buyer_name=name, buyer_tax_id=None))
    assert (found.cause, found.next_step, found.owner) == (
        Cause.NOT_DELIVERED_TO_US,
        NextStep.VERIFY_THEN_APPROVE,
        Role.CLERK,
    )
    assert [(one.code, one.params) for one in found.evidence] == [("title_is_person", {"name": name})]
    assert (found.look_again_at, found.also) == (None, ())


@pytest.mark.parametrize(
    "kind",
    [K.VAT_NORMAL_PAPER, K.VAT_E_NORMAL, K.VAT_E_TOLL, K.DIG_NORMAL, K.DIG_PAPER_NORMAL, K.VAT_ROLL, K.RAIL_E, K.AIR_E],
)
def test_8_nor_does_one_of_a_kind_that_may_lack_the_tax_id_and_does(kind: Kind) -> None:
    found = why(paper(kind=kind, buyer_tax_id=None), findings=())
    assert found.cause is Cause.NOT_DELIVERED_TO_US
    assert codes(found)[0] == "title_without_tax_id"


@pytest.mark.parametrize("kind", [K.DIG_SPECIAL, K.VAT_SPECIAL_PAPER, K.VEHICLE])
def test_8_other_kinds_bear_the_tax_id_and_it_was_not_read(kind: Kind) -> None:
    assert why(paper(kind=kind, buyer_tax_id=None), findings=()).cause is Cause.UNKNOWN


def test_8_a_ticket_comes_by_the_title_given_and_may_take_days() -> None:
    found = why(paper(kind=K.RAIL_E, buyer_tax_id=None, buyer_name=None))
    assert codes(found) == ["title_without_tax_id", "ticket_by_title"]
    assert found.look_again_at == datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
    at_the_end = why(paper(kind=K.AIR_E, buyer_tax_id=None, date="2026-10-25"), findings=())
    late = why(paper(kind=K.AIR_E, buyer_tax_id=None, date="2026-10-24"), findings=())
    assert at_the_end.look_again_at is not None
    assert late.look_again_at is None
    assert why(paper(kind=K.AIR_E, buyer_tax_id=None, date=None), findings=()).look_again_at is None


def test_8_nothing_is_said_of_a_buyer_of_whom_nothing_was_read() -> None:
    assert why(paper(buyer_tax_id=None, buyer_name=None)).cause is Cause.UNKNOWN
    assert (
        why(paper(kind=K.VAT_ROLL, buyer_tax_id=None, buyer_name=None), findings=()).cause is Cause.NOT_DELIVERED_TO_US
    )


def test_8_a_row_that_is_there_needs_no_explanation() -> None:
    bare = paper(buyer_tax_id=None)
    assert why(bare, Ambiguous((candidate(bare, MatchLevel.M1),)), findings=()).cause is Cause.TRANSCRIPTION_ERROR


SISTER = Company("上海某某有限公司", "91330106MA7GAL1299", desk="上海财务")


def test_10_a_sister_companys_paper_goes_to_the_desk_that_takes_it() -> None:
    found = why(paper(buyer_tax_id=SISTER.tax_id, buyer_name=SISTER.name), companies=(COMPANY, SISTER))
    assert (found.cause, found.next_step) == (Cause.OTHER_ENTITY_REGISTER, NextStep.ROUTE_TO_ENTITY)
    assert found.evidence[-1].params["desk"] == "上海财务"
    unread = paper(buyer_tax_id=None, buyer_name=SISTER.name)
    assert why(unread, companies=(COMPANY, SISTER)).cause is Cause.OTHER_ENTITY_REGISTER


OTHERS = frozenset({"91330106MA7GAL1299"})


def test_10_a_register_that_holds_other_companies_only_is_another_entitys() -> None:
    here = replace(SISTER, desk="")
    held = replace(FRESH, buyers=OTHERS)
    found = why(paper(), companies=(COMPANY, here), sources=(held,))
    assert found.cause is Cause.OTHER_ENTITY_REGISTER
    assert found.evidence[0].params == {"source": "tax bureau", "tax_id": OURS}
    assert found.evidence[0].link == "source:tax bureau"


@pytest.mark.parametrize(
    "sources",
    [
        (FRESH,),  # it is not known whose invoices it holds
        (replace(FRESH, buyers=OTHERS | {OURS}),),
        (replace(FRESH, buyers=OTHERS), replace(FRESH, name="another")),
        (replace(FRESH, buyers=frozenset({"91110108690017781B"})),),  # nobody of ours: it says nothing of entities
    ],
)
def test_10_otherwise_nothing_is_said_of_entities(sources: tuple[SourceState, ...]) -> None:
    companies = (COMPANY, replace(SISTER, desk=""))
    assert why(paper(), companies=companies, sources=sources).cause is Cause.UNKNOWN
    assert why(paper(date=None), companies=companies, sources=(replace(FRESH, buyers=OTHERS),)).cause is Cause.UNKNOWN
    row = candidate(paper(), MatchLevel.M1, replace(ROW, date=None, seller_name=""))
    there = why(paper(), Ambiguous((row,)), companies=companies, sources=(replace(FRESH, buyers=OTHERS),))
    assert there.cause is Cause.TRANSCRIPTION_ERROR


def test_9_without_companies_on_file_nothing_is_said() -> None:
    assert why(paper(buyer_name="杭州别的公司"), companies=()).cause is Cause.UNKNOWN

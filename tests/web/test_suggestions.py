"""Proposed corrections: shown to who keys, taken with one key, never to the second person."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from intake import views
from intake.db import audit_log, read
from intake.repairs import REASONS
from intake.views.suggestions import near_ids
from ocr.types import FieldName, Kind
from tests.web.site import CRITICAL, VALUES, Site, form, post
from web.catalog import Language, has, sentences

F = FieldName
SELLER = VALUES[F.SELLER_TAX_ID]
KEYED = {**form(VALUES), "kind": Kind.DIG_NORMAL.value}
WORDS = {F.TOTAL: "108.00", F.TOTAL_IN_WORDS: "106.00"}


@pytest.fixture
def task(site: Site) -> int:
    """A paper whose total contradicts its words, its net and its tax."""
    site.paper({**VALUES, **WORDS})
    return 1


def taken(site: Site) -> list[dict[str, str]]:
    with read(site.intake.engine) as connection:
        query = sa.select(audit_log.c.detail).where(audit_log.c.action == "suggestion_taken")
        return list(connection.execute(query).scalars())


def test_what_is_proposed_stands_beside_its_field_with_its_reason(site: Site, task: int) -> None:
    page = site.client("clerk").get(f"/review/{task}").text
    assert 'data-take="106.00"' in page
    assert "因为大写为 106.00" in page
    shown = site.client("clerk").get("/documents/1").text
    assert "建议：" in shown
    assert "因为大写为 106.00" in shown


def test_a_suggestion_taken_is_in_the_log_without_its_value(site: Site, task: int) -> None:
    clerk = site.client("clerk")
    clerk.get(f"/review/{task}")
    answer = post(clerk, f"/review/{task}/take", {"field": "total", "value": "106.00"})
    assert answer.status_code == 204
    assert taken(site) == [{"field": "total", "why": "words"}]
    assert "采纳建议：价税合计" in clerk.get("/documents/1").text


def test_what_is_not_proposed_is_not_written_down_as_taken(site: Site, task: int) -> None:
    clerk = site.client("clerk")
    clerk.get(f"/review/{task}")
    for given in ({"field": "total", "value": "107.00"}, {"field": "number", "value": "106.00"}, {}):
        assert post(clerk, f"/review/{task}/take", given).status_code == 204
    assert taken(site) == []


def test_a_paper_in_a_colleagues_hands_takes_no_suggestion(site: Site, task: int) -> None:
    site.client("clerk").get(f"/review/{task}")
    given = {"field": "total", "value": "106.00"}
    assert post(site.client("colleague"), f"/review/{task}/take", given).status_code == 409
    assert taken(site) == []


def test_the_second_person_sees_no_suggestion(site: Site, task: int) -> None:
    post(site.client("clerk"), f"/review/{task}/enter", KEYED)
    verifier = site.client("verifier")
    blind = verifier.get(f"/review/{task}/verify").text
    assert "data-take" not in blind
    assert "建议：" not in blind
    assert "建议：" not in verifier.get("/documents/1").text
    assert post(verifier, f"/review/{task}/take", {"field": "total", "value": "106.00"}).status_code == 409


def test_another_kind_of_paper_keeps_the_suggestions_of_its_fields(site: Site, task: int) -> None:
    clerk = site.client("clerk")
    clerk.get(f"/review/{task}")
    fields = post(clerk, f"/review/{task}/form", {**form({**VALUES, **WORDS}), "kind": "vat_special_paper"}).text
    assert 'data-take="106.00"' in fields


def test_a_missing_value_is_proposed_on_the_page_of_the_document(site: Site) -> None:
    site.paper({name: value for name, value in VALUES.items() if name is not F.TAX})
    shown = site.client("clerk").get("/documents/1").text
    assert "100.00 + 6.00 = 106.00" in shown


def test_an_earlier_invoice_of_the_seller_gives_its_tax_id(site: Site) -> None:
    site.paper(VALUES)
    post(site.client("clerk"), "/review/1/enter", KEYED)
    post(site.client("verifier"), "/review/1/verify", form({name: VALUES[name] for name in CRITICAL}))
    later = {**VALUES, F.NUMBER: "26112000000048542199", F.SELLER_TAX_ID: SELLER[:-1]}
    site.paper(later, data=b"later")
    page = site.client("clerk").get("/review/2").text
    assert f'data-take="{SELLER}"' in page
    assert "已有此税号：北京示例文具有限公司" in page


def test_near_ids_are_one_character_away() -> None:
    assert len(near_ids(SELLER)) == 18 * 30 + 1
    assert SELLER in near_ids(SELLER[:5] + SELLER[6:])
    assert SELLER in near_ids(SELLER[:5] + "8" + SELLER[5:])
    assert near_ids("51019800DK01187") == ("51019800DK01187",)


def test_an_invoice_without_a_seller_asks_no_source(site: Site, task: int) -> None:
    invoice = views.paper_to_key(site.intake.engine, task).invoice
    bare = type(invoice)(invoice.kind, {})
    assert views.suggestions(site.intake.engine, bare, today=site.clock().date()) == ()


@pytest.mark.parametrize("language", list(Language))
def test_every_reason_has_its_sentence(language: Language) -> None:
    known = sentences(language)
    assert all(f"repair.{reason}" in known and f"repair_short.{reason}" in known for reason in REASONS)
    assert all(has(f"known.{place}") for place in ("register", "archive", "companies", "remark", "seal"))

"""Help stands where it is needed: every cause, next step, field and error has its page, in both languages, and is found."""

from __future__ import annotations

import pytest

from intake.model import Role
from tests.web.site import Site
from web.catalog import Language, has
from web.helping import page_of, topics, written
from web.keysheet import EVERYWHERE, OF_PAGES
from web.navigation import GROUPS, MAIN, more, places


@pytest.mark.parametrize("language", Language)
def test_every_cause_step_field_and_error_has_a_help_page_with_words_of_its_own(language: Language) -> None:
    for topic in topics():
        page = page_of(topic, language)
        assert page.title != topic, topic
        assert page.paragraphs, topic
        own = topic in written(language) or has(f"{topic}.help")
        assert own, topic


@pytest.mark.parametrize("language", Language)
def test_no_help_text_is_left_over(language: Language) -> None:
    assert written(language).keys() - set(topics()) == set()


def test_help_says_the_same_number_of_things_in_both_languages() -> None:
    for topic in topics():
        chinese, english = page_of(topic, Language.ZH), page_of(topic, Language.EN)
        assert len(chinese.paragraphs) == len(english.paragraphs), topic


@pytest.mark.parametrize(
    ("language", "word", "topic"), [("zh", "校验码", "field.check_code"), ("en", "CHECK code", "field.check_code")]
)
def test_the_index_finds_a_page_by_words(site: Site, language: str, word: str, topic: str) -> None:
    client = site.client("clerk")
    with client.session_transaction() as session:
        session["language"] = language
    found = client.get("/help", query_string={"q": word}).text
    assert f"/help/{topic}" in found
    assert "/help/cause.wrong_region_or_system" not in found


def test_a_topic_is_a_page_and_a_sheet_and_nothing_else_is(site: Site) -> None:
    client = site.client("auditor")
    whole = client.get("/help/cause.duplicate").text
    sheet = client.get("/help/cause.duplicate", headers={"X-Intake-Sheet": "1"}).text
    assert "<html" in whole
    assert "<html" not in sheet
    assert "已经收过这张发票" in sheet
    assert client.get("/help/cause.nothing").status_code == 404


def test_the_keys_of_a_page_are_those_of_a_page_that_exists(site: Site) -> None:
    assert OF_PAGES.keys() <= set(site.app.view_functions)
    assert all(has(word) for keys in (EVERYWHERE, *OF_PAGES.values()) for _key, word in keys)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SERVICE])
def test_every_place_in_the_header_opens_for_the_role_that_sees_it(site: Site, role: Role) -> None:
    client = site.client(role.value)
    adapter = site.app.url_map.bind("localhost")
    shown = [*places(role), *(link for _word, links in more(role) for link in links)]
    for link in shown:
        answer = client.get(adapter.build(link.endpoint))
        assert answer.status_code == 200, link
        assert 'aria-current="page"' in answer.text, link
    assert len(places(role)) <= len(MAIN)


def test_every_place_in_the_header_has_its_word() -> None:
    links = [*MAIN, *(link for _word, links in GROUPS for link in links)]
    assert all(has(link.word) for link in links)
    assert all(has(word) for word, _links in GROUPS)

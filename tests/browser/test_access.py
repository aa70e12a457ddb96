"""Every page can be used by everybody: axe-core finds nothing, at a desk and on a phone, in both languages; the keyboard
alone suffices; twice the size loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WATCH, Person
from tests.browser.lively import Lively, lively
from tests.browser.pages import NO_PAGES, PAGES, address, person_for
from tests.web.site import Site

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, made: Path) -> Iterator[Lively]:
    """A desk where every page has something to show."""
    with lively(tmp_path_factory.mktemp("lively"), made) as running:
        yield running


def test_every_page_that_can_be_opened_is_looked_at(site: Site) -> None:
    opened = {rule.endpoint for rule in site.app.url_map.iter_rules() if "GET" in (rule.methods or set())}
    assert opened - PAGES.keys() - NO_PAGES == set(), "list it in tests/browser/pages.py"
    assert (PAGES.keys() | NO_PAGES) - opened == set()


def visitor(browser: Browser, desk: Lively, width: int, height: int, language: str) -> Person:
    """Somebody who has not signed in."""
    phone = width < 600
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=phone, is_mobile=phone)
    context.add_init_script(WATCH)
    person = Person(context.new_page(), desk.address)
    if language == "en":
        person.go("/sign-in")
        person.page.get_by_role("button", name="English").click()
    return person


def window(browser: Browser, desk: Lively, login: str, width: int, height: int, language: str) -> Person:
    """Somebody signed in."""
    person = visitor(browser, desk, width, height, language)
    person.sign_in(login)
    return person


def wrong(page: Page) -> list[str]:
    """What axe-core finds, one line an element."""
    result: Any = Axe().run(page, options=RULES).response
    return [
        f"{rule['id']}: {node['target']} {node['html'][:160]} {node['failureSummary'][:200]}"
        for rule in result["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_no_page_has_a_barrier(browser: Browser, full: Lively, language: str, width: int, height: int) -> None:
    found: dict[str, list[str]] = {}
    people = {login: window(browser, full, login, width, height, language) for login in ("admin", "chief")}
    people["visitor"] = visitor(browser, full, width, height, language)
    for endpoint in PAGES:
        person = people[person_for(endpoint)]
        person.go(address(endpoint, full.numbers))
        person.page.wait_for_load_state("networkidle")
        barriers = wrong(person.page)
        if person.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            barriers.append("wider than the window")
        if person.page.evaluate("document.querySelector('main h1') === null"):
            barriers.append("no heading")
        if barriers:
            found[endpoint] = barriers
    for person in people.values():
        person.page.context.close()
    assert found == {}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.close()


def test_the_sheet_of_keys_and_the_help_open_by_one_key_and_give_the_focus_back(browser: Browser, full: Lively) -> None:
    person = window(browser, full, "admin", 1280, 720, "zh")
    page = person.page
    person.go(address("review.paper", full.numbers))
    field = page.locator("#f-total")
    field.focus()
    page.keyboard.press("F1")
    expect(page.locator("dialog#help h2")).to_have_text("价税合计")
    page.keyboard.press("Escape")
    expect(field).to_be_focused()
    person.go(address("documents.show", full.numbers))
    page.keyboard.press("F1")
    expect(page.locator("dialog#help h2")).to_be_visible()
    page.keyboard.press("Escape")
    summary = page.locator("header details.menu > summary")
    summary.focus()
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(summary).to_be_focused()
    person.calm()
    page.context.close()


def test_twice_the_size_loses_nothing(browser: Browser, full: Lively) -> None:
    """1280 pixels at 200 % are 640: nothing is wider than the window, and the menu stays within it (WCAG 1.4.10)."""
    person = window(browser, full, "admin", 640, 360, "en")
    for endpoint in ("upload.home", "documents.listing", "documents.show", "review.paper", "uses.listing"):
        person.go(address(endpoint, full.numbers))
        assert person.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
            endpoint
        )
    person.page.locator("header details.menu > summary").click()
    box = person.page.locator("header .more").bounding_box()
    assert box is not None
    assert 0 <= box["x"] <= 640 - box["width"]
    person.page.context.close()


def test_whoever_wants_no_motion_sees_none(browser: Browser, full: Lively) -> None:
    person = window(browser, full, "admin", 1280, 720, "zh")
    person.page.emulate_media(reduced_motion="reduce")
    person.go("/documents")
    moving = (
        "[...document.querySelectorAll('*')].filter((one) => getComputedStyle(one).transitionDuration !== '0s').length"
    )
    assert person.page.evaluate(moving) == 0
    person.page.context.close()

"""What each role does every day, in Debian's Firefox: sign in, hand in, find, open, key, verify, decide, oversee."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import PASSWORD
from tests.browser.firefox import FIREFOX, Firefox, firefox
from tests.browser.lively import Lively, lively
from tests.browser.pages import address

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        FIREFOX is None, reason="no Firefox on this system: scripts/debian.sh test installs firefox-esr"
    ),
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, made: Path) -> Iterator[Lively]:
    with lively(tmp_path_factory.mktemp("lively"), made, ("03-", "11-", "13-", "14-")) as running:
        yield running


@pytest.fixture
def fox(tmp_path: Path) -> Iterator[Firefox]:
    profile = tmp_path / "profile"
    profile.mkdir()
    with firefox(profile) as started:
        started.size(1280, 720)
        yield started
        started.until("document.readyState === 'complete'")
        assert started.trouble == []


def sign_in(fox: Firefox, desk: Lively, login: str) -> None:
    fox.go(desk.address + "/sign-in")
    fox.focus("[name=login]")
    fox.type(login)
    fox.focus("[name=password]")
    fox.type(PASSWORD)
    fox.type("Enter")
    fox.until("location.pathname === '/'")


def test_a_clerk_hands_in_finds_opens_and_keys(fox: Firefox, desk: Lively, made: Path) -> None:
    sign_in(fox, desk, "clerk")
    fox.choose("#files", made / "demo" / "05-dig-passenger-ride.xml")
    fox.see(".bill[data-state='filed'], .bill[data-state='needs_review']", 60)
    fox.go(desk.address + "/documents")
    fox.focus("[data-search]")
    fox.type("training")
    fox.type("Enter")
    fox.until("location.search.includes('q=training')")
    fox.click("table.rows a.main")
    fox.see(".leaf img")
    fox.go(desk.address + address("review.paper", desk.numbers))
    fox.focus("[name='comment']")
    fox.type("Firefox")
    fox.see("#saved:not(:empty)")
    fox.focus("#f-total")
    fox.type("F1")
    fox.see("dialog#help[open] h2")
    fox.type("Escape")
    fox.until("document.activeElement.id === 'f-total'")


def test_a_second_person_verifies_and_sees_nothing_of_the_entry(fox: Firefox, desk: Lively) -> None:
    sign_in(fox, desk, "clerk2")
    fox.go(desk.address + address("second.verify", desk.numbers))
    fox.see("input[name^='value.']")
    assert fox.ask("[...document.querySelectorAll(\"input[name^='value.']\")].every((one) => one.value === '')")


def test_a_supervisor_decides_imports_and_finds_the_keys(fox: Firefox, desk: Lively) -> None:
    sign_in(fox, desk, "chief")
    fox.go(desk.address + address("deciding.decide", desk.numbers))
    fox.see("fieldset")
    fox.go(desk.address + address("imports.show", desk.numbers))
    fox.see("h1")
    fox.click("header details.menu > summary")
    fox.click("[data-keys]")
    fox.see("dialog#keys[open]")
    fox.type("Escape")
    fox.until("document.querySelector('dialog#keys:not([open])')")


def test_an_administrator_finds_everything_in_the_menu(fox: Firefox, desk: Lively) -> None:
    sign_in(fox, desk, "admin")
    fox.size(390, 844)
    for word in ("sources", "admin/accounts", "admin/audit", "help"):
        fox.click("header details.menu > summary")
        fox.click(f"header .more a[href^='/{word}']")
        fox.until(f"location.pathname.startsWith('/{word}')")
        fox.until("document.readyState === 'complete' && document.documentElement.scrollWidth <= innerWidth")

"""Keying with few keys, the lens, approval, and papers left for the next: as clerk, second clerk and supervisor.

Nobody is drawn by lot here, so that the risk of each paper alone decides who must look at it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Person, serving
from tests.browser.test_desk import hand_in, truth

pytestmark = pytest.mark.browser

COUNT = """
document.addEventListener("keydown", (event) => {
  if (event.isTrusted && !event.repeat) sessionStorage.setItem("keys", Number(sessionStorage.getItem("keys") ?? 0) + 1);
}, true);
"""
CLEAN = "pdf-text/dig-late-training.pdf"
FOLLOWING = "pdf-text/dig-special-cloud.pdf"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that draws nobody by lot."""
    with serving(tmp_path_factory.mktemp("keying"), blind_rate=0.0) as address:
        yield address


def counted(person: Person) -> None:
    """Count the keys that go down from now on, over pages; nothing else may press them."""
    person.page.add_init_script(COUNT)


def keys(page: Page) -> int:
    """How many keys have gone down on this site."""
    return int(page.evaluate("sessionStorage.getItem('keys') ?? 0"))


def task_of(person: Person, name: str) -> str:
    """Open the keying of a paper that was handed in; its address."""
    person.go("/")
    person.page.locator(".bill", has_text=Path(name).name).first.locator("a[href^='/review/']").first.click()
    person.page.wait_for_url(re.compile(r"/review/\d+$"))
    return person.page.url


def settled(page: Page) -> None:
    """The checks have answered."""
    expect(page.locator("#checks li").first).to_be_visible()


def test_a_clean_invoice_takes_one_key_of_each_person(at: Callable[..., Person], papers: Path) -> None:
    clerk, second = at(), at()
    for person in (clerk, second):
        counted(person)
    clerk.sign_in("clerk")
    hand_in(clerk, papers / CLEAN)
    number = hand_in(clerk, papers / FOLLOWING)
    first = task_of(clerk, CLEAN)
    settled(clerk.page)
    before = keys(clerk.page)
    clerk.page.keyboard.press("Enter")
    clerk.page.wait_for_url(lambda url: url != first)
    expect(clerk.page.locator(".note.good")).to_contain_text("等另一人对着图像复核")
    assert keys(clerk.page) - before <= 1
    expect(clerk.page.locator("h1")).to_have_text("补录")  # the next paper is open

    second.sign_in("clerk2", "en")
    second.page.goto(first)
    second.page.wait_for_url("**/verify")
    expect(second.page.locator(".keyed svg.lens")).to_have_count(4)
    assert truth(papers, CLEAN)["number"] in second.page.locator(".keyed").inner_text().replace(" ", "")
    before = keys(second.page)
    second.page.keyboard.press("Enter")
    expect(second.page.locator(".note.good")).to_contain_text("Approved")
    assert keys(second.page) - before <= 1
    second.go(f"/register?q={truth(papers, CLEAN)['number']}")
    expect(second.page.locator("table.rows tbody tr")).to_have_count(1)
    assert number


def test_a_correction_takes_its_length_and_three_keys(at: Callable[..., Person], papers: Path) -> None:
    name, code = "photo/taxi-four-photo.jpg", "111002381002"
    clerk, second = at(), at()
    counted(clerk)
    clerk.sign_in("clerk")
    hand_in(clerk, papers / name)
    place = task_of(clerk, name)
    settled(clerk.page)
    expect(clerk.page.locator("#f-code")).to_be_focused()
    before = keys(clerk.page)
    clerk.page.keyboard.type(code)
    clerk.page.keyboard.press("Control+Enter")
    clerk.page.wait_for_url(lambda url: url != place)
    assert keys(clerk.page) - before <= len(code) + 3
    second.sign_in("clerk2")
    second.page.goto(place)
    expect(second.page.locator(".line[data-field=code] .value")).to_have_text(code)
    expect(second.page.locator(".line[data-field=code] .doubt")).to_contain_text("机器读作")
    second.page.keyboard.press("ArrowDown")
    expect(second.page.locator(".line[data-field=code]")).to_be_focused()


def test_the_lens_follows_the_focus_and_knows_where_an_unread_field_stands(
    at: Callable[..., Person], papers: Path
) -> None:
    clerk = at()
    clerk.sign_in("clerk")
    hand_in(clerk, papers / "pdf-text/dig-renumbered-snack.pdf")
    task_of(clerk, "pdf-text/dig-renumbered-snack.pdf")
    page = clerk.page
    page.locator("#f-buyer_name").focus()
    lens = page.locator("svg.lens")
    expect(lens).to_have_count(1)
    expect(page.locator(".line[data-field=buyer_name] svg.lens")).to_be_visible()
    shown = lens.get_attribute("viewBox")
    page.locator("#f-seller_name").focus()
    expect(page.locator(".line[data-field=seller_name] svg.lens")).to_be_visible()
    expect(lens).to_have_count(1)
    assert lens.get_attribute("viewBox") != shown
    page.locator("#f-red_of").focus()
    expect(page.locator(".line[data-field=red_of] svg.lens.guess")).to_be_visible()
    page.locator("select[name=kind]").select_option("vat_e_normal")
    page.locator("#f-check_code").focus()
    expect(page.locator(".line[data-field=check_code] svg.lens.guess")).to_be_visible()


def test_one_key_takes_the_next_paper_and_one_leaves_it(at: Callable[..., Person], papers: Path) -> None:
    clerk, colleague = at(), at(390, 844)
    clerk.sign_in("clerk")
    hand_in(clerk, papers / "pdf-text/e-fuel-station.pdf")
    hand_in(clerk, papers / "pdf-text/e-special-chip.pdf")
    clerk.go("/review")
    clerk.page.locator("h1").click()
    clerk.page.keyboard.press("n")
    clerk.page.wait_for_url(re.compile(r"/review/\d+$"))
    first = clerk.page.url
    clerk.page.keyboard.press("F4")
    clerk.page.wait_for_url(lambda url: url != first)
    expect(clerk.page.locator(".held")).to_contain_text("由您处理")
    held = clerk.page.url
    colleague.sign_in("clerk2", "en")
    colleague.go("/review")
    expect(colleague.page.locator("tr", has_text="clerk").first).to_contain_text("until")
    colleague.expected.add("409")
    colleague.page.goto(held)
    expect(colleague.page.get_by_role("alert")).to_be_visible()


def test_a_supervisor_decides_with_the_keyboard(at: Callable[..., Person], papers: Path) -> None:
    name = "pdf-text/e-toll-road.pdf"
    said = truth(papers, name)
    clerk, second, third = at(), at(), at()
    clerk.sign_in("clerk")
    number = hand_in(clerk, papers / name)
    place = task_of(clerk, name)
    clerk.page.locator("#f-total").focus()
    clerk.page.keyboard.press("F2")
    clerk.page.keyboard.type("1.00")  # against the code: that is keyed twice
    clerk.page.keyboard.press("Control+Enter")
    expect(clerk.page.locator(".note.good")).to_contain_text("盲录")
    second.sign_in("clerk2")
    second.page.goto(place)
    expect(second.page.locator(".way")).to_contain_text("双人盲录")
    second.page.locator("#f-code, #f-number").first.focus()
    while (field := second.page.evaluate("document.activeElement?.name ?? ''")).startswith("value."):
        second.page.keyboard.type(said[field.removeprefix("value.")])
        second.page.keyboard.press("Enter")
    second.page.keyboard.press("Enter")
    expect(second.page.locator("td.different").first).to_be_visible()
    third.sign_in("chief")
    third.page.goto(place)
    expect(third.page.locator("fieldset svg.lens")).to_be_visible()
    third.page.keyboard.press("2")
    third.page.keyboard.press("Enter")
    expect(third.page.locator(".note.good")).to_be_visible()
    third.go(f"/documents/{number}")
    expect(third.page.locator(".head .tag.filed")).to_be_visible()

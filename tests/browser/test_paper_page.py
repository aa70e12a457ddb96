"""The page of a paper by keyboard alone, its boxes both ways, and its print view."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Person
from tests.browser.test_desk import hand_in

pytestmark = pytest.mark.browser


def test_a_paper_is_looked_at_by_keyboard_and_its_boxes_lead_both_ways(at: Callable[..., Person], papers: Path) -> None:
    clerk = at()
    clerk.sign_in("clerk")
    number = hand_in(clerk, papers / "pdf-text/dig-pair.pdf")
    clerk.go(f"/documents/{number}")
    page = clerk.page
    page.keyboard.press("d")
    row = page.locator("tr[data-doubtful]").first
    expect(row).to_be_focused()
    expect(row.locator(".said").first).to_be_visible()
    key = row.get_attribute("data-field")
    expect(page.locator(f"rect.lit[data-spot='{key}']").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(row).not_to_be_focused()
    box = page.locator(".leaf:not([hidden]) rect[data-spot$='-date']").first
    box.click(force=True)
    expect(page.locator("tr[data-field$='-date']")).to_be_focused()
    page.keyboard.press("r")
    assert "rotate(90deg)" in (page.locator(".leaf:not([hidden])").get_attribute("style") or "")
    page.keyboard.press("+")
    page.wait_for_function("document.querySelector('[data-pan]').style.transform.includes('scale(1.')")
    page.keyboard.press("n")
    page.wait_for_url("**/documents/*?invoice=*")
    page.keyboard.press("p")
    page.wait_for_url(f"**/documents/{number}/print")
    expect(page.locator(".invoice")).to_have_count(2)
    expect(page.locator(".hashes td.mono").first).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".tools")).to_be_hidden()
    page.emulate_media(media="screen")
    page.keyboard.press("Escape")
    page.wait_for_url(f"**/documents/{number}")

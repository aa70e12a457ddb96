"""The guided verification in a real browser: keys that copy, a pasted picture, the card on an old screen and a phone."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import waitress
from PIL import Image
from playwright.sync_api import Browser, expect

from ocr.types import FieldName
from tests.browser.conftest import Person, _windows
from tests.web.site import NUMBER, VALUES, Site

pytestmark = pytest.mark.browser

F = FieldName
SHOWN = {"seller_name": VALUES[F.SELLER_NAME], "buyer_name": VALUES[F.BUYER_NAME], "total": "106.00"}
PASTE = """(data) => {
  const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
  const bag = new DataTransfer();
  bag.items.add(new File([bytes], "screen.png", {type: "image/png"}));
  document.dispatchEvent(new ClipboardEvent("paste", {clipboardData: bag, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[str]:
    """The address of a desk where two papers wait."""
    site = Site(tmp_path)
    for number in (NUMBER, NUMBER[:-1] + "4"):
        site.paper({**VALUES, F.NUMBER: number}, data=number.encode())
    server: Any = waitress.create_server(site.app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, name="web")
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    server._map.clear()
    thread.join(10)
    site.close()


@pytest.fixture
def person_at(browser: Browser, waiting: str) -> Iterator[Callable[..., Person]]:
    with _windows(browser, waiting) as opened:
        yield opened


def screenshot() -> str:
    out = io.BytesIO()
    Image.new("RGB", (320, 200), "white").save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode("ascii")


def test_from_the_card_over_the_site_and_back_with_a_pasted_picture(person_at: Callable[..., Person]) -> None:
    for invoice, width, language in ((1, 1280, "zh"), (2, 390, "en")):
        clerk = person_at(width, 720 if width > 600 else 844)
        clerk.expected.add("404")  # these papers have no picture
        page = clerk.page
        clerk.sign_in("clerk", language)
        clerk.go(f"/documents/{invoice}")
        page.locator("[data-step=verification] a").click()
        expect(page.locator("a[target=_blank]").first).to_have_attribute("href", "https://inv-veri.chinatax.gov.cn/")
        page.evaluate("document.execCommand = () => { window.copied = document.activeElement.value; return true; }")
        page.evaluate("Object.defineProperty(window, 'isSecureContext', {value: false})")  # plain HTTP in the house
        page.keyboard.press("2")
        assert page.evaluate("window.copied") == "20260724"
        expect(page.locator("[data-key='2']")).to_contain_text("✓")
        page.locator("[name=outcome][value=consistent]").check()
        for name, value in SHOWN.items():
            page.locator(f"[name='shown.{name}']").fill(value)
        page.evaluate(PASTE, screenshot())
        expect(page.locator("#shot img")).to_be_visible()
        page.locator("[data-send]").click()
        expect(page.locator("[data-step=verification]")).to_have_attribute("data-state", "done")


def test_only_a_shown_face_asks_for_its_values_and_not_found_is_explained(person_at: Callable[..., Person]) -> None:
    clerk = person_at()
    clerk.expected.add("404")
    clerk.sign_in("clerk")
    clerk.go("/official/1")
    page = clerk.page
    expect(page.locator("[data-face-fields]")).to_be_hidden()
    page.locator("[name=outcome][value=not_found]").check()
    expect(page.locator("[data-hint-of=not_found]")).to_be_visible()
    expect(page.locator("[data-face-fields]")).to_be_hidden()
    page.locator("[name=outcome][value=void]").check()
    expect(page.locator("[data-face-fields]")).to_be_visible()
    page.locator("[name=outcome][value=not_found]").check()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#answers article")).to_have_count(1)


def test_the_card_fits_an_old_screen_without_scrolling(person_at: Callable[..., Person]) -> None:
    for language in ("zh", "en"):
        clerk = person_at(1280, 720)
        clerk.expected.add("404")
        clerk.sign_in("clerk", language)
        clerk.go("/documents/1")
        for part in (".cause h2", ".cause [role=button]", "[data-step=status]", "[data-step=verification]"):
            expect(clerk.page.locator(part).first).to_be_in_viewport(ratio=1)

"""A proposed correction is taken with one key at a desk and with one finger on a phone, in both languages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import waitress
from playwright.sync_api import Browser, expect

from ocr.types import FieldName
from tests.browser.conftest import Person, _windows
from tests.web.site import VALUES, Site

pytestmark = pytest.mark.browser

F = FieldName
BECAUSE = {"zh": "因为大写为 106.00", "en": "because the words say 106.00"}


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[str]:
    """The address of a desk where two papers wait whose totals contradict their words."""
    site = Site(tmp_path)
    for number in ("26112000000048542163", "26112000000048542164"):
        wrong = {F.NUMBER: number, F.TOTAL: "108.00", F.TOTAL_IN_WORDS: "106.00"}
        site.paper({**VALUES, **wrong}, data=number.encode())
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


def test_a_suggestion_is_taken_with_one_key_or_one_finger(person_at: Callable[..., Person]) -> None:
    for task, width, language in ((1, 1280, "zh"), (2, 390, "en")):
        clerk = person_at(width, 844)
        clerk.expected.add("404")  # these papers have no picture
        clerk.sign_in("clerk", language)
        clerk.go(f"/review/{task}")
        total = clerk.page.locator("#f-total")
        offer = clerk.page.locator("[data-field=total] .suggest")
        expect(offer).to_contain_text(BECAUSE[language])
        with clerk.page.expect_response("**/take") as answer:
            if width < 600:
                offer.locator("button").tap()
            else:
                total.focus()
                clerk.page.keyboard.press("F9")
        assert answer.value.status == 204
        expect(total).to_have_value("106.00")
        clerk.calm()

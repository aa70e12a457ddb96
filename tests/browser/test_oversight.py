"""A supervisor looks at the desk and inspects: keyboard only, on the office's screen and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Person

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "height", "language"), [(1280, 720, "zh"), (390, 844, "en")])
def test_a_supervisor_goes_from_a_number_to_its_papers(
    at: Callable[..., Person], width: int, height: int, language: str
) -> None:
    chief = at(width, height)
    chief.sign_in("chief", language)
    chief.go("/oversight")
    chief.calm()
    tile = chief.page.locator("a.tile").nth(0)
    number = tile.locator("b").inner_text()
    tile.focus()
    chief.page.keyboard.press("Enter")
    chief.page.wait_for_url("**/oversight/papers*")
    assert chief.page.locator("h1 .count").inner_text() == number
    chief.calm()
    chief.go("/sampling")
    chief.calm()

"""The manual is what a browser does: every flow runs, every picture is there, and the text is that of the flows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.lively import Lively, lively
from tests.browser.manual import FLOWS, Flow, picture, walk, written
from tests.browser.pages import LISTS, PAGES
from tests.browser.screenshots import LANGUAGES, PLACE, window

MOST = 12_000_000  # bytes of all pictures


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, made: Path) -> Iterator[Lively]:
    with lively(tmp_path_factory.mktemp("lively"), made, ("03-", "11-", "13-", "14-")) as running:
        yield running


@pytest.mark.browser
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_step_of_the_manual_can_be_done(browser: Browser, desk: Lively, flow: Flow) -> None:
    page = window(browser, desk, flow.login, flow.width, flow.height, "zh")
    assert list(walk(flow, page, desk)) == list(range(1, len(flow.steps) + 1))
    page.context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_manual_is_current_and_its_pictures_are_there(language: str) -> None:
    assert (PLACE / f"{language}.md").read_text("utf-8") == written(language), "make screenshots"
    for flow in FLOWS:
        for number in range(1, len(flow.steps) + 1):
            assert (PLACE / "pictures" / picture(flow, number, language)).is_file()


def test_every_page_is_pictured_and_all_pictures_are_small() -> None:
    for endpoint in PAGES:
        for width in (1280, 390, 1920) if endpoint in LISTS else (1280, 390):
            for language in LANGUAGES:
                name = f"{endpoint.replace('.', '-')}-{width}-{language}.webp"
                assert (PLACE / "pages" / name).is_file(), f"{name}: make screenshots"
    assert sum(file.stat().st_size for file in PLACE.rglob("*.webp")) <= MOST

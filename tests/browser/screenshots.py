"""`make screenshots`: docs/manual anew – each page in both languages at a desk and on a phone, the lists on a wide screen
too, and the manual with a picture of each step.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from intake.db import tasks, write
from tests.browser.conftest import CHROMIUM, PASSWORD, QUIET
from tests.browser.lively import Lively, lively
from tests.browser.manual import FLOWS, picture, walk, written
from tests.browser.pages import LISTS, PAGES, address, person_for

ROOT: Final = Path(__file__).parents[2]
PLACE: Final = ROOT / "docs" / "manual"
SIZES: Final = ((1280, 720), (390, 844), (1920, 1080))
LANGUAGES: Final = ("zh", "en")


def main() -> int:
    """Write everything; the number of pages that did not open."""
    fresh = Path(tempfile.mkdtemp(prefix="manual-"))
    for name in ("pages", "pictures"):
        (fresh / name).mkdir()
    with (
        tempfile.TemporaryDirectory() as folder,
        lively(Path(folder) / "desk", ROOT / "build" / "fixtures", ()) as desk,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        wrong = _pages(browser, desk, fresh / "pages")
        _manual(browser, desk, fresh / "pictures")
        browser.close()
    for language in LANGUAGES:
        (fresh / f"{language}.md").write_text(written(language), "utf-8")
    shutil.rmtree(PLACE, ignore_errors=True)
    shutil.move(fresh, PLACE)
    total = sum(file.stat().st_size for file in PLACE.rglob("*.webp"))
    sys.stdout.write(f"{len(list(PLACE.rglob('*.webp')))} pictures, {total / 1e6:.1f} MB, {wrong} pages did not open\n")
    return wrong


def window(browser: Browser, desk: Lively, login: str, width: int, height: int, language: str) -> Page:
    """A page of somebody who has signed in; of a visitor when `login` is ``visitor``."""
    phone = width < 600
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=phone, is_mobile=phone)
    page = context.new_page()
    page.goto(desk.address + "/sign-in")
    if language == "en":
        page.get_by_role("button", name="English").click()
    if login != "visitor":
        page.locator("[name=login]").fill(login)
        page.locator("[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(desk.address + "/")
    return page


def _pages(browser: Browser, desk: Lively, folder: Path) -> int:
    wrong = 0
    for language in LANGUAGES:
        for width, height in SIZES:
            people = {who: window(browser, desk, who, width, height, language) for who in ("visitor", "admin", "chief")}
            for endpoint in LISTS if width > 1280 else PAGES:
                page = people[person_for(endpoint)]
                answer = page.goto(desk.address + address(endpoint, desk.numbers))
                if answer is None or answer.status != 200:
                    wrong += 1
                    sys.stdout.write(f"{endpoint}: {answer.status if answer else 'nothing'}\n")
                    continue
                page.wait_for_load_state("networkidle")
                save(page, folder / f"{endpoint.replace('.', '-')}-{width}-{language}.webp")
            for page in people.values():
                page.context.close()
    return wrong


def _manual(browser: Browser, desk: Lively, folder: Path) -> None:
    for language in LANGUAGES:
        for flow in FLOWS:
            _give_back(desk)
            page = window(browser, desk, flow.login, flow.width, flow.height, language)
            for number in walk(flow, page, desk):
                save(page, folder / picture(flow, number, language))
            page.context.close()


def _give_back(desk: Lively) -> None:
    """Papers that somebody of an earlier walk still holds are free again."""
    with write(desk.intake.engine) as conn:
        held = tasks.c.state == "claimed"
        conn.execute(sa.update(tasks).where(held).values(state="open", claimed_by=None, claimed_until=None))
        conn.execute(sa.update(tasks).where(~held).values(claimed_by=None, claimed_until=None))


def save(page: Page, place: Path) -> None:
    """What the window shows, as WebP."""
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        shot.convert("RGB").save(place, "WEBP", quality=72, method=6)


if __name__ == "__main__":
    sys.exit(main())

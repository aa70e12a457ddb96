"""Handing in over lines that break: at the desk and with a phone, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from intake import views
from intake.db import documents, read
from intake.model import Channel
from tests.browser.conftest import Person
from tests.browser.lines import Desk, opened

pytestmark = pytest.mark.browser
LARGE = 5 * 1024 * 1024 + 17
BROKEN = {"Failed to load resource", "ERR_", "429", "423"}


@pytest.fixture(scope="module")
def desk_of_lines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with opened(tmp_path_factory.mktemp("lines")) as made:
        yield made


@contextmanager
def person(browser: Browser, desk: Desk, *, phone: bool = False, language: str = "zh") -> Iterator[Person]:
    size = (390, 844) if phone else (1280, 720)
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, has_touch=phone, is_mobile=phone)
    context.add_init_script("window.violations = []")
    one = Person(context.new_page(), desk.address, expected=set(BROKEN))
    one.page.on("console", one.heard)
    one.page.on("pageerror", lambda error: one.trouble.append(f"page error: {error}"))
    one.sign_in("clerk", language)
    yield one
    one.calm()
    context.close()


def bytes_of(desk: Desk) -> list[int]:
    with read(desk.intake.engine) as conn:
        return [row.size for row in conn.execute(documents.select().order_by(documents.c.id))]


def large(folder: Path, name: str, seed: int) -> Path:
    place = folder / name
    place.write_bytes(b"%PDF-1.7 " + bytes((seed,)) * (LARGE - 9))
    return place


@pytest.mark.parametrize("restarted", [False, True])
def test_a_large_file_goes_on_where_the_line_broke(
    browser: Browser, desk_of_lines: Desk, tmp_path: Path, *, restarted: bool
) -> None:
    desk = desk_of_lines
    file = large(tmp_path, f"合同{restarted}.pdf", int(restarted))
    before = desk.received()
    with person(browser, desk) as clerk:
        desk.line.cut_after = 2_700_000  # within the third piece
        clerk.page.set_input_files("#files", file)
        while not desk.line.cuts or desk.line.up:
            clerk.page.wait_for_timeout(50)
        assert desk.received() == before
        expect(clerk.page.locator("#bills .bill", has_text=file.name)).to_have_count(0)
        if restarted:
            desk.restart()
        sent: list[str] = []
        clerk.page.on(
            "request", lambda one: sent.append(one.headers.get("upload-offset", "")) if one.method == "PATCH" else None
        )
        desk.line.cuts = 0
        desk.line.up = True
        card = clerk.page.locator("#bills .bill", has_text=file.name)
        expect(card).to_contain_text("回执", timeout=20_000)
        assert sent[0] == str(2 * 1024 * 1024), sent  # the pieces before were not sent again
    assert bytes_of(desk)[before:] == [LARGE]


def choose(page: Page, file: Path) -> None:
    page.set_input_files("#files", file)


def twice(page: Page, file: Path) -> None:
    choose(page, file)
    choose(page, file)


def reload(page: Page, file: Path) -> None:
    choose(page, file)
    expect(page.locator("#bills .bill", has_text=file.name)).to_have_count(1)
    page.reload()
    choose(page, file)


def go_back(page: Page, file: Path) -> None:
    choose(page, file)
    page.locator("#bills .bill .name", has_text=file.name).click()
    page.go_back()
    choose(page, file)


@pytest.mark.parametrize("act", [twice, reload, go_back])
def test_a_file_handed_in_again_is_one_document(
    browser: Browser, desk_of_lines: Desk, tmp_path: Path, act: Callable[[Page, Path], None]
) -> None:
    file = tmp_path / f"{act.__name__}.pdf"
    file.write_bytes(b"%PDF-1.7 " + act.__name__.encode())
    before = desk_of_lines.received()
    with person(browser, desk_of_lines) as clerk:
        act(clerk.page, file)
        expect(clerk.page.locator("#bills .bill", has_text=file.name)).to_have_count(1)
        clerk.page.wait_for_load_state("networkidle")
    assert desk_of_lines.received() == before + 1


def test_a_folder_is_handed_in_file_by_file(browser: Browser, desk_of_lines: Desk, tmp_path: Path) -> None:
    (tmp_path / "十一月" / "差旅").mkdir(parents=True)
    for name in ("十一月/a.pdf", "十一月/差旅/b.pdf", "十一月/.DS_Store"):
        (tmp_path / name).write_bytes(b"%PDF-1.7 " + name.encode())
    before = desk_of_lines.received()
    with person(browser, desk_of_lines) as clerk:
        clerk.page.set_input_files("#folder", tmp_path / "十一月")
        for name in ("a.pdf", "b.pdf"):
            expect(clerk.page.locator("#bills .bill", has_text=name)).to_have_count(1)
    assert desk_of_lines.received() == before + 2


def test_a_file_without_a_network_waits_and_goes_on_by_itself(
    browser: Browser, desk_of_lines: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "later.pdf"
    file.write_bytes(b"%PDF-1.7 later")
    with person(browser, desk_of_lines, language="en") as clerk:
        clerk.expected |= {"htmx:"}
        clerk.page.context.set_offline(True)
        choose(clerk.page, file)
        expect(clerk.page.locator(".bill.failed")).to_contain_text("cannot be reached")
        clerk.page.context.set_offline(False)
        expect(clerk.page.locator("#bills .bill", has_text="later.pdf")).to_contain_text("Receipt")
        expect(clerk.page.locator(".bill.failed")).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pictures_taken_without_a_network_are_sent_by_themselves(
    browser: Browser, desk_of_lines: Desk, papers: Path, language: str
) -> None:
    desk = desk_of_lines
    pictures = sorted((papers / "photo").glob("*.jpg"))[:3]
    before = desk.received()
    with person(browser, desk, phone=True, language=language) as phone:
        page = phone.page
        phone.go("/phone/")
        page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        page.context.set_offline(True)
        page.reload()  # the page opens without a network
        for picture in pictures:
            page.set_input_files("#camera", picture)
        lines = page.locator("#tray li")
        expect(lines).to_have_count(3)
        page.reload()  # nothing is lost by a closed page
        expect(lines).to_have_count(3)
        lines.nth(0).locator(".keys button", has_text="↓").click()
        expect(lines.nth(1)).to_contain_text(pictures[0].name)
        lines.nth(2).locator(".keys button", has_text="✕").click()
        expect(lines).to_have_count(2)
        lines.nth(0).locator(".thumb").click()
        corner = page.locator('[data-corner="0"]')
        expect(corner).to_be_visible()
        room, place = page.locator("#plate").bounding_box(), corner.bounding_box()
        assert room
        assert place
        page.mouse.move(place["x"] + 22, place["y"] + 22)
        page.mouse.down()
        page.mouse.move(room["x"] + room["width"] * 0.1, room["y"] + room["height"] * 0.2)
        page.mouse.up()
        page.keyboard.press("ArrowRight")
        page.locator("#take").click()
        page.locator("#send").click()
        expect(page.locator("#queue article[data-state=waiting]")).to_have_count(2)
        expect(page.locator("#net")).to_be_visible()
        assert desk.received() == before
        page.context.set_offline(False)
        expect(page.locator("#bills .bill")).not_to_have_count(0)
        expect(page.locator("#queue article")).to_have_count(0)
        kept = page.evaluate(
            "caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((one) => one.keys()))))"
            ".then((all) => all.flat().map((one) => new URL(one.url).pathname))"
        )
        assert all(path == "/phone/" or path.startswith("/static/") for path in kept)
        phone.go("/mine")
        expect(page.locator("#bills .bill").first).to_contain_text(pictures[0].name)
    with read(desk.intake.engine) as conn:
        rows = conn.execute(documents.select().order_by(documents.c.id)).all()[before:]
    assert [row.name for row in rows] == [pictures[1].name, pictures[0].name]
    assert {row.channel for row in rows} == {Channel.PHONE.value}
    assert rows[0].cut[0] == pytest.approx(0.11, abs=0.01)
    assert rows[0].cut[1] == pytest.approx(0.2, abs=0.01)
    assert rows[1].cut is None
    assert views.document_row(desk.intake.engine, rows[0].id).submitter == "clerk"


def test_a_picture_is_sent_with_two_taps(browser: Browser, desk_of_lines: Desk, papers: Path) -> None:
    with person(browser, desk_of_lines, phone=True) as phone:
        phone.go("/phone/")
        with phone.page.expect_file_chooser() as chooser:
            phone.page.locator("#shoot").tap()
        chooser.value.set_files(sorted((papers / "photo").glob("*.jpg"))[3])
        phone.page.locator("#send").tap()
        expect(phone.page.locator("#bills .bill").first).to_contain_text("回执")


def test_a_phone_that_is_signed_out_keeps_its_pictures(browser: Browser, desk_of_lines: Desk, papers: Path) -> None:
    with person(browser, desk_of_lines, phone=True) as phone:
        phone.go("/phone/")
        expect(phone.page.locator("#who")).to_be_hidden()
        phone.page.context.clear_cookies()
        phone.page.set_input_files("#camera", sorted((papers / "photo").glob("*.jpg"))[4])
        phone.page.locator("#send").tap()
        expect(phone.page.locator("#who")).to_be_visible()
        expect(phone.page.locator("#queue article[data-state=waiting]")).to_have_count(1)
        phone.sign_in("clerk")
        phone.go("/phone/")
        expect(phone.page.locator("#queue article")).to_have_count(0)
        expect(phone.page.locator("#bills .bill").first).to_be_visible()

"""A real Chromium on the real service: waitress, a reading worker in its own process, SQLite and files in a folder."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import waitress
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from intake import accounts, wiring
from intake.background import running
from intake.model import Role
from tests.fakes import settings
from web.app import create_app

PASSWORD = "correct-horse-battery"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""
PEOPLE = {
    "clerk": Role.CLERK,
    "clerk2": Role.VERIFIER,
    "chief": Role.SUPERVISOR,
    "admin": Role.ADMINISTRATOR,
}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, without its background chatter."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this system: the pages are then only tested without a browser")
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": list(QUIET)}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running service with its people."""
    with serving(tmp_path_factory.mktemp("desk")) as address:
        yield address


@contextmanager
def serving(folder: Path, **changes: object) -> Iterator[str]:
    """A service that runs in this process with its people, under settings with `changes`; its address."""
    intake = wiring.build(settings(folder, workers=1, **changes))
    for login, role in PEOPLE.items():
        accounts.create(intake.engine, login, login, role, PASSWORD)
    server: Any = waitress.create_server(create_app(intake), host="127.0.0.1", port=0, threads=8)
    with running(intake):
        thread = threading.Thread(target=server.run, name="web")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.effective_port}"
        finally:
            server.close()
            server._map.clear()  # browsers keep their connections open; the loop ends without them
            thread.join(10)
    intake.courier.close()
    intake.engine.dispose()


@dataclass
class Person:
    """Somebody at a browser. `trouble` collects what the console complains about; :meth:`calm` asserts there is none."""

    page: Page
    address: str
    trouble: list[str] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def sign_in(self, login: str, language: str = "zh") -> None:
        self.go("/sign-in")
        if language == "en":
            self.page.get_by_role("button", name="English").click()
        self.page.locator("[name=login]").fill(login)
        self.page.locator("[name=password]").fill(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(self.address + "/")

    def heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(part in message.text for part in self.expected):
            self.trouble.append(f"{message.type}: {message.text}")

    def calm(self) -> None:
        """No complaint in the console, no violation of the content policy, nothing wider than the window."""
        assert self.trouble == []
        assert self.page.evaluate("window.violations") == []
        assert self.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.fixture
def at(browser: Browser, desk: str) -> Iterator[Callable[..., Person]]:
    """Open a browser window: ``at(width, height)``; each is a person of its own."""
    with _windows(browser, desk) as opened:
        yield opened


@contextmanager
def _windows(browser: Browser, desk: str) -> Iterator[Callable[..., Person]]:
    contexts: list[BrowserContext] = []
    people: list[Person] = []

    def opened(width: int = 1280, height: int = 720) -> Person:
        phone = width < 600
        context = browser.new_context(viewport={"width": width, "height": height}, has_touch=phone, is_mobile=phone)
        context.add_init_script(WATCH)
        contexts.append(context)
        person = Person(context.new_page(), desk)
        person.page.on("console", person.heard)
        person.page.on("pageerror", lambda error: person.trouble.append(f"page error: {error}"))
        people.append(person)
        return person

    yield opened
    for person in people:
        person.calm()
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def papers(made: Path) -> Path:
    """The generated papers."""
    return made

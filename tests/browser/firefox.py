"""Debian's Firefox, driven by WebDriver BiDi, the standard of the W3C that it speaks by itself.

Playwright drives only its own build of Firefox, and geckodriver is no package of Debian; a WebSocket and a handful of
commands are all that a walk through the pages needs.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from websockets.exceptions import InvalidHandshake
from websockets.sync.client import ClientConnection, connect

FIREFOX: Final = shutil.which("firefox-esr") or shutil.which("firefox")
KEYS: Final[Mapping[str, str]] = {"Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004", "F1": "\ue031"}
START: Final = 60.0


class FirefoxError(Exception):
    """Firefox could not do what it was told, or the page did not come to what was waited for."""


class Firefox:
    """One tab. Elements are named by CSS selectors; every wait ends after some seconds with FirefoxError."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._count = 0
        self.trouble: list[str] = []
        self.tell("session.new", capabilities={})
        self.tell("session.subscribe", events=["log.entryAdded"])
        self._tab = self.tell("browsingContext.create", type="tab")["context"]

    def tell(self, method: str, **params: Any) -> Any:
        """Send a command and return its result; complaints of the console are collected meanwhile."""
        self._count += 1
        self._socket.send(json.dumps({"id": self._count, "method": method, "params": params}))
        while True:
            said = json.loads(self._socket.recv(timeout=60))
            if said.get("method") == "log.entryAdded" and said["params"]["level"] in {"error", "warn"}:
                self.trouble.append(said["params"]["text"])
            if said.get("id") == self._count:
                if "error" in said:
                    raise FirefoxError(f"{method}: {said['error']} {said.get('message', '')}")
                return said["result"]

    def size(self, width: int, height: int) -> None:
        """Make the page's window so large."""
        self.tell("browsingContext.setViewport", context=self._tab, viewport={"width": width, "height": height})

    def go(self, address: str) -> None:
        """Open an address and wait until it is complete; the page before is complete too, else scripts half loaded
        would be told as broken.
        """
        self.until("document.readyState === 'complete'")
        self.tell("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def ask(self, expression: str) -> Any:
        """The value of an expression of JavaScript: text, number, truth or None."""
        said = self.tell("script.evaluate", expression=expression, target={"context": self._tab}, awaitPromise=True)
        if said["type"] != "success":
            raise FirefoxError(f"{expression}: {said['exceptionDetails']['text']}")
        return said["result"].get("value")

    def until(self, expression: str, seconds: float = 15) -> None:
        """Wait until an expression is true, over pages that follow on each other."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if self.ask(f"Boolean({expression})"):
                    return
            except FirefoxError:
                pass  # the page is just being replaced
            time.sleep(0.1)
        raise FirefoxError(f"{self.ask('location.href')}: waited for {expression}")

    def see(self, selector: str, seconds: float = 15) -> None:
        """Wait until an element is there, on a page that is complete."""
        self.until(f"document.readyState === 'complete' && document.querySelector({json.dumps(selector)})", seconds)

    def click(self, selector: str) -> None:
        """Press an element with the mouse's main button, where it is."""
        self.see(selector)
        self.ask(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}})")
        point = {"type": "element", "element": {"sharedId": self._node(selector)}}
        move = {"type": "pointerMove", "x": 0, "y": 0, "origin": point}
        presses = [move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        self._act({"type": "pointer", "id": "mouse", "actions": presses})

    def focus(self, selector: str) -> None:
        """Put the cursor into an element."""
        self.see(selector)
        self.ask(f"document.querySelector({json.dumps(selector)}).focus()")

    def type(self, text: str) -> None:
        """Type characters, or one key by its name."""
        keys = [KEYS[text]] if text in KEYS else list(text)
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keyboard", "actions": strokes})

    def choose(self, selector: str, file: Path) -> None:
        """Choose a file for an input."""
        self.see(selector)
        element = {"sharedId": self._node(selector)}
        self.tell("input.setFiles", context=self._tab, element=element, files=[str(file)])

    def _node(self, selector: str) -> str:
        found = self.tell("browsingContext.locateNodes", context=self._tab, locator={"type": "css", "value": selector})
        if not found["nodes"]:
            raise FirefoxError(f"{selector} is gone")
        return str(found["nodes"][0]["sharedId"])

    def _act(self, *actions: Mapping[str, Any]) -> None:
        self.tell("input.performActions", context=self._tab, actions=list(actions))


@contextmanager
def firefox(profile: Path) -> Iterator[Firefox]:
    """A Firefox without window, with a profile of its own, ended with the block."""
    if FIREFOX is None:
        raise FirefoxError("no Firefox on this system")
    (profile / "user.js").write_text('user_pref("remote.active-protocols", 1);\n', "utf-8")
    command = [FIREFOX, "--headless", "--no-remote", "--remote-debugging-port", "0", "--profile", str(profile)]
    environment = {"HOME": str(profile), "PATH": "/usr/bin:/bin", "MOZ_DISABLE_AUTO_SAFE_MODE": "1"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment) as running:
        try:
            with connect(_address(profile), max_size=None, compression=None) as socket:
                yield Firefox(socket)
        finally:
            running.terminate()
            try:
                running.wait(10)
            except subprocess.TimeoutExpired:
                running.kill()


def _address(profile: Path) -> str:
    """Where Firefox listens: it writes host and port beside its profile as soon as it does."""
    end = time.monotonic() + START
    place = profile / "WebDriverBiDiServer.json"
    while time.monotonic() < end:
        if place.is_file():
            try:
                said = json.loads(place.read_text("utf-8"))
                address = f"ws://{said['ws_host']}:{said['ws_port']}/session"
                with connect(address, open_timeout=5, compression=None):
                    return address
            except (ValueError, OSError, InvalidHandshake):
                pass  # it is still being written, or not yet answering
        time.sleep(0.2)
    raise FirefoxError("Firefox did not start")

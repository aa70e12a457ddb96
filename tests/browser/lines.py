"""A desk behind a line that breaks: the pages of the service without workers, reached through a relay that can cut."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import waitress

from intake import accounts, views, wiring
from intake.model import Role
from tests.browser.conftest import PASSWORD
from tests.fakes import settings
from web.app import create_app


class Line:
    """Relays connections to `target`; after `cut_after` more bytes from the browser it breaks, and stays down."""

    def __init__(self) -> None:
        self.target = 0
        self.up = True
        self.cut_after: int | None = None
        self.cuts = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="line", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                browser, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(browser,), daemon=True).start()

    def _relay(self, browser: socket.socket) -> None:
        with browser, suppress(OSError):
            if not self._open():
                return
            with socket.create_connection(("127.0.0.1", self.target)) as desk:
                while self._open():
                    ready, _, _ = select.select([browser, desk], [], [], 0.2)
                    for one in ready:
                        block = one.recv(1 << 16)
                        if not block:
                            return
                        if one is browser and self._cuts(len(block)):
                            desk.sendall(block[: len(block) // 2])
                            return
                        (desk if one is browser else browser).sendall(block)

    def _open(self) -> bool:
        return self.up and not self._over.is_set()

    def _cuts(self, size: int) -> bool:
        if self.cut_after is None:
            return False
        self.cut_after -= size
        if self.cut_after > 0:
            return False
        self.cut_after = None
        self.cuts += 1
        self.up = False
        return True


class Desk:
    """The pages on a data folder; :meth:`restart` ends the server and begins another over the same folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.line = Line()
        self.address = f"http://127.0.0.1:{self.line.port}"
        self._begin()
        for login, role in (("clerk", Role.CLERK), ("clerk2", Role.VERIFIER)):
            accounts.create(self.intake.engine, login, login, role, PASSWORD)

    def _begin(self) -> None:
        self.intake = wiring.build(settings(self.folder, secret_key="k" * 40))
        # requests stay in memory: the scratch file of one that is cut off would be closed late and loudly
        options = {"host": "127.0.0.1", "port": 0, "threads": 4, "inbuf_overflow": 1 << 26}
        self._server: Any = waitress.create_server(create_app(self.intake), **options)
        self.line.target = self._server.effective_port
        self._thread = threading.Thread(target=self._server.run, name="web")
        self._thread.start()

    def _end(self) -> None:
        self._server.close()
        self._server._map.clear()
        self._thread.join(10)
        self.intake.courier.close()
        self.intake.engine.dispose()

    def restart(self) -> None:
        self._end()
        self._begin()

    def close(self) -> None:
        self.line.close()
        self._end()

    def received(self) -> int:
        """How many documents there are."""
        return sum(views.count_states(self.intake.engine).values())


@contextmanager
def opened(folder: Path) -> Iterator[Desk]:
    desk = Desk(folder)
    try:
        yield desk
    finally:
        desk.close()

"""A server that keeps docs/register-api.openapi.yaml – or breaks it in one named way.

In its good mood each request and each answer is checked against the document by a library, so that document, server and
adapter cannot drift apart unseen.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from openapi_core import OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from werkzeug import Request, Response
from werkzeug.http import http_date
from werkzeug.serving import WSGIRequestHandler, make_server

from intake.clock import system_clock

DOCUMENT = Path(__file__).parent.parent / "docs" / "register-api.openapi.yaml"
TOKEN = "t0ken-of-the-erp"
JSON = "application/json"


class RegisterApi:
    """`rows` are what it knows; `mood` is how it answers; `asked` remembers the parameters of each request."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []
        self.changed_at: dict[str, datetime] = {}  # by invoice number
        self.mood = "good"
        self.page = 2
        self.failures = 0  # answers that fail before it is good again
        self.ahead = timedelta(0)  # of its clock
        self.now = system_clock()
        self.asked: list[Mapping[str, str]] = []
        self.broken_promises: list[Exception] = []
        self.address = ""
        self._document: OpenAPI | None = None

    def at(self, address: str) -> None:
        """Stand where the document says that its server stands."""
        self.address = address
        document = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
        self._document = OpenAPI.from_dict(document | {"servers": [{"url": address}]})

    def __call__(self, environ: dict[str, object], start: object) -> object:
        """As a WSGI application."""
        request = Request(environ)
        response = self._checked(request) if self.mood == "good" else self._in_a_mood()
        return response(environ, start)  # type: ignore[arg-type]  # the server gives what WSGI asks for

    def _checked(self, request: Request) -> Response:
        self.asked.append(request.args.to_dict())
        response = self._answer(request)
        assert self._document is not None
        try:
            if response.status_code == 200:
                self._document.validate_request(WerkzeugOpenAPIRequest(request))
            self._document.validate_response(WerkzeugOpenAPIRequest(request), WerkzeugOpenAPIResponse(response))
        except Exception as error:  # noqa: BLE001 - whatever the library finds is a broken promise
            self.broken_promises.append(error)
        return response

    def _answer(self, request: Request) -> Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Response(status=401)
        if self.failures:
            self.failures -= 1
            return Response(status=503, headers={"Retry-After": "0"})
        rows = self._wanted(request.args)
        first = int(request.args.get("cursor", "0"))
        size = min(int(request.args.get("limit", "1000")), self.page)
        more = first + size < len(rows)
        page = {"invoices": rows[first : first + size], "next_cursor": str(first + size) if more else None}
        return Response(json.dumps(page, ensure_ascii=False), content_type=JSON)

    def _wanted(self, asked: Mapping[str, str]) -> Sequence[dict[str, str]]:
        since, changed = asked.get("since"), asked.get("changed_since")
        if not since and not changed:
            return self.rows
        moment = datetime.fromisoformat(changed) if changed else datetime.max.replace(tzinfo=UTC)
        never = datetime.min.replace(tzinfo=UTC)
        return [
            row
            for row in self.rows
            if (since and row["issue_date"] >= since) or self.changed_at.get(row["invoice_number"], never) >= moment
        ]

    def _in_a_mood(self) -> Response:
        if self.mood == "hangs":
            time.sleep(3)
        bodies: dict[str, Callable[[], Response]] = {
            "hangs": lambda: Response("too late"),
            "drips": lambda: Response(_drip(), content_type=JSON),
            "garbage": lambda: Response("<html>Welcome</html>", content_type="text/html"),
            "wrong_shape": lambda: _json({"invoices": [{"invoice_number": 5}], "next_cursor": None}),
            "too_much": lambda: Response((b"[" * 65536 for _ in range(1000)), content_type=JSON),
            "circle": lambda: _json({"invoices": [], "next_cursor": "again"}),
            "redirects": lambda: Response(status=302, headers={"Location": f"{self.address}/elsewhere"}),
        }
        make = bodies.get(self.mood)
        return make() if make else Response(status=int(self.mood))


def _json(value: object) -> Response:
    return Response(json.dumps(value), content_type=JSON)


def _drip() -> Iterator[bytes]:
    for _ in range(50):
        time.sleep(0.1)
        yield b" "


@contextmanager
def register_api(context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[RegisterApi]:
    """The server on a port of its own while the block runs; with a `context` it speaks TLS under the name `host`."""
    api = RegisterApi()

    class Handler(WSGIRequestHandler):
        def log(self, *_: object) -> None:
            """Nothing."""

        def date_time_string(self, timestamp: float | None = None) -> str:
            del timestamp
            return http_date(api.now + api.ahead)

    server = make_server("127.0.0.1", 0, api, threaded=True, request_handler=Handler, ssl_context=context)  # type: ignore[arg-type]  # it is WSGI
    api.at(f"{'https' if context else 'http'}://{host}:{server.server_port}/register")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()

"""The interface against a real server on this machine that speaks the documented form (docs/operations.md)."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from intake.errors import ConfigurationError
from intake.model import OfficialOutcome
from intake.official.agreement import agrees, compare
from intake.official.vendor import LARGEST, HttpVerifier, request_of, understood, verifier_of
from ocr.types import FieldName, Kind
from tests.fakes import settings
from tests.official.papers import VALUES, paper

F, Out = FieldName, OfficialOutcome
SECRET = "a-key-nobody-may-see"
DIGITAL = paper(Kind.DIG_NORMAL, {**VALUES, F.NUMBER: "26112000000048542163"})
FACE = {
    "number": "26112000000048542163",
    "date": "2026-11-20",
    "buyer": {"name": "北京示例科技有限公司", "taxid": ""},
    "seller": {"name": "北京示例文具有限公司", "taxid": "", "phone": "ignored"},
    "lines": [],
    "net": "100.00",
    "tax": 6,
    "gross": 106.0,
    "is_void": False,
}


@dataclass
class Server:
    """Answers in turn; the last answer is repeated. `seen` holds what came in."""

    answers: list[tuple[int, bytes]] = field(default_factory=list)
    seen: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    url: str = ""

    def says(self, *answers: tuple[int, object]) -> None:
        self.answers = [
            (status, body if isinstance(body, bytes) else json.dumps(body).encode()) for status, body in answers
        ]


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.seen.append((dict(self.headers), body))
            status, answer = state.answers.pop(0) if len(state.answers) > 1 else state.answers[0]
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            if 300 <= status < 400:
                self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name of the base class
            del format, args

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    state.url = f"http://127.0.0.1:{http.server_address[1]}/verify"
    yield state
    http.shutdown()
    thread.join()
    http.server_close()


def verifier(server: Server, pauses: list[float] | None = None, seconds: float = 5.0) -> HttpVerifier:
    waited = [] if pauses is None else pauses
    return HttpVerifier(server.url, SECRET, seconds=seconds, pause=waited.append)


def test_the_question_is_the_normalised_one_with_its_key(server: Server) -> None:
    server.says((200, {"outcome": "consistent", "face": FACE, "times_today": 2}))
    told = verifier(server).ask(DIGITAL)
    headers, body = server.seen[0]
    assert headers["Authorization"] == f"Bearer {SECRET}"
    assert body == {
        "kind": "dig_normal",
        "code": "044031900111",
        "number": "26112000000048542163",
        "issue_date": "2026-11-20",
        "net": "100.00",
        "gross": "106.00",
        "check6": "325108",
    }
    assert (told.answer.outcome, told.answer.times) == (Out.CONSISTENT, 2)
    assert agrees(told.answer, compare(DIGITAL, told.answer))
    assert json.loads(told.raw)["face"]["gross"] == 106.0


def test_only_what_is_known_is_sent() -> None:
    assert request_of(paper(Kind.DIG_NORMAL, {F.NUMBER: "26112000000048542163"})) == {
        "kind": "dig_normal",
        "number": "26112000000048542163",
    }
    printed = paper(Kind.DIG_PAPER_NORMAL, {**VALUES, F.NUMBER: "26112000000048542163", F.PRINTED_NUMBER: "00985283"})
    assert request_of(printed)["number"] == "00985283"


OUTCOMES = {
    "ours": ((200, {"outcome": "not_found"}), Out.NOT_FOUND),
    "void by its mark": ((200, {"outcome": "consistent", "face": {**FACE, "is_void": True}}), Out.VOID),
    "reversed": ((200, {"outcome": "red_full", "face": FACE}), Out.RED_FULL),
    "baidu's code": ((200, {"vendor": "baidu", "code": "0009"}), Out.NOT_FOUND),
    "baidu's sign": ((200, {"vendor": "baidu", "code": "0001", "sign": "BH", "face": FACE}), Out.RED_PART),
    "tencent's code": ((200, {"vendor": "tencent", "code": "FailedOperation.InvoiceMismatch"}), Out.INCONSISTENT),
    "jumdata's code": ((200, {"vendor": "jumdata", "code": "205"}), Out.TOO_OLD),
    "a code nobody knows": ((200, {"vendor": "baidu", "code": "7777"}), Out.UPSTREAM_ERROR),
    "a vendor nobody knows": ((200, {"vendor": "acme", "code": "0009"}), Out.UPSTREAM_ERROR),
    "consistent without a face": ((200, {"outcome": "consistent"}), Out.UPSTREAM_ERROR),
    "a face without an amount": ((200, {"outcome": "consistent", "face": {"number": "1"}}), Out.UPSTREAM_ERROR),
    "an amount that is none": (
        (200, b'{"outcome": "consistent", "face": {"gross": "NaN"}}'),
        Out.UPSTREAM_ERROR,
    ),
    "nothing said": ((200, {}), Out.UPSTREAM_ERROR),
    "no object": ((200, [1, 2]), Out.UPSTREAM_ERROR),
    "no JSON": ((200, b"<html>not found</html>"), Out.UPSTREAM_ERROR),
    "too deep": ((200, b"[" * 100_000), Out.UPSTREAM_ERROR),
    "too long": ((200, b" " * (LARGEST + 1)), Out.UPSTREAM_ERROR),
    "404 of the server is no answer about the invoice": ((404, {"outcome": "not_found"}), Out.BAD_REQUEST),
    "refused": ((401, {}), Out.QUOTA),
    "too often": ((429, {}), Out.QUOTA),
    "bad question": ((422, {}), Out.BAD_REQUEST),
    "broken": ((503, b"down"), Out.UPSTREAM_ERROR),
    "elsewhere": ((302, b""), Out.UPSTREAM_ERROR),
}


@pytest.mark.parametrize("case", OUTCOMES)
def test_whatever_comes_back_is_an_outcome_and_a_fault_never_not_found(server: Server, case: str) -> None:
    answer, expected = OUTCOMES[case]
    server.says(answer)
    assert verifier(server).ask(DIGITAL).answer.outcome is expected


def test_a_fault_is_asked_again_after_growing_pauses_and_an_answer_is_not(server: Server) -> None:
    pauses: list[float] = []
    server.says((503, b""), (200, {"outcome": "not_found"}))
    assert verifier(server, pauses).ask(DIGITAL).answer.outcome is Out.NOT_FOUND
    assert (len(server.seen), pauses) == (2, [1.0])
    server.says((503, b""))
    assert verifier(server, pauses).ask(DIGITAL).answer.outcome is Out.UPSTREAM_ERROR
    assert (len(server.seen), pauses) == (5, [1.0, 1.0, 4.0])


def test_a_server_that_is_away_or_silent_is_a_fault() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        away = HttpVerifier(f"http://127.0.0.1:{closed.getsockname()[1]}/", "", seconds=1, pause=lambda _: None)
        assert away.ask(DIGITAL).answer.outcome is Out.UPSTREAM_ERROR
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        mute = HttpVerifier(f"http://127.0.0.1:{silent.getsockname()[1]}/", "", seconds=0.1, pause=lambda _: None)
        assert mute.ask(DIGITAL).answer.outcome is Out.UPSTREAM_ERROR


def test_the_key_is_in_no_log(
    server: Server, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    server.says((401, {}))
    verifier(server).ask(DIGITAL)
    said = caplog.text + capsys.readouterr().out
    assert "refuses" in said
    assert SECRET not in said


def test_an_interface_is_off_until_it_has_an_address(tmp_path: Path) -> None:
    assert verifier_of(settings(tmp_path), time.sleep) is None
    key = tmp_path / "key"
    key.write_text(f"{SECRET}\n")
    made = verifier_of(settings(tmp_path, vendor_url="http://127.0.0.1/", vendor_secret_file=key), time.sleep)
    assert isinstance(made, HttpVerifier)
    assert made._secret == SECRET
    with pytest.raises(ConfigurationError, match="INTAKE_VENDOR_SECRET_FILE"):
        verifier_of(
            settings(tmp_path, vendor_url="http://127.0.0.1/", vendor_secret_file=tmp_path / "none"), time.sleep
        )


def test_an_amount_with_fractions_of_a_fen_is_shown_as_it_rounds() -> None:
    said = understood(200, b'{"outcome": "consistent", "face": {"gross": "106.004"}}', {})
    assert said.shown[F.TOTAL] == "106.00"

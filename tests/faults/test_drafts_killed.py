"""What a clerk has typed survives the death of the server: the service runs in a process of its own and is killed."""

from __future__ import annotations

import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from intake import accounts, wiring
from intake.db import write
from intake.joining import file_decisions
from intake.model import SERVICE, Cause, Channel, Diagnosis, NeedsReview, NextStep, Role, Unmatched
from ocr.types import FieldName
from tests.fakes import settings
from tests.faults.test_kill import running
from tests.intake.waiting import NUMBER, seen

PASSWORD = "correct-horse-battery"
PATIENCE = 300  # looks of a tenth of a second: only reached when something hangs


@pytest.fixture
def port(tmp_path: Path, sqlite_url: str) -> int:
    """A free port; in the database there are a clerk and one paper that waits."""
    intake = wiring.build(settings(tmp_path, database=sqlite_url))
    accounts.create(intake.engine, "clerk", "clerk", Role.CLERK, PASSWORD)
    receipt = intake.submit.receive(SERVICE, b"paper", "paper.pdf", Channel.COMMAND, interactive=False)
    invoice = seen({FieldName.NUMBER: NUMBER, FieldName.TOTAL: "106.00"})
    diagnosis = Diagnosis(Cause.UNKNOWN, (), NextStep.KEY_AND_VERIFY, Role.CLERK)
    with write(intake.engine) as conn:
        now = intake.clock()
        file_decisions(conn, receipt.document_id, [NeedsReview(invoice, None, (), Unmatched(), diagnosis)], now)
    intake.courier.close()
    intake.engine.dispose()
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextmanager
def serving(folder: Path, database: str, port: int) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """The pages from a process that can be killed, and a browser of the clerk."""
    with (
        running("serve", folder, database, str(port)) as started,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client,
    ):
        _wait(client)
        form = {"login": "clerk", "password": PASSWORD, "csrf_token": _token(client)}
        assert client.post("/sign-in", data=form).status_code == 302
        yield started, client


def _wait(client: httpx.Client) -> None:
    pause = threading.Event()
    for _ in range(PATIENCE):
        try:
            client.get("/sign-in")
        except httpx.TransportError:
            pause.wait(0.1)
        else:
            return
    raise AssertionError("the service does not answer")


def _token(client: httpx.Client) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/sign-in", follow_redirects=True).text)
    assert found
    return found[1]


def test_a_draft_is_there_after_the_server_was_killed(port: int, tmp_path: Path, sqlite_url: str) -> None:
    with serving(tmp_path, sqlite_url, port) as (server, client):
        assert client.get("/review/1").status_code == 200
        typed = {"kind": "dig_normal", "value.number": NUMBER, "value.seller_name": "写到一半"}
        said = client.post("/review/1/draft", data={**typed, "csrf_token": _token(client)})
        assert "草稿已存" in said.text
        server.kill()
        server.wait()
    with serving(tmp_path, sqlite_url, port) as (_, client):
        assert 'value="写到一半"' in client.get("/review/1").text

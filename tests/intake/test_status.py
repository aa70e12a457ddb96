from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import status
from intake.db import documents, write
from intake.files import LocalFiles
from intake.model import SERVICE, Channel, Decided, DocumentState, Rejected, Unpacked, Verdict
from intake.submit import Submit
from intake.worker import Worker
from ocr.types import Carrier, Extraction, Member
from tests.fakes import FakeClock, FakeReader, MemoryCourier, settings, tools


def test_an_empty_desk_is_balanced(engine: sa.Engine) -> None:
    counts = status.counts(engine)
    assert counts.received == 0
    assert set(counts.by_state) == set(DocumentState)
    assert counts.balanced


@pytest.fixture
def parts(engine: sa.Engine, tmp_path: Path) -> tuple[Submit, Callable[[], Worker]]:
    clock, courier, files = FakeClock(), MemoryCourier(), LocalFiles(tmp_path / "files")
    configured = settings(tmp_path)

    def verdict(data: bytes, name: str, _tools: object) -> Verdict:
        if name.endswith(".zip"):
            return Unpacked((Member("a.pdf", data + b"a"), Member("empty.pdf", b"")))
        if data.endswith(b"1"):
            return Rejected("truncated")
        return Decided(Extraction(Carrier.PDF, "application/pdf"), ())

    def worker() -> Worker:
        return Worker(engine, files, courier, tools(FakeReader(), clock, configured), verdict)

    return Submit(engine, files, courier, clock, configured), worker


def test_the_sum_equals_what_was_received_at_every_moment(
    engine: sa.Engine, parts: tuple[Submit, Callable[[], Worker]]
) -> None:
    submit, worker = parts
    seen: list[status.Counts] = []
    busy = threading.Event()

    def hand_in(number: int) -> None:
        for turn in range(6):
            name = "a.zip" if turn % 3 == 0 else "a.pdf"
            submit.receive(SERVICE, f"{number} {turn}".encode(), name, Channel.COMMAND)

    def work() -> None:
        mine = worker()
        while mine.work_once() or not busy.is_set():
            pass

    def look() -> None:
        while not busy.is_set():
            seen.append(status.counts(engine))

    people = [threading.Thread(target=hand_in, args=(number,)) for number in range(4)]
    machines = [threading.Thread(target=work) for _ in range(2)]
    watcher = threading.Thread(target=look)
    for thread in (*people, *machines, watcher):
        thread.start()
    for thread in people:
        thread.join()
    busy.set()
    for thread in (*machines, watcher):
        thread.join()

    end = status.counts(engine)
    assert seen
    assert all(counts.balanced for counts in seen)
    assert end.balanced
    assert end.received == 4 * (6 + 2 * 2)
    assert end.by_state[DocumentState.UNPACKED] == 8
    assert end.by_state[DocumentState.QUEUED] == end.by_state[DocumentState.WORKING] == 0


def test_a_document_that_vanishes_shows(engine: sa.Engine, parts: tuple[Submit, Callable[[], Worker]]) -> None:
    submit, _ = parts
    submit.receive(SERVICE, b"1", "a.pdf", Channel.COMMAND)
    submit.receive(SERVICE, b"2", "a.pdf", Channel.COMMAND)
    with write(engine) as conn:
        conn.execute(sa.delete(documents).where(documents.c.receipt == "20261124-000001"))
    counts = status.counts(engine)
    assert counts.received == 2
    assert not counts.balanced

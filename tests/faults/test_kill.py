from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import audit, status
from intake.clock import system_clock
from intake.couriers.embedded import EmbeddedCourier
from intake.db import connect, documents, invoices, pages, read, renditions
from intake.files import LocalFiles
from intake.model import SERVICE, Channel, DocumentState
from intake.submit import Submit
from tests.fakes import settings

HERE = Path(__file__).parents[2]
PATIENCE = 600  # looks of a tenth of a second: only reached when something hangs


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[sa.Engine]:
    made = connect(sqlite_url)
    yield made
    made.dispose()


@contextmanager
def running(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A process that is killed at the end of the block, if not before."""
    command = [sys.executable, "-m", "tests.faults.process", *map(str, arguments)]
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


def states(engine: sa.Engine) -> list[str]:
    with read(engine) as conn:
        return list(conn.scalars(sa.select(documents.c.state).order_by(documents.c.id)))


def wait_for(engine: sa.Engine, wanted: set[str], attempts: int = 0) -> None:
    """Wait until all documents are in one of the states and have been tried that often."""
    pause = threading.Event()
    for _ in range(PATIENCE):
        with read(engine) as conn:
            tried = conn.execute(sa.select(sa.func.min(documents.c.attempts))).scalar_one()
        if set(states(engine)) <= wanted and tried >= attempts:
            return
        pause.wait(0.1)
    raise AssertionError(states(engine))


def hand_in(engine: sa.Engine, folder: Path, number: int) -> None:
    door = Submit(engine, LocalFiles(folder / "files"), EmbeddedCourier(folder), system_clock, settings(folder))
    for content in range(1, number + 1):
        door.receive(SERVICE, str(content).encode(), f"{content}.pdf", Channel.COMMAND)


def test_a_document_whose_worker_is_killed_in_mid_task_finishes_exactly_once(
    engine: sa.Engine, sqlite_url: str, tmp_path: Path
) -> None:
    hand_in(engine, tmp_path, 1)
    with running("work", tmp_path, sqlite_url, "60") as worker:
        wait_for(engine, {"working"})
        worker.kill()
        worker.wait()
    assert states(engine) == ["working"]

    with running("work", tmp_path, sqlite_url, "0"):
        wait_for(engine, {"filed"})

    with read(engine) as conn:
        assert conn.execute(sa.select(documents.c.attempts)).scalar_one() == 2
        assert len(conn.execute(sa.select(invoices)).all()) == 1
        assert len(conn.execute(sa.select(renditions)).all()) == 1
        assert len(conn.execute(sa.select(pages)).all()) == 1
        assert [entry.action for entry in audit.entries(conn)] == ["received", "filed"]
    assert audit.verify(engine) == []


def test_a_document_that_kills_its_worker_three_times_goes_to_a_person(
    engine: sa.Engine, sqlite_url: str, tmp_path: Path
) -> None:
    hand_in(engine, tmp_path, 1)
    for death in (1, 2, 3):
        with running("work", tmp_path, sqlite_url, "60"):
            wait_for(engine, {"working"}, attempts=death)
    with running("work", tmp_path, sqlite_url, "0"):
        wait_for(engine, {"needs_review"})
    with read(engine) as conn:
        assert conn.execute(sa.select(documents.c.reason)).scalar_one() == "crashed"


@pytest.mark.slow
def test_kills_at_any_moment_lose_nothing_and_double_nothing(
    engine: sa.Engine, sqlite_url: str, tmp_path: Path
) -> None:
    number = 30
    hand_in(engine, tmp_path, number)
    for moment in (0.05, 0.2, 0.35, 0.5):
        with running("work", tmp_path, sqlite_url, "0.01") as worker:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "working\n"
            threading.Event().wait(moment)
            worker.kill()
    with running("work", tmp_path, sqlite_url, "0"):
        wait_for(engine, {"filed", "needs_review"})

    counts = status.counts(engine)
    assert counts.balanced
    assert counts.by_state[DocumentState.FILED] == counts.received == number
    with read(engine) as conn:
        assert len(conn.execute(sa.select(invoices)).all()) == number
        assert len(conn.execute(sa.select(renditions)).all()) == number
    assert audit.verify(engine) == []


def test_every_receipt_that_was_given_before_a_kill_is_kept(engine: sa.Engine, sqlite_url: str, tmp_path: Path) -> None:
    given: list[str] = []
    for moment in (5, 13):
        with running("submit", tmp_path, sqlite_url) as sender:
            assert sender.stdout is not None
            given += [sender.stdout.readline() for _ in range(moment)]
            sender.kill()
            given += sender.stdout.readlines()
    files = LocalFiles(tmp_path / "files")
    with read(engine) as conn:
        rows = {row.receipt: row for row in conn.execute(sa.select(documents))}
    printed = [line.split() for line in given if line.endswith("\n")]
    assert len({receipt for receipt, _ in printed}) == len(printed) >= 18
    for receipt, sha256 in printed:
        assert rows[receipt].sha256 == sha256
    for row in rows.values():
        assert hashlib.sha256(files.get(row.sha256)).hexdigest() == row.sha256
    assert status.counts(engine).balanced
    assert audit.verify(engine) == []

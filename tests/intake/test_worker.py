from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from intake import accounts, audit, jobs, status, store
from intake.db import documents, invoices, pages, read, tasks
from intake.files import LocalFiles
from intake.model import SERVICE, Channel, Decided, DocumentState, Rejected, Role, Unpacked, Verdict
from intake.ports import Tools
from intake.submit import Submit
from intake.worker import DEEPEST, LONG_SIDE, Worker
from ocr.errors import CrashedError, EncryptedError
from ocr.types import Member
from tests.builders import decided, extraction, filed, needs_review
from tests.fakes import (
    NOON,
    CrashingReader,
    CrashingRenderer,
    EndlessReader,
    FakeClock,
    FakeReader,
    FullDisk,
    MemoryCourier,
    settings,
    tools,
)

INVOICE, ANOTHER, BROKEN, ARCHIVE = b"invoice", b"another", b"broken", b"archive"


def process(data: bytes, name: str, used: Tools) -> Verdict:
    """A small pipeline: unpack, read, and decide by the bytes."""
    members = used.reader.members(data)
    if members:
        return Unpacked(members)
    seen = used.reader.read(data, name)
    return Decided(seen, (filed() if data == INVOICE else needs_review("24112000000000000009"),))


class Service:
    """A service that knows two papers, with one worker."""

    def __init__(self, engine: sa.Engine, place: Path, reader: FakeReader | None = None) -> None:
        self.engine = engine
        self.clock = FakeClock()
        self.courier = MemoryCourier()
        self.files = LocalFiles(place / "files")
        self.settings = settings(place, max_upload=1000)
        self.reader = reader or FakeReader({INVOICE: extraction(2), ANOTHER: extraction()})
        self.submit = Submit(engine, self.files, self.courier, self.clock, self.settings)
        self.worker = self.worker_of(self.reader)

    def worker_of(self, reader: FakeReader, with_process: Any = process) -> Worker:
        return Worker(self.engine, self.files, self.courier, tools(reader, self.clock, self.settings), with_process)

    def hand_in(self, data: bytes, name: str = "a.pdf") -> int:
        return self.submit.receive(SERVICE, data, name, Channel.COMMAND).document_id

    def row(self, document_id: int) -> sa.RowMapping:
        with read(self.engine) as conn:
            return conn.execute(sa.select(documents).where(documents.c.id == document_id)).mappings().one()

    def state(self, document_id: int) -> tuple[str, str]:
        row = self.row(document_id)
        return row["state"], row["reason"]

    def finish(self) -> None:
        while self.worker.work_once():
            pass


@pytest.fixture
def service(engine: sa.Engine, tmp_path: Path) -> Service:
    return Service(engine, tmp_path)


def test_an_idle_worker_does_nothing(service: Service) -> None:
    assert not service.worker.work_once()


def test_a_document_is_read_published_and_drawn(service: Service) -> None:
    document_id = service.hand_in(INVOICE)
    assert service.worker.work_once()
    assert service.state(document_id) == ("filed", "")
    assert service.reader.drawn == [(0, 90, LONG_SIDE), (1, 90, LONG_SIDE)]
    with read(service.engine) as conn:
        rows = conn.execute(sa.select(pages).order_by(pages.c.page)).all()
    assert [(row.page, row.width, row.height) for row in rows] == [(0, 2480, 3508), (1, 2480, 3508)]
    assert [service.files.get(row.preview)[-8:-7] for row in rows] == [b"\x00", b"\x01"]
    assert audit.verify(service.engine) == []


def test_one_bad_file_does_not_stop_the_next(service: Service) -> None:
    bad, good = service.hand_in(BROKEN), service.hand_in(INVOICE)
    service.finish()
    assert service.state(bad) == ("rejected", "unknown_format")
    assert service.state(good) == ("filed", "")


def test_the_members_of_an_archive_become_documents_of_the_same_person(engine: sa.Engine, tmp_path: Path) -> None:
    members = [
        Member("一/a.pdf", INVOICE),
        Member("b.pdf", ANOTHER),
        Member("c.pdf", b""),
        Member("d.pdf", b"x" * 1001),
    ]
    service = Service(engine, tmp_path, FakeReader({INVOICE: extraction(), ANOTHER: extraction()}, {ARCHIVE: members}))
    clerk = accounts.create(engine, "clerk", "录入员", Role.CLERK)[0].actor()
    parent = service.submit.receive(clerk, ARCHIVE, "a.zip", Channel.WEB, interactive=False).document_id
    service.worker.work_once()
    with read(engine) as conn:
        children = (
            conn.execute(sa.select(documents).where(documents.c.parent_id == parent).order_by(documents.c.id))
            .mappings()
            .all()
        )
    assert service.state(parent) == ("unpacked", "")
    assert [(row["name"], row["state"], row["reason"]) for row in children] == [
        ("a.pdf", "queued", ""),
        ("b.pdf", "queued", ""),
        ("c.pdf", "rejected", "empty"),
        ("d.pdf", "rejected", "too_large"),
    ]
    assert {(row["submitted_by"], row["channel"], row["interactive"]) for row in children} == {
        (clerk.id, "archive", False)
    }
    assert [row["idempotency"] for row in children] == [f"zip:{parent}:{index}" for index in range(4)]
    assert service.courier.sent[1:] == [(children[0]["id"], False), (children[1]["id"], False)]
    service.finish()
    assert status.counts(engine).received == 5
    assert status.counts(engine).balanced


def test_an_archive_that_holds_itself_ends(engine: sa.Engine, tmp_path: Path) -> None:
    service = Service(engine, tmp_path, FakeReader(archives={ARCHIVE: [Member("again.zip", ARCHIVE)]}))
    service.hand_in(ARCHIVE)
    service.finish()
    counts = status.counts(engine)
    assert counts.received == DEEPEST
    assert (counts.by_state[DocumentState.UNPACKED], counts.by_state[DocumentState.REJECTED]) == (DEEPEST - 1, 1)


def test_a_page_that_cannot_be_drawn_has_no_picture(engine: sa.Engine, tmp_path: Path) -> None:
    service = Service(engine, tmp_path, CrashingRenderer({INVOICE: extraction(3)}))
    document_id = service.hand_in(INVOICE)
    service.worker.work_once()
    assert service.state(document_id) == ("filed", "")
    with read(engine) as conn:
        assert list(conn.scalars(sa.select(pages.c.preview))) == [None, None, None]


@pytest.mark.parametrize(("reader", "reason"), [(CrashingReader(), "crashed"), (EndlessReader(), "timeout")])
def test_what_breaks_its_reader_is_tried_again_and_then_goes_to_a_person(
    engine: sa.Engine, tmp_path: Path, reader: FakeReader, reason: str
) -> None:
    service = Service(engine, tmp_path, reader)
    document_id = service.hand_in(BROKEN)
    for attempt in (1, 2):
        assert service.worker.work_once()
        row = service.row(document_id)
        assert (row["state"], row["attempts"]) == ("queued", attempt)
    assert len(service.courier.sent) == 3
    assert service.worker.work_once()
    assert service.state(document_id) == ("needs_review", reason)
    assert not service.worker.work_once()
    with read(engine) as conn:
        assert conn.execute(sa.select(tasks.c.document_id)).scalar_one() == document_id


@pytest.mark.parametrize(
    "verdict", [lambda: Rejected("crashed"), lambda: _raise(CrashedError()), lambda: _raise(ZeroDivisionError())]
)
def test_a_breakdown_is_one_however_it_is_told(service: Service, verdict: Any) -> None:
    document_id = service.hand_in(BROKEN)
    worker = service.worker_of(service.reader, lambda _data, _name, _tools: verdict())
    for _ in range(3):
        assert worker.work_once()
    assert service.state(document_id) == ("needs_review", "crashed")


def _raise(error: Exception) -> Verdict:
    raise error


def test_a_reason_that_is_raised_rejects(service: Service) -> None:
    document_id = service.hand_in(BROKEN)
    service.worker_of(service.reader, lambda _data, _name, _tools: _raise(EncryptedError())).work_once()
    assert service.state(document_id) == ("rejected", "encrypted")


def test_an_original_that_has_gone_from_the_disk_goes_to_a_person(service: Service) -> None:
    document_id = service.hand_in(INVOICE)
    service.files.path(service.row(document_id)["sha256"]).unlink()
    service.finish()
    assert service.state(document_id) == ("needs_review", "crashed")


def test_a_full_disk_costs_no_attempt_and_nothing_is_published(service: Service, tmp_path: Path) -> None:
    document_id = service.hand_in(INVOICE)
    room = service.worker.files

    class FullForNew(FullDisk):
        def get(self, sha256: str) -> bytes:
            return room.get(sha256)

    service.worker.files = FullForNew(tmp_path / "full")
    assert service.worker.work_once()
    row = service.row(document_id)
    assert (row["state"], row["attempts"]) == ("queued", 0)
    assert not service.worker.work_once()  # not at once
    with read(service.engine) as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(invoices)).scalar_one() == 0
    service.worker.files = room
    service.clock.forward(service.settings.sweep)
    assert service.worker.work_once()
    assert service.state(document_id) == ("filed", "")


@pytest.mark.parametrize(("failures", "state"), [(2, "filed"), (3, "queued")])
def test_publishing_that_meets_another_is_tried_again(
    service: Service, monkeypatch: pytest.MonkeyPatch, failures: int, state: str
) -> None:
    document_id = service.hand_in(INVOICE)
    really = store.publish
    met: list[int] = []

    def publish(*arguments: Any, **more: Any) -> store.Published:
        published = really(*arguments, **more)
        if len(met) < failures:
            met.append(1)
            raise OperationalError("UPDATE", {}, Exception("deadlock detected"))
        return published

    monkeypatch.setattr(store, "publish", publish)
    assert service.worker.work_once()
    assert service.state(document_id)[0] == state
    assert service.row(document_id)["attempts"] == (1 if state == "filed" else 0)


def test_the_slower_of_two_workers_publishes_nothing(service: Service) -> None:
    """The lease of the first runs out while it reads; the second finishes; the first finds the fence closed."""
    document_id = service.hand_in(INVOICE)
    other = service.worker_of(FakeReader({INVOICE: extraction()}))

    def slow(_data: bytes, _name: str, _tools: Tools) -> Verdict:
        service.clock.forward(service.settings.lease + 1)
        other.sweep()
        assert other.work_once()
        return decided(needs_review("24112000000000000001"))

    assert service.worker_of(service.reader, slow).work_once()
    row = service.row(document_id)
    assert (row["state"], row["attempts"]) == ("filed", 2)
    with read(service.engine) as conn:
        assert list(conn.scalars(sa.select(invoices.c.state))) == ["filed"]
        assert [entry.action for entry in audit.entries(conn)] == ["received", "filed"]


def test_a_long_drawing_keeps_its_lease(engine: sa.Engine, tmp_path: Path) -> None:
    service = Service(engine, tmp_path)

    class SlowRenderer(FakeReader):
        def render(self, data: bytes, page: int, turn: int, long_side: int) -> bytes:
            service.clock.forward(service.settings.lease / 2)
            assert jobs.sweep(engine, service.courier, service.clock(), 3).voided == 0
            return super().render(data, page, turn, long_side)

    document_id = service.hand_in(INVOICE)
    service.worker_of(SlowRenderer({INVOICE: extraction(6)})).work_once()
    assert service.state(document_id) == ("filed", "")


def test_run_works_on_announcements_sweeps_and_survives_trouble(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.worker.PAUSE", 0.01)
    lost = service.hand_in(INVOICE)
    service.courier.flush()
    service.clock.forward(60)
    stop = threading.Event()
    really = service.worker.sweep
    troubles: list[int] = []

    def sweep() -> jobs.Swept:
        if not troubles:
            troubles.append(1)
            service.clock.forward(60)
            raise ConnectionError("the queue is away")
        return really()

    monkeypatch.setattr(service.worker, "sweep", sweep)
    runner = threading.Thread(target=service.worker.run, args=(stop,))
    runner.start()
    patience = threading.Event()
    for _ in range(400):
        if service.state(lost)[0] == "filed":
            break
        patience.wait(0.05)
    stop.set()
    runner.join()
    assert service.state(lost) == ("filed", "")
    assert troubles


def test_one_worker_sweeps_for_all(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    swept: list[str] = []
    workers = [service.worker_of(service.reader) for _ in range(3)]
    for number, worker in enumerate(workers):
        monkeypatch.setattr(worker, "sweep", lambda number=number: swept.append(str(number)))
    for _ in range(2):
        for worker in workers:
            worker._sweep_when_due()
    assert swept == ["0"]
    service.clock.now = NOON + timedelta(seconds=service.settings.sweep)
    for worker in reversed(workers):
        worker._sweep_when_due()
    assert swept == ["0", "2"]

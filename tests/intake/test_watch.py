from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import status
from intake.db import documents, read, write
from intake.errors import IntakeError
from intake.files import LocalFiles
from intake.model import DocumentState
from intake.ports import ByteStream, StoredFile
from intake.reasons import NOT_AN_INVOICE, sentences
from intake.submit import Submit
from intake.watch import Watcher
from ocr.errors import REASONS
from tests.fakes import FakeClock, FullDisk, MemoryCourier, settings

PDF = b"%PDF-1.7 paper"
SETTLE = 3.0


class Ticks:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """A watched folder and what is needed around it."""

    def __init__(self, engine: sa.Engine, place: Path) -> None:
        self.engine = engine
        self.inbox = place / "inbox"
        self.ticks = Ticks()
        self.clock = FakeClock()
        self.submit = Submit(
            engine, LocalFiles(place / "files"), MemoryCourier(), self.clock, settings(place, max_upload=100)
        )
        self.watcher = self.restarted()

    def restarted(self) -> Watcher:
        return Watcher(self.inbox, self.submit, settle=SETTLE, ticks=self.ticks)

    def put(self, name: str, data: bytes = PDF) -> Path:
        place = self.inbox / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        return place

    def settle(self) -> int:
        self.watcher.look()
        self.ticks.now += SETTLE
        return self.watcher.look()

    def names(self, below: str) -> list[str]:
        return sorted(str(path.relative_to(self.inbox / below)) for path in (self.inbox / below).rglob("*.*"))

    def received(self) -> int:
        return status.counts(self.engine).received

    def reject(self, reason: str) -> None:
        with write(self.engine) as conn:
            conn.execute(sa.update(documents).values(state="rejected", reason=reason, done_at=self.clock()))


@pytest.fixture
def desk(engine: sa.Engine, tmp_path: Path) -> Desk:
    return Desk(engine, tmp_path)


def test_a_settled_file_is_received_and_moved_to_done(desk: Desk) -> None:
    desk.put("发票.pdf")
    assert desk.settle() == 1
    assert desk.names("done") == ["发票.pdf"]
    assert (desk.inbox / "done" / "发票.pdf").read_bytes() == PDF
    with read(desk.engine) as conn:
        row = conn.execute(sa.select(documents)).mappings().one()
    assert (row["name"], row["channel"], row["interactive"], row["state"]) == ("发票.pdf", "watch", False, "queued")
    assert desk.settle() == 0
    assert desk.received() == 1


def test_a_file_that_still_grows_is_left_alone(desk: Desk) -> None:
    place = desk.put("scan.pdf", b"begin")
    for length in range(3):
        assert desk.watcher.look() == 0
        desk.ticks.now += SETTLE
        place.write_bytes(b"begin" + b"x" * (length + 1))
    assert desk.watcher.look() == 0
    desk.ticks.now += SETTLE
    assert desk.watcher.look() == 1


def test_a_file_that_changes_while_it_is_read_is_taken_when_it_is_still(desk: Desk) -> None:
    place = desk.put("scan.pdf", b"short")
    desk.watcher.look()
    desk.ticks.now += SETTLE
    real = desk.submit.files.take

    class Growing(LocalFiles):
        def take(self, stream: ByteStream) -> StoredFile:
            place.write_bytes(b"short and the rest")
            return real(stream)

    desk.submit.files = Growing(desk.inbox.parent / "files")
    assert desk.watcher.look() == 0
    assert desk.received() == 0
    desk.submit.files = LocalFiles(desk.inbox.parent / "files")
    assert desk.settle() == 1
    with read(desk.engine) as conn:
        kept = conn.execute(sa.select(documents.c.sha256)).scalar_one()
    assert desk.submit.files.get(kept) == b"short and the rest"


def test_sub_folders_are_watched_and_kept(desk: Desk) -> None:
    desk.put("一月/差旅/a.pdf")
    desk.put("done.pdf")
    assert desk.settle() == 2
    assert desk.names("done") == ["done.pdf", "一月/差旅/a.pdf"]


@pytest.mark.parametrize(
    "name",
    ["a.pdf.part", "~$a.docx", "a.pdf.crdownload", ".hidden.pdf", "a.TMP", "Thumbs.db", "done/a.pdf", "failed/a.pdf"],
)
def test_unfinished_hidden_and_finished_files_are_ignored(desk: Desk, name: str) -> None:
    place = desk.put(name)
    assert desk.settle() == 0
    assert place.exists()


def test_links_are_not_followed(desk: Desk, tmp_path: Path) -> None:
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(b"secret")
    (desk.inbox / "link.pdf").symlink_to(secret)
    (desk.inbox / "folder").symlink_to(tmp_path)
    assert desk.settle() == 0
    assert desk.received() == 0


def test_nothing_in_done_is_overwritten(desk: Desk) -> None:
    for data in (b"one", b"two", b"three"):
        desk.put("a.pdf", data)
        assert desk.settle() == 1
    assert desk.names("done") == ["a.20261124-000002.pdf", "a.20261124-000003.pdf", "a.pdf"]
    contents = {path.read_bytes() for path in (desk.inbox / "done").iterdir()}
    assert contents == {b"one", b"two", b"three"}


def test_a_crash_between_receipt_and_move_does_not_duplicate(desk: Desk) -> None:
    place = desk.put("a.pdf")
    found = place.stat()
    desk.settle()
    (desk.inbox / "done" / "a.pdf").rename(place)  # as if the move had not happened
    assert place.stat().st_mtime_ns == found.st_mtime_ns
    desk.watcher = desk.restarted()
    assert desk.settle() == 1
    assert desk.received() == 1
    assert desk.names("done") == ["a.pdf"]


@pytest.mark.parametrize(("data", "reason"), [(b"", "empty"), (b"x" * 101, "too_large")])
def test_what_is_refused_at_once_goes_to_failed_with_a_note(desk: Desk, data: bytes, reason: str) -> None:
    desk.put("sub/a.pdf", data)
    assert desk.settle() == 1
    assert desk.names("failed") == ["sub/a.pdf", "sub/a.pdf.txt"]
    note = (desk.inbox / "failed/sub/a.pdf.txt").read_text(encoding="utf-8-sig")
    chinese, english = sentences(reason)
    assert chinese in note
    assert english in note
    assert "20261124-000001" in note


def test_what_the_reader_rejects_moves_on_to_failed(desk: Desk) -> None:
    desk.put("good.pdf", b"good")
    desk.settle()
    desk.put("sub/bad.pdf", b"bad")
    desk.settle()
    with write(desk.engine) as conn:
        bad = sa.update(documents).where(documents.c.name == "bad.pdf")
        conn.execute(bad.values(state="rejected", reason="encrypted", done_at=desk.clock()))
    assert desk.watcher.return_rejected() == 1
    assert desk.watcher.return_rejected() == 0
    assert desk.names("done") == ["good.pdf"]
    assert desk.names("failed") == ["sub/bad.pdf", "sub/bad.pdf.txt"]
    assert sentences("encrypted")[0] in (desk.inbox / "failed/sub/bad.pdf.txt").read_text(encoding="utf-8-sig")


def test_rejections_while_the_service_was_off_are_returned_after_the_start(desk: Desk) -> None:
    desk.put("bad.pdf")
    desk.settle()
    desk.reject("truncated")
    desk.clock.forward(3600)
    desk.watcher = desk.restarted()
    assert desk.watcher.return_rejected() == 1
    assert desk.names("failed") == ["bad.pdf", "bad.pdf.txt"]


def test_with_a_full_disk_the_file_stays_and_is_taken_later(desk: Desk, tmp_path: Path) -> None:
    place = desk.put("a.pdf")
    room = desk.submit.files
    desk.submit.files = FullDisk(tmp_path / "full")
    assert desk.settle() == 0
    assert place.exists()
    desk.submit.files = room
    assert desk.watcher.look() == 1


def test_a_file_that_may_not_be_read_goes_to_failed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    place = desk.put("a.pdf")
    really = os.open

    def refuse(path: str | Path, flags: int, mode: int = 0o777) -> int:
        if Path(path) == place:
            raise PermissionError(13, "Permission denied", str(path))
        return really(path, flags, mode)

    with monkeypatch.context() as patched:
        patched.setattr("intake.watch.os.open", refuse)  # root, who runs many tests, may read every file
        assert desk.settle() == 0
    assert not place.exists()
    assert desk.names("failed") == ["a.pdf", "a.pdf.txt"]


def test_names_that_are_no_utf8_are_taken(desk: Desk) -> None:
    place = os.fsencode(desk.inbox) + b"/\xb7\xa2\xc6\xb1.pdf"  # 发票 in GBK
    Path(os.fsdecode(place)).write_bytes(b"")
    assert desk.settle() == 1
    assert len(desk.names("failed")) == 2


def test_run_works_until_it_is_stopped_and_survives_trouble(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    watcher = Watcher(desk.inbox, desk.submit, settle=0.0)
    desk.put("a.pdf")
    real = watcher.return_rejected
    calls: list[int] = []

    def trouble() -> int:
        calls.append(1)
        if len(calls) == 1:
            raise IntakeError("the database is away")
        stop.set()
        return real()

    monkeypatch.setattr(watcher, "return_rejected", trouble)
    watcher.run(stop)
    assert len(calls) == 2
    assert desk.names("done") == ["a.pdf"]


def test_every_reason_has_a_sentence_of_its_own_in_both_languages() -> None:
    texts = [sentences(reason) for reason in (*REASONS, NOT_AN_INVOICE)]
    assert len({chinese for chinese, _ in texts}) == len(texts)
    assert len({english for _, english in texts}) == len(texts)
    assert sentences("of another version") == sentences("unreadable")


def test_states_of_a_rejected_folder_file_stay_balanced(desk: Desk) -> None:
    desk.put("a.pdf", b"")
    desk.settle()
    counts = status.counts(desk.engine)
    assert counts.by_state[DocumentState.REJECTED] == 1
    assert counts.balanced

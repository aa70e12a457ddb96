from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from intake import accounts, audit, status
from intake.db import audit_log, documents, read
from intake.errors import ForbiddenError
from intake.files import LocalFiles
from intake.model import SERVICE, Actor, Channel, DocumentState, Role
from intake.ports import Courier, Files
from intake.submit import LONGEST_NAME, Receipt, Submit, safe_name
from tests.fakes import BrokenCourier, FakeClock, FullDisk, MemoryCourier, settings

PDF = b"%PDF-1.7 paper"


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "files")


@pytest.fixture
def courier() -> MemoryCourier:
    return MemoryCourier()


@pytest.fixture
def make(engine: sa.Engine, tmp_path: Path) -> Callable[..., Submit]:
    def make(files: Files, courier: Courier, clock: FakeClock | None = None, most: int = 1000) -> Submit:
        return Submit(engine, files, courier, clock or FakeClock(), settings(tmp_path, max_upload=most))

    return make


@pytest.fixture
def submit(make: Callable[..., Submit], files: LocalFiles, courier: MemoryCourier) -> Submit:
    return make(files, courier)


@pytest.fixture
def clerk(engine: sa.Engine) -> Actor:
    return accounts.create(engine, "clerk", "录入员", Role.CLERK)[0].actor()


def row_of(engine: sa.Engine, receipt: Receipt) -> sa.RowMapping:
    with read(engine) as conn:
        return conn.execute(sa.select(documents).where(documents.c.id == receipt.document_id)).mappings().one()


def test_a_received_file_is_kept_has_a_row_and_is_announced(
    submit: Submit, engine: sa.Engine, files: LocalFiles, courier: MemoryCourier, clerk: Actor
) -> None:
    receipt = submit.receive(clerk, PDF, "发票.pdf", Channel.WEB)

    assert receipt.receipt == "20261124-000001"
    assert receipt.sha256 == hashlib.sha256(PDF).hexdigest()
    assert (receipt.size, receipt.repeated, receipt.reason) == (len(PDF), False, "")
    assert files.get(receipt.sha256) == PDF
    row = row_of(engine, receipt)
    assert (row["name"], row["state"], row["submitted_by"], row["channel"]) == ("发票.pdf", "queued", clerk.id, "web")
    assert courier.sent == [(receipt.document_id, True)]


def test_a_stream_is_read_to_its_end(submit: Submit, files: LocalFiles) -> None:
    data = bytes(range(256)) * 20_000
    receipt = submit.receive(SERVICE, io.BytesIO(data), "a.pdf", Channel.COMMAND)
    assert files.get(receipt.sha256) == data


def test_receipts_count_up_within_a_day_in_china(
    make: Callable[..., Submit], files: LocalFiles, courier: MemoryCourier
) -> None:
    clock = FakeClock(datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC))
    submit = make(files, courier, clock)
    first = submit.receive(SERVICE, PDF, "a.pdf", Channel.COMMAND)
    clock.forward(2)  # midnight in Beijing
    second = submit.receive(SERVICE, PDF, "a.pdf", Channel.COMMAND)
    third = submit.receive(SERVICE, PDF, "a.pdf", Channel.COMMAND)
    assert [each.receipt for each in (first, second, third)] == [
        "20261124-000001",
        "20261125-000001",
        "20261125-000002",
    ]


def test_the_same_bytes_again_are_a_document_of_their_own(submit: Submit, clerk: Actor) -> None:
    first = submit.receive(clerk, PDF, "a.pdf", Channel.WEB)
    second = submit.receive(clerk, PDF, "a.pdf", Channel.WEB)
    assert first.document_id != second.document_id
    assert not second.repeated


def test_a_retry_gets_the_first_receipt(submit: Submit, engine: sa.Engine, courier: MemoryCourier) -> None:
    first = submit.receive(SERVICE, PDF, "a.pdf", Channel.COMMAND, idempotency="k" * 200)
    again = submit.receive(SERVICE, PDF, "b.pdf", Channel.COMMAND, idempotency="k" * 200)
    assert again.repeated
    assert (again.document_id, again.receipt) == (first.document_id, first.receipt)
    assert len(courier.sent) == 1
    assert status.counts(engine).received == 1


def test_a_key_that_comes_with_other_bytes_loses_no_file(submit: Submit, files: LocalFiles) -> None:
    first = submit.receive(SERVICE, PDF, "a.pdf", Channel.COMMAND, idempotency="k")
    other = submit.receive(SERVICE, PDF + b"2", "a.pdf", Channel.COMMAND, idempotency="k")
    assert other.document_id != first.document_id
    assert files.get(other.sha256) == PDF + b"2"


def test_a_key_is_its_senders_own(submit: Submit, clerk: Actor) -> None:
    first = submit.receive(clerk, PDF, "a.pdf", Channel.WEB, idempotency="k")
    other = submit.receive(SERVICE, PDF, "a.pdf", Channel.WEB, idempotency="k")
    assert not other.repeated
    assert other.document_id != first.document_id


@pytest.mark.parametrize(("data", "reason"), [(b"", "empty"), (b"x" * 1001, "too_large")])
def test_empty_and_oversized_files_are_kept_and_refused_with_a_receipt(
    submit: Submit, engine: sa.Engine, files: LocalFiles, courier: MemoryCourier, data: bytes, reason: str
) -> None:
    receipt = submit.receive(SERVICE, io.BytesIO(data), "a.pdf", Channel.COMMAND)
    row = row_of(engine, receipt)
    assert (row["state"], row["reason"], receipt.reason) == (DocumentState.REJECTED, reason, reason)
    assert row["done_at"] == row["received_at"]
    assert files.get(receipt.sha256) == data
    assert courier.sent == []
    with read(engine) as conn:
        assert list(conn.scalars(sa.select(audit_log.c.action).order_by(audit_log.c.id))) == ["received", "rejected"]


def test_a_queue_that_is_away_does_not_matter(make: Callable[..., Submit], files: LocalFiles) -> None:
    receipt = make(files, BrokenCourier()).receive(SERVICE, PDF, "a.pdf", Channel.COMMAND)
    assert receipt.receipt == "20261124-000001"


def test_without_room_on_the_disk_there_is_no_receipt_and_no_row(
    make: Callable[..., Submit], engine: sa.Engine, tmp_path: Path, courier: MemoryCourier
) -> None:
    with pytest.raises(OSError, match="No space left"):
        make(FullDisk(tmp_path / "full"), courier).receive(SERVICE, PDF, "a.pdf", Channel.COMMAND)
    assert status.counts(engine).received == 0
    assert courier.sent == []


def test_who_may_not_submit_is_refused_before_anything_is_kept(submit: Submit, files: LocalFiles) -> None:
    with pytest.raises(ForbiddenError):
        submit.receive(Actor(None, "auditor", Role.AUDITOR), PDF, "a.pdf", Channel.WEB)
    with pytest.raises(KeyError):
        files.get(hashlib.sha256(PDF).hexdigest())


def test_each_receipt_is_in_the_audit_log(submit: Submit, engine: sa.Engine, clerk: Actor) -> None:
    receipt = submit.receive(clerk, PDF, "a.pdf", Channel.PHONE)
    with read(engine) as conn:
        last = list(audit.entries(conn))[-1]
    assert (last.actor, last.action, last.subject) == ("clerk", "received", f"document:{receipt.document_id}")
    assert last.detail == {"receipt": receipt.receipt, "sha256": receipt.sha256, "channel": "phone"}
    assert audit.verify(engine) == []


def test_twenty_submit_at_once_and_every_receipt_is_unique_and_kept(
    submit: Submit, engine: sa.Engine, files: LocalFiles
) -> None:
    receipts: list[Receipt] = []

    def hand_in(number: int) -> None:
        for turn in range(5):
            data = f"{number}.{turn}".encode()
            receipts.append(submit.receive(SERVICE, data, "a.pdf", Channel.COMMAND, idempotency=f"{number}.{turn}"))

    threads = [threading.Thread(target=hand_in, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(receipts) == 100
    assert sorted(receipt.receipt for receipt in receipts) == [f"20261124-{number:06d}" for number in range(1, 101)]
    assert len({receipt.document_id for receipt in receipts}) == 100
    assert all(hashlib.sha256(files.get(receipt.sha256)).hexdigest() == receipt.sha256 for receipt in receipts)
    counts = status.counts(engine)
    assert (counts.received, counts.by_state[DocumentState.QUEUED], counts.balanced) == (100, 100, True)
    assert audit.verify(engine) == []


def test_the_same_retry_in_many_threads_makes_one_document(submit: Submit, engine: sa.Engine) -> None:
    start = threading.Barrier(8)
    receipts: list[Receipt] = []

    def hand_in() -> None:
        start.wait()
        receipts.append(submit.receive(SERVICE, PDF, "a.pdf", Channel.COMMAND, idempotency="once"))

    threads = [threading.Thread(target=hand_in) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({receipt.receipt for receipt in receipts}) == 1
    assert [receipt.repeated for receipt in receipts].count(False) == 1
    assert status.counts(engine).received == 1
    assert status.counts(engine).balanced


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("发票 1.pdf", "发票 1.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.PDF", "a.PDF"),
        ("a\x00b\r\n.pdf", "ab.pdf"),
        ("fdp.\u202eexe.pdf", "fdp.exe.pdf"),
        ("  ..  ", "unnamed"),
        ("", "unnamed"),
        ("folder/", "unnamed"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
        ("y" * 300, "y" * 150),
        ("a." + "z" * 300, "a." + "z" * 148),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(st.characters(), max_size=400))
def test_safe_names_are_safe_and_stay_what_they_are(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= LONGEST_NAME
    assert "/" not in safe
    assert "\\" not in safe
    assert safe not in {".", ".."}
    assert safe.encode("utf-8")
    assert safe_name(safe) == safe

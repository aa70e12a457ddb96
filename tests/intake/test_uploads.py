from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import accounts
from intake.db import documents, read
from intake.errors import (
    ChecksumWrongError,
    EmptyUploadError,
    ForbiddenError,
    IntakeError,
    NotFoundError,
    OffsetWrongError,
    TooLargeUploadError,
    TooManyUploadsError,
    UploadBusyError,
)
from intake.files import LocalFiles
from intake.model import Actor, Channel, Role
from intake.submit import Submit
from intake.uploads import MOST_OPEN, Upload, Uploads
from tests.fakes import FakeClock, FullDisk, MemoryCourier, settings

DATA = b"%PDF-1.7 " + bytes(range(256)) * 4


class Cut(io.BytesIO):
    """A line that breaks after some bytes."""

    def read(self, size: int | None = -1, /) -> bytes:
        del size
        block = super().read(100)
        if not block:
            raise ConnectionResetError
        return block


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def uploads(engine: sa.Engine, tmp_path: Path, clock: FakeClock) -> Uploads:
    limits = settings(tmp_path, max_upload=5000)
    submit = Submit(engine, LocalFiles(tmp_path / "files"), MemoryCourier(), clock, limits)
    return Uploads(engine, tmp_path / "uploads", submit, clock, limits)


@pytest.fixture
def clerk(engine: sa.Engine) -> Actor:
    return accounts.create(engine, "clerk", "录入员", Role.CLERK)[0].actor()


def begin(uploads: Uploads, who: Actor, key: str = "t", **more: object) -> Upload:
    return uploads.begin(who, len(DATA), "发票.pdf", Channel.PHONE, token=key, **more)  # type: ignore[arg-type]


def count(engine: sa.Engine) -> int:
    with read(engine) as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(documents)).scalar_one())


def test_pieces_become_one_document_with_all_their_bytes(uploads: Uploads, clerk: Actor, engine: sa.Engine) -> None:
    upload = begin(uploads, clerk, cut=(0.1, 0.1, 0.9, 0.1, 0.9, 0.9, 0.1, 0.9))
    assert uploads.append(clerk, upload.id, 0, io.BytesIO(DATA[:400])).received == 400
    assert count(engine) == 0
    assert uploads.find(clerk, upload.id).document_id is None
    done = uploads.append(clerk, upload.id, 400, io.BytesIO(DATA[400:]))
    with read(engine) as conn:
        row = conn.execute(sa.select(documents)).mappings().one()
    assert done.document_id == row["id"]
    assert row["sha256"] == hashlib.sha256(DATA).hexdigest()
    assert (row["name"], row["channel"], len(row["cut"])) == ("发票.pdf", "phone", 8)
    assert list(uploads.folder.iterdir()) == []
    assert uploads.append(clerk, upload.id, len(DATA), io.BytesIO()).document_id == row["id"]


def test_what_came_before_the_line_broke_is_kept(uploads: Uploads, clerk: Actor) -> None:
    upload = begin(uploads, clerk)
    with pytest.raises(ConnectionResetError):
        uploads.append(clerk, upload.id, 0, Cut(DATA[:300]))
    assert uploads.find(clerk, upload.id).received == 300
    assert uploads.append(clerk, upload.id, 300, io.BytesIO(DATA[300:])).document_id is not None


def test_bytes_that_were_never_told_are_cut_off(uploads: Uploads, clerk: Actor, engine: sa.Engine) -> None:
    upload = begin(uploads, clerk)
    uploads.append(clerk, upload.id, 0, io.BytesIO(DATA[:300]))
    with (uploads.folder / upload.id).open("ab") as file:
        file.write(b"written, but the machine stopped before the row")
    uploads.append(clerk, upload.id, 300, io.BytesIO(DATA[300:]))
    with read(engine) as conn:
        assert conn.execute(sa.select(documents.c.sha256)).scalar_one() == hashlib.sha256(DATA).hexdigest()


def test_a_token_takes_up_what_was_begun_and_makes_one_document(
    uploads: Uploads, clerk: Actor, engine: sa.Engine
) -> None:
    first = begin(uploads, clerk)
    uploads.append(clerk, first.id, 0, io.BytesIO(DATA[:300]))
    again = begin(uploads, clerk)
    assert (again.id, again.received) == (first.id, 300)
    done = uploads.append(clerk, first.id, 300, io.BytesIO(DATA[300:]))
    assert begin(uploads, clerk).document_id == done.document_id
    uploads.drop(clerk, first.id)
    other = begin(uploads, clerk)
    assert other.id != first.id
    assert uploads.append(clerk, other.id, 0, io.BytesIO(DATA)).document_id == done.document_id
    assert count(engine) == 1


def test_a_full_disk_makes_no_document_and_the_next_try_does(
    engine: sa.Engine, tmp_path: Path, uploads: Uploads, clerk: Actor
) -> None:
    upload = begin(uploads, clerk)
    room = uploads.submit.files
    uploads.submit.files = FullDisk(tmp_path / "full")
    with pytest.raises(OSError, match="space"):
        uploads.append(clerk, upload.id, 0, io.BytesIO(DATA))
    assert (count(engine), uploads.find(clerk, upload.id).received) == (0, len(DATA))
    uploads.submit.files = room
    assert uploads.append(clerk, upload.id, len(DATA), io.BytesIO()).document_id is not None


@pytest.mark.parametrize(
    ("offset", "data", "checksum", "error"),
    [
        (1, b"x", None, OffsetWrongError),
        (299, b"x", None, OffsetWrongError),
        (301, b"x", None, OffsetWrongError),
        (300, DATA, None, TooLargeUploadError),
        (300, b"x", ("sha256", b"wrong"), ChecksumWrongError),
        (300, DATA[300:], ("sha1", hashlib.sha1(b"", usedforsecurity=False).digest()), ChecksumWrongError),
    ],
)
def test_a_piece_that_lies_changes_nothing(
    uploads: Uploads,
    clerk: Actor,
    engine: sa.Engine,
    offset: int,
    data: bytes,
    checksum: tuple[str, bytes] | None,
    error: type[IntakeError],
) -> None:
    upload = begin(uploads, clerk)
    uploads.append(clerk, upload.id, 0, io.BytesIO(DATA[:300]))
    with pytest.raises(error):
        uploads.append(clerk, upload.id, offset, io.BytesIO(data), checksum=checksum)
    assert uploads.find(clerk, upload.id).received == 300
    right = ("sha256", hashlib.sha256(DATA[300:]).digest())
    assert uploads.append(clerk, upload.id, 300, io.BytesIO(DATA[300:]), checksum=right).document_id is not None
    assert count(engine) == 1


def test_two_pieces_are_never_written_at_once(uploads: Uploads, clerk: Actor) -> None:
    upload = begin(uploads, clerk)

    class Nosy(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            with pytest.raises(UploadBusyError):
                uploads.append(clerk, upload.id, 0, io.BytesIO(DATA))
            return super().read(size)

    assert uploads.append(clerk, upload.id, 0, Nosy(DATA)).document_id is not None


def test_an_upload_is_its_own_persons(uploads: Uploads, clerk: Actor, engine: sa.Engine) -> None:
    upload = begin(uploads, clerk)
    other = accounts.create(engine, "other", "同事", Role.SUPERVISOR)[0].actor()
    acts: list[Callable[[Actor], object]] = [
        lambda who: uploads.find(who, upload.id),
        lambda who: uploads.append(who, upload.id, 0, io.BytesIO(DATA)),
        lambda who: uploads.drop(who, upload.id),
    ]
    for act in acts:
        with pytest.raises(NotFoundError):
            act(other)
        with pytest.raises(ForbiddenError):
            act(Actor(clerk.id, "clerk", Role.AUDITOR))
    assert begin(uploads, other).id != upload.id


@pytest.mark.parametrize("number", ["", "nothing", "../../secret_key", "..", "x" * 400])
def test_an_id_of_no_upload_names_no_file(uploads: Uploads, clerk: Actor, number: str) -> None:
    with pytest.raises(NotFoundError):
        uploads.append(clerk, number, 0, io.BytesIO(DATA))
    assert list(uploads.folder.iterdir()) == []


def test_limits_hold_before_anything_is_sent(uploads: Uploads, clerk: Actor) -> None:
    with pytest.raises(TooLargeUploadError):
        uploads.begin(clerk, 5001, "a.pdf", Channel.WEB)
    with pytest.raises(EmptyUploadError):
        uploads.begin(clerk, 0, "a.pdf", Channel.WEB)
    for at in range(MOST_OPEN):
        begin(uploads, clerk, f"t{at}")
    with pytest.raises(TooManyUploadsError):
        begin(uploads, clerk, "one more")


def test_what_nobody_goes_on_with_is_removed(
    uploads: Uploads, clerk: Actor, clock: FakeClock, engine: sa.Engine
) -> None:
    old = begin(uploads, clerk)
    uploads.append(clerk, old.id, 0, io.BytesIO(DATA[:300]))
    os.utime(uploads.folder / old.id, (clock().timestamp(),) * 2)
    clock.forward(23 * 3600)
    fresh = begin(uploads, clerk, "u")
    assert uploads.clean(clock()) == 0
    clock.forward(1.5 * 3600)
    with pytest.raises(NotFoundError):
        uploads.find(clerk, old.id)
    assert uploads.clean(clock()) == 1
    assert not (uploads.folder / old.id).exists()
    assert uploads.append(clerk, fresh.id, 0, io.BytesIO(DATA)).document_id is not None
    assert count(engine) == 1

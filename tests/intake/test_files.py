from __future__ import annotations

import hashlib
import io
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from intake.files import INCOMING, LocalFiles


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "files")


def left_behind(files: LocalFiles) -> list[Path]:
    return list((files.root / INCOMING).iterdir())


def test_bytes_come_back_by_their_hash(files: LocalFiles) -> None:
    sha256 = files.put(b"paper")
    assert sha256 == hashlib.sha256(b"paper").hexdigest()
    assert files.get(sha256) == b"paper"
    assert files.path(sha256) == files.root / sha256[:2] / sha256[2:4] / sha256
    assert left_behind(files) == []


def test_a_stream_is_stored_like_bytes(files: LocalFiles) -> None:
    data = os.urandom(3 << 20) + b"tail"
    stored = files.take(io.BytesIO(data))
    assert (stored.sha256, stored.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert files.get(stored.sha256) == data


def test_what_is_not_there_raises(files: LocalFiles) -> None:
    with pytest.raises(KeyError):
        files.get("0" * 64)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 63 + "/", "0" * 62 + ".."])
def test_only_hashes_name_files(files: LocalFiles, name: str) -> None:
    with pytest.raises(KeyError):
        files.path(name)


def test_a_damaged_file_is_healed_by_the_same_upload(files: LocalFiles) -> None:
    sha256 = files.put(b"paper")
    files.path(sha256).write_bytes(b"pap")
    files.put(b"paper")
    assert files.get(sha256) == b"paper"


def test_bytes_and_names_are_synced_before_the_hash_is_given(
    files: LocalFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, str]] = []
    really_sync, really_replace = os.fsync, Path.replace

    def sync(descriptor: int) -> None:
        done.append(("sync", str(Path(f"/proc/self/fd/{descriptor}").readlink())))
        really_sync(descriptor)

    def replace(place: Path, target: Path) -> Path:
        done.append(("rename", str(target)))
        return really_replace(place, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", replace)
    sha256 = files.put(b"paper")

    target = files.path(sha256)
    steps = [step for step, _ in done]
    assert done[0][0] == "sync"
    assert done[0][1].startswith(str(files.root / INCOMING))
    assert steps.index("rename") > 0
    assert done[-1] == ("sync", str(target.parent))
    # the new folders are names too
    assert ("sync", str(files.root)) in done
    assert ("sync", str(target.parent.parent)) in done


def test_a_stream_that_breaks_leaves_nothing(files: LocalFiles) -> None:
    class Broken:
        def __init__(self) -> None:
            self.blocks = [b"x" * 100]

        def read(self, size: int = -1, /) -> bytes:
            del size
            if self.blocks:
                return self.blocks.pop()
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        files.take(Broken())
    assert left_behind(files) == []
    assert [place for place in files.root.rglob("*") if place.is_file()] == []


def test_only_abandoned_uploads_are_removed(files: LocalFiles) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    for name, age in (("old", timedelta(days=2)), ("new", timedelta(hours=1))):
        place = files.root / INCOMING / name
        place.write_bytes(b"half")
        moment = (now - age).timestamp()
        os.utime(place, (moment, moment))
    assert files.remove_abandoned(now) == 1
    assert [place.name for place in left_behind(files)] == ["new"]


def test_many_threads_store_the_same_bytes(files: LocalFiles) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(files.put(b"same"))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12
    assert files.get(found[0]) == b"same"
    assert left_behind(files) == []

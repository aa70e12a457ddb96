from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import status
from intake.db import connect
from intake.files import INCOMING

HERE = Path(__file__).parents[2]
ROOM = 1 << 20
SUBMIT = f"""
import resource, signal, sys
from pathlib import Path
from intake.clock import system_clock
from intake.db import connect
from intake.files import LocalFiles
from intake.model import SERVICE, Channel
from intake.submit import Submit
from tests.fakes import MemoryCourier, settings

folder, database, size = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then a write beyond the limit fails as on a full disk
resource.setrlimit(resource.RLIMIT_FSIZE, ({ROOM}, {ROOM}))
door = Submit(connect(database), LocalFiles(folder / "files"), MemoryCourier(), system_clock, settings(folder))
try:
    print(door.receive(SERVICE, bytes(size), "a.pdf", Channel.COMMAND).receipt)
except OSError as error:
    print(type(error).__name__)
"""


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[sa.Engine]:
    made = connect(sqlite_url)
    yield made
    made.dispose()


def submit(folder: Path, database: str, size: int) -> str:
    command = [sys.executable, "-c", SUBMIT, str(folder), database, str(size)]
    return subprocess.run(command, cwd=HERE, check=True, capture_output=True, text=True).stdout.strip()


def test_when_the_disk_takes_no_more_there_is_no_receipt_no_row_and_no_rest(
    engine: sa.Engine, sqlite_url: str, tmp_path: Path
) -> None:
    assert submit(tmp_path, sqlite_url, 2 * ROOM) == "OSError"
    assert status.counts(engine).received == 0
    assert list((tmp_path / "files" / INCOMING).iterdir()) == []
    assert [place for place in (tmp_path / "files").rglob("*") if place.is_file()] == []

    assert submit(tmp_path, sqlite_url, ROOM // 2).endswith("-000001")
    assert status.counts(engine).received == 1

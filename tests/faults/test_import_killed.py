"""Imports and roll-backs that are killed in their middle: the register is as before or as after, never between."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from intake.db import read, register_changes, register_imports, register_rows, register_sellers
from intake.files import LocalFiles
from intake.model import SERVICE
from intake.register import drafts
from intake.register.importer import import_file
from intake.register.lookup import SqlRegister
from intake.register.rollback import roll_back
from tests.fakes import FakeClock
from tests.intake.register.exports import BASIC, digital_row, workbook

KILLED = """
import sys, time
from pathlib import Path
from intake.clock import system_clock
from intake.db import connect
from intake.files import LocalFiles
from intake.model import SERVICE
from intake.register import applying, difference, drafts, importer, ledger, rollback
from intake.register.importer import import_file

what, url, folder, place, name = sys.argv[1:]

def stop(*_args, **_values):
    print("in the middle", flush=True)
    time.sleep(60)

engine, files = connect(url), LocalFiles(Path(folder))
who = {"actor": SERVICE, "clock": system_clock}
if what == "import":  # every row is written
    applying.remember_sellers = stop
    import_file(engine, files, Path(place), "x", source="bureau", **who)
elif what == "prepare":  # the rows are staged
    drafts.count = stop
    drafts.prepare(engine, files, Path(place), "x", source="bureau", **who)
elif what == "apply":  # changed rows are written, new ones are not
    applying.write_new = stop
    drafts.apply(engine, files, int(name), **who)
else:  # rows are removed and restored
    rollback._settle_sellers = stop
    rollback.roll_back(engine, name, **who)
"""


def kept(engine: sa.Engine) -> list[list[Any]]:
    """All that an import or a roll-back writes, but for the list of imports."""
    with read(engine) as conn:
        return [
            [tuple(row) for row in conn.execute(sa.select(table).order_by(*table.primary_key.columns))]
            for table in (register_rows, register_changes, register_sellers)
        ]


def kill(what: str, url: str, files: LocalFiles, place: Path | str = "", name: str = "") -> None:
    command = [sys.executable, "-c", KILLED, what, url, str(files.root), str(place), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "in the middle\n"
        running.kill()


def book(tmp_path: Path, *rows: list[object]) -> Path:
    place = tmp_path / "export.xlsx"
    place.write_bytes(workbook({"发票基础信息": [BASIC, *rows]}))
    return place


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "files")


FIRST = [digital_row(index) for index in range(50)]
SECOND = [
    *(digital_row(index, 发票状态="已作废", 销方名称="新") for index in range(25)),
    *(digital_row(50 + index) for index in range(25)),
]


def test_a_killed_import_leaves_the_register_as_it_was_and_is_known_as_failed(
    engine: sa.Engine, database_url: str, files: LocalFiles, tmp_path: Path
) -> None:
    who: dict[str, Any] = {"actor": SERVICE, "clock": FakeClock()}
    import_file(engine, files, book(tmp_path, *FIRST), "x", source="bureau", **who)
    before = kept(engine)
    kill("import", database_url, files, book(tmp_path, *SECOND))
    assert kept(engine) == before
    assert SqlRegister(engine).sources()[0].failed
    report = import_file(engine, files, book(tmp_path, *SECOND), "x", source="bureau", **who)
    assert (report.new, report.changed) == (25, 25)
    assert not SqlRegister(engine).sources()[0].failed


def test_a_killed_reading_of_a_draft_leaves_no_draft(
    engine: sa.Engine, database_url: str, files: LocalFiles, tmp_path: Path
) -> None:
    kill("prepare", database_url, files, book(tmp_path, *FIRST))
    assert kept(engine) == [[], [], []]
    assert drafts.drafts(engine) == ()
    with read(engine) as conn:
        assert conn.execute(sa.select(register_imports.c.state, register_imports.c.error)).all() == [
            ("failed", "interrupted")
        ]


def test_a_draft_whose_writing_was_killed_is_a_draft_still(
    engine: sa.Engine, database_url: str, files: LocalFiles, tmp_path: Path
) -> None:
    who: dict[str, Any] = {"actor": SERVICE, "clock": FakeClock()}
    import_file(engine, files, book(tmp_path, *FIRST), "x", source="bureau", **who)
    before = kept(engine)
    draft = drafts.prepare(engine, files, book(tmp_path, *SECOND), "x", source="bureau", **who)
    kill("apply", database_url, files, name=str(draft.import_id))
    assert kept(engine) == before
    assert drafts.drafts(engine) == (draft,)
    report = drafts.apply(engine, files, draft.import_id, **who)
    assert (report.new, report.changed) == (25, 25)


def test_a_killed_roll_back_leaves_the_import_in_force(
    engine: sa.Engine, database_url: str, files: LocalFiles, tmp_path: Path
) -> None:
    who: dict[str, Any] = {"actor": SERVICE, "clock": FakeClock()}
    import_file(engine, files, book(tmp_path, *FIRST), "x", source="bureau", **who)
    before = kept(engine)
    report = import_file(engine, files, book(tmp_path, *SECOND), "x", source="bureau", **who)
    after = kept(engine)
    assert report.name is not None
    kill("roll back", database_url, files, name=report.name)
    assert kept(engine) == after
    roll_back(engine, report.name, **who)
    assert kept(engine) == before

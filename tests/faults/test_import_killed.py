"""An import that is killed in the middle of its writing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from intake.db import connect, read, register_rows
from intake.files import LocalFiles
from intake.model import SERVICE
from intake.register.importer import import_file
from intake.register.lookup import SqlRegister
from tests.fakes import FakeClock
from tests.intake.register.exports import BASIC, basic_sheet, digital_row, workbook

KILLED_IN_THE_MIDDLE = """
import sys, time
from pathlib import Path
from intake.clock import system_clock
from intake.db import connect
from intake.files import LocalFiles
from intake.model import SERVICE
from intake.register.importer import import_file

def progress(done, total):
    if done > total // 2:  # rows are being written
        print("writing", flush=True)
        time.sleep(60)

import_file(connect(sys.argv[1]), LocalFiles(Path(sys.argv[3])), Path(sys.argv[2]), "x", source="bureau", actor=SERVICE, clock=system_clock, progress=progress)
"""


def test_a_killed_import_leaves_the_register_as_it_was_and_is_known_as_failed(
    database_url: str, tmp_path: Path
) -> None:
    engine, files = connect(database_url), LocalFiles(tmp_path / "files")
    try:
        before = workbook({"发票基础信息": [BASIC, digital_row(0)]})
        import_file(engine, files, before, "x", source="bureau", actor=SERVICE, clock=FakeClock())
        place = tmp_path / "export.xlsx"
        place.write_bytes(workbook({"发票基础信息": basic_sheet(3000)}))
        command = [sys.executable, "-c", KILLED_IN_THE_MIDDLE, database_url, str(place), str(files.root)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            assert running.stdout.readline() == "writing\n"
            running.kill()
        with read(engine) as conn:
            assert conn.execute(sa.select(sa.func.count()).select_from(register_rows)).scalar_one() == 1
        assert SqlRegister(engine).sources()[0].failed
        report = import_file(engine, files, place, "x", source="bureau", actor=SERVICE, clock=FakeClock())
        assert (report.new, report.same) == (2999, 1)
        assert not SqlRegister(engine).sources()[0].failed
    finally:
        engine.dispose()

"""A synchronisation that is killed: register and watermark are as before or as after, never between."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake.db import connect, read, register_rows, register_sources
from intake.model import SERVICE
from intake.sources import catalogue
from intake.sources.sync import recover, sync
from tests.sourcing import NAME, SqlPlace, row, service, set_up

# Killed while rows are fetched, while they are written, with the watermark written and not committed, and after that.
KILLED = """
import sys, time
from pathlib import Path
from intake.db import connect
from intake.model import SERVICE
from intake.sources import bringing, sync
from tests.sourcing import NAME, service

moment = sys.argv[3]

def wait():
    print("now", flush=True)
    time.sleep(60)

def at(name, wanted, after):
    real = getattr(sync, name)
    def called(*given, **named):
        if not after: wait()
        answer = real(*given, **named)
        wait()
        return answer
    if moment == wanted: setattr(sync, name, called)

at("_succeeded", "committed", False)
def update(conn, run, **values):
    real_update(conn, run, **values)
    if moment == "watermark" and "watermark" in values: wait()
real_update, sync._update_claimed = sync._update_claimed, update
def text(cell):
    if moment == "fetching" and str(cell).endswith("48542223"): wait()
    return real_text(cell)
real_text, bringing._text = bringing._text, text
def progress(done, rows):
    if moment == "writing" and done * 10 >= rows * 8: wait()

sync.sync(service(connect(sys.argv[1]), Path(sys.argv[2])), NAME, actor=SERVICE, progress=progress)
"""


@pytest.mark.parametrize(("moment", "rows"), [("fetching", 1), ("writing", 1), ("watermark", 1), ("committed", 300)])
def test_a_killed_synchronisation_leaves_all_or_nothing(
    database_url: str, tmp_path: Path, moment: str, rows: int
) -> None:
    place = SqlPlace(sa.create_engine(f"sqlite:///{tmp_path / 'erp.sqlite3'}", poolclass=sa.NullPool))
    engine = connect(database_url)
    try:
        sources = service(engine, tmp_path)
        place.put([row(0, day="2026-11-02")])
        set_up(sources, place)
        sync(sources, NAME, actor=SERVICE)
        place.put([row(index) for index in range(1, 300)])
        command = [sys.executable, "-c", KILLED, database_url, str(tmp_path), moment]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as running:
            assert running.stdout is not None
            assert running.stdout.readline() == "now\n"
            running.kill()
        newest = date(2026, 11, 2) if rows == 1 else date(2026, 11, 20)
        with read(engine) as conn:
            assert conn.execute(sa.select(sa.func.count()).select_from(register_rows)).scalar_one() == rows
            assert conn.execute(sa.select(register_sources.c.claim)).scalar_one() is not None
        assert catalogue.find(engine, NAME).watermark.newest_issue == newest
        recover(sources)
        report = sync(sources, NAME, actor=SERVICE)
        assert (report.fault, sum(done.new for done in report.imports)) == (None, 300 - rows)
        assert catalogue.find(engine, NAME).watermark.newest_issue == date(2026, 11, 20)
    finally:
        engine.dispose()

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake.db import read, register_imports, register_rows, register_sources, write
from intake.errors import ClaimLostError, ForbiddenError, NotFoundError, SourceBusyError, SourceWaitsError
from intake.model import SERVICE, Actor, Role
from intake.sources import catalogue
from intake.sources.adapters import Sources
from intake.sources.breaker import THRESHOLD
from intake.sources.calendar import announce, bypass, resume
from intake.sources.clockwork import Clockwork
from intake.sources.errors import Fault
from intake.sources.sync import recover, sync, sync_if_due
from tests.fakes import FakeClock
from tests.register_api import RegisterApi
from tests.sourcing import ADMINISTRATOR, NAME, ApiPlace, FolderPlace, SqlPlace, age, row, service, set_up

HOUR = timedelta(hours=1)


@pytest.fixture
def place(tmp_path: Path) -> SqlPlace:
    return SqlPlace(sa.create_engine(f"sqlite:///{tmp_path / 'erp.sqlite3'}", poolclass=sa.NullPool))


def clock_of(sources: Sources) -> FakeClock:
    assert isinstance(sources.clock, FakeClock)
    return sources.clock


def forward(sources: Sources, step: timedelta) -> None:
    clock_of(sources).forward(step.total_seconds())


def registered(sources: Sources) -> int:
    with read(sources.engine) as conn:
        return conn.execute(sa.select(sa.func.count()).select_from(register_rows)).scalar_one()


def found(sources: Sources) -> catalogue.Source:
    return catalogue.find(sources.engine, NAME)


def test_the_watermark_moves_with_the_import_that_brought_the_rows(sources: Sources, place: SqlPlace) -> None:
    place.put([row(0, day="2026-11-03"), row(1, day="2026-11-21")])
    set_up(sources, place)
    report = sync(sources, NAME, actor=SERVICE)
    kept = found(sources)
    assert (kept.watermark.newest_issue, kept.watermark.asked_at) == (date(2026, 11, 21), sources.clock())
    assert (kept.synced_at, kept.error, kept.claim) == (sources.clock(), "", None)
    with read(sources.engine) as conn:
        done = conn.execute(sa.select(register_imports)).one()
    assert (done.id, done.source, done.state) == (report.imports[0].import_id, NAME, "applied")
    assert sources.files.path(done.sha256).exists()  # raw rows are kept and can be replayed


def test_an_old_row_does_not_set_the_watermark_back(sources: Sources, place: SqlPlace) -> None:
    place.put([row(0, day="2026-11-21")])
    set_up(sources, place)
    sync(sources, NAME, actor=SERVICE)
    with place.engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM purchased")
    place.put([row(1, day="2026-11-16")])
    sync(sources, NAME, actor=SERVICE)
    assert found(sources).watermark.newest_issue == date(2026, 11, 21)


def test_rows_within_the_overlap_are_asked_for_again_and_older_ones_only_by_a_full_run(
    sources: Sources, place: SqlPlace
) -> None:
    place.put([row(0, day="2026-11-21")])
    set_up(sources, place)
    sync(sources, NAME, actor=SERVICE)
    place.put([row(1, day="2026-11-14"), row(2, day="2026-11-13")])  # uploaded late; the overlap is seven days
    sync(sources, NAME, actor=SERVICE)
    assert registered(sources) == 2
    sync(sources, NAME, actor=SERVICE, full=True)
    assert registered(sources) == 3


def test_a_changed_status_within_the_overlap_is_brought(sources: Sources, place: SqlPlace) -> None:
    place.put([row(0)])
    set_up(sources, place)
    sync(sources, NAME, actor=SERVICE)
    with place.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE purchased SET status = '已作废'")
    assert sync(sources, NAME, actor=SERVICE).imports[0].changed == 1
    with read(sources.engine) as conn:
        assert conn.execute(sa.select(register_rows.c.status)).scalar_one() == "void"


def test_what_was_rolled_back_is_asked_for_again_from_the_beginning(sources: Sources, place: SqlPlace) -> None:
    place.put([row(0, day="2026-01-05"), row(1, day="2026-11-21")])
    set_up(sources, place)
    sync(sources, NAME, actor=SERVICE)
    forward(sources, HOUR)
    with write(sources.engine) as conn:  # as a roll-back leaves it
        conn.execute(sa.delete(register_rows))
        conn.execute(sa.update(register_imports).values(state="rolled_back", rolled_back_at=sources.clock()))
    forward(sources, HOUR)
    sync(sources, NAME, actor=SERVICE)
    assert registered(sources) == 2


@pytest.mark.parametrize("state", ["switched_off", "left_out", "maintenance"])
def test_a_source_that_waits_is_not_asked(small: Sources, place: SqlPlace, state: str) -> None:
    sources = small
    place.put([row(0)])
    if state == "switched_off":
        place.definition = replace(place.definition, enabled=False)
    set_up(sources, place)
    now = sources.clock()
    match state:
        case "left_out":
            bypass(sources.engine, NAME, now + HOUR, "换服务器", actor=ADMINISTRATOR, clock=sources.clock)
        case "maintenance":
            announce(sources.engine, NAME, now - HOUR, now + HOUR, "", actor=ADMINISTRATOR, clock=sources.clock)
        case _:
            pass
    with pytest.raises(SourceWaitsError):
        sync(sources, NAME, actor=SERVICE)
    assert sync_if_due(sources, NAME, actor=SERVICE) is None
    assert registered(sources) == 0


def test_a_bypass_ends_by_itself_or_by_a_person(sources: Sources, place: SqlPlace) -> None:
    set_up(sources, place)
    for _ in range(2):
        bypass(sources.engine, NAME, sources.clock() + HOUR, "换服务器", actor=ADMINISTRATOR, clock=sources.clock)
        assert sync_if_due(sources, NAME, actor=SERVICE) is None
        forward(sources, HOUR)
        assert sync_if_due(sources, NAME, actor=SERVICE) is not None
        forward(sources, HOUR)
    bypass(sources.engine, NAME, sources.clock() + HOUR, "换服务器", actor=ADMINISTRATOR, clock=sources.clock)
    resume(sources.engine, NAME, actor=ADMINISTRATOR, clock=sources.clock)
    assert sync_if_due(sources, NAME, actor=SERVICE) is not None


def test_a_source_that_is_being_synchronised_is_left_to_who_does_it(sources: Sources, place: SqlPlace) -> None:
    set_up(sources, place)
    with write(sources.engine) as conn:
        conn.execute(sa.update(register_sources).values(claim="another", lease_until=sources.clock() + HOUR))
    with pytest.raises(SourceBusyError):
        sync(sources, NAME, actor=SERVICE)
    assert sync_if_due(sources, NAME, actor=SERVICE) is None
    forward(sources, HOUR)  # its process died, its lease is over
    assert sync_if_due(sources, NAME, actor=SERVICE) is not None


def test_at_the_start_of_the_only_process_no_claim_of_a_dead_one_stands(sources: Sources, place: SqlPlace) -> None:
    set_up(sources, place)
    with write(sources.engine) as conn:
        conn.execute(sa.update(register_sources).values(claim="dead", lease_until=sources.clock() + HOUR))
    recover(sources)
    assert sync_if_due(sources, NAME, actor=SERVICE) is not None


def test_a_synchronisation_that_was_overtaken_writes_nothing(sources: Sources, place: SqlPlace) -> None:
    place.put([row(0)])
    set_up(sources, place)

    def overtake(_done: int, _rows: int) -> None:
        if sources.engine.dialect.name == "postgresql" or not taken:
            taken.append(True)
            with write(other) as conn:
                conn.execute(sa.update(register_sources).values(claim="another"))

    taken: list[bool] = []
    other = sa.create_engine(sources.engine.url) if sources.engine.dialect.name == "postgresql" else sources.engine
    with pytest.raises(ClaimLostError):
        sync(sources, NAME, actor=SERVICE, progress=lambda done, rows: None if taken else overtake(done, rows))
    other.dispose()
    assert registered(sources) == 0
    assert found(sources).watermark.newest_issue is None


def test_two_processes_never_do_it_twice(engine: sa.Engine, tmp_path: Path, place: SqlPlace) -> None:
    sources = service(engine, tmp_path, FakeClock())
    place.put([row(index) for index in range(50)])
    set_up(sources, place)
    begun = threading.Barrier(4)
    made: list[object] = []

    def run() -> None:
        begun.wait()
        made.append(sync_if_due(sources, NAME, actor=SERVICE))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report is not None for report in made) == 1
    with read(engine) as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(register_imports)).scalar_one() == 1


def test_the_breaker_opens_lets_one_try_through_and_closes_on_success(small: Sources, place: SqlPlace) -> None:
    sources = service(small.engine, small.data.parent, FakeClock())
    place.put([row(0)])
    set_up(sources, place)
    hidden = Path(str(place.engine.url.database))
    hidden.rename(hidden.with_suffix(".away"))
    for _ in range(THRESHOLD):
        report = sync(sources, NAME, actor=SERVICE)
        assert report.fault is Fault.UNREACHABLE
    kept = found(sources)
    assert kept.breaker.open_until == sources.clock() + timedelta(minutes=5)
    assert sync_if_due(sources, NAME, actor=SERVICE) is None
    forward(sources, timedelta(minutes=5))
    assert sync_if_due(sources, NAME, actor=SERVICE) is not None  # half open: it fails again
    assert sync_if_due(sources, NAME, actor=SERVICE) is None
    assert found(sources).breaker.open_until == sources.clock() + timedelta(minutes=10)
    hidden.with_suffix(".away").rename(hidden)
    forward(sources, timedelta(minutes=10))
    done = sync_if_due(sources, NAME, actor=SERVICE)
    assert done is not None
    assert done.brought
    kept = found(sources)
    assert (kept.breaker.failures, kept.breaker.open_until, kept.error) == (0, None, "")


def test_a_person_may_try_a_source_whose_breaker_is_open(small: Sources, place: SqlPlace) -> None:
    place.put([row(0)])
    set_up(small, place)
    until = small.clock() + HOUR
    with write(small.engine) as conn:
        conn.execute(sa.update(register_sources).values(failures=9, open_until=until, error="timeout"))
    assert sync(small, NAME, actor=ADMINISTRATOR).brought
    assert found(small).breaker.failures == 0


def test_each_file_of_a_folder_is_taken_once_whatever_it_is_called(small: Sources, tmp_path: Path) -> None:
    place = FolderPlace(tmp_path / "exports")
    set_up(small, place)
    place.put([row(0)])
    place.put([row(1)])
    assert len(sync(small, NAME, actor=SERVICE).imports) == 2
    first = place.folder / "导出1.csv"
    first.rename(place.folder / "again.csv")
    assert sync(small, NAME, actor=SERVICE).imports == ()
    with read(small.engine) as conn:
        assert conn.scalars(sa.select(register_imports.c.file_name)).all() == ["导出1.csv", "导出2.csv"]


def test_a_file_that_cannot_be_understood_is_named_and_holds_no_other_up(small: Sources, tmp_path: Path) -> None:
    place = FolderPlace(tmp_path / "exports")
    set_up(small, place)
    bad = place.export("会议纪要.csv", [])
    bad.write_text("一些文字\n", encoding="utf-8")
    place.put([row(1)])
    age(bad)
    report = sync(small, NAME, actor=SERVICE)
    assert (report.fault, len(report.imports)) == (Fault.NOT_UNDERSTOOD, 1)
    assert "会议纪要.csv" in report.detail
    again = sync(small, NAME, actor=SERVICE)
    assert (again.fault, again.imports) == (None, ())
    assert found(small).error == Fault.NOT_UNDERSTOOD  # it still lies there; the next good file clears the word
    place.put([row(2)])
    sync(small, NAME, actor=SERVICE)
    assert found(small).error == ""


def test_a_mapping_that_is_gone_is_named(small: Sources, place: SqlPlace) -> None:
    place.definition = replace(place.definition, mapping="gone")
    place.put([row(0)])
    set_up(small, place)
    report = sync(small, NAME, actor=SERVICE)
    assert (report.fault, report.detail) == (Fault.NO_MAPPING, "gone")


def test_an_interface_is_asked_for_what_changed_since_it_was_last_asked(small: Sources, api: RegisterApi) -> None:
    place = ApiPlace(api)
    place.put([row(0, day="2026-03-01"), row(1)])
    set_up(small, place)
    sync(small, NAME, actor=SERVICE)
    assert api.asked[0] == {"limit": "1000"}
    api.rows[0]["status"] = "已作废"
    api.changed_at[api.rows[0]["invoice_number"]] = small.clock()
    report = sync(small, NAME, actor=SERVICE)
    assert report.imports[0].changed == 1  # far older than the overlap
    assert api.asked[-1]["since"] == "2026-11-13"
    assert api.broken_promises == []


def test_the_clockwork_asks_what_is_due_and_looks_at_papers_again(small: Sources, place: SqlPlace) -> None:
    sources = service(small.engine, small.data.parent, FakeClock())
    place.put([row(0)])
    set_up(sources, place)
    looked: list[int] = []
    work = Clockwork(sources, lambda: looked.append(1))
    assert [work.look(), work.look()] == [1, 0]
    assert len(looked) == 1
    forward(sources, HOUR)
    assert work.look() == 1
    assert len(looked) == 1  # nothing new came
    bypass(sources.engine, NAME, sources.clock() + HOUR, "换服务器", actor=ADMINISTRATOR, clock=sources.clock)
    forward(sources, HOUR)
    assert work.look() == 1
    assert found(sources).bypass_until is None


def test_who_may_not_run_sources_does_not(small: Sources, place: SqlPlace) -> None:
    set_up(small, place)
    with pytest.raises(ForbiddenError):
        sync(small, NAME, actor=Actor(None, "clerk", Role.CLERK))
    with pytest.raises(NotFoundError):
        sync(small, "other", actor=SERVICE)

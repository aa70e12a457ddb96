"""What holds for every kind of register source: a folder, a database (SQLite and PostgreSQL), an interface."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake.db import connect, read, register_rows
from intake.sources.adapters import Sources
from intake.sources.errors import Fault
from intake.sources.model import ExportFile, Outcome, Rows, Step, Watermark
from intake.sources.sync import sync
from tests.databases import Server
from tests.register_api import register_api
from tests.sourcing import ADMINISTRATOR, NAME, ApiPlace, FolderPlace, Place, SqlPlace, row, service, set_up

KINDS = ["folder", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgres), "http"]


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    match request.param:
        case "folder":
            yield FolderPlace(tmp_path / "exports")
        case "sqlite":
            engine = sa.create_engine(f"sqlite:///{tmp_path / 'erp.sqlite3'}", poolclass=sa.NullPool)
            yield SqlPlace(engine)
        case "postgresql":
            server: Server = request.getfixturevalue("postgres")
            with server.database(migrated=False) as url:
                engine = sa.create_engine(url, poolclass=sa.NullPool)
                yield SqlPlace(engine)
        case _:
            with register_api() as api:
                yield ApiPlace(api)
                assert api.broken_promises == []


@pytest.fixture
def sources(sqlite_url: str, tmp_path: Path) -> Iterator[Sources]:
    engine = connect(sqlite_url)
    yield service(engine, tmp_path)
    engine.dispose()


def numbers(sources: Sources) -> list[str]:
    with read(sources.engine) as conn:
        return list(conn.scalars(sa.select(register_rows.c.number).order_by(register_rows.c.number)))


def test_rows_come_into_the_register_as_they_stand_there(sources: Sources, place: Place) -> None:
    place.put(
        [row(0), row(1), row(2, invoice_code="011002301111", invoice_number="00985283", kind="增值税电子普通发票")]
    )
    set_up(sources, place)
    report = sync(sources, NAME, actor=ADMINISTRATOR)
    assert (report.fault, [done.new for done in report.imports]) == (None, [3])
    with read(sources.engine) as conn:
        found = conn.execute(sa.select(register_rows).order_by(register_rows.c.number)).all()
    assert [each.number for each in found] == ["00985283", row(0)["invoice_number"], row(1)["invoice_number"]]
    assert [(each.source, str(each.total), each.date.isoformat()) for each in found] == [
        (NAME, "108.00", "2026-11-20"),
        (NAME, "106.00", "2026-11-20"),
        (NAME, "107.00", "2026-11-20"),
    ]
    assert {each.seller_name for each in found} == {"北京示例文具有限公司"}


def test_what_came_later_is_brought_by_the_next_synchronisation(sources: Sources, place: Place) -> None:
    place.put([row(0, day="2026-11-01"), row(1)])
    set_up(sources, place)
    sync(sources, NAME, actor=ADMINISTRATOR)
    place.put([row(2, day="2026-11-22")])
    report = sync(sources, NAME, actor=ADMINISTRATOR)
    assert report.brought
    assert numbers(sources) == [row(index)["invoice_number"] for index in range(3)]


def test_a_synchronisation_without_anything_new_changes_nothing(sources: Sources, place: Place) -> None:
    place.put([row(0)])
    set_up(sources, place)
    sync(sources, NAME, actor=ADMINISTRATOR)
    report = sync(sources, NAME, actor=ADMINISTRATOR)
    assert (report.fault, report.brought) == (None, False)
    assert numbers(sources) == [row(0)["invoice_number"]]


def test_a_place_that_is_well_passes_every_step_of_its_self_test(sources: Sources, place: Place) -> None:
    place.put([row(0)])
    set_up(sources, place)
    steps = sources.adapter(place.definition).self_test()
    assert [step.step for step in steps] == list(Step)
    assert {step.outcome for step in steps} <= {Outcome.OK, Outcome.SKIPPED}
    assert [step.outcome for step in steps[:3]] == [Outcome.OK] * 3


def test_a_place_that_is_gone_fails_at_the_first_step_and_skips_the_others(sources: Sources, place: Place) -> None:
    place.take_away()
    set_up(sources, place)
    steps = sources.adapter(place.definition).self_test()
    assert [step.outcome for step in steps] == [Outcome.FAILED, *[Outcome.SKIPPED] * 3]
    assert steps[0].code in {Fault.UNREACHABLE, Fault.NO_FOLDER}


def test_a_place_that_is_gone_is_a_named_fault_and_leaves_the_register(
    sources: Sources, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.sources.retrying.ATTEMPTS", 1)
    place.take_away()
    set_up(sources, place)
    report = sync(sources, NAME, actor=ADMINISTRATOR)
    assert report.fault in {Fault.UNREACHABLE, Fault.NO_FOLDER}
    assert numbers(sources) == []


def test_a_delivery_is_streamed_or_a_file(sources: Sources, place: Place) -> None:
    place.put([row(0), row(1)])
    set_up(sources, place)
    with sources.adapter(place.definition).fetch(Watermark()) as delivery:
        match delivery:
            case Rows():
                assert iter(delivery.rows) is delivery.rows
                assert len(list(delivery.rows)) == 2
            case ExportFile():
                assert delivery.path.is_file()
            case None:
                pytest.fail("nothing was delivered")

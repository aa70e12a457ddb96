from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from intake import accounts, audit, migrations, status
from intake.db import companies, metadata, read, register_imports, register_rows, write
from intake.files import LocalFiles
from intake.model import SERVICE, Channel, DocumentState, Rejected, Unpacked, Verdict
from intake.submit import Submit
from intake.worker import Worker
from ocr.types import Member
from tests.builders import decided, filed, needs_review
from tests.fakes import FakeClock, FakeReader, MemoryCourier, settings, tools


def known(name: str | None, kind: str, _parents: object) -> bool:
    """The search of the list is made by statements of each database, not by the tables' description."""
    return not (kind in {"table", "index"} and (name or "").startswith(("listing_grams", "ix_listing_words_grams")))


def test_the_migrated_schema_is_the_one_the_code_knows(engine: sa.Engine) -> None:
    # SQLite gives defaults back as they were written, which Alembic takes for a change: they are compared below.
    with read(engine) as connection:
        compares_defaults = engine.dialect.name != "sqlite"
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "compare_server_default": compares_defaults, "include_name": known},
        )
        assert compare_metadata(context, metadata) == []


def defaults(engine: sa.Engine) -> dict[tuple[str, str], str | None]:
    inspector = sa.inspect(engine)
    return {
        (table, column["name"]): column["default"]
        for table in metadata.tables
        for column in inspector.get_columns(table)
    }


def test_the_defaults_are_those_the_code_knows(engine: sa.Engine, empty_engine: sa.Engine) -> None:
    if engine.dialect.name != empty_engine.dialect.name:
        return  # the two are compared in the other pairing
    metadata.create_all(empty_engine)
    assert defaults(engine) == defaults(empty_engine)


def test_a_fresh_database_starts_an_empty_audit_chain(engine: sa.Engine) -> None:
    assert audit.head(engine) == audit.Head(0, audit.START)


def test_upgrading_twice_changes_nothing(engine: sa.Engine) -> None:
    before = migrations.current(engine)
    migrations.upgrade(engine)
    assert migrations.current(engine) == before == newest()


def newest() -> str:
    return ScriptDirectory(str(Path(migrations.__file__).parent)).get_current_head() or ""


def test_the_steps_form_one_line() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1
    assert script.get_bases() == ["0001"]


def test_every_step_goes_down_and_up_with_data_in_the_tables(engine: sa.Engine, tmp_path: Path) -> None:
    """Down one step at a time to nothing, then up again; a desk with data is filled at each revision it knows."""
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    revisions = [step.revision for step in script.walk_revisions()]  # newest first
    fill(engine, tmp_path)
    for below in [*revisions[1:], migrations.BASE]:
        migrations.downgrade(engine, below)
    assert migrations.current(engine) is None
    assert set(sa.inspect(engine).get_table_names()) <= {"alembic_version"}
    for revision in reversed(revisions):
        migrations.upgrade(engine, revision)
        assert migrations.current(engine) == revision
    fill(engine, tmp_path)


def fill(engine: sa.Engine, place: Path) -> None:
    """A desk in use: a filed invoice, one in review, an attachment, a rejected file, an archive, an account."""
    accounts.ensure_first(engine, FakeClock())
    clock, courier, files = FakeClock(), MemoryCourier(), LocalFiles(place / "files")
    configured = settings(place)
    papers: dict[bytes, Verdict] = {
        b"filed": decided(filed()),
        b"again": decided(filed()),
        b"review": decided(needs_review("24112000000000000009"), pages=2),
        b"bad": Rejected("truncated"),
        b"zip": Unpacked((Member("a.pdf", b"bad"),)),
    }
    submit = Submit(engine, files, courier, clock, configured)
    worker = Worker(
        engine, files, courier, tools(FakeReader(), clock, configured), lambda data, _name, _tools: papers[data]
    )
    for data in papers:
        submit.receive(SERVICE, data, "a.pdf", Channel.COMMAND)
    while worker.work_once():
        pass
    by_state = status.counts(engine).by_state
    assert by_state[DocumentState.FILED] == by_state[DocumentState.ATTACHED] == 1
    assert by_state[DocumentState.NEEDS_REVIEW] == by_state[DocumentState.UNPACKED] == 1
    assert by_state[DocumentState.REJECTED] == 2
    with write(engine) as conn:
        conn.execute(sa.insert(companies).values(name="甲公司", tax_id="91110000000000000X"))
        imported = conn.execute(
            sa.insert(register_imports)
            .values(source="tax-bureau", file_name="a.xlsx", sha256="0" * 64, started_at=clock())
            .returning(register_imports.c.id)
        ).scalar_one()
        row = {"key": "D:1", "number": "1", "kind": "dig_normal", "status": "normal", "source": "tax-bureau", "raw": {}}
        conn.execute(sa.insert(register_rows).values(row | {"import_id": imported}))


def test_a_step_that_fails_leaves_the_schema_as_it_was(
    empty_engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("the power goes")

    with monkeypatch.context() as patched:
        patched.setattr("alembic.operations.Operations.execute", fail)
        with pytest.raises(RuntimeError):
            migrations.upgrade(empty_engine)
    assert migrations.current(empty_engine) is None
    assert set(sa.inspect(empty_engine).get_table_names()) <= {"alembic_version"}
    migrations.upgrade(empty_engine)
    assert migrations.current(empty_engine) == newest()


def test_two_processes_that_start_at_once_upgrade_one_after_the_other(empty_engine: sa.Engine) -> None:
    code = """import sys
from intake import migrations
from intake.db import connect
engine = connect(sys.argv[1])
migrations.upgrade(engine)
engine.dispose()
"""
    url = empty_engine.url.render_as_string(hide_password=False)
    started = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", code, url], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [process.communicate()[1] for process in started] == ["", ""]
    assert [process.returncode for process in started] == [0, 0]
    assert migrations.current(empty_engine) == newest()

"""The commands of the register, one after the other on one desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from click.testing import CliRunner

from intake.cli import main
from intake.clock import day_of, system_clock
from tests.intake.register.exports import BASIC, digital_row, workbook

Run: TypeAlias = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("INTAKE_DATA", str(tmp_path / "data"))

    def command(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(main, ["register", *arguments])
        assert done.exit_code == code, done.output
        return done.output

    return command


def test_a_draft_is_made_listed_applied_taken_back_replayed_and_discarded(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "export.xlsx"
    rows = [digital_row(0), digital_row(1), digital_row(2, 数电发票号码="x")]
    place.write_bytes(workbook({"发票基础信息": [BASIC, *rows]}))
    name = f"tax-bureau {day_of(system_clock()).isoformat()}"
    said = f"{name}: new 2, changed 0, same 0, vanished 0, refused 1; issued 2026-01-01 to 2026-01-02"
    drafted = run("import", str(place), "--draft")
    assert said in drafted
    assert "row 4: no_key" in drafted
    assert run("drafts").strip() == said
    applied = run("apply", name)
    assert said in applied
    assert "filed after the import: 0" in applied
    assert run("drafts") == ""
    assert "no longer in that step" in run("discard", name, code=1)
    assert f"{name}: 2 rows removed, 0 restored" in run("roll-back", name)
    assert said.replace(name, f"{name} (2)") in run("replay", name)
    assert run("discard", f"{name} (2)").strip() == f"discarded {name} (2)"
    assert "no such record" in run("roll-back", "nothing", code=1)


def test_a_table_is_imported_by_a_saved_mapping_only(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "erp.csv"
    place.write_text("号,日\n26112000000048542163,2026-07-24\n", encoding="utf-8")
    assert "no such record" in run("import", str(place), "--mapping", "erp", code=1)
    assert "cannot be imported" in run("import", str(place), code=1)

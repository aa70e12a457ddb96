from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from intake import accuracy_run
from intake.accuracy_run import JUDGING, Kept, measure, measured, of_folder, of_maker, stamp
from intake.cli import main
from ocr.types import Limits
from tests.intake.maker import document


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files with their truth, and the truth of a third that is not there."""
    place = tmp_path / "papers"
    (place / "xml").mkdir(parents=True)
    rows: list[dict[str, object]] = []
    for index in (1, 2):
        made = document(index, 0)
        (place / "xml" / made.name).write_bytes(made.data)
        rows += [{**row, "file": f"xml/{made.name}"} for row in made.rows]
    rows.append({**rows[0], "file": "xml/lost.xml"})
    (place / "truth.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return place


def test_a_folder_is_read_by_the_command_and_drawn(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    answer = CliRunner().invoke(main, ["accuracy", str(folder), "--out", str(out), "--misses", "--floors"])
    assert "not read: 1 no_file" in answer.output
    assert "0 of them wrong" in answer.output
    assert "miss xml/lost.xml" in answer.output
    assert answer.exit_code == 0  # xml is no group with a floor
    assert "<svg" in (out / "accuracy.html").read_text("utf-8")


def test_floors_that_are_not_kept_end_the_command_with_one(folder: Path, tmp_path: Path) -> None:
    (folder / "xml").rename(folder / "digital")
    truth = folder / "truth.json"
    truth.write_text(truth.read_text("utf-8").replace('"xml/', '"digital/'), encoding="utf-8")
    answer = CliRunner().invoke(main, ["accuracy", str(folder), "--out", str(tmp_path), "--floors"])
    assert answer.exit_code == 1
    assert "NOT KEPT: digital" in answer.output


@pytest.mark.parametrize("arguments", [[], ["--judge", "1", "--archive"]])
def test_one_source_of_truth_is_asked_for(arguments: list[str]) -> None:
    answer = CliRunner().invoke(main, ["accuracy", *arguments])
    assert answer.exit_code == 2
    assert "Give one of" in answer.output


def test_a_folder_without_truth_says_so(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["accuracy", str(tmp_path), "--out", str(tmp_path)])
    assert answer.exit_code == 1
    assert "no truth.json" in answer.output


def test_truth_as_json_lines_is_read_too(folder: Path) -> None:
    rows = json.loads((folder / "truth.json").read_text("utf-8"))
    (folder / "truth.json").write_text("\n".join(json.dumps({**row, "grade": 2}) for row in rows), encoding="utf-8")
    assert [(one.group, one.grade) for one in of_folder(folder)] == [("xml", 2)] * 3


def test_what_an_earlier_run_has_left_is_not_read_again(folder: Path, tmp_path: Path) -> None:
    results, heard = tmp_path / "results.jsonl", list[int]()
    wanted = [one for one in of_folder(folder) if one.path.exists()][:1]
    first = measured(wanted, Limits(), workers=1, results=results, done=heard.append)
    with results.open("a", encoding="utf-8") as lines:
        lines.write('{"name": "cut o')
    wanted[0].path.unlink()
    assert measured(wanted, Limits(), workers=1, results=results, done=heard.append) == first
    assert first[0].rejected == ""
    assert heard == [0, 1, 1]


def test_of_documents_for_judging_only_figures_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accuracy_run, "MAKER", "tests.intake.maker")
    for seed, kept in ((JUDGING, False), (JUDGING - 1, True)):
        (wanted,) = of_maker(seed, 1)
        found = measure(wanted, Limits())
        assert (found.name, found.group, found.grade) == (f"{seed}/0", "digital", 0)
        assert any(value.wanted for paper in found.papers for value in paper.values) is kept


def test_where_the_maker_is_not_installed_the_command_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(accuracy_run, "MAKER", "nowhere.stream")
    answer = CliRunner().invoke(main, ["accuracy", "--judge", "1", "--out", str(tmp_path)])
    assert answer.exit_code == 1
    assert "run it from a checkout" in answer.output


def test_results_are_of_these_sources_only() -> None:
    assert stamp() == stamp()
    assert len(stamp()) == 12


def test_a_file_that_is_not_there_has_every_field_wrong(tmp_path: Path) -> None:
    rows: tuple[dict[str, str], ...] = ({"file": "scan/a.jpg", "kind": "taxi", "number": "12345678", "total": "9.00"},)
    found = measure(Kept(tmp_path / "a.jpg", "scan", 1, rows), Limits())
    assert (found.name, found.rejected) == ("scan/a.jpg", "no_file")
    assert [value.right for value in found.papers[0].values] == [False, False]

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from intake.sources.adapters import Sources
from intake.sources.calendar import bypass
from intake.sources_cli import listing, self_test, synchronise
from tests.sourcing import ADMINISTRATOR, NAME, FolderPlace, row, set_up


def test_the_commands_say_what_came_how_it_goes_and_what_is_wrong(small: Sources, tmp_path: Path) -> None:
    assert listing(small) == (["no sources"], True)
    place = FolderPlace(tmp_path / "exports")
    set_up(small, place)
    place.put([row(0)])
    assert synchronise(small, None, full=False) == ([f"{NAME}: new 1, changed 0, same 0, refused 0"], True, False)
    assert synchronise(small, None, full=False) == (["nothing is due"], False, False)
    assert synchronise(small, NAME, full=True) == ([f"{NAME}: nothing new"], False, False)
    lines, well = self_test(small, NAME)
    assert ([line.split()[0] for line in lines], well) == (["reachable", "authorised", "sample", "clock"], True)
    lines, well = listing(small)
    assert (len(lines), well) == (1, True)
    assert lines[0].startswith(NAME)
    assert "newest 2026-11-20" in lines[0]


def test_a_source_that_failed_ends_the_commands_with_a_fault(small: Sources, tmp_path: Path) -> None:
    place = FolderPlace(tmp_path / "exports")
    set_up(small, place)
    place.take_away()
    lines, _, failed = synchronise(small, NAME, full=False)
    assert (lines, failed) == ([f"{NAME}: nothing new; no_folder {place.folder}"], True)
    lines, well = listing(small)
    assert not well
    assert lines[0].endswith("no_folder")
    assert not self_test(small, NAME)[1]


def test_all_that_may_be_asked_are_asked_for_everything(small: Sources, tmp_path: Path) -> None:
    place = FolderPlace(tmp_path / "exports")
    set_up(small, place)
    assert synchronise(small, None, full=True)[0] == [f"{NAME}: nothing new"]
    until = small.clock() + timedelta(hours=1)
    bypass(small.engine, NAME, until, "换服务器", actor=ADMINISTRATOR, clock=small.clock)
    assert synchronise(small, None, full=True)[0] == [f"{NAME}: waits"]
    assert "bypassed" in listing(small)[0][0]

"""A short look at the labelled cases; `make accuracy-diagnosis` judges by two thousand."""

from __future__ import annotations

import pytest

from intake.model import Cause, MatchLevel
from tests.accuracy.diagnosis.cases import FAMILIES
from tests.accuracy.diagnosis.measure import NONE, Result, confusion, run

SEED = "suite"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    return run(SEED, 4 * len(FAMILIES), tmp_path_factory.mktemp("diagnosis"))


def test_every_case_is_told_as_its_evidence_decides(results: list[Result]) -> None:
    wrong = [
        (one.case.family, one.expected, one.expected_level, one.said, one.level) for one in results if not one.right
    ]
    assert wrong == []


def test_the_machine_never_takes_another_row(results: list[Result]) -> None:
    assert [one.case.family for one in results if one.wrongly_filed] == []


def test_every_cause_and_every_level_is_among_the_cases(results: list[Result]) -> None:
    assert {one.case.cause for one in results} == {*Cause, None}
    assert {one.expected_level for one in results} == {*(level.name for level in MatchLevel), NONE}


def test_the_table_of_confusions_counts_each_case_once(results: list[Result]) -> None:
    table = confusion([(one.expected, one.said) for one in results])
    assert sum(int(str(row["cases"])) for row in table) == len(results)
    assert {row["right"] for row in table} == {"100.0%"}
    mistaken = confusion([("a", "a"), ("a", "b"), ("b", "b")])
    assert [(row["expected"], row["1"], row["2"], row["right"]) for row in mistaken] == [
        ("a", 1, 1, "50.0%"),
        ("b", "", 1, "100.0%"),
    ]

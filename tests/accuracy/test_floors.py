"""Invented documents of a tuning seed, read by the real reader: nothing proven is wrong, and fields stay above a floor.

The floors are those of so small a sample, in which one field is two in a hundred. `make accuracy` judges by thousands.
"""

from __future__ import annotations

import pytest

from intake.accuracy import Document
from intake.accuracy_run import measure, of_maker
from intake.accuracy_tables import BY_GROUP, below, tallies
from ocr.types import Limits

SEED, COUNT = 3, 10
FLOORS = {"digital": 1.0, "scan": 0.94, "photo": 0.93, "poor": 0.8}


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return [measure(one, Limits()) for one in of_maker(SEED, COUNT)]


def test_no_proven_value_is_wrong_and_fields_are_above_their_floor(documents: list[Document]) -> None:
    assert below(documents, FLOORS) == []


def test_every_group_is_in_the_sample_and_much_is_proven(documents: list[Document]) -> None:
    found = tallies(documents, BY_GROUP)
    assert found.keys() >= {"digital", "scan", "photo"}
    assert sum(tally.proven for tally in found.values()) > 0.4 * sum(tally.fields for tally in found.values())

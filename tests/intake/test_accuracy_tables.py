from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from intake.accuracy import NOTHING, UNSAID, Document, Paper, Value
from intake.accuracy_page import curve, page
from intake.accuracy_tables import (
    BY_GRADE,
    BY_GROUP,
    BY_KIND,
    Tally,
    below,
    by_field,
    confusions,
    judged,
    table,
    tallies,
)
from intake.calibration import needed

MADE = datetime(2026, 11, 24, tzinfo=UTC)


def value(field: str = "total", *, right: bool = True, proven: bool = False, confidence: float | None = 0.99) -> Value:
    return Value(field, right, proven, confidence)


def document(
    group: str, *values: Value, kind: str = "dig_normal", read_as: str = "dig_normal", grade: int | None = 1
) -> Document:
    return Document(f"{group}/a.jpg", group, grade, (Paper(kind, read_as, values),))


SCAN = document("scan", value("number", proven=True), value("date"), value("total", right=False, confidence=None))
DIGITAL = document("digital", value("number", proven=True), value("total", proven=True), grade=None)
TAXI = document("photo", value("total", right=False, confidence=0.6), kind="taxi", read_as="coach", grade=3)
ALL = [SCAN, SCAN, DIGITAL, TAXI]


def test_papers_are_counted_by_group_grade_kind_and_field() -> None:
    assert tallies(ALL, BY_GROUP)["scan"] == Tally(papers=2, kinds=2, fields=6, right=4, whole=0, proven=2, escaped=0)
    assert list(tallies(ALL, BY_GRADE)) == ["digital", "photo, grade 3", "scan, grade 1"]
    assert tallies(ALL, BY_KIND)["taxi"].kinds == 0
    assert (by_field(ALL)["total"].fields, by_field(ALL)["total"].right) == (4, 1)
    assert Tally().share == 1


def test_kinds_that_the_truth_does_not_state_are_not_confused() -> None:
    unsaid = document("scan", value(), kind=UNSAID)
    assert confusions([*ALL, unsaid]) == {("dig_normal", "dig_normal"): 3, ("taxi", "coach"): 1}
    assert tallies([unsaid], BY_GROUP)["scan"].kinds == 1


def test_values_that_were_not_read_are_in_no_statistic() -> None:
    assert len(judged(ALL)) == 7


def test_floors_and_escapes_are_named() -> None:
    assert below([DIGITAL]) == []
    assert below(ALL) == [
        "scan: 66.67% of the fields are right, not 99.5%",
        "photo: 0.00% of the fields are right, not 98.5%",
    ]
    wrong = document("digital", value(right=False, proven=True))
    assert below([wrong])[-1] == "1 proven values are wrong"


def test_the_table_says_whether_the_sample_bears_the_promise() -> None:
    said = table(ALL, 0.0002)
    assert "4 proven values were checked, 0 of them wrong" in said
    assert f"too small to support the promised 0.020%: {needed(0.0002) - 4} more values" in said
    assert "taxi read as coach" in said
    assert "every unproven value stays marked" in said
    many = [document("scan", *[value(proven=True)] * 400, *[value()] * 400)]
    kept = table(many, 0.01)
    assert "The promised 1.000% is kept." in kept
    assert "from a confidence of 0.9900 on need not be marked" in kept


def test_files_that_were_not_read_are_counted_by_reason() -> None:
    lost = Document(
        "scan/b.jpg", "scan", 1, (Paper("taxi", NOTHING, (value(right=False, confidence=None),)),), "crashed"
    )
    assert table([lost], 0.01).startswith("not read: 1 crashed")


def test_the_page_needs_nothing_else_and_is_well_formed() -> None:
    text = page([*ALL, document("poor <b>", value())], 0.0002, "seed & more", MADE)
    assert "seed &amp; more" in text
    assert "poor &lt;b&gt;" in text
    assert "http" not in text
    assert "<script" not in text
    drawing = text[text.index("<svg") : text.index("</svg>") + 6]
    assert ET.fromstring(drawing).tag == "svg"  # noqa: S314  our own drawing


def test_bins_beyond_the_threshold_and_proven_values_are_drawn_as_sure() -> None:
    drawing = curve(judged(ALL), 0.97)
    assert drawing.count("#2c8a5d") == 2  # the bin of 0.99 and the proven ones
    assert drawing.count("#cf9a2b") == 1

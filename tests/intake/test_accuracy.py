from __future__ import annotations

import pytest

from intake.accuracy import FIELDS, NOTHING, UNSAID, Paper, Value, judge, spelled
from intake.model import FusedField, Invoice, Proof
from ocr.types import FieldName, FieldValue, Kind, Source

F = FieldName
ROW = {"kind": "dig_normal", "number": "24112000000048542163", "date": "2024-05-28", "total": "4449.00", "tax": None}


def read(kind: Kind = Kind.DIG_NORMAL, proven: tuple[FieldName, ...] = (), **values: str) -> Invoice:
    fields = {}
    for key, value in values.items():
        name = F(key)
        seen = (
            FieldValue(name, value, 0.9, Source.OCR),
            FieldValue(name, value, 0.95, Source.OCR),
            FieldValue(name, "x", 1.0, Source.QR),
        )
        fields[name] = FusedField(name, value, frozenset({Proof.WORDS} if name in proven else ()), seen)
    return Invoice(kind, fields)


def values(paper: Paper) -> dict[str, tuple[bool, bool, float | None]]:
    return {value.field: (value.right, value.proven, value.confidence) for value in paper.values}


def test_each_field_of_the_paper_is_right_wrong_or_not_read() -> None:
    (paper,) = judge(
        [ROW], [read(number="24112000000048542163", date="2024-05-29", seller_name="甲", proven=(F.NUMBER,))]
    )
    assert values(paper) == {
        "number": (True, True, 0.95),
        "date": (False, False, 0.95),
        "seller_name": (False, False, 0.95),
        "total": (False, False, None),
    }
    assert (paper.kind, paper.read_as) == ("dig_normal", "dig_normal")


def test_papers_are_paired_by_number_then_in_their_order() -> None:
    rows = [ROW, {**ROW, "number": "24112000000048542164", "date": "2024-06-01"}]
    first, second = read(number="24112000000048542164", date="2024-06-01"), read(number="999", date="2024-05-28")
    one, two = judge(rows, [first, second])
    assert values(one)["date"] == (True, False, 0.95)
    assert values(one)["number"] == (False, False, 0.95)
    assert values(two)["date"] == (True, False, 0.95)


def test_a_paper_that_was_not_found_has_every_field_wrong() -> None:
    (paper,) = judge([ROW], [])
    assert paper.read_as == NOTHING
    assert values(paper) == dict.fromkeys(("number", "date", "total"), (False, False, None))
    assert all(value.judged() is None for value in paper.values)


def test_an_invoice_where_there_is_none_counts_with_what_is_proven_of_it() -> None:
    (paper,) = judge([], [read(number="24112000000048542163", total="1.00", proven=(F.TOTAL,))])
    assert (paper.kind, paper.read_as) == (NOTHING, "dig_normal")
    assert values(paper) == {"total": (False, True, 0.95)}
    assert judge([], [read(Kind.OTHER, total="1.00")]) == ()


def test_a_piece_of_a_paper_is_wrong_only_where_no_paper_of_the_file_bears_its_value() -> None:
    whole = read(number="24112000000048542163")
    piece = read(total="4449", date="2024-05-29", proven=(F.TOTAL, F.DATE))
    _, extra = judge([ROW], [whole, piece])
    assert values(extra) == {"total": (True, True, 0.95), "date": (False, True, 0.95)}


def test_what_nobody_can_read_is_not_asked() -> None:
    (paper,) = judge([{**ROW, "unreadable_fields": ["date", "number"]}], [read(total="4449")])
    assert values(paper) == {"total": (True, False, 0.95)}


def test_a_truth_without_kind_is_judged_by_its_fields() -> None:
    assert judge([{"number": "1"}], [])[0].kind == UNSAID


def test_a_computed_value_has_no_confidence() -> None:
    total = FusedField(F.TOTAL, "4449.00", frozenset({Proof.ARITHMETIC}), ())
    (paper,) = judge([ROW], [Invoice(Kind.DIG_NORMAL, {F.TOTAL: total})])
    assert values(paper)["total"] == (True, True, 0.0)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        (F.TOTAL, "¥1,234.5", "1234.50"),
        (F.TOTAL, "***", "***"),
        (F.TOTAL, None, None),
        (F.SELLER_NAME, " 甲 （北京） ", "甲(北京)"),
        (F.NUMBER, "", None),
    ],
)
def test_values_are_compared_in_one_spelling(name: FieldName, value: str | None, text: str | None) -> None:
    assert spelled(name, value) == text


def test_values_go_into_the_statistics_as_they_were_judged() -> None:
    judged = Value("total", right=True, proven=False, confidence=0.5).judged()
    assert judged is not None
    assert (judged.right, judged.proven, judged.confidence) == (True, False, 0.5)
    assert set(FIELDS.values()) >= {"amount", "tax", "total"}

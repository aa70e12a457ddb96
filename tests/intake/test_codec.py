from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import get_args

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.codec import CodecError, decode, decode_as, encode
from intake.model import (
    Attached,
    Company,
    Decided,
    Decision,
    Diagnosis,
    Filed,
    Finding,
    FusedField,
    Invoice,
    Level,
    MatchLevel,
    MatchOutcome,
    NeedsReview,
    Proof,
    RegisterRow,
    SourceState,
    Unmatched,
    Verdict,
)
from ocr.types import Box, Carrier, Extraction, FieldName, FieldValue, Member, PageInfo, Source

MONEY = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
MOMENTS = st.datetimes(timezones=st.just(UTC))

st.register_type_strategy(Decimal, MONEY)
st.register_type_strategy(float, FLOATS)
st.register_type_strategy(datetime, MOMENTS)
st.register_type_strategy(Mapping, lambda kind: st.dictionaries(*map(st.from_type, get_args(kind)), max_size=3))


def through_json(data: object) -> object:
    return json.loads(json.dumps(data))


@pytest.mark.parametrize("kind", [Extraction, Invoice, Finding, RegisterRow, Diagnosis, SourceState, Company, Member])
@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_what_is_decoded_equals_what_was_encoded(kind: type, data: st.DataObject) -> None:
    value = data.draw(st.from_type(kind))
    assert decode(kind, through_json(encode(value))) == value


@pytest.mark.parametrize("hint", [MatchOutcome, Decision, tuple[Finding, ...], Verdict, Diagnosis | None])
@given(data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_sums_and_containers_round_trip(hint: object, data: st.DataObject) -> None:
    members = [Filed, NeedsReview, Attached] if hint == Decision else None
    strategy = st.one_of(*map(st.from_type, members)) if members else st.from_type(hint)  # type: ignore[arg-type]  # a union is no type
    value = data.draw(strategy)
    assert decode_as(hint, through_json(encode(value, hint))) == value


def test_a_case_of_a_sum_carries_its_name() -> None:
    assert encode(Unmatched(), MatchOutcome) == {"@": "Unmatched"}
    assert decode_as(MatchOutcome, {"@": "Unmatched"}) == Unmatched()


def test_the_same_value_always_gives_the_same_text() -> None:
    proofs = [Proof.WORDS, Proof.QR_CRC, Proof.ARITHMETIC]
    texts = {
        json.dumps(encode(FusedField(FieldName.TOTAL, "1.00", frozenset(order), ())))
        for order in itertools.permutations(proofs)
    }
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("hint", "data"),
    [
        (Finding, {"code": "x", "level": "ok", "surprise": 1}),
        (Finding, {"code": "x"}),
        (Finding, {"code": "x", "level": "terrible"}),
        (Finding, {"code": 1, "level": "ok"}),
        (Finding, ["x", "ok"]),
        (Box, {"x0": 0.0, "y0": 0.0, "x1": True, "y1": 1.0}),
        (Box, {"x0": 0.0, "y0": 0.0, "x1": "1", "y1": 1.0}),
        (MatchOutcome, {"@": "Guessed"}),
        (MatchOutcome, {}),
        (MatchOutcome, None),
        (MatchLevel, True),
        (MatchLevel, 9),
        (date, "2026-02-30"),
        (datetime, "2026-02-28T10:00:00"),
        (Decimal, "NaN"),
        (Decimal, "ten"),
        (Decimal, 10.5),
        (bytes, "???"),
        (bool, 1),
        (tuple[int, str], [1]),
        (list[int], [1]),
        (complex, 1),
    ],
)
def test_what_is_not_of_its_type_is_refused(hint: object, data: object) -> None:
    with pytest.raises(CodecError):
        decode_as(hint, data)


@dataclass(frozen=True, slots=True)
class Odd:
    value: complex


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (float("nan"), float),
        (float("inf"), float),
        (Decimal("NaN"), Decimal),
        (datetime(2026, 1, 1), datetime),  # noqa: DTZ001 - a moment without a zone is what must be refused
        (datetime(2026, 1, 1, tzinfo=UTC), date),
        (True, int),
        (True, float),
        ("1", int),
        (1, str),
        (1, bool),
        (Box(0, 0, 1, 1), MatchOutcome),
        (None, MatchOutcome),
        ([1], list[int]),
        (Odd(1j), Odd),
        ([1], tuple[int, ...]),
    ],
)
def test_what_json_cannot_hold_exactly_is_refused(value: object, hint: object) -> None:
    with pytest.raises(CodecError):
        encode(value, hint)


def test_numbers_of_numpy_are_taken_for_what_they_equal() -> None:
    page = PageInfo(np.int64(1), np.int32(800), 600, dpi=np.float64(199.5))  # type: ignore[arg-type]
    assert decode(PageInfo, through_json(encode(page))) == page
    box = Box(0, 0, 1, 1)
    assert encode(box) == {"x0": 0.0, "y0": 0.0, "x1": 1.0, "y1": 1.0}


def test_a_record_older_than_a_field_gets_the_default() -> None:
    old = {"name": "number", "value": "12345678", "confidence": 0.5, "source": "ocr"}
    assert decode(FieldValue, old) == FieldValue(FieldName.NUMBER, "12345678", 0.5, Source.OCR)


def test_levels_and_outcomes_keep_their_types() -> None:
    finding = Finding("sum", Level.ERROR, (FieldName.NET,), {"net": "1.00"})
    back = decode_as(tuple[Finding, ...], through_json(encode((finding,), tuple[Finding, ...])))
    assert back == (finding,)
    assert isinstance(back[0].level, Level)
    assert isinstance(back[0].fields[0], FieldName)


def test_a_verdict_is_no_match() -> None:
    with pytest.raises(CodecError):
        encode(Decided(Extraction(Carrier.PDF, "application/pdf"), ()), MatchOutcome)

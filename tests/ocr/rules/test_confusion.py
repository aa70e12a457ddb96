from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.rules.confusion import confusable, one_edit


@pytest.mark.parametrize(
    ("one", "other"),
    [tuple(pair) for pair in ["83", "80", "86", "89", "06", "09", "56", "53", "5S", "17", "14", "27", "2Z", "39", "49", "0D", "0O", "0Q", "1I", "1l", "6b", "9g", "9q", "B8", "D0", "G6", "Q0", "UV", "MN", "YV", "XK", "T7", "L1", "A4", "EF", "RP"]] + [("W", "VV"), ("11", "H")],
)  # fmt: skip
def test_pairs_of_the_domain_are_confusable_both_ways(one: str, other: str) -> None:
    assert confusable(one, other)
    assert confusable(other, one)


@pytest.mark.parametrize(("one", "other"), [("8", "8"), ("1", "2"), ("A", "B"), ("", "1"), ("7", "9")])
def test_other_pairs_are_not(one: str, other: str) -> None:
    assert not confusable(one, other)


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("12345678", "12345679", True),  # a digit for another
        ("12345678", "1234567", True),  # one lost at the end
        ("12345678", "2345678", True),  # one lost at the start
        ("12345678", "123455678", True),  # one doubled
        ("12345678", "12354678", True),  # neighbours exchanged
        ("12345678", "21345678", True),
        ("W2", "VV2", True),
        ("A11B", "AHB", True),
        ("12345678", "12345678", False),
        ("12345678", "12345687x", False),
        ("12345678", "12365478", False),
        ("12345678", "87654321", False),
        ("", "1", True),
        ("12", "", False),
    ],
)
def test_one_edit_apart(one: str, other: str, *, near: bool) -> None:
    assert one_edit(one, other) is near
    assert one_edit(other, one) is near


@given(st.text("0123456789", min_size=1, max_size=20), st.integers(0, 19), st.sampled_from("0123456789"))
def test_any_one_changed_digit_is_one_edit(text: str, place: int, digit: str) -> None:
    place %= len(text)
    changed = text[:place] + digit + text[place + 1 :]
    assert one_edit(text, changed) is (text != changed)

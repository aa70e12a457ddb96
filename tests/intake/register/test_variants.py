from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from intake.register.variants import near_keys
from ocr.rules.confusion import one_edit

numbers = st.text("0123456789", min_size=20, max_size=20)


@given(numbers)
def test_every_variant_is_one_edit_away_and_a_key(number: str) -> None:
    keys = near_keys("", number)
    assert len(keys) == len(set(keys)) <= 220
    assert all(len(key) == 22 and one_edit(number, key[2:]) for key in keys)


@given(st.text("0123456789", min_size=12, max_size=12), st.text("0123456789", min_size=8, max_size=8))
def test_code_and_number_slip_one_at_a_time(code: str, number: str) -> None:
    keys = near_keys(code, number)
    assert len(keys) <= 420
    for key in keys:
        _, near_code, near_number = key.split(":")
        assert (near_code == code) != (near_number == number)
        assert len(near_code) in {10, 12}
        assert len(near_number) == 8


def test_the_likeliest_slips_stand_first() -> None:
    keys = near_keys("", "26112000000048542163")
    assert keys.index("D:26112000000048542168") < keys.index("D:26112000000048542162")  # 3↔8 before 3→2
    assert keys.index("D:26112000000048542613") < keys.index("D:26112000000048542162")  # a transposition


def test_a_dropped_and_a_doubled_digit_are_repaired() -> None:
    whole = "26112000000048542163"
    assert f"D:{whole}" in near_keys("", whole[:7] + whole[8:])
    assert f"D:{whole}" in near_keys("", whole[:9] + whole[8:])
    assert "T:1100153130:00985283" in near_keys("1100153130", "0985283")
    assert "T:011002300611:00985283" in near_keys("11002300611", "00985283")


def test_what_is_no_number_has_no_variants() -> None:
    assert near_keys("", "") == ()
    assert near_keys("", "12A") == ()

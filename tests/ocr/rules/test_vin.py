"""The vehicle identification number."""

from __future__ import annotations

import pytest

from ocr.rules.vin import spelled, vin_ok


def test_a_vin_carries_its_check_digit() -> None:
    assert vin_ok("1M8GDM9AXKP042788")
    assert vin_ok("11111111111111111")
    assert not vin_ok("1M8GDM9A1KP042788")


@pytest.mark.parametrize("text", ["1M8GDM9AXKP04278", "1M8GDM9AXKP04278I", ""])
def test_what_has_not_the_shape_of_a_vin_is_none(text: str) -> None:
    assert not vin_ok(text)


def test_letters_that_no_vin_has_are_the_digits_they_look_like() -> None:
    assert spelled("1M8GDM9A XKPO4278Q") == "1M8GDM9AXKP042780"
    assert spelled("车架号") is None
    assert spelled("ABCDEFGHJKLMNPRST") is None

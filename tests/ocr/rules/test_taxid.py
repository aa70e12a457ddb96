from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.rules.taxid import ALPHABET, TaxIdKind, check_ok, classify, id_ok, org_ok, repairs, uscc_ok

COMPANIES = [
    "91460300MAA92DJN95", "91110108690017781B", "12100000707137123P", "914403003197860257", "91370212MA3ER1RQXE",
    "92330203MA7ETU5T10", "91330106MA7GAL1299", "91110302MA01NP925M", "915300007873997205", "91320200796148368W",
    "913202133140424571",
]  # fmt: skip
PEOPLE = ["11010519491231002X", "440524188001010014", "320404197607060813"]


@pytest.mark.parametrize("text", COMPANIES)
def test_real_codes_fit_their_check_digits(text: str) -> None:
    assert uscc_ok(text)
    assert org_ok(text[8:17])
    assert classify(text) is TaxIdKind.USCC
    assert check_ok(text) is True
    assert repairs(text) == ()


@pytest.mark.parametrize(
    "text",
    ["91500102563638729E", "9150010807MGZHI002", "91440000000000000X", "9111010869001778", "91110108690017781b", ""],
)
def test_wrong_codes_do_not(text: str) -> None:
    assert not uscc_ok(text)


@given(st.sampled_from(COMPANIES), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_changed_character_is_always_noticed(text: str, place: int, char: str) -> None:
    changed = text[:place] + char + text[place + 1 :]
    assert uscc_ok(changed) is (changed == text)


@given(st.sampled_from(COMPANIES), st.integers(0, 16))
def test_two_swapped_neighbours_are_always_noticed(text: str, place: int) -> None:
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    assert uscc_ok(swapped) is (swapped == text)


@pytest.mark.parametrize(
    ("text", "good"), [("690017781", True), ("690017780", False), ("69001778", False), ("MA7GAL129", True)]
)
def test_organisation_codes(text: str, *, good: bool) -> None:
    assert org_ok(text) is good


@pytest.mark.parametrize("text", PEOPLE)
def test_identity_numbers_fit(text: str) -> None:
    assert id_ok(text)
    assert classify(text) is TaxIdKind.PERSON
    assert check_ok(text) is True


@pytest.mark.parametrize(
    "text", ["110105194912310021", "44078819091887401X", "11010519491231002x", "110105179912310021", "1101051949"]
)
def test_wrong_identity_numbers_do_not(text: str) -> None:
    assert not id_ok(text)


@pytest.mark.parametrize(
    ("text", "kind", "check"),
    [
        ("", TaxIdKind.EMPTY, None),
        ("51019800DK01187", TaxIdKind.AGENT, None),
        ("110108690017781", TaxIdKind.OLD, True),
        ("110105491231002", TaxIdKind.OLD, None),
        ("11010549123100201", TaxIdKind.LONG_OLD, None),
        ("32040419760706081301", TaxIdKind.PERSON_SEQUENCE, True),
        ("32040419760706081401", TaxIdKind.PERSON_SEQUENCE, False),
        ("110105194912310021", TaxIdKind.PERSON, False),
        ("91500102563638729E", TaxIdKind.USCC, False),
        ("9150010807MGZHI002", TaxIdKind.USCC, False),
        ("1234", TaxIdKind.UNKNOWN, None),
        ("9111010869001778100", TaxIdKind.UNKNOWN, None),
        ("91110108690017781-", TaxIdKind.UNKNOWN, None),
    ],
)
def test_the_forms_of_tax_ids(text: str, kind: TaxIdKind, *, check: bool | None) -> None:
    assert classify(text) is kind
    assert check_ok(text) is check


def test_eighteen_digits_of_both_forms_are_what_their_check_digit_says() -> None:
    """A public body's code (11 + region ending in 19) has a birth date in the place where identity numbers do."""
    heads = (f"11110119{year}0101{tail:03d}" for year in range(90, 100) for tail in range(10))
    both = [head + digit for head in heads for digit in "0123456789"]
    companies = [text for text in both if uscc_ok(text) and not id_ok(text)]
    people = [text for text in both if id_ok(text)]
    assert companies
    assert people
    assert {classify(text) for text in companies} == {TaxIdKind.USCC}
    assert {classify(text) for text in people} == {TaxIdKind.PERSON}


@pytest.mark.parametrize("place", range(18))
def test_a_confused_character_is_repaired(place: int) -> None:
    text = "91110108690017781B"
    misread = {"1": "7", "0": "D", "8": "3", "6": "G", "9": "4", "7": "T", "B": "8"}
    wrong = text[:place] + misread[text[place]] + text[place + 1 :]
    assert text in repairs(wrong)


def test_nothing_is_repaired_that_has_another_length() -> None:
    assert repairs("9111010869001778") == ()


def test_a_letter_outside_the_alphabet_is_repaired() -> None:
    assert "91110108690017781B" in repairs("9I110108690017781B")

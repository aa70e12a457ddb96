from __future__ import annotations

from collections.abc import Mapping

import pytest

from intake.official.questions import Readiness, as_asked, questions, well_formed
from intake.official.sites import Site, site_of
from ocr.types import Box, FieldName, Kind
from tests.official.papers import BOX, VALUES, paper

F = FieldName
DIGITAL = {**VALUES, F.NUMBER: "26112000000048542163"}
ON_PAPER = {**VALUES, F.PRINTED_NUMBER: "00985283", F.NUMBER: "26112000000048542163"}
FORMS: Mapping[Kind, tuple[Mapping[FieldName, str], tuple[tuple[str, str], ...]]] = {
    # domain.md §8.1, line by line: label of the form and the value as it wants it
    Kind.VAT_SPECIAL_PAPER: (
        {**VALUES, F.CODE: "1100153130"},
        (("code", "1100153130"), ("number", "00985283"), ("date", "20261120"), ("net", "100.00")),
    ),
    Kind.VAT_E_SPECIAL: (
        VALUES,
        (("code", "044031900111"), ("number", "00985283"), ("date", "20261120"), ("net", "100.00")),
    ),
    Kind.VEHICLE: (
        VALUES,
        (("code", "044031900111"), ("number", "00985283"), ("date", "20261120"), ("net_vehicle", "100.00")),
    ),
    Kind.FREIGHT_SPECIAL: (
        VALUES,
        (("code", "044031900111"), ("number", "00985283"), ("date", "20261120"), ("sum", "100.00")),
    ),
    Kind.USED_VEHICLE: (
        VALUES,
        (("code", "044031900111"), ("number", "00985283"), ("date", "20261120"), ("price_of_vehicle", "106.00")),
    ),
    Kind.VAT_NORMAL_PAPER: (
        VALUES,
        (("code", "044031900111"), ("number", "00985283"), ("date", "20261120"), ("check_6", "325108")),
    ),
    Kind.VAT_E_NORMAL: (
        VALUES,
        (("code", "044031900111"), ("number", "00985283"), ("date", "20261120"), ("check_6", "325108")),
    ),
    Kind.VAT_ROLL: (
        VALUES,
        (("code", "044031900111"), ("number", "00985283"), ("date", "20261120"), ("check_6", "325108")),
    ),
    Kind.VAT_E_TOLL: (
        VALUES,
        (("code", "044031900111"), ("number", "00985283"), ("date", "20261120"), ("check_6", "325108")),
    ),
    Kind.BLOCKCHAIN: (
        {**VALUES, F.CHECK_CODE: "8a6f1"},
        (
            ("code", "044031900111"),
            ("number", "00985283"),
            ("date", "2026-11-20"),
            ("check_5", "8a6f1"),
            ("total", "106.00"),
        ),
    ),
    Kind.DIG_SPECIAL: (DIGITAL, (("number_20", "26112000000048542163"), ("date", "20261120"), ("total", "106.00"))),
    Kind.DIG_NORMAL: (DIGITAL, (("number_20", "26112000000048542163"), ("date", "20261120"), ("total", "106.00"))),
    Kind.DIG_VEHICLE: (DIGITAL, (("number_20", "26112000000048542163"), ("date", "20261120"), ("total", "106.00"))),
    Kind.DIG_USED_VEHICLE: (
        DIGITAL,
        (("number_20", "26112000000048542163"), ("date", "20261120"), ("total", "106.00")),
    ),
    Kind.RAIL_E: (DIGITAL, (("number_20", "26112000000048542163"), ("date", "20261120"), ("total", "106.00"))),
    Kind.AIR_E: (DIGITAL, (("number_20", "26112000000048542163"), ("date", "20261120"), ("total", "106.00"))),
    Kind.DIG_PAPER_SPECIAL: (
        ON_PAPER,
        (("code", "044031900111"), ("number", "00985283"), ("date", "20261120"), ("net", "100.00")),
    ),
    Kind.DIG_PAPER_NORMAL: (
        ON_PAPER,
        (("code", "044031900111"), ("number", "00985283"), ("date", "20261120"), ("check_6", "325108")),
    ),
    Kind.FISCAL: (
        {**VALUES, F.CODE: "11060123", F.NUMBER: "0123456789", F.CHECK_CODE: "a1b2c3"},
        (
            ("fiscal_code", "11060123"),
            ("fiscal_number", "0123456789"),
            ("check_fiscal", "a1b2c3"),
            ("amount", "106.00"),
            ("date", "2026-11-20"),
        ),
    ),
    Kind.CUSTOMS: (
        {**VALUES, F.NUMBER: "531620201160129048-L02"},
        (("customs_number", "531620201160129048-L02"), ("customs_date", "2026-11-20"), ("customs_tax", "6.00")),
    ),
    Kind.TAXI: (
        VALUES,
        (("code", "044031900111"), ("number", "00985283"), ("date", "2026-11-20"), ("amount", "106.00")),
    ),
    Kind.COACH: (
        VALUES,
        (("code", "044031900111"), ("number", "00985283"), ("date", "2026-11-20"), ("amount", "106.00")),
    ),
    Kind.MACHINE_GENERAL: (
        VALUES,
        (("code", "044031900111"), ("number", "00985283"), ("date", "2026-11-20"), ("amount", "106.00")),
    ),
    Kind.QUOTA: (VALUES, (("code", "044031900111"), ("number", "00985283"))),
    Kind.TAX_RECEIPT: (
        {**VALUES, F.NUMBER: "311018261100012345"},
        (("receipt_number", "311018261100012345"), ("date", "2026-11-20"), ("amount", "106.00")),
    ),
    Kind.TRAIN_PAPER: (
        {**VALUES, F.SERIAL: "10010300361018A012345", F.ROUTE: "北京南 – 上海虹桥"},
        (("serial", "10010300361018A012345"), ("date", "2026-11-20"), ("route", "北京南 – 上海虹桥")),
    ),
}


@pytest.mark.parametrize("kind", FORMS)
def test_the_form_of_each_kind_asks_in_its_order_and_spelling(kind: Kind) -> None:
    values, expected = FORMS[kind]
    asked = questions(paper(kind, values))
    assert tuple((one.label, one.value) for one in asked) == expected
    assert {one.readiness for one in asked} == {Readiness.READY}


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_is_asked_about_exactly_where_somebody_answers(kind: Kind) -> None:
    assert bool(questions(paper(kind))) == (site_of(kind) is not Site.NONE)


READINESS = {
    "proven": (VALUES, (), Readiness.READY),
    "only read": (VALUES, (F.CHECK_CODE,), Readiness.UNPROVEN),
    "cut off": ({**VALUES, F.CHECK_CODE: "3251"}, (), Readiness.MALFORMED),
    "letters": ({**VALUES, F.CHECK_CODE: "6233071956375332510B"}, (), Readiness.MALFORMED),
    "not read": ({F.CODE: VALUES[F.CODE]}, (), Readiness.MISSING),
}


@pytest.mark.parametrize("case", READINESS)
def test_what_is_missing_or_unproven_is_said(case: str) -> None:
    values, unproven, expected = READINESS[case]
    found = {one.name: one.readiness for one in questions(paper(Kind.VAT_E_NORMAL, values, unproven=unproven))}
    assert found[F.CHECK_CODE] is expected


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        (F.NUMBER, "00000000", False),
        (F.NUMBER, "00985283", True),
        (F.NUMBER, "985283", False),
        (F.NET, "-100.00", True),
        (F.NET, "100", True),
        (F.NET, "100.001", False),
        (F.NET, "123456789012.00", False),
        (F.NET, "１００", False),
        (F.DATE, "20261120", True),
        (F.CHECK_CODE, "325108", False),  # a special invoice is not asked for one
    ],
)
def test_the_official_patterns_decide_what_a_form_takes(name: FieldName, value: str, taken: bool) -> None:
    assert well_formed(Kind.VAT_SPECIAL_PAPER, name, value) is taken


def test_blanks_are_taken_out_and_days_lose_their_dashes_only_for_the_tax_bureau() -> None:
    assert as_asked(Kind.VAT_E_NORMAL, F.CHECK_CODE, "62330 71956 37533 25108") == "325108"
    assert as_asked(Kind.DIG_NORMAL, F.DATE, "2026-11-20") == "20261120"
    assert as_asked(Kind.FISCAL, F.DATE, "2026-11-20") == "2026-11-20"
    assert as_asked(Kind.TRAIN_PAPER, F.ROUTE, " 北京 – 上海 ") == "北京 – 上海"


def test_a_digital_form_on_paper_without_its_twenty_digits_is_asked_by_the_printed_number() -> None:
    asked = questions(paper(Kind.DIG_PAPER_NORMAL))
    assert (asked[1].name, asked[1].value) == (F.NUMBER, "00985283")


def test_a_value_is_shown_where_it_was_seen() -> None:
    spot = questions(paper(Kind.DIG_NORMAL, DIGITAL, page=2))[0].spot
    assert spot is not None
    assert (spot.page, spot.box, spot.seen) == (2, BOX, True)


def test_a_value_without_a_place_has_none() -> None:
    assert questions(paper(Kind.DIG_NORMAL, DIGITAL, boxes={}))[0].spot is None


LINES = {F.NUMBER: Box(0.75, 0.08, 0.95, 0.11), F.DATE: Box(0.75, 0.12, 0.9, 0.15)}
UNREAD = {F.CODE: VALUES[F.CODE], F.NUMBER: VALUES[F.NUMBER], F.DATE: VALUES[F.DATE]}
PLACES = {
    "electronic form: the line below the day": (Kind.VAT_E_NORMAL, LINES, Box(0.75, 0.16, 0.95, 0.19)),
    "electronic form, lines upside down": (Kind.VAT_E_NORMAL, {F.NUMBER: BOX, F.DATE: BOX}, None),
    "electronic form, day without a place": (Kind.VAT_E_NORMAL, {F.NUMBER: BOX}, None),
    "paper form: below the large code": (
        Kind.VAT_NORMAL_PAPER,
        {F.CODE: Box(0.1, 0.1, 0.3, 0.15)},
        Box(0.1, 0.19, 0.36, 0.23),
    ),
    "paper form, code without a place": (Kind.VAT_NORMAL_PAPER, {}, None),
    "roll": (Kind.VAT_ROLL, LINES, None),
}


@pytest.mark.parametrize("case", PLACES)
def test_an_unread_check_code_is_looked_for_where_it_should_stand(case: str) -> None:
    kind, boxes, expected = PLACES[case]
    spot = questions(paper(kind, UNREAD, boxes=boxes))[3].spot
    if expected is None:
        assert spot is None
        return
    assert spot is not None
    assert not spot.seen
    found = (spot.box.x0, spot.box.y0, spot.box.x1, spot.box.y1)
    assert found == pytest.approx((expected.x0, expected.y0, expected.x1, expected.y1))


def test_a_check_code_is_not_looked_for_across_pages() -> None:
    whole = paper(Kind.VAT_E_NORMAL, UNREAD, boxes=LINES)
    other = paper(Kind.VAT_E_NORMAL, UNREAD, boxes=LINES, page=1)
    mixed = type(whole)(whole.kind, {**whole.fields, F.DATE: other.fields[F.DATE]})
    assert questions(mixed)[3].spot is None

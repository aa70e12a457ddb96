from __future__ import annotations

from datetime import date

import pytest

from intake.model import Level
from intake.review import Difference, Requirement, check_entry, clean, critical, differences, requirements
from ocr.types import FieldName, Kind

F, K = FieldName, Kind
TODAY = date(2026, 11, 24)
M, C, O = Requirement.MANDATORY, Requirement.CONDITIONAL, Requirement.OPTIONAL  # noqa: E741  as the table writes them
DIGITAL = {
    F.NUMBER: "24112000000048542163", F.DATE: "2024-05-28", F.NET: "4197.17", F.TAX: "251.83", F.TOTAL: "4449.00",
    F.BUYER_NAME: "乙公司", F.BUYER_TAX_ID: "914403003197860257", F.SELLER_NAME: "甲公司",
    F.SELLER_TAX_ID: "91110108690017781B",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        # the table of §10.1, column by column
        (K.VAT_SPECIAL_PAPER, {F.CODE: M, F.NUMBER: M, F.DATE: M, F.CHECK_CODE: None, F.NET: M, F.TAX: M, F.TOTAL: M,
                               F.TOTAL_IN_WORDS: O, F.BUYER_NAME: M, F.BUYER_TAX_ID: M, F.SELLER_NAME: M, F.SELLER_TAX_ID: M, F.RED_OF: C}),
        (K.VAT_E_NORMAL, {F.CODE: M, F.NUMBER: M, F.DATE: M, F.CHECK_CODE: M, F.NET: M, F.TAX: M, F.TOTAL: M,
                          F.BUYER_NAME: M, F.BUYER_TAX_ID: C, F.SELLER_NAME: M, F.SELLER_TAX_ID: M, F.RED_OF: C}),
        (K.DIG_SPECIAL, {F.CODE: None, F.NUMBER: M, F.DATE: M, F.CHECK_CODE: None, F.NET: M, F.TAX: M, F.TOTAL: M,
                         F.BUYER_NAME: M, F.BUYER_TAX_ID: M, F.SELLER_NAME: M, F.SELLER_TAX_ID: M, F.RED_OF: C}),
        (K.DIG_NORMAL, {F.CODE: None, F.NUMBER: M, F.NET: M, F.TAX: M, F.BUYER_TAX_ID: C, F.SELLER_TAX_ID: M}),
        (K.VAT_ROLL, {F.CODE: M, F.CHECK_CODE: M, F.NET: O, F.TAX: O, F.TOTAL: M, F.BUYER_NAME: O, F.BUYER_TAX_ID: C, F.SELLER_TAX_ID: M, F.RED_OF: None}),
        (K.VEHICLE, {F.CODE: M, F.NET: M, F.TAX: M, F.BUYER_TAX_ID: M, F.VEHICLE: M}),
        (K.USED_VEHICLE, {F.CODE: M, F.NET: None, F.TAX: None, F.TOTAL: M, F.BUYER_TAX_ID: C, F.SELLER_TAX_ID: C, F.VEHICLE: M}),
        (K.RAIL_E, {F.CODE: None, F.NUMBER: M, F.NET: C, F.TAX: C, F.TOTAL: M, F.BUYER_NAME: C, F.BUYER_TAX_ID: C, F.SELLER_TAX_ID: None, F.ROUTE: M}),
        (K.AIR_E, {F.NUMBER: M, F.CHECK_CODE: O, F.NET: C, F.TAX: C, F.SELLER_NAME: M, F.SELLER_TAX_ID: M, F.ROUTE: M}),
        (K.TAXI, {F.CODE: M, F.NUMBER: M, F.DATE: M, F.TOTAL: M, F.NET: None, F.BUYER_NAME: None, F.SELLER_NAME: O, F.SELLER_TAX_ID: None}),
        (K.FISCAL, {F.CODE: M, F.NUMBER: M, F.CHECK_CODE: M, F.NET: None, F.TOTAL: M, F.BUYER_NAME: O, F.SELLER_NAME: M}),
        (K.CUSTOMS, {F.CODE: None, F.NUMBER: M, F.NET: None, F.TAX: M, F.TOTAL: M, F.BUYER_NAME: M, F.BUYER_TAX_ID: C}),
    ],
)  # fmt: skip
def test_the_fields_of_each_kind(kind: Kind, expected: dict[FieldName, Requirement | None]) -> None:
    column = requirements(kind)
    assert {name: column.get(name) for name in expected} == expected


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_paper_can_be_keyed(kind: Kind) -> None:
    column = requirements(kind)
    assert F.NUMBER in column
    assert list(column) == [name for name in FieldName if name in column]
    invoice = kind not in {K.LIST_PAGE, K.RIDE_LIST, K.OTHER}
    if invoice:
        assert column[F.DATE] is column[F.TOTAL] is M
        assert {F.DATE, F.TOTAL} < set(critical(kind))
    assert all(column[name] is not O for name in critical(kind))


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (K.DIG_SPECIAL, (F.NUMBER, F.DATE, F.TOTAL, F.SELLER_TAX_ID)),
        (K.VAT_E_NORMAL, (F.CODE, F.NUMBER, F.DATE, F.TOTAL, F.SELLER_TAX_ID)),
        (K.TAXI, (F.CODE, F.NUMBER, F.DATE, F.TOTAL)),
        (K.TRAIN_PAPER, (F.NUMBER, F.SERIAL, F.DATE, F.TOTAL)),
        (K.OTHER, ()),
    ],
)
def test_the_fields_keyed_blind(kind: Kind, fields: tuple[FieldName, ...]) -> None:
    assert critical(kind) == fields


def test_keyed_values_take_one_spelling() -> None:
    assert clean({F.TOTAL: "￥1,409.5", F.DATE: "2024/5/28", F.NUMBER: "x", F.REMARK: " "}) == {
        F.TOTAL: "1409.50",
        F.DATE: "2024-05-28",
    }


def test_a_right_entry_is_complete() -> None:
    report = check_entry(K.DIG_SPECIAL, DIGITAL, frozenset(), today=TODAY)
    assert report.complete
    assert report.findings == ()


def test_a_paper_without_tax_needs_none_keyed() -> None:
    toll = {F.NET: "39.00", F.TOTAL: "39.00"}
    assert F.TAX not in check_entry(Kind.DIG_NORMAL, toll, frozenset(), today=TODAY).missing
    assert F.TAX in check_entry(Kind.DIG_NORMAL, toll | {F.NET: "38.00"}, frozenset(), today=TODAY).missing


def test_what_is_missing_is_named_unless_it_is_illegible() -> None:
    values = {**DIGITAL, F.TAX: " "}
    del values[F.NET], values[F.SELLER_NAME]
    report = check_entry(K.DIG_SPECIAL, values, frozenset({F.SELLER_NAME}), today=TODAY)
    assert report.missing == (F.NET, F.TAX)
    assert not report.complete


@pytest.mark.parametrize(
    ("kind", "values", "invalid"),
    [
        (K.DIG_SPECIAL, {F.NUMBER: "00985283"}, (F.NUMBER,)),
        (K.VAT_E_NORMAL, {F.NUMBER: "24112000000048542163", F.CODE: "011002300111"}, (F.NUMBER,)),
        (K.VAT_E_NORMAL, {F.NUMBER: "00000000", F.CODE: "00010126"}, (F.CODE, F.NUMBER)),
        (K.VAT_E_NORMAL, {F.NUMBER: "00985283", F.CODE: "011002300111"}, ()),
        (K.FISCAL, {F.NUMBER: "0010925600", F.CODE: "00010126"}, ()),
        (K.FISCAL, {F.NUMBER: "00985283", F.CODE: "011002300111"}, (F.CODE, F.NUMBER)),
        (K.CUSTOMS, {F.NUMBER: "531620201160129048-L02"}, ()),
        (K.AIR_PAPER, {F.NUMBER: "00985283"}, (F.NUMBER,)),
        (K.TRAIN_PAPER, {F.SERIAL: "123456", F.NUMBER: "A123456"}, (F.SERIAL,)),
        (K.UNKNOWN, {F.NUMBER: "00985283", F.CODE: "00010126"}, ()),
        (K.DIG_SPECIAL, {F.DATE: "yesterday", F.TOTAL: "many"}, (F.DATE, F.TOTAL)),
    ],
)
def test_what_cannot_be_so_is_named(kind: Kind, values: dict[FieldName, str], invalid: tuple[FieldName, ...]) -> None:
    assert check_entry(kind, values, frozenset(), today=TODAY).invalid == invalid


def test_failed_checks_are_shown_and_do_not_block() -> None:
    report = check_entry(K.DIG_SPECIAL, {**DIGITAL, F.TAX: "251.84"}, frozenset(), today=TODAY)
    assert [(one.code, one.level) for one in report.findings] == [("sum", Level.ERROR)]
    assert report.complete


def test_differences_are_those_of_value_not_of_spelling() -> None:
    first = {F.TOTAL: "1,409.50", F.DATE: "2024-05-28", F.NUMBER: "00985283"}
    second = {F.TOTAL: "1409.5", F.DATE: "2024-05-29"}
    assert differences(first, second, (F.NUMBER, F.DATE, F.TOTAL)) == (
        Difference(F.NUMBER, "00985283", None),
        Difference(F.DATE, "2024-05-28", "2024-05-29"),
    )

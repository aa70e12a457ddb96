"""How many people an entry needs (domain.md §10.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from intake.model import Cause, Doubt, Finding, FusedField, Invoice, Level, Proof
from intake.risk import Control, FirstEntry, Ground, Policy, assess, control_of, is_coded
from ocr.types import FieldName, Kind

F = FieldName
POLICY = Policy(Decimal(10000), 0.1)
QR = frozenset({Proof.QR_CRC})
VALUES = {
    F.NUMBER: "26112000000048542163",
    F.DATE: "2026-07-24",
    F.TOTAL: "106.00",
    F.SELLER_TAX_ID: "91110108MAEY9WLP8G",
}


def read(
    proof: frozenset[Proof] = frozenset(), doubt: Doubt | None = None, values: Mapping[FieldName, str] = VALUES
) -> Invoice:
    return Invoice(Kind.DIG_NORMAL, {name: FusedField(name, value, proof, (), doubt) for name, value in values.items()})


ENTRY = FirstEntry(read(), Kind.DIG_NORMAL, VALUES, (), (), Cause.REGISTER_STALE, in_register=False)
CODED = replace(ENTRY, seen=read(QR))
LARGE = {**VALUES, F.TOTAL: "10000.00"}


@pytest.mark.parametrize(
    ("entry", "draw", "ground"),
    [
        (replace(CODED, in_register=True), 0.0, Ground.REGISTER),
        (replace(CODED, in_register=True, cause=Cause.WRONG_TITLE), 0.5, Ground.CODE),
        (replace(CODED, in_register=True, cause=Cause.DUPLICATE), 0.5, Ground.CODE),
        (CODED, 0.5, Ground.CODE),
        (replace(CODED, seen=read(QR, values=LARGE), values=LARGE), 0.5, Ground.CODE),
        (replace(CODED, seen=read(frozenset({Proof.STRUCTURED}))), 0.5, Ground.CODE),
        (CODED, 0.05, Ground.SAMPLED),
        (ENTRY, 0.5, Ground.SMALL),
        (ENTRY, 0.05, Ground.SAMPLED),
        (replace(ENTRY, in_register=True), 0.5, Ground.SMALL),
        (replace(ENTRY, seen=read(values=LARGE), values=LARGE), 0.5, Ground.LARGE),
        (replace(ENTRY, values={**VALUES, F.TOTAL: "-10000.00"}), 0.5, Ground.LARGE),
        (replace(ENTRY, values={F.NUMBER: VALUES[F.NUMBER]}), 0.5, Ground.LARGE),
        (replace(CODED, illegible=(F.TAX,)), 0.5, Ground.ILLEGIBLE),
        (replace(CODED, findings=(Finding("sum", Level.ERROR),)), 0.5, Ground.CHECK_FAILED),
        (replace(CODED, findings=(Finding("old", Level.WARNING),)), 0.5, Ground.CODE),
        (replace(CODED, cause=Cause.QR_OCR_CONFLICT), 0.5, Ground.DOUBTFUL_KEY),
        (replace(CODED, cause=Cause.SUSPECTED_FORGERY_OR_ALTERATION), 0.5, Ground.DOUBTFUL_KEY),
        (replace(CODED, values={**VALUES, F.TOTAL: "160.00"}), 0.5, Ground.DOUBTFUL_KEY),
        (replace(ENTRY, values={**VALUES, F.TOTAL: "160.00"}), 0.5, Ground.SMALL),
        (replace(ENTRY, seen=read(doubt=Doubt.SOURCES_DISAGREE)), 0.5, Ground.DOUBTFUL_KEY),
        (replace(ENTRY, seen=read(doubt=Doubt.ONE_READER)), 0.5, Ground.SMALL),
        (replace(ENTRY, seen=Invoice(Kind.UNKNOWN, {})), 0.5, Ground.SMALL),
    ],
)
def test_the_risk_says_which_control_follows_and_why(entry: FirstEntry, draw: float, ground: Ground) -> None:
    assert assess(entry, POLICY, draw) is ground


@pytest.mark.parametrize(
    ("ground", "control"),
    [
        ("register", Control.NONE),
        ("code", Control.APPROVAL),
        ("small", Control.APPROVAL),
        *((ground.value, Control.BLIND) for ground in list(Ground)[3:]),
        ("", Control.BLIND),
    ],
)
def test_each_ground_has_its_control_and_the_unsaid_the_strictest(ground: str, control: Control) -> None:
    assert control_of(ground) is control


def test_nothing_is_drawn_when_the_rate_is_nothing() -> None:
    assert assess(ENTRY, Policy(Decimal(10000), 0.0), 0.0) is Ground.SMALL


@pytest.mark.parametrize(
    ("values", "coded"),
    [
        (VALUES, True),
        ({F.DATE: "2026-07-24"}, False),
        ({**VALUES, F.NUMBER: "26112000000048542164"}, False),
        ({**VALUES, F.CODE: "011002300111"}, False),
    ],
)
def test_a_code_stands_only_for_the_key_that_it_says(values: Mapping[FieldName, str], coded: bool) -> None:
    assert is_coded(read(QR), values) is coded

"""A proven value is never wrong, whatever befalls the readers: thousands of invented papers misread on purpose."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from fixtures.invent import Inventor
from intake.fuse import fuse
from ocr.types import FieldName, FieldValue, Source
from tests.intake.misread import FAULTS, Fault
from tests.intake.seen_papers import Case, paper

CARRIERS = (Source.OCR, Source.OCR, Source.OCR, Source.PDF_TEXT, Source.OFD_DATA)


def escapes(case: Case) -> list[str]:
    """The proven values that are not those of the paper."""
    invoice = fuse(case.receipt())
    return [
        f"{name}={field.value} for {case.truth.get(name)} by {sorted(field.proof)}"
        for name, field in invoice.fields.items()
        if field.proven and name in case.truth and field.value != case.truth[name]
    ]


def attacked(seed: int, *first: Fault) -> Case:
    """A paper with the fault asked for, and up to two others."""
    chance = Inventor(seed).chance
    case = paper(seed, chance.choice(CARRIERS))
    for fault in (*first, *chance.sample(FAULTS, chance.choice((0, 1, 1, 2)))):
        case = fault(case, chance)
    return case


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_no_misreading_is_ever_called_proven(fault: Fault) -> None:
    wrong = []
    for seed in range(150):
        case = attacked(seed, fault)
        wrong += [f"{case.kind} {seed}:{case.told}: {text}" for text in escapes(case)]
    assert wrong == []


def test_what_is_read_well_is_mostly_proven() -> None:
    """Without this the promise above could be kept by proving nothing."""
    proven: Counter[Source] = Counter()
    asked: Counter[Source] = Counter()
    for seed in range(200):
        carrier = CARRIERS[seed % len(CARRIERS)]
        case = paper(seed, carrier)
        invoice = fuse(case.receipt())
        assert escapes(case) == []
        names = [name for name in case.truth if name in invoice.fields]
        asked[carrier] += len(names)
        proven[carrier] += sum(invoice.proven(name) for name in names)
    shares = {carrier: proven[carrier] / asked[carrier] for carrier in asked}
    floors = {Source.OCR: 0.6, Source.PDF_TEXT: 0.6, Source.OFD_DATA: 0.95}
    assert {carrier: share for carrier, share in shares.items() if share < floors[carrier]} == {}


def test_the_true_seller_that_the_remark_names_is_no_party_of_the_face() -> None:
    case = paper(4, Source.PDF_TEXT)
    assert fuse(case.receipt()).proven(FieldName.SELLER_TAX_ID)
    named = FieldValue(FieldName.REAL_SELLER_TAX_ID, case.truth[FieldName.SELLER_TAX_ID], 1.0, Source.PDF_TEXT)
    assert not fuse(replace(case, seen=(*case.seen, named)).receipt()).proven(FieldName.SELLER_TAX_ID)

from __future__ import annotations

from dataclasses import replace

import pytest

from intake.model import Cause, NextStep, Role
from ocr.types import Kind
from tests.intake.diagnosis.papers import KNOWN, F, K, codes, paper, why


@pytest.mark.parametrize("kind", [K.LIST_PAGE, K.RIDE_LIST, K.OTHER])
def test_1_a_list_is_no_invoice(kind: Kind) -> None:
    found = why(paper(kind=kind), known=KNOWN)
    assert (found.cause, found.next_step, found.owner) == (Cause.NOT_AN_INVOICE, NextStep.REJECT_OR_ATTACH, Role.CLERK)
    assert found.evidence[0].params == {"kind": kind}


@pytest.mark.parametrize(
    "kind", [K.TAXI, K.QUOTA, K.COACH, K.TRAIN_PAPER, K.AIR_PAPER, K.FISCAL, K.MACHINE_GENERAL, K.BLOCKCHAIN]
)
def test_2_some_kinds_are_never_in_the_register(kind: Kind) -> None:
    found = why(paper({F.TOTAL: "27.00"}, kind))
    assert (found.cause, found.next_step) == (Cause.TYPE_NEVER_IN_REGISTER, NextStep.KEY_AND_VERIFY)


def test_2_but_one_that_is_on_file_already_is_a_duplicate() -> None:
    assert why(paper(kind=K.TAXI), known=KNOWN).cause is Cause.DUPLICATE


def test_3_the_first_record_of_a_duplicate_is_shown() -> None:
    found = why(paper(), known=KNOWN)
    assert (found.cause, found.next_step, found.owner) == (Cause.DUPLICATE, NextStep.OPEN_FIRST_RECORD, Role.CLERK)
    assert codes(found) == ["first_record", "first_document", "same_as_first"]
    assert found.evidence[0].link == "invoice:12"
    assert found.evidence[0].params == {"received": "2026-11-24 12:00"}
    assert found.evidence[1].link == "document:7"


def test_3_a_duplicate_with_other_values_is_a_conflict() -> None:
    found = why(paper(total="4450.00", date="2026-11-11"), known=KNOWN, findings=())
    assert found.owner is Role.SUPERVISOR
    assert [one.params["field"] for one in found.evidence if one.code == "differs_from_first"] == [F.DATE, F.TOTAL]
    bare = replace(KNOWN, date=None, net=None, total=None)
    assert "same_as_first" in codes(why(paper(), known=bare))

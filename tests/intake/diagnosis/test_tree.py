from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from intake.diagnosis.tree import NODES
from intake.model import (
    Ambiguous,
    Cause,
    Company,
    Diagnosis,
    Direction,
    Likeness,
    MatchLevel,
    NextStep,
    OfficialOutcome,
    Proof,
    RefusedRow,
    SourceHealth,
    SourceState,
    Verification,
)
from ocr.types import Kind, Sheets
from tests.intake.diagnosis.papers import (
    COMPANY,
    FRESH,
    KNOWN,
    LIKE,
    NOW,
    OURS,
    STALE,
    K,
    also,
    asked,
    candidate,
    paper,
    why,
)


def test_every_cause_step_and_evidence_has_a_sentence() -> None:
    sentences = json.loads((Path(__file__).parents[3] / "web" / "translations" / "zh.json").read_text(encoding="utf-8"))
    for cause in Cause:
        assert {f"cause.{cause}", f"cause.{cause}.why"} <= sentences.keys()
    assert {f"next.{step}" for step in NextStep} <= sentences.keys()
    for found in (
        why(paper()),
        why(paper(), known=KNOWN),
        why(paper(), sources=()),
        why(paper(buyer_name="别的公司", buyer_tax_id=None)),
    ):
        for one in found.evidence:
            parts = sentences[f"evidence.{one.code}"].split("{")[1:]
            assert set(one.params) >= {part.split("}")[0] for part in parts}


def test_further_causes_that_hold_are_told_in_the_order_of_the_tree() -> None:
    """Mistyped, not reached by the register, and made out to somebody else: the first decides."""
    seen = paper(tax="251.84", buyer_tax_id="91330106MA7GAL1299", buyer_name="杭州别的公司")
    found = why(seen, sources=(STALE,))
    assert found.cause is Cause.TRANSCRIPTION_ERROR
    assert also(found) == [Cause.REGISTER_STALE, Cause.WRONG_TITLE]
    assert [one.code for one in found.also[1].evidence] == ["buyer_is", "no_company_like_it"]


def test_a_row_that_is_near_needs_no_reason_for_its_absence() -> None:
    seen = paper(number="26112000000048542168")
    found = why(seen, Ambiguous((candidate(seen, MatchLevel.M2),)), sources=(STALE,))
    assert (found.cause, also(found)) == (Cause.TRANSCRIPTION_ERROR, [])


def test_beside_a_list_or_missing_pages_nothing_else_is_said() -> None:
    wrong: dict[str, Any] = {"buyer_tax_id": "91330106MA7GAL1299", "buyer_name": "杭州别的公司"}
    assert also(why(paper(kind=K.LIST_PAGE, **wrong))) == []
    assert also(why(replace(paper(**wrong), sheets=Sheets(3, (1,))))) == []
    assert also(why(paper(kind=K.TAXI, **wrong), findings=())) == [Cause.WRONG_TITLE]


def test_pages_that_are_missing_are_waited_for_unless_the_invoice_is_known() -> None:
    found = why(replace(paper(), sheets=Sheets(3, (1,))))
    assert (found.cause, found.next_step) == (Cause.PAGES_MISSING, NextStep.SCAN_MISSING_PAGES)
    assert found.evidence[0].params == {"missing": "2, 3", "count": "3"}
    assert why(replace(paper(), sheets=Sheets(3, (1,))), known=KNOWN, findings=()).cause is Cause.DUPLICATE


COMPANIES = (
    COMPANY,
    Company("深圳新名有限公司", OURS, valid_from=date(2026, 7, 1)),
    Company("杭州别的公司", "91330106MA7GAL1299", desk="杭州"),
    Company("深圳某某（前海）有限公司", "91330106MA7GAL1299"),
)
SOURCES = (
    FRESH,
    STALE,
    replace(FRESH, name="erp", health=SourceHealth.OPEN),
    replace(FRESH, name="issued", direction=Direction.ISSUED),
    replace(FRESH, name="manual"),
)
ANSWERS = tuple(asked(outcome, NOW - timedelta(hours=hour)) for hour, outcome in enumerate(OfficialOutcome))
ROWS = tuple(RefusedRow(number, "tax bureau", number, "no_key", NOW) for number in range(3))


@given(
    st.sampled_from([K.DIG_NORMAL, K.VAT_E_NORMAL, K.RAIL_E, K.TAXI]),
    st.sampled_from([None, Proof.QR_CRC]),
    st.fixed_dictionaries({}, optional={"buyer_tax_id": st.none(), "date": st.just("2026-11-24"), "net": st.none()}),
    st.lists(st.sampled_from(COMPANIES), unique=True),
    st.lists(st.sampled_from(SOURCES), unique=True),
    st.lists(st.sampled_from(ANSWERS), unique=True),
    st.lists(st.sampled_from(ROWS), unique=True),
    st.lists(st.sampled_from([LIKE, replace(LIKE, invoice_id=7), replace(LIKE, distance=1)]), unique=True),
    st.randoms(use_true_random=False),
)
def test_the_order_of_what_is_known_changes_nothing_and_the_first_node_decides(
    kind: Kind,
    proof: Proof | None,
    changed: dict[str, Any],
    companies: list[Company],
    sources: list[SourceState],
    official: list[Verification],
    refused: list[RefusedRow],
    alike: list[Likeness],
    chance: random.Random,
) -> None:
    seen = paper(kind=kind, proof=proof, **changed)
    known = (companies, sources, official, refused, alike)

    def told() -> Diagnosis:
        return why(seen, companies=companies, sources=sources, official=official, refused=refused, alike=alike)

    one = told()
    for each in known:
        chance.shuffle(each)
    assert told() == one
    order = [Cause(node.__name__) for node in NODES]
    causes = [one.cause, *also(one)]
    assert causes == sorted(causes, key=lambda cause: order.index(cause) if cause in order else len(order))
    assert one.evidence
    assert one.cause is not Cause.DUPLICATE
    suspected = Cause.SUSPECTED_FORGERY_OR_ALTERATION in causes
    assert not suspected or proof  # "not yet verifiable" is never called forged

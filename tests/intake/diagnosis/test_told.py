"""Each evidence to the letter: its code, its parameters and where it leads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intake.diagnosis.case import expected, failed, link, proposed
from intake.diagnosis.reading import says
from intake.model import Evidence, Finding, Level, MatchLevel, OfficialOutcome, Proof
from ocr.types import FieldName, Kind
from tests.intake.diagnosis.papers import LIKE, NOW, ROW, STALE, asked, candidate, paper, why

F = FieldName
WHERE = "register:99"


def test_what_the_row_expects() -> None:
    seen = paper(total="4440.00", seller_tax_id=None, tax=None)
    row = replace(ROW, seller_name="", buyer_name="")
    assert expected(candidate(seen, MatchLevel.M1, row)) == (
        Evidence("register_expects", {"field": F.TAX, "seen": "—", "expected": "251.83"}, WHERE),
        Evidence("register_expects", {"field": F.TOTAL, "seen": "4440.00", "expected": "4449.00"}, WHERE),
        Evidence("register_expects", {"field": F.SELLER_TAX_ID, "seen": "—", "expected": ROW.seller_tax_id}, WHERE),
    )


def test_a_row_that_is_proposed() -> None:
    params = {
        "number": ROW.number,
        "seller": "甲公司",
        "date": "2026-11-10",
        "total": "4449.00",
        "level": "M2",
    }
    near = paper(number="26112000000048542168")
    slip = Evidence("candidate_slip", {**params, "slip": "confused"}, WHERE)
    assert proposed(candidate(near, MatchLevel.M2)) == slip
    far = paper(number="26112000000048540000")
    assert proposed(candidate(far, MatchLevel.M2)) == Evidence("candidate", params, WHERE)
    bare = replace(ROW, code="011002600111", number="83089647", date=None, total=None, id=None)
    told = proposed(candidate(far, MatchLevel.M4, bare))
    assert told.params == {
        "number": "011002600111 83089647",
        "seller": "甲公司",
        "date": "—",
        "total": "4197.17",
        "level": "M4",
    }
    assert told.link == link(candidate(far, MatchLevel.M4, bare)) == ""
    assert proposed(candidate(far, MatchLevel.M4, replace(bare, net=None))).params["total"] == "—"


def test_what_a_code_and_a_failed_check_say() -> None:
    conflict = Finding("qr_face", Level.ERROR, (F.DATE,), {"qr": "a", "face": "b"})
    assert says(conflict) == Evidence("qr_says", {"field": F.DATE, "qr": "a", "face": "b"})
    checks = [
        conflict,
        Finding("sum", Level.WARNING, (), {"net": "1"}),
        Finding("x", Level.OK),
        Finding("y", Level.INFO),
    ]
    assert list(failed(checks)) == [
        Evidence("check_failed", {"qr": "a", "face": "b", "finding": "qr_face"}),
        Evidence("check_failed", {"net": "1", "finding": "sum"}),
    ]


def test_how_far_the_register_reaches() -> None:
    found = why(paper(), sources=(STALE,))
    assert found.evidence == (
        Evidence("issue_date", {"date": "2026-11-10"}),
        Evidence(
            "register_reaches",
            {"source": "tax bureau", "until": "2026-11-09", "imported": "2026-11-24 11:00"},
            "source:tax bureau",
        ),
    )
    empty = why(paper(), sources=(replace(STALE, newest_issue=None, imported_at=None),))
    assert empty.evidence[1].params == {"source": "tax bureau", "until": "—", "imported": "—"}
    broken = why(paper(), sources=(replace(STALE, failed=True),))
    assert broken.evidence[1] == Evidence("register_failed", {"source": "tax bureau"}, "source:tax bureau")


def test_an_official_answer_and_a_like_picture() -> None:
    proven = paper(proof=Proof.QR_CRC)
    answer = asked(OfficialOutcome.INCONSISTENT)
    told = Evidence("official_answer", {"answer": OfficialOutcome.INCONSISTENT, "date": "2026-11-24"}, "invoice:5")
    assert why(proven, official=(answer,)).evidence == (told,)
    assert why(proven, official=(replace(answer, invoice_id=None),)).evidence[0].link == ""
    like = Evidence("looks_like", {"key": LIKE.key}, "invoice:31")
    assert why(proven, alike=(LIKE,)).evidence == (like,)
    assert NOW.tzinfo is not None


@pytest.mark.parametrize("kind", [Kind.TAXI, Kind.FISCAL])
def test_a_kind_that_is_never_there_with_what_fails_on_it(kind: Kind) -> None:
    finding = Finding("sum", Level.ERROR, (), {"net": "1"})
    assert why(paper(kind=kind), findings=(finding,)).evidence == (
        Evidence("kind_not_in_register", {"kind": kind}),
        Evidence("check_failed", {"net": "1", "finding": "sum"}),
    )

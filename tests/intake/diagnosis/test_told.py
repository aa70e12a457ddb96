"""Each evidence to the letter: its code, its parameters and where it leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from intake.diagnosis.case import expected, failed, link, proposed
from intake.diagnosis.reading import says
from intake.model import (
    Ambiguous,
    Cause,
    Company,
    Diagnosis,
    Direction,
    Evidence,
    Finding,
    Invoice,
    Level,
    Matched,
    MatchLevel,
    NextStep,
    OfficialOutcome,
    Proof,
    RefusedRow,
    RegisterRow,
    RegisterStatus,
    Role,
    SourceHealth,
    System,
)
from ocr.types import FieldName, Kind, Sheets
from tests.intake.diagnosis.papers import COMPANY, FRESH, KNOWN, LIKE, NOW, ROW, STALE, asked, candidate, paper, why

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


SOURCE = "source:tax bureau"
SPANS = ((date(2026, 11, 11), date(2026, 11, 30)),)
TRANSCRIBED = (Cause.TRANSCRIPTION_ERROR, NextStep.CORRECT_FROM_IMAGE, Role.CLERK)
ROUTED = (Cause.OTHER_ENTITY_REGISTER, NextStep.ROUTE_TO_ENTITY, Role.CLERK)
SISTER = Company("上海某某有限公司", "91330106MA7GAL1299", desk="上海财务")
REMARK = "开具红字增值税专用发票信息表编号:1234567890123456"


def same(invoice: Invoice, row: RegisterRow = ROW) -> Ambiguous:
    return Ambiguous((candidate(invoice, MatchLevel.M1, row),))


CHANGED = paper(net="4197.00", proof=Proof.QR_CRC)
HELD = (replace(FRESH, buyers=frozenset({SISTER.tax_id})),)


@pytest.mark.parametrize(
    ("found", "evidence"),
    [
        (
            lambda: why(paper(), same(paper(), replace(ROW, status=RegisterStatus.VOID))),
            Evidence("register_status", {"status": RegisterStatus.VOID}, WHERE),
        ),
        (lambda: why(paper(total="-1.00", red_of="D:1"), findings=()), Evidence("red_of", {"key": "D:1"})),
        (
            lambda: why(paper(total="-1.00", remark=REMARK), findings=()),
            Evidence("red_slip", {"number": "1234567890123456"}),
        ),
        (
            lambda: why(CHANGED, same(CHANGED), findings=()),
            Evidence("same_number_other_amount", {"field": F.NET, "seen": "4197.00", "expected": "4197.17"}, WHERE),
        ),
        (
            lambda: why(paper(net="4197.00"), known=KNOWN, findings=()),
            Evidence("differs_from_first", {"field": F.NET, "here": "4197.00", "first": "4197.17"}, "invoice:12"),
        ),
        (lambda: why(paper(kind=Kind.RIDE_LIST)), Evidence("kind_is", {"kind": Kind.RIDE_LIST})),
        (
            lambda: why(replace(paper(), sheets=Sheets(3, (1,)))),
            Evidence("pages_missing", {"missing": "2, 3", "count": "3"}),
        ),
        (
            lambda: why(paper(), companies=(COMPANY, replace(SISTER, desk="")), sources=HELD),
            Evidence("register_of_others", {"source": "tax bureau", "tax_id": COMPANY.tax_id}, SOURCE),
        ),
        (
            lambda: why(paper(), sources=(replace(FRESH, health=SourceHealth.FAILING),)),
            Evidence("source_health", {"source": "tax bureau", "health": SourceHealth.FAILING}, SOURCE),
        ),
        (
            lambda: why(paper(), refused=(RefusedRow(4, "tax bureau", 17, "bad_date", NOW),)),
            Evidence("row_refused", {"source": "tax bureau", "row": "17", "reason": "bad_date"}, "import:4"),
        ),
        (
            lambda: why(paper(), sources=(replace(FRESH, direction=Direction.ISSUED),)),
            Evidence("only_issued", {"source": "tax bureau"}, SOURCE),
        ),
        (
            lambda: why(paper(), sources=(replace(FRESH, systems=frozenset({System.TAX_CONTROL})),)),
            Evidence("system_not_exported", {"source": "tax bureau", "system": System.DIGITAL}, SOURCE),
        ),
        (
            lambda: why(paper(), sources=(replace(FRESH, spans=SPANS),)),
            Evidence("span_not_exported", {"source": "tax bureau", "date": "2026-11-10"}, SOURCE),
        ),
        (
            lambda: why(paper(kind=Kind.DIG_SPECIAL, buyer_name="张三", buyer_tax_id=None), findings=()),
            Evidence("title_is_person", {"name": "张三"}),
        ),
    ],
)
def test_what_stands_in_the_evidence(found: Callable[[], Diagnosis], evidence: Evidence) -> None:
    assert evidence in found().evidence


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (lambda: why(paper(number=None)), TRANSCRIBED),
        (lambda: why(paper(), Matched(candidate(paper(), MatchLevel.M0))), TRANSCRIBED),
        (lambda: why(paper(kind=Kind.TAXI)), (Cause.TYPE_NEVER_IN_REGISTER, NextStep.KEY_AND_VERIFY, Role.CLERK)),
        (
            lambda: why(replace(paper(), sheets=Sheets(2, (1,)))),
            (Cause.PAGES_MISSING, NextStep.SCAN_MISSING_PAGES, Role.CLERK),
        ),
        (
            lambda: why(paper(buyer_tax_id=SISTER.tax_id, buyer_name="杭州别的公司")),
            (Cause.WRONG_TITLE, NextStep.RETURN_TO_SELLER, Role.CLERK),
        ),
        (lambda: why(paper(buyer_tax_id=SISTER.tax_id, buyer_name=SISTER.name), companies=(COMPANY, SISTER)), ROUTED),
        (lambda: why(paper(), companies=(COMPANY, replace(SISTER, desk="")), sources=HELD), ROUTED),
        (
            lambda: why(paper(date="2021-11-01"), findings=(), sources=(replace(FRESH, spans=()),)),
            (Cause.OUT_OF_QUERY_WINDOW, NextStep.KEEP_PAPER_EVIDENCE, Role.CLERK),
        ),
    ],
)
def test_who_does_what_next(found: Callable[[], Diagnosis], said: tuple[Cause, NextStep, Role]) -> None:
    told = found()
    assert (told.cause, told.next_step, told.owner) == said


@pytest.mark.parametrize(
    ("day", "kind", "cause", "again"),
    [
        ("2026-11-24", Kind.VAT_E_NORMAL, Cause.SELLER_NOT_UPLOADED, True),
        ("2026-11-25", Kind.VAT_E_NORMAL, Cause.UNKNOWN, False),
        ("2026-11-24", Kind.DIG_NORMAL, Cause.UNKNOWN, True),
        ("2026-11-25", Kind.DIG_NORMAL, Cause.UNKNOWN, False),
    ],
)
def test_the_day_of_issue_itself_is_recent(day: str, kind: Kind, cause: Cause, again: bool) -> None:
    ahead = replace(FRESH, newest_issue=date(2026, 11, 26), imported_at=None)
    found = why(paper(date=day, kind=kind), findings=(), sources=(ahead,))
    assert (found.cause, found.look_again_at is not None) == (cause, again)


@pytest.mark.parametrize(("total", "red"), [("-0.01", True), ("0.00", False), ("0.50", False)])
def test_only_a_total_below_zero_makes_a_red_letter(total: str, red: bool) -> None:
    found = why(paper(total=total), findings=())
    assert (found.cause is Cause.VOID_OR_RED) is red


def test_a_paper_of_the_last_day_that_places_answer_for_is_not_too_old() -> None:
    sources = (replace(FRESH, oldest_issue=None),)
    last, older = (why(paper(date=day), findings=(), sources=sources) for day in ("2021-11-25", "2021-11-24"))
    assert (last.cause, older.cause) == (Cause.UNKNOWN, Cause.OUT_OF_QUERY_WINDOW)

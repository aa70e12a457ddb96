from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from intake.model import (
    Ambiguous,
    Cause,
    Finding,
    FusedField,
    Invoice,
    Level,
    MatchLevel,
    NextStep,
    OfficialOutcome,
    Proof,
    RegisterStatus,
    Role,
    SourceState,
)
from ocr.types import FieldName, FieldValue, Source
from tests.intake.diagnosis.papers import FRESH, LIKE, NOW, ROW, STALE, F, K, asked, candidate, coded, codes, paper, why


@pytest.mark.parametrize(
    "status", [s for s in RegisterStatus if s not in {RegisterStatus.NORMAL, RegisterStatus.UNKNOWN}]
)
def test_11_void_or_reversed_in_the_register(status: RegisterStatus) -> None:
    found = why(paper(), Ambiguous((candidate(paper(), MatchLevel.M1, replace(ROW, status=status)),)))
    assert (found.cause, found.next_step, found.owner) == (
        Cause.VOID_OR_RED,
        NextStep.ASK_FOR_REPLACEMENT,
        Role.VERIFIER,
    )
    assert found.evidence[0].params == {"status": status}


def test_11_a_red_invoice_is_not_booked_by_itself() -> None:
    red = paper(net="-4197.17", tax="-251.83", total="-4449.00")
    assert codes(why(red)) == ["red_invoice"]
    linked = paper(net=None, tax=None, total="-4449.00", red_of="D:26112000000048542100")
    assert codes(why(linked)) == ["red_invoice", "red_of"]


@pytest.mark.parametrize("outcome", [OfficialOutcome.VOID, OfficialOutcome.RED_FULL, OfficialOutcome.RED_PART])
def test_11_an_official_place_that_shows_ours_reversed_says_so(outcome: OfficialOutcome) -> None:
    found = why(paper(), official=(asked(outcome, agreed=True),))
    assert (found.cause, codes(found)) == (Cause.VOID_OR_RED, ["official_answer"])
    assert why(paper(), official=(asked(outcome),)).cause is Cause.UNKNOWN  # another invoice was looked up


PAPER_OF_TAX_CONTROL = paper(kind=K.VAT_E_NORMAL, code="011002600111", number="83089647", date="2026-11-20")


@pytest.mark.parametrize("outcome", [OfficialOutcome.VOID, OfficialOutcome.RED_FULL, OfficialOutcome.RED_PART])
@pytest.mark.parametrize(
    ("seen", "sources", "otherwise"),
    [
        (paper(), (), Cause.REGISTER_STALE),
        (paper(), (STALE,), Cause.REGISTER_STALE),
        (PAPER_OF_TAX_CONTROL, (FRESH,), Cause.SELLER_NOT_UPLOADED),
    ],
)
def test_11_what_an_official_place_shows_as_reversed_waits_for_no_register(
    outcome: OfficialOutcome, seen: Invoice, sources: tuple[SourceState, ...], otherwise: Cause
) -> None:
    assert why(seen, findings=(), sources=sources).cause is otherwise
    final = why(seen, findings=(), sources=sources, official=(asked(outcome, agreed=True),))
    assert (final.cause, final.look_again_at) == (Cause.VOID_OR_RED, None)
    assert otherwise not in {reason.cause for reason in final.also}
    assert why(seen, findings=(), sources=sources, official=(asked(outcome),)).cause is otherwise


PROVEN = paper(proof=Proof.QR_CRC)
ALARM = datetime(2026, 11, 13, 1, 0, tzinfo=UTC)  # 09:00 of the third day after the issue


def test_12_a_suspicion_freezes_and_goes_to_the_supervisor() -> None:
    found = why(PROVEN, official=(asked(OfficialOutcome.INCONSISTENT),))
    assert (found.cause, found.next_step, found.owner) == (
        Cause.SUSPECTED_FORGERY_OR_ALTERATION,
        NextStep.FREEZE_AND_ESCALATE,
        Role.SUPERVISOR,
    )
    assert codes(found) == ["official_answer"]


@pytest.mark.parametrize(("at", "suspected"), [(ALARM, True), (NOW, True), (ALARM - timedelta(seconds=1), False)])
def test_12_not_found_is_a_suspicion_after_the_third_day_only(at: datetime, suspected: bool) -> None:
    found = why(PROVEN, official=(asked(OfficialOutcome.NOT_FOUND, at),))
    assert (found.cause is Cause.SUSPECTED_FORGERY_OR_ALTERATION) is suspected


@pytest.mark.parametrize(
    "outcome",
    [
        one
        for one in OfficialOutcome
        if one not in {OfficialOutcome.INCONSISTENT, OfficialOutcome.NOT_FOUND, OfficialOutcome.TOO_OLD}
    ],
)
def test_12_what_nobody_could_verify_is_never_called_forged(outcome: OfficialOutcome) -> None:
    assert why(PROVEN, official=(asked(outcome),)).cause is Cause.UNKNOWN


@pytest.mark.parametrize("outcome", [OfficialOutcome.INCONSISTENT, OfficialOutcome.NOT_FOUND])
@pytest.mark.parametrize("unproven", [F.NUMBER, F.DATE])
def test_12_nor_what_was_only_read(outcome: OfficialOutcome, unproven: FieldName) -> None:
    fields = {**PROVEN.fields, unproven: replace(PROVEN.fields[unproven], proof=frozenset())}
    found = why(replace(PROVEN, fields=fields), official=(asked(outcome),))
    assert found.cause is not Cause.SUSPECTED_FORGERY_OR_ALTERATION


def test_12_nor_one_without_a_day_or_with_an_unproven_code() -> None:
    late = (asked(OfficialOutcome.NOT_FOUND),)
    assert why(paper(date=None, proof=Proof.QR_CRC), official=late).cause is Cause.UNKNOWN
    old = paper(code="011002600111", number="83089647", kind=K.VAT_E_NORMAL, proof=Proof.QR_CRC)
    unread = {**old.fields, F.CODE: replace(old.fields[F.CODE], proof=frozenset())}
    suspected = Cause.SUSPECTED_FORGERY_OR_ALTERATION
    assert why(old, findings=(), official=late).cause is suspected
    assert why(replace(old, fields=unread), findings=(), official=late).cause is not suspected


def test_12_the_newest_answer_counts_and_one_that_shows_ours_clears_it() -> None:
    earlier = NOW - timedelta(hours=2)
    cleared = (asked(OfficialOutcome.CONSISTENT, agreed=True), asked(OfficialOutcome.INCONSISTENT, earlier))
    assert why(PROVEN, official=cleared).cause is Cause.UNKNOWN
    relapsed = (asked(OfficialOutcome.CONSISTENT, earlier, agreed=True), asked(OfficialOutcome.INCONSISTENT))
    assert why(PROVEN, official=relapsed).cause is Cause.SUSPECTED_FORGERY_OR_ALTERATION
    cut_off = (asked(OfficialOutcome.UPSTREAM_ERROR), asked(OfficialOutcome.INCONSISTENT, earlier))
    assert why(PROVEN, official=cut_off).cause is Cause.SUSPECTED_FORGERY_OR_ALTERATION


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("number_year", Level.ERROR),
        ("code_year", Level.ERROR),
        ("number_region_unknown", Level.WARNING),
        ("code_region", Level.WARNING),
        ("code_kind", Level.WARNING),
    ],
)
def test_12_what_cannot_be_is_a_suspicion_on_proven_values_and_a_misreading_on_others(code: str, level: Level) -> None:
    finding = Finding(code, level, (F.NUMBER, F.DATE))
    found = why(PROVEN, findings=(finding,))
    assert (found.cause, codes(found)) == (Cause.SUSPECTED_FORGERY_OR_ALTERATION, ["check_failed"])
    assert why(paper(), findings=(finding,)).cause is not Cause.SUSPECTED_FORGERY_OR_ALTERATION
    shown = (asked(OfficialOutcome.CONSISTENT, agreed=True),)
    assert why(PROVEN, findings=(finding,), official=shown).cause is not Cause.SUSPECTED_FORGERY_OR_ALTERATION
    assert why(PROVEN, findings=(replace(finding, level=Level.OK),)).cause is Cause.UNKNOWN
    assert why(PROVEN, findings=(replace(finding, level=Level.INFO),)).cause is Cause.UNKNOWN


def test_12_a_region_that_is_not_the_sellers_only_supports_a_suspicion() -> None:
    region = Finding("region_of_seller", Level.WARNING, (F.NUMBER, F.SELLER_TAX_ID))
    assert why(PROVEN, findings=(region,)).cause is Cause.UNKNOWN
    found = why(PROVEN, findings=(region,), official=(asked(OfficialOutcome.INCONSISTENT),))
    assert codes(found) == ["official_answer", "check_failed"]


WORDS = Finding("words", Level.ERROR, (F.TOTAL, F.TOTAL_IN_WORDS), {"words": "9449.00", "total": "4449.00"})


@pytest.mark.parametrize(
    ("sources", "proof", "suspected"),
    [
        ([Source.OCR], None, False),
        ([Source.OCR, Source.OCR_SECOND], None, False),
        ([Source.PDF_TEXT], None, False),  # a text layer alone may be put into the wrong field
        ([Source.PDF_TEXT, Source.OCR], None, True),
        ([Source.OFD_TEXT, Source.OCR], None, True),
        ([Source.XML], None, True),
        ([Source.OFD_DATA], None, True),
        ([Source.QR, Source.PDF_TEXT], None, False),
        ([Source.OCR], Proof.TWO_PEOPLE, True),
        ([Source.OCR], Proof.WORDS, False),
    ],
)
def test_12_words_and_figures_that_differ_are_one_where_both_were_seen_exactly(
    sources: list[Source], proof: Proof | None, suspected: bool
) -> None:
    proofs = frozenset({proof} if proof else ())
    told = {
        name: FusedField(name, value, proofs, tuple(FieldValue(name, value, 0.9, one) for one in sources))
        for name, value in ((F.TOTAL, "4449.00"), (F.TOTAL_IN_WORDS, "9449.00"))
    }
    found = why(replace(PROVEN, fields={**PROVEN.fields, **told}), findings=(WORDS,))
    expected = Cause.SUSPECTED_FORGERY_OR_ALTERATION if suspected else Cause.TRANSCRIPTION_ERROR
    assert found.cause is expected
    without = {F.TOTAL: told[F.TOTAL]}
    assert why(Invoice(K.DIG_NORMAL, without), findings=(WORDS,)).cause is Cause.TRANSCRIPTION_ERROR


def test_12_a_face_that_differs_from_its_code_beyond_misreading_is_one() -> None:
    found = why(coded(Source.XML))
    assert found.cause is Cause.SUSPECTED_FORGERY_OR_ALTERATION
    assert found.evidence[0].params == {"field": F.DATE, "qr": "2026-11-10", "face": "2026-10-31"}


@pytest.mark.parametrize(
    ("changed", "fields"),
    [({"total": "4440.00"}, [F.TOTAL]), ({"net": "4190.00", "total": "4440.00"}, [F.NET, F.TOTAL])],
)
@pytest.mark.parametrize("proof", [Proof.QR_CRC, Proof.TEXT_AGREES])
def test_12_the_same_number_with_another_amount_is_one(
    changed: dict[str, Any], fields: list[FieldName], proof: Proof
) -> None:
    seen = paper(proof=proof, **changed)
    found = why(seen, Ambiguous((candidate(seen, MatchLevel.M1),)), findings=())
    assert found.cause is Cause.SUSPECTED_FORGERY_OR_ALTERATION
    assert codes(found) == ["same_number_other_amount"] * len(fields)
    assert [one.params["field"] for one in found.evidence] == fields
    assert found.evidence[0].link == "register:99"


def test_12_another_day_or_seller_under_the_number_is_none() -> None:
    seen = paper(proof=Proof.QR_CRC, date="2026-11-11", tax="251.80")
    found = why(seen, Ambiguous((candidate(seen, MatchLevel.M1),)), findings=())
    assert found.cause is Cause.TRANSCRIPTION_ERROR


def test_12_a_picture_on_file_with_the_same_day_and_amount_under_another_number_is_one() -> None:
    found = why(PROVEN, alike=(LIKE,))
    assert (found.cause, codes(found)) == (Cause.SUSPECTED_FORGERY_OR_ALTERATION, ["looks_like"])
    assert (found.evidence[0].params, found.evidence[0].link) == ({"key": LIKE.key}, "invoice:31")


@pytest.mark.parametrize(
    "changed", [{"date": None}, {"date": date(2026, 11, 9)}, {"total": None}, {"total": Decimal("4449.01")}]
)
def test_12_papers_of_one_form_look_alike_and_are_none(changed: dict[str, Any]) -> None:
    assert why(PROVEN, alike=(replace(LIKE, **changed),)).cause is Cause.UNKNOWN
    signed = paper(proof=Proof.STRUCTURED)
    assert why(signed, alike=(LIKE,)).cause is Cause.UNKNOWN
    undated = paper(proof=Proof.QR_CRC, date=None, total=None)
    assert why(undated, alike=(replace(LIKE, date=None, total=None),), findings=()).cause is Cause.UNKNOWN

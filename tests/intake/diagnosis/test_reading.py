from __future__ import annotations

from dataclasses import replace

import pytest

from intake.model import (
    Ambiguous,
    Cause,
    Finding,
    Level,
    Matched,
    MatchLevel,
    NextStep,
    OfficialOutcome,
    Proof,
    RegisterStatus,
    Role,
    Slip,
)
from ocr.types import Source
from tests.intake.diagnosis.papers import LIKE, ROW, F, K, asked, candidate, coded, codes, paper, why


def test_4_a_failed_check_is_a_transcription_error() -> None:
    found = why(paper(tax="251.84"))
    assert (found.cause, found.next_step) == (Cause.TRANSCRIPTION_ERROR, NextStep.CORRECT_FROM_IMAGE)
    assert found.evidence[0].params["finding"] == "sum"


def test_4_a_tax_id_that_fails_is_one_unless_it_is_proven() -> None:
    wrong = paper(seller_tax_id="91110108690017781C")
    assert why(wrong).cause is Cause.TRANSCRIPTION_ERROR
    exact = {name: replace(field, proof=frozenset({Proof.STRUCTURED})) for name, field in wrong.fields.items()}
    assert why(replace(wrong, fields=exact)).cause is Cause.UNKNOWN


def test_4_other_warnings_are_none() -> None:
    assert why(paper(machine_number="12345678")).cause is Cause.UNKNOWN


@pytest.mark.parametrize("level", [MatchLevel.M2, MatchLevel.M3])
def test_4_a_near_row_means_a_transcription_error(level: MatchLevel) -> None:
    found = why(paper(), Ambiguous((candidate(paper(), level),)))
    assert found.cause is Cause.TRANSCRIPTION_ERROR
    assert found.evidence[0].link == "register:99"
    assert found.evidence[0].params["level"] == level.name


def test_4_the_row_under_the_key_that_differs_is_shown_field_by_field() -> None:
    other = paper(date="2026-11-11", seller_tax_id=None)
    found = why(other, Ambiguous((candidate(other, MatchLevel.M1),)), findings=())
    assert found.cause is Cause.TRANSCRIPTION_ERROR
    assert [one.params["field"] for one in found.evidence] == [F.DATE, F.SELLER_TAX_ID, F.SELLER_NAME]


def test_4_a_row_without_anything_to_correct_is_confirmed_by_a_person() -> None:
    row = replace(ROW, date=None, seller_name="", id=None)
    found = why(paper(), Ambiguous((candidate(paper(), MatchLevel.M1, row),)))
    assert found.cause is Cause.TRANSCRIPTION_ERROR
    assert codes(found) == ["candidate"]
    assert found.evidence[0].link == ""
    bare = replace(row, total=None, net=None)
    assert why(paper(), Ambiguous((candidate(paper(), MatchLevel.M1, bare),))).evidence[0].params["total"] == "—"


def test_4_a_match_that_was_not_filed_is_confirmed_by_a_person() -> None:
    found = why(paper(), Matched(candidate(paper(), MatchLevel.M0)))
    assert found.cause is Cause.TRANSCRIPTION_ERROR
    assert codes(found) == ["candidate"]


@pytest.mark.parametrize(("source", "owner"), [(Source.OCR, Role.CLERK), (Source.PDF_TEXT, Role.SUPERVISOR)])
def test_5_an_intact_code_against_the_face(source: Source, owner: Role) -> None:
    found = why(coded(source))
    assert (found.cause, found.next_step, found.owner) == (Cause.QR_OCR_CONFLICT, NextStep.USE_QR_VALUES, owner)
    assert found.evidence[0].params == {"field": F.DATE, "qr": "2026-11-10", "face": "2026-10-31"}


def test_5_a_code_that_is_not_intact_is_no_evidence() -> None:
    finding = Finding("qr_face", Level.ERROR, (F.DATE,), {"qr": "2026-11-10", "face": "2026-10-31"})
    assert why(paper(), findings=(finding,)).cause is Cause.UNKNOWN


def test_4_a_number_that_was_not_read_is_keyed_from_the_picture() -> None:
    found = why(paper(number=None))
    assert (found.cause, codes(found)) == (Cause.TRANSCRIPTION_ERROR, ["no_key"])
    assert why(paper({F.SERIAL: "65773300460326A123456"}, K.CUSTOMS)).cause is Cause.UNKNOWN


@pytest.mark.parametrize("code", ["number_region_unknown", "code_region"])
def test_4_an_unknown_region_means_a_misreading_where_it_was_only_read(code: str) -> None:
    finding = Finding(code, Level.WARNING, (F.NUMBER,), {"region": "77"})
    assert why(paper(), findings=(finding,)).cause is Cause.TRANSCRIPTION_ERROR
    assert why(paper(), findings=(replace(finding, level=Level.OK),)).cause is Cause.UNKNOWN


@pytest.mark.parametrize("outcome", [one for one in OfficialOutcome if one is not OfficialOutcome.INCONSISTENT])
def test_4_only_an_answer_about_these_values_sends_back_to_the_picture(outcome: OfficialOutcome) -> None:
    inconsistent = why(paper(), official=(asked(OfficialOutcome.INCONSISTENT),))
    assert (inconsistent.cause, codes(inconsistent)) == (
        Cause.TRANSCRIPTION_ERROR,
        ["official_answer", "only_read"],
    )
    assert why(paper(), official=(asked(outcome),)).cause is not Cause.TRANSCRIPTION_ERROR


def test_4_a_picture_on_file_under_another_number_means_that_the_number_was_misread() -> None:
    found = why(paper(), alike=(LIKE,))
    assert (found.cause, codes(found)) == (Cause.TRANSCRIPTION_ERROR, ["looks_like"])
    assert (found.evidence[0].params, found.evidence[0].link) == ({"key": LIKE.key}, "invoice:31")


def test_4_a_slip_that_explains_a_near_row_is_named() -> None:
    seen = paper(number="26112000000048542168")
    found = why(seen, Ambiguous((candidate(seen, MatchLevel.M2),)))
    assert found.evidence[0].code == "candidate_slip"
    assert found.evidence[0].params["slip"] is Slip.CONFUSED


def test_4_an_amount_that_contradicts_the_row_is_a_misreading_while_anything_is_unproven() -> None:
    seen = paper(total="4440.00", tax=None, net=None)
    assert why(seen, Ambiguous((candidate(seen, MatchLevel.M1),)), findings=()).cause is Cause.TRANSCRIPTION_ERROR
    proven = paper(total="4440.00", tax=None, net=None, proof=Proof.QR_CRC)
    keyed = candidate(proven, MatchLevel.M1, replace(ROW, source="manual"))
    assert why(proven, Ambiguous((keyed,)), findings=()).cause is Cause.TRANSCRIPTION_ERROR
    shown = (asked(OfficialOutcome.CONSISTENT, agreed=True),)
    row = Ambiguous((candidate(proven, MatchLevel.M1),))
    assert why(proven, row, findings=(), official=shown).cause is Cause.TRANSCRIPTION_ERROR


def test_4_a_void_row_is_not_held_against_the_reading() -> None:
    seen = paper(total="4440.00", net=None, tax=None)
    void = candidate(seen, MatchLevel.M1, replace(ROW, status=RegisterStatus.VOID))
    assert why(seen, Ambiguous((void,)), findings=()).cause is Cause.VOID_OR_RED


def test_5_an_exact_face_that_an_official_place_bears_out_is_still_a_conflict_with_the_code() -> None:
    shown = (asked(OfficialOutcome.CONSISTENT, agreed=True),)
    assert why(coded(Source.XML), official=shown).cause is Cause.QR_OCR_CONFLICT

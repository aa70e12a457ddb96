from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from intake.checks import check
from intake.clock import day_of
from intake.diagnose import diagnose
from intake.fuse import fuse
from intake.match import compare
from intake.model import (
    Ambiguous,
    Candidate,
    Cause,
    Company,
    Diagnosis,
    Finding,
    FusedField,
    Invoice,
    InvoiceState,
    KnownInvoice,
    Level,
    Matched,
    MatchLevel,
    MatchOutcome,
    NextStep,
    Proof,
    RegisterRow,
    RegisterStatus,
    Role,
    SourceState,
    Unmatched,
)
from intake.reach import look_again
from ocr.rules.payload import encode, meaning, parse
from ocr.types import CodeSighting, FieldName, FieldValue, Kind, Receipt, Source

F, K = FieldName, Kind
NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # noon in Beijing
DIGITAL = "26112000000048542163"
SELLER, OURS = "91110108690017781B", "914403003197860257"
RIGHT = {
    F.NUMBER: DIGITAL, F.DATE: "2026-11-10", F.NET: "4197.17", F.TAX: "251.83", F.TOTAL: "4449.00", F.SELLER_TAX_ID: SELLER,
    F.BUYER_TAX_ID: OURS, F.BUYER_NAME: "深圳某某有限公司",
}  # fmt: skip
COMPANY = Company("深圳某某有限公司", OURS)
FRESH = SourceState("tax bureau", date(2026, 11, 23), date(2022, 1, 1), NOW - timedelta(hours=1), 1000)
ROW = RegisterRow(
    key=f"D:{DIGITAL}", code="", number=DIGITAL, date=date(2026, 11, 10), net=Decimal("4197.17"), tax=Decimal("251.83"),
    total=Decimal("4449.00"), seller_tax_id=SELLER, seller_name="甲公司", buyer_tax_id=OURS, buyer_name="",
    kind=K.DIG_NORMAL, status=RegisterStatus.NORMAL, id=99,
)  # fmt: skip
KNOWN = KnownInvoice(
    12, f"D:{DIGITAL}", InvoiceState.FILED, date(2026, 11, 10), Decimal("4197.17"), Decimal("4449.00"), 7, NOW
)


def paper(
    values: Mapping[FieldName, str] = RIGHT,
    kind: Kind = K.DIG_NORMAL,
    source: Source = Source.OCR,
    **changed: str | None,
) -> Invoice:
    merged = {**values, **{FieldName(name): value for name, value in changed.items()}}
    fields = {
        name: FusedField(name, value, frozenset(), (FieldValue(name, value, 0.9, source),))
        for name, value in merged.items()
        if value is not None
    }
    return Invoice(kind, fields)


def candidate(invoice: Invoice, level: MatchLevel, row: RegisterRow = ROW) -> Candidate:
    return Candidate(row, level, compare(invoice, row))


def why(
    invoice: Invoice,
    outcome: MatchOutcome | None = None,
    *,
    known: KnownInvoice | None = None,
    companies: Sequence[Company] = (COMPANY,),
    sources: Sequence[SourceState] = (FRESH,),
    findings: tuple[Finding, ...] | None = None,
    now: datetime = NOW,
) -> Diagnosis:
    found = check(invoice, today=day_of(now)) if findings is None else findings
    return diagnose(
        invoice,
        found,
        outcome or Unmatched(),
        known=known,
        companies=companies,
        sources=sources,
        now=now,
        stale_days=1825,
    )


def codes(found: Diagnosis) -> list[str]:
    return [one.code for one in found.evidence]


# --- each node ---------------------------------------------------------------------------------------------------


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


def coded(source: Source) -> Invoice:
    text = encode("32", "", DIGITAL, "4449.00", "20261110", "")
    payload = parse(text)
    assert payload
    mark = CodeSighting(text, meaning(text), payload.crc, 0, None, "test")
    face = tuple(
        FieldValue(name, value, 0.9, source, raw=value)
        for name, value in ((F.NUMBER, DIGITAL), (F.DATE, "2026-10-31"), (F.TOTAL, "4449.00"))
    )
    return fuse(Receipt(K.DIG_NORMAL, values=face, codes=(mark,)))


@pytest.mark.parametrize(("source", "owner"), [(Source.OCR, Role.CLERK), (Source.PDF_TEXT, Role.SUPERVISOR)])
def test_5_an_intact_code_against_the_face(source: Source, owner: Role) -> None:
    found = why(coded(source))
    assert (found.cause, found.next_step, found.owner) == (Cause.QR_OCR_CONFLICT, NextStep.USE_QR_VALUES, owner)
    assert found.evidence[0].params == {"field": F.DATE, "qr": "2026-11-10", "face": "2026-10-31"}


def test_5_a_code_that_is_not_intact_is_no_evidence() -> None:
    finding = Finding("qr_face", Level.ERROR, (F.DATE,), {"qr": "2026-11-10", "face": "2026-10-31"})
    assert why(paper(), findings=(finding,)).cause is Cause.UNKNOWN


STALE = replace(FRESH, newest_issue=date(2026, 11, 9))


@pytest.mark.parametrize(
    ("sources", "evidence"),
    [
        ((STALE,), ["issue_date", "register_reaches"]),
        ((), ["issue_date", "register_empty"]),
        ((replace(FRESH, failed=True),), ["issue_date", "register_failed", "register_reaches"]),
        ((replace(FRESH, newest_issue=None, imported_at=None),), ["issue_date", "register_reaches"]),
        ((replace(FRESH, newest_issue=date(2026, 11, 10), imported_at=None),), ["issue_date", "register_reaches"]),
        # imported on the morning after issue, before nine
        ((replace(FRESH, imported_at=datetime(2026, 11, 11, 0, 59, tzinfo=UTC)),), ["issue_date", "register_reaches"]),
        # what people keyed says nothing of the bureau's register
        ((STALE, replace(FRESH, name="manual")), ["issue_date", "register_reaches"]),
    ],
)
def test_6_a_register_that_does_not_reach_the_day(sources: tuple[SourceState, ...], evidence: list[str]) -> None:
    found = why(paper(), sources=sources)
    assert (found.cause, found.next_step, found.owner) == (
        Cause.REGISTER_STALE,
        NextStep.IMPORT_REGISTER,
        Role.SUPERVISOR,
    )
    assert codes(found) == evidence
    assert found.look_again_at == datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "source",
    [
        replace(FRESH, imported_at=datetime(2026, 11, 11, 1, 0, tzinfo=UTC)),
        replace(FRESH, imported_at=None),
        replace(FRESH, newest_issue=date(2026, 11, 10)),
    ],
)
def test_6_one_source_that_reaches_the_day_is_enough(source: SourceState) -> None:
    assert why(paper(), sources=(STALE, source)).cause is Cause.UNKNOWN


def test_6_without_a_day_nothing_is_said_of_the_register() -> None:
    assert why(paper(date=None), sources=()).cause is Cause.UNKNOWN


@pytest.mark.parametrize(
    ("now", "again"),
    [
        ("2026-11-10T12:00", "2026-11-10T13:00"),  # the day of issue: in an hour
        ("2026-11-11T08:30", "2026-11-11T09:00"),  # not past nine of the next day
        ("2026-11-11T09:00", "2026-11-13T09:00"),  # then on the third day
        ("2026-11-13T08:59", "2026-11-13T09:00"),
        ("2026-11-13T09:00", "2026-11-14T09:00"),  # then every morning
        ("2026-11-24T23:30", "2026-11-25T09:00"),
    ],
)
def test_6_when_the_service_looks_again(now: str, again: str) -> None:
    beijing = timedelta(hours=8)
    moment = (datetime.fromisoformat(now) - beijing).replace(tzinfo=UTC)
    expected = (datetime.fromisoformat(again) - beijing).replace(tzinfo=UTC)
    assert look_again(date(2026, 11, 10), moment) == expected


def test_9_another_buyer_is_a_wrong_title() -> None:
    found = why(paper(buyer_tax_id="91330106MA7GAL1299", buyer_name="杭州别的公司"))
    assert (found.cause, found.next_step) == (Cause.WRONG_TITLE, NextStep.RETURN_TO_SELLER)
    assert codes(found) == ["buyer_is", "no_company_like_it"]


def test_9_another_tax_id_under_our_name() -> None:
    found = why(paper(buyer_tax_id="91330106MA7GAL1299"))
    assert codes(found) == ["buyer_is", "tax_id_differs"]
    assert found.evidence[1].params == {"seen": "91330106MA7GAL1299", "expected": OURS}
    near = why(paper(buyer_tax_id="91330106MA7GAL1299", buyer_name="深圳某某公司"))
    assert codes(near) == ["buyer_is", "tax_id_differs", "form_differs"]


def test_9_a_wrong_title_is_said_of_a_matched_row_too() -> None:
    invoice = paper(buyer_tax_id="91330106MA7GAL1299")
    assert why(invoice, Matched(candidate(invoice, MatchLevel.M0))).cause is Cause.WRONG_TITLE


@pytest.mark.parametrize(
    ("name", "code", "difference"),
    [
        ("深圳某某公司", "form_differs", "深圳某某［−有限］公司"),
        ("深圳某某有限公司广州分公司", "title_differs", "深圳某某有限公司［+广州分公司］"),
        ("深圳某莫有限公司", "title_differs", "深圳某［−某］［+莫］有限公司"),
        ("深圳某某（前海）有限公司", "brackets_differ", "深圳某某［+（前海）］有限公司"),
    ],
)
def test_9_a_name_that_differs_is_another_title_where_it_was_surely_read(
    name: str, code: str, difference: str
) -> None:
    found = why(paper(buyer_name=name, source=Source.PDF_TEXT))
    assert found.cause is Cause.WRONG_TITLE
    assert found.evidence[-1].code == code
    assert found.evidence[-1].params.get("difference") == difference


def test_9_a_name_that_a_recogniser_may_have_misread_is_not_held_against_the_paper() -> None:
    assert why(paper(buyer_name="深圳某莫有限公司")).cause is Cause.UNKNOWN
    assert why(paper(buyer_name="深圳某莫有限公司", buyer_tax_id=None)).cause is Cause.UNKNOWN


def test_9_a_company_counts_while_it_is_valid() -> None:
    gone = replace(COMPANY, valid_to=date(2026, 6, 30))
    found = why(paper(), companies=(gone,))
    assert found.cause is Cause.WRONG_TITLE
    assert found.evidence[1].params == {"name": COMPANY.name, "from": "…", "to": "2026-06-30"}
    to_come = replace(COMPANY, valid_from=date(2026, 12, 1))
    assert why(paper(), companies=(to_come,)).evidence[1].params["from"] == "2026-12-01"
    renamed = (gone, Company("深圳新名有限公司", OURS, valid_from=date(2026, 7, 1)))
    assert why(paper(buyer_name="深圳新名有限公司", source=Source.PDF_TEXT), companies=renamed).cause is Cause.UNKNOWN
    assert why(paper(date=None), companies=(gone,)).cause is Cause.UNKNOWN
    assert why(paper(buyer_tax_id=None), companies=(gone,)).evidence[-1].code == "company_not_valid_then"


def test_9_a_title_without_tax_id_is_compared_by_name() -> None:
    assert "title_without_tax_id" in codes(why(paper(buyer_tax_id=None)))
    assert why(paper(buyer_tax_id=None, buyer_name="杭州别的公司")).cause is Cause.WRONG_TITLE
    assert why(paper(buyer_tax_id=None, buyer_name="深圳某某公司", source=Source.PDF_TEXT)).cause is Cause.WRONG_TITLE
    assert why(paper(buyer_tax_id=None, buyer_name=None)).cause is Cause.UNKNOWN
    assert why(paper(buyer_name=None, buyer_tax_id="91330106MA7GAL1299")).cause is Cause.WRONG_TITLE


@pytest.mark.parametrize("name", ["个人", "张三", "张三（个人）", "欧阳小明"])
def test_9_a_person_is_no_wrong_title(name: str) -> None:
    found = why(paper(buyer_name=name, buyer_tax_id=None))
    assert found.cause is Cause.UNKNOWN
    assert "title_is_person" in codes(found)


def test_9_without_companies_on_file_nothing_is_said() -> None:
    assert why(paper(buyer_name="杭州别的公司"), companies=()).cause is Cause.UNKNOWN


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


def test_13_too_old_to_be_looked_up() -> None:
    old = paper({F.NUMBER: "21112000000048542163", F.DATE: "2021-10-01", F.BUYER_TAX_ID: OURS})
    found = why(old)
    assert (found.cause, found.next_step) == (Cause.OUT_OF_QUERY_WINDOW, NextStep.KEEP_PAPER_EVIDENCE)
    assert codes(found) == ["age", "before_register"]
    assert found.evidence[0].params == {"days": "1880", "limit": "1825"}
    assert codes(why(old, sources=(replace(FRESH, oldest_issue=None),))) == ["age"]


def test_16_the_rest_is_open() -> None:
    found = why(paper())
    assert (found.cause, found.next_step, found.owner) == (Cause.UNKNOWN, NextStep.VERIFY_THEN_KEY, Role.CLERK)
    assert codes(found) == ["nothing_found"]
    assert found.look_again_at is None
    value = why(paper(), Ambiguous((candidate(paper(), MatchLevel.M4),)))
    assert codes(value) == ["candidate"]


def test_16_a_recent_paper_of_the_old_system_is_looked_up_again() -> None:
    values = {F.CODE: "011002600111", F.NUMBER: "83089647", F.DATE: "2026-11-20", F.BUYER_NAME: "个人"}
    found = why(paper(values, K.VAT_E_NORMAL))
    assert codes(found) == ["nothing_found", "title_is_person", "seller_recent"]
    assert found.look_again_at == datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


def test_16_a_paper_without_number_says_so() -> None:
    assert "no_key" in codes(why(paper({}, K.UNKNOWN)))
    assert "no_key" not in codes(why(paper({F.SERIAL: "65773300460326A123456"}, K.CUSTOMS)))


def test_every_cause_step_and_evidence_has_a_sentence() -> None:
    sentences = json.loads((Path(__file__).parents[2] / "web" / "translations" / "zh.json").read_text(encoding="utf-8"))
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

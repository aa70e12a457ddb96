from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import audit
from intake.db import invoices, tasks, verifications, write
from intake.errors import (
    BudgetSpentError,
    EntryIncompleteError,
    ForbiddenError,
    NotFoundError,
    OwnEntryError,
    TaskStateError,
)
from intake.model import SERVICE, Actor, OfficialOutcome, Role
from intake.official import records
from intake.official.agreement import Answer
from intake.official.records import SqlOfficial
from ocr.errors import UnknownFormatError
from ocr.types import FieldName, Kind
from tests.intake.waiting import seen
from tests.official.desk import CONSISTENT, NOT_FOUND, NUMBER, PAPER, PNG, SHOWN, Bureau

F, Out = FieldName, OfficialOutcome


@pytest.fixture
def bureau(engine: sa.Engine, tmp_path: Path) -> Bureau:
    return Bureau(engine, tmp_path)


def test_an_agreeing_answer_is_kept_with_its_evidence_and_is_what_the_diagnosis_sees(bureau: Bureau) -> None:
    invoice = bureau.paper()
    kept = bureau.say(invoice, CONSISTENT)
    assert (kept.agreed, kept.second_needed) == (True, False)
    row = bureau.one(verifications, verifications.c.id == kept.id)
    assert bureau.files.get(row.screenshot) == PNG
    assert bureau.files.get(row.picture).startswith(b"\xff\xd8\xff")
    assert (row.by, row.times_shown, row.differs) == (bureau.clerk.id, 1, [])
    (said,) = SqlOfficial(bureau.engine).of(bureau.key(invoice))
    assert (said.outcome, said.agreed, said.by, said.at) == (Out.CONSISTENT, True, "clerk", bureau.clock())
    assert "asked_official" in bureau.acts(invoice)
    assert audit.verify(bureau.engine) == []


def test_a_disagreeing_answer_is_no_verification_and_says_where(bureau: Bureau) -> None:
    invoice = bureau.paper()
    kept = bureau.say(invoice, replace(CONSISTENT, shown={**SHOWN, F.TOTAL: "1060.00"}))
    assert not kept.agreed
    (said,) = SqlOfficial(bureau.engine).of(bureau.key(invoice))
    assert (said.agreed, said.differs) == (False, (F.TOTAL,))
    row = bureau.one(verifications, verifications.c.id == kept.id)
    assert row.differs == [{"field": "total", "here": "106.00", "there": "1060.00"}]


def test_agreement_follows_the_values_as_they_are_now(bureau: Bureau) -> None:
    """The number was misread, the clerk corrected it on the official form: it agrees once the paper is corrected."""
    invoice = bureau.paper({**PAPER, F.NUMBER: NUMBER[:-1] + "8"})
    assert not bureau.say(invoice, CONSISTENT).agreed
    with write(bureau.engine) as conn:
        fields = conn.execute(sa.select(invoices.c.fields).where(invoices.c.id == invoice)).scalar_one()
        fields["fields"]["number"]["value"] = NUMBER
        conn.execute(sa.update(invoices).where(invoices.c.id == invoice).values(fields=fields))
    (said,) = SqlOfficial(bureau.engine).of(bureau.key(invoice))
    assert said.agreed


def test_answers_are_found_by_every_name_of_an_invoice_the_newest_first(bureau: Bureau) -> None:
    invoice = bureau.paper()
    bureau.say(invoice, NOT_FOUND)
    bureau.clock.forward(60)
    bureau.say(invoice, CONSISTENT)
    official = SqlOfficial(bureau.engine)
    assert [one.outcome for one in official.of(f"D:{NUMBER}")] == [Out.CONSISTENT, Out.NOT_FOUND]
    assert [one.outcome for one in official.of(f"T:{NUMBER[:12]}:{NUMBER[12:]}")] == [Out.CONSISTENT, Out.NOT_FOUND]
    assert official.of("D:26112000000000000000") == ()


def test_a_face_without_its_picture_or_its_values_is_not_taken(bureau: Bureau) -> None:
    invoice = bureau.paper()
    with pytest.raises(EntryIncompleteError) as caught:
        bureau.say(invoice, replace(CONSISTENT, shown={F.TOTAL: "106.00"}), picture=b"")
    assert caught.value.fields == ("seller_name", "buyer_name", "screenshot")
    assert bureau.all(verifications, sa.true()) == []


def test_what_is_no_picture_is_refused_by_its_bytes(bureau: Bureau) -> None:
    invoice = bureau.paper()
    for data in (b"<svg onload=alert(1)>", b"PK\x03\x04 a zip", b"MZ a program"):
        with pytest.raises(UnknownFormatError):
            bureau.say(invoice, CONSISTENT, picture=data)
    assert bureau.all(verifications, sa.true()) == []


def test_five_a_day_and_the_last_for_an_approver_who_did_not_key(bureau: Bureau) -> None:
    invoice = bureau.paper()
    for _ in range(4):
        bureau.say(invoice, NOT_FOUND)
    with pytest.raises(BudgetSpentError):
        bureau.say(invoice, NOT_FOUND, bureau.colleague)
    with write(bureau.engine) as conn:  # the verifier keyed the paper himself: then he is no approver
        keyed = sa.update(tasks).where(tasks.c.invoice_id == invoice)
        conn.execute(keyed.values(entered_by=bureau.verifier.id))
    with pytest.raises(BudgetSpentError):
        bureau.say(invoice, NOT_FOUND, bureau.verifier)
    bureau.say(invoice, NOT_FOUND, bureau.supervisor)
    with pytest.raises(BudgetSpentError):
        bureau.say(invoice, NOT_FOUND, bureau.supervisor)
    bureau.clock.now = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)  # midnight in Beijing: a new day
    bureau.say(invoice, NOT_FOUND)


def test_the_budget_holds_when_many_ask_at_the_same_moment(bureau: Bureau) -> None:
    invoice = bureau.paper()
    refused: list[Exception] = []

    def ask() -> None:
        try:
            records.record(
                bureau.engine,
                bureau.clerk,
                invoice,
                NOT_FOUND,
                site="tax_bureau",
                threshold=bureau.settings.second_person_from,
                clock=bureau.clock,
            )
        except BudgetSpentError as error:
            refused.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(bureau.all(verifications, sa.true())), len(refused)) == (4, 4)


LARGE = {**PAPER, F.TOTAL: "23400.00"}
LARGE_ANSWER = Answer(
    Out.CONSISTENT, {F.NUMBER: NUMBER, F.DATE: "20261124", F.TOTAL: "23400.00"}, {**SHOWN, F.TOTAL: "23400.00"}
)


def test_a_large_amount_without_a_code_counts_once_another_person_has_confirmed(bureau: Bureau) -> None:
    invoice = bureau.paper(LARGE, proof=frozenset())
    kept = bureau.say(invoice, LARGE_ANSWER, bureau.verifier)
    assert (kept.agreed, kept.second_needed) == (True, True)
    official = SqlOfficial(bureau.engine)
    assert not official.of(bureau.key(invoice))[0].agreed
    with pytest.raises(OwnEntryError):
        bureau.official.confirm(bureau.verifier, kept.id)
    with pytest.raises(ForbiddenError):
        bureau.official.confirm(bureau.clerk, kept.id)
    assert bureau.official.confirm(bureau.supervisor, kept.id) == invoice
    assert official.of(bureau.key(invoice))[0].agreed
    with pytest.raises(TaskStateError):
        bureau.official.confirm(bureau.supervisor, kept.id)
    assert bureau.acts(invoice)[-1] != ""
    assert "official_confirmed" in bureau.acts(invoice)


def test_who_keyed_the_paper_does_not_confirm_its_answer(bureau: Bureau) -> None:
    invoice = bureau.paper(LARGE, proof=frozenset())
    kept = bureau.say(invoice, LARGE_ANSWER)
    with write(bureau.engine) as conn:
        keyed = sa.update(tasks).where(tasks.c.invoice_id == invoice)
        conn.execute(keyed.values(entered_by=bureau.verifier.id))
    with pytest.raises(OwnEntryError):
        bureau.official.confirm(bureau.verifier, kept.id)


def test_nothing_is_kept_of_what_is_not_there(bureau: Bureau) -> None:
    with pytest.raises(NotFoundError):
        bureau.say(999, NOT_FOUND)
    with pytest.raises(NotFoundError):
        bureau.official.confirm(bureau.supervisor, 999)
    with pytest.raises(NotFoundError):
        records.picture_of(bureau.engine, 999)
    with pytest.raises(ForbiddenError):
        bureau.say(bureau.paper(), NOT_FOUND, Actor(bureau.clerk.id, "auditor", Role.AUDITOR))


def test_an_answer_diagnoses_its_invoice_anew_at_once_also_while_a_clerk_holds_it(bureau: Bureau) -> None:
    invoice = bureau.paper()
    task = bureau.one(tasks, tasks.c.invoice_id == invoice).id
    bureau.desk.claim(bureau.clerk, task)
    bureau.say(invoice, replace(CONSISTENT, outcome=Out.VOID))
    stored = bureau.one(invoices, invoices.c.id == invoice).diagnosis
    assert "void_or_red" in {stored["cause"], *(other["cause"] for other in stored["also"])}


def test_a_machine_needs_no_second_person_and_no_picture(bureau: Bureau) -> None:
    invoice = bureau.paper(LARGE, proof=frozenset())
    kept = records.record(
        bureau.engine,
        SERVICE,
        invoice,
        LARGE_ANSWER,
        site=records.VENDOR,
        threshold=bureau.settings.second_person_from,
        clock=bureau.clock,
    )
    assert (kept.agreed, kept.second_needed) == (True, False)


def test_a_paper_without_a_number_can_be_asked_about_too(bureau: Bureau) -> None:
    (task,) = bureau.wait(seen({F.TOTAL: "106.00"}, Kind.DIG_NORMAL))
    invoice = bureau.one(tasks, tasks.c.id == task).invoice_id
    assert not bureau.say(invoice, CONSISTENT).agreed

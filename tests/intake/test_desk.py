from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import audit
from intake.codec import decode
from intake.db import audit_log, documents, invoices, read, register_rows, renditions, tasks, write
from intake.desk import Agreed, Differs
from intake.entries import Entry
from intake.errors import (
    EntryIncompleteError,
    ForbiddenError,
    IntakeError,
    KeyConflictError,
    NotFoundError,
    OwnEntryError,
    TaskStateError,
    TaskTakenError,
)
from intake.model import Actor, DocumentState, Invoice, Proof, Role
from intake.register.lookup import SqlRegister
from intake.seconding import Contradicts
from ocr.types import FieldName, Kind, Source
from tests.intake.waiting import (
    BLIND,
    NUMBER,
    VALUES,
    Office,
    actions,
    document_of,
    invoice_of,
    register_row,
    row,
    seen,
)

F = FieldName


@pytest.fixture
def office(engine: sa.Engine, tmp_path: Path) -> Office:
    return Office(engine, tmp_path)


@pytest.fixture
def task(office: Office) -> int:
    return office.wait(seen({F.NUMBER: NUMBER, F.TOTAL: "106.00"}))[0]


# --- who is next, who holds what -----------------------------------------------------------------


def test_a_claimed_paper_is_taken_until_the_lease_runs_out(office: Office, task: int) -> None:
    office.desk.claim(office.clerk, task)
    assert row(office, tasks, task).claimed_by == office.clerk.id
    with pytest.raises(TaskTakenError):
        office.desk.claim(office.colleague, task)
    with pytest.raises(TaskTakenError):
        office.desk.save_draft(office.colleague, task, Kind.DIG_NORMAL, {})
    office.clock.forward(901)
    assert office.desk.next_task(office.colleague) == task
    office.desk.claim(office.colleague, task)
    with pytest.raises(TaskTakenError):
        office.desk.enter(office.clerk, task, Kind.DIG_NORMAL, VALUES, {})


def test_a_released_paper_is_free_and_keeps_its_draft(office: Office, task: int) -> None:
    office.desk.save_draft(office.clerk, task, Kind.DIG_SPECIAL, {F.NUMBER: " 2611 "}, {F.TAX: "折痕"})
    office.desk.release(office.colleague, task)
    assert row(office, tasks, task).state == "claimed"
    office.desk.release(office.clerk, task)
    kept = row(office, tasks, task)
    assert (kept.state, kept.claimed_by) == ("open", None)
    assert decode(Entry, kept.draft) == Entry(Kind.DIG_SPECIAL, {F.NUMBER: " 2611 "}, {F.TAX: "折痕"})


def test_a_draft_holds_the_paper_on(office: Office, task: int) -> None:
    office.desk.claim(office.clerk, task)
    office.clock.forward(600)
    office.desk.save_draft(office.clerk, task, Kind.DIG_NORMAL, {})
    office.clock.forward(600)
    with pytest.raises(TaskTakenError):
        office.desk.claim(office.colleague, task)


def test_an_unknown_task_is_not_found(office: Office) -> None:
    with pytest.raises(NotFoundError):
        office.desk.claim(office.clerk, 4711)


# --- the way of a paper ---------------------------------------------------------------------------


def test_two_people_who_key_the_same_put_the_invoice_on_file(office: Office, task: int) -> None:
    office.enter(task)
    entered = row(office, tasks, task)
    assert (entered.state, entered.entered_by, entered.claimed_by) == ("entered", office.clerk.id, None)
    assert office.desk.next_to_verify(Actor(office.clerk.id, "clerk", Role.VERIFIER)) is None
    assert office.desk.next_to_verify(office.verifier) == task
    outcome = office.desk.verify(office.verifier, task, BLIND)
    assert outcome == Agreed(entered.invoice_id)

    invoice = invoice_of(office, task)
    assert (invoice.state, invoice.filed_by, invoice.filed_at) == ("filed", "people", office.clock())
    assert (invoice.key, invoice.number, invoice.date) == (f"D:{NUMBER}", NUMBER, date(2026, 7, 24))
    assert (invoice.net, invoice.tax, invoice.total) == (Decimal("100.00"), Decimal("6.00"), Decimal("106.00"))
    assert (invoice.buyer_name, invoice.version) == ("北京示例科技有限公司", 2)
    believed = decode(Invoice, invoice.fields)
    assert believed.fields[F.TOTAL].proof == {Proof.TWO_PEOPLE}
    assert {one.source for one in believed.fields[F.TOTAL].sightings} == {Source.OCR, Source.TYPED, Source.TYPED_BLIND}
    assert not believed.proven(F.BUYER_NAME)
    assert row(office, tasks, task).state == "verified"
    assert document_of(office, task).state == DocumentState.FILED.value

    found = SqlRegister(office.engine).by_key(f"D:{NUMBER}")
    assert found is not None
    assert (found.source, found.total, found.seller_tax_id) == ("manual", Decimal("106.00"), VALUES[F.SELLER_TAX_ID])
    assert actions(office)[-3:] == ["entered", "filed", "register_row_added"]
    assert audit.verify(office.engine) == []
    with read(office.engine) as conn:
        filed = conn.execute(sa.select(audit_log).where(audit_log.c.action == "filed")).one()
    assert filed.actor == "verifier"
    assert filed.detail["changes"]["date"] == {"old": None, "new": "2026-07-24"}
    assert "total" not in filed.detail["changes"]


def test_spelling_alone_is_no_difference(office: Office, task: int) -> None:
    office.enter(task, date="2026年7月24日", total="￥106")
    spelled = {**BLIND, F.SELLER_TAX_ID: BLIND[F.SELLER_TAX_ID].lower(), F.TOTAL: "106.0"}
    assert isinstance(office.desk.verify(office.verifier, task, spelled), Agreed)


def test_the_keyed_values_are_nowhere_to_be_seen_before_the_second_keying(office: Office, task: int) -> None:
    office.enter(task, total="777.77", net="733.75", tax="44.02")
    with read(office.engine) as conn:
        log = str(conn.execute(sa.select(audit_log.c.detail)).all())
    assert "777.77" not in log
    assert "777.77" not in str(invoice_of(office, task))


def test_people_who_differ_are_decided_by_a_third(office: Office, task: int) -> None:
    office.enter(task)
    outcome = office.desk.verify(office.verifier, task, {**BLIND, F.TOTAL: "160.00"})
    assert isinstance(outcome, Differs)
    assert [(one.name, one.first, one.second) for one in outcome.differences] == [(F.TOTAL, "106.00", "160.00")]
    disputed = row(office, tasks, task)
    assert disputed.state == "disputed"
    assert decode(Entry, disputed.second).values[F.TOTAL] == "160.00"
    assert decode(Entry, disputed.entry).values[F.TOTAL] == "106.00"
    assert invoice_of(office, task).state == "needs_review"

    assert office.desk.next_to_decide(office.supervisor) == task
    with pytest.raises(EntryIncompleteError):
        office.desk.adjudicate(office.supervisor, task, {})
    with pytest.raises(EntryIncompleteError):
        office.desk.adjudicate(office.supervisor, task, {F.TOTAL: "much"})
    office.desk.adjudicate(office.supervisor, task, {F.TOTAL: "106.00"})
    invoice = invoice_of(office, task)
    assert (invoice.state, invoice.total) == ("filed", Decimal("106.00"))
    assert Proof.TWO_PEOPLE in decode(Invoice, invoice.fields).fields[F.TOTAL].proof
    with read(office.engine) as conn:
        detail = conn.execute(sa.select(audit_log.c.detail).where(audit_log.c.action == "filed")).scalar_one()
    assert detail["adjudicated_by"] == office.supervisor.id
    assert detail["verified_by"] == office.verifier.id


def test_what_neither_can_read_is_decided_by_a_third(office: Office, task: int) -> None:
    values: dict[FieldName, str] = {name: value for name, value in VALUES.items() if name is not F.SELLER_TAX_ID}
    office.desk.enter(office.clerk, task, Kind.DIG_NORMAL, values, {F.SELLER_TAX_ID: "under the seal"})
    blind: dict[FieldName, str] = {name: value for name, value in BLIND.items() if name is not F.SELLER_TAX_ID}
    outcome = office.desk.verify(office.verifier, task, blind, frozenset({F.SELLER_TAX_ID}))
    assert isinstance(outcome, Differs)
    assert outcome.differences[0].name is F.SELLER_TAX_ID
    office.desk.adjudicate(office.supervisor, task, {F.SELLER_TAX_ID: ""})
    invoice = invoice_of(office, task)
    assert (invoice.state, invoice.seller_tax_id) == ("filed", "")


def test_an_unread_number_cannot_be_filed_even_by_a_third(office: Office, task: int) -> None:
    values: dict[FieldName, str] = {name: value for name, value in VALUES.items() if name is not F.NUMBER}
    office.desk.enter(office.clerk, task, Kind.DIG_NORMAL, values, {F.NUMBER: "torn"})
    office.desk.verify(office.verifier, task, BLIND)
    with pytest.raises(EntryIncompleteError) as caught:
        office.desk.adjudicate(office.supervisor, task, {F.NUMBER: ""})
    assert caught.value.fields == (F.NUMBER,)
    office.desk.adjudicate(office.supervisor, task, {F.NUMBER: NUMBER})
    assert invoice_of(office, task).key == f"D:{NUMBER}"


def test_an_entry_that_is_sent_back_is_keyed_again_from_the_draft(office: Office, task: int) -> None:
    office.enter(task)
    with pytest.raises(EntryIncompleteError):
        office.desk.send_back(office.verifier, task, " ")
    office.desk.send_back(office.verifier, task, "the buyer is another")
    returned = row(office, tasks, task)
    assert (returned.state, returned.entered_by, returned.comment) == ("open", None, "the buyer is another")
    assert decode(Entry, returned.draft).values == VALUES
    office.desk.enter(office.colleague, task, Kind.DIG_NORMAL, VALUES, {})
    assert isinstance(office.desk.verify(office.verifier, task, BLIND), Agreed)


def test_a_refused_paper_is_rejected_and_its_key_stays_reserved(office: Office, task: int) -> None:
    office.desk.claim(office.verifier, task)
    for reason, comment in (("", "why"), ("altered", "")):
        with pytest.raises(EntryIncompleteError):
            office.desk.refuse(office.verifier, task, reason, comment)
    office.desk.refuse(office.verifier, task, "altered", "the amount was changed by hand")
    assert (invoice_of(office, task).state, invoice_of(office, task).key) == ("refused", f"D:{NUMBER}")
    document = document_of(office, task)
    assert (document.state, document.reason) == ("rejected", "altered")
    assert row(office, tasks, task).state == "closed"
    again = office.wait(seen({F.NUMBER: NUMBER, F.TOTAL: "999.00"}))[0]
    with pytest.raises(KeyConflictError):
        office.enter(again)


def test_a_file_is_filed_only_when_its_last_invoice_is(office: Office) -> None:
    first, second = office.wait(seen({F.TOTAL: "106.00"}), seen({F.TOTAL: "5.00"}))
    office.enter(first)
    office.desk.verify(office.verifier, first, BLIND)
    assert document_of(office, first).state == "needs_review"
    office.desk.refuse(office.verifier, second, "not_an_invoice", "a shopping list")
    assert document_of(office, first).state == "filed"


# --- what must not happen ---------------------------------------------------------------------------


def test_nobody_verifies_decides_returns_or_refuses_an_own_entry(office: Office, task: int) -> None:
    everything = Role.SUPERVISOR
    clerk = Actor(office.clerk.id, "clerk", everything)
    office.desk.enter(clerk, task, Kind.DIG_NORMAL, VALUES, {})
    acts: list[Callable[[Actor], object]] = [
        lambda who: office.desk.claim(who, task),
        lambda who: office.desk.verify(who, task, BLIND),
        lambda who: office.desk.send_back(who, task, "x"),
        lambda who: office.desk.refuse(who, task, "x", "x"),
    ]
    for act in acts:
        with pytest.raises(OwnEntryError):
            act(clerk)
    verifier = Actor(office.verifier.id, "verifier", everything)
    office.desk.verify(verifier, task, {**BLIND, F.TOTAL: "1.00"})
    for who in (clerk, verifier):
        assert office.desk.next_to_decide(who) is None
        with pytest.raises(OwnEntryError):
            office.desk.adjudicate(who, task, {F.TOTAL: "106.00"})


def test_a_clerk_may_not_verify_decide_refuse_or_reopen(office: Office, task: int) -> None:
    office.enter(task)
    document_id = row(office, tasks, task).document_id
    acts: list[Callable[[], object]] = [
        lambda: office.desk.verify(office.colleague, task, BLIND),
        lambda: office.desk.claim(office.colleague, task),
        lambda: office.desk.adjudicate(office.colleague, task, {}),
        lambda: office.desk.send_back(office.colleague, task, "x"),
        lambda: office.desk.refuse(office.colleague, task, "x", "x"),
        lambda: office.desk.reopen(office.colleague, document_id),
        lambda: office.desk.next_to_verify(office.colleague),
        lambda: office.desk.next_task(Actor(99, "auditor", Role.AUDITOR)),
    ]
    for act in acts:
        with pytest.raises(ForbiddenError):
            act()


def test_steps_cannot_be_skipped_or_repeated(office: Office, task: int) -> None:
    with pytest.raises(TaskStateError):
        office.desk.verify(office.verifier, task, BLIND)
    with pytest.raises(TaskStateError):
        office.desk.adjudicate(office.supervisor, task, {})
    office.enter(task)
    with pytest.raises(TaskStateError):
        office.enter(task)
    office.desk.verify(office.verifier, task, BLIND)
    with pytest.raises(TaskStateError):
        office.desk.verify(office.supervisor, task, BLIND)
    with pytest.raises(TaskStateError):
        office.desk.refuse(office.supervisor, task, "x", "x")


@pytest.mark.parametrize("lacking", [F.NUMBER, F.DATE, F.TOTAL, F.NET, F.SELLER_NAME])
def test_required_fields_are_required_by_the_server(office: Office, task: int, lacking: FieldName) -> None:
    values = {name: value for name, value in VALUES.items() if name is not lacking}
    with pytest.raises(EntryIncompleteError) as caught:
        office.desk.enter(office.clerk, task, Kind.DIG_NORMAL, values, {})
    assert caught.value.fields == (lacking,)
    with pytest.raises(EntryIncompleteError):
        office.desk.enter(office.clerk, task, Kind.DIG_NORMAL, values, {lacking: " "})
    office.desk.enter(office.clerk, task, Kind.DIG_NORMAL, values, {lacking: "torn off"})


def test_what_is_no_invoice_cannot_be_keyed_as_one(office: Office, task: int) -> None:
    for kind in (Kind.OTHER, Kind.UNKNOWN, Kind.RIDE_LIST):
        with pytest.raises(EntryIncompleteError) as caught:
            office.desk.enter(office.clerk, task, kind, VALUES, {})
        assert caught.value.fields == ("kind",)


def test_an_empty_blind_keying_is_no_verification(office: Office, task: int) -> None:
    office.enter(task)
    with pytest.raises(EntryIncompleteError) as caught:
        office.desk.verify(office.verifier, task, {F.NUMBER: "x"})
    assert set(caught.value.fields) == {F.NUMBER, F.DATE, F.TOTAL, F.SELLER_TAX_ID}


def test_a_number_on_file_with_other_values_is_named(office: Office, task: int) -> None:
    office.enter(task)
    office.desk.verify(office.verifier, task, BLIND)
    other = office.wait(seen({F.TOTAL: "5.00"}))[0]
    with pytest.raises(KeyConflictError) as caught:
        office.enter(other, total="116.00", net="110.00")
    found = SqlRegister(office.engine).by_key(f"D:{NUMBER}")
    assert found is not None
    assert caught.value.detail == f"register:{found.id}"


def test_the_same_invoice_keyed_twice_is_one_invoice_with_two_files(office: Office, task: int) -> None:
    other = office.wait(seen({F.TOTAL: "106.00"}))[0]
    for one in (task, other):
        office.enter(one)
    first = office.desk.verify(office.verifier, task, BLIND)
    second = office.desk.verify(office.verifier, other, BLIND)
    assert isinstance(first, Agreed)
    assert second == Agreed(first.invoice_id, attached=True)
    assert document_of(office, other).state == "attached"
    with read(office.engine) as conn:
        assert len(conn.execute(sa.select(renditions).where(renditions.c.invoice_id == first.invoice_id)).all()) == 2
        filed = sa.select(sa.func.count()).select_from(invoices).where(invoices.c.state == "filed")
        assert conn.execute(filed).scalar_one() == 1
        assert conn.execute(sa.select(sa.func.count()).select_from(register_rows)).scalar_one() == 1


def test_whoever_is_verified_first_gets_the_key_that_a_waiting_paper_reserved(office: Office, task: int) -> None:
    other = office.wait(seen({F.TOTAL: "106.00"}))[0]
    with write(office.engine) as conn:  # the machine read of the first paper what two people keyed of the second
        same = {"date": date(2026, 7, 24), "net": Decimal("100.00")}
        conn.execute(sa.update(invoices).where(invoices.c.key == f"D:{NUMBER}").values(**same))
    office.enter(other)
    assert isinstance(office.desk.verify(office.verifier, other, BLIND), Agreed)
    assert invoice_of(office, other).key == f"D:{NUMBER}"
    assert invoice_of(office, task).key is None
    office.enter(task)
    assert office.desk.verify(office.verifier, task, BLIND) == Agreed(invoice_of(office, other).id, attached=True)


def test_an_imported_row_is_never_overwritten(office: Office, task: int) -> None:
    register_row(office, total=Decimal("107.00"))
    with pytest.raises(KeyConflictError):
        office.enter(task)


def test_a_row_that_comes_between_the_keyings_stops_the_filing(office: Office, task: int) -> None:
    office.enter(task)
    register_row(office, net=Decimal("101.00"))
    assert office.desk.verify(office.verifier, task, BLIND) == Contradicts((("net", "101.00", "100.00"),))
    assert row(office, tasks, task).state == "disputed"
    assert invoice_of(office, task).state == "needs_review"


def test_an_imported_row_that_agrees_is_kept_and_linked(office: Office, task: int) -> None:
    register_row(office, seller_name="as the bureau says")
    office.enter(task)
    office.desk.verify(office.verifier, task, BLIND)
    found = SqlRegister(office.engine).by_key(f"D:{NUMBER}")
    assert found is not None
    assert (found.source, found.seller_name) == ("tax-bureau", "as the bureau says")
    assert invoice_of(office, task).register_key == f"D:{NUMBER}"


@pytest.mark.parametrize("status", ["void", "red_full", "lost_control", "abnormal"])
def test_a_void_invoice_is_not_filed_by_keying_it(office: Office, task: int, status: str) -> None:
    register_row(office, status=status)
    with pytest.raises(KeyConflictError):
        office.enter(task)


def test_a_paper_without_a_key_is_known_by_its_file(office: Office) -> None:
    task = office.wait(seen({}, Kind.TAX_RECEIPT))[0]
    values = {F.NUMBER: "311010260700000001", F.DATE: "2026-07-24", F.TOTAL: "12.00"}
    office.desk.enter(office.clerk, task, Kind.TAX_RECEIPT, values, {})
    office.desk.verify(office.verifier, task, values)
    assert invoice_of(office, task).key == f"S:{document_of(office, task).sha256[:48]}:0"


# --- taking up again ----------------------------------------------------------------------------------


def test_a_rejected_file_is_keyed_after_all(office: Office) -> None:
    document_id = office.document(DocumentState.REJECTED, "encrypted")
    task = office.desk.reopen(office.supervisor, document_id)
    assert row(office, documents, document_id).state == "needs_review"
    assert invoice_of(office, task).kind == "unknown"
    with pytest.raises(TaskStateError):
        office.desk.reopen(office.supervisor, document_id)
    office.enter(task)
    office.desk.verify(office.verifier, task, BLIND)
    assert row(office, documents, document_id).state == "filed"


def test_a_refused_paper_is_taken_up_where_it_was(office: Office, task: int) -> None:
    office.enter(task)
    office.desk.refuse(office.verifier, task, "wrong_title", "not ours")
    assert office.desk.reopen(office.supervisor, row(office, tasks, task).document_id) == task
    again = row(office, tasks, task)
    assert (again.state, again.entered_by, again.closed_at) == ("open", None, None)
    assert decode(Entry, again.draft).values == VALUES
    assert invoice_of(office, task).state == "needs_review"
    assert document_of(office, task).state == "needs_review"


def test_an_unknown_file_is_not_found(office: Office) -> None:
    with pytest.raises(NotFoundError):
        office.desk.reopen(office.supervisor, 4711)


# --- at the same moment -------------------------------------------------------------------------------


def race(*acts: Callable[[], object]) -> list[object]:
    """All acts at once; what each returned or raised."""
    start = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            results[place] = act()
        except IntakeError as error:
            results[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_two_who_claim_at_once_one_is_told(office: Office) -> None:
    for task in office.wait(*(seen({F.TOTAL: f"{index}.00"}) for index in range(1, 6))):
        results = race(
            *(lambda who=who, task=task: office.desk.claim(who, task) for who in (office.clerk, office.colleague))
        )
        assert sorted(type(result).__name__ for result in results) == ["NoneType", "TaskTakenError"]


def test_a_double_click_enters_once(office: Office, task: int) -> None:
    results = race(*(lambda: office.enter(task) for _ in range(4)))
    assert sorted(type(result).__name__ for result in results) == ["NoneType", *["TaskStateError"] * 3]
    assert actions(office).count("entered") == 1


def test_of_two_who_verify_at_once_one_files(office: Office, task: int) -> None:
    office.enter(task)
    results = race(
        *(lambda who=who: office.desk.verify(who, task, BLIND) for who in (office.verifier, office.supervisor))
    )
    assert sorted(type(result).__name__ for result in results) == ["Agreed", "TaskStateError"]
    assert actions(office).count("filed") == 1


def test_the_same_number_filed_from_two_files_at_once_is_one_invoice(office: Office) -> None:
    for round_ in range(4):
        number = f"2611200000004854{2200 + round_}"
        pair = [office.wait(seen({F.TOTAL: "106.00"}))[0] for _ in range(2)]
        for task in pair:
            office.enter(task, number=number)
        blind = {**BLIND, F.NUMBER: number}
        results = race(
            *(lambda task=task, blind=blind: office.desk.verify(office.verifier, task, blind) for task in pair)
        )
        assert all(isinstance(result, Agreed) for result in results), results
        assert sorted(result.attached for result in results if isinstance(result, Agreed)) == [False, True]
        with read(office.engine) as conn:
            held = sa.select(sa.func.count()).select_from(invoices).where(invoices.c.key == f"D:{number}")
            assert conn.execute(held).scalar_one() == 1
    assert audit.verify(office.engine) == []

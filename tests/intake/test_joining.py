"""One invoice, many carriers (domain.md §9.5): what becomes of a paper whose key is on file already."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import audit, names
from intake.codec import decode
from intake.conflicts import Settlement, of_invoice
from intake.db import documents, invoice_names, invoices, read, renditions, tasks, uses, write
from intake.errors import ConflictUsedError, ForbiddenError, KeyConflictError, ReasonMissingError, TaskStateError
from intake.filing import OvertakenError
from intake.joining import file_decisions
from intake.model import (
    SERVICE,
    Diagnosis,
    DocumentState,
    Filed,
    Invoice,
    InvoiceState,
    Matched,
    NeedsReview,
    Proof,
)
from ocr.types import Carrier, Extraction, FieldName, Kind, PageInfo
from tests.builders import matched, needs_review
from tests.intake.waiting import NUMBER, VALUES, Office, seen

F = FieldName
KEY = f"D:{NUMBER}"
STRUCTURED = frozenset({Proof.STRUCTURED})


@pytest.fixture
def office(engine: sa.Engine, tmp_path: Path) -> Office:
    return Office(engine, tmp_path)


def filed(values: dict[FieldName, str] | None = None, proof: frozenset[Proof] = frozenset({Proof.QR_CRC})) -> Filed:
    return Filed(seen({**VALUES, **(values or {})}, proof=proof), KEY, (), Matched(matched(KEY).candidate))


def hand_in(office: Office, *decisions: Filed | NeedsReview, reading: Extraction | None = None) -> list[int]:
    document = office.document()
    with write(office.engine) as conn:
        outcomes = file_decisions(conn, document, decisions, office.clock(), reading)
        for event in (event for one in outcomes for event in one.events):
            audit.record(conn, SERVICE, event.action, event.subject, event.detail, office.clock())
    return [one.invoice_id for one in outcomes]


def waits(values: dict[FieldName, str] | None = None) -> NeedsReview:
    said = {**VALUES, **(values or {})}
    return replace(needs_review(), invoice=seen(said), key=f"D:{said[F.NUMBER]}")


def stored(office: Office, invoice_id: int) -> Invoice:
    with read(office.engine) as conn:
        return decode(Invoice, conn.execute(sa.select(invoices.c.fields).where(invoices.c.id == invoice_id)).scalar())


def state(office: Office, invoice_id: int) -> tuple[str, str | None]:
    query = sa.select(invoices.c.state, invoices.c.key).where(invoices.c.id == invoice_id)
    with read(office.engine) as conn:
        row = conn.execute(query).one()
    return row.state, row.key


def actions(office: Office) -> list[str]:
    with read(office.engine) as conn:
        return [entry.action for entry in audit.entries(conn)]


def conflict(office: Office) -> tuple[int, int, int]:
    """The conflict, its first and its second paper."""
    (first,) = hand_in(office, filed())
    (second,) = hand_in(office, waits({F.TOTAL: "906.00"}))
    with read(office.engine) as conn:
        (found,) = of_invoice(conn, first)
    assert (found.first_id, found.second_id) == (first, second)
    return found.id, first, second


def task_of(office: Office, invoice_id: int) -> int:
    with read(office.engine) as conn:
        return int(conn.execute(sa.select(tasks.c.id).where(tasks.c.invoice_id == invoice_id)).scalar_one())


# --- the same invoice again -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "other",
    [
        {F.CODE: NUMBER[:12], F.NUMBER: NUMBER[12:]},
        {F.NUMBER: NUMBER},
    ],
)
def test_an_invoice_by_twenty_digits_and_by_twelve_and_eight_meets_itself(
    office: Office, other: dict[FieldName, str]
) -> None:
    (first,) = hand_in(office, filed())
    again = {**VALUES, **other}
    (second,) = hand_in(office, NeedsReview(seen(again), None, (), matched(), needs_review().diagnosis))
    assert second == first
    with read(office.engine) as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(invoices)).scalar() == 1


def test_a_form_known_by_its_code_meets_the_number_of_twenty_digits(office: Office) -> None:
    paper = {**VALUES, F.CODE: "011002300611", F.PRINTED_NUMBER: "10556199"}
    first = replace(filed(), invoice=seen(paper, Kind.DIG_PAPER_NORMAL))
    printed = {**VALUES, F.CODE: "011002300611", F.NUMBER: "10556199"}
    second = replace(needs_review(), invoice=seen(printed, Kind.VAT_NORMAL_PAPER), key="T:011002300611:10556199")
    assert hand_in(office, first) == hand_in(office, second)


def test_a_name_belongs_to_one_invoice_in_the_database_itself(office: Office) -> None:
    (first,) = hand_in(office, filed())
    with pytest.raises(sa.exc.IntegrityError), write(office.engine) as conn:
        conn.execute(sa.insert(invoice_names).values(name=KEY, invoice_id=first))
    (other,) = hand_in(office, waits({F.NUMBER: "26112000000048542164"}))
    with pytest.raises(sa.exc.IntegrityError), write(office.engine) as conn:
        names.take(conn, other, [KEY])


def reading(carrier: Carrier, *, text: bool = False, dpi: float | None = None) -> Extraction:
    return Extraction(carrier, "image/jpeg", (PageInfo(0, 1000, 1400, dpi=dpi, text_layer=text),))


def test_each_carrier_keeps_its_form(office: Office) -> None:
    for carrier in (reading(Carrier.IMAGE), reading(Carrier.PDF, text=True), reading(Carrier.XML)):
        hand_in(office, filed(), reading=carrier)
    with read(office.engine) as conn:
        forms = list(conn.scalars(sa.select(renditions.c.form).order_by(renditions.c.id)))
    assert forms == ["photo", "pdf", "xml"]


def test_a_better_carrier_adds_its_proof_and_what_was_doubtful_gives_way(office: Office) -> None:
    poor = filed({F.SELLER_NAME: "北京示例又具有限公司"}, proof=frozenset())
    (first,) = hand_in(office, poor)
    hand_in(office, filed(proof=STRUCTURED))
    found = stored(office, first)
    assert found.value(F.SELLER_NAME) == VALUES[F.SELLER_NAME]
    assert found.fields[F.TOTAL].proof == STRUCTURED
    with read(office.engine) as conn:
        (told,) = [entry for entry in audit.entries(conn) if entry.action == "evidence_added"]
    assert told.detail["fields"]["seller_name"]["old"] == "北京示例又具有限公司"
    hand_in(office, filed(proof=STRUCTURED))
    assert actions(office).count("evidence_added") == 1


def test_a_proven_value_never_gives_way(office: Office) -> None:
    (first,) = hand_in(office, filed())
    hand_in(office, filed({F.SELLER_NAME: "另一家有限公司"}, proof=STRUCTURED))
    assert stored(office, first).value(F.SELLER_NAME) == VALUES[F.SELLER_NAME]


def test_what_was_archived_with_a_voucher_stays_as_it_is(office: Office) -> None:
    (first,) = hand_in(office, filed(proof=frozenset()))
    before = stored(office, first)
    with write(office.engine) as conn:
        row = {"invoice_id": first, "state": "frozen", "voucher": "1", "locked_by": office.clerk.id, "note": ""}
        conn.execute(
            sa.insert(uses).values(**row, locked_at=office.clock(), register_status="none", checked_at=office.clock())
        )
    assert hand_in(office, filed(proof=STRUCTURED)) == [first]
    assert stored(office, first) == before


# --- the same key with other values -----------------------------------------------------------------------


@pytest.mark.parametrize("differs", [{F.TOTAL: "906.00"}, {F.DATE: "2026-07-25"}, {F.NET: "99.00"}])
@pytest.mark.parametrize("second_filed", [True, False])
def test_another_amount_or_date_under_the_same_key_is_a_conflict_of_both(
    office: Office, differs: dict[FieldName, str], second_filed: bool
) -> None:
    (first,) = hand_in(office, filed())
    (second,) = hand_in(office, filed(differs) if second_filed else waits(differs))
    assert (state(office, first), state(office, second)) == (("filed", KEY), ("needs_review", None))
    with read(office.engine) as conn:
        (found,) = of_invoice(conn, second)
        assert of_invoice(conn, first) == (found,)
        assert [name for name, _, _ in found.differs] == [next(iter(differs)).value]
        diagnosis = conn.execute(sa.select(invoices.c.diagnosis).where(invoices.c.id == second)).scalar()
    assert decode(Diagnosis, diagnosis).owner.value == "supervisor"
    assert "conflict_opened" in actions(office)


@pytest.mark.parametrize(
    ("settlement", "first_is", "second_is"),
    [
        (Settlement.KEEP_FIRST, ("filed", KEY), ("refused", None)),
        (Settlement.KEEP_SECOND, ("refused", None), ("needs_review", KEY)),
        (Settlement.REFUSE_BOTH, ("refused", KEY), ("refused", None)),
    ],
)
def test_a_supervisor_decides_between_the_two(
    office: Office, settlement: Settlement, first_is: tuple[str, str | None], second_is: tuple[str, str | None]
) -> None:
    number, first, second = conflict(office)
    with pytest.raises(ForbiddenError):
        office.desk.settle(office.verifier, number, settlement, "看过原件")
    with pytest.raises(ReasonMissingError):
        office.desk.settle(office.supervisor, number, settlement, "  ")
    office.desk.settle(office.supervisor, number, settlement, "看过原件")
    assert (state(office, first), state(office, second)) == (first_is, second_is)
    with read(office.engine) as conn:
        assert of_invoice(conn, first) == of_invoice(conn, second) == ()
    with pytest.raises(TaskStateError):
        office.desk.settle(office.supervisor, number, settlement, "again")
    assert actions(office).count("conflict_decided") == 2
    assert audit.verify(office.engine) == []


def test_the_second_that_prevails_is_keyed_and_verified_as_any_other(office: Office) -> None:
    number, _, second = conflict(office)
    office.desk.settle(office.supervisor, number, Settlement.KEEP_SECOND, "首张被改过")
    task = task_of(office, second)
    office.enter(task, total="906.00", net="900.00")
    blind = {F.NUMBER: NUMBER, F.DATE: VALUES[F.DATE], F.TOTAL: "906.00", F.SELLER_TAX_ID: VALUES[F.SELLER_TAX_ID]}
    office.desk.verify(office.verifier, task, blind)
    assert state(office, second) == ("filed", KEY)


def test_an_invoice_in_use_does_not_give_way(office: Office) -> None:
    number, first, _ = conflict(office)
    with write(office.engine) as conn:
        row = {"invoice_id": first, "state": "locked", "voucher": "1", "locked_by": office.clerk.id, "note": ""}
        conn.execute(
            sa.insert(uses).values(**row, locked_at=office.clock(), register_status="none", checked_at=office.clock())
        )
    with pytest.raises(ConflictUsedError):
        office.desk.settle(office.supervisor, number, Settlement.KEEP_SECOND, "x")
    office.desk.settle(office.supervisor, number, Settlement.KEEP_FIRST, "x")


def test_a_misread_second_that_is_keyed_right_joins_the_first_and_ends_the_conflict(office: Office) -> None:
    _, first, second = conflict(office)
    task = task_of(office, second)
    with pytest.raises(KeyConflictError):
        office.enter(task, total="906.00", net="900.00")
    office.enter(task)
    blind = {F.NUMBER: NUMBER, F.DATE: VALUES[F.DATE], F.TOTAL: "106.00", F.SELLER_TAX_ID: VALUES[F.SELLER_TAX_ID]}
    outcome = office.desk.verify(office.verifier, task, blind)
    assert (outcome.invoice_id, outcome.attached) == (first, True)  # type: ignore[union-attr]
    with read(office.engine) as conn:
        assert of_invoice(conn, first) == ()


def test_nobody_below_a_supervisor_ends_a_conflict_by_refusing(office: Office) -> None:
    _, _, second = conflict(office)
    task = task_of(office, second)
    with pytest.raises(ForbiddenError):
        office.desk.refuse(office.verifier, task, "forged", "改过金额")
    office.desk.refuse(office.supervisor, task, "forged", "改过金额")


def test_a_later_paper_is_told_that_its_key_was_refused(office: Office) -> None:
    (task,) = office.wait(seen(VALUES))
    office.desk.refuse(office.verifier, task, "forged", "章是假的")
    (second,) = hand_in(office, filed())
    assert state(office, second) == ("needs_review", None)
    with read(office.engine) as conn:
        diagnosis = conn.execute(sa.select(invoices.c.diagnosis).where(invoices.c.id == second)).scalar()
    told = decode(Diagnosis, diagnosis).evidence[0]
    assert (told.code, told.params["reason"], told.params["by"]) == ("key_reserved", "forged", "verifier")
    assert told.params["comment"] == "章是假的"


# --- at the same moment -----------------------------------------------------------------------------------


def test_twenty_writers_of_one_key_make_one_invoice_and_lose_no_carrier(office: Office) -> None:
    files = [office.document() for _ in range(20)]
    start = threading.Barrier(20)
    trouble: list[BaseException] = []

    def write_one(document: int) -> None:
        start.wait()
        split = {F.CODE: NUMBER[:12], F.NUMBER: NUMBER[12:]} if document % 2 else {}
        decision = replace(filed(), invoice=seen({**VALUES, **split}))
        try:
            with write(office.engine) as conn:
                file_decisions(conn, document, [decision], office.clock())
        except BaseException as error:  # noqa: BLE001 - told by the test
            trouble.append(error)

    run(write_one, files)
    assert trouble == []
    with read(office.engine) as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(invoices)).scalar() == 1
        assert sorted(conn.scalars(sa.select(renditions.c.document_id))) == files


def run(work: object, items: list[int]) -> None:
    threads = [threading.Thread(target=work, args=(item,)) for item in items]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_paper_that_comes_second_to_one_that_waits_is_decided_anew(office: Office) -> None:
    (first,) = hand_in(office, waits())
    with pytest.raises(OvertakenError):
        hand_in(office, waits())
    assert hand_in(office, waits({F.NUMBER: "26112000000048542165"})) != [first]


def test_two_copies_in_one_file_are_one_invoice(office: Office) -> None:
    first, second = hand_in(office, waits(), waits())
    assert first == second
    with read(office.engine) as conn:
        found = conn.execute(sa.select(documents.c.state)).scalars().all()
    assert found == [DocumentState.NEEDS_REVIEW.value]
    assert state(office, first) == (InvoiceState.NEEDS_REVIEW.value, KEY)

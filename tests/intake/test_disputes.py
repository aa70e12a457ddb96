"""What two people keyed against a row of the register: a third person decides, and the register is never changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from intake import disputes
from intake.codec import decode
from intake.conflicts import of_invoice
from intake.db import audit_log, conflicts, invoices, read, register_rows, tasks, write
from intake.desk import Agreed, Contradicts, Handed
from intake.disputes import Verdict
from intake.entries import Entry
from intake.errors import (
    ForbiddenError,
    KeyConflictError,
    NotFoundError,
    OwnEntryError,
    ReasonMissingError,
    TaskStateError,
)
from intake.model import Diagnosis
from intake.risk import Ground
from ocr.types import FieldName, Kind
from tests.intake.waiting import BLIND, NUMBER, VALUES, Office, seen

F = FieldName
KEY = f"D:{NUMBER}"


@pytest.fixture
def office(engine: sa.Engine, tmp_path: Path) -> Office:
    return Office(engine, tmp_path)


def register(office: Office, **changed: Any) -> int:
    values: dict[str, Any] = {
        "key": KEY,
        "number": NUMBER,
        "kind": "dig_normal",
        "status": "normal",
        "source": "erp",
        "raw": {},
    }
    values |= {"seller_tax_id": VALUES[F.SELLER_TAX_ID], "total": 107, **changed}
    with write(office.engine) as conn:
        return int(conn.execute(sa.insert(register_rows).values(**values).returning(register_rows.c.id)).scalar_one())


def one(office: Office, table: sa.Table) -> Any:
    with read(office.engine) as conn:
        return conn.execute(sa.select(table).order_by(table.c.id.desc())).first()


def keyed_twice(office: Office, *, before: bool = True) -> int:
    """A paper that two people keyed alike, against a row that was there before or came between the two."""
    (task,) = office.wait(seen({F.NUMBER: NUMBER}))
    if before:
        register(office)
        with pytest.raises(KeyConflictError) as caught:
            office.enter(task)
        assert caught.value.differs == (("total", "107.00", "106.00"),)
    outcome = office.desk.enter(office.clerk, task, Kind.DIG_NORMAL, VALUES, {}, insisted=True)
    assert isinstance(outcome, Handed)
    if before:
        assert outcome.ground is Ground.DOUBTFUL_KEY
    else:
        register(office)
    assert office.desk.verify(office.verifier, task, BLIND) == Contradicts((("total", "107.00", "106.00"),))
    return task


def open_one(office: Office) -> disputes.Dispute:
    with read(office.engine) as conn:
        (found,) = disputes.found(conn)
        assert of_invoice(conn, found.invoice_id) == ()
    return found


@pytest.mark.parametrize("before", [True, False])
def test_the_paper_is_filed_and_the_row_stays_as_it_was_and_is_marked(office: Office, before: bool) -> None:
    keyed_twice(office, before=before)
    row, found = one(office, register_rows), open_one(office)
    assert (found.row_id, found.source, found.differs) == (row.id, "erp", (("total", "107.00", "106.00"),))
    office.desk.settle_dispute(office.supervisor, found.id, Verdict.PAPER, "seen")
    kept = one(office, invoices)
    assert (kept.state, kept.filed_by, str(kept.total), kept.register_key) == ("filed", "people", "106.00", KEY)
    assert one(office, register_rows) == row
    marked = one(office, conflicts)
    assert (marked.decision, marked.decided_by, marked.comment) == ("paper", office.supervisor.id, "seen")
    assert one(office, tasks).adjudicated_by == office.supervisor.id
    with read(office.engine) as conn:
        assert disputes.found(conn) == ()
        said = set(conn.scalars(sa.select(audit_log.c.action)))
    assert {"register_disputed", "register_dispute_decided", "filed"} <= said
    with pytest.raises(TaskStateError):
        office.desk.settle_dispute(office.supervisor, found.id, Verdict.REGISTER, "again")


def test_the_register_is_right_and_the_paper_is_keyed_again_with_the_fields_named(office: Office) -> None:
    task = keyed_twice(office)
    office.desk.settle_dispute(office.supervisor, open_one(office).id, Verdict.REGISTER, "look again")
    waits = one(office, tasks)
    assert (waits.state, waits.entry, waits.second, waits.comment) == ("open", None, None, "look again")
    assert decode(Entry, waits.draft).values == VALUES
    said = decode(Diagnosis, one(office, invoices).diagnosis)
    assert [dict(item.params) for item in said.evidence] == [{"field": "total", "seen": "106.00", "expected": "107.00"}]
    office.desk.enter(office.clerk, task, Kind.DIG_NORMAL, VALUES, {}, insisted=True)
    office.desk.verify(office.verifier, task, BLIND)  # they stand by it: the same question may be asked again
    assert open_one(office).invoice_id == waits.invoice_id


def test_only_a_third_person_decides_and_says_why(office: Office) -> None:
    keyed_twice(office)
    number = open_one(office).id
    for who, comment, error in (
        (office.clerk, "x", ForbiddenError),
        (office.verifier, "x", ForbiddenError),
        (office.supervisor, " ", ReasonMissingError),
    ):
        with pytest.raises(error):
            office.desk.settle_dispute(who, number, Verdict.PAPER, comment)
    with pytest.raises(NotFoundError):
        office.desk.settle_dispute(office.supervisor, number + 9, Verdict.PAPER, "x")
    with write(office.engine) as conn:
        conn.execute(sa.update(tasks).values(entered_by=office.supervisor.id))
    with pytest.raises(OwnEntryError):
        office.desk.settle_dispute(office.supervisor, number, Verdict.PAPER, "x")


def test_a_void_row_stops_the_paper_whatever_people_say(office: Office) -> None:
    (task,) = office.wait(seen({F.NUMBER: NUMBER}))
    register(office, status="void")
    with pytest.raises(KeyConflictError) as caught:
        office.desk.enter(office.clerk, task, Kind.DIG_NORMAL, VALUES, {}, insisted=True)
    assert caught.value.differs == ()


def test_who_decides_between_two_entries_may_stand_by_the_paper_too(office: Office) -> None:
    (task,) = office.wait(seen({F.NUMBER: NUMBER}))
    register(office)
    office.desk.enter(office.clerk, task, Kind.DIG_NORMAL, VALUES, {}, insisted=True)
    office.desk.verify(office.verifier, task, {**BLIND, F.DATE: "2026-07-25"})
    choices = {F.DATE: "2026-07-24"}
    with pytest.raises(KeyConflictError) as caught:
        office.desk.adjudicate(office.supervisor, task, choices)
    assert caught.value.differs == (("total", "107.00", "106.00"),)
    assert isinstance(office.desk.adjudicate(office.supervisor, task, choices, insisted=True), Agreed)
    assert one(office, conflicts).decision == "paper"

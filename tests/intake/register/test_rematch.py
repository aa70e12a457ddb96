from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from intake import audit
from intake.archive import SqlArchive
from intake.codec import decode_as
from intake.companies import SqlCompanies
from intake.db import audit_log, documents, invoices, read, tasks, write
from intake.filing import open_unread
from intake.model import SERVICE, Diagnosis, OfficialOutcome, Proof, Verification
from intake.ports import Tools
from intake.register import rematch as rematching
from intake.register.importer import import_file
from intake.register.lookup import SqlRegister
from intake.register.rematch import rematch
from ocr.types import FieldName, Kind
from tests.fakes import NOON, FakeReader, settings
from tests.intake.register.exports import BASIC, BUYER, SELLER, digital_row, number_of, workbook
from tests.intake.waiting import Office, seen

F = FieldName
PAPER: Mapping[FieldName, str] = {
    F.NUMBER: number_of(0),
    F.DATE: "2026-01-01",
    F.NET: "100.00",
    F.TAX: "6.00",
    F.TOTAL: "106.00",
    F.SELLER_TAX_ID: SELLER,
    F.SELLER_NAME: "北京示例文具有限公司",
    F.BUYER_TAX_ID: BUYER,
    F.BUYER_NAME: "北京示例科技有限公司",
}
PROVEN = frozenset({Proof.STRUCTURED})


@pytest.fixture
def office(engine: sa.Engine, tmp_path: Path) -> Office:
    return Office(engine, tmp_path)


def look_again(office: Office, folder: Path) -> int:
    tools = Tools(
        FakeReader(),
        SqlRegister(office.engine),
        SqlArchive(office.engine, office.clock),
        SqlCompanies(office.engine),
        office.clock,
        settings(folder),
    )
    return rematch(office.engine, tools, office.clock())


def import_rows(office: Office, *rows: list[object]) -> None:
    data = workbook({"发票基础信息": [BASIC, *rows]})
    import_file(office.engine, office.files, data, "x", source="tax-bureau", actor=SERVICE, clock=office.clock)


def test_a_paper_that_broke_its_reader_stays_a_fault_of_the_system_after_an_import(
    office: Office, tmp_path: Path
) -> None:
    document_id = office.document()
    with write(office.engine) as conn:
        open_unread(conn, document_id, "crashed", 3, office.clock())
        task_id = conn.execute(sa.select(tasks.c.id)).scalar_one()
    import_rows(office, digital_row(0))
    assert look_again(office, tmp_path) == 0
    found = state(office, task_id)
    said = decode_as(Diagnosis, found.diagnosis)
    assert (found.cause, [one.code for one in said.evidence]) == ("system_fault", ["reader_crashed"])


def state(office: Office, task_id: int) -> Any:
    query = (
        sa.select(
            tasks.c.state.label("task"),
            tasks.c.cause,
            invoices.c.state.label("invoice"),
            invoices.c.filed_by,
            invoices.c.register_key,
            invoices.c.diagnosis,
            documents.c.state.label("document"),
            documents.c.reason,
        )
        .join(invoices, invoices.c.id == tasks.c.invoice_id)
        .join(documents, documents.c.id == tasks.c.document_id)
        .where(tasks.c.id == task_id)
    )
    with read(office.engine) as conn:
        return conn.execute(query).one()


def test_a_proven_paper_is_filed_when_its_row_arrives(office: Office, tmp_path: Path) -> None:
    task = office.wait(seen(PAPER, Kind.DIG_NORMAL, PROVEN))[0]
    assert look_again(office, tmp_path) == 0
    import_rows(office, digital_row(0))
    assert look_again(office, tmp_path) == 1
    after = state(office, task)
    assert (after.task, after.invoice, after.document) == ("closed", "filed", "filed")
    assert (after.filed_by, after.register_key, after.diagnosis) == ("machine", f"D:{number_of(0)}", None)
    with read(office.engine) as conn:
        assert conn.scalars(sa.select(audit_log.c.action)).all()[-1] == "filed"
    assert audit.verify(office.engine) == []
    assert look_again(office, tmp_path) == 0


def test_a_row_with_another_amount_is_no_match(office: Office, tmp_path: Path) -> None:
    task = office.wait(seen(PAPER, Kind.DIG_NORMAL, PROVEN))[0]
    import_rows(office, digital_row(0, 金额="101.00", 价税合计="107.00"))
    assert look_again(office, tmp_path) == 0
    assert state(office, task).invoice == "needs_review"


def test_what_a_person_holds_or_has_keyed_is_left_to_people(office: Office, tmp_path: Path) -> None:
    held = office.wait(seen(PAPER, Kind.DIG_NORMAL, PROVEN))[0]
    office.desk.claim(office.clerk, held)
    import_rows(office, digital_row(0))
    assert look_again(office, tmp_path) == 0
    office.clock.now += timedelta(hours=1)
    assert look_again(office, tmp_path) == 1
    assert state(office, held).task == "closed"


def test_the_card_says_anew_why_a_paper_waits(office: Office, tmp_path: Path) -> None:
    paper = seen({**PAPER, F.DATE: "2026-11-20", F.NUMBER: number_of(4711)}, Kind.DIG_NORMAL, PROVEN)
    task = office.wait(paper)[0]
    import_rows(office, digital_row(0))
    look_again(office, tmp_path)
    stale = state(office, task)
    assert stale.cause == "register_stale"
    assert decode_as(Diagnosis | None, stale.diagnosis).cause.value == "register_stale"
    import_rows(office, digital_row(1, 开票日期="2026-11-23 08:00:00"))
    look_again(office, tmp_path)
    assert state(office, task).cause != "register_stale"


def test_two_papers_of_one_invoice_are_not_both_filed(office: Office, tmp_path: Path) -> None:
    first = office.wait(seen(PAPER, Kind.DIG_NORMAL, PROVEN))[0]
    second = office.wait(seen({**PAPER, F.TOTAL: "107.00"}, Kind.DIG_NORMAL, PROVEN))[0]
    import_rows(office, digital_row(0))
    assert look_again(office, tmp_path) == 1
    assert state(office, first).invoice == "filed"
    assert state(office, second).invoice == "needs_review"


# --- looking again when the time has come ---------------------------------------------------------------------------


def tools_of(office: Office, folder: Path, **changes: Any) -> Tools:
    tools = Tools(
        FakeReader(),
        SqlRegister(office.engine),
        SqlArchive(office.engine, office.clock),
        SqlCompanies(office.engine),
        office.clock,
        settings(folder),
    )
    return replace(tools, **changes)


def due(office: Office, task_id: int) -> datetime | None:
    with read(office.engine) as conn:
        found: datetime | None = conn.execute(
            sa.select(tasks.c.look_again_at).where(tasks.c.id == task_id)
        ).scalar_one()
        return found


def same_row(index: int, day: str) -> list[object]:
    """The amounts of PAPER under another number and day."""
    return digital_row(index, 开票日期=f"{day} 08:00:00", 金额="100.00", 税额="6.00", 价税合计="106.00")


NEW: Mapping[FieldName, str] = {**PAPER, F.DATE: "2026-11-23", F.NUMBER: number_of(4711)}


def stale(office: Office, folder: Path) -> int:
    """A paper that the register does not reach yet."""
    import_rows(office, digital_row(0))
    task = office.wait(seen(NEW, Kind.DIG_NORMAL, PROVEN))[0]
    rematch(office.engine, tools_of(office, folder), office.clock())
    assert state(office, task).cause == "register_stale"
    return task


def test_a_paper_is_looked_at_when_its_time_has_come_and_not_before(office: Office, tmp_path: Path) -> None:
    """Issued yesterday, noon now: 09:00 has passed, so the third day is next."""
    task = stale(office, tmp_path)
    third = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
    assert due(office, task) == third
    tools = tools_of(office, tmp_path)
    import_rows(office, same_row(4711, "2026-11-23"))
    assert rematching.look_again(office.engine, tools, third - timedelta(seconds=1)) == 0
    assert state(office, task).invoice == "needs_review"
    assert rematching.look_again(office.engine, tools, third) == 1
    after = state(office, task)
    assert (after.task, after.invoice, due(office, task)) == ("closed", "filed", None)


def test_the_time_moves_on_and_nothing_else_changes_where_nothing_is_new(office: Office, tmp_path: Path) -> None:
    task = stale(office, tmp_path)
    with read(office.engine) as conn:
        before = conn.execute(sa.select(invoices.c.version).where(invoices.c.id == 1)).scalar_one()
        entries = conn.execute(sa.select(sa.func.count()).select_from(audit_log)).scalar_one()
    office.clock.now = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
    assert rematching.look_again(office.engine, tools_of(office, tmp_path), office.clock()) == 0
    tomorrow = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
    assert due(office, task) == tomorrow
    assert decode_as(Diagnosis | None, state(office, task).diagnosis).look_again_at == tomorrow
    with read(office.engine) as conn:
        assert conn.execute(sa.select(invoices.c.version).where(invoices.c.id == 1)).scalar_one() == before
        assert conn.execute(sa.select(sa.func.count()).select_from(audit_log)).scalar_one() == entries


def test_what_people_hold_or_have_finished_is_not_looked_at(office: Office, tmp_path: Path) -> None:
    task = stale(office, tmp_path)
    import_rows(office, same_row(4711, "2026-11-23"))
    office.desk.claim(office.clerk, task)
    late = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
    office.clock.now = late - timedelta(minutes=1)
    office.desk.claim(office.clerk, task)
    tools = tools_of(office, tmp_path)
    assert rematching.look_again(office.engine, tools, late) == 0
    assert due(office, task) is not None  # it is due again when they let go
    office.desk.refuse(office.verifier, office.wait(seen(PAPER))[0], "other", "no")
    office.desk.release(office.clerk, task)
    office.desk.refuse(office.verifier, task, "other", "not ours after all")
    assert rematching.look_again(office.engine, tools, late) == 0
    assert due(office, task) is None


def test_at_most_so_many_are_looked_at_in_one_round_the_longest_due_first(office: Office, tmp_path: Path) -> None:
    import_rows(office, digital_row(0))
    papers = [
        office.wait(seen({**NEW, F.NUMBER: number_of(4800 + place)}, Kind.DIG_NORMAL, PROVEN))[0] for place in range(3)
    ]
    now = office.clock()
    with write(office.engine) as conn:
        for place, task in enumerate(papers):
            at = now - timedelta(hours=place)
            conn.execute(sa.update(tasks).where(tasks.c.id == task).values(look_again_at=at))
    rematching.look_again(office.engine, tools_of(office, tmp_path), now, most=2)
    still = [task for task in papers if due(office, task) == now]
    assert still == papers[:1]


def test_everything_that_waits_is_looked_at_however_much_it_is(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rematching, "BATCH", 2)
    numbers = [4900 + place for place in range(5)]
    for number in numbers:
        office.wait(seen({**PAPER, F.NUMBER: number_of(number)}, Kind.DIG_NORMAL, PROVEN))
    import_rows(office, *(same_row(number, "2026-01-01") for number in numbers))
    assert rematch(office.engine, tools_of(office, tmp_path), office.clock()) == len(numbers)


class Denied:
    """An official place denies every number."""

    def of(self, key: str) -> list[Verification]:
        del key
        return [Verification(OfficialOutcome.INCONSISTENT, NOON, agreed=False, by="verifier", site="tax_bureau")]


def test_an_official_answer_renews_the_diagnosis_even_under_the_hands_of_whoever_asked(
    office: Office, tmp_path: Path
) -> None:
    task = stale(office, tmp_path)
    office.desk.claim(office.clerk, task)
    import_rows(office, digital_row(1, 开票日期="2026-11-23 23:00:00"))
    tools = tools_of(office, tmp_path, official=Denied())
    with read(office.engine) as conn:
        invoice_id = conn.execute(sa.select(tasks.c.invoice_id).where(tasks.c.id == task)).scalar_one()
    assert not rematching.rematch_one(office.engine, tools, invoice_id, office.clock())
    after = state(office, task)
    assert (after.task, after.cause) == ("claimed", "suspected_forgery_or_alteration")
    assert not rematching.rematch_one(office.engine, tools, 999, office.clock())


def test_what_is_held_is_never_filed_under_the_hands_of_its_holder(office: Office, tmp_path: Path) -> None:
    task = stale(office, tmp_path)
    office.desk.claim(office.clerk, task)
    import_rows(office, same_row(4711, "2026-11-23"))
    with read(office.engine) as conn:
        invoice_id = conn.execute(sa.select(tasks.c.invoice_id).where(tasks.c.id == task)).scalar_one()
    assert not rematching.rematch_one(office.engine, tools_of(office, tmp_path), invoice_id, office.clock())
    assert state(office, task).task == "claimed"

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from intake import audit
from intake.archive import SqlArchive
from intake.codec import decode_as
from intake.companies import SqlCompanies
from intake.db import audit_log, documents, invoices, read, tasks
from intake.model import SERVICE, Diagnosis, Proof
from intake.ports import Tools
from intake.register.importer import import_file
from intake.register.lookup import SqlRegister
from intake.register.rematch import rematch
from ocr.types import FieldName, Kind
from tests.fakes import FakeReader, settings
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

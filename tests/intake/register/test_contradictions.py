from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from intake import audit
from intake.db import acts, documents, invoices, read, register_changes, register_imports, register_rows, tasks, write
from intake.model import SERVICE, DocumentState, InvoiceState, TaskState
from intake.register.contradictions import contradictions, reopen_contradicted
from intake.register.importer import import_file
from intake.register.rollback import roll_back
from tests.intake.register.exports import BASIC, digital_row, workbook
from tests.intake.waiting import BLIND, VALUES, F, Office, seen


@pytest.fixture
def office(engine: sa.Engine, tmp_path: Path) -> Office:
    return Office(engine, tmp_path)


def keyed_and_verified(office: Office) -> int:
    """An invoice that the register did not know when two people filed it; its task."""
    task = office.wait(seen(VALUES))[0]
    office.enter(task)
    office.desk.verify(office.verifier, task, BLIND)
    return task


def the_register_says(office: Office, **changed: object) -> None:
    office.clock.forward(3600)
    agreed = {"开票日期": VALUES[F.DATE], "销方识别号": VALUES[F.SELLER_TAX_ID], "金额": "100.00", "税额": "6.00"}
    row = digital_row(0, **{**agreed, "价税合计": "106.00", **changed})
    data = workbook({"发票基础信息": [BASIC, row]})
    import_file(office.engine, office.files, data, "x", source="tax-bureau", actor=SERVICE, clock=office.clock)


def state(office: Office, task: int) -> Any:
    query = (
        sa.select(
            tasks.c.state.label("task"),
            tasks.c.cause,
            tasks.c.draft,
            tasks.c.entry,
            invoices.c.state.label("invoice"),
            documents.c.state.label("document"),
        )
        .join(invoices, invoices.c.id == tasks.c.invoice_id)
        .join(documents, documents.c.id == tasks.c.document_id)
        .where(tasks.c.id == task)
    )
    with read(office.engine) as conn:
        return conn.execute(query).one()


def test_a_row_that_agrees_leaves_the_invoice_on_file(office: Office) -> None:
    task = keyed_and_verified(office)
    the_register_says(office)
    assert reopen_contradicted(office.engine, office.clock()) == 0
    assert state(office, task).invoice == InvoiceState.FILED.value


@pytest.mark.parametrize(
    ("said", "cause", "differs"),
    [
        ({"价税合计": "160.00"}, "transcription_error", {"total": ("106.00", "160.00")}),
        ({"开票日期": "2026-07-25"}, "transcription_error", {"date": ("2026-07-24", "2026-07-25")}),
        ({"发票状态": "已作废"}, "void_or_red", {"status": ("", "void")}),
    ],
)
def test_a_row_that_speaks_against_an_invoice_on_file_gives_it_back_to_the_people(
    office: Office, said: dict[str, object], cause: str, differs: dict[str, tuple[str, str]]
) -> None:
    task = keyed_and_verified(office)
    the_register_says(office, **said)
    with read(office.engine) as conn:
        found = contradictions(conn)
    assert [(one.filed_by, one.differs) for one in found] == [("people", differs)]
    assert reopen_contradicted(office.engine, office.clock()) == 1
    after = state(office, task)
    assert (after.task, after.cause, after.invoice) == (TaskState.OPEN.value, cause, InvoiceState.NEEDS_REVIEW.value)
    assert (after.document, after.entry) == (DocumentState.NEEDS_REVIEW.value, None)
    assert after.draft["values"]["total"] == "106.00"
    assert reopen_contradicted(office.engine, office.clock()) == 0
    assert audit.verify(office.engine) == []


def test_what_was_filed_after_the_import_was_decided_by_people_who_saw_it(office: Office) -> None:
    task = keyed_and_verified(office)
    the_register_says(office, 价税合计="160.00")
    with write(office.engine) as conn:
        conn.execute(sa.update(invoices).values(filed_at=office.clock() + timedelta(minutes=1)))
    assert reopen_contradicted(office.engine, office.clock()) == 0
    assert state(office, task).invoice == InvoiceState.FILED.value


def test_a_reversed_invoice_stays_on_file_with_its_red_letter(office: Office) -> None:
    task = keyed_and_verified(office)
    the_register_says(office, 发票状态="已红冲-全额")
    assert reopen_contradicted(office.engine, office.clock()) == 0
    assert state(office, task).invoice == InvoiceState.FILED.value


def test_what_the_machine_filed_by_a_row_that_was_rolled_back_waits_until_the_row_is_back(office: Office) -> None:
    task = keyed_and_verified(office)
    the_register_says(office)
    office.clock.forward(60)
    with write(office.engine) as conn:
        conn.execute(sa.delete(register_rows).where(register_rows.c.source == "manual"))
        conn.execute(sa.update(invoices).values(filed_by="machine", filed_at=office.clock()))
        conn.execute(sa.delete(register_changes))
        (name,) = conn.scalars(sa.select(register_imports.c.name))
        span = {"first_row": 1, "last_row": 1}
        conn.execute(sa.update(register_imports).values(span))
    assert reopen_contradicted(office.engine, office.clock()) == 0
    office.clock.forward(60)
    done = roll_back(office.engine, name, actor=office.supervisor, clock=office.clock)
    assert (done.removed, done.unsupported) == (1, (1,))
    assert reopen_contradicted(office.engine, office.clock()) == 1
    assert state(office, task).invoice == InvoiceState.NEEDS_REVIEW.value
    assert reopen_contradicted(office.engine, office.clock()) == 0


def test_an_invoice_that_the_machine_filed_gets_a_task(office: Office) -> None:
    task = keyed_and_verified(office)
    with write(office.engine) as conn:
        conn.execute(sa.delete(acts))
        conn.execute(sa.delete(tasks))
        conn.execute(sa.update(invoices).values(filed_by="machine"))
    the_register_says(office, 价税合计="160.00")
    assert reopen_contradicted(office.engine, office.clock()) == 1
    with read(office.engine) as conn:
        assert conn.execute(sa.select(tasks.c.state, tasks.c.invoice_id)).all() == [(TaskState.OPEN.value, 1)]
    assert task == 1

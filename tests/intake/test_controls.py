"""How many people an entry needs, at the desk: nobody else, an approver, or a second keying (domain.md §10.2)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest
import sqlalchemy as sa

from intake import views
from intake.clock import day_of
from intake.codec import decode
from intake.db import audit_log, read, tasks
from intake.desk import Agreed, Desk, Handed
from intake.errors import (
    ForbiddenError,
    OwnEntryError,
    TaskStateError,
)
from intake.model import Actor, Invoice, Proof, Role
from intake.register.lookup import SqlRegister
from intake.risk import Control, Ground, control_of
from ocr.types import FieldName, Kind
from tests.fakes import settings
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


QR = frozenset({Proof.QR_CRC})


@pytest.fixture
def easy(engine: sa.Engine, tmp_path: Path) -> Office:
    """An office that draws nobody by lot."""
    return Office(engine, tmp_path, blind_rate=0.0)


def coded(office: Office, total: str = "106.00") -> int:
    values = {F.NUMBER: NUMBER, F.DATE: VALUES[F.DATE], F.TOTAL: total}
    return office.wait(seen(values, proof=QR))[0]


def test_what_code_and_register_say_needs_nobody_else(easy: Office) -> None:
    task = coded(easy)
    register_row(easy, seller_tax_id=VALUES[F.SELLER_TAX_ID])
    outcome = easy.desk.enter(easy.clerk, task, Kind.DIG_NORMAL, VALUES, {})
    assert isinstance(outcome, Agreed)
    filed = row(easy, tasks, task)
    assert (filed.state, filed.blind, filed.verified_by, filed.draft) == ("verified", "register", None, None)
    assert (invoice_of(easy, task).state, invoice_of(easy, task).register_key) == ("filed", f"D:{NUMBER}")
    assert decode(Invoice, invoice_of(easy, task).fields).fields[F.TOTAL].proof == {Proof.QR_CRC, Proof.REGISTER}
    assert document_of(easy, task).state == "filed"
    assert actions(easy)[-2:] == ["entered", "filed"]


@pytest.mark.parametrize(
    "lacking", [{"source": "manual"}, {"total": None, "net": None}, {"seller_tax_id": ""}, {"status": "unknown"}]
)
def test_a_row_that_says_too_little_does_not_replace_the_second_person(easy: Office, lacking: dict[str, Any]) -> None:
    task = coded(easy)
    register_row(easy, **{"seller_tax_id": VALUES[F.SELLER_TAX_ID], **lacking})
    assert easy.desk.enter(easy.clerk, task, Kind.DIG_NORMAL, VALUES, {}) == Handed(ANY, Ground.CODE)


def test_a_code_without_the_register_asks_for_approval(easy: Office) -> None:
    task = coded(easy)
    easy.enter(task)
    mark = views.entry_to_approve(easy.engine, task, today=day_of(easy.clock())).mark
    with pytest.raises(OwnEntryError):
        easy.desk.approve(Actor(easy.clerk.id, "clerk", Role.SUPERVISOR), task, mark)
    with pytest.raises(ForbiddenError):
        easy.desk.approve(easy.colleague, task, mark)
    with pytest.raises(TaskStateError):
        easy.desk.verify(easy.verifier, task, BLIND)
    with pytest.raises(TaskStateError):
        easy.desk.approve(easy.verifier, task, "another entry")
    assert isinstance(easy.desk.approve(easy.verifier, task, mark), Agreed)
    believed = decode(Invoice, invoice_of(easy, task).fields)
    assert Proof.APPROVED in believed.fields[F.SELLER_TAX_ID].proof
    found = SqlRegister(easy.engine).by_key(f"D:{NUMBER}")
    assert found is not None
    assert found.source == "manual"
    with read(easy.engine) as conn:
        detail = conn.execute(sa.select(audit_log.c.detail).where(audit_log.c.action == "filed")).scalar_one()
    assert (detail["entered_by"], detail["approved_by"]) == (easy.clerk.id, easy.verifier.id)


def test_an_entry_that_was_changed_after_it_was_shown_is_not_approved(easy: Office) -> None:
    task = coded(easy)
    easy.enter(task)
    today = day_of(easy.clock())
    mark = views.entry_to_approve(easy.engine, task, today=today).mark
    easy.desk.send_back(easy.verifier, task, "the buyer")
    easy.enter(task, buyer_name="北京另一家公司")
    with pytest.raises(TaskStateError):
        easy.desk.approve(easy.verifier, task, mark)
    easy.desk.approve(easy.verifier, task, views.entry_to_approve(easy.engine, task, today=today).mark)


@pytest.mark.parametrize(
    ("changed", "ground"),
    [
        ({}, Ground.SMALL),
        ({"total": "10600.00", "net": "10000.00", "tax": "600.00"}, Ground.LARGE),
        ({"total": "107.00"}, Ground.CHECK_FAILED),
    ],
)
def test_without_a_code_the_amount_and_the_checks_decide(easy: Office, changed: dict[str, str], ground: Ground) -> None:
    task = easy.wait(seen({F.NUMBER: NUMBER}))[0]
    easy.enter(task, **changed)
    assert row(easy, tasks, task).blind == ground.value
    blind = control_of(ground) is Control.BLIND
    assert (views.task_place(easy.engine, task).control is Control.BLIND) is blind
    if blind:
        with pytest.raises(TaskStateError):
            easy.desk.approve(easy.verifier, task, "x")
        with pytest.raises(TaskStateError):
            views.entry_to_approve(easy.engine, task, today=day_of(easy.clock()))


def test_who_was_drawn_by_lot_stays_drawn_after_a_return(office: Office, task: int) -> None:
    office.enter(task)
    assert row(office, tasks, task).blind == "sampled"
    office.desk.send_back(office.verifier, task, "again")
    rarely = Desk(office.engine, office.clock, settings(Path(), blind_rate=1e-9))
    rarely.enter(office.clerk, task, Kind.DIG_NORMAL, VALUES, {})
    assert row(office, tasks, task).blind == "sampled"


def test_who_keys_blind_finds_nothing_of_the_reading_meanwhile(office: Office, task: int) -> None:
    office.enter(task)
    now = office.clock()
    assert views.held_blind(office.engine, office.verifier, now) == frozenset()
    office.desk.claim(office.verifier, task)
    held = views.held_blind(office.engine, office.verifier, now)
    assert held == {invoice_of(office, task).id}
    assert views.held_blind(office.engine, office.supervisor, now) == frozenset()
    doc = views.show_document(office.engine, row(office, tasks, task).document_id)
    assert NUMBER in repr(doc)
    hidden = repr(views.hide(doc, held))
    assert NUMBER not in hidden
    assert "106.00" not in hidden
    assert views.hide(doc, frozenset()) is doc
    assert NUMBER not in repr(views.hide_rows([doc.row], held))
    assert views.held_blind(office.engine, office.verifier, now + timedelta(hours=1)) == frozenset()

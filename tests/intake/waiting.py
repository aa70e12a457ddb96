"""Papers that wait for people, and the people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from intake.db import accounts, audit_log, documents, invoices, read, register_rows, tasks, write
from intake.desk import Desk
from intake.files import LocalFiles
from intake.joining import file_decisions
from intake.model import (
    Actor,
    Cause,
    Diagnosis,
    DocumentState,
    FusedField,
    Invoice,
    NeedsReview,
    NextStep,
    Proof,
    Role,
    Unmatched,
)
from ocr.rules.keys import key_of
from ocr.types import FieldName, FieldValue, Kind, Source
from tests.fakes import FakeClock, settings

F = FieldName

NUMBER = "26112000000048542163"
VALUES: Mapping[FieldName, str] = {
    F.NUMBER: NUMBER,
    F.DATE: "2026-07-24",
    F.NET: "100.00",
    F.TAX: "6.00",
    F.TOTAL: "106.00",
    F.BUYER_NAME: "北京示例科技有限公司",
    F.SELLER_NAME: "北京示例文具有限公司",
    F.SELLER_TAX_ID: "91110108MAEY9WLP8G",
}
BLIND: Mapping[FieldName, str] = {name: VALUES[name] for name in (F.NUMBER, F.DATE, F.TOTAL, F.SELLER_TAX_ID)}


def seen(
    values: Mapping[FieldName, str], kind: Kind = Kind.DIG_NORMAL, proof: frozenset[Proof] = frozenset()
) -> Invoice:
    """An invoice as a recogniser saw it."""
    return Invoice(
        kind,
        {
            name: FusedField(name, value, proof, (FieldValue(name, value, 0.9, Source.OCR),))
            for name, value in values.items()
        },
    )


class Office:
    """A desk with its people on a database; papers come in and wait."""

    def __init__(self, engine: sa.Engine, folder: Path, **changes: object) -> None:
        self.engine = engine
        self.clock = FakeClock()
        self.files = LocalFiles(folder / "files")
        self.desk = Desk(engine, self.clock, settings(folder, **changes))
        self.clerk = self._account("clerk", Role.CLERK)
        self.colleague = self._account("colleague", Role.CLERK)
        self.verifier = self._account("verifier", Role.VERIFIER)
        self.supervisor = self._account("supervisor", Role.SUPERVISOR)
        self.papers = 0

    def _account(self, login: str, role: Role) -> Actor:
        made = sa.insert(accounts).values(
            login=login, name=login, role=role.value, password_hash="x", created_at=self.clock()
        )
        with write(self.engine) as conn:
            return Actor(conn.execute(made.returning(accounts.c.id)).scalar_one(), login, role)

    def document(self, state: DocumentState = DocumentState.NEEDS_REVIEW, reason: str = "") -> int:
        """A received file."""
        self.papers += 1
        made = sa.insert(documents).values(
            receipt=f"20261124-{self.papers:06d}",
            sha256=f"{self.papers:064x}",
            name="scan.jpg",
            size=1,
            channel="web",
            received_at=self.clock(),
            state=state.value,
            reason=reason,
            due_at=self.clock(),
        )
        with write(self.engine) as conn:
            return int(conn.execute(made.returning(documents.c.id)).scalar_one())

    def wait(self, *papers: Invoice, at: datetime | None = None) -> list[int]:
        """A file with these invoices comes in and waits; the tasks in their order."""
        document_id = self.document()
        diagnosis = Diagnosis(Cause.UNKNOWN, (), NextStep.VERIFY_THEN_KEY, Role.CLERK)
        decisions = [
            NeedsReview(one, key_of(one.kind, one.value(F.CODE), one.value(F.NUMBER)), (), Unmatched(), diagnosis)
            for one in papers
        ]
        with write(self.engine) as conn:
            outcomes = file_decisions(conn, document_id, decisions, at or self.clock())
        with read(self.engine) as conn:
            return [
                conn.execute(sa.select(tasks.c.id).where(tasks.c.invoice_id == outcome.invoice_id)).scalar_one()
                for outcome in outcomes
            ]

    def enter(self, task_id: int, **changed: str) -> None:
        """The clerk keys what is on the paper."""
        values = {**VALUES, **{F(name): value for name, value in changed.items()}}
        self.desk.enter(self.clerk, task_id, Kind.DIG_NORMAL, values, {})


def row(office: Office, table: sa.Table, row_id: int) -> Any:
    with read(office.engine) as conn:
        return conn.execute(sa.select(table).where(table.c.id == row_id)).one()


def invoice_of(office: Office, task_id: int) -> Any:
    return row(office, invoices, row(office, tasks, task_id).invoice_id)


def document_of(office: Office, task_id: int) -> Any:
    return row(office, documents, row(office, tasks, task_id).document_id)


def register_row(office: Office, **values: Any) -> None:
    defaults = {
        "key": f"D:{NUMBER}",
        "number": NUMBER,
        "date": date(2026, 7, 24),
        "net": Decimal("100.00"),
        "total": Decimal("106.00"),
        "kind": "dig_normal",
        "status": "normal",
        "source": "tax-bureau",
        "raw": {},
    }
    with write(office.engine) as conn:
        conn.execute(sa.insert(register_rows).values({**defaults, **values}))


def actions(office: Office) -> list[str]:
    with read(office.engine) as conn:
        return list(conn.scalars(sa.select(audit_log.c.action).order_by(audit_log.c.id)))

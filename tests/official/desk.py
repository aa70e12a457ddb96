"""An office with official verification: people, papers that wait, a reader that draws, and an interface that can be told
what to answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from intake.archive import SqlArchive
from intake.companies import SqlCompanies
from intake.db import audit_log, invoices, read, reminders, tasks
from intake.model import Actor, Invoice, OfficialOutcome, Proof
from intake.official.agreement import Answer
from intake.official.asking import OfficialDesk
from intake.official.records import Recorded, SqlOfficial
from intake.official.vendor import Told, Verifier
from intake.ports import Reader, Tools
from intake.register.lookup import SqlRegister
from ocr.types import FieldName, Kind
from tests.fakes import FakeReader, settings
from tests.intake.waiting import Office, seen

F, Out = FieldName, OfficialOutcome
PNG = b"\x89PNG\r\n\x1a\n a page of the tax bureau"
NUMBER = "26112000000048542163"
TODAY = "2026-11-24"
PAPER: Mapping[FieldName, str] = {
    F.NUMBER: NUMBER,
    F.DATE: TODAY,
    F.TOTAL: "106.00",
    F.SELLER_NAME: "北京示例文具有限公司",
    F.BUYER_NAME: "北京示例科技有限公司",
}
ASKED = {F.NUMBER: NUMBER, F.DATE: "20261124", F.TOTAL: "106.00"}
SHOWN = {name: PAPER[name] for name in (F.SELLER_NAME, F.BUYER_NAME, F.TOTAL)}
CONSISTENT = Answer(Out.CONSISTENT, ASKED, SHOWN, 1)
NOT_FOUND = Answer(Out.NOT_FOUND, ASKED)
PROVEN = frozenset({Proof.QR_CRC})


@dataclass
class Oracle:
    """Says what it was told to say."""

    says: list[Answer] = field(default_factory=list)
    asked: list[Invoice] = field(default_factory=list)

    def ask(self, invoice: Invoice) -> Told:
        self.asked.append(invoice)
        return Told(self.says.pop(0), b'{"outcome": "as told"}')


class Bureau(Office):
    """An office where official places are asked."""

    def __init__(self, engine: sa.Engine, folder: Path, verifier: Verifier | None = None) -> None:
        super().__init__(engine, folder)
        self.reader = FakeReader()
        self.settings = settings(folder)
        self.official = OfficialDesk(
            engine, self.files, self.clock, self.settings, verifier, reader=lambda: self.reader, tools=self.tools
        )

    def tools(self, reader: Reader) -> Tools:
        return Tools(
            reader,
            SqlRegister(self.engine),
            SqlArchive(self.engine, self.clock),
            SqlCompanies(self.engine),
            self.clock,
            self.settings,
            SqlOfficial(self.engine),
        )

    def paper(self, values: Mapping[FieldName, str] = PAPER, proof: frozenset[Proof] = PROVEN) -> int:
        """An invoice that waits; returns its id."""
        (task,) = self.wait(seen(values, Kind.DIG_NORMAL, proof))
        return int(self.one(tasks, tasks.c.id == task).invoice_id)

    def say(self, invoice: int, answer: Answer, actor: Actor | None = None, picture: bytes = PNG) -> Recorded:
        """A person types back what the site said."""
        given = picture if answer.outcome in {Out.CONSISTENT, Out.VOID, Out.RED_FULL, Out.RED_PART} else b""
        return self.official.answer(actor or self.clerk, invoice, answer, site="tax_bureau", picture=given)

    def one(self, table: sa.Table, where: sa.ColumnElement[bool]) -> Any:
        with read(self.engine) as conn:
            return conn.execute(sa.select(table).where(where)).one()

    def all(self, table: sa.Table, where: sa.ColumnElement[bool]) -> list[Any]:
        with read(self.engine) as conn:
            return list(conn.execute(sa.select(table).where(where).order_by(table.c.id)))

    def open_reminders(self, invoice: int) -> list[Any]:
        mine = sa.and_(reminders.c.invoice_id == invoice, reminders.c.done_at.is_(None))
        return self.all(reminders, mine)

    def cause(self, invoice: int) -> str:
        return str(self.one(tasks, tasks.c.invoice_id == invoice).cause)

    def acts(self, invoice: int) -> list[str]:
        return [row.action for row in self.all(audit_log, audit_log.c.subject == f"invoice:{invoice}")]

    def key(self, invoice: int) -> str:
        return str(self.one(invoices, invoices.c.id == invoice).key)

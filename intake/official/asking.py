"""What people and the clock do with official places: each answer is kept, and its invoice is diagnosed anew at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
import structlog

from intake.clock import Clock
from intake.codec import decode
from intake.config import Settings
from intake.db import invoices, read
from intake.errors import BudgetSpentError, NotFoundError, VendorOffError
from intake.jobs import take_slot
from intake.model import SERVICE, Actor, Invoice
from intake.official import pictures, records, reminders
from intake.official.agreement import Answer
from intake.official.questions import questions
from intake.official.records import VENDOR, Recorded
from intake.official.vendor import Verifier
from intake.ports import Files, Reader, Tools
from intake.register.rematch import rematch_one
from intake.sources.calendar import TAX_BUREAU, on_maintenance

log = structlog.get_logger()
EVERY: Final = timedelta(minutes=5)  # how often reminders are looked at
JOB: Final = "official-reminders"


@dataclass(frozen=True, slots=True)
class OfficialDesk:
    """Official verification: by a person on the site, or by an interface where one is set up."""

    engine: sa.Engine
    files: Files
    clock: Clock
    settings: Settings
    verifier: Verifier | None
    reader: Callable[[], Reader]
    tools: Callable[[Reader], Tools]

    def answer(
        self, actor: Actor, invoice_id: int, answer: Answer, *, site: str, picture: bytes = b"", note: str = ""
    ) -> Recorded:
        """Keep what a person saw on an official site. Raises as `records.record` and `pictures.keep`."""
        reader = self.reader()
        try:
            screenshot = pictures.keep(self.files, reader, picture) if picture else None
            kept = records.record(
                self.engine,
                actor,
                invoice_id,
                answer,
                site=site,
                screenshot=screenshot,
                note=note,
                threshold=self.settings.second_person_from,
                clock=self.clock,
            )
            rematch_one(self.engine, self.tools(reader), invoice_id, self.clock())
        finally:
            reader.close()
        return kept

    def confirm(self, actor: Actor, verification_id: int) -> int:
        """Confirm another person's answer; returns the invoice. Raises as `records.confirm`."""
        invoice_id = records.confirm(self.engine, actor, verification_id, clock=self.clock)
        self._diagnose(invoice_id)
        return invoice_id

    def ask(self, invoice_id: int) -> Recorded:
        """Ask the interface. Raises VendorOffError, NotFoundError, BudgetSpentError."""
        if self.verifier is None:
            raise VendorOffError
        with read(self.engine) as conn:
            fields = conn.execute(sa.select(invoices.c.fields).where(invoices.c.id == invoice_id)).scalar_one_or_none()
            if fields is None:
                raise NotFoundError(f"invoice {invoice_id}")
            if records.budget(conn, invoice_id, SERVICE, self.clock()) <= 0:
                raise BudgetSpentError(f"invoice {invoice_id}")
        invoice = decode(Invoice, fields)
        if not questions(invoice):
            raise NotFoundError(f"nobody answers for {invoice.kind}")
        told = self.verifier.ask(invoice)
        note = self.files.put(told.raw) if told.raw else ""
        kept = records.record(
            self.engine,
            SERVICE,
            invoice_id,
            told.answer,
            site=VENDOR,
            note=note,
            threshold=self.settings.second_person_from,
            clock=self.clock,
        )
        self._diagnose(invoice_id)
        return kept

    def look(self) -> None:
        """The periodic work, done by one process each time: reminders of settled invoices are closed, an interface is
        asked again, and what was not found by the third day goes to the supervisor.
        """
        now = self.clock()
        if not take_slot(self.engine, JOB, now, EVERY):
            return
        reminders.settle(self.engine, now)
        if self.verifier is not None and on_maintenance(self.engine, now, TAX_BUREAU) is None:
            for invoice_id in reminders.to_ask(self.engine, now):
                try:
                    self.ask(invoice_id)
                except (BudgetSpentError, NotFoundError) as error:
                    log.info("not asked again", invoice=invoice_id, reason=error.code)
        for invoice_id in reminders.escalate(self.engine, now):
            self._diagnose(invoice_id)

    def _diagnose(self, invoice_id: int) -> None:
        reader = self.reader()
        try:
            rematch_one(self.engine, self.tools(reader), invoice_id, self.clock())
        finally:
            reader.close()

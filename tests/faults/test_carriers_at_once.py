"""Many workers at the same moment on the carriers of one invoice: one invoice, no carrier lost, every page joined."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import audit
from intake.archive import SqlArchive
from intake.codec import decode
from intake.companies import SqlCompanies
from intake.db import documents, invoices, read, renditions, tasks
from intake.files import LocalFiles
from intake.model import SERVICE, Channel, DocumentState, Invoice
from intake.pipeline import process
from intake.register.lookup import SqlRegister
from intake.submit import Submit
from intake.worker import Worker
from ocr.types import Extraction, FieldName, LineItem, Sheets, Source
from tests.fakes import FakeClock, FakeReader, MemoryCourier, settings, tools
from tests.web.site import NUMBER, VALUES, reading

F = FieldName
WORKERS = 8


def page(number: int, count: int) -> Extraction:
    """One page of so many: the last states the sums."""
    values = dict(VALUES)
    if number < count:
        values = {name: VALUES[name] for name in (F.NUMBER, F.DATE, F.BUYER_NAME, F.SELLER_TAX_ID)}
    found = reading(values)
    (receipt,) = found.receipts
    receipt = replace(receipt, sheets=Sheets(count, (number,)), lines=(LineItem(name=f"{number}"),))
    return replace(found, receipts=(receipt,))


def carrier(number: int) -> Extraction:
    """A picture in which one field more than in the others was read, by a reader of its own."""
    names = sorted(VALUES)
    seen = {F.NUMBER, F.DATE, F.TOTAL, names[number % len(names)]}
    found = reading({name: VALUES[name] for name in names if name in seen})
    (receipt,) = found.receipts
    source = Source.OCR if number % 2 else Source.OCR_SECOND
    return replace(found, receipts=(replace(receipt, values=tuple(replace(v, source=source) for v in receipt.values)),))


class Room:
    """A service with many workers on one database; each paper is prepared by its bytes."""

    def __init__(self, engine: sa.Engine, place: Path, readings: dict[bytes, Extraction]) -> None:
        self.engine = engine
        clock, courier, files, configured = FakeClock(), MemoryCourier(), LocalFiles(place), settings(place)
        submit = Submit(engine, files, courier, clock, configured)
        for data in readings:
            submit.receive(SERVICE, data, "a.jpg", Channel.COMMAND)
        found = replace(
            tools(FakeReader(readings), clock, configured),
            register=SqlRegister(engine),
            archive=SqlArchive(engine, clock),
            companies=SqlCompanies(engine),
        )
        self.clock = clock
        self.workers = [
            Worker(engine, files, courier, replace(found, reader=FakeReader(readings)), process) for _ in range(WORKERS)
        ]

    def work(self) -> None:
        """Everybody at once, until nothing is left; what met too many others comes again a little later."""
        for _ in range(3):
            start = threading.Barrier(WORKERS)
            threads = [threading.Thread(target=self._work, args=(worker, start)) for worker in self.workers]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.clock.forward(3600)

    def _work(self, worker: Worker, start: threading.Barrier) -> None:
        start.wait()
        while worker.work_once():
            pass

    def invoice(self) -> Invoice:
        """The only one."""
        with read(self.engine) as conn:
            (stored,) = conn.scalars(sa.select(invoices.c.fields)).all()
        return decode(Invoice, stored)

    def carriers(self) -> list[int]:
        with read(self.engine) as conn:
            states = set(conn.scalars(sa.select(documents.c.state)))
            assert states <= {DocumentState.NEEDS_REVIEW.value, DocumentState.ATTACHED.value}
            assert len(conn.execute(sa.select(tasks.c.id)).all()) == 1
            return sorted(conn.scalars(sa.select(renditions.c.document_id)))


@pytest.mark.parametrize("count", [2, 6])
def test_pages_of_one_invoice_read_at_the_same_moment_are_all_joined(
    engine: sa.Engine, tmp_path: Path, count: int
) -> None:
    room = Room(engine, tmp_path, {b"page %d" % number: page(number, count) for number in range(1, count + 1)})
    room.work()
    found = room.invoice()
    assert found.missing() == ()
    assert sorted(line.name for line in found.lines) == [str(number) for number in range(1, count + 1)]
    assert found.value(F.TOTAL) == VALUES[F.TOTAL]
    assert room.carriers() == list(range(1, count + 1))
    assert audit.verify(engine) == []


def test_carriers_of_a_waiting_invoice_read_at_the_same_moment_all_add_what_they_show(
    engine: sa.Engine, tmp_path: Path
) -> None:
    room = Room(engine, tmp_path, {b"picture %d" % number: carrier(number) for number in range(WORKERS)})
    room.work()
    found = room.invoice()
    assert found.value(F.NUMBER) == NUMBER
    assert {name: found.value(name) for name in VALUES} == dict(VALUES)
    assert room.carriers() == list(range(1, WORKERS + 1))
    assert audit.verify(engine) == []

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import audit, status
from intake.db import connect, documents, read
from intake.files import LocalFiles
from intake.model import SERVICE, Channel, DocumentState, Verdict
from intake.submit import Submit
from intake.worker import Worker
from tests.builders import decided, filed
from tests.databases import Server
from tests.fakes import FakeClock, FakeReader, MemoryCourier, settings, tools


@pytest.mark.postgres
def test_a_worker_survives_the_loss_of_its_connections(postgres: Server, tmp_path: Path) -> None:
    clock, courier, files, configured = FakeClock(), MemoryCourier(), LocalFiles(tmp_path), settings(tmp_path)
    with postgres.database(migrated=True) as url:
        engine = connect(url)
        submit = Submit(engine, files, courier, clock, configured)

        def process(_data: bytes, _name: str, _tools: object) -> Verdict:
            with postgres.administrator() as administrator:
                administrator.execute(
                    sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
                    {"name": engine.url.database},
                )
            return decided(filed())

        worker = Worker(engine, files, courier, tools(FakeReader(), clock, configured), process)
        for _ in range(2):
            submit.receive(SERVICE, b"paper", "a.pdf", Channel.COMMAND)
            assert worker.work_once()
        counts = status.counts(engine)
        assert counts.by_state[DocumentState.FILED] == counts.by_state[DocumentState.ATTACHED] == 1
        with read(engine) as conn:
            assert list(conn.scalars(sa.select(documents.c.attempts))) == [1, 1]
        assert audit.verify(engine) == []
        engine.dispose()

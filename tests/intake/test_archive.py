from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake.archive import SqlArchive
from intake.model import InvoiceState
from ocr.types import FieldName, Kind
from tests.intake.waiting import NUMBER, Office, seen

F = FieldName
PAPER = {F.CODE: "011002300611", F.NUMBER: "10556199", F.TOTAL: "106.00"}


@pytest.fixture
def office(engine: sa.Engine, tmp_path: Path) -> Office:
    return Office(engine, tmp_path)


@pytest.fixture
def archive(office: Office) -> SqlArchive:
    return SqlArchive(office.engine, office.clock)


def test_an_invoice_is_found_under_its_key_and_its_second_key(office: Office, archive: SqlArchive) -> None:
    office.wait(seen({F.NUMBER: NUMBER, F.TOTAL: "106.00", F.DATE: "2026-07-24"}))
    found = archive.by_key(f"D:{NUMBER}")
    assert found is not None
    assert (found.total, found.state, found.first_document_id) == (Decimal("106.00"), InvoiceState.NEEDS_REVIEW, 1)
    assert found.first_received_at == office.clock()
    assert archive.by_key(f"T:{NUMBER[:12]}:{NUMBER[12:]}") == found
    assert archive.by_key("D:26112000000048542164") is None


def test_an_attachment_cites_by_code_and_number(office: Office, archive: SqlArchive) -> None:
    office.wait(seen(PAPER, Kind.VAT_E_NORMAL), seen({F.NUMBER: NUMBER, F.TOTAL: "1.00"}))
    found = archive.citing(code="011002300611", number="10556199", total=None)
    assert found is not None
    assert found.key == "T:011002300611:10556199"
    whole = archive.citing(code=None, number=NUMBER, total=None)
    assert whole is not None
    assert whole.key == f"D:{NUMBER}"
    assert archive.citing(code="011002300612", number="10556199", total=Decimal("106.00")) is None
    assert archive.citing(code=None, number=None, total=None) is None


def test_a_ride_list_cites_by_a_total_that_only_one_invoice_of_late_has(office: Office, archive: SqlArchive) -> None:
    office.wait(seen(PAPER, Kind.VAT_E_NORMAL))
    found = archive.citing(code=None, number=None, total=Decimal("106.00"))
    assert found is not None
    assert archive.citing(code=None, number="10556199", total=Decimal("106.00")) == found
    office.wait(seen({F.NUMBER: NUMBER, F.TOTAL: "106.00"}))
    assert archive.citing(code=None, number=None, total=Decimal("106.00")) is None


def test_an_old_or_refused_invoice_is_not_cited_by_its_total(office: Office, archive: SqlArchive) -> None:
    task = office.wait(seen(PAPER, Kind.VAT_E_NORMAL))[0]
    office.clock.now += timedelta(days=61)
    assert archive.citing(code=None, number=None, total=Decimal("106.00")) is None
    office.clock.now -= timedelta(days=61)
    office.desk.refuse(office.verifier, task, "altered", "x")
    assert archive.citing(code=None, number=None, total=Decimal("106.00")) is None
    assert archive.by_key("T:011002300611:10556199") is not None

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import likenesses
from intake.archive import SqlArchive
from intake.db import write
from intake.joining import file_decisions
from intake.model import Likeness
from ocr.types import Carrier, Extraction, FieldName, PageInfo
from tests.builders import KEY, filed
from tests.intake.waiting import Office

F = FieldName
OTHER = "D:24112000000048542164"
LOOK = "f0a5c3961e2d4b78"


@pytest.fixture
def office(engine: sa.Engine, tmp_path: Path) -> Office:
    return Office(engine, tmp_path)


def near(bits: int) -> str:
    """The look with so many bits changed, all in different bands where there are enough."""
    changed = int(LOOK, 16)
    for bit in range(bits):
        changed ^= 1 << (16 * (bit % 4) + bit)
    return f"{changed:016x}"


def hand_in(office: Office, look: str) -> tuple[int, int]:
    document = office.document()
    with write(office.engine) as conn:
        reading = Extraction(Carrier.IMAGE, "image/jpeg", (PageInfo(0, 10, 10, likeness=look),))
        likenesses.keep(conn, document, reading.pages)
        (one,) = file_decisions(conn, document, [filed()], office.clock(), reading)
    return document, one.invoice_id


@pytest.mark.parametrize(("bits", "found"), [(0, True), (1, True), (3, True), (4, False), (9, False)])
def test_a_near_picture_with_another_key_is_found(office: Office, bits: int, found: bool) -> None:
    document, invoice = hand_in(office, LOOK)
    alike = SqlArchive(office.engine, office.clock).alike([near(bits)], OTHER)
    expected = Likeness(KEY, invoice, document, bits, date(2024, 5, 28), Decimal("4449.00"))
    assert list(alike) == ([expected] if found else [])


def test_the_invoice_itself_and_blank_pages_look_like_nothing(office: Office) -> None:
    hand_in(office, LOOK)
    hand_in(office, likenesses.BLANK)
    archive = SqlArchive(office.engine, office.clock)
    assert list(archive.alike([LOOK], KEY)) == []
    assert list(archive.alike([likenesses.BLANK], OTHER)) == []

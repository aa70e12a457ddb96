"""Bad files through the real doors: each has its own reason and remedy, is kept, and never stops the queue."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import status
from intake.db import documents, read
from intake.model import SERVICE, Channel, DocumentState
from intake.wiring import Intake, build
from ocr.types import OtherKind
from tests.fakes import settings

WEB = Path(__file__).parents[2] / "web" / "translations"
LARGEST = 8 * 1024 * 1024
REASONS = {
    "bomb.zip": "bomb",
    "broken.ofd": "truncated",
    "empty.pdf": "empty",
    "entities.xml": "hostile",
    "letter.pdf": "letter",
    "locked.pdf": "encrypted",
    "many-members.zip": "bomb",
    "many-pages.pdf": "too_many_pages",
    "no-pages.pdf": "no_pages",
    "other.xml": "unknown_format",
    "till-receipt.jpg": "pos_slip",
    "truncated.jpg": "truncated",
    "truncated.pdf": "truncated",
    "vast.png": "too_large",
    "words.pdf": "unknown_format",
}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Intake]:
    intake = build(settings(tmp_path, max_upload=LARGEST, workers=1))
    yield intake
    intake.courier.close()
    intake.engine.dispose()


def test_every_bad_file_is_kept_with_its_reason_and_the_next_good_one_is_read(office: Intake, made: Path) -> None:
    bad = {path.name: path.read_bytes() for path in sorted((made / "bad").iterdir())}
    assert set(REASONS) | {"blank.png"} == set(bad)
    bad["oversized.pdf"] = b"%PDF-1.7\n" + bytes(LARGEST)
    good = min((made / "xml").glob("*.xml"))
    bad[good.name] = good.read_bytes()
    receipts = {
        name: office.submit.receive(SERVICE, data, name, Channel.COMMAND, interactive=False)
        for name, data in bad.items()
    }
    reader = office.reader()
    try:
        worker = office.worker(reader)
        while worker.work_once():
            pass
    finally:
        reader.close()
    with read(office.engine) as connection:
        rows = {row.name: row for row in connection.execute(sa.select(documents))}
    seen = {name: row.reason for name, row in rows.items() if row.state == DocumentState.REJECTED.value}
    assert seen == REASONS | {"oversized.pdf": "too_large"}
    # a blank picture may be an invoice that nobody could photograph: a person looks
    assert rows["blank.png"].state == DocumentState.NEEDS_REVIEW.value
    assert rows[good.name].state in {DocumentState.FILED.value, DocumentState.NEEDS_REVIEW.value}
    for name, data in bad.items():
        assert office.files.get(receipts[name].sha256) == data
    counted = status.counts(office.engine)
    assert counted.received == len(bad) == sum(counted.by_state.values())


def test_a_bad_file_handed_in_six_times_is_answered_six_times(office: Intake, made: Path) -> None:
    data = (made / "bad" / "truncated.pdf").read_bytes()
    for number in range(6):
        office.submit.receive(SERVICE, data, f"{number}.pdf", Channel.WATCH, interactive=False)
    reader = office.reader()
    try:
        while office.worker(reader).work_once():
            pass
    finally:
        reader.close()
    counted = status.counts(office.engine)
    assert counted.by_state[DocumentState.REJECTED] == counted.received == 6


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_reason_has_its_sentence_and_its_remedy(language: str) -> None:
    catalogue = json.loads((WEB / f"{language}.json").read_text(encoding="utf-8"))
    named = set(REASONS.values()) & set(OtherKind)
    reasons = sorted(set(REASONS.values()) - named)
    sentences = [catalogue[f"error.{reason}"] for reason in reasons] + [catalogue[f"other.{what}"] for what in named]
    remedies = [catalogue[f"error.{reason}.remedy"] for reason in (*reasons, "other")]
    assert len(set(sentences)) == len(sentences)
    assert all(remedies)

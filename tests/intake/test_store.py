from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from intake import audit, jobs, store
from intake.codec import decode, decode_as
from intake.db import documents, extractions, invoices, pages, read, renditions, tasks, write
from intake.errors import ClaimLostError
from intake.model import (
    Cause,
    Channel,
    Diagnosis,
    DocumentState,
    Finding,
    FusedField,
    Invoice,
    MatchOutcome,
    NextStep,
    Rejected,
    Role,
    Unpacked,
    Verdict,
)
from intake.records import column_text, day, money
from intake.store import Claim, NewDocument, Preview, Published
from ocr.types import Extraction, FieldName, FieldValue, Kind, Member, Source
from tests.builders import KEY, attached, decided, extraction, filed, invoice, matched, needs_review
from tests.fakes import NOON

SHA = "ab" * 32
LEASE = 180.0


def receive(engine: sa.Engine) -> int:
    with write(engine) as conn:
        return store.insert_document(conn, NewDocument(SHA, 5, "a.pdf", Channel.WEB, interactive=True), NOON).id


def claim(engine: sa.Engine) -> Claim:
    held = jobs.claim(engine, NOON, LEASE)
    assert held is not None
    return held


def publish(engine: sa.Engine, verdict: Verdict, **more: Any) -> Published:
    receive(engine)
    held = claim(engine)
    with write(engine) as conn:
        return store.publish(conn, held, verdict, NOON, **more)


def rows(engine: sa.Engine, table: sa.Table) -> list[Mapping[str, Any]]:
    with read(engine) as conn:
        return [dict(row) for row in conn.execute(sa.select(table).order_by(*table.primary_key)).mappings()]


def actions(engine: sa.Engine) -> list[tuple[str, str]]:
    with read(engine) as conn:
        return [(entry.action, entry.subject) for entry in audit.entries(conn)]


def test_a_filed_invoice_keeps_all_that_was_seen_and_decided(engine: sa.Engine) -> None:
    verdict = decided(filed(), pages=2)
    previews = [Preview(0, 2480, 3508, SHA), Preview(1, 2480, 3508, None)]
    published = publish(engine, verdict, previews=previews)

    assert (published.state, published.reason) == (DocumentState.FILED, "")
    (kept,) = rows(engine, invoices)
    assert (kept["key"], kept["alias"]) == (KEY, None)
    assert (kept["state"], kept["filed_by"], kept["filed_at"]) == ("filed", "machine", NOON)
    assert (kept["register_key"], kept["total"], kept["number"]) == (KEY, Decimal("4449.00"), KEY[2:])
    assert decode(Invoice, kept["fields"]) == filed().invoice
    assert decode_as(tuple[Finding, ...], kept["findings"]) == filed().findings
    assert decode_as(MatchOutcome, kept["match"]) == matched()
    assert kept["diagnosis"] is None
    (document,) = rows(engine, documents)
    assert (document["state"], document["claim"], document["lease_until"]) == ("filed", None, None)
    assert document["done_at"] == NOON
    (rendition,) = rows(engine, renditions)
    assert (rendition["document_id"], rendition["outcome"], rendition["pages"]) == (document["id"], "filed", [0])
    assert [(row["page"], row["preview"]) for row in rows(engine, pages)] == [(0, SHA), (1, None)]
    assert decode(Extraction, rows(engine, extractions)[0]["body"]) == verdict.extraction
    assert rows(engine, tasks) == []
    assert actions(engine) == [("filed", f"invoice:{kept['id']}")]


def test_what_needs_a_person_opens_a_task(engine: sa.Engine) -> None:
    published = publish(engine, decided(needs_review()))
    assert (published.state, published.reason) == (DocumentState.NEEDS_REVIEW, "register_stale")
    (kept,) = rows(engine, invoices)
    assert (kept["state"], kept["filed_by"], kept["key"]) == ("needs_review", "", KEY)
    assert decode(Diagnosis, kept["diagnosis"]) == needs_review().diagnosis
    (task,) = rows(engine, tasks)
    assert (task["state"], task["cause"], task["invoice_id"]) == ("open", "register_stale", kept["id"])
    assert task["opened_at"] == NOON
    assert actions(engine) == [("review_opened", f"task:{task['id']}")]


def test_another_rendition_is_attached_and_counts_once(engine: sa.Engine) -> None:
    publish(engine, decided(filed()))
    (first,) = rows(engine, invoices)
    published = publish(engine, decided(attached(first["id"], 1, NOON)))
    assert published.state is DocumentState.ATTACHED
    assert len(rows(engine, invoices)) == 1
    assert [row["outcome"] for row in rows(engine, renditions)] == ["filed", "attached"]
    assert actions(engine)[-1] == ("attached", f"invoice:{first['id']}")


@pytest.mark.parametrize(
    ("decisions", "state"),
    [
        ([filed("24112000000000000001"), needs_review("24112000000000000002")], DocumentState.NEEDS_REVIEW),
        ([filed("24112000000000000001"), filed("24112000000000000002")], DocumentState.FILED),
        ([filed("24112000000000000001"), filed("24112000000000000001")], DocumentState.FILED),
        ([], DocumentState.REJECTED),
    ],
)
def test_a_file_with_several_invoices_takes_the_state_that_asks_most(
    engine: sa.Engine, decisions: list[Any], state: DocumentState
) -> None:
    published = publish(engine, decided(*decisions))
    assert published.state is state
    assert [row["receipt_index"] for row in rows(engine, renditions)] == list(range(len(decisions)))
    assert len(rows(engine, extractions)) == 1


@pytest.mark.parametrize("second", [filed(), needs_review(), needs_review(total=None), filed(total="4449.00")])
def test_a_key_that_was_taken_a_moment_ago_is_attached_when_the_values_agree(engine: sa.Engine, second: Any) -> None:
    publish(engine, decided(filed()))
    published = publish(engine, decided(second))
    assert published.state is DocumentState.ATTACHED
    assert len(rows(engine, invoices)) == 1


@pytest.mark.parametrize("second", [filed(total="9.00"), needs_review(total="9.00")])
def test_a_key_that_was_taken_by_other_values_goes_to_a_person(engine: sa.Engine, second: Any) -> None:
    publish(engine, decided(filed()))
    published = publish(engine, decided(second))
    assert (published.state, published.reason) == (DocumentState.NEEDS_REVIEW, "duplicate")
    first, conflict = rows(engine, invoices)
    assert (first["key"], conflict["key"]) == (KEY, None)
    diagnosis = decode(Diagnosis, conflict["diagnosis"])
    assert diagnosis.cause is Cause.DUPLICATE
    assert diagnosis.evidence[0].link == f"invoice:{first['id']}"


def test_a_key_is_also_known_under_its_second_spelling(engine: sa.Engine) -> None:
    publish(engine, decided(filed()))
    again = replace(needs_review(), key="T:241120000000:48542163")
    assert publish(engine, decided(again)).state is DocumentState.ATTACHED


def test_workers_that_publish_the_same_invoice_at_once_make_one(engine: sa.Engine) -> None:
    for _ in range(6):
        receive(engine)
    held = [claim(engine) for _ in range(6)]
    start = threading.Barrier(6)
    published: list[Published] = []
    many = [filed(f"2411200000000000000{number}") for number in range(5)]

    def work(index: int, mine: Claim) -> None:
        decisions = many if index % 2 else list(reversed(many))
        start.wait()
        with write(engine) as conn:
            published.append(store.publish(conn, mine, decided(*decisions), NOON))

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(held)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(published) == 6
    assert len(rows(engine, invoices)) == 5
    outcomes = [row["outcome"] for row in rows(engine, renditions)]
    assert (outcomes.count("filed"), outcomes.count("attached")) == (5, 25)
    assert audit.verify(engine) == []


@pytest.mark.parametrize("read_first", [None, extraction()])
def test_a_rejected_file_keeps_its_reason_and_what_was_read(engine: sa.Engine, read_first: Extraction | None) -> None:
    published = publish(engine, Rejected("not_an_invoice", "a menu", read_first))
    assert (published.state, published.reason) == (DocumentState.REJECTED, "not_an_invoice")
    assert len(rows(engine, extractions)) == (read_first is not None)
    assert actions(engine) == [("rejected", "document:1")]


def test_the_members_of_an_archive_are_received_with_its_new_state(engine: sa.Engine) -> None:
    taken_over = NewDocument(SHA, 5, "a.pdf", Channel.ARCHIVE, interactive=True, parent_id=1)
    members = [
        replace(taken_over, idempotency=f"zip:1:{index}", reason=reason)
        for index, reason in enumerate(["", "empty", ""])
    ]
    published = publish(engine, Unpacked((Member("x", b""),) * 3), members=members)
    assert published.state is DocumentState.UNPACKED
    parent, *children = rows(engine, documents)
    assert parent["state"] == "unpacked"
    assert [child["state"] for child in children] == ["queued", "rejected", "queued"]
    assert [child["parent_id"] for child in children] == [1, 1, 1]
    assert published.waiting == ((children[0]["id"], True), (children[2]["id"], True))
    assert [action for action, _ in actions(engine)] == ["unpacked", "received", "received", "rejected", "received"]


def test_an_archive_without_members_is_rejected(engine: sa.Engine) -> None:
    assert publish(engine, Unpacked(())).state is DocumentState.REJECTED


def test_nothing_is_written_when_the_claim_is_lost(engine: sa.Engine) -> None:
    receive(engine)
    slow = claim(engine)
    jobs.put_back(engine, slow, NOON)
    fast = jobs.claim(engine, NOON + timedelta(hours=1), LEASE)
    assert fast is not None
    with pytest.raises(ClaimLostError), write(engine) as conn:
        store.publish(conn, slow, decided(needs_review()), NOON)
    with write(engine) as conn:
        store.publish(conn, fast, decided(filed()), NOON)
    with pytest.raises(ClaimLostError), write(engine) as conn:
        store.publish(conn, fast, decided(filed()), NOON)
    assert [row["state"] for row in rows(engine, invoices)] == ["filed"]
    assert rows(engine, tasks) == []


def test_a_file_that_breaks_its_reader_goes_to_a_person(engine: sa.Engine) -> None:
    receive(engine)
    held = claim(engine)
    with write(engine) as conn:
        published = store.give_up(conn, held, "crashed", NOON)
    assert (published.state, published.reason) == (DocumentState.NEEDS_REVIEW, "crashed")
    (kept,) = rows(engine, invoices)
    assert (kept["kind"], kept["key"], kept["state"]) == ("unknown", None, "needs_review")
    (task,) = rows(engine, tasks)
    assert (task["invoice_id"], task["state"], task["cause"]) == (kept["id"], "open", "system_fault")
    said = decode(Diagnosis, kept["diagnosis"])
    assert (said.next_step, said.owner) == (NextStep.KEY_AND_VERIFY, Role.ADMINISTRATOR)
    assert [one.code for one in said.evidence] == ["reader_crashed"]
    (document,) = rows(engine, documents)
    assert (document["state"], document["reason"]) == ("needs_review", "crashed")
    assert actions(engine) == [("review_opened", f"task:{task['id']}")]


def test_values_no_column_can_hold_do_not_stop_the_publishing(engine: sa.Engine) -> None:
    strange = {
        FieldName.SELLER_NAME: "甲\x00\ud800" + "乙" * 400,
        FieldName.NUMBER: "9" * 90,
        FieldName.TOTAL: "1e30",
        FieldName.NET: "0.001",
        FieldName.TAX: "十元",
        FieldName.DATE: "2024-13-77",
    }
    odd = needs_review(key=False)
    fields = {
        name: FusedField(name, value, frozenset(), (FieldValue(name, value, 0.5, Source.OCR),))
        for name, value in strange.items()
    }
    odd = replace(odd, invoice=Invoice(Kind.UNKNOWN, fields))
    assert publish(engine, decided(odd)).state is DocumentState.NEEDS_REVIEW
    (kept,) = rows(engine, invoices)
    assert kept["seller_name"].startswith("甲?乙")
    assert len(kept["seller_name"]) == 200
    assert [kept[name] for name in ("total", "net", "tax", "date")] == [None] * 4
    assert decode(Invoice, kept["fields"]).value(FieldName.SELLER_NAME) == strange[FieldName.SELLER_NAME]


def test_texts_become_days_and_money_or_nothing() -> None:
    assert day("2024-02-29") is not None
    assert [day(text) for text in (None, "", "2023-02-29", "soon")] == [None] * 4
    assert money("-12.30") == Decimal("-12.30")
    assert [money(text) for text in (None, "", "1.005", "NaN", "Infinity", "1e15", "x")] == [None] * 7
    assert column_text("code", None) == ""
    assert invoice().value(FieldName.CODE) is None

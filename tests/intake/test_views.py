"""What the pages are told, on both databases."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import views
from intake.db import documents, invoices, register_imports, register_refusals, write
from intake.errors import NotFoundError, TaskStateError
from intake.model import (
    Actor,
    Cause,
    DocumentState,
    InvoiceState,
    Role,
    TaskState,
    Unmatched,
)
from intake.views.filters import DocumentFilter
from intake.views.rows import DocumentRow
from ocr.types import FieldName, Kind
from tests.intake.waiting import BLIND, NUMBER, VALUES, Office, seen

F = FieldName
SELLERS = ("北京木石印象办公用品有限公司", "武汉东湖图书有限公司", "100%_纯棉有限公司")


@pytest.fixture
def office(engine: sa.Engine, tmp_path: Path) -> Office:
    return Office(engine, tmp_path)


@pytest.fixture
def many(office: Office) -> list[DocumentRow]:
    """Sixty papers of different numbers, days, amounts and sellers, some without an invoice."""
    for index in range(60):
        chance = index * 7919 + 13  # spread evenly, the same every time
        if index % 7 == 0:
            office.document(DocumentState.REJECTED, "empty")
            continue
        values = {
            F.NUMBER: f"26112000000{index:09d}",
            F.DATE: (date(2026, 1, 1) + timedelta(days=chance % 300)).isoformat(),
            F.TOTAL: f"{chance % 9000}.{chance % 100:02d}",
            F.SELLER_NAME: SELLERS[chance % 3],
        }
        office.wait(seen(values, Kind.TAXI if chance % 4 == 0 else Kind.DIG_NORMAL))
    return everything(office, DocumentFilter())


def everything(office: Office, wanted: DocumentFilter, limit: int = 7) -> list[DocumentRow]:
    """All pages of a list, walked to the end."""
    rows: list[DocumentRow] = []
    before: str | None = None
    while True:
        page = views.list_documents(office.engine, wanted, before=before, limit=limit)
        rows += page.rows
        before = page.older
        if before is None:
            return rows


def test_pages_follow_each_other_without_gap_or_repetition(office: Office, many: list[DocumentRow]) -> None:
    assert [row.id for row in many] == sorted((row.id for row in many), reverse=True)
    assert len(many) == len({row.id for row in many}) == 60
    page = views.list_documents(office.engine, DocumentFilter(), limit=10)
    assert page.newer is None
    assert page.older is not None
    second = views.list_documents(office.engine, DocumentFilter(), before=page.older, limit=10)
    assert second.newer is not None
    back = views.list_documents(office.engine, DocumentFilter(), after=second.newer, limit=10)
    assert back.rows == page.rows
    assert back.newer is None
    assert back.older == page.older


def plain(row: DocumentRow, wanted: DocumentFilter) -> bool:
    """The filter said in plain Python, invoice by invoice."""
    if wanted.states and row.state not in wanted.states:
        return False
    asks = (
        wanted.number,
        wanted.party,
        wanted.kind,
        wanted.date_from,
        wanted.date_to,
        wanted.total_from,
        wanted.total_to,
    )
    if all(ask in {"", None} for ask in asks):
        return True
    return any(
        one.number.startswith(wanted.number)
        and wanted.party in one.seller_name
        and (wanted.kind is None or one.kind is wanted.kind)
        and (wanted.date_from is None or (one.date is not None and one.date >= wanted.date_from))
        and (wanted.date_to is None or (one.date is not None and one.date <= wanted.date_to))
        and (wanted.total_from is None or (one.total is not None and one.total >= wanted.total_from))
        and (wanted.total_to is None or (one.total is not None and one.total <= wanted.total_to))
        for one in row.invoices
    )


@pytest.mark.parametrize(
    "wanted",
    [
        DocumentFilter(number="261120000000000000"),
        DocumentFilter(number="26112000000000000001"),
        DocumentFilter(party="东湖"),
        DocumentFilter(party="100%_"),
        DocumentFilter(party="%"),
        DocumentFilter(kind=Kind.TAXI),
        DocumentFilter(date_from=date(2026, 3, 1), date_to=date(2026, 6, 30)),
        DocumentFilter(total_from=Decimal("1000.00"), total_to=Decimal("5000.00")),
        DocumentFilter(states=frozenset({DocumentState.REJECTED})),
        DocumentFilter(states=frozenset({DocumentState.NEEDS_REVIEW}), kind=Kind.DIG_NORMAL, party="木石"),
        DocumentFilter(
            kind=Kind.TAXI, party="公司", date_from=date(2026, 2, 1), total_from=Decimal(10), total_to=Decimal(9000)
        ),
    ],
)
def test_combined_filters_equal_brute_force(office: Office, many: list[DocumentRow], wanted: DocumentFilter) -> None:
    assert everything(office, wanted) == [row for row in many if plain(row, wanted)]


def test_a_file_is_found_by_receipt_name_number_and_cause(office: Office) -> None:
    office.wait(seen(VALUES))
    for wanted in (
        DocumentFilter(text="20261124-000001"),
        DocumentFilter(text="SCAN"),
        DocumentFilter(text=f"{NUMBER[:4]} {NUMBER[4:9]}"),
        DocumentFilter(cause=Cause.UNKNOWN),
    ):
        assert len(everything(office, wanted)) == 1, wanted
    assert everything(office, DocumentFilter(cause=Cause.DUPLICATE)) == []
    assert everything(office, DocumentFilter(text="nothing like it")) == []


def test_days_of_receipt_are_days_in_china(office: Office) -> None:
    office.document()  # 12:00 in Beijing
    office.clock.forward(11.5 * 3600)  # 23:30
    office.document()
    office.clock.forward(3600)  # 00:30 of the next day
    office.document()
    first, second = date(2026, 11, 24), date(2026, 11, 25)
    assert len(everything(office, DocumentFilter(received_to=first))) == 2
    assert len(everything(office, DocumentFilter(received_from=second))) == 1


def test_the_counts_add_up(office: Office, many: list[DocumentRow]) -> None:
    counts = views.count_states(office.engine)
    assert sum(counts.values()) == len(many)
    assert counts[DocumentState.REJECTED] == sum(row.state is DocumentState.REJECTED for row in many)
    assert set(counts) == set(DocumentState)


def test_a_document_is_shown_with_all_that_is_known(office: Office) -> None:
    office.wait(seen(VALUES), seen({F.NUMBER: "26112000000012345678"}))
    shown = views.show_document(office.engine, 1)
    first, second = shown.invoices
    assert first.invoice.value(F.NUMBER) == NUMBER
    assert first.task is not None
    assert (first.state, first.task.state, first.match) == (InvoiceState.NEEDS_REVIEW, TaskState.OPEN, Unmatched())
    assert first.diagnosis is not None
    assert second.others == ()
    assert shown.row.invoices[0].number == NUMBER
    assert views.document_row(office.engine, 1) == shown.row
    assert views.invoice_document(office.engine, first.id) == 1


@pytest.mark.parametrize(
    "ask",
    [
        lambda engine: views.show_document(engine, 99),
        lambda engine: views.document_row(engine, 99),
        lambda engine: views.original(engine, 99),
        lambda engine: views.preview(engine, 99, 0),
        lambda engine: views.invoice_document(engine, 99),
        lambda engine: views.task_place(engine, 99),
        lambda engine: views.paper_to_key(engine, 99),
        lambda engine: views.show_import(engine, 99),
    ],
)
def test_what_is_not_there_is_not_found(engine: sa.Engine, ask: object) -> None:
    assert callable(ask)
    with pytest.raises(NotFoundError):
        ask(engine)


def test_the_timeline_tells_who_did_what(office: Office) -> None:
    (task,) = office.wait(seen({F.NUMBER: NUMBER}))
    office.enter(task)
    told = [(event.actor, event.action) for event in views.show_document(office.engine, 1).timeline]
    assert ("clerk", "entered") in told


def test_the_numbers_in_the_header_are_those_of_the_person(office: Office) -> None:
    keyed, _waiting = office.wait(seen({F.NUMBER: NUMBER}), seen({F.NUMBER: "26112000000012345678"}))
    office.enter(keyed)
    assert views.waiting(office.engine, office.clerk) == views.waiting(office.engine, office.colleague)
    assert views.waiting(office.engine, office.clerk).to_verify == 0
    assert views.waiting(office.engine, office.verifier).to_verify == 1
    assert views.waiting(office.engine, Actor(office.clerk.id, "clerk", Role.VERIFIER)).to_verify == 0
    auditor = views.waiting(office.engine, Actor(9, "auditor", Role.AUDITOR))
    assert (auditor.to_key, auditor.to_verify, auditor.to_decide) == (0, 0, 0)
    office.desk.verify(office.verifier, keyed, {**BLIND, F.TOTAL: "999.00"})
    assert views.waiting(office.engine, office.supervisor).to_decide == 1
    assert views.waiting(office.engine, Actor(office.verifier.id, "x", Role.SUPERVISOR)).to_decide == 0


def test_the_queue_shows_the_oldest_first_and_goes_on(office: Office) -> None:
    for index in range(60):
        office.wait(seen({F.NUMBER: f"26112000000{index:09d}"}))
    page = views.queue(office.engine, [TaskState.OPEN], now=office.clock())
    assert len(page.rows) == 50
    rest = views.queue(office.engine, [TaskState.OPEN], now=office.clock(), page=page.more or 0)
    assert rest.more is None
    assert [row.task_id for row in (*page.rows, *rest.rows)] == list(range(1, 61))


def test_a_blind_paper_has_places_but_no_value(office: Office) -> None:
    (task,) = office.wait(seen(VALUES))
    office.enter(task, total="107.00", net="101.00")
    paper = views.blind_paper(office.engine, task)
    said = repr(paper)
    for value in (*VALUES.values(), "107.00"):
        assert value not in said
    assert (paper.kind, paper.enterer) == (Kind.DIG_NORMAL, "clerk")


def test_each_step_is_only_shown_in_its_state(office: Office) -> None:
    (task,) = office.wait(seen(VALUES))
    with pytest.raises(TaskStateError):
        views.blind_paper(office.engine, task)
    with pytest.raises(TaskStateError):
        views.disputed_paper(office.engine, task)
    office.enter(task)
    office.desk.verify(office.verifier, task, {**BLIND, F.TOTAL: "108.00"})
    paper = views.disputed_paper(office.engine, task)
    assert [(one.name, one.first, one.second) for one in paper.differences] == [(F.TOTAL, "106.00", "108.00")]
    assert (paper.enterer, paper.verifier) == ("clerk", "verifier")
    assert views.task_place(office.engine, task).state is TaskState.DISPUTED


def test_a_returned_entry_is_where_the_next_keying_begins(office: Office) -> None:
    (task,) = office.wait(seen({F.NUMBER: NUMBER}))
    assert views.paper_to_key(office.engine, task).draft is None
    office.enter(task)
    office.desk.send_back(office.verifier, task, "日期不清")
    paper = views.paper_to_key(office.engine, task)
    assert paper.draft is not None
    assert paper.draft.values[F.SELLER_NAME] == VALUES[F.SELLER_NAME]
    assert paper.comment == "日期不清"


REFUSED_ROW = {"import_id": 1, "row": 3, "reason": "no_key", "sample": "x", "digits": ""}


def test_imports_are_listed_the_latest_first(office: Office) -> None:
    with write(office.engine) as connection:
        for name in ("一.csv", "二.csv"):
            connection.execute(
                sa.insert(register_imports).values(
                    source="tax-bureau",
                    file_name=name,
                    sha256="0" * 64,
                    started_at=office.clock(),
                    imported_by=office.supervisor.id,
                    refused_rows=1,
                )
            )
        connection.execute(sa.insert(register_refusals).values(REFUSED_ROW))
    assert [one.file_name for one in views.list_imports(office.engine)] == ["二.csv", "一.csv"]
    shown = views.show_import(office.engine, 1)
    assert (shown.importer, shown.refused_rows, shown.refused) == ("supervisor", 1, ((3, "no_key", "x"),))


def test_who_handed_something_in_is_offered_as_a_filter(office: Office) -> None:
    office.document()
    assert views.submitters(office.engine) == ()
    with write(office.engine) as connection:
        connection.execute(sa.update(documents).values(submitted_by=office.clerk.id))
    assert views.submitters(office.engine) == ((office.clerk.id, "clerk"),)
    assert len(everything(office, DocumentFilter(submitter=office.clerk.id))) == 1
    assert everything(office, DocumentFilter(submitter=office.verifier.id)) == []


def test_an_invoice_without_day_or_amount_is_a_line_too(office: Office) -> None:
    office.wait(seen({}, Kind.UNKNOWN))
    with write(office.engine) as connection:
        connection.execute(sa.update(invoices).values(seller_name=""))
    (row,) = everything(office, DocumentFilter(kind=Kind.UNKNOWN))
    assert (row.invoices[0].date, row.invoices[0].total) == (None, None)

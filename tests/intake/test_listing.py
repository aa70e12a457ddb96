"""The list of documents on both databases: its orders, its filters, its table, its acts and its files."""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from intake import many, saved, views
from intake.db import documents, invoices, listing, listing_words, read, tasks, write
from intake.errors import ForbiddenError, NotFoundError
from intake.migrations import listing as made
from intake.model import Cause, Channel, DocumentState
from intake.risk import Ground
from intake.views import list_files
from intake.views.filters import DocumentFilter, Order, Sort
from ocr.types import FieldName, Kind
from tests.intake.waiting import BLIND, VALUES, Office, actions, seen

F = FieldName
SELLERS = ("北京木石办公用品有限公司", "武汉东湖图书有限公司", "=SUM(A1)")
CAUSES = (Cause.UNKNOWN, Cause.WRONG_TITLE)


@pytest.fixture
def office(engine: sa.Engine, tmp_path: Path) -> Office:
    """Forty-five papers, some with two invoices and some with none, that differ in all that is filtered by."""
    office = Office(engine, tmp_path)
    for index in range(45):
        if index % 7 == 0:
            office.document(DocumentState.REJECTED, "empty")
            continue
        papers = []
        for place in range(2 if index % 5 == 0 else 1):
            chance = (index * 2 + place) * 7919 + 13
            values = {F.NUMBER: f"26112000000{chance % 997:09d}", F.SELLER_NAME: SELLERS[chance % 3]}
            values[F.BUYER_NAME] = ("北京示例科技有限公司", "上海示例制造有限公司")[chance % 2]
            if chance % 4:
                values[F.DATE] = (date(2026, 1, 1) + timedelta(days=chance % 9)).isoformat()
                values[F.TOTAL] = f"{chance % 40}.{chance % 100:02d}"
            papers.append(seen(values, Kind.TAXI if chance % 4 == 1 else Kind.DIG_NORMAL))
        office.wait(*papers)
    with write(engine) as conn:
        for number in range(1, 46):
            channel = (Channel.WEB, Channel.PHONE)[number % 2].value
            conn.execute(sa.update(documents).where(documents.c.id == number).values(channel=channel))
        for number in conn.scalars(sa.select(invoices.c.id)).all():
            given = {"region": ("11", "31", "")[number % 3], "code": ("011002000111", "")[number % 2]}
            conn.execute(sa.update(invoices).where(invoices.c.id == number).values(**given))
            task = {"cause": CAUSES[number % 2].value, "assigned_to": (office.clerk.id, None)[number % 3 > 0]}
            conn.execute(sa.update(tasks).where(tasks.c.invoice_id == number).values(**task))
    return office


def walked(office: Office, wanted: DocumentFilter, order: Order) -> list[int]:
    """All pages of seven, one after the other."""
    found: list[int] = []
    before: str | None = None
    while True:
        page = views.list_documents(office.engine, wanted, order, before=before, limit=7)
        found += [row.id for row in page.rows]
        before = page.older
        if before is None:
            return found


def lines(office: Office) -> list[Any]:
    """Each document with each of its invoices as the source tables have them; those without have an empty one."""
    whole = """SELECT d.id, d.state, d.channel, d.receipt || ' ' || d.name AS file, r.receipt_index, i.kind, i.number, i.code,
        i.seller_name, i.buyer_name, i.seller_tax_id, i.region, i.date, i.total, t.cause, t.assigned_to FROM documents d
        LEFT JOIN renditions r ON r.document_id = d.id LEFT JOIN invoices i ON i.id = r.invoice_id
        LEFT JOIN tasks t ON t.invoice_id = i.id ORDER BY d.id, r.receipt_index"""
    shaped = sa.text(whole).columns(date=invoices.c.date.type, total=invoices.c.total.type)
    with read(office.engine) as conn:
        return list(conn.execute(shaped))


def fits(row: Any, wanted: DocumentFilter) -> bool:
    """The filter said in plain Python of one document with one invoice."""
    seller, buyer = f"{row.seller_name or ''} {row.seller_tax_id or ''}", row.buyer_name or ""
    text = f"{row.file} {row.number or ''} {row.code or ''} {seller} {buyer}".lower()
    return all(
        (
            not wanted.states or row.state in {one.value for one in wanted.states},
            all(word.lower() in text for word in wanted.text.split()),
            (row.number or "").startswith(wanted.number),
            (row.code or "").startswith(wanted.code),
            wanted.seller in seller,
            wanted.buyer in buyer,
            wanted.kind is None or row.kind == wanted.kind.value,
            wanted.cause is None or row.cause == wanted.cause.value,
            wanted.channel is None or row.channel == wanted.channel.value,
            wanted.clerk is None or row.assigned_to == wanted.clerk,
            not wanted.region or row.region == wanted.region,
            wanted.date_from is None or (row.date is not None and row.date >= wanted.date_from),
            wanted.date_to is None or (row.date is not None and row.date <= wanted.date_to),
            wanted.total_from is None or (row.total is not None and row.total >= wanted.total_from),
            wanted.total_to is None or (row.total is not None and row.total <= wanted.total_to),
        )
    )


CHOICES: dict[str, tuple[object, ...]] = {
    "states": (frozenset({DocumentState.REJECTED}), frozenset({DocumentState.NEEDS_REVIEW})),
    "text": ("木石", "SCAN", "scan 东湖", "000007"),
    "number": ("261120000000000000", "26112000000000009"),
    "code": ("01100200",),
    "seller": ("东湖", "公司"),
    "buyer": ("上海",),
    "kind": (Kind.TAXI, Kind.DIG_NORMAL),
    "cause": CAUSES,
    "channel": (Channel.WEB, Channel.PHONE),
    "clerk": (1,),
    "region": ("11", "31"),
    "date_from": (date(2026, 1, 3),),
    "date_to": (date(2026, 1, 7),),
    "total_from": (Decimal("5.00"), Decimal(20)),
    "total_to": (Decimal("30.07"),),
}


def asked() -> list[DocumentFilter]:
    """Each filter alone, and thirty chosen combinations."""
    chance = random.Random(5)  # noqa: S311 - a repeatable choice of questions
    alone: list[dict[str, Any]] = [{name: value} for name, values in CHOICES.items() for value in values]
    for _ in range(30):
        names = chance.sample(sorted(CHOICES), chance.choice((2, 2, 3)))
        alone.append({name: chance.choice(CHOICES[name]) for name in names})
    return [DocumentFilter(**given) for given in alone]


KEYS: dict[Sort, Callable[[Any], Any]] = {
    Sort.RECEIVED: lambda row: row.id,
    Sort.DATE: lambda row: row.date or date.min,
    Sort.TOTAL: lambda row: row.total if row.total is not None else Decimal(-1),
    Sort.SELLER: lambda row: row.seller_name or "",
}


def test_each_order_walked_page_by_page_is_pythons_with_each_paper_once(office: Office) -> None:
    firsts = [row for row in lines(office) if not row.receipt_index]
    for sort, key in KEYS.items():
        for descending in (True, False):
            by = sorted(firsts, key=lambda row, key=key: (key(row), row.id), reverse=descending)
            assert walked(office, DocumentFilter(), Order(sort, descending)) == [row.id for row in by], sort


def test_each_filter_and_combinations_equal_brute_force(office: Office) -> None:
    rows = lines(office)
    for place, wanted in enumerate(asked()):
        expected = {row.id for row in rows if fits(row, wanted)}
        order = Order(list(Sort)[place % 4])
        assert sorted(walked(office, wanted, order)) == sorted(expected), wanted
        page = views.list_documents(office.engine, wanted, order)
        assert page.counts.of(wanted.states) == len(expected), wanted


def test_the_narrow_table_is_what_its_sources_say_after_real_work(office: Office) -> None:
    (task,) = office.wait(seen({F.SELLER_NAME: "某店"}))
    office.enter(task)
    office.desk.verify(office.verifier, task, BLIND)
    with write(office.engine) as conn:
        kept = set(conn.execute(sa.select(*_compared())).all())
        said = set(conn.execute(sa.select(listing_words.c.text)).scalars())
        conn.execute(sa.delete(listing))
        conn.execute(sa.delete(listing_words))
        for statement in made.fillings(conn.dialect.name):
            if statement.startswith(("INSERT INTO listing (", "INSERT INTO listing_words (")):
                conn.exec_driver_sql(statement)
        assert conn.scalar(sa.select(sa.func.count()).select_from(listing)) == len(kept)
        assert set(conn.execute(sa.select(*_compared())).all()) == kept
        assert set(conn.execute(sa.select(listing_words.c.text)).scalars()) == said


def _compared() -> list[sa.Column[Any]]:
    return [column for column in listing.c if column.name != "id"]


def test_papers_are_given_to_a_clerk_by_whom_it_behoves_and_it_is_told(office: Office) -> None:
    waits = DocumentFilter(cause=Cause.UNKNOWN)
    numbers = views.fitting(office.engine, waits, Order(), 10)
    with pytest.raises(ForbiddenError):
        many.assign(office.engine, office.clerk, numbers, office.clerk.id, office.clock())
    assert many.assign(office.engine, office.supervisor, numbers, office.colleague.id, office.clock()) > 0
    mine = replace(waits, clerk=office.colleague.id)
    assert set(views.fitting(office.engine, mine, Order(), 100)) == set(numbers)
    assert many.look_again(office.engine, office.clerk, numbers, office.clock()) >= len(numbers)
    assert {"assigned", "look_again"} <= set(actions(office))


def test_a_kept_filter_is_ones_own_or_shared_and_only_its_owner_forgets_it(office: Office) -> None:
    for name, shared in (("大额", False), ("本月", True)):
        saved.save(office.engine, office.clerk, name, "min=1000", shared=shared, now=office.clock())
    assert {one.name for one in saved.saved(office.engine, office.clerk)} == {"大额", "本月"}
    (theirs,) = saved.saved(office.engine, office.colleague)
    assert (theirs.name, theirs.owner) == ("本月", "clerk")
    with pytest.raises(NotFoundError):
        saved.forget(office.engine, office.colleague, theirs.id)
    saved.forget(office.engine, office.clerk, theirs.id)
    assert saved.saved(office.engine, office.colleague) == ()


def test_both_files_hold_each_line_and_no_formula(office: Office) -> None:
    text = "".join(list_files.csv_lines(office.engine, DocumentFilter(), Order(), frozenset(), str))
    table = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(table) == len(lines(office)) + 1
    assert not any(cell.startswith("=") for row in table for cell in row)
    place = io.BytesIO()
    list_files.write_workbook(office.engine, DocumentFilter(), Order(), frozenset(), str, place)
    place.seek(0)
    sheet = CalamineWorkbook.from_filelike(place).get_sheet_by_index(0).to_python()
    assert len(sheet) == len(table)
    assert any("=SUM(A1)" in row for row in sheet)  # as text: a formula would be read as its value
    with zipfile.ZipFile(place) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


def test_what_is_held_to_be_keyed_blind_is_in_neither_list_nor_file(office: Office) -> None:
    (task,) = office.wait(seen(VALUES))
    office.enter(task)
    with write(office.engine) as conn:
        conn.execute(sa.update(tasks).where(tasks.c.id == task).values(blind=Ground.LARGE.value))
    office.desk.claim(office.verifier, task)
    held = views.held_blind(office.engine, office.verifier, office.clock())
    assert len(held) == 1
    wanted = DocumentFilter(number=VALUES[F.NUMBER])
    shown = views.hide_rows(views.list_documents(office.engine, wanted).rows, held)
    text = "".join(list_files.csv_lines(office.engine, wanted, Order(), held, str))
    assert VALUES[F.NUMBER] not in repr(shown) + text

from __future__ import annotations

import csv
import io
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from intake.db import documents, invoices, register_rows, tasks, write
from intake.model import Cause, InvoiceState, RegisterStatus
from intake.views import gap_files
from intake.views.gaps import (
    PAGE,
    GapFilter,
    GapLine,
    Gaps,
    PaperState,
    RowState,
    Sum,
    gap_papers,
    gap_rows,
    gaps,
    next_month,
    pages_of,
)
from ocr.types import Kind

JULY = date(2026, 7, 1)
OURS, SISTER = "91110108MA0000000A", "91310000MA0000000B"
SOURCES = ("tax-bureau", "erp", "manual")
Entry: TypeAlias = dict[str, object]
EVIL = '=HYPERLINK("http://x","y")'
CAUSES = (Cause.REGISTER_STALE, Cause.UNKNOWN, Cause.TYPE_NEVER_IN_REGISTER)


def world(seed: int) -> tuple[list[Entry], list[Entry]]:
    """Rows and papers of a seed: papers of rows by key, by alias, by the row they were filed with, or of none."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable choice
    rows: list[Entry] = []
    papers: list[Entry] = []
    for index in range(70):
        printed = index % 11 == 0
        rows.append(
            {
                "key": f"D:261120000000{48542000 + index}",
                "alias": f"T:011002300104:{10000001 + index}" if printed else None,
                "code": "011002300104" if printed else "",
                "number": f"261120000000{48542000 + index}",
                "date": None if chance.random() < 0.05 else JULY + timedelta(days=chance.randrange(-4, 36)),
                "net": None if chance.random() < 0.1 else Decimal(chance.randrange(-99999, 999999)) / 100,
                "tax": Decimal(chance.randrange(9999)) / 100,
                "total": None if chance.random() < 0.3 else Decimal(chance.randrange(-99999, 999999)) / 100,
                "buyer_tax_id": chance.choice((OURS, OURS, SISTER)),
                "seller_name": EVIL,
                "kind": Kind.DIG_NORMAL.value,
                "status": chance.choice((RegisterStatus.NORMAL, RegisterStatus.NORMAL, RegisterStatus.VOID)).value,
                "source": chance.choice(SOURCES),
                "raw": {},
            }
        )
    for index in range(80):
        way, row = chance.choice(("key", "alias", "filed", "none", "number")), rows[chance.randrange(len(rows))]
        state = chance.choice(tuple(InvoiceState))
        papers.append(
            {
                "id": index + 1,
                "key": row["key"] if way == "key" else row["alias"] if way == "alias" else None,
                "alias": row["key"] if way == "number" else None,
                "register_key": row["key"] if way == "filed" else None,
                "kind": chance.choice((Kind.DIG_NORMAL, Kind.TAXI)).value,
                "state": state.value,
                "date": None if chance.random() < 0.2 else JULY + timedelta(days=chance.randrange(-4, 36)),
                "total": None if chance.random() < 0.2 else Decimal(chance.randrange(999999)) / 100,
                "net": None,
                "tax": None,
                "buyer_tax_id": chance.choice((OURS, "")),
                "seller_name": EVIL,
                "fields": {},
                "findings": [],
                "match": {},
                # 16:30 UTC of the last day of July is August in China
                "created_at": datetime(2026, 7, 31, 15, 30, tzinfo=UTC) + timedelta(hours=chance.randrange(-900, 3)),
                "cause": chance.choice(CAUSES).value,
            }
        )
    taken: set[object] = {None}
    for paper in papers:  # keys of invoices are unique
        if paper["key"] in taken:
            paper["key"] = None
        taken.add(paper["key"])
    return rows, papers


def store(engine: sa.Engine, rows: list[Entry], papers: list[Entry]) -> None:
    with write(engine) as conn:
        conn.execute(sa.insert(register_rows), rows)
        moment = datetime(2026, 7, 1, tzinfo=UTC)
        document = {
            "receipt": "20260701-000001", "sha256": "0" * 64, "name": "a", "size": 1, "channel": "web",
            "received_at": moment, "state": "filed", "due_at": moment,
        }  # fmt: skip
        number = conn.execute(sa.insert(documents).values(document).returning(documents.c.id)).scalar_one()
        for one in papers:
            conn.execute(sa.insert(invoices).values({name: one[name] for name in one if name != "cause"}))
        waiting = [one for one in papers if one["state"] == InvoiceState.NEEDS_REVIEW.value]
        for one in waiting:
            task = {"invoice_id": one["id"], "document_id": number, "state": "open", "cause": one["cause"]}
            conn.execute(sa.insert(tasks).values(**task, opened_at=moment))


def amount(one: Entry) -> Decimal | None:
    net, tax, total = one["net"], one["tax"], one["total"]
    assert isinstance(net, Decimal | None)
    assert isinstance(tax, Decimal | None)
    assert isinstance(total, Decimal | None)
    return total if total is not None else net + tax if net is not None and tax is not None else net


def of(row: Entry, paper: Entry) -> bool:
    names = {row["key"], row["alias"]} - {None}
    return paper["key"] in names or row["key"] in {paper["register_key"], paper["alias"]}


def in_month(day: object, month: date) -> bool:
    return isinstance(day, date) and (day.year, day.month) == (month.year, month.month)


def state_of(row: Entry, papers: list[Entry]) -> RowState:
    states = {paper["state"] for paper in papers if of(row, paper)}
    for state, found in (
        ("filed", RowState.FILED),
        ("needs_review", RowState.WAITING),
        ("refused", RowState.REFUSED),
    ):
        if state in states:
            return found
    return RowState.REVERSED if row["status"] == "void" else RowState.MISSING


def day_of(paper: Entry) -> object:
    created = paper["created_at"]
    assert isinstance(created, datetime)
    return paper["date"] or (created + timedelta(hours=8)).date()


Amounts: TypeAlias = list[Decimal | None]


def plainly(
    rows: list[Entry], papers: list[Entry], wanted: GapFilter
) -> tuple[dict[RowState, Amounts], dict[tuple[PaperState, str], Amounts]]:
    """The amounts of each state, by comparing everything with everything."""
    imported = [row for row in rows if row["source"] != "manual" and wanted.source in {"", row["source"]}]
    by_row: dict[RowState, Amounts] = {state: [] for state in RowState}
    for row in imported:
        if in_month(row["date"], wanted.month) and wanted.company in {"", row["buyer_tax_id"]}:
            by_row[state_of(row, papers)].append(amount(row))
    by_paper: dict[tuple[PaperState, str], Amounts] = {}
    for paper in papers:
        here = paper["state"] in {"filed", "needs_review"} and in_month(day_of(paper), wanted.month)
        if not here or wanted.company not in {"", paper["buyer_tax_id"]}:
            continue
        place = (PaperState.KEYED, "") if paper["state"] == "filed" else (PaperState.UNKNOWN, str(paper["cause"]))
        if any(of(row, paper) for row in imported):
            place = (PaperState.CONFIRMED, "")
        by_paper.setdefault(place, []).append(amount(paper))
    return by_row, by_paper


def summed(amounts: list[Decimal | None]) -> Sum:
    stated = [one for one in amounts if one is not None]
    return Sum(len(amounts), sum(stated, Decimal("0.00")), len(amounts) - len(stated))


FILTERS = [
    GapFilter(JULY),
    GapFilter(date(2026, 8, 1)),
    GapFilter(JULY, company=OURS),
    GapFilter(JULY, source="erp"),
    GapFilter(JULY, company=SISTER, source="tax-bureau"),
    GapFilter(date(2025, 2, 1)),
]


@pytest.mark.parametrize("seed", range(6))
def test_the_sums_are_those_of_comparing_everything_with_everything(engine: sa.Engine, seed: int) -> None:
    rows, papers = world(seed)
    store(engine, rows, papers)
    for wanted in FILTERS:
        found = gaps(engine, wanted)
        by_row, by_paper = plainly(rows, papers, wanted)
        assert found.rows == {state: summed(amounts) for state, amounts in by_row.items()}, wanted
        for state in PaperState:
            of_state = [one for (its, _), amounts in by_paper.items() if its is state for one in amounts]
            assert found.papers[state] == summed(of_state), wanted
        unknown = {Cause(cause): summed(a) for (its, cause), a in by_paper.items() if its is PaperState.UNKNOWN}
        assert found.causes == unknown, wanted
        adds_up(found)
        for row_state in RowState:
            assert agrees(list(gap_rows(engine, wanted, row_state, None)), found.rows[row_state])
        for paper_state in PaperState:
            assert agrees(list(gap_papers(engine, wanted, paper_state, page=None)), found.papers[paper_state])
        for cause, one in found.causes.items():
            assert agrees(list(gap_papers(engine, wanted, PaperState.UNKNOWN, cause, None)), one)


def adds_up(found: Gaps) -> None:
    """The lines of the reconciliation lead from the register's total to that of the papers, to the cent."""
    (first, register), *between, (last, here) = found.lines
    assert (first, last) == ("register", "here")
    assert register.total + sum((line.total for _, line in between), Decimal()) == here.total
    assert register.count + sum(line.count for _, line in between) == here.count


def agrees(lines: list[GapLine], expected: Sum) -> bool:
    return summed([line.amount for line in lines]) == expected


def test_pages_hold_every_line_once(engine: sa.Engine) -> None:
    rows = [one | {"date": JULY, "source": "erp", "status": "normal"} for one in world(1)[0]]
    store(engine, rows, [])
    wanted = GapFilter(JULY)
    pages = [list(gap_rows(engine, wanted, RowState.MISSING, page)) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [PAGE, len(rows) - PAGE, 0]
    assert len({line.id for page in pages for line in page}) == len(rows) == gaps(engine, wanted).register.count
    assert [pages_of(0), pages_of(PAGE), pages_of(PAGE + 1)] == [1, 1, 2]


def test_a_month_without_anything_is_all_zeros(engine: sa.Engine) -> None:
    found = gaps(engine, GapFilter(JULY))
    assert {line.count for _, line in found.lines} == {0}
    assert found.causes == {}


@pytest.mark.parametrize(
    ("month", "following"), [(JULY, date(2026, 8, 1)), (date(2026, 12, 1), date(2027, 1, 1)), (date(2024, 1, 31), date(2024, 2, 1))]
)  # fmt: skip
def test_a_month_ends_before_the_next_begins(month: date, following: date) -> None:
    assert next_month(month) == following
    assert GapFilter(month).last == following - timedelta(days=1)


def test_the_workbook_holds_the_sums_and_every_line(engine: sa.Engine) -> None:
    store(engine, *world(2))
    wanted, place = GapFilter(JULY), io.BytesIO()
    gap_files.write_workbook(engine, wanted, lambda key: key[:28].replace(":", ""), place)
    book = CalamineWorkbook.from_filelike(io.BytesIO(place.getvalue()))
    sums, rows, papers = (book.get_sheet_by_index(number).to_python() for number in range(3))
    found = gaps(engine, wanted)
    stated = {line[0]: (line[1], line[2]) for line in sums[1:]}
    for name, line in found.lines:
        count, total = stated[f"gaps.{name}"]
        assert (count, Decimal(str(total))) == (line.count, line.total)
    listed = Counter(line[0] for line in rows[1:])
    assert listed == Counter({f"gaps.row.{state.value}": found.rows[state].count for state in gap_files.LISTED})
    without = [found.papers[state].count for state in (PaperState.UNKNOWN, PaperState.KEYED)]
    assert len(papers) - 1 == sum(without)
    column = rows[0].index("field.seller_name")
    assert {line[column] for line in rows[1:]} == {EVIL}, "text, not a formula"


@pytest.mark.parametrize("papers", [False, True])
def test_a_csv_holds_nothing_that_a_spreadsheet_would_run(engine: sa.Engine, papers: bool) -> None:
    store(engine, *world(3))
    wanted = GapFilter(JULY)
    text = "".join(gap_files.csv_lines(engine, wanted, lambda key: key, papers=papers))
    assert text.startswith("\ufeff")
    lines = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    found = gaps(engine, wanted)
    without = [found.papers[state].count for state in (PaperState.UNKNOWN, PaperState.KEYED)]
    assert len(lines) == sum(without if papers else [found.rows[state].count for state in gap_files.LISTED])
    assert {line["field.seller_name"] for line in lines} == {f"'{EVIL}"}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"), ("+86", "'+86"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"), ("北京", "北京"), ("", ""),
        ("26112000000048542163", "\t26112000000048542163"), ("00985283", "\t00985283"), ("1100153130", "1100153130"),
    ],
)  # fmt: skip
def test_text_is_written_so_that_it_stays_text(text: str, written: str) -> None:
    assert gap_files.guarded(text) == written

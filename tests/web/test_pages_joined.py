"""A page that says it is one of several waits for its fellows (domain.md §4.7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from intake.db import register_rows, write
from intake.model import Cause, TaskState
from intake.views import show_document
from ocr.types import Extraction, FieldName, LineItem, Sheets
from tests.web.site import NUMBER, VALUES, Site, reading

F = FieldName
HEAD = {F.NUMBER: NUMBER, F.DATE: VALUES[F.DATE], F.BUYER_NAME: VALUES[F.BUYER_NAME]}
ROW = {
    "key": f"D:{NUMBER}", "number": NUMBER, "date": date(2026, 7, 24), "net": Decimal("100.00"), "tax": Decimal("6.00"),
    "total": Decimal("106.00"), "seller_tax_id": VALUES[F.SELLER_TAX_ID], "seller_name": VALUES[F.SELLER_NAME],
    "kind": "dig_normal", "status": "normal", "source": "test", "raw": {},
}  # fmt: skip


def page(number: int, count: int = 3) -> Extraction:
    """One page of three: the last states the sums."""
    values = {**HEAD, F.SELLER_TAX_ID: VALUES[F.SELLER_TAX_ID]}
    if number == count:
        values = dict(VALUES)
    found = reading(values)
    (receipt,) = found.receipts
    line = LineItem(name=f"第{number}页")
    return replace(found, receipts=(replace(receipt, sheets=Sheets(count, (number,)), lines=(line,)),))


def hand_in(site: Site, number: int, count: int = 3) -> int:
    data = f"page {number} of {count}".encode()
    site.readings[data] = page(number, count)
    document = site.hand_in(site.client("clerk"), data)
    site.work()
    return document


def test_a_single_page_waits_and_says_which_are_missing(site: Site) -> None:
    found = show_document(site.intake.engine, hand_in(site, 1)).invoices[0]
    assert found.diagnosis is not None
    assert found.diagnosis.cause is Cause.PAGES_MISSING
    text = site.client("clerk").get("/documents/1").text
    assert "共3页，缺第2, 3页" in text
    assert "扫描缺少的页并提交" in text


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2)])
def test_pages_that_come_later_are_joined_to_the_one_that_waits(site: Site, order: tuple[int, ...]) -> None:
    first, *more = (hand_in(site, number) for number in order)
    (found,) = show_document(site.intake.engine, first).invoices
    assert found.invoice.missing() == ()
    assert found.invoice.value(F.TOTAL) == "106.00"
    assert sorted(line.name for line in found.invoice.lines) == ["第1页", "第2页", "第3页"]
    assert found.diagnosis is not None
    assert found.diagnosis.cause is not Cause.PAGES_MISSING
    assert [other.id for other in found.others] == more
    assert show_document(site.intake.engine, more[0]).invoices[0].outcome == "attached"


def test_the_same_page_again_changes_nothing(site: Site) -> None:
    first = hand_in(site, 1)
    site.readings[b"again"] = page(1)
    site.hand_in(site.client("clerk"), b"again")
    site.work()
    (found,) = show_document(site.intake.engine, first).invoices
    assert found.invoice.missing() == (2, 3)


def test_pages_come_to_an_invoice_that_somebody_keys_without_changing_it(site: Site) -> None:
    first = hand_in(site, 1)
    (waiting,) = show_document(site.intake.engine, first).invoices
    assert waiting.task is not None
    site.intake.desk.claim(site.people["clerk"].actor(), waiting.task.id)
    second = hand_in(site, 2)
    (found,) = show_document(site.intake.engine, first).invoices
    assert found.invoice.missing() == (2, 3)
    assert found.task is not None
    assert found.task.state is TaskState.CLAIMED
    assert [other.id for other in found.others] == [second]


def test_a_page_is_not_filed_alone_and_all_together_are(site: Site) -> None:
    with write(site.intake.engine) as conn:
        conn.execute(register_rows.insert().values(ROW))
    document = hand_in(site, 2, 2)
    assert show_document(site.intake.engine, document).row.state.value == "needs_review"
    hand_in(site, 1, 2)
    found = show_document(site.intake.engine, document)
    assert found.row.state.value == "filed"
    assert found.invoices[0].task is not None
    assert found.invoices[0].task.state is TaskState.CLOSED

"""The page of a paper and its print view: what it costs the database, what it tells, and what it keeps to itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from ocr.types import FieldName, FieldValue, Source
from tests.web.site import VALUES, Site, post, reading

F = FieldName
PHONE = "13800138000"


def statements(site: Site, path: str) -> int:
    """How many statements a page asks of the database."""
    asked: list[str] = []

    def heard(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    client = site.client("clerk")
    client.get(path)  # what is remembered between requests is remembered now
    event.listen(site.intake.engine, "before_cursor_execute", heard)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(site.intake.engine, "before_cursor_execute", heard)
    return len([one for one in asked if not one.startswith(("BEGIN", "PRAGMA"))])


def several(site: Site, count: int, data: bytes) -> int:
    """A file with this many invoices."""
    one = reading()
    receipts = tuple(
        replace(
            one.receipts[0], values=(replace(one.receipts[0].values[0], value=f"263120000000000{len(data)}{n:04d}"),)
        )
        for n in range(count)
    )
    site.readings[data] = replace(one, receipts=receipts)
    number = site.hand_in(site.client("clerk"), data)
    site.work()
    return number


def test_a_file_of_many_invoices_asks_no_more_of_the_database_than_one_of_two(site: Site) -> None:
    few, many = several(site, 2, b"few"), several(site, 12, b"many")
    assert statements(site, f"/documents/{many}") == statements(site, f"/documents/{few}")


def test_one_invoice_of_several_is_shown_and_the_next_is_a_key_away(site: Site) -> None:
    number = several(site, 3, b"three")
    page = site.client("clerk").get(f"/documents/{number}?invoice=2").text
    assert 'id="invoice-2"' in page
    assert 'id="invoice-1"' not in page
    assert f'data-hotkey="n" href="/documents/{number}?invoice=3"' in page


def test_a_value_says_in_words_why_it_is_believed_or_doubted(site: Site) -> None:
    one = reading()
    qr = FieldValue(F.TOTAL, "160.00", 1.0, Source.QR, 0, None, "160.00")
    site.readings[b"torn"] = replace(one, receipts=(replace(one.receipts[0], values=(*one.receipts[0].values, qr)),))
    number = site.hand_in(site.client("clerk"), b"torn")
    site.work()
    page = site.client("clerk").get(f"/documents/{number}").text
    assert "存疑：只有文字识别读到" in page
    assert "存疑：各来源读数不一致" in page


def test_the_story_goes_from_receiving_over_reading_to_the_queue(site: Site) -> None:
    page = site.client("clerk").get(f"/documents/{site.paper()}").text
    story = page[page.index('id="story"') :]
    assert story.index("收到文件") < story.index("转人工补录")


@pytest.mark.parametrize(("login", "status"), [("clerk", 403), ("supervisor", 200)])
def test_personal_data_are_printed_in_full_only_for_who_may_and_says_why(site: Site, login: str, status: int) -> None:
    number = site.paper({**VALUES, F.REMARK: f"联系人电话 {PHONE}"})
    client = site.client(login)
    plain = client.get(f"/documents/{number}/print").text
    assert PHONE not in plain
    assert "138****8000" in plain
    answer = post(client, f"/documents/{number}/print", {"reason": "税务检查"})
    assert answer.status_code == status
    assert (PHONE in answer.text) is (status == 200)
    with site.intake.engine.connect() as conn:
        kept = conn.execute(sa.text("SELECT count(*) FROM audit_log WHERE action = 'shown_in_full'")).scalar_one()
    assert kept == (1 if status == 200 else 0)
    if status == 200:
        assert post(client, f"/documents/{number}/print", {"reason": " "}).status_code == 302

"""From an invoice on file to a frozen use, and from two papers with one number to a decision, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from intake.db import connect, documents, write
from intake.joining import file_decisions
from intake.model import Filed, Matched
from ocr.types import FieldName
from tests.browser.conftest import Person
from tests.builders import matched
from tests.fakes import NOON
from tests.intake.waiting import VALUES, seen

F = FieldName
pytestmark = pytest.mark.browser


@pytest.fixture
def engine_of_desk(desk: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """The database of the running service, to put invoices on file that need no reading."""
    del desk
    newest = max(tmp_path_factory.getbasetemp().glob("desk*/intake.sqlite3"), key=lambda path: path.stat().st_mtime)
    engine = connect(f"sqlite:///{newest}")
    yield engine
    engine.dispose()


def put(engine: sa.Engine, number: str, total: str = "106.00") -> int:
    """A filed invoice with its file; returns the document."""
    said = {**VALUES, F.NUMBER: number, F.TOTAL: total}
    with write(engine) as conn:
        count = conn.execute(sa.select(sa.func.count()).select_from(documents)).scalar_one()
        row = {"receipt": f"20260101-{count + 1:06d}", "sha256": "0" * 64, "name": f"{number}.pdf", "size": 1}
        row |= {"channel": "web", "state": "filed"}
        made = sa.insert(documents).values(**row, received_at=NOON, due_at=NOON, done_at=NOON)
        document = conn.execute(made.returning(documents.c.id)).scalar_one()
        decision = Filed(seen(said), f"D:{number}", (), Matched(matched(f"D:{number}").candidate))
        file_decisions(conn, document, [decision], NOON)
    return int(document)


@pytest.mark.parametrize(
    ("width", "height", "language", "number"),
    [(1280, 720, "zh", "26112000000048541001"), (390, 844, "en", "26112000000048541002")],
)
def test_an_invoice_is_locked_used_and_frozen(
    at: Callable[..., Person], engine_of_desk: sa.Engine, width: int, height: int, language: str, number: str
) -> None:
    document = put(engine_of_desk, number)
    clerk = at(width, height)
    clerk.sign_in("clerk", language)
    clerk.go("/uses")
    line = clerk.page.locator("tr", has_text=f"{number[-4:]}")
    line.locator("a.main").focus()
    clerk.page.keyboard.press("x")
    expect(line.locator("[name=invoice]")).to_be_checked()
    expect(clerk.page.locator("[data-chosen]")).to_contain_text("106.00")
    clerk.page.locator("[name=voucher]").fill(f"V-{number[-2:]}")
    clerk.page.keyboard.press("Enter")
    expect(clerk.page.locator(".flash")).to_be_visible()
    clerk.go(f"/documents/{document}")
    expect(clerk.page.locator("[data-use=locked]")).to_contain_text(f"V-{number[-2:]}")
    verifier = at(width, height)
    verifier.sign_in("clerk2", language)
    verifier.go(f"/documents/{document}")
    verifier.page.locator('form[action="/uses/use"] button').click()
    expect(verifier.page.locator("[data-use=used]")).to_be_visible()
    chief = at(width, height)
    chief.sign_in("chief", language)
    chief.go(f"/documents/{document}")
    chief.page.locator('form[action="/uses/freeze"] button').click()
    expect(chief.page.locator("[data-use=frozen]")).to_be_visible()
    expect(chief.page.locator("[data-use] form")).to_have_count(0)


def test_a_conflict_blocks_both_until_the_supervisor_decides(
    at: Callable[..., Person], engine_of_desk: sa.Engine
) -> None:
    number = "26112000000048541003"
    first, second = put(engine_of_desk, number), put(engine_of_desk, number, "906.00")
    clerk = at()
    clerk.sign_in("clerk")
    for document in (first, second):
        clerk.go(f"/documents/{document}")
        expect(clerk.page.locator(".conflict")).to_contain_text("906.00")
        expect(clerk.page.locator('form[action="/uses/lock"]')).to_have_count(0)
    chief = at(390, 844)
    chief.sign_in("chief")
    chief.go(f"/documents/{first}")
    chief.page.locator('.conflict a[href^="/conflicts"]').click()
    chief.page.locator("input[value=keep_first]").check()
    chief.page.locator("[name=comment]").fill("看过原件，后一张被改过")
    chief.page.keyboard.press("Enter")
    expect(chief.page.locator(".flash")).to_be_visible()
    clerk.go(f"/documents/{first}")
    expect(clerk.page.locator(".conflict")).to_have_count(0)
    expect(clerk.page.locator('form[action="/uses/lock"]')).to_have_count(1)

"""From the register to the gap list and back to a row, and the regions by week, at a desk and on a phone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import waitress
from playwright.sync_api import Browser, expect

from intake.db import register_rows, write
from tests.browser.conftest import Person, _windows
from tests.web.site import Site

pytestmark = pytest.mark.browser

MISSING = "26112000000099999999"
ROW = {
    "key": f"D:{MISSING}", "number": MISSING, "date": date(2026, 7, 3), "total": Decimal("88.80"), "kind": "dig_normal",
    "seller_name": "北京示例商贸有限公司", "status": "normal", "source": "tax-bureau", "raw": {},
}  # fmt: skip


@pytest.fixture
def july(tmp_path: Path) -> Iterator[str]:
    """The address of a desk with one row that has no paper and one paper that has no row."""
    site = Site(tmp_path)
    site.paper()
    with write(site.intake.engine) as conn:
        conn.execute(sa.insert(register_rows).values(ROW))
    server: Any = waitress.create_server(site.app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, name="web")
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    server._map.clear()
    thread.join(10)
    site.close()


@pytest.fixture
def person_at(browser: Browser, july: str) -> Iterator[Callable[..., Person]]:
    with _windows(browser, july) as opened:
        yield opened


@pytest.mark.parametrize(("width", "language"), [(1280, "zh"), (390, "en")])
def test_a_gap_is_followed_to_its_row_and_to_its_paper(
    person_at: Callable[..., Person], width: int, language: str
) -> None:
    clerk = person_at(width, 844)
    clerk.expected.add("404")  # this paper has no picture
    page = clerk.page
    clerk.sign_in("clerk", language)
    clerk.go("/register")
    page.get_by_role("link", name={"zh": "缺口清单", "en": "Gap list"}[language]).click()
    page.locator("[name=month]").fill("2026-07")
    page.locator("form .filters button").click()
    expect(page.locator("svg.bar")).to_have_count(2)
    expect(page.locator(".sums tr.sum").first).to_contain_text("88.80")
    expect(page.locator(".sums tr.sum").last).to_contain_text("106.00")
    clerk.calm()
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    assert download.value.suggested_filename == "gaps-2026-07.xlsx"
    page.locator("#lines a.main").click()
    expect(page.locator("tbody")).to_contain_text("2611 2000 0000 9999 9999")
    page.go_back()
    page.get_by_role("link", name={"zh": "台账中没有", "en": "Not in the register"}[language], exact=True).click()
    page.locator("#lines a.main").click()
    expect(page).to_have_url(f"{clerk.address}/documents/1?invoice=1#invoice-1")

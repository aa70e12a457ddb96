from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from intake.db import companies, register_rows, write
from tests.web.site import NUMBER, Site, post

MISSING = "26112000000099999999"
OURS = "91110108MA0000001A"
CLOCK = "month=2026-07"


def row(number: str, total: str, name: str = "北京示例商贸有限公司") -> dict[str, object]:
    return {
        "key": f"D:{number}", "number": number, "date": date(2026, 7, 24), "total": Decimal(total),
        "seller_tax_id": "91110108MAEY9WLP8G", "seller_name": name, "buyer_tax_id": OURS, "kind": "dig_normal",
        "status": "normal", "source": "tax-bureau", "raw": {},
    }  # fmt: skip


@pytest.fixture
def july(site: Site) -> Site:
    """A paper that waits and is not in the register, and a row of 88.80 yuan that has no paper."""
    site.paper()
    with write(site.intake.engine) as conn:
        conn.execute(sa.insert(companies).values(name="北京示例科技有限公司", tax_id=OURS))
        conn.execute(sa.insert(register_rows), [row(MISSING, "88.80", "=cmd()")])
    return site


def test_the_gap_list_shows_both_ways_and_adds_up(july: Site) -> None:
    page = july.client("clerk").get(f"/gaps?{CLOCK}").text
    assert "2611 2000 0000 9999 9999" in page
    for part in ("88.80", "-88.80", "+106.00", "从台账到影像"):
        assert part in page, part
    other = july.client("clerk").get(f"/gaps?{CLOCK}&show=paper.unknown").text
    assert f"{NUMBER[:4]} {NUMBER[4:8]}" in other
    assert "/documents/of-invoice/1" in other


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("company=nobody", False), (f"company={OURS}", True), ("source=other", False), ("source=tax-bureau", True),
        ("show=row.filed", False), ("page=9", False), ("show=nonsense&page=x", True), ("cause=unknown", True),
    ],
)  # fmt: skip
def test_the_gap_list_is_narrowed(july: Site, query: str, there: bool) -> None:
    page = july.client("clerk").get(f"/gaps?{CLOCK}&{query}")
    assert page.status_code == 200
    assert ("2611 2000 0000 9999 9999" in page.text) == there


@pytest.mark.parametrize("month", ["", "month=", "month=2026-13", "month=0001-01", "month=9999-12", "month=x"])
def test_a_month_that_is_none_is_the_last_that_has_ended(site: Site, month: str) -> None:
    page = site.client("clerk").get(f"/gaps?{month}")
    assert page.status_code == 200
    assert "这个月台账和影像都没有记录" in page.text


def test_the_gap_list_is_taken_along_as_a_workbook_and_as_csv(july: Site) -> None:
    client = july.client("clerk")
    answer = client.get(f"/gaps/file.xlsx?{CLOCK}")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    assert book.sheet_names == ["汇总", "台账有影像无", "影像有台账无"]
    assert answer.headers["Content-Disposition"].endswith("gaps-2026-07.xlsx")
    rows = client.get(f"/gaps/file.csv?{CLOCK}&list=register").text
    assert MISSING in rows
    assert "'=cmd()" in rows
    papers = client.get(f"/gaps/file.csv?{CLOCK}&list=papers").text
    assert NUMBER in papers
    assert MISSING not in papers
    assert client.get(f"/gaps/file.pdf?{CLOCK}").status_code == 404


def test_a_region_shows_what_of_it_the_register_does_not_have(july: Site) -> None:
    july.clock.now = datetime(2026, 7, 28, tzinfo=UTC)
    client = july.client("clerk")
    page = client.get("/regions").text
    assert "北京的发票" in page
    assert "共收到北京开具的票据 1 张，其中台账没有的 1 张" in page
    assert "海淀区" in page
    assert "2026-W30" in page
    for query, there in (
        ("week=2026-W30", True), ("week=2026-W29", False), ("week=x", True), ("district=110108", True),
        ("district=110105", False), ("why=confirmed", True), ("why=all", True), ("region=3702", False),
        ("region=nowhere", True), ("weeks=26", True), ("weeks=3", True),
    ):  # fmt: skip
        assert (f"{NUMBER[:4]} {NUMBER[4:8]}" in client.get(f"/regions?{query}").text) == there, query


def test_a_region_speaks_english_too(july: Site) -> None:
    client = july.client("clerk")
    post(client, "/language", {"language": "en", "next": "/regions"})
    july.clock.now = datetime(2026, 7, 28, tzinfo=UTC)
    assert "Invoices of Shenzhen" in client.get("/regions?region=4403").text
    assert "No papers of Shenzhen in this time" in client.get("/regions?region=4403").text

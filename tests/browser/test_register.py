"""The register in a real browser: an import with its difference and its roll-back, the wizard, a merger; both languages."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import waitress
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Person, _windows
from tests.web.importing import FOREIGN, HEADINGS, row
from tests.web.site import NUMBER, Site

pytestmark = pytest.mark.browser

SECOND = "26112000000048542171"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[str]:
    """The address of a desk with nothing in its register."""
    site = Site(tmp_path / "data")
    server: Any = waitress.create_server(site.app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, name="web")
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    server._map.clear()
    thread.join(10)
    site.close()


@pytest.fixture
def person_at(browser: Browser, office: str) -> Iterator[Callable[..., Person]]:
    with _windows(browser, office) as opened:
        yield opened


def hand_in(page: Page, folder: Path, table: str, source: str = "tax-bureau") -> None:
    """Choose a table in the form and begin."""
    place = folder / "table.csv"
    place.write_text(table, "utf-8")
    page.locator("#import [name=file]").set_input_files(place)
    page.locator("#import [name=source]").fill(source)
    page.locator("#import button").click()


def test_an_import_is_looked_at_applied_and_rolled_back(person_at: Callable[..., Person], tmp_path: Path) -> None:
    chief = person_at(1280, 800)
    page = chief.page
    chief.sign_in("supervisor")
    chief.go("/register")
    hand_in(page, tmp_path, HEADINGS + row(NUMBER) + row(SECOND))
    expect(page.get_by_role("button", name="写入台账：新增 2，变更 0")).to_be_visible()
    page.get_by_role("button", name="写入台账").click()
    expect(page.locator("[data-import=done]")).to_contain_text("新增 2，变更 0，相同 0")
    chief.go("/register/imports")
    hand_in(page, tmp_path, HEADINGS + row(NUMBER, "107.00") + row("123"))
    expect(page.locator("#changed del")).to_have_text("106.00")
    expect(page.locator("#changed ins")).to_have_text("107.00")
    expect(page.locator("#vanished")).to_contain_text("4854 2171")
    expect(page.locator("#refused")).to_contain_text("请在表里补全 20 位号码")
    assert page.locator("svg.difference rect").count() == 2
    page.get_by_role("button", name="写入台账：新增 0，变更 1").click()
    page.get_by_role("button", name="看结果").click()
    chief.go("/register/imports/1")  # the first import must wait until the second is taken back
    expect(page.locator("[data-state=applied]")).to_contain_text("请先撤回那一次")
    page.get_by_role("link", name="打开").click()
    page.get_by_role("button", name="撤回这次导入").click()
    expect(page.locator("main")).to_contain_text("把它改过的 1 行恢复原样")
    page.get_by_role("button", name="撤回：删除 0 行，恢复 1 行").click()
    expect(page.locator("[data-import=done]")).to_contain_text("恢复 1 行")
    chief.go(f"/register?q={NUMBER}")
    expect(page.locator("table.rows")).to_contain_text("106.00")
    chief.calm()


def test_a_foreign_table_is_named_on_a_phone_and_known_the_next_time(
    person_at: Callable[..., Person], tmp_path: Path
) -> None:
    chief = person_at(390, 844)
    page = chief.page
    chief.sign_in("supervisor", "en")
    chief.go("/register/imports")
    hand_in(page, tmp_path, FOREIGN.format(number=NUMBER), "erp")
    expect(page.get_by_role("heading", name="Name the headings")).to_be_visible()
    number = page.get_by_label("票面号码")
    expect(number).to_have_value("digital_number")
    expect(page.locator("[data-preview=good]")).to_contain_text("1 of 1 rows are understood")
    number.select_option("")
    expect(page.locator("[data-preview=problem]")).to_contain_text("No heading is the invoice number")
    number.select_option("digital_number")
    expect(page.locator("[data-preview=good]")).to_contain_text(NUMBER)
    page.locator("[name=name]").fill("erp view")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("button", name="Apply: 1 new, 0 changed")).to_be_visible()
    chief.calm()
    chief.go("/register/imports")
    hand_in(page, tmp_path, FOREIGN.format(number=SECOND), "erp")
    expect(page.get_by_text("read by “erp view”")).to_be_visible()
    chief.calm()


def test_two_companies_are_merged_and_a_later_paper_names_the_successor(person_at: Callable[..., Person]) -> None:
    admin = person_at(1280, 900)
    page = admin.page
    admin.sign_in("administrator")
    for name, tax_id in (
        ("北京示例科技有限公司", "91110108MAEY9WLP8G"),
        ("天津示例贸易有限公司", "91120101MA0000000X"),
    ):
        admin.go("/admin/companies/new")
        page.locator("[name=name]").fill(name)
        page.locator("[name=tax_id]").fill(tax_id)
        page.locator("[name=group]").fill("示例集团")
        page.get_by_role("button", name="保存").click()
        expect(page.get_by_text(f"已保存：{name}")).to_be_visible()
    page.locator("tr", has_text="天津示例贸易").get_by_role("link", name="变更").click()
    page.get_by_role("link", name="合并").click()
    expect(page.locator("[name=entry]:checked")).to_have_count(1)
    page.locator("[name=day]").fill("2026-01-01")
    page.locator("[name=accepted_to]").fill("2026-03-31")
    page.locator("[name=successor][value='91110108MAEY9WLP8G']").check()
    page.get_by_role("button", name="合并").click()
    expect(page.get_by_text("已登记被合并，改动了 1 条")).to_be_visible()
    expect(page.locator(".timeline .arrow")).to_have_count(1)
    for day, said in (("2025-12-31", "ours"), ("2026-02-01", "ours"), ("2026-04-01", "wrong")):
        page.locator("#try [name=name]").fill("天津示例贸易有限公司")
        page.locator("#try [name=tax_id]").fill("91120101MA0000000X")
        page.locator("#try [name=day]").fill(day)
        page.get_by_role("button", name="看看").click()
        expect(page.locator(f"[data-trial={said}]")).to_be_visible()
        page.wait_for_url(re.compile(f"day={day}"))
    expect(page.locator("[data-trial=wrong]")).to_contain_text("承继单位：“北京示例科技有限公司”")
    admin.calm()

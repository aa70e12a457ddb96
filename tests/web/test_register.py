from __future__ import annotations

import io

from flask.testing import FlaskClient

from tests.web.site import NUMBER, Site, post
from web.imports import Imports

TABLE = (
    "发票代码,发票号码,开票日期,金额,税额,价税合计,销方识别号,销方名称,购方识别号,购买方名称,发票状态\n"
    f",{NUMBER},2026-07-24,100.00,6.00,106.00,91110108MAEY9WLP8G,北京示例文具有限公司,,北京示例科技有限公司,正常\n"
    ",123,2026-07-24,1.00,0.06,1.06,91110108MAEY9WLP8G,北京示例文具有限公司,,北京示例科技有限公司,正常\n"
)


def bring(site: Site, client: FlaskClient, table: str, source: str = "tax-bureau") -> str:
    """Import a table and wait for its end; returns the address of its page."""
    answer = post(client, "/register/import", {"file": (io.BytesIO(table.encode()), "表.csv"), "source": source})
    place = answer.location
    imports: Imports = site.app.extensions["imports"]
    job = imports.find(place.rsplit("/", 1)[-1])
    assert job is not None
    assert job.finished.wait(30)
    return str(place)


def test_an_import_shows_its_progress_and_its_result(site: Site) -> None:
    chief = site.client("supervisor")
    place = bring(site, chief, TABLE)
    page = chief.get(place).text
    assert "新增 1，变更 0，相同 0" in page
    assert "1 行没有导入" in page
    assert 'data-import="done"' in chief.get(f"{place}/progress").text
    result = chief.get("/register/imports/1").text
    assert "没有完整的代码和号码" in result
    assert "2026-07-24" in result


def test_a_waiting_invoice_is_filed_by_the_import_that_brings_its_row(site: Site) -> None:
    number = site.paper()
    place = bring(site, site.client("supervisor"), TABLE)
    assert "另有 1 张等待中的发票因此入账" in site.client("supervisor").get(place).text
    assert "已入账" in site.client("clerk").get(f"/documents/{number}").text


def test_a_table_that_is_none_is_refused_with_a_sentence(site: Site) -> None:
    chief = site.client("supervisor")
    page = chief.get(bring(site, chief, "just some words")).text
    assert "这份表格无法导入" in page
    assert "上次导入失败" in chief.get("/register").text


def test_a_form_without_a_table_says_so(site: Site) -> None:
    chief = site.client("supervisor")
    assert post(chief, "/register/import", {}).status_code == 400
    assert post(chief, "/register/import", {"file": (io.BytesIO(b""), "a.csv")}).status_code == 400


def test_an_import_that_nobody_remembers_leads_back_to_the_register(site: Site) -> None:
    assert site.client("supervisor").get("/register/importing/gone").location == "/register"


def test_the_register_is_searched_by_number_name_day_and_status(site: Site) -> None:
    chief = site.client("supervisor")
    assert "台账还是空的" in chief.get("/register").text
    bring(site, chief, TABLE)
    group = f"{NUMBER[:4]} {NUMBER[4:8]}"
    for query in (f"q={NUMBER}", "q=示例文具", "from=2026-07-01&to=2026-07-31", "status=normal", "row=1"):
        assert group in chief.get(f"/register?{query}").text, query
    for query in ("q=999", "from=2026-08-01", "status=void", "row=99"):
        page = chief.get(f"/register?{query}").text
        assert group not in page, query
        assert "台账里没有符合条件的记录" in page
    assert "2026-07-24 至 2026-07-24" in chief.get("/register").text

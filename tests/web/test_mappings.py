"""A foreign table in the wizard: proposed, seen at once, saved by name, used by itself the next time."""

from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient

from tests.web.importing import FOREIGN, HOME, apply, finished, hand_in
from tests.web.site import NUMBER, Site, post

WIZARD = "/register/mappings"
MEANS = {"column.1": "digital_number", "column.2": "date", "column.3": "total", "column.4": "seller_name"}
TABLE = FOREIGN.format(number=NUMBER)


@pytest.fixture
def opened(site: Site) -> tuple[FlaskClient, str, str]:
    """A supervisor before the wizard, its page, and the ticket of the upload."""
    chief = site.client("supervisor")
    answer = post(chief, HOME, {"file": (io.BytesIO(TABLE.encode()), "erp.csv"), "source": "erp"})
    finished(site, answer)
    page = chief.get(answer.location, follow_redirects=True).text
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    assert found
    return chief, page, found[1]


def test_each_heading_has_a_proposal_and_its_cells(opened: tuple[FlaskClient, str, str]) -> None:
    _, page, _ = opened
    assert "“erp.csv”不是税务局的格式。表头在第 1 行" in page
    assert "票面号码" in page
    assert "北京示例文具有限公司" in page
    assert re.search(r'name="column.1".*?<option value="digital_number" selected>', page, re.DOTALL)
    assert re.search(r'name="column.3".*?<option value="total" selected>', page, re.DOTALL)
    assert re.search(r'name="column.4".*?<option value="seller_name" selected>', page, re.DOTALL)
    assert 'value="erp"' in page


def test_the_first_rows_are_seen_as_they_are_understood(opened: tuple[FlaskClient, str, str]) -> None:
    chief, _, ticket = opened
    good = ask(chief, {"ticket": ticket, "name": "x", **MEANS})
    assert "<html" not in good
    assert "<html" in post(chief, f"{WIZARD}/preview", {"ticket": ticket, **MEANS}).text  # without scripts
    assert 'data-preview="good"' in good
    assert "1 行中读懂 1 行" in good
    assert NUMBER in good
    for given, said in (
        ({**MEANS, "column.1": "net"}, "还没选哪一列是发票号码"),
        ({"column.1": "digital_number"}, "还没选日期或金额"),
        ({**MEANS, "column.0": "total"}, "“单据号”和“含税金额”都选成了价税合计：请只留一个"),
        ({**MEANS, "column.1": "", "column.0": "number"}, "前 20 行一行也没读懂"),
        ({**MEANS, "column.4": "date", "column.2": ""}, "“开票日期”在前 20 行里都是空的"),
    ):
        page = ask(chief, {"ticket": ticket, **given})
        assert 'data-preview="problem"' in page
        assert said in page


def ask(client: FlaskClient, given: dict[str, str]) -> str:
    """The preview as the page asks for it at each change."""
    return post(client, f"{WIZARD}/preview", given, headers={"HX-Request": "true"}).text


def test_a_saved_mapping_reads_the_file_and_the_next_one_by_itself(
    site: Site, opened: tuple[FlaskClient, str, str]
) -> None:
    chief, _, ticket = opened
    given = {"ticket": ticket, "name": "ERP 发票视图", "complete": "1", **MEANS}
    job = finished(site, post(chief, WIZARD, given))
    draft = chief.get(f"{HOME}/{job.import_id}").text
    assert "按“ERP 发票视图”读取" in draft
    assert "写入台账：新增 1，变更 0" in draft
    apply(site, chief, job.import_id or 0)
    next_one = hand_in(site, chief, FOREIGN.format(number="26112000000048542171"), "erp")
    assert "按“ERP 发票视图”读取" in chief.get(f"{HOME}/{next_one.import_id}").text
    chosen = hand_in(site, chief, TABLE, "erp", mapping="ERP 发票视图")
    assert "确认无变化" in chief.get(f"{HOME}/{chosen.import_id}").text
    assert "ERP 发票视图" in site.client("auditor").get(WIZARD).text
    assert "已保存 1 份" in chief.get(HOME).text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({**MEANS, "name": ""}, "请给它起个名称"),
        ({"name": "x", "column.2": "date"}, "还没选哪一列是发票号码"),
        ({**MEANS, "name": "x", "column.0": "total"}, "请只留一个"),
    ],
)
def test_a_mapping_that_understands_nothing_is_not_saved(
    opened: tuple[FlaskClient, str, str], given: dict[str, str], said: str
) -> None:
    chief, _, ticket = opened
    answer = post(chief, WIZARD, {"ticket": ticket, **given})
    assert answer.status_code == 422
    assert said in answer.text
    assert "还没有保存过" in chief.get(WIZARD).text


def test_a_ticket_that_is_not_ours_opens_nothing(site: Site, opened: tuple[FlaskClient, str, str]) -> None:
    chief, _, ticket = opened
    for wrong in ("", "x", ticket[:-2] + "aa"):
        assert chief.get(f"{WIZARD}/new?ticket={wrong}").status_code == 404
    for place in (site.intake.settings.data / "files").rglob("*"):
        if place.is_file():
            place.unlink()
    assert chief.get(f"{WIZARD}/new?ticket={ticket}").status_code == 404

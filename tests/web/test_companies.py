from __future__ import annotations

import io
from datetime import date

import pytest

from intake import companies
from intake.companies import Entry
from intake.model import Company, CompanyChange
from tests.web.site import Site, post
from web.timeline import pictures

HOME = "/admin/companies"
ONE = Company("北京示例科技有限公司", "91110108MAEY9WLP8G", date(2020, 1, 1), group="示例")
TWO = Company("天津示例贸易有限公司", "91120101MA0000000X", group="示例")
GIVEN = {"name": ONE.name, "tax_id": "91110108maey9wlp8g", "valid_from": "2020-01-01", "group": "示例"}


@pytest.fixture
def stocked(site: Site) -> dict[str, int]:
    """Two companies on file; ids by name."""
    admin = site.client("administrator")
    for company in (ONE, TWO):
        post(admin, HOME, {"name": company.name, "tax_id": company.tax_id, "group": "示例"})
    post(admin, HOME, GIVEN)
    return {entry.company.name: entry.id for entry in companies.entries(site.intake.engine)}


def test_a_company_is_put_on_file_and_checked_before(site: Site) -> None:
    admin = site.client("administrator")
    assert "还没有登记本单位" in admin.get(HOME).text
    assert "已保存：北京示例科技有限公司" in post(admin, HOME, GIVEN, follow_redirects=True).text
    assert "91110108MAEY9WLP8G" in site.client("clerk").get(HOME).text
    backward = post(admin, HOME, {**GIVEN, "valid_to": "2019-01-01"})
    assert backward.status_code == 422
    assert "的截止日早于起始日" in backward.text
    assert ONE.name in backward.text  # what was typed stays
    assert "名称或税号不像真的" in post(admin, HOME, {"name": "", "tax_id": "x"}).text
    assert companies.entries(site.intake.engine) == (Entry(1, ONE),)


def test_an_entry_is_corrected(site: Site, stocked: dict[str, int]) -> None:
    admin = site.client("administrator")
    place = f"{HOME}/{stocked[TWO.name]}"
    assert TWO.name in admin.get(place).text
    post(admin, place, {"name": "天津新例贸易有限公司", "tax_id": TWO.tax_id, "desk": "天津办公室"})
    assert "天津办公室" in admin.get(HOME).text
    assert post(admin, place, GIVEN).status_code == 422
    assert post(admin, place, {"name": "", "tax_id": ""}).status_code == 422
    assert post(admin, f"{HOME}/99", GIVEN).status_code == 404


def test_two_companies_are_merged_and_the_list_says_into_which(site: Site, stocked: dict[str, int]) -> None:
    admin = site.client("administrator")
    merger = {"entry": str(stocked[TWO.name]), "day": "2026-01-01", "successor": ONE.tax_id}
    assert "哪几家被合并" in admin.get(f"{HOME}/change/merged?entry={stocked[TWO.name]}").text
    page = post(admin, f"{HOME}/change/merged", merger, follow_redirects=True).text
    assert "已登记被合并，改动了 1 条" in page
    assert 'class="arrow"' in page
    assert companies.entries(site.intake.engine)[1].company.successor_tax_ids == (ONE.tax_id,)


@pytest.mark.parametrize(
    ("kind", "given", "said"),
    [
        ("merged", {"day": "2026-01-01"}, "还没选公司"),
        ("merged", {"entry": "1"}, "没填日期"),
        ("merged", {"entry": "1", "day": "2026-01-01"}, "由谁承继"),
        ("split", {"entry": "1", "day": "2026-01-01"}, "由谁承继"),
        ("renamed", {"entry": "1", "day": "2026-01-01"}, "更名后叫什么"),
        ("closed", {"entry": "1", "day": "2019-01-01"}, "早于起始日"),
        ("closed", {"entry": "1", "day": "2026-01-01", "accepted_to": "2025-01-01"}, "过渡期早于截止日"),
    ],
)
def test_an_end_that_cannot_be_so_is_answered_with_what_to_do(
    site: Site, stocked: dict[str, int], kind: str, given: dict[str, str], said: str
) -> None:
    answer = post(site.client("administrator"), f"{HOME}/change/{kind}", given)
    assert answer.status_code == 422
    assert said in answer.text
    assert all(entry.company.change is None for entry in companies.entries(site.intake.engine))
    assert len(stocked) == 2


def test_the_list_goes_out_as_a_file_and_comes_in_again(site: Site, stocked: dict[str, int]) -> None:
    admin = site.client("administrator")
    file = site.client("auditor").get(f"{HOME}/file")
    assert file.headers["Content-Disposition"].startswith("attachment")
    changed = file.text.replace("示例贸易", "新例贸易")
    page = bring(site, changed.encode())
    assert "名录文件共 2 条，改动了 1 处" in page
    assert len(companies.entries(site.intake.engine)) == len(stocked) + 1
    assert "请改正这一处再导入" in bring(site, b"[[company]]\nname = 'x'")
    assert "不在名录里" in bring(
        site, changed.replace("新例", "又例").encode() + b'head_tax_id = "91990101MA00000009"\n'
    )
    assert "请改正这一处再导入" in post(admin, f"{HOME}/file", {}, follow_redirects=True).text


def bring(site: Site, data: bytes) -> str:
    form = {"file": (io.BytesIO(data), "companies.toml")}
    return post(site.client("administrator"), f"{HOME}/file", form, follow_redirects=True).text


@pytest.mark.parametrize(
    ("name", "tax_id", "day", "word"),
    [
        (ONE.name, ONE.tax_id, "2026-01-01", "ours"),
        ("北京示例科技公司", ONE.tax_id, "2026-01-01", "wrong"),
        (ONE.name, ONE.tax_id, "2019-01-01", "wrong"),
        ("张三", "", "2026-01-01", "unsaid"),
    ],
)
def test_a_title_is_tried_without_saving_anything(
    site: Site, stocked: dict[str, int], name: str, tax_id: str, day: str, word: str
) -> None:
    page = site.client("clerk").get(HOME, query_string={"name": name, "tax_id": tax_id, "day": day}).text
    assert f'data-trial="{word}"' in page
    assert len(companies.entries(site.intake.engine)) == len(stocked)


def test_the_picture_shows_names_by_time_with_arrows_to_who_goes_on() -> None:
    today = date(2026, 11, 24)
    merged = Company("并入", "2", None, date(2025, 12, 31), "示例", "", ("1",), CompanyChange.MERGED, date(2026, 3, 31))
    old = Company("旧名", "1", date(2018, 1, 1), date(2022, 12, 31), "示例", change=CompanyChange.RENAMED)
    new = Company("新名", "1", date(2023, 1, 1), None, "示例")
    branch = Company("分店", "3", date(2024, 1, 1), None, "示例", "1", desk="别处")
    alone = Company("单独", "4")
    every = [Entry(number, one) for number, one in enumerate((alone, branch, new, old, merged), 1)]
    group, rest = pictures(every, today)
    assert (group.group, rest.group) == ("示例", "")
    assert [bar.entry.company.name for bar in group.bars] == ["并入", "旧名", "新名", "分店"]
    into, before, now, shop = group.bars
    assert (into.open_start, into.open_end, now.open_end, shop.branch) == (True, False, True, True)
    assert before.x1 <= now.x0 <= before.x1 + 2  # the next day
    assert into.accepted_x is not None
    assert into.x1 < into.accepted_x < group.today
    assert {(arrow.y0, arrow.y1) for arrow in group.arrows} == {(into.y, now.y), (before.y, now.y)}
    assert [bar.now for bar in group.bars] == [False, False, True, True]
    assert len(group.ticks) <= 12
    assert len(rest.bars) == 1

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from intake.db import read, register_sources, tasks, write
from intake.sources import catalogue
from tests.sourcing import NAME, FolderPlace, SqlPlace, row, set_up
from tests.web.site import NUMBER, Site, post
from web.running import Running
from web.sources import lag_line
from web.syncs import SyncJob

URL = "postgresql://reader:s3cret@erp.example/invoices"


@pytest.fixture
def place(site: Site, tmp_path: Path) -> FolderPlace:
    made = FolderPlace(tmp_path / "exports", site.clock)
    set_up(site.intake.sources, made)
    return made


def synchronise(site: Site, client: FlaskClient, **data: str) -> str:
    """Begin, wait for the end, and return what is said then."""
    answer = post(client, f"/sources/{NAME}/sync", data)
    assert answer.status_code == 303
    syncs: Running[SyncJob] = site.app.extensions["syncs"]
    job = syncs.find(answer.location.rsplit("/", 1)[-1])
    assert job is not None
    assert job.finished.wait(30)
    return client.get(answer.location).text


def test_an_administrator_sets_a_database_up_and_its_secret_is_never_shown(site: Site) -> None:
    client = site.client("administrator")
    form = {
        "kind": "sql",
        "name": "ERP 视图",
        "secret": URL,
        "query": "SELECT * FROM purchased WHERE issue_date >= :since",
        "every_minutes": "30",
        "overlap_days": "7",
        "seconds": "60",
        "enabled": "1",
    }
    answer = post(client, "/sources/new", form, follow_redirects=True)
    assert "来源“ERP 视图”已保存" in answer.text
    for path in ("/sources", "/sources/ERP 视图", "/sources/ERP 视图/edit", "/admin/audit"):
        page = client.get(path).text
        assert "s3cret" not in page, path
        assert "reader" not in page, path
    assert "已设置" in client.get("/sources/ERP 视图").text
    changed = post(
        client, "/sources/ERP 视图/edit", form | {"secret": "", "every_minutes": "45"}, follow_redirects=True
    )
    assert "45 分钟" in changed.text
    kept = site.intake.sources.credentials.get("ERP 视图")
    assert kept is not None
    assert kept.get_secret_value() == URL


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": "a/b"}, "名称不能为空"),
        ({"place": "exports"}, "请填写绝对路径"),
        ({"every_minutes": "x"}, "间隔应在"),
        ({"overlap_days": ""}, "重叠天数应在"),
        ({"seconds": "1"}, "时限应在"),
    ],
)
def test_a_form_that_is_wrong_says_where(site: Site, changed: dict[str, str], said: str) -> None:
    form = {
        "kind": "folder",
        "name": "x",
        "place": "/srv/x",
        "every_minutes": "30",
        "overlap_days": "7",
        "seconds": "60",
    }
    answer = post(site.client("administrator"), "/sources/new", form | changed)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_supervisor_synchronises_and_waiting_papers_are_filed(site: Site, place: FolderPlace) -> None:
    paper = site.paper()
    place.put(
        [
            row(
                0,
                day="2026-07-24",
                invoice_number=NUMBER,
                net="100.00",
                tax="6.00",
                total="106.00",
                seller_tax_id="91110108MAEY9WLP8G",
                buyer_tax_id="",
            )
        ]
    )
    said = synchronise(site, site.client("supervisor"))
    assert "新增 1，变更 0，相同 0" in said
    assert "另有 1 张等待中的发票因此入账" in said
    assert "已入账" in site.client("clerk").get(f"/documents/{paper}").text


def test_a_synchronisation_that_fails_names_the_fault_and_what_to_do(site: Site, place: FolderPlace) -> None:
    place.take_away()
    said = synchronise(site, site.client("supervisor"), full="1")
    assert "文件夹不存在" in said
    assert "请检查路径" in said
    assert "文件夹不存在" in site.client("supervisor").get("/sources").text


def test_a_test_shows_each_step(site: Site, place: FolderPlace) -> None:
    place.put([row(0)])
    client = site.client("supervisor")
    page = post(client, f"/sources/{NAME}/test").text
    assert page.count("<li>") >= 4
    assert 'data-test="ok"' in page
    place.take_away()
    part = post(client, f"/sources/{NAME}/test", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div data-test="failed"')
    assert "前一步未通过" in part


@pytest.mark.usefixtures("place")
def test_a_bypass_is_told_on_every_page_that_depends_on_the_register_until_it_is_ended(site: Site) -> None:
    chief, clerk = site.client("supervisor"), site.client("clerk")
    paper = site.paper()
    assert post(chief, f"/sources/{NAME}/bypass", {"hours": "24", "reason": ""}).status_code == 422
    post(chief, f"/sources/{NAME}/bypass", {"hours": "24", "reason": "换服务器"})
    pages = ("/", "/review", "/register", f"/documents/{paper}")
    for path in pages:
        text = clerk.get(path).text
        assert f"来源“{NAME}”已绕过" in text, path
        assert "换服务器" in text, path
    assert "已停用、已绕过或正在维护" in synchronise(site, chief)
    post(chief, f"/sources/{NAME}/resume")
    for path in pages:
        assert "已绕过" not in clerk.get(path).text, path


def test_papers_that_wait_for_a_source_left_out_say_so_and_are_looked_at_when_it_goes_on(
    site: Site, place: FolderPlace
) -> None:
    chief = site.client("supervisor")
    place.put([row(77_777, day="2026-07-01")])
    synchronise(site, chief)
    post(chief, f"/sources/{NAME}/bypass", {"hours": "24", "reason": "换服务器"})
    paper = site.paper()
    with read(site.intake.engine) as conn:
        waiting = conn.execute(sa.select(tasks.c.cause, tasks.c.look_again_at)).one()
    assert tuple(waiting) == ("register_stale", site.clock() + timedelta(days=1))
    assert "2026-11-25 12:00" in site.client("clerk").get(f"/documents/{paper}").text
    site.clock.forward(3600)
    post(chief, f"/sources/{NAME}/resume")
    with read(site.intake.engine) as conn:
        assert conn.execute(sa.select(tasks.c.look_again_at)).scalar_one() == site.clock()


@pytest.mark.usefixtures("place")
def test_maintenance_is_entered_by_the_clock_of_china_and_taken_back(site: Site) -> None:
    chief = site.client("supervisor")
    given = {"what": "tax_bureau", "starts_at": "2026-11-25T20:00", "ends_at": "2026-11-26T06:00", "note": "升级"}
    page = post(chief, "/sources/maintenance", given, follow_redirects=True).text
    assert "2026-11-25 20:00 – 2026-11-26 06:00" in page
    assert "官方查验暂停" in site.client("clerk").get("/").text
    assert post(chief, "/sources/maintenance", given | {"starts_at": ""}).status_code == 422
    post(chief, "/sources/maintenance/1/cancel")
    assert "没有已公布的维护" in chief.get("/sources").text


def test_a_removed_source_is_gone(site: Site, place: FolderPlace) -> None:
    client = site.client("administrator")
    assert "已移除" in post(client, f"/sources/{NAME}/remove", follow_redirects=True).text
    assert client.get(f"/sources/{NAME}").status_code == 404
    assert place.folder.exists()


def test_a_fault_of_a_source_is_told_in_both_languages(site: Site, tmp_path: Path) -> None:
    made = SqlPlace(sa.create_engine(f"sqlite:///{tmp_path / 'erp.sqlite3'}", poolclass=sa.NullPool))
    set_up(site.intake.sources, made)
    with write(site.intake.engine) as conn:
        conn.execute(sa.update(register_sources).values(error="clock_off", error_detail="+900 s", failures=1))
    client = site.client("supervisor")
    assert "双方时钟相差超过 10 分钟" in client.get(f"/sources/{NAME}").text
    post(client, "/language", {"language": "en", "next": "/"})
    page = client.get(f"/sources/{NAME}").text
    assert "Set the wrong one by a time server" in page
    assert "+900 s" in page


def test_a_synchronisation_that_nobody_remembers_is_not_found(site: Site) -> None:
    assert site.client("supervisor").get("/sources/progress/none").status_code == 404


def test_the_line_of_lag_lies_within_its_picture() -> None:
    assert lag_line(()) is None
    assert lag_line((3,)) is None
    drawn = lag_line((0, 5, 0))
    assert drawn is not None
    assert drawn["points"] == "4.0,24.0 60.0,4.0 116.0,24.0"
    assert (drawn["most"], drawn["now"]) == (5, 0)


def test_nothing_of_a_new_source_is_written_before_it_is_right(site: Site) -> None:
    post(site.client("administrator"), "/sources/new", {"kind": "http", "name": "pool", "place": "ftp://x"})
    with read(site.intake.engine) as conn:
        assert conn.execute(sa.select(register_sources)).all() == []
    assert catalogue.all_sources(site.intake.engine) == ()

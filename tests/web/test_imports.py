"""A table becomes a draft with its difference, is applied or given up, and taken back: each step with its sentence."""

from __future__ import annotations

import io
from functools import partial

from flask.testing import FlaskClient

from intake.model import SERVICE
from intake.register.ledger import Origin, begin
from tests.web.importing import FOREIGN, HEADINGS, HOME, TABLE, apply, bring, finished, hand_in, row, token_of
from tests.web.site import NUMBER, Site, post
from web.app import create_app
from web.imports import bar
from web.running import Job, Running, Task, perform

SECOND = "26112000000048542171"


def page_of(client: FlaskClient, number: int | None) -> str:
    return client.get(f"{HOME}/{number}").text


def test_a_table_becomes_a_draft_that_changes_nothing_until_it_is_applied(site: Site) -> None:
    chief = site.client("supervisor")
    job = hand_in(site, chief, TABLE)
    draft = page_of(chief, job.import_id)
    assert "写入台账：新增 1，变更 0" in draft
    assert "1 行没有导入" in draft
    assert "没有完整的代码和号码" in draft
    assert "请在表里补全 20 位号码" in draft
    assert "台账还是空的" in chief.get("/register").text
    assert job.import_id is not None
    apply(site, chief, job.import_id)
    assert "这次导入做了什么" in page_of(chief, job.import_id)
    assert NUMBER[:4] in chief.get(f"/register?q={NUMBER}").text
    assert "写入台账" not in site.client("clerk").get(f"{HOME}/{job.import_id}").text


def test_a_draft_shows_what_would_change_before_and_after(site: Site) -> None:
    chief = site.client("supervisor")
    bring(site, chief, HEADINGS + row(NUMBER) + row(SECOND))
    third = "26112000000048542189"
    job = hand_in(site, chief, HEADINGS + row(NUMBER, "107.00", "作废") + row(third))
    draft = page_of(chief, job.import_id)
    assert "写入台账：新增 1，变更 1" in draft
    assert "<del>106.00</del>" in draft
    assert "<ins>107.00</ins>" in draft
    assert "<ins>已作废</ins>" in draft
    assert "台账有、表里没有" in draft
    assert " ".join(SECOND[i : i + 4] for i in range(0, 20, 4)) in draft  # it has vanished from the table
    assert "表里没有的行不会删除" in draft


def test_a_draft_outlives_a_restart_of_the_server(site: Site) -> None:
    chief = site.client("supervisor")
    file = {"file": (io.BytesIO(TABLE.encode()), "表.csv"), "source": "tax-bureau"}
    answer = post(chief, HOME, file)
    job = finished(site, answer)
    site.app = create_app(site.intake)  # the server starts anew
    later = site.client("supervisor")
    gone = later.get(f"{HOME}/running/{token_of(answer)}", follow_redirects=True).text
    assert "服务重启过" in gone
    assert "tax-bureau 2026-11-24" in gone
    assert later.get(f"{HOME}/running/{token_of(answer)}/progress").status_code == 404
    assert job.import_id is not None
    apply(site, later, job.import_id)
    assert "已写入" in page_of(later, job.import_id)


def test_a_draft_is_given_up_and_its_file_read_again(site: Site) -> None:
    chief = site.client("supervisor")
    job = hand_in(site, chief, TABLE)
    assert "草稿已放弃" in post(chief, f"{HOME}/{job.import_id}/discard", follow_redirects=True).text
    assert post(chief, f"{HOME}/{job.import_id}/discard").status_code == 409
    assert post(chief, f"{HOME}/{job.import_id}/apply").status_code == 409
    again = finished(site, post(chief, f"{HOME}/{job.import_id}/replay"))
    assert again.import_id != job.import_id
    assert "写入台账：新增 1，变更 0" in page_of(chief, again.import_id)


def test_a_waiting_invoice_is_filed_by_the_import_that_brings_its_row(site: Site) -> None:
    number = site.paper()
    chief = site.client("supervisor")
    job = hand_in(site, chief, TABLE)
    answer = post(chief, f"{HOME}/{job.import_id}/apply")
    assert finished(site, answer).again == 1
    assert "另有 1 张等待中的发票因此入账" in chief.get(answer.location).text
    assert "已入账" in site.client("clerk").get(f"/documents/{number}").text


def test_an_import_is_taken_back_after_it_was_said_what_that_undoes(site: Site) -> None:
    chief = site.client("supervisor")
    number = bring(site, chief, TABLE)
    confirm = chief.get(f"{HOME}/{number}/undo").text
    assert "删除它带来的 1 行" in confirm
    assert "撤回：删除 1 行，恢复 0 行" in confirm
    answer = post(chief, f"{HOME}/{number}/undo")
    finished(site, answer)
    assert "删除 1 行，恢复 0 行" in chief.get(answer.location).text
    assert "已撤回" in page_of(chief, number)
    assert "没有可撤回的内容" in chief.get(f"{HOME}/{number}/undo").text
    assert "台账还是空的" in chief.get("/register").text


def test_filed_invoices_that_lose_their_row_are_listed(site: Site) -> None:
    site.paper()
    chief = site.client("supervisor")
    number = bring(site, chief, TABLE)
    answer = post(chief, f"{HOME}/{number}/undo")
    assert finished(site, answer).unsupported == (1,)
    assert "1 张已入账的发票失去了台账依据" in chief.get(answer.location).text


def test_an_import_that_a_later_one_changed_names_the_one_that_must_go_first(site: Site) -> None:
    chief = site.client("supervisor")
    first = bring(site, chief, HEADINGS + row(NUMBER))
    second = bring(site, chief, HEADINGS + row(NUMBER, status="作废"), "erp")
    said = "后来的导入“erp 2026-11-24”改动了这次的行：请先撤回那一次"
    for page in (page_of(chief, first), chief.get(f"{HOME}/{first}/undo").text):
        assert said in page
        assert f'href="{HOME}/{second}' in page
    answer = post(chief, f"{HOME}/{first}/undo")
    assert finished(site, answer).error == "later_import"
    assert said in chief.get(answer.location).text
    finished(site, post(chief, f"{HOME}/{second}/undo"))
    finished(site, post(chief, f"{HOME}/{first}/undo"))
    assert "已撤回" in page_of(chief, first)


def test_a_table_that_is_none_is_refused_with_its_reason_and_remedy(site: Site) -> None:
    chief = site.client("supervisor")
    for content, said in (
        (b"just some words", "前十行里没有找到带发票号码和日期或金额的表头"),
        (b"\xd0\xcf\x11\xe0 old workbook", "另存为 .xlsx 再导入"),
        (b"\x00\x01\x02\x03" * 50, "请选税务局导出的 XLSX"),
    ):
        answer = post(chief, HOME, {"file": (io.BytesIO(content), "a.xls"), "source": "tax-bureau"})
        assert finished(site, answer).error == "import_refused"
        assert said in chief.get(answer.location).text
        assert said in chief.get(answer.location + "/progress").text
        assert said in chief.get(f"{HOME}?state=failed").text
    assert "上次导入失败" in chief.get("/register").text


def test_a_table_of_which_every_row_is_refused_cannot_be_applied(site: Site) -> None:
    chief = site.client("supervisor")
    job = hand_in(site, chief, HEADINGS + row("123") + row("45"))
    draft = page_of(chief, job.import_id)
    assert f'action="{HOME}/{job.import_id}/apply"' not in draft
    assert "<b>2×</b>" in draft


def test_a_form_without_a_table_says_so(site: Site) -> None:
    chief = site.client("supervisor")
    assert post(chief, HOME, {}).status_code == 400
    assert post(chief, HOME, {"file": (io.BytesIO(b""), "a.csv")}).status_code == 400
    assert post(chief, HOME, {"file": (io.BytesIO(b"x"), "a.csv"), "mapping": "none"}).status_code == 404


def test_imports_are_listed_by_state_page_by_page(site: Site) -> None:
    chief = site.client("supervisor")
    assert "这里没有导入" in chief.get(HOME).text
    first = bring(site, chief, HEADINGS + row(NUMBER))
    waiting = hand_in(site, chief, HEADINGS + row(SECOND)).import_id
    assert f'href="{HOME}/{first}"' in chief.get(f"{HOME}?state=applied").text
    assert f'href="{HOME}/{waiting}"' not in chief.get(f"{HOME}?state=applied").text
    assert f'href="{HOME}/{waiting}"' in chief.get(f"{HOME}?state=draft").text
    assert f'href="{HOME}/{waiting}"' not in chief.get(f"{HOME}?before={waiting}").text


def test_a_draft_applied_twice_at_once_is_applied_once(site: Site) -> None:
    chief, other = site.client("supervisor"), site.client("administrator")
    job = hand_in(site, chief, HEADINGS + row(NUMBER))
    answers = [post(one, f"{HOME}/{job.import_id}/apply") for one in (chief, other)]
    works = [finished(site, answer) for answer in answers if answer.status_code == 302]
    assert [work.error for work in works].count("") == 1
    assert {work.error for work in works} <= {"", "import_state"}
    assert "新增 1 · 变更 0" in chief.get(HOME).text


def test_a_draft_whose_file_is_gone_says_so_and_stays(site: Site) -> None:
    chief = site.client("supervisor")
    job = hand_in(site, chief, HEADINGS + row(NUMBER))
    for place in (site.intake.settings.data / "files").rglob("*"):
        if place.is_file():
            place.unlink()
    answer = post(chief, f"{HOME}/{job.import_id}/apply")
    assert finished(site, answer).error == "file_gone"
    assert "原文件已经不在" in chief.get(answer.location).text
    assert "写入台账：新增 1" in page_of(chief, job.import_id)  # still a draft


def test_work_that_breaks_unforeseen_says_so_and_ends(site: Site) -> None:
    work: Running[Job] = site.app.extensions["running"]
    job = Job(Task.APPLY, "表.csv")

    def breaks(_: Job) -> None:
        raise RuntimeError("unforeseen")

    token = work.start(job, partial(perform, breaks), "apply")
    assert job.finished.wait(10)
    assert job.error == "error"
    assert 'data-import="failed"' in site.client("supervisor").get(f"{HOME}/running/{token}").text


def test_the_picture_shows_each_kind_of_row_however_few() -> None:
    parts = bar(1, 0, 9_999_998, 1)
    assert [part.kind for part in parts] == ["new", "same", "refused"]
    assert min(part.width for part in parts) >= 10
    assert round(sum(part.width for part in parts)) == 1000
    assert bar(0, 0, 0, 0) == ()


def test_an_unknown_table_leads_from_the_upload_into_the_wizard(site: Site) -> None:
    chief = site.client("supervisor")
    answer = post(
        chief, HOME, {"file": (io.BytesIO(FOREIGN.format(number=NUMBER).encode()), "erp.csv"), "source": "erp"}
    )
    assert finished(site, answer).unknown
    assert "/register/mappings/new?ticket=" in chief.get(answer.location).location
    assert "mappings/new" in chief.get(answer.location + "/progress").headers["HX-Redirect"]


def test_an_import_that_is_still_read_is_not_called_failed(site: Site) -> None:
    chief = site.client("supervisor")
    begin(site.intake.engine, Origin("erp", "大表.csv", "0" * 64), SERVICE, site.clock())
    for page in (chief.get(HOME).text, page_of(chief, 1)):
        assert "未完成" in page
        assert "仍是这样，就点“重新读取原文件”" in page
    assert '<i aria-hidden="true">✕</i>' not in page_of(chief, 1)

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import audit, views
from intake.db import documents, read, register_rows, tasks
from intake.model import DocumentState, TaskState
from ocr.types import FieldName, Kind
from tests.web.site import CRITICAL, NUMBER, VALUES, Site, form, post

F = FieldName
KEYED = {**form(VALUES), "kind": Kind.DIG_NORMAL.value}
BLIND = form({name: VALUES[name] for name in CRITICAL})


@pytest.fixture
def easy(tmp_path: Path) -> Iterator[Site]:
    """A site where nobody is drawn by lot."""
    made = Site(tmp_path, blind_rate=0.0)
    yield made
    made.close()


@pytest.fixture
def task(site: Site) -> int:
    """A paper with nothing but number and total, waiting to be keyed."""
    site.paper({F.NUMBER: NUMBER, F.TOTAL: "106.00"})
    return 1


def state(site: Site, task_id: int = 1) -> str:
    with read(site.intake.engine) as connection:
        return str(connection.execute(sa.select(tasks.c.state).where(tasks.c.id == task_id)).scalar_one())


def test_the_whole_way_of_a_paper_to_the_register(site: Site, task: int) -> None:
    clerk, verifier = site.client("clerk"), site.client("verifier")
    assert NUMBER[:4] in clerk.get("/review").text
    assert post(clerk, "/review/next").location == f"/review/{task}"
    page = clerk.get(f"/review/{task}").text
    assert f'value="{NUMBER}"' in page
    assert post(clerk, f"/review/{task}/enter", KEYED).location == "/review?tab=key"
    assert state(site) == TaskState.ENTERED
    assert post(verifier, "/review/next", {"tab": "verify"}).location == f"/review/{task}"
    assert verifier.get(f"/review/{task}").location == f"/review/{task}/verify"
    assert post(verifier, f"/review/{task}/verify", BLIND).location == "/review?tab=verify"
    assert state(site) == TaskState.VERIFIED
    with read(site.intake.engine) as connection:
        assert connection.execute(sa.select(documents.c.state)).scalar_one() == DocumentState.FILED
        assert connection.execute(sa.select(register_rows.c.number)).scalar_one() == NUMBER
    assert "两人一致" in clerk.get("/documents/1").text
    assert "补录" in clerk.get(f"/register?q={NUMBER}").text
    assert audit.verify(site.intake.engine) == []


def test_the_blind_page_holds_nothing_of_the_first_entry(site: Site, task: int) -> None:
    keyed = {**VALUES, F.NUMBER: "26112000000012345678", F.SELLER_TAX_ID: "92110108MA01AB2C3D"}
    post(site.client("clerk"), f"/review/{task}/enter", {**form(keyed), "kind": "dig_normal", "comment": "看这里"})
    page = site.client("verifier").get(f"/review/{task}/verify").text
    for value in (*keyed.values(), "106.00", NUMBER, "看这里"):
        assert value not in page
    assert 'data-spot="number"' in page  # where it stands is no secret
    queue = site.client("verifier").get("/review?tab=verify").text
    assert "26112000000012345678" not in queue
    assert "106.00" not in queue


def test_who_keys_blind_sees_nothing_of_the_reading_on_any_page(site: Site, task: int) -> None:
    post(site.client("clerk"), f"/review/{task}/enter", KEYED)
    verifier = site.client("verifier")
    assert NUMBER[-4:] in verifier.get("/documents/1").text  # not theirs yet
    assert "抽样检查" in verifier.get(f"/review/{task}/verify").text
    shown = verifier.get("/documents/1").text
    assert "您正在盲录这张票" in shown
    listed = verifier.get("/documents").text
    for text in (shown, listed):
        assert VALUES[F.SELLER_NAME] not in text
        assert VALUES[F.TOTAL] not in text
        assert NUMBER[-4:] not in text
    assert verifier.get("/official/1").location == "/documents/of-invoice/1"
    assert NUMBER[-4:] in site.client("supervisor").get("/documents/1").text
    post(verifier, f"/review/{task}/release")
    assert NUMBER[-4:] in verifier.get("/documents/1").text


def test_an_entry_of_small_risk_is_approved_against_the_picture(easy: Site) -> None:
    easy.paper()
    said = post(easy.client("clerk"), "/review/1/enter", {**KEYED, "comment": "看这里"}, follow_redirects=True).text
    assert "等另一人对着图像复核" in said
    verifier = easy.client("verifier")
    assert "对图复核" in verifier.get("/review?tab=verify").text
    page = verifier.get("/review/1/verify").text
    for shown in (
        NUMBER,
        "106.00",
        "看这里",
        "没有可用的二维码，金额低于双人录入的界限",
        "必填项齐全，检查都通过",
        "data-box",
    ):
        assert shown in page
    mark = re.search('name="mark" value="([0-9a-f]+)"', page)
    assert mark
    assert post(verifier, "/review/1/verify", BLIND).status_code == 409
    assert post(verifier, "/review/1/approve", {"mark": "0" * 16}).status_code == 409
    assert post(easy.client("clerk"), "/review/1/approve", {"mark": mark[1]}).status_code == 403
    assert post(verifier, "/review/1/approve", {"mark": mark[1]}).location == "/review?tab=verify"
    assert "复核确认" in verifier.get("/documents/1").text
    assert "补录" in verifier.get(f"/register?q={NUMBER}").text


def test_an_entry_to_be_approved_is_returned_with_its_reason(easy: Site) -> None:
    easy.paper()
    post(easy.client("clerk"), "/review/1/enter", KEYED)
    assert post(easy.client("verifier"), "/review/1/send-back", {"comment": "日期不清"}).status_code == 302
    assert "日期不清" in easy.client("clerk").get("/review/1").text


def test_the_queue_says_how_urgent_a_paper_is_and_in_whose_hands(site: Site, task: int) -> None:
    clerk = site.client("clerk")
    assert "优先" in clerk.get("/review").text
    clerk.get(f"/review/{task}")
    told = site.client("colleague").get("/review").text
    assert ">clerk<" in told
    assert "到 12:15" in told
    assert "没有符合条件" in site.client("colleague").get("/review?mine=1").text
    assert NUMBER[-4:] in clerk.get("/review?mine=1").text
    site.clock.forward(5 * 3600)
    late = clerk.get("/review").text
    assert "已逾期" in late
    assert ">clerk<" not in late  # the lease has run out


def test_a_paper_is_left_for_the_next(site: Site, task: int) -> None:
    site.paper({F.TOTAL: "5.00"}, data=b"second")
    clerk = site.client("clerk")
    clerk.get(f"/review/{task}")
    assert post(clerk, f"/review/{task}/skip").location == "/review/2"
    assert state(site) == TaskState.OPEN
    post(clerk, "/review/2/release")
    site.client("colleague").get("/review/2")
    clerk.get(f"/review/{task}")
    assert post(clerk, f"/review/{task}/skip").location == "/review?tab=key"


def test_nobody_verifies_the_own_entry(site: Site, task: int) -> None:
    verifier = site.client("verifier")
    post(verifier, f"/review/{task}/enter", KEYED)
    answer = verifier.get(f"/review/{task}/verify")
    assert answer.status_code == 403
    assert "须由另一人复核" in answer.text
    assert post(verifier, f"/review/{task}/verify", BLIND).status_code == 403
    assert state(site) == TaskState.ENTERED
    assert 'class="count">0<' in verifier.get("/review?tab=verify").text


def test_different_entries_are_shown_side_by_side_and_a_third_decides(site: Site, task: int) -> None:
    post(site.client("clerk"), f"/review/{task}/enter", KEYED)
    other = {**BLIND, "value.total": "108.00"}
    shown = post(site.client("verifier"), f"/review/{task}/verify", other).text
    assert "106.00" in shown
    assert "108.00" in shown
    assert state(site) == TaskState.DISPUTED
    assert site.client("verifier").get(f"/review/{task}/decide").status_code == 403
    chief = site.client("supervisor")
    page = chief.get(f"/review/{task}").location
    assert page == f"/review/{task}/decide"
    assert 'value="this:108.00"' in chief.get(page).text
    assert post(chief, page, {}).status_code == 422
    assert post(chief, page, {"choice.total": "this:106.00"}).location == "/review?tab=decide"
    assert state(site) == TaskState.VERIFIED


def test_the_third_person_may_find_both_wrong(site: Site, task: int) -> None:
    post(site.client("clerk"), f"/review/{task}/enter", KEYED)
    post(site.client("verifier"), f"/review/{task}/verify", {**BLIND, "value.date": "2026-07-25"})
    given = {"choice.date": "other", "other.date": "2026-07-23"}
    assert post(site.client("supervisor"), f"/review/{task}/decide", given).status_code == 302
    assert "2026-07-23" in site.client("clerk").get("/documents/1").text


def test_an_incomplete_entry_comes_back_with_what_was_keyed(site: Site, task: int) -> None:
    keyed = {**KEYED, "value.date": "", "value.seller_name": "北京另一家公司"}
    answer = post(site.client("clerk"), f"/review/{task}/enter", keyed)
    assert answer.status_code == 422
    assert "必填项缺失或有误" in answer.text
    assert "<b>开票日期</b>" in answer.text
    assert 'value="北京另一家公司"' in answer.text
    assert state(site) == TaskState.CLAIMED


def test_what_nobody_can_read_needs_its_reason(site: Site, task: int) -> None:
    clerk = site.client("clerk")
    keyed = {name: value for name, value in KEYED.items() if name != "value.seller_tax_id"}
    keyed["illegible.seller_tax_id"] = "1"
    assert post(clerk, f"/review/{task}/enter", keyed).status_code == 422
    assert post(clerk, f"/review/{task}/enter", {**keyed, "reason.seller_tax_id": "印章盖住"}).status_code == 302
    assert state(site) == TaskState.ENTERED


def test_the_checks_speak_while_one_types(site: Site, task: int) -> None:
    clerk = site.client("clerk")
    clerk.get(f"/review/{task}")
    said = post(clerk, f"/review/{task}/check", {**KEYED, "value.total": "526.00"}).text
    assert "伍佰贰拾陆元整" in said or "伍佰贰拾陆圆整" in said
    assert "应等于价税合计" in said
    wrong = post(clerk, f"/review/{task}/check", {**KEYED, "value.number": "123"}).text
    assert 'data-say="number"' in wrong
    missing = post(clerk, f"/review/{task}/check", {"kind": "dig_normal"}).text
    assert "还缺" in missing
    fine = post(clerk, f"/review/{task}/check", KEYED).text
    assert "data-say" not in fine


def test_a_draft_is_kept_for_the_next_time(site: Site, task: int) -> None:
    clerk = site.client("clerk")
    clerk.get(f"/review/{task}")
    assert "草稿已存" in post(clerk, f"/review/{task}/draft", {**KEYED, "value.seller_name": "写到一半"}).text
    post(clerk, f"/review/{task}/release")
    assert 'value="写到一半"' in site.client("colleague").get(f"/review/{task}").text


def test_another_kind_of_paper_asks_for_other_fields(site: Site, task: int) -> None:
    clerk = site.client("clerk")
    assert 'name="value.code"' not in clerk.get(f"/review/{task}").text
    fields = post(clerk, f"/review/{task}/form", {**KEYED, "kind": "vat_special_paper"}).text
    assert 'name="value.code"' in fields
    assert 'value="北京示例文具有限公司"' in fields


def test_who_takes_a_wrong_kind_and_goes_back_finds_everything_as_it_was(site: Site, task: int) -> None:
    clerk = site.client("clerk")
    clerk.get(f"/review/{task}")
    post(clerk, f"/review/{task}/draft", {**KEYED, "value.buyer_name": "写到一半"})
    taxi = {"kind": Kind.TAXI.value, "value.number": NUMBER, "value.total": "106.00"}
    assert 'name="value.buyer_name"' not in post(clerk, f"/review/{task}/form", taxi).text
    post(clerk, f"/review/{task}/draft", taxi)
    back = {**taxi, "kind": KEYED["kind"]}
    assert 'value="写到一半"' in post(clerk, f"/review/{task}/form", back).text
    assert post(clerk, f"/review/{task}/enter", taxi).status_code == 422


def test_a_paper_in_a_colleagues_hands_is_left_alone(site: Site, task: int) -> None:
    site.client("clerk").get(f"/review/{task}")
    answer = site.client("colleague").get(f"/review/{task}")
    assert answer.status_code == 409
    assert "同事正在处理" in answer.text
    site.clock.forward(16 * 60)
    assert site.client("colleague").get(f"/review/{task}").status_code == 200


def test_an_entry_is_sent_back_with_its_reason(site: Site, task: int) -> None:
    post(site.client("clerk"), f"/review/{task}/enter", KEYED)
    verifier = site.client("verifier")
    assert post(verifier, f"/review/{task}/send-back", {"comment": ""}).status_code == 422
    assert post(verifier, f"/review/{task}/send-back", {"comment": "日期不清"}).status_code == 302
    page = site.client("clerk").get(f"/review/{task}").text
    assert "日期不清" in page
    assert 'value="北京示例文具有限公司"' in page


def test_a_refused_paper_says_why_everywhere(site: Site, task: int) -> None:
    given = {"reason": "wrong_title", "comment": "抬头是个人"}
    verifier = site.client("verifier")
    assert post(verifier, f"/review/{task}/refuse", given).location == "/documents/1"
    page = verifier.get("/documents/1").text
    assert "抬头或税号不是本单位" in page
    assert "抬头是个人" in page
    assert "抬头或税号不是本单位" in verifier.get("/documents?state=rejected").text
    assert "抬头或税号不是本单位" in site.client("clerk").get("/").text
    assert verifier.get(f"/review/{task}").location == "/documents/1"


def test_a_number_on_file_with_other_values_is_pointed_out(site: Site, task: int) -> None:
    clerk = site.client("clerk")
    post(clerk, f"/review/{task}/enter", KEYED)
    post(site.client("verifier"), f"/review/{task}/verify", BLIND)
    site.paper({F.TOTAL: "999.00"}, data=b"second")
    answer = post(
        clerk, "/review/2/enter", {**KEYED, "value.net": "900.00", "value.tax": "99.00", "value.total": "999.00"}
    )
    assert answer.status_code == 409
    assert "已有同一代码和号码但内容不同的发票" in answer.text
    assert "打开" in answer.text
    assert 'value="999.00"' in answer.text


def test_a_clerk_who_opens_an_entered_paper_sees_its_document(site: Site, task: int) -> None:
    post(site.client("clerk"), f"/review/{task}/enter", KEYED)
    assert site.client("colleague").get(f"/review/{task}").location == "/documents/1"


def test_empty_queues_say_so(site: Site) -> None:
    chief = site.client("supervisor")
    for tab, said in (("key", "没有待录入"), ("verify", "没有待复核"), ("decide", "没有待裁定")):
        assert said in chief.get(f"/review?tab={tab}").text
        assert post(chief, "/review/next", {"tab": tab}).location == f"/review?tab={tab}"
    assert site.client("clerk").get("/review?tab=verify").status_code == 403


def test_the_queue_is_narrowed_to_a_cause(site: Site, task: int) -> None:
    del task
    clerk = site.client("clerk")
    cause = views.queue(site.intake.engine, [TaskState.OPEN], now=site.clock()).rows[0].cause
    assert NUMBER[:4] in clerk.get(f"/review?cause={cause.value}").text
    assert "没有符合条件" in clerk.get("/review?cause=duplicate").text

"""核销 on its pages and for programs, conflicts side by side, and what the page of a paper says of its carriers."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from intake import alarms
from intake.db import documents, register_rows, uses, write
from intake.joining import file_decisions
from intake.model import Filed, Matched, NeedsReview, SourceHealth, SourceState
from ocr.types import FieldName
from tests.builders import matched, needs_review
from tests.intake.waiting import seen
from tests.web.site import NUMBER, VALUES, Site, form, post, token

F = FieldName
KEY = f"D:{NUMBER}"


def put(site: Site, *, waits: bool = False, name: str = "a.pdf", **changed: str) -> int:
    """A filed invoice, or one that waits, with its file; returns the invoice."""
    said = {**VALUES, **{F(field): value for field, value in changed.items()}}
    key = f"D:{said[F.NUMBER]}"
    with write(site.intake.engine) as conn:
        count = conn.execute(sa.select(sa.func.count()).select_from(documents)).scalar_one()
        row = {"receipt": f"20261124-{count + 1:06d}", "sha256": "0" * 64, "name": name, "size": 1, "channel": "web"}
        moments = {"received_at": site.clock(), "due_at": site.clock(), "state": "needs_review" if waits else "filed"}
        made = sa.insert(documents).values(**row, **moments, submitted_by=site.people["clerk"].id)
        document = conn.execute(made.returning(documents.c.id)).scalar_one()
        decision: Filed | NeedsReview = Filed(seen(said), key, (), Matched(matched(key).candidate))
        if waits:
            decision = replace(needs_review(), invoice=seen(said), key=key)
        return file_decisions(conn, document, [decision], site.clock())[0].invoice_id


def void(site: Site) -> None:
    with write(site.intake.engine) as conn:
        row = {"key": KEY, "number": NUMBER, "kind": "dig_normal", "status": "void", "source": "x", "raw": {}}
        conn.execute(sa.insert(register_rows).values(**row))


def test_an_invoice_goes_from_free_to_frozen_by_ticking(site: Site) -> None:
    number = put(site)
    clerk, verifier, supervisor = site.client("clerk"), site.client("verifier"), site.client("supervisor")
    assert NUMBER[:4] in clerk.get("/uses").text
    answer = post(
        clerk, "/uses/lock", {"invoice": [str(number)], "voucher": "记-7", "tab": "free"}, follow_redirects=True
    )
    assert "已锁定 1 张发票" in answer.text
    assert "记-7" in clerk.get("/uses?tab=locked").text
    post(verifier, "/uses/use", {"invoice": [str(number)], "tab": "locked"})
    assert "记-7" in verifier.get("/uses?tab=used&q=记-7").text
    post(supervisor, "/uses/freeze", {"invoice": [str(number)], "tab": "used"})
    assert "记-7" in supervisor.get("/uses?tab=frozen").text
    page = supervisor.get("/documents/1").text
    assert 'data-use="frozen"' in page
    assert "/uses/release" not in page


def test_of_many_each_is_told_what_became_of_it(site: Site) -> None:
    good, bad = put(site), put(site, number="26112000000048540002", total="906.00")
    put(site, waits=True, number="26112000000048540002")
    answer = post(site.client("clerk"), "/uses/lock", {"invoice": [str(good), str(bad)], "voucher": "1"})
    assert answer.status_code == 409
    assert "逐张结果" in answer.text
    assert "请主管先裁定" in answer.text
    assert post(site.client("clerk"), "/uses/lock", {"voucher": "1"}).status_code == 400


@pytest.mark.parametrize("voucher", ["", "9" * 65])
def test_without_a_voucher_nothing_is_locked(site: Site, voucher: str) -> None:
    number = put(site)
    answer = post(site.client("clerk"), "/uses/lock", {"invoice": [str(number)], "voucher": voucher})
    assert (answer.status_code, "没有填写凭证号" in answer.text) == (409, True)


def test_from_the_page_of_the_paper_the_way_leads_back_to_it(site: Site) -> None:
    number = put(site)
    given = {"invoice": [str(number)], "voucher": "1", "back": "document"}
    answer = post(site.client("clerk"), "/uses/lock", given)
    assert answer.location == f"/documents/of-invoice/{number}"
    assert "/uses/release" in site.client("clerk").get("/documents/1").text
    assert "/uses/release" not in site.client("colleague").get("/documents/1").text


def test_an_alarm_is_seen_in_the_navigation_until_it_is_dealt_with(site: Site) -> None:
    number = put(site)
    site.intake.uses.lock(site.people["clerk"].actor(), number, "1")
    void(site)
    alarms.refresh(site.intake.engine, site.clock())
    supervisor = site.client("supervisor")
    assert "1 张已锁定或已核销的发票后来出了问题" in supervisor.get("/").text
    assert "使用后发票被作废" in supervisor.get("/uses?tab=alarm").text
    assert "使用后发票被作废" in supervisor.get("/documents/1").text
    post(supervisor, "/uses/answer", {"invoice": [str(number)], "reason": "已冲回", "tab": "alarm"})
    assert "没有警报" in supervisor.get("/uses?tab=alarm").text


def test_a_register_that_does_not_answer_is_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    put(site)
    away = SourceState("erp", None, None, None, health=SourceHealth.OPEN)
    monkeypatch.setattr(type(site.intake.register), "sources", lambda _self: (away,))
    assert "台账来源 erp 现在连不上" in site.client("clerk").get("/documents/1").text


def test_two_papers_with_one_number_are_shown_on_both_pages_and_decided(site: Site) -> None:
    put(site)
    put(site, waits=True, total="906.00")
    for page in ("/documents/1", "/documents/2"):
        text = site.client("supervisor").get(page).text
        assert "同号冲突" in text
        assert "906.00" in text
    assert "由主管裁定" in site.client("clerk").get("/documents/1").text
    supervisor = site.client("supervisor")
    listed = supervisor.get("/conflicts").text
    found = re.search(r'id="conflict-(\d+)"', listed)
    assert found
    assert post(supervisor, f"/conflicts/{found[1]}", {"settlement": "keep_first"}).status_code == 422
    assert post(supervisor, f"/conflicts/{found[1]}", {"comment": "x"}).status_code == 422
    given = {"settlement": "keep_first", "comment": "看过原件"}
    assert post(supervisor, f"/conflicts/{found[1]}", given).status_code == 302
    assert "没有同号冲突" in supervisor.get("/conflicts").text
    story = supervisor.get("/documents/1").text
    assert "主管裁定同号冲突：首张有效（看过原件）" in story
    assert post(supervisor, f"/conflicts/{found[1]}", given).status_code == 409


def test_a_paper_against_the_register_is_shown_field_by_field_and_decided(site: Site) -> None:
    site.paper()
    with write(site.intake.engine) as conn:
        row = {"key": KEY, "number": NUMBER, "kind": "dig_normal", "status": "normal", "source": "erp", "raw": {}}
        conn.execute(sa.insert(register_rows).values(**row, total=107))
    clerk, verifier, supervisor = site.client("clerk"), site.client("verifier"), site.client("supervisor")
    clerk.get("/review/1")
    entry = {"kind": "dig_normal", **form(VALUES)}
    stopped = post(clerk, "/review/1/enter", entry)
    assert (stopped.status_code, "107.00" in stopped.text, 'name="insisted"' in stopped.text) == (409, True, True)
    assert post(clerk, "/review/1/enter", {**entry, "insisted": "1"}).status_code == 302
    blind = {name: VALUES[name] for name in (F.NUMBER, F.DATE, F.TOTAL, F.SELLER_TAX_ID)}
    told = post(verifier, "/review/1/verify", form(blind)).text
    assert "台账与纸面不一致" in told
    assert supervisor.get("/review/1/decide").status_code == 302
    listed = supervisor.get("/conflicts").text
    found = re.search(r'id="conflict-(\d+)"', listed)
    assert found
    assert "107.00" in listed
    where = f"/conflicts/{found[1]}/register"
    assert post(supervisor, where, {"comment": "x"}).status_code == 422
    assert post(supervisor, where, {"verdict": "paper", "comment": "看过原件"}).status_code == 302
    assert "没有同号冲突" in supervisor.get("/conflicts").text
    assert post(supervisor, where, {"verdict": "paper", "comment": "x"}).status_code == 409


def test_red_and_blue_find_each_other_on_both_pages(site: Site) -> None:
    put(site)
    put(site, number="26112000000048549999", total="-6.00", net="-6.00", tax="0.00", red_of=KEY)
    blue, red = site.client("clerk").get("/documents/1").text, site.client("clerk").get("/documents/2").text
    assert "部分红冲" in blue
    assert "¥100.00" in blue
    assert "/documents/of-invoice/2" in blue
    assert "这张红字发票冲减" in red
    assert "/documents/of-invoice/1" in red
    assert "红字发票不能单独核销" in red


def test_the_carriers_of_an_invoice_are_listed_with_the_original(site: Site) -> None:
    put(site)
    put(site, name="again.pdf")
    text = site.client("clerk").get("/documents/1").text
    assert "这张发票的载体（2）" in text
    assert "again.pdf" in text
    assert "同类中最先收到" in text


def test_hints_are_shown_and_block_nothing(site: Site) -> None:
    put(site)
    put(site, number=str(int(NUMBER) + 1))
    text = site.client("clerk").get("/documents/1").text
    assert "连号" in text
    assert "/uses/lock" in text


# --- for programs -----------------------------------------------------------------------------------------


def test_a_program_asks_locks_uses_and_freezes(site: Site) -> None:
    number = put(site)
    person = site.client("supervisor")
    asked = person.get(f"/api/uses/{number}").json
    assert asked is not None
    assert (asked["free"], asked["amount"], asked["register_status"]) == (True, "106.00", "none")
    for act, state in (("lock", "locked"), ("use", "used"), ("freeze", "frozen")):
        answer = post(person, f"/api/uses/{number}/{act}", {"voucher": "V-1"})
        assert answer.json is not None
        assert (answer.status_code, answer.json["state"], answer.json["voucher"]) == (200, state, "V-1")
    assert post(person, f"/api/uses/{number}/release", {"reason": "x"}).status_code == 409
    assert (person.get(f"/api/uses/{number}").json or {})["state"] == "frozen"


def test_a_program_is_told_why_not(site: Site) -> None:
    number = put(site)
    void(site)
    answer = post(site.client("clerk"), f"/api/uses/{number}/lock", {"voucher": "1"})
    assert (answer.status_code, (answer.json or {})["blocks"][0]["code"]) == (409, "void")
    assert post(site.client("clerk"), f"/api/uses/{number}/lock").status_code == 422
    assert post(site.client("clerk"), f"/api/uses/{number + 9}/lock", {"voucher": "1"}).status_code == 404


def test_a_lock_is_given_back_by_a_program(site: Site) -> None:
    number = put(site)
    person = site.client("clerk")
    post(person, f"/api/uses/{number}/lock", {"voucher": "1"})
    assert post(person, f"/api/uses/{number}/release").json == {"invoice": number, "state": None}


def test_of_two_hundred_requests_at_once_one_locks_the_invoice(site: Site) -> None:
    number = put(site)
    people = [site.client("clerk") for _ in range(20)]
    tokens = [token(person) for person in people]

    def ask(attempt: int) -> int:
        given = {"csrf_token": tokens[attempt % 20], "voucher": f"V-{attempt}"}
        return people[attempt % 20].post(f"/api/uses/{number}/lock", data=given).status_code

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda mine: [ask(one) for one in mine], [range(n, 200, 20) for n in range(20)]))
    found = [status for mine in statuses for status in mine]
    assert (found.count(200), found.count(409)) == (1, 199)
    with write(site.intake.engine) as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(uses)).scalar() == 1

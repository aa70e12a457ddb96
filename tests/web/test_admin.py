from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from intake import accounts, status
from intake.db import audit_log, write
from intake.model import Role
from tests.web.site import Site, post


def test_a_new_account_can_sign_in_with_the_password_shown_once(site: Site) -> None:
    admin = site.client("administrator")
    page = post(admin, "/admin/accounts", {"login": "Wang", "name": "王小录", "role": "clerk"}).text
    found = re.search(r"data-password>([^<]+)<", page)
    assert found
    assert post(site.visitor(), "/sign-in", {"login": "wang", "password": found[1]}).status_code == 302
    assert found[1] not in admin.get("/admin/accounts").text


@pytest.mark.parametrize(
    "given",
    [
        {"login": "", "name": "x", "role": "clerk"},
        {"login": "x", "name": "", "role": "clerk"},
        {"login": "x", "name": "x", "role": "service"},
        {"login": "x", "name": "x", "role": "king"},
    ],
)
def test_an_incomplete_account_is_not_made(site: Site, given: dict[str, str]) -> None:
    answer = post(site.client("administrator"), "/admin/accounts", given, follow_redirects=True)
    assert "都要填写" in answer.text
    assert not any(account.login == "x" for account in accounts.list_accounts(site.intake.engine))


def test_a_login_is_given_once(site: Site) -> None:
    answer = post(site.client("administrator"), "/admin/accounts", {"login": "clerk", "name": "x", "role": "clerk"})
    assert answer.status_code == 409
    assert "已经有这个账号" in answer.text


def test_a_reset_password_ends_the_persons_sessions(site: Site) -> None:
    clerk = site.client("clerk")
    number = site.people["clerk"].id
    assert "data-password" in post(site.client("administrator"), f"/admin/accounts/{number}/password").text
    assert clerk.get("/").status_code == 302


def test_roles_and_accounts_are_changed_but_never_ones_own(site: Site) -> None:
    admin = site.client("administrator")
    clerk, own = site.people["clerk"].id, site.people["administrator"].id
    post(admin, f"/admin/accounts/{clerk}/role", {"role": "verifier"})
    post(admin, f"/admin/accounts/{clerk}/active", {"active": "0"})
    changed = accounts.get(site.intake.engine, clerk)
    assert changed is not None
    assert (changed.role, changed.active) == (Role.VERIFIER, False)
    assert post(admin, f"/admin/accounts/{own}/role", {"role": "clerk"}).status_code == 403
    assert post(admin, f"/admin/accounts/{own}/active", {"active": "0"}).status_code == 403
    assert post(admin, f"/admin/accounts/{clerk}/role", {"role": "service"}).status_code == 302
    assert accounts.get(site.intake.engine, clerk) == changed


def test_the_status_adds_up_to_what_was_received(site: Site) -> None:
    site.paper()
    site.hand_in(site.client("clerk"), b"")
    page = site.client("auditor").get("/status").text
    assert "收到 2 份，每一份都有下落" in page
    assert "还没有导入过" in page


def test_the_audit_log_is_read_searched_and_verified(site: Site) -> None:
    site.paper()
    auditor = site.client("auditor")
    assert "收到文件" in auditor.get("/admin/audit").text
    only = auditor.get("/admin/audit?q=document:1").text
    assert "收到文件" in only
    assert "建立账号" not in only
    assert "全部完好" in auditor.get("/admin/audit?check=1").text
    with write(site.intake.engine) as connection:
        connection.execute(sa.update(audit_log).where(audit_log.c.id == 1).values(actor="nobody"))
    assert "被改动的痕迹" in auditor.get("/admin/audit?check=1").text


def test_the_log_is_turned_over_page_by_page(site: Site) -> None:
    for number in range(60):
        site.hand_in(site.client("clerk"), b"%d" % number)
    auditor = site.client("auditor")
    first = auditor.get("/admin/audit").text
    older = re.search(r'href="([^"]*before=[^"]*)"', first)
    assert older
    assert "建立账号" in auditor.get(older[1].replace("&amp;", "&")).text


def test_the_status_says_what_is_weaker_for_want_of_a_part(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    client = site.client("auditor")
    monkeypatch.setattr(status, "weaker", lambda: ())
    assert "识别部件齐全" in client.get("/status").text
    monkeypatch.setattr(status, "weaker", lambda: ("weaker_without_zbar", "weaker_without_tesseract"))
    assert "请安装 libzbar0" in client.get("/status").text

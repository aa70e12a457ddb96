from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from intake import accounts, audit
from intake.db import read
from intake.model import Role
from tests.web.site import PASSWORD, Site, post, token
from web.security import safe_target


def test_the_right_password_opens_the_first_page(site: Site) -> None:
    client = site.visitor()
    answer = post(client, "/sign-in", {"login": " Clerk ", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (302, "/")
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(("login", "password"), [("clerk", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_login_or_password_says_the_same(site: Site, login: str, password: str) -> None:
    answer = post(site.visitor(), "/sign-in", {"login": login, "password": password})
    assert answer.status_code == 401
    assert "账号或密码不对" in answer.text


def test_sign_in_without_a_token_is_refused(site: Site) -> None:
    answer = site.visitor().post("/sign-in", data={"login": "clerk", "password": PASSWORD})
    assert answer.status_code == 400


def test_a_session_fixed_before_signing_in_is_worth_nothing(site: Site) -> None:
    client = site.visitor()
    with client.session_transaction() as session:
        session["planted"] = "1"
    post(client, "/sign-in", {"login": "clerk", "password": PASSWORD})
    with client.session_transaction() as session:
        assert "planted" not in session


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/%0a//evil.example\n",
        "javascript:alert(1)",
        "evil.example",
        "\\\\evil.example",
        "/a\r\nSet-Cookie: x=1",
    ],
)
def test_nobody_is_sent_to_another_site(site: Site, target: str) -> None:
    answer = post(site.visitor(), "/sign-in", {"login": "clerk", "password": PASSWORD, "next": target})
    place = urlsplit(answer.location or "")
    assert answer.status_code == 302
    assert (place.scheme, place.netloc) == ("", "")
    assert answer.location.startswith("/")


def test_a_path_of_this_site_is_kept() -> None:
    assert safe_target("/documents?q=1", "/") == "/documents?q=1"
    assert safe_target(None, "/") == "/"


def test_after_signing_in_the_page_that_was_asked_for_opens(site: Site) -> None:
    client = site.visitor()
    sent = client.get("/documents?state=filed")
    assert sent.location == "/sign-in?next=/documents?state%3Dfiled"
    page = client.get(sent.location)
    assert 'name="next" value="/documents?state=filed"' in page.text


def test_many_wrong_passwords_stop_further_attempts_even_right_ones(site: Site) -> None:
    client = site.visitor()
    given = {"csrf_token": token(client), "login": "clerk"}
    for _ in range(10):
        assert client.post("/sign-in", data={**given, "password": "wrong"}).status_code == 401
    answer = client.post("/sign-in", data={**given, "password": PASSWORD})
    assert answer.status_code == 429
    assert "过几分钟" in answer.text


def test_right_passwords_are_not_counted(site: Site) -> None:
    for _ in range(12):
        assert post(site.visitor(), "/sign-in", {"login": "clerk", "password": PASSWORD}).status_code == 302


def test_the_session_ends_after_its_hours_however_busy_it_was(site: Site) -> None:
    client = site.client("clerk")
    site.clock.forward(11 * 3600)
    assert client.get("/").status_code == 200
    site.clock.forward(3600)
    assert client.get("/").location == "/sign-in?next=/"


def test_a_new_password_ends_other_sessions_but_not_this_one(site: Site) -> None:
    here, elsewhere = site.client("clerk"), site.client("clerk")
    given = {"old": PASSWORD, "new": "another-long-one", "again": "another-long-one"}
    assert post(here, "/password", given).status_code == 302
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    assert accounts.authenticate(site.intake.engine, "clerk", "another-long-one") is not None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"old": PASSWORD, "new": "another-long-one", "again": "different-one"}, "不一样"),
        ({"old": PASSWORD, "new": "short", "again": "short"}, "10"),
        ({"old": "wrong", "new": "another-long-one", "again": "another-long-one"}, "现在的密码不对"),
    ],
)
def test_a_password_is_not_changed_for(site: Site, given: dict[str, str], said: str) -> None:
    answer = post(site.client("clerk"), "/password", given)
    assert answer.status_code == 422
    assert said in answer.text
    assert accounts.authenticate(site.intake.engine, "clerk", PASSWORD) is not None


def test_a_closed_account_is_signed_out_at_once(site: Site) -> None:
    client = site.client("clerk")
    accounts.set_active(site.intake.engine, site.people["clerk"].id, active=False)
    assert client.get("/").status_code == 302
    assert post(site.visitor(), "/sign-in", {"login": "clerk", "password": PASSWORD}).status_code == 401


def test_a_changed_role_counts_at_the_next_request(site: Site) -> None:
    client = site.client("clerk")
    assert client.get("/admin/audit").status_code == 403
    accounts.set_role(site.intake.engine, site.people["clerk"].id, Role.AUDITOR)
    assert client.get("/admin/audit").status_code == 200


def test_signing_out_ends_the_session(site: Site) -> None:
    client = site.client("clerk")
    assert post(client, "/sign-out").location == "/sign-in"
    assert client.get("/").status_code == 302


def test_a_forged_session_is_refused(site: Site) -> None:
    client = site.visitor()
    client.set_cookie("intake", "eyJfdXNlcl9pZCI6IjE6MSJ9.forged.signature")
    assert client.get("/").status_code == 302


def test_the_language_is_switched_and_kept_through_signing_in(site: Site) -> None:
    client = site.visitor()
    assert 'lang="zh-CN"' in client.get("/sign-in").text
    answer = post(client, "/language", {"language": "en", "next": "/sign-in"})
    assert answer.location == "/sign-in"
    assert "Account" in client.get("/sign-in").text
    post(client, "/sign-in", {"login": "clerk", "password": PASSWORD})
    assert "Hand in invoices" in client.get("/").text
    post(client, "/language", {"language": "klingon", "next": "/"})
    assert "把发票交进来" in client.get("/").text


def test_signing_in_and_out_stands_in_the_audit_log_but_no_unknown_login(site: Site) -> None:
    client = site.visitor()
    post(client, "/sign-in", {"login": "my-secret-typed-here", "password": PASSWORD})
    post(client, "/sign-in", {"login": "clerk", "password": "wrong"})
    post(client, "/sign-in", {"login": "clerk", "password": PASSWORD})
    post(client, "/sign-out")
    with read(site.intake.engine) as conn:
        told = [(entry.actor, entry.action, entry.subject) for entry in audit.entries(conn)][-4:]
    own = f"account:{site.people['clerk'].id}"
    assert told == [
        ("service", "sign_in_failed", "account:0"),
        ("service", "sign_in_failed", own),
        ("clerk", "signed_in", own),
        ("clerk", "signed_out", own),
    ]
    assert audit.verify(site.intake.engine) == []

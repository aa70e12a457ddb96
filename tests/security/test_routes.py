"""Every route asks for a right, and every role gets exactly what its rights allow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from intake.model import Role
from intake.roles import ALLOWED, Action
from tests.web.site import Site, token
from web.security import Access, table

PUBLIC, SIGNED_IN = Access.PUBLIC, Access.SIGNED_IN

# What each page asks for: a new page fails here until somebody has decided who may see it.
ASKED = {
    "static": PUBLIC,
    "api.health": PUBLIC,
    "auth.sign_in": PUBLIC,
    "auth.sign_in_now": PUBLIC,
    "auth.sign_out": PUBLIC,
    "auth.language": PUBLIC,
    "auth.password": SIGNED_IN,
    "auth.change_password": SIGNED_IN,
    "upload.home": Action.SEE_DOCUMENTS,
    "upload.receive": Action.SUBMIT,
    "upload.cards": Action.SEE_DOCUMENTS,
    "upload.mine": Action.SEE_DOCUMENTS,
    "phone.shell": PUBLIC,
    "phone.manifest": PUBLIC,
    "phone.worker": PUBLIC,
    "phone.me": Action.SUBMIT,
    "tus.speak": Action.SUBMIT,
    "tus.begin": Action.SUBMIT,
    "tus.standing": Action.SUBMIT,
    "tus.append": Action.SUBMIT,
    "tus.drop": Action.SUBMIT,
    "documents.listing": Action.SEE_DOCUMENTS,
    "documents.show": Action.SEE_DOCUMENTS,
    "documents.wait": Action.SEE_DOCUMENTS,
    "documents.of_invoice": Action.SEE_DOCUMENTS,
    "documents.picture": Action.SEE_DOCUMENTS,
    "documents.original": Action.SEE_DOCUMENTS,
    "documents.reopen": Action.REOPEN,
    "printing.show": Action.SEE_DOCUMENTS,
    "printing.show_in_full": Action.SEE_PERSONS,
    "documents.attach": Action.ENTER,
    "many.assign": Action.ASSIGN,
    "many.look_again": Action.ENTER,
    "many.download": Action.SEE_DOCUMENTS,
    "many.save": Action.SEE_DOCUMENTS,
    "many.forget": Action.SEE_DOCUMENTS,
    "review.queue": Action.ENTER,
    "review.next_paper": Action.ENTER,
    "review.paper": Action.ENTER,
    "review.form": Action.ENTER,
    "review.check": Action.ENTER,
    "review.draft": Action.ENTER,
    "review.take": Action.ENTER,
    "review.enter": Action.ENTER,
    "review.release": Action.ENTER,
    "review.skip": Action.ENTER,
    "second.verify": Action.VERIFY,
    "second.verify_now": Action.VERIFY,
    "second.approve": Action.VERIFY,
    "second.send_back": Action.VERIFY,
    "second.refuse": Action.REFUSE,
    "deciding.decide": Action.ADJUDICATE,
    "deciding.decide_now": Action.ADJUDICATE,
    "uses.listing": Action.SEE_DOCUMENTS,
    "uses.lock": Action.LOCK_INVOICE,
    "uses.use": Action.USE_INVOICE,
    "uses.freeze": Action.CLOSE_USES,
    "uses.release": Action.LOCK_INVOICE,
    "uses.answer": Action.CLOSE_USES,
    "uses.api_show": Action.SEE_DOCUMENTS,
    "uses.api_lock": Action.LOCK_INVOICE,
    "uses.api_use": Action.USE_INVOICE,
    "uses.api_freeze": Action.CLOSE_USES,
    "uses.api_release": Action.LOCK_INVOICE,
    "conflicts.listing": Action.ADJUDICATE,
    "conflicts.settle": Action.ADJUDICATE,
    "conflicts.settle_dispute": Action.ADJUDICATE,
    "register.search": Action.SEE_REGISTER,
    "gaps.show": Action.SEE_REGISTER,
    "gaps.download": Action.SEE_REGISTER,
    "regions.show": Action.SEE_REGISTER,
    "oversee.show": Action.SEE_STATUS,
    "oversee.papers": Action.SEE_STATUS,
    "oversee.give_back": Action.RELEASE_TASKS,
    "sampling.listing": Action.SEE_STATUS,
    "sampling.show": Action.SEE_STATUS,
    "sampling.following": Action.INSPECT,
    "sampling.compare": Action.INSPECT,
    "sampling.judge": Action.INSPECT,
    "sampling.resume": Action.RESUME_SAMPLING,
    "imports.listing": Action.SEE_REGISTER,
    "imports.upload": Action.IMPORT_REGISTER,
    "imports.watch": Action.IMPORT_REGISTER,
    "imports.progress": Action.IMPORT_REGISTER,
    "imports.show": Action.SEE_REGISTER,
    "imports.apply": Action.IMPORT_REGISTER,
    "imports.discard": Action.IMPORT_REGISTER,
    "imports.replay": Action.IMPORT_REGISTER,
    "imports.undo": Action.IMPORT_REGISTER,
    "imports.undo_now": Action.IMPORT_REGISTER,
    "mappings.listing": Action.SEE_REGISTER,
    "mappings.new": Action.IMPORT_REGISTER,
    "mappings.preview": Action.IMPORT_REGISTER,
    "mappings.save": Action.IMPORT_REGISTER,
    "admin.status": Action.SEE_STATUS,
    "admin.accounts_page": Action.MANAGE_ACCOUNTS,
    "admin.create_account": Action.MANAGE_ACCOUNTS,
    "admin.reset_password": Action.MANAGE_ACCOUNTS,
    "admin.set_role": Action.MANAGE_ACCOUNTS,
    "admin.set_active": Action.MANAGE_ACCOUNTS,
    "companies.listing": Action.SEE_REGISTER,
    "companies.new": Action.MANAGE_COMPANIES,
    "companies.add": Action.MANAGE_COMPANIES,
    "companies.show": Action.MANAGE_COMPANIES,
    "companies.correct": Action.MANAGE_COMPANIES,
    "companies.ending": Action.MANAGE_COMPANIES,
    "companies.end": Action.MANAGE_COMPANIES,
    "companies.export": Action.SEE_REGISTER,
    "companies.bring": Action.MANAGE_COMPANIES,
    "admin.audit_page": Action.SEE_AUDIT,
    "sources.overview": Action.RUN_SOURCES,
    "sources.new": Action.MANAGE_SOURCES,
    "sources.add": Action.MANAGE_SOURCES,
    "sources.show": Action.RUN_SOURCES,
    "sources.edit": Action.MANAGE_SOURCES,
    "sources.change": Action.MANAGE_SOURCES,
    "sources.remove": Action.MANAGE_SOURCES,
    "sources.test": Action.RUN_SOURCES,
    "sources.begin": Action.RUN_SOURCES,
    "sources.progress": Action.RUN_SOURCES,
    "sources.bypass": Action.RUN_SOURCES,
    "sources.resume": Action.RUN_SOURCES,
    "sources.announce": Action.RUN_SOURCES,
    "sources.cancel": Action.RUN_SOURCES,
    "official.due": Action.ENTER,
    "official.show": Action.ENTER,
    "official.answer": Action.ENTER,
    "official.ask": Action.ENTER,
    "official.confirm": Action.VERIFY,
    "official.picture": Action.SEE_DOCUMENTS,
    "cases.listing": Action.SEE_DOCUMENTS,
    "cases.prepare": Action.ENTER,
    "cases.open_case": Action.ENTER,
    "cases.show": Action.SEE_DOCUMENTS,
    "cases.text": Action.SEE_DOCUMENTS,
    "cases.packed": Action.SEE_DOCUMENTS,
    "cases.answer": Action.ENTER,
    "cases.take": Action.ENTER,
    "cases.close": Action.ENTER,
    "helping.index": SIGNED_IN,
    "helping.show": SIGNED_IN,
    "api.submit": Action.SUBMIT,
    "api.show": Action.SEE_DOCUMENTS,
}
ROLES = [role for role in Role if role is not Role.SERVICE]
REFUSED = {401, 403}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(Path(tmp_path_factory.mktemp("routes")))
    yield made
    made.close()


def calls(site: Site) -> list[tuple[str, str, str]]:
    """Endpoint, method and address of everything that can be asked; ids name nothing that exists."""
    adapter = site.app.url_map.bind("localhost")
    found = []
    for rule in site.app.url_map.iter_rules():
        values = {
            name: {"filename": "intake.css", "token": "none"}.get(name, 999_999) for name in sorted(rule.arguments)
        }
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        found += [(rule.endpoint, method, adapter.build(rule.endpoint, values)) for method in sorted(methods)]
    return found


def ask(client: FlaskClient, method: str, path: str, given: dict[str, str]) -> TestResponse:
    return client.open(path, method=method, data=given if method == "POST" else None)


def test_every_route_has_a_right(site: Site) -> None:
    assert table(site.app) == ASKED
    assert {rule.endpoint for rule in site.app.url_map.iter_rules()} == set(ASKED)


def test_a_route_without_a_right_is_closed(tmp_path: Path) -> None:
    made = Site(tmp_path)
    made.app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = made.client("administrator").get("/forgotten")
    made.close()
    assert answer.status_code == 403
    assert "secret" not in answer.text


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_exactly_what_it_is_allowed(site: Site, role: Role) -> None:
    client = site.client(role.value)
    given = {"csrf_token": token(client)}
    for endpoint, method, path in calls(site):
        if ASKED[endpoint] is PUBLIC:
            continue
        status = ask(client, method, path, given).status_code
        asked = ASKED[endpoint]
        allowed = asked is SIGNED_IN or asked in ALLOWED[role]
        assert (status not in REFUSED) == allowed, (role, method, path, status)
        assert status < 500, (role, method, path, status)


def test_a_visitor_reaches_nothing_but_the_public_pages(site: Site) -> None:
    client = site.visitor()
    given = {"csrf_token": token(client)}
    for endpoint, method, path in calls(site):
        if ASKED[endpoint] is PUBLIC:
            continue
        answer = ask(client, method, path, given)
        if path.startswith("/api/"):
            assert answer.status_code == 401
            assert answer.is_json
        else:
            assert (answer.status_code, (answer.location or "").startswith("/sign-in")) == (302, True), path


def test_nothing_is_changed_without_a_token_of_the_session(site: Site) -> None:
    client = site.client("administrator")
    foreign = token(site.visitor())
    for _endpoint, method, path in calls(site):
        if method != "GET":
            assert ask(client, method, path, {}).status_code == 400, path
            assert ask(client, method, path, {"csrf_token": foreign}).status_code == 400, path


def test_every_answer_carries_the_guarding_headers(site: Site) -> None:
    client = site.client("administrator")
    for _endpoint, method, path in calls(site):
        headers = ask(client, method, path, {}).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_pages_hold_no_inline_script_or_style(site: Site) -> None:
    client = site.client("administrator")
    for _endpoint, method, path in calls(site):
        if method == "GET" and not path.startswith("/static"):
            text = client.get(path).text
            assert "<style" not in text, path
            assert " style=" not in text, path
            assert "<script>" not in text, path
            assert "javascript:" not in text, path
            assert not any(f" on{event}=" in text for event in ("click", "load", "submit", "change", "input")), path


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(tmp_path: Path) -> None:
    made = Site(tmp_path, secure_cookies=True)
    cookie = made.visitor().get("/sign-in", base_url="https://localhost").headers["Set-Cookie"]
    made.close()
    assert all(part in cookie for part in ("HttpOnly", "Secure", "SameSite=Lax"))


def test_behind_a_secure_proxy_browsers_are_told_to_stay_secure(tmp_path: Path) -> None:
    made = Site(tmp_path, secure_cookies=True, behind_proxy=1)
    answer = made.visitor().get("/sign-in", headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "desk.example"})
    made.close()
    assert "max-age=" in answer.headers["Strict-Transport-Security"]

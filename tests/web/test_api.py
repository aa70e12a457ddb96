from __future__ import annotations

import base64
import io

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.site import NUMBER, PASSWORD, Site, post, reading


def basic(login: str, password: str = PASSWORD) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()}


def send(client: FlaskClient, headers: dict[str, str], data: bytes = b"paper") -> TestResponse:
    return client.post("/api/documents", data={"file": (io.BytesIO(data), "a.pdf")}, headers=headers)


def test_a_program_hands_in_a_file_and_asks_what_became_of_it(site: Site) -> None:
    program = site.visitor()
    site.readings[b"paper"] = reading()
    answer = send(program, basic("clerk"))
    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.json["receipt"] == "20261124-000001"
    place = answer.headers["Location"]
    waiting = program.get(place, headers=basic("clerk")).json
    assert waiting is not None
    assert (waiting["state"], waiting["done"], waiting["invoices"]) == ("queued", False, [])
    site.work()
    done = program.get(place, headers=basic("clerk"))
    assert done.json is not None
    assert done.json["done"]
    assert done.json["invoices"][0]["number"] == NUMBER
    assert done.json["invoices"][0]["total"] == "106.00"
    again = program.get(place, headers={**basic("clerk"), "If-None-Match": done.headers["ETag"]})
    assert again.status_code == 304


def test_a_retry_with_the_same_key_is_the_same_document(site: Site) -> None:
    program = site.visitor()
    headers = {**basic("clerk"), "Idempotency-Key": "k1"}
    first, second = send(program, headers), send(program, headers)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json is not None
    assert second.json is not None
    assert first.json["id"] == second.json["id"]
    assert second.json["repeated"]


def test_errors_are_json_with_code_and_sentence(site: Site) -> None:
    program = site.visitor()
    refused = program.get("/api/documents/1")
    assert refused.json == {"error": "sign_in_needed", "message": "请先登录。登录可能已经过期。"}
    assert (refused.status_code, "WWW-Authenticate" in refused.headers) == (401, False)
    assert program.get("/api/documents/1", headers=basic("clerk", "wrong")).status_code == 401
    assert program.get("/api/documents/1", headers=basic("clerk")).status_code == 404
    assert send(program, basic("auditor")).status_code == 403
    assert program.post("/api/documents", headers=basic("clerk")).json == {
        "error": "empty",
        "message": "文件是空的。请重新扫描或导出。",
    }


def test_the_header_opens_the_json_interface_only(site: Site) -> None:
    assert site.visitor().get("/documents", headers=basic("clerk")).status_code == 302


def test_a_browser_session_needs_its_token_here_too(site: Site) -> None:
    client = site.client("clerk")
    assert send(client, {}).status_code == 400
    assert post(client, "/api/documents", {"file": (io.BytesIO(b"paper"), "a.pdf")}).status_code == 201


def test_guessing_passwords_by_header_is_stopped_too(site: Site) -> None:
    program = site.visitor()
    for _ in range(10):
        assert program.get("/api/documents/1", headers=basic("clerk", "wrong")).status_code == 401
    assert program.get("/api/documents/1", headers=basic("clerk")).status_code == 429


def test_the_service_says_that_it_is_well(site: Site) -> None:
    assert site.visitor().get("/health").json == {"status": "ok"}

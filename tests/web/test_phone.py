from __future__ import annotations

import re

import pytest

from tests.web.site import Site, reading


def test_the_page_of_the_phone_is_the_same_for_everybody(site: Site) -> None:
    stranger = site.visitor().get("/phone/")
    site.paper()
    for login in ("clerk", "administrator"):
        page = site.client(login).get("/phone/")
        assert page.text == stranger.text
        assert login not in page.text
    assert 'name="csrf-token" content=""' in stranger.text


def test_who_is_signed_in_is_told_only_to_who_may_hand_in(site: Site) -> None:
    asked = {"X-Intake-Upload": "1"}
    said = site.client("clerk").get("/phone/me", headers=asked)
    assert said.json is not None
    assert said.json["login"] == "clerk"
    assert said.headers["Cache-Control"] == "no-store"
    assert site.visitor().get("/phone/me", headers=asked).status_code == 401
    assert site.client("auditor").get("/phone/me", headers=asked).status_code == 403


def test_the_worker_keeps_the_shell_and_nothing_else(site: Site) -> None:
    client = site.visitor()
    worker = client.get("/phone/sw.js")
    assert worker.mimetype == "text/javascript"
    assert "Service-Worker-Allowed" not in worker.headers  # its scope stays /phone/
    found = re.search(r"new Set\((\[.*?\])\)", worker.text)
    assert found
    kept = re.findall(r'"([^"]+)"', found[1])
    assert all(address.startswith("/static/") and "?v=" in address for address in kept)
    assert all(client.get(address).status_code == 200 for address in kept)
    page = client.get("/phone/").text.replace("&amp;", "&")
    asked = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert set(asked) <= set(kept)


@pytest.mark.parametrize(("language", "name"), [("zh", "zh-CN"), ("en", "en")])
def test_the_page_can_be_installed(site: Site, language: str, name: str) -> None:
    client = site.visitor()
    with client.session_transaction() as session:
        session["language"] = language
    said = client.get("/phone/manifest.webmanifest")
    assert said.mimetype == "application/manifest+json"
    about = said.get_json(force=True)
    assert (about["lang"], about["start_url"], about["display"]) == (name, "/phone/", "standalone")
    assert {(icon["sizes"], icon["purpose"]) for icon in about["icons"]} >= {
        ("192x192", "any"),
        ("512x512", "maskable"),
    }
    for icon in about["icons"]:
        picture = client.get(icon["src"]).data
        assert picture.startswith(b"\x89PNG")
        assert int.from_bytes(picture[16:20], "big") == int(icon["sizes"].split("x")[0])


def test_everybody_sees_the_own_papers_with_their_state(site: Site) -> None:
    clerk, colleague = site.client("clerk"), site.client("colleague")
    site.readings[b"mine"] = reading()
    site.hand_in(clerk, b"mine", "mine.pdf")
    site.hand_in(colleague, b"theirs", "theirs.pdf")
    site.work()
    page = clerk.get("/mine").text
    assert "mine.pdf" in page
    assert "待补录" in page
    assert "theirs.pdf" not in page
    cards = colleague.get("/mine", headers={"X-Intake-Upload": "1"}).text
    assert cards.count("<article") == 1
    assert "<html" not in cards

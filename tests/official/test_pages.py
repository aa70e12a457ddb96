"""Official verification and cases on their pages."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from intake import accounts, views, wiring
from ocr.types import FieldName
from tests.web.site import NUMBER, VALUES, Site, post

F = FieldName


@pytest.fixture
def guarded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The pages with the real sandbox. Nobody signs in by password here: its hash need not be slow."""
    monkeypatch.setattr(accounts, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    made = Site(tmp_path)
    yield made
    made.close()


@pytest.fixture
def site(guarded: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The pages with a reader that draws whatever it is given."""
    monkeypatch.setattr(wiring.Intake, "reader", lambda _: guarded.reader)
    return guarded


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, "PNG")
    return out.getvalue()


def invoice_of(site: Site, document: int) -> int:
    (found,) = views.show_document(site.intake.engine, document).invoices
    return found.id


def answer(
    client: FlaskClient, invoice: int, outcome: str = "consistent", picture: bytes | None = None, **changed: str
) -> TestResponse:
    """Send the form as the page does."""
    given: Mapping[str, object] = {
        "outcome": outcome,
        "asked.number": NUMBER,
        "asked.date": "20260724",
        "asked.total": "106.00",
        "shown.seller_name": VALUES[F.SELLER_NAME],
        "shown.buyer_name": VALUES[F.BUYER_NAME],
        "shown.total": "106.00",
        "times": "3",
        **({} if picture is None else {"screenshot": (io.BytesIO(picture), "page.png")}),
        **{name.replace("__", "."): value for name, value in changed.items()},
    }
    return post(client, f"/official/{invoice}", given, content_type="multipart/form-data")


def test_the_page_names_the_site_the_values_and_what_is_left_today(site: Site) -> None:
    client = site.client("clerk")
    page = client.get(f"/official/{invoice_of(site, site.paper())}").text
    assert 'href="https://inv-veri.chinatax.gov.cn/" target="_blank" rel="noopener noreferrer"' in page
    values = re.findall(r'name="asked\.(\w+)" value="([^"]*)"', page)
    assert values == [("number", NUMBER), ("date", "20260724"), ("total", "106.00")]
    assert "今天还可查 4 次" in page
    assert "今天还可查 5 次" in site.client("supervisor").get(f"/official/{invoice_of(site, site.paper())}").text


def test_what_a_clerk_has_typed_goes_before_what_was_read(site: Site) -> None:
    client, document = site.client("clerk"), site.paper()
    invoice = invoice_of(site, document)
    (found,) = views.show_document(site.intake.engine, document).invoices
    assert found.task is not None
    client.get(f"/review/{found.task.id}")
    post(client, f"/review/{found.task.id}/draft", {"kind": "dig_normal", "value.number": NUMBER[:-1] + "9"})
    assert f'value="{NUMBER[:-1]}9"' in client.get(f"/official/{invoice}").text


def test_an_agreeing_answer_leads_back_to_the_paper_whose_card_shows_it(guarded: Site) -> None:
    client, document = guarded.client("clerk"), guarded.paper()
    invoice = invoice_of(guarded, document)
    sent = answer(client, invoice, picture=png())
    assert sent.status_code == 302, sent.text
    assert sent.location.endswith(f"/documents/of-invoice/{invoice}")
    card = client.get(f"/documents/{document}").text
    assert 'data-step="verification" data-state="done"' in card
    page = client.get(f"/official/{invoice}").text
    assert "第 3 次查验" in page
    (picture,) = set(re.findall(r"/official/answers/\d+\.jpg", page))
    shown = client.get(picture)
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert shown.data.startswith(b"\xff\xd8\xff")
    assert shown.data != png()


def test_a_disagreeing_answer_is_shown_field_by_field(site: Site) -> None:
    client, invoice = site.client("clerk"), invoice_of(site, site.paper())
    sent = answer(client, invoice, picture=png(), shown__total="1060.00")
    assert sent.location.endswith(f"/official/{invoice}#answers")
    page = client.get(f"/official/{invoice}").text
    assert 'class="tag different"' in page
    assert "1,060.00" in page


LACKING = (
    ("", None, "查验结果"),
    ("upstream_error", None, "查验结果"),
    ("consistent", None, "截图"),
    ("void", b"", "截图"),
)


def test_what_is_missing_is_named_and_what_was_typed_stays(site: Site) -> None:
    client, invoice = site.client("clerk"), invoice_of(site, site.paper())
    for outcome, picture, lacks in LACKING:
        sent = answer(client, invoice, outcome, picture, note="看过两次")
        assert sent.status_code == 422, outcome
        assert lacks in sent.text
        assert 'value="看过两次"' in sent.text


def test_a_hostile_picture_is_refused_by_content_and_nothing_is_kept(guarded: Site) -> None:
    client, invoice = guarded.client("clerk"), invoice_of(guarded, guarded.paper())
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    for data in (svg, b"MZ" * 100, png()[:40], b"PK\x03\x04" + b"\0" * 60):
        sent = answer(client, invoice, picture=data)
        assert sent.status_code == 422, data
        assert "截图没有保存" in sent.text
    assert "还没有查验过" in client.get(f"/official/{invoice}").text


def test_when_the_budget_is_spent_the_page_says_so(site: Site) -> None:
    client, invoice = site.client("clerk"), invoice_of(site, site.paper())
    for _ in range(4):
        assert answer(client, invoice, "not_found").status_code == 302
    assert answer(client, invoice, "not_found").status_code == 409
    page = client.get(f"/official/{invoice}").text
    assert "次数已用完" in page
    assert "disabled" in page


def test_what_is_due_is_on_the_first_page_and_in_the_list(site: Site) -> None:
    client, invoice = site.client("clerk"), invoice_of(site, site.paper({**VALUES, F.DATE: "2026-11-24"}))
    answer(client, invoice, "not_found", asked__date="20261124")
    assert "到期" not in client.get("/").text
    site.clock.forward(23 * 3600)
    client = site.client("clerk")
    assert "1 项查验或联系到期" in client.get("/").text
    listed = client.get("/official").text
    assert "上次查无此票，请再查" in listed
    assert f"/official/{invoice}" in listed


def test_without_an_interface_the_page_offers_none(site: Site) -> None:
    client, invoice = site.client("clerk"), invoice_of(site, site.paper())
    assert "用接口查验" not in client.get(f"/official/{invoice}").text
    assert post(client, f"/official/{invoice}/ask").status_code == 409


def test_a_second_person_confirms_on_the_page(site: Site) -> None:
    large = {**VALUES, F.NET: "20000.00", F.TAX: "1200.00", F.TOTAL: "21200.00"}
    invoice = invoice_of(site, site.paper(large))
    changed = {"asked__total": "21200.00", "shown__total": "21200.00"}
    answer(site.client("verifier"), invoice, picture=png(), **changed)
    assert "我看过截图，确认" not in site.client("verifier").get(f"/official/{invoice}").text
    other = site.client("supervisor")
    page = other.get(f"/official/{invoice}").text
    (path,) = set(re.findall(r"/official/answers/\d+/confirm", page))
    assert post(site.client("verifier"), path).status_code == 403
    assert post(other, path).status_code == 302
    assert "supervisor 已确认" in other.get(f"/official/{invoice}").text


# --- the card and cases --------------------------------------------------------------------------------


def test_the_card_walks_the_five_steps(site: Site) -> None:
    page = site.client("clerk").get(f"/documents/{site.paper()}").text
    assert re.findall(r'data-step="(\w+)"', page) == ["status", "support", "import", "entry", "verification"]
    assert page.count("<style") == 0


def test_who_only_looks_gets_no_buttons(site: Site) -> None:
    page = site.client("auditor").get(f"/documents/{site.paper()}").text
    card = page[page.index('class="sheet cause"') :]
    card = card[: card.index("</section>")]
    assert "/review/" not in card
    assert "/official/" not in card
    assert "/cases/about/" not in card


def test_a_case_is_prepared_masked_kept_answered_and_packed(site: Site) -> None:
    values = {**VALUES, F.BUYER_NAME: "王小明（个人）", F.TRAVELLER: "11010519491231002X 王小明"}
    client, document = site.client("clerk"), site.paper(values)
    invoice = invoice_of(site, document)
    page = client.get(f"/cases/about/{invoice}?to=seller").text
    body = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert body is not None
    assert NUMBER in body[1]
    assert "王小明" not in page[page.index("<textarea") :]
    sent = post(client, f"/cases/about/{invoice}", {"to": "seller", "body": body[1]})
    assert sent.status_code == 302, sent.text
    case = sent.location.rsplit("/", 1)[1]
    again = post(client, f"/cases/about/{invoice}", {"to": "seller", "body": body[1]})
    assert again.location == sent.location
    assert NUMBER in client.get(f"/cases/{case}/letter.txt").text
    with zipfile.ZipFile(io.BytesIO(client.get(f"/cases/{case}/bundle.zip").data)) as archive:
        assert "说明.txt" in archive.namelist()
    assert 'data-step="support" data-state="waiting"' in client.get(f"/documents/{document}").text
    assert post(client, f"/cases/{case}/answer", {"answer": ""}).status_code == 422
    assert post(client, f"/cases/{case}/answer", {"answer": "已重开"}).status_code == 302
    assert 'data-step="support" data-state="done"' in client.get(f"/documents/{document}").text
    assert "已重开" in site.client("auditor").get(f"/cases/{case}").text
    assert case in client.get("/cases?state=answered").text
    assert post(site.client("colleague"), f"/cases/{case}/take").status_code == 302
    assert post(client, f"/cases/{case}/close").status_code == 302
    assert post(client, f"/cases/{case}/close").status_code == 409


def test_a_case_needs_an_addressee_and_a_text(site: Site) -> None:
    client, invoice = site.client("clerk"), invoice_of(site, site.paper())
    assert post(client, f"/cases/about/{invoice}", {"to": "nobody", "body": "x"}).status_code == 422
    assert post(client, f"/cases/about/{invoice}", {"to": "seller", "body": " "}).status_code == 422


def test_the_audit_log_tells_it_in_words(site: Site) -> None:
    client, document = site.client("clerk"), site.paper()
    answer(client, invoice_of(site, document), "not_found")
    page = client.get(f"/documents/{document}").text
    assert "官方查验：查无此票" in page
    assert json.dumps("not_found") not in page

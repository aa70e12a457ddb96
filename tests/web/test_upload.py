from __future__ import annotations

import io
from dataclasses import replace

import pytest

from intake import views
from intake.model import Channel, DocumentState
from ocr.types import Box, Problem
from tests.web.site import Site, post, reading


def test_a_file_gets_a_receipt_and_then_its_result(site: Site) -> None:
    client = site.client("clerk")
    site.readings[b"paper"] = reading()
    number = site.hand_in(client, b"paper", "发票.pdf")
    waiting = client.get(f"/cards?of={number}")
    assert "发票.pdf" in waiting.text
    assert "20261124-000001" in waiting.text
    assert 'data-state="queued"' in waiting.text
    site.work()
    done = client.get(f"/cards?of={number}")
    assert "待补录" in done.text


def test_only_cards_that_changed_are_sent_again(site: Site) -> None:
    client = site.client("clerk")
    first, second = site.hand_in(client, b"paper"), site.hand_in(client, b"")
    asked = f"/cards?of={first}.queued&of={second}.rejected&of=999.queued&of=x"
    assert client.get(asked).text.strip() == ""
    site.work()
    assert client.get(asked).text.count("<article") == 1
    assert f'data-document="{first}"' in client.get(asked).text


def test_many_files_of_a_plain_form_are_all_received(site: Site) -> None:
    client = site.client("clerk")
    files = [(io.BytesIO(b"paper %d" % number), f"{number}.pdf") for number in range(5)]
    answer = post(client, "/upload", {"file": files})
    assert answer.location == "/"
    page = client.get("/").text
    assert all(f"{number}.pdf" in page for number in range(5))


def test_a_repeated_upload_is_one_document(site: Site) -> None:
    client = site.client("clerk")
    assert site.hand_in(client, b"paper", token="t1") == site.hand_in(client, b"paper", token="t1")
    assert sum(views.count_states(site.intake.engine).values()) == 1


def test_nobody_gets_the_receipt_of_another_by_a_repeated_token(site: Site) -> None:
    mine = site.hand_in(site.client("clerk"), b"paper", token="t1")
    assert site.hand_in(site.client("colleague"), b"paper", token="t1") != mine


def test_an_empty_file_is_kept_and_rejected_with_its_remedy(site: Site) -> None:
    client = site.client("clerk")
    number = site.hand_in(client, b"", "empty.pdf")
    card = client.get(f"/cards?of={number}").text
    assert "文件是空的" in card
    assert "请重新扫描或导出" in card


def test_a_form_without_a_file_says_so(site: Site) -> None:
    assert post(site.client("clerk"), "/upload", {}).status_code == 400


def test_a_file_beyond_the_limit_is_refused_at_the_door(tmp_path_factory: pytest.TempPathFactory) -> None:
    site = Site(tmp_path_factory.mktemp("small"), max_upload=1000)
    client = site.client("clerk")
    answer = post(client, "/upload", {"file": (io.BytesIO(b"x" * 1001), "a.pdf")}, headers={"X-Intake-Upload": "1"})
    assert answer.status_code == 413
    assert "超过大小上限" in answer.text
    huge = client.post("/upload", data=b"x" * 1_200_000, content_type="multipart/form-data; boundary=x")
    assert huge.status_code == 413
    assert sum(views.count_states(site.intake.engine).values()) == 0
    site.close()


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..\\..\\windows\\system32\\a.pdf",
        "<img src=x onerror=alert(1)>.pdf",
        "%22; rm -rf %2F.pdf",  # as browsers write a quotation mark
        "a%0D%0ASet-Cookie: x=1.pdf",
        "\u202efdp.exe",
        "发票" * 200 + ".pdf",
        "{{ config }}.pdf",
        ".",
    ],
)
def test_hostile_names_are_only_shown(site: Site, name: str) -> None:
    client = site.client("clerk")
    number = site.hand_in(client, b"paper", name)
    for path in (f"/cards?of={number}", f"/documents/{number}", "/documents", "/"):
        text = client.get(path).text
        assert "<img src=x" not in text
        assert "SECRET_KEY" not in text
        assert "../" not in text
    download = client.get(f"/documents/{number}/original")
    assert download.status_code == 200
    assert download.data == b"paper"
    assert download.headers["Content-Disposition"].startswith("attachment")
    assert "\nSet-Cookie: x" not in str(download.headers)


def test_a_picture_from_a_phone_is_noted_as_such(site: Site) -> None:
    number = site.hand_in(site.client("clerk"), b"photo", "IMG.jpg", channel="phone")
    assert views.document_row(site.intake.engine, number).channel is Channel.PHONE


def test_the_first_page_counts_and_names_what_waits(site: Site) -> None:
    empty = site.client("clerk").get("/").text
    assert "还没有交过票据" in empty
    site.paper()
    page = site.client("clerk").get("/").text
    assert "1 张等待录入" in page
    assert views.count_states(site.intake.engine)[DocumentState.NEEDS_REVIEW] == 1


BLURRED = replace(reading(), problems=(Problem("blurred", "0.2", 0), Problem("glare", "", 0, Box(0.2, 0.3, 0.5, 0.6))))


def test_a_poor_picture_is_marked_and_may_be_taken_again(site: Site) -> None:
    client = site.client("clerk")
    site.readings[b"poor"], site.readings[b"good"] = BLURRED, reading()
    first = site.hand_in(client, b"poor", "a.jpg")
    site.work()
    card = client.get(f"/cards?of={first}.queued").text
    assert "图像模糊" in card
    assert "有反光" in card
    assert 'rect x="200.0" y="300.0"' in card
    assert f'data-retake="{first}"' in card
    form = {"file": (io.BytesIO(b"good"), "b.jpg"), "replaces": str(first)}
    answer = post(client, "/upload", form, headers={"X-Intake-Upload": "1"})
    assert answer.status_code == 201
    assert answer.text.count("<article") == 2
    assert "已由另一张图像代替" in answer.text
    assert f'href="/documents/{first}"' in answer.text
    site.work()
    assert "图像模糊" not in client.get(f"/documents/{first}").text


def test_only_who_may_hand_papers_in_is_offered_another_picture(site: Site) -> None:
    client = site.client("clerk")
    site.readings[b"poor"] = replace(BLURRED, receipts=())
    number = site.hand_in(client, b"poor", "a.jpg")
    site.work()
    assert "data-retake" in client.get(f"/documents/{number}").text
    assert "data-retake" not in site.client("auditor").get(f"/documents/{number}").text


@pytest.mark.parametrize("other", ["999", "x", "9" * 40])
def test_a_picture_of_nothing_cannot_be_replaced(site: Site, other: str) -> None:
    form = {"file": (io.BytesIO(b"good"), "b.jpg"), "replaces": other}
    assert post(site.client("clerk"), "/upload", form).status_code == 404
    assert sum(views.count_states(site.intake.engine).values()) == 0

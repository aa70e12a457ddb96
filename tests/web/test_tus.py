from __future__ import annotations

import base64
import hashlib
import io
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from intake import views
from intake.model import DocumentState
from tests.web.site import Site, post, reading, token

DATA = b"%PDF-1.7 " + b"a long paper " * 200
V = {"Tus-Resumable": "1.0.0"}


def metadata(**said: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items())


def begin(client: FlaskClient, size: int = len(DATA), version: str = "1.0.0", **said: str) -> TestResponse:
    headers = {"X-CSRFToken": token(client), "Upload-Length": str(size), "Tus-Resumable": version}
    return client.post("/uploads", headers={**headers, "Upload-Metadata": metadata(**{"filename": "发票.pdf", **said})})


def patch(client: FlaskClient, place: str, offset: int | str, data: bytes, **more: str) -> TestResponse:
    headers = {"X-CSRFToken": token(client), "Upload-Offset": str(offset), **V, **more}
    return client.patch(place, data=data, headers=headers, content_type="application/offset+octet-stream")


def total(site: Site) -> int:
    return sum(views.count_states(site.intake.engine).values())


def test_a_file_in_pieces_gets_its_receipt_only_when_it_is_whole(site: Site) -> None:
    client = site.client("clerk")
    made = begin(client, channel="phone")
    assert (made.status_code, made.headers["Upload-Offset"], made.headers["Tus-Resumable"]) == (201, "0", "1.0.0")
    place = made.headers["Location"]
    part = patch(client, place, 0, DATA[:1000])
    assert (part.status_code, part.headers["Upload-Offset"]) == (204, "1000")
    assert "Intake-Document" not in part.headers
    assert total(site) == 0
    asked = client.head(place, headers=V)
    assert (asked.headers["Upload-Offset"], asked.headers["Upload-Length"]) == ("1000", str(len(DATA)))
    assert asked.headers["Cache-Control"] == "no-store"
    done = patch(client, place, 1000, DATA[1000:])
    number = int(done.headers["Intake-Document"])
    card = client.get(f"/cards?of={number}.sent").text
    assert "发票.pdf" in card
    assert "20261124-000001" in card
    assert client.get(f"/documents/{number}/original").data == DATA


def test_the_server_says_what_it_speaks(site: Site) -> None:
    said = site.client("clerk").options("/uploads").headers
    assert said["Tus-Version"] == "1.0.0"
    assert said["Tus-Extension"] == "creation,termination,expiration,checksum"
    assert said["Tus-Max-Size"] == str(site.intake.settings.max_upload)
    assert begin(site.client("clerk"), version="0.2.2").status_code == 412


@pytest.mark.parametrize("times", [2, 3])
def test_a_double_click_a_retry_and_going_back_make_one_document(site: Site, times: int) -> None:
    client = site.client("clerk")
    numbers = set()
    for _ in range(times):
        made = begin(client, token="the same")
        here = int(made.headers["Upload-Offset"])
        numbers.add(patch(client, made.headers["Location"], here, DATA[here:]).headers["Intake-Document"])
        assert client.delete(made.headers["Location"], headers={"X-CSRFToken": token(client), **V}).status_code == 204
    assert len(numbers) == 1
    assert total(site) == 1


def test_a_form_sent_again_by_the_back_button_makes_one_document(site: Site) -> None:
    client = site.client("clerk")
    found = re.search(r'name="token" value="([^"]+)"', client.get("/").text)
    assert found
    for _ in range(2):
        files = [(io.BytesIO(b"one"), "1.pdf"), (io.BytesIO(b"two"), "2.pdf")]
        assert post(client, "/upload", {"file": files, "token": found[1]}).status_code == 302
    assert total(site) == 2


def test_nobody_reaches_anothers_upload(site: Site) -> None:
    place = begin(site.client("clerk")).headers["Location"]
    other = site.client("administrator")
    headers = {"X-CSRFToken": token(other), **V}
    assert other.head(place, headers=V).status_code == 404
    assert patch(other, place, 0, DATA).status_code == 404
    assert other.delete(place, headers=headers).status_code == 404
    assert site.client("clerk").head(place, headers=V).headers["Upload-Offset"] == "0"


@pytest.mark.parametrize(
    ("offset", "data", "more", "status"),
    [
        (1, b"x", {}, 409),
        ("-1", b"x", {}, 400),
        ("1e3", b"x", {}, 400),
        ("9" * 30, b"x", {}, 400),
        (0, DATA + b"x", {}, 413),
        (0, DATA, {"Upload-Checksum": "sha1 " + base64.b64encode(b"wrong").decode()}, 460),
        (0, DATA, {"Upload-Checksum": "md5 AAAA"}, 400),
        (0, DATA, {"Upload-Checksum": "sha256 !"}, 400),
        (0, DATA, {"Tus-Resumable": "9"}, 412),
    ],
)
def test_a_piece_that_lies_is_refused(
    site: Site, offset: int | str, data: bytes, more: dict[str, str], status: int
) -> None:
    client = site.client("clerk")
    place = begin(client).headers["Location"]
    assert patch(client, place, offset, data, **more).status_code == status
    assert client.head(place, headers=V).headers["Upload-Offset"] == "0"
    right = "sha256 " + base64.b64encode(hashlib.sha256(DATA).digest()).decode()
    assert "Intake-Document" in patch(client, place, 0, DATA, **{"Upload-Checksum": right}).headers


def test_a_piece_is_only_taken_as_such(site: Site) -> None:
    client = site.client("clerk")
    place = begin(client).headers["Location"]
    headers = {"X-CSRFToken": token(client), "Upload-Offset": "0", **V}
    assert client.patch(place, data=DATA, headers=headers, content_type="text/plain").status_code == 415


def test_a_file_beyond_the_limit_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    site = Site(tmp_path, max_upload=1000)
    answer = begin(site.client("clerk"), 1001)
    site.close()
    assert answer.status_code == 413


@pytest.mark.parametrize("said", ["filename notbase64!", "filename /w==", "filename"])
def test_names_that_are_no_text_are_refused_or_unnamed(site: Site, said: str) -> None:
    client = site.client("clerk")
    headers = {"X-CSRFToken": token(client), "Upload-Length": "3", "Upload-Metadata": said, **V}
    assert client.post("/uploads", headers=headers).status_code == (201 if said == "filename" else 400)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\a.pdf", "/etc/passwd", "a\r\nSet-Cookie: x.pdf", "<img src=x>"]
)
def test_a_path_in_a_name_leads_nowhere(site: Site, name: str) -> None:
    client = site.client("clerk")
    made = begin(client, filename=name)
    number = int(patch(client, made.headers["Location"], 0, DATA).headers["Intake-Document"])
    row = views.document_row(site.intake.engine, number)
    assert "/" not in row.name
    assert "\\" not in row.name
    assert "<img" not in client.get(f"/cards?of={number}.sent").text
    assert {place.name for place in site.intake.settings.data.iterdir()} >= {"files", "uploads"}
    assert list((site.intake.settings.data / "uploads").iterdir()) == []


CORNERS = "0.1,0.1,0.9,0.1,0.9,0.9,0.1,0.9"


def test_an_outlined_paper_is_read_as_outlined_and_kept_whole(site: Site) -> None:
    client = site.client("clerk")
    site.readings[b"cut out of " + DATA] = reading()
    made = begin(client, filename="a.jpg", corners=CORNERS)
    number = int(patch(client, made.headers["Location"], 0, DATA).headers["Intake-Document"])
    site.work()
    assert views.document_row(site.intake.engine, number).state is DocumentState.NEEDS_REVIEW
    assert client.get(f"/documents/{number}/original").data == DATA
    second = site.hand_in(client, b"elsewhere", "b.jpg", corners=CORNERS)
    site.readings[b"elsewhere"] = reading()  # the outline held nothing: the whole picture is read
    site.work()
    assert views.document_row(site.intake.engine, second).state is not DocumentState.REJECTED
    assert len(site.reader.cuts) == 2


@pytest.mark.parametrize("corners", ["1,2", "0,0,0,0,0,0,0,nan", "2,0,1,0,1,1,0,1", "x", "0.1," * 90])
def test_corners_that_are_none_are_refused(site: Site, corners: str) -> None:
    assert begin(site.client("clerk"), corners=corners).status_code == 400

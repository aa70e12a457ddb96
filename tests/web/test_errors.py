from __future__ import annotations

import re

import pytest
from structlog.testing import capture_logs

from intake import errors as intake_errors
from intake import views
from intake.errors import IntakeError
from tests.web.site import Site
from web.errors import STATUS


def every(kind: type[IntakeError]) -> list[type[IntakeError]]:
    return [kind, *(inner for child in kind.__subclasses__() for inner in every(child))]


def test_every_error_of_the_doors_has_its_status() -> None:
    ours = {kind for kind in every(IntakeError) if kind.__module__ == intake_errors.__name__}
    assert ours == set(STATUS)


def test_what_nobody_foresaw_shows_a_reference_and_no_trace(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(views, "recent", break_down)
    with capture_logs() as logs:
        answer = site.client("clerk").get("/")
    assert answer.status_code == 500
    shown = re.search(r"参考号 <span class=\"mono\">([0-9A-F]{8})<", answer.text)
    assert shown
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
    (entry,) = [line for line in logs if line["event"] == "request broke"]
    assert entry["reference"] == shown[1]
    assert isinstance(entry["exc_info"], ZeroDivisionError)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [("/nothing-here", 404, "没有这条记录"), ("/documents/99", 404, "没有这条记录"), ("/upload", 405, "不能这样打开")],
)
def test_known_errors_are_pages_with_a_way_back(site: Site, path: str, status: int, said: str) -> None:
    answer = site.client("clerk").get(path)
    assert answer.status_code == status
    assert said in answer.text
    assert "回到首页" in answer.text


def test_a_part_of_a_page_fails_as_a_part(site: Site) -> None:
    answer = site.client("clerk").get("/documents/99/wait", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert "<html" not in answer.text
    gone = site.visitor().get("/documents/99/wait", headers={"HX-Request": "true"})
    assert (gone.status_code, gone.headers["HX-Redirect"]) == (401, "/sign-in")

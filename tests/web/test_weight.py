"""A first look at a page costs little: its scripts and styles together, compressed, and they are kept afterwards."""

from __future__ import annotations

import re

import pytest

from ocr.types import FieldName
from tests.web.site import Site

MOST = 200 * 1024
ASSET = re.compile(r'(?:src|href)="(/static/[^"]+\.(?:js|css|svg)[^"]*)"')


@pytest.mark.parametrize("path", ["/", "/documents", "/documents/1", "/review/1"])
def test_what_a_first_paint_loads_is_at_most_200_kilobytes(site: Site, path: str) -> None:
    site.paper({FieldName.NUMBER: "26112000000048542163"})
    client = site.client("clerk")
    page = client.get(path)
    assert page.status_code == 200
    assets = sorted(set(ASSET.findall(page.text)))
    assert assets
    loaded = {name: len(client.get(name, headers={"Accept-Encoding": "gzip"}).data) for name in assets}
    assert sum(loaded.values()) <= MOST, loaded


@pytest.mark.parametrize(
    ("accepted", "encoding"), [({"Accept-Encoding": "gzip, br"}, "gzip"), ({}, None), ({"Accept-Encoding": "br"}, None)]
)
def test_scripts_and_styles_are_kept_for_a_year_and_packed_for_who_can_unpack(
    site: Site, accepted: dict[str, str], encoding: str | None
) -> None:
    answer = site.visitor().get("/static/intake.css", headers=accepted)
    assert answer.headers.get("Content-Encoding") == encoding
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert "immutable" in answer.headers["Cache-Control"]
    again = site.visitor().get("/static/intake.css", headers={**accepted, "If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_what_is_not_there_is_not_found(site: Site) -> None:
    assert site.visitor().get("/static/nothing.css", headers={"Accept-Encoding": "gzip"}).status_code == 404

"""The supervisor's pages: every number leads to its papers; an inspection by the keys of its form."""

from __future__ import annotations

import re
from datetime import timedelta

import sqlalchemy as sa

from intake.db import invoices, read, tasks, write
from intake.inspection import close_days
from ocr.types import FieldName as F
from tests.web.site import VALUES, Site, post


def machine_filed(site: Site) -> int:
    """A paper that stands on file since yesterday as if the machine had filed it; its invoice."""
    document = site.paper()
    with write(site.intake.engine) as conn:
        found = conn.execute(sa.select(tasks.c.invoice_id).where(tasks.c.document_id == document)).scalar_one()
        conn.execute(sa.delete(tasks).where(tasks.c.invoice_id == found))
        at = site.clock() - timedelta(days=1)
        values = {"state": "filed", "filed_by": "machine", "filed_at": at}
        conn.execute(sa.update(invoices).where(invoices.c.id == found).values(**values))
    close_days(site.intake.engine, "0.65", site.clock())
    return int(found)


def test_every_number_of_the_view_leads_to_a_page(site: Site) -> None:
    site.paper()
    site.paper({**VALUES, F.NUMBER: "26112000000048542171"}, data=b"second")
    chief = site.client("supervisor")
    page = chief.get("/oversight").text
    links = set(re.findall(r'href="(/oversight/papers[^"]*|/documents\?[^"]*)"', page))
    assert links
    for link in links:
        assert chief.get(link.replace("&amp;", "&")).status_code == 200, link
    assert ">2</b>" in page.replace(" ", "")


def test_an_empty_desk_says_so_in_both_languages(site: Site) -> None:
    chief = site.client("supervisor")
    assert "没有等待人工处理的票据" in chief.get("/oversight").text
    assert "还没有批" in chief.get("/sampling").text


def test_a_supervisor_releases_and_a_clerk_has_no_button(site: Site) -> None:
    document = site.paper()
    with read(site.intake.engine) as conn:
        task = conn.execute(sa.select(tasks.c.id).where(tasks.c.document_id == document)).scalar_one()
    clerk, chief = site.client("clerk"), site.client("supervisor")
    site.intake.desk.claim(site.people["clerk"].actor(), task)
    assert "give-back" not in clerk.get("/oversight").text
    assert f"/oversight/tasks/{task}/give-back" in chief.get("/oversight").text
    assert post(chief, f"/oversight/tasks/{task}/give-back", {}).status_code == 302
    assert f"/oversight/tasks/{task}/give-back" not in chief.get("/oversight").text


def test_an_inspection_says_right_or_in_what_wrong(site: Site) -> None:
    invoice = machine_filed(site)
    verifier = site.client("verifier")
    place = verifier.get("/sampling/next").headers["Location"]
    assert place.endswith(f"/{invoice}")
    assert VALUES[F.TOTAL] in verifier.get(place).text
    assert post(verifier, place, {"result": "wrong"}).status_code == 422
    assert post(verifier, place, {"result": "right", "wrong.total": "1"}).status_code == 422
    assert post(verifier, place, {"result": "wrong", "wrong.total": "1"}).status_code == 302
    page = verifier.get("/sampling").text
    assert "不合格" in page
    assert "价税合计" in verifier.get(re.findall(r'href="(/sampling/\d+)"', page)[0]).text

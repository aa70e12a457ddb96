"""What two people verified is the truth for what the machine had said."""

from __future__ import annotations

from intake.accuracy import Document
from intake.accuracy_run import of_archive
from intake.accuracy_tables import table
from ocr.types import FieldName, Kind
from tests.web.site import CRITICAL, VALUES, Site, form, post

F = FieldName


def verified(site: Site) -> list[Document]:
    return of_archive(site.intake.engine)


def test_a_verified_invoice_judges_the_machines_reading_in_what_two_people_keyed(site: Site) -> None:
    site.paper({**VALUES, F.TOTAL: "108.00", F.SELLER_NAME: "misread"})
    assert verified(site) == []
    post(site.client("clerk"), "/review/1/enter", {**form(VALUES), "kind": Kind.DIG_NORMAL.value})
    assert verified(site) == []
    post(site.client("verifier"), "/review/1/verify", form({name: VALUES[name] for name in CRITICAL}))
    (document,) = verified(site)
    (paper,) = document.papers
    right = {value.field: value.right for value in paper.values}
    assert right == {"number": True, "date": True, "seller_tax_id": True, "total": False}
    assert (document.group, paper.kind, paper.read_as) == ("pdf", "dig_normal", "dig_normal")
    assert "75.00%" in table([document], 0.01)

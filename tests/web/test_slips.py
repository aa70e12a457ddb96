"""What is no invoice: refused by its name, or offered to the invoice that it may belong to; a person decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from intake.model import Cause
from intake.reasons import sentences
from intake.views import show_document
from ocr.types import Extraction, FieldName, Kind, OtherKind
from tests.web.site import NUMBER, VALUES, Site, post, reading
from web.catalog import has

F = FieldName
PAID = {F.TOTAL: "106.00", F.DATE: "2026-07-23"}


def slip(
    values: Mapping[FieldName, str], what: OtherKind | None = OtherKind.POS_SLIP, kind: Kind = Kind.OTHER
) -> Extraction:
    found = reading(values, kind)
    return replace(found, receipts=(replace(found.receipts[0], what=what),))


def hand_in(site: Site, found: Extraction, data: bytes = b"slip") -> int:
    site.readings[data] = found
    document = site.hand_in(site.client("clerk"), data)
    site.work()
    return document


@pytest.mark.parametrize("what", OtherKind)
def test_a_paper_that_is_no_invoice_is_refused_by_its_name(what: OtherKind) -> None:
    assert has(f"other.{what.value}")
    chinese, english = sentences(what.value)
    assert "不是发票" in chinese
    assert "not an invoice" in english


def test_the_page_says_what_the_paper_is(site: Site) -> None:
    document = hand_in(site, slip(PAID))
    client = site.client("clerk")
    assert "这是POS签购单，不是发票。" in client.get(f"/documents/{document}").text
    assert "POS签购单" in client.get("/documents").text
    post(client, "/language", {"language": "en", "next": "/"})
    assert "a card terminal&#39;s slip, not an invoice" in client.get(f"/documents/{document}").text


def test_a_slip_is_offered_to_the_invoice_of_its_amount_and_attached_by_a_person(site: Site) -> None:
    first = site.paper()
    document = hand_in(site, slip(PAID))
    (found,) = show_document(site.intake.engine, document).invoices
    assert found.diagnosis is not None
    assert found.diagnosis.cause is Cause.NOT_AN_INVOICE
    client = site.client("clerk")
    page = client.get(f"/documents/{document}").text
    assert "这是POS签购单，不是发票" in page
    assert "附到这张发票" in page
    assert found.task is not None
    answer = post(client, f"/documents/tasks/{found.task.id}/attach/1")
    assert answer.status_code == 302
    after = show_document(site.intake.engine, document)
    assert after.row.state.value == "attached"
    assert after.invoices[0].invoice.value(F.NUMBER) == NUMBER
    assert [other.id for other in show_document(site.intake.engine, first).invoices[0].others] == [document]


@pytest.mark.parametrize(
    "values",
    [{F.TOTAL: "107.00", F.DATE: "2026-07-23"}, {F.TOTAL: "106.00", F.DATE: "2026-08-20"}, {F.DATE: "2026-07-23"}],
)
def test_a_slip_of_another_amount_or_time_is_refused(site: Site, values: dict[FieldName, str]) -> None:
    site.paper()
    assert show_document(site.intake.engine, hand_in(site, slip(values))).row.state.value == "rejected"


def test_a_slip_that_fits_two_invoices_is_offered_to_both_and_attached_to_none(site: Site) -> None:
    site.paper()
    site.paper({**VALUES, F.NUMBER: "26112000000048549999"}, data=b"other")
    (found,) = show_document(site.intake.engine, hand_in(site, slip(PAID))).invoices
    assert found.diagnosis is not None
    assert [one.code for one in found.diagnosis.evidence] == ["other_is", "kind_is", "may_belong", "may_belong"]


def test_a_slip_without_a_day_is_offered_to_invoices_of_late(site: Site) -> None:
    site.paper()
    (found,) = show_document(site.intake.engine, hand_in(site, slip({F.TOTAL: "106.00"}, None))).invoices
    assert found.diagnosis is not None
    assert found.diagnosis.evidence[-1].link == "invoice:1"


def test_a_ride_list_that_fits_two_invoices_is_offered_to_both(site: Site) -> None:
    site.paper()
    site.paper({**VALUES, F.NUMBER: "26112000000048549999"}, data=b"other")
    document = hand_in(site, slip({F.TOTAL: "106.00"}, None, Kind.RIDE_LIST))
    assert site.client("clerk").get(f"/documents/{document}").text.count(">附到这张发票</button>") == 2


def test_an_invoice_is_attached_to_no_other_and_nothing_to_what_is_not_there(site: Site) -> None:
    site.paper()
    client = site.client("clerk")
    assert post(client, "/documents/tasks/1/attach/1").status_code == 409  # an invoice is no slip
    hand_in(site, slip(PAID))
    assert post(client, "/documents/tasks/2/attach/77").status_code == 404

"""The codes on a paper: the page of a document says what each is, so that none is taken for the invoice's."""

from __future__ import annotations

from dataclasses import replace

from ocr.types import CodeMeaning, CodeSighting, CrcState
from tests.web.site import Site, post, reading

PAYMENT = CodeSighting("wxp://f2f0abc", CodeMeaning.PAYMENT, CrcState.NONE, 0, None, "zxing")


def test_a_payment_code_beside_the_invoice_is_named_in_both_languages(site: Site) -> None:
    found = reading()
    receipt = replace(found.receipts[0], codes=(PAYMENT,))
    site.readings[b"with a payment code"] = replace(found, receipts=(receipt,))
    client = site.client("clerk")
    number = site.hand_in(client, b"with a payment code")
    site.work()
    page = client.get(f"/documents/{number}").text
    assert "这是收付款码，不是发票上的二维码。" in page
    assert "wxp://f2f0abc" in page
    post(client, "/language", {"language": "en", "next": "/"})
    assert "This is a payment code, not the invoice's." in client.get(f"/documents/{number}").text.replace("&#39;", "'")


def test_a_paper_without_a_code_has_no_list_of_codes(site: Site) -> None:
    number = site.paper()
    assert "二维码与条码" not in site.client("clerk").get(f"/documents/{number}").text

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from intake.model import Diagnosis, Level
from ocr.types import Box, Extraction, FieldName, LineItem, Member
from tests.web.site import NUMBER, VALUES, Site, post, reading

F = FieldName


def test_the_page_shows_values_reasons_boxes_checks_and_the_diagnosis(site: Site) -> None:
    number = site.paper()
    page = site.client("clerk").get(f"/documents/{number}").text
    assert NUMBER in page
    assert "北京示例文具有限公司" in page
    assert "只有一处读到" in page
    assert "文字识别" in page
    assert 'data-spot="1-number" x="100.0" y="200.0" width="200.0" height="50.0"' in page
    assert 'data-field="1-number"' in page
    assert "由谁处理" in page
    assert "转人工补录" in page


def test_the_page_speaks_english_after_the_switch(site: Site) -> None:
    number = site.paper()
    client = site.client("clerk")
    post(client, "/language", {"language": "en", "next": "/"})
    page = client.get(f"/documents/{number}").text
    assert "seen once only" in page
    assert "What happened" in page


def test_the_pictures_are_served_and_nothing_else(site: Site) -> None:
    number = site.paper()
    client = site.client("clerk")
    picture = client.get(f"/documents/{number}/pages/0.jpg")
    assert picture.mimetype == "image/jpeg"
    assert picture.data.startswith(b"\xff\xd8")
    assert client.get(f"/documents/{number}/pages/7.jpg").status_code == 404
    assert client.get("/documents/999/pages/0.jpg").status_code == 404


def test_the_original_is_a_download_of_a_harmless_type(site: Site) -> None:
    client = site.client("clerk")
    site.readings[b"<script>alert(1)</script>"] = Extraction(reading().carrier, "text/html", reading().pages)
    number = site.hand_in(client, b"<script>alert(1)</script>", "page.html")
    site.work()
    answer = client.get(f"/documents/{number}/original")
    assert answer.mimetype == "application/octet-stream"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    paper = site.paper(data=b"paper")
    kept = client.get(f"/documents/{paper}/original")
    assert (kept.mimetype, kept.data) == ("application/pdf", b"paper")


def test_a_link_to_an_invoice_leads_to_its_first_file(site: Site) -> None:
    first = site.paper(data=b"first")
    site.paper(data=b"second")
    answer = site.client("clerk").get("/documents/of-invoice/1")
    assert answer.location == f"/documents/{first}?invoice=1#invoice-1"


def test_another_file_of_an_invoice_is_shown_as_such(site: Site) -> None:
    site.paper(data=b"first")
    second = site.paper(data=b"second")
    assert "作为它的另一份保存" in site.client("clerk").get(f"/documents/{second}").text


def test_the_boxes_on_a_further_file_are_where_it_says_them_itself(site: Site) -> None:
    site.paper(data=b"first")
    (receipt,) = reading().receipts
    moved = tuple(replace(value, box=Box(0.5, 0.6, 0.7, 0.65)) for value in receipt.values)
    site.readings[b"second"] = replace(reading(), receipts=(replace(receipt, values=moved),))
    clerk = site.client("clerk")
    second = site.hand_in(clerk, b"second")
    site.work()
    page = clerk.get(f"/documents/{second}").text
    assert 'data-spot="1-number" x="500.0" y="600.0"' in page
    assert 'x="100.0"' not in page


def test_a_rejected_file_says_why_and_can_be_reopened_by_a_supervisor(site: Site) -> None:
    clerk = site.client("clerk")
    number = site.hand_in(clerk, b"not prepared", "a.txt")
    site.work()
    page = clerk.get(f"/documents/{number}").text
    assert "不支持这种文件格式" in page
    assert "改为人工补录" not in page
    chief = site.client("supervisor")
    assert "改为人工补录" in chief.get(f"/documents/{number}").text
    assert post(chief, f"/documents/{number}/reopen").location == f"/documents/{number}"
    assert "曾因“不支持这种文件格式。”退回" in chief.get(f"/documents/{number}").text


def test_an_archive_lists_its_files(site: Site) -> None:
    client = site.client("clerk")
    site.reader.archives = {b"zip": (Member("一.pdf", b"paper"), Member("说明.txt", b"text"))}
    site.readings[b"paper"] = reading()
    number = site.hand_in(client, b"zip", "all.zip")
    site.work()
    page = client.get(f"/documents/{number}").text
    assert "一.pdf" in page
    assert "说明.txt" in page
    inside = client.get(f"/documents?parent={number}").text
    assert "all.zip" not in inside
    assert "说明.txt" in inside


def test_the_page_of_a_waiting_file_loads_anew_when_it_is_done(site: Site) -> None:
    client = site.client("clerk")
    number = site.hand_in(client, b"paper")
    assert "正在识别" in client.get(f"/documents/{number}").text
    assert "HX-Refresh" not in client.get(f"/documents/{number}/wait").headers
    site.work()
    assert client.get(f"/documents/{number}/wait").headers["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"a", "b"}),
        ("q=示例文具", {"a", "b"}),
        ("q=a.pdf", {"a"}),
        ("q=20261124-000002", {"b"}),
        (f"number={NUMBER[:-1]}", {"a"}),
        ("min=1000&max=2000", {"b"}),
        ("min=1,000.00", {"b"}),
        ("from=2026-01-01&to=2026-07-24", {"a"}),
        ("from=2026-07-25", {"b"}),
        ("kind=dig_normal&state=needs_review", {"a", "b"}),
        ("kind=taxi", set()),
        ("state=filed", set()),
        ("received_from=2026-11-25", set()),
        ("received_from=2026-11-24&received_to=2026-11-24", {"a", "b"}),
        ("party=91110108MAEY9WLP8G", {"a", "b"}),
        ("party=%25", set()),
        ("from=nonsense&min=abc&kind=??", {"a", "b"}),
    ],
)
def test_filters_stand_in_the_address_and_all_hold(site: Site, query: str, found: set[str]) -> None:
    client = site.client("clerk")
    other = {**VALUES, F.NUMBER: "26112000000099999990", F.TOTAL: "1060.00", F.DATE: "2026-08-01"}
    for name, values in (("a", VALUES), ("b", other)):
        site.readings[name.encode()] = reading(values)
        site.hand_in(client, name.encode(), f"{name}.pdf")
    site.work()
    page = client.get(f"/documents?{query}").text
    assert {name for name in ("a", "b") if f"{name}.pdf" in page.split("<table")[-1]} == found


def test_an_empty_list_says_what_to_do(site: Site) -> None:
    client = site.client("clerk")
    assert "还没有票据" in client.get("/documents").text
    assert "没有符合条件的票据" in client.get("/documents?q=nothing").text


def test_the_words_of_a_diagnosis_are_never_codes(site: Site) -> None:
    number = site.paper()
    page = site.client("clerk").get(f"/documents/{number}").text
    for code in ("evidence.", "cause.", "finding.", "field.", "next.", "kind."):
        assert f">{code}" not in page
    assert Diagnosis.__name__ not in page
    assert json.dumps(Level.OK) not in page


def test_a_red_letter_leads_to_the_invoice_that_it_reverses(site: Site) -> None:
    red = {**VALUES, F.NUMBER: "26112000000048549999", F.TOTAL: "-106.00", F.NET: "-100.00", F.TAX: "-6.00"}
    red[F.RED_OF] = f"D:{NUMBER}"
    first = site.paper(red, data=b"red")
    client = site.client("clerk")
    assert "打开蓝字发票" not in client.get(f"/documents/{first}").text  # not on file yet
    site.paper(data=b"blue")
    page = client.get(f"/documents/{first}").text
    assert "打开蓝字发票" in page
    assert 'href="/documents/of-invoice/2"' in page


def _handed_in(site: Site, found: Extraction) -> int:
    site.readings[b"several"] = found
    number = site.hand_in(site.client("clerk"), b"several")
    site.work()
    return number


def test_each_of_several_papers_on_a_picture_is_marked_where_it_lies(site: Site) -> None:
    one = reading()
    first, second = (
        replace(one.receipts[0], region=Box(x, 0.1, x + 0.4, 0.9), values=tuple(values))
        for x, values in (
            (0.05, one.receipts[0].values),
            (0.55, (replace(value, value="26312000000000000001") for value in one.receipts[0].values[:1])),
        )
    )
    number = _handed_in(site, replace(one, receipts=(first, second)))
    client = site.client("clerk")
    page = client.get(f"/documents/{number}").text
    assert 'class="spot paper" data-spot="1-paper" x="50.0" y="100.0" width="400.0" height="800.0"' in page
    assert 'class="spot paper" data-spot="2-paper" x="550.0" y="100.0" width="400.0" height="800.0"' in page
    assert 'data-field="2-paper" data-closer' in page


def test_a_line_in_doubt_is_marked_and_the_sum_of_the_lines_is_said(site: Site) -> None:
    good = LineItem("*纸制品*复印纸", "", "包", "2", "25.00", "50.00", "6%", "3.00")
    bad = LineItem("*纸制品*信封", "", "包", "2", "35.00", "50.00", "6%", "3.00")
    one = reading()
    number = _handed_in(site, replace(one, receipts=(replace(one.receipts[0], lines=(good, bad)),)))
    page = site.client("clerk").get(f"/documents/{number}").text
    table = page[page.index('<details class="sheet" open>') :]
    assert table.count('class="doubtful"') == 1
    assert table.index("信封") > table.index('class="doubtful"')

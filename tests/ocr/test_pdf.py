from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ocr.document import Page
from ocr.errors import EncryptedError, NoPagesError, TooManyPagesError, TruncatedError
from ocr.load import load
from ocr.types import Carrier, Kind, Limits, Source
from tests.ocr.papers import (
    INVOICE_TEXTS,
    NUMBER,
    SELLER_ID,
    Pdf,
    PdfPage,
    digital_xml,
    encoded,
    invoice_pdf,
    ofd_parts,
    original_invoice,
    picture,
    told,
    zipped,
)

LIMITS = Limits()


def only_page(data: bytes) -> Page:
    (page,) = load(data, "x", LIMITS).pages
    return page


def texts(page: Page) -> list[str]:
    return [word.text for word in page.words]


def test_the_text_layer_comes_as_words_where_they_stand() -> None:
    page = only_page(invoice_pdf())
    assert texts(page) == ["电子发票（普通发票）", "发票号码：", NUMBER, "开票日期：2025年03月25日"]
    number = page.words[2]
    assert number.source is Source.PDF_TEXT
    assert number.confidence == 1.0
    assert number.box.x0 == pytest.approx(480 / 595, abs=0.002)
    assert number.box.x1 == pytest.approx((480 + 20 * 4.5) / 595, abs=0.01)
    assert number.box.y0 < 1 - 350 / 397 < number.box.y1
    assert page.native
    assert page.dpi == pytest.approx(300)


def test_the_raster_shows_what_the_boxes_say() -> None:
    image = picture(300, 200)
    page = only_page(Pdf([PdfPage(INVOICE_TEXTS, image=image)]).build())
    raster = page.raster()
    assert raster.shape == (page.pixels[1], page.pixels[0], 3)
    assert raster.shape[1] == pytest.approx(595 * 300 / 72, abs=2)
    assert raster[50, 50].max() < 60  # the dark corner is at the upper left
    assert raster[-50, -50].min() > 200


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.usefixtures("chinese_font")
def test_a_rotated_page_is_read_as_it_is_shown(rotate: int) -> None:
    """The writing is turned against the page's rotation, so that a viewer shows it upright."""
    width, height = (595, 397) if rotate in {0, 180} else (397, 595)
    matrix = {
        0: "1 0 0 1 0 0",
        90: f"0 1 -1 0 {width} 0",
        180: f"-1 0 0 -1 {width} {height}",
        270: f"0 -1 1 0 0 {height}",
    }[rotate]
    page = only_page(Pdf([PdfPage(INVOICE_TEXTS, size=(width, height), rotate=rotate, matrix=matrix)]).build())
    assert (round(page.width), round(page.height)) == (595, 397)
    assert texts(page) == ["电子发票（普通发票）", "发票号码：", NUMBER, "开票日期：2025年03月25日"]
    assert page.words[2].box.x0 == pytest.approx(480 / 595, abs=0.003)
    assert page.words[2].box.y1 == pytest.approx(1 - 350 / 397, abs=0.02)


@pytest.mark.parametrize("matrix", ["0 1 -1 0 595 0", "-1 0 0 -1 595 595", "0 -1 1 0 0 595"])
def test_a_page_whose_writing_lies_on_its_side_is_set_upright(matrix: str) -> None:
    page = only_page(Pdf([PdfPage(INVOICE_TEXTS, size=(595, 595), matrix=matrix)]).build())
    assert NUMBER in texts(page)
    place = next(word.box for word in page.words if word.text == NUMBER)
    assert place.x0 == pytest.approx(480 / 595, abs=0.003)
    ink = np.argwhere(page.raster().min(axis=2) < 250)
    if ink.size:  # without a Chinese font the characters are blanks, the digits are not
        assert ink[:, 1].max() > page.pixels[0] * 0.6


def test_the_crop_box_is_the_page() -> None:
    page = only_page(invoice_pdf(crop=(400, 300, 595, 397)))
    assert (round(page.width), round(page.height)) == (195, 97)
    assert "电子发票（普通发票）" not in texts(page)
    number = next(word for word in page.words if word.text == NUMBER)
    assert number.box.x0 == pytest.approx((480 - 400) / 195, abs=0.005)


@pytest.mark.usefixtures("chinese_font")
def test_touching_pieces_are_one_word_whatever_their_order() -> None:
    pieces = [(100 + 10.0 * i, 200.0, 10.0, char) for i, char in enumerate("统一社会信用代码")]
    page = only_page(Pdf([PdfPage([pieces[i] for i in (3, 1, 7, 0, 2, 5, 4, 6)])]).build())
    assert texts(page) == ["统一社会信用代码"]


def test_wide_gaps_separate_and_small_ones_are_blanks() -> None:
    page = only_page(Pdf([PdfPage([(50, 200, 10, "发票 号码"), (150, 200, 10, "12345678")])]).build())
    assert texts(page) == ["发票 号码", "12345678"]


def test_text_drawn_twice_to_look_bold_is_read_once() -> None:
    page = only_page(Pdf([PdfPage([(50, 200, 10, "合计"), (50.3, 200, 10, "合计")])]).build())
    assert texts(page) == ["合计"]


def test_a_layer_without_meaning_is_not_trusted() -> None:
    assert only_page(Pdf([PdfPage([(50, 200, 10, "\ue123\ue456\ue789 发票")])]).build()).words == ()
    assert only_page(Pdf([PdfPage([(50, 200, 10, "ABC 12345678")])]).build()).words == ()


def test_an_invisible_layer_of_a_scan_is_not_trusted() -> None:
    page = only_page(invoice_pdf(mode=3, image=picture(1240, 827)))
    assert page.words == ()
    assert not page.native
    assert page.dpi == pytest.approx(1240 / 595 * 72, rel=0.01)


def test_text_beneath_a_picture_is_not_trusted() -> None:
    page = only_page(invoice_pdf(image=picture(1240, 827), image_last=True))
    assert page.words == ()
    assert not page.native


def test_text_over_a_picture_of_the_form_is_read() -> None:
    page = only_page(invoice_pdf(image=picture(1240, 827)))
    assert NUMBER in texts(page)
    assert page.native


def test_a_stamp_on_a_scan_is_no_text_layer() -> None:
    page = only_page(Pdf([PdfPage([(50, 20, 10, "由扫描全能王扫描")], image=picture(1240, 827))]).build())
    assert page.words == ()
    assert not page.native


def test_a_picture_keeps_its_resolution_but_no_more() -> None:
    small = only_page(Pdf([PdfPage(image=picture(800, 534))]).build())
    assert small.pixels[0] == pytest.approx(800, abs=2)
    large = only_page(Pdf([PdfPage(image=picture(2000, 1334), size=(200, 133.4))]).build())
    assert large.pixels[0] == pytest.approx(2000, abs=3)


def test_one_pixel_a_point_is_no_known_resolution() -> None:
    assert only_page(Pdf([PdfPage(image=picture(595, 397))]).build()).dpi is None


def test_a_huge_page_stays_within_the_pixel_limit() -> None:
    (page,) = load(invoice_pdf(size=(14_000, 14_000)), "x", Limits(raster_pixels=1_000_000)).pages
    assert page.pixels[0] * page.pixels[1] <= 1_000_000
    assert page.raster().shape[:2] == page.pixels[::-1]


def test_pages_come_in_order_and_rasters_in_any() -> None:
    many = Pdf(
        [PdfPage([(50, 200, 20, f"第{i}页 发票")], image=Image.new("RGB", (10, 10), (i * 60,) * 3)) for i in range(4)]
    )
    pages = load(many.build(), "x", LIMITS).pages
    assert [page.index for page in pages] == [0, 1, 2, 3]
    assert [int(pages[i].raster()[5, 5, 0]) for i in (3, 0, 2, 1, 3)] == [180, 0, 120, 60, 180]


def test_an_attached_record_is_read_whatever_its_name() -> None:
    document = load(Pdf([PdfPage()], attached={"0": digital_xml(), "readme.txt": b"hello"}).build(), "x", LIMITS)
    (found,) = document.structured
    assert told(found.values)["number"] == NUMBER
    assert {value.source for value in found.values} == {Source.XML}
    assert found.kind is Kind.DIG_NORMAL
    assert document.problems == ()


def test_a_record_belongs_to_the_page_that_shows_its_number() -> None:
    data = Pdf([PdfPage([(50, 200, 20, "封面 发票")]), PdfPage(INVOICE_TEXTS)], attached={"a": digital_xml()}).build()
    (found,) = load(data, "x", LIMITS).structured
    assert found.page == 1
    assert {value.page for value in found.values} == {1}


def test_an_attached_ofd_is_read() -> None:
    inner = zipped(ofd_parts(attachments={"original_invoice.xml": original_invoice()}))
    (found,) = load(Pdf([PdfPage()], attached={"a.ofd": inner}).build(), "x", LIMITS).structured
    assert told(found.values)["number"] == "00012345"


def test_a_damaged_attachment_is_a_problem_of_the_file_not_its_end() -> None:
    document = load(Pdf([PdfPage()], attached={"a.xml": digital_xml()[:300]}).build(), "x", LIMITS)
    assert document.structured == ()
    assert [problem.code for problem in document.problems] == ["attachment_unreadable"]


def test_the_platforms_entries_in_the_document_information_are_text_not_data() -> None:
    info = {
        "InvoiceNumber": NUMBER,
        "SellerIdNum": SELLER_ID,
        "TotalTax-includedAmount": "106",
        "IssueTime": "2025-03-25",
    }
    (found,) = load(Pdf([PdfPage()], info=info).build(), "x", LIMITS).structured
    assert told(found.values) == {
        "number": NUMBER,
        "seller_tax_id": SELLER_ID,
        "total": "106.00",
        "date": "2025-03-25",
    }
    assert {value.source for value in found.values} == {Source.PDF_TEXT}


def test_without_pages_there_is_nothing_to_read() -> None:
    with pytest.raises(NoPagesError):
        load(Pdf().build(), "x", LIMITS)


def test_too_many_pages_are_refused_without_loading_one() -> None:
    with pytest.raises(TooManyPagesError):
        load(Pdf([PdfPage()] * 10_000).build(), "x", LIMITS)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_part_of_a_pdf_is_truncated(share: float) -> None:
    data = Pdf([PdfPage(INVOICE_TEXTS, image=picture(40, 40))] * 3).build()
    with pytest.raises(TruncatedError):
        load(data[: int(len(data) * share)], "x", LIMITS)


def test_a_password_is_named() -> None:
    plain = invoice_pdf()
    locked = plain.replace(
        b"/Info 6 0 R",
        b"/Info 6 0 R /ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <"
        + b"11" * 32
        + b"> /U <"
        + b"22" * 32
        + b"> >>",
    )
    with pytest.raises(EncryptedError):
        load(locked, "x", LIMITS)


def test_a_picture_named_pdf_and_a_pdf_named_jpg_are_what_they_are() -> None:
    assert load(encoded(picture(), "JPEG"), "a.pdf", LIMITS).carrier is Carrier.IMAGE
    assert load(invoice_pdf(), "a.jpg", LIMITS).carrier is Carrier.PDF

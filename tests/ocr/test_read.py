"""From bytes to sightings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from fixtures import catalogue, damage, papers
from ocr import read as reading
from ocr.errors import UnreadableError
from ocr.read import read
from ocr.sight import Eyes, Picture
from ocr.types import Carrier, Extraction, FieldName, Kind, Limits, Source, Word
from tests.ocr.drawn import symbol, with_symbol
from tests.ocr.kinds.forms import BUYER_ID, DIGITAL, SELLER_ID
from tests.ocr.papers import Pdf, PdfPage, digital_xml, encoded
from tests.ocr.sheets import At

MM = 72 / 25.4
PAYLOAD = "01,31,,24112000000048542163,4449.00,20240528,,B2B6"


def pdf_page(texts: tuple[At, ...], image: Image.Image | None = None) -> PdfPage:
    placed = [(x * MM, (140 - y - 3.2) * MM, 10.0, text) for x, y, text in texts]
    return PdfPage(placed, (210 * MM, 140 * MM), image=image)


def test_a_pdf_with_text_is_read_by_its_text_alone() -> None:
    extraction = read(Pdf([pdf_page(DIGITAL)]).build(), "a.pdf", Limits())
    (receipt,) = extraction.receipts
    assert extraction.carrier is Carrier.PDF
    assert receipt.kind is Kind.DIG_SPECIAL
    assert {value.source for value in receipt.values} == {Source.PDF_TEXT}
    said = {value.name: value.value for value in receipt.values}
    assert said[FieldName.NUMBER] == "24112000000048542163"
    assert said[FieldName.BUYER_TAX_ID] == BUYER_ID
    assert said[FieldName.SELLER_TAX_ID] == SELLER_ID
    assert said[FieldName.TOTAL] == "4449.00"
    steps = [step.name for step in extraction.steps]
    assert steps[:3] == ["load", "text", "codes"]
    assert "ocr" not in steps
    assert extraction.pages[0].text_layer
    assert len(extraction.words) == 1
    assert receipt.lines


def test_two_invoices_in_one_pdf_are_two_receipts() -> None:
    other = tuple((x, y, "25112000000000000017" if text.startswith("2411") else text) for x, y, text in DIGITAL)
    extraction = read(Pdf([pdf_page(DIGITAL), pdf_page(other)]).build(), "a.pdf", Limits())
    assert [receipt.pages for receipt in extraction.receipts] == [(0,), (1,)]


def test_the_name_that_the_platform_gives_is_a_witness() -> None:
    name = "dzfp_24112000000048542163_某某公司_20240528100000.pdf"
    (receipt,) = read(Pdf([pdf_page(DIGITAL)]).build(), name, Limits()).receipts
    assert Source.FILE_NAME in {value.source for value in receipt.values if value.name is FieldName.NUMBER}


def test_a_record_that_states_all_is_not_looked_at() -> None:
    extraction = read(digital_xml(), "a.xml", Limits())
    (receipt,) = extraction.receipts
    assert {value.source for value in receipt.values} == {Source.XML}
    assert not {"text", "codes", "ocr"} & {step.name for step in extraction.steps}
    assert extraction.pages == ()


@pytest.mark.usefixtures("chinese_font")
def test_a_letter_is_no_invoice_and_is_not_recognised_as_a_picture() -> None:
    lines = tuple((20.0, 10.0 + 5 * row, "本次会议讨论了下半年的工作安排与人员分工") for row in range(20))
    extraction = read(Pdf([pdf_page(lines)]).build(), "letter.pdf", Limits())
    assert extraction.receipts == ()
    assert "ocr" not in {step.name for step in extraction.steps}


def test_a_picture_of_a_code_alone_gives_what_the_code_states() -> None:
    page = with_symbol(np.full((700, 1000, 3), 255, np.uint8), symbol(PAYLOAD, 200))
    (receipt,) = read(encoded(Image.fromarray(page), "PNG"), "a.png", Limits()).receipts
    assert receipt.kind is Kind.DIG_SPECIAL
    assert receipt.codes[0].text == PAYLOAD
    assert {value.name for value in receipt.values} == {FieldName.NUMBER, FieldName.TOTAL, FieldName.DATE}


def test_a_blank_picture_gives_nothing() -> None:
    extraction = read(encoded(Image.new("RGB", (800, 600), "white"), "PNG"), "a.png", Limits())
    assert extraction.receipts == ()
    assert extraction.words == ((),)
    assert [page.turn for page in extraction.pages] == [0]


def test_pages_beyond_the_time_are_named_not_read() -> None:
    extraction = read(Pdf([pdf_page(DIGITAL)]).build(), "a.pdf", Limits(seconds=0.0))
    assert [problem.code for problem in extraction.problems] == ["page_skipped"]
    assert extraction.receipts == ()
    assert len(extraction.pages) == len(extraction.words) == 1


def test_without_an_engine_pictures_are_a_problem_and_text_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_eyes", lambda: "nothing is installed")
    blank = read(encoded(Image.new("RGB", (800, 600), "white"), "PNG"), "a.png", Limits())
    assert [problem.code for problem in blank.problems] == ["no_engine"]
    assert read(Pdf([pdf_page(DIGITAL)]).build(), "a.pdf", Limits()).receipts


def test_a_coarse_picture_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        name = "nothing"

        def read(self, image: Picture, known: Sequence[Word] = ()) -> list[Word]:
            assert image.ndim == 3
            return list(known)

    monkeypatch.setattr(reading, "_eyes", lambda: Eyes(Nothing(), lambda _picture: 0, None))
    coarse = encoded(Image.new("RGB", (600, 400), "white"), "PNG", dpi=(75, 75))
    assert "few_dots" in [problem.code for problem in read(coarse, "a.png", Limits()).problems]


def test_bytes_that_are_no_document_are_refused_by_loading() -> None:
    with pytest.raises(UnreadableError):
        read(b"no document at all", "a.txt", Limits())


def scan(*names: str) -> bytes:
    """Forms below each other on an A4 sheet, as a clean scan of 120 dpi."""
    truth, chance = papers.load(), np.random.default_rng(3)
    page = catalogue.on_a4([catalogue.picture(truth.paper(name), 120, chance) for name in names], 120)
    return damage.encode(page, "jpg", dpi=120)


def test_a_scan_whose_code_is_enough_is_not_read() -> None:
    asked: list[Extraction] = []

    def enough(glance: Extraction) -> bool:
        asked.append(glance)
        return True

    found = read(scan("dig-normal-meal"), "a.jpg", Limits(), enough)
    (glance,) = asked
    assert found.receipts == glance.receipts
    assert found.receipts[0].kind is Kind.DIG_NORMAL
    assert {value.source for value in found.receipts[0].values} == {Source.QR}
    steps = {step.name for step in found.steps}
    assert {"codes", "alone", "ask"} <= steps
    assert "ocr" not in steps


def test_a_code_that_is_not_enough_has_the_page_read() -> None:
    found = read(scan("dig-normal-meal"), "a.jpg", Limits(), lambda _glance: False)
    assert Source.OCR in {value.source for value in found.receipts[0].values}
    assert "ocr" in {step.name for step in found.steps}


def test_of_two_forms_on_a_sheet_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_eyes", lambda: "no engine is wanted here")

    def never(_glance: Extraction) -> bool:
        raise AssertionError

    assert len(read(scan("dig-normal-meal", "e-normal-meal"), "a.jpg", Limits(), never).receipts) == 2


def test_what_each_step_costs_is_told() -> None:
    steps = read(Pdf([pdf_page(DIGITAL)]).build(), "a.pdf", Limits()).steps
    assert all(step.seconds >= 0 and step.cpu >= 0 for step in steps)
    assert sum(step.cpu for step in steps) > 0

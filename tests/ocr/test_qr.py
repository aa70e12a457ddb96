"""The codes of a page: read in spite of paper and camera, told apart, placed, and never for long."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr import qr, retouch, symbols
from ocr.turn import upright
from ocr.types import CodeMeaning, CrcState
from tests.ocr import drawn

SIDE = 150  # a symbol of 20 mm at about 190 dpi


def page_with(text: str, *, dots: bool = False, side: int = SIDE) -> drawn.Picture:
    return drawn.with_symbol(drawn.busy_page(), drawn.symbol(text, side, dots=dots))


@pytest.mark.parametrize("digital", [True, False])
def test_a_clean_page_is_read_by_the_first_pass(digital: bool) -> None:
    text = drawn.invoice_text(digital=digital)
    (code,) = qr.decode(page_with(text), page=3)
    assert code.text == text
    assert code.meaning is CodeMeaning.INVOICE
    assert code.crc is CrcState.OK
    assert code.page == 3
    assert code.decoder == "zxing"


@pytest.mark.parametrize("damage", [drawn.soft, drawn.moved, drawn.noisy, drawn.small, drawn.aslant])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_damaged_page_is_still_read(damage: Callable[[drawn.Picture], drawn.Picture], seed: int) -> None:
    text = drawn.invoice_text(seed, digital=seed == 1)
    codes = qr.decode(damage(page_with(text)), 0, seconds=30)
    assert text in [code.text for code in codes]


def test_what_the_first_pass_cannot_read_is_read_on_a_crop() -> None:
    (code,) = qr.decode(drawn.soft(page_with(drawn.invoice_text())), 0, seconds=30)
    assert code.decoder in {"modules", *(way.name for way in retouch.QUICK)}


def test_what_no_decoder_reads_is_read_module_by_module() -> None:
    (code,) = qr.decode(drawn.moved(page_with(drawn.invoice_text())), 0, seconds=30)
    assert code.text == drawn.invoice_text()
    assert code.decoder == "modules"


@pytest.mark.parametrize("side", [SIDE, 220])
def test_blue_needle_print_is_read(side: int) -> None:
    text = drawn.invoice_text(digital=False)
    (code,) = qr.decode(page_with(text, dots=True, side=side), 0, seconds=30)
    assert code.text == text


def test_the_box_lies_around_the_symbol() -> None:
    page = page_with(drawn.invoice_text())
    (code,) = qr.decode(page, 0)
    height, width = page.shape[:2]
    assert code.box is not None
    assert code.box.x0 * width == pytest.approx(50, abs=6)
    assert code.box.y0 * height == pytest.approx(40, abs=6)
    assert code.box.x1 * width == pytest.approx(50 + SIDE, abs=6)
    assert code.box.y1 * height == pytest.approx(40 + SIDE, abs=6)


def test_every_code_of_a_page_is_reported_with_its_meaning() -> None:
    invoices = [drawn.invoice_text(seed) for seed in (1, 2)]
    page = drawn.busy_page()
    for place, text in enumerate([*invoices, "https://qr.alipay.com/fkx00000000000000000000", "hello"]):
        page = drawn.with_symbol(page, drawn.symbol(text, SIDE), x=50 + 300 * place)
    found = {code.text: code.meaning for code in qr.decode(page, 0)}
    assert found == {
        invoices[0]: CodeMeaning.INVOICE,
        invoices[1]: CodeMeaning.INVOICE,
        "https://qr.alipay.com/fkx00000000000000000000": CodeMeaning.PAYMENT,
        "hello": CodeMeaning.OTHER,
    }


def test_a_readable_payment_code_does_not_end_the_search_for_the_invoice() -> None:
    text = drawn.invoice_text()
    page = drawn.soft(page_with(text))
    page = drawn.with_symbol(page, drawn.symbol("https://qr.alipay.com/fkx00000000000000000000", SIDE), x=900)
    assert {code.meaning for code in qr.decode(page, 0, seconds=30)} == {CodeMeaning.INVOICE, CodeMeaning.PAYMENT}


def test_a_copy_of_a_code_at_another_place_is_a_second_sighting() -> None:
    text = drawn.invoice_text()
    page = drawn.with_symbol(page_with(text), drawn.symbol(text, SIDE), x=800)
    assert [code.text for code in qr.decode(page, 0)] == [text, text]


@pytest.mark.parametrize("form", [zxingcpp.BarcodeFormat.PDF417, zxingcpp.BarcodeFormat.Code128])
def test_a_boarding_pass_is_known(form: zxingcpp.BarcodeFormat) -> None:
    made = np.asarray(zxingcpp.create_barcode("MU2379 0312FTYN035", form).to_image(scale=3), np.uint8)
    page = np.full((600, 900, 3), 255, np.uint8)
    page[100 : 100 + made.shape[0], 100 : 100 + made.shape[1]] = made[:, :, None]
    (code,) = qr.decode(page, 0)
    assert code.meaning is CodeMeaning.BOARDING_PASS


def test_an_altered_payload_is_reported_with_its_failed_crc() -> None:
    text = drawn.invoice_text(digital=False)
    altered = text.replace(",20230912,", ",20230913,")
    (code,) = qr.decode(page_with(altered), 0)
    assert code.text == altered
    assert code.crc is CrcState.FAIL


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_chinese_text_is_read_in_both_encodings(encoding: str) -> None:
    page = drawn.with_symbol(drawn.busy_page(), drawn.symbol("电子发票链接".encode(encoding), SIDE))
    assert [code.text for code in qr.decode(page, 0)] == ["电子发票链接"]


def test_bytes_of_no_encoding_do_not_end_the_reading() -> None:
    assert retouch.decoded(b"\xff\xff01") == "\ufffd\ufffd01"


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_an_invoice_code_tells_which_way_up_the_page_is(degrees: int) -> None:
    page = upright(page_with(drawn.invoice_text()), degrees)
    assert qr.look(page, 0).turn == (360 - degrees) % 360


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("damage", [drawn.soft, drawn.moved])
def test_a_damaged_code_tells_it_too(degrees: int, damage: Callable[[drawn.Picture], drawn.Picture]) -> None:
    page = upright(damage(page_with(drawn.invoice_text())), degrees)
    assert qr.look(page, 0, seconds=30).turn == (360 - degrees) % 360


def test_a_code_that_lies_aslant_does_not_tell() -> None:
    page = drawn.with_symbol(drawn.busy_page(), drawn.symbol(drawn.invoice_text(), 220), x=700, y=400)
    look = qr.look(drawn.rotated(page, 40), 0)
    assert [code.meaning for code in look.codes] == [CodeMeaning.INVOICE]
    assert look.turn is None


def test_other_codes_do_not_tell_which_way_up_the_page_is() -> None:
    page = drawn.with_symbol(drawn.busy_page(), drawn.symbol("https://qr.alipay.com/fkx00000000000000000000", SIDE))
    assert qr.look(page, 0).turn is None


def test_with_no_time_left_nothing_is_tried_beyond_the_first_passes() -> None:
    assert qr.decode(drawn.moved(page_with(drawn.invoice_text())), 0, seconds=0) == ()


def test_a_page_without_a_code_has_none() -> None:
    assert qr.decode(drawn.busy_page(), 0) == ()


def test_without_zbar_the_other_decoders_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retouch, "pyzbar", None)
    text = drawn.invoice_text()
    assert [code.text for code in qr.decode(drawn.soft(page_with(text)), 0, seconds=30)] == [text]
    assert [way.read(retouch.cut(page_with(text), symbols.Square(125, 115, SIDE), 1.0)) for way in retouch.SLOW
            if way.name.startswith("zbar")] == [[], []]  # fmt: skip


def test_each_way_reads_a_clean_crop() -> None:
    text = drawn.invoice_text()
    crop = retouch.cut(page_with(text), symbols.Square(125, 115, SIDE), 1.0)
    silent = [way.name for way in (*retouch.QUICK, *retouch.SLOW) if [found.text for found in way.read(crop)] != [text]]
    assert silent == []


def test_a_page_of_too_many_pixels_is_looked_at_smaller() -> None:
    text = drawn.invoice_text()
    page = np.full((5600, 5600, 3), 255, np.uint8)
    page = drawn.with_symbol(page, drawn.symbol(text, 600), x=4000, y=2800)
    (code,) = qr.decode(page, 0)
    assert code.text == text
    assert code.box is not None
    assert code.box.x0 == pytest.approx(4000 / 5600, abs=0.01)
    assert code.box.y1 == pytest.approx(3400 / 5600, abs=0.01)


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (900, 2), (40, 40)])
@pytest.mark.parametrize("shade", [0, 255])
def test_odd_pictures_are_harmless(shape: tuple[int, int], shade: int) -> None:
    assert qr.decode(np.full((*shape, 3), shade, np.uint8), 0) == ()


def test_grain_is_no_code() -> None:
    assert qr.decode(np.random.default_rng(3).integers(0, 256, (700, 900, 3), dtype=np.uint8), 0) == ()


def test_the_locator_finds_a_symbol_that_no_decoder_reads() -> None:
    page = drawn.moved(page_with(drawn.invoice_text()))
    (first, *_) = symbols.squares(page[:, :, 0].copy())
    assert first.x == pytest.approx(125, abs=15)
    assert first.y == pytest.approx(115, abs=15)
    assert first.side == pytest.approx(SIDE, rel=0.25)
    assert first.likely


def test_text_is_not_taken_for_a_symbol() -> None:
    page = drawn.busy_page()
    blank = retouch.cut(page, symbols.Square(900, 100, 150), 1.0)
    assert not retouch.checkered(blank)


@settings(max_examples=20)
@given(st.integers(0, 10**9), st.booleans(), st.integers(110, 320))
def test_what_is_encoded_and_drawn_is_decoded(seed: int, digital: bool, side: int) -> None:
    text = drawn.invoice_text(seed, digital=digital)
    page = np.full((500, 700, 3), 255, np.uint8)
    page = drawn.with_symbol(page, drawn.symbol(text, side))
    assert [(code.text, code.crc) for code in qr.decode(page, 0)] == [(text, CrcState.OK)]

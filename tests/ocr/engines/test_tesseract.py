"""The unlike second reader, and the fallback."""

from __future__ import annotations

from pathlib import Path

import pytesseract
import pytest

from ocr.engines import tesseract
from ocr.engines.tesseract import Tesseract
from ocr.types import Source
from tests.ocr import drawn

needs_data = pytest.mark.skipif(
    not {tesseract.ENGLISH, tesseract.CHINESE} <= tesseract.languages(),
    reason="the eng and chi_sim data of Tesseract are not installed: no second reading of digits, no fallback engine",
)


@needs_data
@pytest.mark.parametrize("digits", ["10556199", "24312000000716253804", "011002301111"])
def test_digits_are_read_from_a_crop(digits: str) -> None:
    crop = drawn.text_page([digits])[30:90, 50 : 80 + 19 * len(digits)]
    assert Tesseract().read_digits(crop) == digits
    assert Tesseract().read_digits(crop[:, :, 0].copy()) == digits


@needs_data
def test_several_crops_are_read_in_one_go_and_keep_their_places() -> None:
    first, second = (drawn.text_page([digits])[30:90, 50:300] for digits in ("10556199", "38105926"))
    speck = first[:2, :9]
    assert Tesseract().read_all_digits([first, speck, second]) == ["10556199", "", "38105926"]
    assert Tesseract().read_all_digits([]) == []


@needs_data
def test_only_the_alphabet_comes_back() -> None:
    crop = drawn.text_page(["91110108MAEY9WLP8G"])[30:90, 50:420]
    assert set(Tesseract().read_digits(crop, "0123456789")) <= set("0123456789")
    assert Tesseract().read_digits(crop, "0123456789ABCDEFGHJKLMNPQRTUWXY").startswith("91110108")


@needs_data
def test_specks_and_blanks_have_no_digits() -> None:
    assert Tesseract().read_digits(drawn.text_page([])[:2, :9]) == ""
    assert Tesseract().read_digits(drawn.text_page([])[:60, :300]) == ""


@needs_data
def test_a_page_is_read_with_boxes() -> None:
    words = Tesseract().read(drawn.text_page(["发票号码：10556199", "开票日期：2024年05月28日"]))
    number = next(word for word in words if "10556199" in word.text)
    assert number.source is Source.OCR_SECOND
    assert 0.03 < number.box.x0 < number.box.x1 < 0.5
    assert 0.03 < number.box.y0 < number.box.y1 < 0.15
    assert 0.3 <= number.confidence <= 1


@needs_data
def test_a_large_page_is_looked_at_smaller() -> None:
    page = drawn.text_page(["10556199"] * 3, size=80, width=3600, height=1200)
    words = Tesseract().read(page)
    assert all(0 <= word.box.x0 < word.box.x1 <= 1 for word in words)
    assert "10556199" in [word.text for word in words]


@needs_data
def test_a_page_without_anything_on_it_has_no_words() -> None:
    assert Tesseract().read(drawn.text_page([])) == []


@needs_data
def test_data_that_cannot_be_opened_read_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    reader = Tesseract()
    (tmp_path / "eng.traineddata").write_bytes(b"no model")
    monkeypatch.setattr(tesseract, "_data", lambda: str(tmp_path))
    page = drawn.text_page(["10556199"])
    assert reader.read_digits(page) == ""


def test_without_the_program_a_page_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytesseract.pytesseract, "tesseract_cmd", "/nowhere/tesseract")
    assert Tesseract().read(drawn.text_page(["10556199"])) == []


def test_missing_data_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "_data", lambda: None)
    assert tesseract.languages() == frozenset()
    with pytest.raises(FileNotFoundError):
        Tesseract()


def test_the_place_of_the_data_may_be_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "eng.traineddata").touch()
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    monkeypatch.setattr(tesseract, "_data", tesseract._data.__wrapped__)
    assert tesseract.languages() == {"eng"}

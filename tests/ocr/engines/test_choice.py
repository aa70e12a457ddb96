"""Which engine is taken, and what is said of the parts that are missing."""

from __future__ import annotations

import numpy as np
import pytest

from ocr import engines
from ocr.engines import models, tesseract


def test_every_part_is_named_with_what_is_weaker_without_it() -> None:
    parts = {part.name: part for part in engines.available()}
    assert set(parts) == {"ppocr", "tesseract", "tesseract_chinese", "zxing", "zbar"}
    assert parts["ppocr"].present
    assert parts["zxing"].present
    assert all(part.weaker == f"weaker_without_{name}" for name, part in parts.items())


def test_ppocr_comes_first() -> None:
    engine = engines.best()
    engine.warm_up()
    assert engine.name == "ppocr"


def test_tesseract_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "careful", lambda: None)
    monkeypatch.setattr(tesseract, "languages", lambda: frozenset({"eng", "chi_sim"}))
    engine = engines.best()
    engine.warm_up()
    assert engine.name == "tesseract"
    assert not engines.available()[0].present


def test_no_engine_is_an_error_with_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "careful", lambda: None)
    monkeypatch.setattr(tesseract, "languages", frozenset[str])
    assert engines.second_reader() is None
    with pytest.raises(engines.NoEngineError) as error:
        engines.best()
    assert error.value.code == "no_engine"


def test_english_alone_reads_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "languages", lambda: frozenset({"eng"}))
    reader = engines.second_reader()
    assert reader is not None
    assert reader.read_digits(np.zeros((2, 2), np.uint8)) == ""

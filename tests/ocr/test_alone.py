from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fixtures import catalogue, damage, draw_slips, papers, raster
from ocr import qr
from ocr.alone import alone
from ocr.types import Box, Kind

Picture = NDArray[np.uint8]
DPI = 120
TRUTH = papers.load()


def form(name: str = "dig-normal-meal") -> Picture:
    return catalogue.picture(TRUTH.paper(name), DPI, np.random.default_rng(1))


def on_a4(*parts: Picture) -> Picture:
    return catalogue.on_a4(parts, DPI)


def code_of(picture: Picture) -> Box:
    box = qr.decode(picture, 0)[0].box
    assert box is not None
    return box


@pytest.mark.parametrize("name", ["dig-normal-meal", "e-normal-meal", "special-paper-office", "dig-toll-road"])
def test_a_form_that_fills_its_sheet_is_alone(name: str) -> None:
    page = form(name)
    assert alone(page, code_of(page))


def test_a_form_on_an_otherwise_blank_sheet_is_alone() -> None:
    page = on_a4(form())
    assert alone(page, code_of(page))


@pytest.mark.parametrize("tilt", [-1.2, 0.7])
def test_a_sheet_laid_crooked_is_still_seen(tilt: float) -> None:
    page = on_a4(form())
    turn = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), tilt, 1)
    crooked = cv2.warpAffine(page, turn, page.shape[1::-1], borderValue=(255, 255, 255)).astype(np.uint8)
    assert alone(crooked, code_of(crooked))


def test_a_slip_below_the_form_is_noticed() -> None:
    slip = raster.render(draw_slips.taxi(next(slip for slip in TRUTH.slips if slip.kind is Kind.TAXI)), DPI)
    page = on_a4(form(), slip)
    assert not alone(page, code_of(page))


def test_a_second_form_below_is_noticed_even_when_its_code_is_gone() -> None:
    second = form("e-normal-meal").copy()
    second[: second.shape[0] // 4, : second.shape[1] // 6] = 255
    page = on_a4(form(), second)
    assert not alone(page, code_of(page))


def test_a_note_beside_the_form_is_noticed() -> None:
    page = on_a4(form())
    cv2.putText(page, "paid 2026", (200, page.shape[0] - 200), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (0, 0, 160), 3)
    assert not alone(page, code_of(page))


def test_a_photo_is_never_taken_for_a_form_alone() -> None:
    page = damage.photo(form(), np.random.default_rng(2), long_side=1600)
    assert not alone(page, code_of(page))


def test_a_code_without_a_form_is_not_enough() -> None:
    page = np.full((1400, 1000, 3), 255, np.uint8)
    part = form()
    side = round(part.shape[1] * 0.16)
    page[100 : 100 + side, 100 : 100 + side] = part[:side, :side]
    assert not alone(page, code_of(page))


def test_a_code_too_small_to_measure_with_says_nothing() -> None:
    assert not alone(form(), Box(0.1, 0.1, 0.105, 0.105))

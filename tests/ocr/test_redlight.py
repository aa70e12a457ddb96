"""Seals vanish in the red light, and what is printed beneath them stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr.redlight import in_red_light
from tests.ocr import drawn

NUMBER = "91110108MAEY9WLP8G"


def sealed(colour: tuple[int, int, int]) -> tuple[drawn.Picture, drawn.Picture]:
    """A printed number, alone and under a ring of ink that lets the print through."""
    page = drawn.text_page([NUMBER], width=600, height=200)
    ring = np.full_like(page, 255)
    cv2.ellipse(ring, (230, 60), (160, 45), 0, 0, 360, colour, 6)
    return page, np.minimum(page, ring)


@pytest.mark.parametrize("red", [(230, 60, 70), (190, 40, 50), (160, 30, 40)])
def test_a_red_seal_vanishes_and_the_print_beneath_it_stays(red: tuple[int, int, int]) -> None:
    page, under = sealed(red)
    seen, plain = in_red_light(under, 0.5), in_red_light(page, 0.5)
    assert seen.shape == page.shape
    assert seen[15:22, 200:260].min() > 250  # the ring, where no print is
    dark = plain[:, :, 0] < 60
    assert (seen[:, :, 0][dark] < 110).all()


def test_a_picture_without_seals_keeps_its_light() -> None:
    page = (drawn.text_page([NUMBER], width=600, height=200) * 0.8).astype(np.uint8)
    assert abs(int(in_red_light(page, 0.5)[0, 0, 0]) - 204) <= 1


def test_print_fainter_than_a_seal_stays_where_seals_are_left() -> None:
    _, under = sealed((190, 40, 50))
    faint = np.maximum(under, 150).astype(np.uint8)
    faint[100:140, 20:80] = (190, 40, 50)
    seen = in_red_light(faint, 0.5, seals=False)
    assert seen[40:80, 70:300].min() < 170


def test_a_page_all_red_is_no_seal_to_fail_on() -> None:
    assert in_red_light(np.full((20, 20, 3), (200, 20, 20), np.uint8), 0.5).shape == (20, 20, 3)

"""Where papers lie on a picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocr import outlines
from ocr.types import Box

DESK = (96, 104, 110)
PAPER = (244, 242, 236)
Picture = NDArray[np.uint8]


def ground(colour: tuple[int, int, int] = DESK, width: int = 1200, height: int = 900) -> Picture:
    return np.full((height, width, 3), colour, np.uint8)


def lay(
    picture: Picture, x: float, y: float, size: tuple[float, float], angle: float, paper: tuple[int, int, int] = PAPER
) -> NDArray[np.float32]:
    """Draws a sheet around a centre, with lines of print on it; gives its corners."""
    corners = np.asarray(cv2.boxPoints(((x, y), size, angle)), np.float32)
    cv2.fillPoly(picture, [corners.astype(np.int32)], paper)
    for share in (0.2, 0.4, 0.6, 0.8):
        start = corners[1] + (corners[0] - corners[1]) * share
        step = corners[2] - corners[1]
        ends = [tuple(int(v) for v in start + step * part) for part in (0.15, 0.85)]
        cv2.line(picture, ends[0], ends[1], (60, 60, 70), 3)
    return corners


def agree(found: list[outlines.Outline], laid: list[NDArray[np.float32]]) -> bool:
    """Whether each sheet has one outline that is nearly its own."""

    def best(sheet: NDArray[np.float32]) -> float:
        shares = []
        for one in found:
            common, _ = cv2.intersectConvexConvex(sheet, one.corners)
            shares.append(common / (cv2.contourArea(sheet) + cv2.contourArea(one.corners) - common))
        return max(shares, default=0.0)

    return len(found) == len(laid) and all(best(sheet) > 0.88 for sheet in laid)


def test_sheets_on_a_desk_are_found_at_any_angle() -> None:
    picture = ground()
    places = ((250, 250, -20), (600, 300, 12), (950, 600, 40), (350, 680, 88))
    laid = [lay(picture, x, y, (180, 320), angle) for x, y, angle in places]
    assert agree(outlines.find(picture), laid)


def test_sheets_that_cover_a_little_of_each_other_are_told_apart() -> None:
    picture = ground()
    laid = [lay(picture, 330, 430, (220, 520), 6), lay(picture, 640, 380, (420, 240), -17)]
    assert agree(outlines.find(picture), laid)


def test_uneven_light_hides_no_sheet() -> None:
    picture = ground()
    laid = [lay(picture, 250, 400, (200, 420), 10), lay(picture, 900, 420, (200, 420), -8)]
    light = np.linspace(1.0, 0.5, picture.shape[1], dtype=np.float32)[None, :, None]
    assert agree(outlines.find((picture * light).astype(np.uint8)), laid)


def test_tinted_slips_on_a_white_sheet_are_found_and_named_faint() -> None:
    picture = ground((247, 248, 250))
    laid = [
        lay(picture, 300, 400, (220, 520), 3, (250, 236, 238)),
        lay(picture, 800, 380, (420, 240), -5, (236, 244, 252)),
    ]
    found = outlines.find(picture)
    assert agree(found, laid)
    assert all(one.faint for one in found)


def test_slips_on_a_sheet_on_a_desk_are_found_on_the_sheet() -> None:
    picture = ground()
    cv2.rectangle(picture, (120, 60), (1080, 840), (246, 247, 248), -1)
    laid = [
        lay(picture, 380, 420, (220, 520), 3, (252, 232, 234)),
        lay(picture, 800, 380, (400, 240), -5, (230, 242, 252)),
    ]
    assert agree(outlines.find(picture), laid)


def test_a_single_sheet_is_one_and_a_picture_without_ground_has_none() -> None:
    picture = ground()
    sheet = lay(picture, 600, 450, (900, 600), 4)
    assert agree(outlines.find(picture), [sheet])
    assert outlines.find(ground((250, 250, 250))) == []
    assert outlines.find(ground()) == []


@pytest.mark.parametrize("angle", [-30.0, 0.0, 44.0, 90.0, 200.0])
def test_corners_begin_at_the_upper_left_and_run_clockwise(angle: float) -> None:
    corners = np.asarray(cv2.boxPoints(((100, 100), (80, 40), angle)), np.float32)
    ordered = outlines.Outline(outlines.ordered(corners))
    assert -45.0 <= ordered.angle <= 45.0
    assert cv2.contourArea(ordered.corners, oriented=True) > 0


def test_the_box_of_an_outline_is_in_fractions_of_the_picture() -> None:
    corners = np.array([[100, 50], [300, 50], [300, 150], [100, 150]], np.float32)
    assert outlines.Outline(corners).box(200, 400) == Box(0.25, 0.25, 0.75, 0.75)

"""Parts of a picture, made level and upright, and the way back."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr import patch
from ocr.types import Box

CORNERS = np.asarray(cv2.boxPoints(((300, 200), (240, 120), 20)), np.float32)[[1, 2, 3, 0]]


def picture() -> patch.Picture:
    """A dark page with a white sheet on it and a red spot near the sheet's upper left corner."""
    page = np.full((400, 600, 3), 40, np.uint8)
    cv2.fillPoly(page, [CORNERS.astype(np.int32)], (240, 240, 240))
    spot = CORNERS[0] + 0.2 * (CORNERS[1] - CORNERS[0]) + 0.3 * (CORNERS[3] - CORNERS[0])
    cv2.circle(page, tuple(int(v) for v in spot), 6, (220, 0, 0), -1)
    return page


def spot_of(seen: patch.Picture) -> tuple[float, float]:
    rows, columns = np.nonzero((seen[:, :, 0] > 150) & (seen[:, :, 1] < 90))
    return float(columns.mean()) / seen.shape[1], float(rows.mean()) / seen.shape[0]


def test_a_slanted_sheet_is_cut_out_level() -> None:
    part = patch.cut(picture(), CORNERS)
    assert part.picture.shape[1] == pytest.approx(240, abs=8)
    assert part.picture.shape[0] == pytest.approx(120, abs=8)
    assert part.picture[8:-8, 8:-8].min(axis=2).mean() > 200


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_what_is_seen_on_a_part_leads_back_to_its_place_and_forth(degrees: int) -> None:
    page = picture()
    part = patch.cut(page, CORNERS).turned(degrees)
    x, y = spot_of(part.picture)
    there = part.place(Box(x, y, x, y))
    assert (there.x0, there.y0) == pytest.approx(spot_of(page), abs=0.01)
    back = part.find(there)
    assert (back.x0, back.y0) == pytest.approx((x, y), abs=0.001)


def test_a_turned_part_is_turned_clockwise() -> None:
    part = patch.cut(picture(), CORNERS)
    x, y = spot_of(part.picture)
    assert spot_of(part.turned(90).picture) == pytest.approx((1 - y, x), abs=0.02)

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr.document import Raster
from ocr.likeness import likeness


def paper(seed: int) -> Raster:
    """A page with blocks of ink of its own."""
    chance = np.random.default_rng(seed)
    page = np.full((1400, 1000, 3), 245, np.uint8)
    for _ in range(30):
        x, y = int(chance.integers(0, 800)), int(chance.integers(200, 1300))
        cv2.rectangle(page, (x, y), (x + int(chance.integers(40, 200)), y + 60), (40, 40, 60), -1)
    return page


def distance(one: Raster, other: Raster) -> int:
    return (int(likeness(one), 16) ^ int(likeness(other), 16)).bit_count()


def altered(page: Raster) -> Raster:
    """A number painted over."""
    copy = page.copy()
    copy[100:130, 700:860] = 245
    cv2.putText(copy, "12345678", (700, 128), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (30, 30, 30), 2)
    return copy


def saved_again(page: Raster) -> Raster:
    small = cv2.resize(page, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 60])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR))


@pytest.mark.parametrize("change", [altered, saved_again, lambda page: np.clip(page * 0.8, 0, 255).astype(np.uint8)])
def test_a_changed_copy_of_a_picture_stays_near(change: object) -> None:
    assert callable(change)
    assert all(distance(paper(seed), change(paper(seed))) <= 3 for seed in range(8))


def test_other_pictures_are_far() -> None:
    assert all(distance(paper(seed), paper(seed + 100)) > 10 for seed in range(8))


def test_an_even_page_looks_like_nothing() -> None:
    assert likeness(np.full((300, 200, 3), 200, np.uint8)) == "0" * 16
    assert len(likeness(paper(1))) == 16

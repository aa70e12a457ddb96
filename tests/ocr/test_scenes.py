"""Slips on a table and glued to a sheet, read by the real engine."""

from __future__ import annotations

import pytest

from fixtures import damage
from fixtures.scenes import scene
from ocr.read import read
from ocr.types import Limits
from tests.bench.scenes import judged, laid_back


@pytest.mark.parametrize(("index", "style", "count"), [(14, "table", 3), (9, "glued", 2)])
def test_every_slip_of_a_scene_is_an_invoice_of_its_own_at_its_place(index: int, style: str, count: int) -> None:
    made = scene(41, index, style=style, count=count, long_side=1800)
    seen = read(damage.encode(made.picture, "jpg"), "scene.jpg", Limits(seconds=600.0))
    result = judged(made, [laid_back(receipt, seen.pages[0].turn) for receipt in seen.receipts])
    assert result["found"] == result["placed"] == result["papers"]
    assert result["joined"] == result["split"] == result["extra"] == 0

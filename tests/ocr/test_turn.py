"""Which way up: right for text turned four ways, and harmless where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from ocr.engines.detector import Quad
from ocr.engines.ppocr import PpOcr
from ocr.engines.recogniser import Line
from ocr.turn import turn_of, upright
from tests.ocr import drawn

FORM = (
    "北京增值税电子普通发票",
    "发票代码：011002301111    发票号码：10556199",
    "购买方名称：北京云麓智行科技有限公司",
    "纳税人识别号：91110108MAEY9WLP8G",
    "货物或应税劳务、服务名称    规格型号    单位    数量",
    "价税合计（大写）肆佰圆整    （小写）¥400.00",
)
CIPHER = ("03<8>+*/69-88<>06+*9/8069<>+-8", "6<98>+0*/8-06<>89+-*/069<8>+86", "+*/<>0698-+*/<>0698-+*/<>0698-")
PAGES = {
    "a form": drawn.text_page(FORM),
    "a slip": drawn.text_page(("出租汽车专用发票", "车号：京B12345", "日期：2024年05月28日", "金额：27.00元"), width=600, height=900),
    "more cipher than words": drawn.text_page((*CIPHER, *FORM[:2], *CIPHER)),
    "small print": drawn.text_page(FORM, size=18, width=1000, height=500),
}  # fmt: skip


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("sheet", PAGES.values(), ids=PAGES.keys())
def test_a_page_turned_any_way_is_stood_upright(sheet: drawn.Picture, degrees: int, ppocr: PpOcr) -> None:
    lying = upright(sheet, degrees)
    assert np.array_equal(upright(lying, ppocr.turn_of(lying)), sheet)


def test_a_page_without_text_stays_as_it_is(ppocr: PpOcr) -> None:
    assert ppocr.turn_of(np.full((300, 500, 3), 255, np.uint8)) == 0


@pytest.mark.parametrize(("degrees", "corner"), [(0, (0, 0)), (90, (0, 2)), (180, (2, 4)), (270, (4, 0))])
def test_turning_is_clockwise(degrees: int, corner: tuple[int, int]) -> None:
    page = np.zeros((3, 5, 3), np.uint8)
    page[0, 0] = 255
    assert upright(page, degrees)[corner].tolist() == [255, 255, 255]


class _Certain:
    """An engine that reads well from one side and counts the lines it is asked for."""

    def __init__(self, quads: list[Quad], *, well_over: bool) -> None:
        self.quads, self.asked, self.well_over = quads, 0, well_over

    def lines_of(self, image: drawn.Picture) -> list[Quad]:
        return self.quads if image.size else []

    def read_lines(self, image: drawn.Picture, quads: list[Quad]) -> list[Line]:
        assert image.size
        self.asked += len(quads)
        over = [bool(quad.corners[0, 0] > quad.corners[1, 0]) for quad in quads]
        return [Line("价税合计", 0.99, (), ()) if way == self.well_over else Line("69>", 0.95, (), ()) for way in over]


def _level(count: int) -> list[Quad]:
    corners = np.array([[0, 0], [400, 0], [400, 20], [0, 20]], np.float32)
    return [Quad(corners + np.array([0, 30 * row], np.float32)) for row in range(count)]


@pytest.mark.parametrize(("well_over", "asked", "turn"), [(False, 3, 0), (True, 6, 180)])
def test_no_more_lines_are_read_than_it_takes(well_over: bool, asked: int, turn: int) -> None:
    engine = _Certain(_level(20), well_over=well_over)
    assert turn_of(np.zeros((600, 400, 3), np.uint8), engine) == turn
    assert engine.asked == asked

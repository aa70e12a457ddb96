from __future__ import annotations

import pytest

from intake.official.masking import covers, masked, people_of, shows_people
from ocr.types import Box, FieldName, Kind
from tests.official.papers import BOX, VALUES, paper

F = FieldName


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("证件 11010519491231002X。", "证件 110***********002X。"),
        ("税号 32040419760706081301", "税号 320***********081301"),
        ("数字代码 110105194912310021", "数字代码 110105194912310021"),  # the check digit says: no person
        ("号码 26112000000048542163", "号码 26112000000048542163"),
        ("税号 91110108690017781B", "税号 91110108690017781B"),
        ("手机 13800000000，座机 010-12345678", "手机 138****0000，座机 ****5678"),
        ("金额 13800000000.00", "金额 13800000000.00"),
        ("开户行 账号：6222 0000 1234 5678", "开户行 账号：****5678"),
        ("乘车人 王小明，王小", "乘车人 王**，王*"),
    ],
)
def test_personal_data_is_masked_and_the_rest_is_left(text: str, expected: str) -> None:
    assert masked(text, ("王小", "王小明", "")) == expected


def test_people_are_travellers_and_parties_that_are_no_firms() -> None:
    values = {
        **VALUES,
        F.TRAVELLER: "1101051949****002X 张示例",
        F.BUYER_NAME: "李示例（个人）",
        F.SELLER_NAME: "甲饭店",
    }
    assert people_of(paper(Kind.RAIL_E, values)) == ("张示例", "李示例")
    assert people_of(paper(Kind.DIG_NORMAL, {F.BUYER_NAME: "个人"})) == ()
    assert people_of(paper(Kind.DIG_NORMAL)) == ()


def test_the_places_of_people_are_covered_on_the_picture() -> None:
    other = Box(0.1, 0.5, 0.3, 0.6)
    values = {
        F.TRAVELLER: "张示例",
        F.BUYER_NAME: "李示例（个人）",
        F.BUYER_TAX_ID: "11010519491231002X",
        F.SELLER_NAME: "某铁路公司",
        F.NUMBER: "26112000000048542163",
    }
    boxes = {F.TRAVELLER: BOX, F.BUYER_NAME: other, F.BUYER_TAX_ID: None, F.SELLER_NAME: BOX, F.NUMBER: BOX}
    found = covers(paper(Kind.RAIL_E, values, boxes=boxes, page=1))
    assert [(one.page, one.box) for one in found] == [(1, BOX), (1, other)]


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        (Kind.RAIL_E, {F.TRAVELLER: "张示例"}, True),
        (Kind.USED_VEHICLE, VALUES, True),
        (Kind.DIG_NORMAL, VALUES, False),
    ],
)
def test_kinds_that_bear_people_are_known(kind: Kind, values: dict[FieldName, str], expected: bool) -> None:
    assert shows_people(paper(kind, values)) is expected

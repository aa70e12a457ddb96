"""Fixed words of a remark."""

from __future__ import annotations

import re

import pytest

from ocr.rules.remarks import RED, real_seller, red_slip

ID, NAME = "91330106MA7GAL1299", "杭州小桥餐饮管理有限公司"


@pytest.mark.parametrize(
    ("remark", "said"),
    [
        (f"代开企业税号:{ID} 代开企业名称:{NAME}", (ID, NAME)),
        (f"代开企业税号：{ID}代开企业名称：{NAME}", (ID, NAME)),
        (f"代开企业名称：{NAME} 代开企业税号：{ID}", (ID, NAME)),
        (f"代开企业名称:{NAME}代开企业纳税人识别号:{ID};合同 7", (ID, NAME)),
        (f"项目一;代开企业税号:{ID}", (ID, "")),
        ("合同 7", ("", "")),
    ],
)
def test_the_real_seller_is_read_in_every_spelling(remark: str, said: tuple[str, str]) -> None:
    assert real_seller(remark) == said


@pytest.mark.parametrize(
    ("remark", "blue"),
    [
        ("被红冲蓝字数电票号码:24112000000048542163 红字", "24112000000048542163"),
        ("被红冲蓝字数电发票号码:24112000000048542163", "24112000000048542163"),
        (
            "红字发票信息确认单编号:11010824091002615708 被红冲蓝字数电发票号码:24112000000048542163",
            "24112000000048542163",
        ),
        ("被红冲蓝字全电发票号码:24112000000048542163", "24112000000048542163"),
        ("对应正数发票代码:033002000211号码:83089647", "033002000211号码:83089647"),
        ("对应正数发票代码:033002000211 号码:83089647", "033002000211 号码:83089647"),
    ],
)
def test_the_blue_invoice_is_read_in_every_spelling(remark: str, blue: str) -> None:
    found = re.search(RED, remark)
    assert found is not None
    assert found["v"] == blue


def test_the_slip_of_a_red_letter_is_read() -> None:
    assert red_slip("开具红字增值税专用发票信息表编号:1234567890123456") == "1234567890123456"
    assert red_slip("红字发票信息确认单编号：11010824091002615708") == "11010824091002615708"
    assert red_slip("合同编号:1234567890123456") == ""

"""Which lines the careful model reads again: by what they say and how surely."""

from __future__ import annotations

import pytest

from ocr.engines.recogniser import Line
from ocr.engines.worth import value_begins, worth


def line(text: str, *, sure: float = 0.999, doubted: str = "", doubt: float = 0.8) -> Line:
    """A line whose characters are all `sure`, but those in `doubted`."""
    each = tuple(doubt if char in doubted else sure for char in text)
    return Line(text, sum(each) / max(len(each), 1), tuple(0.5 for _ in text), each)


@pytest.mark.parametrize(
    "text",
    [
        "纳税人识别号：",
        "价税合计（大写）",
        "电子发票（普通发票）",
        "地址、电话：北京市海淀区云杉路18号010-55501188",
        "发票信息查询请登录北京市税务局网站",
        "343>/>></<5>+507>59-25-+8><",
        "14.8KM",
    ],
)
def test_labels_cipher_and_what_no_field_needs_are_left_even_when_unsure(text: str) -> None:
    assert not worth(line(text, sure=0.7))


@pytest.mark.parametrize("text", ["发票号码：10556199", "¥1310.96", "肆佰圆整", "2024年05月28日"])
def test_a_value_read_surely_is_left_and_one_doubted_character_is_enough(text: str) -> None:
    assert not worth(line(text))
    assert worth(line(text, doubted=text[-1]))


@pytest.mark.parametrize(
    "text",
    [
        "名称：北京云麓智行科技有限公司",
        "称：张三",
        "江南商务中心",
        "半山小筑餐馆店",
        "开票人：沈知秋",
        "成都市锦江区税务局",
    ],
)
def test_names_are_always_read_again_for_their_rarer_characters(text: str) -> None:
    assert worth(line(text))


@pytest.mark.parametrize("text", ["*餐饮服务*餐饮费", "三年期信息技术服务及维护说明A4纸", "*汽油*95号车用汽油"])
def test_a_description_is_left_unless_it_cannot_be_told(text: str) -> None:
    assert not worth(line(text, sure=0.7))
    assert worth(line(text, doubted=text[-1], doubt=0.55))


@pytest.mark.parametrize("text", ["合", "购", "北京市税务局"])
def test_letters_of_standing_labels_and_the_seal_of_the_office_are_left(text: str) -> None:
    assert not worth(line(text, sure=0.7))


def test_the_value_begins_behind_a_label_that_was_read_surely() -> None:
    assert value_begins(line("发票号码：10556199")) == 5
    assert value_begins(line("统一社会信用代码/纳税人识别号:91110108MAEY9WLP8G")) == 16
    assert value_begins(line("发票号码：10556199", doubted="码")) == 0
    assert value_begins(line("发票号码：")) == 0
    assert value_begins(line("10556199")) == 0
    assert value_begins(line("12:30")) == 0


def test_a_sign_of_two_shapes_says_nothing_of_the_value() -> None:
    assert not worth(line("发票号码:10556199", doubted=":"))


def test_a_tax_id_is_believed_by_its_check_digit() -> None:
    assert not worth(line("纳税人识别号:91110108MAEY9WLP8G", doubted="M"))
    assert worth(line("纳税人识别号:91110108MAEY9WLP8H"))
    assert worth(line("纳税人识别号:91110108MAEY9WLP8G", doubted="M", doubt=0.3))


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("¥10000.00", True),  # one of the zeros may have been dropped
        ("发票号码:26112000000051738290", False),  # twenty digits: none was
        ("发票号码:2611200000051738290", True),
        ("¥8100.00", False),
    ],
)
def test_equal_digits_in_a_row_are_counted_again_unless_the_length_speaks_for_them(text: str, again: bool) -> None:
    assert worth(line(text)) is again


def test_a_sign_that_stands_in_no_value_was_a_digit() -> None:
    assert worth(line("132.743362$"))


@pytest.mark.parametrize("unread", [Line("", 0.0, (), ()), line("购", sure=0.3)])
def test_what_was_hardly_read_is_read_again(unread: Line) -> None:
    assert worth(unread)

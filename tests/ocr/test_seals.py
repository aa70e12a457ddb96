"""A name under a seal is read again without it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fixtures import pdf
from fixtures.sheet import Sheet, Text
from fixtures.stamps import round_seal
from ocr import seals
from ocr.load import load
from ocr.types import Box, FieldName, FieldValue, Kind, Limits, Source, Word

BOX = Box(0.2, 0.4, 0.5, 0.5)
NAME = "云杉公路局收费"


def page(*, sealed: bool) -> seals.Picture:
    """A white page, a red stroke across the name when it is sealed."""
    picture = np.full((200, 400, 3), 250, np.uint8)
    if sealed:
        picture[70:110, 150:160] = (222, 24, 24)
    return picture


def value(text: str, confidence: float = 0.95) -> FieldValue:
    return FieldValue(FieldName.SELLER_NAME, text, confidence, Source.OCR, 0, BOX, text)


def identity(text: str) -> FieldValue:
    return FieldValue(FieldName.SELLER_TAX_ID, text, 0.95, Source.OCR, 0, BOX, text)


def read(text: str, confidence: float) -> seals.Read:
    return lambda _part: [Word(text, Box(0.05, 0.3, 0.9, 0.7), confidence, Source.OCR)]


@pytest.mark.parametrize(
    ("again", "confidence", "expected"),
    [
        ("云杉公路局收费站", 0.9, "云杉公路局收费站"),  # goes on where the ring had parted it
        (":云杉公路局收费站", 0.9, "云杉公路局收费站"),
        ("收款单位（章）云杉公路局收费站", 0.9, "云杉公路局收费站"),
        ("收款单位 云杉公路局收费站", 0.9, "云杉公路局收费站"),
        ("云杉公路局收赞", 0.9, NAME),  # another reading that is less sure
        ("云松公路局收费", 0.99, "云松公路局收费"),
        ("云杉公路", 0.99, NAME),
        ("海棠出租汽车公司", 0.99, NAME),
        ("", 0.99, NAME),
    ],
)
def test_a_better_reading_without_the_seal_takes_the_place_of_the_first(
    again: str, confidence: float, expected: str
) -> None:
    found = seals.without_seal(Kind.FISCAL, [value(NAME)], (), page(sealed=True), read(again, confidence))
    assert [one.value for one in found] == [expected]


def test_a_name_without_a_seal_is_not_read_twice() -> None:
    def never(_part: seals.Picture) -> list[Word]:
        raise AssertionError("nothing to read")

    values = [value(NAME)]
    assert seals.without_seal(Kind.FISCAL, values, (), page(sealed=False), never) == values
    assert seals.without_seal(Kind.TAXI, values, (), page(sealed=True), never) == values
    assert seals.without_seal(Kind.FISCAL, [], (), page(sealed=True), never) == []


SEALED_FORM = [
    ("云杉科技", 0.99, "称：云杉科技有限公司", 0.95, "云杉科技有限公司"),  # parted by the ring
    (
        "杉云云杉科技有限公司杉云",
        0.9,
        "名 称：云杉科技有限公司",
        0.95,
        "云杉科技有限公司",
    ),  # letters of the ring at the ends
    ("云杉科技有限公司", 0.7, "云杉科技有限公司", 0.9, "云杉科技有限公司"),
    ("云杉科技有限财", 0.9, "云杉科技有限", 0.95, "云杉科技有限财"),
    ("云杉科技有限公杉云", 0.9, "称：云杉科技有限公", 0.95, "云杉科技有限公司"),  # 有限公 goes on in one way only
    ("云杉科技", 0.9, "海棠出租汽车公司", 0.99, "云杉科技"),
]


@pytest.mark.parametrize(("first", "sure", "again", "surer", "expected"), SEALED_FORM)
def test_the_seller_of_a_form_is_read_again_under_its_seal(
    first: str, sure: float, again: str, surer: float, expected: str
) -> None:
    values = [value(first, sure), identity("91440101MA5CTKFU07")]
    found = seals.without_seal(Kind.VAT_SPECIAL_PAPER, values, (), page(sealed=True), read(again, surer))
    assert [one.value for one in found if one.name is FieldName.SELLER_NAME] == [expected]


def test_a_whole_name_and_a_fitting_tax_id_are_not_read_again() -> None:
    def never(_part: seals.Picture) -> list[Word]:
        raise AssertionError("nothing to read")

    for name in ("云杉科技有限公司", "云小杉"):
        values = [value(name), identity("91440101MA5CTKFU07")]
        assert seals.without_seal(Kind.VAT_SPECIAL_PAPER, values, (), page(sealed=True), never) == values


def test_a_name_that_only_the_darkened_line_shows_whole_is_taken_from_there() -> None:
    looks = iter(["云杉科技有限", "云杉科技有限公司"])

    def look(_part: seals.Picture) -> list[Word]:
        return [Word(next(looks), Box(0.05, 0.3, 0.9, 0.7), 0.99, Source.OCR)]

    values = [value("云杉科技"), identity("91440101MA5CTKFU07")]
    (_, name) = seals.without_seal(Kind.VAT_NORMAL_PAPER, values, (), page(sealed=True), look)
    assert name.value == "云杉科技有限公司"


@pytest.mark.parametrize(
    ("seen", "again", "expected"),
    [
        (["91440101A5CTKFU07"], "识别号：91440101MA5CTKFU07", ["91440101MA5CTKFU07"]),
        ([], "识别号：91440101MA5CTKFU07", ["91440101MA5CTKFU07"]),  # not seen at all: below the name
        (["91440101A5CTKFU07"], "91440101MA5CTKFU08", []),  # its check digit does not fit
        (["91440101A5CTKFU07"], "云杉", []),
    ],
)
def test_a_tax_id_under_a_seal_adds_a_reading_whose_check_digit_fits(
    seen: list[str], again: str, expected: list[str]
) -> None:
    values = [value("云杉科技有限公司"), *map(identity, seen)]
    found = seals.without_seal(Kind.VAT_SPECIAL_PAPER, values, (), page(sealed=True), read(again, 0.95))
    assert [one.value for one in found if one.name is FieldName.SELLER_TAX_ID] == seen + expected


WHOLE_ID = "91440101MA5CTKFU07"


@pytest.mark.parametrize(
    ("line", "on_the_seal", "expected"),
    [
        ("91440101MA5CTKFU0", WHOLE_ID, WHOLE_ID),  # the ring hides the end of the line
        ("91440101MA5CTKFU0", "1440101MA5CTKFU07", WHOLE_ID),  # and the beginning of the seal's
        ("91440101MA5CTKFU0", "1440101MA5CTKFU08", None),  # together they fail the check
        ("91440101MA5CTKFU0", "KFU07", None),
        ("91440101MA5CTKFU0", "913100006073668P47", None),  # somebody else's seal
    ],
)
def test_a_tax_id_that_its_line_lost_is_taken_from_the_seal(line: str, on_the_seal: str, expected: str | None) -> None:
    values = [value("云杉科技有限公司", 0.99), identity(line)]
    for sealed in (True, False):  # a copy in black and white shows no red
        found = seals.without_seal(Kind.VAT_SPECIAL_PAPER, values, (), page(sealed=sealed), read(on_the_seal, 0.95))
        assert [one.value for one in found[2:]] == ([expected] if expected else [])


def test_the_words_of_the_page_may_hold_the_tax_id_of_the_seal() -> None:
    def never(_part: seals.Picture) -> list[Word]:
        raise AssertionError("nothing to read")

    words = [Word(WHOLE_ID, Box(0.5, 0.5, 0.8, 0.6), 0.9, Source.OCR)]
    values = [value("云杉科技有限公司", 0.99), identity("91440101MA5CTKFU0")]
    (_, _, found) = seals.without_seal(Kind.VAT_SPECIAL_PAPER, values, words, page(sealed=True), never)
    assert (found.value, found.box) == (WHOLE_ID, words[0].box)


def test_standing_labels_join_no_lines() -> None:
    def look(_part: seals.Picture) -> list[Word]:
        return [
            Word("销货单位", Box(0.02, 0.0, 0.05, 1.0), 0.99, Source.OCR),
            Word("识别号：91440101MA5CTKFU07", Box(0.06, 0.7, 0.6, 0.95), 0.99, Source.OCR),
            Word("称：云杉科技有限公司", Box(0.06, 0.35, 0.6, 0.65), 0.99, Source.OCR),
        ]

    values = [value("云杉科技有限公司", 0.9), identity("91440101MA5CTKFU07")]
    (_, name) = seals.without_seal(Kind.VAT_NORMAL_PAPER, values, (), page(sealed=True), look)
    assert (name.value, name.confidence) == ("云杉科技有限公司", 0.99)


def test_a_line_that_holds_more_than_a_name_is_none() -> None:
    values = [value("云杉科技有限公司", 0.9), identity("91440101MA5CTKFU07")]
    joined = read("91440101MA5CTKFU07称云杉科技有限公司", 0.99)
    assert seals.without_seal(Kind.VAT_NORMAL_PAPER, values, (), page(sealed=True), joined) == values


def test_an_id_of_somebody_else_on_the_line_is_not_taken() -> None:
    values = [value("云杉科技有限公司"), identity("913100006073668P4")]
    found = seals.without_seal(Kind.DIG_NORMAL, values, (), page(sealed=False), read("91440101MA5CTKFU07", 0.99))
    assert found == values


def test_the_buyers_id_that_lost_a_digit_is_read_again() -> None:
    lost = replace(identity("91440101A5CTKFU07"), name=FieldName.BUYER_TAX_ID)
    found = seals.without_seal(Kind.VAT_E_NORMAL, [lost], (), page(sealed=False), read("91440101MA5CTKFU07", 0.99))
    assert [(one.name, one.value) for one in found[1:]] == [(FieldName.BUYER_TAX_ID, "91440101MA5CTKFU07")]


@pytest.mark.parametrize(("sealed", "expected"), [(True, "云杉市海棠酒店管理有限公司"), (False, "云杉市海棠酒店")])
def test_a_whole_name_may_go_on_beneath_the_seal(sealed: bool, expected: str) -> None:
    values = [value("云杉市海棠酒店", 0.99), identity("91440101MA5CTKFU07")]
    found = seals.without_seal(
        Kind.VAT_NORMAL_PAPER, values, (), page(sealed=sealed), read("云杉市海棠酒店管理有限公司", 0.95)
    )
    assert [one.value for one in found if one.name is FieldName.SELLER_NAME] == [expected]


def test_what_lies_far_from_the_name_on_its_line_is_no_part_of_it() -> None:
    def look(_part: seals.Picture) -> list[Word]:
        return [
            Word("注", Box(0.9, 0.3, 0.95, 0.7), 0.99, Source.OCR),
            Word("云杉科技", Box(0.3, 0.3, 0.5, 0.7), 0.99, Source.OCR),
            Word("有限公司", Box(0.5, 0.3, 0.7, 0.7), 0.99, Source.OCR),
            Word("云杉市", Box(0.3, 0.75, 0.7, 1), 0.99, Source.OCR),
        ]

    values = [value("云杉科技"), identity("91440101MA5CTKFU07")]
    (_, name) = seals.without_seal(Kind.VAT_NORMAL_PAPER, values, (), page(sealed=True), look)
    assert name.value == "云杉科技有限公司"


def test_the_look_ends_at_the_next_label() -> None:
    widths: list[int] = []

    def wide(part: seals.Picture) -> list[Word]:
        widths.append(part.shape[1])
        return []

    label = Word("复核人：", Box(0.7, 0.4, 0.8, 0.5), 0.99, Source.OCR)
    for words in ((), (label,)):
        seals.without_seal(Kind.FISCAL, [value(NAME)], words, page(sealed=True), wide)
    assert widths[0] > widths[-1]


def test_letters_along_the_rim_of_a_seal_are_no_text_of_the_page() -> None:
    name = "湖北省云杉口腔医院"
    sheet = Sheet(210, 127, form=[Text(38, 113.4, name, 3.2)], stamps=round_seal(52, 108, name, "医疗收费专用章"))
    document = load(pdf.write([sheet]), "bill.pdf", Limits())
    texts = [word.text for word in document.pages[0].words]
    assert name in texts
    assert "医疗收费专用章" in texts


@pytest.mark.parametrize(
    ("again", "sure", "expected"),
    [
        ("校验码 11223 34455 66778 89900", 0.9, ["11223344556677889900"]),
        ("校验码 11223 34455 66778 8990", 0.9, []),
        ("校验码 11223 34455 66778 89900", 0.6, []),
    ],
)
def test_the_check_code_of_a_roll_is_read_without_the_seal(again: str, sure: float, expected: list[str]) -> None:
    words = [Word("校验码11223", BOX, 0.99, Source.OCR)]
    found = seals.without_seal(Kind.VAT_ROLL, [], words, page(sealed=True), read(again, sure))
    assert [(one.name, one.value) for one in found] == [(FieldName.CHECK_CODE, code) for code in expected]


def test_a_label_that_a_reading_without_the_seal_puts_before_the_name_is_no_part_of_it() -> None:
    values = [value("云杉科技", 0.9), identity("91440101MA5CTKFU07")]
    for said in ("称云杉科技有限公司", "名云杉科技有限公司"):
        (_, name) = seals.without_seal(Kind.VAT_NORMAL_PAPER, values, (), page(sealed=True), read(said, 0.95))
        assert name.value == "云杉科技有限公司"


@pytest.mark.parametrize(("total", "expected"), [("-106.00", ["T:035021900504:09708371"]), ("106.00", [])])
def test_the_invoice_that_a_red_letter_reverses_is_read_without_the_seal(total: str, expected: list[str]) -> None:
    values = [FieldValue(FieldName.TOTAL, total, 0.99, Source.OCR, 1, BOX, total)]
    words = [Word("对应正数发票代码:035021900504号", BOX, 0.99, Source.OCR)]
    again = read("对应正数发票代码:035021900504号码:09708371", 0.95)
    found = seals.without_seal(Kind.VAT_NORMAL_PAPER, values, words, page(sealed=True), again)[1:]
    assert [one.value for one in found if one.name is FieldName.RED_OF] == expected
    assert all(one.page == 1 for one in found)

"""A form that a shadow cut in pieces is one paper."""

from __future__ import annotations

import pytest

from ocr.gather import Draft
from ocr.spread import _is_one
from ocr.types import FieldName, FieldValue, Kind, Source


def draft(kind: Kind, **values: str) -> Draft:
    return Draft(
        kind, [0], None, [FieldValue(FieldName(name), text, 0.9, Source.OCR) for name, text in values.items() if text]
    )


WHOLE = draft(Kind.RAIL_E, number="26349000000818756650", date="2026-04-19", total="56.00")


@pytest.mark.parametrize(
    ("pieces", "one"),
    [
        (
            (draft(Kind.RAIL_E, number="26349000000818756650"), draft(Kind.RAIL_E, date="2026-04-19", total="56.00")),
            True,
        ),
        ((draft(Kind.RAIL_E, number="26349000000818756650"), draft(Kind.TRAIN_PAPER, date="2026-04-10")), True),
        (
            (draft(Kind.RAIL_E, number="26349000000818756650"), draft(Kind.RAIL_E, date="2026-04-18", total="9.00")),
            False,
        ),
        ((draft(Kind.RAIL_E, number="26349000000818756650"), draft(Kind.TRAIN_PAPER, number="U835774")), False),
    ],
)
def test_pieces_that_say_nothing_new_are_those_of_the_whole(pieces: tuple[Draft, ...], one: bool) -> None:
    assert _is_one(WHOLE, pieces) is one


def test_slips_lie_on_one_picture_in_numbers() -> None:
    slip = draft(Kind.TAXI, number="01234567", code="144032370119")
    assert not _is_one(slip, (slip, slip))


TICKET = {"number": "U835774", "serial": "88801532735892U835774", "date": "2022-08-08", "total": "697.00"}


def test_a_ticket_is_one_only_where_the_picture_says_everything_once() -> None:
    piece = draft(Kind.TRAIN_PAPER, date="2022-08-08", total="697.00")
    assert _is_one(draft(Kind.TRAIN_PAPER, **TICKET), (piece, piece))
    assert not _is_one(draft(Kind.TRAIN_PAPER, **{**TICKET, "serial": ""}), (piece, piece))

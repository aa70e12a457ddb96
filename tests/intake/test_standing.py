"""Where to look for a field on the picture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intake.model import FusedField, Invoice
from intake.review import critical
from intake.standing import stand
from ocr.types import Box, FieldName, FieldValue, Kind, Source

F = FieldName
HERE, THERE, CODE = Box(0.7, 0.1, 0.9, 0.12), Box(0.1, 0.5, 0.3, 0.52), Box(0.0, 0.0, 0.1, 0.1)


def seen(*sightings: FieldValue) -> Invoice:
    return Invoice(Kind.DIG_NORMAL, {F.NUMBER: FusedField(F.NUMBER, "1", frozenset(), sightings)}, pages=(2,))


def at(value: str, source: Source, box: Box | None) -> FieldValue:
    return FieldValue(F.NUMBER, value, 1.0, source, 2, box)


@pytest.mark.parametrize(
    ("sightings", "box"),
    [
        ((at("1", Source.OCR, HERE),), HERE),
        ((at("7", Source.OCR_SECOND, THERE), at("1", Source.OCR, HERE)), HERE),
        ((at("7", Source.OCR, THERE), at("1", Source.QR, CODE)), THERE),
        ((at("1", Source.QR, CODE), at("1", Source.PDF_TEXT, HERE)), HERE),
    ],
)
def test_a_field_is_looked_for_where_it_was_read_and_not_at_the_code(
    sightings: tuple[FieldValue, ...], box: Box
) -> None:
    found = stand(seen(*sightings), Kind.DIG_NORMAL, F.NUMBER, upright=False)
    assert (found.page, found.box, found.seen) == (2, box, True)


def test_a_field_that_was_not_read_is_looked_for_where_its_form_prints_it() -> None:
    blank = seen(at("1", Source.QR, CODE), at("1", Source.OCR, None))
    broad = stand(blank, Kind.DIG_NORMAL, F.NUMBER, upright=False)
    assert not broad.seen
    assert broad.box.x0 > 0.5 > broad.box.y1
    high = stand(blank, Kind.DIG_NORMAL, F.NUMBER, upright=True)
    assert high.box.y1 < broad.box.y1
    part = replace(blank, region=Box(0.0, 0.5, 0.5, 1.0))
    inside = stand(part, Kind.DIG_NORMAL, F.NUMBER, upright=True)
    assert inside.box.x1 <= 0.5 <= inside.box.y0
    whole = stand(part, Kind.TAXI, F.NUMBER, upright=True)
    assert whole.box == part.region


@pytest.mark.parametrize("kind", list(Kind))
def test_every_field_of_every_kind_has_a_place_on_the_page(kind: Kind) -> None:
    for name in (*critical(kind), F.REMARK):
        box = stand(Invoice(kind, {}), kind, name, upright=False).box
        assert 0 <= box.x0 < box.x1 <= 1
        assert 0 <= box.y0 < box.y1 <= 1

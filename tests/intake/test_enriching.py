from __future__ import annotations

from dataclasses import replace

import pytest

from intake.carriers import Form, Kept, form_of, original, why_original
from intake.enriching import Gain, comparable, differences, enriched, pooled
from intake.model import Channel, FusedField, Invoice, Proof
from ocr.types import (
    Box,
    Carrier,
    CodeMeaning,
    CodeSighting,
    CrcState,
    Extraction,
    FieldName,
    FieldValue,
    Kind,
    LineItem,
    PageInfo,
    Receipt,
    Source,
)

F = FieldName
NONE: frozenset[Proof] = frozenset()
DATA = frozenset({Proof.STRUCTURED})
CODE = frozenset({Proof.QR_CRC})
PLACE = Box(0.1, 0.1, 0.2, 0.2)


def paper(
    *fields: tuple[FieldName, str, frozenset[Proof]], source: Source = Source.OCR, kind: Kind = Kind.DIG_NORMAL
) -> Invoice:
    return Invoice(
        kind,
        {
            name: FusedField(name, value, proof, (FieldValue(name, value, 0.9, source, 0, PLACE),))
            for name, value, proof in fields
        },
    )


@pytest.mark.parametrize(
    ("known", "said", "value", "gain"),
    [
        (("1.00", NONE), ("1.00", DATA), "1.00", Gain("1.00", "1.00", DATA)),
        (("1.00", NONE), ("2.00", DATA), "2.00", Gain("1.00", "2.00", DATA)),
        (("1.00", CODE), ("2.00", DATA), "1.00", None),
        (("1.00", NONE), ("2.00", NONE), "1.00", None),
        (("1.00", DATA), ("1.00", DATA), "1.00", None),
        (("1.00", CODE), ("1.00", DATA), "1.00", Gain("1.00", "1.00", DATA)),
        (("1.00", NONE), ("1.00", NONE), "1.00", None),
        (None, ("1.00", DATA), "1.00", Gain(None, "1.00", DATA)),
        (None, ("1.00", NONE), None, None),
    ],
)
def test_a_field_gains_what_a_further_carrier_proves(
    known: tuple[str, frozenset[Proof]] | None,
    said: tuple[str, frozenset[Proof]],
    value: str | None,
    gain: Gain | None,
) -> None:
    first = paper((F.TAX, *known)) if known else paper()
    better, gains = enriched(first, paper((F.TAX, *said), source=Source.XML))
    assert better.value(F.TAX) == value
    assert gains == ({F.TAX: gain} if gain else {})
    if value:
        assert all(one.box is None for one in better.fields[F.TAX].sightings if one.source is Source.XML)


def test_what_brings_nothing_new_changes_nothing() -> None:
    first = paper((F.TAX, "1.00", CODE))
    assert enriched(first, first) == (first, {})
    assert enriched(first, first)[0] is first


def test_each_copy_keeps_its_own_marks_and_numbers() -> None:
    first = paper((F.COPY, "发票联", NONE), (F.NUMBER, "26112000000048542163", CODE))
    more = paper((F.COPY, "抵扣联", DATA), (F.NUMBER, "48542163", DATA), (F.CODE, "261120000000", DATA))
    better, gains = enriched(first, more)
    assert (better.value(F.COPY), better.value(F.NUMBER)) == ("发票联", "26112000000048542163")
    assert set(gains) == {F.CODE}


def code(text: str) -> CodeSighting:
    return CodeSighting(text, CodeMeaning.INVOICE, CrcState.OK, 0, PLACE, "zxing")


def test_codes_and_lines_of_a_further_carrier_are_added_without_their_places() -> None:
    first = replace(paper(), codes=(code("a"),))
    more = replace(paper(), codes=(code("a"), code("b")), lines=(LineItem(name="纸"),))
    better, gains = enriched(first, more)
    assert [(one.text, one.box is None) for one in better.codes] == [("a", False), ("b", True)]
    assert [line.name for line in better.lines] == ["纸"]
    assert gains == {}


def test_an_invoice_that_waits_is_weighed_anew() -> None:
    first = replace(paper((F.TOTAL, "7.00", NONE), (F.SELLER_NAME, "又具公司", NONE)), pictures=("aa",))
    more = paper((F.TOTAL, "1.00", DATA), (F.COPY, "发票联", NONE), source=Source.XML)
    whole = pooled(first, more)
    assert whole is not None
    assert (whole.value(F.TOTAL), whole.value(F.SELLER_NAME), whole.pictures) == ("1.00", "又具公司", ("aa",))
    assert whole.proven(F.TOTAL)
    assert pooled(whole, more) is None


@pytest.mark.parametrize(("kind", "expected"), [(Kind.UNKNOWN, Kind.RAIL_E), (Kind.DIG_NORMAL, Kind.DIG_NORMAL)])
def test_a_kind_that_was_not_told_is_taken_from_the_further_carrier(kind: Kind, expected: Kind) -> None:
    whole = pooled(paper(kind=kind), paper((F.TOTAL, "1.00", DATA), source=Source.XML, kind=Kind.RAIL_E))
    assert whole is not None
    assert whole.kind is expected


@pytest.mark.parametrize(
    ("first", "more", "kept"),
    [("a", "b", "a"), ("", "b", "b"), ("a", "", "a"), ("a", "data", "data")],
)
def test_lines_of_data_come_before_those_of_a_reading(first: str, more: str, kept: str) -> None:
    lines = {name: (LineItem(name=name),) if name else () for name in (first, more)}
    proof = DATA if more == "data" else NONE
    fresh = paper((F.NUMBER, "26112000000048542163", proof), source=Source.XML)
    whole = pooled(replace(paper(), lines=lines[first]), replace(fresh, lines=lines[more]))
    assert whole is not None
    assert [line.name for line in whole.lines] == [kept]


def test_a_paper_without_a_number_brings_its_lines_where_there_are_none() -> None:
    whole = pooled(paper(), replace(paper((F.TOTAL, "1.00", NONE)), lines=(LineItem(name="b"),)))
    assert whole is not None
    assert [line.name for line in whole.lines] == ["b"]


@pytest.mark.parametrize(
    ("name", "here", "there", "proven", "differs"),
    [
        (F.TOTAL, "1.00", "2.00", False, True),
        (F.DATE, "2026-07-01", "2026-07-02", False, True),
        (F.TOTAL, "1.00", "1.00", True, False),
        (F.TAX, "1.00", "2.00", True, True),
        (F.TAX, "1.00", "2.00", False, False),
        (F.SELLER_TAX_ID, "a", "b", True, True),
        (F.SELLER_NAME, "a", "b", True, False),
    ],
)
def test_papers_contradict_each_other_in_day_amount_and_what_both_prove(
    name: FieldName, here: str, there: str, proven: bool, differs: bool
) -> None:
    proof = CODE if proven else NONE
    found = differences(paper((name, here, proof)), paper((name, there, proof)))
    assert [(one.field, one.first, one.second, one.proven) for one in found] == (
        [(name, here, there, proven)] if differs else []
    )
    assert differences(paper(), paper((name, there, proof))) == ()


def test_without_a_common_day_or_amount_nobody_can_say_that_two_are_the_same() -> None:
    assert comparable(paper((F.NET, "1.00", NONE)), paper((F.NET, "2.00", NONE)))
    assert not comparable(paper((F.NET, "1.00", NONE)), paper((F.TOTAL, "2.00", NONE)))


# --- carriers ---------------------------------------------------------------------------------------------


def reading(carrier: Carrier, kind: str = "", *, text: bool = False, dpi: float | None = None) -> Extraction:
    return Extraction(carrier, kind, (PageInfo(0, 1, 1, dpi=dpi, text_layer=text), PageInfo(1, 1, 1, text_layer=True)))


XBRL_INSIDE = replace(
    reading(Carrier.PDF, text=True),
    receipts=(Receipt(Kind.DIG_NORMAL, values=(FieldValue(F.TOTAL, "1.00", 1.0, Source.XBRL),)),),
)


@pytest.mark.parametrize(
    ("read", "channel", "form"),
    [
        (reading(Carrier.XML), None, Form.XML),
        (reading(Carrier.OFD), None, Form.OFD),
        (reading(Carrier.XBRL), None, Form.XBRL),
        (reading(Carrier.PDF, text=True), None, Form.PDF),
        (reading(Carrier.PDF), None, Form.SCAN),
        (XBRL_INSIDE, None, Form.PDF_DATA),
        (reading(Carrier.IMAGE, "image/tiff"), None, Form.SCAN),
        (reading(Carrier.IMAGE, "image/jpeg", dpi=300), Channel.WEB, Form.SCAN),
        (reading(Carrier.IMAGE, "image/jpeg", dpi=300), Channel.PHONE, Form.PHOTO),
        (reading(Carrier.IMAGE, "image/jpeg", dpi=72), Channel.WEB, Form.PHOTO),
        (reading(Carrier.IMAGE, "image/jpeg"), None, Form.PHOTO),
        (reading(Carrier.ZIP), None, Form.UNKNOWN),
    ],
)
def test_the_form_of_a_carrier(read: Extraction, channel: Channel | None, form: Form) -> None:
    assert form_of(read, (0,), channel) is form


@pytest.mark.parametrize(
    ("forms", "best", "why"),
    [
        ([Form.PHOTO, Form.PDF, Form.XML], 2, "structured"),
        ([Form.OFD, Form.XML], 1, "structured"),
        ([Form.PHOTO, Form.PDF], 1, "text"),
        ([Form.PHOTO, Form.SCAN, Form.SCAN], 1, "first"),
        ([Form.ATTACHMENT, Form.PHOTO], 1, "only"),
    ],
)
def test_the_preferred_carrier_is_the_original(forms: list[Form], best: int, why: str) -> None:
    kept = [Kept(number, form) for number, form in enumerate(forms)]
    assert original(kept) == best
    assert original(reversed(kept)) == best
    assert why_original(forms[best], [form for form in forms if form is not Form.ATTACHMENT]) == why


def test_an_attachment_is_no_original() -> None:
    assert original([Kept(1, Form.ATTACHMENT)]) is None

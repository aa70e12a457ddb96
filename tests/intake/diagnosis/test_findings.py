"""Each finding of the checks to the letter: its level, the fields that it names, and what its sentence is told."""

from __future__ import annotations

from datetime import date

import pytest

from intake.checks import check
from intake.fuse import fuse
from intake.model import Finding, FusedField, Invoice, Level, Proof
from ocr.rules.payload import encode, meaning, parse
from ocr.types import CodeSighting, CrcState, FieldName, FieldValue, Kind, LineItem, Receipt, Sheets, Source

F, K = FieldName, Kind
OK, INFO, WARNING, ERROR = Level.OK, Level.INFO, Level.WARNING, Level.ERROR
TODAY = date(2026, 11, 24)
CODE, NUMBER, DIGITAL = "011002301111", "10556199", "24112000000048542163"
SELLER, BUYER, OFFICE = "91110108690017781B", "914403003197860257", "33019800DK01187"
AIR_FIELDS = (F.TOTAL, F.FARE, F.FUEL, F.TAX, F.FUND, F.OTHER_FEES)
AIR = {F.FARE: "733.94", F.FUEL: "18.35", F.TAX: "67.71", F.FUND: "50.00"}
PAIRS = {F.NET: "2.00", F.TAX: "0.12", F.TOTAL: "2.12"}


def made(
    values: dict[FieldName, str],
    kind: Kind = K.VAT_E_NORMAL,
    lines: tuple[LineItem, ...] = (),
    proof: frozenset[Proof] = frozenset(),
    source: Source = Source.OCR,
) -> Invoice:
    fields = {
        name: FusedField(name, text, proof, (FieldValue(name, text, 1.0, source),)) for name, text in values.items()
    }
    return Invoice(kind, fields, lines=lines)


def told(invoice: Invoice, code: str) -> list[Finding]:
    return [one for one in check(invoice, today=TODAY) if one.code == code]


@pytest.mark.parametrize(
    ("kind", "values", "finding"),
    [
        (K.VAT_E_NORMAL, {F.NUMBER: NUMBER}, Finding("number_shape", OK, (F.NUMBER,), {"expected": "8"})),
        (K.FISCAL, {F.NUMBER: NUMBER}, Finding("number_shape", ERROR, (F.NUMBER,), {"expected": "10"})),
        (
            K.DIG_NORMAL, {F.NUMBER: DIGITAL, F.DATE: "2025-05-28"},
            Finding("number_year", ERROR, (F.NUMBER, F.DATE), {"number": "2024", "date": "2025"}),
        ),
        (
            K.DIG_NORMAL, {F.NUMBER: "24992000000048542163"},
            Finding("number_region_unknown", WARNING, (F.NUMBER,), {"region": "99"}),
        ),
        (K.VAT_E_NORMAL, {F.CODE: "00010126"}, Finding("code_shape", ERROR, (F.CODE,))),
        (K.VAT_E_NORMAL, {F.CODE: "099992301111"}, Finding("code_region", WARNING, (F.CODE,), {"region": "9900"})),
        (
            K.VAT_E_NORMAL, {F.CODE: CODE, F.DATE: "2022-12-07"},
            Finding("code_year", ERROR, (F.CODE, F.DATE), {"batch": "2023", "date": "2022"}),
        ),
        (
            K.VAT_NORMAL_PAPER, {F.CODE: CODE},
            Finding("code_kind", WARNING, (F.CODE,), {"by_code": K.VAT_E_NORMAL, "by_title": K.VAT_NORMAL_PAPER}),
        ),
        (K.DIG_NORMAL, {F.DATE: "2026-11-25"}, Finding("date_future", ERROR, (F.DATE,), {"date": "2026-11-25"})),
        (K.VAT_E_NORMAL, {F.MACHINE_NUMBER: "1"}, Finding("machine_number_shape", WARNING, (F.MACHINE_NUMBER,))),
        (K.VAT_E_NORMAL, {F.CHECK_CODE: "b05e2a"}, Finding("check_code_shape", WARNING, (F.CHECK_CODE,))),
        (
            K.DIG_NORMAL, {F.BUYER_TAX_ID: "9111010869001778100"},
            Finding("tax_id_shape", WARNING, (F.BUYER_TAX_ID,), {"role": "buyer", "length": "19"}),
        ),
        (
            K.DIG_NORMAL, {F.SELLER_TAX_ID: OFFICE},
            Finding("tax_id_unchecked", INFO, (F.SELLER_TAX_ID,), {"role": "seller", "kind": "agent"}),
        ),
        (
            K.DIG_NORMAL, {F.SELLER_TAX_ID: "91500102563638729E"},
            Finding("tax_id_check", WARNING, (F.SELLER_TAX_ID,), {"role": "seller"}),
        ),
        (
            K.DIG_NORMAL, {F.BUYER_TAX_ID: SELLER, F.SELLER_TAX_ID: SELLER},
            Finding("parties_equal", WARNING, (F.BUYER_TAX_ID, F.SELLER_TAX_ID)),
        ),
        (K.DIG_NORMAL, {F.BUYER_TAX_ID: SELLER}, "parties_equal"),
        (
            K.DIG_NORMAL, {F.NUMBER: DIGITAL, F.SELLER_TAX_ID: BUYER},
            Finding("region_of_seller", WARNING, (F.NUMBER, F.SELLER_TAX_ID), {"paper": "北京", "seller": "深圳"}),
        ),
        (
            K.VAT_E_NORMAL, {F.NUMBER: NUMBER, F.CODE: CODE, F.SELLER_TAX_ID: SELLER},
            Finding("region_of_seller", OK, (F.CODE, F.SELLER_TAX_ID), {"paper": "北京", "seller": "北京"}),
        ),
        (
            K.DIG_NORMAL, {F.NET: "510.68", F.TAX: "15.33", F.TOTAL: "526.00"},
            Finding("sum", ERROR, (F.NET, F.TAX, F.TOTAL), {"net": "510.68", "tax": "15.33", "total": "526.00"}),
        ),
        (
            K.DIG_NORMAL, {F.NET: "57.00", F.TOTAL: "57.00"},
            Finding("sum", OK, (F.NET, F.TAX, F.TOTAL), {"net": "57.00", "tax": "0.00", "total": "57.00"}),
        ),
        (
            K.DIG_NORMAL, {F.TOTAL: "526.00", F.TOTAL_IN_WORDS: "528.00"},
            Finding("words", ERROR, (F.TOTAL, F.TOTAL_IN_WORDS), {"words": "528.00", "total": "526.00"}),
        ),
        (K.DIG_NORMAL, {F.TOTAL: "-0.01"}, Finding("negative", INFO, (F.TOTAL,))),
        (K.DIG_NORMAL, {F.TOTAL: "0.00"}, "negative"),
        (K.DIG_NORMAL, {F.TOTAL: "0.50"}, "negative"),
        (
            K.AIR_E, AIR | {F.TOTAL: "840.00"},
            Finding("air_sum", ERROR, AIR_FIELDS, {"found": "870.00", "total": "840.00"}),
        ),
        (
            K.AIR_PAPER, {F.FARE: "820.00", F.FUEL: "0.00", F.TAX: "9.00", F.FUND: "50.00", F.TOTAL: "870.00"},
            Finding("air_sum", OK, AIR_FIELDS, {"found": "870.00", "total": "870.00"}),
        ),
        (
            K.AIR_PAPER, {F.FARE: "820.00", F.FUEL: "0.00", F.FUND: "50.00", F.OTHER_FEES: "0.00", F.TOTAL: "890.00"},
            Finding("air_sum", ERROR, AIR_FIELDS, {"found": "870.00", "total": "890.00"}),
        ),
        (K.AIR_E, {F.FARE: "820.00"}, "air_sum"),
        (K.DIG_NORMAL, {F.COPY: "记账联"}, Finding("sellers_copy", WARNING, (F.COPY,), {"copy": "记账联"})),
        (
            K.VEHICLE, {F.NUMBER: NUMBER, F.PRINTED_NUMBER: "10556198"},
            Finding(
                "printed_differs", ERROR, (F.NUMBER, F.PRINTED_NUMBER), {"form": NUMBER, "machine": "10556198"}
            ),
        ),
        (K.DIG_NORMAL, {F.SELLER_TAX_ID: OFFICE}, Finding("real_seller_missing", WARNING, (F.SELLER_TAX_ID,))),
        (
            K.DIG_NORMAL, {F.SELLER_TAX_ID: OFFICE, F.REAL_SELLER_TAX_ID: SELLER},
            Finding("real_seller_check", OK, (F.REAL_SELLER_TAX_ID,)),
        ),
        (
            K.DIG_NORMAL, {F.NET: "-1.00", F.TAX: "0.00", F.TOTAL: "-1.00"},
            Finding("red_signs", OK, (F.NET, F.TAX, F.TOTAL)),
        ),
        (
            K.DIG_NORMAL, {F.NET: "-1.00", F.TAX: "0.06", F.TOTAL: "-0.94"},
            Finding("red_signs", ERROR, (F.NET, F.TAX, F.TOTAL)),
        ),
        (K.DIG_NORMAL, {F.NET: "0.00", F.TOTAL: "0.50"}, "red_signs"),
        (K.DIG_NORMAL, {F.TOTAL: "-1.00"}, Finding("red_unlinked", INFO, (F.RED_OF,))),
        (K.DIG_NORMAL, {F.TOTAL: "-1.00", F.REMARK: "红字"}, "red_unlinked"),
    ],
)  # fmt: skip
def test_each_finding(kind: Kind, values: dict[FieldName, str], finding: Finding | str) -> None:
    code = finding if isinstance(finding, str) else finding.code
    assert told(made(values, kind), code) == ([] if isinstance(finding, str) else [finding])


def test_a_proven_total_is_not_shaken_by_a_part_that_was_misread() -> None:
    values = AIR | {F.TOTAL: "840.00"}
    proven = {F.TOTAL: FusedField(F.TOTAL, "840.00", frozenset({Proof.QR_CRC}), ())}
    invoice = Invoice(K.AIR_E, {**made(values).fields, **proven})
    assert [one.level for one in told(invoice, "air_sum")] == [WARNING]
    parts = made(values, proof=frozenset({Proof.QR_CRC})).fields
    unproven = Invoice(K.AIR_E, {**parts, F.TOTAL: FusedField(F.TOTAL, "840.00", frozenset(), ())})
    assert [one.level for one in told(unproven, "air_sum")] == [ERROR]


@pytest.mark.parametrize(
    ("here", "level", "missing"), [((1,), ERROR, "2, 3"), ((1, 3), ERROR, "2"), ((1, 2, 3), OK, "")]
)
def test_pages_that_are_missing_are_numbered(here: tuple[int, ...], level: Level, missing: str) -> None:
    invoice = Invoice(K.DIG_NORMAL, {}, sheets=Sheets(3, here))
    assert told(invoice, "pages_missing") == [Finding("pages_missing", level, (), {"missing": missing, "count": "3"})]


# --- lines ----------------------------------------------------------------------------------------------------------

PLAIN = LineItem(name="a", quantity="1", price="1.00", amount="1.00", rate="6%", tax="0.06")
ODD = LineItem(name="a", quantity="1", price="2.00", amount="1.00", rate="6%", tax="0.60")


@pytest.mark.parametrize(
    ("code", "fields", "levels"),
    [("line_tax", (F.TAX,), (OK, WARNING)), ("line_price", (F.NET,), (OK, WARNING))],
)
def test_a_finding_of_a_line_names_its_place(
    code: str, fields: tuple[FieldName, ...], levels: tuple[Level, ...]
) -> None:
    assert told(made({}, lines=(PLAIN, ODD)), code) == [
        Finding(code, level, fields, {"line": str(place)}) for place, level in enumerate(levels, start=1)
    ]


@pytest.mark.parametrize(("rate", "known"), [("7%", False), ("6%", True), ("***", True), ("免税", True), ("", True)])
def test_a_rate_that_the_law_does_not_know_is_named(rate: str, known: bool) -> None:
    found = told(made({}, lines=(PLAIN, LineItem(name="b", rate=rate))), "rate_unknown")
    assert found == ([] if known else [Finding("rate_unknown", WARNING, (), {"line": "2", "rate": rate})])


def line(amount: str, name: str = "a") -> LineItem:
    return LineItem(name=name, amount=amount)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (("1.00", "-1.00"), [(OK, "2")]),
        (("1.00", "-1.01"), [(WARNING, "2")]),
        (("0.50", "-0.10"), [(OK, "2")]),
        (("2.00", "0.00"), []),
        (("2.00", "0.50"), []),
        (("0.00", "-1.00"), []),  # nothing is above zero: a red letter
        (("-1.00", "2.00", "-2.00"), [(WARNING, "1"), (OK, "3")]),
    ],
)
def test_a_discount_is_no_more_than_the_line_before_it(
    amounts: tuple[str, ...], expected: list[tuple[Level, str]]
) -> None:
    assert told(made({}, lines=tuple(map(line, amounts))), "discount_alone") == [
        Finding("discount_alone", level, (), {"line": place}) for level, place in expected
    ]


@pytest.mark.parametrize(("source", "level"), [(Source.XML, ERROR), (Source.OCR, WARNING)])
def test_totals_of_the_lines_are_named_with_what_is_stated(source: Source, level: Level) -> None:
    invoice = made({F.NET: "3.00", F.TAX: "0.12"}, lines=(PLAIN, PLAIN), source=source)
    assert told(invoice, "lines_amount") == [
        Finding("lines_amount", level, (F.NET,), {"lines": "2.00", "stated": "3.00"})
    ]
    assert told(invoice, "lines_tax") == [Finding("lines_tax", OK, (F.TAX,), {"lines": "0.12", "stated": "0.12"})]


@pytest.mark.parametrize(
    ("values", "lines", "level"),
    [
        (PAIRS, (PLAIN, PLAIN), OK),
        ({**PAIRS, F.TAX: "5.00"}, (PLAIN, PLAIN), WARNING),
        ({**PAIRS, F.NET: "3.00"}, (PLAIN, PLAIN), None),
        ({F.TAX: "0.12"}, (PLAIN, PLAIN), None),
        ({F.NET: "2.00"}, (PLAIN, PLAIN), None),
        (PAIRS, (PLAIN, PLAIN, LineItem(name="note")), None),
    ],
)
def test_the_tax_of_the_rates_asks_for_net_tax_and_every_line(
    values: dict[FieldName, str], lines: tuple[LineItem, ...], level: Level | None
) -> None:
    found = told(made(values, lines=lines), "tax_of_rates")
    assert found == ([] if level is None else [Finding("tax_of_rates", level, (F.TAX,))])


# --- the code on the paper ------------------------------------------------------------------------------------------


def coded(kind: Kind, texts: tuple[str, ...], *seen: FieldValue) -> Invoice:
    marks = []
    for text in texts:
        payload = parse(text)
        marks.append(CodeSighting(text, meaning(text), payload.crc if payload else CrcState.NONE, 0, None, "test"))
    return fuse(Receipt(kind, values=seen, codes=tuple(marks)))


def see(name: FieldName, value: str, source: Source = Source.OCR, confidence: float = 0.9) -> FieldValue:
    return FieldValue(name, value, confidence, source, raw=f"{name}:{value}")


PAPER = encode("10", CODE, NUMBER, "1310.96", "20231207", "13250180506951701215")
OTHER = encode("10", CODE, "10556200", "1310.96", "20231207", "13250180506951701215")
TWENTY = encode("32", "", DIGITAL, "4449.00", "20240528", "")


def test_several_codes_are_counted() -> None:
    found = told(coded(K.VAT_E_NORMAL, (PAPER, OTHER, OTHER)), "qr_several")
    assert found == [Finding("qr_several", WARNING, (F.NUMBER,), {"count": "2"})]


def test_a_checksum_is_held_against_the_number() -> None:
    assert told(coded(K.VAT_E_NORMAL, (PAPER,)), "qr_crc") == [Finding("qr_crc", OK, (F.NUMBER,))]


@pytest.mark.parametrize(
    ("kind", "text", "seen", "amount"),
    [
        (K.VAT_E_NORMAL, PAPER, {F.NUMBER: NUMBER, F.NET: "1297.98", F.TOTAL: "1310.96"}, "1310.96"),
        (K.DIG_NORMAL, TWENTY, {F.NUMBER: DIGITAL, F.NET: "4449.00", F.TOTAL: "4500.00"}, "4449.00"),
        (K.DIG_NORMAL, TWENTY, {F.NUMBER: DIGITAL, F.NET: "4449.00", F.TOTAL: "4449.00"}, None),
        (K.DIG_NORMAL, TWENTY, {F.NUMBER: DIGITAL, F.NET: "4197.17", F.TOTAL: "4449.00"}, None),
    ],
)
def test_the_amount_of_a_code_that_is_the_other_total_is_named(
    kind: Kind, text: str, seen: dict[FieldName, str], amount: str | None
) -> None:
    found = told(
        coded(kind, (text,), *(see(name, value) for name, value in seen.items())), "qr_amount_basis_unexpected"
    )
    expected = Finding("qr_amount_basis_unexpected", INFO, (F.NET, F.TOTAL), {"amount": amount or ""})
    assert found == ([] if amount is None else [expected])


@pytest.mark.parametrize(
    ("seen", "face"),
    [
        ((see(F.DATE, "2023-12-08", confidence=0.6), see(F.DATE, "2023-12-09")), "2023-12-09"),
        ((see(F.DATE, "2023-12-08"), see(F.DATE, "2023-12-09", confidence=0.6)), "2023-12-08"),
        ((see(F.DATE, "2023-12-08", Source.XML, 0.5), see(F.DATE, "2023-12-09")), "2023-12-08"),
        ((see(F.DATE, "2023-12-08"), see(F.DATE, "2023-12-09")), "2023-12-09"),
        ((see(F.DATE, "2023-12-08"), see(F.DATE, "2023-12-07")), "2023-12-07"),
    ],
)
def test_the_face_is_what_its_best_reader_saw(seen: tuple[FieldValue, ...], face: str) -> None:
    found = told(coded(K.VAT_E_NORMAL, (PAPER,), see(F.NUMBER, NUMBER), *seen), "qr_face")
    assert [one.params for one in found if one.fields == (F.DATE,)] == [{"qr": "2023-12-07", "face": face}]

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.fuse import fuse
from intake.model import Doubt, Invoice, Proof
from ocr.rules.payload import encode, meaning, parse
from ocr.types import Box, CodeMeaning, CodeSighting, CrcState, FieldName, FieldValue, Kind, Receipt, Source

F, S, K = FieldName, Source, Kind

CODE, NUMBER, CHECK = "011002300111", "10556199", "13250180506951701215"
DIGITAL = "24112000000048542163"
BUYER, SELLER = "914403003197860257", "91110108690017781B"  # 深圳, 北京
OTHER_BEIJING = "91110302MA01NP925M"
ABOVE, BELOW = Box(0.2, 0.25, 0.5, 0.28), Box(0.2, 0.75, 0.5, 0.78)
LEFT, RIGHT = Box(0.1, 0.3, 0.4, 0.33), Box(0.6, 0.3, 0.9, 0.33)


def see(
    name: FieldName, value: str, source: Source = S.OCR, box: Box | None = None, confidence: float = 0.99, raw: str = ""
) -> FieldValue:
    return FieldValue(name, value, confidence, source, 0, box, raw or f"{name}:{value}")


def code(text: str) -> CodeSighting:
    found = parse(text)
    return CodeSighting(text, meaning(text), found.crc if found else CrcState.NONE, 0, None, "test")


def tax_control(amount: str = "1310.96", number: str = NUMBER, variant: str = "A") -> CodeSighting:
    return code(encode("10", CODE, number, amount, "20231207", CHECK, variant))


def digital(total: str = "4449.00", number: str = DIGITAL) -> CodeSighting:
    return code(encode("31", "", number, total, "20240528", ""))


def paper(*values: FieldValue, kind: Kind = K.VAT_E_NORMAL, codes: Iterable[CodeSighting] = ()) -> Invoice:
    return fuse(Receipt(kind, values=values, codes=tuple(codes)))


def proofs(invoice: Invoice, name: FieldName) -> set[Proof]:
    return set(invoice.fields[name].proof)


FACE = (
    see(F.CODE, CODE),
    see(F.NUMBER, NUMBER),
    see(F.DATE, "2023-12-07"),
    see(F.CHECK_CODE, CHECK),
    see(F.NET, "1310.96"),
    see(F.TAX, "13.11"),
    see(F.TOTAL, "1324.07"),
)

# --- structured data ----------------------------------------------------------------------------------------


def structured(*pairs: tuple[FieldName, str], source: Source = S.OFD_DATA) -> tuple[FieldValue, ...]:
    return tuple(see(name, value, source) for name, value in pairs)


DATA = (
    (F.NUMBER, DIGITAL),
    (F.DATE, "2024-05-28"),
    (F.NET, "4197.17"),
    (F.TAX, "251.83"),
    (F.SELLER_TAX_ID, SELLER),
    (F.BUYER_TAX_ID, BUYER),
    (F.SELLER_NAME, "甲公司"),
    (F.BUYER_NAME, "乙公司"),
)


def test_structured_data_proves_what_it_states_and_the_total_is_computed() -> None:
    invoice = paper(*structured(*DATA), kind=K.DIG_SPECIAL)
    assert all(proofs(invoice, name) >= {Proof.STRUCTURED} for name, _ in DATA)
    assert invoice.value(F.TOTAL) == "4449.00"
    assert proofs(invoice, F.TOTAL) == {Proof.ARITHMETIC}
    assert invoice.fields[F.TOTAL].sightings == ()


def test_no_total_is_computed_for_air_itineraries_or_from_readings() -> None:
    assert paper(*structured(*DATA), kind=K.AIR_E).value(F.TOTAL) is None
    assert paper(see(F.NET, "4197.17"), see(F.TAX, "251.83")).value(F.TOTAL) is None
    assert paper(*structured((F.NET, "4197.17"))).value(F.TOTAL) is None


def test_data_beats_every_reading_and_all_sightings_stay() -> None:
    invoice = paper(*structured(*DATA), see(F.NET, "4197.11"), see(F.NET, "9.99"), kind=K.DIG_SPECIAL)
    assert invoice.value(F.NET) == "4197.17"
    assert proofs(invoice, F.NET) == {Proof.STRUCTURED}
    assert len(invoice.fields[F.NET].sightings) == 3


@pytest.mark.parametrize(
    "other",
    [
        see(F.NET, "4197.18", S.OFD_DATA),
        see(F.NET, "4197.18", S.XBRL),
        see(F.NET, "4197.18", S.OFD_TEXT),
        see(F.NET, "4197.18", S.PDF_TEXT),
    ],
)
def test_data_that_another_exact_source_contradicts_proves_nothing(other: FieldValue) -> None:
    invoice = paper(*structured(*DATA), other, kind=K.DIG_SPECIAL)
    assert not proofs(invoice, F.NET)
    assert invoice.fields[F.NET].doubt is Doubt.SOURCES_DISAGREE
    assert invoice.value(F.TOTAL) is None


def test_data_whose_sum_does_not_hold_proves_no_money() -> None:
    invoice = paper(*structured(*DATA, (F.TOTAL, "4449.01")), kind=K.DIG_SPECIAL)
    assert not any(proofs(invoice, name) for name in (F.NET, F.TAX, F.TOTAL))
    assert proofs(invoice, F.NUMBER)


def test_net_and_tax_exchanged_in_the_data_prove_nothing() -> None:
    invoice = paper(*structured((F.NET, "251.83"), (F.TAX, "4197.17"), (F.TOTAL, "4449.00")), kind=K.DIG_SPECIAL)
    assert not any(proofs(invoice, name) for name in (F.NET, F.TAX, F.TOTAL))


def test_data_whose_words_differ_from_the_figures_prove_no_money() -> None:
    invoice = paper(*structured(*DATA, (F.TOTAL, "4449.00"), (F.TOTAL_IN_WORDS, "4448.00")), kind=K.DIG_SPECIAL)
    assert not any(proofs(invoice, name) for name in (F.NET, F.TAX, F.TOTAL))


def test_money_of_an_air_itinerary_has_no_sum_of_net_and_tax() -> None:
    invoice = paper(*structured((F.NET, "733.94"), (F.TAX, "67.71"), (F.TOTAL, "870.00")), kind=K.AIR_E)
    assert proofs(invoice, F.TOTAL) == {Proof.STRUCTURED}


def test_data_whose_number_is_of_another_year_proves_neither_number_nor_date() -> None:
    invoice = paper(*structured((F.NUMBER, DIGITAL), (F.DATE, "2025-05-28")), kind=K.DIG_SPECIAL)
    assert not proofs(invoice, F.NUMBER)
    assert not proofs(invoice, F.DATE)


def test_a_tax_of_nothing_in_the_data_may_be_stars_on_the_face() -> None:
    free = structured((F.NET, "57.00"), (F.TAX, "0.00"), (F.TOTAL, "57.00"))
    assert not proofs(paper(*free), F.TAX)
    assert proofs(paper(*free), F.TOTAL) == {Proof.STRUCTURED}
    assert proofs(paper(*free, see(F.TAX, "0.00", S.OFD_TEXT)), F.TAX) == {Proof.STRUCTURED}


def test_a_tax_id_in_the_data_whose_check_digit_fails_is_not_proven() -> None:
    invoice = paper(*structured((F.SELLER_TAX_ID, "91500102563638729E")))
    assert not proofs(invoice, F.SELLER_TAX_ID)
    assert invoice.fields[F.SELLER_TAX_ID].doubt is Doubt.CHECK_FAILS


def test_one_party_for_both_roles_in_the_data_proves_neither() -> None:
    invoice = paper(
        *structured((F.SELLER_TAX_ID, SELLER), (F.BUYER_TAX_ID, SELLER), (F.BUYER_NAME, "甲"), (F.SELLER_NAME, "甲"))
    )
    assert not any(proofs(invoice, name) for name in (F.SELLER_TAX_ID, F.BUYER_TAX_ID, F.BUYER_NAME, F.SELLER_NAME))


def test_a_name_cut_short_in_the_text_layer_does_not_contradict_the_data() -> None:
    data = structured((F.BUYER_NAME, "北京某某科技有限公司"))
    assert proofs(paper(*data, see(F.BUYER_NAME, "北京某某科技", S.OFD_TEXT)), F.BUYER_NAME) == {Proof.STRUCTURED}
    assert not proofs(paper(*data, see(F.BUYER_NAME, "北京某某科枝有限公司", S.OFD_TEXT)), F.BUYER_NAME)


# --- the code ---------------------------------------------------------------------------------------------------


def test_a_code_with_fitting_checksum_proves_what_it_says_by_its_basis() -> None:
    invoice = paper(*FACE, codes=[tax_control()])
    for name in (F.CODE, F.NUMBER, F.DATE, F.CHECK_CODE, F.NET):
        assert Proof.QR_CRC in proofs(invoice, name), name
    assert proofs(invoice, F.TAX) == {Proof.ARITHMETIC}
    assert proofs(invoice, F.TOTAL) == {Proof.ARITHMETIC}


def test_the_amount_of_a_digital_invoice_is_the_total() -> None:
    invoice = paper(codes=[digital()], kind=K.DIG_SPECIAL)
    assert proofs(invoice, F.TOTAL) == {Proof.QR_CRC}
    assert F.NET not in invoice.fields
    assert F.CODE not in invoice.fields


@pytest.mark.parametrize(
    "borne_out", [(see(F.TOTAL_IN_WORDS, "14449.00"),), (see(F.NET, "13631.13"), see(F.TAX, "817.87"))]
)
def test_an_amount_of_one_digit_more_that_the_face_bears_out_is_an_alteration_not_a_misreading(
    borne_out: tuple[FieldValue, ...],
) -> None:
    altered = paper(
        see(F.NUMBER, DIGITAL), see(F.TOTAL, "14449.00"), *borne_out, kind=K.DIG_SPECIAL, codes=[digital("4449.00")]
    )
    assert not altered.proven(F.TOTAL)
    misread = paper(see(F.NUMBER, DIGITAL), see(F.TOTAL, "14449.00"), kind=K.DIG_SPECIAL, codes=[digital("4449.00")])
    assert proofs(misread, F.TOTAL) == {Proof.QR_CRC}


def test_a_code_alone_proves_when_nothing_of_the_face_was_read() -> None:
    assert proofs(paper(codes=[tax_control()]), F.NUMBER) == {Proof.QR_CRC}


def test_a_code_whose_checksum_fails_proves_nothing() -> None:
    text = encode("10", CODE, NUMBER, "1310.96", "20231207", CHECK)
    bad = code(text[:-4] + f"{int(text[-4:], 16) ^ 1:04X}")
    assert bad.crc is CrcState.FAIL
    invoice = paper(*FACE, codes=[bad])
    assert not any(proofs(invoice, name) for name in (F.CODE, F.NUMBER, F.DATE, F.NET))


def test_a_code_without_checksum_needs_a_reader_that_agrees() -> None:
    bare = code(f"01,10,{CODE},{NUMBER},1310.96,20231207,{CHECK}")
    assert not proofs(paper(codes=[bare]), F.NUMBER)
    invoice = paper(*FACE, codes=[bare])
    assert proofs(invoice, F.NUMBER) == {Proof.TWO_READERS}
    assert proofs(invoice, F.NET) == {Proof.TWO_READERS}


def test_two_codes_of_different_invoices_prove_nothing() -> None:
    invoice = paper(*FACE, codes=[tax_control(), tax_control(number="10556200")])
    assert not any(field.proven for field in invoice.fields.values())
    assert invoice.value(F.NUMBER) == NUMBER


def test_two_readings_of_one_code_count_as_one_and_the_exact_one_wins() -> None:
    exact = tax_control()
    assert proofs(paper(*FACE, codes=[exact, replace(exact, decoder="again")]), F.NUMBER) == {Proof.QR_CRC}
    bare = code(f"01,10,{CODE},{NUMBER},9999.99,20231207,{CHECK}")
    assert Proof.QR_CRC in proofs(paper(*FACE, codes=[bare, exact]), F.NET)
    two = [exact, tax_control(amount="1310.97")]
    assert not proofs(paper(*FACE, codes=two), F.NET)


def test_another_number_in_the_text_layer_means_another_paper() -> None:
    invoice = paper(see(F.NUMBER, "10556198", S.PDF_TEXT), *FACE[2:], codes=[tax_control()])
    assert invoice.value(F.NUMBER) == "10556198"
    assert not any(proofs(invoice, name) for name in (F.NUMBER, F.CODE, F.DATE, F.CHECK_CODE, F.NET))
    assert invoice.fields[F.NUMBER].doubt is Doubt.SOURCES_DISAGREE


def test_another_number_in_the_data_means_another_paper() -> None:
    invoice = paper(*structured((F.NUMBER, "10556198")), see(F.DATE, "2023-12-07"), codes=[tax_control()])
    assert not proofs(invoice, F.DATE)


def test_one_misread_digit_does_not_shake_a_code_that_the_check_code_confirms() -> None:
    face = (see(F.NUMBER, "10556190"), *FACE[2:])
    invoice = paper(*face, codes=[tax_control()])
    assert invoice.value(F.NUMBER) == NUMBER
    assert proofs(invoice, F.NUMBER) == {Proof.QR_CRC}


def test_a_neighbouring_number_with_the_same_amount_is_another_invoice() -> None:
    """Two toll notes on one sheet: consecutive numbers, one day, one amount."""
    face = (see(F.NUMBER, "24112000000048542164"), see(F.DATE, "2024-05-28"), see(F.TOTAL, "4449.00"))
    invoice = paper(*face, kind=K.DIG_NORMAL, codes=[digital()])
    assert not any(field.proven for field in invoice.fields.values())


def test_a_misread_digit_far_from_a_neighbour_is_confirmed_by_the_amount() -> None:
    face = (see(F.NUMBER, "24112000000048942163"), see(F.TOTAL, "4449.00"))
    assert proofs(paper(*face, kind=K.DIG_SPECIAL, codes=[digital()]), F.NUMBER) == {Proof.QR_CRC}
    short = (see(F.NUMBER, "2411200000004854216", confidence=0.5), see(F.TOTAL, "4449.00"))
    assert proofs(paper(*short, kind=K.DIG_SPECIAL, codes=[digital()]), F.NUMBER) == {Proof.QR_CRC}


def test_two_unlike_readers_against_the_code_win() -> None:
    face = (see(F.NUMBER, "10556190"), see(F.NUMBER, "10556190", S.OCR_SECOND), *FACE[2:])
    assert not proofs(paper(*face, codes=[tax_control()]), F.NUMBER)


def test_a_number_that_is_far_off_means_another_paper() -> None:
    invoice = paper(see(F.NUMBER, "20666199"), *FACE[2:], codes=[tax_control()])
    assert not proofs(invoice, F.NUMBER)
    assert not proofs(invoice, F.DATE)


def test_a_code_beside_other_values_and_no_number_is_not_believed() -> None:
    face = (see(F.DATE, "2023-12-07"), see(F.NET, "17.00"))
    assert not proofs(paper(*face, codes=[tax_control()]), F.NUMBER)
    assert proofs(paper(see(F.CHECK_CODE, CHECK), codes=[tax_control()]), F.NUMBER) == {Proof.QR_CRC}


def test_a_code_of_another_family_of_papers_is_not_believed() -> None:
    """A VAT code glued beside a taxi slip or a digital invoice."""
    for kind in (K.TAXI, K.DIG_NORMAL):
        assert not proofs(paper(kind=kind, codes=[tax_control()]), F.NUMBER)
    odd = code(encode("99", "144032370119", NUMBER, "1310.96", "20231207", CHECK))
    assert proofs(paper(kind=K.TAXI, codes=[odd]), F.NUMBER) == {Proof.QR_CRC}


def test_a_code_whose_net_makes_the_printed_sum_belongs_to_the_paper() -> None:
    face = (see(F.TAX, "13.11"), see(F.TOTAL, "1324.07"))
    assert proofs(paper(*face, codes=[tax_control()]), F.NUMBER) == {Proof.QR_CRC}
    assert not proofs(paper(see(F.TAX, "13.10"), face[1], codes=[tax_control()]), F.NUMBER)
    assert not proofs(paper(see(F.SELLER_NAME, "甲公司"), codes=[tax_control()]), F.NUMBER)


def test_a_date_that_is_far_off_is_not_proven_though_the_number_is() -> None:
    invoice = paper(see(F.NUMBER, NUMBER), see(F.DATE, "2022-11-30"), codes=[tax_control()])
    assert proofs(invoice, F.NUMBER) == {Proof.QR_CRC}
    assert not proofs(invoice, F.DATE)


@pytest.mark.parametrize("name", [F.NET, F.TOTAL])
def test_an_amount_that_is_the_other_total_proves_neither(name: FieldName) -> None:
    face = (see(F.NUMBER, NUMBER), see(F.NET, "1297.98"), see(F.TAX, "12.98"), see(F.TOTAL, "1310.96"))
    assert not proofs(paper(*face, codes=[tax_control()]), name)


def test_a_paper_without_tax_has_one_amount_for_both() -> None:
    face = (see(F.NUMBER, NUMBER), see(F.NET, "1310.96"), see(F.TOTAL, "1310.96"))
    assert proofs(paper(*face, codes=[tax_control()]), F.NET) == {Proof.QR_CRC}


def test_an_amount_whose_basis_no_real_paper_has_shown_is_no_proof() -> None:
    roll = code(encode("11", "011002300106", NUMBER, "50.00", "20231207", CHECK))
    invoice = paper(see(F.NUMBER, NUMBER), see(F.TOTAL, "50.00"), kind=K.VAT_ROLL, codes=[roll])
    assert proofs(invoice, F.NUMBER) == {Proof.QR_CRC}
    assert not proofs(invoice, F.TOTAL)


def test_values_the_reader_took_from_the_code_are_not_doubled() -> None:
    invoice = paper(see(F.NUMBER, NUMBER, S.QR), codes=[tax_control()])
    assert len(invoice.fields[F.NUMBER].sightings) == 1


def test_a_fiscal_code_is_confirmed_by_what_is_printed() -> None:
    text = "CZ-EI-00,1.1.0,00010126,0010925600,b05e2a,20260609,90.00"
    seen = (see(F.NUMBER, "0010925600", S.PDF_TEXT), see(F.TOTAL, "90.00"))
    invoice = paper(*seen, kind=K.FISCAL, codes=[code(text)])
    assert proofs(invoice, F.NUMBER) == {Proof.TEXT_AGREES}
    assert proofs(invoice, F.TOTAL) == {Proof.TWO_READERS}
    assert invoice.value(F.CODE) == "00010126"


def test_a_blockchain_code_gives_number_and_amount() -> None:
    link = "https://bcfp.shenzhen.chinatax.gov.cn/verify/scan?hash=ab&bill_num=01034285&total_amount=96200"
    invoice = paper(see(F.TOTAL, "962.00"), kind=K.UNKNOWN, codes=[code(link)])
    assert invoice.kind is K.BLOCKCHAIN
    assert (invoice.value(F.NUMBER), invoice.value(F.TOTAL)) == ("01034285", "962.00")
    assert not proofs(invoice, F.TOTAL)


def test_codes_that_are_no_invoice_are_left_alone() -> None:
    other = CodeSighting("https://example.cn", CodeMeaning.OTHER, CrcState.NONE, 0, None, "test")
    assert not paper(codes=[other]).fields


# --- kinds ------------------------------------------------------------------------------------------------------


def test_the_code_tells_what_the_title_did_not() -> None:
    assert paper(kind=K.UNKNOWN, codes=[digital()]).kind is K.DIG_SPECIAL
    assert paper(see(F.CODE, "1100153130"), kind=K.UNKNOWN).kind is K.VAT_SPECIAL_PAPER
    assert paper(see(F.CODE, "042001700112")).kind is K.VAT_E_TOLL
    assert paper(see(F.CODE, "1100153130"), see(F.CODE, CODE), kind=K.UNKNOWN).kind is K.UNKNOWN
    assert paper(see(F.CODE, "1100153130"), kind=K.TAXI).kind is K.TAXI


def test_a_digital_invoice_has_no_code_unless_it_is_printed_on_a_form() -> None:
    values = (see(F.NUMBER, DIGITAL), see(F.CODE, CODE))
    assert F.CODE not in paper(*values, kind=K.DIG_NORMAL).fields
    assert F.CODE in paper(*values, kind=K.DIG_PAPER_NORMAL).fields


def test_a_joined_code_and_number_are_parted() -> None:
    invoice = paper(see(F.NUMBER, "03300220021199934328", S.XBRL))
    assert (invoice.value(F.CODE), invoice.value(F.NUMBER)) == ("033002200211", "99934328")


# --- text layers ------------------------------------------------------------------------------------------------


def test_a_text_layer_alone_proves_no_number() -> None:
    invoice = paper(see(F.NUMBER, DIGITAL, S.PDF_TEXT), kind=K.DIG_NORMAL)
    assert not proofs(invoice, F.NUMBER)
    assert invoice.fields[F.NUMBER].doubt is Doubt.ONE_READER


@pytest.mark.parametrize("source", [S.OCR, S.OCR_SECOND, S.FILE_NAME])
def test_a_text_layer_and_an_independent_sighting_prove(source: Source) -> None:
    invoice = paper(see(F.NUMBER, DIGITAL, S.PDF_TEXT), see(F.NUMBER, DIGITAL, source), kind=K.DIG_NORMAL)
    assert proofs(invoice, F.NUMBER) == {Proof.TEXT_AGREES}


def test_another_number_in_the_file_name_leaves_it_open() -> None:
    other = see(F.NUMBER, "24112000000048542199", S.FILE_NAME)
    assert not proofs(
        paper(see(F.NUMBER, DIGITAL, S.PDF_TEXT), see(F.NUMBER, DIGITAL), other, kind=K.DIG_NORMAL), F.NUMBER
    )


def test_remarks_are_never_proven_by_agreement() -> None:
    assert not proofs(paper(see(F.REMARK, "备注", S.PDF_TEXT), see(F.REMARK, "备注")), F.REMARK)


def test_names_in_a_text_layer_need_parties_in_their_places() -> None:
    names = (see(F.BUYER_NAME, "乙公司", S.PDF_TEXT), see(F.BUYER_NAME, "乙公司"))
    ids = (see(F.BUYER_TAX_ID, BUYER, S.PDF_TEXT, ABOVE), see(F.SELLER_TAX_ID, SELLER, S.PDF_TEXT, BELOW))
    assert not proofs(paper(*names), F.BUYER_NAME)
    assert proofs(paper(*names, *ids), F.BUYER_NAME) == {Proof.TEXT_AGREES}


def test_text_and_reader_that_agree_on_a_wrong_tax_id_prove_nothing() -> None:
    bad = "91440000000000000X"
    ids = (
        see(F.BUYER_TAX_ID, bad, S.PDF_TEXT, ABOVE),
        see(F.BUYER_TAX_ID, bad),
        see(F.SELLER_TAX_ID, SELLER, S.PDF_TEXT, BELOW),
    )
    assert not proofs(paper(*ids), F.BUYER_TAX_ID)


# --- words and sums -----------------------------------------------------------------------------------------------


def test_words_and_figures_that_agree_prove_the_total() -> None:
    invoice = paper(see(F.TOTAL, "526.00"), see(F.TOTAL_IN_WORDS, "526.00", raw="伍佰贰拾陆圆整"))
    assert proofs(invoice, F.TOTAL) == {Proof.WORDS}
    assert proofs(invoice, F.TOTAL_IN_WORDS) == {Proof.WORDS}


def test_words_that_differ_prove_nothing() -> None:
    invoice = paper(see(F.TOTAL, "526.00"), see(F.TOTAL_IN_WORDS, "528.00"))
    assert not proofs(invoice, F.TOTAL)


def test_one_reading_used_for_both_is_no_agreement() -> None:
    assert not proofs(paper(see(F.TOTAL, "526.00", raw="x"), see(F.TOTAL_IN_WORDS, "526.00", raw="x")), F.TOTAL)


def test_a_total_of_nothing_is_not_proven() -> None:
    assert not proofs(paper(see(F.TOTAL, "0.00"), see(F.TOTAL_IN_WORDS, "0.00")), F.TOTAL)


def test_the_sum_proves_net_and_tax_once_the_total_is_proven() -> None:
    invoice = paper(
        see(F.NET, "510.68"), see(F.TAX, "15.32"), see(F.TOTAL, "526.00"), see(F.TOTAL_IN_WORDS, "526.00", raw="words")
    )
    assert proofs(invoice, F.NET) == {Proof.ARITHMETIC}
    assert proofs(invoice, F.TAX) == {Proof.ARITHMETIC}
    assert proofs(invoice, F.TOTAL) == {Proof.ARITHMETIC, Proof.WORDS}


def test_a_sum_of_readings_alone_proves_nothing() -> None:
    invoice = paper(see(F.NET, "510.68"), see(F.TAX, "15.32"), see(F.TOTAL, "526.00"))
    assert not any(proofs(invoice, name) for name in (F.NET, F.TAX, F.TOTAL))


def test_net_and_tax_exchanged_are_not_proven_by_their_sum() -> None:
    invoice = paper(
        see(F.NET, "15.32"), see(F.TAX, "510.68"), see(F.TOTAL, "526.00"), see(F.TOTAL_IN_WORDS, "526.00", raw="words")
    )
    assert not proofs(invoice, F.NET)
    assert not proofs(invoice, F.TAX)


def test_the_figures_whose_sum_holds_are_chosen() -> None:
    values = (
        see(F.NET, "510.68", confidence=0.5), see(F.NET, "570.68"), see(F.TAX, "15.32"), see(F.TOTAL, "526.00"),
        see(F.TOTAL, "586.00"), see(F.TOTAL_IN_WORDS, "526.00"),
    )  # fmt: skip
    invoice = paper(*values)
    assert (invoice.value(F.NET), invoice.value(F.TOTAL)) == ("510.68", "526.00")


def test_a_net_without_tax_is_proven_by_the_total_in_a_text_layer_only() -> None:
    total = (see(F.TOTAL, "57.00", S.PDF_TEXT), see(F.TOTAL_IN_WORDS, "57.00", S.PDF_TEXT))
    assert proofs(paper(*total, see(F.NET, "57.00", S.PDF_TEXT)), F.NET) == {Proof.ARITHMETIC}
    assert not proofs(paper(*total, see(F.NET, "57.00")), F.NET)
    assert not proofs(paper(*total, see(F.NET, "56.00", S.PDF_TEXT)), F.NET)
    assert not proofs(paper(*total, see(F.NET, "57.00", S.PDF_TEXT), kind=K.AIR_E), F.NET)


def test_a_contradicted_part_spoils_the_sum() -> None:
    values = (see(F.NET, "510.68"), see(F.NET, "9.99"), see(F.TAX, "15.32"), see(F.TOTAL, "526.00"))
    invoice = paper(*values, see(F.TOTAL_IN_WORDS, "526.00"))
    assert not proofs(invoice, F.NET)
    assert not proofs(invoice, F.TAX)


# --- parties ------------------------------------------------------------------------------------------------------


def parties(
    buyer: str = BUYER,
    seller: str = SELLER,
    source: Source = S.OCR,
    boxes: tuple[Box | None, Box | None] = (ABOVE, BELOW),
) -> tuple[FieldValue, ...]:
    return see(F.BUYER_TAX_ID, buyer, source, boxes[0]), see(F.SELLER_TAX_ID, seller, source, boxes[1])


def test_ids_of_a_text_layer_in_the_places_of_the_form_are_proven() -> None:
    invoice = paper(see(F.CODE, CODE), *parties(source=S.PDF_TEXT))
    assert proofs(invoice, F.BUYER_TAX_ID) == {Proof.CHECK_DIGIT}
    assert proofs(invoice, F.SELLER_TAX_ID) == {Proof.CHECK_DIGIT}
    side_by_side = parties(source=S.OFD_TEXT, boxes=(LEFT, RIGHT))
    assert proofs(paper(see(F.NUMBER, DIGITAL), *side_by_side, kind=K.DIG_NORMAL), F.SELLER_TAX_ID) == {
        Proof.CHECK_DIGIT
    }


@pytest.mark.parametrize(
    ("boxes", "kind"),
    [
        ((BELOW, ABOVE), K.VAT_E_NORMAL),  # exchanged
        ((RIGHT, LEFT), K.DIG_NORMAL),
        ((LEFT, RIGHT), K.VAT_E_NORMAL),  # the places of another form
        ((ABOVE, BELOW), K.DIG_NORMAL),
        ((ABOVE, BELOW), K.TAXI),  # a form without places for parties
        ((None, BELOW), K.VAT_E_NORMAL),
        ((Box(0.2, 0.1, 0.23, 0.4), Box(0.7, 0.5, 0.73, 0.8)), K.VAT_E_NORMAL),  # the page lies on its side
    ],
)
def test_ids_in_other_places_are_not_proven(boxes: tuple[Box | None, Box | None], kind: Kind) -> None:
    invoice = paper(*parties(source=S.PDF_TEXT, boxes=boxes), kind=kind)
    assert not proofs(invoice, F.BUYER_TAX_ID)
    assert not proofs(invoice, F.SELLER_TAX_ID)


def test_a_seller_of_another_region_than_the_paper_hints_at_an_exchange() -> None:
    invoice = paper(see(F.CODE, CODE), *parties(buyer=SELLER, seller=BUYER, source=S.PDF_TEXT))
    assert not proofs(invoice, F.BUYER_TAX_ID)
    assert not proofs(invoice, F.SELLER_TAX_ID)


def test_a_seller_alone_is_proven_by_the_region_and_a_buyer_alone_never() -> None:
    seller = see(F.SELLER_TAX_ID, SELLER, S.PDF_TEXT, BELOW)
    assert proofs(paper(see(F.CODE, CODE), seller), F.SELLER_TAX_ID) == {Proof.CHECK_DIGIT}
    assert not proofs(paper(seller), F.SELLER_TAX_ID)
    assert not proofs(paper(see(F.CODE, CODE), see(F.BUYER_TAX_ID, SELLER, S.PDF_TEXT, ABOVE)), F.BUYER_TAX_ID)


def test_an_id_that_the_remark_names_is_not_proven() -> None:
    remark = see(F.REMARK, f"代开企业税号:{SELLER}", S.PDF_TEXT)
    assert not proofs(paper(see(F.CODE, CODE), *parties(source=S.PDF_TEXT), remark), F.SELLER_TAX_ID)


def test_ids_of_a_recogniser_need_the_region_too() -> None:
    assert not proofs(paper(*parties()), F.SELLER_TAX_ID)
    invoice = paper(see(F.CODE, CODE), *parties())
    assert proofs(invoice, F.BUYER_TAX_ID) == {Proof.CHECK_DIGIT}
    assert proofs(invoice, F.SELLER_TAX_ID) == {Proof.CHECK_DIGIT}


def test_regions_alone_tell_the_roles_when_they_differ() -> None:
    nowhere: tuple[Box | None, Box | None] = (None, None)
    assert proofs(paper(see(F.CODE, CODE), *parties(boxes=nowhere)), F.SELLER_TAX_ID) == {Proof.CHECK_DIGIT}
    neighbours = parties(buyer=OTHER_BEIJING, boxes=nowhere)
    assert not proofs(paper(see(F.CODE, CODE), *neighbours), F.SELLER_TAX_ID)


def test_one_id_of_a_recogniser_is_never_proven_alone() -> None:
    assert not proofs(paper(see(F.CODE, CODE), see(F.SELLER_TAX_ID, SELLER, box=BELOW)), F.SELLER_TAX_ID)


def test_an_id_whose_inner_code_does_not_fit_is_not_proven_from_a_picture() -> None:
    """Two misread characters pass one check digit in 31."""
    person = "320404197607060813"
    assert not proofs(paper(see(F.CODE, CODE), *parties(buyer=person)), F.BUYER_TAX_ID)


def test_two_unlike_readers_prove_an_id_in_its_place() -> None:
    both = (*parties(), *parties(source=S.OCR_SECOND))
    assert proofs(paper(*both), F.SELLER_TAX_ID) == {Proof.TWO_READERS}
    exchanged = (*parties(boxes=(BELOW, ABOVE)), *parties(source=S.OCR_SECOND, boxes=(BELOW, ABOVE)))
    assert not proofs(paper(*exchanged), F.SELLER_TAX_ID)


def test_an_id_seen_in_both_roles_is_not_proven() -> None:
    invoice = paper(see(F.CODE, CODE), *parties(source=S.PDF_TEXT), see(F.BUYER_TAX_ID, SELLER))
    assert not proofs(invoice, F.SELLER_TAX_ID)


# --- choice and doubt ---------------------------------------------------------------------------------------------


def test_the_id_whose_check_digit_fits_is_chosen() -> None:
    wrong = "91110108690017787B"
    invoice = paper(see(F.SELLER_TAX_ID, wrong), see(F.SELLER_TAX_ID, SELLER, S.OCR_SECOND, confidence=0.6))
    assert invoice.value(F.SELLER_TAX_ID) == SELLER


def test_uncertain_readings_are_called_uncertain() -> None:
    assert paper(see(F.TOTAL, "5.00", confidence=0.4)).fields[F.TOTAL].doubt is Doubt.LOW_CONFIDENCE
    assert paper(see(F.SELLER_TAX_ID, "91440000000000000X")).fields[F.SELLER_TAX_ID].doubt is Doubt.CHECK_FAILS


def test_values_take_their_one_spelling_and_nonsense_is_left_out() -> None:
    invoice = paper(see(F.TOTAL, "¥5"), see(F.NET, "***"), see(F.NUMBER, "no number"), see(F.DATE, ""))
    assert {name: field.value for name, field in invoice.fields.items()} == {F.TOTAL: "5.00"}


def test_a_receipt_without_sightings_is_an_empty_invoice() -> None:
    assert not paper().fields


SIGHTINGS = [
    *FACE, *parties(), *parties(source=S.OCR_SECOND), see(F.NUMBER, "10556190"), see(F.TOTAL, "1324.87", S.OCR_SECOND),
    see(F.TOTAL_IN_WORDS, "1324.07"), see(F.BUYER_NAME, "乙公司"), see(F.BUYER_NAME, "乙公可", confidence=0.99),
    see(F.NET, "1310.96", S.PDF_TEXT), see(F.NUMBER, NUMBER, S.FILE_NAME), see(F.SELLER_NAME, "甲公司", S.XBRL),
]  # fmt: skip
CODES = [tax_control(), tax_control(variant="B"), digital(), code(f"01,10,{CODE},{NUMBER},1310.96,20231207,{CHECK}")]


@given(
    st.sets(st.integers(0, len(SIGHTINGS) - 1)),
    st.sets(st.integers(0, len(CODES) - 1)),
    st.randoms(use_true_random=False),
)
def test_the_order_of_sightings_changes_nothing(some: set[int], codes: set[int], chance: random.Random) -> None:
    values, marks = [SIGHTINGS[place] for place in sorted(some)], [CODES[place] for place in sorted(codes)]
    one = paper(*values, codes=marks)
    chance.shuffle(values)
    chance.shuffle(marks)
    two = paper(*values, *values[:1], codes=marks)
    assert one.kind is two.kind
    assert dict(one.fields) == dict(two.fields)


@given(st.sets(st.integers(0, len(SIGHTINGS) - 1)))
def test_a_reader_alone_never_proves_a_number_date_or_name(some: set[int]) -> None:
    values = [value for place in sorted(some) if (value := SIGHTINGS[place]).source in {S.OCR, S.OCR_SECOND}]
    invoice = paper(*values)
    assert not any(
        invoice.proven(name) for name in (F.NUMBER, F.CODE, F.DATE, F.CHECK_CODE, F.BUYER_NAME, F.SELLER_NAME)
    )

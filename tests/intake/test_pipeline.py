"""From bytes to a verdict: what becomes of a file, by what it holds and by what is on file and in the register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from intake.model import (
    Attached,
    Cause,
    Company,
    Decided,
    Filed,
    InvoiceState,
    KnownInvoice,
    NeedsReview,
    Proof,
    RegisterRow,
    RegisterStatus,
    Rejected,
    SourceState,
    Unpacked,
    Verdict,
)
from intake.pipeline import process
from intake.ports import Tools
from ocr.rules.payload import encode
from ocr.types import Box as Place
from ocr.types import (
    Carrier,
    CodeMeaning,
    CodeSighting,
    CrcState,
    Extraction,
    FieldName,
    FieldValue,
    Kind,
    Member,
    PageInfo,
    Problem,
    Receipt,
    Source,
    Word,
)
from tests.fakes import CrashingReader, EmptyArchive, EmptyRegister, FakeClock, FakeReader, NoCompanies, settings

NUMBER = "24112000000048542163"  # of domain.md §9.7
SELLER = "91110108690017781B"  # of domain.md §4.1
BUYER = "914403003197860257"
FILE = b"a file"
US = Company("我们有限公司", BUYER)
ROW = RegisterRow(
    key=f"D:{NUMBER}",
    code="",
    number=NUMBER,
    date=date(2024, 5, 28),
    net=Decimal("4197.17"),
    tax=Decimal("251.83"),
    total=Decimal("4449.00"),
    seller_tax_id=SELLER,
    seller_name="某某有限公司",
    buyer_tax_id=BUYER,
    buyer_name="我们有限公司",
    kind=Kind.DIG_SPECIAL,
    status=RegisterStatus.NORMAL,
)
TWIN = replace(ROW, key="D:24112000000048542168", number="24112000000048542168")
KNOWN = KnownInvoice(
    7, f"D:{NUMBER}", InvoiceState.FILED, ROW.date, ROW.net, ROW.total, 3, datetime(2024, 6, 1, tzinfo=UTC)
)


@dataclass
class Rows(EmptyRegister):
    """A register of these rows, all of them near each other."""

    rows: tuple[RegisterRow, ...] = ()

    def by_key(self, key: str) -> RegisterRow | None:
        return next((row for row in self.rows if row.key == key), None)

    def near(self, code: str, number: str) -> Sequence[RegisterRow]:
        return [row for row in self.rows if (row.code, row.number) != (code, number)]

    def sources(self) -> Sequence[SourceState]:
        return [SourceState("tax-bureau", date(2026, 11, 23), date(2020, 1, 1), datetime(2026, 11, 24, tzinfo=UTC))]


@dataclass
class Known(EmptyArchive):
    """One invoice is on file; a ride list may cite it by its total."""

    invoice: KnownInvoice = KNOWN

    def by_key(self, key: str) -> KnownInvoice | None:
        return self.invoice if key == self.invoice.key else None

    def citing(self, *, code: str | None, number: str | None, total: Decimal | None) -> KnownInvoice | None:
        del code, number
        return self.invoice if total == self.invoice.total else None


@dataclass
class Ours(NoCompanies):
    """These companies are ours."""

    companies: tuple[Company, ...] = (US,)

    def all(self) -> Sequence[Company]:
        return self.companies


def receipt(source: Source = Source.XML, **changes: str) -> Receipt:
    """A special digital invoice seen by one source; an empty string leaves a field out."""
    values = {
        FieldName.NUMBER: NUMBER,
        FieldName.DATE: "2024-05-28",
        FieldName.NET: "4197.17",
        FieldName.TAX: "251.83",
        FieldName.TOTAL: "4449.00",
        FieldName.SELLER_NAME: "某某有限公司",
        FieldName.SELLER_TAX_ID: SELLER,
        FieldName.BUYER_NAME: "我们有限公司",
        FieldName.BUYER_TAX_ID: BUYER,
    } | {FieldName(name): value for name, value in changes.items()}
    seen = tuple(
        FieldValue(name, value, 0.99, source, box=Place(0.1, 0.1, 0.3, 0.13), raw=value)
        for name, value in values.items()
        if value
    )
    return Receipt(Kind.DIG_SPECIAL, values=seen)


def extraction(*receipts: Receipt, words: str = "") -> Extraction:
    seen = (Word(words, Place(0, 0, 1, 1), 1.0, Source.PDF_TEXT),) if words else ()
    return Extraction(Carrier.PDF, "application/pdf", (PageInfo(0, 1000, 700),), receipts, words=(seen,))


def verdict(
    tmp_path: Path,
    *receipts: Receipt,
    words: str = "",
    register: EmptyRegister | None = None,
    archive: EmptyArchive | None = None,
    companies: NoCompanies | None = None,
) -> Verdict:
    reader = FakeReader({FILE: extraction(*receipts, words=words)})
    return process(
        FILE,
        "a.pdf",
        Tools(
            reader,
            register or Rows(rows=(ROW,)),
            archive or EmptyArchive(),
            companies or Ours(),
            FakeClock(),
            settings(tmp_path),
        ),
    )


def only(found: Verdict) -> Filed | NeedsReview | Attached:
    assert isinstance(found, Decided)
    (decision,) = found.decisions
    return decision


def test_structured_data_that_the_register_confirms_is_filed(tmp_path: Path) -> None:
    decision = only(verdict(tmp_path, receipt()))
    assert isinstance(decision, Filed)
    assert decision.key == f"D:{NUMBER}"
    assert {Proof.STRUCTURED, Proof.REGISTER} <= decision.invoice.fields[FieldName.TOTAL].proof


def test_a_scan_is_filed_when_everything_agrees_with_the_register(tmp_path: Path) -> None:
    assert isinstance(only(verdict(tmp_path, receipt(Source.OCR))), Filed)


def test_a_scan_whose_number_may_be_a_neighbours_goes_to_a_person(tmp_path: Path) -> None:
    decision = only(verdict(tmp_path, receipt(Source.OCR), register=Rows(rows=(ROW, TWIN))))
    assert isinstance(decision, NeedsReview)
    assert decision.key == f"D:{NUMBER}"


def test_a_proven_number_is_filed_even_beside_its_neighbour(tmp_path: Path) -> None:
    text = encode("31", "", NUMBER, "4449.00", "20240528", "")
    code = CodeSighting(text, CodeMeaning.INVOICE, CrcState.OK, 0, None, "zxing")
    paper = replace(receipt(Source.OCR), codes=(code,))
    assert isinstance(only(verdict(tmp_path, paper, register=Rows(rows=(ROW, TWIN)))), Filed)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"total": "4449.80"}, Cause.TRANSCRIPTION_ERROR),
        ({"buyer_tax_id": "91370212MA3ER1RQXE", "buyer_name": "别人有限公司"}, Cause.TRANSCRIPTION_ERROR),
        ({"number": "24112000000048542168"}, Cause.TRANSCRIPTION_ERROR),
    ],
)
def test_what_does_not_agree_goes_to_a_person_with_its_cause(
    tmp_path: Path, change: dict[str, str], cause: Cause
) -> None:
    decision = only(verdict(tmp_path, receipt(Source.OCR, **change)))
    assert isinstance(decision, NeedsReview)
    assert decision.diagnosis.cause is cause


def test_an_invoice_made_out_to_somebody_else_has_the_wrong_title(tmp_path: Path) -> None:
    other = {"buyer_tax_id": "91370212MA3ER1RQXE", "buyer_name": "别人有限公司"}
    decision = only(verdict(tmp_path, receipt(Source.XML, **other), register=Rows(rows=(replace(ROW, **other),))))  # type: ignore[arg-type] # a table of changes
    assert isinstance(decision, NeedsReview)
    assert decision.diagnosis.cause is Cause.WRONG_TITLE


def test_a_void_invoice_is_never_filed_by_the_machine(tmp_path: Path) -> None:
    void = Rows(rows=(replace(ROW, status=RegisterStatus.VOID),))
    decision = only(verdict(tmp_path, receipt(), register=void))
    assert isinstance(decision, NeedsReview)
    assert decision.diagnosis.cause is Cause.VOID_OR_RED


def test_an_invoice_newer_than_the_register_waits_for_an_import(tmp_path: Path) -> None:
    fresh = receipt(number="26112000000048542163", date="2026-11-24")
    decision = only(verdict(tmp_path, fresh, register=Rows()))
    assert isinstance(decision, NeedsReview)
    assert decision.diagnosis.cause is Cause.REGISTER_STALE
    assert decision.diagnosis.look_again_at is not None


def test_another_rendition_of_a_known_invoice_is_attached(tmp_path: Path) -> None:
    decision = only(verdict(tmp_path, receipt(Source.OCR), archive=Known()))
    assert isinstance(decision, Attached)
    assert decision.known.invoice_id == 7


@pytest.mark.parametrize("change", [{"total": "9449.00"}, {"date": "2024-06-28"}])
def test_a_known_key_with_other_values_blocks_and_leaves_the_key_to_the_first(
    tmp_path: Path, change: dict[str, str]
) -> None:
    decision = only(verdict(tmp_path, receipt(Source.XML, **change), archive=Known()))
    assert isinstance(decision, NeedsReview)
    assert decision.key is None
    assert decision.diagnosis.cause is Cause.DUPLICATE


def test_a_known_key_with_nothing_to_compare_is_not_attached(tmp_path: Path) -> None:
    decision = only(verdict(tmp_path, receipt(date="", total="", net="", tax=""), archive=Known()))
    assert isinstance(decision, NeedsReview)


def test_a_ride_list_is_attached_to_the_invoice_whose_total_it_cites(tmp_path: Path) -> None:
    paper = Receipt(Kind.RIDE_LIST, values=(FieldValue(FieldName.TOTAL, "4449.00", 1.0, Source.PDF_TEXT),))
    decision = only(verdict(tmp_path, paper, archive=Known()))
    assert isinstance(decision, Attached)


def test_a_ride_list_whose_invoice_is_not_here_waits_for_a_person(tmp_path: Path) -> None:
    paper = Receipt(Kind.RIDE_LIST, values=(FieldValue(FieldName.TOTAL, "31.00", 1.0, Source.PDF_TEXT),))
    decision = only(verdict(tmp_path, paper, archive=Known()))
    assert isinstance(decision, NeedsReview)
    assert decision.diagnosis.cause is Cause.NOT_AN_INVOICE


def test_a_taxi_slip_is_keyed_since_the_register_never_has_it(tmp_path: Path) -> None:
    values = {FieldName.CODE: "144032370119", FieldName.NUMBER: "12345678", FieldName.TOTAL: "31.00"}
    paper = Receipt(Kind.TAXI, values=tuple(FieldValue(n, v, 0.9, Source.OCR) for n, v in values.items()))
    decision = only(verdict(tmp_path, paper))
    assert isinstance(decision, NeedsReview)
    assert decision.diagnosis.cause is Cause.TYPE_NEVER_IN_REGISTER


def test_each_invoice_of_a_file_has_its_own_decision(tmp_path: Path) -> None:
    found = verdict(tmp_path, receipt(), receipt(number="24112000000048540000"))
    assert isinstance(found, Decided)
    assert [type(decision) for decision in found.decisions] == [Filed, NeedsReview]


def test_a_named_paper_that_is_no_invoice_is_rejected_with_what_was_read(tmp_path: Path) -> None:
    found = verdict(tmp_path, Receipt(Kind.OTHER))
    assert isinstance(found, Rejected)
    assert found.reason == "not_an_invoice"
    assert found.extraction is not None


def test_a_legible_letter_is_rejected_but_an_illegible_picture_goes_to_a_person(tmp_path: Path) -> None:
    letter = verdict(tmp_path, words="尊敬的客户, 感谢您一直以来对我们的支持与信任。" * 3)
    assert isinstance(letter, Rejected)
    blur = only(verdict(tmp_path, words="…"))
    assert isinstance(blur, NeedsReview)
    assert blur.invoice.kind is Kind.UNKNOWN


def test_a_page_that_was_not_read_goes_to_a_person_beside_the_invoice_that_was(tmp_path: Path) -> None:
    pages = tuple(PageInfo(index, 1000, 700) for index in range(3))
    read = replace(extraction(receipt()), pages=pages, problems=(Problem("page_skipped", "time", 2),))
    reader = FakeReader({FILE: read})
    tools = Tools(reader, Rows(rows=(ROW,)), EmptyArchive(), Ours(), FakeClock(), settings(tmp_path))
    found = process(FILE, "a.pdf", tools)
    assert isinstance(found, Decided)
    filed, unread = found.decisions
    assert isinstance(filed, Filed)
    assert isinstance(unread, NeedsReview)
    assert (unread.invoice.kind, unread.invoice.pages) == (Kind.UNKNOWN, (2,))


def test_an_archive_is_unpacked_and_a_broken_file_rejected(tmp_path: Path) -> None:
    member = Member("b.pdf", b"b")
    reader = FakeReader(archives={FILE: [member]})
    tools = Tools(reader, EmptyRegister(), EmptyArchive(), NoCompanies(), FakeClock(), settings(tmp_path))
    assert process(FILE, "a.zip", tools) == Unpacked((member,))
    unknown = process(b"?", "a.bin", tools)
    assert isinstance(unknown, Rejected)
    assert unknown.reason == "unknown_format"
    broken = process(FILE, "a.pdf", replace(tools, reader=CrashingReader()))
    assert isinstance(broken, Rejected)
    assert broken.reason == "crashed"


def glance(number: str = NUMBER, total: str = "4449.00", crc: CrcState = CrcState.OK) -> Extraction:
    """What the code of a scan says, before anything is recognised."""
    body, _, check = encode("31", "", number, total, "20240528", "").rpartition(",")
    end = {CrcState.OK: check, CrcState.FAIL: "0000", CrcState.NONE: ""}[crc]
    code = CodeSighting(f"{body},{end}", CodeMeaning.INVOICE, crc, 0, Place(0, 0, 0.1, 0.1), "zxing")
    return Extraction(
        Carrier.IMAGE, "image/jpeg", (PageInfo(0, 1000, 700),), (Receipt(Kind.DIG_SPECIAL, codes=(code,)),)
    )


def looked_at(tmp_path: Path, seen: Extraction, **changes: object) -> Verdict:
    """The verdict on a scan whose code was looked at first; read in full it says another buyer."""
    reader = FakeReader({FILE: extraction(receipt(Source.OCR, buyer_tax_id=SELLER))}, glances={FILE: seen})
    tools = Tools(reader, Rows(rows=(ROW, TWIN)), EmptyArchive(), Ours(), FakeClock(), settings(tmp_path))
    return process(FILE, "a.jpg", replace(tools, **changes))  # type: ignore[arg-type] # a table of changes


def test_a_scan_whose_code_the_register_confirms_is_filed_without_being_read(tmp_path: Path) -> None:
    decision = only(looked_at(tmp_path, glance()))
    assert isinstance(decision, Filed)
    assert {Proof.QR_CRC, Proof.REGISTER} <= decision.invoice.fields[FieldName.NUMBER].proof
    assert decision.invoice.fields[FieldName.SELLER_TAX_ID].proof == {Proof.REGISTER}
    assert all(field.proven for field in decision.invoice.fields.values())


@pytest.mark.parametrize(
    "seen",
    [
        glance(total="4448.00"),
        glance(number="24112000000048542169"),
        glance(crc=CrcState.FAIL),
        glance(crc=CrcState.NONE),
        replace(glance(), receipts=()),
    ],
)
def test_whatever_the_code_leaves_open_is_read_in_full(tmp_path: Path, seen: Extraction) -> None:
    assert isinstance(only(looked_at(tmp_path, seen)), NeedsReview)


@pytest.mark.parametrize(
    "row",
    [
        replace(ROW, seller_tax_id="91370212MA3ER1RQXE"),  # of another region than the number
        replace(ROW, seller_tax_id=""),
        replace(ROW, status=RegisterStatus.VOID),
        replace(ROW, buyer_tax_id="91370212MA3ER1RQXE"),  # not ours
        replace(ROW, total=None, net=None),
    ],
)
def test_a_row_that_does_not_agree_in_everything_has_the_scan_read(tmp_path: Path, row: RegisterRow) -> None:
    assert isinstance(only(looked_at(tmp_path, glance(), register=Rows(rows=(row,)))), NeedsReview)


def test_a_policy_may_ask_for_the_face_of_every_paper(tmp_path: Path) -> None:
    strict = settings(tmp_path).model_copy(update={"title_check": True})
    assert isinstance(only(looked_at(tmp_path, glance(), settings=strict)), NeedsReview)


def test_a_second_scan_of_a_known_invoice_need_not_be_read(tmp_path: Path) -> None:
    assert isinstance(only(looked_at(tmp_path, glance(), archive=Known())), Attached)

from __future__ import annotations

import io
import json
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import pypdfium2
import pytest
import python_calamine
import zxingcpp

from fixtures import catalogue, draw_digital, draw_vat, papers, pdf, raster, register
from fixtures.make import DEMO, SEED, main, make_once, products, sources, stamp
from fixtures.payloads import payload
from ocr.rules.payload import crc_variant
from ocr.types import Kind

TRUTH = papers.load()
PRODUCTS = products(TRUTH)
SAMPLES_OF_EACH_MAKER = (
    "pdf-text/e-normal-list.pdf",
    "pdf-text/e-toll-road.pdf",
    "pdf-scan/e-normal-meal-pages.pdf",
    "ofd/dig-special-cloud.ofd",
    "ofd/e-special-chip.ofd",
    "xml/dig-toll-road.xml",
    "xml/inv_ord_issuer_e-normal-meal.xml",
    "scan/special-paper-office-scan.jpg",
    "noisy/dig-normal-meal-noisy.jpg",
    "photo/taxi-four-photo.jpg",
    "other/two-scans.tiff",
    "other/bundle.zip",
    "bad/locked.pdf",
)


def product(file: str) -> catalogue.Product:
    return next(product for product in PRODUCTS if product.file == file)


@pytest.mark.parametrize("file", SAMPLES_OF_EACH_MAKER)
def test_the_same_seed_gives_the_same_bytes(file: str, made: Path) -> None:
    assert product(file).bytes(SEED) == (made / file).read_bytes()


def test_another_seed_damages_differently() -> None:
    noisy = product("noisy/dig-normal-meal-noisy.jpg")
    assert noisy.bytes(SEED) != noisy.bytes(SEED + 1)


def test_workbook_is_repeatable(made: Path) -> None:
    assert register.to_xlsx(register.rows(TRUTH)) == (made / register.XLSX_NAME).read_bytes()


@pytest.mark.parametrize("paper", [paper for paper in TRUTH.papers if paper.qr], ids=lambda paper: paper.name)
def test_the_drawn_code_decodes_to_its_payload(paper: papers.Paper) -> None:
    sheet = (draw_digital if paper.digital else draw_vat).draw(paper)[0]
    found = zxingcpp.read_barcodes(raster.render(sheet, 200))
    assert [code.text for code in found] == [payload(paper)]


def test_payloads_show_the_variants_of_issuers() -> None:
    variants = {crc_variant(payload(paper)) for paper in TRUTH.papers}
    assert variants == {"A", "B", "C", "none"}


def test_file_names_differ_even_without_their_folder() -> None:
    names = Counter(Path(product.file).name for product in PRODUCTS)
    assert [name for name, count in names.items() if count > 1] == []


def test_truth_states_every_field_of_every_invoice(made: Path) -> None:
    rows = json.loads((made / "truth.json").read_text(encoding="utf-8"))
    fields = {
        "file", "type", "code", "number", "date", "check_code", "buyer_name", "buyer_tax_id", "seller_name",
        "seller_tax_id", "amount", "tax", "total", "qr_payload", "unreadable_fields",
    }  # fmt: skip
    assert all(row.keys() >= fields for row in rows)
    assert all((made / row["file"]).exists() for row in rows)


def test_every_kind_the_reader_promises_is_drawn() -> None:
    kinds = {paper.kind for paper in TRUTH.papers} | {slip.kind for slip in TRUTH.slips}
    assert kinds == {
        Kind.VAT_SPECIAL_PAPER, Kind.VAT_NORMAL_PAPER, Kind.VAT_E_NORMAL, Kind.VAT_E_SPECIAL, Kind.VAT_E_TOLL,
        Kind.DIG_NORMAL, Kind.DIG_SPECIAL, Kind.TAXI, Kind.TRAIN_PAPER, Kind.COACH, Kind.FISCAL,
    }  # fmt: skip


def test_kept_register_is_the_one_of_the_papers() -> None:
    kept = (papers.HERE / "register.csv").read_text(encoding="utf-8")
    assert kept == register.to_csv(register.rows(TRUTH)), "run `python -m fixtures.register`"


def test_workbook_has_both_sheets_with_identifiers_as_text(made: Path) -> None:
    book = python_calamine.CalamineWorkbook.from_path(made / register.XLSX_NAME)
    basic, summary = (book.get_sheet_by_name(name).to_python() for name in ("发票基础信息", "信息汇总表"))
    assert basic[0] == list(register.COLUMNS)
    assert summary[0] == list(register.LINE_COLUMNS)
    assert all(isinstance(row[2], str) and isinstance(row[3], str) for row in basic[1:])
    for place in (9, 10, 11):
        column = summary[0].index(basic[0][place])
        total = sum(round(float(str(row[place])) * 100) for row in basic[1:])
        assert total == sum(round(float(str(row[column])) * 100) for row in summary[1:])


def test_every_mark_of_the_register_occurs() -> None:
    marks = {paper.register for paper in TRUTH.papers}
    assert marks == {"exact", "other_amount", "void", "is_red", "near", "renumbered", "missing"}


def test_our_companies_are_the_buyers() -> None:
    ours = [row["tax_id"] for row in tomllib.loads((papers.HERE / "companies.toml").read_text())["company"]]
    strangers = {paper.name for paper in TRUTH.papers if paper.buyer.tax_id not in ours}
    assert strangers == {"e-normal-person", "dig-wrong-title"}


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("91110108MAEY9WLP8G", "91110108MAEY9WLP8H", "check digit"),
        ("25112000000173920586", "24112000000173920586", "year of issue"),
        ("011002300211", "012002300211", "region"),
        ("1100233130", "1100233330", "another kind"),
    ],
)
def test_a_truth_that_breaks_a_rule_is_refused(before: str, after: str, rule: str, tmp_path: Path) -> None:
    wrong = tmp_path / "invoices.toml"
    text = (papers.HERE / "invoices.toml").read_text(encoding="utf-8")
    wrong.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(papers.WrongTruthError, match=rule):
        papers.load(wrong)


def test_a_missing_font_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pdf, "FONT_PLACES", (tmp_path / "none.ttc",))
    monkeypatch.setattr("sys.argv", ["make", "--out", str(tmp_path), "--only", "ofd"])
    assert main() == 1
    assert "apt-get install fonts-wqy-microhei" in capsys.readouterr().err


def test_a_set_with_the_present_stamp_is_left_alone(made: Path) -> None:
    before = (made / "truth.json").stat().st_mtime_ns
    assert make_once(made) == made
    assert (made / ".stamp").read_text() == stamp()
    assert (made / "truth.json").stat().st_mtime_ns == before


def test_the_stamp_follows_what_makes_the_set_and_nothing_else() -> None:
    names = {path.stem for path in sources()}
    assert names >= {"make", "catalogue", "others", "bad", "draw_vat", "draw_digital", "sheet", "damage", "pdf"}
    assert not names & {"stream", "carriers", "invent"}


def test_demonstration_holds_what_it_names(made: Path) -> None:
    assert {path.name[3:] for path in (made / "demo").iterdir()} == {Path(file).name for file in DEMO}


def test_text_layer_says_labels_first_and_values_after(made: Path) -> None:
    document = pypdfium2.PdfDocument(made / "pdf-text" / "dig-normal-meal.pdf")
    text = document[0].get_textpage().get_text_range()
    document.close()
    assert text.index("发票号码") < text.index("开票人") < text.index("25112000000173920586")


def test_a_font_that_is_not_embedded_is_only_named(made: Path) -> None:
    assert b"STSong-Light" in (made / "pdf-text" / "dig-wrong-title.pdf").read_bytes()
    assert b"/FontFile2" not in (made / "pdf-text" / "dig-wrong-title.pdf").read_bytes()
    assert b"/FontFile2" in (made / "pdf-text" / "dig-normal-meal.pdf").read_bytes()


def test_ofd_holds_the_data_its_kind_has(made: Path) -> None:
    def members(name: str) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO((made / "ofd" / name).read_bytes())) as archive:
            return {info.filename: archive.read(info) for info in archive.infolist()}

    control, digital = members("e-normal-meal.ofd"), members("dig-normal-meal.ofd")
    assert "Doc_0/Attachs/original_invoice.xml" in control
    assert b'<:eInvoice xmlns:="">' in control["Doc_0/Tags/CustomTag.xml"]
    assert "发票代码".encode() in control["OFD.xml"]
    assert not any("Attachs" in name for name in digital)
    assert b"<ofd:TaxInclusiveTotalAmount>" in digital["Doc_0/Tags/CustomTag.xml"]
    assert "发票代码".encode() not in digital["OFD.xml"]
    assert any("inv_ord_issuer" in name for name in members("e-fuel-station-list-only.ofd"))

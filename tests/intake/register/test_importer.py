from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from intake import audit
from intake.db import companies, read, register_imports, register_rows, write
from intake.errors import ForbiddenError, ImportRefusedError
from intake.files import LocalFiles
from intake.model import SERVICE, Actor, RegisterStatus, Role
from intake.register import applying, ledger
from intake.register.difference import MANUAL
from intake.register.importer import import_file
from intake.register.lookup import SqlRegister
from intake.register.snapshot import CsvStream
from ocr.types import Kind
from tests.intake.register.conftest import NOW, WHO, Import
from tests.intake.register.exports import BASIC, BUYER, LINES, SELLER, digital_row, number_of, paper_row, workbook


def basic(*rows: Sequence[object]) -> bytes:
    return workbook({"发票基础信息": [BASIC, *rows]})


def csv(*lines: str, head: str = "发票代码,发票号码,开票日期,金额,税额,销方识别号,发票状态") -> bytes:
    return "\n".join([head, *lines]).encode()


def stored(engine: sa.Engine) -> list[dict[str, Any]]:
    with read(engine) as conn:
        rows = conn.execute(sa.select(register_rows).order_by(register_rows.c.key)).mappings()
        return [{name: value for name, value in row.items() if name != "id"} for row in rows]


def the_import(engine: sa.Engine, import_id: int) -> sa.Row[Any]:
    with read(engine) as conn:
        return conn.execute(sa.select(register_imports).where(register_imports.c.id == import_id)).one()


def test_an_export_becomes_register_rows(engine: sa.Engine, imported: Import) -> None:
    report = imported(basic(digital_row(0), paper_row(1)))
    assert (report.new, report.changed, report.same, report.refused) == (2, 0, 0, 0)
    assert (report.oldest, report.newest) == (date(2026, 1, 1), date(2026, 1, 2))
    register = SqlRegister(engine)
    digital = register.by_key(f"D:{number_of(0)}")
    assert digital is not None
    assert (digital.code, digital.number, digital.date) == ("", number_of(0), date(2026, 1, 1))
    assert (digital.net, digital.tax, digital.total) == (Decimal("100.00"), Decimal("6.00"), Decimal("106.00"))
    assert (digital.seller_tax_id, digital.buyer_tax_id, digital.kind) == (SELLER, BUYER, Kind.DIG_NORMAL)
    assert (digital.status, digital.status_at, digital.source) == (RegisterStatus.NORMAL, NOW, "tax-bureau")
    paper = register.by_key("T:1100153130:00985284")
    assert paper is not None
    assert (paper.kind, paper.number) == (Kind.VAT_SPECIAL_PAPER, "00985284")
    row = stored(engine)[0]
    assert (row["import_id"], row["import_row"], row["raw"]) == (report.import_id, 2, {})
    kept = the_import(engine, report.import_id)
    assert (kept.new_rows, kept.error, kept.newest_issue, kept.finished_at) == (2, "", date(2026, 1, 2), NOW)
    assert audit.verify(engine) == []


def test_overlapping_exports_are_upserted_by_key(engine: sa.Engine, imported: Import) -> None:
    imported(basic(digital_row(0), digital_row(1)))
    report = imported(basic(digital_row(1), digital_row(0, 发票状态="已红冲-全额"), digital_row(2)))
    assert (report.new, report.changed, report.same) == (1, 1, 1)
    red = SqlRegister(engine).by_key(f"D:{number_of(0)}")
    assert red is not None
    assert red.status is RegisterStatus.RED_FULL


def test_the_same_file_twice_changes_nothing(engine: sa.Engine, imported: Import) -> None:
    data = basic(*(digital_row(index) for index in range(30)))
    imported(data)
    before = stored(engine)
    report = imported(data)
    assert (report.new, report.changed, report.same) == (0, 0, 30)
    assert stored(engine) == before


def test_the_order_of_the_rows_does_not_matter(engine: sa.Engine, imported: Import) -> None:
    rows = [digital_row(index) for index in range(40)]
    imported(basic(*rows))
    before = [row | {"import_id": None, "import_row": None} for row in stored(engine)]
    with write(engine) as conn:
        conn.execute(sa.delete(register_rows))
    random.Random(3).shuffle(rows)  # noqa: S311 - a repeatable order
    imported(basic(*rows))
    assert [row | {"import_id": None, "import_row": None} for row in stored(engine)] == before


def test_lines_of_one_invoice_are_added_up(engine: sa.Engine, imported: Import) -> None:
    def line(net: str, tax: str, total: str) -> list[object]:
        cells = dict(zip(BASIC, digital_row(5, 金额=net, 税额=tax, 价税合计=total), strict=True))
        return [cells.get(name, "货物") for name in LINES]

    rows: Iterable[Sequence[object]] = [LINES, line("0.10", "0.01", "0.11"), line("0.20", "0.02", "0.22")]
    report = imported(workbook({"信息汇总表": rows, "货物清单": [["x"]]}))
    assert report.new == 1
    row = SqlRegister(engine).by_key(f"D:{number_of(5)}")
    assert row is not None
    assert (row.net, row.tax, row.total) == (Decimal("0.30"), Decimal("0.03"), Decimal("0.33"))
    assert stored(engine)[0]["import_row"] == 2


def test_an_export_without_gross_has_it_computed(engine: sa.Engine, imported: Import) -> None:
    imported(csv("1100153130,00985283,2026-07-24,526.00,31.56,911,正常"))
    row = SqlRegister(engine).by_key("T:1100153130:00985283")
    assert row is not None
    assert row.total == Decimal("557.56")


def test_a_negative_invoice_is_red_even_where_the_column_lacks(engine: sa.Engine, imported: Import) -> None:
    imported(csv("1100153130,00985283,2026-07-24,-526.00,-31.56,911,正常"))
    assert stored(engine)[0]["status"] == "is_red"


def test_lost_zeros_are_put_back(engine: sa.Engine, imported: Import) -> None:
    row = paper_row(0, 发票代码=11002300611.0, 发票号码=985283.0)
    imported(basic(row))
    assert [row["key"] for row in stored(engine)] == ["T:011002300611:00985283"]


def test_a_concatenated_and_a_split_number_find_their_key(engine: sa.Engine, imported: Import) -> None:
    imported(
        basic(
            digital_row(0, 数电发票号码="03300220021199934328", 发票票种=""),
            digital_row(1, 数电发票号码="", 发票代码="261120000000", 发票号码="00000001"),
            digital_row(2, 数电发票号码="", 发票号码=number_of(2)),
        ),
    )
    assert [row["key"] for row in stored(engine)] == [
        "D:26112000000000000001",
        f"D:{number_of(2)}",
        "T:033002200211:99934328",
    ]


def test_a_paper_with_a_digital_number_is_found_under_both(engine: sa.Engine, imported: Import) -> None:
    row = paper_row(0, 数电发票号码=number_of(0), 发票票种="数电纸质发票（增值税专用发票）")
    imported(basic(row))
    register = SqlRegister(engine)
    found = register.by_key(f"D:{number_of(0)}")
    assert found is not None
    assert found.kind is Kind.DIG_PAPER_SPECIAL
    assert register.by_key("T:1100153130:00985283") == found


def test_an_import_that_knows_the_digital_number_takes_over_the_paper_row(engine: sa.Engine, imported: Import) -> None:
    imported(basic(paper_row(0)))
    whole = basic(paper_row(0, 数电发票号码=number_of(0), 发票票种="数电纸质发票（增值税专用发票）"))
    assert imported(whole).changed == 1
    report = imported(basic(paper_row(0, 发票票种="数电纸质发票（增值税专用发票）")))
    assert (report.new, report.changed, report.same) == (0, 0, 1)
    assert [row["key"] for row in stored(engine)] == [f"D:{number_of(0)}"]


def test_rows_are_refused_with_number_and_reason(engine: sa.Engine, imported: Import) -> None:
    report = imported(
        basic(
            digital_row(0),
            digital_row(1, 数电发票号码=2.41120000000485e19),
            digital_row(2, 数电发票号码="--"),
            digital_row(3, 数电发票号码="2.41120000000485E+19"),
            digital_row(4, 数电发票号码="1234"),
        ),
    )
    assert report.new == 1
    assert [(refusal.row, refusal.reason) for refusal in report.refusals] == [
        (3, "excel_lost_digits"),
        (4, "no_key"),
        (5, "excel_lost_digits"),
        (6, "no_key"),
    ]
    assert SELLER in report.refusals[0].sample
    assert [refusal.digits for refusal in report.refusals] == ["241120000000485", "", "241120000000485", "1234"]
    assert the_import(engine, report.import_id).refused_rows == 4
    with read(engine) as conn:
        assert ledger.refusals(conn, report.import_id, 9) == report.refusals


def test_numbers_rounded_by_a_detour_through_excel_are_refused_and_one_by_chance_is_not(
    engine: sa.Engine, imported: Import
) -> None:
    detour = [digital_row(index, 数电发票号码=f"2611200000{index:05d}00000") for index in range(3)]
    report = imported(basic(*detour))
    assert [refusal.reason for refusal in report.refusals] == ["excel_lost_digits"] * 3
    assert the_import(engine, report.import_id).error == "all_refused"
    chance = [digital_row(index, 数电发票号码=f"2611200000{index:010d}") for index in range(99_999, 100_003)]
    assert imported(basic(*chance)).new == 4


def test_rows_of_other_buyers_and_our_own_sales_are_refused(engine: sa.Engine, imported: Import) -> None:
    with write(engine) as conn:
        conn.execute(sa.insert(companies).values(name="北京示例科技有限公司", tax_id=BUYER))
    rows = [
        digital_row(0),
        digital_row(1, 购方识别号=SELLER),
        digital_row(2, 销方识别号=BUYER, 购方识别号=SELLER),
        digital_row(3, 购方识别号=""),
    ]
    report = imported(basic(*rows))
    assert report.new == 2
    assert [refusal.reason for refusal in report.refusals] == ["other_buyer", "issued_by_us"]


def test_what_a_table_does_not_state_erases_nothing(engine: sa.Engine, imported: Import) -> None:
    imported(basic(paper_row(0)))
    before = stored(engine)
    report = imported(csv("1100153130,00985283,2026-01-01,,,,", ""))
    assert (report.same, report.changed) == (1, 0)
    assert stored(engine) == before


def test_an_import_confirms_a_row_that_people_keyed(engine: sa.Engine, imported: Import) -> None:
    with write(engine) as conn:
        conn.execute(
            sa.insert(register_rows).values(
                key="T:1100153130:00985283",
                code="1100153130",
                number="00985283",
                date=date(2026, 1, 1),
                total=Decimal("106.01"),
                kind="vat_special_paper",
                status="normal",
                source=MANUAL,
                raw={},
            )
        )
    report = imported(basic(paper_row(0)))
    assert report.changed == 1
    row = stored(engine)[0]
    assert (row["source"], row["import_id"], row["total"]) == ("tax-bureau", report.import_id, Decimal("106.00"))
    with read(engine) as conn:
        details = [entry.detail for entry in audit.entries(conn) if entry.action == "confirm_manual_row"]
    assert details[0]["differs"]["total"] == {"keyed": "106.01", "imported": "106.00"}


def test_progress_never_goes_back_and_ends_at_the_end(engine: sa.Engine, files: LocalFiles) -> None:
    seen: list[tuple[int, int]] = []
    data = basic(*(digital_row(index) for index in range(2500)))
    import_file(
        engine,
        files,
        data,
        "x",
        source="s",
        actor=SERVICE,
        clock=lambda: NOW,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (2500, 2500)
    assert len(seen) > 4


def test_a_file_is_read_from_its_path(engine: sa.Engine, files: LocalFiles, tmp_path: Path) -> None:
    place = tmp_path / "register.csv"
    place.write_bytes(csv("1100153130,00985283,2026-07-24,526.00,31.56,911,正常"))
    assert import_file(engine, files, place, place.name, source="s", actor=SERVICE, clock=lambda: NOW).new == 1


def test_a_table_that_is_none_is_named_in_the_list_of_imports(engine: sa.Engine, imported: Import) -> None:
    imported(basic(digital_row(0)))
    before = stored(engine)
    with pytest.raises(ImportRefusedError, match="no_header"):
        imported(b"nothing of use")
    assert stored(engine) == before
    state = SqlRegister(engine).sources()[0]
    assert (state.failed, state.imported_at, state.newest_issue) == (True, NOW, date(2026, 1, 1))


def test_an_import_that_breaks_in_the_middle_leaves_the_register_as_it_was(
    engine: sa.Engine, imported: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(basic(digital_row(0)))
    before = stored(engine)

    def breaks(*_args: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(applying, "remember_sellers", breaks)
    with pytest.raises(OSError, match="disk is full"):
        imported(basic(*(digital_row(index) for index in range(1500))))
    assert stored(engine) == before
    with read(engine) as conn:
        assert conn.scalars(sa.select(register_imports.c.error).order_by(register_imports.c.id)).all() == ["", "failed"]


def test_a_clerk_may_not_import(engine: sa.Engine, files: LocalFiles) -> None:
    clerk = Actor(1, "clerk", Role.CLERK)
    with pytest.raises(ForbiddenError):
        import_file(engine, files, b"", "x", source="s", actor=clerk, clock=lambda: NOW)


def test_the_register_written_down_as_a_table_is_imported_to_itself(
    engine: sa.Engine, files: LocalFiles, imported: Import
) -> None:
    rows = [
        digital_row(0, 发票状态="已作废"),
        paper_row(1, 金额="-100.00"),
        digital_row(2, 发票票种="数电发票（铁路电子客票）"),
    ]
    imported(basic(*rows, paper_row(3, 数电发票号码=number_of(3), 发票票种="数电纸质发票（增值税专用发票）")))
    before = stored(engine)
    names = ("code", "number", "date", "net", "tax", "total", "seller_tax_id", "seller_name", "buyer_tax_id")
    headings = (*names, "buyer_name", "kind", "status")
    written = CsvStream(headings, ([row[name] for name in headings] for row in before))
    report = import_file(engine, files, written, "own", source="own", actor=WHO, clock=lambda: NOW)
    assert (report.new, report.changed, report.same, report.refused) == (0, 0, 4, 0)
    assert stored(engine) == before

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import audit
from intake.db import read, register_imports
from intake.errors import ForbiddenError, ImportRefusedError, MappingError, NotFoundError
from intake.files import LocalFiles
from intake.model import Actor, Role
from intake.register import drafts, mappings
from intake.register.columns import Column
from intake.register.importer import import_file
from intake.register.lookup import SqlRegister
from intake.register.mappings import ColumnMapping
from intake.register.meaning import Codes, DayOrder, Options, Unit
from tests.intake.register.conftest import NOW, WHO
from tests.intake.register.exports import BASIC, digital_row, workbook

ERP = ColumnMapping(
    "erp view",
    {
        Column.DIGITAL_NUMBER: "票据编号",
        Column.DATE: "单据日",
        Column.NET: "未税金额(万元)",
        Column.TAX: "税金",
        Column.SELLER_NAME: "供应商",
        Column.KIND: "类别",
    },
    Options(DayOrder.DAY_FIRST, Unit.WAN, Codes.NUONUO),
)
TABLE = """应付发票一览,,,,,
票据编号,单据日,未税金额(万元),税金,供应商,类别
26112000000048542163,24/07/2026,1.2345,0.0741,北京示例文具有限公司,pc
26112000000048542164,25/07/2026,2,0.12,北京示例文具有限公司,bs
2.61E+19,25/07/2026,2,0.12,北京示例文具有限公司,bs
"""


def saved(engine: sa.Engine, mapping: ColumnMapping = ERP) -> ColumnMapping:
    mappings.save(engine, mapping, actor=WHO, clock=lambda: NOW)
    return mappings.find(engine, mapping.name)


def test_a_mapping_is_saved_by_name_and_replaced_by_name(engine: sa.Engine) -> None:
    assert saved(engine) == ERP
    other = ColumnMapping(ERP.name, {Column.NUMBER: "号", Column.DATE: "日"})
    assert saved(engine, other) == other
    assert mappings.all_mappings(engine) == (other,)
    assert audit.verify(engine) == []


def test_an_unknown_mapping_is_not_found(engine: sa.Engine) -> None:
    with pytest.raises(NotFoundError):
        mappings.find(engine, "none")


@pytest.mark.parametrize(
    ("name", "columns", "problem"),
    [
        ("", {Column.NUMBER: "号", Column.DATE: "日"}, "name"),
        ("x" * 65, {Column.NUMBER: "号", Column.DATE: "日"}, "name"),
        ("erp", {Column.CODE: "代码", Column.DATE: "日"}, "number"),
        ("erp", {Column.NUMBER: "号"}, "value"),
        ("erp", {Column.NUMBER: "号", Column.DATE: " 号 "}, "twice"),
        ("erp", {Column.NUMBER: "号", Column.DATE: ""}, "twice"),
    ],
)
def test_a_mapping_by_which_no_row_could_be_understood_is_not_saved(
    engine: sa.Engine, name: str, columns: dict[Column, str], problem: str
) -> None:
    with pytest.raises(MappingError, match=problem):
        saved(engine, ColumnMapping(name, columns))


def test_only_who_may_import_may_save_a_mapping(engine: sa.Engine) -> None:
    with pytest.raises(ForbiddenError):
        mappings.save(engine, ERP, actor=Actor(1, "clerk", Role.CLERK), clock=lambda: NOW)


def test_a_foreign_table_is_imported_by_its_mapping(engine: sa.Engine, files: LocalFiles) -> None:
    report = import_file(
        engine, files, TABLE.encode("gb18030"), "erp.csv", source="erp", mapping=ERP, actor=WHO, clock=lambda: NOW
    )
    assert (report.new, report.refused) == (2, 1)
    row = SqlRegister(engine).by_key("D:26112000000048542163")
    assert row is not None
    assert [str(value) for value in (row.date, row.net, row.tax, row.total, row.kind)] == [
        "2026-07-24", "12345.00", "741.00", "13086.00", "dig_normal",
    ]  # fmt: skip


def test_a_replay_reads_the_file_by_the_mapping_as_it_was(engine: sa.Engine, files: LocalFiles) -> None:
    report = import_file(
        engine, files, TABLE.encode(), "erp.csv", source="erp", mapping=saved(engine), actor=WHO, clock=lambda: NOW
    )
    saved(engine, ColumnMapping(ERP.name, {Column.NUMBER: "号", Column.DATE: "日"}))
    again = drafts.replay(engine, files, report.import_id, actor=WHO, clock=lambda: NOW)
    assert (again.mapping, again.same, again.refused) == (ERP.name, 2, 1)


def test_a_table_without_the_headings_of_the_mapping_is_refused(engine: sa.Engine, files: LocalFiles) -> None:
    data = workbook({"发票基础信息": [BASIC, digital_row(0)]})
    with pytest.raises(ImportRefusedError, match="no_header"):
        import_file(engine, files, data, "x", source="erp", mapping=ERP, actor=WHO, clock=lambda: NOW)
    with read(engine) as conn:
        assert conn.execute(sa.select(register_imports.c.error, register_imports.c.name)).all() == [("no_header", None)]


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (BASIC, {Column.DIGITAL_NUMBER: "数电发票号码", Column.NET: "金额", Column.TOTAL: "价税合计", Column.STATUS: "发票状态"}),
        (("发票号", "开票日", "含税金额(元)"), {Column.NUMBER: "发票号", Column.DATE: "开票日", Column.TOTAL: "含税金额(元)"}),
        (("Invoice No.", "不含税额", "供应商名称", "供应商税号"), {
            Column.NUMBER: "Invoice No.", Column.NET: "不含税额", Column.SELLER_NAME: "供应商名称",
            Column.SELLER_TAX_ID: "供应商税号",
        }),
        (("购货单位名称", "购货单位税号"), {Column.BUYER_NAME: "购货单位名称", Column.BUYER_TAX_ID: "购货单位税号"}),
        (("有效抵扣税额", "商品名称"), {}),
    ],
)  # fmt: skip
def test_headings_are_guessed(headings: tuple[str, ...], expected: dict[Column, str]) -> None:
    found = mappings.propose(headings)
    assert {column: found.get(column) for column in expected} == expected
    assert len(set(found.values())) == len(found)
    assert expected or not found


def test_the_headings_of_an_unknown_file_are_shown_with_rows_below_them(tmp_path: Path) -> None:
    place = tmp_path / "erp.csv"
    place.write_text(TABLE, encoding="gb18030")
    found = mappings.glance(place)
    assert (found.row, found.headings[0], len(found.rows)) == (2, "票据编号", 3)
    book = tmp_path / "erp.xlsx"
    book.write_bytes(workbook({"说明": [], "数据": [["应付"], ["票据编号", "单据日"], ["1", "2"]]}))
    assert mappings.glance(book).headings == ("票据编号", "单据日")


def test_a_preview_shows_how_rows_are_understood_and_what_is_wrong(tmp_path: Path) -> None:
    place = tmp_path / "erp.csv"
    place.write_text(TABLE, encoding="utf-8")
    shown = mappings.preview(place, ERP)
    first, _, refused = shown.rows
    assert (first.row, first.values["net"], first.values["kind"], first.refused) == (3, "12345.00", "dig_normal", "")
    assert (refused.row, refused.refused) == (5, "excel_lost_digits")
    assert shown.problems == ()
    wrong = ColumnMapping("x", {Column.DIGITAL_NUMBER: "票据编号", Column.DATE: "供应商"})
    assert mappings.preview(place, wrong).problems == ("empty:date",)
    none = ColumnMapping("x", {Column.DIGITAL_NUMBER: "供应商", Column.DATE: "单据日"})
    assert mappings.preview(place, none).problems == ("all_refused",)


@pytest.mark.parametrize(
    ("codes", "code", "kind"),
    [
        (Codes.TAX_BUREAU, "81", "dig_special"),
        (Codes.YONYOU, "32", "dig_normal"),
        (Codes.NUONUO, "BS", "dig_special"),
        (Codes.EKUAIBAO, "82", "dig_normal"),
        (Codes.EKUAIBAO, "数电发票（增值税专用发票）", "dig_special"),
        (Codes.WORDS, "32", "unknown"),
    ],
)
def test_the_codes_of_other_systems_name_kinds(tmp_path: Path, codes: Codes, code: str, kind: str) -> None:
    place = tmp_path / "x.csv"
    place.write_text(f"号,日,类\n26112000000048542163,2026-07-24,{code}\n")
    columns = {Column.DIGITAL_NUMBER: "号", Column.DATE: "日", Column.KIND: "类"}
    shown = mappings.preview(place, ColumnMapping("x", columns, Options(codes=codes)))
    assert shown.rows[0].values["kind"] == kind


def test_numbers_are_told_by_their_cells_where_the_heading_says_nothing() -> None:
    headings = ("凭证号", "票面", "编码", "金额")
    whole = [("PZ1", "26112000000048542163", "1", "3.00"), ("PZ2", "", "2", "4.00")]
    assert mappings.propose(headings, whole)[Column.DIGITAL_NUMBER] == "票面"
    parted = [("PZ1", "00985283", "011002301111", "3.00"), ("PZ2", "10556199", "1100153130", "4.00")]
    found = mappings.propose(headings, parted)
    assert (found[Column.NUMBER], found[Column.CODE]) == ("票面", "编码")
    assert Column.NUMBER not in mappings.propose(headings, [("PZ1", "12", "3", "3.00")])
    named = ("发票号码", "票面", "编码", "金额")
    assert Column.DIGITAL_NUMBER not in mappings.propose(named, whole)

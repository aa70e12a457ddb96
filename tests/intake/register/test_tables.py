from __future__ import annotations

import io
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from intake.register import vocabulary as words
from intake.register.columns import Cell, Column, Layout
from intake.register.snapshot import open_table
from intake.register.table import TableError
from tests.intake.register.exports import BASIC, LINES, digital_row, workbook


@dataclass(frozen=True)
class Whole:
    """A table read to its end."""

    layout: Layout
    rows: list[list[Cell]]
    first: int


def read(data: bytes) -> Whole:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        with open_table(Path(file.name)) as table:
            rows = [list(cells) for cells in table.rows]
            return Whole(table.layout, rows, table.first)


HEAD = "发票代码,发票号码,开票日期,金额\n"


def test_headings_are_found_by_name_below_a_title_and_a_period() -> None:
    rows = [
        ["抵扣勾选"],
        [],
        ["税款所属期", "202607"],
        ["是否勾选*", "数电票号码", "开票日期*", "金额*"],
        ["", "1", "", ""],
    ]
    table = read(workbook({"发票": rows}))
    assert table.layout.places == {Column.DIGITAL_NUMBER: 1, Column.DATE: 2, Column.NET: 3}
    assert (table.first, len(table.rows)) == (5, 1)


def test_headings_below_the_tenth_row_are_no_headings() -> None:
    with pytest.raises(TableError, match="no_header"):
        read(workbook({"发票": [["x"]] * 10 + [["发票号码", "金额"], ["1", "2"]]}))


def test_the_basic_sheet_is_preferred_whatever_the_order() -> None:
    table = read(
        workbook({"信息汇总表": [LINES], "货物清单": [["发票号码", "金额"]], "发票基础信息": [BASIC, digital_row(1)]})
    )
    assert not table.layout.by_line


def test_a_workbook_with_lines_only_is_read_by_line() -> None:
    lines = [""] * len(LINES)
    lines[3] = "26112000000000000001"
    assert read(workbook({"信息汇总表": [LINES, lines]})).layout.by_line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_usual_encoding_of_a_csv_is_understood(encoding: str) -> None:
    table = read((HEAD + "1100153130,00985283,2026-07-24,526.00\n").encode(encoding))
    assert table.rows == [["1100153130", "00985283", "2026-07-24", "526.00"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_by_the_headings(delimiter: str) -> None:
    table = read((HEAD + "1100153130,00985283,2026-07-24,526.00\n").replace(",", delimiter).encode())
    assert table.layout.places[Column.NET] == 3


@pytest.mark.parametrize("cell", ['="00985283"', "'00985283", "\t00985283", " 00985283 ", "00985283"])
def test_what_guards_the_zeros_of_a_csv_is_taken_off(cell: str) -> None:
    table = read(f'{HEAD}"1100153130",{cell},2026-07-24,526.00\n'.encode())
    assert words.digits(table.rows[0][1]) == "00985283"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no_header"),
        (b"hello world", "no_header"),
        (HEAD.encode() + b"\0", "not_a_table"),
        (b"\x80\xff\xff\xff", "encoding"),
        (b"PK\x03\x04 not a zip", "not_xlsx"),
        (b"\xd0\xcf\x11\xe0 old workbook", "not_xlsx"),
        ((HEAD + '"' + "x" * 200_000).encode(), "not_a_table"),
    ],
)
def test_what_is_no_table_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(TableError) as caught:
        read(data)
    assert caught.value.reason == reason


def test_a_zip_without_a_workbook_is_refused() -> None:
    place = io.BytesIO()
    with zipfile.ZipFile(place, "w") as parts:
        parts.writestr("a.txt", "x")
    with pytest.raises(TableError, match="no workbook"):
        read(place.getvalue())


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_before_it_is_opened() -> None:
    place = io.BytesIO()
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", "<workbook/>")
        with parts.open("xl/sharedStrings.xml", "w") as part:
            for _ in range(800):
                part.write(b" " * (1 << 20))
    assert len(place.getvalue()) < 2_000_000
    with pytest.raises(TableError, match="too_large"):
        read(place.getvalue())


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_cell_at_the_far_corner_is_refused_before_it_is_opened(quote: str) -> None:
    """The reader would allocate the whole rectangle, gigabytes for one cell."""
    honest = workbook({"发票基础信息": [BASIC, digital_row(1)]})
    place = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(honest)) as source, zipfile.ZipFile(place, "w") as parts:
        for member in source.infolist():
            data = source.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                cell = f"<row r={quote}1048576{quote}><c r={quote}XFD1048576{quote}><v>1</v></c></row>".encode()
                data = data.replace(b"</sheetData>", cell + b"</sheetData>")
            parts.writestr(member.filename, data)
    with pytest.raises(TableError, match="too_large"):
        read(place.getvalue())


def test_a_wrong_dimension_record_hides_no_rows() -> None:
    honest = workbook({"发票基础信息": [BASIC, digital_row(1), digital_row(2)]})
    place = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(honest)) as source, zipfile.ZipFile(place, "w") as parts:
        for member in source.infolist():
            data = source.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                start = data.index(b'<dimension ref="')
                data = data[:start] + b'<dimension ref="A1"/>' + data[data.index(b"/>", start) + 2 :]
            parts.writestr(member.filename, data)
    assert len(read(place.getvalue()).rows) == 2

"""A CSV as an ERP exports it, imported into a register that is large already."""

from __future__ import annotations

import csv
import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from intake.clock import system_clock
from intake.files import LocalFiles
from intake.model import SERVICE
from intake.register.importer import import_file
from tests.bench.register_rows import made

HEADINGS = (
    "数电发票号码", "发票代码", "发票号码", "开票日期", "金额", "税额", "价税合计", "销方识别号", "销方名称", "购方识别号",
    "购买方名称", "发票票种", "发票状态",
)  # fmt: skip


def import_rows(engine: sa.Engine, count: int, rows: int, used: Callable[[], float]) -> dict[str, object]:
    """Import `count` rows, half of them new, into a register of `rows`; returns rows a second of one core by the CPU
    seconds that `used` tells, and those by the clock on the wall.
    """
    data = table(count, rows)
    with tempfile.TemporaryDirectory() as folder:
        begun, before = time.perf_counter(), used()
        report = import_file(
            engine, LocalFiles(Path(folder)), data, "erp.csv", source="erp", actor=SERVICE, clock=system_clock
        )
        took, spent = time.perf_counter() - begun, used() - before
    counts = {"new": report.new, "changed": report.changed, "same": report.same}
    shown = {"seconds": round(took, 1), "cpu_seconds": round(spent, 1)}
    return {"rows_per_second": round(count / took), "rows_per_cpu_second": round(count / spent), **shown, **counts}


def table(count: int, rows: int) -> bytes:
    """The rows before the end of the register, which are there, and as many that follow and are not."""
    place = io.StringIO()
    writer = csv.writer(place)
    writer.writerow(HEADINGS)
    for i in range(rows - count // 2, rows + count - count // 2):
        one = made(i, rows)
        net = 100 + i * 7368787 % 1_000_000
        tax = one.total_fen - net
        seller = int(one.seller_tax_id[10:17])
        kind = "增值税电子普通发票" if one.code else "数电发票（普通发票）"
        writer.writerow(
            (
                "" if one.code else one.number, one.code, one.number if one.code else "", one.day,
                f"{net / 100:.2f}", f"{tax / 100:.2f}", f"{one.total_fen / 100:.2f}", one.seller_tax_id,
                f"示例第{seller}商贸有限公司", f"91110108MA{i // 40 % 5:07d}A", f"北京示例{i // 40 % 5:07d}科技有限公司",
                kind, "已作废" if i % 200 == 199 else "正常",
            )
        )  # fmt: skip
    return place.getvalue().encode("gb18030")

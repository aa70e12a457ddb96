"""A desk with very many documents, made by the databases themselves: files, invoices, carriers and papers that wait.

Every document has one invoice, every fortieth a second; the JSON of each invoice is one of a few templates that the
pipeline wrote, so that rows have their real width. Triggers are off while it is filled and the list is made as the
migration makes it from old rows.
"""

from __future__ import annotations

import json
from typing import Final

import sqlalchemy as sa

from intake import accounts
from intake.codec import encode
from intake.db import documents, invoices, listing, renditions, tasks, write
from intake.migrations import listing as made
from intake.model import Role
from intake.records import decision_columns
from tests.builders import needs_review

BATCH: Final = 100_000
DROPPED: Final = (documents, invoices, renditions, tasks, listing)

_SERIES: Final = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT :low UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :high)",
    "postgresql": "WITH n AS (SELECT generate_series(CAST(:low AS bigint), CAST(:high AS bigint) - 1) AS i)",
}
_DOCUMENTS: Final = """INSERT INTO documents (id, receipt, sha256, name, size, channel, submitted_by, received_at, state,
 reason, interactive, due_at, attempts, done_at) {series}
SELECT i + 1, {day8} || '-' || {six}, {hex}, CASE i % 3 WHEN 0 THEN 'IMG_' || {day8} || '_' || i || '.jpg'
 WHEN 1 THEN '发票' || i || '.pdf' ELSE 'scan-' || i || '.ofd' END, 80000 + i % 90000,
 CASE i % 4 WHEN 0 THEN 'phone' WHEN 1 THEN 'watch' ELSE 'web' END, 1 + i % 40, {moment}, {state},
 CASE WHEN i % 29 = 0 THEN 'not_an_invoice' ELSE '' END, {true}, {moment}, 1, {moment} FROM n"""
_STATE: Final = """CASE WHEN i % 29 = 0 THEN 'rejected' WHEN i % 12 = 0 THEN 'needs_review' WHEN i % 17 = 0 THEN 'attached'
 WHEN i > :rows - 40 THEN 'queued' ELSE 'filed' END"""
_INVOICES: Final = """INSERT INTO invoices (id, key, kind, state, code, number, date, net, tax, total, check_code,
 seller_name, seller_tax_id, buyer_name, buyer_tax_id, fields, findings, match, diagnosis, filed_by, filed_at, created_at,
 version, region) {series}
SELECT i + 1, CASE WHEN i % 12 = 0 THEN NULL ELSE 'D:' || {whole} END,
 CASE i % 5 WHEN 0 THEN 'taxi' WHEN 1 THEN 'vat_e_normal' ELSE 'dig_normal' END,
 CASE WHEN i % 12 = 0 THEN 'needs_review' ELSE 'filed' END, CASE WHEN i % 5 = 1 THEN '011002000' || (100 + i % 900) ELSE '' END,
 {whole}, {date}, {net}, {net} * 6 / 100, {net} + {net} * 6 / 100, '', '示例第' || {seller} || '商贸有限公司',
 '91110108MA' || {seller7} || 'X', CASE i % 5 WHEN 0 THEN '北京木石科技有限公司' ELSE '上海示例' || (i % 5) || '制造有限公司' END,
 '9111010800000' || (i % 5) || '000A', {body}, {findings}, {match},
 CASE WHEN i % 12 = 0 THEN {diagnosis} END,
 CASE WHEN i % 12 = 0 THEN '' ELSE 'machine' END, CASE WHEN i % 12 = 0 THEN NULL ELSE {moment} END, {moment}, 1,
 substr('1112131421222331323334353637414243444546505152535461626364659192', 1 + {seller} % 32 * 2, 2) FROM n"""
_RENDITIONS: Final = """INSERT INTO renditions (invoice_id, document_id, receipt_index, outcome, pages, form) {series}
SELECT i + 1, i + 1, 0, CASE WHEN i % 12 = 0 THEN 'needs_review' ELSE 'filed' END, '[0]', 'unknown' FROM n WHERE i % 29 > 0"""
_SECOND: Final = """INSERT INTO renditions (invoice_id, document_id, receipt_index, outcome, pages, form) {series}
SELECT i + 2, i + 1, 1, 'attached', '[0]', 'unknown' FROM n WHERE i % 40 = 7 AND i + 1 < :rows"""
_TASKS: Final = """INSERT INTO tasks (invoice_id, document_id, state, cause, opened_at, urgency, due_at, assigned_to, blind, comment) {series}
SELECT i + 1, i + 1, 'open', CASE i / 12 % 6 WHEN 0 THEN 'seller_not_uploaded' WHEN 1 THEN 'register_stale'
 WHEN 2 THEN 'wrong_title' WHEN 3 THEN 'qr_ocr_conflict' ELSE 'unknown' END, {moment}, i % 3, {moment},
 CASE WHEN i / 12 % 20 = 0 THEN 1 + i % 40 END, '', '' FROM n WHERE i % 12 = 0"""
_PAGES: Final = """INSERT INTO pages (document_id, page, width, height, preview) {series}
SELECT i + 1, 0, 1654, 2339, {hex} FROM n"""


def fill(engine: sa.Engine, rows: int) -> None:
    """Put `rows` documents into an empty, migrated database and make the list of them."""
    people(engine)
    sqlite = engine.dialect.name == "sqlite"
    with write(engine) as conn:
        made.stop(conn)
        for table in DROPPED:
            for index in table.indexes:
                index.drop(conn)
    for low in range(0, rows, BATCH):
        high = min(low + BATCH, rows)
        for statement in _statements(engine.dialect.name):
            with write(engine) as conn:
                names = {"low": low, "high": high, "rows": rows, **body()}
                conn.execute(sa.text(statement), {name: names[name] for name in names if f":{name}" in statement})
    _list(engine, sqlite=sqlite)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        if sqlite:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            conn.exec_driver_sql("VACUUM ANALYZE")


def _list(engine: sa.Engine, *, sqlite: bool) -> None:
    with write(engine) as conn:
        if not sqlite:
            conn.exec_driver_sql("SET LOCAL maintenance_work_mem = '512MB'")
        for statement in made.fillings(engine.dialect.name):
            conn.exec_driver_sql(statement)
        for table in DROPPED:
            for index in table.indexes:
                index.create(conn)
        for statement in made.triggers(engine.dialect.name):
            conn.exec_driver_sql(statement)


def people(engine: sa.Engine) -> None:
    """Forty clerks, the first of them a supervisor."""
    for number in range(40):
        role = Role.SUPERVISOR if number == 0 else Role.CLERK
        accounts.create(engine, f"clerk{number}", f"录入员{number}", role, "password-1234")


def body() -> dict[str, str]:
    """The JSON of an invoice that waits, as the pipeline writes it."""
    waits = needs_review()
    columns = decision_columns(waits.findings, waits.match, waits.diagnosis)
    written = {"body": encode(waits.invoice), **{name: columns[name] for name in ("findings", "match", "diagnosis")}}
    return {name: json.dumps(value, ensure_ascii=False) for name, value in written.items()}


def _statements(dialect: str) -> tuple[str, ...]:
    sqlite = dialect == "sqlite"
    day = "i * 1400 / :rows"

    def padded(value: str, width: int) -> str:
        return f"printf('%0{width}d', {value})" if sqlite else f"lpad(CAST({value} AS text), {width}, '0')"

    parts: dict[str, str] = {
        "series": _SERIES[dialect],
        "day8": f"strftime('%Y%m%d', '2023-01-01', '+' || ({day}) || ' days')" if sqlite else f"to_char(date '2023-01-01' + CAST({day} AS int), 'YYYYMMDD')",
        "date": f"date('2023-01-01', '+' || ({day}) || ' days')" if sqlite else f"date '2023-01-01' + CAST({day} AS int)",
        "moment": f"strftime('%Y-%m-%d %H:%M:%f000', '2023-01-02', '+' || ({day}) || ' days', '+' || (i % 40000) || ' seconds')" if sqlite else f"timestamp '2023-01-02' + CAST({day} AS int) * interval '1 day' + i % 40000 * interval '1 second'",
        "six": padded("i % 1000000", 6),
        "hex": padded("i * 7919", 64),
        "whole": f"'24' || {padded('i * 997', 18)}",
        "seller": "(i * 7919 % 50000)",
        "seller7": padded("i * 7919 % 50000", 7),
        "net": "(100 + i * 7368787 % 1000000)",
        "state": _STATE,
        "true": "1" if sqlite else "true",
        **{name: f":{name}" if sqlite else f"CAST(:{name} AS json)" for name in body()},
    }  # fmt: skip
    return tuple(one.format(**parts) for one in (_DOCUMENTS, _INVOICES, _RENDITIONS, _SECOND, _TASKS, _PAGES))

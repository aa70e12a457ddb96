"""Millions of register rows made by the database itself, with keys as real registers have them.

Four of five rows are 数电 (20 digits by year, region, channel and a running number), one of five is 税控 (12 + 8).
Rows come in runs of forty consecutive numbers of one seller over four years of days; one run in fifty is of the same
seller (a toll operator). Row `i` is a function of `i` alone, so that questions can be made without reading rows back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import sqlalchemy as sa

from intake.db import register_rows, register_sellers

REGIONS: Final = (
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
    "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "91", "92", "93", "94", "95",
)  # fmt: skip
RUN: Final = 40
SELLERS: Final = 50_000
FIRST: Final = date(2022, 10, 1)
DAYS: Final = 1500
UNIQUE: Final = "uq_register_rows_key"

_SQLITE: Final = """
WITH RECURSIVE counted(i) AS (SELECT :low UNION ALL SELECT i + 1 FROM counted WHERE i + 1 < :high),
shaped AS (SELECT i, i / 40 AS run, i % 40 AS place, i * 1500 / :rows AS day FROM counted),
placed AS (SELECT *, CASE WHEN run % 50 = 0 THEN 0 ELSE run * 7919 % 50000 END AS seller,
  substr(date('2022-10-01', '+' || day || ' days'), 3, 2) AS year,
  substr(:regions, 1 + (CASE WHEN run % 50 = 0 THEN 0 ELSE run * 7919 % 50000 END) % 36 * 2, 2) AS region,
  100 + i * 7368787 % 1000000 AS net FROM shaped)
"""
_POSTGRESQL: Final = """
WITH shaped AS (SELECT i, i / 40 AS run, i % 40 AS place, i * 1500 / :rows AS day
  FROM generate_series(CAST(:low AS bigint), CAST(:high AS bigint) - 1) AS i),
placed AS (SELECT *, CASE WHEN run % 50 = 0 THEN 0 ELSE run * 7919 % 50000 END AS seller,
  to_char(date '2022-10-01' + CAST(day AS int), 'YY') AS year,
  substr(:regions, CAST(1 + (CASE WHEN run % 50 = 0 THEN 0 ELSE run * 7919 % 50000 END) % 36 * 2 AS int), 2) AS region,
  100 + i * 7368787 % 1000000 AS net FROM shaped)
"""
_INSERT: Final = """
INSERT INTO register_rows (key, code, number, date, net, tax, total, seller_tax_id, seller_name, buyer_tax_id,
  buyer_name, kind, status, source, raw)
"""
_COLUMNS: Final = """
SELECT CASE WHEN run % 5 > 0 THEN 'D:' || {whole} ELSE 'T:' || {code} || ':' || {short} END,
  CASE WHEN run % 5 > 0 THEN '' ELSE {code} END, CASE WHEN run % 5 > 0 THEN {whole} ELSE {short} END,
  {date}, net, net * 6 / 100, net + net * 6 / 100, {seller}, '示例第' || seller || '商贸有限公司',
  '91110108MA' || {buyer} || 'A', '北京示例' || {buyer} || '科技有限公司',
  CASE WHEN run % 5 > 0 THEN 'dig_normal' ELSE 'vat_e_normal' END,
  CASE WHEN i % 200 = 199 THEN 'void' ELSE 'normal' END, 'tax-bureau', '{{}}' FROM placed
"""


@dataclass(frozen=True, slots=True)
class Made:
    """What row `i` says, as far as questions ask for it."""

    code: str
    number: str
    seller_tax_id: str
    total_fen: int
    day: date

    @property
    def key(self) -> str:
        return f"T:{self.code}:{self.number}" if self.code else f"D:{self.number}"


def made(i: int, rows: int) -> Made:
    """Row `i` of `rows`, by the same rule as the statements above."""
    run, place = divmod(i, RUN)
    day = FIRST + timedelta(days=i * DAYS // rows)
    seller = 0 if run % 50 == 0 else run * 7919 % SELLERS
    region, net = REGIONS[seller % len(REGIONS)], 100 + i * 7368787 % 1_000_000
    tax_id = f"91{region}0108MA{seller:07d}X"
    total = net + net * 6 // 100
    if run % 5:
        return Made("", f"{day:%y}{region}2{run * 137 + place:015d}", tax_id, total, day)
    return Made(f"0{region}00{day:%y}{run % 1000:03d}11", f"{run * 396 + place:08d}", tax_id, total, day)


def fill(engine: sa.Engine, rows: int, *, batch: int = 500_000) -> None:
    """Put `rows` rows into an empty register: the indexes are dropped before and made anew after."""
    _drop(engine)
    statement = sa.text(_statement(engine.dialect.name))
    for low in range(0, rows, batch):
        with engine.connect().execution_options(writes=True) as conn, conn.begin():
            given = {"low": low, "high": min(low + batch, rows), "rows": rows, "regions": "".join(REGIONS)}
            conn.execute(statement, given)
    _make(engine)
    with engine.connect().execution_options(writes=True) as conn, conn.begin():
        pairs = sa.select(register_rows.c.seller_tax_id, register_rows.c.seller_name).distinct()
        conn.execute(sa.insert(register_sellers).from_select(["tax_id", "name"], pairs))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("VACUUM ANALYZE register_rows" if engine.dialect.name == "postgresql" else "SELECT 1")


def _statement(dialect: str) -> str:
    if dialect == "postgresql":

        def digits(value: str, width: int) -> str:
            return f"lpad(CAST({value} AS text), {width}, '0')"

        head, day = _POSTGRESQL, "date '2022-10-01' + CAST(day AS int)"
    else:

        def digits(value: str, width: int) -> str:
            return f"printf('%0{width}d', {value})"

        head, day = _SQLITE, "date('2022-10-01', '+' || day || ' days')"
    columns = _COLUMNS.format(
        whole=f"year || region || '2' || {digits('run * 137 + place', 15)}",
        code=f"'0' || region || '00' || year || {digits('run % 1000', 3)} || '11'",
        short=digits("run * 396 + place", 8),
        seller=f"'91' || region || '0108MA' || {digits('seller', 7)} || 'X'",
        buyer=digits("run % 5", 7),
        date=day,
    )
    # SQLite wants the names before the insert's columns, PostgreSQL takes them after it
    return _INSERT + head + columns


def _drop(engine: sa.Engine) -> None:
    with engine.connect().execution_options(writes=True) as conn, conn.begin():
        for index in register_rows.indexes:
            index.drop(conn)
        if engine.dialect.name == "postgresql":
            conn.exec_driver_sql(f"ALTER TABLE register_rows DROP CONSTRAINT {UNIQUE}")


def _make(engine: sa.Engine) -> None:
    with engine.connect().execution_options(writes=True) as conn, conn.begin():
        if engine.dialect.name == "postgresql":
            conn.exec_driver_sql("SET LOCAL maintenance_work_mem = '512MB'")
            conn.exec_driver_sql(f"ALTER TABLE register_rows ADD CONSTRAINT {UNIQUE} UNIQUE (key)")
        for index in register_rows.indexes:
            index.create(conn)

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from intake import migrations
from intake.db import invoices, read, register_rows, register_sellers, write

MOMENT = datetime(2026, 7, 1, tzinfo=UTC)


def old_row(key: str, alias: str | None, code: str = "", seller: tuple[str, str] = ("", "")) -> dict[str, object]:
    return {
        "key": key, "alias": alias, "code": code, "number": key.rpartition(":")[2], "kind": "dig_normal",
        "status": "normal", "source": "s", "seller_tax_id": seller[0], "seller_name": seller[1],
    }  # fmt: skip


ROWS = (
    old_row("D:26112000000048542163", "T:261120000000:48542163", seller=("91110108690017781B", "甲")),
    old_row("D:26112000000048542164", "T:261120000000:48542164", seller=("91110108690017781B", "甲")),
    old_row("D:26112000000048542165", "T:011002300104:12345678", code="011002300104"),
    old_row("T:1100153130:00985283", None, code="1100153130", seller=("", "没有税号的小店")),
)


def test_an_older_register_keeps_its_printed_aliases_and_tells_its_sellers(engine: sa.Engine) -> None:
    migrations.downgrade(engine, "0004")
    with write(engine) as conn:
        old = sa.table("register_rows", *(sa.column(name) for name in ROWS[0]), sa.column("raw", sa.JSON))
        conn.execute(sa.insert(old), [{**one, "raw": {}} for one in ROWS])
    migrations.upgrade(engine)
    with read(engine) as conn:
        aliases = conn.execute(sa.select(register_rows.c.key).where(register_rows.c.alias.is_not(None))).scalars().all()
        pairs = {tuple(pair) for pair in conn.execute(sa.select(register_sellers))}
    assert aliases == ["D:26112000000048542165"]
    assert pairs == {("91110108690017781B", "甲"), ("", "没有税号的小店")}


def test_invoices_that_were_stored_before_learn_their_region(engine: sa.Engine) -> None:
    numbers = {"26112000000048542163": "1100", "26952000000048542163": "4403", "": ""}
    with write(engine) as conn:
        for number in numbers:
            values = {"kind": "dig_normal", "state": "filed", "number": number, "created_at": MOMENT, "match": {}}
            conn.execute(sa.insert(invoices).values(**values, fields={}, findings=[]))
    migrations.downgrade(engine, "0004")
    migrations.upgrade(engine)
    with read(engine) as conn:
        told = conn.execute(sa.select(invoices.c.number, invoices.c.region))
        assert {one.number: one.region for one in told} == numbers

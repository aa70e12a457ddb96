"""A batch of read rows into the register: new, changed or the same, by key or alias."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

from intake.db import register_rows
from intake.model import RegisterStatus
from intake.register.reading import Read
from ocr.types import Kind

BATCH: Final = 1000
MANUAL: Final = "manual"  # source of the rows that two people keyed (补录)

Value: TypeAlias = str | Decimal | date | None

COMPARED: Final = (
    "key",
    "alias",
    "code",
    "number",
    "date",
    "net",
    "tax",
    "total",
    "seller_tax_id",
    "seller_name",
    "buyer_tax_id",
    "buyer_name",
    "kind",
    "status",
)
SILENT: Final[frozenset[Value]] = frozenset({None, "", Kind.UNKNOWN.value, RegisterStatus.UNKNOWN.value})
IDENTITY: Final = ("key", "alias", "code", "number")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A row of 补录 that an import has taken over, with what the two said differently."""

    row_id: int
    differs: Mapping[str, Mapping[str, str | None]]


@dataclass(slots=True)
class Tally:
    """What the batches of one import did."""

    import_id: int | None
    source: str
    now: datetime
    new: int = 0
    changed: int = 0
    same: int = 0
    confirmed: list[Confirmed] = field(default_factory=list)


def lock(conn: sa.Connection) -> None:
    """Keep other writers of the register out until the transaction ends; readers go on. SQLite has one writer anyway."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("LOCK TABLE register_rows IN SHARE ROW EXCLUSIVE MODE")


def upsert(conn: sa.Connection, entries: Sequence[Read], tally: Tally) -> None:
    """Write a batch inside the caller's transaction, which holds :func:`lock`, and count in `tally`.

    What the file does not state (a table without buyers, an unknown status) does not erase what is known. A row of
    补录 becomes the import's; the caller writes the differences of `tally.confirmed` into the audit log.
    """
    known = _known(conn, entries)
    inserts: dict[str, dict[str, Any]] = {}
    updates: list[dict[str, Any]] = []
    for entry in entries:
        said = _said(entry)
        before = known.get(entry.row.key) or (known.get(entry.alias) if entry.alias else None)
        if before is None:
            tally.new += 1
            stamp = {"status_at": tally.now, "source": tally.source, "import_id": tally.import_id, "raw": entry.raw}
            inserts[entry.row.key] = {**said, **stamp}
            continue
        after = _merge(before, said)
        differs = [name for name in COMPARED if after[name] != before[name]]
        manual = before["source"] == MANUAL
        if not differs and not manual:
            tally.same += 1
            continue
        tally.changed += 1
        status_at = tally.now if "status" in differs else before["status_at"]
        stamp = {"status_at": status_at, "source": tally.source, "import_id": tally.import_id, "raw": entry.raw}
        updates.append({"row_id": before["id"], **after, **stamp})
        if manual:
            said_otherwise = {n: {"keyed": _plain(before[n]), "imported": _plain(after[n])} for n in differs}
            tally.confirmed.append(Confirmed(before["id"], said_otherwise))
    if inserts:
        conn.execute(sa.insert(register_rows), list(inserts.values()))
    if updates:
        conn.execute(sa.update(register_rows).where(register_rows.c.id == sa.bindparam("row_id")), updates)


def _known(conn: sa.Connection, entries: Iterable[Read]) -> dict[str, sa.RowMapping]:
    """The rows on file under any key or alias of the batch; a row under its own key stands before an alias."""
    names = {name for entry in entries for name in (entry.row.key, entry.alias) if name}
    columns = [register_rows.c[name] for name in ("id", *COMPARED, "source", "status_at")]
    found: dict[str, sa.RowMapping] = {}
    for column in (register_rows.c.alias, register_rows.c.key):
        for row in conn.execute(sa.select(*columns).where(column.in_(names))).mappings():
            found[row[column.name]] = row
    return found


def _said(entry: Read) -> dict[str, Value]:
    row = entry.row
    return {
        "key": row.key,
        "alias": entry.alias,
        "code": row.code,
        "number": row.number,
        "date": row.date,
        "net": row.net,
        "tax": row.tax,
        "total": row.total,
        "seller_tax_id": row.seller_tax_id,
        "seller_name": row.seller_name,
        "buyer_tax_id": row.buyer_tax_id,
        "buyer_name": row.buyer_name,
        "kind": row.kind.value,
        "status": row.status.value,
    }


def _merge(before: sa.RowMapping, said: Mapping[str, Value]) -> dict[str, Value]:
    """What the row says now: the file's word where it has one. The 20-digit key stays once it is known."""
    after = {name: before[name] if said[name] in SILENT else said[name] for name in COMPARED}
    if str(before["key"]).startswith("D:") and not str(said["key"]).startswith("D:"):
        after |= {name: before[name] for name in IDENTITY}
    return after


def _plain(value: object) -> str | None:
    return None if value is None else str(value)

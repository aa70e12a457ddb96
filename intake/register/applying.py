"""A staged file written into the register, in the caller's one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from intake.db import Json, Moment, register_changes, register_rows, register_sellers
from intake.register.difference import COMPARED, merged
from intake.register.staging import Stage, matched, staged

KEPT: Final = (*COMPARED, "status_at", "source", "import_id", "import_row", "raw")
"""The columns of a row that an import may change, and that its roll-back restores."""


def lock(conn: sa.Connection) -> None:
    """Keep other writers of the register out until the transaction ends; readers go on. SQLite has one writer anyway."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("LOCK TABLE register_rows IN SHARE ROW EXCLUSIVE MODE")


def write_changes(stage: Stage, import_id: int, source: str, now: datetime) -> None:
    """Changed rows say what the file says, after what they said before is kept."""
    conn = stage.connection
    before = sa.select(sa.literal(import_id), register_rows.c.id, *(register_rows.c[name] for name in KEPT)).where(
        register_rows.c.id == matched.c.row_id, matched.c.changed
    )
    conn.execute(sa.insert(register_changes).from_select(["changed_by", "row_id", *KEPT], before))
    said = merged()
    values: dict[str, Any] = {
        **said,
        "status_at": sa.case(
            (said["status"].is_distinct_from(register_rows.c.status), sa.literal(now, Moment)),
            else_=register_rows.c.status_at,
        ),
        "source": source,
        "import_id": import_id,
        "import_row": staged.c.row,
        "raw": sa.literal({}, Json),
    }
    conn.execute(
        sa.update(register_rows)
        .values(values)
        .where(register_rows.c.id == matched.c.row_id, staged.c.row == matched.c.row, matched.c.changed)
    )


def write_new(stage: Stage, import_id: int, source: str, now: datetime) -> tuple[int, int] | None:
    """Rows that the register had not, in the order of their keys, which keeps its largest index in order.

    Returns the first and last id among which they lie; the caller holds :func:`lock`.
    """
    conn = stage.connection
    last = conn.execute(sa.select(sa.func.coalesce(sa.func.max(register_rows.c.id), 0))).scalar_one()
    rows = (
        sa.select(
            *(staged.c[name] for name in COMPARED),
            sa.literal(now, Moment),
            sa.literal(source),
            sa.literal(import_id),
            staged.c.row,
            sa.literal({}, Json),
        )
        .where(~sa.exists().where(matched.c.row == staged.c.row))
        .order_by(staged.c.key)
    )
    if not conn.execute(sa.insert(register_rows).from_select(KEPT, rows)).rowcount:
        return None
    mine = sa.and_(register_rows.c.id > last, register_rows.c.import_id == import_id)
    first, final = conn.execute(
        sa.select(sa.func.min(register_rows.c.id), sa.func.max(register_rows.c.id)).where(mine)
    ).one()
    return first, final


def remember_sellers(stage: Stage) -> None:
    """The sellers of the rows written, by which the register is searched (`intake.register.sellers`)."""
    conn = stage.connection
    insert = postgresql.insert if stage.postgresql else sqlite.insert
    changed = sa.select(register_rows.c.seller_tax_id, register_rows.c.seller_name).where(
        register_rows.c.id == matched.c.row_id, matched.c.changed
    )
    new = sa.select(staged.c.seller_tax_id, staged.c.seller_name).where(
        ~sa.exists().where(matched.c.row == staged.c.row)
    )
    for pairs in (new, changed):
        named = pairs.distinct().where(sa.or_(pairs.selected_columns[0] != "", pairs.selected_columns[1] != ""))
        conn.execute(insert(register_sellers).from_select(["tax_id", "name"], named).on_conflict_do_nothing())

"""Invoices that were locked or used and came to be bad later: an import says void, a red letter came, another paper contradicts.

A periodic look keeps `uses.alarm` up to date; it stays until a supervisor has said how it was dealt with, and what is no
longer so is taken back by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from intake import audit, conflicts
from intake.clearance import BAD
from intake.db import conflicts as conflict_rows
from intake.db import invoice_names, invoices, read, register_rows, uses, write
from intake.model import SERVICE
from intake.reversal import reversal

RED: Final = "red_letter"
CONFLICT: Final = "conflict"


def refresh(engine: sa.Engine, now: datetime) -> int:
    """Bring the alarms of all uses up to date; returns how many were raised. Each is audited."""
    with read(engine) as conn:
        found = _found(conn)
        stored = dict(conn.execute(sa.select(uses.c.invoice_id, uses.c.alarm).where(uses.c.alarm != "")).all())
    changed = {
        invoice_id: found.get(invoice_id, "")
        for invoice_id in sorted(found.keys() | stored.keys())
        if found.get(invoice_id, "") != stored.get(invoice_id, "")
    }
    raised = 0
    for invoice_id, alarm in changed.items():
        raised += _write(engine, invoice_id, alarm, now)
    return raised


def _write(engine: sa.Engine, invoice_id: int, alarm: str, now: datetime) -> bool:
    with write(engine) as conn:
        mine = sa.and_(uses.c.invoice_id == invoice_id, uses.c.alarm != alarm)
        changed = sa.update(uses).where(mine).values(alarm=alarm, version=uses.c.version + 1)
        voucher = conn.execute(changed.returning(uses.c.voucher)).scalar_one_or_none()
        if voucher is None:
            return False
        action = "use_alarm" if alarm else "use_alarm_over"
        audit.record(conn, SERVICE, action, f"invoice:{invoice_id}", {"alarm": alarm, "voucher": voucher}, now)
        return bool(alarm)


def _found(conn: sa.Connection) -> Mapping[int, str]:
    """What is wrong with each use, the gravest: a bad status, then a contradiction, then red letters."""
    found = dict.fromkeys(_reversed(conn), RED)
    found |= dict.fromkeys(_contradicted(conn), CONFLICT)
    of_use = uses.join(invoice_names, invoice_names.c.invoice_id == uses.c.invoice_id)
    bad = (
        sa.select(uses.c.invoice_id, register_rows.c.status)
        .select_from(of_use.join(register_rows, register_rows.c.key == invoice_names.c.name))
        .where(register_rows.c.status.in_(BAD))
    )
    return found | {row.invoice_id: row.status for row in conn.execute(bad)}


def _contradicted(conn: sa.Connection) -> list[int]:
    of_conflict = conflict_rows.join(uses, uses.c.invoice_id == conflict_rows.c.first_id)
    return list(conn.scalars(sa.select(uses.c.invoice_id).select_from(of_conflict).where(conflicts.is_open())))


def _reversed(conn: sa.Connection) -> list[int]:
    """Uses of more than what red letters have left since."""
    red = invoices.alias("red")
    named = uses.join(invoice_names, invoice_names.c.invoice_id == uses.c.invoice_id)
    query = sa.select(uses.c.invoice_id, uses.c.amount).select_from(
        named.join(red, red.c.blue_key == invoice_names.c.name)
    )
    late = []
    for row in conn.execute(query.distinct()).all():
        left = reversal(conn, row.invoice_id)
        if left.reds and (row.amount is None or left.remaining is None or left.remaining < row.amount):
            late.append(row.invoice_id)
    return late

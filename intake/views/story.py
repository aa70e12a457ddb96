"""Everything that happened to a file and its invoices, hop by hop: the audit log, and what only tables know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from intake.db import (
    accounts,
    audit_log,
    invoice_names,
    register_changes,
    register_imports,
    register_rows,
    reminders,
)
from intake.model import SERVICE
from intake.views.rows import Event
from ocr.types import Step

MOST: Final = 200  # records of the audit log, the newest; earlier ones stand in the log itself
_RECEIVED: Final = "received"
_READ: Final = "read"


def story(
    connection: sa.Connection,
    document_id: int,
    invoice_ids: Sequence[int],
    task_ids: Sequence[int],
    read: tuple[datetime, Sequence[Step]] | None,
) -> tuple[Event, ...]:
    """What happened, oldest first; reminders that are yet to come stand at the end. `read` is when the reading ended,
    with its steps. Five statements at most, however many there are of each.
    """
    subjects = [
        f"document:{document_id}",
        *(f"invoice:{number}" for number in invoice_ids),
        *(f"task:{number}" for number in task_ids),
    ]
    found = _recorded(connection, subjects)
    if read is not None:
        at, steps = read
        costs = [{"name": step.name, "seconds": step.seconds, "cpu": step.cpu} for step in steps]
        found.append(Event(at, SERVICE.login, _READ, subjects[0], {"steps": costs}))
    if invoice_ids:
        found += _reminders(connection, invoice_ids)
        found += _imports(connection, invoice_ids)
    names = _names(connection, {event.actor for event in found})
    ordered = sorted(found, key=lambda event: (event.at, _rank(event)))
    return tuple(replace(event, who=names.get(event.actor, "")) for event in ordered)


def _rank(event: Event) -> int:
    """What comes first of what happened in the same moment: a file is received, then read, then decided upon."""
    return 0 if event.action == _RECEIVED else 1 if event.action == _READ else 2


def _recorded(connection: sa.Connection, subjects: Sequence[str]) -> list[Event]:
    query = (
        sa.select(audit_log.c.at, audit_log.c.actor, audit_log.c.action, audit_log.c.subject, audit_log.c.detail)
        .where(audit_log.c.subject.in_(subjects))
        .order_by(audit_log.c.id.desc())
        .limit(MOST)
    )
    rows = connection.execute(query).all()
    return [Event(row.at, row.actor, row.action, row.subject, row.detail) for row in reversed(rows)]


def _reminders(connection: sa.Connection, invoice_ids: Sequence[int]) -> list[Event]:
    query = sa.select(reminders).where(reminders.c.invoice_id.in_(invoice_ids))
    found: list[Event] = []
    for row in connection.execute(query):
        subject, detail = f"invoice:{row.invoice_id}", {"reminder": row.what}
        if row.done_at is None or row.done_at >= row.due_at:
            found.append(Event(row.due_at, SERVICE.login, "reminder_due", subject, detail))
        if row.done_at is not None:
            found.append(Event(row.done_at, SERVICE.login, "reminder_done", subject, detail))
    return found


def _imports(connection: sa.Connection, invoice_ids: Sequence[int]) -> list[Event]:
    """The imports that brought or changed the register rows of these invoices, in the order in which they did."""
    named = sa.select(invoice_names.c.name).where(invoice_names.c.invoice_id.in_(invoice_ids))
    of_it = sa.select(register_rows.c.id).where(register_rows.c.key.in_(named))
    now = sa.select(register_rows.c.id.label("row_id"), register_rows.c.import_id, register_rows.c.status)
    before = sa.select(register_changes.c.row_id, register_changes.c.import_id, register_changes.c.status)
    states = sa.union_all(
        now.where(register_rows.c.key.in_(named)), before.where(register_changes.c.row_id.in_(of_it))
    ).subquery()
    query = (
        sa.select(
            states.c.row_id,
            states.c.status,
            register_imports.c.id,
            register_imports.c.source,
            register_imports.c.finished_at,
            accounts.c.login,
        )
        .select_from(
            states.join(register_imports, register_imports.c.id == states.c.import_id).outerjoin(
                accounts, accounts.c.id == register_imports.c.imported_by
            )
        )
        .where(register_imports.c.finished_at.is_not(None))
        .order_by(register_imports.c.finished_at, register_imports.c.id)
    )
    found: list[Event] = []
    seen: set[int] = set()
    for row in connection.execute(query):
        action = "register_changed" if row.row_id in seen else "register_brought"
        seen.add(row.row_id)
        detail: dict[str, Any] = {"source": row.source, "status": row.status}
        found.append(Event(row.finished_at, row.login or SERVICE.login, action, f"import:{row.id}", detail))
    return found


def _names(connection: sa.Connection, logins: Iterable[str]) -> dict[str, str]:
    """The names of people by their logins."""
    query = sa.select(accounts.c.login, accounts.c.name).where(accounts.c.login.in_(sorted(logins)))
    return {row.login: row.name for row in connection.execute(query)}

"""The imports of the register and the audit log as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from intake.db import accounts, audit_log, read, register_imports
from intake.errors import NotFoundError
from intake.register.ledger import refusals
from intake.register.reading import Refusal
from intake.views.rows import Event

PAGE: Final = 50
REFUSED: Final = 1000  # refused rows of an import that its page lists


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import of a register table; `refused` are its first refused rows as ``(row, reason, sample)``.

    `state` is draft, applied, rolled_back, discarded or failed; `name` is what it is rolled back by.
    """

    id: int
    name: str | None
    state: str
    mapping: str
    source: str
    file_name: str
    started_at: datetime
    finished_at: datetime | None
    importer: str | None
    new_rows: int
    changed_rows: int
    same_rows: int
    vanished_rows: int
    refused_rows: int
    refused: tuple[tuple[int, str, str], ...]
    newest: date | None
    oldest: date | None
    error: str
    rolled_back_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries of the audit log, the latest first; `older` is the id to go on from."""

    events: tuple[tuple[int, Event], ...]
    older: int | None


def list_imports(
    engine: sa.Engine, limit: int = 10, *, state: str = "", before: int | None = None
) -> tuple[ImportView, ...]:
    """The latest imports, of one state where it is given, from before an id where one is given."""
    query = _imports().order_by(register_imports.c.id.desc()).limit(limit)
    if state:
        query = query.where(register_imports.c.state == state)
    if before is not None:
        query = query.where(register_imports.c.id < before)
    with read(engine) as connection:
        return tuple(_import(row) for row in connection.execute(query))


def show_import(engine: sa.Engine, import_id: int) -> ImportView:
    """One import. Raises NotFoundError."""
    with read(engine) as connection:
        row = connection.execute(_imports().where(register_imports.c.id == import_id)).one_or_none()
        refused = refusals(connection, import_id, REFUSED)
    if row is None:
        raise NotFoundError(f"import {import_id}")
    return _import(row, refused)


def audit_page(engine: sa.Engine, *, text: str = "", before: int | None = None) -> AuditPage:
    """One page of the audit log, narrowed to an actor, an action or a subject that begins with `text`."""
    table = audit_log
    query = sa.select(table).order_by(table.c.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(table.c.id < before)
    if text:
        query = query.where(
            sa.or_(
                *(
                    column.startswith(text, autoescape=True)
                    for column in (table.c.actor, table.c.action, table.c.subject)
                )
            )
        )
    with read(engine) as connection:
        found = [
            (row.id, Event(row.at, row.actor, row.action, row.subject, row.detail)) for row in connection.execute(query)
        ]
    return AuditPage(tuple(found[:PAGE]), found[PAGE - 1][0] if len(found) > PAGE else None)


def _imports() -> sa.Select[Any]:
    return sa.select(*register_imports.c, accounts.c.name.label("importer")).select_from(
        register_imports.outerjoin(accounts, accounts.c.id == register_imports.c.imported_by)
    )


def _import(row: sa.Row[Any], refused: Sequence[Refusal] = ()) -> ImportView:
    return ImportView(
        id=row.id,
        name=row.name,
        state=row.state,
        mapping=row.mapping,
        source=row.source,
        file_name=row.file_name,
        started_at=row.started_at,
        finished_at=row.finished_at,
        importer=row.importer,
        new_rows=row.new_rows,
        changed_rows=row.changed_rows,
        same_rows=row.same_rows,
        vanished_rows=row.vanished_rows,
        refused_rows=row.refused_rows,
        refused=tuple((one.row, one.reason, one.sample) for one in refused),
        newest=row.newest_issue,
        oldest=row.oldest_issue,
        error=row.error,
        rolled_back_at=row.rolled_back_at,
    )

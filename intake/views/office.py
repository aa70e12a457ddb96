"""The register, its imports, and the audit log as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from intake.db import accounts, audit_log, read, register_imports, register_rows
from intake.errors import NotFoundError
from intake.model import RegisterRow, RegisterStatus
from intake.register.rows import register_row
from intake.views.rows import Event

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class RegisterFilter:
    """What the register is searched for; every part that is given must hold."""

    text: str = ""  # number, or name or tax id of seller or buyer
    date_from: date | None = None
    date_to: date | None = None
    status: RegisterStatus | None = None
    source: str = ""
    row: int | None = None  # one row, where a link leads


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """Rows of the register, the latest first; `older` is the id to go on from."""

    rows: tuple[RegisterRow, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import of a register table; `refused` are its first refused rows as ``(row, reason, sample)``."""

    id: int
    source: str
    file_name: str
    started_at: datetime
    finished_at: datetime | None
    importer: str | None
    new_rows: int
    changed_rows: int
    same_rows: int
    refused: tuple[tuple[int, str, str], ...]
    newest: date | None
    oldest: date | None
    error: str


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries of the audit log, the latest first; `older` is the id to go on from."""

    events: tuple[tuple[int, Event], ...]
    older: int | None


def register_search(engine: sa.Engine, wanted: RegisterFilter, *, before: int | None = None) -> RegisterPage:
    """One page of register rows that fit."""
    table = register_rows
    query = sa.select(table).order_by(table.c.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(table.c.id < before)
    if wanted.text:
        compact = "".join(wanted.text.split())
        query = query.where(
            sa.or_(
                table.c.number.startswith(compact, autoescape=True),
                table.c.code == compact,
                table.c.seller_tax_id == compact.upper(),
                table.c.buyer_tax_id == compact.upper(),
                table.c.seller_name.icontains(wanted.text, autoescape=True),
                table.c.buyer_name.icontains(wanted.text, autoescape=True),
            )
        )
    if wanted.date_from:
        query = query.where(table.c.date >= wanted.date_from)
    if wanted.date_to:
        query = query.where(table.c.date <= wanted.date_to)
    if wanted.status:
        query = query.where(table.c.status == wanted.status.value)
    if wanted.row is not None:
        query = query.where(table.c.id == wanted.row)
    if wanted.source:
        query = query.where(table.c.source == wanted.source)
    with read(engine) as connection:
        rows = tuple(register_row(row) for row in connection.execute(query))
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    return RegisterPage(rows, rows[-1].id if more else None)


def list_imports(engine: sa.Engine, limit: int = 10) -> tuple[ImportView, ...]:
    """The latest imports."""
    with read(engine) as connection:
        query = _imports().order_by(register_imports.c.id.desc()).limit(limit)
        return tuple(_import(row) for row in connection.execute(query))


def show_import(engine: sa.Engine, import_id: int) -> ImportView:
    """One import. Raises NotFoundError."""
    with read(engine) as connection:
        row = connection.execute(_imports().where(register_imports.c.id == import_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"import {import_id}")
    return _import(row)


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


def _import(row: sa.Row[Any]) -> ImportView:
    return ImportView(
        id=row.id,
        source=row.source,
        file_name=row.file_name,
        started_at=row.started_at,
        finished_at=row.finished_at,
        importer=row.importer,
        new_rows=row.new_rows,
        changed_rows=row.changed_rows,
        same_rows=row.same_rows,
        refused=tuple((line["row"], line["reason"], line["sample"]) for line in row.refused),
        newest=row.newest_issue,
        oldest=row.oldest_issue,
        error=row.error,
    )

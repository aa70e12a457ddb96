"""Invoices on file that a later import speaks against: they wait for people again (domain.md §10.2).

Found by the rows themselves, so that an import whose process died before anybody looked is seen to by the next look. An
invoice that was filed anew after the import has been decided by people who saw what the register says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeAlias

import sqlalchemy as sa

from intake import audit, taking_back
from intake.db import (
    invoice_names,
    invoices,
    read,
    register_imports,
    register_rows,
    write,
)
from intake.filing import MACHINE
from intake.model import (
    SERVICE,
    Cause,
    Diagnosis,
    Evidence,
    InvoiceState,
    NextStep,
    RegisterStatus,
    Role,
)

COMPARED: Final = ("date", "net", "tax", "total", "seller_tax_id")
# 作废, 失控, 异常: such a paper must not stay on file unseen. A reversed one stays, with its red letter.
SPEAKS_AGAINST: Final = frozenset(
    {RegisterStatus.VOID.value, RegisterStatus.LOST_CONTROL.value, RegisterStatus.ABNORMAL.value}
)
TAIL: Final = 6  # characters by which a seller's id that is not read whole is known (domain.md §9.2)
BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An invoice on file and the register's row of it: by column what we have and what the register says, as text.

    `import_id` brought the row's words, after the invoice was filed by `filed_by` (machine or people).
    """

    invoice_id: int
    row_id: int
    import_id: int
    filed_by: str
    differs: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Unsupported:
    """An invoice that the machine filed by a row of the register that the roll-back of the import `name` took away."""

    invoice_id: int
    name: str


Find: TypeAlias = Callable[..., "Sequence[Contradiction] | Sequence[Unsupported]"]


def contradictions(conn: sa.Connection, *conditions: sa.ColumnElement[bool]) -> list[Contradiction]:
    """At most 500 of them, by the invoice; `conditions` narrow the invoices."""
    either = sa.or_(register_rows.c.key == invoice_names.c.name, register_rows.c.alias == invoice_names.c.name)
    compared = [
        sa.and_(
            invoices.c[name].is_not(None), register_rows.c[name].is_not(None), invoices.c[name] != register_rows.c[name]
        )
        for name in COMPARED[:-1]
    ]
    seller, theirs = invoices.c.seller_tax_id, register_rows.c.seller_tax_id
    tail = sa.func.substr(seller, sa.func.length(seller) - TAIL + 1) != sa.func.substr(
        theirs, sa.func.length(theirs) - TAIL + 1
    )
    compared.append(sa.and_(seller != "", theirs != "", tail))
    query = (
        sa.select(
            invoices.c.id,
            invoices.c.filed_by,
            register_rows.c.id.label("row_id"),
            register_rows.c.import_id,
            register_rows.c.status,
            *(invoices.c[name].label(f"ours_{name}") for name in COMPARED),
            *(register_rows.c[name].label(f"theirs_{name}") for name in COMPARED),
        )
        .join(invoice_names, invoice_names.c.invoice_id == invoices.c.id)
        .join(register_rows, either)
        .join(register_imports, register_imports.c.id == register_rows.c.import_id)
        .where(
            invoices.c.state == InvoiceState.FILED.value,
            register_imports.c.finished_at > invoices.c.filed_at,
            sa.or_(*compared, register_rows.c.status.in_(SPEAKS_AGAINST)),
            *conditions,
        )
        .order_by(invoices.c.id, register_rows.c.id)
        .limit(BATCH)
    )
    found: dict[int, Contradiction] = {}
    for row in conn.execute(query).mappings():
        said = Contradiction(row["id"], row["row_id"], row["import_id"], row["filed_by"], _differs(row))
        found.setdefault(said.invoice_id, said)
    return list(found.values())


def _differs(row: sa.RowMapping) -> dict[str, tuple[str, str]]:
    pairs = {name: (row[f"ours_{name}"], row[f"theirs_{name}"]) for name in COMPARED}
    differs = {
        name: (_text(ours), _text(theirs))
        for name, (ours, theirs) in pairs.items()
        if ours not in {None, ""} and theirs not in {None, ""} and ours != theirs
    }
    if row["status"] in SPEAKS_AGAINST:
        differs["status"] = ("", row["status"])
    return differs


def _text(value: Decimal | object) -> str:
    return str(value)


def unsupported(conn: sa.Connection, *conditions: sa.ColumnElement[bool]) -> list[Unsupported]:
    """At most 500 of them, by the invoice: within the days of an import that was rolled back after they were filed."""
    lost = (
        register_imports.c.state == "rolled_back",
        register_imports.c.rolled_back_at >= invoices.c.filed_at,
        invoices.c.date.between(register_imports.c.oldest_issue, register_imports.c.newest_issue),
    )
    has_row = sa.exists().where(
        sa.or_(register_rows.c.key == invoices.c.register_key, register_rows.c.alias == invoices.c.register_key)
    )
    query = (
        sa.select(invoices.c.id, sa.func.max(register_imports.c.name))
        .join(register_imports, sa.and_(*lost))
        .where(
            invoices.c.state == InvoiceState.FILED.value,
            invoices.c.filed_by == MACHINE,
            invoices.c.register_key.is_not(None),
            ~has_row,
            *conditions,
        )
        .group_by(invoices.c.id)
        .order_by(invoices.c.id)
        .limit(BATCH)
    )
    return [Unsupported(invoice_id, name) for invoice_id, name in conn.execute(query)]


def reopen_contradicted(engine: sa.Engine, now: datetime) -> int:
    """Give every such invoice back to the people, each in a transaction of its own; returns how many.

    What the machine had filed by a row that was rolled back is filed again by it when the row comes back.
    """
    return _reopen_all(engine, contradictions, now) + _reopen_all(engine, unsupported, now)


def _reopen_all(engine: sa.Engine, find: Find, now: datetime) -> int:
    reopened = last = 0
    while True:
        with read(engine) as conn:
            found = find(conn, invoices.c.id > last)
        for one in found:
            reopened += _reopen(engine, find, one, now)
        if not found:
            return reopened
        last = found[-1].invoice_id


def _reopen(engine: sa.Engine, find: Find, found: Contradiction | Unsupported, now: datetime) -> bool:
    diagnosis = _diagnosis(found)
    with write(engine) as conn:
        files = taking_back.lock(conn, found.invoice_id)
        if not find(conn, invoices.c.id == found.invoice_id):
            return False  # somebody has seen to it meanwhile
        taking_back.take_back(conn, found.invoice_id, files, diagnosis, now)
        detail = {"said": [[one.code, one.link, dict(one.params)] for one in diagnosis.evidence]}
        audit.record(conn, SERVICE, "register_contradicts", f"invoice:{found.invoice_id}", detail, now)
    return True


def _diagnosis(found: Contradiction | Unsupported) -> Diagnosis:
    if isinstance(found, Unsupported):
        gone = Evidence("register_row_gone", {"import": found.name})
        return Diagnosis(Cause.UNKNOWN, (gone,), NextStep.VERIFY_THEN_KEY, Role.CLERK)
    link = f"register:{found.row_id}"
    evidence = tuple(
        Evidence("register_status", {"status": theirs}, link)
        if name == "status"
        else Evidence("register_expects", {"field": name, "seen": ours, "expected": theirs}, link)
        for name, (ours, theirs) in found.differs.items()
    )
    if set(found.differs) == {"status"}:
        return Diagnosis(Cause.VOID_OR_RED, evidence, NextStep.ASK_FOR_REPLACEMENT, Role.CLERK)
    return Diagnosis(Cause.TRANSCRIPTION_ERROR, evidence, NextStep.CORRECT_FROM_IMAGE, Role.CLERK)

"""An invoice that people keyed goes on file: its key is checked, its row enters the register (domain.md §10.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

from intake import names
from intake.checks import check
from intake.clock import day_of
from intake.codec import encode
from intake.db import documents, invoices, register_rows, renditions
from intake.entries import Entry, changes, keyed_invoice
from intake.errors import KeyConflictError, TaskStateError
from intake.filing import Event, InvoiceOutcome, insert_into
from intake.model import (
    Cause,
    Diagnosis,
    Evidence,
    Finding,
    Invoice,
    InvoiceState,
    NextStep,
    Proof,
    RegisterStatus,
    Role,
)
from intake.records import invoice_columns
from intake.register import sellers
from intake.register.difference import MANUAL
from intake.tasks import Held, settle_documents, settle_renditions, update_invoice
from ocr.types import FieldName

PEOPLE: Final = "people"
# 已作废 … : such a paper is refused and its replacement asked for, it is not filed by keying it
BLOCKING: Final = frozenset(
    {RegisterStatus.VOID, RegisterStatus.RED_FULL, RegisterStatus.LOST_CONTROL, RegisterStatus.ABNORMAL}
)
COMPARED: Final = ("date", "net", "tax", "total", "seller_tax_id")

Columns: TypeAlias = Mapping[str, Any] | sa.RowMapping


@dataclass(frozen=True, slots=True)
class Same:
    """Another record of the same invoice, and whether it is on file or waits for a person too."""

    invoice_id: int
    filed: bool


@dataclass(frozen=True, slots=True)
class Contradicting:
    """A row of the register that says something else: field, what the register says, what was keyed."""

    row_id: int
    differs: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class OnFile:
    """What was written: the invoice that now holds the key, and what the audit log says of it."""

    invoice_id: int
    attached: bool
    events: tuple[Event, ...]


def key_for(conn: sa.Connection, task: Held, invoice: Invoice) -> str:
    """The key of domain.md §9.1; a paper of a kind without one is known by its file's SHA-256."""
    key = names.key_for(invoice)
    if key is not None:
        return key
    sha256, index = conn.execute(
        sa.select(documents.c.sha256, renditions.c.receipt_index)
        .join(documents, documents.c.id == renditions.c.document_id)
        .where(renditions.c.invoice_id == task.invoice_id)
        .order_by(renditions.c.id)
        .limit(1)
    ).one()
    return f"S:{sha256[:48]}:{index}"


def find_conflict(
    conn: sa.Connection, task: Held, invoice: Invoice, key: str, *, against_register: bool = False
) -> Same | None:
    """The other invoice that has this key and agrees; None when the key is free.

    Raises KeyConflictError naming the invoice or register row that says something else: one of them is wrong,
    and a person must compare them. `against_register`: people have seen that the row says something else, and its values
    do not stop the paper; that it is void does.
    """
    columns = invoice_columns(invoice)
    row = _register_row(conn, key, columns["alias"])
    if row is not None:
        void = RegisterStatus(row["status"]) in BLOCKING
        if void or (_contradict(columns, row) and not against_register):
            raise KeyConflictError(f"register:{row['id']}", () if void else _differs(columns, row))
    other = _other_invoice(conn, task.invoice_id, names.names_of(invoice, key))
    if other is None:
        return None
    refused = other["state"] == InvoiceState.REFUSED.value
    if refused or _contradict(columns, other) or not _compared(columns, other):
        raise KeyConflictError(f"invoice:{other['id']}")
    return Same(other["id"], other["state"] == InvoiceState.FILED.value)


def contradiction(conn: sa.Connection, invoice: Invoice, key: str) -> Contradicting | None:
    """The valid row of the register that says something else of this key, and in what; None without one."""
    columns = invoice_columns(invoice)
    row = _register_row(conn, key, columns["alias"])
    if row is None or RegisterStatus(row["status"]) in BLOCKING:
        return None
    differs = _differs(columns, row)
    return Contradicting(row["id"], differs) if differs else None


def register_proofs(conn: sa.Connection, invoice: Invoice, key: str) -> dict[FieldName, Proof]:
    """The fields for which an imported row of the register stands; nothing unless it is valid, agrees in all that both
    state, and states day, amount and seller.
    """
    columns = invoice_columns(invoice)
    row = _register_row(conn, key, columns["alias"])
    if row is None or row["source"] == MANUAL or row["status"] != RegisterStatus.NORMAL.value:
        return {}
    same = {name for name in COMPARED if row[name] not in {None, ""} and row[name] == columns[name]}
    if _contradict(columns, row) or not {"date", "seller_tax_id"} < same or not same & {"net", "total"}:
        return {}
    names_of_key = (FieldName.CODE, FieldName.NUMBER, FieldName.SERIAL)
    keyed = {name for name in names_of_key if invoice.value(name)} | {FieldName(name) for name in same}
    return dict.fromkeys(sorted(keyed), Proof.REGISTER)


def file_keyed(
    conn: sa.Connection,
    task: Held,
    *,
    now: datetime,
    second: Entry | None = None,
    decided: Mapping[FieldName, str] = MappingProxyType({}),
    proven: Mapping[FieldName, Proof] = MappingProxyType({}),
    people: Mapping[str, int | None] = MappingProxyType({}),
    against_register: bool = False,
) -> OnFile:
    """Put on file what was keyed; the files follow. The events name people and changes.

    `proven` says by what which fields are proven from now on, `people` who stood for the entry besides who keyed it;
    `against_register`: a third person has decided that the paper is right and the register's row is not.
    Raises KeyConflictError, TaskStateError.
    """
    if task.entry is None:
        raise TaskStateError(f"task {task.id}: nothing has been keyed")
    invoice = keyed_invoice(task.invoice, task.entry, second, decided, proven)
    who = {"entered_by": task.entered_by, **people}
    filed = put_on_file(conn, task, invoice, {"task": task.id, **who}, now, against_register=against_register)
    settle_documents(conn, task.documents, "", now)
    detail = {**who, "task": task.id, "by": PEOPLE, "changes": changes(task.invoice, invoice)}
    action = "keyed_again" if filed.attached else "filed"
    return replace(filed, events=(Event(action, f"invoice:{task.invoice_id}", detail), *filed.events))


def put_on_file(
    conn: sa.Connection,
    task: Held,
    invoice: Invoice,
    raw: Mapping[str, object],
    now: datetime,
    *,
    against_register: bool = False,
) -> OnFile:
    """File the invoice, or attach its files to the same one on file. Raises KeyConflictError, TaskStateError.

    `raw` is kept with the new register row: who keyed and who verified.
    """
    key = key_for(conn, task, invoice)
    names.lock(conn, names.names_of(invoice, key))  # whoever files the same at this moment waits
    other = find_conflict(conn, task, invoice, key, against_register=against_register)
    if other is not None and other.filed:
        return _attach(conn, task, invoice, other.invoice_id, key)
    if other is not None:
        # That one waits for people still; it gives the key up and is attached when they come to it.
        waits = sa.and_(invoices.c.id == other.invoice_id, invoices.c.state == InvoiceState.NEEDS_REVIEW.value)
        conn.execute(sa.update(invoices).where(waits).values(key=None, version=invoices.c.version + 1))
        names.give_up(conn, [other.invoice_id])
    findings = check(invoice, today=day_of(now))
    columns = invoice_columns(invoice)
    register_key, events = _enter_into_register(conn, key, columns, raw, now)
    update_invoice(
        conn,
        task.invoice_id,
        task.version,
        **columns,
        key=key,
        state=InvoiceState.FILED.value,
        findings=encode(findings, tuple[Finding, ...]),
        register_key=register_key,
        filed_by=PEOPLE,
        filed_at=now,
    )
    names.take(conn, task.invoice_id, names.names_of(invoice, key))
    settle_renditions(conn, task.invoice_id)
    return OnFile(task.invoice_id, attached=False, events=events)


def _attach(conn: sa.Connection, task: Held, invoice: Invoice, other: int, key: str) -> OnFile:
    """The same invoice is on file already (domain.md §9.5): its files become renditions of that one."""
    evidence = Evidence("key_taken", {"key": key}, f"invoice:{other}")
    diagnosis = Diagnosis(Cause.DUPLICATE, (evidence,), NextStep.OPEN_FIRST_RECORD, Role.CLERK)
    update_invoice(
        conn,
        task.invoice_id,
        task.version,
        **invoice_columns(invoice),
        key=None,
        state=InvoiceState.REFUSED.value,
        diagnosis=encode(diagnosis),
    )
    names.give_up(conn, [task.invoice_id])
    conn.execute(
        sa.update(renditions)
        .where(renditions.c.invoice_id == task.invoice_id)
        .values(invoice_id=other, outcome=InvoiceOutcome.ATTACHED.value)
    )
    events = tuple(Event("attached", f"invoice:{other}", {"document": file}) for file in task.documents)
    return OnFile(other, attached=True, events=events)


def _enter_into_register(
    conn: sa.Connection, key: str, columns: Mapping[str, Any], raw: Mapping[str, object], now: datetime
) -> tuple[str, tuple[Event, ...]]:
    """The key of the register row of this invoice, made when there is none; an imported row is never overwritten."""
    row = _register_row(conn, key, columns["alias"])
    if row is None:
        names = ("alias", "code", "number", *COMPARED, "seller_name", "buyer_tax_id", "buyer_name", "kind")
        values = {name: columns[name] for name in names}
        # The tax bureau has not said anything of it yet; the import that knows it will.
        values |= {"key": key, "status": RegisterStatus.UNKNOWN.value, "status_at": now, "source": MANUAL}
        made = conn.execute(
            insert_into(conn, register_rows)
            .values(**values, raw=dict(raw))
            .on_conflict_do_nothing(index_elements=["key"])
            .returning(register_rows.c.id)
        ).scalar_one_or_none()
        if made is not None:
            sellers.remember(conn, [(values["seller_tax_id"], values["seller_name"])])
            return key, (Event("register_row_added", f"register:{made}", {"key": key, "source": MANUAL}),)
        row = _register_row(conn, key, columns["alias"])  # an import was faster
        if row is None or _contradict(columns, row):
            raise KeyConflictError(f"register: {key}")
    return str(row["key"]), ()


def _register_row(conn: sa.Connection, key: str, alias: str | None) -> sa.RowMapping | None:
    names = [key] if alias is None else [key, alias]
    for column in (register_rows.c.key, register_rows.c.alias):
        row = conn.execute(sa.select(register_rows).where(column.in_(names)).limit(1)).mappings().first()
        if row is not None:
            return row
    return None


def _other_invoice(conn: sa.Connection, invoice_id: int, named: tuple[str, ...]) -> sa.RowMapping | None:
    """The other invoice that bears one of these names."""
    other = names.holder(conn, named, besides=invoice_id)
    if other is None:
        return None
    return conn.execute(sa.select(invoices).where(invoices.c.id == other)).mappings().one()


def _pairs(here: Columns, there: Columns) -> list[tuple[Decimal | date | str, object]]:
    return [(here[name], there[name]) for name in COMPARED if here[name] not in {None, ""}]


def _differs(here: Columns, there: Columns) -> tuple[tuple[str, str, str], ...]:
    """The values that both state and that differ: name, there, here."""
    both = [name for name in COMPARED if here[name] not in {None, ""} and there[name] not in {None, ""}]
    return tuple((name, str(there[name]), str(here[name])) for name in both if here[name] != there[name])


def _contradict(here: Columns, there: Columns) -> bool:
    """Whether a value that both state differs."""
    return any(one != other for one, other in _pairs(here, there) if other not in {None, ""})


def _compared(here: Columns, there: Columns) -> bool:
    """Whether the two state anything in common: without that nobody can say that they are the same."""
    return any(other not in {None, ""} for _, other in _pairs(here, there))

"""The tables, written for SQLite and PostgreSQL alike, and the engine with each one's safe settings.

Money is integer fen (`Fen`), days are `Date`, moments are UTC (`Moment`). SQLite runs in WAL with
``synchronous=FULL``; writers begin with ``BEGIN IMMEDIATE`` through :func:`write`, readers through :func:`read`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.types import TypeDecorator

HUNDRED: Final = Decimal(100)
BUSY_MS: Final = 15_000


class Fen(TypeDecorator[Decimal]):
    """Decimal yuan in Python, integer fen in the database: exact on both engines."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> int | None:
        """Yuan to fen. Raises ValueError for fractions of a fen."""
        del dialect
        if value is None:
            return None
        fen = value * HUNDRED
        if fen != fen.to_integral_value():
            message = f"{value} has fractions of a fen"
            raise ValueError(message)
        return int(fen)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> Decimal | None:
        """Fen to yuan with two decimals."""
        del dialect
        return None if value is None else (Decimal(value) / HUNDRED).quantize(Decimal("0.01"))


class Moment(TypeDecorator[datetime]):
    """Aware UTC datetime in Python, timezone-less UTC in the database."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuses naive datetimes."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a moment needs a time zone"
            raise ValueError(message)
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Adds UTC."""
        del dialect
        return None if value is None else value.replace(tzinfo=UTC)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite gives rowids to INTEGER only
Json = sa.JSON(none_as_null=True)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("login", sa.String(64), nullable=False, unique=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("password_hash", sa.String(255), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("session_version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("created_at", Moment, nullable=False),
)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("receipt", sa.String(24), nullable=False, unique=True),  # shown to people: 20261124-000001
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("name", sa.String(255), nullable=False),  # as the sender called it, made safe
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("parent_id", Id, sa.ForeignKey("documents.id"), nullable=True),  # the ZIP it came in
    sa.Column("submitted_by", Id, sa.ForeignKey("accounts.id"), nullable=True),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(32), nullable=False, server_default=""),  # of a rejection, or the first cause
    sa.Column("interactive", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("sent_at", Moment, nullable=True),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("claim", sa.String(36), nullable=True),  # fencing token
    sa.Column("lease_until", Moment, nullable=True),
    sa.Column("done_at", Moment, nullable=True),
    sa.Column("idempotency", sa.String(64), nullable=True, unique=True),  # of the sender, for retries
    sa.Column("advice", Json, nullable=True),  # to who took the picture: tuple[ocr.types.Problem, ...]
    sa.Column("replaces_id", Id, nullable=True, index=True),  # the document whose picture this one replaces
    sa.Index("ix_documents_state_due", "state", "due_at"),
    sa.Index("ix_documents_received", "received_at"),
)

extractions = sa.Table(
    "extractions",
    metadata,
    sa.Column("document_id", Id, sa.ForeignKey("documents.id"), primary_key=True),
    sa.Column("body", Json, nullable=False),  # ocr.types.Extraction by intake/codec.py
    sa.Column("read_at", Moment, nullable=False),
)

pages = sa.Table(
    "pages",
    metadata,
    sa.Column("document_id", Id, sa.ForeignKey("documents.id"), primary_key=True),
    sa.Column("page", sa.Integer, primary_key=True),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("preview", sa.String(64), nullable=True),  # SHA-256 of the JPEG
)

invoices = sa.Table(
    "invoices",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("key", sa.String(64), nullable=True, unique=True),  # domain.md §9.1; stays reserved for ever
    sa.Column("alias", sa.String(64), nullable=True, index=True),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("code", sa.String(24), nullable=False, server_default=""),
    sa.Column("number", sa.String(32), nullable=False, server_default="", index=True),
    sa.Column("date", sa.Date, nullable=True),
    sa.Column("net", Fen, nullable=True),
    sa.Column("tax", Fen, nullable=True),
    sa.Column("total", Fen, nullable=True),
    sa.Column("check_code", sa.String(32), nullable=False, server_default=""),
    sa.Column("seller_name", sa.String(200), nullable=False, server_default=""),
    sa.Column("seller_tax_id", sa.String(32), nullable=False, server_default=""),
    sa.Column("buyer_name", sa.String(200), nullable=False, server_default=""),
    sa.Column("buyer_tax_id", sa.String(32), nullable=False, server_default=""),
    sa.Column("fields", Json, nullable=False),  # Invoice by intake/codec.py, every sighting kept
    sa.Column("findings", Json, nullable=False),
    sa.Column("match", Json, nullable=False),
    sa.Column("diagnosis", Json, nullable=True),
    sa.Column("register_key", sa.String(64), nullable=True),
    sa.Column("filed_by", sa.String(16), nullable=False, server_default=""),  # machine | people
    sa.Column("filed_at", Moment, nullable=True),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Index("ix_invoices_date", "date"),
    sa.Index("ix_invoices_total", "total"),
    sa.Index("ix_invoices_seller", "seller_tax_id", "total"),
    sa.Index("ix_invoices_seller_name", "seller_name"),
)

renditions = sa.Table(  # one invoice, many carriers (一票一档)
    "renditions",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("invoice_id", Id, sa.ForeignKey("invoices.id"), nullable=False, index=True),
    sa.Column("document_id", Id, sa.ForeignKey("documents.id"), nullable=False, index=True),
    sa.Column("receipt_index", sa.Integer, nullable=False),  # which receipt of the extraction
    sa.Column("outcome", sa.String(16), nullable=False),  # filed | needs_review | attached
    sa.Column("pages", Json, nullable=False),
    sa.Column("region", Json, nullable=True),
    sa.UniqueConstraint("document_id", "receipt_index"),
)

tasks = sa.Table(  # 补录
    "tasks",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("invoice_id", Id, sa.ForeignKey("invoices.id"), nullable=False, unique=True),
    sa.Column("document_id", Id, sa.ForeignKey("documents.id"), nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("cause", sa.String(32), nullable=False),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("claimed_by", Id, sa.ForeignKey("accounts.id"), nullable=True),
    sa.Column("claimed_until", Moment, nullable=True),
    sa.Column("draft", Json, nullable=True),
    sa.Column("entered_by", Id, sa.ForeignKey("accounts.id"), nullable=True),
    sa.Column("entered_at", Moment, nullable=True),
    sa.Column("entry", Json, nullable=True),
    sa.Column("verified_by", Id, sa.ForeignKey("accounts.id"), nullable=True),
    sa.Column("verified_at", Moment, nullable=True),
    sa.Column("second", Json, nullable=True),  # the blind keying
    sa.Column("adjudicated_by", Id, sa.ForeignKey("accounts.id"), nullable=True),
    sa.Column("closed_at", Moment, nullable=True),
    sa.Column("comment", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_tasks_state_opened", "state", "opened_at"),
)

register_rows = sa.Table(
    "register_rows",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("key", sa.String(64), nullable=False, unique=True),
    sa.Column("alias", sa.String(64), nullable=True, index=True),
    sa.Column("code", sa.String(24), nullable=False, server_default=""),
    sa.Column("number", sa.String(32), nullable=False, index=True),
    sa.Column("date", sa.Date, nullable=True),
    sa.Column("net", Fen, nullable=True),
    sa.Column("tax", Fen, nullable=True),
    sa.Column("total", Fen, nullable=True),
    sa.Column("seller_tax_id", sa.String(32), nullable=False, server_default=""),
    sa.Column("seller_name", sa.String(200), nullable=False, server_default=""),
    sa.Column("buyer_tax_id", sa.String(32), nullable=False, server_default=""),
    sa.Column("buyer_name", sa.String(200), nullable=False, server_default=""),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("status_at", Moment, nullable=True),
    sa.Column("source", sa.String(64), nullable=False),  # name of the import source, or "manual" for 补录
    sa.Column("import_id", Id, sa.ForeignKey("register_imports.id"), nullable=True),
    sa.Column("raw", Json, nullable=False),
    sa.Index("ix_register_rows_seller_total", "seller_tax_id", "total"),
    sa.Index("ix_register_rows_seller_date", "seller_tax_id", "date"),
    sa.Index("ix_register_rows_seller_name", "seller_name"),
    sa.Index("ix_register_rows_source_date", "source", "date"),
)

register_imports = sa.Table(
    "register_imports",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("file_name", sa.String(255), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("finished_at", Moment, nullable=True),
    sa.Column("imported_by", Id, sa.ForeignKey("accounts.id"), nullable=True),
    sa.Column("new_rows", sa.Integer, nullable=False, server_default="0"),
    sa.Column("changed_rows", sa.Integer, nullable=False, server_default="0"),
    sa.Column("same_rows", sa.Integer, nullable=False, server_default="0"),
    sa.Column("refused", Json, nullable=False),  # [{row, reason, sample}]
    sa.Column("newest_issue", sa.Date, nullable=True),  # the newest 开票日期 of the file: how far the source reaches
    sa.Column("oldest_issue", sa.Date, nullable=True),
    sa.Column("error", sa.String(32), nullable=False, server_default=""),
)

companies = sa.Table(
    "companies",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("tax_id", sa.String(32), nullable=False, index=True),
    sa.Column("valid_from", sa.Date, nullable=True),
    sa.Column("valid_to", sa.Date, nullable=True),
    sa.Column("group", sa.String(64), nullable=False, server_default=""),
    sa.UniqueConstraint("name", "tax_id"),
)

slots = sa.Table(  # periodic work: the inserted row decides who does it
    "slots",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("slot", Moment, primary_key=True),
)

receipt_days = sa.Table(  # how many receipts each day in China has given: gapless, the counterpart of the documents
    "receipt_days",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("given", sa.Integer, nullable=False),
)

audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False, index=True),  # document:7, invoice:12, task:3, account:1
    sa.Column("detail", Json, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
)

audit_head = sa.Table(  # one row: the end of the chain, and the lock that makes its writers take turns
    "audit_head",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("entries", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)


def connect(url: str | URL) -> sa.Engine:
    """An engine for SQLite or PostgreSQL with durable, concurrent settings (findings: WAL, FULL, IMMEDIATE)."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return sa.create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=20)
    engine = sa.create_engine(parsed, connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        mode = "IMMEDIATE" if connection.get_execution_options().get("writes") else "DEFERRED"
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


@contextmanager
def write(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that writes: committed at the end, rolled back on any exception."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


@contextmanager
def read(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that only reads; it never waits for a writer on SQLite."""
    with engine.connect() as connection, connection.begin():
        yield connection

"""What makes the desk quick and its work visible: saved views, uploads that can be resumed, sampling inspection."""

from __future__ import annotations

import sqlalchemy as sa

from intake.db.columns import Id, Json, Moment, metadata

saved_views = sa.Table(  # filters of a list under a name
    "saved_views",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("address", sa.Text, nullable=False),  # the query of the address, without its page
    sa.Column("shared", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", Moment, nullable=False),
    sa.UniqueConstraint("account_id", "name"),
)

uploads = sa.Table(  # a file that comes in pieces (tus); the pieces lie beside the files
    "uploads",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("received", sa.BigInteger, nullable=False),  # bytes that are durable
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("token", sa.String(64), nullable=False),  # the sender's: a file that is sent twice is one document
    sa.Column("replaces_id", Id, nullable=True),
    sa.Column("cut", Json, nullable=True),  # as of documents
    sa.Column("document_id", Id, sa.ForeignKey("documents.id"), nullable=True),  # once it is whole
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("touched_at", Moment, nullable=False, index=True),
)

lots = sa.Table(  # what the machine filed on a day, offered for inspection by sampling (ISO 2859-1, docs/adr/0016)
    "lots",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("day", sa.Date, nullable=False, unique=True),  # in China
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("decided_at", Moment, nullable=True),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("aql", sa.String(8), nullable=False),
    sa.Column("mode", sa.String(16), nullable=False),  # intake.sampling.Mode
    sa.Column("letter", sa.String(2), nullable=False),
    sa.Column("sample", sa.Integer, nullable=False),
    sa.Column("accept", sa.Integer, nullable=False),
    sa.Column("reject", sa.Integer, nullable=False),
    sa.Column("seed", sa.String(32), nullable=False),  # of the draw: who knows it draws the same again
    sa.Column("found", sa.Integer, nullable=False, server_default="0"),  # invoices of the sample with a wrong value
    sa.Column("state", sa.String(16), nullable=False),  # open | accepted | rejected
    sa.Column("resumed_by", Id, sa.ForeignKey("accounts.id"), nullable=True),  # who ended a suspension after this lot
    sa.Column("resumed_at", Moment, nullable=True),
    sa.Index("ix_lots_state", "state"),
)

inspected = sa.Table(  # every invoice of a lot
    "inspected",
    metadata,
    sa.Column("lot_id", Id, sa.ForeignKey("lots.id"), primary_key=True),
    sa.Column("invoice_id", Id, sa.ForeignKey("invoices.id"), primary_key=True),
    sa.Column(
        "why", sa.String(8), nullable=False, server_default=""
    ),  # sample | all (of a rejected lot) | not asked for
    sa.Column("result", sa.String(8), nullable=False, server_default=""),  # right | wrong; empty until looked at
    sa.Column("fields", Json, nullable=True),  # the wrong ones
    sa.Column("by", Id, sa.ForeignKey("accounts.id"), nullable=True),  # nobody: the invoice was taken off file before
    sa.Column("at", Moment, nullable=True),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_inspected_waiting", "why", "result", "lot_id", "invoice_id"),
    sa.Index("ix_inspected_at", "at", "why", "result"),
    sa.Index("ix_inspected_invoice", "invoice_id"),
)

acts = sa.Table(  # what people did with entries, one row an act: kept also when an entry is keyed anew
    "acts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("act", sa.String(16), nullable=False),  # intake.acts.Act
    sa.Column("by", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("about", Id, sa.ForeignKey("accounts.id"), nullable=True),  # whose entry it was
    sa.Column("task_id", Id, sa.ForeignKey("tasks.id"), nullable=False),
    sa.Index("ix_acts_at", "at", "act", "by", "about"),
    sa.Index("ix_acts_task", "task_id"),
)

"""What makes the desk quick and its work visible: saved views, uploads that can be resumed, sampling inspection."""

from __future__ import annotations

import sqlalchemy as sa

from intake.db.columns import Id, Moment, metadata

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
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("token", sa.String(64), nullable=True),  # the sender's: a file that is sent twice is one document
    sa.Column("replaces_id", Id, nullable=True),
    sa.Column("document_id", Id, sa.ForeignKey("documents.id"), nullable=True),  # once it is whole
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("touched_at", Moment, nullable=False, index=True),
)

lots = sa.Table(  # invoices that the machine filed, offered for inspection (ISO 2859-1)
    "lots",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("closed_at", Moment, nullable=True),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("letter", sa.String(2), nullable=False),
    sa.Column("mode", sa.String(16), nullable=False),  # normal | tightened | reduced
    sa.Column("sample", sa.Integer, nullable=False),
    sa.Column("accept", sa.Integer, nullable=False),
    sa.Column("reject", sa.Integer, nullable=False),
    sa.Column("found", sa.Integer, nullable=False, server_default="0"),  # invoices with a wrong value
    sa.Column("state", sa.String(16), nullable=False),  # open | accepted | rejected
)

inspected = sa.Table(
    "inspected",
    metadata,
    sa.Column("lot_id", Id, sa.ForeignKey("lots.id"), primary_key=True),
    sa.Column("invoice_id", Id, sa.ForeignKey("invoices.id"), primary_key=True),
    sa.Column("result", sa.String(16), nullable=False, server_default=""),  # right | wrong; empty until looked at
    sa.Column("by", Id, sa.ForeignKey("accounts.id"), nullable=True),
    sa.Column("at", Moment, nullable=True),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
)

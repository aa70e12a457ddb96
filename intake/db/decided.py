"""Invoices, their carriers, and the review of them."""

from __future__ import annotations

import sqlalchemy as sa

from intake.db.columns import Fen, Id, Json, Moment, metadata

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
    sa.Column(
        "region", sa.String(4), nullable=False, server_default=""
    ),  # of issue, by code or number, else the seller's
    sa.Column("blue_key", sa.String(64), nullable=True, index=True),  # of a red-letter invoice: the one it reverses
    sa.Index("ix_invoices_date", "date"),
    sa.Index("ix_invoices_filed", "filed_by", "filed_at", "state"),
    sa.Index("ix_invoices_region_date", "region", "date"),
    sa.Index("ix_invoices_register_key", "register_key"),
    sa.Index("ix_invoices_total", "total"),
    sa.Index("ix_invoices_seller", "seller_tax_id", "total"),
    sa.Index("ix_invoices_seller_name", "seller_name"),
)

invoice_names = (
    sa.Table(  # every key and alias of an invoice (domain.md §9.1): one name, one invoice, whatever it is called by
        "invoice_names",
        metadata,
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("invoice_id", Id, sa.ForeignKey("invoices.id"), nullable=False, index=True),
    )
)

# Two papers with one key and other values (§9.5.3): neither is used until a supervisor decides. Or a paper that two people
# keyed and a row of the register that says otherwise (intake/disputes.py).
conflicts = sa.Table(
    "conflicts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("first_id", Id, sa.ForeignKey("invoices.id"), nullable=True, index=True),  # the one that has the key
    sa.Column("second_id", Id, sa.ForeignKey("invoices.id"), nullable=False, index=True),
    sa.Column(
        "register_row_id", Id, nullable=True, index=True
    ),  # in place of the first; a roll-back may remove the row
    sa.Column("differs", Json, nullable=False),  # [{field, first, second}]
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column(
        "decision", sa.String(16), nullable=False, server_default=""
    ),  # intake.conflicts.Settlement, or intake.disputes.Verdict
    sa.Column("decided_by", Id, sa.ForeignKey("accounts.id"), nullable=True),
    sa.Column("decided_at", Moment, nullable=True),
    sa.Column("comment", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("first_id", "second_id"),
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
    sa.Column("form", sa.String(16), nullable=False, server_default="unknown"),  # intake.carriers.Form
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
    sa.Column("look_again_at", Moment, nullable=True),  # when the register is asked again by itself
    sa.Column("assigned_to", Id, nullable=True, index=True),  # by a supervisor; nobody else is offered it
    sa.Column("urgency", sa.Integer, nullable=False, server_default="0"),  # greater comes first
    sa.Column("due_at", Moment, nullable=True),  # later than this is late
    sa.Column(
        "blind", sa.String(16), nullable=False, server_default=""
    ),  # the ground of the control of an entry: intake.risk.Ground
    sa.Index("ix_tasks_state_opened", "state", "opened_at"),
    sa.Index("ix_tasks_queue", "state", "urgency", "due_at"),
    sa.Index("ix_tasks_look_again", "look_again_at"),
    sa.Index("ix_tasks_waiting", "state", "cause", "opened_at", "due_at"),
    sa.Index("ix_tasks_claimed_until", "claimed_until"),
)

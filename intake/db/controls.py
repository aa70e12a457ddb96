"""What people do around an invoice: official verification, reminders, support cases, and its use (核销)."""

from __future__ import annotations

import sqlalchemy as sa

from intake.db.columns import Fen, Id, Json, Moment, metadata

verifications = sa.Table(  # asked at the tax bureau or another official place (domain.md §8)
    "verifications",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("invoice_id", Id, sa.ForeignKey("invoices.id"), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("day", sa.Date, nullable=False),  # in China, for the budget of five a day
    sa.Column("by", Id, sa.ForeignKey("accounts.id"), nullable=True),  # None: by the service through a vendor
    sa.Column("site", sa.String(32), nullable=False),
    sa.Column("outcome", sa.String(24), nullable=False),
    sa.Column("answered", Json, nullable=False),  # what the page showed: {field: value}
    sa.Column("differs", Json, nullable=False),  # [{field, here, there}]
    sa.Column("agreed", sa.Boolean, nullable=False),
    sa.Column("times_shown", sa.Integer, nullable=True),  # 查验次数
    sa.Column("screenshot", sa.String(64), nullable=True),  # SHA-256 of the bytes as they came
    sa.Column("picture", sa.String(64), nullable=True),  # SHA-256 of the JPEG that pages show
    sa.Column("second_needed", sa.Boolean, nullable=False, server_default=sa.false()),  # §10.2(d)
    sa.Column("confirmed_by", Id, sa.ForeignKey("accounts.id"), nullable=True),
    sa.Column("confirmed_at", Moment, nullable=True),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
)

reminders = sa.Table(
    "reminders",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("invoice_id", Id, sa.ForeignKey("invoices.id"), nullable=False, index=True),
    sa.Column("what", sa.String(32), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),  # to whom it falls
    sa.Column("due_at", Moment, nullable=False, index=True),
    sa.Column("done_at", Moment, nullable=True),
)

cases = sa.Table(  # contact with support: the tax bureau, the seller, the ERP's people
    "cases",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("invoice_id", Id, sa.ForeignKey("invoices.id"), nullable=True, index=True),
    sa.Column("to", sa.String(32), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # open | answered | closed
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False, server_default=""),
    sa.Column("owner", Id, sa.ForeignKey("accounts.id"), nullable=True),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("closed_at", Moment, nullable=True),
    sa.Index("ix_cases_state_due", "state", "due_at"),
)

uses = sa.Table(  # 核销: an invoice is locked for a voucher, used, and frozen after archiving
    "uses",
    metadata,
    sa.Column("invoice_id", Id, sa.ForeignKey("invoices.id"), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),  # locked | used | frozen
    sa.Column("voucher", sa.String(64), nullable=False),
    sa.Column("locked_by", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("locked_at", Moment, nullable=False),
    sa.Column("used_by", Id, sa.ForeignKey("accounts.id"), nullable=True),
    sa.Column("used_at", Moment, nullable=True),
    sa.Column("frozen_at", Moment, nullable=True),
    sa.Column("register_status", sa.String(16), nullable=False),  # looked at again before the use
    sa.Column("checked_at", Moment, nullable=False),
    sa.Column("amount", Fen, nullable=True),  # what is left after red letters when it was locked or used
    sa.Column("alarm", sa.String(16), nullable=False, server_default=""),  # intake.alarms: what came to light later
    sa.Column("answered", sa.String(16), nullable=False, server_default=""),  # the alarm that a supervisor dealt with
    sa.Column("answered_by", Id, nullable=True),
    sa.Column("answered_at", Moment, nullable=True),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Index("ix_uses_voucher", "voucher"),
    sa.Index("ix_uses_state", "state"),
    sa.Index("ix_uses_alarm", "alarm"),
)

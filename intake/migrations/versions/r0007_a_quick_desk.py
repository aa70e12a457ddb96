"""A desk that is quick and whose work is seen: saved views, resumable uploads, an ordered queue, sampling inspection."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime()
TABLES = ("inspected", "lots", "uploads", "saved_views")


def _added() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("assigned_to", ID, nullable=True),
        sa.Column("urgency", sa.Integer, nullable=False, server_default="0"),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("blind", sa.String(16), nullable=False, server_default=""),
    )


def _fk(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    """Make the tables and columns."""
    for column in _added():
        op.add_column("tasks", column)
    op.create_index("ix_tasks_assigned_to", "tasks", ["assigned_to"])
    op.create_index("ix_tasks_queue", "tasks", ["state", "urgency", "due_at"])
    op.create_table(
        "saved_views",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("created_at", MOMENT, nullable=False),
        _fk("saved_views", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_saved_views_account_id_name")),
    )
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("token", sa.String(64), nullable=True),
        sa.Column("replaces_id", ID, nullable=True),
        sa.Column("document_id", ID, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("touched_at", MOMENT, nullable=False),
        _fk("uploads", "account_id", "accounts"),
        _fk("uploads", "document_id", "documents"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    op.create_index("ix_uploads_touched_at", "uploads", ["touched_at"])
    op.create_table(
        "lots",
        sa.Column("id", ID, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("letter", sa.String(2), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("sample", sa.Integer, nullable=False),
        sa.Column("accept", sa.Integer, nullable=False),
        sa.Column("reject", sa.Integer, nullable=False),
        sa.Column("found", sa.Integer, nullable=False, server_default="0"),
        sa.Column("state", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lots")),
    )
    op.create_table(
        "inspected",
        sa.Column("lot_id", ID, nullable=False),
        sa.Column("invoice_id", ID, nullable=False),
        sa.Column("result", sa.String(16), nullable=False, server_default=""),
        sa.Column("by", ID, nullable=True),
        sa.Column("at", MOMENT, nullable=True),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        _fk("inspected", "lot_id", "lots"),
        _fk("inspected", "invoice_id", "invoices"),
        _fk("inspected", "by", "accounts"),
        sa.PrimaryKeyConstraint("lot_id", "invoice_id", name=op.f("pk_inspected")),
    )


def downgrade() -> None:
    """Remove them; what they held is lost."""
    for table in TABLES:
        op.drop_table(table)
    op.drop_index("ix_tasks_queue", table_name="tasks")
    op.drop_index("ix_tasks_assigned_to", table_name="tasks")
    for column in _added():
        op.drop_column("tasks", column.name)

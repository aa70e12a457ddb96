"""A desk that is quick and whose work is seen: saved views, resumable uploads, an ordered queue, sampling inspection."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from alembic.operations import Operations

from intake.migrations import listing

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
MOMENT = sa.DateTime()
TABLES = ("acts", "inspected", "lots", "uploads", "saved_views")

KEPT_INDEXES = (  # of tables that stay
    ("extractions", "ix_extractions_read_at", ("read_at",)),
    ("invoices", "ix_invoices_filed", ("filed_by", "filed_at", "state")),
    ("tasks", "ix_tasks_waiting", ("state", "cause", "opened_at", "due_at")),
    ("tasks", "ix_tasks_claimed_until", ("claimed_until",)),
)
INDEXES = (
    *KEPT_INDEXES,
    ("lots", "ix_lots_state", ("state",)),
    ("inspected", "ix_inspected_waiting", ("why", "result", "lot_id", "invoice_id")),
    ("inspected", "ix_inspected_at", ("at", "why", "result")),
    ("inspected", "ix_inspected_invoice", ("invoice_id",)),
    ("acts", "ix_acts_at", ("at", "act", "by", "about")),
    ("acts", "ix_acts_task", ("task_id",)),
)
# What the tasks still tell of the work before: who keyed, who spoke second and how, who decided
PAST_ACTS = (
    """INSERT INTO acts (at, act, "by", about, task_id)
    SELECT entered_at, 'keyed', entered_by, entered_by, id FROM tasks
    WHERE entered_at IS NOT NULL AND entered_by IS NOT NULL""",
    """INSERT INTO acts (at, act, "by", about, task_id)
    SELECT verified_at, CASE WHEN state = 'disputed' OR adjudicated_by IS NOT NULL THEN 'differed' ELSE 'confirmed' END,
    verified_by, entered_by, id FROM tasks WHERE verified_at IS NOT NULL AND verified_by IS NOT NULL""",
    """INSERT INTO acts (at, act, "by", about, task_id)
    SELECT closed_at, 'decided', adjudicated_by, entered_by, id FROM tasks
    WHERE closed_at IS NOT NULL AND adjudicated_by IS NOT NULL""",
)


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
    op.add_column("documents", sa.Column("cut", JSON, nullable=True))
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
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("replaces_id", ID, nullable=True),
        sa.Column("cut", JSON, nullable=True),
        sa.Column("document_id", ID, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("touched_at", MOMENT, nullable=False),
        _fk("uploads", "account_id", "accounts"),
        _fk("uploads", "document_id", "documents"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    op.create_index("ix_uploads_touched_at", "uploads", ["touched_at"])
    _inspection()
    _acts()
    for table, name, columns in INDEXES:
        op.create_index(name, table, list(columns))
    listing.make(Operations(op.get_context()))


def _inspection() -> None:
    op.create_table(
        "lots",
        sa.Column("id", ID, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("aql", sa.String(8), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("letter", sa.String(2), nullable=False),
        sa.Column("sample", sa.Integer, nullable=False),
        sa.Column("accept", sa.Integer, nullable=False),
        sa.Column("reject", sa.Integer, nullable=False),
        sa.Column("seed", sa.String(32), nullable=False),
        sa.Column("found", sa.Integer, nullable=False, server_default="0"),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("resumed_by", ID, nullable=True),
        sa.Column("resumed_at", MOMENT, nullable=True),
        _fk("lots", "resumed_by", "accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lots")),
        sa.UniqueConstraint("day", name=op.f("uq_lots_day")),
    )
    op.create_table(
        "inspected",
        sa.Column("lot_id", ID, nullable=False),
        sa.Column("invoice_id", ID, nullable=False),
        sa.Column("why", sa.String(8), nullable=False, server_default=""),
        sa.Column("result", sa.String(8), nullable=False, server_default=""),
        sa.Column("fields", JSON, nullable=True),
        sa.Column("by", ID, nullable=True),
        sa.Column("at", MOMENT, nullable=True),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        _fk("inspected", "lot_id", "lots"),
        _fk("inspected", "invoice_id", "invoices"),
        _fk("inspected", "by", "accounts"),
        sa.PrimaryKeyConstraint("lot_id", "invoice_id", name=op.f("pk_inspected")),
    )


def _acts() -> None:
    op.create_table(
        "acts",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("by", ID, nullable=False),
        sa.Column("about", ID, nullable=True),
        sa.Column("task_id", ID, nullable=False),
        _fk("acts", "by", "accounts"),
        _fk("acts", "about", "accounts"),
        _fk("acts", "task_id", "tasks"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
    )
    for statement in PAST_ACTS:
        op.execute(statement)


def downgrade() -> None:
    """Remove them; what they held is lost."""
    listing.drop(Operations(op.get_context()))
    for table in TABLES:
        op.drop_table(table)
    for table, name, _ in reversed(KEPT_INDEXES):
        op.drop_index(name, table_name=table)
    op.drop_index("ix_tasks_queue", table_name="tasks")
    op.drop_index("ix_tasks_assigned_to", table_name="tasks")
    op.drop_column("documents", "cut")
    for column in _added():
        op.drop_column("tasks", column.name)

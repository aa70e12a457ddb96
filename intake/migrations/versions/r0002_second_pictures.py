"""Advice about a picture, and which picture another one replaces."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns; without a foreign key, which SQLite cannot add to a table that is in use."""
    op.add_column("documents", sa.Column("advice", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("documents", sa.Column("replaces_id", ID, nullable=True))
    op.create_index(op.f("ix_documents_replaces_id"), "documents", ["replaces_id"])


def downgrade() -> None:
    """Remove them; the files stay."""
    op.drop_index(op.f("ix_documents_replaces_id"), table_name="documents")
    op.drop_column("documents", "replaces_id")
    op.drop_column("documents", "advice")

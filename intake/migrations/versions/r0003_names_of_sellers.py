"""Sellers are looked up by name, to propose their tax id."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the names of sellers in the register and on file."""
    for table in ("register_rows", "invoices"):
        op.create_index(op.f(f"ix_{table}_seller_name"), table, ["seller_name"])


def downgrade() -> None:
    """Drop them."""
    for table in ("register_rows", "invoices"):
        op.drop_index(op.f(f"ix_{table}_seller_name"), table)

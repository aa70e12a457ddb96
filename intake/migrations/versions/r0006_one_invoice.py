"""One invoice, many carriers: names that are unique across key and alias, conflicts, forms of carriers, dealt-with alarms."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
MOMENT = sa.DateTime()


def upgrade() -> None:
    """Make the tables and columns, and name the invoices that are there; the older one keeps a name that two bear."""
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    op.create_index("ix_uses_state", "uses", ["state"])
    op.create_index("ix_uses_alarm", "uses", ["alarm"])
    op.create_table(
        "invoice_names",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("invoice_id", ID, nullable=False),
        _fk("invoice_names", "invoice_id", "invoices"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_invoice_names")),
    )
    op.create_index("ix_invoice_names_invoice_id", "invoice_names", ["invoice_id"])
    op.create_table(
        "conflicts",
        sa.Column("id", ID, nullable=False),
        sa.Column("first_id", ID, nullable=True),
        sa.Column("second_id", ID, nullable=False),
        sa.Column("register_row_id", ID, nullable=True),
        sa.Column("differs", JSON, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("decision", sa.String(16), nullable=False, server_default=""),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("comment", sa.Text, nullable=False, server_default=""),
        _fk("conflicts", "first_id", "invoices"),
        _fk("conflicts", "second_id", "invoices"),
        _fk("conflicts", "decided_by", "accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflicts")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_conflicts_first_id_second_id")),
    )
    for name in ("first_id", "second_id", "register_row_id"):
        op.create_index(f"ix_conflicts_{name}", "conflicts", [name])
    _fill()


def _added() -> dict[str, tuple[sa.Column[Any], ...]]:
    return {
        "renditions": (sa.Column("form", sa.String(16), nullable=False, server_default="unknown"),),
        "uses": (
            sa.Column("amount", sa.BigInteger, nullable=True),
            sa.Column("alarm", sa.String(16), nullable=False, server_default=""),
            sa.Column("answered", sa.String(16), nullable=False, server_default=""),
            sa.Column("answered_by", ID, nullable=True),
            sa.Column("answered_at", MOMENT, nullable=True),
            sa.Column("note", sa.Text, nullable=False, server_default=""),
        ),
    }


def _fk(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _fill() -> None:
    """Names of what is on file, and the blue invoice that each red letter names."""
    connection = op.get_bind()
    invoices = sa.table("invoices", *(sa.column(name) for name in ("id", "key", "alias", "total", "net", "blue_key")))
    names = sa.table("invoice_names", sa.column("name"), sa.column("invoice_id"))
    connection.execute(
        sa.insert(names).from_select(
            ["name", "invoice_id"], sa.select(invoices.c.key, invoices.c.id).where(invoices.c.key.is_not(None))
        )
    )
    second = sa.and_(invoices.c.key.is_not(None), invoices.c.alias.is_not(None))
    free = invoices.c.alias.not_in(sa.select(names.c.name))
    aliases = sa.select(invoices.c.alias, sa.func.min(invoices.c.id)).where(second, free).group_by(invoices.c.alias)
    connection.execute(sa.insert(names).from_select(["name", "invoice_id"], aliases))
    read = sa.table("invoices", sa.column("id"), sa.column("total"), sa.column("net"), sa.column("fields", JSON))
    negative = sa.or_(read.c.total < 0, read.c.net < 0)
    for row in connection.execute(sa.select(read.c.id, read.c.fields).where(negative)).all():
        blue = row.fields.get("fields", {}).get("red_of")
        if blue:
            mine = sa.update(invoices).where(invoices.c.id == row.id)
            connection.execute(mine.values(blue_key=blue["value"][:64]))


def downgrade() -> None:
    """Remove them; what was decided of conflicts is lost from here and stays in the audit log."""
    op.drop_table("conflicts")
    op.drop_table("invoice_names")
    op.drop_index("ix_uses_alarm", table_name="uses")
    op.drop_index("ix_uses_state", table_name="uses")
    for table, columns in _added().items():
        for column in columns:
            op.drop_column(table, column.name)

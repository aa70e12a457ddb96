"""Register sources and imports that can be taken back; official verification, use, and likeness of invoices."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True)
MOMENT = sa.DateTime()

INDEXES = (
    ("ix_register_imports_name", "register_imports", ["name"], True),
    (
        "ix_register_imports_reach",
        "register_imports",
        ["source", "state", "error", "newest_issue", "oldest_issue", "finished_at", "new_rows"],
        False,
    ),
    ("ix_invoices_blue_key", "invoices", ["blue_key"], False),
    ("ix_invoices_region_date", "invoices", ["region", "date"], False),
    ("ix_invoices_register_key", "invoices", ["register_key"], False),
    ("ix_tasks_look_again", "tasks", ["look_again_at"], False),
)
TABLES = (
    "uses",
    "cases",
    "reminders",
    "verifications",
    "likenesses",
    "maintenance",
    "register_sources",
    "register_mappings",
    "register_refusals",
    "register_changes",
)


def upgrade() -> None:
    """Make the tables, the columns and their indexes."""
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    for name, table, indexed, unique in INDEXES:
        op.create_index(name, table, indexed, unique=unique)
    _make_imports()
    _make_register()
    _make_controls()
    _move_refusals()


def _added() -> dict[str, tuple[sa.Column[Any], ...]]:
    return {
        "register_imports": (
            sa.Column("name", sa.String(80), nullable=True),
            sa.Column("state", sa.String(16), nullable=False, server_default="applied"),
            sa.Column("mapping", sa.String(64), nullable=False, server_default=""),
            sa.Column("mapped", JSON, nullable=True),
            sa.Column("refused_rows", sa.Integer, nullable=False, server_default="0"),
            sa.Column("vanished_rows", sa.Integer, nullable=False, server_default="0"),
            sa.Column("samples", JSON, nullable=True),
            sa.Column("first_row", ID, nullable=True),
            sa.Column("last_row", ID, nullable=True),
            sa.Column("rolled_back_at", MOMENT, nullable=True),
            sa.Column("rolled_back_by", ID, nullable=True),
        ),
        "register_rows": (sa.Column("import_row", sa.Integer, nullable=True),),
        "companies": (
            sa.Column("head_tax_id", sa.String(32), nullable=False, server_default=""),
            sa.Column("successor_tax_ids", sa.String(640), nullable=False, server_default=""),
            sa.Column("change", sa.String(16), nullable=False, server_default=""),
            sa.Column("accepted_to", sa.Date, nullable=True),
            sa.Column("desk", sa.String(120), nullable=False, server_default=""),
        ),
        "invoices": (
            sa.Column("region", sa.String(4), nullable=False, server_default=""),
            sa.Column("blue_key", sa.String(64), nullable=True),
        ),
        "tasks": (sa.Column("look_again_at", MOMENT, nullable=True),),
    }


def _fk(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _make_imports() -> None:
    op.create_table(
        "register_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("changed_by", ID, nullable=False),
        sa.Column("row_id", ID, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("alias", sa.String(64), nullable=True),
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("date", sa.Date, nullable=True),
        sa.Column("net", sa.BigInteger, nullable=True),
        sa.Column("tax", sa.BigInteger, nullable=True),
        sa.Column("total", sa.BigInteger, nullable=True),
        sa.Column("seller_tax_id", sa.String(32), nullable=False),
        sa.Column("seller_name", sa.String(200), nullable=False),
        sa.Column("buyer_tax_id", sa.String(32), nullable=False),
        sa.Column("buyer_name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("status_at", MOMENT, nullable=True),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("import_id", ID, nullable=True),
        sa.Column("import_row", sa.Integer, nullable=True),
        sa.Column("raw", JSON, nullable=False),
        _fk("register_changes", "changed_by", "register_imports"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_changes")),
    )
    op.create_index("ix_register_changes_changed_by", "register_changes", ["changed_by", "row_id"], unique=True)
    op.create_index("ix_register_changes_import_id", "register_changes", ["import_id"])
    op.create_index("ix_register_changes_row_id", "register_changes", ["row_id"])
    op.create_table(
        "register_refusals",
        sa.Column("id", ID, nullable=False),
        sa.Column("import_id", ID, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("sample", sa.String(120), nullable=False),
        sa.Column("digits", sa.String(32), nullable=False),
        _fk("register_refusals", "import_id", "register_imports"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_refusals")),
    )
    op.create_index("ix_register_refusals_digits", "register_refusals", ["digits"])
    op.create_index("ix_register_refusals_import_id", "register_refusals", ["import_id"])


def _make_register() -> None:
    op.create_table(
        "register_mappings",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        _fk("register_mappings", "created_by", "accounts"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_register_mappings")),
    )
    op.create_table(
        "register_sources",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("config", JSON, nullable=False),
        sa.Column("mapping", sa.String(64), nullable=False, server_default=""),
        sa.Column("every_seconds", sa.Integer, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("watermark", JSON, nullable=True),
        sa.Column("tried_at", MOMENT, nullable=True),
        sa.Column("synced_at", MOMENT, nullable=True),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("error", sa.String(32), nullable=False, server_default=""),
        sa.Column("error_detail", sa.String(200), nullable=False, server_default=""),
        sa.Column("open_until", MOMENT, nullable=True),
        sa.Column("claim", sa.String(36), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("bypass_until", MOMENT, nullable=True),
        sa.Column("bypass_reason", sa.Text, nullable=False, server_default=""),
        sa.Column("bypass_by", ID, nullable=True),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        _fk("register_sources", "bypass_by", "accounts"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_register_sources")),
    )
    op.create_table(
        "maintenance",
        sa.Column("id", ID, nullable=False),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.Column("created_by", ID, nullable=True),
        _fk("maintenance", "created_by", "accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance")),
    )
    op.create_index("ix_maintenance_ends", "maintenance", ["ends_at"])
    op.create_table(
        "likenesses",
        sa.Column("document_id", ID, nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(16), nullable=False),
        sa.Column("band0", sa.Integer, nullable=False),
        sa.Column("band1", sa.Integer, nullable=False),
        sa.Column("band2", sa.Integer, nullable=False),
        sa.Column("band3", sa.Integer, nullable=False),
        _fk("likenesses", "document_id", "documents"),
        sa.PrimaryKeyConstraint("document_id", "page", name=op.f("pk_likenesses")),
    )
    op.create_index("ix_likenesses_band0", "likenesses", ["band0"])
    op.create_index("ix_likenesses_band1", "likenesses", ["band1"])
    op.create_index("ix_likenesses_band2", "likenesses", ["band2"])
    op.create_index("ix_likenesses_band3", "likenesses", ["band3"])


def _make_controls() -> None:
    op.create_table(
        "verifications",
        sa.Column("id", ID, nullable=False),
        sa.Column("invoice_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("by", ID, nullable=True),
        sa.Column("site", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(24), nullable=False),
        sa.Column("answered", JSON, nullable=False),
        sa.Column("differs", JSON, nullable=False),
        sa.Column("agreed", sa.Boolean, nullable=False),
        sa.Column("times_shown", sa.Integer, nullable=True),
        sa.Column("screenshot", sa.String(64), nullable=True),
        sa.Column("picture", sa.String(64), nullable=True),
        sa.Column("second_needed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("confirmed_by", ID, nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        _fk("verifications", "invoice_id", "invoices"),
        _fk("verifications", "by", "accounts"),
        _fk("verifications", "confirmed_by", "accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifications")),
    )
    op.create_index("ix_verifications_invoice_id", "verifications", ["invoice_id"])
    op.create_table(
        "reminders",
        sa.Column("id", ID, nullable=False),
        sa.Column("invoice_id", ID, nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        _fk("reminders", "invoice_id", "invoices"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
    )
    op.create_index("ix_reminders_invoice_id", "reminders", ["invoice_id"])
    op.create_index("ix_reminders_due_at", "reminders", ["due_at"])
    op.create_table(
        "cases",
        sa.Column("id", ID, nullable=False),
        sa.Column("invoice_id", ID, nullable=True),
        sa.Column("to", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False, server_default=""),
        sa.Column("owner", ID, nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        _fk("cases", "invoice_id", "invoices"),
        _fk("cases", "owner", "accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index("ix_cases_invoice_id", "cases", ["invoice_id"])
    op.create_index("ix_cases_state_due", "cases", ["state", "due_at"])
    op.create_table(
        "uses",
        sa.Column("invoice_id", ID, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("voucher", sa.String(64), nullable=False),
        sa.Column("locked_by", ID, nullable=False),
        sa.Column("locked_at", MOMENT, nullable=False),
        sa.Column("used_by", ID, nullable=True),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("frozen_at", MOMENT, nullable=True),
        sa.Column("register_status", sa.String(16), nullable=False),
        sa.Column("checked_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        _fk("uses", "invoice_id", "invoices"),
        _fk("uses", "locked_by", "accounts"),
        _fk("uses", "used_by", "accounts"),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_uses")),
    )
    op.create_index("ix_uses_voucher", "uses", ["voucher"])


def _move_refusals() -> None:
    """What earlier imports had refused, from a list in their own row to rows that are found by their digits."""
    connection = op.get_bind()
    imports = sa.table("register_imports", sa.column("id"), sa.column("refused", JSON), sa.column("refused_rows"))
    refusals = sa.table(
        "register_refusals", *(sa.column(name) for name in ("import_id", "row", "reason", "sample", "digits"))
    )
    for row in connection.execute(sa.select(imports.c.id, imports.c.refused)).all():
        lines = [
            {"import_id": row.id, "row": line["row"], "reason": line["reason"], "sample": line["sample"], "digits": ""}
            for line in row.refused
        ]
        if lines:
            connection.execute(sa.insert(refusals), lines)
            mine = sa.update(imports).where(imports.c.id == row.id)
            connection.execute(mine.values(refused_rows=len(lines)))
    op.drop_column("register_imports", "refused")


def downgrade() -> None:
    """Remove them; what they held is lost, but for the rows that imports had refused."""
    op.add_column("register_imports", sa.Column("refused", JSON, nullable=False, server_default="[]"))
    connection = op.get_bind()
    imports = sa.table("register_imports", sa.column("id"), sa.column("refused", JSON))
    refusals = sa.table(
        "register_refusals", *(sa.column(name) for name in ("id", "import_id", "row", "reason", "sample"))
    )
    kept: dict[int, list[dict[str, Any]]] = {}
    for line in connection.execute(sa.select(refusals).order_by(refusals.c.id)).mappings():
        kept.setdefault(line["import_id"], []).append({name: line[name] for name in ("row", "reason", "sample")})
    for import_id, lines in kept.items():
        connection.execute(sa.update(imports).where(imports.c.id == import_id).values(refused=lines))
    for table in TABLES:
        op.drop_table(table)
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    for table, columns in _added().items():
        for column in columns:
            op.drop_column(table, column.name)

"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, and the start of the audit chain."""
    op.create_table(
        "accounts",
        sa.Column("id", ID, nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("session_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("login", name=op.f("uq_accounts_login")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", ID, nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_log_hash")),
    )
    op.create_index(op.f("ix_audit_log_subject"), "audit_log", ["subject"])
    op.create_table(
        "companies",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("tax_id", sa.String(length=32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("group", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
        sa.UniqueConstraint("name", "tax_id", name=op.f("uq_companies_name_tax_id")),
    )
    op.create_index(op.f("ix_companies_tax_id"), "companies", ["tax_id"])
    op.create_table(
        "invoices",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("alias", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=24), server_default="", nullable=False),
        sa.Column("number", sa.String(length=32), server_default="", nullable=False),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("net", sa.BigInteger(), nullable=True),
        sa.Column("tax", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("check_code", sa.String(length=32), server_default="", nullable=False),
        sa.Column("seller_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("seller_tax_id", sa.String(length=32), server_default="", nullable=False),
        sa.Column("buyer_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("buyer_tax_id", sa.String(length=32), server_default="", nullable=False),
        sa.Column("fields", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("findings", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("match", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("diagnosis", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("register_key", sa.String(length=64), nullable=True),
        sa.Column("filed_by", sa.String(length=16), server_default="", nullable=False),
        sa.Column("filed_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("key", name=op.f("uq_invoices_key")),
    )
    op.create_index(op.f("ix_invoices_alias"), "invoices", ["alias"])
    op.create_index("ix_invoices_date", "invoices", ["date"])
    op.create_index(op.f("ix_invoices_number"), "invoices", ["number"])
    op.create_index("ix_invoices_seller", "invoices", ["seller_tax_id", "total"])
    op.create_index("ix_invoices_total", "invoices", ["total"])
    op.create_table(
        "receipt_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_receipt_days")),
    )
    op.create_table(
        "slots",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("slot", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", "slot", name=op.f("pk_slots")),
    )
    op.create_table(
        "documents",
        sa.Column("id", ID, nullable=False),
        sa.Column("receipt", sa.String(length=24), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("parent_id", ID, nullable=True),
        sa.Column("submitted_by", ID, nullable=True),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), server_default="", nullable=False),
        sa.Column("interactive", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claim", sa.String(length=36), nullable=True),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("idempotency", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["documents.id"], name=op.f("fk_documents_parent_id")),
        sa.ForeignKeyConstraint(["submitted_by"], ["accounts.id"], name=op.f("fk_documents_submitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("idempotency", name=op.f("uq_documents_idempotency")),
        sa.UniqueConstraint("receipt", name=op.f("uq_documents_receipt")),
    )
    op.create_index("ix_documents_received", "documents", ["received_at"])
    op.create_index(op.f("ix_documents_sha256"), "documents", ["sha256"])
    op.create_index("ix_documents_state_due", "documents", ["state", "due_at"])
    op.create_table(
        "register_imports",
        sa.Column("id", ID, nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("imported_by", ID, nullable=True),
        sa.Column("new_rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed_rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("same_rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refused", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("newest_issue", sa.Date(), nullable=True),
        sa.Column("oldest_issue", sa.Date(), nullable=True),
        sa.Column("error", sa.String(length=32), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["imported_by"], ["accounts.id"], name=op.f("fk_register_imports_imported_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_imports")),
    )
    op.create_table(
        "extractions",
        sa.Column("document_id", ID, nullable=False),
        sa.Column("body", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_extractions_document_id")),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_extractions")),
    )
    op.create_table(
        "pages",
        sa.Column("document_id", ID, nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("preview", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_pages_document_id")),
        sa.PrimaryKeyConstraint("document_id", "page", name=op.f("pk_pages")),
    )
    op.create_table(
        "register_rows",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("alias", sa.String(length=64), nullable=True),
        sa.Column("code", sa.String(length=24), server_default="", nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("net", sa.BigInteger(), nullable=True),
        sa.Column("tax", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("seller_tax_id", sa.String(length=32), server_default="", nullable=False),
        sa.Column("seller_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("buyer_tax_id", sa.String(length=32), server_default="", nullable=False),
        sa.Column("buyer_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("status_at", sa.DateTime(), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("import_id", ID, nullable=True),
        sa.Column("raw", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["register_imports.id"], name=op.f("fk_register_rows_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_rows")),
        sa.UniqueConstraint("key", name=op.f("uq_register_rows_key")),
    )
    op.create_index(op.f("ix_register_rows_alias"), "register_rows", ["alias"])
    op.create_index(op.f("ix_register_rows_number"), "register_rows", ["number"])
    op.create_index("ix_register_rows_seller_date", "register_rows", ["seller_tax_id", "date"])
    op.create_index("ix_register_rows_seller_total", "register_rows", ["seller_tax_id", "total"])
    op.create_index("ix_register_rows_source_date", "register_rows", ["source", "date"])
    op.create_table(
        "renditions",
        sa.Column("id", ID, nullable=False),
        sa.Column("invoice_id", ID, nullable=False),
        sa.Column("document_id", ID, nullable=False),
        sa.Column("receipt_index", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("pages", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("region", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_renditions_document_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_renditions_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_renditions")),
        sa.UniqueConstraint("document_id", "receipt_index", name=op.f("uq_renditions_document_id_receipt_index")),
    )
    op.create_index(op.f("ix_renditions_document_id"), "renditions", ["document_id"])
    op.create_index(op.f("ix_renditions_invoice_id"), "renditions", ["invoice_id"])
    op.create_table(
        "tasks",
        sa.Column("id", ID, nullable=False),
        sa.Column("invoice_id", ID, nullable=False),
        sa.Column("document_id", ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("claimed_by", ID, nullable=True),
        sa.Column("claimed_until", sa.DateTime(), nullable=True),
        sa.Column("draft", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("entered_by", ID, nullable=True),
        sa.Column("entered_at", sa.DateTime(), nullable=True),
        sa.Column("entry", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("verified_by", ID, nullable=True),
        sa.Column("verified_at", sa.DateTime(), nullable=True),
        sa.Column("second", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("adjudicated_by", ID, nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["adjudicated_by"], ["accounts.id"], name=op.f("fk_tasks_adjudicated_by")),
        sa.ForeignKeyConstraint(["claimed_by"], ["accounts.id"], name=op.f("fk_tasks_claimed_by")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_tasks_document_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["accounts.id"], name=op.f("fk_tasks_entered_by")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_tasks_invoice_id")),
        sa.ForeignKeyConstraint(["verified_by"], ["accounts.id"], name=op.f("fk_tasks_verified_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_tasks_invoice_id")),
    )
    op.create_index(op.f("ix_tasks_document_id"), "tasks", ["document_id"])
    op.create_index("ix_tasks_state_opened", "tasks", ["state", "opened_at"])
    op.execute(sa.text("INSERT INTO audit_head (id, entries, hash) VALUES (1, 0, :start)").bindparams(start="0" * 64))


def downgrade() -> None:
    """Drop everything."""
    op.drop_index("ix_tasks_state_opened", table_name="tasks")
    op.drop_index(op.f("ix_tasks_document_id"), table_name="tasks")
    op.drop_table("tasks")
    op.drop_index(op.f("ix_renditions_invoice_id"), table_name="renditions")
    op.drop_index(op.f("ix_renditions_document_id"), table_name="renditions")
    op.drop_table("renditions")
    op.drop_index("ix_register_rows_source_date", table_name="register_rows")
    op.drop_index("ix_register_rows_seller_total", table_name="register_rows")
    op.drop_index("ix_register_rows_seller_date", table_name="register_rows")
    op.drop_index(op.f("ix_register_rows_number"), table_name="register_rows")
    op.drop_index(op.f("ix_register_rows_alias"), table_name="register_rows")
    op.drop_table("register_rows")
    op.drop_table("pages")
    op.drop_table("extractions")
    op.drop_table("register_imports")
    op.drop_index("ix_documents_state_due", table_name="documents")
    op.drop_index(op.f("ix_documents_sha256"), table_name="documents")
    op.drop_index("ix_documents_received", table_name="documents")
    op.drop_table("documents")
    op.drop_table("slots")
    op.drop_table("receipt_days")
    op.drop_index("ix_invoices_total", table_name="invoices")
    op.drop_index("ix_invoices_seller", table_name="invoices")
    op.drop_index(op.f("ix_invoices_number"), table_name="invoices")
    op.drop_index("ix_invoices_date", table_name="invoices")
    op.drop_index(op.f("ix_invoices_alias"), table_name="invoices")
    op.drop_table("invoices")
    op.drop_index(op.f("ix_companies_tax_id"), table_name="companies")
    op.drop_table("companies")
    op.drop_index(op.f("ix_audit_log_subject"), table_name="audit_log")
    op.drop_table("audit_log")
    op.drop_table("audit_head")
    op.drop_table("accounts")

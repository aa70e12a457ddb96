"""The company's register, where it comes from, and our companies."""

from __future__ import annotations

import sqlalchemy as sa

from intake.db.columns import Fen, Id, Json, Moment, metadata


def _few(column: str, rows: str) -> sa.Index:
    """An index of those of the register's rows only that are looked up by it."""
    return sa.Index(f"ix_register_rows_{column}", column, sqlite_where=sa.text(rows), postgresql_where=sa.text(rows))


register_rows = sa.Table(
    "register_rows",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("key", sa.String(64), nullable=False, unique=True),
    sa.Column("alias", sa.String(64), nullable=True),
    sa.Column("code", sa.String(24), nullable=False, server_default=""),
    sa.Column("number", sa.String(32), nullable=False),
    sa.Column("date", sa.Date, nullable=True),
    sa.Column("net", Fen, nullable=True),
    sa.Column("tax", Fen, nullable=True),
    sa.Column("total", Fen, nullable=True),
    sa.Column("seller_tax_id", sa.String(32), nullable=False, server_default=""),
    sa.Column("seller_name", sa.String(200), nullable=False, server_default=""),
    sa.Column("buyer_tax_id", sa.String(32), nullable=False, server_default=""),
    sa.Column("buyer_name", sa.String(200), nullable=False, server_default=""),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("status_at", Moment, nullable=True),
    sa.Column("source", sa.String(64), nullable=False),  # name of the import source, or "manual" for 补录
    sa.Column("import_id", Id, sa.ForeignKey("register_imports.id"), nullable=True),
    sa.Column("import_row", sa.Integer, nullable=True),  # its number in the file of that import, which is kept
    sa.Column("raw", Json, nullable=False),  # who keyed it; empty for an imported row, whose file is kept
    # Five indexes answer every question at ten million rows (docs/adr/0012): a 数电 number is found by its key.
    _few("alias", "alias IS NOT NULL"),
    _few("number", "code <> ''"),
    sa.Index("ix_register_rows_seller_date", "seller_tax_id", "date"),
    sa.Index("ix_register_rows_date", "date"),
)

register_sellers = sa.Table(  # each tax id with each name that register rows give it (intake/register/sellers.py)
    "register_sellers",
    metadata,
    sa.Column("tax_id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Index("ix_register_sellers_name", "name"),
)

register_imports = sa.Table(
    "register_imports",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("file_name", sa.String(255), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("finished_at", Moment, nullable=True),
    sa.Column("imported_by", Id, sa.ForeignKey("accounts.id"), nullable=True),
    sa.Column("new_rows", sa.Integer, nullable=False, server_default="0"),
    sa.Column("changed_rows", sa.Integer, nullable=False, server_default="0"),
    sa.Column("same_rows", sa.Integer, nullable=False, server_default="0"),
    sa.Column("refused_rows", sa.Integer, nullable=False, server_default="0"),
    sa.Column("newest_issue", sa.Date, nullable=True),  # the newest 开票日期 of the file: how far the source reaches
    sa.Column("oldest_issue", sa.Date, nullable=True),
    sa.Column("error", sa.String(32), nullable=False, server_default=""),
    sa.Column("name", sa.String(80), nullable=True),  # by which people roll it back
    # draft | applied | rolled_back | discarded | failed
    sa.Column("state", sa.String(16), nullable=False, server_default="applied"),
    sa.Column("mapping", sa.String(64), nullable=False, server_default=""),
    sa.Column("mapped", Json, nullable=True),  # the mapping as it was then, so that the file is understood alike again
    sa.Column("vanished_rows", sa.Integer, nullable=False, server_default="0"),
    sa.Column("samples", Json, nullable=True),  # of a draft: some rows of each kind of difference
    sa.Column("first_row", Id, nullable=True),  # its new rows lie between these ids of register_rows
    sa.Column("last_row", Id, nullable=True),
    sa.Column("rolled_back_at", Moment, nullable=True),
    sa.Column("rolled_back_by", Id, nullable=True),
    sa.Index("ix_register_imports_name", "name", unique=True),
    # how far each source reaches is asked for every paper and on every page: answered by this index alone
    sa.Index(
        "ix_register_imports_reach",
        "source",
        "state",
        "error",
        "newest_issue",
        "oldest_issue",
        "finished_at",
        "new_rows",
    ),
)

register_changes = sa.Table(  # rows as they were before an applied import changed them; new rows name their import
    "register_changes",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("changed_by", Id, sa.ForeignKey("register_imports.id"), nullable=False),
    sa.Column("row_id", Id, nullable=False, index=True),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("alias", sa.String(64), nullable=True),
    sa.Column("code", sa.String(24), nullable=False),
    sa.Column("number", sa.String(32), nullable=False),
    sa.Column("date", sa.Date, nullable=True),
    sa.Column("net", Fen, nullable=True),
    sa.Column("tax", Fen, nullable=True),
    sa.Column("total", Fen, nullable=True),
    sa.Column("seller_tax_id", sa.String(32), nullable=False),
    sa.Column("seller_name", sa.String(200), nullable=False),
    sa.Column("buyer_tax_id", sa.String(32), nullable=False),
    sa.Column("buyer_name", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("status_at", Moment, nullable=True),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("import_id", Id, nullable=True),  # the import that had brought the row, None for 补录
    sa.Column("import_row", sa.Integer, nullable=True),
    sa.Column("raw", Json, nullable=False),
    sa.Index("ix_register_changes_changed_by", "changed_by", "row_id", unique=True),
    sa.Index("ix_register_changes_import_id", "import_id"),
)

register_refusals = sa.Table(  # rows of a file that were not taken, so that a paper whose row it was can be told so
    "register_refusals",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("import_id", Id, sa.ForeignKey("register_imports.id"), nullable=False, index=True),
    sa.Column("row", sa.Integer, nullable=False),  # its number in the file
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("sample", sa.String(120), nullable=False),
    sa.Column(
        "digits", sa.String(32), nullable=False, index=True
    ),  # its number; only the first 15 where Excel lost them
)

register_mappings = sa.Table(  # which heading means what, for tables that no built-in layout knows
    "register_mappings",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("columns", Json, nullable=False),  # {column of intake.register.columns.Column: heading}
    sa.Column("options", Json, nullable=False),  # how amounts and days are written
    sa.Column("created_by", Id, sa.ForeignKey("accounts.id"), nullable=True),
    sa.Column("created_at", Moment, nullable=False),
)

register_sources = sa.Table(  # where rows come from by themselves, and how that goes
    "register_sources",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),  # folder | sql | http
    sa.Column("config", Json, nullable=False),  # without secrets: those lie in the data folder
    sa.Column("mapping", sa.String(64), nullable=False, server_default=""),
    sa.Column("every_seconds", sa.Integer, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("watermark", Json, nullable=True),
    sa.Column("tried_at", Moment, nullable=True),
    sa.Column("synced_at", Moment, nullable=True),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),  # in a row
    sa.Column("error", sa.String(32), nullable=False, server_default=""),
    sa.Column("error_detail", sa.String(200), nullable=False, server_default=""),  # such as a status or a file's name
    sa.Column("open_until", Moment, nullable=True),  # the breaker: nobody asks before
    sa.Column("claim", sa.String(36), nullable=True),  # fencing token of the synchronisation that runs
    sa.Column("lease_until", Moment, nullable=True),
    sa.Column("bypass_until", Moment, nullable=True),
    sa.Column("bypass_reason", sa.Text, nullable=False, server_default=""),
    sa.Column("bypass_by", Id, sa.ForeignKey("accounts.id"), nullable=True),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
)

maintenance = sa.Table(  # announced times in which a system does not answer: checks wait
    "maintenance",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("what", sa.String(64), nullable=False),  # tax_bureau, or the name of a register source
    sa.Column("starts_at", Moment, nullable=False),
    sa.Column("ends_at", Moment, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("created_by", Id, sa.ForeignKey("accounts.id"), nullable=True),
    sa.Index("ix_maintenance_ends", "ends_at"),
)

companies = sa.Table(
    "companies",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("tax_id", sa.String(32), nullable=False, index=True),
    sa.Column("valid_from", sa.Date, nullable=True),
    sa.Column("valid_to", sa.Date, nullable=True),
    sa.Column("group", sa.String(64), nullable=False, server_default=""),
    sa.Column("head_tax_id", sa.String(32), nullable=False, server_default=""),  # of a branch (分公司): its head office
    sa.Column("successor_tax_ids", sa.String(640), nullable=False, server_default=""),  # blanks between; after a change
    sa.Column("change", sa.String(16), nullable=False, server_default=""),  # renamed | merged | split | closed
    sa.Column("accepted_to", sa.Date, nullable=True),  # until when papers made out to the old name are still taken
    sa.Column("desk", sa.String(120), nullable=False, server_default=""),  # who takes its papers; empty: this office
    sa.UniqueConstraint("name", "tax_id"),
)

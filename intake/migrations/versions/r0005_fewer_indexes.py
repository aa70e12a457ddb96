"""Indexes for ten million register rows, the sellers in a table of their own, and where earlier invoices were issued."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from ocr.rules.regions import region_of

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BATCH: Final = 1000
DROPPED: Final = {
    "ix_register_rows_seller_total": ["seller_tax_id", "total"],
    "ix_register_rows_seller_name": ["seller_name"],
    "ix_register_rows_source_date": ["source", "date"],
}
NARROWED: Final = {"alias": "alias IS NOT NULL", "number": "code <> ''"}  # indexes of a few rows instead of all
ROWS: Final = sa.table(
    "register_rows", *(sa.column(name) for name in ("key", "alias", "code", "seller_tax_id", "seller_name"))
)
INVOICES: Final = sa.table(
    "invoices", *(sa.column(name) for name in ("id", "code", "number", "seller_tax_id", "region"))
)


def upgrade() -> None:
    """Drop what is covered, narrow what few rows need, note the sellers, and say where invoices were issued."""
    for name in DROPPED:
        op.drop_index(name, table_name="register_rows")
    for column, rows in NARROWED.items():
        op.drop_index(f"ix_register_rows_{column}", table_name="register_rows")
        if column == "alias":
            _forget_splits()
        where = sa.text(rows)
        op.create_index(
            f"ix_register_rows_{column}", "register_rows", [column], sqlite_where=where, postgresql_where=where
        )
    op.create_index("ix_register_rows_date", "register_rows", ["date"])
    _make_sellers()
    _tell_regions()


def _forget_splits() -> None:
    """The 12 + 8 split of a 数电票号码 is joined by `ocr.rules.keys` now and needs no alias (see `joined` there)."""
    digital = sa.and_(ROWS.c.key.like("D:%"), ROWS.c.code == "", sa.func.substr(ROWS.c.key, 8, 2) == "00")
    op.get_bind().execute(sa.update(ROWS).where(digital).values(alias=None))


def _make_sellers() -> None:
    made = op.create_table(
        "register_sellers",
        sa.Column("tax_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("tax_id", "name", name=op.f("pk_register_sellers")),
    )
    op.create_index("ix_register_sellers_name", "register_sellers", ["name"])
    named = sa.or_(ROWS.c.seller_tax_id != "", ROWS.c.seller_name != "")
    pairs = sa.select(ROWS.c.seller_tax_id, ROWS.c.seller_name).where(named).distinct()
    op.get_bind().execute(sa.insert(made).from_select(["tax_id", "name"], pairs))


def _tell_regions() -> None:
    connection, last = op.get_bind(), 0
    while True:
        query = sa.select(INVOICES).where(INVOICES.c.id > last).order_by(INVOICES.c.id).limit(BATCH)
        found = connection.execute(query).all()
        if not found:
            return
        told = [{"row": row.id, "region": region_of(row.code, row.number, row.seller_tax_id)} for row in found]
        values: dict[str, sa.BindParameter[str]] = {"region": sa.bindparam("region")}
        mine = INVOICES.c.id == sa.bindparam("row")
        connection.execute(sa.update(INVOICES).where(mine).values(values), told)
        last = found[-1].id


def downgrade() -> None:
    """Bring the wide indexes back; aliases that say nothing new stay away."""
    op.drop_table("register_sellers")
    op.drop_index("ix_register_rows_date", table_name="register_rows")
    for column in NARROWED:
        op.drop_index(f"ix_register_rows_{column}", table_name="register_rows")
        op.create_index(f"ix_register_rows_{column}", "register_rows", [column])
    for name, columns in DROPPED.items():
        op.create_index(name, "register_rows", columns)

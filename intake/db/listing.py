"""The list of documents as one narrow table: what it is searched, narrowed, sorted and counted by.

Triggers of the database write both tables in the transaction that writes documents, renditions, invoices and tasks
(`intake/migrations/listing.py`), whoever writes; no code inserts here. A document without invoice has one row, one with
three invoices has three.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from intake.db.columns import Id, Moment, metadata

NO_TOTAL: Final = -(10**17)  # sorts before every amount


def _exact(length: int) -> sa.String:
    """Text that both databases compare by its code points, so that beginnings and sorting go by the index."""
    exact = sa.String(length, collation="C")
    return sa.String(length).with_variant(exact, "postgresql")


listing = sa.Table(
    "listing",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("document_id", Id, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),  # 0: the document's first invoice, or none
    sa.Column("more", sa.Integer, nullable=False),  # 1 on place 0 when the document has further invoices
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("submitted_by", Id, nullable=True),
    sa.Column("parent_id", Id, nullable=True),
    sa.Column("invoice_id", Id, nullable=True),
    sa.Column("kind", sa.String(24), nullable=False, server_default=""),
    sa.Column("day", sa.Integer, nullable=False, server_default="0"),  # of issue, as YYYYMMDD; 0: not known
    sa.Column("total", sa.BigInteger, nullable=False, server_default=str(NO_TOTAL)),  # fen
    sa.Column("region", sa.String(4), nullable=False, server_default=""),
    sa.Column("cause", sa.String(32), nullable=False, server_default=""),
    sa.Column("clerk", Id, nullable=True),  # whom the task is assigned to, who holds it, or who keyed it
    sa.Column("number", _exact(32), nullable=False, server_default=""),
    sa.Column("code", _exact(24), nullable=False, server_default=""),
    sa.Column("seller", _exact(200), nullable=False, server_default=""),
    sa.UniqueConstraint("document_id", "place"),
    sa.Index("ix_listing_received", "received_at"),
    sa.Index("ix_listing_state", "place", "state", "document_id"),
    sa.Index("ix_listing_day", "day", "document_id"),
    sa.Index("ix_listing_total", "total", "document_id"),
    sa.Index("ix_listing_seller", "seller", "document_id"),
    sa.Index("ix_listing_number", "number"),
    sa.Index("ix_listing_code", "code"),
    sa.Index("ix_listing_cause", "cause"),
    sa.Index("ix_listing_clerk", "clerk"),
    sa.Index("ix_listing_submitted_by", "submitted_by"),
    sa.Index("ix_listing_parent", "parent_id"),
    sa.Index("ix_listing_invoice", "invoice_id"),
)

listing_words = sa.Table(  # the text of a row of `listing`, for free text; its grams are indexed
    "listing_words",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
)

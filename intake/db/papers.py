"""Files as they came in and what was read of them."""

from __future__ import annotations

import sqlalchemy as sa

from intake.db.columns import Id, Json, Moment, metadata

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("receipt", sa.String(24), nullable=False, unique=True),  # shown to people: 20261124-000001
    sa.Column("sha256", sa.String(64), nullable=False, index=True),
    sa.Column("name", sa.String(255), nullable=False),  # as the sender called it, made safe
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("parent_id", Id, sa.ForeignKey("documents.id"), nullable=True),  # the ZIP it came in
    sa.Column("submitted_by", Id, sa.ForeignKey("accounts.id"), nullable=True),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(32), nullable=False, server_default=""),  # of a rejection, or the first cause
    sa.Column("interactive", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("sent_at", Moment, nullable=True),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("claim", sa.String(36), nullable=True),  # fencing token
    sa.Column("lease_until", Moment, nullable=True),
    sa.Column("done_at", Moment, nullable=True),
    sa.Column("idempotency", sa.String(64), nullable=True, unique=True),  # of the sender, for retries
    sa.Column("advice", Json, nullable=True),  # to who took the picture: tuple[ocr.types.Problem, ...]
    sa.Column("replaces_id", Id, nullable=True, index=True),  # the document whose picture this one replaces
    sa.Column("cut", Json, nullable=True),  # where the sender saw the paper on the picture: intake.model.Cut
    sa.Index("ix_documents_state_due", "state", "due_at"),
    sa.Index("ix_documents_received", "received_at"),
)

extractions = sa.Table(
    "extractions",
    metadata,
    sa.Column("document_id", Id, sa.ForeignKey("documents.id"), primary_key=True),
    sa.Column("body", Json, nullable=False),  # ocr.types.Extraction by intake/codec.py
    sa.Column("read_at", Moment, nullable=False, index=True),
)

pages = sa.Table(
    "pages",
    metadata,
    sa.Column("document_id", Id, sa.ForeignKey("documents.id"), primary_key=True),
    sa.Column("page", sa.Integer, primary_key=True),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("preview", sa.String(64), nullable=True),  # SHA-256 of the JPEG
)

likenesses = sa.Table(  # perceptual hashes of page pictures: a like picture shares at least one of the four bands
    "likenesses",
    metadata,
    sa.Column("document_id", Id, sa.ForeignKey("documents.id"), primary_key=True),
    sa.Column("page", sa.Integer, primary_key=True),
    sa.Column("hash", sa.String(16), nullable=False),  # 64 bits, hexadecimal
    sa.Column("band0", sa.Integer, nullable=False, index=True),
    sa.Column("band1", sa.Integer, nullable=False, index=True),
    sa.Column("band2", sa.Integer, nullable=False, index=True),
    sa.Column("band3", sa.Integer, nullable=False, index=True),
)

slots = sa.Table(  # periodic work: the inserted row decides who does it
    "slots",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("slot", Moment, primary_key=True),
)

receipt_days = sa.Table(  # how many receipts each day in China has given: gapless, the counterpart of the documents
    "receipt_days",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("given", sa.Integer, nullable=False),
)

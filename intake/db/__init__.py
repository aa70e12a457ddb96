"""The tables, written for SQLite and PostgreSQL alike, and how they are reached."""

from __future__ import annotations

from intake.db.columns import Fen, Id, Json, Moment, metadata
from intake.db.connection import connect, read, write
from intake.db.controls import cases, reminders, uses, verifications
from intake.db.decided import conflicts, invoice_names, invoices, renditions, tasks
from intake.db.desk import acts, inspected, lots, saved_views, uploads
from intake.db.listing import listing, listing_words
from intake.db.papers import documents, extractions, likenesses, pages, receipt_days, slots
from intake.db.people import accounts, audit_head, audit_log
from intake.db.register import (
    companies,
    maintenance,
    register_changes,
    register_imports,
    register_mappings,
    register_refusals,
    register_rows,
    register_sellers,
    register_sources,
)

__all__ = [
    "Fen",
    "Id",
    "Json",
    "Moment",
    "accounts",
    "acts",
    "audit_head",
    "audit_log",
    "cases",
    "companies",
    "conflicts",
    "connect",
    "documents",
    "extractions",
    "inspected",
    "invoice_names",
    "invoices",
    "likenesses",
    "listing",
    "listing_words",
    "lots",
    "maintenance",
    "metadata",
    "pages",
    "read",
    "receipt_days",
    "register_changes",
    "register_imports",
    "register_mappings",
    "register_refusals",
    "register_rows",
    "register_sellers",
    "register_sources",
    "reminders",
    "renditions",
    "saved_views",
    "slots",
    "tasks",
    "uploads",
    "uses",
    "verifications",
    "write",
]

"""What the pages show: read-only questions to the database, answered with frozen rows.

`listing` the list and its counts · `document` one file · `queue` what waits for people · `work` its papers ·
`register` its rows · `office` imports and the audit log.
"""

from __future__ import annotations

from intake.views.blind import held_blind, hide, hide_rows
from intake.views.carriers import carriers, use_of_invoice
from intake.views.document import invoice_document, original, preview, show_document
from intake.views.listing import (
    clerks,
    count_states,
    document_row,
    document_rows,
    fitting,
    list_documents,
    recent,
    submitters,
    waiting,
)
from intake.views.office import audit_page, list_imports, show_import
from intake.views.official import card, count_due, due_reminders, official_paper
from intake.views.queue import queue
from intake.views.register import register_search
from intake.views.suggestions import suggestions
from intake.views.uses import Counts, counts, list_conflicts, list_uses
from intake.views.work import blind_paper, disputed_paper, entry_to_approve, paper_to_key, task_place

__all__ = [
    "Counts",
    "audit_page",
    "blind_paper",
    "card",
    "carriers",
    "clerks",
    "count_due",
    "count_states",
    "counts",
    "disputed_paper",
    "document_row",
    "document_rows",
    "due_reminders",
    "entry_to_approve",
    "fitting",
    "held_blind",
    "hide",
    "hide_rows",
    "invoice_document",
    "list_conflicts",
    "list_documents",
    "list_imports",
    "list_uses",
    "official_paper",
    "original",
    "paper_to_key",
    "preview",
    "queue",
    "recent",
    "register_search",
    "show_document",
    "show_import",
    "submitters",
    "suggestions",
    "task_place",
    "use_of_invoice",
    "waiting",
]

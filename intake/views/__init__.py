"""What the pages show: read-only questions to the database, answered with frozen rows.

`listing` the list and its counts · `document` one file · `queue` what waits for people · `work` its papers ·
`office` register, imports and the audit log.
"""

from __future__ import annotations

from intake.views.document import invoice_document, original, preview, show_document
from intake.views.listing import count_states, document_row, document_rows, list_documents, submitters, waiting
from intake.views.office import audit_page, list_imports, register_search, show_import
from intake.views.queue import queue
from intake.views.suggestions import suggestions
from intake.views.work import blind_paper, disputed_paper, paper_to_key, task_place

__all__ = [
    "audit_page",
    "blind_paper",
    "count_states",
    "disputed_paper",
    "document_row",
    "document_rows",
    "invoice_document",
    "list_documents",
    "list_imports",
    "original",
    "paper_to_key",
    "preview",
    "queue",
    "register_search",
    "show_document",
    "show_import",
    "submitters",
    "suggestions",
    "task_place",
    "waiting",
]

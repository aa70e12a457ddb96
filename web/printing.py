"""A document with its evidence on paper: personal data masked (domain.md §10.4), or in full for who may and says why."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake import audit, views
from intake.official.masking import Cover, covers, masked, people_of
from intake.roles import Action
from intake.views.rows import DocumentView, InvoiceView
from ocr.types import FieldName
from web.language import t
from web.reasons import reason_of
from web.security import actor, needs
from web.service import intake

pages = Blueprint("printing", __name__, url_prefix="/documents")

MOST_REASON: Final = 200  # characters


@pages.get("/<int:number>/print")
@needs(Action.SEE_DOCUMENTS)
def show(number: int) -> ResponseReturnValue:
    """The sheets to print, personal data masked."""
    return _sheets(_document(number))


@pages.post("/<int:number>/print")
@needs(Action.SEE_PERSONS)
def show_in_full(number: int) -> ResponseReturnValue:
    """The sheets with personal data in full; who asked and why is kept in the audit log first."""
    reason = " ".join(request.form.get("reason", "").split())[:MOST_REASON]
    doc = _document(number)
    if not reason or _held(doc):
        return redirect(url_for("printing.show", number=number))
    service = intake()
    detail = {"reason": reason}
    audit.record_alone(service.engine, actor(), "shown_in_full", f"document:{number}", detail, service.clock())
    return _sheets(doc, reason)


def _document(number: int) -> DocumentView:
    service = intake()
    held = views.held_blind(service.engine, actor(), service.clock())
    return views.hide(views.show_document(service.engine, number), held)


def _held(doc: DocumentView) -> bool:
    return any(found.blind for found in doc.invoices)


def _sheets(doc: DocumentView, reason: str = "") -> str:
    people = [] if reason else [name for found in doc.invoices for name in people_of(found.invoice)]

    def shown(text: str) -> str:
        return text if reason else masked(text, people)

    return render_template(
        "print.html",
        doc=doc,
        now=intake().clock(),
        reason=reason,
        held=_held(doc),
        shown=shown,
        why=lambda field: shown(reason_of(field)),
        covered=[] if reason else [spot for found in doc.invoices for spot in _covered(found)],
        title=t("page.print.title"),
    )


def _covered(found: InvoiceView) -> tuple[Cover, ...]:
    """The places of the picture to cover; of a further file, where it says itself what the invoice says."""
    if found.own is None:
        return covers(found.invoice)
    people = people_of(found.invoice)
    return tuple(
        Cover(seen.page, seen.box)
        for seen in found.own
        if seen.box is not None and (masked(seen.value, people) != seen.value or seen.name is FieldName.TRAVELLER)
    )

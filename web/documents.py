"""The list of received files, the page of one, its pictures and its original bytes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from intake import many, saved, views
from intake.clock import day_of
from intake.errors import NotFoundError
from intake.model import Cause, Channel, DocumentState, InvoiceState, TaskState
from intake.repairs import Repair
from intake.roles import Action
from intake.views.rows import InvoiceView
from ocr.rules.regions import REGIONS
from ocr.types import Kind
from web import forms
from web.catalog import has
from web.security import actor, needs
from web.service import intake

pages = Blueprint("documents", __name__, url_prefix="/documents")

# Received bytes are handed out as what they are only when a browser will not run them; always as a download.
SAFE_TYPES: Final = frozenset(
    {
        "application/pdf",
        "application/zip",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "image/webp",
        "image/bmp",
        "image/heic",
        "image/heif",
    }
)
OTHERWISE: Final = "application/octet-stream"


@pages.get("")
@needs(Action.SEE_DOCUMENTS)
def listing() -> ResponseReturnValue:
    """The list; every filter stands in the address, so a view can be kept and sent on."""
    service = intake()
    wanted = forms.document_filter(request.args)
    held = views.held_blind(service.engine, actor(), service.clock())
    order = forms.order(request.args)
    page = views.list_documents(
        service.engine, wanted, order, before=request.args.get("before"), after=request.args.get("after")
    )
    page = replace(page, rows=views.hide_rows(page.rows, held))
    kept = {name: value for name, value in request.args.items() if value and name not in {"before", "after"}}
    return render_template(
        "documents.html",
        page=page,
        wanted=wanted,
        given=request.args,
        order=order,
        counts=page.counts,
        number=page.counts.of(wanted.states),
        most=many.MOST,
        people=views.submitters(service.engine),
        clerks=views.clerks(service.engine),
        regions=REGIONS,
        channels=list(Channel),
        saved=saved.saved(service.engine, actor()),
        kept=urlencode(kept),
        kinds=list(Kind),
        causes=list(Cause),
        states=list(DocumentState),
        narrowed=_narrowed(kept),
        filtered=bool(kept.keys() - {"sort", "way"}),
        detailed=bool(kept.keys() - {"q", "state", "kind", "sort", "way"}),
        address=lambda **changes: _address(kept, changes),
    )


def _narrowed(kept: dict[str, str]) -> list[tuple[str, str]]:
    """Each condition that was given, by its name and value: what can be taken away where nothing fits."""
    return [(name, value) for name, value in kept.items() if has(f"filter.of.{name}")]


def _address(kept: dict[str, str], changes: dict[str, object]) -> str:
    """The list's address with some parts changed; None takes a part away."""
    parts = {**kept, **changes}
    query = urlencode({name: value for name, value in parts.items() if value is not None})
    return url_for("documents.listing") + (f"?{query}" if query else "")


@pages.get("/<int:number>")
@needs(Action.SEE_DOCUMENTS)
def show(number: int) -> ResponseReturnValue:
    """Everything about one file."""
    service = intake()
    now = service.clock()
    shown = views.show_document(service.engine, number, one=True, invoice=forms.whole(request.args, "invoice"))
    doc = views.hide(shown, views.held_blind(service.engine, actor(), now))
    waits = [found for found in doc.invoices if found.diagnosis and found.state is InvoiceState.NEEDS_REVIEW]
    sources = service.register.sources() if doc.invoices else ()
    return render_template(
        "document.html",
        doc=doc,
        suggested={found.id: _suggested(found) for found in doc.invoices},
        carried={found.id: views.carriers(service.engine, found.id, sources) for found in doc.invoices},
        cards={found.id: views.card(service.engine, found, sources, now) for found in waits},
        now=now,
    )


def _suggested(found: InvoiceView) -> tuple[Repair, ...]:
    """What is proposed for an invoice that waits to be keyed; from then on the second person keys it blind."""
    if found.task is None or found.task.state not in {TaskState.OPEN, TaskState.CLAIMED}:
        return ()
    return views.suggestions(intake().engine, found.invoice, today=day_of(intake().clock()))


@pages.get("/<int:number>/wait")
@needs(Action.SEE_DOCUMENTS)
def wait(number: int) -> ResponseReturnValue:
    """Asked by the page of a file that is still being read: nothing yet, or load the page anew."""
    row = views.document_row(intake().engine, number)
    response = Response(status=204)
    if row.state not in {DocumentState.QUEUED, DocumentState.WORKING}:
        response.headers["HX-Refresh"] = "true"
    return response


@pages.get("/of-invoice/<int:number>")
@needs(Action.SEE_DOCUMENTS)
def of_invoice(number: int) -> ResponseReturnValue:
    """The file that first brought an invoice: where links to invoices lead."""
    found = views.invoice_document(intake().engine, number)
    return redirect(url_for("documents.show", number=found, invoice=number) + f"#invoice-{number}")


@pages.get("/<int:number>/pages/<int:page>.jpg")
@needs(Action.SEE_DOCUMENTS)
def picture(number: int, page: int) -> ResponseReturnValue:
    """The picture of a page; its bytes never change."""
    service = intake()
    sha256 = views.preview(service.engine, number, page)
    response = _send(sha256, "image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response


@pages.get("/<int:number>/original")
@needs(Action.SEE_DOCUMENTS)
def original(number: int) -> ResponseReturnValue:
    """The received bytes, unchanged, as a download."""
    found = views.original(intake().engine, number)
    kind = found.media_type if found.media_type in SAFE_TYPES else OTHERWISE
    response = _send(found.sha256, kind or OTHERWISE, found.name)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@pages.post("/<int:number>/reopen")
@needs(Action.REOPEN)
def reopen(number: int) -> ResponseReturnValue:
    """Take a rejected file up again: a person keys it in."""
    intake().desk.reopen(actor(), number)
    return redirect(url_for("documents.show", number=number))


@pages.post("/tasks/<int:task>/attach/<int:invoice>")
@needs(Action.ENTER)
def attach(task: int, invoice: int) -> ResponseReturnValue:
    """Keep a slip or a list with the invoice it belongs to."""
    intake().desk.attach(actor(), task, invoice)
    return redirect(url_for("documents.of_invoice", number=invoice))


def _send(sha256: str, kind: str, name: str | None = None) -> Response:
    try:
        place = intake().files.path(sha256)
        return send_file(place, mimetype=kind, as_attachment=name is not None, download_name=name, etag=sha256)
    except (KeyError, FileNotFoundError) as error:
        raise NotFoundError(f"bytes {sha256}") from error

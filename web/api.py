"""A small JSON interface for programs, and the answer for load balancers.

Programs sign in with HTTP Basic and an account's login and password. ``POST /api/documents`` takes one file as
``multipart/form-data`` (part ``file``; an ``Idempotency-Key`` header makes retries safe) and answers 201 with the
receipt; ``GET /api/documents/<id>`` says what became of it.
"""

from __future__ import annotations

from flask import Blueprint, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from intake import views
from intake.errors import EmptyUploadError
from intake.model import Channel, DocumentState
from intake.roles import Action
from intake.views.rows import InvoiceSummary
from web.security import needs, public
from web.service import intake
from web.upload import take

pages = Blueprint("api", __name__)


@pages.get("/health")
@public
def health() -> ResponseReturnValue:
    """Whether the pages and the database answer."""
    views.count_states(intake().engine)
    return jsonify(status="ok")


@pages.post("/api/documents")
@needs(Action.SUBMIT)
def submit() -> ResponseReturnValue:
    """Take one file and give its receipt."""
    file = request.files.get("file")
    if file is None:
        raise EmptyUploadError("no part named file")
    receipt = take(file, Channel.WEB, request.headers.get("Idempotency-Key"))
    place = url_for("api.show", number=receipt.document_id)
    body = {
        "id": receipt.document_id,
        "receipt": receipt.receipt,
        "sha256": receipt.sha256,
        "size": receipt.size,
        "repeated": receipt.repeated,
        "href": place,
    }
    return jsonify(body), 200 if receipt.repeated else 201, {"Location": place}


@pages.get("/api/documents/<int:number>")
@needs(Action.SEE_DOCUMENTS)
def show(number: int) -> ResponseReturnValue:
    """What became of a file; ``done`` says whether the service has finished with it."""
    row = views.document_row(intake().engine, number)
    response = jsonify(
        id=row.id,
        receipt=row.receipt,
        name=row.name,
        size=row.size,
        channel=row.channel.value,
        state=row.state.value,
        reason=row.reason,
        done=row.state not in {DocumentState.QUEUED, DocumentState.WORKING},
        received_at=row.received_at.isoformat(),
        done_at=row.done_at.isoformat() if row.done_at else None,
        invoices=[_invoice(found) for found in row.invoices],
    )
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)


def _invoice(found: InvoiceSummary) -> dict[str, object]:
    return {
        "id": found.id,
        "kind": found.kind.value,
        "state": found.state.value,
        "outcome": found.outcome,
        "code": found.code,
        "number": found.number,
        "date": found.date.isoformat() if found.date else None,
        "total": f"{found.total:.2f}" if found.total is not None else None,
        "seller_name": found.seller_name,
        "buyer_name": found.buyer_name,
        "cause": found.cause.value if found.cause else None,
    }

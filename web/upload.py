"""Where papers come in: the first page, and the door behind it."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from intake import views
from intake.errors import EmptyUploadError, TooLargeUploadError
from intake.model import Channel
from intake.roles import Action
from intake.submit import Receipt
from intake.views.rows import DocumentFilter, DocumentRow
from web.errors import is_fragment
from web.security import actor, needs
from web.service import intake

pages = Blueprint("upload", __name__)
RECENT: Final = 12


@pages.get("/")
@needs(Action.SEE_DOCUMENTS)
def home() -> ResponseReturnValue:
    """The drop zone, this person's latest files, and how the desk stands."""
    service = intake()
    return render_template(
        "home.html",
        recent=views.list_documents(service.engine, DocumentFilter(submitter=actor().id), limit=RECENT).rows,
        counts=views.count_states(service.engine),
        limit=service.settings.max_upload,
    )


@pages.post("/upload")
@needs(Action.SUBMIT)
def receive() -> ResponseReturnValue:
    """Take the files of a form. The upload script sends one at a time and gets its card; a plain form gets the page."""
    files = [file for file in request.files.getlist("file") if file.filename]
    if not files:
        raise EmptyUploadError("no file in the form")
    channel = Channel.PHONE if request.form.get("channel") == Channel.PHONE else Channel.WEB
    token = request.form.get("token") or None
    taken = [take(file, channel, token if len(files) == 1 else None) for file in files]
    if is_fragment():
        return card_of(views.document_row(intake().engine, taken[0].document_id)), 201
    return redirect(url_for("upload.home"))


@pages.get("/documents/<int:number>/card")
@needs(Action.SEE_DOCUMENTS)
def card(number: int) -> ResponseReturnValue:
    """What became of a file, asked again by the page while it is worked on; unchanged answers cost an ETag."""
    return card_of(views.document_row(intake().engine, number)).make_conditional(request)


def card_of(row: DocumentRow) -> Response:
    """The card of a file."""
    response = make_response(render_template("parts/bill.html", row=row))
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response


def take(file: FileStorage, channel: Channel, token: str | None) -> Receipt:
    """Hand one uploaded file to the door. Raises TooLargeUploadError."""
    service = intake()
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    if size > service.settings.max_upload:
        raise TooLargeUploadError(f"{size} bytes")
    return service.submit.receive(actor(), file.stream, file.filename or "", channel, idempotency=token)

"""Where papers come in: the first page, and the door behind it."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from intake import views
from intake.errors import EmptyUploadError, NotFoundError, TooLargeUploadError
from intake.model import Channel
from intake.roles import Action
from intake.submit import Receipt
from intake.views.rows import DocumentFilter, DocumentRow
from web.errors import is_fragment
from web.security import actor, needs
from web.service import intake

pages = Blueprint("upload", __name__)
RECENT: Final = 12
TOGETHER: Final = 100  # cards of one answer
LONGEST_ID: Final = 18  # digits


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
    replaces = _number(request.form.get("replaces")) if len(files) == 1 else None
    taken = [take(file, channel, token if len(files) == 1 else None, replaces) for file in files]
    if is_fragment():
        touched = [taken[0].document_id, *([] if replaces is None else [replaces])]
        return "".join(map(card_of, views.document_rows(intake().engine, touched))), 201
    return redirect(url_for("upload.home"))


def _number(text: str | None) -> int | None:
    """The id of a document, None for none. Raises NotFoundError for what is no number."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < LONGEST_ID):
        raise NotFoundError(f"document {text[:LONGEST_ID]!r}")
    return int(text)


@pages.get("/cards")
@needs(Action.SEE_DOCUMENTS)
def cards() -> ResponseReturnValue:
    """The cards of the files that have changed: the page asks ``of=12.queued&of=13.working`` for all it waits for."""
    asked = [pair.partition(".") for pair in request.args.getlist("of")[:TOGETHER]]
    known = {int(number): state for number, _, state in asked if number.isascii() and number.isdigit()}
    rows = views.document_rows(intake().engine, known)
    return "".join(card_of(row) for row in rows if row.state.value != known[row.id])


def card_of(row: DocumentRow) -> str:
    """The card of a file."""
    return render_template("parts/bill.html", row=row)


def take(file: FileStorage, channel: Channel, token: str | None, replaces: int | None = None) -> Receipt:
    """Hand one uploaded file to the door. Raises TooLargeUploadError and what `Submit.receive` raises."""
    service = intake()
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    if size > service.settings.max_upload:
        raise TooLargeUploadError(f"{size} bytes")
    return service.submit.receive(
        actor(), file.stream, file.filename or "", channel, idempotency=token, replaces=replaces
    )

"""Where papers come in: the first page, and the door behind it."""

from __future__ import annotations

import secrets
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest

from intake import views
from intake.errors import EmptyUploadError, NotFoundError, TooLargeUploadError
from intake.model import Channel, Cut
from intake.roles import Action
from intake.submit import Receipt
from intake.views.filters import DocumentFilter
from intake.views.rows import DocumentRow
from web.errors import is_fragment
from web.security import actor, needs
from web.service import intake

pages = Blueprint("upload", __name__)
RECENT: Final = 12
MINE: Final = 40
TOGETHER: Final = 100  # cards of one answer
LONGEST_ID: Final = 18  # digits
LONGEST_CORNERS: Final = 160  # characters


@pages.get("/")
@needs(Action.SEE_DOCUMENTS)
def home() -> ResponseReturnValue:
    """The drop zone, this person's latest files, and how the desk stands."""
    service = intake()
    return render_template(
        "home.html",
        recent=views.recent(service.engine, actor().id, RECENT),
        counts=views.count_states(service.engine),
        limit=service.settings.max_upload,
        token=secrets.token_hex(16),
    )


@pages.get("/mine")
@needs(Action.SEE_DOCUMENTS)
def mine() -> ResponseReturnValue:
    """All that this person handed in, the newest first; to the page of the phone only the latest cards."""
    engine = intake().engine
    wanted = DocumentFilter(submitter=actor().id)
    if is_fragment():
        return "".join(card_of(row) for row in views.recent(engine, actor().id, RECENT))
    page = views.list_documents(engine, wanted, before=request.args.get("before"), limit=MINE)
    return render_template("mine.html", page=page)


@pages.post("/upload")
@needs(Action.SUBMIT)
def receive() -> ResponseReturnValue:
    """Take the files of a form. The upload script sends one at a time and gets its card; a plain form gets the page."""
    files = [file for file in request.files.getlist("file") if file.filename]
    if not files:
        raise EmptyUploadError("no file in the form")
    channel = Channel.PHONE if request.form.get("channel") == Channel.PHONE else Channel.WEB
    token = request.form.get("token") or None
    alone = len(files) == 1
    replaces = number_of(request.form.get("replaces")) if alone else None
    cut = corners_of(request.form.get("corners")) if alone else None
    taken = [take(file, channel, token, replaces, cut) for file in files]  # a token names its bytes too
    if is_fragment():
        touched = [taken[0].document_id, *([] if replaces is None else [replaces])]
        return "".join(map(card_of, views.document_rows(intake().engine, touched))), 201
    return redirect(url_for("upload.home"))


def number_of(text: str | None) -> int | None:
    """The id of a document, None for none. Raises NotFoundError for what is no number."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < LONGEST_ID):
        raise NotFoundError(f"document {text[:LONGEST_ID]!r}")
    return int(text)


def corners_of(text: str | None) -> Cut | None:
    """Four corners as ``x,y,x,y,x,y,x,y``, None for none. Raises BadRequest for what is no quadrilateral."""
    if not text:
        return None
    parts = text[:LONGEST_CORNERS].split(",")
    try:
        cut = tuple(round(float(part), 5) for part in parts)
    except ValueError as error:
        raise BadRequest("corners are numbers") from error
    if len(cut) != 8 or not all(0 <= value <= 1 for value in cut):
        raise BadRequest("four corners within the picture are wanted")
    return cut


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


def take(
    file: FileStorage, channel: Channel, token: str | None, replaces: int | None = None, cut: Cut | None = None
) -> Receipt:
    """Hand one uploaded file to the door. Raises TooLargeUploadError and what `Submit.receive` raises."""
    service = intake()
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    if size > service.settings.max_upload:
        raise TooLargeUploadError(f"{size} bytes")
    return service.submit.receive(
        actor(), file.stream, file.filename or "", channel, idempotency=token, replaces=replaces, cut=cut
    )

"""Official verification, guided: the right site, the values its form wants, and the answer typed back (domain.md §8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Blueprint, Flask, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from intake import views
from intake.errors import EntryIncompleteError, NotFoundError, TooLargeUploadError
from intake.model import OfficialOutcome
from intake.official.agreement import FACE, SHOWN, TYPED, Answer
from intake.official.pictures import LARGEST
from intake.official.records import picture_of
from intake.roles import Action
from intake.sources.calendar import TAX_BUREAU, on_maintenance
from intake.views.official import OfficialPaper
from ocr.errors import UnreadableError
from ocr.types import FieldName
from web import forms
from web.language import t
from web.paper import Spot, asked_spots
from web.security import actor, needs
from web.service import intake

pages = Blueprint("official", __name__, url_prefix="/official")
NOTE: Final = 1000  # characters


def install(app: Flask) -> None:
    """Make the count of what is due known to the templates."""
    app.jinja_env.globals.update(official_due=lambda: views.count_due(intake().engine, actor(), intake().clock()))


@pages.get("")
@needs(Action.ENTER)
def due() -> ResponseReturnValue:
    """What is to be asked now, and what later."""
    service = intake()
    now_due, later = views.due_reminders(service.engine, actor(), service.clock())
    return render_template("official_due.html", due=now_due, later=later, now=service.clock())


@pages.get("/<int:number>")
@needs(Action.ENTER)
def show(number: int) -> ResponseReturnValue:
    """The guided page of one invoice; not for who keys it blind at the moment."""
    if number in views.held_blind(intake().engine, actor(), intake().clock()):
        return redirect(url_for("documents.of_invoice", number=number))
    return _page(number)


@pages.post("/<int:number>")
@needs(Action.ENTER)
def answer(number: int) -> ResponseReturnValue:
    """Keep what the official page said."""
    service = intake()
    outcome = forms.choice(request.form, "outcome", OfficialOutcome)
    paper = views.official_paper(service.engine, number, actor(), service.clock())
    if outcome is None or outcome not in TYPED:
        return _page(number, wrong=("outcome",))
    times = forms.whole(request.form, "times")
    said = Answer(outcome, _given("asked."), {name: value for name, value in _given("shown.").items() if value}, times)
    try:
        kept = service.official().answer(
            actor(), number, said, site=paper.place.site.value, picture=_picture(), note=_note()
        )
    except EntryIncompleteError as error:
        return _page(number, wrong=error.fields)
    except UnreadableError as error:
        return _page(number, unreadable=error.code)
    if kept.agreed and not kept.second_needed and outcome is OfficialOutcome.CONSISTENT:
        flash(t("page.official.agreed"))
        return redirect(url_for("documents.of_invoice", number=number))
    flash(t("page.official.second" if kept.second_needed else "page.official.kept"))
    return redirect(url_for("official.show", number=number) + "#answers")


@pages.post("/<int:number>/ask")
@needs(Action.ENTER)
def ask(number: int) -> ResponseReturnValue:
    """Ask the interface that is set up instead of the site."""
    intake().official().ask(number)
    return redirect(url_for("official.show", number=number) + "#answers")


@pages.post("/answers/<int:number>/confirm")
@needs(Action.VERIFY)
def confirm(number: int) -> ResponseReturnValue:
    """Another person has looked at the picture and stands by the answer."""
    invoice = intake().official().confirm(actor(), number)
    flash(t("page.official.confirmed"))
    return redirect(url_for("official.show", number=invoice) + "#answers")


@pages.get("/answers/<int:number>.jpg")
@needs(Action.SEE_DOCUMENTS)
def picture(number: int) -> ResponseReturnValue:
    """The picture of the official page, drawn by the service itself."""
    service = intake()
    sha256 = picture_of(service.engine, number)
    try:
        response = send_file(service.files.path(sha256), mimetype="image/jpeg", etag=sha256)
    except (KeyError, FileNotFoundError) as error:
        raise NotFoundError(f"bytes {sha256}") from error
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response


def _page(number: int, wrong: tuple[str, ...] = (), unreadable: str = "") -> ResponseReturnValue:
    service = intake()
    paper = views.official_paper(service.engine, number, actor(), service.clock())
    page = render_template(
        "official.html",
        paper=paper,
        spots=_spots(paper),
        outcomes=TYPED,
        face=FACE,
        shown=SHOWN,
        given=request.form,
        wrong=wrong,
        unreadable=unreadable,
        vendor_set=bool(service.settings.vendor_url),
        paused=on_maintenance(service.engine, service.clock(), TAX_BUREAU),
        now=service.clock(),
    )
    return page, 422 if wrong or unreadable else 200


def _spots(paper: OfficialPaper) -> list[Spot]:
    return asked_spots(paper.invoice, paper.questions)


def _given(prefix: str) -> Mapping[FieldName, str]:
    names = {prefix + name.value: name for name in FieldName}
    return {names[key]: forms.text(request.form, key) for key in request.form if key in names}


def _note() -> str:
    return forms.text(request.form, "note", NOTE)


def _picture() -> bytes:
    """The bytes of the picture in the form; empty when there is none. Raises TooLargeUploadError."""
    file = request.files.get("screenshot")
    if file is None:
        return b""
    data = file.stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise TooLargeUploadError(f"more than {LARGEST} bytes")
    return data

"""What is done with a list as a whole: many papers at once, its file, and its filter under a name."""

from __future__ import annotations

import tempfile
from typing import Final
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, flash, redirect, request, send_file, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from intake import many, saved, views
from intake.clock import day_of
from intake.errors import NotFoundError
from intake.roles import Action
from intake.views import list_files
from web import forms
from web.language import t
from web.security import actor, needs
from web.service import intake

pages = Blueprint("many", __name__, url_prefix="/documents")

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNKEPT: Final = frozenset({"before", "after"})
LONGEST: Final = 2000  # characters of a kept address


@pages.post("/assign")
@needs(Action.ASSIGN)
def assign() -> ResponseReturnValue:
    """Give the papers that wait in the ticked documents to a clerk, or back to all."""
    service = intake()
    numbers = _ticked()
    clerk = forms.whole(request.form, "clerk")
    done = many.assign(service.engine, actor(), numbers, clerk, service.clock())
    flash(t("many.assigned" if clerk else "many.freed", n=done, of=len(numbers)))
    return _back()


@pages.post("/look-again")
@needs(Action.ENTER)
def look_again() -> ResponseReturnValue:
    """Have the register asked again for the ticked documents."""
    service = intake()
    numbers = _ticked()
    done = many.look_again(service.engine, actor(), numbers, service.clock())
    flash(t("many.looked", n=done, of=len(numbers)))
    return _back()


@pages.get("/list.<kind>")
@needs(Action.SEE_DOCUMENTS)
def download(kind: str) -> ResponseReturnValue:
    """Everything that fits the filter, as a workbook or as CSV."""
    service = intake()
    wanted, order = forms.document_filter(request.args), forms.order(request.args)
    held = views.held_blind(service.engine, actor(), service.clock())
    name = f"documents-{day_of(service.clock()):%Y%m%d}.{kind}"
    if kind == "xlsx":
        place = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the answer
        list_files.write_workbook(service.engine, wanted, order, held, t, place)
        place.seek(0)
        return send_file(place, mimetype=XLSX, as_attachment=True, download_name=name)
    if kind != "csv":
        raise NotFoundError(f"list as {kind}")
    lines = stream_with_context(list_files.csv_lines(service.engine, wanted, order, held, t))
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(lines, mimetype="text/csv; charset=utf-8", headers=headers)


@pages.post("/views")
@needs(Action.SEE_DOCUMENTS)
def save() -> ResponseReturnValue:
    """Keep the filter of the page under a name."""
    name = forms.text(request.form, "name", saved.LONGEST)
    if not name:
        raise BadRequest
    shared = bool(request.form.get("shared"))
    saved.save(intake().engine, actor(), name, _kept(), shared=shared, now=intake().clock())
    flash(t("many.saved", name=name))
    return _back()


@pages.post("/views/<int:number>/delete")
@needs(Action.SEE_DOCUMENTS)
def forget(number: int) -> ResponseReturnValue:
    """Delete an own filter."""
    saved.forget(intake().engine, actor(), number)
    return _back()


def _kept() -> str:
    """The filter that the form came from, without its page."""
    parts = parse_qsl(request.form.get("address", "")[:LONGEST])
    return urlencode([(name, value) for name, value in parts if name not in UNKEPT and value])


def _back() -> ResponseReturnValue:
    kept = _kept()
    return redirect(url_for("documents.listing") + (f"?{kept}" if kept else ""))


def _ticked() -> list[int]:
    """The ticked documents, or all that fit the filter, at most so many as one act takes."""
    if not request.form.get("everything"):
        found = (forms.whole({"id": value}, "id") for value in request.form.getlist("document")[: many.MOST])
        return [number for number in found if number is not None]
    given = dict(parse_qsl(_kept()))
    return views.fitting(intake().engine, forms.document_filter(given), forms.order(given), many.MOST)

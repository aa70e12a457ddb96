"""The register: search, import with progress and result."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Flask, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake import views
from intake.errors import EmptyUploadError, NotFoundError
from intake.model import RegisterStatus
from intake.roles import Action
from intake.submit import safe_name
from web import forms
from web.imports import Imports
from web.security import actor, needs
from web.service import intake

pages = Blueprint("register", __name__, url_prefix="/register")
SOURCE: Final = "tax-bureau"


def install(app: Flask) -> None:
    """Where running imports are kept."""
    app.extensions["imports"] = Imports()


@pages.get("")
@needs(Action.SEE_REGISTER)
def search() -> ResponseReturnValue:
    """Rows of the register, and the imports that brought them."""
    service = intake()
    wanted = forms.register_filter(request.args)
    kept = {name: value for name, value in request.args.items() if value and name != "before"}
    return render_template(
        "register.html",
        page=views.register_search(service.engine, wanted, before=forms.text(request.args, "before")),
        wanted=wanted,
        given=request.args,
        statuses=list(RegisterStatus),
        sources=service.register.sources(),
        imports=views.list_imports(service.engine),
        filtered=bool(kept),
        older=lambda place: url_for("register.search") + "?" + urlencode({**kept, "before": place}),
        source=SOURCE,
    )


@pages.post("/import")
@needs(Action.IMPORT_REGISTER)
def import_table() -> ResponseReturnValue:
    """Begin to import a table; the page of the import shows how far it is."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise EmptyUploadError("no table in the form")
    data = file.read()
    if not data:
        raise EmptyUploadError("an empty table")
    source = forms.text(request.form, "source", 64) or SOURCE
    token = _imports().start(intake(), actor(), data, safe_name(file.filename), source)
    return redirect(url_for("register.importing", token=token))


@pages.get("/importing/<token>")
@needs(Action.IMPORT_REGISTER)
def importing(token: str) -> ResponseReturnValue:
    """The page of an import that runs or has just ended."""
    job = _imports().find(token)
    if job is None:
        return redirect(url_for("register.search"))
    return render_template("importing.html", job=job, token=token)


@pages.get("/importing/<token>/progress")
@needs(Action.IMPORT_REGISTER)
def progress(token: str) -> ResponseReturnValue:
    """How far an import is; asked again by the page until it has ended."""
    job = _imports().find(token)
    if job is None:
        raise NotFoundError("import")
    return render_template("parts/import_progress.html", job=job, token=token)


@pages.get("/imports/<int:number>")
@needs(Action.SEE_REGISTER)
def show_import(number: int) -> ResponseReturnValue:
    """What an import did, with its refused rows."""
    return render_template("import.html", found=views.show_import(intake().engine, number))


def _imports() -> Imports:
    found: Imports = current_app.extensions["imports"]
    return found

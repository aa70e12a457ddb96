"""The register: its rows searched, how far its sources reach, and the way to its imports."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake import views
from intake.model import RegisterStatus
from intake.register import mappings
from intake.roles import Action
from web import forms
from web.imports import SOURCE, known_sources
from web.security import needs
from web.service import intake

pages = Blueprint("register", __name__, url_prefix="/register")


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
        companies=service.companies.all(),
        known=known_sources(),
        mappings=mappings.all_mappings(service.engine),
    )

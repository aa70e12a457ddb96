"""A third person decides what two keyed differently, against the picture."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake import views
from intake.errors import EntryIncompleteError, KeyConflictError
from intake.roles import Action
from web import keying
from web.language import t
from web.queue import go_on
from web.security import actor, needs
from web.service import intake

pages = Blueprint("deciding", __name__, url_prefix="/review")


@pages.get("/<int:number>/decide")
@needs(Action.ADJUDICATE)
def decide(number: int) -> ResponseReturnValue:
    """Both entries side by side with the picture."""
    return _decide_page(number)


@pages.post("/<int:number>/decide")
@needs(Action.ADJUDICATE)
def decide_now(number: int) -> ResponseReturnValue:
    """File the invoice with the values chosen."""
    try:
        intake().desk.adjudicate(
            actor(), number, keying.chosen(request.form), insisted=bool(request.form.get("insisted"))
        )
    except EntryIncompleteError as error:
        return _decide_page(number, wrong=error.fields)
    except KeyConflictError as error:
        return _decide_page(number, conflict=error.detail, against=error.differs)
    flash(t("page.decide.done"))
    return go_on("decide")


def _decide_page(
    number: int, wrong: tuple[str, ...] = (), conflict: str = "", against: tuple[tuple[str, str, str], ...] = ()
) -> ResponseReturnValue:
    service = intake()
    service.desk.claim(actor(), number)
    found = views.disputed_paper(service.engine, number)
    if not found.differences:  # both keyed the same: the register is what contradicts
        return redirect(url_for("conflicts.listing"))
    page = render_template(
        "decide.html",
        paper=found,
        spots=keying.marks(found.invoice),
        lenses=keying.lenses(found.invoice, found.kind, found.pages),
        wrong=wrong,
        conflict=conflict,
        against=against,
    )
    return page, 409 if conflict else 422 if wrong else 200

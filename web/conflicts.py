"""Two papers with one key and other values: a supervisor sees them side by side and decides."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake import views
from intake.conflicts import Settlement
from intake.errors import ReasonMissingError
from intake.roles import Action
from web import forms
from web.language import t
from web.security import actor, needs
from web.service import intake

pages = Blueprint("conflicts", __name__, url_prefix="/conflicts")
LONGEST = 1000  # characters of a comment


@pages.get("")
@needs(Action.ADJUDICATE)
def listing() -> ResponseReturnValue:
    """What waits for a decision, the oldest first."""
    return render_template("conflicts.html", rows=views.list_conflicts(intake().engine), settlements=list(Settlement))


@pages.post("/<int:number>")
@needs(Action.ADJUDICATE)
def settle(number: int) -> ResponseReturnValue:
    """Decide one."""
    settlement = forms.choice(request.form, "settlement", Settlement)
    if settlement is None:
        raise ReasonMissingError("no settlement was chosen")
    intake().desk.settle(actor(), number, settlement, forms.text(request.form, "comment", LONGEST))
    flash(t("page.conflicts.done"))
    return redirect(url_for("conflicts.listing"))

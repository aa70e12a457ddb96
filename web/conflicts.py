"""Two papers with one key and other values, or a paper and the register: a supervisor sees both and decides."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake import views
from intake.conflicts import Settlement
from intake.disputes import Verdict
from intake.errors import ReasonMissingError
from intake.roles import Action
from intake.views.uses import list_disputes
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
    return render_template(
        "conflicts.html",
        rows=views.list_conflicts(intake().engine),
        settlements=list(Settlement),
        disputes=list_disputes(intake().engine),
        verdicts=list(Verdict),
        me=actor().id,
    )


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


@pages.post("/<int:number>/register")
@needs(Action.ADJUDICATE)
def settle_dispute(number: int) -> ResponseReturnValue:
    """Decide between a paper and the register."""
    verdict = forms.choice(request.form, "verdict", Verdict)
    if verdict is None:
        raise ReasonMissingError("no verdict was chosen")
    intake().desk.settle_dispute(actor(), number, verdict, forms.text(request.form, "comment", LONGEST))
    flash(t(f"verdict.{verdict.value}.done"))
    return redirect(url_for("conflicts.listing"))

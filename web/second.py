"""What the second person does with an entry: key it blind, approve it, send it back, refuse the paper."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake import views
from intake.clock import day_of
from intake.desk import Agreed, Contradicts
from intake.errors import EntryIncompleteError, KeyConflictError
from intake.review import critical
from intake.risk import Control
from intake.roles import Action
from ocr.types import FieldName
from web import forms, keying
from web.language import t
from web.queue import go_on
from web.security import actor, needs
from web.service import intake

pages = Blueprint("second", __name__, url_prefix="/review")

LONGEST: Final = 1000  # characters of a comment
REFUSALS: Final = ("not_an_invoice", "duplicate", "wrong_title", "void_or_red", "forged", "not_ours", "other")


@pages.get("/<int:number>/verify")
@needs(Action.VERIFY)
def verify(number: int) -> ResponseReturnValue:
    """The blind form (the picture and empty fields, nothing of the first entry), or the entry beside the picture."""
    if views.task_place(intake().engine, number).control is Control.APPROVAL:
        return _approve_page(number)
    return _verify_page(number, {})


@pages.post("/<int:number>/verify")
@needs(Action.VERIFY)
def verify_now(number: int) -> ResponseReturnValue:
    """Compare the second keying with the first: equal ones file the invoice, different ones go to a third person."""
    service = intake()
    values = forms.keyed(request.form)
    try:
        outcome = service.desk.verify(actor(), number, values, frozenset(forms.illegible(request.form)))
    except EntryIncompleteError as error:
        return _verify_page(number, values, wrong=error.fields)
    except KeyConflictError as error:
        return _verify_page(number, values, conflict=error.detail)
    if isinstance(outcome, Agreed):
        flash(t("page.verify.agreed"))
        return go_on("verify")
    place = views.task_place(service.engine, number)
    if isinstance(outcome, Contradicts):
        return render_template("contradicts.html", place=place, differs=outcome.differs)
    return render_template("differs.html", place=place, differences=outcome.differences)


@pages.post("/<int:number>/approve")
@needs(Action.VERIFY)
def approve(number: int) -> ResponseReturnValue:
    """Put the entry that was shown on file."""
    try:
        intake().desk.approve(actor(), number, forms.text(request.form, "mark"))
    except KeyConflictError as error:
        return _approve_page(number, conflict=error.detail)
    flash(t("page.approve.done"))
    return go_on("verify")


def _verify_page(
    number: int, values: dict[FieldName, str], wrong: tuple[str, ...] = (), conflict: str = ""
) -> ResponseReturnValue:
    service = intake()
    service.desk.claim(actor(), number)
    found = views.blind_paper(service.engine, number)
    page = render_template(
        "verify.html",
        paper=found,
        fields=critical(found.kind),
        values=values,
        wrong=wrong,
        conflict=conflict,
        spots=keying.places(found),
        lenses=keying.lenses_of(found.places),
    )
    return page, 409 if conflict else 422 if wrong else 200


def _approve_page(number: int, conflict: str = "") -> ResponseReturnValue:
    service = intake()
    service.desk.claim(actor(), number)
    found = views.entry_to_approve(service.engine, number, today=day_of(service.clock()))
    page = render_template(
        "approve.html",
        paper=found,
        keyed=keying.keyed(found),
        words=keying.words_of(found.entry.values),
        wrong=(),
        conflict=conflict,
        spots=keying.marks(found.invoice),
        lenses=keying.lenses(found.invoice, found.entry.kind, found.pages),
    )
    return page, 409 if conflict else 200


@pages.post("/<int:number>/send-back")
@needs(Action.VERIFY)
def send_back(number: int) -> ResponseReturnValue:
    """Return an entry to be keyed anew, with the reason."""
    intake().desk.send_back(actor(), number, forms.text(request.form, "comment", LONGEST))
    flash(t("page.verify.sent_back"))
    return go_on("verify")


@pages.post("/<int:number>/refuse")
@needs(Action.REFUSE)
def refuse(number: int) -> ResponseReturnValue:
    """Decide that a paper must not be filed."""
    service = intake()
    place = views.task_place(service.engine, number)
    reason = forms.text(request.form, "reason", 32)
    service.desk.refuse(actor(), number, reason, forms.text(request.form, "comment", LONGEST))
    flash(t("page.verify.refused"))
    return redirect(url_for("documents.show", number=place.document_id))

"""Keying a paper (补录): the form, its live checks, drafts and suggestions, and handing the entry in."""

from __future__ import annotations

from typing import Final

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake import views
from intake.clock import day_of
from intake.desk import Agreed
from intake.errors import EntryIncompleteError, KeyConflictError
from intake.model import TaskState
from intake.repairs import Repair
from intake.review import check_entry, requirements
from intake.risk import control_of
from intake.roles import Action, allows
from intake.views.work import Paper
from ocr.types import FieldName, Kind
from web import forms, keying
from web.language import t
from web.queue import go_on, pages
from web.security import actor, needs
from web.service import intake

__all__ = ["pages"]

LONGEST: Final = 1000  # characters of a comment


@pages.get("/<int:number>")
@needs(Action.ENTER)
def paper(number: int) -> ResponseReturnValue:
    """The page of the step a paper is in, for the person who may do it."""
    place = views.task_place(intake().engine, number)
    match place.state:
        case TaskState.OPEN | TaskState.CLAIMED:
            return _key_page(number)
        case TaskState.ENTERED if allows(actor().role, Action.VERIFY):
            return redirect(url_for("second.verify", number=number))
        case TaskState.DISPUTED if allows(actor().role, Action.ADJUDICATE):
            return redirect(url_for("deciding.decide", number=number))
        case _:
            return redirect(url_for("documents.show", number=place.document_id))


def _key_page(
    number: int, wrong: tuple[str, ...] = (), conflict: str = "", against: tuple[tuple[str, str, str], ...] = ()
) -> ResponseReturnValue:
    """The keying form; opening it takes the paper for this person."""
    service = intake()
    service.desk.claim(actor(), number)
    found = views.paper_to_key(service.engine, number)
    if request.method == "POST":
        kind, values, unread = _posted()
    else:
        kind = found.draft.kind if found.draft else found.invoice.kind
        values, unread = keying.prefilled(found), dict(found.draft.illegible) if found.draft else {}
    page = render_template(
        "key.html",
        paper=found,
        form=keying.form(kind, values, unread, found.invoice, _suggested(found)),
        lenses=keying.lenses(found.invoice, kind, found.pages),
        spots=keying.marks(found.invoice),
        kinds=list(Kind),
        wrong=wrong,
        conflict=conflict,
        against=against,
        comment=forms.text(request.form, "comment", LONGEST),
    )
    return page, 409 if conflict else 422 if wrong else 200


@pages.post("/<int:number>/form")
@needs(Action.ENTER)
def form(number: int) -> ResponseReturnValue:
    """The fields of another kind of paper, with what was keyed so far."""
    service = intake()
    found = views.paper_to_key(service.engine, number)
    kind, _, unread = _posted()
    values = keying.with_kept(found, forms.keyed(request.form), unread)
    service.desk.save_draft(actor(), number, kind, values, unread)  # fields that the kind lacks leave the page now
    fields = keying.form(kind, values, unread, found.invoice, _suggested(found))
    lenses = keying.lenses(found.invoice, kind, found.pages)
    return render_template("parts/key_fields.html", paper=found, form=fields, lenses=lenses)


def _suggested(paper: Paper) -> tuple[Repair, ...]:
    """The corrections to propose, made anew each time: what other sources know may have changed."""
    return views.suggestions(intake().engine, paper.invoice, today=day_of(intake().clock()))


@pages.post("/<int:number>/take")
@needs(Action.ENTER)
def take(number: int) -> ResponseReturnValue:
    """Write down that a proposed correction was taken; only one that is proposed now is."""
    name, value = forms.choice(request.form, "field", FieldName), forms.text(request.form, "value")
    for one in _suggested(views.paper_to_key(intake().engine, number)):
        if (one.name, one.proposed) == (name, value):
            intake().desk.take_suggestion(actor(), number, one.name, one.reason)
            break
    return "", 204


@pages.post("/<int:number>/check")
@needs(Action.ENTER)
def check(number: int) -> ResponseReturnValue:
    """What the checks say of the values as they stand; nothing is kept."""
    del number
    kind, values, unread = _posted()
    report = check_entry(kind, values, frozenset(unread), today=day_of(intake().clock()))
    return render_template("parts/key_checks.html", report=report, words=keying.words_of(values))


@pages.post("/<int:number>/draft")
@needs(Action.ENTER)
def draft(number: int) -> ResponseReturnValue:
    """Keep what was keyed so far."""
    service = intake()
    kind, _, unread = _posted()
    values = keying.with_kept(views.paper_to_key(service.engine, number), forms.keyed(request.form), unread)
    service.desk.save_draft(actor(), number, kind, values, unread)
    return render_template("parts/saved.html", at=service.clock())


@pages.post("/<int:number>/enter")
@needs(Action.ENTER)
def enter(number: int) -> ResponseReturnValue:
    """Put the entry on file or hand it to a second person, as its risk asks; or show what is missing."""
    service = intake()
    kind, values, unread = _posted()
    try:
        comment = forms.text(request.form, "comment", LONGEST)
        outcome = service.desk.enter(
            actor(), number, kind, values, unread, comment=comment, insisted=bool(request.form.get("insisted"))
        )
    except EntryIncompleteError as error:
        return _key_page(number, wrong=error.fields)
    except KeyConflictError as error:
        return _key_page(number, conflict=error.detail, against=error.differs)
    if isinstance(outcome, Agreed):
        flash(t("page.key.filed"))
    else:
        flash(t(f"page.key.sent.{control_of(outcome.ground).value}", why=t(f"ground.{outcome.ground.value}")))
    return go_on("key")


def _posted() -> tuple[Kind, dict[FieldName, str], dict[FieldName, str]]:
    """Kind, values and illegible fields of the form; only the fields of the kind count."""
    kind = forms.choice(request.form, "kind", Kind) or Kind.UNKNOWN
    wanted = requirements(kind)
    values = {name: value for name, value in forms.keyed(request.form).items() if name in wanted}
    unread = {name: why for name, why in forms.illegible(request.form).items() if name in wanted}
    return kind, values, unread

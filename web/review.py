"""The review queue, and its papers through keying, blind verification and decision."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake import views
from intake.clock import day_of
from intake.desk import Agreed
from intake.errors import EntryIncompleteError, KeyConflictError
from intake.model import Cause, TaskState
from intake.repairs import Repair
from intake.review import check_entry, critical, requirements
from intake.roles import Action, allows, require
from intake.views.work import Paper
from ocr.types import FieldName, Kind
from web import forms, keying
from web.language import t
from web.security import actor, needs
from web.service import intake

pages = Blueprint("review", __name__, url_prefix="/review")

LONGEST: Final = 1000  # characters of a comment
REFUSALS: Final = ("not_an_invoice", "duplicate", "wrong_title", "void_or_red", "forged", "not_ours", "other")
TABS: Final = {
    "key": (Action.ENTER, (TaskState.OPEN, TaskState.CLAIMED)),
    "verify": (Action.VERIFY, (TaskState.ENTERED,)),
    "decide": (Action.ADJUDICATE, (TaskState.DISPUTED,)),
}


@pages.get("")
@needs(Action.ENTER)
def queue() -> ResponseReturnValue:
    """What waits, oldest first: to key, to verify, to decide."""
    tab = request.args.get("tab", "key")
    tab = tab if tab in TABS else "key"
    action, states = TABS[tab]
    require(actor(), action)
    cause = forms.choice(request.args, "cause", Cause)
    after = forms.whole(request.args, "after")
    page = views.queue(intake().engine, states, cause=cause, after=after)
    return render_template("queue.html", tab=tab, page=page, cause=cause, causes=list(Cause), now=intake().clock())


@pages.post("/next")
@needs(Action.ENTER)
def next_paper() -> ResponseReturnValue:
    """Take the next paper of a step."""
    tab = request.form.get("tab", "key")
    number = _next(tab if tab in TABS else "key")
    if number is None:
        flash(t("page.queue.empty_flash"))
        return redirect(url_for("review.queue", tab=tab))
    return redirect(url_for("review.paper", number=number))


def _next(tab: str) -> int | None:
    """The paper this person should take next, or None."""
    desk = intake().desk
    match tab:
        case "verify":
            return desk.next_to_verify(actor())
        case "decide":
            return desk.next_to_decide(actor())
        case _:
            return desk.next_task(actor())


@pages.get("/<int:number>")
@needs(Action.ENTER)
def paper(number: int) -> ResponseReturnValue:
    """The page of the step a paper is in, for the person who may do it."""
    place = views.task_place(intake().engine, number)
    match place.state:
        case TaskState.OPEN | TaskState.CLAIMED:
            return _key_page(number)
        case TaskState.ENTERED if allows(actor().role, Action.VERIFY):
            return redirect(url_for("review.verify", number=number))
        case TaskState.DISPUTED if allows(actor().role, Action.ADJUDICATE):
            return redirect(url_for("review.decide", number=number))
        case _:
            return redirect(url_for("documents.show", number=place.document_id))


# --- keying ---------------------------------------------------------------------------------------------


def _key_page(number: int, wrong: tuple[str, ...] = (), conflict: str = "") -> ResponseReturnValue:
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
        kinds=list(Kind),
        wrong=wrong,
        conflict=conflict,
        refusals=REFUSALS,
        comment=forms.text(request.form, "comment", LONGEST),
    )
    return page, 409 if conflict else 422 if wrong else 200


@pages.post("/<int:number>/form")
@needs(Action.ENTER)
def form(number: int) -> ResponseReturnValue:
    """The fields of another kind of paper, with what was keyed so far."""
    found = views.paper_to_key(intake().engine, number)
    kind, _, unread = _posted()
    values = keying.with_kept(found, forms.keyed(request.form), unread)
    fields = keying.form(kind, values, unread, found.invoice, _suggested(found))
    return render_template("parts/key_fields.html", paper=found, form=fields)


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
    """Hand the entry over to a second person, or show what is missing."""
    service = intake()
    kind, values, unread = _posted()
    try:
        service.desk.enter(actor(), number, kind, values, unread, comment=forms.text(request.form, "comment", LONGEST))
    except EntryIncompleteError as error:
        return _key_page(number, wrong=error.fields)
    except KeyConflictError as error:
        return _key_page(number, conflict=error.detail)
    flash(t("page.key.sent"))
    return _go_on("key")


@pages.post("/<int:number>/release")
@needs(Action.ENTER)
def release(number: int) -> ResponseReturnValue:
    """Give the paper back to the queue; the draft stays."""
    intake().desk.release(actor(), number)
    return redirect(url_for("review.queue"))


def _posted() -> tuple[Kind, dict[FieldName, str], dict[FieldName, str]]:
    """Kind, values and illegible fields of the form; only the fields of the kind count."""
    kind = forms.choice(request.form, "kind", Kind) or Kind.UNKNOWN
    wanted = requirements(kind)
    values = {name: value for name, value in forms.keyed(request.form).items() if name in wanted}
    unread = {name: why for name, why in forms.illegible(request.form).items() if name in wanted}
    return kind, values, unread


# --- verification ---------------------------------------------------------------------------------------


@pages.get("/<int:number>/verify")
@needs(Action.VERIFY)
def verify(number: int) -> ResponseReturnValue:
    """The blind form: the picture and empty fields, nothing of the first entry."""
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
        return _go_on("verify")
    place = views.task_place(service.engine, number)
    return render_template("differs.html", place=place, differences=outcome.differences)


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
        refusals=REFUSALS,
        spots=keying.places(found),
    )
    return page, 409 if conflict else 422 if wrong else 200


@pages.post("/<int:number>/send-back")
@needs(Action.VERIFY)
def send_back(number: int) -> ResponseReturnValue:
    """Return an entry to be keyed anew, with the reason."""
    intake().desk.send_back(actor(), number, forms.text(request.form, "comment", LONGEST))
    flash(t("page.verify.sent_back"))
    return _go_on("verify")


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


# --- decision -------------------------------------------------------------------------------------------


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
        intake().desk.adjudicate(actor(), number, keying.chosen(request.form))
    except EntryIncompleteError as error:
        return _decide_page(number, wrong=error.fields)
    except KeyConflictError as error:
        return _decide_page(number, conflict=error.detail)
    flash(t("page.decide.done"))
    return _go_on("decide")


def _decide_page(number: int, wrong: tuple[str, ...] = (), conflict: str = "") -> ResponseReturnValue:
    service = intake()
    service.desk.claim(actor(), number)
    found = views.disputed_paper(service.engine, number)
    page = render_template(
        "decide.html",
        paper=found,
        spots=keying.marks(found.invoice),
        wrong=wrong,
        conflict=conflict,
        refusals=REFUSALS,
    )
    return page, 409 if conflict else 422 if wrong else 200


def _go_on(tab: str) -> ResponseReturnValue:
    """On to the next paper of the same step, or back to the queue when there is none."""
    number = _next(tab)
    if number is None:
        return redirect(url_for("review.queue", tab=tab))
    return redirect(url_for("review.paper", number=number))

"""The review queue: what waits at each step, in its order; the next paper, and leaving one for the next."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake import views
from intake.model import Cause, TaskState
from intake.roles import Action, require
from web import forms
from web.language import t
from web.security import actor, needs
from web.service import intake

pages = Blueprint("review", __name__, url_prefix="/review")

TABS: Final = {
    "key": (Action.ENTER, (TaskState.OPEN, TaskState.CLAIMED)),
    "verify": (Action.VERIFY, (TaskState.ENTERED,)),
    "decide": (Action.ADJUDICATE, (TaskState.DISPUTED,)),
}
_TAB_OF: Final = {state: tab for tab, (_, states) in TABS.items() for state in states}


@pages.get("")
@needs(Action.ENTER)
def queue() -> ResponseReturnValue:
    """What waits, in the order in which it is offered: to key, to verify, to decide."""
    tab = _tab(request.args.get("tab", "key"))
    action, states = TABS[tab]
    require(actor(), action)
    cause = forms.choice(request.args, "cause", Cause)
    mine = bool(request.args.get("mine"))
    number = max(1, forms.whole(request.args, "page") or 1)
    now = intake().clock()
    page = views.queue(
        intake().engine, states, now=now, cause=cause, mine=actor().id if mine else None, page=min(number, 10_000)
    )
    return render_template("queue.html", tab=tab, page=page, cause=cause, mine=mine, causes=list(Cause), now=now)


@pages.post("/next")
@needs(Action.ENTER)
def next_paper() -> ResponseReturnValue:
    """Take the next paper of a step."""
    tab = _tab(request.form.get("tab", "key"))
    number = _next(tab)
    if number is None:
        flash(t("page.queue.empty_flash"))
        return redirect(url_for("review.queue", tab=tab))
    return redirect(url_for("review.paper", number=number))


@pages.post("/<int:number>/release")
@needs(Action.ENTER)
def release(number: int) -> ResponseReturnValue:
    """Give the paper back to the queue; the draft stays."""
    tab = _tab_of(number)
    intake().desk.release(actor(), number)
    return redirect(url_for("review.queue", tab=tab))


@pages.post("/<int:number>/skip")
@needs(Action.ENTER)
def skip(number: int) -> ResponseReturnValue:
    """Give the paper back and take another of the same step."""
    tab = _tab_of(number)
    intake().desk.release(actor(), number)
    return go_on(tab, besides=number)


def go_on(tab: str, besides: int | None = None) -> ResponseReturnValue:
    """On to the next paper of the same step, or back to the queue when there is none."""
    number = _next(tab, besides)
    if number is None:
        return redirect(url_for("review.queue", tab=tab))
    return redirect(url_for("review.paper", number=number))


def _next(tab: str, besides: int | None = None) -> int | None:
    """The paper this person should take next, or None."""
    desk = intake().desk
    match tab:
        case "verify":
            return desk.next_to_verify(actor(), besides=besides)
        case "decide":
            return desk.next_to_decide(actor(), besides=besides)
        case _:
            return desk.next_task(actor(), besides=besides)


def _tab(name: str) -> str:
    return name if name in TABS else "key"


def _tab_of(number: int) -> str:
    """The step a paper is in; that of keying when it is in none that this person may see."""
    tab = _TAB_OF.get(views.task_place(intake().engine, number).state, "key")
    require(actor(), TABS[tab][0])
    return tab

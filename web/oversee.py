"""The supervisor's view: what waits and why, what is late, who holds what, what was done and how well; every number leads to its papers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake import views
from intake.acts import Act
from intake.clock import day_of
from intake.model import Cause, TaskState
from intake.roles import Action
from intake.views import behind, inspection, oversight, pulse
from web import charts, forms
from web.language import t
from web.security import actor, needs
from web.service import intake

pages = Blueprint("oversee", __name__, url_prefix="/oversight")

TONES: Final = {
    oversight.Age.DAY.value: "a0",
    oversight.Age.THREE.value: "a1",
    oversight.Age.WEEK.value: "a2",
    oversight.Age.OLDER.value: "a3",
}
MOST_PAGES: Final = 10_000


def install(app: Flask) -> None:
    """What the templates draw with."""
    app.jinja_env.globals.update(stacked=charts.stacked, columns_of=charts.standing)


@pages.get("")
@needs(Action.SEE_STATUS)
def show() -> ResponseReturnValue:
    """The state of the desk at a glance."""
    service = intake()
    engine, now = service.engine, service.clock()
    today = day_of(now)
    days = forms.whole(request.args, "days")
    days = days if days in {1, oversight.DAYS} else oversight.DAYS
    first = today - timedelta(days=days - 1)
    patience = timedelta(minutes=service.settings.stall_minutes)
    return render_template(
        "oversee.html",
        now=now,
        today=today,
        first=first,
        days=days,
        backlog=oversight.backlog(engine, now),
        holdings=oversight.holdings(engine, now),
        done=oversight.throughput(engine, today),
        people=oversight.qualities(engine, first, today),
        machine=oversight.machine_quality(engine, first, today),
        lots=inspection.list_lots(engine)[:1],
        reading=pulse.reading_pulse(engine, now, patience),
        filing=pulse.filing_pulse(engine, now, service.settings.due_hours),
        sources=service.register.sources(),
        tones=TONES,
        ages=oversight.Age,
        dones=oversight.Done,
        states=(TaskState.OPEN, TaskState.CLAIMED, TaskState.ENTERED, TaskState.DISPUTED),
        address=_address,
        age_name=lambda name: t(f"age.{name}"),
    )


@pages.get("/papers")
@needs(Action.SEE_STATUS)
def papers() -> ResponseReturnValue:
    """The papers behind a number."""
    service = intake()
    wanted = _wanted(request.args)
    page = min(max(1, forms.whole(request.args, "page") or 1), MOST_PAGES)
    now = service.clock()
    lines, count = behind.lines(service.engine, wanted, now, page)
    kept = {name: value for name, value in request.args.items() if name != "page" and value}
    return render_template(
        "oversee_papers.html",
        wanted=wanted,
        lines=lines,
        count=count,
        page=page,
        pages=max(1, -(-count // behind.PAGE)),
        now=now,
        names={person.account_id: person.name for person in _people(wanted)},
        address=lambda **changes: _address(**{**kept, **changes}),
    )


@pages.post("/tasks/<int:number>/give-back")
@needs(Action.RELEASE_TASKS)
def give_back(number: int) -> ResponseReturnValue:
    """Give back what a colleague holds; it is written in the audit log."""
    from_whom = views.task_place(intake().engine, number).claimant
    intake().desk.give_back(actor(), number)
    flash(t("oversee.given_back", name=from_whom or ""))
    return redirect(url_for("oversee.show") + "#held")


def _people(wanted: behind.Wanted) -> tuple[oversight.Quality, ...]:
    if wanted.by is None and wanted.about is None:
        return ()
    return oversight.qualities(intake().engine, wanted.first or date.min, wanted.last or date.max)


def _address(**parts: object) -> str:
    """The list behind a number."""
    query = {name: str(value) for name, value in parts.items() if value not in {None, ""}}
    return url_for("oversee.papers") + "?" + urlencode(query)


def _wanted(given: Mapping[str, str]) -> behind.Wanted:
    today = day_of(intake().clock())
    first = forms.a_day(given, "first") or today
    return behind.Wanted(
        state=forms.choice(given, "state", TaskState),
        cause=forms.choice(given, "cause", Cause),
        age=forms.choice(given, "age", oversight.Age),
        late=bool(given.get("late")),
        done=forms.choice(given, "done", oversight.Done),
        said=forms.choice(given, "said", Act),
        first=first,
        last=forms.a_day(given, "last") or first,
        by=forms.whole(given, "by"),
        about=forms.whole(given, "about"),
    )

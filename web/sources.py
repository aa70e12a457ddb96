"""Register sources: their health, setting them up, testing, synchronising, leaving them out; announced maintenance."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import SecretStr

from intake import views
from intake.clock import BEIJING
from intake.errors import NotFoundError, SourceWrongError
from intake.register import mappings
from intake.roles import Action
from intake.sources import calendar, catalogue, state
from intake.sources.model import Definition, SourceKind
from web import forms
from web.language import t
from web.running import Running
from web.security import actor, needs
from web.service import intake
from web.syncs import SyncJob, bring

pages = Blueprint("sources", __name__, url_prefix="/sources")
IMPORTS_LOOKED_AT: Final = 20  # for the line of lag
BYPASS_HOURS: Final = (1, 4, 12, 24, 72, 168, 336)
WIDTH, HEIGHT = 120, 28  # of the line of lag


def install(app: Flask) -> None:
    """Where running synchronisations are kept; what every page may say of lag."""
    app.extensions["syncs"] = Running[SyncJob]()
    app.jinja_env.globals.update(source_notices=_notices, lag_line=lag_line)


@pages.get("")
@needs(Action.RUN_SOURCES)
def overview() -> ResponseReturnValue:
    """All sources with their health, and the calendar of maintenance."""
    service = intake()
    now = service.clock()
    return render_template(
        "sources.html",
        looks=state.looks(service.engine, now, IMPORTS_LOOKED_AT),
        windows=calendar.windows(service.engine, now),
        kinds=list(SourceKind),
        now=now,
        TAX_BUREAU=calendar.TAX_BUREAU,
    )


@pages.get("/new")
@needs(Action.MANAGE_SOURCES)
def new() -> ResponseReturnValue:
    """The form of a source that is not there yet."""
    kind = forms.choice(request.args, "kind", SourceKind) or SourceKind.FOLDER
    return _form(Definition("", kind, ""), new=True)


@pages.post("/new")
@needs(Action.MANAGE_SOURCES)
def add() -> ResponseReturnValue:
    """Set a source up."""
    wanted = _wanted(forms.text(request.form, "name", 64))
    return _save(wanted, new=True)


@pages.get("/<name>")
@needs(Action.RUN_SOURCES)
def show(name: str) -> ResponseReturnValue:
    """One source: how it goes, what it brought, and what can be done."""
    service = intake()
    found = catalogue.find(service.engine, name)
    now = service.clock()
    look = next(look for look in state.looks(service.engine, now, IMPORTS_LOOKED_AT) if look.state.name == name)
    return render_template(
        "source.html",
        found=found,
        look=look,
        window=calendar.on_maintenance(service.engine, now, name),
        imports=[done for done in views.list_imports(service.engine, 100) if done.source == name][:10],
        secret_set=service.sources.credentials.get(name) is not None,
        hours=BYPASS_HOURS,
        now=now,
    )


@pages.get("/<name>/edit")
@needs(Action.MANAGE_SOURCES)
def edit(name: str) -> ResponseReturnValue:
    """The form of a source; its secret is not in it."""
    return _form(catalogue.find(intake().engine, name).definition, new=False)


@pages.post("/<name>/edit")
@needs(Action.MANAGE_SOURCES)
def change(name: str) -> ResponseReturnValue:
    """Change a source."""
    before = catalogue.find(intake().engine, name).definition
    return _save(_wanted(name, before.kind), new=False)


@pages.post("/<name>/remove")
@needs(Action.MANAGE_SOURCES)
def remove(name: str) -> ResponseReturnValue:
    """Forget a source and its secret; its rows stay."""
    service = intake()
    catalogue.remove(service.engine, service.sources.credentials, name, actor=actor(), clock=service.clock)
    flash(t("page.sources.removed", name=name))
    return redirect(url_for("sources.overview"))


@pages.post("/<name>/test")
@needs(Action.RUN_SOURCES)
def test(name: str) -> ResponseReturnValue:
    """Each step of the self-test with its outcome."""
    service = intake()
    found = catalogue.find(service.engine, name)
    steps = service.sources.adapter(found.definition).self_test()
    return _answer("parts/source_test.html", name, steps=steps, at=service.clock())


@pages.post("/<name>/sync")
@needs(Action.RUN_SOURCES)
def begin(name: str) -> ResponseReturnValue:
    """Begin to synchronise; the answer says how far it is and asks again by itself."""
    service = intake()
    catalogue.find(service.engine, name)
    work = partial(bring, service, actor(), full=request.form.get("full") == "1")
    token = _syncs().start(SyncJob(name), work, "sync")
    return redirect(url_for("sources.progress", token=token), 303)


@pages.get("/progress/<token>")
@needs(Action.RUN_SOURCES)
def progress(token: str) -> ResponseReturnValue:
    """How far a synchronisation is."""
    job = _syncs().find(token)
    if job is None:
        raise NotFoundError("synchronisation")
    return _answer("parts/sync_progress.html", job.name, job=job, token=token)


@pages.post("/<name>/bypass")
@needs(Action.RUN_SOURCES)
def bypass(name: str) -> ResponseReturnValue:
    """Leave a source out for some hours, with a reason."""
    service = intake()
    until = service.clock() + timedelta(hours=min(forms.whole(request.form, "hours") or 0, 10_000))
    calendar.bypass(
        service.engine, name, until, forms.text(request.form, "reason", 500), actor=actor(), clock=service.clock
    )
    return redirect(url_for("sources.show", name=name))


@pages.post("/<name>/resume")
@needs(Action.RUN_SOURCES)
def resume(name: str) -> ResponseReturnValue:
    """End a bypass early."""
    service = intake()
    calendar.resume(service.engine, name, actor=actor(), clock=service.clock)
    flash(t("page.sources.resumed", name=name))
    return redirect(url_for("sources.show", name=name))


@pages.post("/maintenance")
@needs(Action.RUN_SOURCES)
def announce() -> ResponseReturnValue:
    """Enter a maintenance into the calendar."""
    service = intake()
    starts, ends = _moment("starts_at"), _moment("ends_at")
    calendar.announce(
        service.engine,
        forms.text(request.form, "what", 64),
        starts,
        ends,
        forms.text(request.form, "note", 500),
        actor=actor(),
        clock=service.clock,
    )
    flash(t("page.sources.announced"))
    return redirect(url_for("sources.overview") + "#maintenance")


@pages.post("/maintenance/<int:number>/cancel")
@needs(Action.RUN_SOURCES)
def cancel(number: int) -> ResponseReturnValue:
    """Take a maintenance back, or end it early."""
    service = intake()
    calendar.cancel(service.engine, number, actor=actor(), clock=service.clock)
    return redirect(url_for("sources.overview") + "#maintenance")


def lag_line(lags: tuple[int, ...]) -> dict[str, Any] | None:
    """The points of a line of lag in days, for an SVG of 120 by 28; None for fewer than two."""
    if len(lags) < 2:
        return None
    most = max(*lags, 1)
    step = (WIDTH - 8) / (len(lags) - 1)
    places = [(4 + index * step, HEIGHT - 4 - lag / most * (HEIGHT - 8)) for index, lag in enumerate(lags)]
    return {
        "points": " ".join(f"{x:.1f},{y:.1f}" for x, y in places),
        "last": places[-1],
        "most": max(lags),
        "now": lags[-1],
    }


def _answer(part: str, name: str, **values: Any) -> ResponseReturnValue:
    """A part of the source's page for the script, a whole page without it."""
    if "HX-Request" in request.headers:
        return render_template(part, **values)
    return render_template("source_answer.html", part=part, name=name, **values)


def _notices() -> tuple[state.Notice, ...]:
    service = intake()
    return state.notices(service.engine, service.clock())


def _form(wanted: Definition, *, new: bool, wrong: str = "", status: int = 200) -> ResponseReturnValue:
    service = intake()
    page = render_template(
        "source_form.html",
        wanted=wanted,
        new=new,
        wrong=wrong,
        mappings=mappings.all_mappings(service.engine),
        secret_set=not new and service.sources.credentials.get(wanted.name) is not None,
        hosts=sorted(service.sources.hosts),
    )
    return page, status


def _save(wanted: Definition, *, new: bool) -> ResponseReturnValue:
    service = intake()
    given = request.form.get("secret", "").strip()
    try:
        catalogue.save(
            service.engine,
            service.sources.credentials,
            wanted,
            SecretStr(given) if given else None,
            new=new,
            actor=actor(),
            clock=service.clock,
        )
    except SourceWrongError as error:
        return _form(wanted, new=new, wrong=error.field, status=422)
    flash(t("page.sources.saved", name=wanted.name))
    return redirect(url_for("sources.show", name=wanted.name))


def _wanted(name: str, kind: SourceKind | None = None) -> Definition:
    """The form as a definition; what is no number becomes one that is refused by its field."""
    given = request.form
    return Definition(
        name=name,
        kind=kind or forms.choice(given, "kind", SourceKind) or SourceKind.FOLDER,
        place=forms.text(given, "place", 500),
        query=given.get("query", "").strip()[:20_000],
        mapping=forms.text(given, "mapping", 64),
        every=timedelta(minutes=min(forms.whole(given, "every_minutes") or 0, 100_000)),
        overlap_days=_number("overlap_days"),
        first_day=_day("first_day"),
        seconds=float(_number("seconds")),
        enabled=given.get("enabled") == "1",
    )


def _number(name: str) -> int:
    found = forms.whole(request.form, name)
    return -1 if found is None else min(found, 1_000_000)


def _day(name: str) -> date | None:
    return forms.a_day(request.form, name)


def _moment(name: str) -> datetime:
    """A moment by the clock of China; one that is missing lies before every other and is refused."""
    try:
        return datetime.fromisoformat(request.form.get(name, "")).replace(tzinfo=BEIJING)
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=BEIJING)


def _syncs() -> Running[SyncJob]:
    found: Running[SyncJob] = current_app.extensions["syncs"]
    return found

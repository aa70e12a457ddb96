"""Imports of the register: a file becomes a draft with its difference, a draft is applied or given up, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake import views
from intake.errors import EmptyUploadError, NotFoundError
from intake.register import drafts, mappings
from intake.register.difference import Sample
from intake.register.mappings import ColumnMapping
from intake.register.rollback import blocked_by, roll_back
from intake.roles import Action
from intake.submit import safe_name
from web import forms
from web.language import t
from web.running import Job, Running, Task, perform
from web.security import actor, needs
from web.service import intake
from web.tables import Upload, promising, recognise

pages = Blueprint("imports", __name__, url_prefix="/register/imports")
SOURCE: Final = "tax-bureau"
LISTED: Final = 50
STATES: Final = ("draft", "applied", "rolled_back", "discarded", "failed")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the bar picture, `x` and `width` in thousandths."""

    kind: str
    count: int
    x: float
    width: float


def install(app: Flask) -> None:
    """Where running imports are kept."""
    app.extensions["running"] = Running[Job]()


def running() -> Running[Job]:
    """The imports of this process."""
    found: Running[Job] = current_app.extensions["running"]
    return found


@pages.get("")
@needs(Action.SEE_REGISTER)
def listing() -> ResponseReturnValue:
    """Every import with its state, and the mappings that are saved."""
    state, before = forms.text(request.args, "state", 16), forms.whole(request.args, "before")
    found = views.list_imports(intake().engine, LISTED + 1, state=state if state in STATES else "", before=before)
    return render_template(
        "imports.html",
        imports=found[:LISTED],
        older=found[LISTED - 1].id if len(found) > LISTED else None,
        state=state,
        states=STATES,
        mappings=mappings.all_mappings(intake().engine),
        known=known_sources(),
        source=SOURCE,
    )


def known_sources() -> list[str]:
    """Names of sources that have brought rows, for the form."""
    return sorted({SOURCE, *(one.name for one in intake().register.sources())} - {"manual"})


@pages.post("")
@needs(Action.IMPORT_REGISTER)
def upload() -> ResponseReturnValue:
    """Keep a file and begin to read it; the page of the work shows how far it is."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise EmptyUploadError("no table in the form")
    stored = intake().files.take(file.stream)
    if not stored.size:
        raise EmptyUploadError("an empty table")
    source = forms.text(request.form, "source", 64) or SOURCE
    given = Upload(stored.sha256, safe_name(file.filename), source)
    chosen = forms.text(request.form, "mapping", mappings.LONGEST)
    return begin(given, mappings.find(intake().engine, chosen) if chosen else None)


def begin(given: Upload, mapping: ColumnMapping | None) -> ResponseReturnValue:
    """Read a kept file beside the requests and show how far it is."""
    service, who, place = intake(), actor(), given.place

    def read(job: Job) -> None:
        found = mapping
        if found is None:
            known, found = recognise(service, place)
            job.unknown = not known and promising(place)
        if not job.unknown:
            draft = drafts.prepare(
                service.engine,
                service.files,
                place,
                given.name,
                source=given.source,
                mapping=found,
                actor=who,
                clock=service.clock,
                progress=job.progress,
            )
            job.import_id = draft.import_id

    return _watch(Job(Task.READ, given.name, given.ticket()), read)


def _watch(job: Job, work: Callable[[Job], None]) -> ResponseReturnValue:
    return redirect(url_for("imports.watch", token=running().start(job, partial(perform, work), job.task)))


@pages.get("/running/<token>")
@needs(Action.IMPORT_REGISTER)
def watch(token: str) -> ResponseReturnValue:
    """The page of work that runs or has just ended."""
    job = running().find(token)
    if job is None:
        flash(t("page.imports.lost_sight"))
        return redirect(url_for("imports.listing"))
    place = _after(job)
    return redirect(place) if place else render_template("importing.html", job=job, token=token)


@pages.get("/running/<token>/progress")
@needs(Action.IMPORT_REGISTER)
def progress(token: str) -> ResponseReturnValue:
    """How far the work is; asked again by the page until it has ended, which leads on to its outcome."""
    job = running().find(token)
    if job is None:
        raise NotFoundError("import")
    page = render_template("parts/import_progress.html", job=job, token=token)
    place = _after(job)
    return (page, {"HX-Redirect": place}) if place else page


def _after(job: Job) -> str | None:
    """Where finished work leads; None while it runs and when its own page says the outcome."""
    if not job.finished.is_set() or job.error:
        return None
    if job.unknown:
        return url_for("mappings.new", ticket=job.ticket)
    return url_for("imports.show", number=job.import_id) if job.task is Task.READ else None


@pages.get("/<int:number>")
@needs(Action.SEE_REGISTER)
def show(number: int) -> ResponseReturnValue:
    """A draft with its difference, or what an import did and whether it can be taken back."""
    engine = intake().engine
    found = views.show_import(engine, number)
    draft = drafts.find(engine, number) if found.state == "draft" else None
    return render_template(
        "import.html",
        found=found,
        draft=draft,
        parts=bar(found.new_rows, found.changed_rows, found.same_rows, found.refused_rows),
        words=words,
        later=blocked_by(engine, number) if found.state == "applied" else None,
        refusal_sum=refusal_sum([one[1] for one in found.refused]),
    )


@pages.post("/<int:number>/apply")
@needs(Action.IMPORT_REGISTER)
def apply(number: int) -> ResponseReturnValue:
    """Write a draft into the register."""
    service, who = intake(), actor()
    draft = drafts.find(service.engine, number)

    def work(job: Job) -> None:
        job.report = drafts.apply(
            service.engine, service.files, number, actor=who, clock=service.clock, progress=job.progress
        )
        job.again = service.rematch()

    return _watch(Job(Task.APPLY, draft.file_name, import_id=number), work)


@pages.post("/<int:number>/discard")
@needs(Action.IMPORT_REGISTER)
def discard(number: int) -> ResponseReturnValue:
    """Give a draft up."""
    drafts.discard(intake().engine, number, actor=actor(), clock=intake().clock)
    flash(t("page.imports.discarded"))
    return redirect(url_for("imports.listing"))


@pages.post("/<int:number>/replay")
@needs(Action.IMPORT_REGISTER)
def replay(number: int) -> ResponseReturnValue:
    """A new draft from the kept file of an earlier import."""
    service, who = intake(), actor()
    found = views.show_import(service.engine, number)

    def work(job: Job) -> None:
        draft = drafts.replay(
            service.engine, service.files, number, actor=who, clock=service.clock, progress=job.progress
        )
        job.import_id = draft.import_id

    return _watch(Job(Task.READ, found.file_name), work)


@pages.get("/<int:number>/undo")
@needs(Action.IMPORT_REGISTER)
def undo(number: int) -> ResponseReturnValue:
    """What taking an import back would undo, before it is done."""
    engine = intake().engine
    return render_template(
        "import_undo.html", found=views.show_import(engine, number), later=blocked_by(engine, number)
    )


@pages.post("/<int:number>/undo")
@needs(Action.IMPORT_REGISTER)
def undo_now(number: int) -> ResponseReturnValue:
    """Take an applied import back."""
    service, who = intake(), actor()
    found = views.show_import(service.engine, number)
    name = found.name
    if name is None:
        raise NotFoundError(f"applied import {number}")

    def work(job: Job) -> None:
        undone = roll_back(service.engine, name, actor=who, clock=service.clock)
        job.removed, job.restored, job.unsupported = undone.removed, undone.restored, undone.unsupported
        service.rematch()

    return _watch(Job(Task.ROLL_BACK, name, import_id=number), work)


def bar(new: int, changed: int, same: int, refused: int) -> tuple[Part, ...]:
    """The rows of a file side by side; what is there is at least a hundredth wide, so that one row is seen."""
    counts = [("new", new), ("changed", changed), ("same", same), ("refused", refused)]
    there = [(kind, count) for kind, count in counts if count]
    total, free = sum(count for _, count in there), 1000 - 10 * len(there)
    parts, x = [], 0.0
    for kind, count in there:
        width = 10 + free * count / total
        parts.append(Part(kind, count, round(x, 1), round(width, 1)))
        x += width
    return tuple(parts)


def words(column: str, sample: Sample, side: str) -> str | None:
    """What a sample says of a column before or after, for people."""
    said = sample.before if side == "before" else sample.after
    value = said.get(column) if said else None
    if value is None or value == "":
        return None
    if column == "kind":
        return t(f"kind.{value}")
    return t(f"register_status.{value}") if column == "status" else value


def refusal_sum(reasons: list[str]) -> dict[str, int]:
    """How often each reason refused a row, the most frequent first."""
    return {
        reason: reasons.count(reason) for reason in sorted(set(reasons), key=lambda one: (-reasons.count(one), one))
    }

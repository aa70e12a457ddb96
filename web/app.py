"""The Flask application: blueprints, what templates may use, and the order of the guards."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib import resources
from typing import Any, cast

from flask import Flask, current_app, g, url_for
from werkzeug.middleware.proxy_fix import ProxyFix

from intake import views
from intake.roles import Action, allows
from intake.wiring import Intake
from ocr.types import ADVICE, RETAKE
from web import (
    admin,
    api,
    auth,
    beside,
    card,
    cases,
    companies,
    conflicts,
    deciding,
    documents,
    errors,
    gaps,
    helping,
    imports,
    keysheet,
    many,
    mappings,
    navigation,
    official,
    oversee,
    paper,
    phone,
    present,
    printing,
    reasons,
    regions,
    register,
    review,
    sampling,
    second,
    security,
    sources,
    statics,
    tus,
    upload,
    uses,
)
from web.catalog import Language, has
from web.language import language, say, short, t

BLUEPRINTS = (
    auth.pages,
    upload.pages,
    tus.pages,
    phone.pages,
    documents.pages,
    many.pages,
    printing.pages,
    review.pages,
    second.pages,
    deciding.pages,
    uses.pages,
    conflicts.pages,
    register.pages,
    gaps.pages,
    regions.pages,
    oversee.pages,
    sampling.pages,
    imports.pages,
    mappings.pages,
    admin.pages,
    companies.pages,
    official.pages,
    cases.pages,
    sources.pages,
    helping.pages,
    api.pages,
)


def create_app(intake: Intake) -> Flask:
    """The web pages over a wired service."""
    settings = intake.settings
    app = Flask("web")
    app.jinja_options = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    security.configure(
        app,
        secret=settings.secret_key.get_secret_value(),
        secure=settings.secure_cookies,
        hours=settings.session_hours,
        max_upload=settings.max_upload,
    )
    app.extensions["intake"] = intake
    hops = settings.behind_proxy
    if hops:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # the documented way to wrap the application
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    auth.install(app)
    security.guard(app, auth.who)
    errors.install(app)
    paper.install(app)
    reasons.install(app)
    beside.install(app)
    card.install(app)
    official.install(app)
    oversee.install(app)
    imports.install(app)
    sources.install(app)
    app.view_functions["static"] = security.public(statics.static)
    for pages in BLUEPRINTS:
        app.register_blueprint(pages)
    app.context_processor(_names)
    app.jinja_env.filters.update(
        money=present.money,
        day=present.day,
        moment=present.moment,
        clock=present.clock,
        size=present.size,
        millis=present.millis,
        digits=present.digits,
        box=present.box,
        ordered=present.ordered,
    )
    app.jinja_env.globals.update(
        t=t,
        say=say,
        short=short,
        has_text=has,
        icon=present.icon,
        ADVICE=ADVICE,
        RETAKE=RETAKE,
        REFUSALS=second.REFUSALS,
        field_value=present.field_value,
        vendor=vendor,
        static=_static_url,
        days_since=present.days_since,
        until=present.until,
        places=navigation.places,
        more=navigation.more,
        is_here=navigation.is_here,
        keys_of=keysheet.of_page,
        KEYS_EVERYWHERE=keysheet.EVERYWHERE,
        Action=Action,
        Language=Language,
    )
    return app


@cache
def _manifest() -> dict[str, Any]:
    place = resources.files("web") / "static" / "vendor" / "manifest.json"
    return cast("dict[str, Any]", json.loads(place.read_text("utf-8")))


def vendor(name: str) -> dict[str, str]:
    """Address and integrity of a front-end library fetched at build time."""
    manifest = _manifest()
    return {
        "url": url_for("static", filename=f"vendor/{name}", v=manifest["stamp"][:12]),
        "integrity": manifest["files"][name],
    }


def _static_url(name: str) -> str:
    """Address of an own file, with a version made of its content."""
    return url_for("static", filename=name, v=_version(name))


@cache
def _version(name: str) -> str:

    return hashlib.sha256((resources.files("web") / "static" / name).read_bytes()).hexdigest()[:12]


def _names() -> dict[str, Any]:
    """What every template may use: the person, the language, what waits in the queues."""
    person = g.get("actor")
    intake: Intake = current_app.extensions["intake"]
    waiting = views.waiting(intake.engine, person) if person and allows(person.role, Action.SEE_DOCUMENTS) else None
    return {
        "actor": person,
        "may": (lambda action: person is not None and allows(person.role, action)),
        "language": language(),
        "waiting": waiting,
        "settling": views.counts(intake.engine) if waiting else None,
    }

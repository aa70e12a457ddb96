"""The page of the phone: installable, and open without a network. It holds nothing of any person; what it needs to know
of who is signed in it asks for when there is a network. The service worker keeps this page and its scripts, never
an answer with data.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final, cast

from flask import Blueprint, Response, current_app, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from intake.roles import Action
from web.language import language, t
from web.security import actor, needs, public
from web.service import intake

pages = Blueprint("phone", __name__, url_prefix="/phone")
SCRIPTS: Final = ("sending.js", "shots.js", "edges.js", "outline.js", "phone.js", "cards.js")
STYLES: Final = ("intake.css", "home.css", "phone.css")
ICONS: Final = ("icon.svg", "icon-192.png", "icon-512.png", "icon-mask.png")


def _tools() -> dict[str, Any]:
    """The addresses of files as templates make them."""
    return cast("dict[str, Any]", current_app.jinja_env.globals)


@pages.get("/")
@public
def shell() -> ResponseReturnValue:
    """Take pictures, see their edges, send them now or when there is a network."""
    return render_template("phone.html", limit=intake().settings.max_upload, scripts=SCRIPTS, styles=STYLES)


@pages.get("/me")
@needs(Action.SUBMIT)
def me() -> ResponseReturnValue:
    """Who is signed in, and the token of the session."""
    return jsonify(login=actor().login, token=generate_csrf())


@pages.get("/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """What a phone needs to know to install the page."""
    static = _tools()["static"]
    shapes = (
        ("icon-192.png", "192x192", "any"),
        ("icon-512.png", "512x512", "any"),
        ("icon-mask.png", "512x512", "maskable"),
    )
    icons = [{"src": static(name), "sizes": sizes, "type": "image/png", "purpose": use} for name, sizes, use in shapes]
    said = jsonify(
        id=url_for("phone.shell"),
        name=t("app.name"),
        short_name=t("page.phone.short"),
        lang="zh-CN" if language() == "zh" else "en",
        start_url=url_for("phone.shell"),
        scope="/",
        display="standalone",
        background_color="#f5f6f3",
        theme_color="#1f4f82",
        icons=icons,
    )
    said.mimetype = "application/manifest+json"
    return said


@pages.get("/sw.js")
@public
def worker() -> ResponseReturnValue:
    """The service worker; its scope is this page alone. It changes with any file that it keeps."""
    jinja = _tools()
    kept = [jinja["static"](name) for name in (*STYLES, *SCRIPTS, *ICONS)]
    kept.append(jinja["vendor"]("pico.min.css")["url"])
    text = render_template("phone_worker.js", kept=kept, page=url_for("phone.shell"))
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Response(text.replace("VERSION_OF_THE_SHELL", version), mimetype="text/javascript")

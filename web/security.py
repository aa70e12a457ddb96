"""What guards every request: headers, CSRF, session rules, and the right each page asks for.

Every view is marked with :func:`needs`, :func:`signed_in` or :func:`public`; a request to a view without a mark is
refused, so a page that was forgotten is closed, not open.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request, session
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect

from intake.model import Actor
from intake.roles import Action, require

View = TypeVar("View", bound=Callable[..., Any])
MARK: Final = "_needs"


class Access(Enum):
    """Who may see a page that asks for no action."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"


CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "img-src 'self' data:; "  # data: the arrows in Pico's selects
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), payment=(), usb=()",
}

csrf = CSRFProtect()


def make_limiter() -> Limiter:
    """Counts attempts in the memory of this process; one for each application."""
    return Limiter(get_remote_address, storage_uri="memory://", headers_enabled=False)


def needs(action: Action) -> Callable[[View], View]:
    """Mark a view with the action its visitor must be allowed to do."""
    return _mark(action)


def public(view: View) -> View:
    """Mark a view that anybody may see."""
    return _mark(Access.PUBLIC)(view)


def signed_in(view: View) -> View:
    """Mark a view that every signed-in person may see."""
    return _mark(Access.SIGNED_IN)(view)


def _mark(mark: Action | Access) -> Callable[[View], View]:
    def apply(view: View) -> View:
        setattr(view, MARK, mark)
        return view

    return apply


def table(app: Flask) -> dict[str, Action | Access | None]:
    """What each endpoint asks for; None for one that was forgotten (and is therefore closed)."""
    return {name: getattr(view, MARK, None) for name, view in app.view_functions.items()}


def actor() -> Actor:
    """Who is signed in. Only called in views that are not public."""
    person: Actor = g.actor
    return person


class SignInNeededError(Exception):
    """Please sign in – your session may have ended."""

    code = "sign_in_needed"


class ForgottenPageError(Exception):
    """This page asks for no right and is therefore closed – tell the administrator."""

    code = "forbidden"


def guard(app: Flask, who: Callable[[], Actor | None]) -> None:
    """Check rights, CSRF and headers on every request of the application.

    `who` names the signed-in person or None. Requests that carry an ``Authorization`` header prove themselves
    with it and cannot be forged by another site, so they need no CSRF token.
    """
    csrf.init_app(app)
    app.after_request(_add_headers)

    @app.before_request
    def _check() -> None:
        if request.endpoint is None:
            return  # no such page: 404 follows
        mark = getattr(app.view_functions[request.endpoint], MARK, None)
        if mark is None:
            raise ForgottenPageError
        g.actor = None if request.endpoint == "static" else who()
        # The right comes before the token: reading the token reads the body, which only those who may send it deserve.
        if mark is not Access.PUBLIC:
            if g.actor is None:
                raise SignInNeededError
            if isinstance(mark, Action):
                require(g.actor, mark)
        if request.method not in {"GET", "HEAD", "OPTIONS"} and not g.get("by_header", False):
            csrf.protect()


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def begin_session(now: datetime) -> None:
    """Note when the person signed in; a session ends a fixed time later, however busy it was."""
    session.permanent = True
    session["since"] = int(now.timestamp())


def session_is_over(now: datetime, hours: float) -> bool:
    """Whether the person must sign in again."""
    since = session.get("since")
    return not isinstance(since, int) or datetime.fromtimestamp(since, UTC) + timedelta(hours=hours) <= now


def safe_target(target: str | None, otherwise: str) -> str:
    """A path of this site to go on to, or `otherwise`: no other host, no scheme, no back-slash tricks."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return otherwise
    if any(ord(char) < 0x20 or char == "\\" for char in target):
        return otherwise
    parts = urlsplit(target)
    return otherwise if parts.scheme or parts.netloc else target


def configure(app: Flask, *, secret: str, secure: bool, hours: float, max_upload: int) -> None:
    """Cookie flags and limits of the application."""
    app.config.update(
        SECRET_KEY=secret,
        SESSION_COOKIE_NAME="intake",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=hours),
        MAX_CONTENT_LENGTH=max_upload + 1024 * 1024,  # the file and the form around it
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=1000,
        WTF_CSRF_CHECK_DEFAULT=False,  # done in the guard, after the person is known
        WTF_CSRF_TIME_LIMIT=None,  # a form left open over lunch must still be sent; the session bounds it
    )

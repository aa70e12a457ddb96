"""Sign-in, sign-out, own password, language."""

from __future__ import annotations

from typing import Final, cast

import structlog
from flask import Blueprint, Flask, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from limits import parse_many
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Request

from intake import accounts
from intake.accounts import Account
from intake.model import Actor
from web import language as languages
from web.language import t
from web.security import begin_session, make_limiter, public, safe_target, session_is_over, signed_in
from web.service import intake

log = structlog.get_logger()
pages = Blueprint("auth", __name__)

ATTEMPTS: Final = tuple(parse_many("10 per minute; 60 per hour"))  # failures of one address, or for one login
SHORTEST: Final = 10


class Person(UserMixin):  # type: ignore[misc]  # flask_login has no types
    """A signed-in account; the id in the session ends with the account's session version, which a new password raises."""

    def __init__(self, account: Account) -> None:
        """`account` is active."""
        self.account = account

    def get_id(self) -> str:
        """What the session keeps."""
        return f"{self.account.id}:{self.account.session_version}"

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return Actor(self.account.id, self.account.login, self.account.role)


def install(app: Flask) -> None:
    """Sessions by flask-login, a limit on attempts."""
    manager = LoginManager(app)
    manager.session_protection = None  # the session is signed, dated and bound to the account's session version
    manager.user_loader(_by_session)
    manager.request_loader(_by_header)
    limiter = make_limiter()
    limiter.init_app(app)
    app.extensions["attempts"] = limiter


def who() -> Actor | None:
    """The signed-in person of this request, by session or by ``Authorization`` header."""
    return current_user.actor if current_user.is_authenticated else None


def _by_session(identity: str) -> Person | None:
    number, _, version = identity.partition(":")
    service = intake()
    if session_is_over(service.clock(), service.settings.session_hours) or not number.isdigit():
        return None
    account = accounts.get(service.engine, int(number))
    if account is None or not account.active or str(account.session_version) != version:
        return None
    return Person(account)


def _by_header(incoming: Request) -> Person | None:
    """HTTP Basic for programs that use the JSON interface; never asked for, so browsers do not remember it."""
    given = incoming.authorization
    if given is None or given.type != "basic" or not incoming.path.startswith("/api/"):
        return None
    login, password = given.username or "", given.password or ""
    account = check_password(login, password)
    if account is None:
        return None
    g.by_header = True
    return Person(account)


def check_password(login: str, password: str) -> Account | None:
    """The account behind login and password; failures are counted for the address and for the login.

    Raises TooManyRequests (429) when either has failed too often of late.
    """
    counter = cast("Limiter", current_app.extensions["attempts"]).limiter
    keys = (f"address:{request.remote_addr}", f"login:{login.casefold()[:64]}")
    if not all(counter.test(limit, key) for limit in ATTEMPTS for key in keys):
        log.warning("too many attempts to sign in", login=login[:64], address=request.remote_addr)
        raise TooManyRequests
    account = accounts.authenticate(intake().engine, login, password)
    if account is None:
        for limit in ATTEMPTS:
            for key in keys:
                counter.hit(limit, key)
        _note(login, "sign_in_failed")
    return account


def _note(login: str, act: str) -> None:
    accounts.note_sign_in(intake().engine, login, act, address=request.remote_addr or "", clock=intake().clock)


@pages.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """The form."""
    target = safe_target(request.args.get("next"), url_for("upload.home"))
    if g.actor is not None:
        return redirect(target)
    return render_template("sign_in.html", target=target, login="", failed=False)


@pages.post("/sign-in")
@public
def sign_in_now() -> ResponseReturnValue:
    """Check login and password; a new session begins, so that one fixed before is worth nothing."""
    target = safe_target(request.form.get("next"), url_for("upload.home"))
    login = request.form.get("login", "").strip()
    account = check_password(login, request.form.get("password", ""))
    if account is None:
        log.info("sign-in refused", login=login[:64], address=request.remote_addr)
        return render_template("sign_in.html", target=target, login=login, failed=True), 401
    chosen = languages.language()
    session.clear()
    languages.choose(chosen)
    login_user(Person(account))
    begin_session(intake().clock())
    _note(login, "signed_in")
    return redirect(target)


@pages.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End the session."""
    chosen = languages.language()
    person = who()
    if person is not None:
        _note(person.login, "signed_out")
    logout_user()
    session.clear()
    languages.choose(chosen)
    return redirect(url_for("auth.sign_in"))


@pages.post("/language")
@public
def language() -> ResponseReturnValue:
    """Switch the language and go back."""
    languages.choose(request.form.get("language", ""))
    return redirect(safe_target(request.form.get("next"), url_for("upload.home")))


@pages.get("/password")
@signed_in
def password() -> ResponseReturnValue:
    """The form for a new password."""
    return render_template("password.html", problem="")


@pages.post("/password")
@signed_in
def change_password() -> ResponseReturnValue:
    """Set a new password; other sessions of the account end."""
    old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
    if new != again:
        return render_template("password.html", problem="password.differs"), 422
    if len(new) < SHORTEST:
        return render_template("password.html", problem="password.short"), 422
    if check_password(g.actor.login, old) is None:
        return render_template("password.html", problem="password.wrong"), 422
    service = intake()
    accounts.set_password(service.engine, g.actor.id, new, actor=g.actor, clock=service.clock)
    account = accounts.get(service.engine, g.actor.id)
    if account is not None:
        login_user(Person(account))
        begin_session(service.clock())
    flash(t("password.changed"))
    return redirect(url_for("upload.home"))

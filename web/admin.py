"""Accounts, the status of the desk, the audit log."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake import accounts, audit, views
from intake import status as counting
from intake.errors import ForbiddenError
from intake.model import Role
from intake.roles import Action
from web import forms
from web.language import t
from web.security import actor, needs
from web.service import intake

pages = Blueprint("admin", __name__)


@pages.get("/status")
@needs(Action.SEE_STATUS)
def status() -> ResponseReturnValue:
    """What was received and what became of it, how far the register reaches, what waits."""
    service = intake()
    return render_template(
        "status.html",
        counts=counting.counts(service.engine),
        sources=service.register.sources(),
        now=service.clock(),
        depth=service.courier.depth(),
        weaker=counting.weaker(),
    )


@pages.get("/admin/accounts")
@needs(Action.MANAGE_ACCOUNTS)
def accounts_page() -> ResponseReturnValue:
    """Everybody who may sign in."""
    return render_template(
        "accounts.html", people=accounts.list_accounts(intake().engine), roles=_roles(), made=None, given={}
    )


@pages.post("/admin/accounts")
@needs(Action.MANAGE_ACCOUNTS)
def create_account() -> ResponseReturnValue:
    """Make an account; its password is shown on the answer and nowhere else."""
    service = intake()
    login, name = forms.text(request.form, "login", 64), forms.text(request.form, "name", 64)
    role = forms.choice(request.form, "role", Role)
    if not login or not name or role is None or role is Role.SERVICE:
        flash(t("page.accounts.incomplete"))
        return redirect(url_for("admin.accounts_page"))
    made = accounts.create(service.engine, login, name, role, actor=actor(), clock=service.clock)
    return _people(made)


@pages.post("/admin/accounts/<int:number>/password")
@needs(Action.MANAGE_ACCOUNTS)
def reset_password(number: int) -> ResponseReturnValue:
    """Give a new password, shown on the answer and nowhere else; the person's sessions end."""
    service = intake()
    password = accounts.set_password(service.engine, number, actor=actor(), clock=service.clock)
    account = accounts.get(service.engine, number)
    return _people((account, password) if account else None)


@pages.post("/admin/accounts/<int:number>/role")
@needs(Action.MANAGE_ACCOUNTS)
def set_role(number: int) -> ResponseReturnValue:
    """Change what an account may be; nobody changes the own role, so that one administrator always stays."""
    if number == actor().id:
        raise ForbiddenError("own role")
    role = forms.choice(request.form, "role", Role)
    if role is not None and role is not Role.SERVICE:
        accounts.set_role(intake().engine, number, role, actor=actor(), clock=intake().clock)
    return redirect(url_for("admin.accounts_page"))


@pages.post("/admin/accounts/<int:number>/active")
@needs(Action.MANAGE_ACCOUNTS)
def set_active(number: int) -> ResponseReturnValue:
    """Close an account or open it again; nobody closes the own one."""
    if number == actor().id:
        raise ForbiddenError("own account")
    active = request.form.get("active") == "1"
    accounts.set_active(intake().engine, number, active=active, actor=actor(), clock=intake().clock)
    return redirect(url_for("admin.accounts_page"))


def _people(made: tuple[accounts.Account, str] | None) -> ResponseReturnValue:
    people = accounts.list_accounts(intake().engine)
    return render_template("accounts.html", people=people, roles=_roles(), made=made, given={})


def _roles() -> list[Role]:
    return [role for role in Role if role is not Role.SERVICE]


@pages.get("/admin/audit")
@needs(Action.SEE_AUDIT)
def audit_page() -> ResponseReturnValue:
    """The audit log, the latest first; with ``check`` the whole chain is verified."""
    service = intake()
    text, before = forms.text(request.args, "q", 64), forms.whole(request.args, "before")
    return render_template(
        "audit.html",
        page=views.audit_page(service.engine, text=text, before=before),
        text=text,
        head=audit.head(service.engine),
        breaks=audit.verify(service.engine) if request.args.get("check") else None,
        older=lambda number: url_for("admin.audit_page") + "?" + urlencode({"q": text, "before": number}),
    )

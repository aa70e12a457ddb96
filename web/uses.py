"""核销: what may be used, is locked, used or frozen; many at once by ticking; the same acts as JSON for programs.

``GET /api/uses/<invoice>`` says whether an invoice may be used and how far its use is; ``POST /api/uses/<invoice>/lock``
(with ``voucher``), ``…/use``, ``…/freeze`` and ``…/release`` (with ``reason``) act. A refusal is 409 with its reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake import views
from intake.errors import IntakeError, UseBlockedError
from intake.roles import Action
from intake.uses import Result, Use
from intake.views.uses import TABS
from web import forms
from web.language import say, t
from web.security import actor, needs
from web.service import intake

pages = Blueprint("uses", __name__)

MOST: Final = 200  # invoices of one form
LONGEST: Final = 1000  # characters of a reason
Act: TypeAlias = Callable[[int], Use | None]


@pages.get("/uses")
@needs(Action.SEE_DOCUMENTS)
def listing() -> ResponseReturnValue:
    """One tab of the list."""
    return _page()


def _page(results: tuple[Result, ...] = (), status: int = 200) -> ResponseReturnValue:
    given = request.args if request.method == "GET" else request.form
    tab = given.get("tab", "")
    tab = tab if tab in TABS else TABS[0]
    text = forms.text(given, "q")
    before = forms.whole(given, "before")
    page = views.list_uses(intake().engine, tab, text=text, before=before)
    alarms = views.counts(intake().engine).alarms
    voucher = forms.text(given, "voucher")
    body = render_template(
        "uses.html", tab=tab, tabs=TABS, page=page, q=text, alarms=alarms, results=results, voucher=voucher, why=why
    )
    return body, status


def why(error: IntakeError) -> list[str]:
    """The sentences of a refusal."""
    if isinstance(error, UseBlockedError):
        return [t(f"use_block.{block}") for block in error.blocks]
    return [say(error.code)]


@pages.post("/uses/lock")
@needs(Action.LOCK_INVOICE)
def lock() -> ResponseReturnValue:
    """Lock what is ticked for a voucher."""
    voucher = forms.text(request.form, "voucher")
    return _do(lambda number: intake().uses.lock(actor(), number, voucher), "locked")


@pages.post("/uses/use")
@needs(Action.USE_INVOICE)
def use() -> ResponseReturnValue:
    """Use what is ticked."""
    return _do(lambda number: intake().uses.use(actor(), number), "used")


@pages.post("/uses/freeze")
@needs(Action.CLOSE_USES)
def freeze() -> ResponseReturnValue:
    """Freeze what is ticked, after its vouchers were archived."""
    return _do(lambda number: intake().uses.freeze(actor(), number), "frozen")


@pages.post("/uses/release")
@needs(Action.LOCK_INVOICE)
def release() -> ResponseReturnValue:
    """Give back what is ticked."""
    reason = forms.text(request.form, "reason", LONGEST)
    return _do(lambda number: intake().uses.release(actor(), number, reason), "released")


@pages.post("/uses/answer")
@needs(Action.CLOSE_USES)
def answer() -> ResponseReturnValue:
    """Write down how the alarms of what is ticked were dealt with."""
    note = forms.text(request.form, "reason", LONGEST)
    return _do(lambda number: intake().uses.answer_alarm(actor(), number, note), "answered")


def _do(act: Act, done: str) -> ResponseReturnValue:
    """Act on every ticked invoice; when all went well go back, else say of each what became of it."""
    numbers = _ticked(request.form.getlist("invoice"))
    results = tuple(intake().uses.many(numbers, act))
    if results and all(result.error is None for result in results):
        flash(t(f"page.uses.did.{done}", n=len(results)))
        if request.form.get("back") == "document":
            return redirect(url_for("documents.of_invoice", number=numbers[0]))
        return redirect(url_for("uses.listing", tab=request.form.get("tab"), q=request.form.get("q") or None))
    return _page(results, 409 if results else 400)


def _ticked(given: Iterable[str]) -> list[int]:
    numbers = [forms.whole({"id": value}, "id") for value in list(given)[:MOST]]
    return [number for number in numbers if number is not None]


@pages.get("/api/uses/<int:number>")
@needs(Action.SEE_DOCUMENTS)
def api_show(number: int) -> ResponseReturnValue:
    """Whether an invoice may be used, and how far its use is."""
    found = intake().uses.check(number)
    used = views.use_of_invoice(intake().engine, number)
    return jsonify(
        invoice=number,
        free=found.free and used is None,
        blocks=[{"code": block.value, "message": t(f"use_block.{block.value}")} for block in found.blocks],
        amount=None if found.amount is None else f"{found.amount:.2f}",
        register_status=found.status,
        unreachable=list(found.unreachable),
        state=used.state if used else None,
        voucher=used.voucher if used else None,
    )


@pages.post("/api/uses/<int:number>/lock")
@needs(Action.LOCK_INVOICE)
def api_lock(number: int) -> ResponseReturnValue:
    """Lock an invoice for a voucher."""
    voucher = forms.text(request.form, "voucher")
    return _api(number, lambda one: intake().uses.lock(actor(), one, voucher))


@pages.post("/api/uses/<int:number>/use")
@needs(Action.USE_INVOICE)
def api_use(number: int) -> ResponseReturnValue:
    """Use a locked invoice."""
    return _api(number, lambda one: intake().uses.use(actor(), one))


@pages.post("/api/uses/<int:number>/freeze")
@needs(Action.CLOSE_USES)
def api_freeze(number: int) -> ResponseReturnValue:
    """Freeze a used invoice."""
    return _api(number, lambda one: intake().uses.freeze(actor(), one))


@pages.post("/api/uses/<int:number>/release")
@needs(Action.LOCK_INVOICE)
def api_release(number: int) -> ResponseReturnValue:
    """Give a lock back."""
    reason = forms.text(request.form, "reason", LONGEST)
    return _api(number, lambda one: intake().uses.release(actor(), one, reason))


def _api(number: int, act: Act) -> ResponseReturnValue:
    try:
        used = act(number)
    except UseBlockedError as error:
        blocks = [{"code": block, "message": t(f"use_block.{block}")} for block in error.blocks]
        return jsonify(error=error.code, message=say(error.code), blocks=blocks), 409
    if used is None:
        return jsonify(invoice=number, state=None)
    return jsonify(
        invoice=number,
        state=used.state.value,
        voucher=used.voucher,
        amount=None if used.amount is None else f"{used.amount:.2f}",
        register_status=used.register_status,
        unreachable=list(used.unreachable),
    )

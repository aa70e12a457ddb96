"""Cases: contact with support, prepared, kept with its owner and its day, and answered."""

from __future__ import annotations

import io
from typing import Final

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from intake import views
from intake.errors import EntryIncompleteError, NotFoundError
from intake.official import cases
from intake.official.bundle import bundle
from intake.official.masking import shows_people
from intake.official.walk import ADDRESSEES, Addressee, CaseState
from intake.roles import Action
from intake.views.rows import DocumentView, InvoiceView
from web import forms
from web.language import t
from web.letters import letter
from web.security import actor, needs
from web.service import intake

pages = Blueprint("cases", __name__, url_prefix="/cases")
KEPT: Final = "private, no-store"


@pages.get("")
@needs(Action.SEE_DOCUMENTS)
def listing() -> ResponseReturnValue:
    """Cases, those due first; open ones unless another state is asked for."""
    service = intake()
    asked = request.args.get("state", CaseState.OPEN.value)
    state = forms.choice({"state": asked}, "state", CaseState)
    found = cases.list_cases(service.engine, state)
    return render_template("cases.html", cases=found, state=state, states=list(CaseState), now=service.clock())


@pages.get("/about/<int:number>")
@needs(Action.ENTER)
def prepare(number: int) -> ResponseReturnValue:
    """A letter about an invoice, to look over before it is sent."""
    return _prepared(number)


@pages.post("/about/<int:number>")
@needs(Action.ENTER)
def open_case(number: int) -> ResponseReturnValue:
    """Keep the letter as a case of this person."""
    service = intake()
    to = forms.choice(request.form, "to", Addressee)
    body = request.form.get("body", "").replace("\r\n", "\n")[: cases.LONGEST]
    if to is None:
        return _prepared(number, wrong=("to",))
    try:
        made = cases.open_case(service.engine, actor(), number, to, body, clock=service.clock)
    except EntryIncompleteError as error:
        return _prepared(number, wrong=error.fields)
    flash(t("page.cases.opened"))
    return redirect(url_for("cases.show", number=made))


@pages.get("/<int:number>")
@needs(Action.SEE_DOCUMENTS)
def show(number: int) -> ResponseReturnValue:
    """One case."""
    return _case(number)


@pages.get("/<int:number>/letter.txt")
@needs(Action.SEE_DOCUMENTS)
def text(number: int) -> ResponseReturnValue:
    """The letter as a text file."""
    found = cases.find_case(intake().engine, number)
    response = Response(found.body, mimetype="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f"attachment; filename=case-{number}.txt"
    response.headers["Cache-Control"] = KEPT
    return response


@pages.get("/<int:number>/bundle.zip")
@needs(Action.SEE_DOCUMENTS)
def packed(number: int) -> ResponseReturnValue:
    """The letter with the pictures, people's data covered."""
    service = intake()
    data = bundle(service.engine, service.files, number)
    response = send_file(io.BytesIO(data), "application/zip", as_attachment=True, download_name=f"case-{number}.zip")
    response.headers["Cache-Control"] = KEPT
    return response


@pages.post("/<int:number>/answer")
@needs(Action.ENTER)
def answer(number: int) -> ResponseReturnValue:
    """Write down what was answered."""
    service = intake()
    said = request.form.get("answer", "").replace("\r\n", "\n")
    try:
        cases.answer_case(service.engine, actor(), number, said, clock=service.clock)
    except EntryIncompleteError as error:
        return _case(number, wrong=error.fields)
    flash(t("page.cases.answered"))
    return redirect(url_for("cases.show", number=number))


@pages.post("/<int:number>/take")
@needs(Action.ENTER)
def take(number: int) -> ResponseReturnValue:
    """Become the owner."""
    service = intake()
    cases.take_case(service.engine, actor(), number, clock=service.clock)
    return redirect(url_for("cases.show", number=number))


@pages.post("/<int:number>/close")
@needs(Action.ENTER)
def close(number: int) -> ResponseReturnValue:
    """Nothing more is expected."""
    service = intake()
    cases.close_case(service.engine, actor(), number, clock=service.clock)
    flash(t("page.cases.closed"))
    return redirect(url_for("cases.show", number=number))


def _prepared(number: int, wrong: tuple[str, ...] = ()) -> ResponseReturnValue:
    service = intake()
    now = service.clock()
    doc, found = _invoice(number)
    diagnosis = found.diagnosis
    if diagnosis is None:
        raise NotFoundError(f"diagnosis of invoice {number}")
    asked = forms.choice(request.values, "to", Addressee)
    to = asked or ADDRESSEES.get(diagnosis.cause, Addressee.SELLER)
    card = views.card(service.engine, found, service.register.sources(), now)
    body = letter(
        to,
        found.invoice,
        diagnosis,
        receipt=doc.row.receipt,
        steps=card.steps if card else (),
        history=card.history if card else (),
        now=now,
    )
    page = render_template(
        "case_new.html",
        found=found,
        doc=doc,
        to=to,
        addressees=list(Addressee),
        body=request.form.get("body") or body,
        due=cases.due_at(to, now),
        people=shows_people(found.invoice),
        wrong=wrong,
        now=now,
    )
    return page, 422 if wrong else 200


def _case(number: int, wrong: tuple[str, ...] = ()) -> ResponseReturnValue:
    service = intake()
    found = cases.find_case(service.engine, number)
    people = found.invoice_id is not None and shows_people(_invoice(found.invoice_id)[1].invoice)
    page = render_template("case.html", case=found, wrong=wrong, people=people, now=service.clock())
    return page, 422 if wrong else 200


def _invoice(number: int) -> tuple[DocumentView, InvoiceView]:
    service = intake()
    doc = views.show_document(service.engine, views.invoice_document(service.engine, number))
    return doc, next(one for one in doc.invoices if one.id == number)

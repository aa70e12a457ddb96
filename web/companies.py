"""Our companies: the list with its picture, entries added and corrected, names ended, the file, and a try of a title."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake import companies, company_file
from intake.clock import day_of
from intake.companies import Ending, Entry
from intake.errors import CompanyRefusedError, ConfigurationError, NotFoundError
from intake.model import Company, CompanyChange, FusedField, Invoice
from intake.roles import Action
from intake.titles import Ours, Sister, TitleCheck, Wrong, check_title
from ocr.normalise import normalise
from ocr.types import FieldName, FieldValue, Kind, Source
from web import forms
from web.language import t
from web.security import actor, needs
from web.service import intake
from web.timeline import pictures

pages = Blueprint("companies", __name__, url_prefix="/admin/companies")
WORDS: Final = {Ours: "ours", Sister: "sister", Wrong: "wrong", type(None): "unsaid"}


@dataclass(frozen=True, slots=True)
class Trial:
    """A title that somebody tries out, and what the desk says of it."""

    name: str
    tax_id: str
    day: date
    found: TitleCheck

    @property
    def word(self) -> str:
        """ours, sister, wrong or unsaid."""
        return WORDS[type(self.found)]


@pages.get("")
@needs(Action.SEE_REGISTER)
def listing() -> ResponseReturnValue:
    """Our own companies under every name they had, a picture a group, and what the desk says of a title."""
    entries = companies.entries(intake().engine)
    today = day_of(intake().clock())
    return render_template(
        "companies.html",
        entries=entries,
        pictures=pictures(entries, today),
        today=today,
        trial=_trial(request.args, entries, today),
        names=_names(entries),
    )


@pages.get("/new")
@needs(Action.MANAGE_COMPANIES)
def new() -> ResponseReturnValue:
    """The form of an entry to add."""
    return _form({}, None)


@pages.post("")
@needs(Action.MANAGE_COMPANIES)
def add() -> ResponseReturnValue:
    """Add a company; one with the same name and tax id is changed instead."""
    company = _company(request.form)
    if company is None:
        return _form(request.form, None, t("page.companies.incomplete")), 422
    try:
        companies.save(intake().engine, [company], actor=actor(), clock=intake().clock)
    except CompanyRefusedError as error:
        return _form(request.form, None, _flaw(error)), 422
    flash(t("page.companies.saved", name=company.name))
    return redirect(url_for("companies.listing"))


@pages.get("/<int:number>")
@needs(Action.MANAGE_COMPANIES)
def show(number: int) -> ResponseReturnValue:
    """The form of an entry to correct."""
    return _form(_given(_entry(number).company), number)


@pages.post("/<int:number>")
@needs(Action.MANAGE_COMPANIES)
def correct(number: int) -> ResponseReturnValue:
    """Correct an entry, its name and tax id included."""
    _entry(number)
    company = _company(request.form)
    if company is None:
        return _form(request.form, number, t("page.companies.incomplete")), 422
    try:
        companies.edit(intake().engine, number, company, actor=actor(), clock=intake().clock)
    except CompanyRefusedError as error:
        return _form(request.form, number, _flaw(error)), 422
    flash(t("page.companies.saved", name=company.name))
    return redirect(url_for("companies.listing"))


@pages.get("/change/<kind>")
@needs(Action.MANAGE_COMPANIES)
def ending(kind: str) -> ResponseReturnValue:
    """The form that ends names: renamed, merged, split or closed."""
    return _ending_form(_change(kind), ticked={forms.whole(request.args, "entry") or 0})


@pages.post("/change/<kind>")
@needs(Action.MANAGE_COMPANIES)
def end(kind: str) -> ResponseReturnValue:
    """End the ticked names on the day given."""
    change, given = _change(kind), request.form
    ticked = {int(value) for value in given.getlist("entry") if value.isascii() and value.isdigit() and len(value) < 16}
    day, until = forms.a_day(given, "day"), forms.a_day(given, "accepted_to")
    if not ticked or day is None or day == date.min:
        return _ending_form(change, ticked, t("page.companies.nothing_chosen")), 422
    new_name = normalise(FieldName.BUYER_NAME, forms.text(given, "new_name")) or ""
    successors = tuple(filter(None, map(company_file.tax_id_of, given.getlist("successor")[: company_file.SUCCESSORS])))
    wanted = Ending(change, day, successors, new_name, until)
    try:
        done = companies.end(intake().engine, sorted(ticked), wanted, actor=actor(), clock=intake().clock)
    except CompanyRefusedError as error:
        return _ending_form(change, ticked, _flaw(error)), 422
    flash(t("page.companies.ended", n=done, change=t(f"company_change.{change}")))
    return redirect(url_for("companies.listing"))


@pages.get("/file")
@needs(Action.SEE_REGISTER)
def export() -> ResponseReturnValue:
    """All entries as a TOML file."""
    text = company_file.write([entry.company for entry in companies.entries(intake().engine)])
    headers = {"Content-Disposition": "attachment; filename=companies.toml"}
    return Response(text, mimetype="application/toml", headers=headers)


@pages.post("/file")
@needs(Action.MANAGE_COMPANIES)
def bring() -> ResponseReturnValue:
    """Add the entries of a TOML file and change those it says otherwise; none is removed."""
    file = request.files.get("file")
    try:
        found = company_file.understand(file.read(company_file.LARGEST) if file else b"", "companies.toml")
        done = companies.save(intake().engine, found, actor=actor(), clock=intake().clock)
    except ConfigurationError as error:
        flash(t("page.companies.file_wrong", detail=error.detail), "bad")
    except CompanyRefusedError as error:
        flash(_flaw(error), "bad")
    else:
        flash(t("page.companies.file_read", n=len(found), changed=done))
    return redirect(url_for("companies.listing"))


def _entry(number: int) -> Entry:
    found = next((entry for entry in companies.entries(intake().engine) if entry.id == number), None)
    if found is None:
        raise NotFoundError(f"company {number}")
    return found


def _change(kind: str) -> CompanyChange:
    if kind not in {change.value for change in CompanyChange}:
        raise NotFoundError(kind)
    return CompanyChange(kind)


def _names(entries: tuple[Entry, ...]) -> dict[str, str]:
    """The latest name of each tax id."""
    ordered = sorted(entries, key=lambda entry: entry.company.valid_to or date.max)
    return {entry.company.tax_id: entry.company.name for entry in ordered}


def _flaw(error: CompanyRefusedError) -> str:
    return t(f"company_flaw.{error.flaw}", name=error.name, other=error.other)


def _form(given: Mapping[str, str], number: int | None, problem: str = "") -> str:
    entries = companies.entries(intake().engine)
    chosen = given.getlist("successor") if hasattr(given, "getlist") else given.get("successor", "").split()
    return render_template(
        "company.html",
        given=given,
        chosen=set(chosen),
        number=number,
        problem=problem,
        names=_names(entries),
        groups=sorted({entry.company.group for entry in entries} - {""}),
        changes=list(CompanyChange),
    )


def _ending_form(change: CompanyChange, ticked: set[int], problem: str = "") -> str:
    entries = companies.entries(intake().engine)
    return render_template(
        "company_change.html",
        change=change,
        entries=[entry for entry in entries if entry.company.change is None or entry.id in ticked],
        ticked=ticked,
        problem=problem,
        given=request.form,
        successors=set(request.form.getlist("successor")),
        names=_names(tuple(entry for entry in entries if entry.company.change is None)),
        changes=list(CompanyChange),
    )


def _given(company: Company) -> dict[str, str]:
    """An entry as its form sends it."""
    return {
        "name": company.name,
        "tax_id": company.tax_id,
        "valid_from": company.valid_from.isoformat() if company.valid_from else "",
        "valid_to": company.valid_to.isoformat() if company.valid_to else "",
        "accepted_to": company.accepted_to.isoformat() if company.accepted_to else "",
        "group": company.group,
        "head_tax_id": company.head_tax_id,
        "desk": company.desk,
        "change": company.change or "",
        "successor": " ".join(company.successor_tax_ids),
    }


def _company(given: Mapping[str, str]) -> Company | None:
    """The entry that a form names; None when name or tax id cannot be one."""
    name = normalise(FieldName.BUYER_NAME, forms.text(given, "name"))
    tax_id = company_file.tax_id_of(forms.text(given, "tax_id", 32))
    if name is None or tax_id is None:
        return None
    chosen = request.form.getlist("successor")[: company_file.SUCCESSORS]
    return Company(
        name,
        tax_id,
        forms.a_day(given, "valid_from"),
        forms.a_day(given, "valid_to"),
        forms.text(given, "group", company_file.TEXTS["group"]),
        company_file.tax_id_of(forms.text(given, "head_tax_id", 32)) or "",
        tuple(filter(None, map(company_file.tax_id_of, chosen))),
        forms.choice(given, "change", CompanyChange),
        forms.a_day(given, "accepted_to"),
        forms.text(given, "desk", company_file.TEXTS["desk"]),
    )


def _trial(given: Mapping[str, str], entries: tuple[Entry, ...], today: date) -> Trial | None:
    """What the desk says of a title with these words on a day; None when nobody asks."""
    name = normalise(FieldName.BUYER_NAME, forms.text(given, "name")) or ""
    tax_id = company_file.tax_id_of(forms.text(given, "tax_id", 32)) or ""
    if not name and not tax_id:
        return None
    values = {FieldName.BUYER_NAME: name, FieldName.BUYER_TAX_ID: tax_id}
    fields = {
        field: FusedField(field, value, frozenset(), (FieldValue(field, value, 1.0, Source.TYPED),))
        for field, value in values.items()
        if value
    }
    day = forms.a_day(given, "day") or today
    invoice = Invoice(Kind.DIG_NORMAL, fields)
    return Trial(name, tax_id, day, check_title(invoice, [entry.company for entry in entries], day))

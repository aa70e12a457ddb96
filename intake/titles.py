"""Whose paper it is: the buyer against our companies on the day of issue (domain.md §9.6). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from intake.model import Company, CompanyChange, Evidence, Invoice
from intake.naming import branch_of, compare, exact_name, name_of, nearest, title_of_person
from intake.succession import accepted, heirs, valid
from ocr.types import FieldName

_ENDED: Final = {
    CompanyChange.RENAMED: "company_renamed",
    CompanyChange.MERGED: "company_merged",
    CompanyChange.SPLIT: "company_split",
    CompanyChange.CLOSED: "company_closed",
}


@dataclass(frozen=True, slots=True)
class Ours:
    """The paper is made out to `company`; `notes` say what whoever approves should know, such as a former name."""

    company: Company
    notes: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Sister:
    """The paper belongs to another company of the group, whose `desk` takes it."""

    company: Company
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Wrong:
    """The title is wrong: `evidence` says how, `expected` whom the seller should make it out to, where one is meant."""

    evidence: tuple[Evidence, ...]
    expected: Company | None = None


TitleCheck: TypeAlias = Ours | Sister | Wrong | None
"""None: nothing can be said – no company on file, a person's name, or a name that was not surely read."""


def check_title(invoice: Invoice, companies: Sequence[Company], day: date | None) -> TitleCheck:
    """Whose paper it is on its day of issue (None: unknown, every name counts).

    The tax id decides; the name must then be that company's, each character. Missing 有限, 分公司 or a part in brackets
    makes another title. A name that only a recogniser read and that is nearly ours is not held against the paper.
    """
    if not companies or title_of_person(invoice):
        return None
    tax_id = invoice.value(FieldName.BUYER_TAX_ID)
    if tax_id is None:
        return _by_name(invoice, companies, day)
    ours = [one for one in companies if one.tax_id == tax_id]
    if not ours:
        return _unknown_tax_id(invoice, tax_id, companies, day)
    holding = [one for one in ours if valid(one, day)]
    if not holding:
        return _ended(invoice, ours, companies, day)
    if all(one.desk for one in holding):
        return _sister(invoice, holding[0])
    return _named(invoice, holding, companies, day)


def _named(invoice: Invoice, holding: Sequence[Company], companies: Sequence[Company], day: date | None) -> TitleCheck:
    """The tax id is ours; the name must be one that its company bears on the day."""
    name = invoice.value(FieldName.BUYER_NAME)
    called = next((one for one in holding if name_of(one) == name), None)
    if called or name is None:
        return Ours(called or holding[0])
    expected = holding[0]
    alias = [one for one in companies if name_of(one) == name]
    former = next((one for one in alias if one.tax_id == expected.tax_id), None)
    if former and accepted(former, day):
        return Ours(expected, (_still_taken(former, expected),))
    if not exact_name(invoice):
        return Ours(expected)
    if former:
        return Wrong((_buyer(invoice), *_past(former), _now(expected)), expected)
    if alias:
        return Wrong((_buyer(invoice), _mixed(alias[0], expected)), expected)
    return _other_name(invoice, name, holding)


def _other_name(invoice: Invoice, name: str, among: Sequence[Company]) -> Wrong:
    head = branch_of(name, among)
    if head:
        branch = Evidence("branch_not_on_file", {"name": name, "head": name_of(head)})
        return Wrong((_buyer(invoice), branch, *compare(name, head)), head)
    alike = nearest(name, among)
    if alike is None:
        return Wrong((_buyer(invoice), Evidence("no_company_like_it")))
    return Wrong((_buyer(invoice), *compare(name, alike)), alike)


def _by_name(invoice: Invoice, companies: Sequence[Company], day: date | None) -> TitleCheck:
    """A title without tax id: its name is all there is."""
    name = invoice.value(FieldName.BUYER_NAME)
    if name is None:
        return None
    called = [one for one in companies if name_of(one) == name]
    holding = [one for one in called if valid(one, day)]
    if holding:
        here = next((one for one in holding if not one.desk), None)
        return Ours(here) if here else _sister(invoice, holding[0])
    if called:
        return _ended(invoice, called, companies, day)
    found = _other_name(invoice, name, [one for one in companies if valid(one, day)])
    return found if exact_name(invoice) or found.expected is None else None


def _unknown_tax_id(invoice: Invoice, tax_id: str, companies: Sequence[Company], day: date | None) -> Wrong:
    """Nobody of ours has this tax id; the company that the name means, if any, is named."""
    name = invoice.value(FieldName.BUYER_NAME) or ""
    among = [one for one in companies if valid(one, day)] or companies
    head = branch_of(name, among)
    if head:
        params = {"name": name, "head": name_of(head)}
        return Wrong((_buyer(invoice), Evidence("branch_not_on_file", params)), head)
    alike = nearest(name, among)
    if alike is None:
        return Wrong((_buyer(invoice), Evidence("no_company_like_it")))
    differs = Evidence("tax_id_differs", {"seen": tax_id, "expected": alike.tax_id})
    return Wrong((_buyer(invoice), differs, *compare(name, alike)), alike)


def _ended(invoice: Invoice, ours: Sequence[Company], companies: Sequence[Company], day: date | None) -> TitleCheck:
    """No name under this title holds on the day: it was taken over, renamed, closed, or has not begun."""
    name = invoice.value(FieldName.BUYER_NAME)
    taken = [one for one in ours if accepted(one, day)]
    if taken:
        old = next((one for one in taken if name_of(one) == name), taken[0])
        heir = next(iter(heirs(old, companies, day)), old)
        return Ours(heir, (_still_taken(old, heir),)) if not heir.desk else _sister(invoice, heir)
    named = sorted((one for one in ours if name_of(one) == name), key=_last) or sorted(ours, key=_last)
    old = named[-1]
    successors = heirs(old, companies, day)
    expected = successors[0] if len(successors) == 1 else None
    return Wrong((_buyer(invoice), *_past(old), *map(_successor, successors)), expected)


def _past(old: Company) -> tuple[Evidence, ...]:
    """When the name held, and what ended it."""
    first, last = old.valid_from, old.valid_to
    dates = {"from": first.isoformat() if first else "…", "to": last.isoformat() if last else "…"}
    not_valid = Evidence("company_not_valid_then", {"name": name_of(old), **dates})
    if old.change is None:
        return (not_valid,)
    return not_valid, Evidence(_ENDED[old.change], {"name": name_of(old), "day": dates["to"]})


def _still_taken(old: Company, now: Company) -> Evidence:
    until = old.accepted_to.isoformat() if old.accepted_to else "…"
    return Evidence("former_title_taken", {"name": name_of(old), "until": until, "now": name_of(now)})


def _now(company: Company) -> Evidence:
    return Evidence("title_now", {"name": name_of(company), "tax_id": company.tax_id})


def _successor(company: Company) -> Evidence:
    return Evidence("successor_is", {"name": name_of(company), "tax_id": company.tax_id})


def _mixed(named: Company, expected: Company) -> Evidence:
    """The name of one of ours with the tax id of another; for a branch and its head office it is said so."""
    params = {
        "name": name_of(named),
        "name_tax_id": named.tax_id,
        "other": name_of(expected),
        "tax_id": expected.tax_id,
    }
    if named.head_tax_id == expected.tax_id:
        return Evidence("branch_name_head_tax_id", params)
    if expected.head_tax_id == named.tax_id:
        return Evidence("head_name_branch_tax_id", params)
    return Evidence("name_of_another", params)


def _sister(invoice: Invoice, company: Company) -> Sister:
    params = {"name": name_of(company), "tax_id": company.tax_id, "desk": company.desk}
    return Sister(company, (_buyer(invoice), Evidence("sister_company", params)))


def _buyer(invoice: Invoice) -> Evidence:
    name, tax_id = invoice.value(FieldName.BUYER_NAME), invoice.value(FieldName.BUYER_TAX_ID)
    return Evidence("buyer_is", {"name": name or "—", "tax_id": tax_id or "—"})


def _last(company: Company) -> date:
    return company.valid_to or date.max

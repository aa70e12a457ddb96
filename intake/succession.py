"""How our companies follow one another: names by day, renamings, mergers, splits, branches (domain.md §9.6). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique
from typing import Final

from intake.model import Company, CompanyChange

FOLLOWED: Final = frozenset({CompanyChange.MERGED, CompanyChange.SPLIT})
"""Changes after which somebody else goes on."""


@unique
class Flaw(StrEnum):
    """What is wrong with an entry of our companies."""

    ENDS_BEFORE_START = "ends_before_start"
    CHANGE_WITHOUT_DAY = "change_without_day"
    ACCEPTED_BEFORE_END = "accepted_before_end"
    NO_SUCCESSOR = "no_successor"
    SUCCESSOR_UNKNOWN = "successor_unknown"
    SUCCESSOR_ITSELF = "successor_itself"
    HEAD_UNKNOWN = "head_unknown"
    HEAD_ITSELF = "head_itself"


@dataclass(frozen=True, slots=True)
class Flawed:
    """A flaw and the entry that has it; `other` is the tax id it names."""

    company: Company
    flaw: Flaw
    other: str = ""


def valid(company: Company, day: date | None) -> bool:
    """Whether the name holds on a day; without a day every name does."""
    if day is None:
        return True
    return (company.valid_from or day) <= day <= (company.valid_to or day)


def accepted(company: Company, day: date | None) -> bool:
    """Whether the name has ended but papers made out to it are still taken."""
    last, until = company.valid_to, company.accepted_to
    return day is not None and last is not None and until is not None and last < day <= until


def heirs(company: Company, companies: Sequence[Company], day: date | None) -> tuple[Company, ...]:
    """Who stands in the company's place on a day: its later name, or its successors, or theirs.

    Empty when it was closed, or when nobody who follows it holds on that day.
    """
    return tuple(dict.fromkeys(_follow(company, companies, day, set())))


def _follow(company: Company, companies: Sequence[Company], day: date | None, seen: set[Company]) -> Iterator[Company]:
    seen.add(company)
    for one in _next(company, companies):
        if one in seen:
            continue
        if valid(one, day):
            yield one
        else:
            yield from _follow(one, companies, day, seen)


def _next(company: Company, companies: Sequence[Company]) -> tuple[Company, ...]:
    if company.successor_tax_ids:
        return tuple(one for one in companies if one.tax_id in company.successor_tax_ids and one != company)
    if company.change is CompanyChange.CLOSED:
        return ()
    return tuple(one for one in companies if one.tax_id == company.tax_id and one != company)


def flaws(companies: Sequence[Company]) -> tuple[Flawed, ...]:
    """Everything that cannot be so, in the order of the entries."""
    return tuple(flawed for company in companies for flawed in _flaws(company, companies))


def _flaws(company: Company, companies: Sequence[Company]) -> Iterator[Flawed]:
    first, last, until = company.valid_from, company.valid_to, company.accepted_to
    if first and last and last < first:
        yield Flawed(company, Flaw.ENDS_BEFORE_START)
    if company.change and last is None:
        yield Flawed(company, Flaw.CHANGE_WITHOUT_DAY)
    if until and (last is None or until < last):
        yield Flawed(company, Flaw.ACCEPTED_BEFORE_END)
    yield from _relations(company, {one.tax_id for one in companies})


def _relations(company: Company, known: set[str]) -> Iterator[Flawed]:
    if company.change in FOLLOWED and not company.successor_tax_ids:
        yield Flawed(company, Flaw.NO_SUCCESSOR)
    for tax_id in company.successor_tax_ids:
        if tax_id not in known:
            yield Flawed(company, Flaw.SUCCESSOR_UNKNOWN, tax_id)
        elif tax_id == company.tax_id and company.change is not CompanyChange.SPLIT:
            yield Flawed(company, Flaw.SUCCESSOR_ITSELF, tax_id)
    if company.head_tax_id == company.tax_id:
        yield Flawed(company, Flaw.HEAD_ITSELF, company.tax_id)
    elif company.head_tax_id and company.head_tax_id not in known:
        yield Flawed(company, Flaw.HEAD_UNKNOWN, company.head_tax_id)

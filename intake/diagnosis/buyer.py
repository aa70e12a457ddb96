"""Whose paper it is: nodes 8–10 (domain.md §9.4, §9.6). The register is kept by the buyer's tax id."""

from __future__ import annotations

from typing import Final

from intake.diagnosis.case import Case
from intake.diagnosis.reach import link, look_again, reaches
from intake.diagnosis.register import PATIENCE
from intake.model import Cause, Diagnosis, Evidence, NextStep, Role
from intake.naming import title_of_person
from intake.succession import valid
from intake.titles import Ours, Sister, Wrong, check_title
from ocr.types import FieldName, Kind

F = FieldName
_TICKETS: Final = frozenset({Kind.RAIL_E, Kind.AIR_E})
_MAY_LACK_TAX_ID: Final = _TICKETS | {
    Kind.VAT_NORMAL_PAPER, Kind.VAT_E_NORMAL, Kind.VAT_E_TOLL, Kind.VAT_ROLL, Kind.DIG_NORMAL, Kind.DIG_PAPER_NORMAL,
}  # fmt: skip
"""普票 and electronic tickets: issued without a tax id as well."""


def not_delivered_to_us(case: Case) -> Diagnosis | None:
    """Node 8: a 普票 or ticket without our tax id never comes into our register. A name of somebody else is node 9."""
    invoice = case.invoice
    name, person = invoice.value(F.BUYER_NAME), title_of_person(invoice)
    unaddressed = name is None and case.kind not in _TICKETS | {Kind.VAT_ROLL}
    if (
        case.kind not in _MAY_LACK_TAX_ID
        or invoice.value(F.BUYER_TAX_ID) is not None
        or not case.absent()
        or unaddressed
    ):
        return None
    if isinstance(_title(case), Wrong | Sister):
        return None
    evidence = Evidence("title_is_person", {"name": name or ""}) if person else Evidence("title_without_tax_id")
    also = (Evidence("ticket_by_title"),) if case.kind in _TICKETS else ()
    day, age, again = case.day(), case.age(), None
    if also and day is not None and age is not None and 0 <= age <= PATIENCE:
        again = look_again(day, case.now)
    return Diagnosis(Cause.NOT_DELIVERED_TO_US, (evidence, *also), NextStep.VERIFY_THEN_APPROVE, Role.CLERK, again)


def wrong_title(case: Case) -> Diagnosis | None:
    """Node 9: the buyer is none of our companies on the day of issue."""
    found = _title(case)
    if not isinstance(found, Wrong):
        return None
    return Diagnosis(Cause.WRONG_TITLE, found.evidence, NextStep.RETURN_TO_SELLER, Role.CLERK)


def other_entity_register(case: Case) -> Diagnosis | None:
    """Node 10: the buyer is a company of the group whose papers another office keeps, or of whose register nothing was
    imported here.
    """
    found = _title(case)
    if isinstance(found, Sister):
        return Diagnosis(Cause.OTHER_ENTITY_REGISTER, found.evidence, NextStep.ROUTE_TO_ENTITY, Role.CLERK)
    evidence = _register_of_others(case) if isinstance(found, Ours) else ()
    if not evidence:
        return None
    return Diagnosis(Cause.OTHER_ENTITY_REGISTER, evidence, NextStep.ROUTE_TO_ENTITY, Role.CLERK)


def _title(case: Case) -> Ours | Sister | Wrong | None:
    return check_title(case.invoice, case.around.companies, case.day())


def _register_of_others(case: Case) -> tuple[Evidence, ...]:
    """Every source that reaches the day holds other buyers only."""
    day, tax_id = case.day(), case.invoice.value(F.BUYER_TAX_ID)
    if day is None or tax_id is None or not case.absent():
        return ()
    ours = {one.tax_id for one in case.around.companies if valid(one, day)}
    reaching = [source for source in case.around.sources if reaches(source, day)]
    others = all(source.buyers and tax_id not in source.buyers and source.buyers & ours for source in reaching)
    if not reaching or not others:
        return ()
    return tuple(
        Evidence("register_of_others", {"source": source.name, "tax_id": tax_id}, link(source)) for source in reaching
    )

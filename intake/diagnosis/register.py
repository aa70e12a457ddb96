"""Why the register has no row: nodes 6, 7, 13–16 (domain.md §9.4). Each asks only where the row is really absent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from intake.diagnosis.case import TAX_CONTROL, Case, answered, failed, proposed
from intake.diagnosis.reach import FAULTY, after_trouble, link, look_again, reach, reaches, troubled, troubles
from intake.model import (
    Cause,
    Diagnosis,
    Direction,
    Evidence,
    NextStep,
    OfficialOutcome,
    Role,
    SourceHealth,
    SourceState,
)
from intake.naming import title_of_person
from ocr.types import FieldName

F = FieldName
UPLOAD_DAYS: Final = 7
PATIENCE: Final = 30
"""Days after issue in which the register is asked again every morning without a reason of its own (§10.2: then a list)."""


def register_stale(case: Case) -> Diagnosis | None:
    """Node 6: no source reaches the day of issue, or the import of it failed. Where every source has
    stopped, it is for whoever mends them, and the register is asked when they go on. Not of one that is officially void.
    """
    day, sources = case.day(), case.around.sources
    if day is None or case.withdrawn() or not case.absent() or any(reaches(source, day) for source in sources):
        return None
    evidence = (Evidence("issue_date", {"date": day.isoformat()}), *reach(sources))
    stopped = bool(sources) and all(source.health is not SourceHealth.OK for source in sources)
    again = after_trouble(sources, case.now) if stopped else look_again(day, case.now)
    if stopped and any(source.health in FAULTY for source in sources):
        return Diagnosis(Cause.REGISTER_STALE, evidence, NextStep.REPLAY_IMPORT, Role.ADMINISTRATOR, again)
    return Diagnosis(Cause.REGISTER_STALE, evidence, NextStep.IMPORT_REGISTER, Role.SUPERVISOR, again)


def seller_not_uploaded(case: Case) -> Diagnosis | None:
    """Node 7: 税控, issued within a week; it comes when the seller uploads. One that an official place knows was uploaded."""
    day, age = case.day(), case.age()
    recent = age is not None and 0 <= age <= UPLOAD_DAYS
    shown = case.confirmed() or case.withdrawn()
    if day is None or not recent or case.kind not in TAX_CONTROL or not case.absent() or shown:
        return None
    evidence = (Evidence("seller_recent", {"days": str(age)}), *_asked(case), *reach(case.around.sources))
    again = look_again(day, case.now)
    return Diagnosis(Cause.SELLER_NOT_UPLOADED, evidence, NextStep.WAIT_OR_ASK_SELLER, Role.CLERK, again)


def out_of_query_window(case: Case) -> Diagnosis | None:
    """Node 13: older than anybody answers, or than the register reaches back."""
    day, age = case.day(), case.age()
    if day is None or age is None or not case.absent():
        return None
    evidence: list[Evidence] = []
    if age > case.around.stale_days:
        evidence.append(Evidence("age", {"days": str(age), "limit": str(case.around.stale_days)}))
    evidence += [answered(one) for one in case.around.official if one.outcome is OfficialOutcome.TOO_OLD][:1]
    begins = [first for one in case.around.sources if (first := one.first_day or one.oldest_issue)]
    if begins and day < min(begins):
        evidence.append(Evidence("before_register", {"oldest": min(begins).isoformat()}))
    if not evidence:
        return None
    return Diagnosis(Cause.OUT_OF_QUERY_WINDOW, tuple(evidence), NextStep.KEEP_PAPER_EVIDENCE, Role.CLERK)


def wrong_region_or_system(case: Case) -> Diagnosis | None:
    """Node 14: every source that reaches the day was exported with another direction, system or span of days."""
    day = case.day()
    if day is None or not case.absent():
        return None
    reaching = [source for source in case.around.sources if reaches(source, day)]
    wrong = [tuple(_wrong_export(case, source)) for source in reaching]
    if not wrong or not all(wrong):
        return None
    evidence = tuple(one for each in wrong for one in each)
    return Diagnosis(Cause.WRONG_REGION_OR_SYSTEM, evidence, NextStep.EXPORT_AGAIN, Role.SUPERVISOR)


def system_fault(case: Case) -> Diagnosis | None:
    """Node 15: an import refused the row with this number, or a source is at fault or left out."""
    refused = tuple(
        Evidence(
            "row_refused",
            {"source": one.source, "row": str(one.row), "reason": one.reason},
            f"import:{one.import_id}",
        )
        for one in case.around.refused
    )
    troubling = [source for source in case.around.sources if troubled(source)]
    if case.same_key() or case.near() or case.around.known or not (refused or (troubling and case.absent())):
        return None
    evidence = (*refused, *troubles(troubling))
    again = after_trouble(troubling, case.now) if troubling else None
    return Diagnosis(Cause.SYSTEM_FAULT, evidence, NextStep.REPLAY_IMPORT, Role.ADMINISTRATOR, again)


def unknown(case: Case) -> Diagnosis:
    """Node 16: nothing explains it. What may help is shown, and recent papers are looked up again."""
    evidence = [proposed(one) for one in case.candidates] or [Evidence("nothing_found")]
    if not case.named():
        evidence.append(Evidence("no_key"))
    if title_of_person(case.invoice):
        evidence.append(Evidence("title_is_person", {"name": case.invoice.value(F.BUYER_NAME) or ""}))
    elif case.invoice.value(F.BUYER_NAME) and case.invoice.value(F.BUYER_TAX_ID) is None:
        evidence.append(Evidence("title_without_tax_id"))
    evidence += [*_asked(case), *failed(case.findings)]
    day, age, again = case.day(), case.age(), None
    if case.absent() and day is not None and age is not None and 0 <= age <= PATIENCE:
        again = look_again(day, case.now)
    return Diagnosis(Cause.UNKNOWN, tuple(evidence), NextStep.VERIFY_THEN_KEY, Role.CLERK, again)


def _wrong_export(case: Case, source: SourceState) -> Iterator[Evidence]:
    day, system = case.day(), case.system()
    if source.direction is Direction.ISSUED:
        yield Evidence("only_issued", {"source": source.name}, link(source))
    if system and source.systems and system not in source.systems:
        yield Evidence("system_not_exported", {"source": source.name, "system": system}, link(source))
    if day and source.spans and not any(first <= day <= last for first, last in source.spans):
        params = {"source": source.name, "date": day.isoformat()}
        yield Evidence("span_not_exported", params, link(source))


def _asked(case: Case) -> Iterator[Evidence]:
    """What official places answered, the newest answer of each kind."""
    said: set[OfficialOutcome] = set()
    for one in case.around.official:
        if one.outcome not in said:
            said.add(one.outcome)
            yield answered(one)

"""Every cause, step, answer and form of official verification has its words in both languages."""

from __future__ import annotations

import re

import pytest

from intake.model import Cause, NextStep, OfficialOutcome
from intake.official.agreement import SHOWN, TYPED
from intake.official.questions import Readiness, questions
from intake.official.schedule import FollowUp
from intake.official.sites import Site
from intake.official.walk import Addressee, CaseState, StepName, StepState
from ocr.types import Kind
from tests.official.papers import paper
from web.catalog import Language, has, sentences

GROUPS = {
    "act": NextStep,
    "official": OfficialOutcome,
    "readiness": Readiness,
    "follow_up": FollowUp,
    "site": Site,
    "addressee": Addressee,
    "letter.asked": Addressee,
    "case_state": CaseState,
    "step": StepName,
    "step_state": StepState,
}


@pytest.mark.parametrize("group", GROUPS)
def test_every_value_has_its_word(group: str) -> None:
    assert {value for value in GROUPS[group] if not has(f"{group}.{value.value}")} == set()


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_a_reason_and_a_help_for_clerks(cause: Cause) -> None:
    for language in Language:
        said = sentences(language)
        assert said[f"cause.{cause.value}.help"].strip()
        assert said[f"cause.{cause.value}.why"].strip()


def test_not_yet_verifiable_never_reads_as_forged() -> None:
    """Only the one cause that is about a suspicion speaks of forgery, and says that it is none yet; others deny it."""
    accusing = re.compile("伪造|假票|篡改|forg", re.IGNORECASE)
    denying = re.compile("不等于|不是结论|not mean|suspicion", re.IGNORECASE)
    for language in Language:
        for key, sentence in sentences(language).items():
            if key.startswith(("cause.", "step.", "page.official", "official.", "follow_up.", "letter.")):
                suspected = key.startswith("cause.suspected_forgery_or_alteration")
                assert suspected or not accusing.search(sentence) or denying.search(sentence), key
    zh = sentences(Language.ZH)
    assert denying.search(zh["cause.suspected_forgery_or_alteration.why"])


def test_every_question_of_a_form_has_its_label() -> None:
    labels = {one.label for kind in Kind for one in questions(paper(kind))}
    assert {label for label in labels if not has(f"ask.{label}")} == set()


def test_every_stand_of_a_step_is_told() -> None:
    told = {
        "status": ("empty", "failing", "maintenance", "bypassed", "well"),
        "support": ("sent", "overdue", "answered", "closed", "nobody", "first", "prepared"),
        "import": ("period", "again", "never", "by_tax_id", "settled", "reaches"),
        "entry": (
            "over",
            "entered",
            "disputed",
            "stopped",
            "not_in_force",
            "correct",
            "key",
            "verified",
            "known",
        ),
        "verification": (
            "verified",
            "not_in_force",
            "differs",
            "answered",
            "again",
            "once_more",
            "settled",
            "nowhere",
            "too_old",
            "first",
            "prepared",
        ),
    }
    assert {f"{name}.{why}" for name, whys in told.items() for why in whys if not has(f"step.{name}.{why}")} == set()


def test_what_is_lacking_is_named() -> None:
    lacks = {"outcome", "screenshot", *(name.value for name in SHOWN)}
    assert {name for name in lacks if not has(f"page.official.lacks.{name}")} == set()
    assert set(TYPED) <= set(OfficialOutcome)

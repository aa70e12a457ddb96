"""What the diagnosis card offers: the next action as a button that does it, and a way on from each of the five steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from flask import Flask, url_for

from intake.model import Diagnosis, Evidence, NextStep, TaskState
from intake.official.walk import Step, StepName, StepState
from intake.pipeline import BELONGS
from intake.roles import Action, allows
from intake.views.official import Card
from intake.views.rows import InvoiceView
from web.language import language, t
from web.letters import step_words
from web.paper import link_of
from web.security import actor

N = NextStep
_KEYABLE: Final = frozenset({TaskState.OPEN, TaskState.CLAIMED})
_OPEN: Final = frozenset({StepState.TODO, StepState.READY})


@dataclass(frozen=True, slots=True)
class Way:
    """A link with its words; `url` is empty when this person may not go there: then the words say who does it."""

    url: str
    label: str


def install(app: Flask) -> None:
    """Make these functions known to the templates."""
    app.jinja_env.globals.update(
        action_of=action_of, way_of=way_of, why_of=why_of, advice=advice, attachable=attachable
    )


def why_of(step: Step) -> str:
    """Why a step stands as it does, in the language of the request."""
    return t(f"step.{step.name.value}.{step.why}", **step_words(step, language()))


def action_of(found: InvoiceView, card: Card | None) -> Way:
    """The next action: where its button leads, or no address when it is not done on a page or not by this person."""
    said = found.diagnosis
    if said is None:
        return Way("", "")
    step = said.next_step
    if step in _VERIFIED_FIRST and card is not None and card.steps[-1].state is StepState.DONE:
        step = N.KEY_AND_VERIFY  # the official answer is there: what is left is the entry
    return Way(_WAYS[step](found, said), _label(step))


def _label(step: NextStep) -> str:
    way = _WAYS[step]
    if way is _refuse and not _may(Action.REFUSE):
        return t(f"act.{N.WAIT_OR_ASK_SELLER.value}")
    return t("card.write") if way is _import and not _may(Action.IMPORT_REGISTER) else t(f"act.{step.value}")


def _key(found: InvoiceView, said: Diagnosis) -> str:
    del said
    if found.task is None or found.task.state not in _KEYABLE or not _may(Action.ENTER):
        return ""
    return url_for("review.paper", number=found.task.id)


def _refuse(found: InvoiceView, said: Diagnosis) -> str:
    """Where it is recorded that the paper is not filed; who may not do that writes to the seller."""
    if not _may(Action.REFUSE):
        return _write(found, said)
    address = _key(found, said)
    return f"{address}#refuse" if address else ""


def _linked(found: InvoiceView, said: Diagnosis) -> str:
    del found
    return next(filter(None, (link_of(item.link) for item in said.evidence)), "")


def _import(found: InvoiceView, said: Diagnosis) -> str:
    """Where a register is imported; who may not do that writes to those who keep it."""
    if not _may(Action.IMPORT_REGISTER):
        return _write(found, said)
    return url_for("imports.listing") + "#import"


def _submit(found: InvoiceView, said: Diagnosis) -> str:
    del found, said
    return url_for("upload.home") if _may(Action.SUBMIT) else ""


def _official(found: InvoiceView, said: Diagnosis) -> str:
    del said
    return url_for("official.show", number=found.id) if _may(Action.ENTER) else ""


def _write(found: InvoiceView, said: Diagnosis) -> str:
    del said
    return url_for("cases.prepare", number=found.id) if _may(Action.ENTER) else ""


_WAYS: Final[Mapping[NextStep, Callable[[InvoiceView, Diagnosis], str]]] = {
    N.REJECT_OR_ATTACH: _linked,
    N.OPEN_FIRST_RECORD: _linked,
    N.KEY_AND_VERIFY: _key,
    N.CORRECT_FROM_IMAGE: _key,
    N.USE_QR_VALUES: _key,
    N.KEEP_PAPER_EVIDENCE: _key,
    N.VERIFY_THEN_KEY: _official,
    N.VERIFY_THEN_APPROVE: _official,
    N.IMPORT_REGISTER: _import,
    N.EXPORT_AGAIN: _import,
    N.REPLAY_IMPORT: _import,
    N.SCAN_MISSING_PAGES: _submit,
    N.RETURN_TO_SELLER: _refuse,
    N.ASK_FOR_REPLACEMENT: _refuse,
    N.WAIT_OR_ASK_SELLER: _write,
    N.ROUTE_TO_ENTITY: _write,
    N.FREEZE_AND_ESCALATE: _write,
}
_VERIFIED_FIRST: Final = frozenset({N.VERIFY_THEN_KEY, N.VERIFY_THEN_APPROVE})


def way_of(step: Step, found: InvoiceView, card: Card) -> Way | None:
    """Where a step is done; None when there is nothing to do for this person."""
    match step.name:
        case StepName.STATUS:
            return Way(url_for("admin.status"), t("card.see_status")) if _may(Action.SEE_STATUS) else None
        case StepName.SUPPORT:
            if card.case_id is not None:
                return Way(url_for("cases.show", number=card.case_id), t("card.see_case"))
            offered = step.state in _OPEN and _may(Action.ENTER)
            return Way(url_for("cases.prepare", number=found.id), t("card.write")) if offered else None
        case StepName.IMPORT:
            offered = step.state in _OPEN and _may(Action.IMPORT_REGISTER)
            return Way(url_for("imports.listing") + "#import", t("card.import")) if offered else None
        case StepName.ENTRY:
            return _entry(step, found)
        case StepName.VERIFICATION:
            offered = bool(step.state is not StepState.NOT_NEEDED or card.history) and _may(Action.ENTER)
            return Way(url_for("official.show", number=found.id), t(_asks(step))) if offered else None
    assert_never(step.name)


def _asks(step: Step) -> str:
    return "card.see_answer" if step.state is StepState.DONE else "card.ask"


def _entry(step: Step, found: InvoiceView) -> Way | None:
    if found.task is None:
        return None
    action = {TaskState.ENTERED: Action.VERIFY, TaskState.DISPUTED: Action.ADJUDICATE}.get(
        found.task.state, Action.ENTER
    )
    if step.state is StepState.NOT_NEEDED or not _may(action):
        return None
    label = "card.key" if action is Action.ENTER else "card.second"
    return Way(url_for("review.paper", number=found.task.id), t(label))


def advice(found: InvoiceView) -> str:
    """Key of a sentence for a next step that this person cannot finish here; empty when there is nothing to say."""
    said = found.diagnosis
    if said is None or found.task is None:
        return ""
    if _WAYS[said.next_step] is _refuse and not _may(Action.REFUSE):
        return "page.document.by_verifier"
    wanting = _WAYS[said.next_step] is _import and not _may(Action.IMPORT_REGISTER)
    return "page.document.by_supervisor" if wanting else ""


def attachable(found: InvoiceView, item: Evidence) -> int | None:
    """The invoice to which a person may attach a paper that is none, where the evidence proposes one."""
    if item.code != BELONGS or found.task is None or found.task.state not in _KEYABLE:
        return None
    return int(item.link.removeprefix("invoice:"))


def _may(action: Action) -> bool:
    return allows(actor().role, action)

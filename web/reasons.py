"""Why a value is believed or doubted, as a sentence; and where a step of the story leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from flask import Flask, url_for

from intake.model import Doubt, FusedField
from intake.roles import Action, allows
from intake.views.rows import Event
from ocr.types import FieldName
from web import present
from web.language import t
from web.paper import link_of, rival_sightings, sources_of
from web.security import actor

F = FieldName
MAIN: Final = frozenset(
    {
        F.CODE,
        F.NUMBER,
        F.DATE,
        F.BUYER_NAME,
        F.BUYER_TAX_ID,
        F.SELLER_NAME,
        F.SELLER_TAX_ID,
        F.NET,
        F.TAX,
        F.TOTAL,
        F.RED_OF,
        F.TRAVELLER,
        F.ROUTE,
    }
)
"""The fields a clerk decides by; the others are folded while nothing is doubtful about them."""
LATE: Final = 6  # hops of a long story that stay in sight: the last ones
LONG: Final = 9


def install(app: Flask) -> None:
    """Make these functions known to the templates."""
    app.jinja_env.globals.update(
        reason_of=reason_of,
        main_fields=main_fields,
        further_fields=further_fields,
        leads_to=leads_to,
        folded=folded,
        step_costs=step_costs,
    )


def reason_of(field: FusedField) -> str:
    """Why a value is believed or doubted, in the language of the request."""
    if field.proof:
        return t("reason.proven", why=t("reason.and").join(t(f"reason.{one}") for one in sorted(field.proof)))
    doubt = field.doubt or Doubt.ONE_READER
    others = t("join.list").join(
        t("reason.says", source=t(f"source.{one.source.value}"), value=present.field_value(field.name, one.value))
        for one in rival_sightings(field)
    )
    sources = t("join.list").join(t(f"source.{one}") for one in sources_of(field)) or t("reason.nobody")
    said = t(f"reason.{doubt.value}", sources=sources, value=present.field_value(field.name, field.value))
    return t("reason.against", said=said, others=others) if others else said


def main_fields(fields: Mapping[FieldName, FusedField]) -> list[FieldName]:
    """The fields to show at once: those decided by, and whatever is in doubt, in the order of the paper."""
    return present.ordered(name for name, field in fields.items() if name in MAIN or not field.proof)


def further_fields(fields: Mapping[FieldName, FusedField]) -> list[FieldName]:
    """The other fields, all of them proven."""
    shown = set(main_fields(fields))
    return present.ordered(name for name in fields if name not in shown)


def folded(timeline: tuple[Event, ...]) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    """A story in two parts: what is folded away of a long one, and what stays in sight."""
    cut = len(timeline) - LATE if len(timeline) > LONG else 0
    return timeline[:cut], timeline[cut:]


def leads_to(event: Event, document_id: int) -> str:
    """The page that tells more of a hop; empty when it is this page, or one that this person may not see."""
    what, _, number = event.subject.partition(":")
    detail, role = event.detail, actor().role
    file, case, voucher = (detail.get(name) for name in ("document", "case", "voucher"))
    target = ""
    if isinstance(file, int) and file != document_id:
        target = url_for("documents.show", number=file)
    elif event.action.startswith("use_") and voucher:
        target = url_for("uses.listing", q=voucher)
    elif event.action.startswith("conflict_") and allows(role, Action.ADJUDICATE):
        target = url_for("conflicts.listing")
    elif what == "invoice" and event.action in _OFFICIAL and allows(role, Action.ENTER):
        target = url_for("official.show", number=int(number))
    elif event.action.startswith("case_") and isinstance(case, int):
        target = url_for("cases.show", number=case)
    elif what == "import" and allows(role, Action.SEE_REGISTER):
        target = link_of(event.subject)
    return target


_OFFICIAL: Final = frozenset(
    {"asked_official", "official_confirmed", "official_escalated", "reminder_due", "reminder_done"}
)


def step_costs(event: Event) -> Iterable[Mapping[str, object]]:
    """The steps of a reading that took any time worth telling."""
    return [step for step in event.detail.get("steps", ()) if float(step["seconds"]) >= 0.0005]

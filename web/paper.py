"""How a document's findings become marks, words and links on its page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, assert_never

from flask import Flask, url_for

from intake.model import (
    Ambiguous,
    Candidate,
    Finding,
    FusedField,
    Invoice,
    Level,
    Matched,
    MatchOutcome,
    Unmatched,
)
from intake.official.questions import Question, Readiness
from intake.roles import Action, allows
from intake.views.rows import DocumentView, Event
from ocr.types import Box, FieldName, FieldValue
from web import present
from web.catalog import Language, has, text
from web.language import language, t
from web.security import actor

MANUAL: Final = "manual"
PAPER: Final = "paper"  # key of a whole paper's mark, as of a field's
_WEIGHT: Final = {Level.ERROR: 0, Level.WARNING: 1, Level.INFO: 2, Level.OK: 3}


@dataclass(frozen=True, slots=True)
class Spot:
    """A box on the picture in thousandths of the page; `key` ties it to a field of the page."""

    key: str
    page: int
    x: float
    y: float
    width: float
    height: float
    label: str
    mark: str  # proven | doubtful | rival | place | paper


def install(app: Flask) -> None:
    """Make these functions known to the templates."""
    app.jinja_env.globals.update(
        spots_of=spots_of,
        spots=spots,
        region=region,
        lines_in_doubt=lines_in_doubt,
        rival_sightings=rival_sightings,
        sources_of=sources_of,
        link_of=link_of,
        candidates_of=candidates_of,
        source_name=source_name,
        told=told,
        subject_name=subject_name,
        event_about=event_about,
        in_words=in_words,
    )
    app.jinja_env.filters.update(by_level=by_level, plus=lambda value, more: value + more)


def spots_of(doc: DocumentView) -> list[Spot]:
    """The boxes of every field of every invoice of a document, and where each of several on a picture lies."""
    marked: list[Spot] = []
    for place in doc.places:
        marked += region(place.region, place.page, f"{place.invoice_id}-")
    for found in doc.invoices:
        if not doc.places and found.own is None:  # a further file of the invoice: its picture is another
            marked += region(found.invoice.region, found.pages[0], f"{found.id}-")
        marked += spots(found.invoice.fields, f"{found.id}-", found.own)
    return marked


def region(box: Box | None, page: int, prefix: str = "") -> list[Spot]:
    """The mark of one of several papers on a picture; nothing for a paper that has the page for itself."""
    return [] if box is None else [_at(box, prefix + PAPER, page, t("viewer.paper"), "paper")]


def spots(
    fields: Mapping[FieldName, FusedField], prefix: str = "", own: tuple[FieldValue, ...] | None = None
) -> list[Spot]:
    """The boxes of every sighting; one that says something else than what is believed is marked as a rival.

    `own` are the sightings of a further file of the invoice: the fields' own sightings have their places elsewhere.
    """
    found: list[Spot] = []
    for name, field in fields.items():
        seen: set[tuple[int, Box]] = set()
        for sighting in field.sightings if own is None else own:
            if sighting.name is not name or sighting.box is None or (sighting.page, sighting.box) in seen:
                continue
            seen.add((sighting.page, sighting.box))
            found.append(_spot(name, field, sighting, sighting.box, prefix))
    return found


def asked_spots(invoice: Invoice, asked: Iterable[Question]) -> list[Spot]:
    """The boxes of the values that an official form asks for, and where an unread one should stand."""
    marked = region(invoice.region, invoice.pages[0])
    for one in asked:
        if one.spot is not None:
            mark = "place" if not one.spot.seen else "proven" if one.readiness is Readiness.READY else "doubtful"
            marked.append(_at(one.spot.box, one.name.value, one.spot.page, t(f"ask.{one.label}"), mark))
    return marked


def _spot(name: FieldName, field: FusedField, seen: FieldValue, box: Box, prefix: str) -> Spot:
    shown = present.field_value(name, seen.value)
    mark = "rival" if seen.value != field.value else "proven" if field.proven else "doubtful"
    label = f"{t(f'field.{name.value}')}: {shown} ({t(f'source.{seen.source.value}')})"
    return _at(box, prefix + name.value, seen.page, label, mark)


def _at(box: Box, key: str, page: int, label: str, mark: str) -> Spot:
    return Spot(
        key=key,
        page=page,
        x=round(box.x0 * 1000, 1),
        y=round(box.y0 * 1000, 1),
        width=round(max(0.0, box.x1 - box.x0) * 1000, 1),
        height=round(max(0.0, box.y1 - box.y0) * 1000, 1),
        label=label,
        mark=mark,
    )


def lines_in_doubt(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """What the checks hold against single lines of an invoice, by the number of the line."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.level is not Level.OK and "line" in finding.params:
            found.setdefault(str(finding.params["line"]), []).append(finding)
    return found


def rival_sightings(field: FusedField) -> list[FieldValue]:
    """What other sources saw instead, one sighting each source."""
    found: dict[tuple[str, str], FieldValue] = {}
    for sighting in field.sightings:
        if sighting.value != field.value:
            found.setdefault((sighting.source.value, sighting.value), sighting)
    return list(found.values())


def sources_of(field: FusedField) -> list[str]:
    """The sources that saw what is believed, each once."""
    return list(dict.fromkeys(sighting.source.value for sighting in field.sightings if sighting.value == field.value))


def candidates_of(match: MatchOutcome) -> tuple[Candidate, ...]:
    """The register rows a match names, best first."""
    match match:
        case Matched(candidate):
            return (candidate,)
        case Ambiguous(candidates):
            return candidates
        case Unmatched():
            return ()
    assert_never(match)


def source_name(source: str) -> str:
    """The name of a register source; rows keyed by people are named as such."""
    return t("register.manual") if source == MANUAL else source


def by_level(findings: Iterable[Finding]) -> list[Finding]:
    """Findings with the weightiest first."""
    return sorted(findings, key=lambda finding: _WEIGHT[finding.level])


def link_of(link: str) -> str:
    """The page behind ``invoice:12``, ``document:7``, ``register:99``, ``import:3``, ``companies:`` or ``source:…``;
    empty for anything else.
    """
    what, _, name = link.partition(":")
    if what == "source":
        runs = allows(actor().role, Action.RUN_SOURCES)
        return url_for("sources.show", name=name) if runs else url_for("register.search", source=name)
    if what == "companies":
        return url_for("companies.listing")
    if what not in _PAGES or not name.isdigit():
        return ""
    page, value = _PAGES[what]
    values: dict[str, Any] = {value: int(name)}
    return url_for(page, **values)


_PAGES: Final = {
    "invoice": ("documents.of_invoice", "number"),
    "document": ("documents.show", "number"),
    "register": ("register.search", "row"),
    "import": ("imports.show", "number"),
}


def event_about(event: Event, doc: DocumentView) -> str:
    """The number of the invoice that an act concerns, where a file has several; else empty."""
    if len(doc.invoices) < 2:
        return ""
    for found in doc.invoices:
        if event.subject in {f"invoice:{found.id}", f"task:{found.task.id}" if found.task else ""}:
            return found.invoice.value(FieldName.NUMBER) or ""
    return ""


def subject_name(subject: str) -> str:
    """``document:7`` in words."""
    what, _, number = subject.partition(":")
    if subject == "account:0":
        return t("subject.nobody")
    return f"{t(f'subject.{what}')} {number}" if has(f"subject.{what}") else subject


def told(event: Event) -> str:
    """An audit entry as a sentence."""
    key = f"event.{event.action}"
    return t(key, **in_words(event.detail)) if has(key) else event.action


def in_words(params: Mapping[str, Any], spoken: Language | None = None) -> dict[str, object]:
    """Parameters of a sentence with codes (kinds, fields, roles …) said in words where there are words for them, in the
    language of the request unless another is `spoken`.
    """
    tongue = spoken or language()
    shown = {name: _word(name, value, tongue) for name, value in params.items()}
    if has(f"finding.{params.get('finding')}"):  # a check inside a sentence brings its own parameters
        shown["finding"] = text(tongue, f"finding.{params['finding']}", **{**shown, "finding": ""})
    return shown


def _word(name: str, value: object, tongue: Language) -> object:
    if name == "key" and isinstance(value, str):
        return present.as_written(FieldName.RED_OF, value)
    for group in _SAID.get(name, ()):
        if has(f"{group}.{value}"):
            return text(tongue, f"{group}.{value}")
    return value


_SAID: Final[Mapping[str, tuple[str, ...]]] = {
    "settlement": ("settlement",),
    "state": ("state", "task"),
    "cause": ("cause",),
    "reason": ("error", "cause", "refusal", "refused", "other"),
    "what": ("other",),
    "role": ("role",),
    "channel": ("channel",),
    "kind": ("kind",),
    "by_code": ("kind",),
    "by_title": ("kind",),
    "field": ("field",),
    "level": ("match", "level"),
    "status": ("register_status",),
    "outcome": ("state",),
    "answer": ("official",),
    "official": ("official",),
    "to": ("addressee",),
    "health": ("source_health",),
    "system": ("system",),
    "slip": ("slip",),
    "old": ("cause",),
    "new": ("cause",),
    "why": ("repair_short",),
    "place": ("known",),
    "source": ("source",),
    "reminder": ("follow_up",),
}

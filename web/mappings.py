"""The mapping wizard: what each heading of a foreign table is, seen at once on its first rows, saved by a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from intake.errors import ImportRefusedError, MappingError
from intake.register import mappings
from intake.register.columns import Column
from intake.register.mappings import ColumnMapping, Glance, Preview
from intake.register.meaning import Codes, DayOrder, Options, Unit
from intake.register.table import TableError
from intake.roles import Action
from web import forms
from web.errors import is_fragment
from web.imports import begin
from web.language import t
from web.security import actor, needs
from web.service import intake
from web.tables import Upload, read_ticket

pages = Blueprint("mappings", __name__, url_prefix="/register/mappings")
SHOWN: Final = 20
SAMPLES: Final = 3
TABLE: Final = (
    "number",
    "code",
    "date",
    "net",
    "tax",
    "total",
    "seller_name",
    "seller_tax_id",
    "buyer_name",
    "kind",
    "status",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A heading, some of its cells, and the column it is chosen to be."""

    place: int
    heading: str
    cells: tuple[str, ...]
    column: Column | None


@dataclass(frozen=True, slots=True)
class Trial:
    """A mapping on trial: the rows as it understands them and what is wrong, as sentences."""

    preview: Preview | None
    problems: tuple[str, ...]


@pages.get("")
@needs(Action.SEE_REGISTER)
def listing() -> ResponseReturnValue:
    """The saved mappings."""
    return render_template("mappings.html", mappings=mappings.all_mappings(intake().engine))


@pages.get("/new")
@needs(Action.IMPORT_REGISTER)
def new() -> ResponseReturnValue:
    """The wizard for an uploaded table, with a proposal for each heading."""
    upload = read_ticket(request.args.get("ticket", ""))
    glance = _glance(upload)
    proposed = {name: column for column, name in mappings.propose(glance.headings, glance.rows).items()}
    choices = _choices(glance, [proposed.get(name) for name in glance.headings])
    mapping = _mapping(choices, forms.text(request.args, "name", mappings.LONGEST) or upload.source, Options())
    return _page(upload, glance, choices, mapping, "")


@pages.post("/preview")
@needs(Action.IMPORT_REGISTER)
def preview() -> ResponseReturnValue:
    """The first rows as the form understands them; asked again at each change."""
    upload, glance, choices, mapping = _given()
    if not is_fragment():  # a browser without scripts: the page itself, as chosen
        return _page(upload, glance, choices, mapping, "")
    return render_template("parts/mapping_preview.html", trial=_trial(upload, choices, mapping), columns=TABLE)


@pages.post("")
@needs(Action.IMPORT_REGISTER)
def save() -> ResponseReturnValue:
    """Save the mapping by its name and read the file with it; a mapping by which nothing is understood is not saved."""
    upload, glance, choices, mapping = _given()
    twice = _twice(choices)
    if twice:
        return _page(upload, glance, choices, mapping, twice), 422
    try:
        mappings.save(intake().engine, mapping, actor=actor(), clock=intake().clock)
    except MappingError as error:
        return _page(upload, glance, choices, mapping, t(f"mapping_problem.{error.detail}")), 422
    return begin(upload, mapping)


def _given() -> tuple[Upload, Glance, tuple[Choice, ...], ColumnMapping]:
    upload = read_ticket(request.form.get("ticket", ""))
    glance = _glance(upload)
    chosen = [forms.choice(request.form, f"column.{place}", Column) for place in range(len(glance.headings))]
    choices = _choices(glance, chosen)
    options = Options(
        forms.choice(request.form, "days", DayOrder) or DayOrder.YEAR_FIRST,
        forms.choice(request.form, "unit", Unit) or Unit.YUAN,
        forms.choice(request.form, "codes", Codes) or Codes.WORDS,
        "complete" in request.form,
    )
    name = forms.text(request.form, "name", mappings.LONGEST)
    return upload, glance, choices, _mapping(choices, name, options)


def _glance(upload: Upload) -> Glance:
    """The start of the file. Raises ImportRefusedError for a file that is no table."""
    try:
        return mappings.glance(upload.place)
    except TableError as error:
        raise ImportRefusedError(str(error)) from error


def _choices(glance: Glance, columns: list[Column | None]) -> tuple[Choice, ...]:
    return tuple(
        Choice(place, heading, _cells(glance, place), column)
        for place, (heading, column) in enumerate(zip(glance.headings, columns, strict=True))
        if heading
    )


def _cells(glance: Glance, place: int) -> tuple[str, ...]:
    there = (row[place] for row in glance.rows if place < len(row) and row[place])
    return tuple(dict.fromkeys(there))[:SAMPLES]


def _mapping(choices: tuple[Choice, ...], name: str, options: Options) -> ColumnMapping:
    return ColumnMapping(name, {choice.column: choice.heading for choice in choices if choice.column}, options)


def _twice(choices: tuple[Choice, ...]) -> str:
    """Two headings for one column, in words; empty when there are none."""
    seen: dict[Column, str] = {}
    for choice in choices:
        if choice.column and choice.column in seen:
            names = {"one": seen[choice.column], "other": choice.heading}
            return t("mapping_problem.same_column", column=t(f"register_column.{choice.column}"), **names)
        if choice.column:
            seen[choice.column] = choice.heading
    return ""


def _trial(upload: Upload, choices: tuple[Choice, ...], mapping: ColumnMapping) -> Trial:
    twice = _twice(choices)
    problem = mappings.problem_of(ColumnMapping(mapping.name or "-", mapping.columns, mapping.options))
    if twice or problem:
        return Trial(None, (twice or t(f"mapping_problem.{problem}"),))
    try:
        found = mappings.preview(upload.place, mapping, SHOWN)
    except TableError as error:
        return Trial(None, (t(f"import_error.{error.reason}"),))
    return Trial(found, tuple(_problem(code) for code in found.problems))


def _problem(code: str) -> str:
    kind, _, column = code.partition(":")
    return (
        t(f"mapping_problem.{kind}", column=t(f"register_column.{column}")) if column else t(f"mapping_problem.{kind}")
    )


def _page(upload: Upload, glance: Glance, choices: tuple[Choice, ...], mapping: ColumnMapping, problem: str) -> str:
    return render_template(
        "mapping.html",
        upload=upload,
        ticket=upload.ticket(),
        glance=glance,
        choices=choices,
        mapping=mapping,
        problem=problem,
        trial=_trial(upload, choices, mapping),
        columns=TABLE,
        all_columns=list(Column),
        day_orders=list(DayOrder),
        units=list(Unit),
        codes=list(Codes),
        taken=[one.name for one in mappings.all_mappings(intake().engine)],
    )

"""The gap list of a month: its sums as a picture and a reconciliation, its lines page by page, and its files."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, send_file, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from intake.clock import day_of
from intake.errors import NotFoundError
from intake.model import Cause
from intake.roles import Action
from intake.views import gap_files
from intake.views.gaps import (
    GapFilter,
    GapLine,
    Gaps,
    PaperState,
    RowState,
    gap_papers,
    gap_rows,
    gaps,
    next_month,
    pages_of,
)
from web import forms
from web.language import t
from web.security import needs
from web.service import intake

pages = Blueprint("gaps", __name__, url_prefix="/gaps")

LISTS: Final[dict[str, RowState | PaperState]] = {
    **{f"row.{state.value}": state for state in RowState},
    **{f"paper.{state.value}": state for state in PaperState},
}
FIRST: Final = "row.missing"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("")
@needs(Action.SEE_REGISTER)
def show() -> ResponseReturnValue:
    """A month both ways, and the lines of one state."""
    service = intake()
    today = day_of(service.clock())
    wanted = _filter(request.args, today)
    found = gaps(service.engine, wanted)
    chosen = request.args.get("show", "")
    chosen = chosen if chosen in LISTS else FIRST
    cause = forms.choice(request.args, "cause", Cause) if chosen == f"paper.{PaperState.UNKNOWN.value}" else None
    page = max(1, forms.whole(request.args, "page") or 1)
    lines, count = _lines(wanted, found, chosen, cause, page)
    kept = {"month": f"{wanted.month:%Y-%m}", "company": wanted.company, "source": wanted.source}

    def address(**changes: object) -> str:
        parts = {**kept, **changes}
        return url_for("gaps.show") + "?" + urlencode({name: value for name, value in parts.items() if value})

    return render_template(
        "gaps.html",
        wanted=wanted,
        found=found,
        chosen=chosen,
        cause=cause,
        lines=lines,
        count=count,
        page=page,
        pages=pages_of(count),
        kept=kept,
        address=address,
        listed=partial(address, show=chosen, cause=cause),
        earlier=f"{wanted.month - timedelta(days=1):%Y-%m}",
        later=f"{next_month(wanted.month):%Y-%m}" if next_month(wanted.month) <= today else "",
        now=service.clock(),
        companies={one.tax_id: one.name for one in service.companies.all()},
        sources=sorted(source.name for source in service.register.sources()),
        scale=max(1, found.register.count, found.here.count),
        RowState=RowState,
        PaperState=PaperState,
    )


@pages.get("/file.<kind>")
@needs(Action.SEE_REGISTER)
def download(kind: str) -> ResponseReturnValue:
    """The month as a workbook, or one of its two lists as CSV."""
    service = intake()
    wanted = _filter(request.args, day_of(service.clock()))
    if kind == "xlsx":
        place = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the answer
        gap_files.write_workbook(service.engine, wanted, t, place)
        place.seek(0)
        return send_file(place, mimetype=XLSX, as_attachment=True, download_name=f"gaps-{wanted.month:%Y-%m}.xlsx")
    if kind != "csv":
        raise NotFoundError(f"gap list as {kind}")
    papers = request.args.get("list") == "papers"
    name = f"gaps-{wanted.month:%Y-%m}-{'papers' if papers else 'register'}.csv"
    lines = stream_with_context(gap_files.csv_lines(service.engine, wanted, t, papers=papers))
    return Response(
        lines, mimetype="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _filter(given: Mapping[str, str], today: date) -> GapFilter:
    """As the address says; without a month the last one that has ended."""
    month = forms.a_day({"day": f"{given.get('month', '')}-01"}, "day")
    ended = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    in_reach = month is not None and 1900 < month.year < 9000
    return GapFilter(
        month if month is not None and in_reach else ended,
        forms.text(given, "company", 32),
        forms.text(given, "source", 64),
    )


def _lines(wanted: GapFilter, found: Gaps, chosen: str, cause: Cause | None, page: int) -> tuple[list[GapLine], int]:
    engine, state = intake().engine, LISTS[chosen]
    if isinstance(state, RowState):
        return list(gap_rows(engine, wanted, state, page)), found.rows[state].count
    count = found.causes[cause].count if cause in found.causes else found.papers[state].count
    return list(gap_papers(engine, wanted, state, cause, page)), 0 if cause and cause not in found.causes else count

"""What is issued in a region and is not in the register, and why: weeks, causes, districts, and the papers behind them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake.clock import day_of
from intake.roles import Action
from intake.views.gaps import pages_of
from intake.views.regions import (
    CONFIRMED,
    KEYED,
    MISSING,
    WEEK,
    RegionFilter,
    monday,
    region_papers,
    region_view,
    regions_seen,
)
from ocr.rules.regions import BEIJING, REGIONS, district_name
from web import forms
from web.catalog import has
from web.language import t
from web.security import needs
from web.service import intake

pages = Blueprint("regions", __name__, url_prefix="/regions")

SPANS: Final = (13, 26, 52)  # weeks
ALL: Final = "all"
TONES: Final = 6  # of causes in the picture; the rarer ones share the last


@pages.get("")
@needs(Action.SEE_REGISTER)
def show() -> ResponseReturnValue:
    """A region, and its papers of one week, one cause, one district, or all of them."""
    service = intake()
    wanted, weeks = _filter(request.args, day_of(service.clock()))
    view = region_view(service.engine, wanted)
    week = _week(request.args.get("week", ""))
    week = week if week in view.weeks else None
    name = request.args.get("why", "")
    name = name if name in {ALL, *view.names} else MISSING
    page = max(1, forms.whole(request.args, "page") or 1)
    asked = "" if name == ALL else name
    lines, count = region_papers(service.engine, wanted, week=week, name=asked, page=page)
    kept = {
        "region": wanted.region,
        "weeks": weeks,
        "district": wanted.district,
        "week": iso(week) if week else "",
        "why": "" if name == MISSING else name,
    }

    def address(**changes: object) -> str:
        parts = {**kept, **changes}
        return url_for("regions.show") + "?" + urlencode({key: value for key, value in parts.items() if value})

    causes = [one for one in view.names if one not in {CONFIRMED, KEYED}]
    return render_template(
        "regions.html",
        wanted=wanted,
        view=view,
        week=week,
        name=name,
        lines=lines,
        count=count,
        page=page,
        pages=pages_of(count),
        address=address,
        spans=SPANS,
        weeks=weeks,
        regions={digits: t(f"region.{digits}") for digits in REGIONS},
        seen=regions_seen(service.engine),
        tones={CONFIRMED: "in", KEYED: "keyed"} | {one: f"c{min(at, TONES - 1)}" for at, one in enumerate(causes)},
        iso=iso,
        in_order=lambda order, counts: [(one, counts[one]) for one in order],
        said=said,
        district_name=district_name,
        sunday=lambda day: day + timedelta(days=6),
    )


def said(name: str) -> str:
    """The name of a part of the picture, or of the list, in words."""
    if name in {ALL, MISSING}:
        return t(f"regions.{name}")
    return t(f"gaps.paper.{name}") if has(f"gaps.paper.{name}") else t(f"cause.{name}")


def iso(week: date) -> str:
    """``2026-W30``."""
    year, number, _ = week.isocalendar()
    return f"{year}-W{number:02d}"


def _week(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-1") if "W" in text else None
    except ValueError:
        return None


def _filter(given: Mapping[str, str], today: date) -> tuple[RegionFilter, int]:
    """As the address says: Beijing and the last thirteen weeks where it says nothing."""
    region = given.get("region", "")
    weeks = forms.whole(given, "weeks")
    weeks = weeks if weeks in SPANS else SPANS[0]
    last = monday(today)
    district = given.get("district", "")
    return RegionFilter(
        region if region in REGIONS else BEIJING,
        last - WEEK * (weeks - 1),
        last,
        district if district.isascii() and district.isdigit() and len(district) <= 6 else "",
    ), weeks

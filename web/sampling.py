"""Sampling inspection of what the machine files: lots and their history, one invoice after the other beside its picture."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake.inspection import LotState
from intake.roles import Action
from intake.sampling import Mode
from intake.views import inspection as lots
from ocr.types import FieldName
from web import forms, keying, present
from web.language import t
from web.security import actor, needs
from web.service import intake

pages = Blueprint("sampling", __name__, url_prefix="/sampling")

LONGEST: Final = 1000
FIELDS: Final = (*present.TOLD, FieldName.CHECK_CODE)


@pages.get("")
@needs(Action.SEE_STATUS)
def listing() -> ResponseReturnValue:
    """The lots, what waits, and in which mode the next one is drawn."""
    service = intake()
    found = lots.list_lots(service.engine)
    mine, waiting = lots.to_inspect(service.engine, actor())
    return render_template(
        "sampling.html",
        lots=found,
        standing=lots.where_sampling_stands(service.engine, service.settings.aql),
        aql=service.settings.aql,
        mine=mine,
        left=waiting,
        rejected=[lot for lot in found if lot.state is LotState.REJECTED and lot.left],
        most=max([1, *(max(lot.found, lot.reject) for lot in found)]),
        Mode=Mode,
    )


@pages.get("/<int:number>")
@needs(Action.SEE_STATUS)
def show(number: int) -> ResponseReturnValue:
    """One lot: its plan, its draw, what was wrong."""
    lot, wrong = lots.show_lot(intake().engine, number)
    return render_template("sampling_lot.html", lot=lot, wrong=wrong)


@pages.get("/next")
@needs(Action.INSPECT)
def following() -> ResponseReturnValue:
    """On to the next invoice of the sample."""
    found = intake().inspection.next(actor(), besides=forms.whole(request.args, "besides"))
    if found is None:
        flash(t("sampling.nothing_left"))
        return redirect(url_for("sampling.listing"))
    return redirect(url_for("sampling.compare", number=found[0], invoice=found[1]))


@pages.get("/<int:number>/<int:invoice>")
@needs(Action.INSPECT)
def compare(number: int, invoice: int) -> ResponseReturnValue:
    """The picture and what the machine filed, side by side."""
    return _page(number, invoice)


@pages.post("/<int:number>/<int:invoice>")
@needs(Action.INSPECT)
def judge(number: int, invoice: int) -> ResponseReturnValue:
    """Right, or wrong in the ticked fields; then the next one."""
    right = request.form.get("result") == "right"
    ticked = [name for name in FIELDS if request.form.get(f"wrong.{name.value}")]
    note = forms.text(request.form, "note", LONGEST)
    if (right and ticked) or (not right and not ticked and not note):
        return _page(number, invoice, wrong=ticked, refused="both" if right else "none"), 422
    said = intake().inspection.inspect(actor(), number, invoice, None if right else ticked, note)
    if said.just_decided:
        kind = "bad" if said.state is LotState.REJECTED else "message"
        flash(t(f"sampling.just.{said.state.value}"), kind)
    return redirect(url_for("sampling.following"))


@pages.post("/resume")
@needs(Action.RESUME_SAMPLING)
def resume() -> ResponseReturnValue:
    """What led to the suspension is mended: samples are drawn again, under tightened inspection."""
    intake().inspection.resume(actor())
    flash(t("sampling.resumed"))
    return redirect(url_for("sampling.listing"))


def _page(number: int, invoice: int, wrong: list[FieldName] | None = None, refused: str = "") -> str:
    paper = lots.paper_to_inspect(intake().engine, number, invoice)
    shown = [(name, paper.invoice.value(name)) for name in FIELDS if paper.invoice.value(name)]
    return render_template(
        "inspect.html", paper=paper, fields=shown, wrong=wrong or [], refused=refused, spots=keying.marks(paper.invoice)
    )

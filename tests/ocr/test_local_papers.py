"""Vehicles' sales, rolls, slips and tickets as they come: a PDF with text, and a scan through the recogniser."""

from __future__ import annotations

import re

import numpy as np
import pytest

from fixtures import pdf
from fixtures.carriers import scanned
from fixtures.drawn import Drawn
from fixtures.families import local, vehicle
from fixtures.invent import Inventor
from intake.fuse import fuse
from intake.model import Invoice
from ocr.read import read
from ocr.rules.keys import key_of
from ocr.types import FieldName, Limits

FAMILIES = {**vehicle.FAMILY, **local.FAMILY}


def seen(data: bytes, name: str, drawn: Drawn) -> Invoice:
    """The one invoice that a file holds, with the key of its kind."""
    (receipt,) = read(data, name, Limits()).receipts
    invoice = fuse(receipt)
    key = key_of(invoice.kind, invoice.value(FieldName.CODE), invoice.value(FieldName.NUMBER))
    assert key is not None
    assert re.match("D:" if drawn.row["code"] is None else "T:", key)
    return invoice


def agrees(invoice: Invoice, drawn: Drawn) -> None:
    wanted = {name: value for name, value in drawn.row.items() if name != "kind" and value is not None}
    assert invoice.kind is drawn.kind
    assert {name: invoice.value(FieldName.NET if name == "amount" else FieldName(name)) for name in wanted} == wanted


@pytest.mark.parametrize("form", FAMILIES)
def test_a_text_layer_gives_every_field(form: str) -> None:
    drawn = FAMILIES[form](Inventor(f"7/{form}"))
    agrees(seen(pdf.write(drawn.sheets), "a.pdf", drawn), drawn)


@pytest.mark.parametrize(
    "form",
    [
        "vehicle",
        "used_vehicle",
        "dig_vehicle",
        "vat_roll_57",
        "machine_roll",
        "quota",
        "blockchain",
        "taxi_city",
        "coach_free",
    ],
)
def test_a_clean_scan_gives_every_field(form: str) -> None:
    inventor = Inventor(f"7/{form}")
    drawn = FAMILIES[form](inventor)
    picked = scanned(drawn, 0, inventor, np.random.default_rng(7))
    agrees(seen(picked.data, f"a.{picked.suffix}", drawn), drawn)

"""How many invoices come back with all their lines right: ``python -m tests.bench.lines [--count N] [--medium scan|photo|pdf]``.

The forms of the tax-control, digital and special families are scanned, photographed or written as PDF. What is true of
the lines is taken from the drawn sheets, whose texts name the cell they stand in. A line is right when name, amount,
rate and tax are; an invoice when all its lines are, and no other.
"""

from __future__ import annotations

import argparse
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from fixtures.carriers import digital, photographed, scanned
from fixtures.drawn import Drawn
from fixtures.families import FAMILIES
from fixtures.invent import Inventor
from fixtures.sheet import Sheet, Text
from ocr.read import read, warm_up
from ocr.rules.amounts import parse_money, parse_rate
from ocr.types import FieldName, Limits, LineItem, Receipt
from tests.bench import tables

MEDIA: Final = ("scan", "photo", "pdf")
CELLS: Final = ("name", "amount", "rate", "tax")
_TAGS: Final = {
    "Item": "name",
    "Specification": "specification",
    "MeasurementDimension": "unit",
    "Quantity": "quantity",
    "Price": "price",
    "Amount": "amount",
    "TaxScheme": "rate",
    "TaxAmount": "tax",
}
_BELOW: Final = 1.0  # millimetres by which texts of one row may differ in height


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="invoices of each carrier")
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--medium", choices=MEDIA, action="append")
    parser.add_argument("--show", action="store_true", help="print the lines that are not right")
    options = parser.parse_args()
    warm_up()
    forms = [(name, form) for family in ("vat", "digital", "special") for name, form in FAMILIES[family].items()]
    rows: list[dict[str, object]] = []
    for medium in options.medium or MEDIA:
        count: Counter[str] = Counter()
        begun = time.process_time()
        for index in range(options.count):
            name, form = forms[index % len(forms)]
            drawn = form(Inventor(f"lines-{options.seed}-{index}"))
            true = lines_of(drawn.sheets if medium != "photo" else drawn.sheets[:1])
            if not true or medium not in drawn.media:
                continue
            file, suffix = _file(drawn, medium, options.seed, index)
            receipts = read(file, f"lines.{suffix}", Limits(seconds=600.0)).receipts
            own = max(receipts, key=lambda receipt: len(receipt.lines), default=None)
            seen = own.lines if own is not None else ()
            wrong = faults(true, seen)
            count["invoices"] += 1
            count["all right"] += not wrong
            count["lines"] += len(true)
            count.update(wrong)
            count["sums fit"] += own is not None and _fits(own)
            if wrong and options.show:
                print(medium, index, name, dict(wrong), sep="  ")
                for line in seen:
                    print("     read", *(getattr(line, cell) for cell in _TAGS.values()), sep=" | ")
                for line in true:
                    print("     true", *(getattr(line, cell) for cell in _TAGS.values()), sep=" | ")
        done = max(count["invoices"], 1)
        rows.append(
            {
                "carrier": medium,
                "invoices": count["invoices"],
                "all right": count["all right"],
                "%": round(100 * count["all right"] / done, 1),
                "sums fit": count["sums fit"],
                "lines": count["lines"],
                "missing": count["missing"],
                "extra": count["extra"],
                **{f"{cell} wrong": count[cell] for cell in CELLS},
                "CPU s": round((time.process_time() - begun) / done, 2),
            }
        )
    tables.show("Lines of invoices", rows)
    tables.save("lines", rows)


def _file(drawn: Drawn, medium: str, seed: int, index: int) -> tuple[bytes, str]:
    inventor, chance = Inventor(f"wear-{seed}-{index}"), np.random.default_rng([seed, index])
    if medium == "pdf":
        picked = digital(drawn, "pdf", chance, index)
    else:
        grade = index % 3 if medium == "scan" else 1 + index % 2
        picked = (scanned if medium == "scan" else photographed)(drawn, grade, inventor, chance)
    return picked.data, picked.suffix


def lines_of(sheets: Iterable[Sheet]) -> list[LineItem]:
    """The lines that sheets show, but for the one that refers to a list."""
    found: list[LineItem] = []
    for sheet in sheets:
        texts = [item for item in sheet.values if isinstance(item, Text) and item.tag in _TAGS and not item.turn]
        tops = sorted({item.y for item in texts if item.tag == "Amount"})
        for top, after in zip(tops, [*tops[1:], 9e9][: len(tops)], strict=True):
            cells = dict.fromkeys(_TAGS.values(), "")
            for item in texts:
                if top - _BELOW < item.y < after - _BELOW:
                    cells[_TAGS[item.tag]] += item.text
            found.append(LineItem(**cells))
    return [line for line in found if "详见" not in line.name]


def faults(true: Sequence[LineItem], seen: Sequence[LineItem]) -> Counter[str]:
    """What is wrong: lines that are missing or too many, and cells of the others in their order."""
    wrong: Counter[str] = Counter()
    if len(seen) < len(true):
        wrong["missing"] = len(true) - len(seen)
    if len(seen) > len(true):
        wrong["extra"] = len(seen) - len(true)
    for told, line in zip(true, seen, strict=False):
        for cell in CELLS:
            wrong[cell] += _plain(cell, getattr(told, cell)) != _plain(cell, getattr(line, cell))
    return +wrong


def _plain(cell: str, text: str) -> object:
    """One spelling: NFKC, no blanks; a sum and a rate by its value."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    if cell == "name":
        return plain
    value = parse_rate(plain) if cell == "rate" else parse_money(plain.lstrip("¥"))
    return plain.strip("*") if value is None else value


def _fits(receipt: Receipt) -> bool:
    stated = {value.value for value in receipt.values if value.name is FieldName.NET}
    return f"{sum((parse_money(line.amount) or 0 for line in receipt.lines), 0):.2f}" in stated


if __name__ == "__main__":
    main()

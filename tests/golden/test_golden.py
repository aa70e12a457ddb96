from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from fixtures import papers
from fixtures.make import products
from intake.cli import FIELDS
from intake.pipeline import process
from intake.ports import Tools
from tests.golden.said import said

EXPECTED = Path(__file__).parent / "expected"
PRODUCTS = {product.file: product for product in products(papers.load())}


def expected_path(file: str) -> Path:
    return EXPECTED / f"{file}.json"


def spelled(value: object) -> str | None:
    """One spelling: NFKC, no blanks, upper case."""
    return None if value is None else re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(value))).upper()


def escapes(file: str, answer: dict[str, Any]) -> list[str]:
    """Values that were called proven and are wrong; each found invoice is held against the truth with its number.

    A tax of 0.00 and a tax printed as *** are the same (domain.md §4.5).
    """
    rows = list(PRODUCTS[file].rows)
    wrong = []
    for place, invoice in enumerate(answer.get("invoices", [])):
        number = invoice["fields"].get("number")
        row = next((row for row in rows if row["number"] == number), rows[place] if place < len(rows) else None)
        for name in invoice["proven"]:
            value = invoice["fields"][name]
            if row is not None and (name in unreadable(row) or spelled(value) == spelled(row[name])):
                continue
            if row is None or (name, value, row[name]) != ("tax", "0.00", None):
                wrong.append(f"{name}={value}")
    return wrong


def unreadable(row: dict[str, object]) -> list[str]:
    names = row["unreadable_fields"]
    assert isinstance(names, list)
    return names


@pytest.mark.parametrize("file", PRODUCTS)
def test_each_paper_is_judged_as_before_and_nothing_proven_is_wrong(
    file: str, made: Path, tools: Tools, request: pytest.FixtureRequest
) -> None:
    path = made / file
    answer = said(process(path.read_bytes(), path.name, tools))
    expected = expected_path(file)
    if request.config.getoption("--golden-update"):
        expected.parent.mkdir(parents=True, exist_ok=True)
        expected.write_text(json.dumps(answer, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert escapes(file, answer) == []
    assert answer == json.loads(expected.read_text(encoding="utf-8"))


def test_there_is_one_expectation_for_each_paper() -> None:
    assert sorted(str(path.relative_to(EXPECTED)) for path in EXPECTED.glob("*/*")) == sorted(
        f"{file}.json" for file in PRODUCTS
    )


def expectations() -> dict[str, list[dict[str, Any]]]:
    """The invoices of every expectation, by file."""
    found: dict[str, list[dict[str, Any]]] = {}
    for file in PRODUCTS:
        found[file] = json.loads(expected_path(file).read_text(encoding="utf-8")).get("invoices", [])
    return found


def test_every_level_of_match_and_every_cause_occurs() -> None:
    levels, causes = set(), set()
    for invoices in expectations().values():
        for invoice in invoices:
            levels |= set(invoice.get("match", []))
            causes.add(invoice.get("cause"))
    assert levels == {"M0", "M1", "M2", "M3", "M4"}
    assert causes >= {
        "type_never_in_register",
        "transcription_error",
        "qr_ocr_conflict",
        "register_stale",
        "wrong_title",
        "void_or_red",
        "out_of_query_window",
        "unknown",
    }


ALTERED = {paper.number for paper in papers.load().papers if paper.qr_total or paper.qr_date}


def test_fields_read_right_stay_above_their_floor() -> None:
    """Papers whose code and face contradict each other are left out: no reading of those is right."""
    right: dict[str, int] = defaultdict(int)
    asked: dict[str, int] = defaultdict(int)
    for file, invoices in expectations().items():
        by_number = {invoice["fields"].get("number"): invoice for invoice in invoices}
        for row in PRODUCTS[file].rows:
            fields = by_number.get(row["number"], {"fields": {}})["fields"]
            for name in FIELDS.values():
                if row[name] is not None and name not in unreadable(row) and row["number"] not in ALTERED:
                    carrier = file.split("/")[0]
                    asked[carrier] += 1
                    right[carrier] += spelled(fields.get(name)) == spelled(row[name])
    shares = {carrier: right[carrier] / asked[carrier] for carrier in asked}
    floors = {"pdf-text": 1.0, "ofd": 1.0, "xml": 1.0, "pdf-scan": 0.97, "scan": 0.97, "noisy": 0.97, "photo": 0.97}
    assert {carrier: share for carrier, share in shares.items() if share < floors.get(carrier, 0.97)} == {}

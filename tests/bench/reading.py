"""What reading costs and finds: ``python -m tests.bench.reading [--pages N]``.

This product beside the readers of :mod:`tests.bench.stock` on the same generated files, one thread each, each in a
process of its own, in one run: scans, noisy scans and photos for those that read pictures, PDFs with a text layer for
invoice2data, and every carrier for this product alone. The others only give text: a field counts as found when its
value stands anywhere in it. From this product the value must come under its name. Cost is CPU, children included.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from fixtures.make import make_once
from ocr.types import FieldName, Limits
from tests.bench import early, stock, tables, workers

PAPERS = Path("build/fixtures")
PICTURES = ("scan", "noisy", "photo")
CARRIERS = ("pdf-text", "ofd", "xml", *PICTURES)
FIELDS = {
    "code": FieldName.CODE,
    "number": FieldName.NUMBER,
    "date": FieldName.DATE,
    "check_code": FieldName.CHECK_CODE,
    "buyer_name": FieldName.BUYER_NAME,
    "buyer_tax_id": FieldName.BUYER_TAX_ID,
    "seller_name": FieldName.SELLER_NAME,
    "seller_tax_id": FieldName.SELLER_TAX_ID,
    "amount": FieldName.NET,
    "tax": FieldName.TAX,
    "total": FieldName.TOTAL,
}
Entry = Mapping[str, str | None]
Truth = Mapping[str, Sequence[Entry]]


@dataclass(frozen=True)
class Cost:
    """What one reader used and found."""

    cpu: Mapping[str, float]  # seconds for each file, children included
    rss: int  # MB, the largest of it and its children
    found: Counter[str]  # fields by carrier
    missed: Counter[str]  # by name of field


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=0, help="so many files of each run only, spread over the carriers")
    options = parser.parse_args()
    make_once(PAPERS)
    pictures, texts = truth_of(PAPERS, PICTURES, options.pages), truth_of(PAPERS, ("pdf-text",), options.pages)
    shown = compared("Reading pictures, one thread", pictures, PICTURES, READERS_OF_PICTURES)
    tables.save("reading", shown)
    shown = compared("Reading PDFs with text, one thread", texts, ("pdf-text",), READERS_OF_TEXT)
    tables.save("reading-text", shown)
    every = truth_of(PAPERS, CARRIERS, options.pages)
    rows = by_carrier(every, measured("this product", every))
    tables.show("This product by carrier, one thread", rows)
    tables.save("reading-carriers", rows)
    rows = early.compared([PAPERS / name for name in pictures if _carrier(name) in {"scan", "noisy"}])
    tables.show("Scans that code and register decide, one thread", rows)
    tables.save("reading-early", rows)
    rows = workers.compared([PAPERS / name for name in pictures])
    tables.show("One worker and two", rows)
    tables.save("reading-workers", rows)


def compared(
    title: str, truth: Truth, carriers: Sequence[str], readers: Mapping[str, object]
) -> list[dict[str, object]]:
    """Every reader on the same files."""
    wanted = _wanted(truth)
    costs = {name: measured(name, truth) for name in readers}
    own = sum(costs["this product"].cpu.values())
    rows: list[dict[str, object]] = []
    for name, cost in costs.items():
        cpu = sum(cost.cpu.values())
        shares = {f"{at} %": _share(cost.found[at], wanted[at]) for at in carriers if wanted[at]}
        rows.append(
            {
                "reader": name,
                "files": len(truth),
                "CPU s a file": round(cpu / len(truth), 3),
                "times this": round(cpu / own, 2),
                "MB": cost.rss,
                "fields": wanted.total(),
                "found": cost.found.total(),
                "found %": _share(cost.found.total(), wanted.total()),
                **shares,
            }
        )
    tables.show(title, rows)
    tables.show("Fields missed", [{"reader": name, **cost.missed} for name, cost in costs.items()])
    return rows


def by_carrier(truth: Truth, cost: Cost) -> list[dict[str, object]]:
    """What one reader costs and finds on each carrier."""
    wanted = _wanted(truth)
    rows: list[dict[str, object]] = []
    for carrier in CARRIERS:
        spent = [1000 * seconds for name, seconds in cost.cpu.items() if _carrier(name) == carrier]
        if spent:
            rows.append(
                {
                    "carrier": carrier,
                    "files": len(spent),
                    "CPU ms, median": round(median(spent)),
                    "mean": round(sum(spent) / len(spent)),
                    "most": round(max(spent)),
                    "fields": wanted[carrier],
                    "found %": _share(cost.found[carrier], wanted[carrier]),
                }
            )
    return [*rows, {"carrier": "all", "files": len(truth), "MB": cost.rss}]


def truth_of(papers: Path, carriers: Sequence[str], most: int) -> dict[str, list[Entry]]:
    """The invoices of each file; `most` files, taking the carriers in turn, when it is not 0."""
    by_file: dict[str, list[Entry]] = {}
    for entry in json.loads((papers / "truth.json").read_text(encoding="utf-8")):
        if _carrier(entry["file"]) in carriers:
            by_file.setdefault(entry["file"], []).append(entry)
    if not most:
        return by_file
    places: Counter[str] = Counter()
    order: dict[str, int] = {}
    for name in by_file:
        order[name] = places[_carrier(name)]
        places[_carrier(name)] += 1
    return {name: by_file[name] for name in sorted(by_file, key=lambda name: order[name])[:most]}


def fields_of(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    """Every field that the file shows, with its value."""
    return [(name, value) for entry in entries for name in FIELDS if (value := entry.get(name))]


def measured(name: str, truth: Truth) -> Cost:
    """One reader over all files, in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(cost_of, name, truth).result()


def cost_of(name: str, truth: Truth) -> Cost:
    finder = {**READERS_OF_PICTURES, **READERS_OF_TEXT}[name]()
    finder(PAPERS / next(iter(truth)))  # models and caches are warm before the clock starts
    cpu: dict[str, float] = {}
    found: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for file, entries in truth.items():
        begun = _cpu()
        answer = finder(PAPERS / file)
        cpu[file] = _cpu() - begun
        for field, value in fields_of(entries):
            if answer(field, value):
                found[_carrier(file)] += 1
            else:
                missed[field] += 1
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return Cost(cpu, max(resource.getrusage(who).ru_maxrss for who in kinds) // 1024, found, missed)


def this_product() -> stock.Finder:
    from ocr.read import read, warm_up  # noqa: PLC0415  # each reader is loaded in its own process only

    warm_up()

    def find(path: Path) -> stock.Found:
        receipts = read(path.read_bytes(), path.name, Limits()).receipts
        said = {(value.name, stock.squeezed(value.value)) for receipt in receipts for value in receipt.values}
        return lambda field, value: (FIELDS[field], stock.squeezed(value)) in said

    return find


def _wanted(truth: Truth) -> Counter[str]:
    return Counter(_carrier(name) for name, entries in truth.items() for _ in fields_of(entries))


def _carrier(name: str) -> str:
    return name.split("/", maxsplit=1)[0]


def _share(part: int, whole: int) -> float:
    return round(100 * part / whole, 1)


def _cpu() -> float:
    """Seconds of this process and of the programs it started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


READERS_OF_PICTURES: dict[str, Callable[[], stock.Finder]] = {
    "this product": this_product,
    "RapidOCR 3.10 (PP-OCRv6 small) as it comes": stock.rapidocr,
    "rapidocr-onnxruntime 1.4.4 (PP-OCRv4)": stock.ppocrv4,
    "pytesseract chi_sim psm 6": stock.tesseract,
}
READERS_OF_TEXT: dict[str, Callable[[], stock.Finder]] = {
    "this product": this_product,
    "invoice2data 1.0 with a template of ours": stock.invoice2data,
}


if __name__ == "__main__":
    main()

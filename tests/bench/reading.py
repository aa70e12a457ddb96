"""What reading a picture costs and finds: ``python -m tests.bench.reading [--pages N]``.

This product beside RapidOCR as it comes and Tesseract with Chinese, on the generated scans, noisy scans and photos,
one thread each, each in a process of its own, in one run. The two others only give text: a field counts as found when
its value stands anywhere in it. From this product the value must come under its name.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import resource
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from fixtures.make import make_once
from ocr.types import FieldName, Limits
from tests.bench import tables

PAPERS = Path("build/fixtures")
KINDS = ("scan", "noisy", "photo")
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
Finder = Callable[[Path], Callable[[str, str], bool]]
"""Reads a picture and answers whether a field of the truth with a value was found."""


@dataclass(frozen=True)
class Cost:
    """What one engine used and found."""

    cpu: float  # seconds a page, children included
    rss: int  # MB, the largest of it and its children
    found: Counter[str]  # fields by kind of picture
    missed: Counter[str]  # by name of field


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=0, help="so many pictures only, spread over the kinds")
    options = parser.parse_args()
    make_once(PAPERS)
    truth = truth_of(PAPERS, options.pages)
    wanted = Counter(name.split("/")[0] for name, entries in truth.items() for _ in fields_of(entries))
    costs = {name: measured(name, truth) for name in ENGINES}
    own = costs["this product"].cpu
    rows: list[dict[str, object]] = []
    for name, cost in costs.items():
        shares = {f"{kind} %": round(100 * cost.found[kind] / wanted[kind], 1) for kind in KINDS if wanted[kind]}
        rows.append(
            {
                "engine": name,
                "pages": len(truth),
                "CPU s a page": round(cost.cpu, 2),
                "times this": round(cost.cpu / own, 2),
                "MB": cost.rss,
                "fields": wanted.total(),
                "found": cost.found.total(),
                "found %": round(100 * cost.found.total() / wanted.total(), 1),
                **shares,
            }
        )
    tables.show("Reading pictures, one thread", rows)
    missed = [{"engine": name, **cost.missed} for name, cost in costs.items()]
    tables.show("Fields missed", missed)
    tables.save("reading", rows)


def truth_of(papers: Path, most: int) -> dict[str, list[Entry]]:
    """The invoices of each picture; `most` pictures, taking the kinds in turn, when it is not 0."""
    by_file: dict[str, list[Entry]] = {}
    for entry in json.loads((papers / "truth.json").read_text(encoding="utf-8")):
        if entry["file"].split("/")[0] in KINDS:
            by_file.setdefault(entry["file"], []).append(entry)
    if not most:
        return by_file
    places: Counter[str] = Counter()
    order: dict[str, int] = {}
    for name in by_file:
        kind = name.split("/")[0]
        order[name] = places[kind]
        places[kind] += 1
    return {name: by_file[name] for name in sorted(by_file, key=lambda name: order[name])[:most]}


def fields_of(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    """Every field that the picture shows, with its value."""
    return [(name, value) for entry in entries for name in FIELDS if (value := entry.get(name))]


def measured(name: str, truth: Mapping[str, list[Entry]]) -> Cost:
    """One engine over all pictures, in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(cost_of, name, truth).result()


def cost_of(name: str, truth: Mapping[str, list[Entry]]) -> Cost:
    finder = ENGINES[name]()
    finder(PAPERS / next(iter(truth)))  # models and caches are warm before the clock starts
    begun = _cpu()
    answers = {file: finder(PAPERS / file) for file in truth}
    cpu = (_cpu() - begun) / len(truth)
    found: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for file, answer in answers.items():
        for field, value in fields_of(truth[file]):
            if answer(field, value):
                found[file.split("/")[0]] += 1
            else:
                missed[field] += 1
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return Cost(cpu, max(resource.getrusage(who).ru_maxrss for who in kinds) // 1024, found, missed)


def _cpu() -> float:
    """Seconds of this process and of the programs it started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def this_product() -> Finder:
    from ocr.read import read, warm_up  # noqa: PLC0415  # each engine is loaded in its own process only

    warm_up()

    def find(path: Path) -> Callable[[str, str], bool]:
        receipts = read(path.read_bytes(), path.name, Limits()).receipts
        said = {(value.name, squeezed(value.value)) for receipt in receipts for value in receipt.values}
        return lambda field, value: (FIELDS[field], squeezed(value)) in said

    return find


def rapidocr() -> Finder:
    from rapidocr import RapidOCR  # noqa: PLC0415

    threads = {f"EngineConfig.onnxruntime.{which}_op_num_threads": 1 for which in ("intra", "inter")}
    engine = RapidOCR(params={"Global.log_level": "error", **threads})
    return lambda path: _in_text("".join(getattr(engine(picture(path)[:, :, ::-1]), "txts", None) or ()))


def tesseract() -> Finder:
    import pytesseract  # noqa: PLC0415

    os.environ.setdefault("OMP_THREAD_LIMIT", "1")  # noqa: TID251  # of the program that is started

    def find(path: Path) -> Callable[[str, str], bool]:
        return _in_text(pytesseract.image_to_string(picture(path), lang="chi_sim", config="--psm 6"))

    return find


def picture(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """RGB, as the camera held it."""
    with Image.open(path) as opened:
        return np.asarray(ImageOps.exif_transpose(opened).convert("RGB"), np.uint8)


def _in_text(text: str) -> Callable[[str, str], bool]:
    plain = squeezed(text)
    return lambda field, value: any(way in plain for way in spellings(field, value))


def spellings(field: str, value: str) -> tuple[str, ...]:
    """How a paper may print a value of the truth."""
    if field != "date":
        return (squeezed(value),)
    year, month, day = value.split("-")
    return (f"{year}年{month}月{day}日", f"{year}-{month}-{day}", f"{year}{month}{day}", f"{year}.{month}.{day}")


def squeezed(text: str) -> str:
    """One spelling: NFKC, no blanks, no thousands marks, upper case."""
    return re.sub(r"[\s,]", "", unicodedata.normalize("NFKC", text)).upper()


ENGINES: dict[str, Callable[[], Finder]] = {
    "this product": this_product,
    "RapidOCR as it comes": rapidocr,
    "Tesseract chi_sim": tesseract,
}


if __name__ == "__main__":
    main()

"""How often the likeness of pictures is wrong: ``make bench-likeness``.

Papers of one form (the worst case: everything but the print is the same) and papers of all forms are drawn, worn and scanned
or photographed; each pair is two different papers. Then each is altered – digits painted over, the file saved again smaller
– and compared with itself. Printed is, for each number of differing bits, the share of pairs that would be called alike,
bare and under the conditions of `intake.likenesses`.
"""

from __future__ import annotations

import argparse
import json
from itertools import combinations
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from fixtures.carriers import scanned
from fixtures.families import FORMS
from fixtures.invent import Inventor
from fixtures.stream import document, graded
from ocr.document import Raster
from ocr.likeness import likeness
from ocr.load import load
from ocr.types import Limits

FORM: Final = "vat_special_paper"
MOST: Final = 10


def pictures(seed: int, count: int, form: str) -> list[tuple[str, Raster, dict[str, object]]]:
    """The first pages of so many scans and photos, two thirds of them of one form; each with its form and its truth."""
    found: list[tuple[str, Raster, dict[str, object]]] = []
    index = 0
    while len(found) < count:
        index += 1
        alike = index % 3
        made = (
            graded(seed + index, form, "scan" if index % 2 else "photo", 1 + index % 2)
            if alike
            else document(seed, index)
        )
        if made.medium not in {"scan", "photo"} or not made.rows:
            continue
        page = load(made.data, made.name, Limits()).pages[0]
        found.append((f"{made.form} {made.medium}", page.raster(), dict(made.rows[0])))
    return found


def twins(seed: int, count: int, form: str) -> list[int]:
    """Differing bits of so many papers each printed and scanned twice: as two equal deals of a day would be."""
    found = []
    for index in range(count):
        looks = []
        for turn in range(2):
            drawn, inventor = FORMS[form](Inventor(f"{seed}/{index}")), Inventor(f"{seed}/{index}")
            chance = np.random.default_rng([seed, index, turn])
            page = load(scanned(drawn, 1, inventor, chance).data, "", Limits()).pages[0]
            looks.append(likeness(page.raster()))
        found.append(distance(*looks))
    return found


def altered(picture: Raster, chance: np.random.Generator) -> Raster:
    """The same file with another number and another amount, saved again a little smaller."""
    height, width = picture.shape[:2]
    copy = picture.copy()
    for across, down in ((0.74, 0.08), (0.72, 0.72)):
        x, y = across + chance.uniform(-0.02, 0.02), down + chance.uniform(-0.02, 0.02)
        left, top, right, low = (int(part) for part in (x * width, y * height, (x + 0.14) * width, (y + 0.03) * height))
        copy[top:low, left:right] = np.percentile(copy[top:low, left:right], 90, axis=(0, 1))
        text = "".join(map(str, chance.integers(0, 10, 8)))
        cv2.putText(copy, text, (left, low - 2), cv2.FONT_HERSHEY_SIMPLEX, height / 1600, (20, 20, 30), 2)
    small = cv2.resize(copy, None, fx=0.9, fy=0.9, interpolation=cv2.INTER_AREA)
    _, coded = cv2.imencode(".jpg", small[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 70])
    again = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    if again is None:
        raise ValueError("OpenCV does not read what it wrote")
    return np.ascontiguousarray(again[:, :, ::-1]).astype(np.uint8)


def distance(one: str, other: str) -> int:
    """Differing bits."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=240)
    parser.add_argument("--seed", type=int, default=4100)
    parser.add_argument("--form", default=FORM)
    parser.add_argument("--out", type=Path, default=Path("build/bench/likeness.json"))
    args = parser.parse_args()
    chance = np.random.default_rng(args.seed)
    found = pictures(args.seed, args.papers, args.form)
    hashes = [(name, likeness(picture)) for name, picture, _ in found]
    again = [
        distance(one, likeness(altered(picture, chance)))
        for (_, one), (_, picture, _) in zip(hashes, found, strict=True)
    ]
    same = [distance(a, b) for (n, a), (m, b) in combinations(hashes, 2) if n == m]
    unlike = [distance(a, b) for (n, a), (m, b) in combinations(hashes, 2) if n != m]
    scans = [distance(a, b) for (n, a), (m, b) in combinations(hashes, 2) if n == m == f"{args.form} scan"]
    photos = [distance(a, b) for (n, a), (m, b) in combinations(hashes, 2) if n == m == f"{args.form} photo"]
    groups = {
        "equal deals scanned apart": twins(args.seed, args.papers // 4, args.form),
        "one form": same,
        "scans of one form": scans,
        "photos of one form": photos,
        "other forms": unlike,
        "altered copies found": again,
    }
    shares = {
        most: {name: sum(bits <= most for bits in group) / max(1, len(group)) for name, group in groups.items()}
        for most in range(MOST + 1)
    }
    table = {"papers": len(found), "pairs": {name: len(group) for name, group in groups.items()}, "alike": shares}
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    print(f"{len(found)} papers, {len(same)} pairs of one form and medium, {len(unlike)} others")
    for most, row in shares.items():
        print(f"{most:2d}  " + "  ".join(f"{name} {share:8.4%}" for name, share in row.items()))


if __name__ == "__main__":
    main()

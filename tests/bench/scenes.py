"""What is found on pictures of several papers: ``python -m tests.bench.scenes [--scenes N] [--seed S] [--style …]``.

Papers are drawn, laid on a table, glued to a sheet or printed on one sheet by :mod:`fixtures.scenes`, and read by the
whole reader. A paper is *found* when a receipt bears its number and its total, *wrong* when its number is right and
its total is not, *placed* when that receipt's region is the paper's place; *unknown* counts the papers that nobody
knows but a person is shown, *joined* the receipts that bear the numbers of two papers, *split* the papers that came
back as two receipts, *lost* those of which nothing came back.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fixtures import damage
from fixtures.scenes import Laid, Scene, scene
from ocr.read import read, warm_up
from ocr.sight import turned
from ocr.types import Box, FieldName, Kind, Limits, Receipt
from tests.bench import tables

HEADS = ("papers", "found", "wrong", "unknown", "lost", "split", "joined", "extra", "placed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--style", choices=("table", "glued", "printed"))
    parser.add_argument("--show", action="store_true", help="say which papers were not found")
    options = parser.parse_args()
    warm_up()
    counts: dict[str, Counter[str]] = {}
    cost: Counter[str] = Counter()
    for index in range(options.scenes):
        made = scene(options.seed, index, style=options.style)
        file = damage.encode(made.picture, "jpg")
        begun = time.process_time()
        seen = read(file, "scene.jpg", Limits(seconds=600.0))
        receipts = [laid_back(receipt, seen.pages[0].turn) for receipt in seen.receipts]
        cost[made.style] += round(1000 * (time.process_time() - begun))
        counts.setdefault(made.style, Counter()).update(judged(made, receipts, show=f"{index}" if options.show else ""))
        counts[made.style]["scenes"] += 1
    rows: list[dict[str, object]] = [
        {
            "style": style,
            "scenes": count["scenes"],
            **{head: count[head] for head in HEADS},
            "found %": round(100 * count["found"] / max(count["papers"], 1), 1),
            "CPU s a paper": round(cost[style] / 1000 / max(count["papers"], 1), 2),
        }
        for style, count in counts.items()
    ]
    tables.show("Several papers on one picture, one thread", rows)
    tables.save("scenes", rows)


def laid_back(receipt: Receipt, turn: int) -> Receipt:
    """The receipt with its region on the picture as it lay before it was turned upright."""
    return replace(receipt, region=None if receipt.region is None else turned(receipt.region, (360 - turn) % 360))


def judged(made: Scene, receipts: Sequence[Receipt], show: str = "") -> Counter[str]:
    """How the receipts stand to the papers of a scene; papers that are no invoices are not counted."""
    count: Counter[str] = Counter()
    used: list[Receipt] = []
    for paper in (paper for paper in made.papers if paper.drawn.row):
        number, total = str(paper.drawn.row["number"]), paper.drawn.row["total"]
        mine = [receipt for receipt in receipts if number in _said(receipt, FieldName.NUMBER)]
        used += mine
        count["papers"] += 1
        count["split"] += len(mine) > 1
        good = [receipt for receipt in mine if total in _said(receipt, FieldName.TOTAL)]
        if good:
            count["found"] += 1
            count["placed"] += overlap(good[0].region, paper) > 0.5  # a level box around a slanted paper
        elif mine:
            count["wrong"] += 1
        elif any(overlap(receipt.region, paper) > 0.4 for receipt in receipts):
            count["unknown"] += 1
        else:
            count["lost"] += 1
        if show and not good:
            print(show, made.style, paper.drawn.kind.value, number, total, "–", [r.kind.value for r in mine])
    numbers = {str(paper.drawn.row["number"]) for paper in made.papers if paper.drawn.row}
    count["joined"] = sum(len(numbers & _said(receipt, FieldName.NUMBER)) > 1 for receipt in receipts)
    count["extra"] = sum(receipt not in used and receipt.kind not in {Kind.OTHER, Kind.UNKNOWN} for receipt in receipts)
    return count


def _said(receipt: Receipt, name: FieldName) -> set[str]:
    return {value.value for value in receipt.values if value.name is name}


def overlap(region: Box | None, paper: Laid) -> float:
    """Common part of a region and the level box around a paper, by their union."""
    if region is None:
        return 0.0
    (x0, y0), (x1, y1) = paper.corners.min(axis=0), paper.corners.max(axis=0)
    across = min(region.x1, x1) - max(region.x0, x0)
    down = min(region.y1, y1) - max(region.y0, y0)
    common = float(np.prod(np.clip([across, down], 0, None)))
    area = (region.x1 - region.x0) * (region.y1 - region.y0) + float((x1 - x0) * (y1 - y0))
    return common / max(area - common, 1e-9)


if __name__ == "__main__":
    main()

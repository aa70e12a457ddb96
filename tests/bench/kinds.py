"""What papers are taken for: ``python -m tests.bench.kinds [--seeds N] [--media pdf scan photo] [--family NAME]``.

Every form of every family, and papers that are no invoice, drawn from tuning seeds and read; a matrix of what each was
taken for follows, with those that went wrong. Papers that are no invoice count by their names (`ocr.types.OtherKind`).
"""

from __future__ import annotations

import argparse
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from fixtures import damage, ofd, pdf, raster
from fixtures.drawn import Drawn, Medium
from fixtures.families import FAMILIES, others
from fixtures.invent import Inventor
from ocr.read import read
from ocr.types import Extraction, Kind, Limits
from tests.bench import tables

FAMILIES_AND_OTHERS = {**FAMILIES, "others": others.FAMILY}
DOTS = {"scan": 200, "photo": 300}  # an inch


@dataclass(frozen=True)
class Answer:
    """One paper: its form, how it came, what it is and what it was taken for."""

    form: str
    medium: str
    seed: int
    is_: str
    taken: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--first", type=int, default=1, help="the first seed; those below a million are for tuning")
    parser.add_argument("--media", nargs="+", default=["pdf", "scan", "photo"])
    parser.add_argument("--family", nargs="+", default=sorted(FAMILIES_AND_OTHERS))
    options = parser.parse_args()
    answers = list(answered(options.family, range(options.first, options.first + options.seeds), options.media))
    matrix: dict[str, Counter[str]] = defaultdict(Counter)
    for answer in answers:
        matrix[answer.is_][answer.taken] += 1
    rows: list[dict[str, object]] = [
        {
            "is": name,
            "papers": taken.total(),
            "right %": round(100 * taken[name] / taken.total(), 1),
            "taken for": ", ".join(f"{other} {count}" for other, count in taken.most_common() if other != name),
        }
        for name, taken in sorted(matrix.items())
    ]
    tables.show("What papers are taken for", rows)
    wrong = [answer for answer in answers if answer.is_ != answer.taken]
    tables.show("Taken for another", [vars(answer) for answer in wrong])
    print(f"{len(answers) - len(wrong)} of {len(answers)} right")
    tables.save("kinds", rows)


def answered(families: list[str], seeds: range, media: list[str]) -> Iterator[Answer]:
    """Every paper on each of its media, read."""
    for family in families:
        for form, invent in FAMILIES_AND_OTHERS[family].items():
            for seed in seeds:
                drawn = invent(Inventor(f"{seed}/{form}"))
                for medium in (one for one in media if one in drawn.media):
                    chance = np.random.default_rng([seed, zlib.crc32(form.encode())])
                    found = read(made(drawn, medium, chance), f"paper.{medium}", Limits())
                    what = others.WHAT.get(form)
                    yield Answer(form, medium, seed, what.value if what else drawn.kind.value, taken_for(found))


def taken_for(found: Extraction) -> str:
    """The kind of the first paper of a file, or the name of what is no invoice."""
    if not found.receipts:
        return "nothing"
    first = next((one for one in found.receipts if one.kind is not Kind.OTHER), found.receipts[0])
    return first.kind.value if first.kind is not Kind.OTHER else first.what.value if first.what else "other"


def made(drawn: Drawn, medium: Medium, chance: Generator) -> bytes:
    """The paper as a file."""
    if medium in drawn.data:
        return drawn.data[medium]()
    if medium == "pdf":
        return pdf.write(list(drawn.sheets))
    if medium == "ofd":
        return ofd.write(drawn.sheets, ofd.Plan(tags="none"), "0" * 32)
    dots = DOTS[medium]
    sheet = drawn.sheets[0]
    page = damage.dot_matrix(sheet, dots, chance) if drawn.needles else raster.render(sheet, dots)
    page = damage.photo(page, chance) if medium == "photo" else damage.clean_scan(page, chance)
    return damage.encode(page, "jpg", dpi=None if medium == "photo" else dots)


if __name__ == "__main__":
    main()

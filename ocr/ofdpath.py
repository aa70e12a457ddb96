"""Numbers and outlines as OFD writes them (GB/T 33190-2016, AbbreviatedData)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise

MAX_OBJECTS = 200_000  # drawn things of a page, pieces of an outline
CURVE_STEPS = 10


def numbers(said: str | None, count: int = 0) -> tuple[float, ...]:
    """The finite numbers of an attribute; empty when there are fewer than `count` or something else."""
    try:
        found = tuple(float(part) for part in (said or "").replace(",", " ").split())
    except ValueError:
        return ()
    return found if len(found) >= count and all(math.isfinite(number) for number in found) else ()


def polylines(data: str) -> list[list[tuple[float, float]]]:
    """The lines of an AbbreviatedData; curves become short straight pieces, an arc the chord to its end."""
    lines: list[list[tuple[float, float]]] = []
    for verb, values in _verbs(data):
        if verb in {"S", "M"}:
            lines.append([(values[0], values[1])])
        elif not lines:
            continue
        elif verb == "C":
            lines[-1].append(lines[-1][0])
        elif verb == "Q":
            lines[-1].extend(_curve([lines[-1][-1], (values[0], values[1]), (values[2], values[3])]))
        elif verb == "B":
            middle = [(values[0], values[1]), (values[2], values[3])]
            lines[-1].extend(_curve([lines[-1][-1], *middle, (values[4], values[5])]))
        else:
            lines[-1].append((values[-2], values[-1]))
    return lines


_ARGUMENTS: Mapping[str, int] = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}


def _verbs(data: str) -> Iterator[tuple[str, tuple[float, ...]]]:
    parts = data.replace(",", " ").split()
    at = 0
    while at < len(parts) and at < MAX_OBJECTS:
        verb = parts[at]
        count = _ARGUMENTS.get(verb)
        at += 1
        if count is None:
            continue
        values = numbers(" ".join(parts[at : at + count]))
        at += count
        if len(values) == count:
            yield verb, values


def _curve(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A Bézier curve of any degree in small steps, without its first point."""
    found = []
    for step in range(1, CURVE_STEPS + 1):
        share = step / CURVE_STEPS
        level = points
        while len(level) > 1:
            level = [(p[0] + (q[0] - p[0]) * share, p[1] + (q[1] - p[1]) * share) for p, q in pairwise(level)]
        found.append(level[0])
    return found

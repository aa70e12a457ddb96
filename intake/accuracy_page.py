"""A measurement of accuracy as one HTML file that needs nothing else: the reliability curve drawn, the figures as tables.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Final

from intake.accuracy import Document
from intake.accuracy_tables import (
    BY_GRADE,
    BY_GROUP,
    BY_KIND,
    FLOORS,
    Tally,
    by_field,
    confusions,
    judged,
    said_of_escapes,
    said_of_threshold,
    tallies,
)
from intake.calibration import Bin, Judged, escapes, reliability, threshold, upper_bound

WIDE: Final = 880
HIGH: Final = 320
LEFT: Final = 56
STYLE: Final = """
body{font:15px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;color:#1d2a26;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;border-bottom:1px solid #dfe5e2;text-align:right}th:first-child,td:first-child{text-align:left}
th{font-weight:600;color:#53635d}.bad{color:#a1281d;font-weight:700}.good{color:#1c6b45}.scroll{overflow-x:auto}
svg{max-width:100%;height:auto}text{font-size:12px;fill:#53635d}p.say{background:#f3f6f5;padding:.75rem 1rem;border-radius:6px}
"""


def page(documents: Sequence[Document], rate: float, about: str, made: datetime) -> str:
    """The file; `about` says what was measured."""
    values = judged(documents)
    proven, limit = escapes(values, rate), threshold(values, rate)
    parts = [
        f"<h1>Accuracy</h1><p>{escape(about)} · {len(documents)} documents · {made:%Y-%m-%d %H:%M}</p>",
        f'<p class="say {"bad" if proven.wrong else "" if proven.missing else "good"}">{escape(said_of_escapes(proven, rate))}</p>',
        f'<p class="say">{escape(said_of_threshold(limit, rate))}</p>',
        "<h2>How often a confidence was right</h2>",
        curve(values, limit.confidence),
        _tallies("Group", tallies(documents, BY_GROUP), FLOORS),
        _tallies("Grade of damage", tallies(documents, BY_GRADE)),
        _tallies("Kind", tallies(documents, BY_KIND)),
        _tallies("Field", by_field(documents)),
        _matrix(documents),
    ]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Accuracy</title><style>{STYLE}</style>{''.join(parts)}</html>\n"
    )


def curve(values: Sequence[Judged], limit: float | None) -> str:
    """The reliability curve: a column a bin of unproven values, from the share that was right up to what the sample
    cannot exclude, the proven ones as a column of their own; the line is what a confidence promises.
    """
    bins = reliability(values)
    proven = [value for value in values if value.proven]
    columns = [*bins, Bin(1.0, 1.0, len(proven), sum(value.right for value in proven))]
    step = (WIDE - LEFT) / len(columns)
    marks = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _y(share)
        marks.append(f'<line x1="{LEFT}" x2="{WIDE}" y1="{y}" y2="{y}" stroke="#dfe5e2"/>')
        marks.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{share:.0%}</text>')
    for place, one in enumerate(columns):
        marks.append(_column(one, LEFT + place * step, step, last=place == len(columns) - 1, limit=limit))
    points = " ".join(
        f"{LEFT + (place + 0.5) * step:.1f},{_y((one.low + one.high) / 2):.1f}" for place, one in enumerate(bins)
    )
    marks.append(f'<polyline points="{points}" fill="none" stroke="#53635d" stroke-dasharray="5 4"/>')
    return (
        f'<svg viewBox="0 0 {WIDE} {HIGH + 48}" role="img" aria-label="Share of right values by confidence">'
        f"{''.join(marks)}</svg>"
    )


def _column(one: Bin, x: float, step: float, *, last: bool, limit: float | None) -> str:
    label = "proven" if last else f"{one.low:g}–{one.high:g}"
    said = f'<text x="{x + step / 2:.1f}" y="{HIGH + 18}" text-anchor="middle">{label}</text>'
    said += f'<text x="{x + step / 2:.1f}" y="{HIGH + 36}" text-anchor="middle">n={one.count}</text>'
    if one.share is None:
        return said
    worst = 1 - upper_bound(one.count - one.right, one.count)
    sure = last or (limit is not None and one.low >= limit)
    top, width = _y(one.share), step * 0.64
    bar = (
        f'<rect x="{x + step * 0.18:.1f}" y="{top:.1f}" width="{width:.1f}" height="{HIGH - top:.1f}" '
        f'fill="{"#2c8a5d" if sure else "#cf9a2b"}"/>'
        f'<line x1="{x + step / 2:.1f}" x2="{x + step / 2:.1f}" y1="{top:.1f}" y2="{_y(worst):.1f}" stroke="#1d2a26"/>'
    )
    return f"<g><title>{one.right} of {one.count} right, at least {worst:.2%}</title>{bar}{said}</g>"


def _y(share: float) -> float:
    return round(12 + (HIGH - 12) * (1 - share), 1)


def _tallies(title: str, found: Mapping[str, Tally], floors: Mapping[str, float] | None = None) -> str:
    heads = [
        title,
        "Papers",
        "Kind right",
        "Fields",
        "Right",
        *(["Floor"] if floors else []),
        "All right",
        "Proven",
        "Wrong",
    ]
    rows = []
    for name, one in found.items():
        floor = floors.get(name) if floors else None
        low = floor is not None and one.share < floor
        cells = [
            escape(name), f"{one.papers}", f"{one.kinds / one.papers:.1%}", f"{one.fields}",
            f'<span class="{"bad" if low else ""}">{one.share:.2%}</span>',
            *([f"{floor:.1%}" if floor is not None else ""] if floors else []),
            f"{one.whole / one.papers:.1%}", f"{one.proven}", f'<span class="{"bad" if one.escaped else ""}">{one.escaped}</span>',
        ]  # fmt: skip
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    head = "".join(f"<th>{one}</th>" for one in heads)
    return f'<h2>By {title.lower()}</h2><div class="scroll"><table><tr>{head}</tr>{"".join(rows)}</table></div>'


def _matrix(documents: Sequence[Document]) -> str:
    """The confusion matrix of kinds: a row a kind of paper, a column what it was read as."""
    found = confusions(documents)
    kinds, read_as = sorted({pair[0] for pair in found}), sorted({pair[1] for pair in found})
    head = "".join(f"<th>{escape(name)}</th>" for name in read_as)
    rows = ""
    for kind in kinds:
        cells = "".join(
            f'<td class="{"good" if kind == name else "bad"}">{found[kind, name] or ""}</td>' for name in read_as
        )
        rows += f"<tr><td>{escape(kind)}</td>{cells}</tr>"
    return f'<h2>Kinds, and what they were read as</h2><div class="scroll"><table><tr><th></th>{head}</tr>{rows}</table></div>'

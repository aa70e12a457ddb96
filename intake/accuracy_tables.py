"""The figures of a measurement of accuracy, and the text table that shows them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from intake.accuracy import UNSAID, Document, Paper
from intake.calibration import Escapes, Judged, Threshold, escapes, reliability, threshold

FLOORS: Final[Mapping[str, float]] = {"digital": 1.0, "scan": 0.995, "photo": 0.985, "poor": 0.95}
"""The share of fields that must be right, by group; of poor pictures the rest must be queued, which is: not proven."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over the papers of one group. `whole` are papers whose every field is right."""

    papers: int = 0
    kinds: int = 0
    fields: int = 0
    right: int = 0
    whole: int = 0
    proven: int = 0
    escaped: int = 0

    @property
    def share(self) -> float:
        """The share of fields that are right; 1 without any."""
        return self.right / self.fields if self.fields else 1.0

    def and_paper(self, paper: Paper) -> Tally:
        """With one paper more."""
        proven = [value for value in paper.values if value.proven]
        return replace(
            self,
            papers=self.papers + 1,
            kinds=self.kinds + (paper.kind in {paper.read_as, UNSAID}),
            fields=self.fields + len(paper.values),
            right=self.right + sum(value.right for value in paper.values),
            whole=self.whole + all(value.right for value in paper.values),
            proven=self.proven + len(proven),
            escaped=self.escaped + sum(not value.right for value in proven),
        )


Key = Callable[[Document, Paper], str]
BY_GROUP: Final[Key] = lambda document, _paper: document.group  # noqa: E731  a row of a table, not a function with a name
BY_GRADE: Final[Key] = lambda document, _paper: (  # noqa: E731
    document.group if document.grade is None else f"{document.group}, grade {document.grade}"
)
BY_KIND: Final[Key] = lambda _document, paper: paper.kind  # noqa: E731


def tallies(documents: Iterable[Document], key: Key) -> dict[str, Tally]:
    """The counts of each group, by name."""
    found: dict[str, Tally] = {}
    for document in documents:
        for paper in document.papers:
            name = key(document, paper)
            found[name] = found.get(name, Tally()).and_paper(paper)
    return dict(sorted(found.items()))


def by_field(documents: Iterable[Document]) -> dict[str, Tally]:
    """The counts of each field."""
    found: dict[str, Tally] = {}
    for document in documents:
        for paper in document.papers:
            for value in paper.values:
                one = replace(paper, values=(value,))
                found[value.field] = found.get(value.field, Tally()).and_paper(one)
    return found


def confusions(documents: Iterable[Document]) -> Counter[tuple[str, str]]:
    """How often each kind was read as each kind; papers whose truth states no kind are left out."""
    return Counter(
        (paper.kind, paper.read_as) for document in documents for paper in document.papers if paper.kind != UNSAID
    )


def judged(documents: Iterable[Document]) -> list[Judged]:
    """Every value that was read, for the statistics."""
    values = [value.judged() for document in documents for paper in document.papers for value in paper.values]
    return [value for value in values if value]


def below(documents: Sequence[Document], floors: Mapping[str, float] = FLOORS) -> list[str]:
    """What is not as it must be, in words: groups below their floor, proven values that are wrong."""
    found = tallies(documents, BY_GROUP)
    said = [
        f"{name}: {found[name].share:.2%} of the fields are right, not {floor:.1%}"
        for name, floor in floors.items()
        if name in found and found[name].share < floor
    ]
    wrong = sum(tally.escaped for tally in found.values())
    return [*said, *([f"{wrong} proven values are wrong"] if wrong else [])]


def table(documents: Sequence[Document], rate: float) -> str:
    """Everything as text; `rate` is the promised rate of wrong values."""
    values = judged(documents)
    parts = [
        _tallies("group", tallies(documents, BY_GROUP), FLOORS),
        _tallies("grade of damage", tallies(documents, BY_GRADE)),
        _tallies("kind", tallies(documents, BY_KIND)),
        _tallies("field", by_field(documents)),
        _wrong_kinds(documents),
        _curve(values),
        said_of_escapes(escapes(values, rate), rate),
        said_of_threshold(threshold(values, rate), rate),
    ]
    rejected = Counter(document.rejected for document in documents if document.rejected)
    if rejected:
        parts.insert(0, "not read: " + ", ".join(f"{count} {reason}" for reason, count in rejected.most_common()))
    return "\n\n".join(parts)


def _tallies(title: str, found: Mapping[str, Tally], floors: Mapping[str, float] | None = None) -> str:
    names = sorted(found, key=lambda name: list(floors).index(name) if floors and name in floors else 99)
    wide = max([len(title), *map(len, names)])
    lines = [f"{title:{wide}}  papers   kind  fields    right  {'floor   ' if floors else ''}all right   proven  wrong"]
    for name in names:
        one = found[name]
        floor = f"{floors[name]:7.1%} " if floors and name in floors else f"{'':8}" if floors else ""
        lines.append(
            f"{name:{wide}}{one.papers:>8}{one.kinds / one.papers:7.1%}{one.fields:>8}{one.share:9.2%}  {floor}"
            f"{one.whole / one.papers:9.1%}{one.proven:>9}{one.escaped:>7}"
        )
    return "\n".join(lines)


def _wrong_kinds(documents: Sequence[Document]) -> str:
    found = confusions(documents)
    wrong = {pair: count for pair, count in found.most_common() if pair[0] != pair[1]}
    lines = [f"kinds: {sum(found.values()) - sum(wrong.values())} of {sum(found.values())} right"]
    return "\n".join(lines + [f"{count:>8}  {kind} read as {read_as}" for (kind, read_as), count in wrong.items()])


def _curve(values: Sequence[Judged]) -> str:
    lines = ["confidence of unproven values    count    right"]
    for one in reliability(values):
        share = "–" if one.share is None else f"{one.share:.2%}"
        lines.append(f"  {one.low:5.3f} to {one.high:5.3f}           {one.count:>9}{share:>9}")
    return "\n".join(lines)


def said_of_escapes(found: Escapes, rate: float) -> str:
    """The sentence about proven values."""
    said = (
        f"{found.checked} proven values were checked, {found.wrong} of them wrong. The rate of wrong ones is at most "
        f"{found.bound:.3%} (with 95 % certainty)."
    )
    if not found.missing:
        return f"{said} The promised {rate:.3%} is kept."
    return (
        f"{said} The sample is too small to support the promised {rate:.3%}: {found.missing} more values without an "
        "error are needed."
    )


def said_of_threshold(found: Threshold, rate: float) -> str:
    """The sentence about unproven values."""
    if found.confidence is not None:
        return (
            f"Unproven values from a confidence of {found.confidence:.4f} on need not be marked as doubtful: "
            f"{found.wrong} of {found.count} were wrong, which keeps {rate:.3%}."
        )
    return (
        f"No confidence keeps {rate:.3%} in this sample, so every unproven value stays marked as doubtful: of the "
        f"{found.count} most confident ones {found.wrong} were wrong, and {found.missing} more without an error are needed."
    )

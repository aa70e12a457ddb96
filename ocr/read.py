"""Every reader in order of trust: data records, text layer, codes, recogniser. Collects, decides nothing.

A file whose data records state everything is not looked at; a page that carries its text is looked at for its code
only, as a witness of its own; a picture is turned upright before it is read.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from ocr import coded, engines, qr, sight, tables
from ocr.document import Document, Page, StructuredSet
from ocr.engines.ppocr import PpOcr
from ocr.gather import Draft, gather
from ocr.load import load
from ocr.types import (
    Carrier,
    CodeSighting,
    Extraction,
    FieldName,
    Kind,
    Limits,
    PageInfo,
    Problem,
    Receipt,
    Step,
    Word,
)

CODE_SECONDS: Final = 1.0  # for the search of codes on one page
HURRY: Final = 0.4  # of the time limit, in CPU seconds; from then on no page is looked at twice
LATE: Final = 0.8  # of the time limit; pages that are left then are named, not read
POOR_DPI: Final = 100  # below this the recogniser loses characters
_ENOUGH: Final = frozenset({FieldName.NUMBER, FieldName.DATE, FieldName.SELLER_NAME, FieldName.BUYER_NAME})
_WITHOUT_CODE: Final = frozenset({Kind.LIST_PAGE, Kind.RIDE_LIST})


@dataclass(slots=True)
class _Clock:
    """Seconds of each step, summed over the pages."""

    begun: float = field(default_factory=time.monotonic)
    begun_cpu: float = field(default_factory=time.process_time)
    spent: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self.spent[name] = self.spent.get(name, 0.0) + time.monotonic() - start

    def elapsed(self) -> float:
        return time.monotonic() - self.begun

    def hurried(self, limits: Limits) -> bool:
        """Whether no page is to be looked at twice any more; by CPU, so that a loaded machine reads the same."""
        return time.process_time() - self.begun_cpu > HURRY * limits.seconds or self.elapsed() > LATE * limits.seconds

    def steps(self) -> tuple[Step, ...]:
        return tuple(Step(name, round(seconds, 4)) for name, seconds in self.spent.items())


@dataclass(slots=True)
class _Collected:
    """What the pages gave."""

    pages: list[PageInfo] = field(default_factory=list)
    words: list[tuple[Word, ...]] = field(default_factory=list)
    papers: list[Draft] = field(default_factory=list)
    codes: list[CodeSighting] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(data: bytes, name: str, limits: Limits) -> Extraction:
    """All sightings on all papers of a file. `name` counts only where the platform put the number into it.

    Raises a subclass of `ocr.errors.UnreadableError` from loading; what the content holds never raises.
    """
    clock = _Clock()
    with clock.step("load"):
        document = load(data, name, limits)
    seen = _Collected(problems=list(document.problems))
    for page in document.pages:
        if clock.elapsed() > LATE * limits.seconds:
            seen.problems.append(Problem("page_skipped", "time", page.index))
            seen.pages.append(page.info())
            seen.words.append(page.words)
            continue
        _read_page(page, document, seen, clock, limits)
    with clock.step("gather"):
        receipts = gather(seen.papers, seen.codes, document.structured, coded.value_of_name(name))
    with clock.step("tables"):
        receipts = tuple(_with_tables(receipt, document, data, limits, clock) for receipt in receipts)
    return Extraction(
        document.carrier,
        document.media_type,
        tuple(seen.pages),
        receipts,
        tuple(seen.problems),
        clock.steps(),
        tuple(seen.words),
    )


def warm_up() -> None:
    """Opens the models and reads a small page, so that the first document does not wait for it."""
    eyes = _eyes()
    if isinstance(eyes, sight.Eyes) and isinstance(eyes.engine, PpOcr):
        eyes.engine.warm_up()


def _read_page(page: Page, document: Document, seen: _Collected, clock: _Clock, limits: Limits) -> None:
    told = _told(document.structured, page, len(document.pages))
    papers: list[Draft] = []
    if page.words:
        with clock.step("text"):
            papers = sight.read_text(page.words, page.height / page.width, page.index, ())
    if told or (papers and all(paper.kind in _WITHOUT_CODE for paper in papers)):
        _keep(seen, page.info(), page.words, papers, ())
        return
    with clock.step("codes"):
        look = qr.look(page.raster(), page.index, seconds=CODE_SECONDS)
    if page.words and _said_enough(papers, page.words):
        _keep(seen, page.info(), page.words, papers, look.codes)
        return
    _read_raster(page, look, papers, seen, clock, limits)


def _read_raster(
    page: Page, look: qr.Look, papers: list[Draft], seen: _Collected, clock: _Clock, limits: Limits
) -> None:
    eyes = _eyes()
    if not isinstance(eyes, sight.Eyes):
        seen.problems.append(Problem("no_engine", eyes, page.index))
        _keep(seen, page.info(), page.words, papers, look.codes)
        return
    if page.dpi is not None and page.dpi < POOR_DPI:
        seen.problems.append(Problem("low_resolution", f"{page.dpi:.0f}", page.index))
    with clock.step("turn"):
        degrees = look.turn if look.turn is not None else eyes.turn_of(page.raster())
    codes = tuple(
        code if code.box is None else replace(code, box=sight.turned(code.box, degrees)) for code in look.codes
    )
    with clock.step("ocr"):
        found = sight.read_picture(
            page.raster(degrees),
            degrees,
            page.index,
            codes,
            eyes,
            lambda: clock.hurried(limits),
        )
    better = found.papers if _weight(found.papers) >= _weight(papers) else papers
    _keep(seen, page.info(degrees), tuple(found.words), better, codes)


def _with_tables(receipt: Receipt, document: Document, data: bytes, limits: Limits, clock: _Clock) -> Receipt:
    """The receipt with its lines read once more from the tables of a PDF that carries its text."""
    whole = not any(problem.code == "page_unreadable" for problem in document.problems)  # pages keep their numbers
    texts = all(document.pages[page].words for page in receipt.pages if page < len(document.pages))
    if document.carrier is not Carrier.PDF or receipt.region is not None or not whole or not texts:
        return receipt
    return receipt if clock.elapsed() > LATE * limits.seconds else tables.completed(receipt, data)


def _keep(
    seen: _Collected, info: PageInfo, words: Sequence[Word], papers: Sequence[Draft], codes: Sequence[CodeSighting]
) -> None:
    seen.pages.append(info)
    seen.words.append(tuple(words))
    seen.papers += papers
    seen.codes += codes


def _told(structured: Sequence[StructuredSet], page: Page, pages: int) -> bool:
    """Whether data records state all that is wanted of this page."""
    for data in structured:
        names = {value.name for value in data.values}
        sums = FieldName.TOTAL in names or {FieldName.NET, FieldName.TAX} <= names
        if names >= _ENOUGH and sums and (data.page == page.index or len(structured) == 1 or pages == 1):
            return True
    return False


def _said_enough(papers: Sequence[Draft], words: Sequence[Word]) -> bool:
    """Whether the text layer can be taken for what the page shows (domain.md §5.4)."""
    if not papers:
        # text without any sign of an invoice is an answer, when there is enough of it
        return sum(len(word.text) for word in words) > 200 and not re.search(
            "发票|票据", "".join(w.text for w in words)
        )
    return all(paper.kind == Kind.OTHER or paper.said(FieldName.NUMBER) for paper in papers)


def _weight(papers: Sequence[Draft]) -> int:
    return sum(len({value.name for value in paper.values}) for paper in papers if paper.kind is not Kind.OTHER)


@cache
def _eyes() -> sight.Eyes | str:
    """The engines of this process, opened when first needed; the reason when there is none."""
    try:
        engine = engines.best()
    except engines.NoEngineError as missing:
        return str(missing)
    if isinstance(engine, PpOcr):
        return sight.Eyes(engine, engine.turn_of, engines.second_reader(), engine.read_closely)
    return sight.Eyes(engine, lambda _picture: 0, None)

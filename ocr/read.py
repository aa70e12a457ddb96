"""Every reader in order of trust and cost: data records, text layer, codes, recogniser. Collects, decides nothing.

A file whose data records state everything is not looked at; a page that carries its text is looked at for its code
only, as a witness of its own; of a page that shows one form with an intact code, whoever asked for the reading may
say that the code was enough; any other picture is turned upright and read.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from ocr import advice, alone, coded, engines, qr, sight, tables
from ocr.document import Document, Page, StructuredSet
from ocr.engines.ppocr import PpOcr
from ocr.gather import Draft, gather
from ocr.kinds import dispatch
from ocr.likeness import likeness
from ocr.load import load
from ocr.types import (
    Carrier,
    CodeMeaning,
    CodeSighting,
    CrcState,
    Enough,
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

CODE_SECONDS: Final = 0.8  # for the search of codes on one page; a step that has begun may take 0.2 more
HURRY: Final = 0.4  # of the time limit, in CPU seconds; from then on no page is looked at twice
LATE: Final = 0.8  # of the time limit; pages that are left then are named, not read
_ENOUGH: Final = frozenset({FieldName.NUMBER, FieldName.DATE, FieldName.SELLER_NAME, FieldName.BUYER_NAME})
_WITHOUT_CODE: Final = frozenset({Kind.LIST_PAGE, Kind.RIDE_LIST})


@dataclass(slots=True)
class _Clock:
    """Seconds of each step, summed over the pages."""

    begun: float = field(default_factory=time.monotonic)
    begun_cpu: float = field(default_factory=time.process_time)
    spent: dict[str, tuple[float, float]] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start, start_cpu = time.monotonic(), time.process_time()
        try:
            yield
        finally:
            wall, cpu = self.spent.get(name, (0.0, 0.0))
            self.spent[name] = (wall + time.monotonic() - start, cpu + time.process_time() - start_cpu)

    def elapsed(self) -> float:
        return time.monotonic() - self.begun

    def hurried(self, limits: Limits) -> bool:
        """Whether no page is to be looked at twice any more; by CPU, so that a loaded machine reads the same."""
        return time.process_time() - self.begun_cpu > HURRY * limits.seconds or self.elapsed() > LATE * limits.seconds

    def steps(self) -> tuple[Step, ...]:
        return tuple(Step(name, round(wall, 4), round(cpu, 4)) for name, (wall, cpu) in self.spent.items())


@dataclass(slots=True)
class _Collected:
    """What the pages gave."""

    pages: list[PageInfo] = field(default_factory=list)
    words: list[tuple[Word, ...]] = field(default_factory=list)
    papers: list[Draft] = field(default_factory=list)
    codes: list[CodeSighting] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(data: bytes, name: str, limits: Limits, enough: Enough | None = None) -> Extraction:
    """All sightings on all papers of a file. `name` counts only where the platform put the number into it.

    `enough` is asked with the reading of a page's code, where that page shows one form with an intact code and
    nothing else; whatever it says no to is read in full. Raises a subclass of `ocr.errors.UnreadableError` from loading; what the content holds never raises.
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
        _read_page(page, document, seen, clock, limits, enough)
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


def _read_page(
    page: Page, document: Document, seen: _Collected, clock: _Clock, limits: Limits, enough: Enough | None
) -> None:
    told = _told(document.structured, page, len(document.pages))
    papers: list[Draft] = []
    if page.words:
        with clock.step("text"):
            papers = sight.read_text(page.words, page.height / page.width, page.index, ())
    if told or (papers and all(paper.kind in _WITHOUT_CODE for paper in papers)):
        _keep(seen, page.info(), page.words, papers, ())
        return
    with clock.step("codes"):
        look = _look(page)
    if page.words and _said_enough(papers, page.words):
        _keep(seen, page.info(), page.words, papers, look.codes)
        return
    if enough is not None and not page.words and _is_enough(page, look, document, clock, enough):
        _keep(seen, _pictured(page, look.turn or 0), (), (), _upright(look, look.turn or 0))
        return
    _read_raster(page, look, papers, seen, clock, limits)


def _look(page: Page) -> qr.Look:
    """The codes of a page; where the file draws it, a coarse drawing shows most of them."""
    if page.sketch is not None:
        look = qr.look(page.sketch(page.index), page.index, seconds=0)
        if any(code.meaning is CodeMeaning.INVOICE for code in look.codes):
            return look
    return qr.look(page.raster(), page.index, seconds=CODE_SECONDS)


def _read_raster(
    page: Page, look: qr.Look, papers: list[Draft], seen: _Collected, clock: _Clock, limits: Limits
) -> None:
    eyes = _eyes()
    if not isinstance(eyes, sight.Eyes):
        seen.problems.append(Problem("no_engine", eyes, page.index))
        _keep(seen, page.info(), page.words, papers, look.codes)
        return
    with clock.step("turn"):
        degrees = look.turn if look.turn is not None else eyes.turn_of(page.raster())
    codes = _upright(look, degrees)
    with clock.step("ocr"):
        found = sight.read_picture(
            page.raster(degrees),
            degrees,
            page.index,
            codes,
            eyes,
            lambda: clock.hurried(limits),
        )
    with clock.step("advice"):
        form = len(found.papers) == 1 and found.papers[0].kind in dispatch.FORMS
        seen.problems += advice.advise(
            page.raster(degrees), found.words, page.index, turn=degrees, dpi=page.dpi, form=form
        )
    better = found.papers if _weight(found.papers) >= _weight(papers) else papers
    info = page.info(degrees) if page.words else _pictured(page, degrees)
    _keep(seen, info, tuple(found.words), better, codes)


def _pictured(page: Page, degrees: int) -> PageInfo:
    """A page that is a picture, with what it looks like."""
    return replace(page.info(degrees), likeness=likeness(page.raster(degrees)))


def _upright(look: qr.Look, degrees: int) -> tuple[CodeSighting, ...]:
    """The codes where they lie on the page turned by `degrees`."""
    return tuple(
        code if code.box is None else replace(code, box=sight.turned(code.box, degrees)) for code in look.codes
    )


def _is_enough(page: Page, look: qr.Look, document: Document, clock: _Clock, enough: Enough) -> bool:
    """Whether the page is settled by its code: the only code, intact, of the only form that the page shows."""
    code = look.codes[0] if len(look.codes) == 1 else None
    if code is None or code.meaning is not CodeMeaning.INVOICE or code.crc is not CrcState.OK or look.turn is None:
        return False
    codes = _upright(look, look.turn)
    box = codes[0].box
    with clock.step("alone"):
        if box is None or not alone.alone(page.raster(look.turn), box):
            return False
    glance = Extraction(
        document.carrier, document.media_type, (page.info(look.turn),), gather((), codes, (), None), (), clock.steps()
    )
    with clock.step("ask"):
        return enough(glance)


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
        return sight.Eyes(
            engine, engine.turn_of, engines.second_reader(), engine.read_closely, engine.read_again, engine.glance
        )
    return sight.Eyes(engine, lambda _picture: 0, None)

"""Documents with their truth, read by the real reader in processes of their own and judged.

Truth comes from a folder with a `truth.json`, from the maker of documents (seed and index), or from the archive: invoices
that two people verified say what was on them, the kept reading what the machine had made of it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

from intake.accuracy import FIELDS, Document, Row, judge
from intake.codec import decode, encode
from intake.db import extractions, invoices, read, renditions
from intake.filing import InvoiceOutcome
from intake.fuse import fuse
from intake.model import Invoice, InvoiceState, Proof
from ocr.errors import UnreadableError
from ocr.sandbox import Sandbox
from ocr.types import Limits, Receipt

MAKER: Final = "fixtures.stream"
JUDGING: Final = 1_000_000
"""From this seed on documents are for judging: figures are kept of them, never what was wrong on one."""
_SOURCES: Final = ("ocr", "intake", "fixtures")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file with the truth rows of its papers; `group` is what it is scored with."""

    path: Path
    group: str
    grade: int | None
    rows: tuple[Mapping[str, Any], ...]

    @property
    def name(self) -> str:
        """What it is told by."""
        return f"{self.group}/{self.path.name}"


@dataclass(frozen=True, slots=True)
class Invented:
    """A document of the maker, made when it is read."""

    seed: int
    index: int

    @property
    def name(self) -> str:
        """What it is told by."""
        return f"{self.seed}/{self.index}"


Wanted: TypeAlias = Kept | Invented


class NoMakerError(RuntimeError):
    """The maker of documents is not part of this installation: run it from a checkout."""


def of_folder(folder: Path) -> list[Kept]:
    """The files that the folder's `truth.json` names: a JSON list, or JSON lines. Raises OSError, ValueError, KeyError."""
    text = (folder / "truth.json").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = (
        json.loads(text) if text.lstrip().startswith("[") else [*map(json.loads, text.splitlines())]
    )
    by_file: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_file.setdefault(row["file"], []).append(row)
    return [
        Kept(folder / file, Path(file).parent.name or folder.name, _grade(of_it[0].get("grade")), tuple(of_it))
        for file, of_it in by_file.items()
    ]


def _grade(value: object) -> int | None:
    return value if isinstance(value, int) else None


def of_maker(seed: int, count: int) -> list[Invented]:
    """The first documents of a seed. Raises NoMakerError."""
    if find_spec(MAKER.partition(".")[0]) is None:
        raise NoMakerError
    return [Invented(seed, index) for index in range(count)]


def measured(
    wanted: Sequence[Wanted], limits: Limits, *, workers: int, results: Path | None, done: Callable[[int], None]
) -> list[Document]:
    """Every document read and judged, in the order of `wanted`; `done` hears how many more are.

    `results` is a file of JSON lines: what stands there is not read again, what is read is added at once.
    """
    found = _begun(results) if results else {}
    found = {one.name: found[one.name] for one in wanted if one.name in found}
    done(len(found))
    left = [one for one in wanted if one.name not in found]
    for document in _read_all(left, limits, workers):
        found[document.name] = document
        if results:
            with results.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(encode(document), ensure_ascii=False) + "\n")
        done(1)
    return [found[one.name] for one in wanted]


def _begun(results: Path) -> dict[str, Document]:
    """What an earlier run has left; a last line that was cut off counts as not read."""
    found: dict[str, Document] = {}
    for line in results.read_text(encoding="utf-8").splitlines() if results.exists() else ():
        try:
            document: Document = decode(Document, json.loads(line))
        except ValueError:
            continue
        found[document.name] = document
    return found


def _read_all(wanted: Sequence[Wanted], limits: Limits, workers: int) -> Iterator[Document]:
    if not wanted:
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(measure, one, limits) for one in wanted]
        try:
            for future in as_completed(waiting):
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def measure(wanted: Wanted, limits: Limits) -> Document:
    """Read one document with this process's reader and judge it."""
    match wanted:
        case Kept():
            try:
                data = wanted.path.read_bytes()
            except OSError:
                return Document(wanted.name, wanted.group, wanted.grade, judge(wanted.rows, ()), "no_file")
            return _judged(wanted.name, (wanted.group, wanted.grade), data, wanted.path.name, wanted.rows, limits)
        case Invented():
            made = import_module(MAKER).document(wanted.seed, wanted.index)
            found = _judged(wanted.name, (made.group, made.grade), made.data, made.name, made.rows, limits)
            return _without_values(found) if wanted.seed >= JUDGING else found


def _judged(
    told: str, scored: tuple[str, int | None], data: bytes, name: str, rows: Sequence[Row], limits: Limits
) -> Document:
    begun, invoices_read, rejected = time.perf_counter(), [], ""
    reader = _reader(limits)
    try:
        invoices_read = [fuse(receipt) for receipt in _receipts(reader, data, name)]
    except UnreadableError as error:
        rejected = error.code if rows else ""  # a file that holds no invoice may be refused
    return Document(told, *scored, judge(rows, invoices_read), rejected, round(time.perf_counter() - begun, 4))


def _receipts(reader: Sandbox, data: bytes, name: str) -> list[Receipt]:
    """Of the file, or of every member of an archive that can be read."""
    found: list[Receipt] = []
    members = reader.members(data)
    if not members:
        return list(reader.read(data, name).receipts)
    for member in members:
        try:
            found += reader.read(member.data, member.name).receipts
        except UnreadableError:
            continue
    return found


@cache
def _reader(limits: Limits) -> Sandbox:
    """One a process; its child ends with it."""
    return Sandbox(limits)


def _without_values(document: Document) -> Document:
    papers = tuple(
        replace(paper, values=tuple(replace(value, got=None, wanted=None) for value in paper.values))
        for paper in document.papers
    )
    return replace(document, papers=papers)


def stamp() -> str:
    """What results depend on, as a hash: the sources of reading and fusing, and of the maker where there is one."""
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    for path in sorted(path for folder in _SOURCES for path in (root / folder).rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


# --- the archive -------------------------------------------------------------------------------------------


def of_archive(engine: sa.Engine) -> list[Document]:
    """Invoices that two people verified, beside what the machine makes of the kept reading; nothing is read anew."""
    query = (
        sa.select(invoices.c.fields, renditions.c.document_id, renditions.c.receipt_index, extractions.c.body)
        .select_from(
            renditions.join(invoices, invoices.c.id == renditions.c.invoice_id).join(
                extractions, extractions.c.document_id == renditions.c.document_id
            )
        )
        .where(
            invoices.c.filed_by == "people",
            invoices.c.state == InvoiceState.FILED.value,
            renditions.c.outcome != InvoiceOutcome.ATTACHED.value,
        )
        .order_by(renditions.c.document_id, renditions.c.receipt_index)
        .execution_options(yield_per=100)
    )
    found: list[Document] = []
    with read(engine) as connection:
        for row in connection.execute(query):
            receipts = row.body["receipts"][row.receipt_index : row.receipt_index + 1]
            machine = [fuse(decode(Receipt, receipt)) for receipt in receipts]
            papers = judge([verified(decode(Invoice, row.fields))], machine)
            found.append(Document(f"{row.document_id}/{row.receipt_index}", row.body["carrier"], None, papers))
    return found


def verified(invoice: Invoice) -> Row:
    """The row of truth of an invoice: the fields that two people keyed alike; the others are not asked."""
    sure = {name: field.value for name, field in invoice.fields.items() if Proof.TWO_PEOPLE in field.proof}
    row: dict[str, object] = {key: sure.get(name) for name, key in FIELDS.items()}
    return row | {"kind": invoice.kind.value, "unreadable_fields": [key for key, value in row.items() if value is None]}

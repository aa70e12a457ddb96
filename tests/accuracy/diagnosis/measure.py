"""Decide the cases on a real database and count what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from intake import migrations
from intake.archive import SqlArchive
from intake.companies import SqlCompanies, save
from intake.config import Settings
from intake.db import connect, register_imports, register_refusals, register_rows, write
from intake.joining import file_decisions
from intake.model import SERVICE, Ambiguous, Attached, Candidate, Decision, Filed, Matched, NeedsReview
from intake.names import key_for
from intake.pipeline import decide
from intake.ports import Tools
from intake.register.lookup import SqlRegister
from tests.accuracy.diagnosis.cases import make
from tests.accuracy.diagnosis.world import BUREAU, NOW, Case, Truth, World, seen
from tests.fakes import Answers, FakeClock, FakeReader
from tests.intake.waiting import Office

NONE = "none"
FILED, JOINED = "filed", "joined"


@dataclass(frozen=True, slots=True)
class Result:
    """A case and what became of it: `said` is the cause, ``filed`` or ``joined``, `level` the best level of a match;
    `meant` tells whether the right row is among those shown, `wrongly_filed` whether the machine took another one.
    """

    case: Case
    said: str
    level: str
    meant: bool
    wrongly_filed: bool
    also: frozenset[str]

    @property
    def expected(self) -> str:
        """The label in the same words."""
        if self.case.cause is not None:
            return self.case.cause.value
        return FILED if self.case.row else JOINED

    @property
    def expected_level(self) -> str:
        """The label's level."""
        return NONE if self.case.level is None else self.case.level.name

    @property
    def right(self) -> bool:
        """Whether cause, level, row and the further causes are as labelled."""
        levels = self.level == self.expected_level or self.said == JOINED
        also = {cause.value for cause in self.case.also} <= self.also
        return self.said == self.expected and levels and self.meant and also and not self.wrongly_filed


def run(seed: object, count: int, folder: Path) -> list[Result]:
    """Invent so many cases, put the register and what is on file into an SQLite database in `folder`, decide each."""
    world = World.of(seed)
    cases = make(world, count)
    engine = connect(f"sqlite:///{folder}/diagnosis.db")
    migrations.upgrade(engine)
    clock = FakeClock(NOW)
    save(engine, world.companies(), actor=SERVICE, clock=clock)
    enter(engine, list(world.register.values()), world.refused)
    companies = SqlCompanies(engine)
    settings = Settings.model_validate({"data": folder})
    archive = SqlArchive(engine, clock)
    _file(engine, folder, world, Tools(FakeReader(), SqlRegister(engine), archive, companies, clock, settings))
    results = []
    for case in cases:
        register = SqlRegister(engine, lambda case=case: case.sources)  # type: ignore[misc]  # bound for this turn
        official = Answers({key_for(case.invoice) or "": case.official})
        tools = Tools(FakeReader(), register, archive, companies, clock, settings, official)
        results.append(_result(case, decide(case.invoice, tools)))
    engine.dispose()
    return results


def enter(engine: sa.Engine, rows: Sequence[Truth], refused: Sequence[str]) -> None:
    with write(engine) as conn:
        imported = sa.insert(register_imports).values(
            source=BUREAU.name, file_name="export.xlsx", sha256="0" * 64, started_at=NOW, finished_at=NOW,
            newest_issue=BUREAU.newest_issue, oldest_issue=BUREAU.oldest_issue, state="applied",
        )  # fmt: skip
        import_id = conn.execute(imported.returning(register_imports.c.id)).scalar_one()
        conn.execute(sa.insert(register_rows), [_row(one, import_id) for one in rows])
        if refused:
            lines = [
                {"import_id": import_id, "row": number, "reason": "no_key", "sample": digits, "digits": digits}
                for number, digits in enumerate(refused, 2)
            ]
            conn.execute(sa.insert(register_refusals), lines)


def _row(truth: Truth, import_id: int) -> dict[str, object]:
    return {
        "key": truth.key, "code": truth.code, "number": truth.number, "date": truth.date, "net": truth.net,
        "tax": truth.tax, "total": truth.total, "seller_tax_id": truth.seller.tax_id, "seller_name": truth.seller.name,
        "buyer_tax_id": truth.buyer_tax_id, "buyer_name": truth.buyer_name, "kind": truth.kind.value,
        "status": truth.status.value, "source": BUREAU.name, "import_id": import_id, "raw": {},
    }  # fmt: skip


def _file(engine: sa.Engine, folder: Path, world: World, tools: Tools) -> None:
    """Put on file what is there already."""
    office = Office(engine, folder)
    for truth in world.on_file:
        decision = decide(seen(truth), tools)
        assert isinstance(decision, Filed)
        document = office.document()
        with write(engine) as conn:
            file_decisions(conn, document, [decision], NOW)


def _result(case: Case, decision: Decision) -> Result:
    match decision:
        case Filed(match=matched):
            key = matched.candidate.row.key
            return Result(case, FILED, "M0", key == case.row, key != case.row or case.cause is not None, frozenset())
        case Attached():
            return Result(case, JOINED, NONE, meant=True, wrongly_filed=False, also=frozenset())
        case NeedsReview(match=outcome, diagnosis=diagnosis):
            shown: tuple[Candidate, ...] = ()
            if isinstance(outcome, Matched):
                shown = (outcome.candidate,)
            elif isinstance(outcome, Ambiguous):
                shown = outcome.candidates
            level = shown[0].level.name if shown else NONE
            meant = not case.row or case.row in {one.row.key for one in shown}
            also = frozenset(one.cause.value for one in diagnosis.also)
            return Result(case, diagnosis.cause.value, level, meant, wrongly_filed=False, also=also)


def confusion(pairs: Sequence[tuple[str, str]]) -> list[dict[str, object]]:
    """A row an expected word: how often each word was said, and the share that was right."""
    counts = Counter(pairs)
    names = sorted({name for pair in pairs for name in pair})
    short = {name: str(number) for number, name in enumerate(names, 1)}
    table: list[dict[str, object]] = []
    for expected in names:
        total = sum(counts[expected, said] for said in names)
        row: dict[str, object] = {"#": short[expected], "expected": expected, "cases": total}
        row |= {short[said]: counts[expected, said] or "" for said in names}
        table.append(row | {"right": f"{counts[expected, expected] / total:.1%}" if total else ""})
    return table

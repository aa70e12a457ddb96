"""What a paper could hide from the early exit (docs/adr/0008): faces altered beside an intact code that the register bears
out, decided by the code alone and decided from a full reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from intake.archive import SqlArchive
from intake.companies import SqlCompanies, save
from intake.config import Settings
from intake.db import connect
from intake.migrations import upgrade
from intake.model import SERVICE, Decision, Filed, Level, NeedsReview
from intake.pipeline import decide
from intake.ports import Tools
from intake.register.lookup import SqlRegister
from ocr.types import FieldName, Kind
from tests.accuracy.diagnosis.measure import enter
from tests.accuracy.diagnosis.world import BUREAU, NOW, Truth, World, seen
from tests.bench.tables import save as keep
from tests.bench.tables import show
from tests.fakes import FakeClock, FakeReader

F = FieldName
EACH = 250
Face = Callable[[World, Truth], dict[FieldName, str | None]]


def another_total(_world: World, truth: Truth) -> dict[FieldName, str | None]:
    """A digit put before the total."""
    return {F.TOTAL: f"9{truth.total:.2f}"}


def all_amounts(_world: World, truth: Truth) -> dict[FieldName, str | None]:
    """Net, tax and total ten times as high: they agree with one another."""
    return {
        name: f"{amount * 10:.2f}" for name, amount in ((F.NET, truth.net), (F.TAX, truth.tax), (F.TOTAL, truth.total))
    }


def another_buyer(world: World, _truth: Truth) -> dict[FieldName, str | None]:
    """Somebody else's name and tax id on the face."""
    other = world.strangers[0]
    return {F.BUYER_NAME: other.name, F.BUYER_TAX_ID: other.tax_id}


def another_day(_world: World, truth: Truth) -> dict[FieldName, str | None]:
    """Another month of the same year."""
    return {F.DATE: truth.date.replace(month=truth.date.month % 12 + 1, day=1).isoformat()}


def sellers_copy(_world: World, _truth: Truth) -> dict[FieldName, str | None]:
    """记账联, which stays with the seller."""
    return {F.COPY: "记账联"}


def as_issued(_world: World, _truth: Truth) -> dict[FieldName, str | None]:
    """Nothing is altered."""
    return {}


FACES: tuple[Face, ...] = (as_issued, another_total, all_amounts, another_day, another_buyer, sellers_copy)


def main() -> None:
    """Print and keep the table."""
    rows = []
    with TemporaryDirectory() as folder:
        for face, decided in _decided(Path(folder)):
            by_code = [code for _, code, _ in decided]
            read = [full for _, _, full in decided]
            rows.append(
                {
                    "face": face,
                    "papers": len(decided),
                    "filed by code alone": sum(isinstance(one, Filed) for one in by_code),
                    "filed after reading": sum(isinstance(one, Filed) for one in read),
                    "warned after reading": sum(_warned(one) for one in read),
                    "wrong values on file": sum(_wrong(code, truth) for truth, code, _ in decided),
                }
            )
    show("Faces beside an intact code and a row that agrees", rows)
    keep("early_misses", rows)


def _decided(folder: Path) -> Iterator[tuple[str, list[tuple[Truth, Decision, Decision]]]]:
    world = World.of("early")
    papers = {
        face.__name__: [world.issue((Kind.DIG_NORMAL, Kind.DIG_SPECIAL), here=True) for _ in range(EACH)]
        for face in FACES
    }
    engine = connect(f"sqlite:///{folder}/early.db")
    upgrade(engine)
    clock = FakeClock(NOW)
    save(engine, world.companies(), actor=SERVICE, clock=clock)
    enter(engine, list(world.register.values()), [])
    tools = Tools(
        FakeReader(), SqlRegister(engine, lambda: (BUREAU,)), SqlArchive(engine, clock), SqlCompanies(engine), clock,
        Settings.model_validate({"data": folder}),
    )  # fmt: skip
    for face in FACES:
        decided = []
        for truth in papers[face.__name__]:
            whole = seen(truth, face(world, truth), code=truth)
            nothing: dict[FieldName, str | None] = dict.fromkeys(truth.values(), None)
            decided.append((truth, decide(seen(truth, nothing, code=truth), tools), decide(whole, tools)))
        yield face.__name__, decided
    engine.dispose()


def _warned(decision: Decision) -> bool:
    return isinstance(decision, NeedsReview) or any(one.level is Level.WARNING for one in decision.findings)


def _wrong(decision: Decision, truth: Truth) -> bool:
    """Whether a filed value is not that of the invoice as it was issued."""
    if not isinstance(decision, Filed):
        return False
    return any(
        decision.invoice.value(name) not in {None, value}
        for name, value in truth.values().items()
        if name is not F.SELLER_NAME
    )


if __name__ == "__main__":
    main()

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import accounts, audit, status
from intake.db import documents, invoices, read, tasks, write
from intake.errors import CannotReplaceError, ForbiddenError, NotFoundError
from intake.files import LocalFiles
from intake.model import SERVICE, Actor, Channel, DocumentState, Rejected, Role, TaskState, Verdict
from intake.submit import Submit
from intake.worker import Worker
from tests.builders import attached, decided, filed, needs_review
from tests.fakes import NOON, FakeClock, FakeReader, MemoryCourier, settings, tools

NUMBER = "24112000000000000009"


class Desk:
    """A desk whose reader says of each file what the test prepared."""

    def __init__(self, engine: sa.Engine, place: Path) -> None:
        clock, courier, files, configured = FakeClock(), MemoryCourier(), LocalFiles(place / "files"), settings(place)
        self.engine = engine
        self.verdicts: dict[bytes, Verdict] = {}
        self.submit = Submit(engine, files, courier, clock, configured)
        self.worker = Worker(
            engine,
            files,
            courier,
            tools(FakeReader(), clock, configured),
            lambda data, _name, _tools: self.verdicts[data],
        )
        self.clerk = accounts.create(engine, "clerk", "录入员", Role.CLERK)[0].actor()

    def hand_in(self, data: bytes, verdict: Verdict, replaces: int | None = None, actor: Actor | None = None) -> int:
        self.verdicts[data] = verdict
        receipt = self.submit.receive(actor or self.clerk, data, "a.jpg", Channel.PHONE, replaces=replaces)
        while self.worker.work_once():
            pass
        return receipt.document_id

    def state(self, number: int) -> DocumentState:
        with read(self.engine) as conn:
            found = conn.execute(sa.select(documents.c.state).where(documents.c.id == number))
            return DocumentState(found.scalar_one())

    def task_states(self) -> list[str]:
        with read(self.engine) as conn:
            return list(conn.scalars(sa.select(tasks.c.state).order_by(tasks.c.id)))


@pytest.fixture
def desk(engine: sa.Engine, tmp_path: Path) -> Desk:
    return Desk(engine, tmp_path)


def test_a_second_picture_takes_the_place_of_the_first_which_stays_on_file(desk: Desk) -> None:
    first = desk.hand_in(b"blurred", decided(needs_review(NUMBER)))
    second = desk.hand_in(b"sharp", decided(needs_review(NUMBER)), replaces=first)
    assert desk.state(first) is DocumentState.REPLACED
    assert desk.state(second) is DocumentState.NEEDS_REVIEW
    assert desk.task_states() == ["closed", "open"]
    with read(desk.engine) as conn:
        keys = conn.execute(sa.select(invoices.c.key, invoices.c.state).order_by(invoices.c.id)).all()
    assert [tuple(row) for row in keys] == [(None, "replaced"), (f"D:{NUMBER}", "needs_review")]
    counts = status.counts(desk.engine)
    assert counts.by_state[DocumentState.REPLACED] == 1
    assert sum(counts.by_state.values()) == 2


def test_the_better_picture_may_be_filed_at_once(desk: Desk) -> None:
    first = desk.hand_in(b"blurred", decided(needs_review(NUMBER)))
    assert desk.state(desk.hand_in(b"sharp", decided(filed()), replaces=first)) is DocumentState.FILED


def test_a_picture_that_could_not_be_read_can_be_replaced(desk: Desk) -> None:
    first = desk.hand_in(b"bad", Rejected("truncated"))
    desk.hand_in(b"good", decided(filed()), replaces=first)
    assert desk.state(first) is DocumentState.REPLACED


def test_who_replaced_what_is_audited(desk: Desk) -> None:
    first = desk.hand_in(b"blurred", decided(needs_review(NUMBER)))
    second = desk.hand_in(b"sharp", decided(filed()), replaces=first)
    with read(desk.engine) as conn:
        found = conn.execute(sa.text("SELECT actor, detail FROM audit_log WHERE action = 'replaced'")).one()
    assert found.actor == "clerk"
    assert str(second) in str(found.detail)
    assert audit.head(desk.engine).entries > 0


@pytest.mark.parametrize("taken", ["filed", "keyed", "attached", "replaced"])
def test_what_people_or_the_register_have_settled_is_not_replaced(desk: Desk, taken: str) -> None:
    if taken == "filed":
        first = desk.hand_in(b"first", decided(filed()))
    elif taken == "attached":
        desk.hand_in(b"zero", decided(filed()))
        first = desk.hand_in(b"first", decided(filed()))
    else:
        first = desk.hand_in(b"first", decided(needs_review(NUMBER)))
    if taken == "keyed":
        with write(desk.engine) as conn:
            conn.execute(sa.update(tasks).values(state=TaskState.ENTERED.value))
    if taken == "replaced":
        desk.hand_in(b"second", decided(needs_review(NUMBER)), replaces=first)
    before = status.counts(desk.engine).by_state
    with pytest.raises(CannotReplaceError):
        desk.hand_in(b"late", decided(needs_review(NUMBER)), replaces=first)
    assert status.counts(desk.engine).by_state == before


def test_an_invoice_that_other_files_show_too_is_not_taken_from_them(desk: Desk) -> None:
    first = desk.hand_in(b"first", decided(needs_review(NUMBER)))
    other = desk.hand_in(b"copy", decided(attached(1, first, NOON, NUMBER)))
    for number in (first, other):
        with pytest.raises(CannotReplaceError):
            desk.hand_in(b"late %d" % number, decided(needs_review(NUMBER)), replaces=number)


def test_a_paper_of_somebody_else_is_replaced_only_by_who_keys_papers(desk: Desk) -> None:
    first = desk.hand_in(b"first", decided(needs_review(NUMBER)))
    with pytest.raises(ForbiddenError):
        desk.hand_in(b"late", decided(needs_review(NUMBER)), replaces=first, actor=SERVICE)
    colleague = accounts.create(desk.engine, "colleague", "同事", Role.CLERK)[0].actor()
    desk.hand_in(b"later", decided(needs_review(NUMBER)), replaces=first, actor=colleague)
    assert desk.state(first) is DocumentState.REPLACED


def test_a_picture_that_is_not_there_cannot_be_replaced(desk: Desk) -> None:
    with pytest.raises(NotFoundError):
        desk.hand_in(b"late", decided(filed()), replaces=999)

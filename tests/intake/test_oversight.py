from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from intake import inspection
from intake.acts import Act, note
from intake.clock import day_of
from intake.db import documents, extractions, inspected, invoices, lots, read, receipt_days, tasks, write
from intake.errors import ForbiddenError, OwnEntryError, TaskStateError
from intake.inspection import Inspection, LotState, close_days
from intake.model import Cause, InvoiceState, TaskState
from intake.sampling import Mode, draw
from intake.tasks import WAITING
from intake.views import behind, oversight, pulse
from intake.views.inspection import list_lots, show_lot, to_inspect, where_sampling_stands
from ocr.types import FieldName as F
from tests.fakes import settings
from tests.intake.waiting import VALUES, Office, seen

DAY = timedelta(days=1)
AQL = "0.65"


@pytest.fixture
def office(engine: sa.Engine, tmp_path: Path) -> Office:
    return Office(engine, tmp_path)


def filed(
    office: Office, number: int, *, days_ago: float = 1, by: str = "machine", submitted_by: int | None = None
) -> int:
    """An invoice on file; returns its id."""
    task = office.wait(seen({**VALUES, F.NUMBER: f"2611200000{number:010d}"}))[0]
    at = office.clock() - DAY * days_ago
    with write(office.engine) as conn:
        row = conn.execute(sa.select(tasks.c.invoice_id, tasks.c.document_id).where(tasks.c.id == task)).one()
        conn.execute(sa.delete(tasks).where(tasks.c.id == task))
        conn.execute(
            sa.update(invoices)
            .where(invoices.c.id == row.invoice_id)
            .values(state=InvoiceState.FILED.value, filed_by=by, filed_at=at)
        )
        conn.execute(sa.update(documents).where(documents.c.id == row.document_id).values(submitted_by=submitted_by))
    return int(row.invoice_id)


def desk(office: Office) -> Inspection:
    return Inspection(office.engine, office.clock, settings(Path("unused")))


def of(office: Office, invoice_id: int) -> Any:
    query = sa.select(invoices.c.state, tasks.c.state.label("task"), tasks.c.cause, tasks.c.due_at).outerjoin(
        tasks, tasks.c.invoice_id == invoices.c.id
    )
    with read(office.engine) as conn:
        return conn.execute(query.where(invoices.c.id == invoice_id)).one()


def test_counts_and_the_lists_behind_them_are_those_of_looking_at_every_paper(office: Office) -> None:
    chance = random.Random(3)  # noqa: S311 - a repeatable choice
    now = office.clock()
    people = [office.clerk, office.colleague, office.verifier]
    expected: Counter[tuple[str, str]] = Counter()
    late: Counter[str] = Counter()
    states: Counter[str] = Counter()
    done: Counter[tuple[object, str]] = Counter()
    said: Counter[tuple[int, str]] = Counter()
    with write(office.engine) as conn:
        conn.execute(sa.insert(receipt_days).values(day=day_of(now), given=9))
    for number in range(60):
        task = office.wait(seen({**VALUES, F.NUMBER: f"2611200000{number:010d}"}))[0]
        opened = now - timedelta(hours=chance.choice((1, 23, 24, 50, 72, 100, 168, 400)))
        state = chance.choice((*WAITING, TaskState.VERIFIED, TaskState.CLOSED))
        cause = chance.choice((Cause.UNKNOWN, Cause.REGISTER_STALE, Cause.WRONG_TITLE))
        due = chance.choice((None, now - DAY, now, now + DAY))
        about, at = chance.choice(people), now - timedelta(days=chance.choice((0, 1, 5, 20)))
        act = chance.choice(list(Act))
        with write(office.engine) as conn:
            values = {"opened_at": opened, "state": state.value, "cause": cause.value, "due_at": due}
            conn.execute(sa.update(tasks).where(tasks.c.id == task).values(**values))
            note(conn, act, task, office.supervisor.id if act is not Act.KEYED else about.id, about.id, at)
        if state in WAITING:
            expected[cause.value, oversight.age_of(opened, now).value] += 1
            late[cause.value] += due is not None and due <= now
            states[state.value] += 1
        if now - at < DAY * oversight.DAYS:
            kind = {Act.KEYED: "keyed", Act.CONFIRMED: "verified", Act.DIFFERED: "verified"}.get(act, "")
            done[day_of(at), kind] += 1
            said[about.id or 0, act.value] += 1
    made = [filed(office, 100 + number, days_ago=number % 3) for number in range(7)]
    view = oversight.backlog(office.engine, now)
    assert {(c.value, a.value): n for c, ages in view.causes.items() for a, n in ages.items() if n} == dict(expected)
    assert {cause.value: n for cause, n in view.late.items() if n} == {cause: n for cause, n in late.items() if n}
    assert {state.value: n for state, n in view.states.items() if n} == dict(states)
    backlog_lists_agree(office, view)
    table = oversight.throughput(office.engine, day_of(now))
    assert sum(one[oversight.Done.MACHINE] for one in table.values()) == len(made)
    assert table[day_of(now)][oversight.Done.RECEIVED] == 9
    for day, numbers in table.items():
        for what in (oversight.Done.KEYED, oversight.Done.VERIFIED):
            assert numbers[what] == done[day, what.value]
        for what in (oversight.Done.KEYED, oversight.Done.VERIFIED, oversight.Done.MACHINE):
            assert count(office, behind.Wanted(done=what, first=day, last=day)) == numbers[what]
    first = min(table)
    for person in oversight.qualities(office.engine, first, day_of(now)):
        told = {"keyed": person.keyed, "confirmed": person.confirmed, "differed": person.differed}
        assert told == {name: said[person.account_id, name] for name in told}
        wanted = behind.Wanted(said=Act.CONFIRMED, about=person.account_id, first=first, last=day_of(now))
        assert count(office, wanted) == person.confirmed


def backlog_lists_agree(office: Office, view: oversight.Backlog) -> None:
    for cause, ages in view.causes.items():
        for age, number in ages.items():
            assert count(office, behind.Wanted(cause=cause, age=age)) == number
        assert count(office, behind.Wanted(cause=cause, late=True)) == view.late[cause]
    for state, number in view.states.items():
        assert count(office, behind.Wanted(state=state)) == number


def count(office: Office, wanted: behind.Wanted) -> int:
    lines, number = behind.lines(office.engine, wanted, office.clock())
    assert len(lines) == min(number, behind.PAGE)
    return number


def test_what_the_second_person_says_counts_for_whoever_keyed(office: Office) -> None:
    first, second = (office.wait(seen({**VALUES, F.NUMBER: f"261120000000000000{n}0"}))[0] for n in (1, 2))
    today = day_of(office.clock())
    office.enter(first, number="26112000000000000010")
    office.desk.send_back(office.verifier, first, "日期不对")
    office.enter(first, number="26112000000000000010")
    office.enter(second, number="26112000000000000020")
    (clerk,) = oversight.qualities(office.engine, today, today)[:1]
    assert (clerk.name, clerk.keyed, clerk.sent_back, clerk.share) == ("clerk", 3, 1, 0.0)


def test_a_supervisor_gives_back_what_a_colleague_holds_and_the_log_says_so(office: Office) -> None:
    task = office.wait(seen(VALUES))[0]
    office.desk.claim(office.clerk, task)
    (held,) = oversight.holdings(office.engine, office.clock())
    assert (held.holder, held.since) == ("clerk", office.clock())
    with pytest.raises(ForbiddenError):
        office.desk.give_back(office.verifier, task)
    office.desk.give_back(office.supervisor, task)
    assert oversight.holdings(office.engine, office.clock()) == ()
    with pytest.raises(TaskStateError):
        office.desk.give_back(office.supervisor, task)
    office.desk.claim(office.colleague, task)


def test_a_silent_stall_is_told_only_when_files_wait_and_nothing_is_read(office: Office) -> None:
    patience = timedelta(minutes=15)
    assert pulse.reading_pulse(office.engine, office.clock(), patience).stalled is None
    number = office.document()
    with write(office.engine) as conn:
        conn.execute(sa.update(documents).where(documents.c.id == number).values(state="queued"))
    since = office.clock()
    office.clock.forward(14 * 60)
    assert pulse.reading_pulse(office.engine, office.clock(), patience).stalled is None
    office.clock.forward(60)
    assert pulse.reading_pulse(office.engine, office.clock(), patience).stalled == since
    with write(office.engine) as conn:
        conn.execute(sa.insert(extractions).values(document_id=number, body={}, read_at=office.clock()))
    now = pulse.reading_pulse(office.engine, office.clock(), patience)
    assert (now.stalled, now.median, now.waiting) == (None, 900.0, 1)


def test_nothing_going_on_file_is_told_after_the_working_hours_that_a_paper_may_take(office: Office) -> None:
    assert pulse.filing_pulse(office.engine, office.clock(), 24).idle is None
    office.wait(seen(VALUES))
    since = office.clock()
    office.clock.forward(23 * 3600)
    assert pulse.filing_pulse(office.engine, office.clock(), 24).idle is None
    office.clock.forward(9 * 24 * 3600)
    assert pulse.filing_pulse(office.engine, office.clock(), 24).idle == since


def test_a_day_becomes_a_lot_once_and_its_draw_can_be_repeated(office: Office) -> None:
    members = [filed(office, number) for number in range(30)]
    filed(office, 90, days_ago=0)
    filed(office, 91, by="people")
    assert close_days(office.engine, AQL, office.clock()) == 1
    assert close_days(office.engine, AQL, office.clock()) == 0
    (lot,) = list_lots(office.engine)
    assert (lot.size, lot.letter, lot.sample, lot.accept, lot.left) == (30, "F", 20, 0, 20)
    with read(office.engine) as conn:
        drawn = conn.scalars(sa.select(inspected.c.invoice_id).where(inspected.c.why == "sample")).all()
    assert tuple(sorted(drawn)) == draw(members, 20, lot.seed)


def test_a_sample_without_a_wrong_one_accepts_the_lot(office: Office) -> None:
    for number in range(3):
        filed(office, number)
    close_days(office.engine, AQL, office.clock())
    work = desk(office)
    said = None
    while (waits := work.next(office.verifier)) is not None:
        said = work.inspect(office.verifier, *waits, None)
    assert said == inspection.Verdict(LotState.ACCEPTED, just_decided=True)
    assert where_sampling_stands(office.engine, AQL).score == 2
    today = day_of(office.clock())
    assert oversight.machine_quality(office.engine, today, today) == oversight.Inspected(3, 0)


def test_a_wrong_one_comes_off_file_and_a_lot_not_accepted_is_inspected_whole(office: Office) -> None:
    for number in range(30):
        filed(office, number)
    close_days(office.engine, AQL, office.clock())
    work = desk(office)
    lot, invoice = work.next(office.verifier) or (0, 0)
    assert work.inspect(office.verifier, lot, invoice, [F.TOTAL], "少一位").state is LotState.REJECTED
    assert to_inspect(office.engine, office.verifier) == (29, 29)
    found = of(office, invoice)
    assert (found.state, found.task, found.cause) == ("needs_review", "open", "transcription_error")
    assert found.due_at is not None
    with pytest.raises(TaskStateError):
        work.inspect(office.supervisor, lot, invoice, None)
    shown, wrong = show_lot(office.engine, lot)
    assert (shown.found, shown.wrong, wrong[0].fields, wrong[0].note) == (1, 1, ("total",), "少一位")
    while (waits := work.next(office.verifier)) is not None:
        work.inspect(office.verifier, *waits, None)
    assert list_lots(office.engine)[0].state is LotState.REJECTED
    assert list_lots(office.engine)[0].left == 0


def test_nobody_inspects_what_they_handed_in_and_a_clerk_inspects_nothing(office: Office) -> None:
    filed(office, 1, submitted_by=office.verifier.id)
    close_days(office.engine, AQL, office.clock())
    work = desk(office)
    assert work.next(office.verifier) is None
    assert to_inspect(office.engine, office.verifier) == (0, 1)
    lot, invoice = work.next(office.supervisor) or (0, 0)
    with pytest.raises(OwnEntryError):
        work.inspect(office.verifier, lot, invoice, None)
    with pytest.raises(ForbiddenError):
        work.inspect(office.clerk, lot, invoice, None)


def test_a_drawn_invoice_that_came_off_file_counts_as_wrong(office: Office) -> None:
    invoice = filed(office, 1)
    close_days(office.engine, AQL, office.clock())
    with write(office.engine) as conn:
        conn.execute(sa.update(invoices).where(invoices.c.id == invoice).values(state="needs_review"))
    close_days(office.engine, AQL, office.clock())
    assert list_lots(office.engine)[0].state is LotState.REJECTED


def test_five_lots_not_accepted_suspend_sampling_until_a_supervisor_resumes(office: Office) -> None:
    work = desk(office)
    for number in range(7):
        filed(office, number, days_ago=0)
        office.clock.forward(24 * 3600)
        close_days(office.engine, AQL, office.clock())
        work.inspect(office.verifier, *(work.next(office.verifier) or (0, 0)), [F.DATE])
    modes = [lot.mode for lot in reversed(list_lots(office.engine))]
    assert modes == [Mode.NORMAL] * 2 + [Mode.TIGHTENED] * 5
    assert where_sampling_stands(office.engine, AQL).mode is Mode.DISCONTINUED
    with pytest.raises(ForbiddenError):
        work.resume(office.verifier)
    work.resume(office.supervisor)
    assert where_sampling_stands(office.engine, AQL).mode is Mode.TIGHTENED
    with pytest.raises(TaskStateError):
        work.resume(office.supervisor)


def test_the_machine_does_not_file_again_what_a_person_found_wrong(office: Office) -> None:
    from intake.register.rematch import _waiting  # noqa: PLC0415 - a guard

    invoice = filed(office, 1)
    close_days(office.engine, AQL, office.clock())
    work = desk(office)
    work.inspect(office.verifier, *(work.next(office.verifier) or (0, 0)), [F.TOTAL])
    assert list(_waiting(office.engine, invoices.c.id == invoice)) == []
    with read(office.engine) as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(lots)).scalar_one() == 1

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from intake import views
from intake.db import invoices, maintenance, verifications, write
from intake.errors import BudgetSpentError, VendorOffError
from intake.model import InvoiceState, OfficialOutcome, Role
from intake.official import reminders as rows
from intake.official.agreement import Answer
from intake.official.schedule import FollowUp
from ocr.types import FieldName, Kind
from tests.intake.waiting import seen
from tests.official.desk import ASKED, CONSISTENT, NOT_FOUND, PAPER, SHOWN, Bureau, Oracle

F, Out = FieldName, OfficialOutcome


@pytest.fixture
def bureau(engine: sa.Engine, tmp_path: Path) -> Bureau:
    return Bureau(engine, tmp_path)


@pytest.fixture
def oracle() -> Oracle:
    return Oracle()


@pytest.fixture
def served(engine: sa.Engine, tmp_path: Path, oracle: Oracle) -> Bureau:
    return Bureau(engine, tmp_path, oracle)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November in Beijing."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def due(bureau: Bureau, person: str = "clerk") -> list[FollowUp]:
    now, _ = views.due_reminders(bureau.engine, getattr(bureau, person), bureau.clock())
    return [one.what for one in now]


def test_not_found_is_asked_again_at_ten_the_next_morning_and_on_the_third_day_is_the_supervisors(
    bureau: Bureau,
) -> None:
    invoice = bureau.paper()
    bureau.say(invoice, NOT_FOUND)
    assert due(bureau) == []
    bureau.clock.now = at(25, 10)
    bureau.official.look()
    assert due(bureau) == [FollowUp.ASK_AGAIN]
    bureau.clock.now = at(27, 9, 55)
    bureau.official.look()
    assert due(bureau) == [FollowUp.ASK_AGAIN]
    bureau.clock.now = at(27, 10)
    bureau.official.look()
    assert due(bureau) == []
    assert due(bureau, "supervisor") == [FollowUp.ESCALATE]
    assert bureau.acts(invoice).count("official_escalated") == 1


def test_the_next_answer_closes_the_reminder(bureau: Bureau) -> None:
    invoice = bureau.paper()
    bureau.say(invoice, NOT_FOUND)
    bureau.clock.now = at(25, 11)
    bureau.say(invoice, CONSISTENT)
    assert bureau.open_reminders(invoice) == []


def test_a_second_not_found_waits_for_the_third_day(bureau: Bureau) -> None:
    invoice = bureau.paper()
    bureau.say(invoice, NOT_FOUND)
    bureau.clock.now = at(25, 11)
    bureau.say(invoice, NOT_FOUND)
    (open_,) = bureau.open_reminders(invoice)
    assert (open_.what, open_.due_at) == ("ask_again", at(27, 10))


def test_without_a_day_of_issue_days_count_from_the_first_answer(bureau: Bureau) -> None:
    invoice = bureau.paper({name: value for name, value in PAPER.items() if name is not F.DATE})
    bureau.say(invoice, NOT_FOUND)
    bureau.clock.now = at(27, 10)
    bureau.official.look()
    assert [one.what for one in bureau.open_reminders(invoice)] == ["escalate"]


def test_reminders_of_settled_invoices_are_closed(bureau: Bureau) -> None:
    invoice = bureau.paper()
    bureau.say(invoice, NOT_FOUND)
    with write(bureau.engine) as conn:
        settled = sa.update(invoices).where(invoices.c.id == invoice)
        conn.execute(settled.values(state=InvoiceState.REFUSED.value))
    bureau.clock.now = at(25, 10)
    bureau.official.look()
    assert bureau.open_reminders(invoice) == []
    assert rows.settle(bureau.engine, bureau.clock()) == 0


def test_two_that_look_at_the_same_time_escalate_once(bureau: Bureau) -> None:
    invoice = bureau.paper()
    bureau.say(invoice, NOT_FOUND)
    bureau.clock.now = at(27, 10)
    first, second = (rows.escalate(bureau.engine, bureau.clock()) for _ in range(2))
    assert (first, second) == ([invoice], [])
    bureau.official.look()
    bureau.official.look()  # the slot is taken
    assert bureau.acts(invoice).count("official_escalated") == 1


def test_each_role_sees_what_falls_to_it(bureau: Bureau) -> None:
    invoice = bureau.paper()
    bureau.say(invoice, Answer(Out.LIMIT_EXCEEDED, ASKED))
    _, later = views.due_reminders(bureau.engine, bureau.clerk, bureau.clock())
    assert [(one.what, one.due_at) for one in later] == [(FollowUp.ASK_TOMORROW, at(25, 10))]
    bureau.clock.now = at(27, 12)
    bureau.official.look()
    assert due(bureau) == [FollowUp.ASK_TOMORROW]  # the site's limit says nothing of the paper: never escalated
    assert views.count_due(bureau.engine, bureau.clerk, bureau.clock()) == 1


# --- an interface beside the people ---------------------------------------------------------------------


def test_an_interface_asks_again_by_itself_when_it_is_time(served: Bureau, oracle: Oracle) -> None:
    invoice = served.paper()
    served.say(invoice, NOT_FOUND)
    oracle.says = [CONSISTENT]
    served.official.look()
    assert oracle.asked == []
    served.clock.now = at(25, 10)
    served.official.look()
    assert len(oracle.asked) == 1
    assert served.open_reminders(invoice) == []
    last = served.all(verifications, sa.true())[-1]
    assert (last.by, last.site, last.agreed) == (None, "vendor", True)
    assert served.files.get(last.note) == b'{"outcome": "as told"}'


def test_a_fault_of_the_interface_is_no_answer_and_leaves_the_reminder_open(served: Bureau, oracle: Oracle) -> None:
    invoice = served.paper()
    served.say(invoice, NOT_FOUND)
    served.clock.now = at(25, 10)
    oracle.says = [Answer(Out.UPSTREAM_ERROR, ASKED), Answer(Out.QUOTA, ASKED), Answer(Out.QUOTA, ASKED)]
    served.official.look()
    served.clock.forward(600)
    served.official.look()  # within the hour it is left alone
    assert len(oracle.asked) == 1
    served.clock.forward(3600)
    served.official.look()
    served.clock.forward(7200)
    served.official.look()
    open_ = served.open_reminders(invoice)
    assert sorted((one.what, one.role) for one in open_) == [
        ("ask_again", Role.CLERK.value),
        ("see_to_vendor", Role.ADMINISTRATOR.value),
    ]
    served.clock.now = at(27, 10)
    oracle.says = [Answer(Out.UPSTREAM_ERROR, ASKED)]
    served.official.look()
    assert [one.what for one in served.open_reminders(invoice)] == ["escalate"]


def test_nobody_is_asked_while_the_platform_is_maintained(served: Bureau, oracle: Oracle) -> None:
    invoice = served.paper()
    served.say(invoice, NOT_FOUND)
    served.clock.now = at(25, 10)
    with write(served.engine) as conn:
        window = {"what": "tax_bureau", "starts_at": at(25, 9), "ends_at": at(25, 12)}
        conn.execute(sa.insert(maintenance).values(**window))
    served.official.look()
    assert oracle.asked == []
    oracle.says = [CONSISTENT]
    served.clock.now = at(25, 12)
    served.official.look()
    assert len(oracle.asked) == 1


def test_a_person_may_have_the_interface_ask(served: Bureau, oracle: Oracle) -> None:
    invoice = served.paper()
    oracle.says = [Answer(Out.CONSISTENT, ASKED, {**SHOWN, F.TOTAL: "99.00"})]
    kept = served.official.ask(invoice)
    assert not kept.agreed
    assert served.all(verifications, sa.true())[0].differs == [{"field": "total", "here": "106.00", "there": "99.00"}]


def test_the_interface_keeps_to_the_budget(served: Bureau, oracle: Oracle) -> None:
    invoice = served.paper()
    for _ in range(4):
        served.say(invoice, NOT_FOUND)
    with pytest.raises(BudgetSpentError):
        served.official.ask(invoice)
    assert oracle.asked == []


def test_what_cannot_be_asked_does_not_stop_the_rest(served: Bureau, oracle: Oracle) -> None:
    (task,) = served.wait(seen({**PAPER, F.NUMBER: "26112000000048542171"}, Kind.UNKNOWN))
    with write(served.engine) as conn:
        unknown = conn.execute(sa.text("SELECT invoice_id FROM tasks WHERE id = :id"), {"id": task}).scalar_one()
    served.official.answer(served.clerk, unknown, NOT_FOUND, site="tax_bureau")
    known = served.paper()
    served.say(known, NOT_FOUND)
    served.clock.now = at(25, 10)
    oracle.says = [CONSISTENT]
    served.official.look()
    assert served.open_reminders(known) == []


def test_without_an_interface_nobody_asks(bureau: Bureau) -> None:
    with pytest.raises(VendorOffError):
        bureau.official.ask(bureau.paper())
